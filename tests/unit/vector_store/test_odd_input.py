"""What a first user does by mistake, or from several threads, is answered or refused in one sentence."""

import threading
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelops_jupyter.errors import ConfigError, DatasetError, SourceNotFoundError
from modelops_jupyter.vector_store import FeatureDefinition, FeatureGroup, FeatureStore, VectorStore

AT = "2026-03-01T10:00:00Z"
STOCK = FeatureDefinition("stock", int)
SHOP = FeatureGroup("shop", [STOCK], created_time="event_time")


def in_a_thread(work: Callable[[], Any]) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


@pytest.fixture
def vectors(tmp_path: Path) -> VectorStore:
    store = VectorStore(tmp_path / "v.sqlite3")
    store.add(["a", "b"], [[1, 0], [0, 1]], [{"lang": "en", "n": 1}, {"lang": "de", "n": 2}])
    return store


@pytest.fixture
def features(tmp_path: Path) -> FeatureStore:
    store = FeatureStore(tmp_path / "f.sqlite3")
    store.ingest(SHOP, [{"entity": 7, "event_time": AT, "stock": 5}])
    return store


def test_a_thread_sees_what_itself_and_others_have_added(tmp_path: Path) -> None:
    VectorStore(tmp_path / "v").add(["0"], [[0, 1]])
    store = VectorStore(tmp_path / "v")  # connections that count alike: each writes one row and searches

    def added(name: str) -> list[str]:
        store.add([name], [[1, 0]])
        return store.search([1, 0]).ids

    assert added("a") == ["a", "0"]
    assert in_a_thread(lambda: added("b")) == ["a", "b", "0"]
    assert store.search([1, 0]).ids == ["a", "b", "0"]
    held = store._load(1)  # pyright: ignore[reportPrivateUsage]
    assert in_a_thread(lambda: store._load(1)) is held  # pyright: ignore[reportPrivateUsage]


def test_threads_that_join_at_once_load_a_group_once(tmp_path: Path) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [since + timedelta(seconds=i) for i in range(20_000)]
    FeatureStore(tmp_path / "f").ingest(
        SHOP, {"entity": [i % 50 for i in range(20_000)], "event_time": moments, "stock": list(range(20_000))}
    )
    store, found = FeatureStore(tmp_path / "f"), list[list[int]]()
    meet = threading.Barrier(6)

    def work() -> None:
        meet.wait()
        found.append(store.get_historical(SHOP, [(i, moments[-1]) for i in range(50)]).column("stock"))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [list(range(19_950, 20_000))] * 6


def test_a_text_is_one_id_to_delete(vectors: VectorStore) -> None:
    assert vectors.delete("ab") == 0
    assert vectors.delete([]) == 0
    assert vectors.delete(["a", "a"]) == 1
    assert vectors.search([1, 0]).ids == ["b"]
    for nothing in (None, [1], [""]):
        with pytest.raises(DatasetError):
            vectors.delete(nothing)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("lang = 'en'", "condition"),
        (("n", ">", 1), "condition"),
        ([("n", 1)], "condition"),
        ([("n", None, 1)], "condition"),
        ({1: 2}, "condition"),
        (bool, "condition"),
        ({"n": {"$gt": 1}}, "condition"),
        ({"n": [1, 2]}, "condition"),
        ([("lang", "in", "english")], "condition"),
        ({"or": [{"n": 1}]}, "unknown-field"),
        ([("n", "=", 1)], "unknown-comparison"),
    ],
    ids=repr,
)
def test_a_filter_of_another_language_is_refused(vectors: VectorStore, where: Any, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        vectors.search([1, 0], where=where)
    assert caught.value.code == code


@pytest.mark.parametrize("k", [0, -1, 2.5, "3", True])
def test_k_is_a_whole_number(vectors: VectorStore, k: Any) -> None:
    with pytest.raises(ConfigError, match="k = "):
        vectors.search([1, 0], k)
    assert len(vectors.search([1, 0], np.int64(1))) == 1  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("metric", ["cosine", "dot", "l2"])
def test_an_emptied_namespace_has_no_neighbours(tmp_path: Path, metric: Any) -> None:
    store = VectorStore(tmp_path / "v", metric=metric)
    store.add(["a"], [[1, 0]])
    store.delete(["a"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert store.search([1, 0]).ids == []


def test_a_home_folder_may_be_written_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    VectorStore("~/v.sqlite3").add(["a"], [[1]])
    FeatureStore("~/f.sqlite3").ingest(SHOP, [])
    assert {"v.sqlite3", "f.sqlite3"} <= {path.name for path in tmp_path.iterdir()}


def test_a_group_without_rows_is_named_and_not_the_disk(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path / "f")
    for ask in (lambda: store.get_online(SHOP, "A"), lambda: store.get_historical(SHOP, [("A", AT)])):
        with pytest.raises(SourceNotFoundError, match="Nothing was ingested into the feature group 'shop'"):
            ask()


def test_one_row_is_no_table(features: FeatureStore) -> None:
    for row in ({"entity": "AB", "event_time": [AT, AT]}, {"entity": ["A"], "event_time": [AT], "stock": 1}):
        with pytest.raises(ConfigError, match="one value and no column"):
            features.ingest(SHOP, row)
    with pytest.raises(ConfigError, match="'entity' is one value"):
        features.get_historical(SHOP, {"entity": "A", "timestamp": [AT]})


def test_an_entity_may_come_out_of_an_array(features: FeatureStore) -> None:
    assert features.get_online(SHOP, np.int64(7))["stock"] == 5  # pyright: ignore[reportArgumentType]
    assert dict(features.get_online(SHOP, 7, "stock")) == {"stock": 5}
    for wrong, why in ((None, "is missing"), (True, "a bool")):
        with pytest.raises(DatasetError, match=why):
            features.get_online(SHOP, wrong)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "given",
    [
        {"entity": "t", "event_time": "t"},
        {"entity": "t", "created_time": "t"},
        {"ttl": 3600},
        {"ttl": timedelta(0)},
        {"features": ["stock"]},
    ],
    ids=repr,
)
def test_a_group_that_cannot_work_is_refused(given: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"features": [STOCK], **given}
    with pytest.raises(ConfigError):
        FeatureGroup("x", **arguments)


def test_only_what_is_asked_for_is_computed(tmp_path: Path) -> None:
    def double(n: int) -> int:
        return 2 * n

    fails = FeatureDefinition("worse", int, inputs=("stock",), transform=(1).__truediv__)
    twice = FeatureDefinition("twice", int, inputs=("stock",), transform=double)
    more = FeatureDefinition("more", int, inputs=("twice",), transform=(1).__add__)
    group = FeatureGroup("shop", [STOCK, fails, twice, more], created_time="event_time")
    store = FeatureStore(tmp_path / "f")
    store.ingest(group, [{"entity": "A", "event_time": AT, "stock": 5}])
    assert dict(store.get_online(group, "A", ["more"])) == {"more": 11}
    assert store.get_historical(group, [("A", AT)], ["more"]).column("more") == [11]
    with pytest.raises(DatasetError, match="worse"):
        store.get_online(group, "A")


def test_a_column_of_two_types_is_named_on_the_way_to_arrow(features: FeatureStore) -> None:
    pytest.importorskip("pyarrow")
    asks = [{"entity": 7, "timestamp": AT, "label": label} for label in (1, "x")]
    with pytest.raises(DatasetError, match="no one type in Arrow") as caught:
        features.get_historical(SHOP, asks).to_arrow()
    assert str(caught.value).endswith("(field label)")
