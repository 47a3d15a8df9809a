"""W2, fleet sizes by cutting planes, and W3, many years of one plant, beside direct HiGHS calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from baseload.case.load import load
from baseload.plan.dispatch.batch import Batch, solve_batch
from baseload.plan.dispatch.ensemble import CONSTANT, Worths
from baseload.plan.sizing.cuts import Optimum, maximise
from baseload.plan.sizing.dispatched import Dispatched
from baseload.plan.sizing.limits import Limits
from baseload.plan.sizing.result import Sizing
from baseload.plan.sizing.size import size
from benchmarks import direct_highs
from benchmarks import workloads as w
from benchmarks.direct_highs import Arrays
from benchmarks.problems import problem_of

CASE, SIZED = Path("cases/zaporizhzhia"), "onsite-1-n-1"
"""A case of ten years by hours, and an alternative of it with four candidates."""
FLEETS = (3, 4, 5)
"""Where the fleets stand among the uses of `problem_of`."""
SCENARIOS, DIRECT = 100, 4
"""Years of W3, and how many of them are given to HiGHS one by one."""
WORTHS = Worths(
    driver=np.array([CONSTANT, CONSTANT, 0, 1, 1, 1]),
    slope=np.concatenate([[0.0, 0.0, 1.0], 1.0 / (0.024 * w.EFFICIENCY)]),
    offset=np.zeros(6),
)


def drivers_of(works: list[w.Workload]) -> np.ndarray:
    """Return price and hashprice of each workload, shape (S, 2, T)."""
    return np.stack([np.stack([work.price, work.hashprice]) for work in works])


def w2_by_cuts(gap: float = 1e-7) -> Optimum:
    """Size the fleets of W2 by cutting planes over its dispatch."""
    work = w.w2()
    oracle = Dispatched(problem_of(work), drivers_of([work]), WORTHS, FLEETS, w.CAPACITY_COST)
    names = tuple(f"{efficiency:g} J/TH" for efficiency in w.EFFICIENCY)
    limits = Limits(names, np.zeros(3), np.full(3, w.FLEET_MAXIMUM_MW))
    return maximise(oracle, limits, gap=gap)


def w2_direct() -> tuple[float, np.ndarray]:
    """Give W2 to HiGHS as one linear program; return margin and sizes."""
    work, arrays = w.w2(), Arrays()
    hours = work.T
    output = arrays.columns(-w.FUEL, work.minimum_mw, work.available_mw)
    served = arrays.columns(w.UNSERVED, 0.0, np.full(hours, w.MUST_SERVE_MW))
    export = arrays.columns(work.price, 0.0, np.full(hours, w.EXPORT_MW))
    mined = arrays.columns(work.value, 0.0, np.full((3, hours), w.FLEET_MAXIMUM_MW))
    size = arrays.columns(-w.CAPACITY_COST, 0.0, np.full(3, w.FLEET_MAXIMUM_MW))
    arrays.rows([(output.T, 1.0), (served, -1.0), (export, -1.0), (mined.T, -1.0)], 0.0, np.inf)
    for fleet, megawatts in zip(mined, size, strict=True):
        arrays.rows([(fleet, 1.0), (np.full(hours, megawatts), -1.0)], -np.inf, 0.0)
    for unit in output:
        arrays.rows([(unit[1:], 1.0), (unit[:-1], -1.0)], -work.ramp_mw, work.ramp_mw)
    objective, columns = arrays.solve(-w.UNSERVED * w.MUST_SERVE_MW * hours)
    return objective, columns[size]


def w3_batch(threads: int) -> Callable[[], Batch]:
    """Return a call that solves the years of W3 with ramps."""
    problem, drivers = problem_of(w.w1()), drivers_of([w.w3(k) for k in range(SCENARIOS)])
    return lambda: solve_batch(problem, drivers, WORTHS, threads=threads)


def w3_direct() -> tuple[float, np.ndarray]:
    """Return seconds that HiGHS takes for a year of W3, and the margins of the first few."""
    works = [w.w3(k) for k in range(DIRECT)]
    began = time.perf_counter()
    margins = np.array([direct_highs.w1(work)[0] for work in works])
    return (time.perf_counter() - began) / DIRECT, margins


def case_sizing(scenarios: int, workers: int, *, opened: bool) -> tuple[Sizing, float]:
    """Size the case over its futures; return it and the seconds it took, the case read."""
    case = load(CASE)
    began = time.perf_counter()
    found = size(case, SIZED, scenarios=scenarios, workers=workers, opened=opened)
    return found, time.perf_counter() - began
