"""The plan: what a run would do, what it would cost, and why it would not work."""

from typing import Any

import pytest
from tests.unit.training.conftest import Heard

from modelops_jupyter import Dataset
from modelops_jupyter.errors import ConfigError, EmptyInputError
from modelops_jupyter.training import TrainingConfig, TrainingPipeline, memory, models, plan, tiny_chat_model
from modelops_jupyter.training.encode import encoded_rows, packed

pytest.importorskip("torch")
pytestmark = pytest.mark.train


def said(*texts: str) -> dict[str, Any]:
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)]}


GOOD = [said(f"Say {i}.", f"{i}") for i in range(20)]


def test_the_plan_is_what_the_run_then_does() -> None:
    pytest.importorskip("trl")
    ds, config = Dataset(GOOD), TrainingConfig(epochs=2, batch_size=4, warmup_steps=1)
    made = plan("tiny", ds, config)
    heard = Heard()
    run = TrainingPipeline(config).run(ds, on_event=heard)
    (told,) = heard.of("plan")
    assert (made.rows, made.steps, made.epochs) == (told["rows"], run.steps, told["epochs"]) == (20, 10, 2)
    assert made.tokens == told["tokens"] == sum(len(r.input_ids) for r in encoded_rows(ds, _tokenizer()).kept)
    assert made.audit is not None
    assert made.audit.share == told["trained_share"]
    assert made.config.learning_rate == 3e-3
    assert "20 rows" in repr(made)
    assert "10 steps" in repr(made)


def _tokenizer() -> Any:
    return tiny_chat_model().load()[1]


def test_the_audit_names_the_rows_that_validation_names() -> None:
    """Cut and empty rows, by the same rule as `Dataset.validate`."""
    long, hopeless = said("Say it.", "word " * 200), said("x " * 400, "y")
    ds = Dataset([*GOOD, long, hopeless])
    audit = plan("tiny", ds, {"max_length": 64}).audit
    assert audit is not None
    report = ds.validate(tokenizer=_tokenizer(), max_tokens=64)
    by_code = {
        code: [ds.ids[p.row] for p in report if p.code == code] for code in ("answer-cut", "mask-empty")
    }
    assert list(audit.cut) == by_code["answer-cut"] == [ds.ids[20]]
    assert list(audit.empty) == by_code["mask-empty"] == [ds.ids[21]]
    assert audit.unended == audit.stray == ()
    assert "1 row of 22 teaches nothing and stays out" in repr(plan("tiny", ds, {"max_length": 64}))


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("<|end|>{% endgeneration %}", "{% endgeneration %}<|end|>", "unended"),
        (
            "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}",
            "{% generation %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
            "{% endgeneration %}",
            "stray",
        ),
    ],
)
def test_the_audit_finds_a_template_that_trains_the_wrong_tokens(old: str, new: str, found: str) -> None:
    spec = tiny_chat_model()
    assert old in spec.chat_template
    planted = models.ModelSpec(
        "planted", spec.architecture, 0, spec.tokenizer, spec.chat_template.replace(old, new)
    )
    ds = Dataset(GOOD)
    audit = plan(planted, ds).audit
    assert audit is not None
    assert {name for name in ("empty", "cut", "unended", "stray") if getattr(audit, name)} == {found}
    assert getattr(audit, found) == tuple(ds.ids)


@pytest.mark.parametrize(
    ("rows", "config", "words"),
    [
        (
            [*GOOD[:2], said("x " * 400, "y"), said("z " * 400, "y")],
            {"max_length": 64},
            ["50 %", "mask-empty"],
        ),
        (GOOD, {"warmup_steps": 500, "epochs": 1}, ["warmup_steps is 500", "warmup-longer-than-run"]),
        (GOOD, {"load_best_model_at_end": True}, ["needs validation rows", "validation-missing"]),
        (GOOD, {"eval_metrics": ["exact_match"]}, ["eval_metrics needs validation rows"]),
        (GOOD, {"method": "dpo"}, ["'messages' cannot be trained on with the method 'dpo'", "preference"]),
        ([said("x " * 900, "y")], {"max_length": 4000}, ["window is 1,024", "max_length=1024"]),
        (
            GOOD,
            {"method": "lora", "lora_target_modules": ["q_prj"]},
            ["no layer 'q_prj'", "Did you mean 'q_proj'"],
        ),
    ],
)
def test_what_cannot_work_is_refused_with_the_way_out(
    rows: list[Any], config: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        plan("tiny", Dataset(rows), config)
    told = f"{caught.value} {caught.value.code}"
    assert all(word in told for word in words), told


def test_no_rows_and_preferences_without_dpo_are_refused() -> None:
    with pytest.raises(EmptyInputError):
        plan("tiny", Dataset())
    pairs = Dataset([{"prompt": "q", "chosen": "a", "rejected": "b"}])
    with pytest.raises(ConfigError, match="method='dpo'"):
        plan("tiny", pairs)
    assert plan("tiny", pairs, {"method": "dpo"}).rows == 1


def test_a_model_too_big_for_the_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    class Small:
        total, available = 1 << 20, 1 << 19

    monkeypatch.setattr(psutil, "virtual_memory", Small)
    with pytest.raises(ConfigError, match=r"the machine has 1.* method='lora'"):
        plan("tiny", Dataset(GOOD))


def test_a_container_counts_as_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "group_limits", lambda: iter([1 << 20]))
    with pytest.raises(ConfigError, match=r"the machine has 1.* method='lora'"):
        plan("tiny", Dataset(GOOD))


def test_an_adapter_is_counted_as_peft_counts_it() -> None:
    peft = pytest.importorskip("peft")
    made = plan("tiny", Dataset(GOOD), {"method": "lora", "lora_r": 4})
    model, _ = tiny_chat_model().load()
    adapted = peft.get_peft_model(model, peft.LoraConfig(r=4, target_modules="all-linear"))
    assert made.trainable == adapted.get_nb_trainable_parameters()[0]
    assert any("never trained" in note for note in made.notes)


def test_a_trial_measures_the_time_and_leaves_nothing(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("trl")
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = plan("tiny", Dataset(GOOD), {"batch_size": 4, "epochs": 50}, trial_steps=4)
    assert made.seconds is not None
    assert 0 < made.seconds[0] <= made.seconds[1]
    assert "Time:" in repr(made)
    assert not list(tmp_path.iterdir())


def test_a_service_is_planned_by_its_price() -> None:
    ds = Dataset(GOOD)
    made = plan("some-service-model", ds, {"epochs": 2}, prices={"some-service-model": 25.0})
    assert made.audit is None
    assert made.price == pytest.approx(made.tokens * 2 * 25.0 / 1e6)
    fewer = plan("some-service-model", ds, {"max_steps": 5}, prices={"some-service-model": 25.0})
    assert fewer.price == pytest.approx(made.tokens * fewer.epochs * 25.0 / 1e6)
    assert fewer.epochs == 1.7
    assert "Price" in repr(made)
    assert "≈" in repr(made)


def test_packing_lays_every_row_once_and_within_the_limit() -> None:
    rows = encoded_rows(
        Dataset([said("Say " + "one " * (i % 7), "two " * (i % 5)) for i in range(40)]), _tokenizer()
    ).kept
    groups = packed(rows, 64)
    assert sorted(i for group in groups for i in group) == list(range(len(rows)))
    sizes = [sum(len(rows[i].input_ids) for i in group) for group in groups]
    assert max(sizes) <= 64
    assert len(groups) <= 1.3 * sum(sizes) / 64 + 1


def test_a_notebook_masks_only_what_is_about_this_machine() -> None:
    from modelops_jupyter.notebook.display import mimebundle

    made = plan("tiny", Dataset(GOOD))
    text, html = (mimebundle(made)[0][kind] for kind in ("text/plain", "text/html"))
    steady, volatile = text.split("‹")
    assert f"{made.steps} steps" in steady
    assert "Memory: ≈" not in steady
    assert "Memory: ≈" in volatile
    assert "Memory: ≈" in html.split("<data>")[1]
