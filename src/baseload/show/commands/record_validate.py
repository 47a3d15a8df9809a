"""``baseload record validate``: hold readings against rules, and estimate what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    log: Annotated[Path, typer.Argument(help="Folder of the log.", show_default=False)],
    rules: Annotated[
        Path | None, typer.Option(help="TOML file: limits, methods, ratings of meters.")
    ] = None,
    meter: Annotated[str | None, typer.Option(help="Only this meter.")] = None,
    period: Annotated[
        str | None, typer.Option(help="Year, month or day, as 2026-01; all by default.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Append the estimates to the log.")
    ] = False,
    key: Annotated[Path | None, typer.Option(help="Key file of the log, with --write.")] = None,
    keys: Annotated[
        Path | None, typer.Option(help="Folder with the keys of the sources, with --write.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Source of the estimates; that of each meter by default.")
    ] = None,
    passphrase: Annotated[
        str | None, typer.Option(envvar="BASELOAD_PASSPHRASE", help="Passphrase of the key files.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print all as JSON.")] = False,
) -> None:
    """Validate the readings of a log, and estimate what is missing or invalid.

    Prints a picture of each meter, then what is doubted and what would fill it. With --write the
    estimates become entries of their own, with method and reason; raw readings stay as they are.
    Leaves with 3 where something is doubted.
    """
    from contextlib import ExitStack

    from baseload.record.errors import StoreError
    from baseload.record.reader import Reader
    from baseload.record.vee.run import checked, drafts
    from baseload.record.vee.settings import Settings, read_settings
    from baseload.show import vee_text as text
    from baseload.show.commands.reconcile import span

    settings = read_settings(rules) if rules is not None else Settings()
    t0, t1 = span(period) if period else (None, None)
    with ExitStack() as stack:
        reader = Reader(log)
        if write:
            from baseload.record.appending import Appender

            if key is None:
                raise StoreError(
                    "--write",
                    expected="--key, and --keys where the keys of the sources lie elsewhere",
                    found="none",
                    mend="name the key file of the log",
                )
            opened = Appender.open(log, key, keys or key.parent, (passphrase or "").encode())
            appender = stack.enter_context(opened)
            reader = Reader(log, appender.log.size)  # what is not published yet counts as well
        found = checked(reader, settings, meter, t0, t1)
        if json:
            text.print_checked_json(found)
        else:
            text.print_checked(found)
        if write:
            made = appender.append(drafts(found, source))
            appender.vouch()
            typer.echo(f"{len(made):,} estimates appended", err=True)
    raise typer.Exit(3 if found.suspicions else 0)
