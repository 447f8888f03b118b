import subprocess
from pathlib import Path

from .conftest import environment


def run(python: Path, code: str) -> str:
    done = subprocess.run(
        [python, "-c", code],
        env=environment(),
        cwd=python.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_import_is_light_and_the_package_works_without_extras(bare: Path) -> None:
    code = """
import sys, modelops_jupyter as m
assert not {"numpy", "IPython", "msgspec", "torch", "matplotlib"} & set(sys.modules), "the import is heavy"
print(len(m.Dataset([{"prompt": "a", "completion": "b"}])), m.__version__)
"""
    assert run(bare, code).startswith("1 ")


def test_a_missing_extra_is_named_with_the_command_that_brings_it(bare: Path) -> None:
    code = """
import modelops_jupyter as m
from modelops_jupyter.fine_tuning import load_model
try:
    load_model("tiny").generate(["a"])
except m.MissingExtraError as error:
    print(error)
"""
    assert 'pip install "modelops_jupyter[train]"' in run(bare, code)


def test_jupyter_finds_the_labextension_and_the_server_extension(bare: Path) -> None:
    share = bare.parents[1] / "share/jupyter/labextensions/@modelops/jupyter"
    assert (share / "package.json").is_file()
    assert (share / "install.json").is_file()
    assert (bare.parents[1] / "etc/jupyter/jupyter_server_config.d/modelops_jupyter.json").is_file()
