"""Aliases, promotion through gates, references, tags, the log."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from modelops_jupyter import EvaluationResult, create_evaluator
from modelops_jupyter.errors import ConfigError, RegistryError, SourceNotFoundError
from modelops_jupyter.evaluation import Gate
from modelops_jupyter.fine_tuning import FineTuningJob, load_model
from modelops_jupyter.registry import ModelRegistry
from modelops_jupyter.registry.names import parse

Make = Callable[..., Path]


def result(wrong: int, rows: int = 400) -> EvaluationResult:
    truth = np.arange(rows) % 2
    said = truth.copy()
    said[:wrong] ^= 1
    return create_evaluator("binary").evaluate(truth, said, ids=[str(i) for i in range(rows)])


@pytest.fixture
def dates(registry: ModelRegistry, artifact: Make) -> ModelRegistry:
    """Version 1 is good, 2 as good, 3 much worse, 4 has a bare number."""
    for number, metrics in enumerate((result(4), result(4), result(200), {"accuracy": 0.99})):
        registry.register("dates", artifact(b"%d" % number), metrics=metrics)
    return registry


@pytest.mark.parametrize("number", ["2", 2])
def test_deleting_a_version_never_leaves_an_alias_pointing_to_nothing(
    registry: ModelRegistry, artifact: Make, number: str | int
) -> None:
    for content in (b"weights one", b"weights two"):
        registry.register("tide", artifact(content))
    registry.set_alias("tide", "candidate", 2)
    with pytest.raises(RegistryError, match="candidate"):
        registry.delete("tide", number)
    assert registry.get("tide", alias="candidate").version == 2
    assert registry.latest("tide").version == 2
    registry.delete("tide", number, force=True)
    with pytest.raises(RegistryError, match="candidate") as caught:
        registry.get("tide", alias="candidate")
    assert "version 2" not in str(caught.value)
    assert registry.list_models()[0].aliases == {}
    assert registry.latest("tide").version == 1


def test_staging_and_production_move_only_by_promotion(dates: ModelRegistry) -> None:
    for alias in ("staging", "production", "Production"):
        with pytest.raises(RegistryError, match=r"registry\.promote"):
            dates.set_alias("dates", alias, 1)
    assert dates.promote("dates", "production", "1").aliases == ("production",)
    dates.set_alias("dates", "production", None)
    assert dates.list_models()[0].aliases == {}


def test_a_failing_gate_refuses_and_says_why(dates: ModelRegistry) -> None:
    gate = Gate("accuracy", max_drop=0.02, min_value=0.9)
    dates.promote("dates", "production", 1, gate)  # nothing holds it: no drop to measure
    with pytest.raises(RegistryError, match=r"0\.500.*needed at least 0\.900.*Nothing was moved") as caught:
        dates.promote("dates", "production", 3, gate)
    assert caught.value.code == "gate-failed"
    with pytest.raises(RegistryError, match="no interval") as caught:
        dates.promote("dates", "production", 4, Gate("accuracy", min_value=0.9))
    assert caught.value.code == "gate-inconclusive"
    assert dates.get("dates", alias="production").version == 1
    assert dates.promote("dates", "production", 2, [gate, Gate("f1", min_value=0.9)]).version == 2
    told = [(e.kind, e.version, e.data.get("from")) for e in dates.audit("dates") if "promo" in e.kind]
    assert told == [
        ("promoted", 1, None),
        ("promotion-refused", 3, 1),
        ("promotion-refused", 4, 1),
        ("promoted", 2, 1),
    ]
    assert [g["outcome"] for g in dates.audit("dates")[-1].data["gates"]] == ["pass", "pass"]


def test_a_drop_alone_is_measured_against_who_holds_the_alias(dates: ModelRegistry) -> None:
    gate = Gate("accuracy", max_drop=0.02)
    assert dates.promote("dates", "staging", 3, gate).version == 3  # the first one has nothing to drop from
    assert dates.promote("dates", "staging", 1, gate).version == 1
    with pytest.raises(RegistryError, match="largest drop allowed"):
        dates.promote("dates", "staging", 3, gate)


def test_a_version_without_numbers_passes_no_gate(registry: ModelRegistry, artifact: Make) -> None:
    registry.register("dates", artifact())
    with pytest.raises(RegistryError, match="without numbers"):
        registry.promote("dates", "production", 1, Gate("accuracy", min_value=0.5))
    assert registry.list_models()[0].aliases == {}


def test_an_alias_that_moved_while_the_gate_was_judged_is_not_overwritten(
    dates: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = Gate.check

    def slow(self: Gate, *arguments: object) -> object:
        ModelRegistry(dates.path).promote("dates", "production", 3)
        return check(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Gate, "check", slow)
    with pytest.raises(RegistryError, match="moved by somebody else"):
        dates.promote("dates", "production", 1, Gate("accuracy", min_value=0.5))
    assert dates.get("dates", alias="production").version == 3


@pytest.mark.parametrize("alias", ["3", "v3", "latest", "Latest", "a/b", ""])
def test_an_alias_cannot_look_like_a_version(dates: ModelRegistry, alias: str) -> None:
    with pytest.raises(RegistryError):
        dates.set_alias("dates", alias, 1)
    with pytest.raises(RegistryError):
        dates.promote("dates", alias, 1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("registry:dates@production", "registry:dates@production"),
        ("models:/dates@production", "registry:dates@production"),
        ("models:/dates/3", "registry:dates/3"),
        ("registry:dates/3", "registry:dates/3"),
        ("dates", "registry:dates"),
        ("models:/dates/latest", "registry:dates"),
        ("registry:dates@latest", "registry:dates"),
    ],
)
def test_references_of_both_spellings(text: str, shown: str) -> None:
    assert str(parse(text)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "registry:",
        "models:/",
        "models:/dates/Production",
        "registry:a/b/c",
        "registry:../x",
        "registry:a@3",
    ],
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(RegistryError):
        parse(text)


def test_what_does_not_exist_is_named(dates: ModelRegistry) -> None:
    with pytest.raises(RegistryError, match="Did you mean 'dates'"):
        dates.get("date")
    with pytest.raises(RegistryError, match=r"no version 9\. There is: 4, 3, 2, 1"):
        dates.get("dates", 9)
    with pytest.raises(RegistryError, match="'candidate'"):
        dates.resolve("models:/dates@candidate")
    with pytest.raises(ConfigError):
        dates.get("dates", 1, alias="x")
    with pytest.raises(RegistryError):
        dates.set_alias("dates", "candidate", None)


def test_tags_change_and_the_log_keeps_all(dates: ModelRegistry) -> None:
    dates.set_tag("dates", 1, "team", "a")
    dates.set_tag("dates", "1", "team", "b")
    dates.set_tag("dates", 1, "gone", "x")
    dates.set_tag("dates", 1, "gone", None)
    assert dates.get("dates", 1).tags == {"team": "b"}
    assert [e.seq for e in dates.audit()] == list(range(1, 9))
    dates.delete("dates", 1)
    assert [e.kind for e in dates.audit("dates")].count("tagged") == 4


def test_a_pair_of_versions_is_compared_row_by_row(dates: ModelRegistry) -> None:
    found = dates.compare("dates", before=1, after="3")
    assert found["accuracy"].difference == pytest.approx(-196 / 400)
    assert found["accuracy"].verdict == "worse"
    assert found.title.startswith("dates version 3 minus dates version 1")


def test_a_model_and_a_job_take_references(dates: ModelRegistry, tmp_path: Path) -> None:
    from modelops_jupyter import Dataset

    with pytest.raises(SourceNotFoundError, match=r"config\.json"):
        load_model("registry:dates/1")  # it is no model that transformers knows
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "config.json").write_text('{"hidden_size": 8}')
    dates.register("small", folder)
    dates.promote("small", "production", 1)
    for text in ("registry:small@production", "models:/small/1", dates.get("small")):
        model = load_model(text) if isinstance(text, str) else load_model(text.path)
        assert (model.path, model.name) == (dates.get("small").path, "small-1")
        job = FineTuningJob(text, Dataset([{"prompt": "a", "completion": "b"}]))  # type: ignore[arg-type]
        assert job._base == {"kind": "folder", "path": str(model.path), "reference": "registry:small/1"}
