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
        ({"method": 3}, ["method is 3"]),
        ({"method": "dpo", "packing": True}, ["packing is not for dpo"]),
        ({"lora_r": 8}, ["lora_r is given", "'sft' trains all weights", "method='lora'"]),
        ({"method": "dpo", "lora_alpha": 8}, ["lora_alpha is given", "method='dpo' with lora_r"]),
        ({"eval_metrics": ["exct_match"]}, ["Did you mean 'exact_match'"]),
        ({"metric_for_best_model": "exact_match"}, ["nobody measures", "eval_metrics"]),
        (
            {"eval_metrics": ["length_ratio"], "metric_for_best_model": "length_ratio"},
            ["'length_ratio' has no better direction"],
        ),
        (
            {"load_best_model_at_end": True, "eval_steps": 2, "save_steps": 4},
            ["save_steps is 4 and eval_steps 2", "might not be kept", "let them be equal"],
        ),
        ({"lora_target_modules": "q_proj"}, ["lora_target_modules", "list of names"]),
        ({"lora_target_modules": [1]}, ["list of names"]),
        ({"micro_batch_size": 4}, ["Here it is 'batch_size'"]),
        ({"lr": 4}, ["Here it is 'learning_rate'"]),
        ({"cutoff_len": 4}, ["Here it is 'max_length'"]),
        ({"pref_beta": 0.1}, ["Here it is 'beta'"]),
        ({"sample_packing": True}, ["Here it is 'packing'"]),
        ({"warmup_ratio": 0.1}, ["Here it is 'warmup_steps'", "number of steps"]),
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
    ("method", "tiny", "rate"),
    [
        ("sft", True, 3e-3),
        ("sft", False, 2e-5),
        ("lora", False, 2e-4),
        ("dpo", False, 5e-6),
        ("dpo", True, 1e-4),
    ],
)
def test_the_learning_rate_left_out_follows_model_and_method(method: str, tiny: bool, rate: float) -> None:
    assert TrainingConfig(method=method).filled(100, tiny=tiny).learning_rate == rate


def test_nothing_is_left_open_in_a_filled_configuration() -> None:
    switched_off = {"max_steps", "early_stopping_patience", "metric_for_best_model", "completion_only_loss"}
    for method, off in (("sft", {"lora_r", "lora_alpha"}), ("lora", set[str]())):
        filled = TrainingConfig(method=method).filled(1000, tiny=True).to_dict()
        assert {name for name, value in filled.items() if value is None} == switched_off | off


def test_an_adapter_is_trained_by_lora_and_by_dpo_with_a_size() -> None:
    sizes: dict[str, dict[str, Any]] = {"lora": {}, "dpo": {"lora_r": 4}}
    for method, settings in sizes.items():
        filled = TrainingConfig(method=method, **settings).filled(100)
        assert filled.adapter
        assert filled.lora_alpha == 2 * (filled.lora_r or 0) > 0
    assert not TrainingConfig(method="dpo").filled(100).adapter


def test_the_mask_of_pairs_follows_its_own_setting() -> None:
    config = TrainingConfig(assistant_only_loss=True, completion_only_loss=False)
    assert (config.answers_only("messages"), config.answers_only("prompt_completion")) == (True, False)
    assert TrainingConfig(assistant_only_loss=False).answers_only("prompt_completion") is False


def test_every_checkpoint_is_measured_where_the_best_is_kept() -> None:
    config = TrainingConfig(load_best_model_at_end=True, save_steps=7).filled(1000)
    assert (config.save_steps or 0) % (config.eval_steps or 1) == 0


def test_settings_that_need_validation_rows_are_refused_without() -> None:
    with pytest.raises(ConfigError, match=r"load_best_model_at_end needs validation rows.*validation="):
        TrainingConfig(load_best_model_at_end=True).require_validation(given=False)
    TrainingConfig(load_best_model_at_end=True).require_validation(given=True)


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 400, 3657])
def test_a_tiny_model_gets_enough_steps_however_few_rows(rows: int) -> None:
    config = TrainingConfig().filled(rows, tiny=True)
    passes = math.ceil(rows / 64)
    assert 300 <= config.steps(rows) <= 300 + 2 * passes + 100


def test_less_data_than_one_effective_batch_still_makes_steps() -> None:
    config = TrainingConfig(epochs=2, batch_size=2, gradient_accumulation_steps=4, warmup_steps=0)
    assert config.filled(3).steps(3) == 2


def test_max_steps_says_how_many_passes_a_run_makes() -> None:
    few = TrainingConfig(max_steps=50, batch_size=8).filled(160, tiny=True)
    assert (few.steps(160), few.passes(160)) == (50, 2.5)
    assert TrainingConfig(max_steps=50, epochs=9, batch_size=8).filled(160).passes(160) == 2.5
    assert TrainingConfig(epochs=2, batch_size=8, warmup_steps=0).filled(20).passes(20) == 2


def test_a_warmup_longer_than_the_run_is_refused() -> None:
    config = TrainingConfig(epochs=2, batch_size=2, gradient_accumulation_steps=4, warmup_steps=50)
    with pytest.raises(ConfigError, match=r"warmup_steps is 50.* 2 steps") as caught:
        config.filled(3)
    assert caught.value.code == "warmup-longer-than-run"
