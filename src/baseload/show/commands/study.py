"""``baseload study``: every alternative of a case, today and if its gates open."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from baseload.case.errors import InputError
from baseload.show.commands.arguments import AsJson, Names

VIOLATED = 1


def command(
    case: Annotated[Path | None, typer.Argument(help="Case folder.", show_default=False)] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write the study to.", show_default=False)
    ] = None,
    alternative: Names = None,
    lang: Annotated[str, typer.Option(help="Language of the report: en or fr.")] = "en",
    seed: Annotated[int, typer.Option(help="Seed of whatever is drawn by chance.")] = 0,
    workers: Annotated[
        int,
        typer.Option(
            help="Processes that share the alternatives; 0 is one per processor. "
            "The result does not depend on it.",
            min=0,
        ),
    ] = 0,
    again: Annotated[
        Path | None,
        typer.Option(
            help="Make the study of this folder again, and say what differs.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Study a case, and write summary, results, cash flows, report and manifest to a folder.

    Leaves with 1 if a check of the result is violated or, with --again, something differs.
    """
    if again is not None:
        _repeat(again, case, as_json)
    elif case is None or out is None:
        raise InputError(
            "baseload study",
            expected="a case folder and --out DIR, or --again DIR",
            found="no case folder" if case is None else "no --out",
            mend="write: baseload study CASE --out DIR",
        )
    else:
        _make(
            case, out, tuple(alternative or ()), lang, seed, workers or os.cpu_count() or 1, as_json
        )


def _make(
    case: Path,
    out: Path,
    names: tuple[str, ...],
    lang: str,
    seed: int,
    workers: int,
    as_json: bool,
) -> None:
    from baseload.show.folder import Options, check_free, write_study
    from baseload.show.language import language
    from baseload.show.terminal import print_json, progress

    language(lang)
    check_free(out)
    from baseload.case.load import load
    from baseload.plan.cash.ledger import ReconciliationError
    from baseload.plan.results import violations
    from baseload.plan.study import study
    from baseload.show.translation import translation

    with progress() as report:
        report("reading the case", 0, 1)
        loaded = load(case)
        # A mistake in the case's own words is told before the work, not after it.
        translation(loaded, lang)
        try:
            made = study(loaded, names or None, seed=seed, workers=workers, progress=report)
        except ReconciliationError as error:
            print(f"money does not reconcile: {error}", file=sys.stderr)
            raise typer.Exit(VIOLATED) from None
        report("writing the study folder", 0, 1)
        write_study(made, Options(names, lang, seed), out, case)
    if as_json:
        print_json(made.summary())
    else:
        from baseload.show.text import print_study

        print_study(made)
        print(f"\nreport: {out / 'report.html'}")
    broken = violations(made)
    for line in broken:
        print(f"violated: {line}", file=sys.stderr)
    if broken:
        raise typer.Exit(VIOLATED)


def _repeat(folder: Path, case: Path | None, as_json: bool) -> None:
    from baseload.show.reproduce import again
    from baseload.show.terminal import print_json, progress

    with progress() as report:
        comparison = again(folder, case, report)
    if as_json:
        print_json(comparison.to_json())
    else:
        print(comparison)
    if not comparison.identical:
        raise typer.Exit(VIOLATED)
