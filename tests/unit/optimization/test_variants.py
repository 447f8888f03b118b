"""`compare_variants` proves what is safe and says so in words, table, twin and picture."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.errors import ConfigError, EmptyInputError, EvaluationError
from modelops_jupyter.evaluation import Gate
from modelops_jupyter.fine_tuning import FineTunedModel
from modelops_jupyter.notebook.display import mimebundle, twin_of
from modelops_jupyter.optimization import OnnxModel, Variants, compare_variants, measure

from ..notebook.conftest import HOSTILE
from ..notebook.test_twins import masked, read

ROWS = Dataset.from_records([{"prompt": f"{i}?", "completion": str(i)} for i in range(200)], name="sums")


class Answers:
    """A model of plain Python: right but for every n-th row."""

    def __init__(self, wrong_every: int = 0, name: str = "") -> None:
        self.wrong, self.name = wrong_every, name

    def predict(self, dataset: Dataset) -> list[str]:
        right = [row["completion"] for row in dataset]
        return ["x" if self.wrong and int(t) % self.wrong == 0 else t for t in right]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no processes to measure memory in."""

    def known(*_: object) -> float:
        return 123e6

    monkeypatch.setattr(measure, "memory", known)


@pytest.fixture
def compared(alone: None) -> Variants:
    variants = {"same": Answers(), HOSTILE: Answers(3), "unsure": Answers(50)}
    return compare_variants(Answers(), variants, ROWS, gate=Gate("exact_match", max_drop=0.03))


@pytest.mark.train
def test_a_quantisation_is_judged_on_the_rows_with_its_interval(
    tuned: FineTunedModel,
    exported: OnnxModel,
    small: OnnxModel,
    broken: OnnxModel,
    rows: Dataset,
    alone: None,
) -> None:
    many = rows.concat(*[rows] * 4)
    gate = Gate("exact_match", max_drop=0.1)
    found = compare_variants(tuned, {"ONNX": exported, "INT8": small, "bad": broken}, many, gate=gate)
    assert found["ONNX"].safe
    assert found["ONNX"].same == 1.0
    bad = found["bad"]
    assert not bad.safe
    assert bad.verdict.outcome == "fail"
    assert bad.change.high < -0.1
    assert "bad is not safe here: Exact match −" in found.summary
    int8 = found["INT8"]
    assert int8.change.low <= int8.change.difference <= int8.change.high
    told = rf"INT8 is safe here: Exact match .* on {len(many)} rows, a drop of 0\.100 is allowed; \d\d % of"
    assert re.search(told, found.summary)
    assert int8.size <= 0.45 * found["original"].size
    assert all(row.timing.tokens_per_second > 0 for row in found)


def test_the_sentences_say_what_the_gate_said(compared: Variants) -> None:
    same, poor, unsure = compared.rows[1:]
    assert [row.outcome for row in (same, poor, unsure)] == [
        "pass", "fail", "inconclusive",
    ]  # fmt: skip
    assert [row.safe for row in compared] == [False, True, False, False]
    assert re.search(
        r"same is safe here: Exact match \+0\.000 \[−0\.0\d+, \+0\.0\d+\] on 200 rows", compared.summary
    )
    assert "unsure is not shown to be safe here" in compared.summary
    assert "of the size" not in compared.summary  # nobody knows the size of a Python object
    assert poor.same == pytest.approx(1 - 67 / 200)
    assert compared["original"].change is None
    table = compared.table()
    assert table.head[-1] == "gate"
    assert [row[-1] for row in table.rows] == ["", "pass", "fail", "inconclusive"]
    assert "123 MB" in str(table)


def test_without_a_gate_nothing_is_called_safe(alone: None) -> None:
    found = compare_variants(Answers(), [Answers(3, "poor"), Answers(0, "same")], ROWS)
    assert "safe" not in str(found)
    assert "poor against the original, worse: Exact match −0.335 [" in found.summary
    assert "gate" not in found.table().head
    assert [row.name for row in found] == ["original", "poor", "same"]


def test_an_original_with_nothing_to_lose_is_named(alone: None) -> None:
    gate = Gate("exact_match", max_drop=0.03)
    found = compare_variants(Answers(1), {"same": Answers(1)}, ROWS, gate=gate)
    assert "nothing to lose" in found.notices[0]


def test_a_limit_for_the_value_itself_is_told(alone: None) -> None:
    found = compare_variants(Answers(), {"poor": Answers(3)}, ROWS, gate=Gate("exact_match", min_value=0.9))
    assert "poor is not safe here" in found.summary
    assert "0.900 is needed" in found.summary
    assert found.limit is None
    found.plot()


def test_twin_text_and_picture_show_the_numbers_under_one_mask(compared: Variants) -> None:
    data = mimebundle(compared)[0]
    html, text = data["text/html"], data["text/plain"]
    node, script = (
        Path(sys.executable).with_name("node"),
        Path(__file__).parents[1] / "notebook" / "sanitize.mjs",
    )
    sent = json.dumps([html]).encode()
    run = subprocess.run([node, "--no-warnings", script], input=sent, capture_output=True, check=True)
    assert json.loads(run.stdout) == [html]
    assert "<img src=x onerror=" in "".join(read(html).words)
    assert html.count("<data>") == text.count("‹") == 1
    assert "<img alt=" in html
    for row in compared.table().rows:
        assert row[-2] in html
        assert row[-2] in text
    again = compare_variants(
        Answers(), {"same": Answers(), HOSTILE: Answers(3), "unsure": Answers(50)}, ROWS, gate=compared.gate
    )
    assert masked(text) == masked(twin_of(again).text(again))
    assert masked(html) == masked(str(twin_of(again).html(again)))


def test_the_picture_shows_differences_limit_and_costs(compared: Variants) -> None:
    made = compared.plot()
    quality, costs = made.axes
    assert next(label.get_text() for label in quality.get_yticklabels()) == "same"
    assert any(line.get_xdata()[0] == -0.03 for line in quality.lines)
    assert {line.get_label() for line in costs.lines} >= {"size", "speed at batch 1", "speed at batch 8"}
    made.canvas.draw()


def test_it_is_kept_as_json(compared: Variants, tmp_path: Path) -> None:
    document = json.loads(compared.to_json(tmp_path / "v.json"))
    assert [row["name"] for row in document["rows"]] == ["original", "same", HOSTILE, "unsure"]
    assert document["rows"][0]["size"] is None
    assert document["gate"]["max_drop"] == 0.03
    assert json.loads((tmp_path / "v.json").read_text())["kind"] == "variants"


def test_what_cannot_be_compared_is_said(alone: None) -> None:
    with pytest.raises(ConfigError, match="no variant"):
        compare_variants(Answers(), {}, ROWS)
    with pytest.raises(ConfigError, match="have one name"):
        compare_variants(Answers(), [Answers(name="a"), Answers(name="a")], ROWS)
    with pytest.raises(ConfigError, match="have one name"):
        compare_variants(Answers(), {"original": Answers()}, ROWS)
    with pytest.raises(EmptyInputError):
        compare_variants(Answers(), {"a": Answers()}, ROWS[:0])
    with pytest.raises((EvaluationError, KeyError)):
        compare_variants(Answers(), {"a": Answers()}, ROWS, gate=Gate("f2", max_drop=0.1))


def test_memory_is_that_of_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hungry.py").write_text(
        "class Hungry:\n"
        "    def __init__(self, size): self.size = size\n"
        "    def predict(self, rows):\n"
        "        held = b'x' * self.size\n"
        "        return [str(len(held)) for _ in rows]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import hungry  # pyright: ignore[reportMissingImports] -- written above

    little, much = (measure.memory(hungry.Hungry(size), ROWS[:2]) for size in (1, 200_000_000))
    assert 190e6 < much - little < 260e6
    assert measure.memory(lambda rows: rows, ROWS[:2]) != measure.memory(lambda rows: rows, ROWS[:2])  # NaN


def test_speeds_are_ratios_within_a_round() -> None:
    first, own = [(1.0, 4.0), (10.0, 40.0), (2.0, 8.0)], [(0.5, 4.0), (5.0, 20.0), (1.0, 4.0)]
    found = measure._timing(own, first, 80.0)
    assert (found.alone, found.batch) == (1.0, 4.0)
    assert (found.alone_speed, found.batch_speed) == (2.0, 2.0)
    assert found.tokens_per_second == 20.0


def test_a_comparison_may_be_of_anything_that_predicts(alone: None) -> None:
    def no_names(_: Any) -> None: ...

    with pytest.raises(EvaluationError):
        compare_variants(no_names, {"a": Answers()}, ROWS)
