"""Steps that change text or cut conversations, and what the sanitiser says about them."""

import tracemalloc
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset, DatasetSanitizer, storage
from modelops_jupyter.datasets.mojibake import repaired
from modelops_jupyter.datasets.steps import (
    Decision,
    LengthFilter,
    NormalizeText,
    Step,
    StripKeys,
    TruncateMessages,
)
from modelops_jupyter.errors import ConfigError

from .build import chat


class Words:
    """A tokenizer for which a word is a token."""

    def encode(self, text: str) -> list[str]:
        return text.split()


# ---- normalising ------------------------------------------------------------------------------------

CORRECT = (
    """
“CAFÉ” | “IRMÃ” | «IRMÃ» | “HÅ” | NÃO AÇÃO | naïve façade | é”… | 5 × 3² | Ð | ÅÄÖ | São Paulo | 50 €/m² | ΑΒΓ
می‌روم | क्‍ष | 👩‍🚀 | 🏴󠁧󠁢󠁳󠁣󠁴󠁿 | ①½ﬁ | ＡＢ | “quoted” | café | def f(x):·····return x | Привет, мир | 中文字
""".replace("\n", " | ")
    .replace("·", "\u2007")
    .split(" | ")
)


@pytest.mark.parametrize("text", [text for text in CORRECT if text])
def test_correct_text_is_not_repaired(text: str) -> None:
    assert repaired(text) == text
    step = NormalizeText(mojibake=True)
    assert DatasetSanitizer([step]).run(Dataset([{"text": text}])).counts[0].changed == 0


SPOILED = """café – naïve | Österreich, Übung, Straße | “quoted” | It’s | 😀 | Привет | 中文 | £5, 20 °C
≤ | škoda ł | Ελληνικά | שלום | これは | ça va… | voilà | œuvre""".replace("\n", " | ").split(" | ")


@pytest.mark.parametrize("text", SPOILED)
@pytest.mark.parametrize("read_as", ["latin-1", "cp1252"])
@pytest.mark.parametrize("times", [1, 2])
def test_text_that_was_read_wrongly_comes_back(text: str, read_as: str, times: int) -> None:
    spoiled = text
    for _ in range(times):
        try:
            spoiled = spoiled.encode().decode(read_as)
        except UnicodeDecodeError:
            pytest.skip("Windows has no such letter")
    assert repaired(spoiled) == text


def test_a_text_with_both_keeps_its_correct_part() -> None:
    assert repaired("naïve cafÃ© über") == "naïve café über"


def test_a_repair_that_would_leave_a_control_character_is_none() -> None:
    text = "so it isÂ\x81 and cafÃ©"
    assert repaired(text) == text


def test_repair_is_done_only_when_asked_for_and_counted() -> None:
    ds = Dataset([{"text": "cafÃ©"}, {"text": "cafe\u0301"}, {"text": "a\r\nb"}, {"text": "plain"}])
    done = DatasetSanitizer([NormalizeText()]).run(ds)
    assert [row["text"] for row in done.dataset] == ["cafÃ©", "café", "a\nb", "plain"]
    assert done.counts[0].reasons == {"NFC": 1, "Line ends": 1}
    done = DatasetSanitizer([NormalizeText(mojibake=True)]).run(ds)
    assert [row["text"] for row in done.dataset] == ["café", "café", "a\nb", "plain"]
    assert done.counts[0].reasons == {"Mojibake": 1, "NFC": 1, "Line ends": 1}
    assert DatasetSanitizer([NormalizeText("NFKC")]).run(Dataset([{"text": "ＡＢ"}])).dataset[0] == {
        "text": "AB"
    }
    with pytest.raises(ConfigError, match="NFX"):
        NormalizeText("NFX")  # type: ignore[arg-type]


# ---- cutting conversations --------------------------------------------------------------------------


def cut(row: dict[str, Any], longest: int) -> list[str] | None:
    """Return what is left, a letter and the text for each turn; None when the row is gone."""
    done = DatasetSanitizer([TruncateMessages(longest)]).run(Dataset([row, {"text": "x" * 999}])).dataset
    assert done[-1] == {"text": "x" * 999}
    return [f"{m['role'][0]}:{m['content']}" for m in done[0]["messages"]] if len(done) == 2 else None


def test_the_oldest_exchanges_go_first_and_the_system_stays() -> None:
    row = chat("s:sys", "u:1111", "a:2222", "u:33", "a:44", "u:5", "a:6")
    assert cut(row, 17) == ["s:sys", "u:1111", "a:2222", "u:33", "a:44", "u:5", "a:6"]
    assert cut(row, 16) == ["s:sys", "u:33", "a:44", "u:5", "a:6"]
    assert cut(row, 9) == ["s:sys", "u:33", "a:44", "u:5", "a:6"]
    assert cut(row, 8) == ["s:sys", "u:5", "a:6"]
    assert cut(row, 5) == ["s:sys", "u:5", "a:6"]
    assert cut(row, 4) is None


def test_no_result_is_left_without_its_call_and_no_answer_without_its_question() -> None:
    row = chat("a:hello", "u:aaa", "u:bbb", "a:", "t:ccc", "a:dd", "u:e", "a:f")
    assert cut(row, 15) == ["a:hello", "u:aaa", "u:bbb", "a:", "t:ccc", "a:dd", "u:e", "a:f"][1:]
    for longest in range(2, 13):
        assert cut(row, longest) == ["u:e", "a:f"]


def test_an_open_question_at_the_end_does_not_make_a_row_with_nothing_to_learn() -> None:
    assert cut(chat("u:aaaa", "a:b", "u:c"), 5) is None
    assert cut(chat("u:aaaa", "a:b", "u:c", "a:d", "u:e"), 3) == ["u:c", "a:d", "u:e"]


def test_rules_in_the_middle_stay_with_what_follows() -> None:
    assert cut(chat("s:x", "u:aaaa", "a:b", "s:y", "u:c", "a:d"), 4) == ["s:x", "s:y", "u:c", "a:d"]


def test_other_keys_and_layouts_of_conversations_are_kept() -> None:
    said = [{"from": "human", "value": "aaaa"}, {"from": "gpt", "value": "b"}] * 2
    ds = Dataset([{"conversations": said, "system": "s", "source": 7}])
    done = DatasetSanitizer([TruncateMessages(6)]).run(ds)
    assert done.dataset[0] == {"conversations": said[2:], "system": "s", "source": 7}
    assert done.counts[0].reasons == {"Oldest exchanges cut": 1}


def test_turns_may_be_counted_in_tokens() -> None:
    row = chat("u:one two three", "a:four", "u:five", "a:six")
    ds = Dataset([row])
    for step, left in (
        (TruncateMessages(5, "tokens", Words()), 2),
        (TruncateMessages(6, "tokens", Words()), 4),
        (TruncateMessages(7, "tokens"), 4),
        (TruncateMessages(6, "tokens"), 2),
    ):
        assert len(DatasetSanitizer([step]).run(ds).dataset[0]["messages"]) == left


def test_what_is_cut_passes_the_length_filter_of_the_same_length() -> None:
    rows = [chat(*(f"{'ua'[i % 2]}:{'x' * (7 * i % 11)}" for i in range(1, n))) for n in range(2, 14)]
    steps = [TruncateMessages(20), LengthFilter(0, 20)]
    assert DatasetSanitizer(steps).run(Dataset(rows)).counts[1].removed == 0


# ---- in general -----------------------------------------------------------------------------------


def test_stripped_keys_are_counted_by_name() -> None:
    ds = Dataset([{"text": "a", "x": 1, "d": [{"y": 2}]}, {"text": "b", "y": 0}])
    done = DatasetSanitizer([StripKeys(["x", "y"], recursive=True)]).run(ds)
    assert done.dataset.to_list() == [{"text": "a", "d": [{}]}, {"text": "b"}]
    assert done.counts[0].reasons == {"y": 2, "x": 1}
    assert (done.examples[0].before, done.examples[0].after) == ("x: 1", "without x")


def test_an_example_shows_the_place_that_changed() -> None:
    ds = Dataset([{"text": "word " * 100 + "cafe\u0301 end"}])
    (example,) = DatasetSanitizer([NormalizeText()]).run(ds).examples
    assert example.reason == "NFC"
    assert example.after is not None
    assert example.before.startswith("…")
    assert example.after.endswith("café end")


def test_a_step_with_a_tokenizer_needs_it_again_from_json() -> None:
    sanitizer = DatasetSanitizer([LengthFilter(1, 2, "tokens", Words())])
    ds = Dataset([{"text": "a b"}, {"text": "a b c"}])
    done = sanitizer.run(ds)
    assert len(done.dataset) == 1
    steps = done.dataset.lineage[-1].arguments["steps"]
    assert steps[0]["tokenizer"] == "Words"
    with pytest.raises(ConfigError, match="tokenizer="):
        DatasetSanitizer.from_json(steps)
    assert len(DatasetSanitizer.from_json(steps, Words()).run(ds).dataset) == 1


class Shout(Step):
    """A user's own step."""

    name = "shout"

    def apply(self, ds: Dataset) -> Any:
        for at, row in ds.decoded():
            if row is None:
                yield Decision(at, ("unreadable",))
            elif row["text"].islower():
                yield Decision(at, ("low",), {**row, "text": row["text"].upper()})


def test_a_step_of_ones_own_removes_and_changes_in_one_pass() -> None:
    ds = Dataset.from_text('{"text": "a"}\n{"tex\n{"text": "B"}\n{"text": "c"}\n')
    done = DatasetSanitizer([Shout()]).run(ds)
    assert done.dataset.to_list() == [{"text": "A"}, {"text": "B"}, {"text": "C"}]
    assert list(done.dataset.ids) == [ds.ids[0], ds.ids[2], ds.ids[3]]
    assert [done.dataset.line(i) for i in range(3)] == [1, 3, 4]
    assert (done.counts[0].removed, done.counts[0].changed) == (1, 2)
    assert [done.removed.raw(0)] == [ds.raw(1)]


def test_a_step_that_changes_every_row_does_not_hold_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"word " * 200
    ds = Dataset.from_text(b"\n".join(b'{"text": "%d %s\\r"}' % (i, text) for i in range(8_000)))
    monkeypatch.setattr(storage, "SPILL", 1 << 20)
    tracemalloc.start()
    done = DatasetSanitizer([NormalizeText()]).run(ds)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert done.counts[0].changed == len(ds) == 8_000
    assert peak < 0.6 * ds.nbytes  # a few rows and a few numbers for each; the rest is on disk


def test_reasons_say_how_often_each() -> None:
    ds = Dataset([{"text": value} for value in ("", "ab", "abcdef", "abcdefg")])
    done = DatasetSanitizer([LengthFilter(1, 3)]).run(ds)
    assert done.counts[0].reasons == {"Longer than 3": 2, "Shorter than 1": 1}
    assert "removed 3, changed 0 (Longer than 3 2, Shorter than 1 1)" in repr(done)
