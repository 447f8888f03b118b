"""User coroutines run to their end from synchronous calls, inside a running loop too."""

import asyncio
import subprocess
import sys
import threading

import pytest

from modelops_jupyter import _aio


async def _double(value: int) -> int:
    await asyncio.sleep(0)
    return 2 * value


def test_a_coroutine_runs_inside_a_running_loop() -> None:
    async def cell() -> int:
        return _aio.run(_double(21))

    assert _aio.run(_double(4)) == 8
    assert asyncio.run(cell()) == 42


def test_all_runs_share_one_loop_thread() -> None:
    _aio.run(_double(1))
    before = threading.active_count()
    for i in range(5):
        _aio.run(_double(i))
    assert threading.active_count() == before


def test_an_exception_of_the_coroutine_is_raised() -> None:
    async def bad() -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        _aio.run(bad())


def test_ctrl_c_that_another_thread_gets_is_heard() -> None:
    script = """
import asyncio, signal, threading, time
from modelops_jupyter import _aio

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what runs behind it ignore Ctrl-C

def press():
    time.sleep(0.3)
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)

began = time.monotonic()
try:
    threading.Thread(target=press).start()
    _aio.run(asyncio.sleep(60))
except KeyboardInterrupt:
    print("heard", time.monotonic() - began < 30)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["heard", "True"], done.stderr
