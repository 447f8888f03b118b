"""Copies, near copies and leakage against hashing alone, and against rensa and datasketch.

MODELOPS_BENCH_ROWS sets the number of rows (100,000). The peers are no part of the project:
`uv pip install --no-deps rensa datasketch`; one that is missing is skipped, and that is said.
"""

import os
import random
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import xxhash

from modelops_jupyter.datasets import Dataset, near
from tests.benchmarks._chats import Writer, write_chats
from tests.benchmarks._measure import Row, ratio

THRESHOLD = 0.6
PLANTED = 1_000


def measure() -> list[Row]:
    """Return our times over the peers'."""
    count = int(os.environ.get("MODELOPS_BENCH_ROWS", "100000"))
    with tempfile.TemporaryDirectory() as folder:
        path = write_chats(Path(folder) / "chats.jsonl", count)
        return [*copies(path, count), *near_copies(count // 5), *leaks(path, count)]


def copies(path: Path, count: int) -> list[Row]:
    """Exact copies against hashing every line of the file with the same hash."""

    def peer() -> None:
        with path.open("rb") as file:
            for line in file:
                xxhash.xxh3_64_intdigest(line)

    time = ratio(lambda: Dataset.from_file(path).dedupe(), peer)
    return [Row("open, and drop copies", "xxh3 of every line", time, 3.0, f"{count:,} chats")]


def near_copies(count: int) -> list[Row]:
    """Near copies, planted among texts that are not, against the whole job done by each peer."""
    texts, pairs = planted(count)
    rows = [{"text": text} for text in texts]
    ds = Dataset(rows)
    ds.format  # noqa: B018  # detected once
    first = near.first_of(ds, THRESHOLD).first
    recall = sum(first[later] == earlier for earlier, later in pairs) / len(pairs)
    wrong = sum(
        jaccard(texts[at], texts[int(first[at])]) < THRESHOLD for at in np.flatnonzero(first >= 0).tolist()
    )
    note = f"{count:,} texts, recall {recall:.4f} of {len(pairs):,} pairs with J ≥ {THRESHOLD}, {wrong} wrong"
    found: list[Row] = []
    for name, job in (("rensa", rensa), ("datasketch", datasketch)):
        try:
            module = import_module(name)
        except ImportError:
            print(f"{name} is not installed: skipped.")
            continue
        peer: Callable[[], Any] = lambda job=job, module=module: job(module, texts)  # noqa: E731
        time = ratio(lambda: near.first_of(ds, THRESHOLD), peer, 3)
        found.append(Row("near copies, verified", f"{name}, verified too", time, 1.0, note))
    split = ratio(lambda: ds.split(), lambda: ds.split(near=False), 3)
    return [
        *found,
        Row(
            "a split that keeps near copies together",
            "one that keeps copies together",
            split,
            None,
            f"{count:,} texts",
        ),
    ]


def leaks(path: Path, count: int) -> list[Row]:
    """Leakage of a tenth of the rows against parsing all of them."""
    ds = Dataset.from_file(path)
    test, train = ds[: count // 10], ds[count // 10 :]
    time = ratio(lambda: test.leakage(train), lambda: train.stats(), 3)
    return [
        Row(
            "leakage of a tenth in the others",
            "stats() of the others",
            time,
            None,
            f"{count:,} chats, {found(200)}",
        )
    ]


def found(count: int) -> str:
    """Say how many of some planted sources are found when words of them were changed."""
    writer = Writer(7)
    sources = [writer.text(writer.chance.randint(60, 150)) for _ in range(10 * count)]
    shares: list[str] = []
    for share in (0.1, 0.2):
        edited = [{"text": changed(writer, text, share)} for text in sources[:count]]
        hits = Dataset(edited).leakage(Dataset([{"text": text} for text in sources]))
        right = sum(hit.row == hit.other_row for hit in hits)
        shares.append(f"{right / count:.0%} of sources with {share:.0%} of words changed")
    return ", ".join(shares)


def planted(count: int) -> tuple[list[str], list[tuple[int, int]]]:
    """Return texts and the pairs among them that are near; the later one has some words changed."""
    writer = Writer(11)
    texts = [writer.text(writer.chance.randint(30, 120)) for _ in range(count - PLANTED)]
    pairs: list[tuple[int, int]] = []
    for earlier in range(PLANTED):
        text = changed(writer, texts[earlier], random.Random(earlier).uniform(0.0, 0.12))
        if jaccard(texts[earlier], text) >= THRESHOLD:
            pairs.append((earlier, len(texts)))
        texts.append(text)
    return texts, pairs


def changed(writer: Writer, text: str, share: float) -> str:
    """Return a text with about a share of its words replaced."""
    return " ".join(writer.text(1) if writer.chance.random() < share else word for word in text.split())


def triples(text: str) -> list[str]:
    """Return every three neighbouring words."""
    words = text.split()
    return [" ".join(words[at : at + 3]) for at in range(len(words) - 2)]


def jaccard(one: str, two: str) -> float:
    """Return the similarity that both sides look for."""
    mine, other = set(triples(one)), set(triples(two))
    return len(mine & other) / len(mine | other)


def rensa(module: Any, texts: list[str]) -> int:
    """Do the same job: signatures, an index, a question for every text, and the exact sets."""
    index = module.RMinHashLSH(threshold=THRESHOLD, num_perm=128, num_bands=32)
    hits = 0
    for at, text in enumerate(texts):
        signature = module.RMinHash(num_perm=128, seed=1)
        signature.update(triples(text))
        hits += any(jaccard(text, texts[other]) >= THRESHOLD for other in index.query(signature))
        index.insert(at, signature)
    return hits


def datasketch(module: Any, texts: list[str]) -> int:
    """Do the peer's job, with its own choice of bands."""
    index = module.MinHashLSH(threshold=THRESHOLD, num_perm=128)
    hits = 0
    for at, text in enumerate(texts):
        signature = module.MinHash(num_perm=128, hashfunc=xxhash.xxh32_intdigest)
        signature.update_batch([triple.encode() for triple in triples(text)])
        hits += any(jaccard(text, texts[other]) >= THRESHOLD for other in index.query(signature))
        index.insert(at, signature)
    return hits
