"""Questions to an index: by type, source and time, or in SQL that can read and nothing else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from baseload.record.errors import RecordError
from baseload.record.events.event import BODIES
from baseload.record.query.tables import ENTRY_COLUMNS, SHARED, columns, table_name

READING = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
"""What a question may do."""


class QueryError(RecordError):
    """A question that cannot be answered."""


@dataclass(frozen=True)
class Question:
    """Which entries are asked for.

    Parameters
    ----------
    schema : their type, as ``meter.reading/1`` or ``meter.reading``.
    source : who wrote them.
    t0, t1 : they end in this period [ms], its end not in it.
    where : a condition in SQL.
    last : only so many, the newest.
    """

    schema: str | None = None
    source: str | None = None
    t0: int | None = None
    t1: int | None = None
    where: str | None = None
    last: int | None = None

    def sql(self) -> tuple[str, list[int | str]]:
        """Return it in SQL, with its values.

        Raises
        ------
        QueryError
            There is no such type.
        """
        conditions, values = [], []
        for text, value in (
            ("source = ?", self.source),
            ("t1 >= ?", self.t0),
            ("t1 < ?", self.t1),
        ):
            if value is not None:
                conditions.append(text)
                values.append(value)
        conditions += [f"({self.where})"] if self.where else []
        told = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        found = f"SELECT * FROM {self._table()}{told} ORDER BY idx"
        if self.last is not None:
            found = f"SELECT * FROM ({found} DESC LIMIT {int(self.last)}) ORDER BY idx"
        return found, values

    def _table(self) -> str:
        if self.schema is None:
            return "entry"
        full = self.schema if "/" in self.schema else f"{self.schema}/1"
        if full not in BODIES:
            raise QueryError(
                f"--schema {self.schema}",
                expected=f"one of {', '.join(BODIES)}",
                found=self.schema,
                mend="leave it out to see all",
            )
        return table_name(full)


class Answer(NamedTuple):
    """Rows of an answer, read as they are asked for.

    Parameters
    ----------
    columns : their names.
    rows : the rows.
    """

    columns: tuple[str, ...]
    rows: Iterator[Sequence[Any]]


class Index:
    """An index, open for reading. Use as a context manager.

    Parameters
    ----------
    path : its file.
    """

    def __init__(self, path: Path) -> None:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        self._database = sqlite3.connect(uri, uri=True, timeout=30.0)
        self._database.create_aggregate("exact_sum", 1, _ExactSum)  # type: ignore[arg-type]
        self._database.create_function("field", 2, _field_of, deterministic=True)
        self._database.set_authorizer(_reads_only)

    def ask(self, sql: str, values: Sequence[int | str] = ()) -> Answer:
        """Answer a question in SQL.

        Raises
        ------
        QueryError
            It is not one statement that reads, or names what there is not.
        """
        try:
            cursor = self._database.execute(sql, values)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _refused(sql, error) from None
        names = tuple(one[0] for one in cursor.description or ())
        if not names:
            raise _refused(sql, ValueError("a statement that gives no rows"))
        return Answer(names, _rows_of(cursor, sql))

    def overview(self) -> list[dict[str, Any]]:
        """Return for each type of event how many there are, from when to when."""
        rows = self._database.execute(
            "SELECT schema, COUNT(*), COUNT(DISTINCT source), MIN(t0), MAX(t1) FROM entry "
            "GROUP BY schema ORDER BY MIN(idx)"
        )
        names = ("schema", "entries", "sources", "t0", "t1")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def spread(self, schema: str, t0: int, t1: int, parts: int) -> list[int]:
        """Return how many entries of a type end in each of so many equal parts of a period."""
        step = max((t1 - t0) / parts, 1.0)
        found = [0] * parts
        for place, count in self._database.execute(
            "SELECT MIN(CAST((t1 - ?) / ? AS INTEGER), ?) AS place, COUNT(*) FROM entry "
            "WHERE schema = ? GROUP BY place",
            (t0, step, parts - 1, schema),
        ):
            found[place] = count
        return found

    def close(self) -> None:
        """Close it."""
        self._database.close()

    def __enter__(self) -> Index:
        """Return the index itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def tables() -> dict[str, tuple[str, ...]]:
    """Return the columns of every table that can be asked."""
    found: dict[str, tuple[str, ...]] = {"entry": ENTRY_COLUMNS}
    for schema in BODIES:
        found[table_name(schema)] = (*SHARED, *(column.name for column in columns(schema)))
    return found


def time_columns() -> frozenset[str]:
    """Return the names of all columns that hold instants [ms since 1970]."""
    own = {one.name for schema in BODIES for one in columns(schema) if one.kind == "time"}
    return frozenset({"t0", "t1"} | own)


class _ExactSum:
    """Sum of integers of any length, written as text: SUM() ends at 63 bits."""

    def __init__(self) -> None:
        self._sum = 0

    def step(self, value: int | float | str | None) -> None:
        """Add a value."""
        if isinstance(value, float):
            raise TypeError("a real number is not exact: take field(body, 'key') from entry")
        if value is not None:
            self._sum += int(value)

    def finalize(self) -> str:
        """Return the sum."""
        return str(self._sum)


def _field_of(body: str, key: str) -> str | None:
    """Return a value of a body as it was written; integers of any length are text."""
    found = json.loads(body).get(key)
    return found if found is None or isinstance(found, str) else json.dumps(found)


def _rows_of(cursor: sqlite3.Cursor, sql: str) -> Iterator[Sequence[Any]]:
    try:
        # `yield from` would close the cursor, which a database that is closed already forbids.
        for row in cursor:  # noqa: UP028
            yield row
    except sqlite3.Error as error:
        raise _refused(sql, error) from None


def _reads_only(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY


def _refused(sql: str, error: Exception) -> QueryError:
    return QueryError(
        f"query {sql[:200]!r}",
        expected="one SELECT over the tables that --tables lists",
        found=str(error),
        mend="make the index anew with --rebuild"
        if "malformed" in str(error)
        else "see docs/record.md for questions that are answered",
    )
