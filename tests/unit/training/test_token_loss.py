"""The loss of plain texts, and what a model that was not trained has forgotten: nothing."""

from pathlib import Path

import numpy as np
import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.evaluation import evaluate_model
from modelops_jupyter.evaluation.forgetting import neutral_texts
from modelops_jupyter.fine_tuning import FineTunedModel, FineTuningJob, load_model

ROWS = Dataset.from_records([{"prompt": f"{i}", "completion": f"{i}"} for i in range(4)])


def test_a_model_saved_without_a_step_has_forgotten_exactly_nothing(tmp_path: Path) -> None:
    base = load_model("tiny")
    model = FineTunedModel(base.save(tmp_path / "same"))
    assert (model.base, model.trained_on) == (None, None)
    model.origin = FineTuningJob("tiny", ROWS)  # a job that has made no step
    assert model.trained_on == ROWS
    (found,) = evaluate_model(model, ROWS, retain=True).retained
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)


def test_the_loss_is_summed_over_predicted_tokens_and_free_of_the_batch() -> None:
    model = load_model("tiny")
    texts = neutral_texts()[:7]
    sums, counts = model.token_loss(texts)
    assert len(sums) == len(counts) == 7
    assert all(c > 5 for c in counts)
    single = [model.token_loss([text]) for text in texts]
    assert np.array([s[0] for s, _ in single]) == pytest.approx(np.array(sums), rel=1e-4)
    assert [c[0] for _, c in single] == counts
    # weights are random: no token is expected more than another
    assert sum(sums) / sum(counts) == pytest.approx(np.log(model.load()[0].config.vocab_size), rel=0.1)
