"""What a suite found, case by case."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from modelops_jupyter import _documents, _format
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.compare import Comparison
from modelops_jupyter.evaluation.result import EvaluationResult
from modelops_jupyter.evaluation.suites.repeats import VarianceSplit, pass_at, variance_split
from modelops_jupyter.evaluation.table import Finding, Table
from modelops_jupyter.evaluation.value import MetricValue

if TYPE_CHECKING:
    from modelops_jupyter.evaluation.gates import Gate, GateResult


@dataclass(frozen=True, slots=True)
class CaseRun:
    """One answer to one case.

    Attributes
    ----------
    case, repeat
        Which case, and which of its repeats, from 0.
    output, error
        The answer, or why there is none.
    attempts, seconds
        Tries, and how long they took together.
    scores
        Metric → score; an error has the worst score, a judge without a verdict none.
    """

    case: str
    repeat: int
    output: str | None
    error: str | None
    attempts: int
    seconds: float
    scores: dict[str, float | None]


class SuiteResult(Finding):
    """Metrics of a run, each over cases (repeats averaged first), and the answers behind them.

    Attributes
    ----------
    evaluation
        The metrics as an `EvaluationResult`, for tables, plots and gates.
    runs
        One `CaseRun` per answer.
    run_id, suite, version, model, repeats
        What was run.
    planned
        Calls that the whole run has; `complete` tells whether all were made.
    """

    kind: ClassVar[str] = "suite"
    document: ClassVar[str] = "suite-result"
    asked = True

    def __init__(
        self,
        evaluation: EvaluationResult,
        runs: tuple[CaseRun, ...],
        *,
        head: Mapping[str, Any],
        planned: int,
    ) -> None:
        self.evaluation, self.runs, self.head, self.planned = evaluation, runs, dict(head), planned
        self.run_id, self.suite, self.version = (str(head[k]) for k in ("run_id", "suite", "version"))
        self.model, self.repeats = str(head["model"]), int(head["repeats"])

    @property
    def metrics(self) -> dict[str, MetricValue]:
        """All metrics by name."""
        return self.evaluation.metrics

    def __getitem__(self, name: str) -> MetricValue:
        return self.evaluation[name]

    def __iter__(self) -> Iterator[CaseRun]:
        return iter(self.runs)

    def __len__(self) -> int:
        return len(self.runs)

    @property
    def complete(self) -> bool:
        """Whether every call was made."""
        return len(self.runs) == self.planned

    @property
    def errors(self) -> tuple[CaseRun, ...]:
        """Calls that gave no answer."""
        return tuple(r for r in self.runs if r.error is not None)

    def scores(self, metric: str | None = None) -> Array:
        """Return scores of one metric (the first if None) as cases × repeats; NaN where there is none."""
        name, ids = self._name(metric), self._places
        table = np.full((len(ids), self.repeats), np.nan)
        for run in self.runs:
            score = run.scores.get(name)
            table[ids[run.case], run.repeat] = math.nan if score is None else score
        return table

    def pass_at(self, k: int, metric: str | None = None, *, at: float = 1.0) -> MetricValue:
        """Return pass@k: the chance that at least one of k answers passes, with its interval over cases.

        Parameters
        ----------
        at
            The score from which an answer passes.
        """
        return pass_at(self._passed(metric, at), k, every=False, level=self.evaluation.level)

    def pass_all(self, k: int, metric: str | None = None, *, at: float = 1.0) -> MetricValue:
        """Return pass^k: the chance that all of k answers pass."""
        return pass_at(self._passed(metric, at), k, every=True, level=self.evaluation.level)

    def flaky(self, metric: str | None = None, *, at: float = 1.0) -> tuple[str, ...]:
        """Return the cases that pass in some repeats and fail in others."""
        passed = self._passed(metric, at)
        mixed = (passed == 1).any(axis=1) & (passed == 0).any(axis=1)
        return tuple(case for case, place in self._places.items() if mixed[place])

    def variance(self, metric: str | None = None) -> VarianceSplit:
        """Return how much of the scatter is between cases and how much between repeats."""
        return variance_split(self.scores(metric))

    def compare(self, before: "SuiteResult") -> Comparison:
        """Compare with an earlier run of the same cases, paired by case: this one minus before."""
        if self.head["fingerprint"] != before.head["fingerprint"]:
            raise EvaluationError(
                f"{self.suite} {self.version} and {before.suite} {before.version} have different cases.",
                hint="Run both on one version of the suite.",
            )
        return self.evaluation.compare(before.evaluation)

    def check(self, gate: "Gate", before: "SuiteResult | None" = None) -> "GateResult":
        """Check a gate; a run that broke off and an uncalibrated judge are refused."""
        return gate.check(self.evaluation, None if before is None else before.evaluation)

    @property
    def notices(self) -> tuple[str, ...]:
        """What deserves a second look."""
        missing, failed = self.planned - len(self.runs), self.errors
        found = [f"{_format.plural(missing, 'call')} of {_format.count(self.planned)} not made."]
        found = found if missing else []
        if failed:
            said = f"first case {failed[0].case!r}: {_format.visible(str(failed[0].error))}"
            calls = _format.plural(len(failed), "call")
            found.append(f"{calls} gave no answer and count as wrong, {said}")
        flaky = self.flaky() if self.repeats > 1 and self.metrics else ()
        if flaky:
            some = _format.plural(len(flaky), "case passes", "cases pass")
            found.append(f"{some} in some repeats only, first {flaky[0]!r}.")
        return (*found, *self.evaluation.notices)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        parts = {"runs": [asdict(r) for r in self.runs], "evaluation": self.evaluation.to_dict()}
        return {"head": self.head, "planned": self.planned, **parts}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave."""
        runs = tuple(CaseRun(**r) for r in data["runs"])
        evaluation = EvaluationResult.from_dict(data["evaluation"])
        return cls(evaluation, runs, head=data["head"], planned=data["planned"])

    @classmethod
    def from_json(cls, path: str | Path) -> Self:
        """Read what `to_json` wrote."""
        return cls.from_dict(_documents.load(path, cls.document))

    @property
    def title(self) -> str:
        """Which model on which suite, and how much of it."""
        cases, repeats = _format.plural(len(self._places), "case"), _format.plural(self.repeats, "repeat")
        return f"{_format.visible(self.evaluation.title)}: {cases}, {repeats}"

    def table(self) -> Table:
        """Return the metrics as a table that prints aligned."""
        return self.evaluation.table()

    def __str__(self) -> str:
        return f"{self.title}\n{self.body}"

    @cached_property
    def _places(self) -> dict[str, int]:
        return {case: i for i, case in enumerate(self.evaluation.ids or ())}

    def _name(self, metric: str | None) -> str:
        if metric is None:
            return next(iter(self.metrics))
        _ = self.evaluation[metric]  # says which metrics there are
        return metric

    def _passed(self, metric: str | None, at: float) -> Array:
        scores = self.scores(metric)
        good = scores >= at if self[self._name(metric)].greater_is_better else scores <= at
        return np.where(np.isnan(scores), np.nan, good.astype(np.float64))
