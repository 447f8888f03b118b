"""The tiny chat model: the same on every machine, small, and fit to be taught."""

import subprocess
import sys

import pytest

from modelops_jupyter.errors import ConfigError
from modelops_jupyter.training import models
from modelops_jupyter.training.tiny import tiny_chat_model

pytest.importorskip("torch")
PRINT = """
import hashlib
from modelops_jupyter.training import tiny_chat_model
spec = tiny_chat_model()
total = sum(float(weight.double().sum()) for weight in spec.load()[0].parameters())
print(hashlib.sha256(spec.tokenizer.encode()).hexdigest(), total)
"""


def test_tokenizer_and_weights_are_the_same_in_another_process() -> None:
    import torch

    state = torch.random.get_rng_state()
    runs = {
        subprocess.run([sys.executable, "-c", PRINT], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(runs) == 1
    tiny_chat_model().load()
    assert torch.equal(state, torch.random.get_rng_state())


def test_it_is_small_and_its_tokens_are_fit_for_dates() -> None:
    model, tokenizer = tiny_chat_model().load()
    assert 700_000 < model.num_parameters() < 1_000_000
    assert len(tokenizer) == 400
    assert not model.training
    assert tokenizer.tokenize("2021-03") == ["2", "0", "2", "1", "-", "0", "3"]
    assert tokenizer.pad_token_id != tokenizer.eos_token_id
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id == model.config.eos_token_id


@pytest.mark.parametrize("text", ["3rd of March, 2021", "naïve 漢字 \U0001f600 \x00\t\n", "<|user|>x"])
def test_every_text_survives_the_tokenizer(text: str) -> None:
    _, tokenizer = tiny_chat_model().load()
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_the_end_of_a_turn_is_trained_as_trl_sees_it() -> None:
    utilities = pytest.importorskip("trl.chat_template_utils")
    _, tokenizer = tiny_chat_model().load()
    assert utilities.is_chat_template_stop_token_trained(tokenizer)


def test_seeds_differ_and_a_description_brings_the_same_weights() -> None:
    import torch

    one, other = tiny_chat_model(seed=1), tiny_chat_model(seed=2)
    weights = [spec.load()[0].model.embed_tokens.weight for spec in (one, other)]
    assert not torch.equal(*weights)
    description, name = models.describe(one)
    assert name == "tiny-seed-1"
    assert torch.equal(models.load(description)[0].model.embed_tokens.weight, weights[0])
    assert models.describe(tiny_chat_model()) == ({"kind": "word", "word": "tiny"}, "tiny")


def test_an_unknown_size_is_named() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'tiny'"):
        tiny_chat_model("tyny")
