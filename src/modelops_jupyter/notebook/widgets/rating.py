"""The live view of a rating."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelops_jupyter.evaluation.rating import Rating
from modelops_jupyter.evaluation.rating.items import Answers
from modelops_jupyter.notebook.selection import Rows
from modelops_jupyter.notebook.widgets.base import LiveView
from modelops_jupyter.wire import handles
from modelops_jupyter.wire.rating import snapshot


class RatingView(LiveView):
    """Rate answers by single keys without knowing whose they are.

    Parameters
    ----------
    items
        A dataset, predictions, several of them by name, or a `Rating`, which brings the rest along.
    pairs, rater, seed, journal
        As for `Rating`.
    layout
        As for every Jupyter widget.

    Attributes
    ----------
    labels
        The rows that were rated, with their `label`; of pairs, preference rows. It can be observed.

    Examples
    --------
    >>> view = RatingView(Dataset([{"prompt": "2 + 2?", "completion": "4"}]))  # doctest: +SKIP
    >>> judge.calibrate(view.rating.verdicts)  # doctest: +SKIP
    """

    labels = Rows(read_only=True)

    def __init__(
        self,
        items: Answers | Mapping[str, Answers] | Rating,
        *,
        pairs: bool = False,
        rater: str = "me",
        seed: int = 0,
        journal: str | Path | None = None,
        **options: Any,
    ) -> None:
        made = isinstance(items, Rating)
        rating = items if made else Rating(items, pairs=pairs, rater=rater, seed=seed, journal=journal)
        spec = {"rating": handles.handle(rating, "a"), "initial": snapshot(rating)}
        super().__init__("rating", spec, **options)
        self._rating = rating
        rating.changed = self._changed
        self._changed()

    @property
    def _subject(self) -> Rating:
        return self._rating

    @property
    def rating(self) -> Rating:
        """What is rated: its verdicts, `agreement()`, and whose the answers are."""
        return self._rating

    def _changed(self) -> None:
        self.set_trait("labels", self._rating.rows)
