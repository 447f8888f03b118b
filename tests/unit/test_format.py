"""One function turns a value into text, for text form, twin and wire."""

import math

import pytest

from modelops_jupyter import _format as f


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("bell\x07", "bell␇"),
        ("line\nbreak\ttab", "line\nbreak\ttab"),
        ("👩\u200d🔬 joins", "👩\u200d🔬 joins"),
        ("\ud800", "⟨U+D800⟩"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
    ],
)
def test_what_would_hide_or_turn_text_is_made_visible(text: str, shown: str) -> None:
    assert f.visible(text) == shown


def test_a_cell_is_cut_but_says_its_length_and_keeps_big_integers() -> None:
    assert f.cell("x" * 900) == {"type": "text", "text": "x" * 499 + "…", "length": 900}
    assert f.cell(2**64 + 1)["text"] == "18446744073709551617"
    assert f.cell(None)["type"] == "null"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.91345, "0.913"),
        (-0.5, "−0.500"),
        (1.5e-5, "1.50e-5"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (0.0, "0.000"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert f.number(value) == text


def test_small_words() -> None:
    assert f.p_value(0.0) == "<0.001"
    assert f.duration(75) == "1 min 15 s"
    assert f.duration(7260) == "2 h 1 min"
    assert f.size(1_009_000_000) == "1.01 GB"
    assert f.plural(1, "row") == "1 row"
    assert f.interval(0.8871, 0.9339) == "[0.887, 0.934]"
