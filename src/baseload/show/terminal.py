"""What the commands share: consoles, progress, and JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 120
"""Columns of a table that is not written to a terminal."""


class Progress(Protocol):
    """Told of every step of a long piece of work."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Say that ``step`` begins when ``done`` of ``total`` steps are behind it."""


def console() -> Console:
    """Return the console of standard output, wide enough for tables in a pipe."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def print_json(data: Any) -> None:
    """Print one JSON document and nothing else to standard output."""
    sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False, default=str) + "\n")


@contextmanager
def progress() -> Iterator[Progress]:
    """Show progress on standard error: a bar on a terminal, else one line per step."""
    if sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield _lines()


def _lines() -> Progress:
    said = ""

    def report(step: str, done: int, total: int) -> None:
        nonlocal said
        if step and step != said:
            said = step
            print(f"{step} ({min(done + 1, total)} of {total})", file=sys.stderr, flush=True)

    return report


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def report(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total)

        yield report
