"""Training settings: settled, or refused by name, before anything starts."""

import math
from typing import Any

import pytest

from modelops_jupyter.errors import ConfigError
from modelops_jupyter.training.config import TrainingConfig
from modelops_jupyter.training.rules import RULES


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("learning_rate: 2e-5\n", 2e-5),  # text to a YAML reader: no dot, no sign
        ("learning_rate: 1.0e-4\n", 1e-4),
        ('{"learning_rate": "2e-5"}', 2e-5),
    ],
)
def test_a_learning_rate_that_arrives_as_text_is_settled(text: str, value: float) -> None:
    read = TrainingConfig.from_json if text.startswith("{") else TrainingConfig.from_yaml
    rate = read(text).learning_rate
    assert rate == value
    assert type(rate) is float


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"learning_rate": "fast"}, ["learning_rate", "fast"]),
        ({"learing_rate": 2e-5}, ["learing_rate", "Did you mean 'learning_rate'"]),
        ({"learning_rate": -1}, ["learning_rate", "above 0"]),
        ({"learning_rate": 0}, ["learning_rate"]),
        ({"learning_rate": "nan"}, ["learning_rate"]),
        ({"learning_rate": True}, ["learning_rate", "True"]),
        ({"epochs": "many"}, ["epochs", "many"]),
        ({"batch_size": 2.5}, ["batch_size", "whole number"]),
        ({"batch_size": 0}, ["batch_size", "from 1"]),
        ({"batch_size": [1]}, ["batch_size", "[1]"]),
        ({"seed": -1}, ["seed"]),
        ({"save_total_limit": 1}, ["save_total_limit", "from 2"]),
        ({"assistant_only_loss": "perhaps"}, ["assistant_only_loss", "true or false"]),
        ({"method": "sfft"}, ["Did you mean 'sft'"]),
        ({"method": "dpo"}, ["not part of this version"]),
        ({"method": 3}, ["method is 3"]),
        ({"packing": True}, ["packing", "not part of this version"]),
        ({"lora_target_modules": "q_proj"}, ["lora_target_modules", "list of names"]),
        ({"lora_target_modules": [1]}, ["list of names"]),
        ({"micro_batch_size": 4}, ["Here it is 'batch_size'"]),
        ({"lr": 4}, ["Here it is 'learning_rate'"]),
        ({"epochs": 1, "num_train_epochs": 2}, ["both given"]),
        ({"early_stopping_patience": 2}, ["load_best_model_at_end"]),
    ],
)
def test_what_cannot_be_is_named(settings: dict[str, Any], words: list[str]) -> None:
    for make in (lambda: TrainingConfig(**settings), lambda: TrainingConfig.from_dict(settings)):
        with pytest.raises(ConfigError) as caught:
            make()
        assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("text", ["[1, 2]", "3", '"x"'])
def test_a_configuration_is_a_mapping(text: str) -> None:
    with pytest.raises(ConfigError, match="mapping"):
        TrainingConfig.from_json(text)


def test_broken_text_is_an_error_of_ours() -> None:
    with pytest.raises(ConfigError, match="not JSON"):
        TrainingConfig.from_json("{")
    with pytest.raises(ConfigError, match="not YAML"):
        TrainingConfig.from_yaml("a: [")


def test_the_spelling_of_transformers_is_understood() -> None:
    config = TrainingConfig.from_dict({"num_train_epochs": "3", "per_device_train_batch_size": 8})
    assert (config.epochs, config.batch_size) == (3.0, 8)


def test_json_and_yaml_round_trip() -> None:
    config = TrainingConfig(method="lora", learning_rate="3e-4", lora_target_modules=["q_proj", "v_proj"])  # pyright: ignore[reportArgumentType] -- text is settled
    assert TrainingConfig.from_json(config.to_json()) == config
    assert TrainingConfig.from_yaml(config.to_yaml()) == config
    assert config.filled(100).filled(100) == config.filled(100)
    assert hash(config) == hash(TrainingConfig.from_dict(config.to_dict()))


def test_every_setting_has_a_rule() -> None:
    assert set(TrainingConfig().to_dict()) == set(RULES)


@pytest.mark.parametrize(
    ("method", "tiny", "rate"), [("sft", True, 3e-3), ("sft", False, 2e-5), ("lora", False, 2e-4)]
)
def test_the_learning_rate_left_out_follows_model_and_method(method: str, tiny: bool, rate: float) -> None:
    assert TrainingConfig(method=method).filled(100, tiny=tiny).learning_rate == rate


def test_nothing_is_left_open_in_a_filled_configuration() -> None:
    filled = TrainingConfig().filled(1000, tiny=True).to_dict()
    assert {name for name, value in filled.items() if value is None} == {
        "max_steps",
        "early_stopping_patience",
    }


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 400, 3657])
def test_a_tiny_model_gets_enough_steps_however_few_rows(rows: int) -> None:
    config = TrainingConfig().filled(rows, tiny=True)
    passes = math.ceil(rows / 64)
    assert 300 <= config.steps(rows) <= 300 + 2 * passes + 100


def test_less_data_than_one_effective_batch_still_makes_steps() -> None:
    config = TrainingConfig(epochs=2, batch_size=2, gradient_accumulation_steps=4, warmup_steps=0)
    assert config.filled(3).steps(3) == 2


def test_a_warmup_longer_than_the_run_is_refused() -> None:
    config = TrainingConfig(epochs=2, batch_size=2, gradient_accumulation_steps=4, warmup_steps=50)
    with pytest.raises(ConfigError, match=r"warmup_steps is 50.* 2 steps") as caught:
        config.filled(3)
    assert caught.value.code == "warmup-longer-than-run"
