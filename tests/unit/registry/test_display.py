"""How the registry is shown: twins that survive a sanitiser, text, pictures, the magic, the command line."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import Dataset, create_evaluator
from modelops_jupyter.cli.main import main
from modelops_jupyter.errors import RegistryError
from modelops_jupyter.notebook.display import mimebundle, twin_of
from modelops_jupyter.registry import ModelRegistry

from ..notebook.conftest import HOSTILE
from ..notebook.shell import fresh
from ..notebook.test_twins import masked, read

Make = Callable[..., Path]


def shown(folder: Path, artifact: Make) -> dict[str, Any]:
    """One of everything, friendly and hostile."""
    registry = ModelRegistry(folder)
    right = create_evaluator("binary").evaluate([0, 1] * 50, [0, 1] * 50)
    rows = Dataset([{"prompt": "a", "completion": "b"}] * 3, name="rows")
    registry.register("dates", artifact(b"1"), metrics=right, dataset=rows, tags={"a": "b"})
    registry.register(
        "dates", artifact(b"2"), metrics={"f1": 0.5}, parameters={"depth": 2}, description="Two."
    )
    registry.promote("dates", "production", 1)
    odd = {"tags": {HOSTILE: HOSTILE}, "description": HOSTILE, "metrics": {HOSTILE: 1.0}, "dataset": HOSTILE}
    hostile = registry.register("odd", artifact({"onerror=alert(1)‹›&amp;": b""}), job=HOSTILE,
                                parameters={HOSTILE: HOSTILE}, **odd)  # fmt: skip
    return {
        "list": registry,
        "empty": ModelRegistry(folder / "empty"),
        "version": registry.get("dates", 2),
        "version hostile": hostile,
        "lineage": registry.lineage("dates", 1),
        "lineage hostile": hostile.lineage,
        "diff": registry.diff("dates", 1, 2),
        "card": registry.card("dates", 1),
        "card hostile": hostile.card,
    }


@pytest.fixture
def objects(tmp_path: Path, artifact: Make) -> dict[str, Any]:
    return shown(tmp_path / "shown", artifact)


def test_twins_survive_the_sanitiser_and_show_hostile_text_as_text(objects: dict[str, Any]) -> None:
    twins = {name: str(twin_of(obj).html(obj)) for name, obj in objects.items()}
    node = Path(sys.executable).with_name("node")
    script = Path(__file__).parents[1] / "notebook" / "sanitize.mjs"
    run = subprocess.run(
        [node, "--no-warnings", script],
        input=json.dumps(list(twins.values())).encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(run.stdout) == list(twins.values())
    for name in twins:
        assert not {tag for tag, _ in read(twins[name]).found} & {"script", "img"}
        text = twin_of(objects[name]).text(objects[name])
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", twins[name] + text)
        assert ("<img src=x onerror=" in "".join(read(twins[name]).words)) == ("hostile" in name)


def test_what_differs_between_two_runs_is_masked(
    objects: dict[str, Any], tmp_path: Path, artifact: Make
) -> None:
    again = shown(tmp_path / "again", artifact)
    for name in ("list", "version", "lineage", "diff", "card"):
        for form in ("text", "html"):
            one, two = (str(getattr(twin_of(o[name]), form)(o[name])) for o in (objects, again))
            assert masked(one) == masked(two)
    later = again["version"].registry.register(
        "dates", artifact(b"33"), metrics={"f1": 0.7}, description="Two."
    )
    assert (
        masked(twin_of(later).text(later)).splitlines()[1:]
        == masked(twin_of(objects["version"]).text(objects["version"])).splitlines()[1:]
    )


def test_a_bundle_says_what_it_is(objects: dict[str, Any]) -> None:
    data, _ = mimebundle(objects["version"])
    assert data["text/plain"].startswith("dates version 2\nTwo.\n‹")
    assert "0.500" in data["text/html"]
    assert "dates" in mimebundle(objects["list"])[0]["text/plain"]
    assert "No models yet" in mimebundle(objects["empty"])[0]["text/html"]


def test_a_lineage_is_drawn_with_a_box_for_everything(objects: dict[str, Any]) -> None:
    for name in ("lineage", "lineage hostile"):
        figure = objects[name].plot()
        words = "\n".join(t.get_text() for t in figure.axes[0].texts)
        assert all(node.kind in words for node in objects[name].nodes)


def test_the_magic_lists_and_shows(tmp_path: Path, artifact: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ModelRegistry().register("dates", artifact(), metrics={"f1": 0.5})
    with fresh() as shell:
        assert "dates  1 version" in shell.run("%modelops registry")
        assert "F1: 0.500" in shell.run("%modelops registry dates")
        with pytest.raises(RegistryError, match="Did you mean 'dates'"):
            shell.run("%modelops registry dats")


def test_the_command_line_does_what_python_does(
    tmp_path: Path, artifact: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str, code: int = 0) -> Any:
        assert main(["registry", *words, "--json"]) == code
        out, err = capsys.readouterr()
        return json.loads(out or err)

    assert run()["models"] == []
    right = create_evaluator("binary").evaluate([0, 1] * 100, [0, 1] * 100)
    registry = ModelRegistry()
    registry.register("dates", artifact(b"1"), metrics=right)
    registry.register("dates", artifact(b"2"), metrics={"accuracy": 0.9})
    gate = ("--metric", "accuracy", "--min-value", "0.9")
    assert run("promote", "dates/1", "production", *gate)["aliases"] == ["production"]
    assert run("promote", "dates/2", "production", *gate, code=1)["error"]["code"] == "gate-inconclusive"
    assert run("promote", "dates/2", "production", "--min-value", "1", code=1)["error"]["code"] == "config"
    run("alias", "dates/2", "candidate")
    assert run() == {
        "models": [{"name": "dates", "versions": [2, 1], "aliases": {"candidate": 2, "production": 1}}]
    }
    assert run("show", "dates@production")["digest"] == registry.get("dates", 1).digest
    assert "# dates version 2" in run("card", "dates")["card"]
    assert run("lineage", "dates")["nodes"][-1]["kind"] == "version"
    assert run("download", "dates/1", str(tmp_path / "out"))["to"] == str(tmp_path / "out")
    assert (tmp_path / "out" / "model.bin").read_bytes() == b"1"
    assert run("verify") == {"damaged": []}
    assert run("delete", "dates/2", code=1)["error"]["code"] == "registry-in-use"
    assert run("delete", "dates/2", "--force")["status"] == "deleted"
    assert run("clean") == {"contents": 0, "bytes": 0, "drafts": 0}
    assert run("show", code=1)["error"]["code"] == "config"
    assert main(["registry", "show", "dates"]) == 0
    assert "Accuracy: 1.000" in capsys.readouterr().out


def test_an_installation_without_a_registry_says_so(tmp_path: Path) -> None:
    code = """
import sys
sys.modules["modelops_jupyter.registry"] = None
from modelops_jupyter.errors import ModelOpsError
from modelops_jupyter.cli.main import main
from modelops_jupyter.fine_tuning import load_model
try:
    load_model("registry:dates@production")
except ModelOpsError as error:
    print(error)
print(main(["registry"]))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [
        "This installation has no model registry. Install the whole package.",
        "1",
    ]
