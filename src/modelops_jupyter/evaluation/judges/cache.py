"""Replies of judges on disk: the same question to the same judge is paid for once."""

import hashlib
import json
import time
from collections.abc import Iterable

from modelops_jupyter._home import home
from modelops_jupyter._sqlite import Database

_APPLICATION = 0x4D4F4A43  # "MOJC"
_SCHEMA = (
    "CREATE TABLE reply(key TEXT PRIMARY KEY, reply TEXT NOT NULL, at REAL NOT NULL) STRICT, WITHOUT ROWID;"
)


def key_of(identity: str, prompt: str) -> str:
    """Name a question: the judge as it is now, and every word it sees."""
    return hashlib.sha256(json.dumps([identity, prompt]).encode()).hexdigest()


class ReplyCache:
    """`cache/judges.sqlite3` in the home folder."""

    def __init__(self) -> None:
        path = home() / "cache" / "judges.sqlite3"
        self._file = Database(path, application_id=_APPLICATION, migrations=[_SCHEMA], what="judge cache")

    def get(self, keys: Iterable[str]) -> dict[str, str]:
        """Return the replies that are there."""
        with self._file.read() as connection:
            found = (connection.execute("SELECT key, reply FROM reply WHERE key = ?", (k,)) for k in keys)
            return {row["key"]: row["reply"] for rows in found for row in rows}

    def put(self, key: str, reply: str) -> None:
        """Keep a reply; it is on disk when this returns."""
        with self._file.write() as connection:
            connection.execute("INSERT OR REPLACE INTO reply VALUES(?, ?, ?)", (key, reply, time.time()))

    def close(self) -> None:
        """Close this thread's connection."""
        self._file.close()
