"""The registry over the wire and as a view: what a page is told, what it may do, what it hears."""

# pyright: reportPrivateUsage=false
import asyncio
import json
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import create_evaluator
from modelops_jupyter.notebook import display, follow
from modelops_jupyter.notebook.widgets import RegistryBrowser
from modelops_jupyter.registry import ModelRegistry
from modelops_jupyter.server.rpc import Service
from modelops_jupyter.wire import registry as wire
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import answer
from modelops_jupyter.wire.topics import topics

from ..notebook.conftest import HOSTILE

Make = Callable[..., Path]


def raw(op: str, context: Context | None = None, **args: Any) -> Any:
    message = {"v": 1, "id": "1", "op": op, "args": {"registry": "home", **args}}
    return json.loads(json.dumps(answer(message, context or Context()), allow_nan=False))


def ask(op: str, **args: Any) -> Any:
    reply = raw(op, **args)
    assert reply["ok"], reply
    return reply["result"]


def evaluated(right: int) -> Any:
    truth = [0, 1] * 100
    return create_evaluator("binary", ["accuracy"]).evaluate(
        truth, truth[:right] + [1 - t for t in truth[right:]]
    )


@pytest.fixture
def dates(registry: ModelRegistry, artifact: Make) -> ModelRegistry:
    registry.register("dates", artifact(b"1"), metrics=evaluated(170), tags={"owner": "nina"})
    registry.register("dates", artifact(b"22"), metrics=evaluated(190), description="Better.")
    return registry


# ---- told ----
@pytest.mark.usefixtures("dates")
def test_models_and_versions_are_told_newest_first_with_intervals() -> None:
    [model] = ask("registry")["models"]
    assert (model["name"], model["versions_text"], model["aliases"]) == ("dates", "2 versions", {})
    second, first = ask("registry.model", model="dates")["versions"]
    assert (second["version"], second["size"], second["description"]) == (2, "2 B", "Better.")
    assert first["tags"] == ["owner=nina"]
    [accuracy] = first["metrics"]
    assert accuracy["text"] == "0.850"
    assert accuracy["low"] < 0.85 < accuracy["high"]
    assert accuracy["interval"].startswith("[0.")


def test_the_reference_prefers_production_and_can_be_loaded(dates: ModelRegistry, tmp_path: Path) -> None:
    dates.set_alias("dates", "apple", 1)
    assert ask("registry.model", model="dates")["versions"][1]["reference"] == "registry:dates@apple"
    dates.promote("dates", "production", 1)
    dates.promote("dates", "staging", 1)
    second, first = [v["reference"] for v in ask("registry.model", model="dates")["versions"]]
    assert (first, second) == ("registry:dates@production", "registry:dates/2")
    assert dates.resolve(first).version == 1
    elsewhere = ModelRegistry(tmp_path / "else 'where")
    file = tmp_path / "m"
    file.write_bytes(b"1")
    elsewhere.register("a", file)
    context = Context(resolve_registry=lambda _: elsewhere)
    [version] = raw("registry.model", context, registry="g1", model="a")["result"]["versions"]
    python = version["reference"]  # `load_model` looks in the home's registry alone
    assert eval(python, {"ModelRegistry": ModelRegistry}).registry.path == elsewhere.path


def test_a_number_without_value_or_interval_is_json(registry: ModelRegistry, artifact: Make) -> None:
    registry.register("odd", artifact(), metrics={"a": float("nan"), "b": 0.5})
    none, bare = ask("registry.model", model="odd")["versions"][0]["metrics"]
    assert none["value"] is None
    assert (bare["value"], bare["low"], bare["interval"]) == (0.5, None, "no interval")


def test_lineage_card_and_difference_are_those_of_python(dates: ModelRegistry) -> None:
    graph = dates.lineage("dates", 2)
    told = ask("registry.about", model="dates", version=2)
    assert [(n["kind"], n["label"]) for n in told["nodes"]] == [(n.kind, n.label) for n in graph.nodes]
    ids = [node.id for node in graph.nodes]
    named = [(ids[int(source)], ids[int(target)], kind) for source, target, kind in told["edges"]]
    assert named == [(e.source, e.target, e.kind) for e in graph.edges]
    assert tuple(told["notices"]) == graph.notices
    assert ask("registry.card", model="dates", version=2)["text"] == str(dates.card("dates", 2))
    found = dates.diff("dates", 1, 2)
    told = ask("registry.diff", model="dates", version=2)
    assert told["summary"] == found.summary
    assert told["rows"] == found.table().rows


def test_much_is_cut_and_says_so(
    registry: ModelRegistry, artifact: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MOST_MODELS", "MOST", "MOST_LINES"):
        monkeypatch.setattr(wire, name, 2)
    monkeypatch.setattr(wire, "MOST_CARD", 30)
    facts: Any = {"metrics": {f"m{i}": i for i in range(5)}, "tags": {f"t{i}": "x" for i in range(5)}}
    for i in range(4):
        registry.register("a", artifact(bytes([i])), **facts, parameters={f"p{j}": i for j in range(5)})
    for name in ("b", "c"):
        registry.register(name, artifact())
    listed, versions = ask("registry"), ask("registry.model", model="a")
    assert (len(listed["models"]), listed["total"]) == (2, 3)
    assert ([v["version"] for v in versions["versions"]], versions["total"]) == ([4, 3], 4)
    assert [len(versions["versions"][0][key]) for key in ("metrics", "tags")] == [2, 2]
    diff, log = (
        ask("registry.diff", model="a", version=4, against=1),
        ask("registry.log", model="a", version=1),
    )
    assert (len(diff["rows"]), diff["total"]) == (2, 6)
    assert ([e["version"] for e in log["events"]], log["total"]) == ([4, 3], 4)
    assert len(ask("registry.card", model="a", version=1)["text"]) == 30


def test_hostile_text_is_told_as_visible_text(registry: ModelRegistry, artifact: Make) -> None:
    odd: Any = {"tags": {HOSTILE: HOSTILE}, "description": HOSTILE, "metrics": {HOSTILE: 1.0}}
    for content in (b"1", b"2"):
        registry.register("odd", artifact(content), job=HOSTILE, parameters={HOSTILE: content[0]}, **odd)
    registry.set_tag("odd", 1, HOSTILE, "x")
    told = [
        ask("registry.model", model="odd")["versions"],
        ask("registry.about", model="odd", version=1)["nodes"],
        ask("registry.card", model="odd", version=1),
        ask("registry.diff", model="odd", version=2)["rows"],
        ask("registry.log", model="odd", version=1),
    ]
    for version in told[0]:
        version["metrics"][0].pop("name")  # goes back as it came, and is never shown
    for part in told:
        text = json.dumps(part, ensure_ascii=False)
        assert not {"\u202e", "\x00", "\x1b"} & set(text)
        assert "\\u0000" not in text
        assert "img src" in text


# ---- done ----
def test_a_refusal_is_an_answer_with_every_reason_and_moves_nothing(dates: ModelRegistry) -> None:
    gates = [{"metric": "accuracy", "min_value": 0.95}, {"metric": "accuracy", "max_drop": 0.1}]
    refused = ask("registry.promote", model="dates", version=1, alias="production", gates=gates)
    assert refused["granted"] is False
    assert [g["outcome"] for g in refused["gates"]] == ["fail", "pass"]
    assert "needed at least 0.950" in refused["gates"][0]["reason"]
    assert dates.list_models()[0].aliases == {}
    gates[0]["min_value"] = 0.5
    granted = ask("registry.promote", model="dates", version=1, alias="production", gates=gates)
    assert granted["granted"] is True
    assert dates.get("dates", alias="production").version == 1
    log = ask("registry.log", model="dates", version=1)["events"]
    assert [event["kind"] for event in log[:2]] == ["promoted", "promotion refused"]
    assert log[1]["gates"] == refused["gates"]
    ask("registry.promote", model="dates", version=2, alias="production", gates=[])
    assert (
        ask("registry.log", model="dates", version=1)["events"][0]["about"] == "production, before version 1"
    )


@pytest.mark.parametrize(
    ("op", "args", "code"),
    [
        ("registry.model", {"model": "date"}, "registry-unknown"),
        ("registry.model", {"model": "../etc"}, "registry-name"),
        ("registry.card", {"model": "dates", "version": 9}, "registry-unknown"),
        ("registry.card", {"model": "dates", "version": 0}, "bad-arguments"),
        ("registry.alias", {"model": "dates", "alias": "production", "version": 1}, "registry-gated"),
        ("registry.alias", {"model": "dates", "alias": "none", "version": None}, "registry-unknown"),
        ("registry.alias", {"model": "dates", "alias": "3", "version": 1}, "registry-name"),
        (
            "registry.promote",
            {"model": "dates", "version": 1, "alias": "staging", "gates": [{"metric": "accuracy"}]},
            "config",
        ),
        ("registry", {"registry": "g1"}, "gone"),
    ],
)
@pytest.mark.usefixtures("dates")
def test_what_does_not_fit_is_an_error_answer(op: str, args: dict[str, Any], code: str) -> None:
    assert raw(op, **args)["error"]["code"] == code


def test_an_alias_is_set_and_taken_away(dates: ModelRegistry) -> None:
    ask("registry.alias", model="dates", alias="champion", version=1)
    assert dates.get("dates", alias="champion").version == 1
    ask("registry.alias", model="dates", alias="champion", version=None)
    assert dates.list_models()[0].aliases == {}
    assert [e["about"] for e in ask("registry.log", model="dates", version=1)["events"][:2]] == [
        "champion"
    ] * 2


def test_without_the_package_the_answer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "modelops_jupyter.registry", None)
    error = raw("registry")["error"]
    assert error["code"] == "no-registry"
    assert "no model registry" in error["message"]


# ---- heard ----
def test_a_poll_has_news_when_another_connection_changed_something(dates: ModelRegistry) -> None:
    first = topics.look("registry:home", 0)
    assert topics.look("registry:home", first["seq"])["items"] == []
    dates.set_tag("dates", 1, "seen", "yes")
    after = topics.look("registry:home", first["seq"])
    assert after["seq"] == first["seq"] + 1
    assert after["items"]


def test_a_follower_hears_of_each_change_and_nothing_is_open_after_it_left(
    dates: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    close = wire.home_registry().close
    monkeypatch.setattr(
        wire.home_registry(), "close", lambda: (close(), closed.append(threading.current_thread().name))
    )
    heard: queue.Queue[int] = queue.Queue()
    end = follow.follow("registry:home", lambda seq, _items: heard.put(seq))
    assert heard.get(timeout=10) == 1
    dates.set_tag("dates", 1, "seen", "yes")
    assert heard.get(timeout=10) == 2
    end()
    for thread in threading.enumerate():
        if thread.name == "modelops-tailer":
            thread.join(timeout=10)
            assert not thread.is_alive()
    assert closed == ["modelops-tailer"]


def test_a_server_without_a_kernel_answers_and_hears(dates: ModelRegistry, tmp_path: Path) -> None:
    service = Service(tmp_path)

    def request(op: str, **args: Any) -> Any:
        return service.answer({"v": 1, "id": "1", "op": op, "args": args})

    async def run() -> tuple[Any, Any, Any]:
        told = await request("registry.model", registry="home", model="dates")
        first = await request("poll", topic="registry:home", after=0, wait=0)
        seq = first["result"]["seq"]
        later = asyncio.create_task(request("poll", topic="registry:home", after=seq, wait=20))
        await asyncio.to_thread(dates.set_tag, "dates", 1, "seen", "yes")
        return told, first, await later

    told, first, later = asyncio.run(run())
    assert told["ok"]
    assert later["result"]["seq"] > first["result"]["seq"]


# ---- the view ----
def test_the_view_brings_its_first_answers_and_leaves_text_and_twin(dates: ModelRegistry) -> None:
    view = RegistryBrowser()
    assert (view.registry.path, view._spec["registry"]) == (dates.path, "home")
    assert {"home_id", "protocol"} <= set(view._spec)
    assert [a["op"] for a in view._spec["answers"]] == ["registry", "registry.model"]
    data, _ = view._repr_mimebundle_()
    assert data.pop(display.VIEW)
    assert data == display.told(dates)[0]
    assert view._spec["answers"][0]["result"]["models"][0]["name"] == "dates"


def test_a_registry_elsewhere_is_reached_in_its_kernel_alone(tmp_path: Path) -> None:
    elsewhere = ModelRegistry(tmp_path / "elsewhere")
    view = RegistryBrowser(elsewhere)
    assert view._spec["registry"].startswith("g")
    assert "home_id" not in view._spec
    [answered] = view._spec["answers"]
    assert answered["result"]["models"] == []


def test_a_registry_is_shown_live(dates: ModelRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "in_kernel", lambda: True)
    monkeypatch.setattr(display.static, "built", lambda: True)
    assert display.VIEW in display.mimebundle(dates)[0]
