"""Tasks and logged samples of lm-evaluation-harness."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelops_jupyter.evaluation.scorers import Exact, Scorer
from modelops_jupyter.evaluation.suites.case import BenchmarkCase
from modelops_jupyter.evaluation.suites.suite import read_jsonl
from modelops_jupyter.evaluation.suites.template import answers, fill, listed, load, mapping, rows_of

Read = tuple[str, str, list[BenchmarkCase], tuple[str, ...]]
_READ = {"task", "doc_to_text", "doc_to_target", "metric_list", "output_type", "metadata", "description"}
_DATA = {"dataset_path", "dataset_name", "dataset_kwargs", "test_split", "validation_split", "training_split"}
_QUIET = {"aggregation", "higher_is_better", "metric"}


def read(source: Any, docs: Any) -> Read:
    """Return name, version, cases and what is not expressed."""
    if isinstance(source, str | Path) and str(source).endswith(".jsonl"):
        return _logged(Path(source))
    config, name = load(source, "lm_eval")
    kind = config.get("output_type", "generate_until")
    lost = [f"{key} is not read" for key in config if key not in _READ | _DATA]
    if kind != "generate_until":
        lost.append(f"output_type {kind}: answers are compared as text, not by their likelihood")
    rows = rows_of(docs, "A task does not hold its documents.", "docs")
    checks = _checks(config, lost)
    prefix = str(config.get("description") or "")
    cases = [_case(config, mapping(row), i, prefix, checks, lost) for i, row in enumerate(rows)]
    version = str(mapping(config.get("metadata")).get("version", "1"))
    return str(config.get("task") or name), version, cases, tuple(dict.fromkeys(lost))


def _checks(config: Mapping[str, Any], lost: list[str]) -> tuple[Scorer, ...]:
    checks: list[Scorer] = []
    for metric in listed(config.get("metric_list")):
        rule = mapping(metric)
        if rule.get("metric") != "exact_match":
            lost.append(f"metric {rule.get('metric')}: pass a scorer to run()")
            continue
        checks.append(Exact(casefold=bool(rule.get("ignore_case"))))
        lost += [f"exact_match: {key} is not read" for key in rule if key not in _QUIET | {"ignore_case"}]
    return tuple(checks)


def _case(
    config: Mapping[str, Any],
    doc: dict[str, Any],
    i: int,
    prefix: str,
    checks: tuple[Scorer, ...],
    lost: list[str],
) -> BenchmarkCase:
    text, target = (_rendered(config.get(k), doc, k, i, lost) for k in ("doc_to_text", "doc_to_target"))
    return BenchmarkCase(str(doc.get("id", i)), prefix + str(text or ""), answers(target), (), checks)


def _rendered(template: Any, doc: dict[str, Any], field: str, i: int, lost: list[str]) -> Any:
    """A template is a column's name, or text with `{{column}}`."""
    if isinstance(template, str) and template in doc:
        return doc[template]
    text, whole = fill(str(template), doc)
    if template is None or not whole or text.startswith("!"):
        lost.append(f"{field} of document {i}: {str(template)[:80]!r} needs more than columns can fill in")
    return text if template is not None else None


def _logged(path: Path) -> Read:
    """A log holds the prompt as it was sent, few-shot examples included, and the target."""
    lost: list[str] = []
    cases: list[BenchmarkCase] = []
    for i, row in enumerate(read_jsonl(path)):
        asked: Any = row.get("arguments")
        if isinstance(asked, dict):  # {"gen_args_0": {"arg_0": prompt, "arg_1": {...}}}
            asked = [[mapping(a).get("arg_0")] for a in mapping(asked).values()]
        requests = listed(asked)
        prompt = listed(requests[0])[0] if requests and listed(requests[0]) else None
        if len(requests) != 1 or not isinstance(prompt, str):
            lost.append(f"row {i}: {len(requests)} requests; only the first is asked, as text")
        lost += (
            [f"row {i}: the filter {row['filter']!r} is not applied"]
            if row.get("filter", "none") != "none"
            else []
        )
        cases.append(BenchmarkCase(str(row.get("doc_id", i)), str(prompt or ""), answers(row.get("target"))))
    return path.stem.removeprefix("samples_"), "1", cases, tuple(lost)
