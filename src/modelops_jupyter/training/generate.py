"""Greedy answers in batches."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from modelops_jupyter.datasets.masks import Message, prompt_ids
from modelops_jupyter.errors import ConfigError

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset
    from modelops_jupyter.evaluation import Predictions


def predict(
    model: Any, tokenizer: Any, dataset: "Dataset", *, max_new_tokens: int | None = None, batch_size: int = 64
) -> "Predictions":
    """Answer every row of a dataset; the rows' own answers become the references."""
    from modelops_jupyter.evaluation.predictions import Predictions, pairs_of

    prompts, references = pairs_of(dataset)
    if max_new_tokens is None:
        # A longer answer is wrong anyhow, and an untrained model would never stop.
        longest = max((len(tokenizer(text)["input_ids"]) for text in references), default=0)
        max_new_tokens = max(32, 2 * longest)
    conversations = [list(prompt.messages) for prompt in prompts]
    texts = greedy(model, tokenizer, conversations, max_new_tokens=max_new_tokens, batch_size=batch_size)
    return Predictions(texts, prompts=prompts, references=references, dataset=dataset)


def greedy(
    model: Any,
    tokenizer: Any,
    conversations: Sequence[Sequence[Message]],
    *,
    max_new_tokens: int,
    batch_size: int = 64,
) -> list[str]:
    """Answer each conversation with the most likely token, again and again, until the end of turn."""
    tokens = greedy_ids(model, tokenizer, conversations, max_new_tokens=max_new_tokens, batch_size=batch_size)
    return list(tokenizer.batch_decode(tokens, skip_special_tokens=True))


def greedy_ids(
    model: Any,
    tokenizer: Any,
    conversations: Sequence[Sequence[Message]],
    *,
    max_new_tokens: int,
    batch_size: int = 64,
) -> list[list[int]]:
    """Return the tokens of each answer; those after an end of turn are padding."""
    if max_new_tokens < 1 or batch_size < 1:
        raise ConfigError("max_new_tokens and batch_size must be at least 1.")
    prompts = [prompt_ids(tokenizer, messages) for messages in conversations]
    # Neighbours of like length share a batch: less padding, the same answers.
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    answers: list[list[int]] = [[] for _ in prompts]
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        found = _answer(model, tokenizer, [prompts[i] for i in batch], max_new_tokens)
        for i, ids in zip(batch, found, strict=True):
            answers[i] = ids
    return answers


def _answer(model: Any, tokenizer: Any, prompts: list[list[int]], max_new_tokens: int) -> list[list[int]]:
    import torch

    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    width = max(map(len, prompts))
    ids = torch.tensor([[pad] * (width - len(p)) + p for p in prompts], device=model.device)
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=model.device)
    with torch.inference_mode():
        output = model.generate(
            input_ids=ids,
            attention_mask=mask,
            max_new_tokens=max_new_tokens,
            do_sample=False,
            temperature=None,
            top_p=None,
            top_k=None,
            pad_token_id=pad,
            eos_token_id=ends(model, tokenizer),
        )
    return output[:, width:].tolist()


def ends(model: Any, tokenizer: Any) -> list[int]:
    """Return the tokens that end an answer."""
    given: Any = model.generation_config.eos_token_id
    found: list[Any] = list(given) if isinstance(given, list) else [given]  # pyright: ignore[reportUnknownArgumentType] -- ids
    return sorted({int(end) for end in [*found, tokenizer.eos_token_id] if end is not None})
