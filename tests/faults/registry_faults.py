"""Registering while others do, and while the process is killed; small in the tests, large by hand.

`python -m tests.faults.registry_faults` runs 8 processes × 1,000 registrations and 500 kill -9 while
40 MB are registered, and prints what came of it; `--write` puts the lines into docs/registry.md.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from modelops_jupyter.registry import ModelRegistry

PAGE = Path(__file__).parents[2] / "docs" / "registry.md"
PARTS = 4
WHOLE = "whole"


def context() -> BaseContext:
    """Processes that start at once, with everything imported and nothing opened."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload([__name__, "numpy", "modelops_jupyter.evaluation"])
    return made


def _register(root: str, who: int, each: int, start: Any, said: Any) -> None:
    start.wait()
    registry = ModelRegistry(root)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.bin"
        numbers: list[int] = []
        for turn in range(each):
            path.write_text(f"{who} {turn}")
            numbers.append(registry.register("dates", path, parameters={"who": who, "turn": turn}).version)
    said.send(numbers)


def race(root: Path, processes: int, each: int) -> float:
    """Let processes begin at once on a registry that is not there yet; return seconds."""
    made = context()
    start = made.Barrier(processes + 1)
    pipes = [made.Pipe() for _ in range(processes)]
    workers = [
        made.Process(target=_register, args=(str(root), who, each, start, pipe[1]))
        for who, pipe in enumerate(pipes)
    ]
    for worker in workers:
        worker.start()
    start.wait()
    begun = time.monotonic()
    told = {who: pipe[0].recv() for who, pipe in enumerate(pipes)}
    seconds = time.monotonic() - begun
    for worker in workers:
        worker.join()
    registry = ModelRegistry(root)
    assert sorted(n for numbers in told.values() for n in numbers) == list(range(1, processes * each + 1))
    (model,) = registry.list_models()
    assert model.versions == tuple(range(processes * each, 0, -1))
    for who, numbers in told.items():
        for turn, number in enumerate(numbers):
            version = registry.get("dates", number)
            assert version.parameters == {"who": who, "turn": turn}
            assert registry.contents.read(version.files["model.bin"].sha256) == f"{who} {turn}".encode()
    assert registry.collect_garbage() == (0, 0, 0)
    registry.close()
    return seconds


def _one(root: str, source: str, said: Any) -> None:
    registry = ModelRegistry(root)
    said.send("ready")
    said.send(registry.register("dates", source).version)
    said.recv()


def kills(root: Path, count: int, size: int, seed: int) -> Counter[str]:
    """Kill a registration of so many bytes at random moments; return how often each state was found.

    The longest wait follows the machine: a version that is not there lengthens it, a whole one shortens
    it twice as much, so that about a third are whole however fast or busy the machine is.
    """
    draw, made, seen = random.Random(seed), context(), Counter[str]()
    source = root.with_name("source")
    source.mkdir()
    for part in range(PARTS):
        (source / f"{part}.bin").write_bytes(draw.randbytes(size // PARTS))
    longest = _timed(made, root, source)
    for _ in range(count):
        for path in source.iterdir():  # other contents each time
            with path.open("r+b") as stream:
                stream.write(draw.randbytes(16))
        ours, theirs = made.Pipe()
        worker = made.Process(target=_one, args=(str(root), str(source), theirs))
        worker.start()
        assert ours.recv() == "ready"
        time.sleep(draw.uniform(0, longest))
        said = ours.recv() if ours.poll() else None
        worker.kill()
        worker.join()
        found = _found(root, source, said)
        longest *= 0.92 if found == WHOLE else 1.04
        seen[found] += 1
        print(f"\r{seen.total()} of {count} kills", end="", file=sys.stderr)
    return seen


def _timed(made: BaseContext, root: Path, source: Path) -> float:
    ours, theirs = made.Pipe()
    worker = made.Process(target=_one, args=(str(root), str(source), theirs))
    worker.start()
    ours.recv()
    begun = time.monotonic()
    ours.recv()
    seconds = time.monotonic() - begun
    worker.kill()
    worker.join()
    _found(root, source, 1)
    return seconds


def _found(root: Path, source: Path, said: int | None) -> str:
    """Say whether the version is whole, or how many of its files were in place; nothing stays behind."""
    registry = ModelRegistry(root)
    placed = len([*(registry.path / "blobs").iterdir()])
    models = registry.list_models()
    if not models:
        assert said is None, "a version that was reported is gone"
        registry.collect_garbage()
    else:
        (number,) = models[0].versions
        assert said in (None, number)
        out = registry.download("dates", number, root.with_name("out"))
        for path in source.iterdir():
            assert (out / path.name).read_bytes() == path.read_bytes()
            (out / path.name).unlink()
        out.rmdir()
        registry.delete("dates", number)
        registry.collect_garbage()
    assert not [*(registry.path / "blobs").iterdir(), *(registry.path / "drafts").iterdir()]
    registry.close()
    return WHOLE if models else f"{placed} of {PARTS}"


def main(kill_count: int, each: int, seed: int) -> str:
    """Run both at full size."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = race(Path(folder) / "race", 8, each)
        seen = kills(Path(folder) / "kills", kill_count, 40_000_000, seed)
    whole, early = seen.pop(WHOLE, 0), ", ".join(str(seen[f"{n} of {PARTS}"]) for n in range(PARTS + 1))
    return (
        f"- 8 processes that began at once on a registry that was not there yet made {8 * each:,} "
        f"registrations: none lost, none "
        f"doubled, every content as it was given ({1000 * seconds / (8 * each):.1f} ms each).\n"
        f"- {kill_count} kill -9 at random moments while 40 MB were registered: the version was whole "
        f"{whole} times and not there {seen.total()} times ({early} of them with 0, 1, 2, 3 and 4 of its 4 "
        f"files in place); nothing else, and nothing stayed behind after collecting.\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--each", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="into docs/registry.md")
    options = parser.parse_args()
    lines = main(options.kills, options.each, options.seed)
    print(lines)
    if options.write:
        head, rest = PAGE.read_text("utf-8").split("<!-- faults -->\n", 1)
        PAGE.write_text(
            f"{head}<!-- faults -->\n{lines}<!-- /faults -->{rest.split('<!-- /faults -->', 1)[1]}", "utf-8"
        )
