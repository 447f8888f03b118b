"""What a first user does by mistake is answered or refused in one sentence, and nothing breaks for others."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelops_jupyter.errors import ConfigError, RegistryError, StoreError
from modelops_jupyter.registry import ModelRegistry

Make = Callable[..., Path]


def test_the_last_number_is_the_last(registry: ModelRegistry, artifact: Make) -> None:
    registry.register("dates", artifact(), version=2**31 - 1)
    with pytest.raises(RegistryError):
        registry.register("dates", artifact(b"more"))
    assert [v.version for v in registry.list_versions("dates")] == [2**31 - 1]


def test_a_gated_alias_has_one_spelling(registry: ModelRegistry, artifact: Make) -> None:
    for content in (b"one", b"two"):
        registry.register("dates", artifact(content))
    registry.promote("dates", "Production", 1)
    registry.promote("dates", "production", 2)
    assert registry.list_models()[0].aliases == {"production": 2}
    assert registry.get("dates", alias="PRODUCTION") == registry.resolve("models:/dates@Production")
    with pytest.raises(RegistryError, match="by promoting"):
        registry.set_alias("dates", "Production", 1)


def test_an_export_loses_no_card(registry: ModelRegistry, artifact: Make, tmp_path: Path) -> None:
    registry.register("dates", artifact({"README.md": b"first", "w": b"1"}))
    for number in (1, 2, 3):  # each export is registered, and exported again
        folder = registry.export("dates", number, tmp_path / f"export-{number}")
        registry.register("dates", folder)
    words = [p.read_text() for p in (tmp_path / "export-3").glob("README*")]
    assert len(words) == 4
    assert "first" in words
    assert sum(text.startswith("---") for text in words) == 3


def test_two_forms_of_one_letter_are_one_file(registry: ModelRegistry, artifact: Make) -> None:
    with pytest.raises(RegistryError, match="one file on many systems"):
        registry.register("dates", artifact({"\u00e9.bin": b"1", "e\u0301.bin": b"2"}))


@pytest.mark.parametrize("field", ["metrics", "parameters", "tags"])
@pytest.mark.parametrize("given", [[1], 0.5, "accuracy"])
def test_what_is_no_mapping_is_refused(
    registry: ModelRegistry, artifact: Make, field: str, given: Any
) -> None:
    with pytest.raises(RegistryError, match=f"{field}= is a mapping"):
        registry.register("dates", artifact(), **{field: given})
    assert registry.list_models() == []


def test_a_number_may_come_out_of_an_array_and_a_version_into_a_set(
    registry: ModelRegistry, artifact: Make
) -> None:
    made = registry.register("dates", artifact())
    number: Any = np.array([1])[0]
    assert {made, registry.get("dates", number), registry.get("dates", "v1")} == {made}


def test_what_is_no_gate_or_reference_says_so(registry: ModelRegistry, artifact: Make) -> None:
    registry.register("dates", artifact(), metrics={"accuracy": 1})
    for gate in ("accuracy", ["accuracy"]):
        with pytest.raises(ConfigError, match="is no gate"):
            registry.promote("dates", "staging", 1, gate)  # pyright: ignore[reportArgumentType]
    with pytest.raises(RegistryError, match="behind an @"):
        registry.resolve("models:/dates/Production")
    with pytest.raises(RegistryError, match="no model 'None'"):
        registry.resolve(None)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("given", ["dates", 5])
def test_a_browser_takes_a_registry(given: Any) -> None:
    widgets = pytest.importorskip("modelops_jupyter.notebook.widgets")
    with pytest.raises(ConfigError, match="is no registry"):
        widgets.RegistryBrowser(given)


def test_a_folder_that_no_disk_can_name_is_one_sentence(
    registry: ModelRegistry, artifact: Make, tmp_path: Path
) -> None:
    registry.register("dates", artifact())
    with pytest.raises(StoreError, match="The disk refused"):
        registry.download("dates", 1, tmp_path / ("x" * 300))
