"""A judge of two answers beside each other."""

import json
from typing import ClassVar

from modelops_jupyter.evaluation.judges.base import Judge
from modelops_jupyter.evaluation.scorers.base import Reference, need


class PairwiseJudge(Judge):
    """A model that says which of two answers is better: 1 the output, 0 the reference, 0.5 a tie.

    Each pair is asked in both orders, two calls; a win that does not hold in both is a tie.

    Examples
    --------
    >>> judge = PairwiseJudge(lambda prompt: '{"verdict": "first"}', "Clearer.", model="v1", cache=False)
    >>> judge.score("this one", "that one")
    0.5
    """

    kind: ClassVar[str] = "pairwise_judge"
    words: ClassVar[dict[str, float]] = {"first": 1.0, "second": 0.0, "tie": 0.5}
    task: ClassVar[str] = "You compare two answers. The better one meets this rubric more: {rubric}"

    def questions(self, output: str, reference: Reference, given: str | None) -> list[str]:
        """Two questions, one per order."""
        other = need(reference if reference is None or isinstance(reference, str) else reference[0], self)
        asked = {} if given is None else {"question": given}
        orders = ({"first": output, "second": other}, {"first": other, "second": output})
        return [self._filled(json.dumps(asked | order, ensure_ascii=False)) for order in orders]

    def read(self, words: list[str]) -> tuple[float, tuple[str, ...]]:
        """1, 0.5 or 0, and the place that won in each order."""
        straight, turned = self.words[words[0]], 1 - self.words[words[1]]
        return (straight if straight == turned else 0.5), tuple(words)
