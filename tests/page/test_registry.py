"""The registry in a browser, answered by Python that runs for real, over a registry on disk."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from modelops_jupyter import Dataset, create_evaluator
from modelops_jupyter.wire.context import Context

from .sideways import outside
from .view import View

registries: Any = pytest.importorskip("modelops_jupyter.registry")
provenance: Any = pytest.importorskip("modelops_jupyter.registry.provenance")

HOSTILE = '<img src=x onerror="window.__pwned=1">\u202e</script>'
TOPIC = "registry:g1"


def evaluated(right: int, rows: int = 200) -> Any:
    truth = [0, 1] * (rows // 2)
    found = create_evaluator("binary", ["accuracy", "f1"]).evaluate(
        truth, truth[:right] + [1 - t for t in truth[right:]]
    )
    found.metadata["dataset"] = "sha256:" + "5e1f" * 16
    return found


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("MODELOPS_HOME", str(tmp_path / "home"))
    return registries.ModelRegistry(tmp_path / "registry")


def register(registry: Any, name: str = "dates", content: bytes = b"1", **options: Any) -> Any:
    file = registry.path.parent / "model.bin"
    file.write_bytes(content)
    return registry.register(name, file, **options)


def kept(facts: Any, _story: Path | None) -> Any:
    return facts


def filled(registry: Any) -> Any:
    """Two models; the second version of one is better, the numbers of the third are bare."""
    rows = Dataset([{"prompt": str(i), "completion": "x"} for i in range(40)], name="dates train")
    learned = rows.filter(lambda row: int(row["prompt"]) < 30)
    for right, epochs in ((170, 2), (188, 3)):
        job = {
            "id": "j-7",
            "name": f"dates-lora-{epochs}",
            "base_model": "tiny",
            "config": {"epochs": epochs},
        }
        facts = provenance.of(evaluated(right), learned, None, {"note": "a"}, None) | {"job": job}
        file = registry.path.parent / "model.bin"
        file.write_bytes(bytes([epochs]) * 4_100_000)
        told: Any = {
            "tags": {"owner": "nina", "license": "mit"},
            "description": "Reads dates out of letters.",
        }
        registry.keep("dates", file, partial(kept, facts), evaluation=evaluated(right), **told)
    register(registry, content=b"3", metrics={"accuracy": 0.5})
    register(registry, "tickets", metrics=evaluated(150))
    registry.promote("dates", "production", 1)
    registry.set_alias("dates", "champion", 1)
    return registry


def shown(view: View, registry: Any, state: str = "ready", **options: Any) -> None:
    context = Context(resolve_registry=lambda _: registry)
    view.show("registry", {"registry": "g1"}, live=context, state=state, **options)


def pick(view: View, version: int) -> None:
    view.root.get_by_role("button", name=f"Version {version}", exact=True).click()
    expect(view.root.get_by_role("heading", name=f"Version {version}", exact=True)).to_be_visible()


def part(view: View, name: str) -> Locator:
    view.root.get_by_role("button", name=name, exact=True).click()
    expect(view.root.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")
    return view.root.locator(".rg-part")


# ---- looks ----
@pytest.mark.shots
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_form_is_in_nobodys_way(view: View, registry: Any, theme: str):
    shown(view, filled(registry), theme=theme)
    pick(view, 2)
    view.press("p")
    assert view.violations() == []
    view.shot(f"registry-form-{theme}-900")


@pytest.mark.parametrize("view", [{}, {"forced_colors": "active"}], indirect=True, ids=["", "forced"])
def test_a_refusal_shows_its_reasons_in_any_palette(view: View, registry: Any):
    shown(view, filled(registry))
    promote(view, 2, least="0.95")
    refused = view.root.get_by_role("alert")
    expect(refused).to_contain_text("Version 2 does not become staging. Nothing was moved.")
    assert view.violations() == []
    view.shot("registry-refused")


# ---- models and versions ----
def promote(view: View, version: int, *, alias: str = "staging", least: str = "", drop: str = "") -> None:
    pick(view, version)
    view.root.get_by_role("button", name="Promote…").click()
    form = view.root.get_by_role("dialog")
    form.get_by_label("to", exact=True).select_option(alias)
    form.get_by_role("spinbutton").nth(0).fill(least)
    form.get_by_role("spinbutton").nth(1).fill(drop)
    form.get_by_role("button", name="Promote").click()


def test_versions_are_told_with_intervals_aliases_tags_and_size(view: View, registry: Any):
    shown(view, filled(registry))
    rows = view.root.get_by_role("table", name="Versions of dates").locator("tbody tr")
    expect(rows).to_have_count(3)
    found = registry.get("dates", 1)
    accuracy = found.metrics["accuracy"]
    expect(rows.nth(2)).to_contain_text(accuracy.brief)
    expect(rows.nth(2).locator(".mo-prov")).to_have_text(["champion", "production"])
    expect(rows.nth(2)).to_contain_text("license=mit, owner=nina")
    expect(rows.nth(2)).to_contain_text("4.1 MB")
    expect(rows.nth(0)).to_contain_text("0.500 no interval")
    # one axis: the better version's tick stands further right
    ticks = rows.locator(".mo-ci").evaluate_all(
        "all => all.map(e => parseFloat(e.style.getPropertyValue('--m')))"
    )
    assert len(ticks) == 2
    assert ticks[0] > ticks[1]
    pick(view, 1)
    expect(view.root.locator(".rg-part tbody tr")).to_have_count(2)
    expect(view.root.locator(".rg-part")).to_contain_text(found.metrics["f1"].brief)


def test_a_version_with_an_alias_is_there_however_many_came_after_it(view: View, registry: Any):
    for number in range(53):
        register(registry, content=bytes([number]))
    registry.promote("dates", "production", 2)
    shown(view, registry)
    expect(view.root.get_by_role("table", name="Versions of dates").locator("tbody tr")).to_have_count(51)
    pick(view, 2)
    expect(view.root.locator(".rg-ref")).to_contain_text("registry:dates@production")
    expect(part(view, "Difference").get_by_label("Against")).to_have_value("4")


def test_another_model_is_chosen_at_the_side(view: View, registry: Any):
    shown(view, filled(registry))
    view.root.get_by_role("navigation").get_by_role("button", name="tickets").click()
    expect(view.root.get_by_role("table", name="Versions of tickets")).to_be_visible()
    expect(view.root.locator("nav [aria-current]")).to_contain_text("tickets")


def test_arrow_keys_go_from_version_to_version(view: View, registry: Any):
    shown(view, filled(registry))
    view.root.get_by_role("button", name="Version 3", exact=True).focus()
    view.press("ArrowDown")
    expect(view.root.get_by_role("button", name="Version 2", exact=True)).to_be_focused()
    expect(view.root.get_by_role("heading", name="Version 2", exact=True)).to_be_visible()
    view.press("ArrowUp", "ArrowUp")
    expect(view.root.get_by_role("heading", name="Version 3", exact=True)).to_be_visible()


def test_the_drawing_and_the_list_tell_the_same(view: View, registry: Any):
    shown(view, filled(registry))
    pick(view, 2)
    graph = registry.lineage("dates", 2)
    boxes = view.root.locator(".rg-box span")
    expect(boxes).to_have_text([node.label for node in graph.nodes])
    expect(view.root.locator(".rg-graph path")).to_have_count(len(graph.edges))
    lines = view.root.locator(".rg-list li")
    expect(lines).to_have_count(len(graph.nodes))
    for line, node in zip(lines.all(), graph.nodes, strict=True):
        for text in (node.label, *(before.label for before in graph.before(node.id))):
            expect(line).to_contain_text(text)
    places = view.root.locator(".rg-box").evaluate_all("all => all.map(e => e.style.gridArea)")
    assert len(set(places)) == len(graph.nodes)
    # no line runs behind a box that it has nothing to do with
    job = view.root.locator(".rg-box.job").bounding_box()
    evaluation = view.root.locator(".rg-box.evaluation").bounding_box()
    assert job is not None
    assert evaluation is not None
    assert evaluation["y"] >= job["y"] + job["height"]


def test_what_was_not_recorded_is_said(view: View, registry: Any):
    register(registry)
    shown(view, registry)
    expect(view.root.locator(".rg-part")).to_contain_text("Not recorded: dataset, job, metrics.")
    expect(view.root.locator("nav")).to_be_hidden()


def test_the_difference_is_against_any_other_version(view: View, registry: Any):
    shown(view, filled(registry))
    pick(view, 2)
    found = part(view, "Difference")
    expect(found.locator("tbody tr").first).to_contain_text("config.epochs")
    found.get_by_label("Against").focus()
    found.get_by_label("Against").select_option("Version 3")
    expect(found).to_contain_text(registry.diff("dates", 3, 2).summary)
    expect(found.get_by_label("Against")).to_be_focused()
    register(registry, "alone")
    view.harness("carrier.push", TOPIC, [{"changed": 2}])
    view.root.get_by_role("navigation").get_by_role("button", name="alone").click()
    expect(found).to_contain_text("There is no other version")


# ---- what can be done ----
def test_a_promotion_is_refused_and_then_granted_by_keyboard_alone(view: View, registry: Any):
    shown(view, filled(registry))
    view.root.get_by_role("button", name="Version 3", exact=True).focus()
    view.press("ArrowDown", "p")
    expect(view.root.get_by_role("dialog", name="Promote version 2")).to_be_visible()
    expect(view.root.get_by_label("to", exact=True)).to_be_focused()
    view.press("p", "Tab", "Tab", *"0.95", "Enter")
    expect(view.root.get_by_role("alert")).to_contain_text("needed at least 0.950")
    expect(view.root.locator("[aria-pressed=true].rg-at")).to_be_focused()
    assert registry.get("dates", alias="production").version == 1
    view.press("p", "p", "Tab", "Tab", *"0.5", "Enter")
    expect(view.root.get_by_role("alert")).to_contain_text("Version 2 is production now.")
    assert registry.get("dates", alias="production").version == 2
    row = view.root.get_by_role("table", name="Versions of dates").locator("tbody tr").nth(1)
    expect(row.locator(".mo-prov")).to_have_text(["production"])
    kinds = [event.kind for event in registry.audit("dates")][-2:]
    assert kinds == ["promotion-refused", "promoted"]
    found = part(view, "Log")
    expect(found.locator("li").nth(0)).to_contain_text("promoted · Version 2 · production, before version 1")
    expect(found.locator("li").nth(1)).to_contain_text("promotion refused")
    expect(found.locator("li").nth(1)).to_contain_text("needed at least 0.950")


def test_bare_numbers_pass_no_gate_and_a_gate_needs_a_limit(view: View, registry: Any):
    shown(view, filled(registry))
    promote(view, 3, least="0.1")
    expect(view.root.get_by_role("alert")).to_contain_text("inconclusive")
    promote(view, 3)
    expect(view.root.get_by_role("dialog")).to_contain_text("A gate needs a finite limit.")
    view.press("Escape")
    view.root.get_by_role("button", name="Promote…").click()
    view.root.get_by_role("combobox", name="Metric").select_option("ask nothing")
    expect(view.root.get_by_role("spinbutton")).to_have_count(0)
    view.root.get_by_role("dialog").get_by_role("button", name="Promote").click()
    expect(view.root.get_by_role("alert")).to_contain_text("Version 3 is staging now.")


def test_a_drop_is_measured_against_the_holder(view: View, registry: Any):
    shown(view, filled(registry))
    promote(view, 2, alias="production", drop="0.01")
    expect(view.root.get_by_role("alert")).to_contain_text("Version 2 is production now.")
    assert registry.audit("dates")[-1].data["gates"][0]["gate"]["max_drop"] == 0.01


def test_an_alias_is_set_and_taken_away_and_staging_is_not(view: View, registry: Any):
    shown(view, filled(registry))
    pick(view, 2)
    view.press("a")
    view.page.keyboard.type("staging")
    view.press("Enter")
    expect(view.root.get_by_role("dialog")).to_contain_text("moved by promoting a version")
    view.root.get_by_label("Alias", exact=True).fill("champion")
    view.press("Enter")
    expect(view.root.get_by_role("button", name="Take champion from version 2")).to_be_visible()
    assert registry.get("dates", alias="champion").version == 2
    view.root.get_by_role("button", name="Take champion from version 2").click()
    view.press("Enter")
    expect(view.root.get_by_role("button", name="Take champion")).to_have_count(0)
    assert "champion" not in registry.list_models()[0].aliases


def test_the_reference_is_copied(view: View, registry: Any):
    shown(view, filled(registry))
    view.page.evaluate("navigator.clipboard.writeText = async text => { window.copied = text; }")
    pick(view, 1)
    view.press("c")
    expect(view.root.get_by_role("status")).to_contain_text("registry:dates@production")
    copied = view.page.evaluate("copied")
    assert eval(copied, {"ModelRegistry": registries.ModelRegistry}).version == 1


# ---- live ----
def test_what_another_process_does_appears_and_the_focus_stays(view: View, registry: Any):
    shown(view, filled(registry))
    pick(view, 2)
    card = part(view, "Card").locator("pre")
    card.evaluate("e => e.setAttribute('data-same', '')")
    register(registry, content=b"4")
    registry.set_alias("dates", "challenger", 2)
    view.harness("carrier.push", TOPIC, [{"changed": 2}])
    expect(view.root.get_by_role("button", name="Version 4", exact=True)).to_be_visible()
    expect(view.root.get_by_role("heading", name="Version 2", exact=True)).to_be_visible()
    expect(view.root.get_by_role("button", name="Take challenger from version 2")).to_be_visible()
    expect(view.root.get_by_role("button", name="Card", exact=True)).to_be_focused()
    expect(card).to_have_attribute("data-same", "")  # what did not change is not drawn again
    registry.delete("dates", 2, force=True)
    view.harness("carrier.push", TOPIC, [{"changed": 3}])
    expect(view.root.get_by_role("heading", name="Version 4", exact=True)).to_be_visible()


def test_when_nobody_answers_all_stays_and_nothing_can_be_changed(view: View, registry: Any):
    shown(view, filled(registry))
    view.harness("carrier.silence", TOPIC, "The Jupyter server does not answer.")
    view.wait("stale")
    expect(view.root.locator(".mo-note")).to_contain_text("Last seen")
    expect(view.root.get_by_role("table", name="Versions of dates")).to_be_visible()
    button = view.root.get_by_role("button", name="Promote…")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    expect(view.root.get_by_role("status")).to_contain_text("Last seen")
    expect(view.root.get_by_role("dialog")).to_have_count(0)
    view.harness("carrier.push", TOPIC, [{"changed": 2}])
    view.wait("ready")
    expect(button).to_have_attribute("aria-disabled", "false")


def test_without_models_it_says_how_to_keep_one(view: View, registry: Any):
    shown(view, registry, state="empty")
    expect(view.root.locator(".mo-blank")).to_contain_text("model.register(")
    register(registry)
    view.harness("carrier.push", TOPIC, [{"changed": 2}])
    view.wait("ready")
    expect(view.root.locator(".mo-blank")).to_have_count(0)


def test_an_error_says_what_to_do_and_is_tried_again(view: View, registry: Any):
    gone = {"code": "no-registry", "message": "This installation has no model registry.", "hint": "Install."}
    view.show("registry", {"registry": "g1"}, ops={"registry": {"error": gone}}, state="error")
    expect(view.root.get_by_role("alert").first).to_contain_text("no model registry")
    view.harness("answer", "registry", {"result": {"models": [], "total": 0, "path": "", "now": "14:02"}})
    view.root.get_by_role("button", name="Try again").click()
    view.wait("empty")


def test_hostile_names_cards_and_logs_are_text(view: View, registry: Any):
    odd: Any = {"tags": {HOSTILE: HOSTILE}, "description": HOSTILE, "metrics": {HOSTILE: 1.0}}
    for _ in range(2):
        register(registry, "odd", dataset=HOSTILE, job=HOSTILE, parameters={HOSTILE: HOSTILE}, **odd)
    registry.set_tag("odd", 1, HOSTILE, HOSTILE)
    shown(view, registry)
    for name in ("About", "Card", "Difference", "Log"):
        part(view, name)
        expect(view.root.locator(".rg-part")).to_contain_text("" if name == "Difference" else "img src=x")
        expect(view.root.locator("img, script")).to_have_count(0)
        assert outside(view) == []
    promote(view, 1, least="2")
    expect(view.root.get_by_role("alert")).to_contain_text("<img src=x")
    assert view.page.evaluate("'__pwned' in window") is False


def test_keys_of_the_host_do_not_fire_inside_and_escape_leaves(view: View, registry: Any):
    shown(view, filled(registry))
    view.page.evaluate("window.heard = []; document.addEventListener('keydown', e => heard.push(e.key))")
    view.root.get_by_role("button", name="Version 3", exact=True).focus()
    view.press("d", "d", "?")
    expect(view.root.get_by_role("dialog", name="Keys")).to_be_visible()
    assert view.violations() == []
    view.press("Escape", "Escape")
    assert view.page.evaluate("heard.filter(k => k !== 'Escape')") == []
    assert view.root.evaluate("r => r.contains(document.activeElement)") is False
