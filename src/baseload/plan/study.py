"""The study of a case: every alternative in both worlds, and what each unknown does to it."""

from __future__ import annotations

import datetime as dt
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from baseload.case.case import Case
from baseload.case.errors import InputError
from baseload.plan.baseline import Baselines
from baseload.plan.blocking import Blocking, blocking
from baseload.plan.earnings import HOURS_PER_YEAR
from baseload.plan.money import Accounts, settle_accounts
from baseload.plan.operation import Operation, run
from baseload.plan.outcome import FLOWS, Outcome, Study, Swing, World
from baseload.plan.sensitivity import swings
from baseload.plan.valuation import metrics
from baseload.plan.week import typical_week
from baseload.plan.world import Setting, setting

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]
"""Called with what was done, how many steps are behind, and how many there are in all."""

WORLDS: tuple[World, ...] = ("today", "opened")


def study(
    case: Case,
    alternatives: Sequence[str] | None = None,
    *,
    seed: int = 0,
    workers: int = 1,
    progress: Progress | None = None,
) -> Study:
    """Study alternatives of a case at base values.

    Parameters
    ----------
    case : the case.
    alternatives : names of those to study; all of them if not given.
    seed : kept with the result; base values draw nothing at random.
    workers : processes that share the alternatives; the result does not depend on them.
    progress : told of each alternative that is done: which, how many are behind, how many in all.

    Returns
    -------
    Outcomes as things stand today and with the needed gates open, and the swing of every
    unknown in the latter world.

    Raises
    ------
    baseload.case.errors.InputError
        Where there is no alternative, or none of a name that is asked for.
    """
    names = list(dict.fromkeys(alternatives or case.alternatives))
    if not names:
        raise InputError(
            str(case.folder / "alternatives.toml"),
            expected="at least one alternative",
            found="none",
            mend='write one, even if it changes nothing: [alternative.base] title = "As it is"',
        )
    for name in names:
        case.alternative(name)
    steps = _Steps(progress, len(names))
    began = time.perf_counter()
    outcomes: dict[str, dict[World, Outcome]] = {}
    found: dict[str, tuple[Swing, ...]] = {}
    for name, worlds, rows in _shared(case, names, workers):
        steps.tell(name)
        outcomes[name], found[name] = worlds, rows
    steps.tell("done")
    return Study(case, outcomes, found, seed, {"study": time.perf_counter() - began})


Finding = tuple[str, dict[World, Outcome], tuple[Swing, ...]]


def _shared(case: Case, names: Sequence[str], workers: int) -> Iterator[Finding]:
    """Study the alternatives in order, by one process or by several."""
    if min(workers, len(names)) <= 1:
        baselines = Baselines()
        yield from (_studied(case, name, baselines) for name in names)
        return
    # A fresh interpreter each: compiled kernels and their threads do not survive a fork.
    pool = ProcessPoolExecutor(min(workers, len(names)), get_context("spawn"), _leave_quietly)
    try:
        yield from pool.map(_studied, repeat(case), names)
    finally:
        # After an error or an interruption nobody waits for what is still queued.
        pool.shutdown(cancel_futures=True)


def _leave_quietly() -> None:
    """Let an interrupt end a worker at once; the process that asked for it tells of it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _studied(case: Case, name: str, baselines: Baselines | None = None) -> Finding:
    known = baselines or Baselines()
    worlds = {world: outcome(case, name, world, known) for world in WORLDS}
    return name, worlds, swings(case, name, known)


def outcome(case: Case, name: str, world: World, baselines: Baselines) -> Outcome:
    """Evaluate one alternative in one world at base values."""
    place = setting(case, name, world)
    operation = run(place)
    accounts = settle_accounts(operation)
    without = baselines.of(operation, accounts)
    return _gathered(operation, accounts, without, blocking(place, built=bool(operation.fleets)))


class _Steps:
    """Counts the steps of a study and passes them on."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._done, self._total = progress, -1, total

    def tell(self, what: str) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(what, self._done, self._total)


def _gathered(
    operation: Operation, accounts: Accounts, without: Accounts, held: Blocking
) -> Outcome:
    place, flows = operation.setting, accounts.balance
    clock = place.case.clock
    years, by_year = _years(place)
    mined = np.sum([fleet.installed for fleet in operation.fleets.values()], axis=0)
    built = bool(operation.fleets)
    possible = np.sum(list(operation.plant.net.values()), axis=0)
    return Outcome(
        name=place.name,
        title=place.alternative.title,
        world=place.world,
        built=built,
        blocked_by=held.blocked_by,
        waits_for=held.waits_for,
        first_mining=_first(place, mined) if built else None,
        first_generation=_first(place, possible),
        mine_mw={
            name: float(operation.fleets[name].installed.max()) if name in operation.fleets else 0.0
            for name in place.tree.mine
        },
        years=years,
        energy={name: by_year(flows.flows[name]) for name in FLOWS},
        exported={name: by_year(flow) for name, flow in flows.exported.items()},
        obligations={name: by_year(flow) for name, flow in flows.obligations.items()},
        mined={name: by_year(flow) for name, flow in flows.mined.items()},
        monthly=flows.flows,
        months=np.datetime64(clock.start, "M") + np.arange(len(clock.month_starts) - 1),
        coins=by_year(flows.coins),
        network_share=_yearly_mean(operation.network_share, clock.year_starts),
        ledger=accounts.ledger,
        metrics=metrics(operation, accounts, without),
        certificates=tuple(
            f"{section.name}: {dispatch.certificate}"
            for section, dispatch in zip(operation.sections, operation.dispatches, strict=True)
        ),
        gap=max(dispatch.gap for dispatch in operation.dispatches),
        week=typical_week(operation),
        years_long=len(clock) * clock.step / HOURS_PER_YEAR,
        house_unserved=flows.house_unserved,
        balance_open=flows.open_by(),
        unsettled=operation.unsettled,
    )


def _years(place: Setting) -> tuple[NDArray[np.int64], Callable[[Floats], Floats]]:
    """Calendar years of the horizon, and how to add months up to them."""
    start = place.case.clock.start
    months = np.arange(len(place.case.clock.month_starts) - 1) + start.month - 1
    years = start.year + months // 12
    labels, first = np.unique(years, return_index=True)
    return labels, lambda monthly: np.asarray(np.add.reduceat(monthly, first))


def _yearly_mean(values: Floats, starts: NDArray[np.int64]) -> Floats:
    return np.asarray(np.add.reduceat(values, starts[:-1]) / np.diff(starts))


def _first(place: Setting, power: Floats) -> dt.date | None:
    """First local day with any power."""
    at = np.flatnonzero(power > 0.0)
    return place.case.clock.date(int(at[0])) if at.size else None
