"""Edit sessions: each edit can be undone, and a journal takes them through a restart."""

import json
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import DatasetError, RowError, StoreError

from .build import opened


def letters(text: str = "abcde") -> Dataset:
    return Dataset([{"text": letter} for letter in text])


def said(ds: Dataset) -> str:
    return "".join(row["text"] for row in ds)


def test_edits_go_on_from_each_other_and_back_one_by_one() -> None:
    ds = letters()
    session = ds.edit()
    steps = [
        session.patch({1: {"text": "B"}}),
        session.drop([0, ds.ids[3]]),
        session.patch({0: {"text": "x"}, ds.ids[4]: {"text": "y"}}),
        session.keep([1, 2]),
        session.label([0], True),
    ]
    assert [said(each) for each in steps] == ["aBcde", "Bce", "xcy", "cy", "cy"]
    assert steps[-1][0] == {"text": "c", "review": True}
    assert list(session.dataset.ids) == [ds.ids[2], ds.ids[4]]
    assert [said(session.undo()) for _ in range(5)] == ["cy", "xcy", "Bce", "aBcde", "abcde"]
    assert session.dataset is ds
    assert not session.can_undo
    assert [said(session.redo()) for _ in range(5)] == ["aBcde", "Bce", "xcy", "cy", "cy"]
    assert not session.can_redo
    assert session.dataset == steps[-1]
    assert said(ds) == "abcde"


def test_the_lineage_has_the_edits_that_hold() -> None:
    session = letters().edit()
    session.patch({0: {"text": "A"}})
    session.drop([4])
    session.undo()
    session.label([1], "ok")
    assert [step.operation for step in session.dataset.lineage] == ["from_records", "patch", "label"]
    assert session.history == session.dataset.lineage[1:]
    assert [step.rows for step in session.history] == [5, 5]
    assert repr(session) == "EditSession(5 rows, 2 edits)"


def test_a_new_edit_forgets_what_was_undone() -> None:
    session = letters().edit()
    session.drop([0])
    session.undo()
    session.drop([1])
    with pytest.raises(DatasetError, match="nothing to redo"):
        session.redo()
    session.undo()
    with pytest.raises(DatasetError, match="nothing to undo"):
        session.undo()


def test_an_edit_that_fails_changes_nothing() -> None:
    ds = letters()
    session = ds.edit()
    session.drop([0])
    for wrong in (
        lambda: session.patch({0: {"text": float("nan")}}),
        lambda: session.drop([4]),
        lambda: session.drop(["nobody"]),
        lambda: session.label([0], 1, key="text"),
    ):
        with pytest.raises(DatasetError):
            wrong()
    with pytest.raises(DatasetError, match=r"no longer a row.*undo"):
        session.patch({ds.ids[0]: {"text": "A"}})
    assert said(session.dataset) == "bcde"
    assert len(session.history) == 1


def test_rows_that_were_not_edited_keep_their_bytes(tmp_path: Path) -> None:
    ds = opened(tmp_path, b'{"text" : "a"}\n{"n":1.0E5, "text": "b"}\n{"text":"c"}\n')
    session = ds.edit()
    session.patch({0: {"text": "A"}})
    session.drop([2])
    session.save(tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == b'{"text":"A"}\n{"n":1.0E5, "text": "b"}\n'


# ---- the journal ------------------------------------------------------------------------------------


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_restart_makes_the_edits_again(tmp_path: Path) -> None:
    ds, journal = letters(), tmp_path / "edits.jsonl"
    session = ds.edit(journal)
    session.patch({0: {"text": "É \U0001f600 \u2028"}})
    session.drop([1, 2])
    session.label([0], {"ok": None})
    session.undo()
    session.undo()
    session.redo()
    again = letters().edit(journal)
    assert again.dataset == session.dataset
    assert list(again.dataset.ids) == list(session.dataset.ids)
    assert again.history == session.history
    assert again.notices == ()
    assert again.redo() == session.dataset.label([0], {"ok": None})
    assert said(again.undo()) == "É \U0001f600 \u2028de"


def test_the_journal_is_json_lines_with_ids_and_hashes(tmp_path: Path) -> None:
    ds, journal = letters("ab"), tmp_path / "edits.jsonl"
    ds.edit(journal).patch({0: {"text": "A"}})
    header, line = lines(journal)
    assert (header["kind"], header["schema"]) == ("edit_journal", 1)
    assert header["fingerprint"] == ds.fingerprint
    assert line["entry"]["rows"] == [[0, ds.ids[0], ds.ids[0], '{"text":"A"}']]  # the id is the hash


def test_a_changed_source_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    journal = tmp_path / "edits.jsonl"
    letters("ab").edit(journal).drop([0])
    before = journal.read_bytes()
    with pytest.raises(DatasetError, match=r"other rows.*begin another journal") as caught:
        letters("abc").edit(journal)
    assert caught.value.code == "journal-source"
    assert journal.read_bytes() == before


def test_a_torn_last_entry_is_left_out_with_a_notice(tmp_path: Path) -> None:
    ds, journal = letters(), tmp_path / "edits.jsonl"
    session = ds.edit(journal)
    session.drop([0])
    whole = journal.read_bytes()
    session.patch({0: {"text": "B"}})
    longer = journal.read_bytes()
    for end in range(len(whole) + 1, len(longer)):
        for rest in (b"", b"\0" * (len(longer) - end)):  # a power cut may leave zeros
            journal.write_bytes(longer[:end] + rest)
            again = letters().edit(journal)
            assert said(again.dataset) == "bcde"
            assert "cut off" in again.notices[0]
    assert said(again.drop([0])) == "cde"  # goes on over the torn end
    assert journal.read_bytes().startswith(whole)
    assert said(letters().edit(journal).dataset) == "cde"
    assert letters().edit(journal).notices == ()


def test_a_line_that_was_changed_or_taken_out_is_found(tmp_path: Path) -> None:
    journal = tmp_path / "edits.jsonl"
    session = letters().edit(journal)
    for _ in range(3):
        session.drop([0])
    head, one, two, three = journal.read_bytes().splitlines(keepends=True)
    for content in (
        head + one.replace(b'"drop"', b'"keep"') + two + three,
        head + two + three,
        head + one + three + two,
        head.replace(b'"rows": 5', b'"rows": 6') + one + two + three,
    ):
        journal.write_bytes(content)
        with pytest.raises(StoreError, match=r"line \d does not fit") as caught:
            letters().edit(journal)
        assert caught.value.code == "journal-damaged"
        assert journal.read_bytes() == content


def test_a_foreign_file_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    for content in (b"hello\n", b'{"kind": "run"}\n', b"[1]", b"\xff\xfe"):
        other.write_bytes(content)
        with pytest.raises(StoreError, match="no journal of edits"):
            letters().edit(other)
        assert other.read_bytes() == content
    other.write_bytes(b'{"kind": "edit_journal", "schema": 2, "fingerprint": ""}\n')
    with pytest.raises(StoreError, match="Update modelops_jupyter"):
        letters().edit(other)
    with pytest.raises(StoreError, match="cannot be opened"):
        letters().edit(tmp_path)
    with pytest.raises(StoreError):
        letters().edit(tmp_path / "nowhere" / "edits.jsonl")


def test_two_sessions_do_not_write_over_each_other(tmp_path: Path) -> None:
    journal = tmp_path / "edits.jsonl"
    first, second = letters().edit(journal), letters().edit(journal)
    first.drop([0])
    with pytest.raises(StoreError, match="another session") as caught:
        second.drop([1])
    assert caught.value.code == "journal-continued"
    assert said(second.dataset) == "abcde"
    first.drop([0])
    assert said(letters().edit(journal).dataset) == "cde"


def test_saving_over_the_source_settles_the_edits(tmp_path: Path) -> None:
    content = b'{"text": "a"}\n\n{"text": "b"}\n{"text": "a"}\n'
    ds, journal = opened(tmp_path, content), tmp_path / "edits.jsonl"
    session = ds.edit(journal)
    session.patch({1: {"text": "B"}})
    session.save(tmp_path / "copy.jsonl")
    assert session.can_undo
    session.save(tmp_path / "data.jsonl")
    assert not session.can_undo
    session.drop([2])
    again = Dataset.from_file(tmp_path / "data.jsonl").edit(journal)
    assert said(again.dataset) == said(session.dataset) == "aB"
    assert len(again.history) == 1
    with pytest.raises(DatasetError, match="other rows"):
        Dataset.from_text(content).edit(journal)


def test_the_source_is_known_by_any_of_its_names(tmp_path: Path) -> None:
    link = tmp_path / "link.jsonl"
    link.symlink_to(tmp_path / "data.jsonl")
    opened(tmp_path, b'{"text": "a"}\n')
    session = Dataset.from_file(link).edit(tmp_path / "edits.jsonl")
    session.patch({0: {"text": "b"}})
    session.save(tmp_path / "data.jsonl")
    assert not session.can_undo
    other = tmp_path / "other"
    other.mkdir()
    session.patch({0: {"text": "c"}})
    session.save(other / "data.jsonl")
    assert session.can_undo


def test_without_a_journal_saving_settles_nothing(tmp_path: Path) -> None:
    session = opened(tmp_path, b'{"text": "a"}\n').edit()
    session.patch({0: {"text": "b"}})
    session.save(tmp_path / "data.jsonl")
    assert said(session.undo()) == "a"


def test_dropped_rows_come_back_by_id_or_by_their_place_among_all() -> None:
    ds = letters()
    session = ds.edit()
    session.drop([1, 3, 4])
    assert said(session.all_rows) == "abcde"
    assert session.dropped.tolist() == [False, True, False, True, True]
    assert said(session.restore([3, ds.ids[1], 0])) == "abcd"
    assert session.history[-1].arguments == {"rows": 2}
    assert said(session.undo()) == "ac"
    assert said(session.redo()) == "abcd"


def test_a_line_of_json_replaces_a_row_byte_for_byte_or_not_at_all() -> None:
    session = letters().edit()
    assert session.patch({1: b'{"text":  1E5}'}).raw(1) == b'{"text":  1E5}'
    for line in (b"{", b"[1]", b'{"text":\n"b"}'):
        with pytest.raises(RowError):
            session.patch({1: line})
    assert len(session.history) == 1


def test_a_journal_brings_rows_back_that_were_brought_back(tmp_path: Path) -> None:
    session = letters().edit(tmp_path / "j")
    session.drop([0, 1, 2])
    session.restore([1])
    assert said(letters().edit(tmp_path / "j").dataset) == "bde"


def test_another_label_leaves_all_other_bytes_of_a_row() -> None:
    raw = '{"n": 1.10, "n": 1.20, "review" : "old",  "m": 1E5}'
    session = Dataset.from_text(raw + "\n").edit()
    assert session.label([0], "new").raw(0).decode() == raw.replace("old", "new")
