"""Run a suite: ask, keep what was answered, score."""

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from modelops_jupyter import _aio
from modelops_jupyter.errors import ConfigError, ModelOpsError
from modelops_jupyter.evaluation.arrays import Array, objects
from modelops_jupyter.evaluation.calls import Answer, Calls
from modelops_jupyter.evaluation.evaluator import ModelEvaluator
from modelops_jupyter.evaluation.metrics import metric_of
from modelops_jupyter.evaluation.metrics.rowwise import mean_of
from modelops_jupyter.evaluation.result import EvaluationResult
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.scorers import Exact, Scorer
from modelops_jupyter.evaluation.scorers.base import item_means
from modelops_jupyter.evaluation.suites.case import BenchmarkCase
from modelops_jupyter.evaluation.suites.result import CaseRun, SuiteResult
from modelops_jupyter.evaluation.suites.store import RunStore
from modelops_jupyter.evaluation.tasks import TaskType
from modelops_jupyter.evaluation.value import MetricValue

if TYPE_CHECKING:
    from modelops_jupyter.evaluation.suites.suite import BenchmarkSuite

Key = tuple[str, int]  # case and repeat
Scorers = Sequence[Any] | Mapping[str, Any] | Any
PARTIAL = "of a run that broke off"


class CaseChecks(Scorer):
    """1 if every check of the case itself gives 1; NaN for a case without checks."""

    kind = "checks"


class _ScorerFailedError(Exception):
    """A metric that reported its own failure."""


@dataclass
class Run:
    """One run while it goes on."""

    suite: "BenchmarkSuite"
    head: dict[str, Any]
    repeats: int
    answers: dict[Key, Answer]
    interrupted: bool = False

    def ask(self, calls: Calls, store: RunStore) -> None:
        """Ask what has no answer yet; Ctrl-C ends it and keeps what is there."""
        prompts = {(c.id, r): c.prompt for r in range(self.repeats) for c in self.suite.cases}
        waiting = {key: prompt for key, prompt in prompts.items() if key not in self.answers}

        def done(key: Key, answer: Answer) -> None:
            if self.interrupted:
                return  # the file may be closed, and the result is out
            record = {"case": key[0], "repeat": key[1], "output": answer.text, "error": answer.error}
            store.append(record | {"attempts": answer.attempts, "seconds": round(answer.seconds, 3)})
            self.answers[key] = answer

        try:
            _aio.run(calls.all(waiting, done))
        except KeyboardInterrupt:
            self.interrupted = True

    def result(self, scorers: Scorers, level: float) -> SuiteResult:
        """Score what was answered."""
        answers = dict(self.answers)
        tables: dict[str, Array] = {}
        values: dict[str, MetricValue] = {}
        for name, scorer in named(scorers, self.suite).items():
            tables[name], values[name] = self._scored(name, scorer, answers, level)
        keys = self._keys()
        runs = tuple(
            _case_run(key, answers[key], {name: float(t.flat[i]) for name, t in tables.items()})
            for i, key in enumerate(keys)
            if key in answers
        )
        planned = len(keys)
        if len(runs) < planned:
            for value in values.values():
                value.caveat = ", ".join(filter(None, [value.caveat, PARTIAL]))
        result = self._evaluation(values, answers, level)
        return SuiteResult(result, runs, head=self.head, planned=planned)

    def _keys(self) -> list[Key]:
        return [(c.id, r) for c in self.suite.cases for r in range(self.repeats)]

    def _scored(
        self, name: str, scorer: Any, answers: Mapping[Key, Answer], level: float
    ) -> tuple[Array, MetricValue]:
        """Return the scores (cases × repeats) and their mean; a scorer that raises gives NaN and says so."""
        keys, cases, error = self._keys(), {c.id: c for c in self.suite.cases}, None
        scores = np.array([_worst(scorer) if key in answers else math.nan for key in keys])
        said = [answers[key].text if key in answers else None for key in keys]
        there = [i for i, text in enumerate(said) if text is not None]
        try:
            if self.interrupted and getattr(scorer, "calls_out", False):
                raise KeyboardInterrupt
            asked = [cases[keys[i][0]] for i in there]
            scores[there] = rows_of(scorer, asked, [str(said[i]) for i in there]) if there else []
        except KeyboardInterrupt:  # verdicts that came are in the judge's cache
            self.interrupted, error = True, "interrupted"
            scores[there] = math.nan
        except ModelOpsError:
            raise
        except Exception as raised:  # a user's scorer may raise anything; it is reported as data
            known = isinstance(raised, _ScorerFailedError)
            error = str(raised) if known else f"{type(raised).__name__}: {raised}"
            scores[:] = math.nan
        table = scores.reshape(-1, self.repeats)
        if error:
            value = MetricValue(math.nan, error=error)
        elif isinstance(scorer, Scorer):
            value = scorer.measured(table, level)
        else:
            value = mean_of(item_means(table), level)
        value.greater_is_better = getattr(scorer, "greater_is_better", True)
        value.label = name.replace("_", " ")
        return table, value

    def _evaluation(
        self, values: dict[str, MetricValue], answers: Mapping[Key, Answer], level: float
    ) -> EvaluationResult:
        cases = self.suite.cases
        said = [a.text or "" if (a := answers.get((c.id, 0))) else "" for c in cases]
        rows = Rows(
            objects([c.reference for c in cases]),
            objects(said),
            ids=tuple(c.id for c in cases),
            prompts=tuple(c.prompt for c in cases),
        )
        title = " on ".join(filter(None, [self.head["model"], f"{self.suite.name} {self.suite.version}"]))
        options: dict[str, Any] = {"metadata": self.head, "title": title, "level": level, "rows": rows}
        return EvaluationResult(values, TaskType.GENERATION, len(cases), **options)


def run(
    suite: "BenchmarkSuite", calls: Calls, scorers: Scorers, repeats: int, run_id: str | None, level: float
) -> SuiteResult:
    """Ask, keep and score; see `BenchmarkSuite.run`."""
    model = calls.ask
    if not callable(model):
        raise ConfigError(
            f"A {type(model).__name__} cannot be asked one prompt at a time.",
            hint="Pass a function of one prompt, such as lambda prompt: model.generate([prompt])[0].",
        )
    if repeats < 1:
        raise ConfigError(f"repeats is {repeats}; at least one answer is needed.")
    for scorer in named(scorers, suite).values():
        _rehearse(scorer, suite.cases)
    head = {
        "run_id": run_id or f"{suite.name[:60]}-{secrets.token_hex(4)}".replace(" ", "-"),
        "suite": suite.name,
        "version": suite.version,
        "fingerprint": suite.fingerprint,
        "model": _model_name(model),
        "repeats": repeats,
    }
    fixed = {k: head[k] for k in ("suite", "version", "fingerprint", "model")}
    with RunStore(str(head["run_id"]), fixed) as store:
        finished = {(r["case"], r["repeat"]): r for r in store.records if r["error"] is None}
        answers = {key: Answer(r["output"], None, r["attempts"], r["seconds"]) for key, r in finished.items()}
        going = Run(suite, head, repeats, answers)
        going.ask(calls, store)
    return going.result(scorers, level)


def named(scorers: Scorers, suite: "BenchmarkSuite") -> dict[str, Any]:
    """Return name → scorer or metric; by default the cases' own checks, else exact match."""
    if scorers is None:
        scorers = CaseChecks() if any(c.checks for c in suite.cases) else Exact()
    if isinstance(scorers, Mapping):
        return {name: _usable(s) for name, s in cast("Mapping[str, Any]", scorers).items()}
    many = cast("list[Any]", scorers) if isinstance(scorers, list | tuple) else [scorers]
    found = [_usable(s) for s in many]
    names = [s.name for s in found]
    if len(set(names)) < len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise ConfigError(f"Two scorers are called {twice!r}.", hint="Name them: scorers={'name': scorer}.")
    return dict(zip(names, found, strict=True))


def _rehearse(scorer: Any, cases: Sequence[BenchmarkCase]) -> None:
    """Score empty answers: a missing reference or library is said before anything is paid."""
    if isinstance(scorer, Scorer) and not scorer.calls_out:
        try:
            rows_of(scorer, cases, [""] * len(cases))
        except ModelOpsError:
            raise
        except Exception:  # noqa: S110  # a user's scorer on an answer that nobody gave
            pass


def rows_of(scorer: Any, cases: Sequence[BenchmarkCase], texts: Sequence[str]) -> Array:
    """Score answers, each beside its case."""
    if isinstance(scorer, CaseChecks):
        pairs = zip(cases, texts, strict=True)
        return np.array([_checked(c, t) if c.checks else math.nan for c, t in pairs], dtype=np.float64)
    if isinstance(scorer, Scorer):
        return scorer.rows(texts, [c.expected for c in cases], [c.prompt for c in cases])
    value = ModelEvaluator(TaskType.GENERATION, [scorer]).evaluate([c.reference for c in cases], texts)
    found = value[scorer.name]
    if found.error or found.rows is None:
        raise _ScorerFailedError(found.error or "it gives one number for all, and each answer needs its own")
    return found.rows


def _case_run(key: Key, answer: Answer, scores: Mapping[str, float]) -> CaseRun:
    found = {name: None if math.isnan(s) else s for name, s in scores.items()}
    return CaseRun(*key, answer.text, answer.error, answer.attempts, answer.seconds, found)


def _checked(case: BenchmarkCase, text: str) -> float:
    return float(all(check.score(text, case.expected) >= 1 for check in case.checks))


def _usable(scorer: Any) -> Any:
    return scorer if isinstance(scorer, Scorer) else metric_of(scorer)


def _worst(scorer: Any) -> float:
    """What an answer that never came is worth: never a pass, and not left out."""
    if isinstance(scorer, Scorer):
        return scorer.worst
    low, high = scorer.bounds
    if scorer.greater_is_better:
        return low if math.isfinite(low) else 0.0
    return high if scorer.greater_is_better is False and math.isfinite(high) else math.nan


def _model_name(model: Any) -> str:
    """Return what an endpoint calls its model, a function's name, or a class's."""
    found = (getattr(model, attribute, None) for attribute in ("model", "name", "__qualname__"))
    return next((n for n in found if isinstance(n, str)), type(model).__qualname__)
