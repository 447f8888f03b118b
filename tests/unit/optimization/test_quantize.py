"""Fewer bits: smaller, by name, and never more than once."""

from pathlib import Path

import pytest

from modelops_jupyter.errors import ConfigError
from modelops_jupyter.fine_tuning import FineTunedModel
from modelops_jupyter.optimization import OnnxModel, measure, quantize

from .conftest import PROMPTS

pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.train


def test_eight_bits_are_less_than_half_the_size(
    tuned: FineTunedModel, exported: OnnxModel, small: OnnxModel
) -> None:
    assert small.size <= 0.45 * exported.size
    assert small.size <= 0.45 * measure.size(tuned)
    assert small.scheme == "int8-dynamic"
    assert small.name == "words int8-dynamic"
    same = [a == b for a, b in zip(small.generate(PROMPTS), exported.generate(PROMPTS), strict=True)]
    assert sum(same) / len(same) >= 0.8


def test_four_bits_are_smaller_still(exported: OnnxModel, small: OnnxModel) -> None:
    smallest = quantize(exported, "int4-weight-only")
    assert smallest.size < small.size
    assert smallest.scheme == "int4-weight-only"
    assert smallest.logits(*exported._padded([[1, 2, 3]], left=True)).shape == (1, 3, 400)


def test_what_cannot_be_is_said(exported: OnnxModel, small: OnnxModel, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'int8-dynamic'"):
        quantize(exported, "int8-dynamik")
    with pytest.raises(ConfigError, match="Only an exported model with whole weights"):
        quantize(small)
    with pytest.raises(ConfigError, match=r"shares the tokenizer of .* save\(folder\)"):
        quantize(exported, path=tmp_path / "other.onnx")
    assert list(tmp_path.iterdir()) == []
