"""What was recorded: numbers, rows, job; and the lineage, diff and card that are made of it."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from markdown_it import MarkdownIt

from modelops_jupyter import Dataset, FineTuningJob, evaluate_model
from modelops_jupyter.errors import RegistryError
from modelops_jupyter.fine_tuning import FineTunedModel
from modelops_jupyter.registry import ModelRegistry, ModelVersion

Make = Callable[..., Path]


@pytest.fixture
def rows() -> Dataset:
    return Dataset.from_records([{"prompt": f"Say {i}.", "completion": str(i)} for i in range(12)])


@pytest.fixture
def job(rows: Dataset) -> FineTuningJob:
    made = FineTuningJob("tiny", rows, provider="simulated", name="first", config={"max_steps": 5})
    made.run()
    made.wait()
    return made


@pytest.fixture
def version(registry: ModelRegistry, artifact: Make, rows: Dataset, job: FineTuningJob) -> ModelVersion:
    measured = evaluate_model(
        lambda prompts: [p[4:-1] for p in prompts], rows[:6], baselines=(), title="held out"
    )
    held = {"config.json": b'{"architectures": ["LlamaForCausalLM"]}', "w": b"1", "README.md": b"mine"}
    return registry.register(
        "dates", artifact(held), metrics=measured, dataset=rows, job=job, parameters={"note": np.int64(3)},
        tags={"license": "mit"}, description="Reads *dates*.",
    )  # fmt: skip


def test_numbers_keep_their_intervals_and_the_evaluation_its_rows(version: ModelVersion) -> None:
    again = ModelRegistry().get("dates")
    assert again.metrics["exact_match"] == 1.0
    assert again.metrics["exact_match"].low == pytest.approx(0.6097, abs=1e-3)
    assert again.evaluation.rows is not None
    assert len(again.evaluation.rows) == 6
    assert again.parameters == {"note": 3}


def test_bare_numbers_and_what_is_undefined(registry: ModelRegistry, artifact: Make) -> None:
    kept = registry.register("dates", artifact(), metrics={"loss": float("nan"), "f1": np.float32(0.5)})
    assert np.isnan(kept.metrics["loss"])
    assert str(registry.get("dates").metrics["f1"]) == "0.500 no interval"


def test_the_job_says_which_rows_and_another_dataset_is_refused(
    registry: ModelRegistry, artifact: Make, rows: Dataset, job: FineTuningJob
) -> None:
    kept = registry.register("a", artifact(), job=job)
    assert kept.dataset["fingerprint"] == rows.fingerprint
    assert (kept.job["id"], kept.job["config"]["max_steps"], kept.job["base_model"]) == (job.id, 5, "tiny")
    with pytest.raises(RegistryError, match="not the one"):
        registry.register("a", artifact(), job=job, dataset=rows[:3])
    assert registry.register("b", artifact(), job=job.id, dataset=rows.fingerprint).job == {"id": job.id}


def test_the_artifact_s_own_account_serves_where_no_job_is_given(
    registry: ModelRegistry, artifact: Make
) -> None:
    story = {"kind": "training", "schema": 1, "base": {"kind": "hub", "id": "a/b"}, "config": {"epochs": 2},
             "rows": 7, "dataset": "sha256:ab"}  # fmt: skip
    kept = registry.register("dates", artifact({"training.json": json.dumps(story).encode()}))
    assert kept.job == {"base_model": "a/b", "config": {"epochs": 2}}
    assert kept.dataset == {"fingerprint": "sha256:ab", "rows": 7}
    assert registry.register("x", artifact({"training.json": b"[1]"})).facts == {}


def test_a_fine_tuned_model_registers_itself(
    registry: ModelRegistry, tmp_path: Path, job: FineTuningJob
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    model = FineTunedModel(folder)
    model.origin = job
    kept = model.register("dates", tags={"a": "b"})
    assert (kept.version, kept.job["name"], kept.tags) == (1, "first", {"a": "b"})
    assert list(kept.files) == ["config.json"]
    other = ModelRegistry(tmp_path / "other")
    assert FineTunedModel(folder).register("dates", registry=other).facts == {}


def test_the_lineage_leads_from_the_steps_to_the_version(version: ModelVersion, rows: Dataset) -> None:
    graph = version.lineage
    kinds = {(graph[e.source].kind, e.kind, graph[e.target].kind) for e in graph.edges}
    assert kinds == {
        ("step", "then", "dataset"),
        ("dataset", "learned_from", "job"),
        ("model", "started_from", "job"),
        ("job", "made", "version"),
        ("dataset", "measured_on", "evaluation"),
        ("evaluation", "measured", "version"),
    }
    order = {node.id: number for number, node in enumerate(graph.nodes)}
    assert all(order[e.source] < order[e.target] for e in graph.edges)
    assert graph[f"rows:{rows.fingerprint}"].facts["rows"] == 12
    assert graph[f"job:{version.job['id']}"].facts["config"]["max_steps"] == 5
    assert json.loads(json.dumps(graph.to_dict()))["edges"]
    assert version.lineage.plot().axes


def test_numbers_measured_on_the_training_rows_are_pointed_out(
    registry: ModelRegistry, artifact: Make, rows: Dataset
) -> None:
    measured = evaluate_model(lambda prompts: prompts, rows, baselines=())
    doubted = registry.register("dates", artifact(), metrics=measured, dataset=rows)
    assert any("very rows" in notice for notice in doubted.lineage.notices)
    assert "very rows" in str(doubted.card)
    assert registry.register("bare", artifact()).lineage.notices == ("Not recorded: dataset, job, metrics.",)


def test_a_diff_names_data_settings_numbers_and_files(
    registry: ModelRegistry, artifact: Make, version: ModelVersion, rows: Dataset
) -> None:
    other = {"dataset": rows.sample(6, seed=1), "metrics": {"exact_match": 0.5}, "parameters": {"note": 4}}
    registry.register("dates", artifact({"w": b"22"}), **other)
    diff = registry.diff("dates", 1, 2)
    assert diff
    changed = {(c.part, c.name): (c.before, c.after) for c in diff.changes}
    assert changed["data", "rows"] == (12, 6)
    assert changed["data", "step 2"][0] is None
    assert changed["config", "parameters.note"] == (3, 4)
    assert changed["config", "config.max_steps"] == (5, None)
    assert changed["numbers", "exact_match"] == (1.0, 0.5)
    assert {name for part, name in changed if part == "files"} == {"config.json", "w", "README.md"}
    assert next(c for c in diff.changes if c.name == "exact_match").texts[2] == "−0.500"
    assert not registry.diff("dates", 1, 1)
    assert json.loads(diff.to_json())["after"] == "registry:dates/2"


def test_the_card_holds_facts_as_hubs_read_them(version: ModelVersion) -> None:
    _, front, body = str(version.card).split("---\n", 2)
    told = yaml.safe_load(front)
    assert (told["license"], told["base_model"], told["library_name"]) == ("mit", "tiny", "transformers")
    (found,) = told["model-index"][0]["results"]
    assert found["task"] == {"type": "text-generation"}
    assert {"type": "exact_match", "name": "Exact match", "value": 1.0} in found["metrics"]
    assert r"Reads \*dates\*." in body
    assert version.digest in body
    assert all(content.sha256 in body for content in version.files.values())
    assert "simulated" in body
    bare = "# bare version 1"
    assert bare not in body


def test_hostile_words_stay_words_in_a_card(registry: ModelRegistry, artifact: Make) -> None:
    bad = "|<img src=x onerror=alert(1)>\n---\n[x](javascript:1)\u202e"
    kept = registry.register("dates", artifact(), description=bad, metrics={bad: 1.0}, parameters={bad: bad},
                             tags={"license": bad}, dataset=bad, job=bad)  # fmt: skip
    text = str(kept.card)
    front, body = text.removeprefix("---\n").split("\n---\n", 1)
    assert yaml.safe_load(front)["license"] == bad
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(body)
    assert shown.count("&lt;img src=x onerror=alert(1)&gt;") >= 5
    assert not any(part in shown for part in ("<img", "<a ", "\u202e"))
    assert all(
        line.count(" | ") == 1 for line in body.splitlines() if line.startswith("| ") and "alert" in line
    )


def test_an_export_has_the_card_and_keeps_the_one_that_was_there(
    version: ModelVersion, tmp_path: Path
) -> None:
    out = version.registry.export("dates", 1, tmp_path / "out")
    assert (out / "README.md").read_text("utf-8") == str(version.card)
    assert (out / "README.registered.md").read_bytes() == b"mine"
    assert (out / "w").read_bytes() == b"1"
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".out")]
