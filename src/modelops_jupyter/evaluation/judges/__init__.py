"""Judges: models that score answers, and what their scores are worth."""

from modelops_jupyter.evaluation.judges.base import Judge, Verdict
from modelops_jupyter.evaluation.judges.calibrate import Calibration
from modelops_jupyter.evaluation.judges.endpoint import Endpoint
from modelops_jupyter.evaluation.judges.pairwise import PairwiseJudge
from modelops_jupyter.evaluation.judges.rubric import RubricJudge

__all__ = ["Calibration", "Endpoint", "Judge", "PairwiseJudge", "RubricJudge", "Verdict"]
