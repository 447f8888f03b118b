"""Suites: errors are never passes, finished calls are never made twice, repeats tell what they can."""

import asyncio
import json
import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelops_jupyter.errors import ConfigError, EmptyInputError, EvaluationError, StoreError
from modelops_jupyter.evaluation import Gate, calls
from modelops_jupyter.evaluation.calls import CallError, seconds
from modelops_jupyter.evaluation.judges import RubricJudge
from modelops_jupyter.evaluation.scorers import Contains, Exact, Length, Threshold, TokenF1, WordErrorRate
from modelops_jupyter.evaluation.suites import BenchmarkCase, BenchmarkSuite, SuiteResult
from modelops_jupyter.evaluation.suites.repeats import variance_split
from modelops_jupyter.evaluation.suites.store import RunStore


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODELOPS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that would have been waited."""
    found: list[float] = []

    async def sleep(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr(calls, "sleep", sleep)
    return found


def sums(n: int = 6, **options: Any) -> BenchmarkSuite:
    cases = [
        BenchmarkCase(f"c{i}", f"{i} + 1?", str(i + 1), ("even",) if i % 2 == 0 else ()) for i in range(n)
    ]
    return BenchmarkSuite("sums", "1", cases, **options)


def right(prompt: str) -> str:
    return str(int(prompt.split()[0]) + 1)


def test_answers_are_scored_case_by_case() -> None:
    result = sums().run(lambda p: right(p) if p[0] != "3" else "no")
    assert (float(result["exact"]), result["exact"].n, len(result)) == (pytest.approx(5 / 6), 6, 6)
    assert result["exact"].has_interval
    assert [r.scores["exact"] for r in result] == [1, 1, 1, 0, 1, 1]
    assert (result.complete, result.errors, result.repeats) == (True, (), 1)
    assert [e.id for e in result.evaluation.examples(correct=False)] == ["c3"]


def test_a_model_that_raises_is_an_error_and_never_a_pass() -> None:
    def model(prompt: str) -> str:
        if prompt[0] == "0":
            raise ValueError("bad prompt")
        return right(prompt)

    scorers = [Exact(), Length(), WordErrorRate(), "exact_match"]
    result = sums().run(model, scorers=scorers)
    assert [e.case for e in result.errors] == ["c0"]
    assert result.errors[0].error == "ValueError: bad prompt"
    assert result.errors[0].attempts == 1  # it would only come again
    assert {k: v.n for k, v in result.metrics.items()} == dict.fromkeys(result.metrics, 6)
    assert [float(v) for v in result.metrics.values()] == pytest.approx([5 / 6, 5 / 6, 1 / 6, 5 / 6])
    assert "1 call gave no answer" in str(result)


@pytest.mark.parametrize("answer", [None, 3, ["a"], b"x"])
def test_an_answer_that_is_no_text_is_an_error(answer: Any) -> None:
    result = sums(1).run(lambda p: answer)
    assert "one text is needed" in str(result.errors[0].error)
    assert float(result["exact"]) == 0


def test_an_empty_answer_is_an_answer() -> None:
    suite = BenchmarkSuite("s", "1", [BenchmarkCase("a", "q", ""), BenchmarkCase("b", "q", "x")])
    result = suite.run(lambda p: "")
    assert (result.errors, float(result["exact"]), result["exact"].n) == ((), 0.5, 2)


def test_sync_async_and_functions_that_return_coroutines(own_home: Path) -> None:
    async def model(prompt: str) -> str:
        await asyncio.sleep(0)
        return right(prompt)

    class Model:
        async def __call__(self, prompt: str) -> str:
            return right(prompt)

    for each in (right, model, lambda p: model(p), Model()):
        assert float(sums().run(each)["exact"]) == 1

    async def in_a_loop() -> float:
        return float(sums().run(model)["exact"])

    assert asyncio.run(in_a_loop()) == 1


@pytest.mark.parametrize(("given", "most"), [(None, 1), (3, 3)])
def test_so_many_calls_at_once(given: int | None, most: int) -> None:
    lock, now, seen = threading.Lock(), 0, 0
    gate = threading.Barrier(most)

    def model(prompt: str) -> str:
        nonlocal now, seen
        with lock:
            now += 1
            seen = max(seen, now)
        gate.wait(30)  # passes only if `most` calls really run together
        with lock:
            now -= 1
        return "x"

    sums(6).run(model, concurrency=given)
    assert seen == most


def test_a_prompt_has_its_turns() -> None:
    seen: list[Any] = []
    turns = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"})
    BenchmarkSuite("s", "1", [BenchmarkCase("a", turns, "x")]).run(lambda p: seen.append(p.messages) or "x")
    assert seen == [turns]


# ---- retries


def flaky_model(errors: list[Exception]) -> Callable[[str], str]:
    def model(prompt: str) -> str:
        if errors:
            raise errors.pop(0)
        return right(prompt)

    return model


def refused(status: int, retry_after: float | None = None) -> CallError:
    error = CallError(f"status {status}")
    error.status, error.retry_after = status, retry_after
    return error


def test_what_may_pass_is_tried_again_with_growing_pauses(waits: list[float]) -> None:
    result = sums(1).run(flaky_model([refused(500), ConnectionResetError("gone"), refused(429)]), retries=3)
    assert (float(result["exact"]), result.runs[0].attempts) == (1, 4)
    assert [0.75 * base <= wait <= 1.25 * base for wait, base in zip(waits, (0.5, 1, 2), strict=True)] == [
        True
    ] * 3


@pytest.mark.parametrize(
    "error", [refused(400), refused(401), refused(404), KeyError("x"), CallError("no text")]
)
def test_what_would_only_come_again_is_not_tried_again(error: Exception, waits: list[float]) -> None:
    result = sums(1).run(flaky_model([error]), retries=5)
    assert (result.runs[0].attempts, waits, len(result.errors)) == (1, [], 1)


def test_tries_end(waits: list[float]) -> None:
    result = sums(1).run(flaky_model([refused(503) for _ in range(9)]), retries=2)
    assert (result.runs[0].attempts, result.runs[0].error) == (3, "status 503")


def test_a_server_that_says_when_is_listened_to(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls.time, "monotonic", lambda: 100.0)
    sums(1).run(flaky_model([refused(429, 7.0)]))
    assert waits == [0.0, 7.0]


def test_retry_after_of_the_official_client_is_found(
    waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    class RateLimitError(Exception):
        status_code = 429
        response = type("Response", (), {"headers": {"retry-after": "4"}})

    monkeypatch.setattr(calls.time, "monotonic", lambda: 100.0)
    assert float(sums(1).run(flaky_model([RateLimitError()]))["exact"]) == 1
    assert waits == [0.0, 4.0]


def test_a_server_that_wants_an_hour_is_not_waited_for(waits: list[float]) -> None:
    result = sums(1).run(flaky_model([refused(429, 3600.0)]), retries=5)
    assert (waits, result.runs[0].attempts) == ([], 1)


def test_a_retry_after_may_be_a_date() -> None:
    assert seconds("12") == 12
    assert seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert seconds("Wed, 21 Oct 2999 07:28:00 GMT") > 1e9
    assert [seconds(h) for h in (None, "", "soon")] == [None, None, None]
    assert seconds("-3") == 0


def test_a_call_that_hangs_is_given_up(waits: list[float]) -> None:
    hanging = threading.Event()
    result = sums(1).run(lambda p: str(hanging.wait(60)), timeout=0.02, retries=1)
    hanging.set()
    assert (result.runs[0].attempts, result.runs[0].error) == (2, "No answer within 0.02 s.")


# ---- resuming


def test_finished_calls_are_never_made_again() -> None:
    asked: list[str] = []

    def model(prompt: str) -> str:
        asked.append(prompt)
        if prompt[0] == "2" and len(asked) < 6:
            raise ValueError("once")
        return right(prompt)

    model.__qualname__ = "model"
    first = sums().run(model, run_id="r1")
    assert float(first["exact"]) == pytest.approx(5 / 6)
    second = sums().run(model, run_id="r1")
    assert asked[6:] == ["2 + 1?"]
    assert (float(second["exact"]), second.errors) == (1, ())
    third = sums().run(model, run_id="r1", repeats=2)
    assert len(asked) == 13
    assert third.repeats == 2


def test_a_line_cut_by_a_crash_is_dropped(own_home: Path) -> None:
    asked: list[str] = []

    def model(prompt: str) -> str:
        asked.append(prompt)
        return right(prompt)

    sums().run(model, run_id="r1")
    path = own_home / "suites" / "r1.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    assert float(sums().run(model, run_id="r1")["exact"]) == 1
    assert len(asked) == 7
    assert len(path.read_bytes().splitlines()) == 7
    assert all(json.loads(line) for line in path.read_bytes().splitlines())


def test_a_run_of_something_else_is_refused() -> None:
    sums().run(right, run_id="r1")
    with pytest.raises(ConfigError, match="another fingerprint"):
        sums(5).run(right, run_id="r1")
    with pytest.raises(ConfigError, match="another model"):
        sums().run(lambda p: "x", run_id="r1")
    for name in ("../x", "", "a b", ".hidden"):
        with pytest.raises(ConfigError, match="cannot name a run"):
            RunStore(name, {})


def test_one_run_at_a_time() -> None:
    with RunStore("r1", {"a": 1}), pytest.raises(StoreError, match="going on elsewhere"):
        RunStore("r1", {"a": 1})
    with RunStore("r1", {"a": 1}) as again:
        assert again.records == []


def test_an_interrupted_run_keeps_what_was_done_and_passes_no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C comes where a notebook gets it: in the waiting main thread."""
    done = threading.Event()

    def model(prompt: str) -> str:
        if prompt[0] == "3":
            done.set()
            threading.Event().wait(60)
        return right(prompt)

    def interrupted(awaitable: Any) -> None:
        loop_run(_until(awaitable, done))
        raise KeyboardInterrupt

    async def _until(awaitable: Any, event: threading.Event) -> None:
        task = asyncio.ensure_future(awaitable)
        while not event.is_set():
            await asyncio.sleep(0.001)
        task.cancel()

    from modelops_jupyter import _aio

    loop_run = _aio.run
    monkeypatch.setattr("modelops_jupyter.evaluation.suites.run._aio.run", interrupted)
    result = sums().run(model, run_id="r1")
    monkeypatch.undo()
    assert ([r.case for r in result], result.complete, result.planned) == (["c0", "c1", "c2"], False, 6)
    assert (float(result["exact"]), result["exact"].n) == (1, 3)
    assert "3 calls of 6 not made" in str(result)
    with pytest.raises(EvaluationError, match="broke off"):
        result.check(Gate("exact", min_value=0.1))


# ---- repeats


def noisy(pattern: dict[str, str]) -> Callable[[str], str]:
    """Right ("1") or wrong ("0") in turn, by the first letter of the prompt."""
    turns = {key: iter(marks) for key, marks in pattern.items()}
    return lambda prompt: right(prompt) if next(turns[prompt[0]]) == "1" else "wrong"


def test_repeats_are_calls_of_their_own_and_cases_count_once() -> None:
    result = sums(3).run(noisy({"0": "1111", "1": "1100", "2": "0000"}), repeats=4)
    assert (float(result["exact"]), result["exact"].n, len(result)) == (0.5, 3, 12)
    assert result.flaky() == ("c1",)
    assert result.scores().tolist() == [[1] * 4, [1, 1, 0, 0], [0] * 4]
    assert float(result.pass_at(1)) == pytest.approx(0.5)
    assert float(result.pass_at(2)) == pytest.approx((1 + (1 - 1 / 6) + 0) / 3)
    assert float(result.pass_all(2)) == pytest.approx((1 + 1 / 6 + 0) / 3)
    assert result.pass_at(2).has_interval
    assert result.pass_at(2).label == "pass@2"
    assert "1 case passes in some repeats only, first 'c1'." in str(result)
    for k in (0, 5):
        with pytest.raises(ConfigError, match="repeats"):
            result.pass_at(k)


def test_pass_at_k_is_unbiased_by_enumeration() -> None:
    from itertools import combinations

    marks = [1, 0, 0, 1, 0]
    result = sums(1).run(noisy({"0": "".join(map(str, marks))}), repeats=5)
    for k in range(1, 6):
        groups = list(combinations(marks, k))
        assert float(result.pass_at(k)) == pytest.approx(np.mean([any(g) for g in groups]))
        assert float(result.pass_all(k)) == pytest.approx(np.mean([all(g) for g in groups]))


def test_variance_is_split_into_items_and_sampling() -> None:
    generator = np.random.default_rng(3)
    scores = generator.normal(0, 1, (4_000, 1)) + generator.normal(0, 2, (4_000, 3))
    split = variance_split(scores)
    assert split.item == pytest.approx(1, rel=0.15)
    assert split.sampling == pytest.approx(4, rel=0.1)
    assert split.sampling_share == pytest.approx(0.8, abs=0.03)
    with pytest.raises(ConfigError, match="nothing about sampling"):
        variance_split(scores[:, :1])
    assert math.isnan(variance_split(np.ones((3, 2))).sampling_share)


# ---- scorers, checks, judges


def test_a_case_may_bring_its_own_checks() -> None:
    cases = [
        BenchmarkCase("a", "q", None, (), (Contains("yes"), Length(max=3))),
        BenchmarkCase("b", "q", "yes sir", (), (Threshold(TokenF1(), 0.5),)),
        BenchmarkCase("c", "q", "yes"),
    ]
    result = BenchmarkSuite("s", "1", cases).run(lambda p: "yes")
    assert [r.scores["checks"] for r in result] == [1, 1, None]
    assert (float(result["checks"]), result["checks"].n, result["checks"].skipped) == (1, 2, 1)
    assert float(BenchmarkSuite("s", "1", cases).run(lambda p: "yes please")["checks"]) == 0.5


def test_a_scorer_that_raises_is_an_error_and_never_a_number() -> None:
    def broken(predictions: list[str], references: list[str]) -> list[float]:
        raise ZeroDivisionError("oh")

    result = sums().run(right, scorers={"broken": broken, "short": lambda p, r: [len(x) < 3 for x in p]})
    assert math.isnan(result["broken"])
    assert result["broken"].error == "ZeroDivisionError: oh"
    assert float(result["short"]) == 1
    with pytest.raises(ConfigError, match="called 'exact'"):
        sums().run(right, scorers=[Exact(), Exact(casefold=True)])
    with pytest.raises(ConfigError, match="exact_match"):
        sums().run(right, scorers="exact_mach")


def test_a_judge_sees_the_question_and_says_uncorrected() -> None:
    seen: list[str] = []

    def ask(prompt: str) -> str:
        seen.append(prompt)
        return '{"verdict": "pass"}'

    result = sums(2).run(right, scorers=[RubricJudge(ask, "Right.", model="m")])
    assert all(f'"question": "{i} + 1?"' in "".join(seen) for i in range(2))
    assert result["rubric_judge"].caveat == "uncorrected"
    with pytest.raises(EvaluationError, match="uncorrected"):
        result.check(Gate("rubric_judge", min_value=0.1))


def test_runs_are_kept_and_compared(tmp_path: Path) -> None:
    before = sums(9).run(lambda p: right(p) if int(p[0]) < 2 else "?")
    before.to_json(tmp_path / "before.json")
    after = sums(9).run(right)
    loaded = SuiteResult.from_json(tmp_path / "before.json")
    assert (loaded.runs, str(loaded), loaded.run_id) == (before.runs, str(before), before.run_id)
    row = after.compare(loaded)["exact"]
    assert (row.difference, row.discordant, row.verdict) == (pytest.approx(7 / 9), (7, 0), "better")
    assert after.check(Gate("exact", max_drop=0.1), loaded).outcome == "pass"
    with pytest.raises(EvaluationError, match="different cases"):
        sums(8).run(right).compare(loaded)


# ---- cases and files


def test_a_suite_comes_back_from_its_files(tmp_path: Path) -> None:
    cases = [
        BenchmarkCase("a", "q é", ("x", "y"), ("t",), (Contains(("u", "v"), every=False),)),
        BenchmarkCase("b", ({"role": "user", "content": "hi"},)),
    ]
    suite = BenchmarkSuite("s", "2", cases, ("tests[0]: javascript",))
    suite.to_json(tmp_path / "s.json")
    suite.to_jsonl(tmp_path / "s.jsonl")
    assert BenchmarkSuite.from_json(tmp_path / "s.json") == suite
    lines = BenchmarkSuite.from_jsonl(tmp_path / "s.jsonl", version="2")
    assert (lines.cases, lines.fingerprint, lines.name) == (suite.cases, suite.fingerprint, "s")
    assert suite.fingerprint != sums().fingerprint
    assert [c.id for c in sums().tagged("even")] == ["c0", "c2", "c4"]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"input": "q"}, "id"),
        ({"id": 1, "input": "q"}, "id"),
        ({"id": "a"}, "input"),
        ({"id": "a", "input": ["x"]}, "input"),
        ({"id": "a", "input": "q", "expected": 3}, "expected"),
        ({"id": "a", "input": "q", "tags": "t"}, "tags"),
        ({"id": "a", "input": "q", "expcted": "x"}, "expcted"),
    ],
)  # fmt: skip
def test_a_wrong_case_says_where(row: dict[str, Any], field: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        BenchmarkCase.from_dict(row, 4)
    assert caught.value.where is not None
    assert (caught.value.where.row, caught.value.where.field) == (4, field)


def test_a_suite_needs_cases_with_ids_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(EmptyInputError):
        BenchmarkSuite("s", "1", [])
    with pytest.raises(EvaluationError, match="'a' stands twice"):
        BenchmarkSuite("s", "1", [BenchmarkCase("a", "q"), BenchmarkCase("a", "q")])
    (tmp_path / "x.jsonl").write_text('{"id": "a", "input": "q"}\n\n[1]\n')
    with pytest.raises(EvaluationError, match="line 3"):
        BenchmarkSuite.from_jsonl(tmp_path / "x.jsonl")
    with pytest.raises(ConfigError, match="one prompt at a time"):
        sums().run(object())  # type: ignore[arg-type]
    asked: list[str] = []
    with pytest.raises(EvaluationError, match="compares with a reference"):
        BenchmarkSuite("s", "1", [BenchmarkCase("a", "q")]).run(lambda p: asked.append(p) or "x")
    assert asked == []  # said before anything is paid
