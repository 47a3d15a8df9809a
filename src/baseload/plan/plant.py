"""The units of a setting over the horizon: which run, what they can give, what they draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baseload.plan.availability import (
    follow_ramp,
    limit_running,
    outages_after_return,
    planned_outages,
)
from baseload.plan.world import Setting

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class PlantState:
    """Every unit over the horizon, by name; all arrays have shape (T,)."""

    bus: Mapping[str, str]
    share: Mapping[str, Floats]
    """Expected share of gross output that is available [-]."""
    net: Mapping[str, Floats]
    """Available output less house load [MW]."""
    minimum: Mapping[str, Floats]
    """Least stable output, net [MW]."""
    shutdown: Mapping[str, Floats]
    """Draw of what stands still [MW]."""
    cycles: Mapping[str, tuple[tuple[int, int], ...]]
    """First step and step after the last of each fuel cycle, for units with refuelling."""

    def on(self, bus: str) -> tuple[str, ...]:
        """Names of the units on a busbar section."""
        return tuple(unit for unit, where in self.bus.items() if where == bus)

    def available(self, bus: str) -> Floats:
        """Output that all units of a section can give together, shape (T,) [MW]."""
        rows = [self.net[unit] for unit in self.on(bus)]
        return np.sum(rows, axis=0) if rows else np.zeros_like(next(iter(self.net.values())))

    def must_serve(self, setting: Setting, bus: str) -> Floats:
        """Load of a section that is served before anything else, shape (T,) [MW]."""
        load = setting.over("plant", "bus", bus, "house_load")
        for unit in self.on(bus):
            load = load + self.shutdown[unit]
        return load

    def first_possible(self, bus: str) -> Booleans:
        """Steps from the first in which the section can generate, shape (T,)."""
        return np.maximum.accumulate(self.available(bus) > 0.0)


def plant_state(setting: Setting) -> PlantState:
    """Work out every unit's availability.

    Units run unless they are out for refuelling, without a licence, still stopped, or more
    than the cap allows; forced outages count at their expected share. Near an outage output
    follows the ramp limit.
    """
    tree, step = setting.tree, setting.case.clock.step
    units = tree.plant.unit
    order = _order(setting)
    returns = _returns(setting)
    outages = {unit: _refuelling(setting, unit, returns.get(unit)) for unit in units}
    able = np.array([~outages[unit] & _allowed(setting, unit, returns) for unit in order])
    cap = setting.over("plant", "running_units_cap", absent=float(len(units)))
    running = dict(zip(order, limit_running(able, cap.astype(np.int64)), strict=True))
    share, net, least, shutdown = {}, {}, {}, {}
    for name, unit in units.items():
        expected = setting.over("plant", "unit", name, "available") * running[name]
        expected *= 1.0 - setting.over("plant", "unit", name, "forced_outage_rate")
        share[name] = follow_ramp(expected, np.inf if unit.ramp is None else unit.ramp * step)
        gross = setting.over("plant", "unit", name, "gross")
        net[name] = share[name] * (gross - setting.over("plant", "unit", name, "house_load"))
        least[name] = net[name] * setting.over("plant", "unit", name, "minimum")
        idle = setting.over("plant", "unit", name, "shutdown_load")
        shutdown[name] = (1.0 - share[name]) * idle
    cycles = {unit: _cycles(outages[unit]) for unit in units if units[unit].refuelling is not None}
    bus = {name: unit.bus for name, unit in units.items()}
    return PlantState(bus, share, net, least, shutdown, cycles)


def _order(setting: Setting) -> list[str]:
    """Units in the order in which they may run: as they are written, or as they return."""
    plant = setting.tree.plant
    first = list(plant.restart.order) if plant.restart else []
    running = [name for name, unit in plant.unit.items() if unit.state == "running"]
    return list(dict.fromkeys([*running, *first, *plant.unit]))


def _returns(setting: Setting) -> dict[str, float]:
    """Hours from the start of the horizon to each stopped unit's return; absent if never."""
    restart = setting.tree.plant.restart
    opened = setting.opening.get(restart.gate) if restart else None
    if restart is None or opened is None:
        return {}
    begin = setting.hours_to(opened) + restart.first
    stopped = [u for u in restart.order if setting.tree.plant.unit[u].state == "stopped"]
    return {unit: begin + place * restart.following for place, unit in enumerate(stopped)}


def _refuelling(setting: Setting, name: str, back: float | None) -> Booleans:
    unit, clock = setting.tree.plant.unit[name], setting.case.clock
    calendar = unit.refuelling
    if calendar is None or (unit.state == "stopped" and back is None):
        return np.zeros(setting.steps, dtype=np.bool_)
    every, length = calendar.every, calendar.duration
    if calendar.first is None:
        return outages_after_return(setting.steps, clock.step, back or 0.0, every, length)
    first = setting.hours_to(calendar.first)
    return planned_outages(setting.steps, clock.step, first, every, length)


def _allowed(setting: Setting, name: str, returns: Mapping[str, float]) -> Booleans:
    unit = setting.tree.plant.unit[name]
    allowed = np.ones(setting.steps, dtype=np.bool_)
    if unit.state == "stopped":
        hours = np.arange(setting.steps) * setting.case.clock.step
        allowed &= hours >= returns.get(name, np.inf)
    if unit.licence_end is not None:
        allowed &= ~setting.since(unit.licence_end)
    return allowed


def _cycles(out: Booleans) -> tuple[tuple[int, int], ...]:
    """Stretches between outages, as first step and step after the last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], out, [True])).astype(np.int8)))
    return tuple((int(begin), int(end)) for begin, end in zip(edges[::2], edges[1::2], strict=True))
