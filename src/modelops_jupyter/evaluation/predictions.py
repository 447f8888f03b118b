"""A model's answers, beside the prompts and references they belong to."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast, overload

from modelops_jupyter import _format
from modelops_jupyter._atomic import atomic_write
from modelops_jupyter.errors import EvaluationError, LengthMismatchError

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset


class Prompt(str):
    """The prompt as text; `.messages` are the turns it was made of."""

    messages: tuple[dict[str, Any], ...]

    def __new__(cls, messages: Sequence[dict[str, Any]]) -> Self:
        """Make the text: one turn stands alone, several are named by their roles."""
        texts = [_text(m.get("content")) for m in messages]
        named = [f"{m.get('role')}: {t}" for m, t in zip(messages, texts, strict=True)]
        self = super().__new__(cls, "\n".join(texts if len(messages) == 1 else named))
        self.messages = tuple(messages)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (Prompt, (list(self.messages),))


def _text(content: Any) -> str:
    """Return the words of a message's content, which may come in parts."""
    if isinstance(content, list):
        parts = cast("list[Any]", content)
        return "".join(str(cast("dict[str, Any]", p).get("text", "")) for p in parts if isinstance(p, dict))
    if content is None or isinstance(content, str):
        return content or ""
    return json.dumps(content, ensure_ascii=False)


def turns(prompt: str | Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the turns of a prompt: text, the messages so far, or a `Prompt`, which knows its own."""
    if not isinstance(prompt, str):
        return list(prompt)
    made: Sequence[dict[str, Any]] | None = getattr(prompt, "messages", None)
    return [{"role": "user", "content": str(prompt)}] if made is None else list(made)


def pairs_of(dataset: "Dataset") -> tuple[list[Prompt], list[str]]:
    """Return prompts and references of a dataset, row by row."""
    from modelops_jupyter.datasets import formats

    rows = [dataset[i] for i in range(len(dataset))]
    prompts = [Prompt(formats.prompt_messages(row, dataset.format)) for row in rows]
    return prompts, [formats.reference(row, dataset.format) for row in rows]


class Predictions(Sequence[str]):
    """The answers, as a sequence of str.

    Parameters
    ----------
    texts
        One answer per row.
    ids, prompts, references
        What belongs to each answer; taken from `dataset` where left out.
    dataset
        The rows that were answered.
    """

    def __init__(
        self,
        texts: Sequence[str],
        ids: Sequence[str] | None = None,
        prompts: Sequence[str] | None = None,
        references: Sequence[str] | None = None,
        dataset: "Dataset | None" = None,
    ) -> None:
        answers: tuple[Any, ...] = tuple(texts)
        if isinstance(texts, str) or not all(isinstance(t, str) for t in answers):
            message = "A model must give one str per row."
            raise EvaluationError(message, hint="Return a list of texts, '' for none.")
        if dataset is not None:
            if prompts is None or references is None:
                found = pairs_of(dataset)
                prompts, references = prompts or found[0], references or found[1]
            ids = dataset.ids if ids is None else ids
        self.texts, self.dataset = answers, dataset
        self.ids, self.prompts, self.references = (
            None if part is None else tuple(part) for part in (ids, prompts, references)
        )
        for name in ("ids", "prompts", "references"):
            part = getattr(self, name)
            if part is not None and len(part) != len(answers):
                message = f"The model gave {len(answers)} answers for {len(part)} {name}."
                raise LengthMismatchError(message, hint="One answer per row.")

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self.texts[index]

    def to_jsonl(self, path: str | Path) -> None:
        """Write one JSON object a row, with `id`, `prompt`, `prediction`, `reference`, atomically."""
        parts = {
            "prediction": self.texts,
            "id": self.ids,
            "prompt": self.prompts,
            "reference": self.references,
        }
        with atomic_write(path) as stream:
            for i in range(len(self)):
                row = {name: str(part[i]) for name, part in parts.items() if part is not None}
                stream.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")

    def __repr__(self) -> str:
        shown = [f"  {_format.clip(_format.visible(t), 80)}" for t in self.texts[:5]]
        return "\n".join([f"Predictions: {_format.plural(len(self), 'text')}", *shown])
