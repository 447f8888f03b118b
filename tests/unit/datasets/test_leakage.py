"""Leakage: rows of one dataset that stand in another."""

import random

import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import ConfigError

from .build import chat
from .test_near import WORDS, said


def edited(texts: list[str], share: float, seed: int) -> list[str]:
    chance = random.Random(seed)
    return [
        " ".join(chance.choice(WORDS) if chance.random() < share else word for word in text.split())
        for text in texts
    ]


def texts(lines: list[str]) -> Dataset:
    return Dataset([{"text": line} for line in lines])


@pytest.mark.parametrize(("share", "found"), [(0.0, 1.0), (0.1, 0.99), (0.2, 0.93)])
def test_sources_are_found_though_words_of_them_were_changed(share: float, found: float) -> None:
    sources = said(500, seed=1, length=100)
    mine = texts(edited(sources[:200], share, 2) + said(200, seed=9, length=100))
    for one, two in ((mine, texts(sources)), (texts(sources), mine)):
        leak = one.leakage(two)
        assert all(match.row == match.other_row < 200 for match in leak), "nothing else is found"
        assert len(leak) >= found * 200
    assert mine.leakage(texts(sources)).shares[200:].max() == 0


def test_a_match_says_how_and_where() -> None:
    story = " ".join(WORDS[:30])
    train = Dataset(
        [chat("u:Capital of  Peru?", "a:Lima."), chat("u:Tell", f"a:{story}"), chat("u:x", "a:y")]
    )
    test = Dataset([chat("u:x", "a:y"), chat("u:capital of peru?", "a:It is Lima"), chat("u:new", "a:z"),
                    chat("u:Go on", f"a:{' '.join(WORDS[15:45])}")])  # fmt: skip
    leak = test.leakage(train)
    assert [(m.row, m.kind, m.other_row) for m in leak] == [
        (0, "exact", 2),
        (1, "prompt", 0),
        (3, "overlap", 1),
    ]
    assert leak.matches[2].share == pytest.approx(8 / 23)
    assert (leak.matches[0].id, leak.matches[0].other_id) == (test.ids[0], train.ids[2])
    assert leak.clean.to_list() == [test[2]]
    assert "3 rows of 4" in repr(leak)
    assert "row 3 has 35 %" in repr(leak)
    assert len(test.leakage(train, min_share=0.5)) == 2
    assert len(test.leakage(train, n=20)) == 2


def test_system_text_and_boilerplate_are_no_leak() -> None:
    system, form = " ".join(WORDS[:40]), " ".join(WORDS[50:70])
    train = Dataset([chat(f"s:{system}", f"u:{form} {i}a", f"a:{i}b") for i in range(20)])
    test = Dataset([chat(f"s:{system}", f"u:{form} {i}c", f"a:{i}d") for i in range(20)])
    assert len(test.leakage(train)) == 0


def test_short_and_unreadable_rows_and_nothing_at_all() -> None:
    bad = Dataset.from_text('{"text": "yes"}\n{bad\n')
    assert [m.kind for m in bad.leakage(bad)] == ["exact", "exact"]
    assert len(bad.leakage(texts(["no"]))) == 0
    assert len(Dataset().leakage(bad)) == len(bad.leakage(Dataset())) == 0


def test_validate_against_reports_each_row() -> None:
    train = Dataset([chat("u:Capital of Peru?", "a:Lima."), chat("u:x", "a:y")])
    report = train.validate(against=Dataset([chat("u:capital of Peru?", "a:Quito.")]))
    assert [(p.row, p.code, p.severity) for p in report] == [(0, "leakage", "warning")]
    assert "asks the same as row 0 of the other dataset" in report.problems[0].message
    assert "leakage against another dataset" not in report.not_checked


def test_a_measure_of_nothing_is_refused() -> None:
    for options in ({"n": 1}, {"min_share": 2.0}):
        with pytest.raises(ConfigError, match="no measure"):
            texts(["a"]).leakage(texts(["a"]), **options)
