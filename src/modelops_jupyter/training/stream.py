"""Answers token by token, each with how sure the model was of it and what else it weighed."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelops_jupyter.datasets.masks import Message, prompt_ids
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.training import engine
from modelops_jupyter.training.generate import ends

_UNFINISHED = "\ufffd"  # what decoding writes for a character whose last bytes are still to come


@dataclass(frozen=True, slots=True)
class Token:
    """One token of an answer.

    Parameters
    ----------
    text
        What it adds to the answer; empty for a control token and while a character is not complete.
    probability
        What the model gave it among all tokens, whatever the temperature.
    alternatives
        The other tokens that it found most likely, with their probability.
    end
        Whether it ends the answer.
    """

    text: str
    probability: float
    alternatives: tuple[tuple[str, float], ...] = ()
    end: bool = False


def stream(
    model: Any,
    tokenizer: Any,
    messages: Sequence[Message],
    *,
    max_new_tokens: int = 256,
    temperature: float = 0.0,
    seed: int | None = None,
    alternatives: int = 4,
    around: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> Iterator[Token]:
    """Answer a conversation; joined, the texts are the answer. See `FineTunedModel.stream`.

    `around` is entered for each step of the model, and left between two of them.
    """
    if max_new_tokens < 1 or alternatives < 0:
        raise ConfigError("max_new_tokens must be at least 1, alternatives at least 0.")
    if not 0 <= temperature < float("inf"):
        raise ConfigError(
            "temperature must be a number from 0 on.", hint="0 always takes the likeliest token."
        )
    ids = prompt_ids(tokenizer, messages)
    limit = getattr(model.config, "max_position_embeddings", None) or len(ids) + max_new_tokens
    if len(ids) >= limit:
        raise ConfigError(
            f"The conversation takes {len(ids)} tokens, and the model sees at most {limit}.",
            code="conversation-too-long",
            hint="Begin a new one, or say less.",
        )
    step = _steps(model, tokenizer, around)
    generator = np.random.default_rng(seed)
    count = min(max_new_tokens, limit - len(ids))
    return _tokens(
        ids, count, step, tokenizer, set(ends(model, tokenizer)), temperature, generator, alternatives
    )


Step = Callable[[list[int]], tuple[Any, Any]]


def _steps(model: Any, tokenizer: Any, around: Callable[[], AbstractContextManager[Any]]) -> Step:
    """Return what gives the next token's logits and, as the model's own settings change them, its scores.

    It is `generate` for one token, so that an answer is the same as without a stream; all that was
    computed for earlier tokens is kept.
    """
    torch, transformers = engine.torch_and_transformers("generate")
    cache = transformers.DynamicCache(config=model.config)
    name = "cache" if "cache" in inspect.signature(model.forward).parameters else "past_key_values"

    def step(ids: list[int]) -> tuple[Any, Any]:
        given = torch.tensor([ids], device=model.device)
        with around(), torch.inference_mode():
            found = model.generate(
                input_ids=given,
                attention_mask=torch.ones_like(given),
                max_new_tokens=1,
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else 0,
                return_dict_in_generate=True,
                output_logits=True,
                output_scores=True,
                **{name: cache},
            )
            return found.logits[0][0].float().cpu(), found.scores[0][0].float().cpu()

    return step


def _tokens(
    ids: list[int], count: int, step: Step, tokenizer: Any, last: set[int], temperature: float,
    generator: np.random.Generator, alternatives: int,
) -> Iterator[Token]:  # fmt: skip
    texts = _Texts(tokenizer)
    for left in range(count - 1, -1, -1):
        logits, scores = step(ids)
        picked = int(scores.argmax())
        if temperature:
            shares = (scores / temperature).softmax(-1).double().numpy()
            picked = int(generator.choice(len(shares), p=shares / shares.sum()))
        found = logits.softmax(-1)
        likeliest = [i for i in found.topk(alternatives + 1).indices.tolist() if i != picked][:alternatives]
        others = tuple((tokenizer.decode([i]), float(found[i])) for i in likeliest)
        ids = [*ids, picked]
        end = picked in last
        yield Token(texts.add(picked, over=end or not left), float(found[picked]), others, end)
        if end:
            return


class _Texts:
    """Turns tokens into text as they come; the bytes of an unfinished character wait for the rest."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._told = ""  # of the tokens that are held

    def add(self, token: int, *, over: bool) -> str:
        """Return what a token adds; `over` gives out what still waits."""
        self._ids.append(token)
        text = self._tokenizer.decode(self._ids, skip_special_tokens=True)
        if text.endswith(_UNFINISHED) and not over:
            return ""
        new = text[len(self._told) :]
        # One token is kept: some tokenizers write a word differently at the start of a text.
        self._ids = self._ids[-1:]
        self._told = self._tokenizer.decode(self._ids, skip_special_tokens=True)
        return new
