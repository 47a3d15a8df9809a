"""The reference workloads as dispatch problems of baseload."""

from __future__ import annotations

import numpy as np

from baseload.plan.dispatch.problem import (
    Budget,
    Nodes,
    Problem,
    Storage,
    Units,
    UseKind,
    Uses,
)
from benchmarks import workloads as w


def problem_of(work: w.Workload, *, commit: bool = False) -> Problem:
    """Return a workload as a `Problem`; `commit` adds the commitment of W4."""
    hours = work.T
    units = Units(
        name=tuple(f"unit {u + 1}" for u in range(w.UNITS)),
        available=work.available_mw,
        minimum=work.minimum_mw,
        cost=np.full(w.UNITS, w.FUEL),
        ramp_up=np.full(w.UNITS, work.ramp_mw),
        ramp_down=np.full(w.UNITS, work.ramp_mw),
        commit=np.full(w.UNITS, commit),
        min_up=np.full(w.UNITS, w.MINIMUM_UP_H if commit else 0.0),
    )
    capacity = np.concatenate(([w.OBLIGATION_MW, w.HOUSE_MW, w.EXPORT_MW], w.FLEET_MW))
    uses = Uses(
        name=("obligation", "house load", "export", "15 J/TH", "19 J/TH", "24 J/TH"),
        kind=(UseKind.OBLIGATION, UseKind.MUST_SERVE, UseKind.MARKET, *(UseKind.MINE,) * 3),
        node=np.array([-1, -1, 0, -1, -1, -1]),
        capacity=np.repeat(capacity[:, None], hours, axis=1),
        value=np.vstack([np.zeros((2, hours)), work.price, work.value]),
        shortfall_price=np.array([w.UNSERVED, w.UNSERVED, 0.0, 0.0, 0.0, 0.0]),
    )
    nodes = Nodes(("export link",), np.array([-1]), np.full((1, hours), w.EXPORT_MW))
    return Problem(steps=hours, step=1.0, units=units, uses=uses, nodes=nodes)


def hard_problem_of(work: w.HardWorkload) -> Problem:
    """Return W5 as a `Problem`."""
    hours = work.T
    units = Units(
        name=tuple(f"unit {u + 1}" for u in range(w.UNITS)),
        available=work.available_mw,
        minimum=work.minimum_mw,
        cost=work.fuel,
        ramp_up=np.full(w.UNITS, work.ramp_mw),
        ramp_down=np.full(w.UNITS, work.ramp_mw),
    )
    flat = np.ones(hours)
    uses = Uses(
        name=("house load", "obligation", "export 1", "export 2", "15 J/TH", "19 J/TH", "24 J/TH"),
        kind=(
            UseKind.MUST_SERVE,
            UseKind.OBLIGATION,
            *(UseKind.MARKET,) * 2,
            *(UseKind.MINE,) * 3,
        ),
        node=np.array([-1, 0, 0, 1, -1, -1, -1]),
        capacity=np.vstack(
            [w.HOUSE_MW * flat, work.obligation, 1500.0 * flat, 900.0 * flat]
            + [work.fleet_mw * flat] * 3
        ),
        value=np.vstack([np.zeros((2, hours)), work.link_price, work.value]),
        shortfall_price=np.array([w.UNSERVED, 300.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
    )
    power, energy, charging, discharging, first = work.battery
    return Problem(
        steps=hours,
        step=1.0,
        units=units,
        uses=uses,
        nodes=Nodes(("link 1", "link 2"), np.array([-1, -1]), work.link_limit),
        budgets=tuple(
            Budget(f"unit {u + 1} from hour {start}", (u,), start, stop, most)
            for u, start, stop, most in work.budget
        ),
        storages=(
            Storage("battery", power, power, energy, charging, discharging, 0.0, first, first),
        ),
    )
