"""Names that are safe as names of files, and references such as `registry:dates@production`."""

import operator
import re
from dataclasses import dataclass
from typing import Any, cast

from modelops_jupyter._format import visible
from modelops_jupyter.errors import RegistryError

LATEST = "latest"
GATED = ("staging", "production")  # aliases that only `promote` moves
SCHEMES = ("registry:", "models:/")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(?<!\.)")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_NUMBER = re.compile(r"v?[0-9]+")
_BIGGEST = 2**31


def check_model(name: object) -> str:
    """Return the name of a model, or say why it cannot be one."""
    return _checked(name, "model")


def check_alias(name: object) -> str:
    """Return an alias, a gated one in its own spelling; a number and `latest` mean something else."""
    alias = _checked(name, "alias")
    if alias.lower() == LATEST or _NUMBER.fullmatch(alias):
        text = f"'{alias}' cannot be an alias: it already names a version."
        raise RegistryError(text, code="registry-name")
    return alias.lower() if alias.lower() in GATED else alias


def _checked(name: object, what: str) -> str:
    if isinstance(name, str) and _NAME.fullmatch(name) and not _DEVICE.fullmatch(name):
        return name
    raise RegistryError(
        f"'{visible(str(name)[:120])}' cannot be the name of a{'n' if what == 'alias' else ''} {what}.",
        code="registry-name",
        hint="Use up to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit; "
        "names of devices such as 'con' are refused.",
    )


def check_version(version: object) -> int:
    """Return the number of a version given as 3, "3" or "v3"."""
    known = hasattr(version, "__index__") and not isinstance(version, bool)  # numpy's numbers too
    if known and 0 < (number := operator.index(cast("Any", version))) < _BIGGEST:
        return number
    if isinstance(version, str) and version.isascii() and _NUMBER.fullmatch(version):
        return check_version(int(version.removeprefix("v")[:11]))
    text = f"'{visible(str(version)[:120])}' is not the number of a version."
    hint = "Versions are 1, 2, 3, …; an alias goes into alias=, or behind an @."
    raise RegistryError(text, code="registry-version", hint=hint)


def check_path(path: str) -> str:
    """Return the path of a file inside an artifact, with '/', if it leads nowhere else on any system."""
    parts = path.split("/")
    wrong = len(path.encode("utf-8", "replace")) > 1000 or any(
        part in ("", ".", "..")
        or len(part.encode("utf-8", "replace")) > 255
        or _DEVICE.fullmatch(part)
        or part.endswith((".", " "))
        or any(c in '\\:*?"<>|' or ord(c) < 32 or 0xD800 <= ord(c) <= 0xDFFF for c in part)
        for part in parts
    )
    if wrong:
        text = f"The file '{visible(path[:200])}' is refused: its name does not work on every system."
        raise RegistryError(text, code="registry-path", hint="Rename it.")
    return path


@dataclass(frozen=True, slots=True)
class Reference:
    """What a reference names: a model, and a version or an alias of it, or its latest version."""

    name: str
    version: int | None = None
    alias: str | None = None

    def __str__(self) -> str:
        rest = f"@{self.alias}" if self.alias else "" if self.version is None else f"/{self.version}"
        return f"registry:{self.name}{rest}"


def parse(text: str) -> Reference:
    """Read `registry:dates@production`, `models:/dates/3`, `registry:dates` (the latest) or `dates@staging`.

    Raises
    ------
    RegistryError
        If it is none of these.
    """
    rest = str(text)
    for scheme in SCHEMES:
        rest = rest.removeprefix(scheme)
    name, at, alias = rest.partition("@")
    name, slash, version = (name, "", "") if at else name.partition("/")
    if at and alias.lower() != LATEST:
        return Reference(check_model(name), alias=check_alias(alias))
    if slash and version.lower() != LATEST:
        return Reference(check_model(name), version=check_version(version))
    return Reference(check_model(name))
