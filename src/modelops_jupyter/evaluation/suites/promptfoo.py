"""promptfoo's configurations as suites."""

import itertools
import json
from collections.abc import Callable
from typing import Any

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.scorers import (
    Contains,
    Exact,
    JsonSchema,
    Not,
    Regex,
    Rouge,
    Scorer,
    Threshold,
    ValidJson,
)  # fmt: skip
from modelops_jupyter.evaluation.suites.case import BenchmarkCase
from modelops_jupyter.evaluation.suites.template import fill, listed, load, mapping, turns

_TOP = {"prompts", "tests", "defaultTest", "description", "providers", "targets"}
_TEST = {"vars", "assert", "description", "metadata"}
_ASSERT = {"type", "value", "threshold"}


def _texts(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else listed(value)
    return tuple(str(v).strip() for v in parts)


_KINDS: dict[str, Callable[[Any], Scorer]] = {
    "equals": lambda _: Exact(),
    "contains": lambda v: Contains(str(v)),
    "icontains": lambda v: Contains(str(v), casefold=True),
    "contains-all": lambda v: Contains(_texts(v)),
    "contains-any": lambda v: Contains(_texts(v), every=False),
    "icontains-all": lambda v: Contains(_texts(v), casefold=True),
    "icontains-any": lambda v: Contains(_texts(v), casefold=True, every=False),
    "starts-with": lambda v: Contains(str(v), where="start"),
    "regex": lambda v: Regex(str(v)),
    "is-json": lambda v: JsonSchema(v) if isinstance(v, dict) else ValidJson(),  # pyright: ignore[reportUnknownArgumentType]
}
_WITH_REFERENCE = {"equals", "rouge-n"}


def read(source: Any) -> tuple[str, str, list[BenchmarkCase], tuple[str, ...]]:
    """Return name, version, cases and what is not expressed."""
    config, name = load(source, "promptfoo")
    lost = [f"{key}: not read" for key in config if key not in _TOP]
    prompts, tests = listed(config.get("prompts")), config.get("tests")
    if isinstance(tests, str) or not prompts:
        raise EvaluationError(
            "The configuration names its tests or prompts in other files.",
            hint="Load them and pass a mapping with prompts and tests.",
        )
    lost += [f"{key}: the model is passed to run()" for key in ("providers", "targets") if key in config]
    default = mapping(config.get("defaultTest"))
    lost += [f"defaultTest: {key} is not read" for key in default if key not in _TEST]
    cases: list[BenchmarkCase] = []
    for i, given in enumerate(listed(tests) or [{}]):
        test = mapping(given)
        if not isinstance(given, dict):
            lost.append(f"tests[{i}]: {given!r} stands in another file")
            continue
        lost += [f"tests[{i}]: {key} is not read" for key in test if key not in _TEST]
        values = mapping(default.get("vars")) | mapping(test.get("vars"))
        asserted = listed(default.get("assert")) + listed(test.get("assert"))
        for j, each in enumerate(_combined(values)):
            expected, checks = _checks(asserted, each, f"tests[{i}]", lost if not j else [])
            for k, prompt in enumerate(prompts):
                case_id = (
                    f"{i}" + (f".{j}" if j or len(_combined(values)) > 1 else "") + (f"-p{k}" if k else "")
                )
                text = _prompt(prompt, each, f"prompts[{k}] with tests[{i}]", lost)
                tags = (str(test["description"]),) if "description" in test else ()
                cases.append(BenchmarkCase(case_id, text, expected, tags, checks))
    return str(config.get("description") or name), "1", cases, tuple(lost)


def _combined(values: dict[str, Any]) -> list[dict[str, Any]]:
    """A variable that is a list stands for one test per value."""
    choices = [[(key, v) for v in listed(value)] for key, value in values.items()]
    return [dict(pairs) for pairs in itertools.product(*choices)]


def _prompt(prompt: Any, values: dict[str, Any], where: str, lost: list[str]) -> Any:
    given: Any = prompt
    if isinstance(prompt, dict):
        given = mapping(prompt).get("raw") or json.dumps(prompt)
    text, whole = fill(str(given), values)
    if not whole or text.startswith("file://") or any(str(v).startswith("file://") for v in values.values()):
        lost.append(f"{where}: {text[:80]!r} needs more than variables can fill in")
    try:
        parsed: Any = json.loads(text)
    except ValueError:
        return text
    return turns(parsed) if isinstance(parsed, list) else text


def _checks(
    asserted: list[Any], values: dict[str, Any], where: str, lost: list[str]
) -> tuple[str | None, tuple[Scorer, ...]]:
    """Return the reference and the checks; one that has no counterpart is listed."""
    expected: str | None = None
    checks: list[Scorer] = []
    for i, given in enumerate(asserted):
        item, place = mapping(given), f"{where}.assert[{i}]"
        kind, value = str(item.get("type")), item.get("value")
        positive = kind.removeprefix("not-")
        whole = True
        if isinstance(value, str):
            value, whole = fill(value, values)
        reference = str(value) if positive in _WITH_REFERENCE else None
        scorer = _scorer(positive, value, item.get("threshold"))
        clash = reference is not None and expected not in (None, reference)
        if scorer is None or not whole or clash or str(value).startswith("file://"):
            lost.append(f"{place}: {kind} {json.dumps(value, ensure_ascii=False, default=str)[:80]}")
            continue
        lost += [f"{place}: {key} is not read" for key in item if key not in _ASSERT]
        expected = expected if reference is None else reference
        checks.append(Not(scorer) if kind != positive else scorer)
    return expected, tuple(checks)


def _scorer(kind: str, value: Any, threshold: Any) -> Scorer | None:
    if kind == "rouge-n":
        return Threshold(Rouge(1), 0.75 if threshold is None else float(threshold))
    return _KINDS[kind](value) if kind in _KINDS else None
