"""Features: types, defaults, transformations, bad rows, two times, and one way for all readers."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelops_jupyter.errors import ConfigError, DatasetError, SourceNotFoundError, StoreError
from modelops_jupyter.vector_store import FeatureDefinition, FeatureGroup, FeatureStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAN = float("nan")


def feature(name: str, kind: type, **more: Any) -> FeatureDefinition:
    return FeatureDefinition(name, kind, **more)


PLAIN = FeatureGroup(
    "user",
    [
        feature("clicks", int),
        feature("spent", float, default=0),
        feature("plan", str),
        feature("paid", bool),
    ],
    created_time="created",
)


def row(**more: Any) -> dict[str, Any]:
    given = {"entity": "A", "event_time": NOON, "created": NOON}
    return {**given, "clicks": 1, "spent": 2.5, "plan": "x", "paid": True, **more}


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "f.sqlite3")


def test_a_correction_that_arrived_later_is_not_seen_by_earlier_labels(store: FeatureStore) -> None:
    times = ("10:00 10:01 5", "11:00 11:02 7", "11:00 15:00 8", "12:30 12:31 9")
    rows = [
        {"entity": "A", "event": f"2026-03-01T{e}:00Z", "created": f"2026-03-01T{c}:00Z", "stock": int(v)}
        for e, c, v in map(str.split, times)
    ]
    rows += [{**rows[1], "entity": "B", "stock": 70}, {**rows[2], "entity": "B", "stock": 80}]
    group = FeatureGroup("shop", [feature("stock", int)], event_time="event", created_time="created")
    store.ingest(group, rows)
    asks = [
        *(("A", "10:00:30"), ("A", "10:01:00"), ("A", "12:00:00"), ("A", "16:00:00")),
        *(("B", "14:59:59"), ("B", "15:00:00"), ("C", "16:00:00")),
    ]
    found = store.get_historical(group, [{"entity": e, "timestamp": f"2026-03-01T{t}Z"} for e, t in asks])
    assert found.column("stock") == [None, 5, 7, 9, 70, 80, None]
    assert np.flatnonzero(found.missing["stock"]).tolist() == [0, 6]
    assert (found.states[0], found.states[6]) == ("not yet known", "unknown")
    assert found.late == 3
    assert "3 rows would hold what nobody knew yet" in found.summary


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("clicks", True, "a bool and no int"),
        ("clicks", 1.0, "a float and no int"),
        ("clicks", "1", "a str and no int"),
        ("clicks", 2**63, "64 bit"),
        ("spent", NAN, "not a value"),
        ("spent", float("inf"), "not a value"),
        ("spent", False, "a bool and no float"),
        ("spent", 2**53 + 1, "an? int and no float"),
        ("plan", 3, "a int and no str"),
        ("plan", "\ud800", "half a character"),
        ("paid", 1, "a int and no bool"),
        ("entity", None, "is missing"),
        ("entity", True, "a bool and no int"),
        ("entity", 1.5, "a float and no str"),
        ("event_time", datetime(2026, 3, 1), "does not say its zone"),
        ("event_time", None, "is missing"),
        ("event_time", "2026-03-01T10:00:00.1234567Z", "finer than a microsecond"),
        ("created", "yesterday", "not ISO 8601"),
        ("created", np.datetime64("NaT"), "is missing"),
        ("created", 1_700_000_000, "is not a time"),
        ("click", 1, "Did you mean 'clicks'"),
    ],
)
def test_a_bad_value_is_told_with_row_field_and_reason_and_its_row_left_out(
    store: FeatureStore, field: str, value: Any, reason: str
) -> None:
    report = store.ingest(PLAIN, [row(), row(**{field: value}), row(entity="B")])
    assert (report.rows, report.accepted, report.ok) == (3, 2, False)
    assert [(bad.row, bad.field) for bad in report.bad] == [(1, field)]
    assert re.search(reason, report.bad[0].reason)
    assert store.groups == {"user": 2}
    with pytest.raises(DatasetError, match=rf"row 1, field {field}"):
        store.ingest(PLAIN, [row(), row(**{field: value})], strict=True)
    assert store.groups == {"user": 2}


def test_every_bad_field_of_a_row_is_told_and_the_row_left_out_once(store: FeatureStore) -> None:
    report = store.ingest(PLAIN, [row(clicks="a", spent="b"), "no row", row()])
    assert [(bad.row, bad.field) for bad in report.bad] == [(0, "clicks"), (0, "spent"), (1, "")]
    assert report.accepted == 1
    assert "1 of 3 rows ingested into user, 2 left out" in repr(report)


def test_missing_and_defaulted_are_told_apart(store: FeatureStore) -> None:
    store.ingest(PLAIN, [row(clicks=None, spent=None)])
    known = store.get_online(PLAIN, "A")
    assert dict(known) == {"clicks": None, "spent": 0.0, "plan": "x", "paid": True}
    assert (known.missing, known.defaulted, known.state) == (("clicks",), ("spent",), "found")
    unknown = store.get_online(PLAIN, "Z", ["spent", "plan"])
    assert (unknown.missing, unknown.defaulted, unknown.state) == (("plan",), ("spent",), "unknown")
    assert "plan = None  missing" in repr(unknown)


def test_a_none_in_the_newest_row_does_not_bring_back_an_older_value(store: FeatureStore) -> None:
    store.ingest(PLAIN, [row(), row(event_time=NOON + timedelta(minutes=1), plan=None)])
    assert store.get_online(PLAIN, "A")["plan"] is None


def test_a_ttl_counts_to_the_microsecond(store: FeatureStore) -> None:
    group = FeatureGroup("g", [feature("v", int)], created_time="event_time", ttl=timedelta(hours=1))
    store.ingest(group, [{"entity": 7, "event_time": NOON, "v": 1}])
    end = NOON + timedelta(hours=1)
    found = store.get_historical(group, [(7, end), (7, end + timedelta(microseconds=1))])
    assert (found.states, found.column("v")) == (("found", "expired"), [1, None])
    assert store.get_online(group, 7, at=end + timedelta(microseconds=1)).state == "expired"


def test_without_a_created_time_a_row_is_known_from_its_ingestion(store: FeatureStore) -> None:
    group = FeatureGroup("g", [feature("v", int)])
    store.ingest(group, [{"entity": "A", "event_time": NOON - timedelta(days=9999), "v": 1}])
    assert store.get_historical(group, [("A", NOON - timedelta(days=9000))]).states == ("not yet known",)
    assert store.get_online(group, "A")["v"] == 1


def test_keys_of_two_types_are_two_entities(store: FeatureStore) -> None:
    store.ingest(PLAIN, [row(entity=1, clicks=1), row(entity="1", clicks=2)])
    assert store.get_historical(PLAIN, [(1, NOON), ("1", NOON)]).column("clicks") == [1, 2]
    assert [store.get_online(PLAIN, key, at=NOON)["clicks"] for key in (1, "1")] == [1, 2]
    with pytest.raises(DatasetError, match="entity"):
        store.get_online(PLAIN, True)


def rate(clicks: int, spent: float) -> float:
    return spent / clicks


DERIVED = FeatureGroup(
    "derived",
    [
        feature("clicks", int),
        feature("spent", float, default=0.0),
        feature("rate", float, inputs=("clicks", "spent"), transform=rate),
        feature("high", bool, default=False, inputs=["rate"], transform=lambda r: r > 1),
    ],
    created_time="event_time",
)


def test_transformations_are_the_same_online_and_offline(store: FeatureStore) -> None:
    rows = [("A", 2, 5.0), ("B", 4, None), ("C", None, 1.0)]
    store.ingest(DERIVED, [{"entity": e, "event_time": NOON, "clicks": c, "spent": s} for e, c, s in rows])
    found = store.get_historical(DERIVED, [(e, NOON) for e in "ABCD"])
    assert found.column("rate") == [2.5, 0.0, None, None]
    assert found.column("high") == [True, False, False, False]
    for at, entity in enumerate("ABCD"):
        online = store.get_online(DERIVED, entity, at=NOON)
        assert dict(online) == {name: found[at][name] for name in online}
        for name in online:
            assert (name in online.missing) == found.missing[name][at]
            assert (name in online.defaulted) == found.defaulted[name][at]
    assert found.defaulted["rate"].tolist() == [False, True, False, False]  # rests on a default
    assert found.missing["rate"].tolist() == [False, False, True, True]


@pytest.mark.parametrize(("clicks", "match"), [(0, "ZeroDivisionError"), (-1, "no float")])
def test_a_transformation_that_fails_is_an_error_everywhere(
    store: FeatureStore, clicks: int, match: str
) -> None:
    def strict(value: int) -> Any:
        return 1 / value if value >= 0 else "text"

    group = FeatureGroup(
        "g",
        [feature("clicks", int), feature("inverse", float, inputs=("clicks",), transform=strict)],
        created_time="event_time",
    )
    store.ingest(group, [{"entity": "A", "event_time": NOON, "clicks": clicks}])
    for read in (
        lambda: store.get_online(group, "A"),
        lambda: store.get_historical(group, [("A", NOON)]),
    ):
        with pytest.raises(DatasetError, match=match) as caught:
            read()
        assert caught.value.code == "transform"


def test_columns_rows_and_frames_are_the_same_batch(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    rows = [row(clicks=at, entity=f"e{at}") for at in range(20)]
    columns = {name: [one[name] for one in rows] for name in rows[0]}
    arrays = columns | {
        "clicks": np.arange(20),
        "event_time": np.full(20, "2026-03-01T12:00", "datetime64[ns]"),
        "spent": np.full(20, 2.5),
        "paid": np.ones(20, bool),
    }
    asks = [(f"e{at}", NOON) for at in range(20)]
    found: list[Any] = []
    for at, data in enumerate((rows, columns, arrays, pa.Table.from_pylist(rows))):
        store = FeatureStore(tmp_path / f"{at}.sqlite3")
        assert store.ingest(PLAIN, data).ok
        found.append(list(store.get_historical(PLAIN, asks)))
    assert found == [found[0]] * 4
    with pytest.raises(ConfigError, match="Did you mean 'clicks'"):
        FeatureStore(tmp_path / "x.sqlite3").ingest(PLAIN, columns | {"click": [1] * 20})
    with pytest.raises(ConfigError, match="different lengths"):
        FeatureStore(tmp_path / "x.sqlite3").ingest(PLAIN, columns | {"clicks": [1]})


def test_a_group_may_grow_but_not_change(store: FeatureStore) -> None:
    small = FeatureGroup("g", [feature("v", int)], created_time="event_time")
    large = FeatureGroup("g", [feature("w", str), feature("v", int)], created_time="event_time")
    store.ingest(small, [{"entity": "A", "event_time": NOON, "v": 1}])
    store.get_historical(small, [("A", NOON)])  # so that it grows in memory too
    assert store.get_historical(large, [("A", NOON)])[0]["w"] is None
    store.ingest(large, [{"entity": "B", "event_time": NOON, "v": 2, "w": "x"}])
    assert store.get_historical("g", [("A", NOON), ("B", NOON)]).column("w") == [None, "x"]
    assert (store.get_online(large, "B")["w"], store.get_online(small, "B")["v"]) == ("x", 2)
    for changed in ([feature("v", float), feature("w", str)], [feature("v", int)]):
        with pytest.raises(ConfigError, match="differs") as caught:
            store.ingest(FeatureGroup("g", changed, created_time="event_time"), [])
        assert caught.value.code == "group-changed"
    with pytest.raises(ConfigError, match="stored as int"):
        store.get_online(FeatureGroup("g", [feature("v", float)]), "A")


def test_a_group_comes_back_by_name_unless_it_has_code(store: FeatureStore) -> None:
    store.ingest(PLAIN, [row()])
    assert store.group("user") == PLAIN
    store.ingest(DERIVED, [])
    with pytest.raises(ConfigError, match="rate, high with code"):
        store.get_online("derived", "A")
    with pytest.raises(SourceNotFoundError, match="Did you mean 'user'"):
        store.get_online("usr", "A")


def test_labels_are_passed_on_and_may_not_hide_a_feature(store: FeatureStore) -> None:
    store.ingest(PLAIN, [row()])
    asks = [{"entity": "A", "timestamp": NOON, "label": 1}, {"entity": "B", "timestamp": NOON, "label": 0}]
    found = store.get_historical(PLAIN, asks, ["clicks"])
    assert list(found.columns) == ["entity", "timestamp", "label", "clicks"]
    assert (found.column("label"), len(found)) == ([1, 0], 2)
    with pytest.raises(ConfigError, match="name of a feature"):
        store.get_historical(PLAIN, [{"entity": "A", "timestamp": NOON, "clicks": 1}])
    with pytest.raises(ConfigError, match="Did you mean 'clicks'"):
        store.get_historical(PLAIN, asks, ["click"])
    with pytest.raises(DatasetError, match="zone"):
        store.get_historical(PLAIN, [("A", datetime(2026, 3, 1))])
    assert len(store.get_historical(PLAIN, [])) == 0


def test_a_join_goes_to_arrow_and_parquet_with_its_types(store: FeatureStore, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    store.ingest(PLAIN, [row()])
    found = store.get_historical(PLAIN, [("A", NOON), ("B", NOON)])
    found.to_parquet(tmp_path / "x.parquet")
    table = parquet.read_table(tmp_path / "x.parquet")
    types = {one.name: str(one.type) for one in table.schema}
    assert types["timestamp"] == "timestamp[us, tz=UTC]"
    assert [types[name] for name in ("clicks", "spent", "plan", "paid")] == [
        "int64",
        "double",
        "string",
        "bool",
    ]
    assert table.to_pylist()[0] == {"entity": "A", "timestamp": NOON, **{n: row()[n] for n in found.types}}
    assert table["clicks"].to_pylist() == [1, None]


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: feature("a b", int), "no identifier"),
        (lambda: feature("a", list), "type"),
        (lambda: feature("a", int, default=True), "default of a"),
        (lambda: feature("a", int, transform=len), "both transform and inputs"),
        (lambda: FeatureGroup("g", []), "at least one feature"),
        (lambda: FeatureGroup("g", [feature("entity", int)]), "two columns"),
        (lambda: FeatureGroup("g", [feature("a", int), feature("a", int)]), "two columns"),
        (
            lambda: FeatureGroup("g", [feature("a", int), feature("b", int, inputs=["c"], transform=len)]),
            "'c'",
        ),
        (lambda: FeatureGroup("g", [feature("a", int)], ttl=timedelta(0)), "ttl"),
    ],
)
def test_a_definition_that_cannot_work_is_refused(make: Any, match: str) -> None:
    with pytest.raises(ConfigError, match=match):
        make()


def test_a_foreign_file_is_refused_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    path.write_text(json.dumps({"not": "ours"} | {str(i): i for i in range(50)}))
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a feature store"):
        FeatureStore(path)
    assert path.read_bytes() == before


def test_two_handles_see_each_other(tmp_path: Path) -> None:
    one, two = (FeatureStore(tmp_path / "f.sqlite3") for _ in range(2))
    for at in range(3):
        one.ingest(PLAIN, [row(entity=f"e{at}", clicks=at)])
        assert two.get_historical("user", [(f"e{at}", NOON)]).column("clicks") == [at]
