"""Every twin survives JupyterLab's sanitiser unchanged, whatever stands in the data."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter.notebook.display import twin_of
from modelops_jupyter.notebook.twin import grammar
from modelops_jupyter.training import Token
from modelops_jupyter.wire.rating import snapshot as view_of

from .conftest import FIXTURES, HOSTILE, Stored, everything, friendly, rated, talked

NAMES = sorted(everything())


@pytest.fixture(scope="module")
def objects() -> dict[str, Any]:
    return everything()


@pytest.fixture(scope="module")
def twins(objects: dict[str, Any]) -> dict[str, str]:
    return {name: twin_of(obj).html(obj) for name, obj in objects.items()}


@pytest.fixture(scope="module")
def sanitized(twins: dict[str, str]) -> dict[str, str]:
    beside = Path(sys.executable).with_name("node")
    node = str(beside) if beside.exists() else shutil.which("node")
    assert node, "node is needed; `make setup` brings it"
    script = Path(__file__).with_name("sanitize.mjs")
    run = subprocess.run(
        [node, "--no-warnings", script],
        input=json.dumps(list(twins.values())).encode(),
        capture_output=True,
        check=True,
    )
    return dict(zip(twins, json.loads(run.stdout), strict=True))


class Markup(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(html: str) -> Markup:
    markup = Markup()
    markup.feed(html)
    return markup


@pytest.mark.parametrize("name", NAMES)
def test_the_sanitiser_changes_nothing(name: str, twins: dict[str, str], sanitized: dict[str, str]) -> None:
    assert sanitized[name] == twins[name]


def test_the_sanitiser_of_this_test_does_change_what_is_dangerous() -> None:
    node = Path(sys.executable).with_name("node")
    script = Path(__file__).with_name("sanitize.mjs")
    given = ["<img src=x onerror=alert(1)>", "<svg><script>x</script></svg>", '<p id="a" role="note">x</p>']
    run = subprocess.run(
        [str(node) if node.exists() else "node", "--no-warnings", script],
        input=json.dumps(given).encode(),
        capture_output=True,
        check=True,
    )
    assert all(a != b for a, b in zip(given, json.loads(run.stdout), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_only_elements_and_attributes_of_the_grammar_occur(name: str, twins: dict[str, str]) -> None:
    found = read(twins[name]).found
    assert found[0] == ("div", {"class": grammar.ROOT_CLASS, "style": "overflow-x:auto"})
    for tag, attributes in found[1:]:
        assert tag != "div"
        assert set(attributes) <= grammar.ATTRIBUTES[tag]
        assert "class" not in attributes
    for tag, attributes in found:
        if tag == "img":
            assert attributes["alt"]
            assert str(attributes["src"]).startswith("data:image/svg+xml;base64,")
        if tag == "th":
            assert attributes["scope"] in ("col", "row")


@pytest.mark.parametrize("name", [n for n in NAMES if "hostile" in n])
def test_hostile_text_is_shown_as_text(name: str, twins: dict[str, str]) -> None:
    words = "".join(read(twins[name]).words)
    assert "<img src=x onerror=" in words


@pytest.mark.parametrize("name", NAMES)
def test_no_form_steers_a_terminal(name: str, twins: dict[str, str], objects: dict[str, Any]) -> None:
    for text in (twins[name], twin_of(objects[name]).text(objects[name])):
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize("name", NAMES)
def test_text_and_twin_are_the_same_for_the_same_object(
    name: str, objects: dict[str, Any], twins: dict[str, str]
) -> None:
    again = everything_again(name)
    assert twin_of(objects[name]).text(objects[name]) == twin_of(again).text(again)
    assert twin_of(again).html(again) == twins[name]
    assert "0x" not in twin_of(again).text(again)


def everything_again(name: str) -> Any:
    return everything()[name]


def masked(text: str) -> str:
    """Mask as the notebook tests do, by the file that they read."""
    from nbval.plugin import get_sanitize_patterns

    config = Path(__file__).parents[3] / "notebooks" / "nbval.cfg"
    for pattern, replacement in get_sanitize_patterns(config.read_text(encoding="utf-8")):
        text = re.sub(pattern, replacement, text)
    return text


@pytest.mark.parametrize("form", ["text", "html"])
def test_what_a_model_said_in_a_chat_differs_only_under_the_mask(form: str) -> None:
    chats = [talked("tiny"), talked("tiny")]
    chats[1].turns[0].answer.tokens += [Token(" something else", 0.1, (("x", 0.2),))] * 3
    one, two = (getattr(twin_of(chat), form)(chat) for chat in chats)
    assert one != two
    assert masked(one) == masked(two)


@pytest.mark.parametrize("form", ["text", "html"])
def test_a_rating_tells_what_its_view_shows_and_no_source_before_the_end(form: str) -> None:
    models = {"modelA": friendly().valid.head(2), "modelB": friendly().valid.head(2)}
    rating = rated(models, "pass", "fail", "skip", note="odd", rater="ann")
    told = getattr(twin_of(rating), form)(rating)
    assert "2 of 4 rated, 1 skipped" in told
    assert "1 pass, 1 fail, 1 skip" in told
    assert "modelA" not in told
    for question in rating.rated:
        assert question.answers[0] in told
        assert question.verdict in told
    rating.undo()
    for _ in range(2):
        rating.rate("pass", "fine")
    ended = getattr(twin_of(rating), form)(rating)
    shown = view_of(rating)["findings"][0]
    for cell in (cell for row in shown["rows"] for cell in row):
        assert cell in ended
    assert "modelA" in ended
    assert "fine" not in masked(ended)


def snapshot(name: str) -> dict[str, Any]:
    return json.loads((FIXTURES / f"{name}.json").read_text())


@pytest.mark.parametrize(
    "later", ["job_preparing", "job_completed", "job_failed", "job_cancelled", "job_hostile"]
)
def test_the_first_and_the_refreshed_output_of_a_job_are_equal_under_the_mask(later: str) -> None:
    first = snapshot("job_running")
    fixed = {
        key: first[key]
        for key in ("base_model", "method", "seed", "provider", "simulated", "rows", "fingerprint")
    }
    then = Stored(snapshot(later) | fixed)
    before = Stored(first)
    for form in ("text", "html"):
        one, two = (getattr(twin_of(job), form)(job) for job in (before, then))
        assert one != two
        assert masked(one) == masked(two)


@pytest.mark.parametrize("name", ["job_running", "job_queued", "job_preparing"])
def test_an_unfinished_job_is_only_said_to_have_been_seen(name: str) -> None:
    job = Stored(snapshot(name))
    assert "last seen" in twin_of(job).text(job)
    assert "when this was saved" in "".join(read(twin_of(job).html(job)).words)


@pytest.mark.parametrize("name", ["job_completed", "job_failed", "job_cancelled"])
def test_a_finished_job_says_what_it_is(name: str) -> None:
    job = Stored(snapshot(name))
    assert "last seen" not in twin_of(job).text(job)
    assert "when this was saved" not in twin_of(job).html(job)


def test_every_display_of_a_simulated_job_says_so() -> None:
    job = Stored(snapshot("job_simulated"))
    assert "simulated" in masked(twin_of(job).text(job))
    words = masked(twin_of(job).html(job))
    assert "simulated" in words


@pytest.mark.parametrize("form", ["text", "html"])
def test_a_job_is_told_as_its_monitor_shows_it(form: str) -> None:
    """Figures, metrics, answers, events, warnings, where it was resumed, what it made."""
    running, heart, done = (snapshot(f"job_{name}") for name in ("running", "overfitting", "completed"))

    def words(of: dict[str, Any]) -> str:
        job = Stored(of)
        told = getattr(twin_of(job), form)(job)
        return told if form == "text" else " ".join(read(told).words)

    told = words(running)
    for key in ("learning_rate", "tokens_per_second", "memory", "validation_loss"):
        assert running["values"][key]["text"] in told
    (metric,) = running["measures"]
    assert f"{metric['text']} {metric['interval']}" in told
    assert running["samples"][0]["rows"][0]["answer"] in told
    assert running["samples"][-1]["rows"][0]["answer"] + " (as in the data)" in told
    assert running["events"][0]["text"] in told
    assert heart["warnings"][0] in words(heart)
    assert "resumed at step" in words(heart)
    assert done["result"]["call"] in words(done)


def test_a_metric_has_its_picture_and_its_column_with_the_interval() -> None:
    job = Stored(snapshot("job_running"))
    html = str(twin_of(job).html(job))
    assert 'alt="Exact match against step, from 0.000 at step 0 to 0.834 at step 1,200"' in html
    assert "0.784 to 0.884" in "".join(read(html).words)


@pytest.mark.parametrize("form", ["text", "html"])
def test_the_list_tells_provider_loss_and_what_comes(form: str) -> None:
    class Listed:
        kind = "jobs"

        def jobs(self) -> list[dict[str, Any]]:
            return snapshot("job_list")["jobs"]  # pyright: ignore[reportReturnType] -- JSON

    told = str(getattr(twin_of(Listed()), form)(Listed()))
    for job in Listed().jobs():
        if job["values"].get("validation_loss") and not job["simulated"]:
            assert job["values"]["validation_loss"]["interval"] in told
    assert "0.639 simulated" in told
    assert "The worker was ended by signal 9" in told
    assert "waiting for a worker" in told


def test_numbers_of_an_asked_model_are_masked_and_those_of_given_labels_are_not(
    twins: dict[str, str],
) -> None:
    assert "1.000" not in masked(twins["result asked"])
    assert "0.667" in masked(twins["result labels"])


def test_a_problem_stands_on_its_row_with_line_column_and_fix(objects: dict[str, Any]) -> None:
    from .conftest import Dataset

    ds = Dataset.from_text('{"prompt": "a", "completion": "b"}\n{"prompt": "a"\n', first_line=2)
    words = read(twin_of(ds).html(ds)).words
    on_row = next(word for word in words if "not json" in word)
    assert "line 3, column" in on_row
    assert "Correct the line" in on_row


def test_names_are_hostile_in_this_test() -> None:
    assert "<img" in HOSTILE
    assert "\u202e" in HOSTILE
