"""`OnnxModel` answers as the model it was made from: batched, drawn, in pieces, on a dataset."""

import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from modelops_jupyter import Dataset, evaluate_model
from modelops_jupyter.errors import ConfigError, SourceNotFoundError
from modelops_jupyter.fine_tuning import FineTunedModel
from modelops_jupyter.optimization import OnnxModel
from modelops_jupyter.optimization.runtime import _Chooser

from ..notebook.shell import fresh
from .conftest import PROMPTS

pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.train


def test_it_answers_as_the_model_in_batches_of_any_size(tuned: FineTunedModel, exported: OnnxModel) -> None:
    asked = [*PROMPTS[:6], "Say red. And then say it again, and again, please: red."]
    expected = tuned.generate(asked, max_new_tokens=12)
    assert len(set(expected)) > 3
    for batch_size in (1, 3, 64):
        assert exported.generate(asked, max_new_tokens=12, batch_size=batch_size) == expected
    assert exported.generate([]) == []
    conversation = [{"role": "user", "content": asked[0]}]
    assert exported.generate([conversation], max_new_tokens=12) == expected[:1]


def test_pieces_join_to_the_answer(exported: OnnxModel) -> None:
    for temperature in (0.0, 3.0):  # hot enough for parts of characters
        options = {"max_new_tokens": 30, "temperature": temperature, "seed": 5}
        pieces = list(exported.stream(PROMPTS[0], **options))
        assert "".join(pieces) == exported.generate(PROMPTS[:1], **options)[0]
    assert len(pieces) > 3
    assert all(pieces)


def test_draws_belong_to_a_prompt_and_a_seed(exported: OnnxModel) -> None:
    def drawn(seed: int | None, batch_size: int = 64) -> list[str]:
        return exported.generate(
            PROMPTS[:5], temperature=2.0, seed=seed, max_new_tokens=12, batch_size=batch_size
        )

    assert drawn(1) == drawn(1) == drawn(1, batch_size=2)
    assert drawn(1) != drawn(2)
    assert drawn(None) != drawn(None)
    greedy = exported.generate(PROMPTS[:5], max_new_tokens=12)
    assert drawn(1) != greedy
    assert exported.generate(PROMPTS[:5], max_new_tokens=12, temperature=1e-4, seed=1) == greedy


def test_draws_have_the_shares_of_the_softmax() -> None:
    logits, n = np.array([1.0, 0.0, -1.0, 2.0]), 20_000
    chosen = _Chooser(0.7, np.random.SeedSequence(0).spawn(n))
    counts = Counter(chosen(np.tile(logits, (n, 1))).tolist())
    share = np.exp(logits / 0.7) / np.exp(logits / 0.7).sum()
    chi2 = sum((counts[i] - n * p) ** 2 / (n * p) for i, p in enumerate(share))
    assert chi2 < 16.3  # the 99.9 % quantile with three degrees of freedom


def test_it_is_evaluated_like_any_model_and_in_a_magic(exported: OnnxModel, rows: Dataset) -> None:
    result = evaluate_model(exported, rows, baselines=None)
    assert result["exact_match"] >= 0.5
    assert result.sample_count == len(rows)
    with fresh() as shell:
        shell.ip.user_ns.update(onnx=exported, test=rows)
        shell.run("%evaluate onnx on test --as found")
        assert shell["found"]["exact_match"] == result["exact_match"]


def test_it_travels_and_is_saved(exported: OnnxModel, small: OnnxModel, tmp_path: Path) -> None:
    again = pickle.loads(pickle.dumps(small))
    moved = OnnxModel(small.save(tmp_path / "small"), threads=1)
    assert {path.suffix for path in moved.file.parent.iterdir()} <= {".onnx", ".json", ".jinja"}
    assert (again.scheme, moved.scheme, exported.scheme) == ("int8-dynamic", "int8-dynamic", "float32")
    for model in (again, moved):
        assert model.generate(PROMPTS[:3], max_new_tokens=8) == small.generate(PROMPTS[:3], max_new_tokens=8)
    with pytest.raises(ConfigError, match="exists already"):
        small.save(tmp_path / "small")


def test_what_cannot_be_is_said(exported: OnnxModel, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="one text"):
        exported.generate("Say red.")
    with pytest.raises(ConfigError, match="at least 1"):
        exported.generate(["a"], max_new_tokens=0)
    with pytest.raises(ConfigError, match="temperature must be"):
        exported.generate(["a"], temperature=-1.0)
    with pytest.raises(SourceNotFoundError, match="no ONNX graph"):
        OnnxModel(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(ConfigError, match="cannot be run as ONNX"):
        OnnxModel(tmp_path)
