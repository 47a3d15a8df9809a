"""The command line: ``baseload COMMAND``.

Exit codes: 0 done; 1 a check is violated or a study is not reproduced; 2 bad input;
130 interrupted. Each command lives in its own module of ``commands`` and imports what it
needs when it runs, so that help stays quick.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from baseload.case.errors import InputError
from baseload.record.errors import RecordError
from baseload.show.commands import (
    check,
    coins,
    dispatch,
    fit,
    hashprice,
    inspect,
    machines,
    network,
    reconcile,
    record,
    size,
    study,
    witness,
    worth,
)
from baseload.show.plain import plain

BAD_INPUT = 2
BROKEN_PIPE = 1

app = typer.Typer(
    name="baseload",
    help="Plan, record and check Bitcoin mining on the surplus electricity of a power station.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for _module in (check, study, dispatch, fit, machines, hashprice, coins, network, size, worth):
    app.command(_module.__name__.rpartition(".")[2])(_module.command)
app.command("inspect")(inspect.command)
app.command("reconcile")(reconcile.command)
app.add_typer(record.app, name="record")
app.add_typer(witness.app, name="witness")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"baseload {version('baseload')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Small matrices by the thousand: threads of their own would only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # a full disk is told here, and not after the exit code
    except (InputError, RecordError) as error:
        print(plain(str(error)), file=sys.stderr)
        sys.exit(BAD_INPUT)
    except OSError as error:
        _leave_with(error)


def _leave_with(error: OSError) -> None:
    """Tell of a file that the operating system did not let be used, and leave."""
    # What is left in the buffer would be tried once more, and fail once more, at the end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # who reads has enough
        sys.exit(BROKEN_PIPE)
    print(
        f"{plain(str(error.filename)) if error.filename else 'standard output'}\n"
        f"  expected a file or folder that can be used\n  found    {error.strerror or error}\n"
        "  name another one, or make room",
        file=sys.stderr,
    )
    sys.exit(BAD_INPUT)
