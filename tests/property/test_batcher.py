"""Every future that was handed out is resolved exactly once, whatever callers and function do."""

import threading
from collections import Counter
from concurrent.futures import CancelledError, Future
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("modelops_jupyter.optimization")

from modelops_jupyter.errors import LengthMismatchError, ModelOpsError
from modelops_jupyter.optimization import RequestBatcher


class Poison(Exception):
    """What the function raises on purpose."""


def answer(requests: list[tuple[int, str]]) -> list[int]:
    """Fail, answer too little, or answer: as the requests say."""
    whats = {what for _, what in requests}
    if "raise" in whats:
        raise Poison
    answers = [number * 2 for number, _ in requests]
    return answers[:-1] if "short" in whats else answers


class Resolutions:
    """Counts how often each future is resolved."""

    def __init__(self) -> None:
        self.counts, self.lock = Counter[int](), threading.Lock()

    def watch(self, number: int, future: "Future[Any]") -> None:
        def count(_: object) -> None:
            with self.lock:
                self.counts[number] += 1

        future.add_done_callback(count)


def check(number: int, what: str, future: "Future[Any]", may_drop: bool) -> None:
    """An answer is the request's own; an error is one that its batch may have had."""
    assert future.done(), (number, what)
    try:
        assert future.result(0) == number * 2
        assert what not in ("raise", "short")
    except CancelledError:
        assert what == "cancel" or may_drop
    except (Poison, LengthMismatchError):
        pass


@settings(max_examples=150, deadline=None)
@given(
    requests=st.lists(
        st.sampled_from(["ask", "ask", "ask", "raise", "short", "cancel", "stop"]), max_size=25
    ),
    callers=st.integers(1, 4),
    most=st.integers(1, 5),
    wait=st.sampled_from([0.0, 0.001]),
    drop=st.booleans(),
)
def test_every_future_is_resolved_once(
    requests: list[str], callers: int, most: int, wait: float, drop: bool
) -> None:
    batcher, seen, refused = RequestBatcher(answer, max_batch=most, max_wait=wait), Resolutions(), list[int]()
    futures: dict[int, tuple[str, Future[Any]]] = {}

    def call(mine: int) -> None:
        for number, what in list(enumerate(requests))[mine::callers]:
            if what == "stop":
                batcher.stop(drop=drop)
                continue
            try:
                future = batcher.submit((number, what))
            except ModelOpsError:
                refused.append(number)
                continue
            futures[number] = (what, future)
            seen.watch(number, future)
            if what == "cancel":
                future.cancel()

    threads = [threading.Thread(target=call, args=(n,)) for n in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert batcher.stop(drop=drop, timeout=60)
    for number, (what, future) in futures.items():
        check(number, what, future, drop)
    assert dict(seen.counts) == dict.fromkeys(futures, 1)
    assert len(futures) + len(refused) == sum(what != "stop" for what in requests)
    assert not refused or "stop" in requests


@pytest.mark.parametrize("stopping", [False, True])
def test_a_thousand_callers_at_once(stopping: bool) -> None:
    batcher, seen = RequestBatcher(answer, max_batch=16, max_wait=0.001), Resolutions()
    barrier, found, refused = threading.Barrier(1000), dict[int, Future[Any]](), list[int]()

    def call(number: int) -> None:
        barrier.wait(120)
        try:
            future = batcher.submit((number, "cancel" if number % 7 == 0 else "ask"))
        except ModelOpsError:
            refused.append(number)
            return
        found[number] = future
        seen.watch(number, future)
        if number % 7 == 0:
            future.cancel()
        if stopping and number == 500:
            batcher.stop(drop=True)

    threads = [threading.Thread(target=call, args=(n,)) for n in range(1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert batcher.stop(timeout=120)
    for number, future in found.items():
        check(number, "cancel" if number % 7 == 0 else "ask", future, stopping)
    assert dict(seen.counts) == dict.fromkeys(found, 1)
    assert len(found) + len(refused) == 1000
    assert bool(refused) <= stopping
