"""Somebody rates, the kernel is killed: what was said is there, and rating goes on."""

import subprocess
import sys
from pathlib import Path

import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.evaluation.rating import Rating

CODE = """
from modelops_jupyter import Dataset
from modelops_jupyter.evaluation.rating import Rating
ds = Dataset([{"prompt": f"q{i}", "completion": f"a{i}"} for i in range(500)])
rating = Rating(ds, rater="ann")
while True:
    rating.rate(("pass", "fail", "skip")[rating.question.item % 3], f"note {rating.question.item}")
    if rating.question.item % 5 == 4:
        rating.undo()
        rating.rate("fail", "again")
    print(rating.question.item, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 23])
def test_what_was_said_before_a_kill_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setenv("MODELOPS_HOME", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", CODE], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = 0
        for line in process.stdout:
            told = int(line)
            if told >= after:
                process.kill()
                break
        process.wait(timeout=30)
    ds = Dataset([{"prompt": f"q{i}", "completion": f"a{i}"} for i in range(500)])
    rating = Rating(ds, rater="ann")
    # It may have got further than it could tell, by one verdict or some; nothing told is lost.
    assert len(rating.rated) >= told
    for place, question in enumerate(rating.rated):
        assert question.item == place
        if question.note != "again":
            assert question.verdict == ("pass", "fail", "skip")[place % 3]
            assert question.note == f"note {place}"
        else:
            assert place % 5 == 3
            assert question.verdict == "fail"
    assert rating.question is not None
    assert rating.question.item == len(rating.rated)
    rating.rate("pass")
    assert len(Rating(ds, rater="ann").rated) == len(rating.rated)
