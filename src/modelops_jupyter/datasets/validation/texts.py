"""Rules about what stands in the text: control tokens, personal data."""

import re
from collections.abc import Iterator

from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.formats import DatasetFormat, turns
from modelops_jupyter.datasets.redact import EMAIL
from modelops_jupyter.datasets.validation.problem import Finding

_BEFORE = 64  # characters that may stand before the @ of an address
# Control tokens as the common chat templates spell them: <|im_start|>, <|eot_id|>, …
_CONTROL = re.compile(r"<\|[A-Za-z0-9_]{1,40}\|>")


def check_texts(row: Row, format: DatasetFormat, *, control: bool = True) -> Iterator[Finding]:
    """Look into the text of a row; for control tokens only if no tokenizer tells its own."""
    for turn in turns(row, format):
        for part in turn.parts:
            if control and (token := _CONTROL.search(part.text)):
                yield Finding("special-token-in-text", part.pointer, f'The text holds "{token[0]}".')
            at = part.text.find("@")
            if at >= 0 and EMAIL.search(part.text, max(0, at - _BEFORE)):
                yield Finding("personal-data", part.pointer, "The text holds an e-mail address.")
