"""Making a study as its options ask, for the command and for making it again."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baseload.case.case import Case
    from baseload.plan.ensemble.result import Ensemble
    from baseload.plan.outcome import Study
    from baseload.plan.sizing.result import Sizing
    from baseload.show.folder import Options
    from baseload.show.terminal import Progress


SIZED = 40
"""Futures, all of them with open gates, in which the best size is looked for."""


@dataclass(frozen=True)
class Means:
    """Who computes, and where what is finished is kept: nothing of it shows in the result.

    Parameters
    ----------
    workers : processes of this machine.
    cluster : address of a Dask scheduler that computes futures instead.
    folder : where finished futures are kept; a temporary one if not given.
    resume : take what an interrupted run has left there.
    """

    workers: int = 1
    cluster: str | None = None
    folder: Path | None = None
    resume: bool = False


def unfinished(out: Path) -> Path:
    """Return the folder for finished futures of a study that is not written yet."""
    whole = Path(os.path.abspath(out))
    return whole.with_name(f".{whole.name}.part")


def make(case: Case, options: Options, means: Means, progress: Progress | None = None) -> Study:
    """Study a case at base values and, where they are asked for, in many futures.

    Parameters
    ----------
    case : the case.
    options : what the result depends on.
    means : what it does not depend on.
    progress : told of every step.

    Raises
    ------
    baseload.case.errors.InputError
        As `baseload.plan.study.study` and `baseload.plan.ensemble.run.simulate` do.
    """
    from baseload.plan.study import study

    names = options.alternatives or None
    if options.scenarios and means.resume and means.folder is not None:
        from baseload.plan.ensemble.run import check_resume

        check_resume(case, names, seed=options.seed, folder=means.folder)
    if options.scenarios and means.cluster is not None:
        from baseload.plan.ensemble.cluster import check_cluster

        check_cluster(means.cluster)
    made = study(case, names, seed=options.seed, workers=means.workers, progress=progress)
    if not options.scenarios:
        return made
    from baseload.plan.ensemble.run import simulate

    ensemble = simulate(
        case,
        names,
        scenarios=options.scenarios,
        seed=options.seed,
        workers=1 if means.cluster else means.workers,
        cluster=means.cluster,
        folder=means.folder,
        resume=means.resume,
        progress=progress,
    )
    return deepened(made, ensemble, means, progress)


def deepened(
    made: Study, ensemble: Ensemble, means: Means, progress: Progress | None = None
) -> Study:
    """Add to a study what its futures are for: worth of knowing, the best size, who gets what.

    Parameters
    ----------
    made : at base values.
    ensemble : every alternative in the same futures.
    means : who computes.
    progress : told of every step.
    """
    from baseload.plan.prospect.prospects import prospects
    from baseload.plan.worth.study import worth_of

    case, workers, seed = made.case, means.workers, ensemble.seed
    found = dataclasses.replace(made, ensemble=ensemble, prospects=prospects(ensemble))
    mining = tuple(name for name in ensemble.alternatives if has_mine(case.alternative(name)))
    if not mining:
        return found
    worth = worth_of(case, mining, seed=seed, workers=workers, progress=progress)
    sizings = sized(case, worth.subject, seed, workers, progress)
    return dataclasses.replace(found, worth=worth, sizings=sizings)


def sized(
    case: Case, name: str, seed: int, workers: int, progress: Progress | None
) -> tuple[Sizing, ...]:
    """Find the best size of an alternative once its gates are open; none if it can never run."""
    from baseload.plan.sizing.size import NeverBuiltError, size

    try:
        found = size(
            case,
            name,
            scenarios=SIZED,
            seed=seed,
            workers=workers,
            opened=True,
            progress=progress,
        )
    except NeverBuiltError:
        return ()
    return (found,)


def has_mine(choice: Case) -> bool:
    """Whether an alternative brings any mine."""
    return any(mine.power != 0.0 for mine in choice.tree.mine.values())
