"""What an evaluation found: numbers with intervals, and the rows behind them."""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from modelops_jupyter import _documents, _format
from modelops_jupyter._display import Rich
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import columns, curves
from modelops_jupyter.evaluation.confusion import ClassReport, ConfusionMatrix
from modelops_jupyter.evaluation.examples import Examples, right_of
from modelops_jupyter.evaluation.forgetting import Retained
from modelops_jupyter.evaluation.metrics import CATALOGUE, Metric, Setting, from_spec, spec_of
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states import CountState, ScoreState
from modelops_jupyter.evaluation.table import Table
from modelops_jupyter.evaluation.tasks import Label, TaskType, task_of
from modelops_jupyter.evaluation.value import MetricValue

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset
    from modelops_jupyter.evaluation.compare import Comparison
    from modelops_jupyter.evaluation.gates import Gate, GateResult
    from modelops_jupyter.evaluation.multiplicity import SuiteComparison
    from modelops_jupyter.evaluation.slices import Slices
    from modelops_jupyter.evaluation.thresholds import Threshold
    from modelops_jupyter.evaluation.worst import WorstSlices

DOCUMENT = "evaluation-result"


class NoMetricError(EvaluationError, KeyError):
    """A result has no metric of this name."""


class EvaluationResult(Rich):
    """Metrics of one model on one set of rows, each with its interval.

    Evaluators make it; it can also be built by hand from numbers made elsewhere.

    Parameters
    ----------
    metrics
        Name → number, or `MetricValue`.
    task_type
        A `TaskType` or its name.
    sample_count
        Rows evaluated.
    metadata
        Anything JSON that should travel along.

    Examples
    --------
    >>> result = EvaluationResult({"accuracy": 0.9}, "binary", 200, {"model": "v1"})
    >>> result["accuracy"].n
    200
    """

    kind: ClassVar[str] = "metrics"

    def __init__(
        self,
        metrics: Mapping[str, float],
        task_type: str | TaskType,
        sample_count: int,
        metadata: Mapping[str, Any] | None = None,
        *,
        title: str = "",
        level: float = 0.95,
        skipped: int = 0,
        rows: Rows | None = None,
        used: Mapping[str, Metric] | None = None,
        setting: Setting | None = None,
        dataset: "Dataset | None" = None,
    ) -> None:
        self.task_type, self.sample_count = task_of(task_type), int(sample_count)
        self.metrics = {name: _valued(name, value, self.sample_count) for name, value in metrics.items()}
        self.metadata: dict[str, Any] = dict(metadata or {})
        self.title = title or self.task_type.value.replace("_", " ").capitalize()
        self.level, self.skipped = level, skipped
        self.rows, self.used, self.setting, self.dataset = (
            rows,
            dict(used or {}),
            setting or Setting(),
            dataset,
        )
        self.baselines: dict[str, EvaluationResult] = {}
        self.retained: tuple[Retained, ...] = ()
        self.remarks: list[str] = []

    def __getitem__(self, name: str) -> MetricValue:
        if name in self.metrics:
            return self.metrics[name]
        hint = did_you_mean(name, self.metrics)
        raise NoMetricError(f"There is no metric {name!r} in this result.", hint=hint)

    def __contains__(self, name: object) -> bool:
        return name in self.metrics

    def __iter__(self) -> Iterator[str]:
        return iter(self.metrics)

    def __len__(self) -> int:
        return len(self.metrics)

    @property
    def ids(self) -> tuple[str, ...] | None:
        """Identities of the rows, if they have any."""
        return None if self.rows is None else self.rows.ids

    @property
    def asked(self) -> bool:
        """Whether the numbers come from asking a model."""
        return self.dataset is not None or not {"dataset", "suite"}.isdisjoint(self.metadata)

    @property
    def notices(self) -> tuple[str, ...]:
        """What deserves a second look, in plain sentences."""
        left = f"{_format.plural(self.skipped, 'row')} left out." if self.skipped else None
        return tuple(filter(None, [left, *self.remarks, *(v.note for v in self.metrics.values())]))

    @cached_property
    def against_baselines(self) -> "SuiteComparison | None":
        """The first metric's paired difference to every baseline, corrected for their number (Holm)."""
        from modelops_jupyter.evaluation.multiplicity import compare_suite

        if not self.baselines:
            return None
        found = compare_suite(
            dict.fromkeys(self.baselines, self), self.baselines, metrics=list(self.metrics)[:1]
        )
        return found if len(found) else None

    @cached_property
    def confusion(self) -> ConfusionMatrix | None:
        """The confusion matrix, for classification."""
        if self.rows is None or self.task_type.takes != "labels":
            return None
        return ConfusionMatrix.from_state(CountState.empty(self.setting.labels).add(self.rows))

    def per_class(self) -> tuple[ClassReport, ...]:
        """Precision, recall and F1 of each class with intervals; empty without classes."""
        return () if self.confusion is None else self.confusion.per_class(self.level)

    def examples(
        self, true: Label | None = None, predicted: Label | None = None, correct: bool | None = None
    ) -> Examples:
        """Return the rows with this true and predicted value, or the right or wrong ones."""
        rows = self.need_rows("look at examples")
        chosen = np.ones(len(rows), dtype=np.bool_)
        for wanted, column in ((true, rows.y_true), (predicted, rows.y_pred)):
            if wanted is not None:
                chosen &= np.asarray(column == wanted, dtype=np.bool_)
        right = right_of(rows, self.task_type.takes, self.metrics.values())
        if correct is not None:
            if right is None:
                raise EvaluationError("Measured numbers are not right or wrong.", hint="Leave out correct=.")
            chosen &= right == correct
        scores = next((v.rows for v in self.metrics.values() if v.rows is not None), None)
        if scores is None and rows.scores is not None and rows.scores.ndim == 1:
            scores = rows.scores
        return Examples(np.flatnonzero(chosen), rows, right, scores, self.dataset)

    def curve(self, kind: str = "roc") -> curves.Curve:
        """Return the points of a curve with their band: "roc", "pr" or "calibration"."""
        state = ScoreState.empty(self.setting.labels).add(self.need_rows("draw a curve").counting())
        return curves.curve(state, kind, self.setting.positive_class, self.level)

    def threshold(self, *, cost_fp: float, cost_fn: float) -> "Threshold":
        """Find the score from which on a row is best called positive.

        Parameters
        ----------
        cost_fp, cost_fn
            What a false alarm and a miss cost, in any unit.

        Examples
        --------
        >>> from modelops_jupyter.evaluation import create_evaluator
        >>> scores = [i / 100 for i in range(100)]
        >>> truth = [int(s > 0.3) for s in scores]
        >>> result = create_evaluator("binary").evaluate(truth, truth, scores=scores)
        >>> result.threshold(cost_fp=1, cost_fn=5).value
        0.31
        """
        from modelops_jupyter.evaluation import thresholds

        return thresholds.threshold(self, cost_fp, cost_fn)

    def by(self, column: columns.Column, *, metric: str | None = None) -> "Slices":
        """Measure every part of the rows: by a field of the dataset, or by a value per row.

        Parameters
        ----------
        column
            A field, with dots for inner ones ("meta.topic"), one value per row, or those with a
            name: `{"topic": values}`. Numbers of which many differ are put into four groups of
            like size.
        metric
            By which the slices are ordered; the first by default.

        Raises
        ------
        EvaluationError
            If there is no such field, or a column has too many different values.
        """
        from modelops_jupyter.evaluation import slices

        return slices.by(self, column, metric)

    def worst_slices(
        self,
        columns: Mapping[str, Any] | Sequence[str] | None = None,
        *,
        metric: str | None = None,
        min_rows: int = 20,
        k: int = 5,
        seed: int = 0,
    ) -> "WorstSlices":
        """Search rules of one or two conditions for rows with more errors than the others.

        Every rule tried is paid for: p-values are corrected by permutation of the errors (with
        very many rows, or rows in clusters, by Holm), and intervals hold for the whole search.

        Parameters
        ----------
        columns
            Names of fields, or `{name: one value per row}`; left out, all plain fields of the
            dataset, the lengths of prompt and reference, and the truth.
        metric
            Whose errors; the first by default.
        min_rows
            Smaller slices are not looked at.
        k
            At most so many; each must stand out among the rows that those before it leave.
        """
        from modelops_jupyter.evaluation import worst

        return worst.search(self, columns, metric, min_rows, k, seed)

    def compare(self, before: "EvaluationResult") -> "Comparison":
        """Compare with an earlier result on the same rows: after (this one) minus before."""
        from modelops_jupyter.evaluation.compare import compare

        return compare(self, before)

    def check(self, gate: "Gate", before: "EvaluationResult | None" = None) -> "GateResult":
        """Check a gate: pass, fail or inconclusive."""
        return gate.check(self, before)

    def table(self) -> Table:
        """Return the metrics as a table that prints aligned."""
        rows = [
            [v.label, _format.number(v), v.interval_text, "" if v.n is None else _format.count(v.n), _how(v)]
            for v in self.metrics.values()
        ]
        head = ["metric", "value", f"{100 * self.level:g} % interval", "n", "method"]
        return Table(head, rows, left=(0, 4))

    def need_rows(self, purpose: str) -> Rows:
        """Return the rows, or say that a result built from numbers has none."""
        if self.rows is None:
            raise EvaluationError(
                f"This result was built from numbers and has no rows to {purpose}.",
                hint="Evaluate with ModelEvaluator, Evaluator or evaluate_model.",
            )
        return self.rows

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form, rows included, so that it can be compared later."""
        specs = {name: spec for name, metric in self.used.items() if (spec := spec_of(metric))}
        return {
            "kind": DOCUMENT,
            "schema": _documents.SCHEMA,
            "title": self.title,
            "task_type": self.task_type.value,
            "sample_count": self.sample_count,
            "level": self.level,
            "skipped": self.skipped,
            "metrics": {name: value.to_dict() for name, value in self.metrics.items()},
            "metadata": self.metadata,
            "setting": asdict(self.setting),
            "used": specs,
            "rows": None if self.rows is None else self.rows.to_dict(),
            # their prompts are those of the result
            "baselines": {name: _without_prompts(found).to_dict() for name, found in self.baselines.items()},
            "retained": [found.to_dict() for found in self.retained],
        }

    def to_json(self, path: str | Path | None = None) -> str:
        """Return the JSON text; with a path also write it there."""
        body = self.to_dict()
        if path is not None:
            _documents.dump(path, DOCUMENT, {k: v for k, v in body.items() if k not in ("kind", "schema")})
        return json.dumps(body, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave."""
        setting = dict(data["setting"])
        setting["labels"] = None if setting["labels"] is None else tuple(setting["labels"])
        self = cls(
            {name: MetricValue.from_dict(value) for name, value in data["metrics"].items()},
            data["task_type"],
            data["sample_count"],
            data["metadata"],
            title=data["title"],
            level=data["level"],
            skipped=data["skipped"],
            rows=None if data["rows"] is None else Rows.from_dict(data["rows"]),
            used={name: from_spec(spec) for name, spec in data["used"].items()},
            setting=Setting(**setting),
        )
        self.baselines = {name: cls.from_dict(found) for name, found in data.get("baselines", {}).items()}
        self.retained = tuple(Retained.from_dict(found) for found in data.get("retained", ()))
        return self

    @classmethod
    def from_json(cls, source: str | Path) -> Self:
        """Read JSON text or the file at a path."""
        if isinstance(source, str) and source.lstrip().startswith("{"):
            return cls.from_dict(json.loads(source))
        return cls.from_dict(_documents.load(source, DOCUMENT))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EvaluationResult) and self.to_dict() == other.to_dict()

    __hash__ = None  # pyright: ignore[reportAssignmentType]  # equal by content, so not hashable

    def __str__(self) -> str:
        head = f"{_format.visible(self.title)}: {_format.plural(self.sample_count, 'row')}"
        first = [str(self.against_baselines.short())] if self.against_baselines else []
        kept = [f"Retained. {found}" for found in self.retained]
        return "\n".join([head, *first, str(self.table()), *kept, *self.notices])

    def __repr__(self) -> str:
        return str(self)


def _without_prompts(result: EvaluationResult) -> EvaluationResult:
    slim = copy.copy(result)
    slim.rows = None if result.rows is None else replace(result.rows, prompts=None)
    return slim


def _valued(name: str, value: float, n: int) -> MetricValue:
    """Return the value with a label and a direction, also for a plain number."""
    if not isinstance(value, MetricValue):
        traits = CATALOGUE[name]().traits() if name in CATALOGUE else {}
        value = MetricValue(value, n=n, method="given", **traits)
    value.label = value.label or _format.visible(name.replace("_", " "))
    return value


def _how(value: MetricValue) -> str:
    if value.error:
        return f"error: {_format.visible(value.error)}"
    return value.method + (f"; undefined: {value.undefined}" if value.undefined else "")
