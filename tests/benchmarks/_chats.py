"""Chat rows for the benchmarks: 200 to 1,000 bytes, a little of everything that real files hold."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu zen tra plo str mi ght".split()


def words(seed: int = 0, size: int = 20_000) -> list[str]:
    """Return made-up words, the short ones first: a vocabulary as skewed as a real one."""
    chance = random.Random(seed)
    made = {"".join(chance.choices(_SYLLABLES, k=chance.choice((1, 2, 2, 3, 3, 4)))) for _ in range(2 * size)}
    return sorted(made, key=lambda word: (len(word), word))[:size]


class Writer:
    """Makes texts of words; the frequent words are drawn far more often than the others."""

    def __init__(self, seed: int = 0) -> None:
        self.chance = random.Random(seed)
        self._words = words()
        self._weights = [1 / (rank + 50) for rank in range(len(self._words))]
        self._bag: list[str] = []

    def text(self, length: int) -> str:
        """Return `length` words."""
        if len(self._bag) < length:
            self._bag += self.chance.choices(self._words, self._weights, k=200_000)
        return " ".join([self._bag.pop() for _ in range(length)])


def chats(count: int, seed: int = 0, *, tools: float = 0.005) -> Iterator[str]:
    """Yield rows: most are plain, some hold escapes, accents, addresses or tool calls; 1 in 100 is a copy."""
    writer = Writer(seed)
    chance = writer.chance
    before = ""
    for at in range(count):
        if before and chance.random() < 0.01:
            yield before
            continue
        messages: list[dict[str, object]] = []
        if chance.random() < 0.3:
            messages.append({"role": "system", "content": "You answer in one short paragraph."})
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            answer = writer.text(chance.randint(10, 60))
            if chance.random() < 0.25:
                answer = answer.replace(" ", ".\n\n", 2)
            if chance.random() < 0.05:
                answer = f'Use "{answer[:20]}" – or naïve café {answer}'
            if chance.random() < 0.005:
                answer += " write to someone@example.org"
            messages.append({"role": "user", "content": writer.text(chance.randint(5, 25))})
            messages.append({"role": "assistant", "content": answer})
        if chance.random() < tools:
            call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"n": 1}'}}
            messages[-1:] = [
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "c1", "content": writer.text(8)},
                messages[-1],
            ]
        before = json.dumps({"messages": messages}, ensure_ascii=at % 10 == 0)
        yield before


def write_chats(path: Path, count: int, *, tools: float = 0.005) -> Path:
    """Write a file of chats, with tool calls in a share of them."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(row + "\n" for row in chats(count, tools=tools))
    return path
