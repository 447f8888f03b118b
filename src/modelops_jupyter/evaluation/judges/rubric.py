"""A judge of one answer at a time."""

import json
from typing import ClassVar

from modelops_jupyter.evaluation.judges.base import Judge, one_reference
from modelops_jupyter.evaluation.scorers.base import Reference


class RubricJudge(Judge):
    """A model that says whether an answer meets a rubric: 1 pass, 0 fail.

    Examples
    --------
    >>> judge = RubricJudge(lambda prompt: '{"verdict": "pass"}', "Polite.", model="always", cache=False)
    >>> judge.score("Good morning.")
    1.0
    """

    kind: ClassVar[str] = "rubric_judge"
    words: ClassVar[dict[str, float]] = {"pass": 1.0, "fail": 0.0}
    task: ClassVar[str] = "You grade one answer. It passes if it meets this rubric: {rubric}"

    def questions(self, output: str, reference: Reference, given: str | None) -> list[str]:
        """One question."""
        material = {"question": given, "reference": one_reference(reference), "answer": output}
        shown = {k: v for k, v in material.items() if v is not None}
        return [self._filled(json.dumps(shown, ensure_ascii=False))]

    def read(self, words: list[str]) -> tuple[float, tuple[str, ...]]:
        """1 or 0."""
        return self.words[words[0]], ()
