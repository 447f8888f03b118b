"""Whatever is edited comes back by undoing; whatever differs is made by applying the difference."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from modelops_jupyter.datasets import Dataset, EditSession

TEXTS = st.text(max_size=4)
RAWS = st.lists(
    st.one_of(
        st.builds(lambda text: Dataset([{"text": text}]).raw(0), TEXTS),
        st.sampled_from([b'{"text" : "a"}', b'{"n": 1.0E5}', b"{", b"7", b'{"a": 1, "a": 2}']),
    ),
    max_size=12,
)
KINDS = st.sampled_from(["patch", "drop", "keep", "label", "undo", "redo"])


def of(raws: list[bytes]) -> Dataset:
    return Dataset.from_text(b"".join(raw + b"\n" for raw in raws))


def state(ds: Dataset) -> tuple[list[bytes], list[str]]:
    return list(ds.raws()), list(ds.ids)


def edit(session: EditSession, kind: str, data: st.DataObject) -> None:
    """Make one edit that is possible now, or none."""
    size = len(session.dataset)
    some = data.draw(st.lists(st.integers(0, size - 1), max_size=3)) if size else []
    rows = [session.dataset.ids[i] if data.draw(st.booleans()) else i for i in some]
    match kind:
        case "patch":
            session.patch({row: {"text": data.draw(TEXTS)} for row in rows})
        case "label":
            readable = [
                r for r, i in zip(rows, some, strict=True) if dict(session.dataset.decoded())[i] is not None
            ]
            session.label(readable, data.draw(TEXTS))
        case "drop":
            session.drop(rows)
        case "keep":
            session.keep(rows + list(range(size // 2)))
        case "undo" if session.can_undo:
            session.undo()
        case "redo" if session.can_redo:
            session.redo()
        case _:
            pass


@settings(deadline=None, max_examples=80)
@given(RAWS, st.lists(KINDS, max_size=8), st.data())
def test_undo_takes_back_and_redo_makes_again(
    raws: list[bytes], kinds: list[str], data: st.DataObject
) -> None:
    ds = of(raws)
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "edits.jsonl"
        session = ds.edit(journal)
        for kind in kinds:
            edit(session, kind, data)
        last = state(session.dataset)
        again = of(raws).edit(journal)
        assert state(again.dataset) == last
        assert (again.history, again.can_redo) == (session.history, session.can_redo)
        states = [last]
        while session.can_undo:
            states.append(state(session.undo()))
        assert session.dataset is ds
        for before in states[-2::-1]:
            assert state(session.redo()) == before
        assert state(of(raws).edit(journal).dataset) == last


@settings(deadline=None, max_examples=200)
@given(RAWS, st.data())
def test_a_difference_applied_gives_the_other(raws: list[bytes], data: st.DataObject) -> None:
    a = of(raws)
    order = data.draw(st.permutations(range(len(raws))))
    b = a.take(order[: data.draw(st.integers(0, len(raws)))])
    if len(b):
        b = b.patch({i: {"text": data.draw(TEXTS)} for i in data.draw(st.sets(st.integers(0, len(b) - 1)))})
    b = b + of(data.draw(RAWS))
    assert not a.diff(a)
    diff = a.diff(b)
    assert state(diff.apply(a)) == state(b)
    assert bool(diff) == (state(a) != state(b))
    counts = diff.counts()
    assert len(a) - counts["removed"] + counts["added"] == len(b)


@settings(deadline=None)
@given(RAWS, RAWS, st.lists(st.integers(0, 11), max_size=8))
def test_rows_taken_twice_are_told_apart(raws: list[bytes], more: list[bytes], twice: list[int]) -> None:
    a, b = of(raws), of(more)
    a, b = (ds.take([i % len(ds) for i in twice]) if len(ds) else ds for ds in (a, b))
    assert not a.diff(a)
    assert state(a.diff(b).apply(a)) == state(b)
