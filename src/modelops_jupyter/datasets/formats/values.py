"""Small conversions that several formats share."""

import json
from typing import Any

from modelops_jupyter.datasets._json import as_array, as_object


def pretty(value: Any) -> str:
    """Return a value as readable JSON; text that holds JSON is laid out too."""
    if isinstance(value, str):
        try:
            inner: Any = json.loads(value)
        except (ValueError, RecursionError):
            return value
        if as_object(inner) is None and as_array(inner) is None:
            return value
        return pretty(inner)
    try:
        return json.dumps(value, ensure_ascii=False, indent=2)
    except RecursionError:
        return "… nested too deeply to be shown"


def content_text(content: Any) -> str:
    """Return the text of a message's content: a text, or the text parts of a list."""
    if isinstance(content, str):
        return content
    texts = [(as_object(item) or {}).get("text") for item in as_array(content) or ()]
    return "".join(text for text in texts if isinstance(text, str))


def as_text(value: Any) -> str:
    """Return a field as text; what is missing is empty."""
    return value if isinstance(value, str) else "" if value is None else content_text(value) or pretty(value)
