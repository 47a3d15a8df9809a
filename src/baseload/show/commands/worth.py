"""``baseload worth``: which news is worth waiting for, and what deciding later is worth."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from baseload.show.commands.arguments import AsJson, CaseFolder, Names


def command(
    case: CaseFolder,
    scenarios: Annotated[
        int, typer.Option(min=20, help="Futures with gates open, the same for all alternatives.")
    ] = 300,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the futures.")] = 0,
    workers: Annotated[
        int,
        typer.Option(
            help="Processes that share the futures; 0 is one per processor. "
            "The result does not depend on it.",
            min=0,
        ),
    ] = 0,
    alternative: Names = None,
    indices: Annotated[
        int,
        typer.Option(
            help="Base sample of the design for shares of variance, a power of two such as 64; "
            "0 for shares of single unknowns, from the futures at hand.",
            min=0,
        ),
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Say which signal is worth waiting for before deciding between alternatives and nothing."""
    # Thousands of small regressions: threads of linear algebra only wait for one another.
    from baseload.case.load import load
    from baseload.plan.worth.study import worth_of
    from baseload.show.terminal import print_json, progress

    with progress() as report:
        report("reading the case", 0, 1)
        loaded = load(case)
        found = worth_of(
            loaded,
            tuple(alternative or ()) or None,
            scenarios=scenarios,
            seed=seed,
            workers=workers or os.cpu_count() or 1,
            indices=indices,
            progress=report,
        )
    if as_json:
        print_json({"scenarios": scenarios, "seed": seed, **found.to_json()})
    else:
        from baseload.show.worth_text import print_worth

        print_worth(found, loaded.tree.case.name, scenarios, seed)
