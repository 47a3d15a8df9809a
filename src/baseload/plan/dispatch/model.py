"""The coupled problem as arrays of a linear (or mixed-integer) program.

One function per constraint, each adding one named block of rows. Money is maximised, so a
column's cost is what a MWh or a start brings (negative: what it costs). Columns lie in groups
(generation, delivered, ...) whose index arrays have the shapes of the schedule.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from baseload.plan.dispatch.problem import Array, Booleans, Integers, Problem
from baseload.plan.dispatch.result import Schedule, contract_missing, storage_levels

Index = npt.NDArray[np.int32]
Spans = list[tuple[Index, npt.ArrayLike]]


@dataclass(frozen=True)
class Rows:
    """A named block of rows, ``lower <= values @ x <= upper``.

    Attributes
    ----------
    name : the constraint.
    columns, values, keep : entries, shape (R, entries); only where `keep`.
    lower, upper : shape (R,).
    where : what the rows are about, one array per axis, each of shape (R,): for example
        unit and step.
    """

    name: str
    columns: Index
    values: Array
    keep: Booleans | None
    lower: Array
    upper: Array
    where: tuple[Integers, ...]


@dataclass
class Model:
    """Columns and rows of a coupled problem.

    Attributes
    ----------
    columns : index arrays by group.
    gain, lower, upper : objective and bounds of each column.
    integer : which columns must be whole.
    rows : blocks of rows in order.
    offset : constant of the objective [USD].
    """

    columns: dict[str, Index] = field(default_factory=dict)
    gain: list[Array] = field(default_factory=list)
    lower: list[Array] = field(default_factory=list)
    upper: list[Array] = field(default_factory=list)
    integer: list[Booleans] = field(default_factory=list)
    rows: list[Rows] = field(default_factory=list)
    offset: float = 0.0
    size: int = 0

    def add_columns(
        self,
        name: str,
        shape: tuple[int, ...],
        lower: npt.ArrayLike,
        upper: npt.ArrayLike,
        gain: npt.ArrayLike = 0.0,
        integer: bool = False,
    ) -> Index:
        """Add a group of columns and return their indices."""
        count = int(np.prod(shape))
        index = np.arange(self.size, self.size + count, dtype=np.int32).reshape(shape)
        self.columns[name] = index
        self.size += count
        for store, value in ((self.lower, lower), (self.upper, upper), (self.gain, gain)):
            store.append(np.broadcast_to(np.asarray(value, np.float64), shape).ravel())
        self.integer.append(np.full(count, integer))
        return index

    def add_rows(
        self,
        name: str,
        terms: Spans,
        lower: npt.ArrayLike,
        upper: npt.ArrayLike,
        where: tuple[npt.ArrayLike, ...],
        keep: Booleans | None = None,
    ) -> None:
        """Add rows; each term is a column index array of shape (R,) or (R, n) and its values."""
        blocks = [c if c.ndim == 2 else c[:, None] for c, _ in terms]
        columns = np.hstack(blocks)
        values = np.hstack(
            [
                np.broadcast_to(v if np.ndim(v) != 1 else np.asarray(v)[:, None], b.shape)
                for b, (_, v) in zip(blocks, terms, strict=True)
            ]
        ).astype(np.float64)
        count = columns.shape[0]
        self.rows.append(
            Rows(
                name,
                columns,
                values,
                keep,
                np.broadcast_to(np.asarray(lower, np.float64), (count,)),
                np.broadcast_to(np.asarray(upper, np.float64), (count,)),
                tuple(np.broadcast_to(np.asarray(w, np.int64), (count,)) for w in where),
            )
        )


def reach(problem: Problem) -> Array:
    """Most each use can take given every limit above it, shape (K, T) [MW]."""
    most = problem.uses.capacity.copy()
    for k, node in enumerate(problem.uses.node):
        for above in problem.nodes.ancestors(int(node)):
            np.minimum(most[k], problem.nodes.limit[above], out=most[k])
    return most


def build(problem: Problem) -> Model:
    """Return the model of a problem with everything that couples its steps."""
    model = Model()
    define_generation(model, problem)
    define_delivery(model, problem)
    define_imports(model, problem)
    define_storage(model, problem)
    define_balance(model, problem)
    define_node_limits(model, problem)
    if problem.units.commit.any():
        define_commitment(model, problem)
        define_minimum_times(model, problem)
    define_ramps(model, problem)
    define_committed_ramps(model, problem)
    define_budgets(model, problem)
    define_contracts(model, problem)
    return model


def define_generation(model: Model, problem: Problem) -> None:
    """Output of each unit between its limits; committed units may stand still."""
    units = problem.units
    lower = np.where(units.commit[:, None], 0.0, units.minimum)
    first_low, first_high = _first_step_range(problem)
    upper = units.available.copy()
    lower[:, 0] = np.maximum(lower[:, 0], first_low)
    upper[:, 0] = np.minimum(upper[:, 0], first_high)
    model.add_columns("generation", lower.shape, lower, upper, -units.cost * problem.step)


def _first_step_range(problem: Problem) -> tuple[Array, Array]:
    """Range a known first output leaves to units without commitment [MW]."""
    units = problem.units
    start = units.initial if units.initial is not None else np.full(len(units.name), np.nan)
    known = ~np.isnan(start) & ~units.commit
    low = np.where(known, start - units.ramp_down * problem.step, -np.inf)
    high = np.where(known, start + units.ramp_up * problem.step, np.inf)
    return low, high


def define_delivery(model: Model, problem: Problem) -> None:
    """Delivery up to what is asked for; where no shortfall is allowed, exactly that."""
    uses, h = problem.uses, problem.step
    price = np.where(np.isfinite(uses.shortfall_price), uses.shortfall_price, 0.0)
    hard = ~np.isfinite(uses.shortfall_price)
    upper = np.where(hard, uses.capacity, reach(problem))
    lower = np.where(hard, uses.capacity, 0.0)
    model.add_columns("delivered", upper.shape, lower, upper, (uses.value + price) * h)
    model.offset -= float((price * uses.capacity).sum()) * h


def define_imports(model: Model, problem: Problem) -> None:
    """Import within its capacity, and all of it within the must-serve load served."""
    imports, uses = problem.imports, problem.uses
    shape = (len(imports.name), problem.steps)
    bought = model.add_columns(
        "imported", shape, 0.0, imports.capacity, -imports.price * problem.step
    )
    if not imports.name:
        return
    served = model.columns["delivered"][uses.must_serve]
    steps = np.arange(problem.steps)
    model.add_rows("import", [(bought.T, 1.0), (served.T, -1.0)], -np.inf, 0.0, (steps,))


def define_storage(model: Model, problem: Problem) -> None:
    """Level of each store: what was there, less losses, plus what came in."""
    stores, steps, h = problem.storages, problem.steps, problem.step
    shape = (len(stores), steps)

    def column(key: str) -> Array:
        return np.array([getattr(s, key) for s in stores], np.float64).reshape(-1, 1)

    final = np.zeros(shape)
    final[:, -1:] = column("final")
    charge = model.add_columns("charge", shape, 0.0, column("charge"))
    discharge = model.add_columns("discharge", shape, 0.0, column("discharge"))
    level = model.add_columns("level", shape, final, column("energy"))
    for s, store in enumerate(stores):
        keep = (1.0 - store.standing_loss) ** h
        before = np.concatenate([level[s, :1], level[s, :-1]])
        first = np.zeros(steps)
        first[0] = store.initial * keep
        terms: Spans = [
            (level[s], 1.0),
            (before, -keep),
            (charge[s], -store.charge_efficiency * h),
            (discharge[s], h / store.discharge_efficiency),
        ]
        mask = np.ones((steps, 4), np.bool_)
        mask[0, 1] = False
        model.add_rows("storage", terms, first, first, (s, np.arange(steps)), mask)


def define_balance(model: Model, problem: Problem) -> None:
    """Balance the busbar: what comes on leaves it; the rest is curtailed."""
    cost, steps = problem.curtailment_cost, problem.steps
    terms: Spans = [
        (model.columns["generation"].T, 1.0),
        (model.columns["imported"].T, 1.0),
        (model.columns["discharge"].T, 1.0),
        (model.columns["delivered"].T, -1.0),
        (model.columns["charge"].T, -1.0),
    ]
    # Free curtailment is the slack of the row; only a priced one needs columns.
    upper = np.inf if cost == 0.0 else 0.0
    if cost > 0.0 and np.isfinite(cost):
        curtailed = model.add_columns("curtailed", (steps,), 0.0, np.inf, -cost * problem.step)
        terms.append((curtailed, -1.0))
    model.add_rows("balance", terms, 0.0, upper, (np.arange(steps),))


def define_node_limits(model: Model, problem: Problem) -> None:
    """Flow into each node within its limit; a node with one use is a bound already."""
    nodes, delivered = problem.nodes, model.columns["delivered"]
    most = reach(problem)
    for n in range(len(nodes.name)):
        below = [k for k, at in enumerate(problem.uses.node) if n in nodes.ancestors(int(at))]
        hard = any(not np.isfinite(problem.uses.shortfall_price[k]).all() for k in below)
        steps = np.flatnonzero(most[below].sum(axis=0) > nodes.limit[n])
        if hard:
            steps = np.arange(problem.steps)
        if below and len(steps):
            entries = delivered[below][:, steps].T
            model.add_rows("node", [(entries, 1.0)], -np.inf, nodes.limit[n, steps], (n, steps))


def define_ramps(model: Model, problem: Problem) -> None:
    """Rise and fall of units without commitment within their rates."""
    units, h = problem.units, problem.step
    output = model.columns["generation"]
    lower_limit, upper_limit = units.minimum, units.available
    for u in np.flatnonzero(~units.commit):
        up, down = units.ramp_up[u] * h, units.ramp_down[u] * h
        rise = upper_limit[u, 1:] - lower_limit[u, :-1] > up
        fall = upper_limit[u, :-1] - lower_limit[u, 1:] > down
        t = np.flatnonzero(rise | fall) + 1
        if len(t):
            terms: Spans = [(output[u, t], 1.0), (output[u, t - 1], -1.0)]
            model.add_rows("ramp", terms, -down, up, (u, t))


def define_commitment(model: Model, problem: Problem) -> None:
    """Status and start of committed units; output within limits only while running."""
    units, steps = problem.units, problem.steps
    committed = np.flatnonzero(units.commit)
    shape = (len(committed), steps)
    low, high = _forced_status(problem, committed)
    status = model.add_columns("status", shape, low, high, integer=True)
    gain = -np.repeat(units.start_cost[committed, None], steps, axis=1)
    start = model.add_columns("start", shape, 0.0, _may_start(problem, committed), gain)
    for c, u in enumerate(committed):
        t = np.arange(steps)
        output = model.columns["generation"][u]
        top, base = -units.available[u], -units.minimum[u]
        model.add_rows("available", [(output, 1.0), (status[c], top)], -np.inf, 0.0, (u, t))
        model.add_rows("minimum", [(output, 1.0), (status[c], base)], 0.0, np.inf, (u, t))
        terms: Spans = [(start[c, 1:], 1.0), (status[c, 1:], -1.0), (status[c, :-1], 1.0)]
        model.add_rows("start", terms, 0.0, np.inf, (u, t[1:]))
        if units.initial_hours[u] < 0.0:
            first: Spans = [(start[c, :1], 1.0), (status[c, :1], -1.0)]
            model.add_rows("start", first, 0.0, np.inf, (u, t[:1]))


def minimum_steps(hours: float, step: float) -> int:
    """Return the steps that a minimum time spans, at least one [-]."""
    return max(1, int(np.ceil(hours / step - 1e-9)))


def _forced_status(problem: Problem, committed: Integers) -> tuple[Array, Array]:
    """Bounds of the status that time already on or off still forces."""
    units = problem.units
    low = np.zeros((len(committed), problem.steps))
    high = np.ones_like(low)
    for c, u in enumerate(committed):
        before = units.initial_hours[u]
        owed = units.min_up[u] - before if before > 0.0 else units.min_down[u] + before
        forced = max(0, int(np.ceil(owed / problem.step - 1e-9)))
        if before > 0.0:
            low[c, :forced] = 1.0
        elif before < 0.0:
            high[c, :forced] = 0.0
    return low, high


def _may_start(problem: Problem, committed: Integers) -> Array:
    """Upper bound of starts: a unit that ran before must first be off long enough."""
    may = np.ones((len(committed), problem.steps))
    for c, u in enumerate(committed):
        if problem.units.initial_hours[u] > 0.0:
            may[c, : minimum_steps(problem.units.min_down[u], problem.step)] = 0.0
    return may


def define_minimum_times(model: Model, problem: Problem) -> None:
    """Shortest times on and off by the inequalities of Rajan and Takriti.

    References
    ----------
    D. Rajan, S. Takriti, "Minimum up/down polytopes of the unit commitment problem with
    start-up costs", IBM research report RC23628, 2005.
    """
    units, steps = problem.units, problem.steps
    t = np.arange(steps)
    for c, u in enumerate(np.flatnonzero(units.commit)):
        status, start = model.columns["status"][c], model.columns["start"][c]
        up = minimum_steps(units.min_up[u], problem.step)
        window, inside = _window(start, up)
        keep = np.hstack([inside, np.ones((steps, 1), np.bool_)])
        terms: Spans = [(window, 1.0), (status, -1.0)]
        model.add_rows("minimum up time", terms, -np.inf, 0.0, (u, t), keep)
        down = minimum_steps(units.min_down[u], problem.step)
        window, inside = _window(start[1:], down)
        # A unit that runs at the first step cannot start before it has been off long enough.
        last_on = status[np.maximum(t[1:] - down, 0)]
        keep = np.hstack([inside, np.ones((steps - 1, 1), np.bool_)])
        terms = [(window, 1.0), (last_on, 1.0)]
        model.add_rows("minimum down time", terms, -np.inf, 1.0, (u, t[1:]), keep)


def _window(columns: Index, length: int) -> tuple[Index, Booleans]:
    """Columns of the `length` steps that end at each step, and which of them exist."""
    back = np.arange(len(columns))[:, None] - np.arange(length)[None, :]
    return columns[np.maximum(back, 0)], back >= 0


def define_committed_ramps(model: Model, problem: Problem) -> None:
    """Rise and fall of committed units; a start and a stop reach at least the minimum."""
    units, h = problem.units, problem.step
    t = np.arange(1, problem.steps)
    for c, u in enumerate(np.flatnonzero(units.commit)):
        output, status = model.columns["generation"][u], model.columns["status"][c]
        start, low = model.columns["start"][c], units.minimum[u]
        up, down = units.ramp_up[u] * h, units.ramp_down[u] * h
        change: Spans = [(output[t], 1.0), (output[t - 1], -1.0)]
        if np.isfinite(up):
            first = np.maximum(low[1:], up)
            terms: Spans = [*change, (status[t - 1], -up), (start[t], -first)]
            model.add_rows("ramp", terms, -np.inf, 0.0, (u, t))
        if np.isfinite(down):
            # A stop is start - status + status before.
            last = np.maximum(low[:-1], down)
            terms = [*change, (status[t], down - last), (status[t - 1], last), (start[t], last)]
            model.add_rows("ramp", terms, 0.0, np.inf, (u, t))
        _define_first_ramp(model, problem, c, int(u))


def _define_first_ramp(model: Model, problem: Problem, c: int, u: int) -> None:
    """Bind the first step of a committed unit to a known output before it."""
    units, h = problem.units, problem.step
    before = np.nan if units.initial is None else units.initial[u]
    if np.isnan(before) or units.initial_hours[u] == 0.0:
        return
    output, status = model.columns["generation"][u, :1], model.columns["status"][c, :1]
    if units.initial_hours[u] > 0.0:
        up, down = units.ramp_up[u] * h, units.ramp_down[u] * h
        last = max(float(units.minimum[u, 0]), down)
        model.add_rows("ramp", [(output, 1.0)], -np.inf, before + up, (u, [0]))
        if np.isfinite(down):
            terms: Spans = [(output, 1.0), (status, down - last)]
            model.add_rows("ramp", terms, before - last, np.inf, (u, [0]))
    elif np.isfinite(units.ramp_up[u]):
        first = max(float(units.minimum[u, 0]), units.ramp_up[u] * h)
        model.add_rows("ramp", [(output, 1.0)], -np.inf, first, (u, [0]))


def define_budgets(model: Model, problem: Problem) -> None:
    """Energy of each budget's units over its period within what is left."""
    for b, budget in enumerate(problem.budgets):
        entries = model.columns["generation"][list(budget.units), budget.start : budget.stop]
        limit = budget.maximum / problem.step
        model.add_rows("budget", [(entries.reshape(1, -1), 1.0)], -np.inf, limit, ([b],))


def define_contracts(model: Model, problem: Problem) -> None:
    """Energy of each contract's uses plus what is missing reaches its quantity."""
    contracts, h = problem.contracts, problem.step
    price = np.array([c.price for c in contracts], np.float64)
    missing = model.add_columns("missing", (len(contracts),), 0.0, np.inf, -price)
    for c, contract in enumerate(contracts):
        taken = model.columns["delivered"][list(contract.uses), contract.start : contract.stop]
        terms: Spans = [(taken.reshape(1, -1), h), (missing[c : c + 1], 1.0)]
        model.add_rows("contract", terms, contract.quantity, np.inf, ([c],))


def point_of(model: Model, problem: Problem, schedule: Schedule) -> Array:
    """Return the columns' values that a schedule stands for."""
    point = np.zeros(model.size)
    columns = model.columns
    for name in ("generation", "delivered", "imported", "charge", "discharge"):
        point[columns[name]] = getattr(schedule, name)
    point[columns["level"]] = storage_levels(problem, schedule.charge, schedule.discharge)
    point[columns["missing"]] = contract_missing(problem, schedule.delivered)
    if "curtailed" in columns:
        point[columns["curtailed"]] = schedule.curtailed
    if "status" in columns:
        committed = problem.units.commit
        point[columns["status"]] = schedule.status[committed]
        point[columns["start"]] = schedule.starts[committed]
    return point


def schedule_of(model: Model, problem: Problem, point: Array) -> Schedule:
    """Return the schedule that values of the columns stand for."""
    columns = model.columns
    part = {
        name: point[columns[name]]
        for name in ("generation", "delivered", "imported", "charge", "discharge")
    }
    surplus = (
        part["generation"].sum(axis=0)
        + part["imported"].sum(axis=0)
        + part["discharge"].sum(axis=0)
        - part["delivered"].sum(axis=0)
        - part["charge"].sum(axis=0)
    )
    units = problem.units
    status, starts = np.ones_like(part["generation"]), np.zeros_like(part["generation"])
    if "status" in columns:
        status[units.commit] = np.round(point[columns["status"]])
        starts = starts_of(problem, status)
    return Schedule(**part, curtailed=np.maximum(surplus, 0.0), status=status, starts=starts)


def starts_of(problem: Problem, status: Array) -> Array:
    """Return 1 where a committed unit runs that did not run in the step before."""
    units = problem.units
    before = np.where(units.initial_hours < 0.0, 0.0, status[:, 0])
    change = np.diff(status, axis=1, prepend=before[:, None])
    return np.where(units.commit[:, None], np.maximum(change, 0.0), 0.0)
