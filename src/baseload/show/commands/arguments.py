"""Arguments that several commands take, and their completion in a shell."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Annotated

import typer

from baseload.case.errors import InputError


def alternatives_of(folder: Path) -> list[str]:
    """Return the names in the folder's ``alternatives.toml``; none where it cannot be read."""
    import tomllib

    try:
        tree = tomllib.loads((folder / "alternatives.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    named = tree.get("alternative", {})
    return list(named) if isinstance(named, dict) else []


def _complete_alternative(ctx: typer.Context, incomplete: str) -> list[str]:
    # While its last option lacks a value a command line is not parsed: its words are in args.
    words = [ctx.params.get("case"), *(word for word in ctx.args if not word.startswith("-"))]
    folder = next((word for word in words if word), None)
    names = alternatives_of(Path(folder)) if folder else []
    return [name for name in names if name.startswith(incomplete)]


CaseFolder = Annotated[Path, typer.Argument(help="Case folder.", show_default=False)]
Passphrase = Annotated[
    str,
    typer.Option(
        help="Passphrase of the key files.",
        envvar="BASELOAD_PASSPHRASE",
        prompt=True,
        hide_input=True,
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Names = Annotated[
    list[str] | None,
    typer.Option(
        "--alternative",
        help="Only this alternative; may be repeated.",
        autocompletion=_complete_alternative,
        show_default=False,
    ),
]
Name = Annotated[
    str,
    typer.Option(
        help="Name of the alternative.",
        autocompletion=_complete_alternative,
        show_default=False,
    ),
]


def day(text: str, option: str) -> dt.date:
    """Read a calendar day.

    Parameters
    ----------
    text : as typed.
    option : the option it was given to, for the message.

    Raises
    ------
    InputError
        Not a day of the calendar.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(
            option,
            expected="a day such as 2025-03-01",
            found=repr(text),
            mend="write year-month-day",
        ) from None


def share(text: str, option: str) -> float:
    """Read a share between 0 and 1, as ``2%``, ``2 %`` or ``0.02``.

    Raises
    ------
    InputError
        Not a number, or outside 0 to 1.
    """
    from baseload.case.units import parse

    value = parse(text, "1", where=option)
    if not 0 <= value <= 1:
        raise InputError(
            f"{option} = {text!r}",
            expected="a share between 0 and 1",
            found=f"{value:g}",
            mend='write it as "2%" or 0.02',
        )
    return value


def positive(text: str, option: str) -> float:
    """Read a plain number above zero, such as ``126.98e12``.

    Raises
    ------
    InputError
        Not a number, not finite, or not above zero.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise InputError(
            f"{option} = {text!r}",
            expected="a number above zero",
            found=repr(text),
            mend="write digits only, such as 91000 or 126.98e12",
        )
    return value
