"""The workloads in SciPy: sparse matrices to ``scipy.optimize.milp`` (HiGHS inside).

``milp`` serves the linear workloads too: it takes two-sided rows, ``linprog`` does not.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from benchmarks import workloads as w
from benchmarks.peers.answer import MIP_GAP, START_MW, Answer, commits, sizes

FLEETS = len(w.FLEET_MW)
Rows = tuple[sp.sparray, float, float]  # matrix, lower and upper limit of its rows


class Columns:
    """Where each kind of variable stands in the vector; hours run fastest."""

    def __init__(self, workload: w.Workload) -> None:
        self.hours = workload.T
        self.total = 0
        self.output = self._take(w.UNITS * self.hours)
        self.export = self._take(self.hours)
        self.mined = self._take(FLEETS * self.hours)
        self.unserved = self._take(self.hours)
        self.size = self._take(FLEETS if sizes(workload) else 0)
        self.on = self._take(w.UNITS * self.hours if commits(workload) else 0)
        self.start = self._take(w.UNITS * self.hours if commits(workload) else 0)

    def _take(self, count: int) -> slice:
        self.total += count
        return slice(self.total - count, self.total)

    def rows(self, *blocks: tuple[slice, sp.sparray]) -> sp.csr_array:
        """Rows whose entries in each named slice of columns are the given block."""
        height = blocks[0][1].shape[0]
        parts, at = [], 0
        for columns, block in sorted(blocks, key=lambda pair: pair[0].start):
            parts += [sp.csr_array((height, columns.start - at)), block]
            at = columns.stop
        return sp.hstack([*parts, sp.csr_array((height, self.total - at))], format="csr")


def balance(columns: Columns) -> Rows:
    """Output and what is not served cover the must-serve load, export and mines."""
    hour = sp.eye_array(columns.hours)
    matrix = columns.rows(
        (columns.output, sp.kron(np.ones((1, w.UNITS)), hour)),
        (columns.export, -hour),
        (columns.mined, sp.kron(-np.ones((1, FLEETS)), hour)),
        (columns.unserved, hour),
    )
    return matrix, w.MUST_SERVE_MW, np.inf


def difference(hours: int) -> sp.sparray:
    """Matrix of the change from each hour to the next, for all units."""
    step = sp.diags_array([-1.0, 1.0], offsets=[0, 1], shape=(hours - 1, hours))
    return sp.kron(sp.eye_array(w.UNITS), step)


def fleet_sizes(columns: Columns) -> Rows:
    """Each fleet draws at most its size (W2)."""
    each_hour = sp.kron(sp.eye_array(FLEETS), np.ones((columns.hours, 1)))
    draw = sp.eye_array(FLEETS * columns.hours)
    return columns.rows((columns.mined, draw), (columns.size, -each_hour)), -np.inf, 0.0


def commitment(columns: Columns, workload: w.Workload) -> list[Rows]:
    """Limits of units that can be off; they start and stop at their minimum (W4)."""
    hours = columns.hours
    every = sp.eye_array(w.UNITS * hours)
    change = difference(hours)
    now = sp.kron(sp.eye_array(w.UNITS), sp.eye_array(hours).tocsr()[1:])
    before = now - change
    recent = sp.diags_array(
        np.ones(int(w.MINIMUM_UP_H)), offsets=-np.arange(int(w.MINIMUM_UP_H)), shape=(hours, hours)
    )
    most = sp.diags_array(workload.available_mw.ravel())
    least = sp.diags_array(workload.minimum_mw.ravel())
    slack = START_MW - workload.ramp_mw
    out, on, start = columns.output, columns.on, columns.start
    return [
        (columns.rows((out, every), (on, -most)), -np.inf, 0.0),
        (columns.rows((out, every), (on, -least)), 0.0, np.inf),
        (columns.rows((start, now), (on, -change)), 0.0, np.inf),
        (
            columns.rows((start, sp.kron(sp.eye_array(w.UNITS), recent)), (on, -every)),
            -np.inf,
            0.0,
        ),
        (columns.rows((out, change), (on, slack * before - START_MW * now)), -np.inf, 0.0),
        (columns.rows((out, change), (on, START_MW * before - slack * now)), 0.0, np.inf),
    ]


def limits(columns: Columns, workload: w.Workload) -> Bounds:
    """Bounds of every variable."""
    lower, upper = np.zeros(columns.total), np.ones(columns.total)
    upper[columns.output] = workload.available_mw.ravel()
    if not commits(workload):
        lower[columns.output] = workload.minimum_mw.ravel()
    upper[columns.export] = w.EXPORT_MW
    upper[columns.unserved] = w.MUST_SERVE_MW
    upper[columns.mined] = np.inf if sizes(workload) else np.repeat(w.FLEET_MW, workload.T)
    upper[columns.size] = w.FLEET_MAXIMUM_MW
    return Bounds(lower, upper)


def costs(columns: Columns, workload: w.Workload) -> w.Array:
    """Cost of every variable: minus what it earns [USD per unit of it]."""
    cost = np.zeros(columns.total)
    cost[columns.output] = w.FUEL
    cost[columns.export] = -workload.price
    cost[columns.mined] = -workload.value.ravel()
    cost[columns.unserved] = w.UNSERVED
    if sizes(workload):
        cost[columns.size] = w.CAPACITY_COST
    return cost


def rows(columns: Columns, workload: w.Workload) -> list[LinearConstraint]:
    """All rows of the workload."""
    blocks = [balance(columns)]
    if sizes(workload):
        blocks.append(fleet_sizes(columns))
    if commits(workload):
        blocks += commitment(columns, workload)
    elif workload.ramps:
        matrix = columns.rows((columns.output, difference(workload.T)))
        blocks.append((matrix, -workload.ramp_mw, workload.ramp_mw))
    return [LinearConstraint(*block) for block in blocks]


def solve(workload: w.Workload) -> Answer:
    """Solve `workload` with SciPy."""
    began = perf_counter()
    columns = Columns(workload)
    integrality = np.zeros(columns.total)
    integrality[columns.on] = 1
    model = {
        "c": costs(columns, workload),
        "bounds": limits(columns, workload),
        "constraints": rows(columns, workload),
        "integrality": integrality,
        "options": {"mip_rel_gap": MIP_GAP} if commits(workload) else {},
    }
    built = perf_counter()
    result: OptimizeResult = milp(**model)
    if not result.success:
        raise RuntimeError(result.message)
    return Answer(-float(result.fun), built - began, perf_counter() - built)
