"""What the metrics explorer asks for in its page tests, answered from real evaluations.

The counts are those of the visual target: five classes, 2,400 rows, returns taken for billing 61 times.
"""

import math
from typing import Any

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.evaluation import EvaluationResult, MetricValue, evaluate_model
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import answer
from modelops_jupyter.wire.results import Shown

CLASSES = ["billing", "delivery", "returns", "account", "technical"]
MATRIX = [
    [557, 9, 45, 16, 13],
    [5, 527, 35, 7, 6],
    [61, 26, 418, 6, 9],
    [11, 4, 5, 331, 39],
    [8, 7, 5, 13, 237],
]
METRICS = ["accuracy", "f1", "balanced_accuracy", "mcc", "kappa"]
HOSTILE = '<img src=x onerror="window.__pwned=1"></script><script>window.__pwned=1</script>\u202egnp'
QUESTIONS = (
    "You took 49.90 twice after I sent the shoes back",
    "Where is the money for parcel R-5521? The label was scanned on the 3rd",
    "Zwrot pieniędzy za zamówienie, kurier odebrał paczkę we wtorek",
    "I want my money back, not another coupon",
)
MONTHS = ("January", "March", "May", "July", "August", "October")


def _tickets(classes: list[str], title: str) -> tuple[EvaluationResult, EvaluationResult]:
    """Return a result with these counts, and a slightly worse one on the same rows."""
    pairs = [(i, j) for i, row in enumerate(MATRIX) for j, n in enumerate(row) for _ in range(n)]
    rows = [
        {"prompt": f"{QUESTIONS[k % len(QUESTIONS)]} ({k})", "completion": classes[i]}
        for k, (i, _) in enumerate(pairs)
    ]
    after = [classes[j] for _, j in pairs]
    # Every 33rd right answer was wrong before, every ninth wrong one right.
    before = [
        classes[(i + 1) % 5]
        if i == j and k % 33 == 0
        else classes[i]
        if i != j and k % 9 == 0
        else classes[j]
        for k, (i, j) in enumerate(pairs)
    ]
    return _asked(rows, after, METRICS, title), _asked(rows, before, METRICS, "ticket-triage v6")


def _asked(rows: list[dict[str, str]], said: list[str], metrics: list[str], title: str) -> EvaluationResult:
    return evaluate_model(lambda _: said, Dataset(rows), metrics=metrics, title=title, baselines=None)


def _undefined() -> MetricValue:
    return MetricValue(math.nan, n=23, method="none", undefined="one class in 23 rows", label="AUC, phone")


def _dates() -> tuple[EvaluationResult, EvaluationResult]:
    """Return exact match on 300 rows, twelve of them wrong, and nothing right before."""
    days = [(k % 27 + 1, MONTHS[k % 6], 1999 + k % 25) for k in range(300)]
    truth = [f"{year}-{MONTHS.index(month) + 1:02d}-{day:02d}" for day, month, year in days]
    rows = [
        {"prompt": f"Write as ISO: the {day}th of {month}, {year}", "completion": iso}
        for (day, month, year), iso in zip(days, truth, strict=True)
    ]
    said = [t if k % 25 != 7 else t[:-2] + "31" for k, t in enumerate(truth)]
    metrics = ["exact_match", "length_ratio"]
    after = _asked(rows, said, metrics, "dates-tiny on test")
    after.skipped = 2
    return after, _asked(rows, ["the the date"] * 300, metrics, "tiny on test")


def _ask(shown: Shown, op: str, **args: Any) -> Any:
    context = Context(resolve_result=lambda _: shown)
    reply = answer({"v": 1, "id": "1", "op": op, "args": {"result": "r1", **args}}, context)
    assert reply["ok"], reply
    return reply["result"]


def scenes() -> dict[str, Any]:
    """Return every answer by the name of its fixture."""
    after, before = _tickets(CLASSES, "ticket-triage v7")
    tickets = Shown(after, after.compare(before))
    after.metrics["auc_roc"] = _undefined()
    hostile_classes = [f"{HOSTILE} {k}" for k in range(5)]
    hostile, older = _tickets(hostile_classes, HOSTILE)
    new, old = _dates()
    dates = Shown(new, new.compare(old))
    return {
        "metrics_classification": _ask(tickets, "result"),
        "metrics_cell": _ask(tickets, "examples", true="returns", predicted="billing"),
        "metrics_generation": _ask(dates, "result"),
        "metrics_examples": _ask(dates, "examples", correct=False),
        "metrics_hostile": _ask(Shown(hostile, hostile.compare(older)), "result"),
    }
