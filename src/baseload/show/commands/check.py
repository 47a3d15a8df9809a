"""``baseload check``: a case as a person would want to read it, once it holds together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from baseload.case.errors import InputError
from baseload.show.commands.arguments import AsJson


def command(
    case: Annotated[Path | None, typer.Argument(help="Case folder.", show_default=False)] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of a case and leave.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a case folder and print what it holds, what is known and what is not."""
    from baseload.show.terminal import print_json

    if schema:
        from baseload.case.table import json_schema

        print_json(json_schema())
        return
    if case is None:
        raise InputError(
            "baseload check",
            expected="a case folder, or --schema",
            found="neither",
            mend="write: baseload check CASE",
        )
    from baseload.case.load import load
    from baseload.case.outline import outline
    from baseload.plan.fleet import machine_of
    from baseload.plan.sizing.candidates import check_sizes

    loaded = load(case)
    for mine in loaded.tree.mine:
        machine_of(loaded, mine)
    check_sizes(loaded)
    found = outline(loaded)
    if as_json:
        print_json(found.to_json())
    else:
        from baseload.show.text import print_outline

        print_outline(found)
