"""Rows that training left with an unusual loss are named; what it cannot see is said."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import DatasetError
from modelops_jupyter.notebook.display import mimebundle

ROWS = [{"prompt": f"{n} + 1?", "completion": str(n + 1)} for n in range(60)]
DS = Dataset(ROWS)


def job(losses: Any, rows: Dataset = DS) -> SimpleNamespace:
    return SimpleNamespace(row_losses=losses, trained_on=rows)


@pytest.fixture
def losses() -> np.ndarray:
    found = np.random.default_rng(0).lognormal(-3, 0.3, (60, 4)).astype(np.float32)
    found[[7, 40], -1] = [2.0, 4.0]
    return found


def test_rows_that_were_never_learned_are_named_worst_first(losses: np.ndarray) -> None:
    found = DS.suspects(job(losses))
    assert list(found.dataset.ids) == [DS.ids[40], DS.ids[7]]
    assert found.losses.tolist() == [4.0, 2.0]
    assert "2 rows" in mimebundle(found)[0]["text/plain"]
    assert "40 + 1?" in mimebundle(found)[0]["text/html"]


def test_rows_are_known_by_their_bytes_in_another_order(losses: np.ndarray) -> None:
    shuffled = DS.shuffle(seed=1).concat(Dataset([{"prompt": "new?", "completion": "yes"}]))
    found = shuffled.suspects(job(losses))
    assert [row["prompt"] for row in found.dataset] == ["40 + 1?", "7 + 1?"]
    assert (found.unseen, "1 row had no part in the training." in found.blind) == (1, True)


def test_equal_losses_name_nobody_and_one_pass_is_said() -> None:
    found = DS.suspects(job(np.full((60, 1), 0.1, np.float32)))
    assert len(found) == 0
    assert "one pass" in found.blind


@pytest.mark.parametrize(("given", "code"), [(None, "no-row-losses"), (np.ones((1, 2)), "other-rows")])
def test_what_cannot_be_asked_is_said(given: Any, code: str) -> None:
    with pytest.raises(DatasetError) as caught:
        DS.suspects(job(given, Dataset([{"text": "other"}])))
    assert caught.value.code == code
