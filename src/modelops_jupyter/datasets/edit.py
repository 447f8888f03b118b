"""`EditSession`: changes to a dataset that can be undone, and that survive a restart."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from modelops_jupyter._format import plural
from modelops_jupyter.datasets import parse, select
from modelops_jupyter.datasets._json import escape_pointer
from modelops_jupyter.datasets.encode import encode_record
from modelops_jupyter.datasets.formats import row_format
from modelops_jupyter.datasets.journal import Entry, Journal
from modelops_jupyter.datasets.lineage import LineageStep, described
from modelops_jupyter.datasets.storage import FileStorage
from modelops_jupyter.datasets.validation.locate import span_of
from modelops_jupyter.errors import DatasetError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

Positions = NDArray[np.int64]


class _Edit(NamedTuple):
    """One edit, by positions in the dataset that the session began with."""

    step: LineageStep
    at: Positions
    after: tuple[bytes, ...] | None  # None: the rows went
    before: tuple[bytes | None, ...] = ()  # of changed rows; None: as opened
    back: bool = False  # the rows came back


class EditSession:
    """Changes to the rows of a dataset, one after the other; the dataset itself stays as it is.

    Rows are given by id, or by position in `dataset` as it is now. Each edit returns the new
    dataset.

    Parameters
    ----------
    ds
        What the session begins with.
    journal
        A file that keeps the edits. If it is there already, they are made again. An edit counts
        only when it is on disk; a crash at any moment loses at most the edit in progress.

    Raises
    ------
    DatasetError
        If the journal belongs to other rows.
    StoreError
        If the journal cannot be read or written, or if another session went on with it.

    Examples
    --------
    >>> from modelops_jupyter.datasets import Dataset
    >>> session = Dataset([{"text": "a"}, {"text": "b"}]).edit()
    >>> session.patch({0: {"text": "A"}})[0], session.undo()[0]
    ({'text': 'A'}, {'text': 'a'})
    """

    def __init__(self, ds: "Dataset", journal: str | Path | None = None) -> None:
        self.changed: Callable[[], object] = lambda: None  # told after every edit
        self._begin(ds)
        self._journal = None if journal is None else Journal(journal, ds.fingerprint, len(ds))
        self.notices: tuple[str, ...] = ()
        if self._journal is not None:
            self._take_up(self._journal)

    def _begin(self, ds: "Dataset") -> None:
        self._base = self._made = self._all = ds
        self._alive = np.ones(len(ds), dtype=np.bool_)
        self._edited: dict[int, bytes] = {}
        self._done: list[_Edit] = []
        self._undone: list[_Edit] = []
        for computed in ("_names", "_sums"):
            self.__dict__.pop(computed, None)

    # ---- what is there --------------------------------------------------------------------

    @property
    def dataset(self) -> "Dataset":
        """The dataset with all edits that are not undone."""
        return self._made

    @property
    def all_rows(self) -> "Dataset":
        """The rows that the session began with, as they are now, dropped ones among them."""
        return self._all

    @property
    def dropped(self) -> NDArray[np.bool_]:
        """For each of `all_rows` whether it was taken out."""
        return ~self._alive

    @property
    def edited(self) -> Mapping[int, bytes]:
        """Position and bytes of each of `all_rows` that has other content than in the beginning."""
        return self._edited

    @property
    def history(self) -> tuple[LineageStep, ...]:
        """The edits that are not undone, oldest first."""
        return tuple(edit.step for edit in self._done)

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to undo."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone edit, and none was made since."""
        return bool(self._undone)

    def __repr__(self) -> str:
        undone = f", {len(self._undone)} undone" if self._undone else ""
        return f"EditSession({plural(len(self._made), 'row')}, {plural(len(self._done), 'edit')}{undone})"

    # ---- edits ----------------------------------------------------------------------------

    def patch(self, changes: Mapping[int | str, Mapping[str, Any] | bytes]) -> "Dataset":
        """Replace some rows whole, by records or by lines of JSON."""
        at = self._places(changes)
        made = {p: self._line(row, p) for p, row in zip(at.tolist(), changes.values(), strict=True)}
        return self._set("patch", made)

    def label(self, ids: Iterable[int | str], value: Any, key: str = "review") -> "Dataset":
        """Write a value beside some rows, under a key that is not the format's own."""
        at = dict.fromkeys(self._places(ids).tolist())
        made = {p: labelled(self._base, p, self._raw(p), key, value) for p in at}
        return self._set("label", made, key=key, value=value)

    def drop(self, rows: Iterable[int | str]) -> "Dataset":
        """Take some rows out."""
        return self._remove("drop", np.unique(self._places(rows)))

    def keep(self, rows: Iterable[int | str]) -> "Dataset":
        """Take all rows out but these; they stay in their order."""
        kept = self._places(rows)
        return self._remove("keep", np.setdiff1d(np.flatnonzero(self._alive), kept))

    def restore(self, rows: Iterable[int | str]) -> "Dataset":
        """Bring dropped rows back, given by id or by position in `all_rows`."""
        at = np.unique(select.resolve(self._all, rows)).astype(np.int64)
        at = at[~self._alive[at]]
        step = LineageStep("restore", len(self._made) + len(at), {"rows": len(at)})
        return self._record(_Edit(step, at, None, back=True))

    def undo(self) -> "Dataset":
        """Take back the last edit."""
        return self._turn("undo", self._done)

    def redo(self) -> "Dataset":
        """Make the edit again that was undone last."""
        return self._turn("redo", self._undone)

    def save(self, path: str | Path) -> None:
        """Write the dataset as JSONL, whole or not at all.

        Over the file that the rows came from, this settles the edits of a session with a journal:
        the journal begins anew with what was saved, and there is nothing to undo.
        """
        settles = self._journal is not None and self._is_source(path)
        if self._journal is not None and settles:  # known before the file changes: a crash may come between
            self._journal.append({"edit": "save", "fingerprint": self._made.fingerprint})
        self._made.to_jsonl(path)
        if self._journal is not None and settles:
            self._begin(self._made)
            self._journal.begin(self._made.fingerprint, len(self._made))

    # ---- how ------------------------------------------------------------------------------

    def _places(self, rows: Iterable[int | str]) -> Positions:
        """Return positions at the beginning of the session for ids or positions of now."""
        rows = list(rows)
        numbers = select.resolve(self._made, [r for r in rows if not isinstance(r, str)])
        now = iter(np.flatnonzero(self._alive)[numbers])
        return np.array([self._named(r) if isinstance(r, str) else next(now) for r in rows], dtype=np.int64)

    @cached_property
    def _names(self) -> dict[str, int]:
        return {name: at for at, name in enumerate(self._base.ids)}

    def _named(self, name: str) -> int:
        at = self._names.get(name)
        if at is None or not self._alive[at]:
            there = "no row" if at is None else "no longer a row"
            hint = "" if at is None else "session.undo() brings it back."
            raise DatasetError(f'There is {there} with the id "{name}".', code="unknown-row", hint=hint)
        return at

    def _line(self, row: Mapping[str, Any] | bytes, at: int) -> bytes:
        if not isinstance(row, bytes):
            return encode_record(row, at)
        if parse.try_decode(row) is None or b"\n" in row:
            raise parse.row_error(row, Where(file=self._base.source, line=self._base.line(at), row=at))
        return row

    def _raw(self, at: int) -> bytes:
        return self._edited[at] if at in self._edited else self._base.raw(at)

    @cached_property
    def _sums(self) -> NDArray[np.uint64]:
        return self._base.stored.hashes()

    def _sum(self, at: int) -> str:
        edited = self._edited.get(at)
        return f"{int(self._sums[at]):016x}" if edited is None else xxhash.xxh3_64_hexdigest(edited)

    def _set(self, operation: str, made: Mapping[int, bytes], **arguments: Any) -> "Dataset":
        arguments = {"rows": len(made), **{key: described(value) for key, value in arguments.items()}}
        step = LineageStep(operation, len(self._made), arguments)
        at = np.fromiter(made, np.int64, len(made))
        return self._record(_Edit(step, at, tuple(made.values()), tuple(map(self._edited.get, made))))

    def _remove(self, operation: str, at: Positions) -> "Dataset":
        step = LineageStep(operation, len(self._made) - len(at), {"rows": len(at)})
        return self._record(_Edit(step, at, None))

    def _record(self, edit: _Edit) -> "Dataset":
        if self._journal is not None:
            rows: list[list[Any]] = [[p, self._base.ids[p], self._sum(p)] for p in edit.at.tolist()]
            if edit.after is not None:
                rows = [[*row, raw.decode()] for row, raw in zip(rows, edit.after, strict=True)]
            self._journal.append(
                {"edit": edit.step.operation, "arguments": edit.step.arguments, "rows": rows}
            )
        self._apply(edit)
        self._undone.clear()
        return self._renew()

    def _turn(self, what: str, stack: list[_Edit]) -> "Dataset":
        if not stack:
            raise DatasetError(f"There is nothing to {what}.", code=f"nothing-to-{what}")
        if self._journal is not None:
            self._journal.append({"edit": what})
        self._move(what)
        return self._renew()

    def _move(self, what: str) -> None:
        if what == "redo":
            self._apply(self._undone.pop())
            return
        edit = self._done.pop()
        self._undone.append(edit)
        if edit.after is None:
            self._alive[edit.at] = not edit.back
        for at, raw in zip(edit.at.tolist(), edit.before, strict=False):
            if raw is None:
                del self._edited[at]
            else:
                self._edited[at] = raw

    def _apply(self, edit: _Edit) -> None:
        if edit.after is None:
            self._alive[edit.at] = edit.back
        else:
            self._edited.update(zip(edit.at.tolist(), edit.after, strict=True))
        self._done.append(edit)

    def _renew(self) -> "Dataset":
        made = self._base
        if self._edited:
            made = made.replaced(self._edited.items(), "edit")
        self._all = made
        if not self._alive.all():
            made = made.take(np.flatnonzero(self._alive))
        self._made = made.with_lineage((*self._base.lineage, *self.history)) if self._done else self._base
        self.changed()
        return self._made

    # ---- the journal ----------------------------------------------------------------------

    def _take_up(self, journal: Journal) -> None:
        """Make the edits again that the journal holds."""
        if journal.torn:
            self.notices = ("The last edit in the journal was cut off by a crash; it is left out.",)
        if journal.fingerprint != self._base.fingerprint:
            last = journal.entries[-1] if journal.entries else {}
            if (last.get("edit"), last.get("fingerprint")) != ("save", self._base.fingerprint):
                raise self._changed("The journal belongs to other rows: the dataset has changed")
            journal.begin(self._base.fingerprint, len(self._base))  # a crash came right after saving
            return
        for entry in journal.entries:
            match entry["edit"]:
                case "undo" | "redo" as what:
                    self._move(what)
                case "save":  # the file is as before: it was not written in the end
                    pass
                case _:
                    self._repeat(entry)
        self._renew()

    def _repeat(self, entry: Entry) -> None:
        rows: list[list[Any]] = entry["rows"]
        for at, name, was, *_ in rows:
            if self._sum(at) != was:
                raise self._changed(f'The row "{name}" has changed')
        at = np.array([row[0] for row in rows], dtype=np.int64)
        changes = bool(rows) and len(rows[0]) == 4
        back = entry["edit"] == "restore"
        left = int(self._alive.sum()) - (0 if changes else -len(rows) if back else len(rows))
        step = LineageStep(entry["edit"], left, entry["arguments"])
        if changes:
            before = tuple(map(self._edited.get, at.tolist()))
            self._apply(_Edit(step, at, tuple(row[3].encode() for row in rows), before))
        else:
            self._apply(_Edit(step, at, None, back=back))
        self._undone.clear()

    def _changed(self, what: str) -> DatasetError:
        return DatasetError(
            f"{what} since it was edited.",
            code="journal-source",
            where=Where(file=self._base.source),
            hint='Open the data as it was then, or begin another journal with ds.edit(journal="…").',
        )

    def _is_source(self, path: str | Path) -> bool:
        storages = [source.storage for source in self._base.stored.sources]
        files = {storage.path for storage in storages if isinstance(storage, FileStorage)}
        return Path(path).exists() and any(file.exists() and file.samefile(path) for file in files)


def labelled(ds: "Dataset", position: int, raw: bytes, key: str, value: Any) -> bytes:
    """Return the bytes of a row with a value under a key of the user's; all other bytes stay."""
    where = Where(file=ds.source, line=ds.line(position), row=position)
    row = parse.try_decode(raw)
    if row is None:
        raise parse.row_error(raw, where)
    layout = row_format(row, ds.format)
    if layout is not None and key in layout.keys:
        raise DatasetError(
            f'"{key}" belongs to the format {layout.name}; a label would change what is trained on.',
            code="format-field",
            where=where,
            hint=f'Change it with ds.patch({{"{ds.ids[position]}": {{...}}}}), or use another key.',
        )
    pair, pointer = encode_record({key: value}, position), f"/{escape_pointer(key)}"
    if key in row:
        (start, end), (first, last) = span_of(raw, pointer), span_of(pair, pointer)
        return raw[:start] + pair[first:last] + raw[end:]
    return raw.rstrip(b" \t\r\n")[:-1] + (b"," if row else b"") + pair[1:]
