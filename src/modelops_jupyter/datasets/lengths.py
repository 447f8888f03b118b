"""How long the text of each row is."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets import tokens
from modelops_jupyter.datasets.formats import turns
from modelops_jupyter.datasets.parse import try_decode

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

UNITS = ("chars", "tokens")


def text_lengths(ds: "Dataset", unit: str, tokenizer: Any = None) -> NDArray[np.int64]:
    """Return the length of all that is said in each row; 0 for a row that cannot be read.

    Tokens are those of `tokenizer`, without the chat template, or else an estimate.
    """
    if unit == "tokens" and tokenizer is None:
        return tokens.estimate(ds).astype(np.int64)

    def measure(text: str) -> int:
        return len(text) if unit == "chars" else len(tokenizer.encode(text))

    out = np.zeros(len(ds), dtype=np.int64)
    for at, raw in enumerate(ds.raws()):
        row = try_decode(raw)
        if row is not None:
            out[at] = sum(measure(turn.text) for turn in turns(row, ds.format) if turn.text)
    return out
