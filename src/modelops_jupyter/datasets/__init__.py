"""Datasets: open anything at once, lose nothing, say precisely what is wrong."""

from modelops_jupyter.datasets.convert import Conversion, NotConverted
from modelops_jupyter.datasets.dataset import Dataset
from modelops_jupyter.datasets.diff import DatasetDiff, RowChange
from modelops_jupyter.datasets.edit import EditSession
from modelops_jupyter.datasets.formats import DatasetFormat, Part, Turn, prompt_messages, reference, turns
from modelops_jupyter.datasets.identity import RowIds
from modelops_jupyter.datasets.leakage import Leakage, LeakageMatch
from modelops_jupyter.datasets.lineage import LineageStep
from modelops_jupyter.datasets.preview import PreviewToken, TokenPreview
from modelops_jupyter.datasets.query import Query
from modelops_jupyter.datasets.sanitizer import DatasetSanitizer, Sanitized, SanitizedExample, StepCount
from modelops_jupyter.datasets.split import Split
from modelops_jupyter.datasets.stats import DatasetStats, Histogram
from modelops_jupyter.datasets.suspects import Suspects
from modelops_jupyter.datasets.validation import CODES, Finding, Problem, ValidationReport

__all__ = [
    "CODES",
    "Conversion",
    "Dataset",
    "DatasetDiff",
    "DatasetFormat",
    "DatasetSanitizer",
    "DatasetStats",
    "EditSession",
    "Finding",
    "Histogram",
    "Leakage",
    "LeakageMatch",
    "LineageStep",
    "NotConverted",
    "Part",
    "PreviewToken",
    "Problem",
    "Query",
    "RowChange",
    "RowIds",
    "Sanitized",
    "SanitizedExample",
    "Split",
    "StepCount",
    "Suspects",
    "TokenPreview",
    "Turn",
    "ValidationReport",
    "prompt_messages",
    "reference",
    "turns",
]
