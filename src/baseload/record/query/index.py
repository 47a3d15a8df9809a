"""The index of a log: an SQLite file bound to size and root, made anew whenever it does not fit.

It is made from the entries, each of which is hashed and held against its tile, so that it never
tells of an entry that is not in the tree. Entries that were added since are added to it, in one
transaction. The file can be deleted at any time.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from baseload.record.errors import StoreError
from baseload.record.events import parse
from baseload.record.events.event import Event
from baseload.record.merkle import leaf_hash
from baseload.record.query.tables import (
    SHARED,
    Value,
    columns,
    entry_row,
    event_row,
    statements,
    table_name,
)
from baseload.record.reader import Reader
from baseload.record.tiles import WIDTH

FORM = "1"
"""Form of the tables: an index of another form is made anew."""
NAME = "index.sqlite"
Progress = Callable[[int, int], None]


def indexed(
    log: Path, path: Path | None = None, anew: bool = False, progress: Progress | None = None
) -> Path:
    """Make sure that there is an index of all published entries of a log; return its file.

    Parameters
    ----------
    log : folder of a log, a copy or a kit.
    path : file of the index; ``index.sqlite`` in the folder of the log by default.
    anew : make it anew even if it fits.
    progress : is told how many entries are in it, of how many.

    Raises
    ------
    StoreError
        The file cannot be written, or an entry of the log is not the one in its tree.
    RecordError
        The log cannot be read.
    """
    reader = Reader(log)
    target = path or Path(log) / NAME
    try:
        known = None if anew else _fitting(target, reader)
        if known is None:
            if path is not None:
                _check_free(path)
            part = target.with_name(f"{target.name}.{os.getpid()}.making")
            try:
                _make(part, reader, progress)
                os.replace(part, target)
            finally:
                part.unlink(missing_ok=True)
        elif known < reader.size:
            with closing(sqlite3.connect(target, timeout=30.0)) as database:
                _fill(database, reader, progress)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"index {target}",
            expected="a file that can be written",
            found=str(error),
            mend="name another place with --index",
        ) from None
    return target


def _check_free(path: Path) -> None:
    """Make sure that a file that was named is none, or an index: nothing else is written over."""
    if not path.exists() or _is_index(path) or (path.is_file() and not path.stat().st_size):
        return
    raise StoreError(
        f"index {path}",
        expected="a free name, or an index of a record",
        found="another file, or a damaged index",
        mend="name another place with --index, or remove the file yourself",
    )


def _is_index(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            return bool(database.execute("SELECT 1 FROM meta WHERE key = 'form'").fetchone())
    except sqlite3.Error:
        return False


def _fitting(path: Path, reader: Reader) -> int | None:
    """Return how many entries an index holds, if it is one of this log as it is."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            meta = dict(database.execute("SELECT key, value FROM meta"))
        size = int(meta["size"])
        fits = meta["form"] == FORM and size <= reader.size
        return size if fits and reader.root(size).hex() == meta["root"] else None
    except (sqlite3.DatabaseError, KeyError, ValueError):
        return None


def _make(path: Path, reader: Reader, progress: Progress | None) -> None:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database:
        # Nothing of this file counts before it has its name, so nothing of it need be durable.
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        with database:
            for statement in statements():
                database.execute(statement)
            database.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [("form", FORM), ("size", "0"), ("root", reader.root(0).hex())],
            )
        _fill(database, reader, progress)


def _fill(database: sqlite3.Connection, reader: Reader, progress: Progress | None) -> None:
    """Add the entries that are not in it yet, all or none of them."""
    database.isolation_level = None
    database.execute("BEGIN IMMEDIATE")
    try:
        done = int(database.execute("SELECT value FROM meta WHERE key = 'size'").fetchone()[0])
        while done < reader.size:
            end = min(done // WIDTH * WIDTH + WIDTH, reader.size)
            _insert(database, reader, done, end)
            done = end
            if progress is not None:
                progress(done, reader.size)
        for key, value in (("size", str(reader.size)), ("root", reader.root().hex())):
            database.execute("UPDATE meta SET value = ? WHERE key = ?", (value, key))
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise


def _insert(database: sqlite3.Connection, reader: Reader, first: int, last: int) -> None:
    rows: list[tuple[Value, ...]] = []
    special: dict[str, list[tuple[Value, ...]]] = defaultdict(list)
    for index, data in enumerate(reader.entries(first, last), first):
        event = _checked(reader, index, data)
        rows.append(entry_row(index, event))
        special[event.schema].append(event_row(index, event))
    database.executemany(f"INSERT INTO entry VALUES ({_marks(len(rows[0]))})", rows)
    for schema, found in special.items():
        marks = _marks(len(SHARED) + len(columns(schema)))
        database.executemany(f"INSERT INTO {table_name(schema)} VALUES ({marks})", found)


def _checked(reader: Reader, index: int, data: bytes) -> Event:
    if leaf_hash(data) != reader.node(0, index):
        raise StoreError(
            f"log {reader.folder}, entry {index}",
            expected="the entry that its tile was made of",
            found="another",
            mend="inspect the log: baseload inspect shows what was changed",
        )
    return parse(data, f"entry {index}")


def _marks(count: int) -> str:
    return ", ".join("?" * count)
