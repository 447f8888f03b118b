"""The sanitiser: each step does one thing, is recorded, and travels as JSON."""

from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset, DatasetSanitizer
from modelops_jupyter.datasets.steps import (
    DropConflicts,
    DropDuplicates,
    DropInvalid,
    DropNearDuplicates,
    LengthFilter,
    NormalizeText,
    Redact,
    Step,
    StripKeys,
    TruncateMessages,
    step_from_json,
)
from modelops_jupyter.errors import ConfigError

from .build import chat, opened, pairs


def text(*values: str) -> Dataset:
    return Dataset([{"text": value} for value in values])


def test_left_alone_it_removes_errors_and_copies_and_accounts_for_both() -> None:
    ds = Dataset.from_text('{"text": "a"}\n{"text"\n{"text": ""}\n{"text": "a"}\n{"text": "b"}\n')
    done = DatasetSanitizer().run(ds)
    assert done.dataset.to_list() == [{"text": "a"}, {"text": "b"}]
    assert list(done.dataset.ids) == [ds.ids[0], ds.ids[4]]
    assert list(done.removed.ids) == [ds.ids[1], ds.ids[2], ds.ids[3]]
    assert [(c.step.name, c.removed, c.changed, c.rows) for c in done.counts] == [
        ("drop_invalid", 2, 0, 3),
        ("drop_duplicates", 1, 0, 2),
    ]
    assert done.counts[0].reasons == {"Not JSON": 1, "Empty": 1}
    assert [(e.line, e.reason, e.after) for e in done.examples] == [
        (2, "Not JSON", None),
        (3, "Empty", None),
        (4, "Duplicate", None),
    ]
    assert (done.rows_before, len(ds)) == (5, 5)
    assert "5 rows → 2" in repr(done)


def test_rows_that_no_step_changes_keep_their_bytes(tmp_path: Path) -> None:
    content = b'{"text" : "a"}\n{ "text": "b", "x": 1.0E5 }\n'
    ds = opened(tmp_path, content)
    DatasetSanitizer([Redact(["email"]), NormalizeText()]).run(ds).dataset.to_jsonl(tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == content


def test_the_steps_stand_in_the_lineage() -> None:
    done = DatasetSanitizer([LengthFilter(max=3)]).run(text("a", "abcd"))
    last = done.dataset.lineage[-1]
    assert (last.operation, last.rows) == ("sanitize", 1)
    assert DatasetSanitizer.from_json(last.arguments["steps"]) == DatasetSanitizer([LengthFilter(max=3)])


def test_warnings_are_dropped_only_when_named() -> None:
    ds = Dataset([*pairs(2), {"prompt": "", "completion": "a"}])
    assert len(DatasetSanitizer([DropInvalid()]).run(ds).dataset) == 3
    assert len(DatasetSanitizer([DropInvalid(also=("empty-field",))]).run(ds).dataset) == 2


def test_of_conflicting_answers_none_is_kept_unless_asked() -> None:
    ds = Dataset([chat("u:q", "a:1"), chat("u:r", "a:1"), chat("u:q", "a:2")])
    assert list(DatasetSanitizer([DropConflicts()]).run(ds).dataset.ids) == [ds.ids[1]]
    assert list(DatasetSanitizer([DropConflicts(keep="first")]).run(ds).dataset.ids) == list(ds.ids[:2])


def test_of_nearly_equal_rows_the_first_is_kept() -> None:
    words = "one two three four five six seven eight nine ten eleven twelve"
    ds = text(words, f"{words} .", "something else entirely, of other words", words)
    for how, left in ((DropNearDuplicates(), [0, 2]), (DropNearDuplicates(threshold=1.0), [0, 1, 2])):
        done = DatasetSanitizer([how]).run(ds)
        assert list(done.dataset.ids) == [ds.ids[i] for i in left]
        assert done.counts[0].reasons == {"Near duplicate": 4 - len(left)}
    with pytest.raises(ConfigError, match="threshold=2"):
        DatasetSanitizer([DropNearDuplicates(2)]).run(ds)


def test_length_counts_the_text_of_every_layout_and_both_ends_are_in() -> None:
    rows: list[dict[str, Any]] = [
        {"text": "abc"},
        {"prompt": "a", "completion": "bc"},
        chat("s:a", "u:b", "a:c"),
        {"prompt": "a", "chosen": "b", "rejected": "c"},
        {"instruction": "a", "input": "", "output": "bc"},
        {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "bc"}]},
    ]
    for row in rows:
        ds = Dataset([row, row, row])
        assert len(DatasetSanitizer.filter_by_length(ds, 3, 3)) == 3
        assert len(DatasetSanitizer.filter_by_length(ds, 4)) == 0
        assert len(DatasetSanitizer.filter_by_length(ds, 1, 2)) == 0


def test_missing_text_has_length_zero() -> None:
    ds = Dataset([{"text": "a"}, {"text": None}, {"other": "abc"}], format="text")
    assert DatasetSanitizer.filter_by_length(ds).to_list() == [{"text": "a"}]
    assert len(DatasetSanitizer.filter_by_length(ds, min_length=0)) == 3


def test_length_may_be_counted_in_tokens_of_a_tokenizer() -> None:
    class Words:
        def encode(self, text: str) -> list[str]:
            return text.split()

    ds = text("one", "one two", "one two three")
    kept = DatasetSanitizer.filter_by_length(ds, 2, 2, unit="tokens", tokenizer=Words())
    assert kept.to_list() == [{"text": "one two"}]


def test_a_range_that_holds_nothing_is_an_error() -> None:
    with pytest.raises(ConfigError, match="min=5 is greater than max=4"):
        LengthFilter(min=5, max=4)


def test_keys_are_stripped_at_the_top_or_everywhere() -> None:
    ds = Dataset([{"text": "a", "x": 1, "deep": [{"x": 2, "y": 3}]}, {"text": "b"}])
    assert DatasetSanitizer.strip_keys(ds, ["x"])[0] == {"text": "a", "deep": [{"x": 2, "y": 3}]}
    deep = DatasetSanitizer.strip_keys(ds, iter(["x"]), recursive=True)
    assert deep[0] == {"text": "a", "deep": [{"y": 3}]}
    assert list(deep.ids) == list(ds.ids)
    assert deep.raw(1) == ds.raw(1)


def test_a_bare_text_instead_of_names_is_an_error_with_the_fix() -> None:
    for refused in (lambda: DatasetSanitizer.strip_keys(text("a"), "note"), lambda: Redact("email")):  # type: ignore[arg-type]
        with pytest.raises(ConfigError, match=r"Write \w+=\["):
            refused()
    with pytest.raises(ConfigError, match="Did you mean 'email'"):
        Redact(["emial"])


def test_normalising_keeps_joiners_wide_forms_and_indentation() -> None:
    kept = ["می‌روم", "क्‍ष", "👩‍🚀", "①½ﬁ", "ＡＢ", "“quoted”", "two  spaces", "def f(x):\n    return x"]
    done = DatasetSanitizer([NormalizeText()]).run(text(*kept, "cafe\u0301", "a\r\nb\rc"))
    assert [row["text"] for row in done.dataset] == [*kept, "café", "a\nb\nc"]
    assert done.counts[0].changed == 2


STEPS: list[Step] = [
    DropInvalid(also=("bom",)),
    DropDuplicates(),
    DropNearDuplicates(threshold=0.9),
    DropConflicts(keep="first"),
    LengthFilter(min=2, max=9, unit="tokens"),
    StripKeys(["a", "b"], recursive=True),
    Redact(["email"]),
    NormalizeText("NFD", mojibake=True),
    TruncateMessages(9, "tokens"),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_step_comes_back_equal_from_json(step: Step) -> None:
    assert step_from_json(step.to_json()) == step
    assert hash(step_from_json(step.to_json())) == hash(step)


def test_unknown_steps_and_options_in_json_are_named() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'redact'"):
        step_from_json({"step": "redakt"})
    with pytest.raises(ConfigError, match="length_filter"):
        step_from_json({"step": "length_filter", "maximum": 3})
