"""Small datasets and an ear for what a run says."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from modelops_jupyter import Dataset


def chat(n: int, first: int = 0) -> Dataset:
    """Return rows that ask to say a number."""
    return Dataset.from_records(
        [
            {"messages": [{"role": "user", "content": f"Say {i}."}, {"role": "assistant", "content": f"{i}"}]}
            for i in range(first, first + n)
        ]
    )


class Heard(list[tuple[str, dict[str, Any]]]):
    """Everything that was said."""

    def __call__(self, kind: str, data: dict[str, Any]) -> None:
        self.append((kind, data))

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return what was said of one kind."""
        return [data for heard, data in self if heard == kind]


@pytest.fixture
def heard() -> Heard:
    """An ear."""
    return Heard()


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for one another are slow where others work too."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", autouse=True)
def cheap_collections(one_thread: None) -> Iterator[None]:
    """Each training begins with a garbage collection, which need not search what the imports made."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
