"""What is known about every version, in one SQLite file that many processes share."""

import contextlib
import functools
import getpass
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelops_jupyter import _sqlite
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import RegistryError
from modelops_jupyter.registry import names
from modelops_jupyter.registry.blobs import Content
from modelops_jupyter.registry.version import AuditEvent, Model

APPLICATION_ID = 0x6D6F_7231  # "mor1"
Row = sqlite3.Row


@dataclass(frozen=True, slots=True)
class Entry:
    """All of a new version but its number."""

    name: str
    digest: str
    description: str
    facts: Mapping[str, Any]
    files: Mapping[str, Content]
    tags: Mapping[str, str]
    evaluation: str | None

    @property
    def contents(self) -> set[str]:
        """The hashes of everything it needs."""
        needed = {content.sha256 for content in self.files.values()}
        return needed if self.evaluation is None else needed | {self.evaluation}


class Store:
    """The tables of a registry; every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self._db = _sqlite.Database(
            path,
            application_id=APPLICATION_ID,
            migrations=_sqlite.numbered("modelops_jupyter.registry"),
            what="model registry",
        )
        self.data_version, self.close = self._db.data_version, self._db.close

    # -- reading ------------------------------------------------------------------------------

    def models(self) -> list[Model]:
        """Return every model that has a version, by name."""
        with self._db.read() as db:
            numbers: dict[str, list[int]] = {}
            for row in db.execute(
                "SELECT m.name, v.number FROM model m JOIN version v ON v.model = m.id "
                "ORDER BY m.name, v.number DESC"
            ):
                numbers.setdefault(row["name"], []).append(row["number"])
            aliases: dict[str, dict[str, int]] = {name: {} for name in numbers}
            for row in db.execute(
                "SELECT m.name, a.name AS alias, v.number FROM alias a JOIN version v ON v.id = a.version "
                "JOIN model m ON m.id = v.model ORDER BY a.name"
            ):
                aliases[row["name"]][row["alias"]] = row["number"]
        return [Model(name, tuple(found), aliases[name]) for name, found in numbers.items()]

    def numbers(self, name: str) -> list[int]:
        """Return the numbers of a model's versions, newest first."""
        with self._db.read() as db:
            model = self._model(db, name)
            rows = db.execute("SELECT number FROM version WHERE model = ? ORDER BY number DESC", (model,))
            return [row["number"] for row in rows]

    def version(self, name: str, number: int | None, alias: str | None) -> dict[str, Any]:
        """Return all of a version, by number, alias, or as the newest."""
        with self._db.read() as db:
            row = self._version(db, name, number, alias)
            files = db.execute("SELECT path, sha256, size FROM file WHERE version = ?", (row["id"],))
            tags = db.execute("SELECT key, value FROM tag WHERE version = ?", (row["id"],))
            aliases = db.execute("SELECT name FROM alias WHERE version = ? ORDER BY name", (row["id"],))
            return {
                **{key: row[key] for key in ("digest", "description", "at", "user")},
                "name": name,
                "version": row["number"],
                "facts": json.loads(row["facts"]),
                "evaluation_sha256": row["evaluation"],
                "files": {f["path"]: Content(f["sha256"], f["size"]) for f in files},
                "tags": {t["key"]: t["value"] for t in tags},
                "aliases": tuple(a["name"] for a in aliases),
            }

    def events(self, name: str | None) -> list[AuditEvent]:
        """Return what was done, oldest first: to one model, also one without versions, or to all."""
        where, values = ("WHERE model = ? ", (name,)) if name is not None else ("", ())
        with self._db.read() as db:
            rows = db.execute(f"SELECT * FROM event {where}ORDER BY seq", values)  # noqa: S608 -- one of two constants
            return [AuditEvent(**(dict(row) | {"data": json.loads(row["data"])})) for row in rows]

    def everything(self) -> list[tuple[str, int, str, Content | None]]:
        """Return (model, version, path, content) of every file; an evaluation has no content, only a hash."""
        with self._db.read() as db:
            rows = db.execute(
                "SELECT m.name, v.number, f.path, f.sha256, f.size FROM file f JOIN version v ON v.id = "
                "f.version JOIN model m ON m.id = v.model UNION ALL SELECT m.name, v.number, v.evaluation, "
                "NULL, NULL FROM version v JOIN model m ON m.id = v.model WHERE v.evaluation IS NOT NULL"
            )
            return [(n, v, p, None if sha is None else Content(sha, size)) for n, v, p, sha, size in rows]

    # -- writing ------------------------------------------------------------------------------

    def add(self, entry: Entry, wanted: int | None, missing: Callable[[Iterable[str]], bool]) -> int | None:
        """Write a new version and return its number; None if a content it needs was just collected."""
        with self._db.write() as db:
            if missing(entry.contents):  # looked at under the lock that collecting needs, too
                return None
            model, number = self._number(db, entry.name, wanted)
            evaluation = json.dumps(entry.facts, ensure_ascii=True, allow_nan=False)
            version = db.execute(
                "INSERT INTO version(model, number, at, user, digest, description, facts, evaluation) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(model, number, time.time(), login(), entry.digest, entry.description),
                    *(evaluation, entry.evaluation),
                ),
            ).lastrowid
            files = ((version, path, c.sha256, c.size) for path, c in entry.files.items())
            db.executemany("INSERT INTO file(version, path, sha256, size) VALUES (?, ?, ?, ?)", files)
            tags = ((version, key, value) for key, value in entry.tags.items())
            db.executemany("INSERT INTO tag(version, key, value) VALUES (?, ?, ?)", tags)
            self._note(db, entry.name, number, "registered", {"digest": entry.digest})
        return number

    def point(self, name: str, alias: str, number: int, kind: str, data: Mapping[str, Any]) -> None:
        """Let an alias name a version."""
        with self._db.write() as db:
            row = self._version(db, name, number, None)
            held = db.execute(
                "SELECT v.number FROM alias a JOIN version v ON v.id = a.version "
                "WHERE a.model = ? AND a.name = ?",
                (row["model"], alias),
            ).fetchone()
            if kind == "promoted" and (held["number"] if held else None) != data["from"]:
                raise RegistryError(
                    f"'{alias}' of '{name}' was moved by somebody else while the gate was judged.",
                    code="registry-moved",
                    hint="Promote again: the gate then compares with the version that holds it now.",
                )
            db.execute(
                "INSERT INTO alias(model, name, version) VALUES (?, ?, ?) "
                "ON CONFLICT(model, name) DO UPDATE SET version = excluded.version",
                (row["model"], alias, row["id"]),
            )
            told = {"alias": alias, "from": held["number"] if held else None, **data}
            self._note(db, name, number, kind, told)

    def unpoint(self, name: str, alias: str) -> bool:
        """Take an alias away; tell whether there was one."""
        with self._db.write() as db:
            model = self._model(db, name)
            gone = db.execute("DELETE FROM alias WHERE model = ? AND name = ?", (model, alias)).rowcount
            if gone:
                self._note(db, name, None, "alias-removed", {"alias": alias})
        return bool(gone)

    def tag(self, name: str, number: int, key: str, value: str | None) -> None:
        """Set a tag of a version, or take it away."""
        with self._db.write() as db:
            row = self._version(db, name, number, None)
            if value is None:
                db.execute("DELETE FROM tag WHERE version = ? AND key = ?", (row["id"], key))
            else:
                db.execute(
                    "INSERT INTO tag(version, key, value) VALUES (?, ?, ?) "
                    "ON CONFLICT(version, key) DO UPDATE SET value = excluded.value",
                    (row["id"], key, value),
                )
            self._note(db, name, number, "tagged", {"key": key, "value": value})

    def note(self, name: str, number: int, kind: str, data: Mapping[str, Any]) -> None:
        """Write down something that was tried."""
        with self._db.write() as db:
            self._note(db, name, number, kind, data)

    def delete(self, name: str, number: int, *, force: bool) -> None:
        """Delete a version, with `force` also the aliases that name it."""
        with self._db.write() as db:
            row = self._version(db, name, number, None)
            held = [a["name"] for a in db.execute("SELECT name FROM alias WHERE version = ?", (row["id"],))]
            if held and not force:
                raise RegistryError(
                    f"Version {number} of '{name}' is '{', '.join(held)}' and was not deleted.",
                    code="registry-in-use",
                    hint="Move the alias to another version first, or delete both with force=True.",
                )
            db.execute("DELETE FROM alias WHERE version = ?", (row["id"],))
            db.execute("DELETE FROM version WHERE id = ?", (row["id"],))
            self._note(db, name, number, "deleted", {"digest": row["digest"], "aliases": held})

    def collect(self, remove: Callable[[set[str]], tuple[int, int]]) -> tuple[int, int]:
        """Call `remove` with every hash that is needed, while nobody can begin to need another."""
        with self._db.write() as db:
            needed = db.execute(
                "SELECT sha256 FROM file UNION SELECT evaluation FROM version WHERE evaluation IS NOT NULL"
            )
            return remove({row[0] for row in needed})

    # -- inside -------------------------------------------------------------------------------

    def _model(self, db: sqlite3.Connection, name: str) -> int:
        row = db.execute("SELECT id FROM model WHERE name = ? COLLATE BINARY", (name,)).fetchone()
        if row is None:
            known = [r["name"] for r in db.execute("SELECT name FROM model LIMIT 200")]
            hint = did_you_mean(name, known) if known else "The registry is empty."
            raise RegistryError(f"There is no model '{name}' here.", code="registry-unknown", hint=hint)
        return row["id"]

    def _version(self, db: sqlite3.Connection, name: str, number: int | None, alias: str | None) -> Row:
        model = self._model(db, name)
        if alias is not None:
            query, key = "JOIN alias a ON a.version = v.id WHERE a.model = ? AND a.name = ?", alias
        elif number is not None:
            query, key = "WHERE v.model = ? AND v.number = ?", number
        else:
            query, key = "WHERE v.model = ? AND v.number > ? ORDER BY v.number DESC LIMIT 1", 0
        row = db.execute(f"SELECT v.* FROM version v {query}", (model, key)).fetchone()  # noqa: S608 -- one of three constants
        return row if row is not None else self._absent(db, name, model, number, alias)

    def _absent(
        self, db: sqlite3.Connection, name: str, model: int, number: int | None, alias: str | None
    ) -> Row:
        if alias is not None:
            known = [r["name"] for r in db.execute("SELECT name FROM alias WHERE model = ?", (model,))]
            text = f"No version of '{name}' is '{alias}'."
        else:
            rows = db.execute("SELECT number FROM version WHERE model = ? ORDER BY number DESC", (model,))
            known = [str(r["number"]) for r in rows][:20]
            text = f"'{name}' has no version{'' if number is None else f' {number}'}."
            if number is not None and self._used(db, name, number):
                text = f"Version {number} of '{name}' was deleted."
        hint = f"There is: {', '.join(known)}." if known else None
        raise RegistryError(text, code="registry-unknown", hint=hint)

    def _used(self, db: sqlite3.Connection, name: str, number: int) -> bool:
        found = db.execute(
            "SELECT 1 FROM event WHERE model = ? AND version = ? AND kind = 'registered'", (name, number)
        )
        return found.fetchone() is not None

    def _number(self, db: sqlite3.Connection, name: str, wanted: int | None) -> tuple[int, int]:
        """Return the model, made if need be, and the number of its next version."""
        row = db.execute("SELECT id, name, last FROM model WHERE name = ?", (name,)).fetchone()
        if row is not None and row["name"] != name:
            raise RegistryError(
                f"There is a model '{row['name']}' already: one name in two spellings.",
                code="registry-name",
                hint=f"Use '{row['name']}'.",
            )
        if row is None:
            made = db.execute("INSERT INTO model(name) VALUES (?) RETURNING id, name, last", (name,))
            row = made.fetchone()
        number = wanted or names.check_version(row["last"] + 1)
        if wanted is not None and self._used(db, name, wanted):
            raise RegistryError(
                f"Version {wanted} of '{name}' exists or existed: a version never changes.",
                code="registry-taken",
                hint=f"Leave version= out; the next is {row['last'] + 1}.",
            )
        db.execute("UPDATE model SET last = max(last, ?) WHERE id = ?", (number, row["id"]))
        return row["id"], number

    def _note(
        self, db: sqlite3.Connection, name: str, number: int | None, kind: str, data: Mapping[str, Any]
    ) -> None:
        db.execute(
            "INSERT INTO event(at, user, model, version, kind, data) VALUES (?, ?, ?, ?, ?, ?)",
            (time.time(), login(), name, number, kind, json.dumps(data)),
        )


@functools.cache
def login() -> str:
    """Return the name the user is logged in under, '' where there is none."""
    with contextlib.suppress(Exception):  # a container may have no entry for its user
        return getpass.getuser()
    return ""
