"""How long the text of each row is; tokens are estimated from bytes and shown with "≈"."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets.formats import turns
from modelops_jupyter.datasets.masks import fast_tokenizer
from modelops_jupyter.datasets.parse import try_decode

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

UNITS = ("chars", "tokens")
_SAMPLE = 200
_BYTES_PER_TOKEN = 4.0  # of English text with common vocabularies


def estimate(ds: "Dataset") -> NDArray[np.int32]:
    """Return an estimate for each row: its bytes, times the share that is text, over 4.

    The share is measured on a sample, because the JSON around the text is not trained on.
    """
    if "tokens" not in ds.memo:
        per_byte = _text_share(ds) / _BYTES_PER_TOKEN
        ds.memo["tokens"] = np.maximum(1, np.round(ds.row_lengths() * per_byte)).astype(np.int32)
    return ds.memo["tokens"]


def _text_share(ds: "Dataset") -> float:
    spread = np.unique(np.linspace(0, max(len(ds) - 1, 0), _SAMPLE).astype(np.int64))[: len(ds)]
    text = total = 0
    for raw in ds.stored.read(spread):
        row = try_decode(raw)
        if row is not None:
            text += sum(
                len(p.text.encode("utf-8", "replace")) for t in turns(row, ds.format) for p in t.parts
            )
            total += len(raw)
    return min(text / total, 1.0) if total else 1.0


def measure(unit: str, tokenizer: Any = None) -> Callable[[str], int]:
    """Return what measures a text, without the start token that tokenizers put before it.

    Without a tokenizer a token is taken as four bytes.
    """
    if unit == "chars":
        return len
    if tokenizer is None:
        return lambda text: -(-len(text.encode("utf-8", "replace")) // 4)
    if fast := fast_tokenizer(tokenizer):
        return lambda text: len(fast.encode(text, add_special_tokens=False).ids)
    return lambda text: len(tokenizer.encode(text))


def text_lengths(ds: "Dataset", unit: str, tokenizer: Any = None) -> NDArray[np.int64]:
    """Return the length of all that is said in each row; 0 for a row that cannot be read.

    Tokens are those of `tokenizer`, without the chat template, or else an estimate.
    """
    if unit == "tokens" and tokenizer is None:
        return estimate(ds).astype(np.int64)
    length = measure(unit, tokenizer)
    out = np.zeros(len(ds), dtype=np.int64)
    for at, row in ds.decoded():
        if row is not None:
            out[at] = sum(length(turn.text) for turn in turns(row, ds.format) if turn.text)
    return out
