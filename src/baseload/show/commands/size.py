"""``baseload size``: how many megawatts of what, over all futures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from baseload.show.commands.arguments import AsJson, CaseFolder, Name, share


def command(
    case: CaseFolder,
    alternative: Name,
    scenarios: Annotated[
        int, typer.Option(min=1, help="Futures, the same for all sizes.", show_default=False)
    ],
    seed: Annotated[int, typer.Option(help="Seed of the futures.")] = 0,
    workers: Annotated[
        int,
        typer.Option(
            help="Processes that share the futures; 0 is one per processor. "
            "The result does not depend on it.",
            min=0,
        ),
    ] = 0,
    opened: Annotated[
        bool,
        typer.Option(
            "--opened",
            help="Let all gates open that the alternative waits for, when they would; all else "
            "is drawn.",
        ),
    ] = False,
    risk: Annotated[
        str,
        typer.Option(
            help="What is maximised: expected, or cvar:ALPHA:WEIGHT, the mean of the worst share "
            "ALPHA of futures with that weight and the mean of all with the rest."
        ),
    ] = "expected",
    gap: Annotated[
        str, typer.Option(help="Relative distance from the bound that is good enough.")
    ] = "0.1%",
    out: Annotated[
        Path | None, typer.Option(help="Picture of the curve to write: .svg.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Size an alternative: best megawatts, the curve around them, and what more room is worth."""
    from baseload.plan.sizing.risk import parse_risk

    measure, near = parse_risk(risk), share(gap, "--gap")
    if out is not None:
        from baseload.show.picture_file import check_picture

        check_picture(out, (".svg",))
    from baseload.case.load import load
    from baseload.plan.sizing.size import size
    from baseload.show.terminal import print_json, progress

    with progress() as report:
        report("reading the case", 0, 1)
        found = size(
            load(case),
            alternative,
            scenarios=scenarios,
            seed=seed,
            workers=workers or os.cpu_count() or 1,
            opened=opened,
            risk=measure,
            gap=near,
            progress=report,
        )
    if out is not None:
        from baseload.show.picture_file import save_picture
        from baseload.show.size_picture import picture

        save_picture(picture(found), out)
    if as_json:
        from baseload.show.size_text import sizing_json

        print_json(sizing_json(found))
    else:
        from baseload.show.size_text import print_sizing

        print_sizing(found)
