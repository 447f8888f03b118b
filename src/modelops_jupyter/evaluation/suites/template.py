"""The plain part of the template languages of other tools: `{{ name }}`, `{{ item.name }}`."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from modelops_jupyter._suggest import near_file
from modelops_jupyter.errors import EvaluationError, SourceNotFoundError
from modelops_jupyter.evaluation.suites.suite import read_jsonl

_FIELD = re.compile(r"\{\{-?\s*([A-Za-z_][\w.\-]*)\s*-?\}\}")
_LEFT = re.compile(r"\{[{%#]")


def fill(template: str, values: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the text, and whether all of the template could be filled in; what could not stays as it is."""
    whole = True

    def one(match: re.Match[str]) -> str:
        nonlocal whole
        found: Any = values
        for part in match[1].split("."):
            if not isinstance(found, Mapping) or part not in found:
                whole = False
                return match[0]
            found = cast("Mapping[str, Any]", found)[part]
        return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)

    text = _FIELD.sub(one, template)
    return text, whole and not _LEFT.search(_FIELD.sub("", template))


def load(source: Any, tool: str) -> tuple[dict[str, Any], str]:
    """Return a configuration (YAML is a superset of JSON) and its name."""
    if isinstance(source, Mapping):
        return dict(cast("Mapping[str, Any]", source)), tool
    import yaml

    path = Path(source)
    try:
        parsed: Any = yaml.load(path.read_text("utf-8"), Loader=_loader())  # noqa: S506  # a safe loader
    except FileNotFoundError:
        raise SourceNotFoundError(f"There is no file {str(path)!r}.", hint=near_file(path)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path.name} cannot be read: {error}.") from None
    if not isinstance(parsed, dict):
        raise EvaluationError(f"{path.name} is no {tool} configuration.")
    return cast("dict[str, Any]", parsed), path.stem


def _loader() -> Any:
    """Return a safe loader to which tags of other tools (`!function`) are plain text."""
    import yaml

    class Loader(yaml.SafeLoader):
        """Safe, and deaf to unknown tags."""

    def text(loader: Any, tag: str, node: Any) -> str:
        del loader
        return f"!{tag} {node.value}"

    Loader.add_multi_constructor("!", text)  # pyright: ignore[reportUnknownMemberType]
    return Loader


def rows_of(given: Any, message: str, option: str) -> list[Any]:
    """Return what a configuration is to be filled in with: a JSONL file or a list, never nothing."""
    rows = read_jsonl(given) if isinstance(given, str | Path) else listed(given)
    if not rows:
        raise EvaluationError(message, hint=f"Pass {option}=, a JSONL path or a list.")
    return rows


def listed(value: Any) -> list[Any]:
    """Return a list as it is, nothing as an empty one, and anything else as a list of one."""
    if value is None:
        return []
    return list(cast("Sequence[Any]", value)) if isinstance(value, list | tuple) else [value]


def turns(value: Any) -> str | tuple[dict[str, Any], ...]:
    """Return a prompt as cases have it: chat messages, or a text."""
    messages: list[Any] = listed(value) if isinstance(value, list) else []
    if messages and all("role" in mapping(m) for m in messages):
        return tuple(map(mapping, messages))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def answers(value: Any) -> str | tuple[str, ...] | None:
    """Return a reference as cases have it: a text, several, or none."""
    if isinstance(value, list) and value:
        return tuple(map(str, listed(value)))
    return None if value is None else str(cast("Any", value))


def mapping(value: Any) -> dict[str, Any]:
    """Return a mapping, or an empty one."""
    return dict(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else {}
