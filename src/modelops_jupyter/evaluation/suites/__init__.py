"""Benchmark suites: named cases that models are run on, again and again."""

from modelops_jupyter.evaluation.suites.case import BenchmarkCase
from modelops_jupyter.evaluation.suites.repeats import VarianceSplit
from modelops_jupyter.evaluation.suites.result import CaseRun, SuiteResult
from modelops_jupyter.evaluation.suites.suite import BenchmarkSuite

__all__ = ["BenchmarkCase", "BenchmarkSuite", "CaseRun", "SuiteResult", "VarianceSplit"]
