"""How stores, matches and features are shown: text, twin and picture say the same, whatever is stored."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter.notebook.display import mimebundle
from modelops_jupyter.vector_store import (
    FeatureDefinition,
    FeatureGroup,
    FeatureStore,
    Matches,
    Recall,
    VectorStore,
)

HOSTILE = "</pre></data><img src=x onerror=alert(1)>\u202e<script>x</script>\x1b[31m\"'&amp;{{7*7}}"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SANITIZE = Path(__file__).parents[1] / "notebook" / "sanitize.mjs"


@pytest.fixture
def objects(tmp_path: Path) -> dict[str, Any]:
    vectors, features = VectorStore(tmp_path / "v.sqlite3"), FeatureStore(tmp_path / "f.sqlite3")
    vectors.add(["a", HOSTILE], [[1, 0], [0, 1]], [{"lang": "en"}, {HOSTILE: HOSTILE, "n": 1}])
    described = FeatureDefinition("plan", str, default=HOSTILE, description=HOSTILE)
    length = FeatureDefinition("length", int, inputs=["note"], transform=len)
    group = FeatureGroup(
        HOSTILE,
        [described, FeatureDefinition("note", str), length],
        created_time="event_time",
        ttl=timedelta(hours=1),
    )
    rows = [{"entity": HOSTILE, "event_time": NOON, "plan": HOSTILE, "note": "ab"}]
    report = features.ingest(group, [*rows, {**rows[0], "plan": 7}, {**rows[0], HOSTILE: 1}])
    found = vectors.search([1, 0.1], k=2)
    return {
        "vectors": vectors,
        "features": features,
        "features empty": FeatureStore(tmp_path / "e.sqlite3"),
        "group": group,
        "report": report,
        "matches": found,
        "matches approximate": Matches(found.found, "l2", "lancedb", Recall(0.97, 0.8, 10, 200, 5000)),
        "matches none": Matches((), "dot"),
        "vector": features.get_online(group, HOSTILE, at=NOON),
        "vector unknown": features.get_online(group, "Z"),
        "historical": features.get_historical(group, [(HOSTILE, NOON), ("Z", NOON)] * 9),
    }


def test_every_twin_survives_the_sanitiser_and_shows_hostile_text_as_text(objects: dict[str, Any]) -> None:
    twins = {name: mimebundle(one)[0]["text/html"] for name, one in objects.items()}
    node = Path(sys.executable).with_name("node")
    command = [str(node) if node.exists() else "node", "--no-warnings", str(SANITIZE)]
    given = json.dumps(list(twins.values())).encode()
    run = subprocess.run(command, input=given, capture_output=True, check=True)
    assert dict(zip(twins, json.loads(run.stdout), strict=True)) == twins
    for name, one in objects.items():
        text = mimebundle(one)[0]["text/plain"]
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", text + twins[name]), name
        assert "<script" not in twins[name]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("vectors", ["default", "2", "cosine", "exact"]),
        ("features", ["1"]),
        ("features empty", ["empty"]),
        ("group", ["length", "from note", "1 h alive", "known from event_time"]),
        ("report", ["1 of 3 rows", "2 left out", "a int and no str", "is no field"]),
        ("matches", ["2 matches by cosine, exact", "0.995", "en"]),
        ("matches approximate", ["recall@10 0.970 (worst query 0.800)", "200 queries over 5,000 vectors"]),
        ("matches none", ["0 matches"]),
        ("vector", ["found, true since 2026-03-01T12:00:00Z", "note", "ab"]),
        ("vector unknown", ["unknown", "missing", "default"]),
        ("historical", ["18 moments", "found 9, unknown 9", "missing"]),
    ],
)
def test_text_and_twin_say_the_same(objects: dict[str, Any], name: str, words: list[str]) -> None:
    bundle = mimebundle(objects[name])[0]
    for word in words:
        assert word in bundle["text/html"]
        if name != "group":  # its text names types only
            assert word in bundle["text/plain"]


def test_a_long_twin_says_how_much_it_shows(objects: dict[str, Any]) -> None:
    assert "10 of 18 rows." in mimebundle(objects["historical"])[0]["text/html"]


def test_a_join_has_a_picture_of_what_was_known(objects: dict[str, Any]) -> None:
    figure = objects["historical"].plot()
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["plan", "note", "length"]
    widths = [[bar.get_width() for bar in bars] for bars in figure.axes[0].containers]
    assert widths == [[9, 9, 9], [9, 0, 0], [0, 9, 9]]
    assert [t.get_text() for t in figure.axes[0].get_legend().get_texts()] == [
        "known",
        "by default",
        "missing",
    ]
