"""Answers that were given before."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from modelops_jupyter.errors import ConfigError
from modelops_jupyter.optimization.batcher import one_each

_ABSENT = object()


class InferenceCache:
    """Keeps the answers to the latest requests, found by what the request says, not by which object it is.

    A request is text, numbers, None, bytes, arrays, and lists and mappings of them; 1, 1.0, True and "1" are
    four requests, the order of a mapping's keys makes none. An answer may be None and is kept like any other;
    an error is not kept. Several threads may use it.

    Parameters
    ----------
    capacity
        How many answers are kept; the one that was not used for the longest time goes first.

    Examples
    --------
    >>> cache = InferenceCache(capacity=100)
    >>> cache.get_or_compute({"prompt": "2 + 2"}, lambda: "4")
    '4'
    >>> {"prompt": "2 + 2"} in cache
    True
    """

    def __init__(self, capacity: int = 1024) -> None:
        if capacity < 1:
            raise ConfigError(f"capacity is {capacity}; a cache keeps at least one answer.")
        self.capacity, self.hits, self.misses = capacity, 0, 0
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    @staticmethod
    def key(request: Any) -> str:
        """Return the hash of a request's content.

        Raises
        ------
        ConfigError
            If a part of it is none of the above: nobody could say when two of them are the same.
        """
        digest = hashlib.sha256()
        _feed(digest.update, request)
        return digest.hexdigest()

    def get(self, request: Any, default: Any = None) -> Any:
        """Return the answer to a request, or `default` if none is kept."""
        key = self.key(request)
        with self._lock:
            found = self._kept.get(key, _ABSENT)
            if found is _ABSENT:
                self.misses += 1
                return default
            self.hits += 1
            self._kept.move_to_end(key)
            return found

    def put(self, request: Any, answer: Any) -> None:
        """Keep an answer, in place of an older one to the same request."""
        key = self.key(request)
        with self._lock:
            self._kept[key] = answer
            self._kept.move_to_end(key)
            while len(self._kept) > self.capacity:
                self._kept.popitem(last=False)

    def get_or_compute(self, request: Any, compute: Callable[[], Any]) -> Any:
        """Return the kept answer, or compute it and keep it."""
        found = self.get(request, _ABSENT)
        if found is _ABSENT:
            found = compute()
            self.put(request, found)
        return found

    def wrap(
        self, answer: Callable[[list[Any]], Any], **settings: Any
    ) -> Callable[[Sequence[Any]], list[Any]]:
        """Return a function of many requests that asks `answer` only what is not kept, each request once.

        Parameters
        ----------
        settings
            What the answers depend on besides the request (the model's name, the temperature): part of
            the key, not passed on.
        """

        def cached(requests: Sequence[Any]) -> list[Any]:
            asked = {self.key(request): request for request in requests}
            found = {key: self.get([request, settings], _ABSENT) for key, request in asked.items()}
            new = {key: asked[key] for key, known in found.items() if known is _ABSENT}
            if new:
                answers = one_each(answer(list(new.values())), len(new))
                for (key, request), said in zip(new.items(), answers, strict=True):
                    found[key] = said
                    self.put([request, settings], said)
            return [found[self.key(request)] for request in requests]

        return cached

    def clear(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._kept.clear()

    def __contains__(self, request: Any) -> bool:
        return self.key(request) in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def __repr__(self) -> str:
        return (
            f"<InferenceCache {len(self)} of {self.capacity} answers, {self.hits} hits, {self.misses} misses>"
        )


def _feed(update: Callable[[bytes], object], part: Any) -> None:
    """Feed a value, with its type and its length, so that no two different ones look alike."""
    match part:
        case None | bool() | int() | float():
            kind, body = type(part).__name__, repr(part).encode()
        case str():
            kind, body = "str", part.encode("utf-8", "surrogatepass")
        case bytes():
            kind, body = "bytes", part
        case np.ndarray() | np.generic() if (
            array := np.asarray(cast("Any", part))
        ).dtype.kind in "biufcSUmM":
            kind, body = f"array {array.dtype.str} {array.shape}", array.tobytes()
        case Mapping():
            known = cast("Mapping[Any, Any]", part)
            pairs = sorted((InferenceCache.key(k), InferenceCache.key(v)) for k, v in known.items())
            kind, body = "mapping", "".join(map("".join, pairs)).encode()
        case list() | tuple():
            kind, body = "list", "".join(map(InferenceCache.key, cast("Sequence[Any]", part))).encode()
        case _:
            text = f"A {type(part).__name__} cannot be part of a cached request."
            raise ConfigError(text, hint="Use text, numbers, None, bytes, arrays, lists and mappings.")
    update(f"{kind}:{len(body)}:".encode())
    update(body)
