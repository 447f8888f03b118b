"""Work in the background waits before each reading; work that somebody waits for never does."""

from threading import Thread

import pytest

from modelops_jupyter.datasets import Dataset, scan
from modelops_jupyter.datasets.giving_way import behind


def work(ds: Dataset) -> None:
    scan.prepare(ds)
    assert ds.fingerprint
    assert ds.validate() is not None


def test_every_pass_over_the_rows_gives_way() -> None:
    waits = list[str]()
    ds = Dataset([{"text": "x"}])
    with behind(lambda: waits.append("prepare")):
        scan.prepare(ds)
    seen = len(waits)
    assert seen
    with behind(lambda: waits.append("fingerprint")):
        assert ds.fingerprint
    assert len(waits) > seen


def test_other_threads_do_not_wait() -> None:
    def never() -> None:
        pytest.fail("a thread that somebody waits for gave way")

    with behind(never):
        thread = Thread(target=work, args=(Dataset([{"text": "x"}]),))
        thread.start()
        thread.join()
    work(Dataset([{"text": "y"}]))  # nor does this one, afterwards
