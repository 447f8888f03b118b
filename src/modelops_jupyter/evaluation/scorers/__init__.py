"""Scorers: `score(output, reference) -> float`, and per-row metrics for every evaluator."""

from modelops_jupyter.evaluation.scorers.base import Scorer
from modelops_jupyter.evaluation.scorers.combined import EmbeddingSimilarity, Not, Threshold, Weighted
from modelops_jupyter.evaluation.scorers.numbers import Numeric
from modelops_jupyter.evaluation.scorers.overlap import (
    Bleu,
    CharErrorRate,
    Chrf,
    EditSimilarity,
    Rouge,
    TokenF1,
    WordErrorRate,
)
from modelops_jupyter.evaluation.scorers.structured import JsonSchema, ValidJson
from modelops_jupyter.evaluation.scorers.text import Contains, Exact, Length, Regex

__all__ = [
    "Bleu", "CharErrorRate", "Chrf", "Contains", "EditSimilarity", "EmbeddingSimilarity", "Exact",
    "JsonSchema", "Length", "Not", "Numeric", "Regex", "Rouge", "Scorer", "Threshold", "TokenF1",
    "ValidJson", "Weighted", "WordErrorRate",
]  # fmt: skip
