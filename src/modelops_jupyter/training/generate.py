"""Greedy answers in batches."""

from collections.abc import Sequence
from typing import Any

from modelops_jupyter.datasets.masks import Message, prompt_ids
from modelops_jupyter.errors import ConfigError


def greedy(
    model: Any,
    tokenizer: Any,
    conversations: Sequence[Sequence[Message]],
    *,
    max_new_tokens: int,
    batch_size: int = 64,
) -> list[str]:
    """Answer each conversation with the most likely token, again and again, until the end of turn."""
    if max_new_tokens < 1 or batch_size < 1:
        raise ConfigError("max_new_tokens and batch_size must be at least 1.")
    prompts = [prompt_ids(tokenizer, messages) for messages in conversations]
    # Neighbours of like length share a batch: less padding, the same answers.
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    answers = [""] * len(prompts)
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        texts = _answer(model, tokenizer, [prompts[i] for i in batch], max_new_tokens)
        for i, text in zip(batch, texts, strict=True):
            answers[i] = text
    return answers


def _answer(model: Any, tokenizer: Any, prompts: list[list[int]], max_new_tokens: int) -> list[str]:
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
            eos_token_id=_ends(model, tokenizer),
        )
    return list(tokenizer.batch_decode(output[:, width:], skip_special_tokens=True))


def _ends(model: Any, tokenizer: Any) -> list[int]:
    given: Any = model.generation_config.eos_token_id
    ends: list[Any] = list(given) if isinstance(given, list) else [given]  # pyright: ignore[reportUnknownArgumentType] -- ids
    return sorted({int(end) for end in [*ends, tokenizer.eos_token_id] if end is not None})
