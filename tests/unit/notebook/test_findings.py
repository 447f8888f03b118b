"""Twins of baselines, slices and several comparisons say what the objects say."""

import pytest

from modelops_jupyter import EvaluationResult
from modelops_jupyter.evaluation import Gate, create_evaluator
from modelops_jupyter.notebook.display import mimebundle, twin_of
from modelops_jupyter.notebook.twin import grammar

from .conftest import beaten, everything, weak

OBJECTS = everything()


def test_the_difference_to_baselines_stands_first_in_text_and_twin() -> None:
    result = beaten()
    found = mimebundle(result)[0]
    text, html = found["text/plain"], found["text/html"]
    row = result.against_baselines.rows[1] if result.against_baselines else None
    assert row is not None
    assert text.splitlines()[1].startswith("‹Exact match against")
    assert html.index("Exact match against") < html.index('<th scope="col">metric')
    for shown in (text, html):
        assert "majority answer" in shown
        assert row.verdict in shown
        assert "1.2 [1.1, 1.3]" in shown
    assert '<th scope="col">retained' in html


@pytest.mark.parametrize("name", ["slices", "worst slices", "comparison suite"])
def test_a_finding_has_a_table_a_picture_with_words_and_a_sentence(name: str) -> None:
    found = OBJECTS[name]
    html, text = twin_of(found).html(found), twin_of(found).text(found)
    assert "<table" in html
    assert "<img alt=" in html
    assert "data:image/svg+xml;base64," in html
    for row in found.table().rows:
        assert grammar.text(row[-1]) in html
        assert row[0].split()[-1] in text


def test_nothing_found_is_one_sentence() -> None:
    found = create_evaluator("binary").evaluate([0, 1] * 50, [0, 1] * 50).worst_slices()
    html = twin_of(found).html(found)
    assert "Nothing stands out" in html
    assert "<table" not in html


def test_slices_of_given_labels_are_plain_and_of_a_model_masked() -> None:
    plain, asked = weak().by(["a", "b"] * 100), OBJECTS["slices hostile"]
    assert "‹" not in twin_of(plain).text(plain)
    assert "<data>" not in twin_of(plain).html(plain)
    assert "‹" in twin_of(asked).text(asked)
    assert "<data>" in twin_of(asked).html(asked)


@pytest.mark.parametrize("name", ["calibration", "suite hostile"])
def test_numbers_of_a_model_stand_in_a_masked_table(name: str) -> None:
    found = OBJECTS[name]
    html, text = mimebundle(found)[0]["text/html"], mimebundle(found)[0]["text/plain"]
    assert "<data>" in html
    assert "‹" in text
    for row in found.table().rows:
        for cell in row:
            assert grammar.text(cell) in html
            assert cell in text


@pytest.mark.parametrize("name", ["gate", "gate hostile", "gate asked", "false alarms", "threshold"])
def test_a_decision_is_a_title_and_a_sentence(name: str) -> None:
    found = OBJECTS[name]
    html = mimebundle(found)[0]["text/html"]
    assert grammar.text(found.title) in html
    assert grammar.text(found.summary) in html
    assert found.summary == str(found)
    assert ("<data>" in html) is (name == "gate asked")


def test_a_suite_says_what_deserves_a_second_look() -> None:
    found = OBJECTS["suite hostile"]
    assert "2 cases, 2 repeats" in twin_of(found).text(found)
    lost = EvaluationResult({"accuracy": float("nan")}, "binary", 4)
    assert twin_of(found).html(Gate("accuracy", min_value=0.5).check(lost)).count("Fail.") == 1
