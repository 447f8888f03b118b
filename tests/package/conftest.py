"""The sdist and the wheel, built from a copy of the sources on a machine whose own node does not work."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")


@dataclass(frozen=True)
class Built:
    """What a build left behind."""

    sdist: Path
    wheel: Path


def environment(*first: Path) -> dict[str, str]:
    """Return an environment in which this virtual environment and its node are not on the PATH."""
    mine = str(Path(sys.executable).parent)
    rest = [part for part in os.environ["PATH"].split(os.pathsep) if part != mine]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("npm_")}
    kept.pop("VIRTUAL_ENV", None)
    find_links = os.environ.get("UV_FIND_LINKS") or os.environ.get("PIP_FIND_LINKS", "")
    return kept | {"PATH": os.pathsep.join([*map(str, first), *rest]), "UV_FIND_LINKS": find_links}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the sdist from the sources, then the wheel from the sdist, as an installer would."""
    folder = tmp_path_factory.mktemp("build")
    source = folder / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    output = folder / "dist"
    done = subprocess.run(
        [UV, "build", "--quiet", "--out-dir", output, source],
        env=environment(_broken_node(folder)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return Built(sdist=next(output.glob("*.tar.gz")), wheel=next(output.glob("*.whl")))


def _broken_node(folder: Path) -> Path:
    """A node and npm that fail: only the ones that come as a build requirement can do the work."""
    place = folder / "bin"
    place.mkdir()
    for name in ("node", "npm", "npx"):
        (place / name).write_text("#!/bin/sh\necho 'the node of this machine was used' >&2\nexit 97\n")
        (place / name).chmod(0o755)
    return place


@pytest.fixture(scope="session")
def bare(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a virtual environment with the wheel and its plain requirements, no extra."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    python = folder / "bin" / "python"
    install = [UV, "pip", "install", "--quiet", "--python", python, "-c", ROOT / "constraints.txt"]
    for command in ([sys.executable, "-m", "venv", "--without-pip", folder], [*install, built.wheel]):
        subprocess.run(command, env=environment(), check=True)
    return python
