"""The verdicts of one rater: in a journal before they count, and what they are after undo."""

from pathlib import Path

import xxhash

from modelops_jupyter._home import home
from modelops_jupyter._where import Where
from modelops_jupyter.datasets.journal import Entry, Journal
from modelops_jupyter.errors import StoreError

Said = dict[int, Entry]  # place of the item → {"item", "verdict", "note"}


class Verdicts:
    """What a rater said about items, which `fingerprint` names; `path` is the journal.

    Attributes
    ----------
    said
        The last verdict on each item that has one, in the order in which they were given.
    done
        All that can be taken back, the latest last.
    """

    def __init__(self, path: str | Path | None, fingerprint: str, rater: str, size: int) -> None:
        self._what, self._rater = fingerprint, rater
        self.path = self._default() if path is None else Path(path)
        self._journal = Journal(self.path, f"{fingerprint}:{rater}", size, "rating")
        if self._journal.fingerprint != f"{fingerprint}:{rater}":
            raise StoreError(
                f"The journal {self.path.name} has ratings of other items, or by another rater.",
                code="journal-source",
                where=Where(file=str(self.path)),
                hint="Give the items as they were then, or the path of a new file.",
            )
        self.done = _folded(self._journal.entries)
        self.said = _said(self.done)

    def _default(self) -> Path:
        folder = home() / "ratings" / self._what
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / f"{xxhash.xxh3_64_hexdigest(self._rater.encode())}.jsonl"

    def add(self, entry: Entry) -> None:
        """Write an entry down, then let it count: a verdict, ``{"undo": true}``, ``{"again": true}``."""
        self._journal.append(entry)
        self.done = _folded([*self.done, entry])
        self.said = _said(self.done)

    def others(self) -> dict[str, Said]:
        """Return who else rated these items, with a journal beside this one, and what they said."""
        found: dict[str, Said] = {}
        for path in sorted(self.path.parent.glob("*.jsonl")):
            if path == self.path or not path.stat().st_size:
                continue
            try:
                journal = Journal(path, "", 0, "rating")
            except StoreError:
                continue  # a file of another kind
            what, _, name = journal.fingerprint.partition(":")
            if what == self._what and name != self._rater:
                found[name] = _said(_folded(journal.entries))
        return found


def _folded(entries: list[Entry]) -> list[Entry]:
    done: list[Entry] = []
    for entry in entries:
        if "undo" in entry:
            done.pop()
        else:
            done.append(entry)
    return done


def _said(done: list[Entry]) -> Said:
    said: Said = {}
    for entry in done:
        if "again" in entry:  # the skipped ones are asked again
            said = {at: kept for at, kept in said.items() if kept["verdict"] != "skip"}
        else:
            said[entry["item"]] = entry
    return said


def clear(said: Said) -> dict[int, str]:
    """Return the verdicts that are none of skipping."""
    return {at: entry["verdict"] for at, entry in said.items() if entry["verdict"] != "skip"}
