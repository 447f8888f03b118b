"""Every store's ground: its own file or none, migrated by number, safe among threads and processes."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from modelops_jupyter._sqlite import Database, numbered
from modelops_jupyter.errors import StoreError

MARK = 0x74657374
FIRST = "CREATE TABLE a(x INTEGER NOT NULL) STRICT;\nCREATE TABLE b(y);"
SECOND = "ALTER TABLE b ADD COLUMN z;"


def open_database(path: Path, *scripts: str, network: bool = False) -> Database:
    return Database(
        path, application_id=MARK, migrations=scripts or (FIRST,), what="test store", network=network
    )


def pragma(path: Path, name: str) -> object:
    with sqlite3.connect(path) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


def test_a_new_file_carries_mark_and_version(path: Path) -> None:
    open_database(path)
    assert (pragma(path, "application_id"), pragma(path, "user_version")) == (MARK, 1)


def test_the_mark_stands_in_the_file_itself_before_any_checkpoint(path: Path) -> None:
    database = open_database(path)
    assert int.from_bytes(path.read_bytes()[68:72], "big") == MARK
    database.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all, just some text that is long enough" * 3, b"SQLite format 3\0", b"x"]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match="not a test store") as caught:
        open_database(path)
    assert caught.value.code == "not-a-store"
    assert path.read_bytes() == content
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_strangers_database_is_refused_and_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as stranger:
        stranger.execute("CREATE TABLE precious(x)")
    stranger.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a test store"):
        open_database(path)
    assert path.read_bytes() == before


def test_a_newer_file_is_refused_and_left_alone(path: Path) -> None:
    open_database(path, FIRST, SECOND).close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer version") as caught:
        open_database(path, FIRST)
    assert caught.value.code == "newer-store"
    assert path.read_bytes() == before


def test_an_older_file_is_migrated_with_its_rows(path: Path) -> None:
    old = open_database(path, FIRST)
    with old.write() as db:
        db.execute("INSERT INTO b VALUES (7)")
    old.close()
    new = open_database(path, FIRST, SECOND)
    with new.read() as db:
        assert [tuple(row) for row in db.execute("SELECT y, z FROM b")] == [(7, None)]


def test_a_migration_that_fails_changes_nothing(path: Path) -> None:
    open_database(path, FIRST).close()
    with pytest.raises(StoreError, match="cannot be used"):
        open_database(path, FIRST, SECOND + "\nALTER TABLE missing ADD COLUMN q;")
    assert pragma(path, "user_version") == 1
    with sqlite3.connect(path) as connection:
        assert [row[1] for row in connection.execute("PRAGMA table_info(b)")] == ["y"]


def test_a_truncated_file_is_a_plain_error(path: Path) -> None:
    database = open_database(path)
    database.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StoreError, match="test store cannot be used"), open_database(path).read() as db:
        db.execute("SELECT * FROM a").fetchall()


def test_a_transaction_that_raises_leaves_nothing(path: Path) -> None:
    database = open_database(path)
    with pytest.raises(sqlite3.IntegrityError), database.write() as db:
        db.executemany("INSERT INTO a VALUES (?)", [(1,), (None,)])
    with database.read() as db:
        assert db.execute("SELECT count(*) FROM a").fetchone()[0] == 0


@pytest.mark.parametrize(("network", "journal", "synchronous"), [(False, "wal", 2), (True, "truncate", 3)])
def test_journal_and_durability_follow_the_disk(
    path: Path, network: bool, journal: str, synchronous: int
) -> None:
    connection = open_database(path, network=network).connection()
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == journal
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == synchronous
    assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_each_thread_has_its_own_connection(path: Path) -> None:
    database = open_database(path)
    seen: list[sqlite3.Connection] = []
    thread = threading.Thread(target=lambda: seen.append(database.connection()))
    thread.start()
    thread.join()
    assert database.connection() is database.connection()
    assert seen[0] is not database.connection()


def test_a_forked_child_is_refused(path: Path) -> None:
    database = open_database(path)
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            database.connection()
            os.write(write_end, b"worked")
        except StoreError as error:
            os.write(write_end, str(error).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    os.waitpid(child, 0)
    assert "fork" in os.read(read_end, 500).decode()
    os.close(read_end)


def test_data_version_differs_after_a_commit_by_us_or_by_another(path: Path) -> None:
    ours, theirs = open_database(path), open_database(path)
    versions = {ours.data_version()}
    for database in (ours, theirs):
        with database.write() as db:
            db.execute("INSERT INTO a VALUES (1)")
        versions.add(ours.data_version())
    assert len(versions) == 3
    assert ours.data_version() in versions


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="test store cannot be used"):
        open_database(tmp_path / "file" / "store.sqlite3")


def test_migrations_of_a_package_come_in_order() -> None:
    scripts = numbered("modelops_jupyter.fine_tuning")
    assert "CREATE TABLE job(" in scripts[0]


def test_opening_again_does_not_drop_the_locks_that_keep_the_log(path: Path) -> None:
    database = open_database(path)
    with database.write() as db:
        db.execute("INSERT INTO a VALUES (1)")
    for again in (database.connection, lambda: open_database(path)):  # another thread, another instance
        thread = threading.Thread(target=again)
        thread.start()
        thread.join()
    write = (
        f"import sqlite3; c = sqlite3.connect({str(path)!r}); "
        "c.execute('INSERT INTO a VALUES (2)'); c.commit(); c.close()"
    )
    subprocess.run([sys.executable, "-c", write], check=True)
    # The other process was not the last one: it must not have folded the log away under us.
    assert path.with_name(path.name + "-wal").exists()
    with database.read() as db:
        assert [row["x"] for row in db.execute("SELECT x FROM a ORDER BY x")] == [1, 2]
