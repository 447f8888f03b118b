"""The point-in-time join against an oracle that looks at every row for every ask.

`python tests/property/test_point_in_time.py 10000` runs more histories than the suite does.
"""

import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modelops_jupyter.vector_store import FeatureDefinition, FeatureGroup, FeatureStore
from modelops_jupyter.vector_store.point_in_time import History

START = datetime(2026, 3, 1, tzinfo=UTC)
ENTITIES = ("A", "B", "C", 1, "1")
Row = tuple[Any, int, int, int | None]  # entity, event, created, value
Ask = tuple[Any, int]


def oracle(rows: list[Row], ask: Ask, ttl: int | None) -> tuple[str, int | None]:
    """Return state and value by definition: newest event, then newest created, then the last one."""
    entity, at = ask
    true = [row for row in rows if type(row[0]) is type(entity) and row[0] == entity and row[1] <= at]
    best: Row | None = None
    for row in true:
        if row[2] <= at and (best is None or (row[1], row[2]) >= (best[1], best[2])):
            best = row
    if best is None:
        return ("not yet known" if true else "unknown"), None
    if ttl is not None and at - best[1] > ttl:
        return "expired", None
    return "found", best[3]


def moment(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def group_of(name: str, ttl: int | None) -> FeatureGroup:
    return FeatureGroup(
        name,
        [
            FeatureDefinition("value", int),
            FeatureDefinition("filled", int, default=-1),
            FeatureDefinition("twice", int, inputs=("filled",), transform=lambda v: 2 * v),
        ],
        created_time="created",
        ttl=None if ttl is None else timedelta(seconds=ttl),
    )


@contextmanager
def opened() -> Iterator[FeatureStore]:
    with tempfile.TemporaryDirectory() as folder:
        store = FeatureStore(Path(folder) / "f.sqlite3")
        yield store
        store.close()


def check(store: FeatureStore, batches: list[list[Row]], asks: list[Ask], ttl: int | None) -> None:
    """Ingest in batches, asking between them too, and compare with the oracle, offline and online."""
    group = group_of(f"g{len(store.groups)}", ttl)
    seen: list[Row] = []
    for batch in batches:
        seen += batch
        report = store.ingest(
            group,
            [
                {"entity": e, "event_time": moment(t), "created": moment(c), "value": v, "filled": v}
                for e, t, c, v in batch
            ],
        )
        assert report.accepted == len(batch)
        expected = [oracle(seen, ask, ttl) for ask in asks]
        found = store.get_historical(group, [(e, moment(t)) for e, t in asks])
        assert list(zip(found.states, found.column("value"), strict=True)) == expected
        assert found.missing["value"].tolist() == [v is None for _, v in expected]
        assert found.column("filled") == [-1 if v is None else v for _, v in expected]
        assert found.defaulted["twice"].tolist() == [v is None for _, v in expected]
    for (entity, at), row, state in zip(asks, found, found.states, strict=True):
        online = store.get_online(group, entity, at=moment(at))
        assert (dict(online), online.state) == ({n: row[n] for n in online}, state)


def random_history(seed: int) -> tuple[list[list[Row]], list[Ask], int | None]:
    """Return batches, asks and ttl; few different times, so that ties and late rows are the rule."""
    chance = random.Random(seed)
    span = chance.choice([3, 12, 60])

    def row() -> Row:
        event = chance.randrange(span)
        delay = chance.choice([0, 0, 1, chance.randrange(span), -chance.randrange(3)])
        return chance.choice(ENTITIES), event, event + delay, chance.choice([None, *range(9)])

    batches = [[row() for _ in range(chance.randrange(30))] for _ in range(chance.randint(1, 3))]
    asks = [(chance.choice([*ENTITIES, "?"]), chance.randrange(-2, 2 * span)) for _ in range(20)]
    return batches, asks, chance.choice([None, 1, 5, span])


rows = st.lists(
    st.tuples(
        st.sampled_from(ENTITIES), st.integers(0, 6), st.integers(-1, 9), st.none() | st.integers(0, 3)
    ),
    max_size=12,
)
asks = st.lists(st.tuples(st.sampled_from([*ENTITIES, "?"]), st.integers(-1, 10)), min_size=1, max_size=8)


@settings(max_examples=100, deadline=None)
@given(st.lists(rows, min_size=1, max_size=3), asks, st.none() | st.integers(1, 6))
@example([[("A", 1, 1, 5), ("A", 1, 3, 6)]], [("A", 2), ("A", 3)], None)  # a late correction
@example([[("A", 1, 1, 5)], [("A", 1, 1, 6)]], [("A", 1)], None)  # a tie: the one ingested last
def test_a_join_equals_the_oracle(batches: list[list[Row]], asks: list[Ask], ttl: int | None) -> None:
    with opened() as store:
        check(store, batches, asks, ttl)


def test_random_histories_equal_the_oracle() -> None:
    with opened() as store:
        for seed in range(200):
            check(store, *random_history(seed))


def test_long_late_runs_equal_the_oracle() -> None:
    """The tree that skips late rows, in histories deeper than the small ones."""
    chance = np.random.default_rng(5)
    for size in (1, 2, 3, 63, 64, 65, 700):
        entity, event = chance.integers(0, 3, size), chance.integers(0, 400, size)
        created = event + chance.integers(0, 600, size)
        asked, at = chance.integers(-1, int(entity.max()) + 1, 300), chance.integers(0, 1200, 300)
        place, by_event = History(entity, event, created).find(asked, at)
        for e, t, found, plain in zip(asked, at, place, by_event, strict=True):
            true = [i for i in range(size) if entity[i] == e and event[i] <= t]
            known = [i for i in true if created[i] <= t]
            assert found == max(known, key=lambda i: (event[i], created[i], i), default=-1)
            assert plain == max(true, key=lambda i: (event[i], created[i], i), default=-1)


if __name__ == "__main__":
    count = int(sys.argv[1])
    for start in range(0, count, 200):  # a new file now and then: listing its groups takes longer and longer
        with opened() as store:
            for seed in range(start, min(start + 200, count)):
                check(store, *random_history(seed))
    print(f"{count:,} random histories equal the oracle, offline and online.")
