"""What keeps a mine from running: gates that are shut and bars that are in force."""

from __future__ import annotations

from dataclasses import dataclass

from baseload.plan.world import Setting


@dataclass(frozen=True)
class Blocking:
    """Gates (by name) and bars (by id), in the order of the case."""

    blocked_by: tuple[str, ...]
    """What stands in the way of a mine that is never built."""
    waits_for: tuple[str, ...]
    """What holds a mine back that is built in the end."""


def blocking(place: Setting, *, built: bool) -> Blocking:
    """Say what stands in the way of an alternative's mine on the first day of the horizon.

    Notes
    -----
    As things stand, an alternative without a mine is told what stands in the way of any mine
    of the case: that is what the status quo means. With its gates open it is told nothing.
    """
    wanted = place.mines
    if not wanted and place.world == "opened":
        return Blocking((), ())
    gates = place.needed or _restart(place)
    shut = [
        gate for gate in place.case.tree.gate if gate in gates and not _open_at_start(place, gate)
    ]
    barring = {bar for mine in wanted or place.case.tree.mine for bar in place.bars_on(mine)}
    held = [bar for bar in place.case.tree.bar if bar in barring and place.in_force(bar)[0]]
    found = (*shut, *held)
    return Blocking((), found) if built else Blocking(found, ())


def _restart(place: Setting) -> frozenset[str]:
    """The gate of the restart, where no unit runs."""
    plant = place.case.tree.plant
    stopped = all(unit.state == "stopped" for unit in plant.unit.values())
    return frozenset({plant.restart.gate}) if stopped and plant.restart else frozenset()


def _open_at_start(place: Setting, gate: str) -> bool:
    day = place.opening[gate]
    return day is not None and day <= place.case.clock.start
