"""A dataset as a tokenizer sees it: rows rendered, a batch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets.chat import Chat, chat_of
from modelops_jupyter.datasets.formats import DatasetFormat
from modelops_jupyter.datasets.masks import fast_tokenizer, has_template, render
from modelops_jupyter.errors import DatasetError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_BATCH = 256  # rows that go to a tokenizer at once


@dataclass(slots=True)
class Batch:
    """Some rows: where they stand, what they say, what the template wrote; and those that it refuses.

    A row that cannot be read is in neither.
    """

    positions: list[int] = field(default_factory=list[int])
    chats: list[Chat] = field(default_factory=list[Chat])
    texts: list[str] = field(default_factory=list[str])
    refused: list[tuple[int, DatasetError]] = field(default_factory=list[tuple[int, DatasetError]])


def batches(ds: "Dataset", tokenizer: Any, format: DatasetFormat | None = None) -> Iterator[Batch]:
    """Render all rows, read as `format` where it is not the dataset's own."""
    template, batch = has_template(tokenizer), Batch()
    for position, row in ds.decoded():
        if row is None:
            continue
        try:
            chat = chat_of(row, format or ds.format, template=template)
            text = render(tokenizer, chat)
        except DatasetError as error:
            batch.refused.append((position, error))
            continue
        batch.positions.append(position)
        batch.chats.append(chat)
        batch.texts.append(text)
        if len(batch.texts) == _BATCH:
            yield batch
            batch = Batch()
    yield batch


def lengths(ds: "Dataset", tokenizer: Any) -> NDArray[np.int32]:
    """Return how many tokens training sees of each row, those of the chat template included.

    0 for a row that cannot be read or rendered: `ds.validate(tokenizer=...)` says why.
    """
    known, template = ("token lengths", id(tokenizer)), getattr(tokenizer, "chat_template", None)
    kept = ds.memo.get(known)
    if kept is None or kept[:2] != (tokenizer, template):
        out = np.zeros(len(ds), dtype=np.int32)
        for batch in batches(ds, tokenizer):
            for plain in (False, True):
                mine = [i for i, chat in enumerate(batch.chats) if chat.plain is plain]
                if mine:
                    counts = _counts(tokenizer, [batch.texts[i] for i in mine], plain)
                    out[[batch.positions[i] for i in mine]] = counts
        out.flags.writeable = False
        ds.memo[known] = kept = (tokenizer, template, out)
    return kept[2]


def _counts(tokenizer: Any, texts: list[str], plain: bool) -> list[int]:
    if fast := fast_tokenizer(tokenizer):
        return [len(found.ids) for found in fast.encode_batch_fast(texts, add_special_tokens=plain)]
    return [len(ids) for ids in tokenizer(texts, add_special_tokens=plain)["input_ids"]]
