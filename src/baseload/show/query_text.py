"""Answers from a record for people: pictures before a table; and as CSV and JSON lines."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Literal

from rich import box
from rich.markup import escape
from rich.table import Table

from baseload.show.plain import plain
from baseload.show.size_text import sparkline
from baseload.show.terminal import console

if TYPE_CHECKING:
    from baseload.record.query.asking import Answer, Index

BARS = 60
"""Blocks of a picture."""
PICTURES = 8
"""Pictures that are drawn at most."""
MOST = 200_000
"""Rows that are held for pictures and table; a question can have no end."""
FEWEST = 4
"""Rows from which on a picture says more than they do."""


def print_overview(index: Index) -> None:
    """Print what there is in a record, by type: when it was written, how much of it."""
    rows = index.overview()
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name, side in (("type", "left"), ("entries", "right"), ("sources", "right")):
        table.add_column(name, justify=side, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("from", no_wrap=True)
    table.add_column("to", no_wrap=True)
    table.add_column("in time", no_wrap=True)
    first = min((row["t0"] for row in rows), default=0)
    last = max((row["t1"] for row in rows), default=0)
    for row in rows:
        spread = index.spread(row["schema"], first, last, BARS // 2)
        table.add_row(
            row["schema"],
            f"{row['entries']:,}",
            f"{row['sources']:,}",
            day(row["t0"]),
            day(row["t1"]),
            marks(spread),
        )
    console().print(table)


def print_table(answer: Answer, times: frozenset[str], most: int) -> None:
    """Print an answer: a picture of each column of numbers, then its rows.

    Parameters
    ----------
    answer : the answer.
    times : columns that hold instants.
    most : rows that are shown.
    """
    rows = list(islice(answer.rows, MOST + 1))
    more = len(rows) > MOST
    del rows[MOST:]
    out = console()
    if not rows:
        out.print("no such entry")
        return
    for line in pictures(answer.columns, rows, times):
        out.print(line, soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    # A type has keys that hardly any event of it uses: they would leave no room for the others.
    used = [
        place for place in range(len(answer.columns)) if any(r[place] is not None for r in rows)
    ]
    for place in used:
        numbers = all(isinstance(row[place], (int, float)) for row in rows)
        side: Literal["right", "left"] = "right" if numbers else "left"
        table.add_column(escape(answer.columns[place]), overflow="fold", justify=side)
    for row in islice(rows, most):
        cells = (cell(row[place], answer.columns[place] in times) for place in used)
        table.add_row(*map(escape, cells))
    out.print(table)
    if len(rows) > most:
        told = f"{len(rows):,}{' and more' * more}"
        out.print(f"{most:,} of {told} rows; --limit shows more, --format csv all")


def pictures(
    names: Sequence[str], rows: Sequence[Sequence[Any]], times: frozenset[str]
) -> Iterator[str]:
    """Give a picture of each column of numbers in the order of the rows."""
    drawn = 0
    for place, name in enumerate(names):
        values = [row[place] for row in rows]
        plain = name not in times and name != "idx"
        numbers = plain and all(isinstance(one, (int, float)) for one in values)
        if not numbers or len(values) < FEWEST or min(values) == max(values):
            continue
        yield (
            f"{escape(name)}  {sparkline(grouped(values))}  "
            f"{cell(min(values), False)} to {cell(max(values), False)}"
        )
        drawn += 1
        if drawn == PICTURES:
            return


def grouped(values: Sequence[float]) -> list[float]:
    """Return the means of values in groups, at most as many as a picture has blocks."""
    step = max(len(values) / BARS, 1.0)
    edges = [round(place * step) for place in range(round(len(values) / step) + 1)]
    parts = [values[first:last] for first, last in pairwise(edges)]
    return [sum(part) / len(part) for part in parts if part]


def marks(counts: Sequence[int]) -> str:
    """Draw counts as blocks, with a dot where there is none."""
    drawn = sparkline([0, *counts])[1:]
    return "".join(block if count else "·" for block, count in zip(drawn, counts, strict=True))


def cell(value: Any, instant: bool) -> str:
    """Return a value as a person reads it.

    >>> cell(1767225600000, True), cell(25000000, False), cell(5.1e21, False)
    ('2026-01-01 00:00:00', '25,000,000', '5.1e+21')
    """
    if value is None:
        return "–"
    if instant and isinstance(value, int):
        return moment(value)
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e15 else f"{value:.6g}"
    if isinstance(value, bytes):
        return value.hex()
    return f"{value:,}" if isinstance(value, int) else plain(str(value))


def moment(time: int) -> str:
    """Return an instant [ms] as date and time, UTC."""
    try:
        found = datetime.fromtimestamp(time / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return f"{time} ms"
    return found.strftime("%Y-%m-%d %H:%M:%S") + (f".{time % 1000:03d}" if time % 1000 else "")


def day(time: int) -> str:
    """Return the day of an instant [ms]."""
    return moment(time)[:10]


def print_csv(answer: Answer) -> None:
    """Write an answer as CSV, its numbers as they are."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(answer.columns)
    shown = plain if sys.stdout.isatty() else str
    for row in answer.rows:
        writer.writerow([shown(value) if isinstance(value, str) else _hex(value) for value in row])


def print_lines(answer: Answer) -> None:
    """Write an answer as JSON lines."""
    for row in answer.rows:
        found = dict(zip(answer.columns, row, strict=True))
        # Escapes of JSON, so that a reader gets the same text.
        text = json.dumps(found, ensure_ascii=False, default=_hex)
        sys.stdout.write(plain(text) + "\n")


def _hex(value: Any) -> Any:
    """Return bytes in hex, and anything else as it is."""
    return value.hex() if isinstance(value, bytes) else value


def print_tables(tables: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Print the tables that can be asked, with their columns."""
    for name, columns in tables:
        console().print(f"[bold]{name}[/bold]  {', '.join(columns)}")
