"""``baseload record example``: a synthetic record to work on, honest or not."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer


def command(
    out: Annotated[
        Path,
        typer.Option(help="Folder to make: log, keys, headers, anchors and kit.", dir_okay=True),
    ] = Path("example"),
    days: Annotated[int, typer.Option(help="Length of the record, 2 to 365 days.")] = 30,
    seed: Annotated[
        int, typer.Option(min=0, help="Seed: the same gives the same bytes, keys included.")
    ] = 0,
    tamper: Annotated[
        str | None,
        typer.Option(help="A way to cheat or to fail, by its name.", show_default=False),
    ] = None,
    size: Annotated[
        float | None,
        typer.Option(help="How large, in the tamper's own unit.", show_default=False),
    ] = None,
    tampers: Annotated[
        bool, typer.Option("--list", help="List the ways to cheat, and leave.")
    ] = False,
) -> None:
    """Make a synthetic record of a 100 MW mine beside a plant, and the kit of it."""
    if tampers:
        _list()
        return
    from baseload.record.example import make
    from baseload.show.terminal import progress
    from baseload.verify.bundle import bundle

    if sys.stderr.isatty():
        with progress() as report:
            made = make(out, days, seed, tamper, size, bundle(), partial(report, "days"))
    else:
        made = make(out, days, seed, tamper, size, bundle())
    typer.echo(f"{made.size:,} entries in {made.log}")
    typer.echo(f"kit    {made.kit}")
    typer.echo(f"policy {made.policy}")
    typer.echo(f"check  baseload inspect {made.kit} --policy {made.policy}")


def _list() -> None:
    from baseload.record.example.tampers.registry import everything

    for way in everything():
        size = f" ({way.size:g} {way.unit})" if way.size else ""
        typer.echo(f"{way.name}{size}\n  {way.story}")
