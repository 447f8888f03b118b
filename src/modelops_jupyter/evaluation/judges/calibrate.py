"""How far a judge agrees with people, and what its scores are worth."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np

from modelops_jupyter import _documents, _format
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import intervals
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.judges.powered import powered
from modelops_jupyter.evaluation.metrics.counted import KappaMetric
from modelops_jupyter.evaluation.metrics.rowwise import RowMetric
from modelops_jupyter.evaluation.scorers.base import item_means
from modelops_jupyter.evaluation.states import MeanState
from modelops_jupyter.evaluation.table import Finding, Table
from modelops_jupyter.evaluation.value import MetricValue

if TYPE_CHECKING:
    from modelops_jupyter.evaluation.judges.base import Judge, Verdict

LEAST = 30  # labels; with fewer no interval is worth its name
_OTHER = 3.29  # normal quantile of p = 0.001: verdicts so different come from other answers
_LABELS = {"pass": 1.0, "fail": 0.0, "win": 1.0, "tie": 0.5, "loss": 0.0}
_PARTS = ("agreement", "kappa", "base_rate", "sensitivity", "specificity", "position_bias", "length_bias")


@dataclass(frozen=True, repr=False)
class Calibration(Finding):
    """A judge beside your labels; it prints as a table.

    Attributes
    ----------
    judge
        Identity of the judge that was compared.
    n, unreadable, failed
        Labels that count; replies that could not be read; calls that failed.
    agreement, kappa
        Share of equal verdicts, and the share beyond chance. With a base rate near 0 or 1 a high
        agreement means little.
    base_rate
        Mean of your labels.
    sensitivity, specificity
        Share of your passes (wins) that the judge passes, and of your fails (losses) that it fails.
    position_bias
        For pairs: how much more often than the second the first place wins; 0 is fair.
    length_bias
        How much more the judge favours the longer half of the answers than you do; 0 is fair.
    counts
        (judge's score, your score, how many).
    values
        All scores that a verdict can be.
    """

    judge: str
    n: int
    unreadable: int
    failed: int
    agreement: MetricValue
    kappa: MetricValue
    base_rate: MetricValue
    sensitivity: MetricValue
    specificity: MetricValue
    position_bias: MetricValue | None
    length_bias: MetricValue
    counts: tuple[tuple[float, float, int], ...]
    values: tuple[float, ...]
    kind: ClassVar[str] = "calibration"
    document: ClassVar[str] = "judge-calibration"
    asked = True

    @property
    def title(self) -> str:
        """What is compared with how many labels."""
        return f"Judge against {_format.plural(self.n, 'label')}"

    @property
    def notices(self) -> tuple[str, ...]:
        """Replies that do not count."""
        lost = ((self.unreadable, "could not be read"), (self.failed, "never came"))
        return tuple(f"{_format.plural(k, 'reply', 'replies')} {w} and do not count." for k, w in lost if k)

    @property
    def parts(self) -> dict[str, MetricValue]:
        """The numbers by name, those that there are."""
        return {k.replace("_", " "): v for k in _PARTS if (v := getattr(self, k)) is not None}

    def table(self) -> Table:
        """Return each number with its interval."""
        rows = [
            [name, _format.number(v), v.interval_text, _format.count(v.n or 0)]
            for name, v in self.parts.items()
        ]
        return Table(["", "value", "95 % interval", "n"], rows)

    def corrected(self, scores: Array, plain: MetricValue, level: float = 0.95) -> MetricValue:
        """Return the prediction-powered mean of a judge's scores (items, or items × samples)."""
        items, flat = item_means(scores), scores[~np.isnan(scores)]
        items = items[~np.isnan(items)]
        scale = _effective(items, flat) / len(flat)
        counts = {
            float(v): float(c) * scale for v, c in zip(*np.unique(flat, return_counts=True), strict=True)
        }
        labels = {(v, y): c for v, y, c in self.counts}
        mean, (low, high, method) = powered(counts, labels, self.values, level)
        details = {k: getattr(plain, k) for k in ("n", "note", "rows", "skipped", "bounds", "label")}
        fits = self._fits(counts)
        return MetricValue(
            mean,
            low=low,
            high=high,
            method=f"{method}, {self.n} labels",
            caveat=None if fits else "calibrated on answers unlike these",
            **details,
        )

    def _fits(self, counts: Mapping[float, float]) -> bool:
        """Tell whether the judge's verdicts here are like those on the labelled answers."""
        here = _moments(counts)
        labelled = {v: float(sum(c for w, _, c in self.counts if w == v)) for v in self.values}
        there = _moments(labelled)
        gap = abs(here[0] - there[0])
        both = {v: counts.get(v, 0.0) + c for v, c in labelled.items()}
        return gap <= _OTHER * math.sqrt(_moments(both)[1] * (1 / here[2] + 1 / there[2])) + 1e-12

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        plain = {k: v for k, v in vars(self).items() if k not in _PARTS}
        parts = {k: v if (v := getattr(self, k)) is None else v.to_dict() for k in _PARTS}
        return plain | parts | {"counts": [list(row) for row in self.counts], "values": list(self.values)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave."""
        parts: dict[str, Any] = {k: data[k] and MetricValue.from_dict(data[k]) for k in _PARTS}
        parts |= {"counts": tuple((v, y, c) for v, y, c in data["counts"]), "values": tuple(data["values"])}
        return cls(**{**data, **parts})

    @classmethod
    def from_json(cls, path: str | Path) -> Self:
        """Read what `to_json` wrote; `judge.calibration = Calibration.from_json(path)` puts it back."""
        return cls.from_dict(_documents.load(path, cls.document))

    def __str__(self) -> str:
        return f"{self.title}\n{self.body}"


def read_labels(labelled: Iterable[Any], words: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return rows with output, reference, input and label as a number."""
    allowed = set(words.values())
    rows: list[dict[str, Any]] = []
    for i, item in enumerate(labelled):
        row = dict(cast("Mapping[str, Any]", item)) if isinstance(item, Mapping) else asdict(item)
        label: Any = row.get("label")
        number = _LABELS.get(label.strip().lower()) if isinstance(label, str) else label
        if (
            not isinstance(row.get("output"), str)
            or not isinstance(number, int | float)
            or number not in allowed
        ):
            names = [w for w, v in _LABELS.items() if v in allowed and (w in words or len(allowed) > 2)]
            raise EvaluationError(
                f"Label {i} cannot be read: output {row.get('output')!r}, label {label!r}.",
                hint=f"Each needs an output and a label: {', '.join(names)}, or {sorted(allowed)}.",
            )
        rows.append({"reference": None, "input": None, **row, "label": float(number)})
    return rows


def calibration_of(
    judge: "Judge", rows: Sequence[Mapping[str, Any]], verdicts: "Sequence[Verdict]"
) -> Calibration:
    """Compare verdicts with labels."""
    kept = [(row, v) for row, v in zip(rows, verdicts, strict=True) if v.error is None]
    unreadable = sum(v.unreadable for v in verdicts)
    failed = len(rows) - len(kept) - unreadable
    label = np.array([row["label"] for row, _ in kept], dtype=np.float64)
    said = np.array([v.score for _, v in kept], dtype=np.float64)
    if len(kept) < LEAST:
        lost = (
            f" ({unreadable} replies could not be read, {failed} never came)" if unreadable + failed else ""
        )
        raise EvaluationError(
            f"A judge is calibrated with {LEAST} labels or more; {len(kept)} count{lost}.",
            code="too-few-labels",
            hint="Label more answers, drawn at random; 100 to 200 make useful intervals.",
        )
    if len(set(label.tolist())) < 2:
        raise EvaluationError(
            f"All {len(kept)} labels are the same: nothing can be learned about the judge's other verdict.",
            code="one-class",
            hint="Label more answers, drawn at random, until both kinds are there.",
        )
    lengths = np.array([len(row["output"]) - len(_text(row, judge)) for row, _ in kept])
    slots = [slot for _, v in kept for slot in v.slots]
    seen = Counter(zip(said.tolist(), label.tolist(), strict=True))
    return Calibration(
        judge=judge.identity,
        n=len(kept),
        unreadable=unreadable,
        failed=failed,
        agreement=_mean(said == label),
        kappa=_kappa(label, said),
        base_rate=_mean(label),
        sensitivity=_mean(said[label == 1] == 1),
        specificity=_mean(said[label == 0] == 0),
        position_bias=_position(slots) if slots else None,
        length_bias=_length(said - label, lengths),
        counts=tuple((v, y, c) for (v, y), c in sorted(seen.items())),
        values=tuple(sorted(judge.words.values())),
    )


def _text(row: Mapping[str, Any], judge: "Judge") -> str:
    """Return what the answer's length is held against: the other answer of a pair."""
    return str(row["reference"]) if len(judge.words) > 2 else ""


def _mean(values: Array) -> MetricValue:
    return RowMetric().measure(MeanState.empty().add(values.astype(np.float64)))


def _kappa(label: Array, said: Array) -> MetricValue:
    from modelops_jupyter.evaluation.evaluator import ModelEvaluator

    true, judged = ([f"{v:g}" for v in side] for side in (label.tolist(), said.tolist()))
    return ModelEvaluator("multiclass", [KappaMetric()]).evaluate(true, judged)["kappa"]


def _position(slots: Sequence[str]) -> MetricValue:
    """Wins of the first place minus wins of the second, over all questions.

    Asked in both orders, a fair judge gives each place as many: every pair counts once.
    """
    points = np.array([{"first": 1.0, "second": -1.0, "tie": 0.0}[s] for s in slots]).reshape(-1, 2)
    return _mean(points.mean(axis=1))


def _length(favour: Array, lengths: Array) -> MetricValue:
    """Judge minus you, in the longer half minus in the shorter (Welch's t)."""
    long = lengths > np.median(lengths)
    halves = [favour[long], favour[~long]]
    sizes = [len(h) for h in halves]
    if min(sizes) < 2:
        return MetricValue(math.nan, n=len(favour), undefined="the answers are of one length")
    means, parts = [float(h.mean()) for h in halves], [float(h.var(ddof=1)) / len(h) for h in halves]
    gap, error = means[0] - means[1], math.sqrt(sum(parts))
    below = sum(p * p / (n - 1) for p, n in zip(parts, sizes, strict=True))
    half = intervals.t_quantile(0.95, sum(parts) ** 2 / below) * error if below else 0.0
    return MetricValue(gap, low=gap - half, high=gap + half, n=len(favour), method="Welch's t")


def _moments(counts: Mapping[float, float]) -> tuple[float, float, float]:
    """Mean, variance and size of counted scores."""
    size = sum(counts.values())
    mean = sum(v * c for v, c in counts.items()) / size
    return mean, sum(c * (v - mean) ** 2 for v, c in counts.items()) / size, size


def _effective(items: Array, flat: Array) -> float:
    """Answers that carry the same information, if several are samples of one item."""
    if len(items) == len(flat):
        return float(len(flat))
    between = float(items.var(ddof=1)) if len(items) > 1 else 0.0
    return min(float(len(flat)), len(items) * float(flat.var()) / between) if between else float(len(items))
