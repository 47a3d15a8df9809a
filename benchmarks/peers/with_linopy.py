"""The workloads in linopy, with direct hand-off to HiGHS."""

from __future__ import annotations

import logging
from time import perf_counter

import linopy
import pandas as pd
import xarray as xr

from benchmarks import workloads as w
from benchmarks.peers.answer import MIP_GAP, START_MW, Answer, commits, sizes


def model(workload: w.Workload) -> linopy.Model:
    """State `workload` as a linopy model."""
    m = linopy.Model()
    hour = pd.RangeIndex(workload.T, name="hour")
    fleet = pd.Index([f"{efficiency:g} J/TH" for efficiency in w.EFFICIENCY], name="fleet")
    output = add_units(m, workload, hour)
    export = m.add_variables(0, w.EXPORT_MW, coords=[hour], name="export")
    unserved = m.add_variables(0, w.MUST_SERVE_MW, coords=[hour], name="unserved")
    mined = add_fleets(m, workload, hour, fleet)
    m.add_constraints(
        output.sum("unit") + unserved - export - mined.sum("fleet") >= w.MUST_SERVE_MW,
        name="balance",
    )
    price = xr.DataArray(workload.price, coords=[hour])
    value = xr.DataArray(workload.value, coords=[fleet, hour])
    margin = (
        (price * export).sum()
        + (value * mined).sum()
        - w.FUEL * output.sum()
        - w.UNSERVED * unserved.sum()
    )
    if sizes(workload):
        capital = xr.DataArray(w.CAPACITY_COST, coords=[fleet])
        margin = margin - (capital * m.variables["size"]).sum()
    m.add_objective(margin, sense="max")
    return m


def add_units(m: linopy.Model, workload: w.Workload, hour: pd.Index) -> linopy.Variable:
    """Add the units' output with its limits and return it."""
    unit = pd.RangeIndex(1, w.UNITS + 1, name="unit")
    most = xr.DataArray(workload.available_mw, coords=[unit, hour])
    least = xr.DataArray(workload.minimum_mw, coords=[unit, hour])
    if commits(workload):
        return add_committed_units(m, workload, least, most)
    output = m.add_variables(least, most, name="output")
    if workload.ramps:
        change = hourly_change(output)
        m.add_constraints(change <= workload.ramp_mw, name="ramp up")
        m.add_constraints(change >= -workload.ramp_mw, name="ramp down")
    return output


def add_committed_units(
    m: linopy.Model, workload: w.Workload, least: xr.DataArray, most: xr.DataArray
) -> linopy.Variable:
    """Add units that can be off; they start and stop at their minimum."""
    output = m.add_variables(0, most, name="output")
    on = m.add_variables(coords=most.coords, binary=True, name="on")
    start = m.add_variables(0, 1, coords=most.coords, name="start")
    m.add_constraints(output - most * on <= 0, name="most")
    m.add_constraints(output - least * on >= 0, name="least")
    later = {"hour": slice(1, None)}
    now, before = on.isel(later), on.shift(hour=1).isel(later)
    started, change = start.isel(later), hourly_change(output)
    m.add_constraints(started - now + before >= 0, name="start")
    recent = start.rolling(hour=int(w.MINIMUM_UP_H)).sum()
    m.add_constraints(recent - on <= 0, name="minimum time on")
    slack = START_MW - workload.ramp_mw
    m.add_constraints(change - START_MW * now + slack * before <= 0, name="ramp up")
    m.add_constraints(change + START_MW * before - slack * now >= 0, name="ramp down")
    return output


def hourly_change(output: linopy.Variable) -> linopy.LinearExpression:
    """Change of output from each hour to the next."""
    # linopy's own diff keeps the first hour, as if output had been zero before it.
    later = {"hour": slice(1, None)}
    return output.isel(later) - output.shift(hour=1).isel(later)


def add_fleets(
    m: linopy.Model, workload: w.Workload, hour: pd.Index, fleet: pd.Index
) -> linopy.Variable:
    """Add the fleets' draw, limited by their size, and return it."""
    if not sizes(workload):
        most = xr.DataArray(w.FLEET_MW, coords=[fleet])
        return m.add_variables(0, most, coords=[fleet, hour], name="mined")
    size = m.add_variables(0, w.FLEET_MAXIMUM_MW, coords=[fleet], name="size")
    mined = m.add_variables(0, coords=[fleet, hour], name="mined")
    m.add_constraints(mined - size <= 0, name="fleet size")
    return mined


def solve(workload: w.Workload) -> Answer:
    """Solve `workload` with linopy."""
    logging.disable(logging.INFO)
    began = perf_counter()
    m = model(workload)
    built = perf_counter()
    options = {"mip_rel_gap": MIP_GAP} if commits(workload) else {}
    m.solve("highs", io_api="direct", progress=False, **options)
    return Answer(float(m.objective.value), built - began, perf_counter() - built)
