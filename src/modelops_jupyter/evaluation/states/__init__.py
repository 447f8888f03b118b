"""Mergeable summaries of rows: each metric names the one it needs, each is filled once.

Every state has `empty()`, `add(rows)`, `merge(other)`, `to_dict()` and `from_dict()`.
Merging is associative and exact for integers, so parts of a file, slices, or machines of a
cluster can be counted apart and put together.
"""

from modelops_jupyter.evaluation.states.bins import BinState
from modelops_jupyter.evaluation.states.buckets import BucketState
from modelops_jupyter.evaluation.states.counts import CountState
from modelops_jupyter.evaluation.states.means import MeanState
from modelops_jupyter.evaluation.states.moments import MomentState
from modelops_jupyter.evaluation.states.multilabel import MultilabelState
from modelops_jupyter.evaluation.states.scores import RowState, ScoreState

__all__ = [
    "BinState", "BucketState", "CountState", "MeanState", "MomentState", "MultilabelState",
    "RowState", "ScoreState",
]  # fmt: skip
