"""Evals of OpenAI's service, which ends, and samples of its open-source package."""

from pathlib import Path
from typing import Any

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.scorers import (
    Bleu,
    Contains,
    Exact,
    Not,
    Rouge,
    Scorer,
    Threshold,
)  # fmt: skip
from modelops_jupyter.evaluation.suites.case import BenchmarkCase
from modelops_jupyter.evaluation.suites.suite import read_jsonl
from modelops_jupyter.evaluation.suites.template import answers, fill, listed, load, mapping, rows_of, turns

Read = tuple[str, str, list[BenchmarkCase], tuple[str, ...]]
_ANSWER = "{{sample.output_text}}"
_SIMILAR: dict[str, Scorer] = {
    "bleu": Bleu(),
    **{f"rouge_{n}": Rouge(n) for n in range(1, 6)},
    "rouge_l": Rouge("L"),
}


def read(source: Any, data: Any) -> Read:
    """Return name, version, cases and what is not expressed."""
    if isinstance(source, str | Path) and str(source).endswith(".jsonl"):
        return _samples(Path(source))
    config, name = load(source, "openai_evals")
    if "testing_criteria" not in config:
        raise EvaluationError(
            "This is no eval of the service: it has no testing_criteria.",
            hint="Pass what evals.retrieve() gave as JSON, or the path of a samples .jsonl.",
        )
    rows = rows_of(data, "An eval does not hold its rows.", "data")
    lost: list[str] = []
    cases = [_case(config, mapping(row), i, lost) for i, row in enumerate(rows)]
    return str(config.get("name") or name), str(config.get("id") or "1"), cases, tuple(dict.fromkeys(lost))


def _samples(path: Path) -> Read:
    """Samples hold `input` and `ideal`; how they are compared stands in the package's registry."""
    lost = ["How answers are compared stands in the registry: exact match, unless scorers= says otherwise."]
    cases: list[BenchmarkCase] = []
    for i, row in enumerate(read_jsonl(path)):
        lost += [f"row {i}: no {key}" for key in ("input", "ideal") if key not in row]
        lost += [f"row {i}: {key} is not read" for key in row if key not in {"input", "ideal", "id"}]
        given, case_id = turns(row.get("input", "")), str(row.get("id", i))
        cases.append(BenchmarkCase(case_id, given, answers(row.get("ideal"))))
    return path.stem, "1", cases, tuple(lost)


def _case(config: dict[str, Any], row: dict[str, Any], i: int, lost: list[str]) -> BenchmarkCase:
    item = mapping(row.get("item", row))
    checks: list[Scorer] = []
    expected: str | None = None
    for criterion in listed(config["testing_criteria"]):
        rule = mapping(criterion)
        label = f"{rule.get('name') or rule.get('type')}: {rule.get('type')}"
        reference, whole = fill(str(rule.get("reference", "")), {"item": item})
        scorer = _scorer(rule) if _plain_answer(rule) else None
        if scorer is None or not whole or expected not in (None, reference):
            how = rule.get("operation") or rule.get("evaluation_metric") or ""
            lost.append(f"testing_criteria {label} {how}".strip())
            continue
        expected = reference
        checks.append(scorer)
    return BenchmarkCase(str(item.get("id", i)), _input(config, item, i, lost), expected, (), tuple(checks))


def _plain_answer(rule: dict[str, Any]) -> bool:
    return str(rule.get("input", "")).replace(" ", "") == _ANSWER


def _scorer(rule: dict[str, Any]) -> Scorer | None:
    """Return the check of one criterion, or None."""
    if rule.get("type") == "string_check":
        return {"eq": Exact(), "ne": Not(Exact()), "like": Contains(), "ilike": Contains(casefold=True)}.get(
            str(rule.get("operation"))
        )
    similar = (
        _SIMILAR.get(str(rule.get("evaluation_metric"))) if rule.get("type") == "text_similarity" else None
    )
    return Threshold(similar, float(rule.get("pass_threshold", 1))) if similar else None


def _input(config: dict[str, Any], item: dict[str, Any], i: int, lost: list[str]) -> Any:
    """The prompt: the run's message template, or a field that holds it."""
    messages = mapping(mapping(config.get("data_source")).get("input_messages")).get("template")
    if messages is None:
        found = next((item[k] for k in ("input", "messages", "prompt", "question") if k in item), None)
        if found is None:
            lost.append(f"row {i}: no prompt; the run's data_source.input_messages belongs into the mapping")
        return turns(found or "")
    made: list[dict[str, Any]] = []
    for message in listed(messages):
        content = mapping(message).get("content")
        text, whole = fill(str(mapping(content).get("text", content)), {"item": item})
        if not whole:
            lost.append(f"row {i}: the message {text[:80]!r} needs more than fields can fill in")
        made.append({"role": mapping(message).get("role", "user"), "content": text})
    return tuple(made)
