"""Running an ensemble: every alternative in the same futures, chunk by chunk."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from baseload.case.case import Case
from baseload.case.errors import InputError
from baseload.plan.ensemble.chunks import CHUNK, ChunkFolder, Identity, Span, spans
from baseload.plan.ensemble.cluster import by_cluster, check_address
from baseload.plan.ensemble.result import Ensemble
from baseload.plan.ensemble.store import ChunkShelf, small_of
from baseload.plan.ensemble.workers import Factory, Task, alone, by_processes

Progress = Callable[[str, int, int], None]
"""Called with what is done, how many futures are behind, and how many there are in all."""


def simulate(
    case: Case,
    alternatives: Sequence[str] | None = None,
    *,
    scenarios: int,
    seed: int = 0,
    workers: int = 1,
    cluster: str | None = None,
    folder: Path | None = None,
    resume: bool = False,
    chunk: int = CHUNK,
    progress: Progress | None = None,
    factory: Factory | None = None,
) -> Ensemble:
    """Take every alternative of a case through the same futures.

    Parameters
    ----------
    case : the case.
    alternatives : names of those to take; all of them if not given.
    scenarios : number of futures.
    seed : of all that is drawn; the same seed gives the same futures.
    workers : processes of this machine.
    cluster : address of a Dask scheduler whose workers compute instead, ``tcp://host:port``.
    folder : where finished chunks are kept; it stays, and the result reads from it. A temporary
        one that goes with the result if not given.
    resume : take the chunks that an interrupted run has left in the folder.
    chunk : futures computed at a time by one process.
    progress : told of every chunk.
    factory : what computes futures; `baseload.plan.ensemble.simulator.Simulator` if not given.

    Returns
    -------
    The ensemble. Workers, cluster, chunk, and whether it was interrupted do not show in it.

    Raises
    ------
    InputError
        An argument that cannot be, chunks of another study, a folder that cannot be written
        to, a cluster that cannot be reached, or processes that die of a chunk time and again.
    """
    names = tuple(dict.fromkeys(alternatives or case.alternatives))
    for name in names:
        case.alternative(name)
    _check(scenarios, seed, workers, cluster, resume and folder is None)
    began = time.perf_counter()
    keep, place = _place(folder)
    identity = Identity.of(case, names, seed)
    begin = ChunkFolder.resume if resume else ChunkFolder.start
    chunks = begin(place, identity)
    task = Task(case, names, seed, scenarios, factory or _simulator(), identity.key)
    _compute(task, chunks, workers, cluster, chunk, progress)
    kept, small = small_of(chunks.finished(scenarios), scenarios, len(names))
    about = kept[0].about
    return Ensemble(
        case=case,
        seed=seed,
        scenarios=scenarios,
        alternatives=names,
        years=np.array(about.years, np.int64),
        unknowns=about.unknowns,
        gates=about.gates,
        areas=about.areas,
        small=small,
        shelf=ChunkShelf(kept, names, keep),
        simplified=about.simplified,
        times={"futures": time.perf_counter() - began},
    )


def check_resume(
    case: Case, alternatives: Sequence[str] | None, *, seed: int, folder: Path
) -> None:
    """Make sure that a folder holds chunks of this very study, before any work is done.

    Raises
    ------
    InputError
        Nothing was started there, or another study was.
    """
    names = tuple(dict.fromkeys(alternatives or case.alternatives))
    ChunkFolder.resume(folder, Identity.of(case, names, seed))


def _compute(
    task: Task,
    folder: ChunkFolder,
    workers: int,
    cluster: str | None,
    size: int,
    progress: Progress | None,
) -> None:
    """Compute the chunks that are not there yet."""
    there = [found.span for found, _ in folder.finished(task.scenarios)]
    missing = spans(task.scenarios, size, there)
    behind = sum(span.last - span.first for span in there)

    def done(span: Span | None) -> None:
        nonlocal behind
        behind += span.last - span.first if span else 0
        if progress is not None:
            progress("futures", behind, task.scenarios)

    done(None)
    if not missing:
        return
    if cluster is None:
        _warm(task, progress)
    if cluster is not None:
        by_cluster(task, folder, missing, done, cluster)
    elif min(workers, len(missing)) > 1:
        by_processes(task, folder, missing, done, workers)
    else:
        alone(task, folder, missing, done)


def _warm(task: Task, progress: Progress | None) -> None:
    """Compile first what is not there yet, so that not each process does."""
    from baseload.plan.ensemble import warming

    if task.factory is _simulator() and not warming.is_warm():
        if progress is not None:
            progress(warming.STEP, 0, 1)
        warming.warm(task.case, task.alternatives, task.seed)


def _simulator() -> Factory:
    from baseload.plan.ensemble.simulator import Simulator

    return Simulator


def _place(folder: Path | None) -> tuple[object, Path]:
    """Return what keeps the folder alive, and the folder."""
    if folder is not None:
        return None, folder
    room = tempfile.TemporaryDirectory(prefix="baseload-")
    return room, Path(room.name) / "futures"


def _check(scenarios: int, seed: int, workers: int, cluster: str | None, nowhere: bool) -> None:
    """Refuse arguments that cannot be, as the command line names them."""
    for option, value, least in (
        ("scenarios", scenarios, 1),
        ("seed", seed, 0),
        ("workers", workers, 1),
    ):
        if value < least:
            raise InputError(
                f"--{option} {value}",
                expected=f"a whole number of at least {least}",
                found=str(value),
                mend=f"write --{option} {least} or more",
            )
    if cluster is not None:
        check_address(cluster)
    if cluster is not None and workers > 1:
        raise InputError(
            f"--cluster {cluster} --workers {workers}",
            expected="processes of this machine or a cluster",
            found="both",
            mend="leave --workers out: the cluster's own workers compute",
        )
    if nowhere:
        raise InputError(
            "resume=True",
            expected="the folder of the run that was interrupted",
            found="none",
            mend="write folder=Path(...), the same as then",
        )
