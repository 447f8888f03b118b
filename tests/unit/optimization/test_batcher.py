"""The batcher answers together what comes together, and says what went wrong to all whom it concerns."""

import asyncio
import threading
from concurrent.futures import CancelledError, Future
from itertools import chain
from typing import Any

import pytest

from modelops_jupyter.errors import ConfigError, LengthMismatchError, ModelOpsError
from modelops_jupyter.optimization import RequestBatcher


class Held:
    """A function that waits in its first call until it is let go."""

    def __init__(self) -> None:
        self.began, self.go, self.batches = threading.Event(), threading.Event(), list[list[Any]]()

    def __call__(self, requests: list[Any]) -> list[Any]:
        self.batches.append(requests)
        self.began.set()
        assert self.go.wait(60)
        return [request * 2 for request in requests]


@pytest.fixture
def held() -> Held:
    return Held()


def test_what_comes_while_one_batch_runs_is_one_batch(held: Held) -> None:
    with RequestBatcher(held, max_batch=4, max_wait=0) as batcher:
        first = batcher.submit(0)
        assert held.began.wait(60)
        rest = [batcher.submit(i) for i in range(1, 7)]
        held.go.set()
        assert [f.result(60) for f in (first, *rest)] == [0, 2, 4, 6, 8, 10, 12]
    assert held.batches[0] == [0]
    assert held.batches[1] == [1, 2, 3, 4]
    assert list(chain(*held.batches)) == list(range(7))


def test_a_batch_does_not_wait_when_it_is_full() -> None:
    with RequestBatcher(lambda xs: xs, max_batch=2, max_wait=3600) as batcher:
        assert [f.result(60) for f in [batcher.submit(i) for i in range(4)]] == [0, 1, 2, 3]
        last = batcher.submit(9)  # alone: the stop does not wait an hour either
    assert last.result(0) == 9


def test_what_was_taken_back_is_not_asked(held: Held) -> None:
    with RequestBatcher(held, max_wait=0) as batcher:
        running = batcher.submit(1)
        assert held.began.wait(60)
        gone, kept = batcher.submit(2), batcher.submit(3)
        assert gone.cancel()
        assert not running.cancel()
        held.go.set()
        assert (running.result(60), kept.result(60)) == (2, 6)
        with pytest.raises(CancelledError):
            gone.result(0)
    assert [2] not in held.batches
    assert 2 not in list(chain(*held.batches))


def test_a_stop_answers_those_that_wait_or_drops_them_and_takes_no_more(held: Held) -> None:
    for drop in (False, True):
        held.began.clear()
        held.go.clear()
        batcher = RequestBatcher(held, max_wait=0)
        running = batcher.submit(1)
        assert held.began.wait(60)
        waiting = [batcher.submit(i) for i in (2, 3)]
        assert not batcher.stop(drop=drop, timeout=0)
        held.go.set()
        assert batcher.stop()
        assert running.result(0) == 2
        assert all(f.done() for f in waiting)
        assert [f.cancelled() for f in waiting] == [drop, drop]
        with pytest.raises(ModelOpsError, match="was stopped"):
            batcher.submit(4)


@pytest.mark.parametrize("wrong", [lambda xs: xs[:-1], lambda xs: [*xs, 1], lambda xs: "ab", lambda xs: 3])
def test_a_wrong_number_of_answers_is_given_to_nobody(wrong: Any) -> None:
    with RequestBatcher(wrong, max_batch=2, max_wait=60) as batcher:
        futures = [batcher.submit(i) for i in range(2)]
        for future in futures:
            with pytest.raises((LengthMismatchError, TypeError)):
                future.result(60)


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(1), KeyboardInterrupt()])
def test_an_error_reaches_its_callers_and_the_next_batch_is_answered(error: BaseException) -> None:
    def answer(requests: list[int]) -> list[int]:
        if 0 in requests:
            raise error
        return requests

    with RequestBatcher(answer, max_batch=1) as batcher:
        bad, good = batcher.submit(0), batcher.submit(1)
        assert good.result(60) == 1
        assert bad.exception(0) is error


def test_a_meddling_caller_harms_nobody_else(held: Held) -> None:
    with RequestBatcher(held, max_wait=0) as batcher:
        batcher.submit(1)
        assert held.began.wait(60)
        meddled, other = batcher.submit(2), batcher.submit(3)
        meddled.set_result("mine")
        held.go.set()
        assert other.result(60) == 6
        assert meddled.result(0) == "mine"


def test_async_on_both_sides_and_a_stop_from_within() -> None:
    async def answer(requests: list[int]) -> list[int]:
        await asyncio.sleep(0)
        return [request + 1 for request in requests]

    async def many(batcher: RequestBatcher) -> list[int]:
        return await asyncio.gather(*(asyncio.wrap_future(batcher.submit(i)) for i in range(20)))

    with RequestBatcher(answer) as batcher:
        assert asyncio.run(many(batcher)) == list(range(1, 21))

    stopping: list[RequestBatcher] = []

    def last(requests: list[int]) -> list[int]:
        stopping[0].stop()
        return requests

    stopping.append(RequestBatcher(last, max_batch=1))
    found: Future[int] = stopping[0].submit(5)
    assert found.result(60) == 5
    assert stopping[0].stop()


def test_settings_out_of_range_are_refused() -> None:
    for options in ({"max_batch": 0}, {"max_wait": -1.0}, {"max_wait": float("nan")}):
        with pytest.raises(ConfigError, match="max_batch"):
            RequestBatcher(lambda xs: xs, **options)
