import gzip
import json
import re
import tarfile
import zipfile
from collections import Counter

import pytest

from .conftest import ROOT, Built

STATIC = "modelops_jupyter/notebook/static"
SHARE = r"modelops_jupyter-[^/]+\.data/data/share/jupyter/labextensions/@modelops/jupyter"


@pytest.fixture(scope="module")
def wheel(built: Built) -> zipfile.ZipFile:
    return zipfile.ZipFile(built.wheel)


def test_the_wheel_carries_the_built_javascript_once(wheel: zipfile.ZipFile) -> None:
    names = Counter(name.rpartition("/")[2] for name in wheel.namelist())
    assert f"{STATIC}/widget.js" in wheel.namelist()
    assert names["widget.js"] == names["widget.css"] == 1
    assert sum(count for name, count in names.items() if name.startswith("remoteEntry.")) == 1


@pytest.mark.parametrize(
    "name", ["package.json", "install.json", r"static/remoteEntry\.\w+\.js", "static/style.js"]
)
def test_the_wheel_installs_the_labextension(wheel: zipfile.ZipFile, name: str) -> None:
    assert any(re.fullmatch(f"{SHARE}/{name}", entry) for entry in wheel.namelist())


def test_the_wheel_enables_the_server_extension(wheel: zipfile.ZipFile) -> None:
    (name,) = (entry for entry in wheel.namelist() if "/jupyter_server_config.d/" in entry)
    enabled = json.loads(wheel.read(name))["ServerApp"]["jpserver_extensions"]
    assert enabled == {"modelops_jupyter.server": True}
    assert "modelops_jupyter/server/__init__.py" in wheel.namelist()


def test_the_wheel_is_typed_and_holds_nothing_that_users_do_not_need(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert "modelops_jupyter/py.typed" in names
    assert "modelops_jupyter/__init__.pyi" in names
    strange = [
        n for n in names if re.search(r"node_modules|\.ts$|(^|/)tests/|__pycache__|package/labextension", n)
    ]
    assert not strange
    assert not [n for n in names if n.startswith("modelops_jupyter/labextension")]


def test_every_place_states_one_version(built: Built, wheel: zipfile.ZipFile) -> None:
    source = re.search(
        r'"(.+)"', (ROOT / "src/modelops_jupyter/_version.py").read_text().split("__version__")[1]
    )
    assert source
    package = json.loads((ROOT / "js/package.json").read_text())["version"]
    assert package == source[1]
    assert built.wheel.name.startswith(f"modelops_jupyter-{package}-")
    (metadata,) = (entry for entry in wheel.namelist() if entry.endswith(".dist-info/METADATA"))
    assert f"\nVersion: {package}\n" in wheel.read(metadata).decode()


def test_the_bundle_stays_small(wheel: zipfile.ZipFile) -> None:
    script = wheel.read(f"{STATIC}/widget.js")
    assert len(script) <= 200_000
    assert len(gzip.compress(script)) <= 60 * 1024


def test_the_sdist_carries_the_built_javascript_and_its_sources(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"src/{STATIC}/widget.js", "js/src/widget.ts", "js/package-lock.json"} <= names
    assert "src/modelops_jupyter/labextension/package.json" in names
    assert not [name for name in names if name.startswith("js/node_modules")]


def test_no_file_names_the_host_of_a_registry() -> None:
    assert '"resolved"' not in (ROOT / "js/package-lock.json").read_text()
