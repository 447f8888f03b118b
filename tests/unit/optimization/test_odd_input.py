"""What a first user does by mistake is refused in one sentence, and poisons nothing."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.errors import ConfigError, LengthMismatchError
from modelops_jupyter.evaluation import Gate
from modelops_jupyter.optimization import (
    InferenceCache,
    OnnxModel,
    RequestBatcher,
    compare_variants,
    export,
    measure,
)
from modelops_jupyter.training import tiny_chat_model

ROWS = Dataset.from_records([{"prompt": f"{i}?", "completion": str(i)} for i in range(40)])


class Right:
    def predict(self, dataset: Dataset) -> list[str]:
        return [row["completion"] for row in dataset]


class Fails:
    def predict(self, dataset: Dataset) -> list[str]:
        raise ZeroDivisionError("boom")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no processes to measure memory in."""

    def known(*_: object) -> float:
        return 123e6

    monkeypatch.setattr(measure, "memory", known)


@pytest.mark.parametrize("wrong", [["only"], ["a", "b", "c"], "xy", b"xy", None, {"a": 1, "b": 2}, 2])
def test_answers_that_belong_to_nobody_are_neither_given_nor_kept(wrong: Any) -> None:
    cache = InferenceCache()
    with pytest.raises(LengthMismatchError, match="to 2 requests"):
        cache.wrap(lambda _: wrong)(["a", "b"])
    assert len(cache) == 0
    with RequestBatcher(lambda _: wrong, max_batch=2, max_wait=60) as batcher:
        for future in [batcher.submit(name) for name in "ab"]:
            with pytest.raises(LengthMismatchError, match="to 2 requests"):
                future.result(60)


def test_an_async_function_is_cached_too() -> None:
    async def answer(requests: list[str]) -> list[str]:
        await asyncio.sleep(0)
        return [request.upper() for request in requests]

    assert InferenceCache().wrap(answer)(["a", "b"]) == ["A", "B"]


def test_arrays_of_addresses_have_no_content() -> None:
    mixed = np.zeros(2, dtype=[("name", object), ("n", int)])
    with pytest.raises(ConfigError, match="cannot be part"):
        InferenceCache.key(mixed)


def test_a_variant_that_is_the_original_is_compared_with_it() -> None:
    model = Right()
    found = compare_variants(model, {"same": model}, ROWS, gate=Gate("exact_match", max_drop=0.2))
    assert found["same"].safe
    assert [row.name for row in found] == ["original", "same"]


def test_one_model_is_one_variant_and_a_number_a_name() -> None:
    assert [row.name for row in compare_variants(Right(), Right(), ROWS)] == ["original", "variant 1"]  # pyright: ignore[reportArgumentType]
    assert compare_variants(Right(), {8: Right()}, ROWS)["8"].same == 1  # pyright: ignore[reportArgumentType]


def test_the_variant_that_fails_is_named() -> None:
    with pytest.raises(ZeroDivisionError, match="boom") as caught:
        compare_variants(Right(), {"good": Right(), "bad": Fails()}, ROWS)
    assert caught.value.__notes__ == ["It was the model 'bad'."]


@pytest.mark.parametrize("gate", ["exact_match", [Gate("exact_match", max_drop=0.1)]])
def test_what_is_no_gate_says_so_before_anything_is_asked(gate: Any) -> None:
    with pytest.raises(ConfigError, match="is no gate"):
        compare_variants(Fails(), {"a": Fails()}, ROWS, gate=gate)


def test_counts_and_seeds_are_whole_numbers(nano: tuple[Any, OnnxModel]) -> None:
    _, graph = nano
    for given in (
        {"max_new_tokens": 0},
        {"max_new_tokens": 1.5},
        {"max_new_tokens": None},
        {"batch_size": 0},
    ):
        with pytest.raises(ConfigError, match="at least 1"):
            graph.generate_ids([[1, 2]], **given)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigError, match="max_new_tokens is 0"):
        next(graph.stream("a", max_new_tokens=0))
    for seed in (-1, 1.5, "a"):
        with pytest.raises(ConfigError, match="seed is"):
            graph.generate_ids([[1, 2]], temperature=1.0, seed=seed)  # pyright: ignore[reportArgumentType]


def test_a_text_to_classify_is_cut_as_its_tokenizer_cuts(
    nano: tuple[Any, OnnxModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, tokenizer = tiny_chat_model("nano").load()
    tokenizer.model_max_length, graph = 6, OnnxModel(nano[1].file)
    graph.__dict__.update(tokenizer=tokenizer, config={"max_position_embeddings": 8}, _past={})
    seen: list[Any] = []

    def logits(ids: Any, mask: Any) -> Any:
        seen.append(mask.sum(axis=1).tolist())
        return np.eye(len(ids), 3)

    monkeypatch.setattr(graph, "logits", logits)
    rows = Dataset.from_records([{"prompt": "a", "completion": "0"}, {"prompt": "b" * 99, "completion": "1"}])
    assert graph.predict(rows).texts == ("0", "1")
    assert max(seen[0]) == 6
    with pytest.raises(ConfigError, match="batch_size is 0"):
        graph.predict(rows, batch_size=0)


def test_a_model_that_the_exporter_cannot_take_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no rule for aten::odd\nand much more")

    monkeypatch.setattr(export, "_write", fails)
    with pytest.raises(ConfigError, match=r"cannot be exported: no rule for aten::odd$") as caught:
        export.export_onnx(tiny_chat_model("nano"), tmp_path / "x")
    assert caught.value.code == "export-failed"
    assert not (tmp_path / "x").exists()
