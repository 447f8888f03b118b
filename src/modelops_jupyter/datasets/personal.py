"""What personal data looks like: shapes, narrowed by check digits, ranges and the words before.

All repeats are bounded or over one class, so hostile text costs no more than its length.
"""

import re
from collections.abc import Callable, Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple

Span = tuple[int, int]


class Kind(NamedTuple):
    """How one kind is found, what makes two values of it the same, and without which letters it cannot be."""

    find: Callable[[str], Iterator[Span]]
    same: Callable[[str], str] = str
    needs: tuple[str, ...] = ()  # one of these; a text is looked through for them in no time


DIGITS = tuple("0123456789")


def _shape(
    pattern: str, fits: Callable[[re.Match[str]], bool] | None = None
) -> Callable[[str], Iterator[Span]]:
    search = re.compile(pattern).finditer
    return lambda text: (m.span() for m in search(text) if fits is None or fits(m))


def _number(pattern: str, fits: Callable[[re.Match[str]], bool]) -> Callable[[str], Iterator[Span]]:
    """Return a finder that begins shortly before the first digit."""
    search, digit = re.compile(pattern), re.compile("[0-9]").search

    def find(text: str) -> Iterator[Span]:
        first = digit(text)
        start = max(0, first.start() - 5) if first else len(text)
        return (m.span() for m in search.finditer(text, start) if fits(m))

    return find


def _bare(value: str) -> str:
    return "".join(filter(str.isalnum, value)).upper()


# ---- secrets and credentials ------------------------------------------------------------------

_BEARER = r"(?i:(?<=bearer )|(?<=bearer\t))[\w.~+/-]{16,}=*"
_SECRETS = {  # by letters that each of them holds
    "sk-": r"(?<![\w-])sk-[\w-]{20,}",  # OpenAI, Anthropic and many that took over the shape
    "sk_": r"(?<![\w-])sk_(?:live|test)_\w{16,}",  # Stripe
    "rk_": r"(?<![\w-])rk_(?:live|test)_\w{16,}",
    "gh": r"\bgh[opsur]_\w{30,}",  # GitHub
    "github_pat_": r"\bgithub_pat_\w{22,}",
    "glpat-": r"\bglpat-[\w-]{20,}",
    "AKIA": r"\bAKIA[0-9A-Z]{16}\b",  # AWS
    "ASIA": r"\bASIA[0-9A-Z]{16}\b",
    "AIza": r"\bAIza[\w-]{35}",  # Google
    "xox": r"\bxox[abeprs]-[\w-]{10,}",  # Slack
    "hf_": r"\bhf_\w{30,}",
    "npm_": r"\bnpm_\w{36}",
    "pypi-": r"\bpypi-[\w-]{50,}",
    "eyJ": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",  # JSON web token
    "earer": _BEARER,
    "EARER": _BEARER,
    "PRIVATE KEY": (
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[\s\w+/=:,.\\]|-(?!-))*"
        r"-----END [A-Z ]{0,30}PRIVATE KEY-----"
    ),
}
_SEARCHES = {letters: re.compile(pattern).finditer for letters, pattern in _SECRETS.items()}


def _secret(text: str) -> Iterator[Span]:
    for letters, search in _SEARCHES.items():
        if letters in text:
            for match in search(text):
                if any(map(str.isdigit, match[0])):  # sk-learn-compatible-estimators is no key
                    yield match.span()


_credentials = _shape(r"(?<=://)[^\s/?#:@\"'<>]{1,256}:[^\s/?#@\"'<>]{1,256}(?=@)")

# ---- e-mail ----------------------------------------------------------------------------------------

_LETTERS = "A-Za-zÀ-ÖØ-öø-ɏ"
EMAIL = re.compile(
    rf"(?<![{_LETTERS}0-9._%+-])[{_LETTERS}0-9._%+-]{{1,64}}"
    r"@(?!v?\d+\.\d|\dx\.)"  # package@1.2.3-beta.next, icon@2x.png
    rf"(?:[{_LETTERS}0-9-]{{1,63}}\.){{1,8}}(?:[{_LETTERS}]{{2,24}}|xn--[a-z0-9-]{{2,59}})(?![{_LETTERS}0-9])"
)
_PASSWORD = re.compile(r"://[^\s/?#@]{0,256}:[^\s/?#@]{0,256}\Z")
_email = _shape(EMAIL.pattern, lambda m: not _PASSWORD.search(m.string, max(0, m.start() - 520), m.start()))

# ---- numbers with check digits ------------------------------------------------------------------

_IBAN_LENGTHS = dict(
    re.findall(
        r"([A-Z]{2})(\d\d)",
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18"
        "FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20"
        "LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24"
        "SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30",
    )
)
_IBAN_HEAD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?= ?[A-Za-z0-9]{4})")
_IBAN_BODY = {
    n: re.compile(rf"[A-Za-z0-9](?:[ -]?[A-Za-z0-9]){{{int(n) - 1}}}(?![A-Za-z0-9])")
    for n in {*_IBAN_LENGTHS.values()}
}


def _iban(text: str) -> Iterator[Span]:
    for head in _IBAN_HEAD.finditer(text):
        length = _IBAN_LENGTHS.get(head[0][:2].upper())
        match = _IBAN_BODY[length].match(text, head.start()) if length else None
        if match and _mod97(_bare(match[0])):
            yield match.span()


def _mod97(iban: str) -> bool:
    return iban.isascii() and int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


_CARD = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}"
    r"|(?:50|5[6-9]|6\d)\d{10,17}"
)
_card = _number(
    r"(?<![\w.,+-])(?:\d{12,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?"
    r"|\d{4}([ -])\d{6}\2\d{4,5})(?!\w|[.,-]\d)",
    lambda match: bool(_CARD.fullmatch(_bare(match[0]))) and _luhn(_bare(match[0])),
)


def _luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


# ---- addresses of machines, telephone numbers ----------------------------------------------------

_NUMBERED = re.compile(
    r"(?i)(?:\b(?:v|ver|version|build|release|rev|revision|patch|update|firmware|driver|section|chapter|clause)\.?"
    r"|§|[=<>~!^]=|[~^])[ :#=\"'v]{0,3}\Z"
)


def _counts_versions(match: re.Match[str]) -> bool:
    """Tell whether the words before say that the number is a version, a build or a section."""
    return _NUMBERED.search(match.string, max(0, match.start() - 16), match.start()) is not None


def _fits_ip(match: re.Match[str]) -> bool:
    try:
        if ":" in match[0]:
            words = match[0].split(":")
            return bool(IPv6Address(match[0])) and len(words[0]) > 2 and any(c.isdigit() for c in match[0])
        small = all(len(part) == 1 for part in match[0].split("."))  # 1.2.3.4 is rather a version
        return bool(IPv4Address(match[0])) and not small and not _counts_versions(match)
    except AddressValueError:
        return False


_ip = _number(
    r"(?<![\w.-])(?<![A-Za-z]/)\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\w)"
    r"|(?<![\w:.])[0-9A-Fa-f]{1,4}:(?:[0-9A-Fa-f]{0,4}:){1,6}[0-9A-Fa-f]{0,4}(?![\w:])",
    _fits_ip,
)

_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)\d\d|(?:19|20)\d\d[-/. ]\d{1,2}[-/. ]\d{1,2})(?!\d)"
)


def _fits_phone(match: re.Match[str]) -> bool:
    digits = sum(map(str.isdigit, match[0]))
    counted = re.search(r"\D00", match[0])  # 0012 0013 0014
    low, high = (8, 15) if match[0][0] == "+" else (9, 12)
    return (
        low <= digits <= high and not counted and not _DATE.search(match[0]) and not _counts_versions(match)
    )


_phone = _number(
    r"(?<![\w.+/-])(?:\+[1-9](?:[ ./()-]{0,2}\d){7,14}"  # +49 (30) 1234-567
    r"|(?<!\d[ -])(?:(?:1[-. ])?(?:\([2-9]\d\d\) ?|[2-9]\d\d([-.])(?=\d{3}\1))\d{3}[-.]\d{4}"  # 555-123-4567
    r"|\(0[1-9]\d{0,3}\) ?\d{2,8}(?:[ -]\d{2,8}){0,3}"  # (030) 1234-567
    r"|0[1-9]\d{0,3}(?: ?[-/] ?\d{2,8}| \d{2,8})(?:[ -]\d{2,8}){0,4})"  # 030 1234567
    r")(?!\d|[.,:/-]\d)",
    _fits_phone,
)

# In the order in which they win where they begin at the same place.
KINDS: dict[str, Kind] = {
    "secret": Kind(_secret, needs=tuple(_SECRETS)),
    "credentials": Kind(_credentials, needs=("://",)),
    "email": Kind(_email, str.casefold, ("@",)),
    "iban": Kind(_iban, _bare, DIGITS),
    "card": Kind(_card, _bare, DIGITS),
    "ip": Kind(_ip, str.casefold, DIGITS),
    "phone": Kind(_phone, _bare, DIGITS),
}
