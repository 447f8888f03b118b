"""The cache finds requests by content, keeps None, forgets the oldest, and bears threads."""

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelops_jupyter.errors import ConfigError
from modelops_jupyter.optimization import InferenceCache

DIFFERENT: list[Any] = [
    None, False, True, 0, 1, 1.0, -0.0, "", "1", "None", b"1", "é", "e\u0301", "\ud800", [], [1], [[1]],
    ["1"], [12], [1, 2], ["a", "b"], ["ab"], ["a", ["b"]], {}, {"a": 1}, {"a": "1"}, {"a": 1, "b": 2},
    {1: "a"}, {"1": "a"}, np.array([1]), np.array([1.0]), np.array([[1]]), np.int64(1), float("nan"),
]  # fmt: skip


def test_different_requests_have_different_keys_in_any_process() -> None:
    keys = [InferenceCache.key(request) for request in DIFFERENT]
    assert len(set(keys)) == len(DIFFERENT)
    assert InferenceCache.key({"prompt": "a", "n": [1, None]}) == (
        "37389ed8202f3e058abf95e3f30094bcb09ed6268adcf6d805946f7582fe30e2"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(JSON, JSON)
def test_equal_content_is_one_key_and_other_content_another(a: Any, b: Any) -> None:
    assert InferenceCache.key(a) == InferenceCache.key(reordered(a))
    assert (InferenceCache.key(a) == InferenceCache.key(b)) is (repr(sorted_keys(a)) == repr(sorted_keys(b)))


def reordered(value: Any) -> Any:
    """Return an equal value of new objects, its keys the other way round."""
    if isinstance(value, dict):
        return {k: reordered(v) for k, v in reversed(value.items())}
    return [reordered(v) for v in value] if isinstance(value, list) else value


def sorted_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: sorted_keys(value[k]) for k in sorted(value)}
    return [sorted_keys(v) for v in value] if isinstance(value, list) else value


def test_none_is_an_answer_and_an_error_is_not() -> None:
    cache, calls = InferenceCache(), list[int]()

    def compute() -> None:
        calls.append(1)

    assert [cache.get_or_compute("a", compute) for _ in range(3)] == [None] * 3
    assert len(calls) == 1
    assert "a" in cache
    assert (cache.hits, cache.misses) == (2, 1)

    def fails() -> None:
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):  # noqa: PT011 -- the caller's own
            cache.get_or_compute("b", fails)
    assert "b" not in cache


def test_the_least_used_goes_first() -> None:
    cache = InferenceCache(capacity=2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert ["a" in cache, "b" in cache, "c" in cache] == [True, False, True]
    cache.put("a", 9)
    assert (len(cache), cache.get("a")) == (2, 9)
    cache.clear()
    assert len(cache) == 0
    with pytest.raises(ConfigError, match="at least one"):
        InferenceCache(capacity=0)


def test_a_wrapped_function_is_asked_only_what_is_new_and_nothing_twice() -> None:
    asked: list[list[str]] = []

    def answer(texts: list[str]) -> list[str | None]:
        asked.append(texts)
        return [text.upper() if text != "none" else None for text in texts]

    cache = InferenceCache(capacity=1)  # what is forgotten at once must not be missed either
    cached, other = cache.wrap(answer, model="a"), cache.wrap(answer, model="b")
    assert cached(["x", "none", "x"]) == ["X", None, "X"]
    assert cached(["none"]) == [None]
    assert asked == [["x", "none"]]
    assert other(["none"]) == [None]
    assert cached([]) == []
    assert len(asked) == 2


def test_what_has_no_content_is_refused() -> None:
    for thing in (object(), {"a": {1}}, [lambda: 1], np.array([object()])):
        with pytest.raises(ConfigError, match="cannot be part of a cached request"):
            InferenceCache.key(thing)


def test_many_threads_share_it() -> None:
    cache, wrong = InferenceCache(capacity=20), list[int]()

    def work(seed: int) -> None:
        for i in np.random.default_rng(seed).integers(0, 60, 500).tolist():
            if cache.get_or_compute(i, lambda i=i: i * 2) != i * 2:
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(cache) == 20
    assert cache.hits + cache.misses == 8 * 500
