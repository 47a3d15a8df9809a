"""The workloads in oemof-solph: one bus, sources and sinks, HiGHS through Pyomo.

W4 needs two additions. A list as minimum time on, cut off at the last hour and zero in the
first, takes away oemof's own end conditions (on for the first 72 h, no start in the last 71 h),
so that the question is the one the other tools answer. And the ramp of a unit that can be off
is added to the Pyomo model: oemof's own multiplies output by status, which no linear solver
takes.
"""

from __future__ import annotations

import logging
import warnings
from time import perf_counter

import numpy as np
import pyomo.environ as pyo
from oemof import solph

from benchmarks import workloads as w
from benchmarks.peers.answer import MIP_GAP, START_MW, Answer, commits, sizes


def energy_system(workload: w.Workload) -> tuple[solph.EnergySystem, list[solph.components.Source]]:
    """State `workload` as an energy system and return it with its units."""
    hours = solph.create_time_index(2027, number=workload.T)
    system = solph.EnergySystem(timeindex=hours, infer_last_interval=False)
    bus = solph.Bus("plant")
    units = [
        solph.components.Source(f"unit {i + 1}", outputs={bus: unit_flow(workload, i)})
        for i in range(w.UNITS)
    ]
    must_serve = solph.Flow(nominal_capacity=w.MUST_SERVE_MW, fix=1)
    unserved = solph.Flow(nominal_capacity=w.MUST_SERVE_MW, variable_costs=w.UNSERVED)
    export = solph.Flow(nominal_capacity=w.EXPORT_MW, variable_costs=-workload.price)
    curtailment = solph.Flow(nominal_capacity=w.UNITS * w.UNIT_MW)
    system.add(
        bus,
        *units,
        solph.components.Sink("must serve", inputs={bus: must_serve}),
        solph.components.Source("unserved", outputs={bus: unserved}),
        solph.components.Sink("export", inputs={bus: export}),
        solph.components.Sink("curtailment", inputs={bus: curtailment}),
        *(
            solph.components.Sink(f"{e:g} J/TH", inputs={bus: fleet_flow(workload, i)})
            for i, e in enumerate(w.EFFICIENCY)
        ),
    )
    return system, units


def unit_flow(workload: w.Workload, unit: int) -> solph.Flow:
    """Output of a unit."""
    extra = {}
    if commits(workload):
        shortest = np.minimum(int(w.MINIMUM_UP_H), workload.T - np.arange(workload.T))
        shortest[0] = 0
        extra["nonconvex"] = solph.NonConvex(initial_status=1, minimum_uptime=shortest.tolist())
    elif workload.ramps:
        extra["positive_gradient_limit"] = w.RAMP_SHARE
        extra["negative_gradient_limit"] = w.RAMP_SHARE
    return solph.Flow(
        nominal_capacity=w.UNIT_MW,
        maximum=workload.available[unit],
        minimum=w.MINIMUM_SHARE * workload.available[unit],
        variable_costs=w.FUEL,
        **extra,
    )


def fleet_flow(workload: w.Workload, fleet: int) -> solph.Flow:
    """Draw of a fleet; in W2 its size is free."""
    size: float | solph.Investment = float(w.FLEET_MW[fleet])
    if sizes(workload):
        size = solph.Investment(ep_costs=w.CAPACITY_COST[fleet], maximum=w.FLEET_MAXIMUM_MW)
    return solph.Flow(nominal_capacity=size, variable_costs=-workload.value[fleet])


def add_ramps(model: solph.Model, units: list[solph.components.Source], ramp_mw: float) -> None:
    """Limit the change of output of units that start and stop at their minimum."""
    block = model.NonConvexFlowBlock
    flows = [(unit, bus) for unit in units for bus in unit.outputs]
    later = list(model.TIMESTEPS)[1:]

    def rise(_: pyo.ConcreteModel, i: int, t: int) -> pyo.Expression:
        now, before = block.status[(*flows[i], t)], block.status[(*flows[i], t - 1)]
        change = model.flow[(*flows[i], t)] - model.flow[(*flows[i], t - 1)]
        return change <= ramp_mw * before + START_MW * (now - before)

    def fall(_: pyo.ConcreteModel, i: int, t: int) -> pyo.Expression:
        now, before = block.status[(*flows[i], t)], block.status[(*flows[i], t - 1)]
        change = model.flow[(*flows[i], t)] - model.flow[(*flows[i], t - 1)]
        return -change <= ramp_mw * now + START_MW * (before - now)

    model.ramp_up = pyo.Constraint(range(len(flows)), later, rule=rise)
    model.ramp_down = pyo.Constraint(range(len(flows)), later, rule=fall)


def solve(workload: w.Workload) -> Answer:
    """Solve `workload` with oemof-solph."""
    logging.disable(logging.INFO)
    warnings.simplefilter("ignore")
    began = perf_counter()
    system, units = energy_system(workload)
    model = solph.Model(system)
    if commits(workload):
        add_ramps(model, units, workload.ramp_mw)
    built = perf_counter()
    options = {"mip_rel_gap": MIP_GAP} if commits(workload) else {}
    model.solve(solver="highs", cmdline_options=options)
    results = solph.Results(model)
    if results["flow"].isna().any(axis=None):
        raise RuntimeError("oemof-solph brought back no flows")
    return Answer(-float(results["objective"]), built - began, perf_counter() - built)
