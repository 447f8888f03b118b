"""Vectors with typed fields in one SQLite file, searched by similarity."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from modelops_jupyter import _format as fmt
from modelops_jupyter import _sqlite
from modelops_jupyter._display import Rich
from modelops_jupyter._home import home
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets.select import Conditions, predicate
from modelops_jupyter.errors import ConfigError, DatasetError, SourceNotFoundError, Where
from modelops_jupyter.vector_store import checks, exact, lance
from modelops_jupyter.vector_store.exact import Floats, Metric, Places
from modelops_jupyter.vector_store.matches import Match, Matches, Recall

APPLICATION_ID = 0x6D6F_7631  # "mov1"
Fields: TypeAlias = Sequence[Mapping[str, Any]] | None


@dataclass
class _Loaded:
    """A namespace in memory; `sequence` ascends, and the other three follow it."""

    version: tuple[Any, int]  # the connection that has looked, and its number: others count otherwise
    sequence: Places
    ids: list[str]
    matrix: Floats
    fields: list[str]  # JSON, read where needed


class VectorStore(Rich):
    """Vectors by id, with fields to filter by, in namespaces that do not see each other.

    The vectors of a namespace are held in memory in 32 bit (4 bytes a number) once it is searched.
    A batch that is added is there as a whole or not at all, also after a crash.

    Parameters
    ----------
    path
        The file; by default `vectors.sqlite3` in the home folder.
    metric
        "cosine" or "dot": a larger score is nearer; "l2": the Euclidean distance, a smaller one is.
    engine
        "exact" looks at every vector. "lancedb" looks approximately where `build_index` was called,
        and each answer says what recall was measured.

    Raises
    ------
    StoreError
        If the file is not a vector store, or cannot be used.
    ConfigError
        If there is no such metric or engine.

    Examples
    --------
    >>> store = VectorStore("notes.sqlite3")  # doctest: +SKIP
    >>> store.add(["a", "b"], [[1, 0], [0, 1]], [{"lang": "en"}, {"lang": "de"}])  # doctest: +SKIP
    >>> store.search([1, 0.1], k=1, where={"lang": "en"}).ids  # doctest: +SKIP
    ['a']
    """

    kind: ClassVar[str] = "vector_store"

    def __init__(
        self, path: str | Path | None = None, *, metric: Metric = "cosine", engine: str = "exact"
    ) -> None:
        checks.one_of("metric", metric, exact.METRICS)
        checks.one_of("engine", engine, ("exact", "lancedb"))
        self.path = Path(path).expanduser().absolute() if path else home() / "vectors.sqlite3"
        self.metric: Metric = metric
        self.engine = engine
        scripts = _sqlite.numbered("modelops_jupyter.vector_store", "migrations/vectors")
        self._db = _sqlite.Database(
            self.path, application_id=APPLICATION_ID, migrations=scripts, what="vector store"
        )
        self._loaded: dict[int, _Loaded] = {}

    # ---- writing --------------------------------------------------------------------------

    def add(
        self,
        ids: Sequence[str],
        vectors: ArrayLike,
        fields: Fields = None,
        *,
        namespace: str = "default",
        replace: bool = False,
    ) -> None:
        """Add vectors; all of them are kept, or none.

        Parameters
        ----------
        ids
            Different non-empty texts that the namespace does not hold.
        vectors
            Shape (n, d), finite; the first batch of a namespace sets d.
        fields
            One mapping for each vector: names to texts, numbers, truth values or None.
        replace
            Whether an id that is there is replaced, its fields too.

        Raises
        ------
        DatasetError
            If anything in the batch cannot be stored, with its row.
        """
        names = checks.checked_ids(ids)
        matrix = checks.checked_vectors(vectors)
        given: list[Any] = [{}] * len(names) if fields is None else list(fields)
        for what, count in (("vectors", len(matrix)), ("fields", len(given))):
            if count != len(names):
                text = f"{len(names)} ids were given with {count} {what}."
                raise DatasetError(text, code="length-mismatch")
        texts = [checks.fields_text(at, one) for at, one in enumerate(given)]
        with self._db.write() as db:
            seq = self._namespace(db, namespace, matrix.shape[1])
            if replace:
                db.executemany("DELETE FROM vector WHERE namespace = ? AND id = ?", [(seq, i) for i in names])
            else:
                there = "SELECT id FROM vector WHERE namespace = ? AND id IN (SELECT value FROM json_each(?))"
                if (held := db.execute(there, (seq, json.dumps(names))).fetchone()) is not None:
                    raise DatasetError(
                        f"The id {held['id']!r} is there already; nothing was added.",
                        code="duplicate-id",
                        where=Where(row=names.index(held["id"])),
                        hint="Call upsert to replace it.",
                    )
            rows = ((seq, i, v.tobytes(), f) for i, v, f in zip(names, matrix, texts, strict=True))
            db.executemany("INSERT INTO vector(namespace, id, data, fields) VALUES (?, ?, ?, ?)", rows)

    def upsert(
        self, ids: Sequence[str], vectors: ArrayLike, fields: Fields = None, *, namespace: str = "default"
    ) -> None:
        """Add vectors as `add` does; an id that is there is replaced, its fields too."""
        self.add(ids, vectors, fields, namespace=namespace, replace=True)

    def delete(self, ids: Sequence[str], *, namespace: str = "default") -> int:
        """Remove vectors and return how many were there; an empty list removes nothing."""
        gone = checks.checked_ids(ids, twice=True)
        with self._db.write() as db:
            known = "SELECT seq FROM namespace WHERE name = ?"
            query = f"DELETE FROM vector WHERE namespace = ({known}) AND id = ?"  # noqa: S608 -- a constant
            return db.executemany(query, [(namespace, id) for id in gone]).rowcount

    def drop(self, namespace: str) -> None:
        """Remove a namespace with all that is in it."""
        with self._db.write() as db:
            db.execute("DELETE FROM namespace WHERE name = ?", (namespace,))

    def _namespace(self, db: Any, name: str, width: int) -> int:
        if not isinstance(cast("Any", name), str) or not name:
            raise ConfigError("A namespace is a non-empty text.", code="namespace")
        db.execute("INSERT OR IGNORE INTO namespace(name, dimension) VALUES (?, ?)", (name, width))
        row = db.execute("SELECT seq, dimension FROM namespace WHERE name = ?", (name,)).fetchone()
        checks.check_width(row["dimension"], width, name)
        return int(row["seq"])

    # ---- reading --------------------------------------------------------------------------

    @property
    def namespaces(self) -> dict[str, int]:
        """The namespaces, each with its number of vectors."""
        with self._db.read() as db:
            rows = db.execute(
                "SELECT name, (SELECT COUNT(*) FROM vector v WHERE v.namespace = n.seq) "
                "FROM namespace n ORDER BY name"
            )
            return dict(rows.fetchall())

    def __len__(self) -> int:
        return sum(self.namespaces.values())

    def get(self, id: str, *, namespace: str = "default") -> tuple[Floats, dict[str, Any]]:
        """Return the vector and the fields of an id.

        Raises
        ------
        SourceNotFoundError
            If the namespace holds no such id.
        """
        with self._db.read() as db:
            row = db.execute(
                "SELECT data, fields FROM vector WHERE id = ? AND namespace = "
                "(SELECT seq FROM namespace WHERE name = ?)",
                (id, namespace),
            ).fetchone()
        if row is None:
            text = f"The namespace {namespace!r} holds no vector {id!r}."
            raise SourceNotFoundError(text, code="unknown-id")
        return np.frombuffer(row["data"], np.float32).copy(), json.loads(row["fields"])

    def search(
        self, vector: ArrayLike, k: int = 10, *, where: Conditions | None = None, namespace: str = "default"
    ) -> Matches:
        """Return the `k` stored vectors nearest to one.

        Parameters
        ----------
        vector
            Shape (d,), finite; not all zero under "cosine".
        where
            Only vectors whose fields fit ``{field: value}`` or ``[(field, op, value)]``, compared by
            value and type as in `Dataset.filter`; there is no query language and nothing to escape.

        Raises
        ------
        SourceNotFoundError
            If there is no such namespace.
        DatasetError
            If the vector does not fit.
        ConfigError
            If no vector has the field that `where` names.
        """
        return self.search_many(np.asarray(vector)[None], k, where=where, namespace=namespace)[0]

    def search_many(
        self, vectors: ArrayLike, k: int = 10, *, where: Conditions | None = None, namespace: str = "default"
    ) -> list[Matches]:
        """Return the matches of each of many vectors, shape (n, d), as `search` does, in bounded memory."""
        seq, width = self._found(namespace)
        queries = checks.checked_vectors(vectors)
        checks.check_width(width, queries.shape[1], namespace)
        if self.metric == "cosine" and (zero := np.flatnonzero(~queries.any(axis=1))).size:
            at = Where(row=int(zero[0]))
            raise DatasetError("A vector of zeros has no direction.", code="zero-vector", where=at)
        if not isinstance(cast("Any", k), int | np.integer) or isinstance(k, bool) or k < 1:
            raise ConfigError(f"k = {k!r}: at least one match has to be asked for.", code="k")
        loaded = self._load(seq)
        among = np.arange(len(loaded.ids)) if where is None else _filtered(loaded, where)
        index = self._index(seq) if self.engine == "lancedb" else None
        if index is None:
            places, scores = exact.nearest(loaded.matrix, queries, k, self.metric, among)
            return [self._matches(loaded, *one) for one in zip(places, scores, strict=True)]
        pools = self._pools(loaded, index, queries, k, among)
        found = [
            exact.nearest(loaded.matrix, queries[at : at + 1], k, self.metric, pool)
            for at, pool in enumerate(pools)
        ]
        recall = Recall(**json.loads(index["recall"]))
        return [self._matches(loaded, p[0], s[0], "lancedb", recall) for p, s in found]

    def _matches(self, loaded: _Loaded, places: Places, scores: Floats, *how: Any) -> Matches:
        pairs = zip(cast("list[int]", places.tolist()), cast("list[float]", scores.tolist()), strict=True)
        found = tuple(Match(loaded.ids[at], score, json.loads(loaded.fields[at])) for at, score in pairs)
        return Matches(found, self.metric, *how)

    # ---- approximate ----------------------------------------------------------------------

    def build_index(self, *, namespace: str = "default", k: int = 10, sample: int = 200) -> Recall:
        """Make LanceDB's index of a namespace, and measure its recall against exact search.

        Later vectors are searched exactly beside the index until it is made again.

        Parameters
        ----------
        k, sample
            Neighbours and number of stored vectors that are asked, each without itself.

        Raises
        ------
        MissingExtraError
            If LanceDB is not installed.
        ConfigError
            If there are too few vectors.
        """
        seq, _ = self._found(namespace)
        loaded = self._load(seq)
        newest = int(loaded.sequence[-1]) if len(loaded.ids) else 0
        name = f"n{seq}_{self.metric}_{newest}"
        lance.build(self._folder, name, loaded.sequence, loaded.matrix, self.metric)
        recall = self._measured(loaded, name, k, sample)
        with self._db.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO approximate VALUES (?, ?, ?, ?, ?)",
                (seq, self.metric, name, newest, json.dumps(asdict(recall))),
            )
            keep = {row["name"] for row in db.execute("SELECT name FROM approximate")}
        lance.tidy(self._folder, keep)
        return recall

    @property
    def _folder(self) -> Path:
        return self.path.with_name(self.path.name + ".lance")

    def _measured(self, loaded: _Loaded, name: str, k: int, sample: int) -> Recall:
        count = len(loaded.ids)
        asked = np.sort(np.random.default_rng(0).permutation(count)[:sample])
        if self.metric == "cosine":
            asked = asked[loaded.matrix[asked].any(axis=1)]
        queries, everything = loaded.matrix[asked], np.arange(count)
        index = {"name": name, "newest": loaded.sequence[-1]}
        truth, _ = exact.nearest(loaded.matrix, queries, k + 1, self.metric, everything)
        pools = self._pools(loaded, index, queries, k + 1, everything)
        shares: list[float] = []
        for at, own, near, pool in zip(range(len(asked)), asked, truth, pools, strict=True):
            wanted = [p for p in near.tolist() if p != own][:k]
            found, _ = exact.nearest(loaded.matrix, queries[at : at + 1], k + 1, self.metric, pool)
            shares.append(len(set(wanted) & (set(found[0].tolist()) - {int(own)})) / len(wanted))
        return Recall(float(np.mean(shares)), min(shares), k, len(asked), count)

    def _index(self, seq: int) -> Any:
        with self._db.read() as db:
            query = "SELECT name, newest, recall FROM approximate WHERE namespace = ? AND metric = ?"
            return db.execute(query, (seq, self.metric)).fetchone()

    def _pools(self, loaded: _Loaded, index: Any, queries: Floats, k: int, among: Places) -> list[Places]:
        """Return for each query the places that are looked at exactly: candidates, and what is newer.

        A filter that leaves few is searched exactly; one that leaves many asks for more candidates.
        """
        share = len(among) / max(len(loaded.ids), 1)
        if share < 0.1:
            return [among] * len(queries)
        count = math.ceil(4 * k / share)
        near = lance.candidates(self._folder, index["name"], queries, count, self.metric)
        newer = np.flatnonzero(loaded.sequence > index["newest"])
        pools = [np.union1d(lance.places_of(loaded.sequence, found), newer) for found in near]
        if share < 1:
            pools = [np.intersect1d(pool, among) for pool in pools]
        return [pool if len(pool) >= min(k, len(among)) else among for pool in pools]

    # ---- in memory ------------------------------------------------------------------------

    def _found(self, namespace: str) -> tuple[int, int]:
        with self._db.read() as db:
            rows = {name: (s, d) for name, s, d in db.execute("SELECT name, seq, dimension FROM namespace")}
        if namespace not in rows:
            text = f"There is no namespace {namespace!r}."
            raise SourceNotFoundError(text, code="unknown-namespace", hint=did_you_mean(namespace, rows))
        return rows[namespace]

    def _load(self, seq: int) -> _Loaded:
        """Return a namespace as it is now; only what is new since the last time is read."""
        version = self._db.connection(), self._db.data_version()
        held = self._loaded.get(seq)
        if held is not None and held.version == version:
            return held
        newest = int(held.sequence[-1]) if held is not None and len(held.sequence) else 0
        with self._db.read() as db:
            query = "SELECT COUNT(*), ifnull(MAX(seq), 0) FROM vector WHERE namespace = ?"
            if held is not None and (len(held.ids), newest) == tuple(db.execute(query, (seq,)).fetchone()):
                held.version = version  # no sequence number is used again: nothing is new or gone
                return held
            live = db.execute("SELECT seq FROM vector WHERE namespace = ?", (seq,)).fetchall()
            query = "SELECT seq, id, data, fields FROM vector WHERE namespace = ? AND seq > ? ORDER BY seq"
            rows = db.execute(query, (seq, newest)).fetchall()
            width = db.execute("SELECT dimension FROM namespace WHERE seq = ?", (seq,)).fetchone()[0]
        added = _Loaded(
            version,
            np.array([row[0] for row in rows], np.int64),
            [row[1] for row in rows],
            np.frombuffer(b"".join(row[2] for row in rows), np.float32).reshape(-1, width),
            [row[3] for row in rows],
        )
        if held is not None:
            kept = np.flatnonzero(np.isin(held.sequence, np.array([row[0] for row in live], np.int64)))
            added.sequence = np.concatenate([held.sequence[kept], added.sequence])
            added.ids = [held.ids[at] for at in kept] + added.ids
            added.fields = [held.fields[at] for at in kept] + added.fields
            added.matrix = np.concatenate([held.matrix[kept], added.matrix])
        self._loaded[seq] = added
        return added

    def close(self) -> None:
        """Close this thread's connection and let go of what is in memory."""
        self._loaded.clear()
        self._db.close()

    def __repr__(self) -> str:
        counts = self.namespaces
        names = ", ".join(f"{name} {fmt.count(count)}" for name, count in counts.items()) or "empty"
        return fmt.visible(f"VectorStore({self.path.name}, {self.metric}, {self.engine}): {names}")


def _filtered(loaded: _Loaded, where: Conditions) -> Places:
    test = predicate(where)
    known = {name for text in set(loaded.fields) for name in json.loads(text)}
    for name, op, value in [(n, "==", v) for n, v in where.items()] if isinstance(where, Mapping) else where:
        if not name.startswith("/") and name not in known and loaded.ids:
            text = f"No vector has a field {name!r}."
            raise ConfigError(text, code="unknown-field", hint=did_you_mean(name, sorted(known)))
        if isinstance(value, (Mapping, str) if op in ("in", "not in") else (Mapping, list, tuple, set)):
            text = f"No field can be compared with {value!r} by {op!r}."
            hint = 'Write [("n", ">", 3)], or [("n", "in", [1, 2])] for one of several values.'
            raise ConfigError(text, code="condition", hint=hint)
    return np.array([at for at, text in enumerate(loaded.fields) if test(json.loads(text))], np.int64)
