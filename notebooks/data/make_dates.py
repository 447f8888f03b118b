"""Write `dates.jsonl`: chat rows that teach how a written date becomes ISO, and defects to find.

The file is the same on every machine and in every Python: it draws on `random.Random.random`
only, whose sequence is guaranteed.

    python notebooks/data/make_dates.py
"""

import json
import random
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROWS = 4000
SEED = 20
FIRST, DAYS = date(1950, 1, 1), 36_525  # a century

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def ordinal(day: int) -> str:
    """3 → '3rd'."""
    if day in (11, 12, 13):
        return f"{day}th"
    return f"{day}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th') }"


FORMS: tuple[Callable[[date], str], ...] = (
    lambda d: f"{ordinal(d.day)} of {MONTHS[d.month - 1]}, {d.year}",
    lambda d: f"the {ordinal(d.day)} of {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}",
    lambda d: f"{MONTHS[d.month - 1][:3]} {ordinal(d.day)}, {d.year}",
    lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{d.day:02} {MONTHS[d.month - 1][:3]} {d.year}",
    lambda d: f"{ordinal(d.day)} {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{WEEKDAYS[d.weekday()]}, {d.day} {MONTHS[d.month - 1]} {d.year}",
)

Messages = list[dict[str, Any]]


def chat(asked: str, answer: Any) -> Messages:
    """Return a question and its answer."""
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]


def line(messages: Messages, **more: Any) -> bytes:
    """Return one row."""
    return json.dumps({"messages": messages, **more}, ensure_ascii=False).encode()


class Draw:
    """Different dates in different words, drawn from one sequence."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # a seeded sequence is the point
        self._asked: set[str] = set()

    def below(self, count: int) -> int:
        """Return a whole number from 0 to below `count`."""
        return int(self._random.random() * count)

    def pair(self) -> tuple[str, date]:
        """Return a question that was not asked before, and the day it means."""
        while True:
            day = FIRST + timedelta(days=self.below(DAYS))
            asked = FORMS[self.below(len(FORMS))](day)
            if asked not in self._asked:
                self._asked.add(asked)
                return asked, day


def broken(asked: str, day: date) -> bytes:
    """Return a row cut off inside."""
    whole = line(chat(asked, day.isoformat()))
    return whole[: len(whole) - 24]


def latin1(asked: str, day: date) -> bytes:
    """Return a row written in Latin-1, as old spreadsheets export it."""
    text = f"{asked} (déjà vu)"
    return json.dumps({"messages": chat(text, day.isoformat())}, ensure_ascii=False).encode("latin-1")


def swapped(asked: str, day: date) -> bytes:
    """Return a row whose assistant speaks first."""
    return line(chat(asked, day.isoformat())[::-1])


def empty(asked: str, _: date) -> bytes:
    """Return a row without an answer."""
    return line(chat(asked, ""))


def untyped(asked: str, day: date) -> bytes:
    """Return a row whose answer is a number."""
    return line(chat(asked, int(day.strftime("%Y%m%d"))))


def other_role(asked: str, day: date) -> bytes:
    """Return a row in which the user is called a human."""
    messages = chat(asked, day.isoformat())
    return line([{**messages[0], "role": "human"}, messages[1]])


def addressed(asked: str, day: date) -> bytes:
    """Return a row with an e-mail address in it."""
    return line(chat(f"{asked}, asks ann.lee{day.day}@example.org", day.isoformat()))


def wordy(asked: str, day: date) -> bytes:
    """Return a row many times longer than the others."""
    noise = "Forwarded message. Please see below, and let me know what date they mean. " * 40
    return line(chat(f"{noise}{asked}", day.isoformat()))


def stray(asked: str, day: date) -> bytes:
    """Return a row with a key that the others lack."""
    return line(chat(asked, day.isoformat()), note="checked by hand")


def twice(asked: str, day: date) -> bytes:
    """Return a row with one key twice."""
    return line(chat(asked, day.isoformat())).replace(
        b'{"role": "user", ', b'{"role": "user", "role": "user", ', 1
    )


PLANTED: tuple[tuple[Callable[[str, date], bytes], int], ...] = (
    (broken, 5),
    (latin1, 3),
    (swapped, 5),
    (empty, 6),
    (untyped, 3),
    (other_role, 4),
    (addressed, 8),
    (wordy, 4),
    (stray, 6),
    (twice, 3),
)
COPIES, CONFLICTS = 12, 6


def rows() -> list[bytes]:
    """Return all lines of the file."""
    draw = Draw(SEED)
    plain = [draw.pair() for _ in range(ROWS)]
    out = [line(chat(asked, day.isoformat())) for asked, day in plain]
    extra = [make(*draw.pair()) for make, count in PLANTED for _ in range(count)]
    extra += [out[draw.below(ROWS)] for _ in range(COPIES)]
    for _ in range(CONFLICTS):
        asked, day = plain[draw.below(ROWS)]
        extra.append(line(chat(asked, (day + timedelta(days=1)).isoformat())))
    for row in extra:
        out.insert(draw.below(len(out)), row)
    return out


def main(path: Path) -> None:
    """Write the file."""
    path.write_bytes(b"".join(row + b"\n" for row in rows()))
    print(f"{path.name}: {len(rows()):,} rows, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("dates.jsonl"))
