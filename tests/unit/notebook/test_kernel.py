"""In a real kernel: bundles, widgets, their messages, and what is bounded."""

import json
import os
import queue
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbclient
import nbconvert
import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

MIME = "application/vnd.modelops-jupyter+json"
VIEW = "application/vnd.jupyter.widget-view+json"
STATIC = Path(__file__).parents[3] / "src/modelops_jupyter/notebook/static/widget.js"
HOSTILE = "<img src=x onerror=alert(1)></script>"


class Kernel:
    """A kernel, and what its cells send."""

    def __init__(self, folder: Path, home: Path) -> None:
        environment = os.environ | {"MODELOPS_HOME": str(home), "IPYTHONDIR": str(folder / "ipython")}
        self.manager, self.client = start_new_kernel(cwd=str(folder), env=environment)

    def run(self, code: str, timeout: float = 60) -> list[dict[str, Any]]:
        """Run a cell; return its output messages in order."""
        sent = self.client.execute(code)
        found: list[dict[str, Any]] = []
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            message = self.client.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") != sent and message["msg_type"] != "comm_msg":
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
            found.append(message)
        errors = [m["content"] for m in found if m["msg_type"] == "error"]
        assert not errors, "\n".join(errors[0]["traceback"])
        return found

    def value(self, expression: str) -> Any:
        """Return a value of the kernel."""
        out = self.run(f"import json as _json; print('@@' + _json.dumps({expression}))")
        text = "".join(m["content"]["text"] for m in out if m["msg_type"] == "stream")
        return json.loads(text.partition("@@")[2])

    def shown(self, code: str) -> dict[str, Any]:
        """Return the data of the one thing that a cell shows."""
        kinds = ("display_data", "execute_result")
        (content,) = [m["content"] for m in self.run(code) if m["msg_type"] in kinds]
        return content

    def comm(self, comm_id: str, content: object) -> None:
        """Send a widget's custom message, as the page does."""
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self.client.shell_channel.send(message)

    def answers(self, count: int, timeout: float = 30) -> list[dict[str, Any]]:
        """Wait for custom messages of widgets."""
        found: list[dict[str, Any]] = []
        until = time.monotonic() + timeout
        while len(found) < count and time.monotonic() < until:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            data = message["content"].get("data", {})
            if message["msg_type"] == "comm_msg" and data.get("method") == "custom":
                found.append(data["content"])
            assert message["msg_type"] not in ("error", "stream"), message["content"]
        assert len(found) == count, found
        return found


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    assert STATIC.exists(), "the widgets are not built; run `make build`"
    made = Kernel(tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("kernel-home"))
    made.run("%load_ext modelops_jupyter")
    made.run(
        "from modelops_jupyter import Dataset, DatasetSanitizer, Evaluator, FineTuningJob\n"
        "from modelops_jupyter import create_evaluator, evaluate_model\n"
        "from modelops_jupyter.notebook.widgets import *"
    )
    made.run(
        f"rows = [{{'prompt': 'q%d' % i, 'completion': {HOSTILE!r}}} for i in range(300)]\n"
        f"ds = Dataset(rows, name={HOSTILE!r})"
    )
    made.run("r = create_evaluator('binary').evaluate([0, 1] * 50, [0, 1] * 50)")
    yield made
    made.client.stop_channels()
    made.manager.shutdown_kernel(now=True)


def test_a_bundle_has_text_twin_our_type_and_the_view(kernel: Kernel) -> None:
    content = kernel.shown("ds")
    data = content["data"]
    assert set(data) == {"text/plain", "text/html", MIME, VIEW}
    assert data[MIME] == {"v": 1, "kind": "dataset"}
    assert data["text/html"].startswith('<div class="mo-twin"')
    assert HOSTILE not in data["text/html"]
    assert data[VIEW]["model_id"] not in json.dumps([data[MIME], data["text/html"], data["text/plain"]])


def test_a_job_travels_in_the_metadata_only(kernel: Kernel) -> None:
    code = "job = FineTuningJob('tiny', ds, provider='simulated', name='shown'); job.run(); _ = job.wait()"
    kernel.run(code)
    content = kernel.shown("job")
    kernel.run("from modelops_jupyter._home import home_id")
    assert content["metadata"][MIME] == {"job": kernel.value("job.id"), "home_id": kernel.value("home_id()")}
    assert content["data"][MIME] == {"v": 1, "kind": "job"}


@pytest.mark.parametrize("code", ["ds.validate()", "ds.split()", "DatasetSanitizer().run(ds)", "r.confusion"])
def test_what_has_no_widget_has_text_and_twin(kernel: Kernel, code: str) -> None:
    assert set(kernel.shown(code)["data"]) == {"text/plain", "text/html", MIME}


def test_widgets_can_be_turned_off(kernel: Kernel) -> None:
    kernel.run("import os; os.environ['MODELOPS_WIDGETS'] = '0'")
    try:
        assert VIEW not in kernel.shown("ds")["data"]
    finally:
        kernel.run("del os.environ['MODELOPS_WIDGETS']")


def test_without_the_built_script_the_twin_says_what_to_do(kernel: Kernel) -> None:
    kernel.run(
        "from modelops_jupyter.notebook import static; from pathlib import Path\n"
        "kept, static.FOLDER = static.FOLDER, Path('nowhere')"
    )
    try:
        data = kernel.shown("ds")["data"]
        assert VIEW not in data
        assert "make build" in data["text/html"]
        assert "q0" in data["text/html"]
        assert "make build" in kernel.value("str(static.script())")
    finally:
        kernel.run("static.FOLDER = kept")


def model(kernel: Kernel, code: str) -> str:
    return kernel.shown(code)["data"][VIEW]["model_id"]


def spec(kernel: Kernel, comm_id: str) -> dict[str, Any]:
    found = kernel.value(f"__import__('ipywidgets').widgets.widget._instances[{comm_id!r}]._spec")
    assert found["protocol"] == 1
    return found


def ask(kernel: Kernel, comm_id: str, op: str, **args: Any) -> dict[str, Any]:
    kernel.comm(comm_id, {"v": 1, "id": "1", "op": op, "args": args})
    return kernel.answers(1)[0]


def test_the_viewer_answers_over_its_comm(kernel: Kernel) -> None:
    comm = model(kernel, "ds")
    handle = spec(kernel, comm)["dataset"]
    answer = ask(kernel, comm, "rows", dataset=handle, start=0, stop=2)
    assert [row["preview"]["text"] for row in answer["result"]["rows"]] == ["q0", "q1"]
    answer = ask(kernel, comm, "summary", dataset=handle)
    assert answer["result"]["name"] == HOSTILE


def test_the_explorer_answers_over_its_comm(kernel: Kernel) -> None:
    comm = model(kernel, "r")
    handle = spec(kernel, comm)["result"]
    assert ask(kernel, comm, "result", result=handle)["result"]["n"] == 100
    assert ask(kernel, comm, "examples", result=handle, true=0, predicted=0)["result"]["total"] == 50


def test_a_chat_answers_over_its_comm_and_python_has_what_was_said(kernel: Kernel) -> None:
    kernel.run(
        "from modelops_jupyter.fine_tuning import Chat; from modelops_jupyter.fine_tuning.chat import Voice\n"
        "from modelops_jupyter.training import Token\n"
        "say = lambda *_, **__: iter([Token('hel', .5), Token('lo', .9), Token('', .9, end=True)])\n"
        "talk = Chat([Voice('parrot', say)])"
    )
    comm = model(kernel, "talk")
    handle = spec(kernel, comm)["chat"]
    settings = {"system": "", "temperature": 0, "max_new_tokens": 8, "compare": False}
    assert ask(kernel, comm, "chat.say", chat=handle, prompt="hi", **settings)["result"]["running"]
    piece = {"running": True}
    while piece["running"]:
        piece = ask(kernel, comm, "chat.next", chat=handle, known=[])["result"]
    assert [token["text"] for token in piece["answers"][0]["tokens"]] == ["hel", "lo", ""]
    assert [m["content"] for m in kernel.value("talk.rows[0]['messages']")] == ["hi", "hello"]
    assert "hello" in kernel.shown("talk")["data"]["text/html"]


def test_a_rating_answers_over_its_comm_and_python_has_the_label(kernel: Kernel) -> None:
    kernel.run(
        "from modelops_jupyter.evaluation.rating import Rating\n"
        "rated = Rating(Dataset([{'prompt': 'q', 'completion': 'a'}]))"
    )
    comm = model(kernel, "rated")
    handle = spec(kernel, comm)["rating"]
    question = ask(kernel, comm, "rating", rating=handle)["result"]["question"]
    assert question["answers"] == ["a"]
    args = {"rating": handle, "item": question["item"], "verdict": "fail", "note": "n"}
    assert ask(kernel, comm, "rating.rate", **args)["result"]["question"] is None
    assert [row["label"] for row in kernel.value("rated.verdicts")] == ["fail"]
    assert "fail" in kernel.shown("rated")["data"]["text/html"]


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "x",
        {"v": 1},
        {"v": 9, "id": "1", "op": "rows", "args": {}},
        {"v": 1, "id": "1", "op": "rows", "args": {"dataset": "d999999", "start": 0, "stop": 1}},
        {"v": 1, "id": "1", "op": "subscribe", "args": {"topic": ["x"]}},
        {"v": 1, "id": "1", "op": "subscribe", "args": {"topic": "secrets"}},
        {"v": 1, "id": "1", "op": "subscribe"},
        {"v": 1, "id": "1", "op": "rows", "args": {"dataset": "x" * 1_000_000, "start": 0, "stop": 1}},
        {"v": 1, "id": "1", "op": "__import__('os').system('x')", "args": {}},
    ],
    ids=lambda m: repr(m)[:50],
)
def test_a_forged_message_gets_an_error_and_the_kernel_lives(kernel: Kernel, message: object) -> None:
    comm = model(kernel, "ds")
    kernel.comm(comm, message)
    answer = kernel.answers(1)[0]
    assert answer["ok"] is False
    assert answer["error"]["message"]
    assert kernel.value("1 + 1") == 2


def test_a_subscription_pushes_what_changes_and_stops(kernel: Kernel) -> None:
    kernel.run("job = FineTuningJob('tiny', ds, provider='simulated', name='followed'); _ = job.run()")
    job = kernel.value("job.id")
    comm = model(kernel, "job")
    kernel.comm(comm, {"v": 1, "id": "s", "op": "subscribe", "args": {"topic": f"job:{job}"}})
    pushes, until = [], time.monotonic() + 30
    while time.monotonic() < until:
        (message,) = kernel.answers(1)
        if "topic" in message:
            pushes.append(message)
            if message["items"][0]["final"]:
                break
    assert [p["seq"] for p in pushes] == sorted({p["seq"] for p in pushes})
    assert pushes[-1]["items"][0]["status"] == "completed"
    kernel.comm(comm, {"v": 1, "id": "u", "op": "unsubscribe", "args": {"topic": f"job:{job}"}})
    assert kernel.answers(1)[0]["id"] == "u"


def test_a_running_jobs_output_is_refreshed_until_it_has_ended(kernel: Kernel) -> None:
    steps = "{'max_steps': 400}"  # so many that it still trains when it is first shown
    kernel.run(f"job = FineTuningJob('tiny', ds, provider='simulated', name='fresh', config={steps})")
    kernel.client.execute("_ = job.run(); display(job); _ = job.wait()")
    shown: list[dict[str, Any]] = []
    until = time.monotonic() + 60
    while time.monotonic() < until:
        message = kernel.client.get_iopub_msg(timeout=30)
        if message["msg_type"] in ("display_data", "update_display_data"):
            shown.append(message["content"])
            if "completed" in message["content"]["data"]["text/plain"]:
                break
    first, *updates = shown
    assert updates, "the output was never refreshed"
    assert "last seen" in first["data"]["text/plain"]
    assert "last seen" not in updates[-1]["data"]["text/plain"]
    for update in updates:
        assert update["transient"] == first["transient"]
        assert update["metadata"] == first["metadata"]
        assert update["data"][VIEW] == first["data"][VIEW]
        for form in ("text/plain", "text/html"):
            mask = r"<data>[\s\S]*?</data>|‹[^›]*›"
            assert re.sub(mask, "…", update["data"][form]) == re.sub(mask, "…", first["data"][form])


def test_a_hundred_displays_hold_a_bounded_number_of_threads_and_comms(kernel: Kernel) -> None:
    count = (
        "[__import__('threading').active_count(), len(__import__('ipywidgets').widgets.widget._instances)]"
    )
    kernel.run("for i in range(40): display(Dataset([{'text': str(i)}]))")
    before = kernel.value(count)
    kernel.run("for i in range(100): display(Dataset([{'text': str(i)}])); display(r)")
    after = kernel.value(count)
    assert after[0] <= before[0] + 1
    assert after[1] <= before[1] + 5


def test_the_same_object_has_one_widget_however_often_it_is_shown(kernel: Kernel) -> None:
    assert model(kernel, "ds") == model(kernel, "ds")


@pytest.mark.parametrize("name", ["DatasetViewer(ds", "JobList(", "MetricsExplorer(r", "JobMonitor(job"])
def test_an_unknown_keyword_is_a_type_error_with_the_nearest(kernel: Kernel, name: str) -> None:
    comma = "" if name.endswith("(") else ", "
    code = f"try:\n    {name}{comma}layot={{}})\nexcept TypeError as e:\n    said = str(e)"
    kernel.run(code)
    assert "Did you mean 'layout'" in kernel.value("said")


def test_a_monitor_of_several_jobs_names_them_all_and_refuses_what_cannot_be_compared(kernel: Kernel) -> None:
    kernel.run(
        "one, again, draft = (\n"
        "    FineTuningJob('tiny', ds, provider='simulated', config={'max_steps': 3}) for _ in range(3))\n"
        "[(j.run(), j.wait()) for j in (one, again)]; both = JobMonitor(one, again)\n"
        "said = []\n"
        "for more in ([one], [draft], [again] * 6):\n"
        "    try:\n        JobMonitor(one, *more)\n"
        "    except Exception as error:\n        said.append(type(error).__name__)\n"
    )
    assert kernel.value("both._spec['more'] == [again.id] and both._spec['others'][0]['id'] == again.id")
    assert kernel.value("said") == ["ConfigError"] * 3
    kernel.run("both.close()")


def test_widgets_are_ordinary_widgets(kernel: Kernel) -> None:
    kernel.run(
        "import ipywidgets; v = DatasetViewer(ds, layout={'width': '300px'})\n"
        "box = ipywidgets.HBox([v, JobList()])"
    )
    assert kernel.value("v.layout.width") == "300px"
    assert kernel.value("v.dataset == ds and v.kind == 'dataset'")
    kernel.run("box.close(); v.close()")


def test_functions_typed_in_a_cell_work_wherever_a_function_is_taken(kernel: Kernel) -> None:
    kernel.run(
        "def louder(row):\n    return {**row, 'completion': row['completion'].upper()}\n"
        "most = 3\n"
        "words = Dataset([{'prompt': p, 'completion': c} for p, c in (('a', 'sea'), ('b', 'river mouth'))])\n"
        "long = words.filter(lambda r: len(r['completion']) > most)\n"
        "loud = words.map(louder)\n"
        "async def model(prompts):\n    return ['sea' for p in prompts]\n"
        "first = {'first': lambda p, r: [float(a[:1] == b[:1]) for a, b in zip(p, r)]}\n"
        "same = Evaluator(first).evaluate(['ab', 'cd'], ['ax', 'xx'])\n"
        "asked = evaluate_model(model, words)\n"
        "own = {'n': lambda p, r: 1.0}\n"
        "asked2 = evaluate_model(lambda prompts: ['sea'] * len(prompts), words, metrics=own)\n"
    )
    assert kernel.value("[r['completion'] for r in long]") == ["river mouth"]
    assert kernel.value("[r['completion'] for r in loud]") == ["SEA", "RIVER MOUTH"]
    assert kernel.value("float(same['first'])") == 0.5
    assert kernel.value("float(asked['exact_match'])") == 0.5


@pytest.mark.parametrize("stored", [True, False])
def test_a_saved_notebook_with_our_widgets_is_valid_and_readable(stored: bool, tmp_path: Path) -> None:
    cells = ["%load_ext modelops_jupyter", '%%dataset tea\n{"text": "The water boils."}\n', "tea"]
    notebook: Any = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
    nbclient.NotebookClient(notebook, timeout=60, store_widget_state=stored).execute()
    for state in notebook.metadata.get("widgets", {}).values():
        assert "state" in state
    nbformat.validate(notebook)
    with_state, _ = nbconvert.HTMLExporter(embed_images=False).from_notebook_node(notebook)
    notebook.metadata.pop("widgets", None)
    without, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    assert "The water boils." in without
    assert "The water boils." in with_state
    nbformat.write(notebook, tmp_path / "saved.ipynb")
    nbformat.validate(nbformat.read(tmp_path / "saved.ipynb", 4))
