"""Progress as text: a line that is redrawn where somebody watches, few lines in a log."""

import io
from typing import Any

import pytest

from modelops_jupyter.fine_tuning import console
from modelops_jupyter.fine_tuning.records import JobRow
from modelops_jupyter.fine_tuning.store import JobStore


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def told(store: JobStore, running: JobRow) -> dict[str, Any]:
    held = {"validation_loss": 0.5, "validation_loss_low": 0.4, "validation_loss_high": 0.6}
    points = [(name, 50, value) for name, value in held.items()]
    points += [("loss", step, 2.0) for step in range(1, 51)]
    points += [("elapsed", step, 2.0 * step) for step in range(1, 51)]
    store.beat(running.id, 1, points=points)
    (short,) = store.list()
    return short


def at(told: dict[str, Any], fraction: float, **changes: Any) -> dict[str, Any]:
    return told | {"progress": told["progress"] | {"fraction": fraction}} | changes


def test_the_line_says_how_far_how_good_and_how_long(told: dict[str, Any]) -> None:
    assert console.line(told) == (
        "tiny-aaaaaa  50 % |██████████          | running, step 50 of 100, loss 2.000, "
        "validation 0.500 [0.400, 0.600], about 100 s left, 95 to 105 (80 % range)"
    )


def test_a_simulated_job_and_a_line_break_in_a_name_do_no_harm(told: dict[str, Any]) -> None:
    text = console.line(told | {"simulated": True, "name": "a\nb"})
    assert text.startswith("a b ")
    assert "running (simulated)" in text


@pytest.mark.parametrize(
    ("share", "drawn"), [(-1, " " * 20), (0.0625, "█▎" + " " * 18), (1.0, "█" * 20), (7, "█" * 20)]
)
def test_the_bar_has_eighths_and_ends(share: float, drawn: str) -> None:
    assert console.bar(share) == f"|{drawn}|"


def test_a_terminal_has_one_line_redrawn_only_for_news_and_never_wider_than_it_is(
    told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    line = console.ProgressLine(stream)
    for fraction in (0.1, 0.1, 0.2):
        line.draw(at(told, fraction))
    line.close()
    drawn = stream.getvalue().split("\r\x1b[K")
    assert len(drawn) == 3
    assert all(len(part.rstrip("\n")) <= 39 for part in drawn)
    assert stream.getvalue().count("\n") == 1


def test_a_log_gets_a_line_for_each_tenth_and_each_status(told: dict[str, Any]) -> None:
    stream = io.StringIO()
    line = console.ProgressLine(stream)
    for fraction in (0.11, 0.12, 0.19, 0.21, 0.22):
        line.draw(at(told, fraction))
    line.draw(at(told, 0.22, status="failed", label="Failed"))
    line.close()
    lines = stream.getvalue().splitlines()
    assert [text.split("| ")[1].split(",")[0] for text in lines] == ["running", "running", "failed"]
    assert "\r" not in stream.getvalue()


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()], ids=["terminal", "log"])
def test_a_warning_is_told_once_with_its_advice_and_stays(told: dict[str, Any], stream: io.StringIO) -> None:
    flat = "The loss has not fallen since the start. Check learning_rate."
    line = console.ProgressLine(stream)
    line.draw(at(told, 0.11))
    for fraction in (0.12, 0.13):
        line.draw(at(told, fraction), [flat])
    line.close()
    lines = [text.rpartition("\x1b[K")[2] for text in stream.getvalue().splitlines()]
    assert lines.count(f"warning: {flat}") == 1
    assert lines[-1].startswith("tiny-aaaaaa")


def test_a_failure_ends_the_line_with_its_reason(told: dict[str, Any]) -> None:
    failed = told | {"status": "failed", "label": "Failed", "reason_text": "The disk is full."}
    assert console.line(failed).endswith("The disk is full.")
