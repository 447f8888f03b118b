"""Answers that must be JSON."""

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

from modelops_jupyter._extras import require
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.evaluation.scorers.base import Scorer

_FENCE = re.compile(r"\A\s*```[a-zA-Z]*\n(.*)\n```\s*\Z", re.DOTALL)


@dataclass(frozen=True)
class ValidJson(Scorer):
    """1 if the answer is one JSON value: no NaN, no text around it.

    Parameters
    ----------
    fenced
        Whether a code fence around it is fine.

    Examples
    --------
    >>> ValidJson().score('{"a": 1}'), ValidJson().score("Sure: {}"), ValidJson().score("")
    (1.0, 0.0, 0.0)
    """

    fenced: bool = False
    kind: ClassVar[str] = "valid_json"

    def one(self, output: str, reference: str | None) -> float:
        """1 or 0."""
        del reference
        return float(_parsed(output, self.fenced)[0])


@dataclass(frozen=True)
class JsonSchema(Scorer):
    """1 if the answer is JSON that a JSON Schema accepts; schemas elsewhere are never fetched.

    Examples
    --------
    >>> JsonSchema({"type": "object", "required": ["date"]}).score('{"date": "2021-03-03"}')
    1.0
    """

    schema: dict[str, Any] | bool = field(default_factory=dict[str, Any])
    fenced: bool = False
    kind: ClassVar[str] = "json_schema"

    def one(self, output: str, reference: str | None) -> float:
        """1 or 0."""
        del reference
        valid, value = _parsed(output, self.fenced)
        return float(valid and _validator(json.dumps(self.schema)).is_valid(value))


def _parsed(text: str, fenced: bool) -> tuple[bool, Any]:
    inner = _FENCE.match(text) if fenced else None
    try:
        return True, json.loads(inner[1] if inner else text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False, None


def _refuse(word: str) -> Any:
    raise ValueError(word)


@lru_cache(maxsize=64)
def _validator(schema: str) -> Any:
    library: Any = require("jsonschema_rs", extra="text", purpose="check answers against a JSON Schema")

    def elsewhere(uri: str) -> Any:
        raise ValueError(f"{uri} is not fetched; put it into the schema under $defs")

    try:
        return library.validator_for(json.loads(schema), retriever=elsewhere)
    except Exception as error:  # the library's errors have no common base but ValueError and its own
        raise ConfigError(f"The JSON Schema cannot be used: {error}.") from None
