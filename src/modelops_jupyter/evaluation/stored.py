"""The part of a saved result that lets it be compared and looked into later."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from modelops_jupyter.evaluation.metrics import Metric, Setting, from_spec, kind_of
from modelops_jupyter.evaluation.rows import Rows, as_array
from modelops_jupyter.evaluation.states import CountState, MomentState, ScoreState
from modelops_jupyter.evaluation.tasks import Auto

_STATES = {"CountState": CountState, "MomentState": MomentState, "ScoreState": ScoreState}
_ARRAYS = ("y_true", "y_pred", "scores", "weights")
_LISTS = ("ids", "prompts", "outputs")


def dump(
    rows: Rows | None, states: Mapping[str, Any], specs: Mapping[str, Metric], setting: Setting
) -> dict[str, Any]:
    """Return rows, settings and metrics as JSON; states are made again from the rows."""
    positive = setting.positive_class
    return {
        "labels": None if setting.labels is None else list(setting.labels),
        "positive_class": None if isinstance(positive, Auto) else positive,
        "average": setting.average,
        "specs": {n: {"metric": kind_of(m), "settings": m.spec()} for n, m in specs.items() if kind_of(m)},
        "states": [name for name in states if name in _STATES] if rows is not None else [],
        "rows": None if rows is None else _rows(rows),
    }


def load(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments of `EvaluationResult` that `dump` wrote."""
    labels = data["labels"]
    setting = Setting(None if labels is None else tuple(labels), data["positive_class"], data["average"])
    found = {name: from_spec(s["metric"], s["settings"]) for name, s in data["specs"].items()}
    stored = data["rows"]
    rows = None
    if stored is not None:
        arrays = {k: None if stored[k] is None else _array(k, stored[k]) for k in _ARRAYS}
        lists = {k: None if stored[k] is None else tuple(stored[k]) for k in _LISTS}
        rows = Rows(**arrays, **lists)  # pyright: ignore[reportArgumentType]  # y_true, y_pred are never null
    return {
        "rows": rows,
        "states": {} if rows is None else {name: _filled(name, rows, setting) for name in data["states"]},
        "specs": {name: metric for name, metric in found.items() if metric is not None},
        "setting": setting,
    }


def _filled(name: str, rows: Rows, setting: Setting) -> Any:
    if name == "MomentState":
        return MomentState.empty().add(rows)
    return _STATES[name].empty(setting.labels).add(rows)  # pyright: ignore[reportCallIssue]  # both take labels


def _rows(rows: Rows) -> dict[str, Any]:
    arrays = {k: getattr(rows, k) for k in _ARRAYS}
    return {
        **{k: None if a is None else _finite(a) for k, a in arrays.items()},
        **{k: None if (v := getattr(rows, k)) is None else list(v) for k in _LISTS},
    }


def _finite(array: Any) -> list[Any]:
    """JSON has no infinity; scores may have, so they are written as text."""
    if array.dtype == np.float64 and np.isinf(array).any():
        return np.where(np.isinf(array), array.astype(str), array.astype(object)).tolist()
    return array.tolist()


def _array(name: str, values: list[Any]) -> Any:
    return np.array(values, np.float64) if name in ("scores", "weights") else as_array(values)
