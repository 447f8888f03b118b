"""How a value becomes text: one function for text form, twin and wire, so they cannot disagree."""

import json
import math
import time
import unicodedata
from typing import Any

LIMIT = 500  # characters of a cell; the length beside it says what was cut

_PICTURES = {i: 0x2400 + i for i in range(32) if i not in (9, 10)} | {127: 0x2421}


def visible(text: str) -> str:
    r"""Make what would change or hide its neighbours visible: control and bidi-override characters.

    Tabs and line breaks stay; joiners and variation selectors carry meaning and stay.

    Examples
    --------
    >>> visible("a\u202eb")
    'a⟨U+202E⟩b'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(c) for c in text.replace("\r\n", "\n"))


def _shown(character: str) -> str:
    code = ord(character)
    if code in _PICTURES:
        return chr(_PICTURES[code])
    if 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069 or code in (0x2028, 0x2029, 0xFEFF):
        return f"⟨U+{code:04X}⟩"
    if 0xD800 <= code <= 0xDFFF or (unicodedata.category(character) == "Cc" and character not in "\t\n"):
        return f"⟨U+{code:04X}⟩"
    return character


def named(label: object) -> str:
    """'a' → 'a'; in quotes where one would not see it, or not where it ends: 'a ' → '“a ”'."""
    text = visible(str(label))
    return text if text and text == text.strip() else f"“{text}”"


def cell(value: Any, limit: int = LIMIT) -> dict[str, Any]:
    """Return `{"type", "text", "length"}` for one value; `text` has at most `limit` characters.

    Integers keep all their digits, text is text, anything else is compact JSON.
    """
    kind, text = _typed_text(value)
    return {"type": kind, "text": clip(visible(text[: limit + 1]), limit), "length": len(text)}


def _typed_text(value: Any) -> tuple[str, str]:
    match value:
        case None:
            return "null", "null"
        case bool():
            return "boolean", "true" if value else "false"
        case int():
            return "integer", str(value)
        case float():
            return "number", repr(value)
        case str():
            return "text", value
        case _:
            return "json", json.dumps(value, ensure_ascii=False, default=str)


def clip(text: str, limit: int) -> str:
    """Cut `text` to `limit` characters, the last of them an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def count(number: int) -> str:
    """1234 → '1,234'."""
    return f"{number:,}".replace("-", "−")


def plural(number: int, one: str, many: str | None = None) -> str:
    """(1, 'row') → '1 row', (2, 'row') → '2 rows'."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def number(value: float, digits: int = 3) -> str:
    """0.91345 → '0.913'; very large and very small values in short scientific form.

    'NaN' and '∞' are written out; the minus sign is a true one.
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size != 0 and (size >= 1e6 or size < 10.0**-digits):
        text = f"{value:.2e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    else:
        text = f"{value:,.{digits}f}"
    return text.replace("-", "−", 1) if value < 0 else text


def signed(value: float, digits: int = 3) -> str:
    """0.028 → '+0.028', -0.1 → '−0.100'."""
    return ("+" if value >= 0 else "") + number(value, digits)


def interval(low: float, high: float, digits: int = 3) -> str:
    """(0.8871, 0.9339) → '[0.887, 0.934]'."""
    return f"[{number(low, digits)}, {number(high, digits)}]"


def signed_interval(low: float, high: float) -> str:
    """(-0.1, 0.2) → '[−0.100, +0.200]'."""
    return "no interval" if math.isnan(low) else f"[{signed(low)}, {signed(high)}]"


def p_value(value: float) -> str:
    """Two digits, and never a zero that is not one: '0.031', '<0.001'."""
    if math.isnan(value):
        return "NaN"
    if value < 0.001:
        return "<0.001"
    return f"{value:.3f}" if value < 0.095 else f"{value:.2f}"


def percent(fraction: float, digits: int = 0) -> str:
    """0.304 → '30 %'."""
    return f"{100 * fraction:.{digits}f} %"


def size(nbytes: int) -> str:
    """1_009_000_000 → '1.01 GB'."""
    value = float(nbytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"


def duration(seconds: float) -> str:
    """75 → '1 min 15 s'; two units at most."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    for span, large, small, step in ((3600, "min", "s", 60), (86400, "h", "min", 3600)):
        if whole < span:
            rest = whole % step // (1 if step == 60 else 60)
            return f"{whole // step} {large}" + (f" {rest} {small}" if rest else "")
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def clock(at: float) -> str:
    """Return seconds since the epoch as local '14:49'."""
    return time.strftime("%H:%M", time.localtime(at))
