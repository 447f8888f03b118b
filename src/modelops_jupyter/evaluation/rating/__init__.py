"""Blind rating by people: labels for judges, preferences for training, agreement."""

from modelops_jupyter.evaluation.rating.agreement import Agreement, Revealed
from modelops_jupyter.evaluation.rating.blind import Question, Rating

__all__ = ["Agreement", "Question", "Rating", "Revealed"]
