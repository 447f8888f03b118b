"""Every problem of every row, with its place: `validate`, its report and its codes.

One pass over the rows: a fast decode and cheap checks. Only a row that fails is looked at
again for the exact byte. One file holds one family of rules.
"""

from modelops_jupyter.datasets.validation.codes import CODES, CodeInfo, Severity
from modelops_jupyter.datasets.validation.engine import validate
from modelops_jupyter.datasets.validation.problem import Finding, Problem, Rule
from modelops_jupyter.datasets.validation.report import ValidationReport

__all__ = ["CODES", "CodeInfo", "Finding", "Problem", "Rule", "Severity", "ValidationReport", "validate"]
