"""Vector search: exact by every metric, typed filters, namespaces, whole batches, measured recall."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelops_jupyter.errors import (
    ConfigError,
    DatasetError,
    MissingExtraError,
    SourceNotFoundError,
    StoreError,
)
from modelops_jupyter.vector_store import VectorStore, exact, lance

CHANCE = np.random.default_rng(4)


def brute(matrix: Any, query: Any, metric: str) -> Any:
    matrix, query = matrix.astype(float), query.astype(float)
    if metric == "l2":
        return np.sqrt(((matrix - query) ** 2).sum(axis=1))
    found = matrix @ query
    return found / np.linalg.norm(matrix, axis=1) / np.linalg.norm(query) if metric == "cosine" else found


def clustered(count: int, width: int) -> Any:
    centers = CHANCE.normal(size=(40, width))
    noise = CHANCE.normal(size=(count, width)) * 0.4
    return (centers[CHANCE.integers(0, 40, count)] + noise).astype("float32")


@pytest.fixture
def store(tmp_path: Path) -> VectorStore:
    made = VectorStore(tmp_path / "v.sqlite3")
    fields = [
        {"lang": "en", "year": 2020, "new": True},
        {"lang": "de", "year": 1},
        {"lang": "en", "year": None},
    ]
    made.add(["a", "b", "c"], [[1, 0], [0, 1], [1, 1]], fields)
    return made


@pytest.mark.parametrize("metric", exact.METRICS)
@pytest.mark.parametrize(("count", "k"), [(1, 1), (30, 50), (700, 5)])
@pytest.mark.parametrize("offset", [0, 3000])
def test_search_equals_looking_at_every_vector(
    monkeypatch: pytest.MonkeyPatch, metric: Any, count: int, k: int, offset: int
) -> None:
    monkeypatch.setattr(exact, "_ROWS", 128)  # many blocks, a short last one
    monkeypatch.setattr(exact, "_QUERIES", 3)
    matrix, queries = ((clustered(n, 9) + offset).astype("float32") for n in (count, 7))
    among = np.flatnonzero(CHANCE.random(count) < 0.7) if count > 1 else np.arange(count)
    places, scores = exact.nearest(matrix, queries, k, metric, among)
    for query, found, scored in zip(queries, places, scores, strict=True):
        expected = brute(matrix[among], query, metric)
        order = np.argsort(expected if metric == "l2" else -expected, kind="stable")[:k]
        assert len(found) == min(k, len(among))
        exchanged = metric != "l2" and offset  # beside a large offset all directions are nearly one
        assert np.allclose(scored, expected[order], rtol=1e-7 if exchanged else 1e-9)
        if not exchanged:
            assert found.tolist() == among[order].tolist()


def test_matches_come_nearest_first_with_score_and_fields(store: VectorStore) -> None:
    found = store.search([1, 0.1], k=2)
    assert found.ids == ["a", "c"]
    assert found.scores == pytest.approx([1 / np.sqrt(1.01), 1.1 / np.sqrt(2.02)])
    assert found[0].fields == {"lang": "en", "year": 2020, "new": True}
    assert found.summary == "2 matches by cosine, exact"
    assert [one.ids for one in store.search_many([[1, 0], [0, 1]], k=1)] == [["a"], ["b"]]
    far = VectorStore(store.path, metric="l2").search([1, 0], k=3)
    assert (far.ids, far.scores) == (["a", "c", "b"], pytest.approx([0, 1, np.sqrt(2)]))


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({"lang": "en"}, ["a", "c"]),
        ({"lang": "en", "year": 2020}, ["a"]),
        ([("year", ">=", 1)], ["a", "b"]),
        ([("lang", "in", ["de", "fr"])], ["b"]),
        ({"year": True}, []),  # a truth value is no number
        ({"new": 1}, []),
        ({"lang": "en' OR '1'='1"}, []),
        ({"year": None}, ["c"]),
    ],
)
def test_filters_compare_values_and_types(store: VectorStore, where: Any, ids: list[str]) -> None:
    assert sorted(store.search([1, 0], where=where).ids) == ids


def test_a_filter_on_a_field_that_nobody_has_is_an_error(store: VectorStore) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'lang'"):
        store.search([1, 0], where={"lng": "en"})


def test_what_is_added_replaced_and_deleted_is_found_at_once_and_again_later(store: VectorStore) -> None:
    other = VectorStore(store.path)
    assert other.search([1, 0], k=1).ids == ["a"]  # loaded; from now on only what changes is read
    store.upsert(["a", "d"], [[0, -1], [2, 0.1]], [{}, {"lang": "fr"}])
    assert other.search([1, 0], k=1).ids == ["d"]
    assert other.search([0, -1], k=1).ids == ["a"]
    assert other.get("a")[1] == {}
    assert store.delete(["d", "nobody"]) == 1
    for again in (other, store, VectorStore(store.path)):
        assert again.search([1, 0], k=9).ids == ["c", "b", "a"]
        assert len(again) == 3
    with pytest.raises(SourceNotFoundError, match="'d'"):
        store.get("d")


def test_namespaces_do_not_see_each_other(store: VectorStore) -> None:
    store.add(["a"], [[1, 2, 3]], namespace="wide")
    assert store.namespaces == {"default": 3, "wide": 1}
    assert store.search([1, 2, 3], namespace="wide").ids == ["a"]
    store.drop("wide")
    assert store.namespaces == {"default": 3}
    store.add(["z"], [[1, 2, 3, 4]], namespace="wide")  # another width, for it is another one
    assert store.search([1, 2, 3, 4], namespace="wide").ids == ["z"]
    with pytest.raises(SourceNotFoundError, match="Did you mean 'wide'"):
        store.search([1, 2], namespace="wid")


@pytest.mark.parametrize(
    ("ids", "vectors", "fields", "match"),
    [
        (["x", "a"], [[1, 0], [0, 1]], None, r"'a' is there already.*row 1"),
        (["x", "x"], [[1, 0], [0, 1]], None, "twice"),
        (["x", ""], [[1, 0], [0, 1]], None, "non-empty"),
        (["x", "\ud800"], [[1, 0], [0, 1]], None, "non-empty"),
        (["x"], [[1, float("nan")]], None, "NaN"),
        (["x"], [[1, 1e39]], None, "32 bit"),
        (["x"], [[1, 2, 3]], None, "have 3 numbers, those of the namespace 'default' have 2"),
        (["x"], [1, 2], None, "shape"),
        (["x"], [[True, False]], None, "bool"),
        (["x"], [["1", "2"]], None, "numbers"),
        (["x", "y"], [[1, 2]], None, "2 ids were given with 1 vectors"),
        (["x"], [[1, 2]], [{}, {}], "with 2 fields"),
        (["x"], [[1, 2]], [{"f": float("inf")}], "finite"),
        (["x"], [[1, 2]], [{"f": [1]}], "finite"),
        (["x"], [[1, 2]], [{"f": "\udfff"}], "half a character"),
    ],
)
def test_a_batch_that_cannot_be_stored_leaves_nothing(
    store: VectorStore, ids: Any, vectors: Any, fields: Any, match: str
) -> None:
    with pytest.raises(DatasetError, match=match):
        store.add(ids, vectors, fields)
    assert store.namespaces == {"default": 3}


def test_a_question_without_an_answer_is_refused(store: VectorStore) -> None:
    for vector, k, match in (([0, 0], 1, "no direction"), ([1, 2, 3], 1, "3 numbers"), ([1, 2], 0, "k = 0")):
        with pytest.raises((DatasetError, ConfigError), match=match):
            store.search(vector, k)
    with pytest.raises(ConfigError, match="Did you mean 'cosine'"):
        VectorStore(store.path, metric="cosin")  # pyright: ignore[reportArgumentType]


def test_a_foreign_store_is_refused(tmp_path: Path) -> None:
    from modelops_jupyter.vector_store import FeatureStore

    FeatureStore(tmp_path / "x.sqlite3").close()
    with pytest.raises(StoreError, match="not a vector store"):
        VectorStore(tmp_path / "x.sqlite3")


class Sloppy:
    """An approximate engine that finds the nearest of every second vector only."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Any, Any]] = {}

    def build(self, folder: Path, name: str, sequence: Any, matrix: Any, metric: Any) -> None:
        self.kept[name] = (sequence[::2], matrix[::2])

    def candidates(self, folder: Path, name: str, queries: Any, count: int, metric: Any) -> list[Any]:
        sequence, matrix = self.kept[name]
        return [
            sequence[exact.nearest(matrix, q[None], count, metric, np.arange(len(matrix)))[0][0]]
            for q in queries
        ]

    def tidy(self, folder: Path, keep: set[str]) -> None:
        self.kept = {name: kept for name, kept in self.kept.items() if name in keep}


def test_recall_is_measured_and_said_and_what_changed_since_is_exact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Sloppy()
    for name in ("build", "candidates", "tidy"):
        monkeypatch.setattr(lance, name, getattr(engine, name))
    store = VectorStore(tmp_path / "v.sqlite3", metric="l2", engine="lancedb")
    matrix = CHANCE.normal(size=(2000, 4)).astype("float32")
    ids = [f"i{at}" for at in range(2000)]
    store.add(ids, matrix, [{"even": at % 2 == 0, "rare": at < 20} for at in range(2000)])
    assert store.search(matrix[1], 1).engine == "exact"  # no index yet
    recall = store.build_index(k=10, sample=150)
    assert 0.4 < recall.value < 0.6  # half of the neighbours are not there to be found
    assert recall.worst <= recall.value
    again = VectorStore(store.path, metric="l2", engine="lancedb")
    found = again.search(matrix[1], 5)
    assert (found.engine, found.recall) == ("lancedb", recall)
    assert f"recall@10 {recall.value:.3f}" in found.summary
    assert "i1" not in found.ids
    assert VectorStore(store.path, metric="l2").search(matrix[1], 1).ids == ["i1"]
    store.upsert(["i3"], matrix[3:4] + 0.001)
    assert again.search(matrix[3], 1).ids == ["i3"]
    assert again.search(matrix[4], 1).ids == ["i4"]
    store.delete(["i4"])
    assert "i4" not in again.search(matrix[4], 5).ids
    assert all(m.fields["even"] for m in again.search(matrix[6], 5, where={"even": True}))
    assert again.search(matrix[7], 1, where={"rare": True}).ids == ["i7"]  # few are left: exact
    assert len(engine.kept) == 1
    store.build_index()
    assert len(engine.kept) == 1


def test_without_lancedb_the_error_names_the_extra(
    store: VectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lance, "LEAST", 1)
    monkeypatch.setitem(sys.modules, "lancedb", None)
    with pytest.raises(MissingExtraError, match=r"modelops_jupyter\[lancedb\]"):
        store.build_index()
    monkeypatch.undo()
    with pytest.raises(ConfigError, match="3 vectors are too few"):
        store.build_index()


def test_lancedb_finds_most_and_says_how_many(tmp_path: Path) -> None:
    pytest.importorskip("lancedb", reason="the extra [lancedb] is not installed")
    for metric in exact.METRICS:
        store = VectorStore(tmp_path / f"{metric}.sqlite3", metric=metric, engine="lancedb")
        matrix = clustered(3000, 16)
        store.add([f"i{at}" for at in range(3000)], matrix, [{"third": at % 3 == 0} for at in range(3000)])
        recall = store.build_index()
        assert recall.value > 0.9
        found = store.search_many(matrix[:20], 5)
        plain = VectorStore(store.path, metric=metric).search_many(matrix[:20], 5)
        shared = sum(len(set(a.ids) & set(b.ids)) for a, b in zip(found, plain, strict=True))
        assert shared > 85
        assert {m.engine for m in found} == {"lancedb"}
        assert store.search(matrix[0], 5, where={"third": True}).engine == "lancedb"
        store.upsert(["new"], matrix[:1] * (9 if metric == "dot" else 1.001))
        assert "new" in store.search(matrix[0], 5).ids
