"""Features by entity and time in one SQLite file: ingested whole, read as they were known."""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any, ClassVar, cast

import msgspec
import numpy as np

from modelops_jupyter import _format as fmt
from modelops_jupyter import _sqlite
from modelops_jupyter._display import Rich
from modelops_jupyter._home import home
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets import frames
from modelops_jupyter.errors import ConfigError, DatasetError, SourceNotFoundError, Where
from modelops_jupyter.vector_store import ingest
from modelops_jupyter.vector_store.features import TYPES, Column, FeatureDefinition, FeatureGroup, completed
from modelops_jupyter.vector_store.ingest import BadRow, IngestReport
from modelops_jupyter.vector_store.moments import Micros, micros, micros_of
from modelops_jupyter.vector_store.point_in_time import History
from modelops_jupyter.vector_store.read import FeatureVector, HistoricalFeatures, State, states_of, vector

APPLICATION_ID = 0x6D6F_6631  # "mof1"
_MICRO = timedelta(microseconds=1)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[list[Any]]).decode


@dataclass
class _Loaded:
    """All rows of a group in memory, in the order of ingestion."""

    newest: int = 0
    codes: dict[str | int, int] = field(default_factory=dict[str | int, int])
    entity: Any = field(default_factory=lambda: np.zeros(0, np.int64))
    event: Micros = field(default_factory=lambda: np.zeros(0, np.int64))
    created: Micros = field(default_factory=lambda: np.zeros(0, np.int64))
    columns: dict[str, Column] = field(default_factory=dict[str, Column])
    history: History | None = None


class FeatureStore(Rich):
    """Typed features that never leak the future into a training set.

    Every row has two times: from when on it is true (event) and when it became known (created).
    A reader who asks at time t gets the newest row with both at or before t, and only if it is not
    older than the group's ttl. Of equal events the row created last counts, and of equal in both
    the one ingested last. One row counts as a whole: a None in it does not bring back an older value.

    Parameters
    ----------
    path
        The file; by default `features.sqlite3` in the home folder.

    Raises
    ------
    StoreError
        If the file is not a feature store, or cannot be used.

    Examples
    --------
    >>> shop = FeatureGroup("shop", [FeatureDefinition("stock", int)], created_time="created")
    >>> store = FeatureStore("features.sqlite3")  # doctest: +SKIP
    >>> store.ingest(shop, rows).summary  # doctest: +SKIP
    '6 of 6 rows ingested into shop'
    >>> store.get_online(shop, "A")["stock"]  # doctest: +SKIP
    9
    """

    kind: ClassVar[str] = "feature_store"

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path).expanduser().absolute() if path else home() / "features.sqlite3"
        scripts = _sqlite.numbered("modelops_jupyter.vector_store", "migrations/features")
        self._db = _sqlite.Database(
            self.path, application_id=APPLICATION_ID, migrations=scripts, what="feature store"
        )
        self._loaded: dict[int, _Loaded] = {}
        self._loading = threading.Lock()  # what is loaded grows in place; readers keep to the rows they found

    # ---- writing --------------------------------------------------------------------------

    def ingest(self, group: FeatureGroup, rows: Any, *, strict: bool = False) -> IngestReport:
        """Add rows to a group; the good ones of a batch are all kept, or none of them.

        Parameters
        ----------
        group
            Its features may grow from batch to batch; none may go or change its type.
        rows
            Mappings, one for each row, with the group's entity, times and features; or a mapping from
            these names to columns (numpy arrays are fastest); or a frame. What is absent is missing.
        strict
            Keep nothing if any row is bad.

        Raises
        ------
        DatasetError
            With `strict`, if a row is bad.
        ConfigError
            If the group differs from what is stored, or a column is not known.
        """
        batch = ingest.batch_of(group, rows, time.time_ns() // 1000)
        if strict:
            ingest.refuse(batch.bad)
        out = {row for row, _ in batch.reasons}
        with self._db.write() as db:
            seq, order = self._registered(db, group)
            at = {one.name: place for place, one in enumerate(group.stored)}
            empty = [None] * batch.count
            columns = [batch.values[at[name]] if name in at else empty for name in order]
            data = (_encode(row).decode() for row in zip(*columns, strict=True))
            offered = zip(batch.entities, batch.event.tolist(), batch.created.tolist(), data, strict=True)
            kept = ((seq, *row) for number, row in enumerate(offered) if number not in out)
            db.executemany(
                "INSERT INTO feature_row(grp, entity, event, created, data) VALUES (?, ?, ?, ?, ?)", kept
            )
        return IngestReport(group.name, batch.count, batch.count - len(out), batch.bad)

    def _registered(self, db: Any, group: FeatureGroup) -> tuple[int, list[str]]:
        """Return a group's number and the order of its stored features, after writing down what is new."""
        row = db.execute("SELECT seq, definition FROM feature_group WHERE name = ?", (group.name,)).fetchone()
        old: list[dict[str, Any]] = [] if row is None else json.loads(row["definition"])["features"]
        new = {one["name"]: one for one in _described(group)["features"]}
        for one in old:
            now = new.pop(one["name"], None)
            if now is None or now["type"] != one["type"]:
                what = "is gone" if now is None else f"was {one['type']} and is now {now['type']}"
                text = f"The stored group {group.name} differs: its feature {one['name']} {what}."
                raise ConfigError(text, code="group-changed", hint="Give the group another name.")
            one.update(now)
        definition = json.dumps({**_described(group), "features": [*old, *new.values()]})
        db.execute(
            "INSERT INTO feature_group(name, definition) VALUES (?, ?) "
            "ON CONFLICT(name) DO UPDATE SET definition = excluded.definition",
            (group.name, definition),
        )
        seq = db.execute("SELECT seq FROM feature_group WHERE name = ?", (group.name,)).fetchone()[0]
        return seq, [one["name"] for one in [*old, *new.values()]]

    # ---- reading --------------------------------------------------------------------------

    @property
    def groups(self) -> dict[str, int]:
        """The groups, each with its number of rows."""
        query = "SELECT name, (SELECT COUNT(*) FROM feature_row r WHERE r.grp = g.seq) FROM feature_group g"
        with self._db.read() as db:
            return dict(db.execute(f"{query} ORDER BY name").fetchall())

    def group(self, name: str) -> FeatureGroup:
        """Return a stored group by name.

        Raises
        ------
        SourceNotFoundError
            If there is none.
        ConfigError
            If it has transformations: they are code, and are not stored.
        """
        with self._db.read() as db:
            found = dict(db.execute("SELECT name, definition FROM feature_group").fetchall())
        if name not in found:
            hint = did_you_mean(name, found)
            raise SourceNotFoundError(f"There is no feature group {name!r}.", code="unknown-group", hint=hint)
        given = json.loads(found[name])
        if given["derived"]:
            text = f"The group {name} computes {', '.join(given['derived'])} with code that is not stored."
            raise ConfigError(text, code="group-with-code", hint="Pass the FeatureGroup itself.")
        described: list[Any] = [{**one, "type": TYPES[one["type"]]} for one in given["features"]]
        features = [FeatureDefinition(**one) for one in described]
        ttl = None if given["ttl"] is None else given["ttl"] * _MICRO
        return FeatureGroup(name, features, given["entity"], given["event_time"], given["created_time"], ttl)

    def get_online(
        self,
        group: FeatureGroup | str,
        entity: str | int,
        features: Sequence[str] | None = None,
        *,
        at: Any = None,
    ) -> FeatureVector:
        """Return the features of one entity, as they are known now.

        Parameters
        ----------
        group
            The group, or its name if it has no transformations.
        features
            Which ones; all by default.
        at
            Another moment than now: what this call would have returned then.

        Raises
        ------
        DatasetError
            If a transformation fails, or the entity or moment is none.
        """
        group = self.group(group) if isinstance(group, str) else group
        names = group.chosen(features)
        try:
            moment = time.time_ns() // 1000 if at is None else micros(at)
        except ValueError as error:
            raise DatasetError(f"The time {error}.", code="time") from None
        (key,), why = ingest.entities_of([entity])
        if why:
            raise DatasetError(f"The entity {why[0]}.", code="entity")
        with self._db.read() as db:
            seq, order = self._order(db, group)
            query = "SELECT event, data FROM feature_row WHERE grp = ? AND entity = ? AND event <= ?"
            newest = " AND created <= ? ORDER BY event DESC, created DESC, seq DESC LIMIT 1"
            row = db.execute(query + newest, (seq, key, moment, moment)).fetchone()
            later = row is None and db.execute(f"{query} LIMIT 1", (seq, key, moment)).fetchone()
        state: State = "found" if row else "not yet known" if later else "unknown"
        if row and group.ttl is not None and moment - row["event"] > group.ttl // _MICRO:
            state = "expired"
        held: list[Any] = json.loads(row["data"]) if row and state == "found" else []
        values = dict(zip(order, held, strict=False))
        columns = {one.name: np.array([values.get(one.name)], object) for one in group.stored}
        done = completed(group, columns, names)
        return vector(group.name, key, names, state, row["event"] if row else None, done)

    def get_historical(
        self,
        group: FeatureGroup | str,
        entities_with_timestamps: Any,
        features: Sequence[str] | None = None,
        *,
        timestamp: str = "timestamp",
    ) -> HistoricalFeatures:
        """Return the features of entities, each as it was known at its moment.

        Parameters
        ----------
        entities_with_timestamps
            Mappings with the group's entity and `timestamp`, or pairs of both, or a mapping of columns,
            or a frame. Other columns, such as labels, are passed on.
        features
            Which ones; all by default.

        Raises
        ------
        DatasetError
            If an entity or moment is none, or a transformation fails.
        ConfigError
            If a column has the name of a feature.
        """
        group = self.group(group) if isinstance(group, str) else group
        names = group.chosen(features)
        given = _asks(entities_with_timestamps, group.entity, timestamp)
        if taken := sorted(set(given) & set(names)):
            text = f"The column {taken[0]!r} has the name of a feature."
            raise ConfigError(text, code="feature-name", hint="Rename it, or choose other features.")
        entities, no_entity = ingest.entities_of(given[group.entity])
        moments, no_time = micros_of(given[timestamp])
        bad = [BadRow(at, group.entity, why) for at, why in no_entity.items()]
        ingest.refuse(bad + [BadRow(at, timestamp, why) for at, why in no_time.items()])
        with self._loading:
            loaded = self._load(group)
        assert loaded.history is not None
        codes = np.fromiter(map(loaded.codes.get, entities, repeat(-1)), np.int64, len(entities))
        place, by_event = loaded.history.find(codes, moments)
        ttl = np.iinfo(np.int64).max if group.ttl is None else group.ttl // _MICRO
        alive, shown = (
            (rows >= 0) & (moments - _take(loaded.event, rows, 0) <= ttl) for rows in (place, by_event)
        )
        chosen = np.where(alive, place, -1)
        columns = {one.name: _take(loaded.columns[one.name], chosen, None) for one in group.stored}
        values, missing, defaulted = completed(group, columns, names)
        return HistoricalFeatures(
            group=group.name,
            types={one.name: one.type for one in group.features if one.name in names},
            columns={**given, group.entity: entities, **{name: values[name] for name in names}},
            moments=moments,
            timestamp=timestamp,
            missing={name: missing[name] for name in names},
            defaulted={name: defaulted[name] for name in names},
            states=states_of(place, by_event, alive),
            late=int((shown & (place != by_event)).sum()),
        )

    def _order(self, db: Any, group: FeatureGroup) -> tuple[int, list[str]]:
        row = db.execute("SELECT seq, definition FROM feature_group WHERE name = ?", (group.name,)).fetchone()
        if row is None:
            text = f"Nothing was ingested into the feature group {group.name!r}."
            raise SourceNotFoundError(text, code="unknown-group")
        stored = {one["name"]: one["type"] for one in json.loads(row["definition"])["features"]}
        for one in group.stored:
            if stored.get(one.name, one.type.__name__) != one.type.__name__:
                text = f"The feature {one.name} is stored as {stored[one.name]}, not {one.type.__name__}."
                raise ConfigError(text, code="group-changed")
        return row["seq"], list(stored)

    def _load(self, group: FeatureGroup) -> _Loaded:
        """Return the rows of a group as they are now; only what is new since the last time is read."""
        with self._db.read() as db:
            seq, order = self._order(db, group)
            held = self._loaded.setdefault(seq, _Loaded())
            cursor = db.cursor()
            cursor.row_factory = None
            query = "SELECT seq, entity, event, created, data FROM feature_row WHERE grp = ? AND seq > ?"
            rows = cursor.execute(f"{query} ORDER BY seq", (seq, held.newest)).fetchall()
        before = len(held.entity)
        if rows:
            numbers, entities, event, created, data = zip(*rows, strict=True)
            held.newest = numbers[-1]
            for one in dict.fromkeys(entities):
                held.codes.setdefault(one, len(held.codes))
            found = np.fromiter(map(held.codes.__getitem__, entities), np.int64, len(rows))
            held.entity = np.concatenate([held.entity, found])
            held.event = np.concatenate([held.event, np.array(event, np.int64)])
            held.created = np.concatenate([held.created, np.array(created, np.int64)])
            values = _decode(f"[{','.join(data)}]")
            for place, name in enumerate(order):
                old = held.columns.get(name, np.full(before, None, object))
                new = np.fromiter((r[place] if place < len(r) else None for r in values), object, len(rows))
                held.columns[name] = np.concatenate([old, new])
        if rows or held.history is None:
            held.history = History(held.entity, held.event, held.created)
        for one in group.stored:
            held.columns.setdefault(one.name, np.full(len(held.entity), None, object))
        return held

    def close(self) -> None:
        """Close this thread's connection and let go of what is in memory."""
        self._loaded.clear()
        self._db.close()

    def __repr__(self) -> str:
        groups = ", ".join(f"{name} {fmt.plural(count, 'row')}" for name, count in self.groups.items())
        return fmt.visible(f"FeatureStore({self.path.name}): {groups or 'empty'}")


def _described(group: FeatureGroup) -> dict[str, Any]:
    features = [
        {"name": one.name, "type": one.type.__name__, "default": one.default, "description": one.description}
        for one in group.stored
    ]
    return {
        "entity": group.entity,
        "event_time": group.event_time,
        "created_time": group.created_time,
        "ttl": None if group.ttl is None else group.ttl // _MICRO,
        "features": features,
        "derived": [one.name for one in group.features if one.derived],
    }


def _asks(data: Any, entity: str, timestamp: str) -> dict[str, Any]:
    """Return asks as columns."""
    if isinstance(data, Mapping):
        columns = dict(cast("Mapping[str, Any]", data))
    else:
        rows: list[Any] = list(frames.records(data))
        if rows and all(isinstance(row, tuple) and len(cast("Any", row)) == 2 for row in rows):
            rows = [{entity: key, timestamp: moment} for key, moment in rows]
        for at, row in enumerate(rows):
            if not isinstance(row, Mapping):
                text = "An ask is a mapping or a pair of entity and time."
                raise DatasetError(text, code="asks", where=Where(row=at))
        names = dict.fromkeys(chain.from_iterable(rows)) or {entity: None, timestamp: None}
        columns = {name: [row.get(name) for row in rows] for name in names}
    for name in (entity, timestamp):
        if name not in columns:
            text = f"The asks have no column {name!r}."
            raise ConfigError(text, code="unknown-field", hint=did_you_mean(name, columns))
    ingest.length_of(columns)
    return columns


def _take(values: Any, places: Any, absent: Any) -> Any:
    """Return values at places, `absent` where the place is -1."""
    out = values[places] if len(values) else np.full(len(places), absent, values.dtype)
    out[places < 0] = absent
    return out
