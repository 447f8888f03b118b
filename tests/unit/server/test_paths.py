"""A browser's path reaches regular files under the server's root, nothing else."""

from pathlib import Path

import pytest

from modelops_jupyter.server.paths import confine
from modelops_jupyter.wire.protocol import WireError

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret.jsonl").write_text("{}\n")
    base = tmp_path / "root"
    (base / "sub folder").mkdir(parents=True)
    (base / "a.jsonl").write_text("{}\n")
    (base / "sub folder" / "b é.jsonl").write_text("{}\n")
    (base / ".hidden").mkdir()
    (base / ".hidden" / "c.jsonl").write_text("{}\n")
    return base


@pytest.mark.parametrize("path", ["a.jsonl", "sub folder/b é.jsonl"])
def test_a_file_under_the_root_is_found(root: Path, path: str) -> None:
    assert confine(root, path).read_text() == "{}\n"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "../secret.jsonl",
        "sub folder/../../secret.jsonl",
        "sub folder/..",
        "/etc/passwd",
        "//etc/passwd",
        "~/x",
        "..\\secret.jsonl",
        "sub folder\\..\\..\\secret.jsonl",
        "C:\\Windows\\win.ini",
        "c:/x",
        "%2e%2e/secret.jsonl",
        "%252e%252e/secret.jsonl",
        "a.jsonl\x00",
        "a.jsonl\x00.png",
        "a\n.jsonl",
        "file:a.jsonl",
        "file:///etc/passwd",
        ".hidden/c.jsonl",
        "./a.jsonl",
        "x" * 300,
        "é" * 200,
        "sub folder",
        "a.jsonl/",
        "a.jsonl/b",
        "missing.jsonl",
        "CON",
        "\ud800",
    ],
)
def test_everything_else_is_refused(root: Path, path: str) -> None:
    with pytest.raises(WireError) as caught:
        confine(root, path)
    assert caught.value.code in {"bad-path", "not-found"}
    assert len(str(caught.value)) < 600


def test_a_link_out_of_the_root_is_refused_and_one_inside_followed(root: Path) -> None:
    (root / "out.jsonl").symlink_to(root.parent / "secret.jsonl")
    (root / "up").symlink_to(root.parent)
    (root / "in.jsonl").symlink_to(root / "a.jsonl")
    for path in ("out.jsonl", "up/secret.jsonl"):
        with pytest.raises(WireError, match="leads out"):
            confine(root, path)
    assert confine(root, "in.jsonl").name == "a.jsonl"


def test_a_link_that_names_itself_is_an_error_answer(root: Path) -> None:
    (root / "loop").symlink_to(root / "loop")
    with pytest.raises(WireError):
        confine(root, "loop")


@pytest.mark.skipif(
    not hasattr(__import__("os"), "mkfifo"), reason="the system has no pipes in the file system"
)
def test_a_pipe_is_not_a_file_to_open(root: Path) -> None:
    import os

    os.mkfifo(root / "pipe")
    with pytest.raises(WireError):
        confine(root, "pipe")
