"""``baseload study``: every alternative of a case, today and if its gates open."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baseload.case.errors import InputError
from baseload.show.commands.arguments import AsJson, Names

if TYPE_CHECKING:
    from baseload.show.folder import Options
    from baseload.show.make import Means

VIOLATED = 1


def command(
    case: Annotated[Path | None, typer.Argument(help="Case folder.", show_default=False)] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write the study to.", show_default=False)
    ] = None,
    alternative: Names = None,
    lang: Annotated[str, typer.Option(help="Language of the report: en or fr.")] = "en",
    seed: Annotated[int, typer.Option(help="Seed of whatever is drawn by chance.")] = 0,
    scenarios: Annotated[
        int, typer.Option(help="Futures to take every alternative through; 0: base values only.")
    ] = 0,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Processes that share the work; 0, or nothing, is one per processor. "
            "The result does not depend on it.",
            min=0,
            show_default=False,
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Dask scheduler whose workers compute the futures: tcp://host:port.",
            show_default=False,
        ),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            help="Keep more of the first futures: hourly, every hour of them.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with futures that were interrupted.")
    ] = False,
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
    _check_means(workers, cluster, scenarios > 0 or again is not None)
    processes = workers or os.cpu_count() or 1
    if again is not None:
        _check_again(scenarios, keep, resume)
        _repeat(again, case, processes, cluster, as_json)
    elif case is None or out is None:
        raise InputError(
            "baseload study",
            expected="a case folder and --out DIR, or --again DIR",
            found="no case folder" if case is None else "no --out",
            mend="write: baseload study CASE --out DIR",
        )
    else:
        _check_futures(scenarios, seed, keep, resume)
        from baseload.show.folder import Options
        from baseload.show.make import Means, unfinished

        options = Options(
            tuple(alternative or ()), lang, seed, scenarios, tuple(dict.fromkeys(keep or ()))
        )
        means = Means(processes, cluster, unfinished(out) if scenarios else None, resume)
        _make(case, out, options, means, as_json)


def _check_means(workers: int | None, cluster: str | None, futures: bool) -> None:
    if cluster is None:
        return
    if workers is not None:
        raise InputError(
            f"--cluster {cluster} --workers {workers}",
            expected="processes of this machine or a cluster",
            found="both",
            mend="leave --workers out: the cluster's own workers compute",
        )
    if not futures:
        raise _without_futures(f"--cluster {cluster}")
    from baseload.plan.ensemble.cluster import check_address

    check_address(cluster)


def _check_futures(scenarios: int, seed: int, keep: list[str] | None, resume: bool) -> None:
    if scenarios < 0:
        raise InputError(
            f"--scenarios {scenarios}",
            expected="a number of futures, or 0 for base values only",
            found=str(scenarios),
            mend="write --scenarios 500",
        )
    if scenarios and seed < 0:
        raise InputError(
            f"--seed {seed}",
            expected="a whole number of at least 0",
            found=str(seed),
            mend="write --seed 0",
        )
    if resume and not scenarios:
        raise _without_futures("--resume")
    for kind in keep or ():
        if kind != "hourly":
            raise InputError(
                f"--keep {kind}",
                expected="hourly",
                found=f'"{kind}"',
                mend="write --keep hourly, or leave it out",
            )
        if not scenarios:
            raise _without_futures(f"--keep {kind}")


def _check_again(scenarios: int, keep: list[str] | None, resume: bool) -> None:
    if not (scenarios or keep or resume):
        return
    raise InputError(
        "baseload study --again",
        expected="the options of the study that is made again, which its manifest holds",
        found="--resume" if resume else "--scenarios" if scenarios else "--keep",
        mend="leave it out",
    )


def _without_futures(option: str) -> InputError:
    return InputError(
        option,
        expected="futures, which it is about",
        found="no --scenarios",
        mend="add --scenarios 500, or leave it out",
    )


def _make(case: Path, out: Path, options: Options, means: Means, as_json: bool) -> None:
    from baseload.show.folder import check_free, write_study
    from baseload.show.language import language
    from baseload.show.terminal import print_json, progress

    language(options.lang)
    check_free(out)
    from baseload.case.load import load
    from baseload.plan.cash.ledger import ReconciliationError
    from baseload.plan.results import violations
    from baseload.show.make import make
    from baseload.show.translation import translation

    with progress() as report:
        report("reading the case", 0, 1)
        loaded = load(case)
        # A mistake in the case's own words is told before the work, not after it.
        translation(loaded, options.lang)
        try:
            made = make(loaded, options, means, report)
        except ReconciliationError as error:
            print(f"money does not reconcile: {error}", file=sys.stderr)
            raise typer.Exit(VIOLATED) from None
        except KeyboardInterrupt:
            if means.folder is not None and means.folder.is_dir():
                print("finished futures are kept: go on with --resume", file=sys.stderr)
            raise
        report("writing the study folder", 0, 1)
        write_study(made, options, out, case)
    if as_json:
        print_json(made.summary())
    else:
        from baseload.show.text import print_study

        print_study(made)
        print(f"\nreport: {out / 'report.html'}")
    broken = violations(made)
    if means.folder is not None:
        from baseload.plan.ensemble.chunks import remove

        remove(means.folder)
    for line in broken:
        print(f"violated: {line}", file=sys.stderr)
    if broken:
        raise typer.Exit(VIOLATED)


def _repeat(
    folder: Path, case: Path | None, workers: int, cluster: str | None, as_json: bool
) -> None:
    from baseload.show.make import Means
    from baseload.show.reproduce import again
    from baseload.show.terminal import print_json, progress

    with progress() as report:
        comparison = again(folder, case, report, Means(workers, cluster))
    if as_json:
        print_json(comparison.to_json())
    else:
        print(comparison)
    if not comparison.identical:
        raise typer.Exit(VIOLATED)
