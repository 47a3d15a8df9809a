"""``baseload inspect``: check a record alone, offline."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def command(
    kit: Annotated[Path, typer.Argument(help="Folder or zip of the kit.")],
    log_key: Annotated[
        str | None, typer.Option(help="Verifier key of the log, as a party told it to you.")
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="File with the keys of log and witnesses, as told to you."),
    ] = None,
    charter: Annotated[
        str | None, typer.Option(help="Hash of the first entry, as a party told it to you.")
    ] = None,
    since: Annotated[
        Path | None, typer.Option(help="Earlier kit that this one must go on from.")
    ] = None,
    structure_only: Annotated[
        bool, typer.Option("--structure-only", help="Check hashes and signatures only.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes; as many as pay off.", show_default=False),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Keep in this file how far it came, and go on from there.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
    html: Annotated[Path | None, typer.Option(help="Page of the verdict to write.")] = None,
    entry: Annotated[
        int | None, typer.Option(min=0, help="Entry whose proof the page holds.")
    ] = None,
) -> None:
    """Check a record alone, offline, trusting none of those who wrote it.

    Leaves with 0 OK, 3 INCOMPLETE (not everything could be checked) or 4 FAILED (something is
    wrong). The file inspect.py of a kit does the same without baseload.
    """
    from baseload.verify.main import main

    arguments = [str(kit)]
    for name, value in (
        ("--log-key", log_key),
        ("--policy", policy),
        ("--charter", charter),
        ("--since", since),
        ("--workers", workers),
        ("--resume", resume),
        ("--html", html),
        ("--entry", entry),
    ):
        if value is not None:
            arguments += [name, str(value)]
    arguments += ["--structure-only"] if structure_only else []
    arguments += ["--json"] if json else []
    sys.exit(main(arguments, "baseload inspect"))
