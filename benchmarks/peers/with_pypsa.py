"""The workloads in PyPSA: one bus; uses are generators of negative sign.

Uses that earn carry a negative marginal cost, so that the least cost is minus the margin.
"""

from __future__ import annotations

import logging
from time import perf_counter

import pandas as pd
import pypsa

from benchmarks import workloads as w
from benchmarks.peers.answer import MIP_GAP, START_MW, Answer, commits, sizes


def network(workload: w.Workload) -> pypsa.Network:
    """State `workload` as a network."""
    n = pypsa.Network()
    n.set_snapshots(pd.RangeIndex(workload.T))
    n.add("Carrier", "AC")
    n.add("Bus", "plant", carrier="AC")
    add_units(n, workload)
    n.add("Load", "must serve", bus="plant", p_set=w.MUST_SERVE_MW)
    n.add(
        "Generator",
        "unserved",
        bus="plant",
        p_nom=w.MUST_SERVE_MW,
        marginal_cost=w.UNSERVED,
    )
    n.add(
        "Generator",
        "export",
        bus="plant",
        sign=-1,
        p_nom=w.EXPORT_MW,
        marginal_cost=pd.Series(-workload.price, n.snapshots),
    )
    n.add("Generator", "curtailment", bus="plant", sign=-1, p_nom=w.UNITS * w.UNIT_MW)
    add_fleets(n, workload)
    return n


def add_units(n: pypsa.Network, workload: w.Workload) -> None:
    """Add the units; in W4 they had been on for long when the period began."""
    names = [f"unit {i + 1}" for i in range(w.UNITS)]
    available = pd.DataFrame(workload.available.T, n.snapshots, names)
    ramp = {"ramp_limit_up": w.RAMP_SHARE, "ramp_limit_down": w.RAMP_SHARE}
    hours = int(w.MINIMUM_UP_H)
    commitment = {
        "committable": True,
        "min_up_time": hours,
        "up_time_before": hours,
        "ramp_limit_start_up": START_MW / w.UNIT_MW,
        "ramp_limit_shut_down": START_MW / w.UNIT_MW,
    }
    n.add(
        "Generator",
        names,
        bus="plant",
        p_nom=w.UNIT_MW,
        p_max_pu=available,
        p_min_pu=w.MINIMUM_SHARE * available,
        marginal_cost=w.FUEL,
        **(ramp if workload.ramps else {}),
        **(commitment if commits(workload) else {}),
    )


def add_fleets(n: pypsa.Network, workload: w.Workload) -> None:
    """Add the fleets; in W2 their sizes are free."""
    names = [f"{efficiency:g} J/TH" for efficiency in w.EFFICIENCY]
    free = {
        "p_nom_extendable": True,
        "p_nom_max": w.FLEET_MAXIMUM_MW,
        "capital_cost": w.CAPACITY_COST,
    }
    n.add(
        "Generator",
        names,
        bus="plant",
        sign=-1,
        marginal_cost=pd.DataFrame(-workload.value.T, n.snapshots, names),
        **(free if sizes(workload) else {"p_nom": w.FLEET_MW}),
    )


def solve(workload: w.Workload, **hand_off: str) -> Answer:
    """Solve `workload` with PyPSA's own defaults; `hand_off` goes to ``optimize``."""
    logging.disable(logging.INFO)
    began = perf_counter()
    n = network(workload)
    n.optimize.create_model(include_objective_constant=False)
    built = perf_counter()
    options = {"mip_rel_gap": MIP_GAP} if commits(workload) else {}
    n.optimize.solve_model(solver_name="highs", solver_options=options, **hand_off)
    return Answer(-float(n.objective), built - began, perf_counter() - built)
