"""What the metrics explorer asks for in its page tests, answered from real evaluations.

The counts are those of the visual target: five classes, 2,400 rows, returns taken for billing 61 times.
"""

import math
from typing import Any

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.evaluation import EvaluationResult, Gate, MetricValue, create_evaluator, evaluate_model
from modelops_jupyter.evaluation.forgetting import Retained
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import answer
from modelops_jupyter.wire.shown import Shown

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


def _spam() -> tuple[EvaluationResult, EvaluationResult]:
    """Return a filter with scores that is bad at Polish, and an earlier one; 600 rows."""
    truth = [k % 3 == 0 for k in range(600)]
    language = [("en", "de", "pl")[k // 7 % 3] for k in range(600)]
    noise = [((k * 7919) % 601) / 601 - 0.5 for k in range(600)]
    hard = [2.2 if name == "pl" else 0.9 for name in language]
    scores = [
        round(min(0.999, max(0.001, 0.5 + 0.28 * (1 if t else -1) + n * w * 0.8)), 3)
        for t, n, w in zip(truth, noise, hard, strict=True)
    ]
    rows = [{"text": f"mail {k}", "language": name} for k, name in enumerate(language)]
    words = ["spam" if t else "ham" for t in truth]
    ids = [f"m{k}" for k in range(600)]

    def called(shift: float) -> EvaluationResult:
        said = ["spam" if s + shift * (k % 4 == 0) >= 0.5 else "ham" for k, s in enumerate(scores)]
        found = evaluator.evaluate(words, said, scores=scores, ids=ids)
        found.dataset = Dataset(rows)
        return found

    evaluator = create_evaluator("binary", ["accuracy", "recall", "precision"], positive_class="spam")
    after, before = called(0.0), called(0.2)
    after.title, before.title = "spam v2", "spam v1"
    return after, before


def _houses(rows: int) -> EvaluationResult:
    """Return predicted prices that are too low for large ones."""
    truth = [50 + (k * 37) % 400 for k in range(rows)]
    said = [t * 0.94 + ((k * 7919) % 211) / 6 - 10 for k, t in enumerate(truth)]
    found = create_evaluator("regression", ["rmse", "mae", "r2"]).evaluate(truth, said)
    found.title = "prices"
    return found


def _ask(shown: Shown, op: str, **args: Any) -> Any:
    context = Context(resolve_result=lambda _: shown)
    reply = answer({"v": 1, "id": "1", "op": op, "args": {"result": "r1", **args}}, context)
    assert reply["ok"], reply
    return reply["result"]


def shown() -> dict[str, Shown]:
    """Return what the views of the page tests show, by name."""
    after, before = _tickets(CLASSES, "ticket-triage v7")
    tickets = Shown(after, after.compare(before))
    after.metrics["auc_roc"] = _undefined()
    majority = create_evaluator("multiclass", METRICS).evaluate(
        after.need_rows("test").y_true, ["billing"] * 2400, ids=after.ids
    )
    after.baselines = {"base model": before, "majority answer": majority}
    after.retained = (
        Retained(
            "Loss on neutral text", "2.310 [2.214, 2.406]", "2.388 [2.290, 2.486]", 80, 0.078, 0.031, 0.125,
            0.0014, "worse",
        ),
        Retained(
            "Exact match on sums", "0.950 [0.888, 0.978]", "0.940 [0.875, 0.972]", 100, -0.01, -0.05, 0.03,
            0.62, "no difference shown",
        ),
    )  # fmt: skip
    hostile, older = _tickets([f"{HOSTILE} {k}" for k in range(5)], HOSTILE)
    new, old = _dates()
    spam, spam_before = _spam()
    judged = spam.check(Gate("accuracy", max_drop=0.01, min_value=0.8), spam_before)
    return {
        "classification": tickets,
        "generation": Shown(new, new.compare(old)),
        "hostile": Shown(hostile, hostile.compare(older)),
        "binary": Shown(spam, spam.compare(spam_before), judged),
        "regression": Shown(_houses(400)),
    }


def scenes() -> dict[str, Any]:
    """Return every answer by the name of its fixture."""
    views = shown()
    tickets, mails, houses = (views[name] for name in ("classification", "binary", "regression"))
    curves, slices, residuals = _ask(mails, "curves"), _ask(mails, "slices"), _ask(houses, "residuals")
    scores = next(b for b in reversed(curves["calibration"]["bins"]) if b["n"])
    bins = {"score": (mails, scores), "error": (houses, residuals["bins"][2])}
    low, name = curves["threshold"][curves["cheapest"]], slices["rows"][0]["label"]
    return {
        **{f"metrics_{name}": _ask(view, "result") for name, view in views.items()},
        "metrics_binary_moved": _ask(mails, "result", threshold=low),
        "metrics_curves": curves,
        "metrics_curves_costly": _ask(mails, "curves", positive=curves["positive"], cost_fp=1, cost_fn=5),
        **{
            f"metrics_{of}_bin": _ask(
                view, "examples", bin={"of": of, "low": b["low"], "high": b["high"]}, stop=10
            )
            for of, (view, b) in bins.items()
        },
        "metrics_slices": slices,
        "metrics_slices_by": _ask(mails, "slices", by="language"),
        "metrics_slice_rows": _ask(mails, "examples", slice={"by": "", "name": name}, stop=10),
        "metrics_residuals": residuals,
        "metrics_dense": _ask(Shown(_houses(6000)), "residuals"),
        "metrics_cell": _ask(tickets, "examples", true="returns", predicted="billing"),
        "metrics_examples": _ask(views["generation"], "examples", correct=False),
    }
