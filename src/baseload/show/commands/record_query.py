"""``baseload record query``: look for entries of a record, by time, type and source, or in SQL."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How an answer is written."""

    table = "table"
    csv = "csv"
    jsonl = "jsonl"


def command(
    log: Annotated[Path, typer.Argument(help="Folder of a log or kit.", show_default=False)],
    sql: Annotated[
        str | None, typer.Argument(help="A question in SQL, which can read and nothing else.")
    ] = None,
    schema: Annotated[str | None, typer.Option(help="Type of event, as meter.reading.")] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    period: Annotated[
        str | None, typer.Option(help="Year, month or day in which they end, as 2026-01.")
    ] = None,
    where: Annotated[str | None, typer.Option(help="A condition in SQL.")] = None,
    last: Annotated[int | None, typer.Option(min=1, help="Only the newest so many.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows of the table that are shown.")] = 40,
    form: Annotated[Format, typer.Option("--format", help="table, csv or jsonl.")] = Format.table,
    tables: Annotated[bool, typer.Option("--tables", help="List tables and columns.")] = False,
    index: Annotated[
        Path | None, typer.Option(help="File of the index; index.sqlite in the folder by default.")
    ] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make the index anew.")] = False,
) -> None:
    """Look for entries: a picture, then a table. Without a question: what there is.

    An index is made from the published entries, added to, or made anew, as the log asks for. It is
    never the truth: what it tells can be proved with `record prove` and the idx that it gives.
    """
    from baseload.record.query.asking import Index, Question, time_columns
    from baseload.record.query.asking import tables as tables_of
    from baseload.record.query.index import indexed
    from baseload.show import query_text as text
    from baseload.show.commands.reconcile import span
    from baseload.show.terminal import progress

    if tables:
        text.print_tables(tables_of().items())
        return
    t0, t1 = span(period) if period else (None, None)
    question = Question(schema, source, t0, t1, where, last)
    if sys.stderr.isatty():
        with progress() as report:
            path = indexed(log, index, rebuild, lambda done, size: report("index", done, size))
    else:
        path = indexed(log, index, rebuild)
    with Index(path) as found:
        if sql is None and question == Question():
            text.print_overview(found)
            return
        answer = found.ask(sql) if sql is not None else found.ask(*question.sql())
        if form is Format.csv:
            text.print_csv(answer)
        elif form is Format.jsonl:
            text.print_lines(answer)
        else:
            text.print_table(answer, time_columns(), limit)
