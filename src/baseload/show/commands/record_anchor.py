"""``baseload record anchor``: put checkpoints into the public chain, and say how far they came."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baseload.record.anchor.standing import Anchor

VIOLATED = 1

app = typer.Typer(
    help="Put checkpoints into the public chain, so that nobody can claim to have had them later.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

LogFolder = Annotated[Path, typer.Argument(help="Folder of the log.", show_default=False)]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--anchors", help="Folder of the proofs; `anchors` beside the log.", show_default=False
    ),
]
Headers = Annotated[
    Path | None,
    typer.Option(help="Folder of block headers, to hold answers against.", show_default=False),
]
Calendars = Annotated[
    list[str],
    typer.Option(
        "--calendar",
        help="Address of a calendar to ask, once for each; no other is asked.",
        show_default=False,
    ),
]
Timeout = Annotated[float, typer.Option(min=0.1, help="Longest wait for the calendars [s].")]


@app.command()
def stamp(
    log: LogFolder,
    calendars: Calendars,
    anchors: Folder = None,
    need: Annotated[int, typer.Option(min=1, help="Calendars that must answer.")] = 2,
    timeout: Timeout = 20.0,
) -> None:
    """Hand the newest published checkpoint to calendars of OpenTimestamps.

    They see a hash of it and of a number drawn for the purpose, and promise to put that into a
    block. The promise is written to SIZE.ots; `upgrade` completes it some hours later.
    """
    from baseload.record.anchor.stamping import stamp as stamped

    typer.echo(f"asking   {', '.join(calendars)}")
    done = stamped(log, _beside(log, anchors), calendars, need, timeout=timeout)
    _alarm(done.alarms)
    if not done.fresh:
        typer.echo(f"anchor   {done.path} is there already; no calendar was asked")
        return
    typer.echo(f"anchor   {done.path}, checkpoint of {done.size:,} entries")
    for uri in done.calendars:
        typer.echo(f"pending  {uri}")


@app.command()
def upgrade(
    log: LogFolder,
    calendars: Calendars,
    anchors: Folder = None,
    headers: Headers = None,
    timeout: Timeout = 20.0,
) -> None:
    """Ask calendars which block holds what they promised, and complete the proofs.

    What a proof says already stays in it, whatever a calendar answers. Leaves with 1 where an
    anchor is broken.
    """
    from baseload.record.anchor.stamping import upgrade as upgraded

    typer.echo(f"asking   {', '.join(calendars)}")
    done = upgraded(log, _beside(log, anchors), calendars, headers, timeout)
    for text in done.told:
        typer.echo(f"waiting  {text}")
    _alarm(done.alarms)
    typer.echo(f"{len(done.completed):,} completed now")
    _tell(done.anchors)


@app.command()
def status(log: LogFolder, anchors: Folder = None, headers: Headers = None) -> None:
    """List all anchors: size, how far they came, and the height of their blocks; asks nobody.

    Leaves with 1 where an anchor is broken.
    """
    from baseload.record.anchor.standing import status as standing

    _tell(standing(log, _beside(log, anchors), headers))


@app.command()
def commitment(
    log: LogFolder,
    height: Annotated[
        int | None,
        typer.Option(min=0, help="Height of the block: print its coinbase script too."),
    ] = None,
) -> None:
    """Print what a block of your own must hold to anchor the newest published checkpoint.

    For whoever builds the blocks that the mine itself finds: either an output or the coinbase
    script takes the bytes. No calendar is needed then.
    """
    from baseload.record.anchor import commitment as made

    size, digest = made.checkpoint_digest(log)
    typer.echo(f"checkpoint  {size:,} entries")
    typer.echo(f"commitment  {made.commitment(digest).hex()}")
    typer.echo(f"output      {made.op_return(digest).hex()}")
    if height is not None:
        script = made.coinbase_script(height, digest)
        left = made.MAX_SCRIPT - len(script)
        typer.echo(f"coinbase    {script.hex()}, {left} bytes left for tag and extranonce")


def _beside(log: Path, anchors: Path | None) -> Path:
    return log.absolute().parent / "anchors" if anchors is None else anchors


def _alarm(texts: Iterable[str]) -> None:
    for text in texts:
        typer.echo(f"alarm: {text}", err=True)


def _tell(anchors: Iterable[Anchor]) -> None:
    """Print a table, and leave with 1 if an anchor is broken."""
    found = list(anchors)
    typer.echo(f"{'entries':>12}  {'state':<8}  {'since (UTC)':<16}  block")
    for anchor in found:
        typer.echo(
            f"{anchor.size:>12,}  {anchor.state:<8}  {_time(anchor.since)}  {_where(anchor)}"
        )
    if any(anchor.state == "broken" for anchor in found):
        raise typer.Exit(VIOLATED)


def _time(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def _where(anchor: Anchor) -> str:
    meaning = {True: "", False: " (another root in its header)", None: " (header not at hand)"}
    blocks = [f"{height:,}{meaning[holds]}" for height, holds in anchor.blocks]
    waiting = [f"waits for {uri}" for uri in anchor.waiting]
    return "; ".join([*blocks, *waiting, *([anchor.fault] if not blocks else [])]) or "–"
