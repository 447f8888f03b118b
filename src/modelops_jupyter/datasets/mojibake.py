"""UTF-8 that was read as Latin-1 or Windows-1252, such as "cafÃ©": found by its marks, read again.

Correct text may hold the same letters («É” ends a quotation»), so a sequence counts only where
it cannot be anything else: beside a letter, or with others of its kind.
"""

import re
import unicodedata

# What the bytes 0x80 to 0x9F are in Windows-1252; five have no letter and stay controls.
_HIGH = {
    character: byte for byte in range(0x80, 0xA0) for character in bytes([byte]).decode("cp1252", "ignore")
}
_SOFT = "‘’“”…–—•‹›«»\xa0"  # stand beside capital letters in correct text too
_HARD = "[" + "".join(c for c in [*map(chr, range(0x80, 0xC0)), *_HIGH] if c not in _SOFT) + "]"
_ANY = f"(?:{_HARD}|[{_SOFT}])"
_MARKS = re.compile(
    f"(?:[ÂÃÄÅ]{_HARD}|Â\xa0|Ë[œ†]"
    f"|[ÂÃÄÅ][{_SOFT}](?=[a-zÂÃâ])"
    f"|(?<=[a-z])[ÂÃÄÅ][{_SOFT}]"
    f"|â[€‚„†ˆ‰œ\x80-\x9f]{_ANY}"  # punctuation, currency, signs
    f"|ð[Ÿ\x9f]{_ANY}{{2}}"  # pictures
    f"|(?:[ÐÑÎÏØÙ×]{_ANY}){{2,}}"  # Cyrillic, Greek, Arabic, Hebrew: never one letter alone
    f"|(?:[ãäåæçèéêëìí]{_ANY}{{2}}){{2,}}"  # East Asian
    ")+"
)
_CONTROLS = frozenset(map(chr, range(0x80, 0xA0)))  # only on the way to the next layer
_LAYERS = 3  # it happens more than once to the same text


def repaired(text: str) -> str:
    """Return the text with such sequences read again; anything doubtful stays as it is.

    Examples
    --------
    >>> repaired("cafÃ© â€“ naïve")
    'café – naïve'
    """
    better = text
    for _ in range(_LAYERS):
        before, better = better, _MARKS.sub(lambda match: _again(match[0]), better)
        if better == before:
            break
    return text if _CONTROLS & set(better) else better


def _again(run: str) -> str:
    try:
        better = bytes(_HIGH.get(c) or ord(c) for c in run).decode("utf-8")
    except ValueError:
        return run
    odd = any(unicodedata.category(c) in ("Cn", "Co") for c in better)
    return run if odd else better
