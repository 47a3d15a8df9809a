"""An alternative in a world: which gates open when, what that changes, and what stays barred."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baseload.case.case import Case
from baseload.case.documents import Provenance
from baseload.case.errors import InputError
from baseload.case.gates import barred_by, needed_gates, opening_dates
from baseload.case.paths import Parts, split
from baseload.case.schema import Alternative, Tree
from baseload.case.written import Patch
from baseload.case.zones import local_midnight
from baseload.plan.outcome import World

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

OVER_TIME = (
    "plant.running_units_cap",
    "plant.bus.*.house_load",
    *(
        f"plant.unit.*.{name}"
        for name in (
            *("gross", "house_load", "shutdown_load", "minimum", "forced_outage_rate"),
            *("available", "fuel_cost", "variable_cost", "fixed_cost"),
        )
    ),
    *(f"link.*.{name}" for name in ("export_limit", "import_limit", "availability")),
    *(f"area.*.{name}" for name in ("export_limit", "export_charge", "import_charge")),
    *(f"area.*.market.{name}" for name in ("price", "depth")),
    *(f"area.*.obligation.*.{name}" for name in ("power", "price", "shortfall_price")),
    *(
        f"mine.*.{name}"
        for name in (
            *("power", "uptime", "inlet_temperature", "pool.fee", "power_price"),
            *("variable_cost", "fixed_cost"),
        )
    ),
    *(f"bitcoin.{name}" for name in ("price", "network", "fee_share", "hashprice")),
)
"""Attributes that the plan follows over the horizon, so that a gate may change them on its day."""


@dataclass(frozen=True)
class Setting:
    """One alternative of a case in one world.

    Attributes
    ----------
    case : the case as the alternative would have it, whether or not it comes to pass.
    name : name of the alternative.
    world : whether the gates it needs are taken to open.
    opening : day on which each gate opens; None for one that stays shut.
    needed : gates that the alternative's mine waits for, with all those before them.
    segments : consecutive stretches of the horizon with the tree that holds in each: every
        gate that opens begins a new one. Where a needed gate stays shut the choice is not
        made, and the trees are those of the case without it.
    """

    case: Case
    name: str
    world: World
    opening: Mapping[str, dt.date | None]
    needed: frozenset[str]
    segments: tuple[tuple[slice, Tree], ...]

    @property
    def alternative(self) -> Alternative:
        """The alternative as the case has it."""
        return self.case.alternatives[self.name]

    @property
    def tree(self) -> Tree:
        """The tree at the start of the horizon."""
        return self.segments[0][1]

    @property
    def steps(self) -> int:
        """Number of steps T."""
        return len(self.case.clock)

    @cached_property
    def hours(self) -> Floats:
        """Time from the start of the horizon to each step, shape (T,) [h]."""
        return np.arange(self.steps, dtype=np.float64) * self.case.clock.step

    @property
    def mines(self) -> tuple[str, ...]:
        """Mines that the alternative has or a gate brings, whether or not they may run."""
        trees = (self.case.tree, *(tree for _, tree in self.segments))
        return tuple(
            name for name in self.tree.mine if any(tree.mine[name].power != 0.0 for tree in trees)
        )

    def over(self, *path: str, absent: float = 0.0) -> Floats:
        """Value of one attribute over the horizon, shape (T,), in its canonical unit.

        Parameters
        ----------
        path : names from the root of the tree, e.g. ``"link", "dniprovska", "export_limit"``.
        absent : stands for an attribute that is not given.
        """
        out = np.empty(self.steps)
        for stretch, tree in self.segments:
            level = _reach(tree, path)
            value = absent if level is None else self.case.values(level)
            out[stretch] = value[stretch] if isinstance(value, np.ndarray) else value
        return out

    def since(self, date: dt.date | None, delay: float = 0.0) -> Booleans:
        """Steps from a day on, after a delay [h], shape (T,); none of them for no day."""
        if date is None:
            return np.zeros(self.steps, dtype=np.bool_)
        return np.asarray(self.hours >= self.hours_to(date) + delay)

    def hours_to(self, date: dt.date) -> float:
        """Time from the start of the horizon to a local midnight, negative before it [h]."""
        clock = self.case.clock
        return (local_midnight(clock.zone, date) - clock.first) / 3600.0

    @cached_property
    def gates_open(self) -> dt.date | None:
        """Day on which the last needed gate opens; the first day where none is needed."""
        days = [self.opening[gate] for gate in self.needed]
        known = [day for day in days if day is not None]
        return max([self.tree.case.start, *known]) if len(known) == len(days) else None

    def mine_running(self, name: str) -> Booleans:
        """Steps in which gates, building time and law let a mine run, shape (T,)."""
        mine = self.tree.mine[name]
        stands = mine.since is not None and not self.needed
        running = self.since(self.gates_open, 0.0 if stands else mine.build_time)
        if mine.since is not None:
            running &= self.since(mine.since)
        for bar in self.bars_on(name):
            running &= ~self.in_force(bar)
        return running

    def bars_on(self, mine: str) -> tuple[str, ...]:
        """Bars that forbid a mine, or something to a party of the alternative's arrangement."""
        name = self.alternative.arrangement
        parties = self.case.arrangements[name].parties if name else ()
        return barred_by(self.case.tree, mine, parties)

    def in_force(self, bar: str) -> Booleans:
        """Steps in which a bar holds: from its first day until it ends or a gate lifts it."""
        rule = self.case.tree.bar[bar]
        holds = self.since(rule.since)
        if rule.until is not None:
            holds &= ~self.since(rule.until)
        for gate, day in self.opening.items():
            if bar in self.case.tree.gate[gate].lifts:
                holds &= ~self.since(day)
        return holds


def setting(case: Case, name: str, world: World) -> Setting:
    """Apply an alternative to a case and lay the gates of a world along the horizon.

    Patches are applied in this order: those of gates, by the day they open, then those of
    the alternative, so that a choice wins over what merely becomes possible.
    """
    choice = case.alternative(name)
    needed = needed_gates(choice.tree, case.alternatives[name].needs)
    opening = opening_dates(choice.tree, needed if world == "opened" else frozenset())
    made = all(opening[gate] is not None for gate in needed)
    return Setting(choice, name, world, opening, needed, _segments(case, name, opening, made))


def _segments(
    case: Case, name: str, opening: Mapping[str, dt.date | None], made: bool
) -> tuple[tuple[slice, Tree], ...]:
    gates, clock = case.tree.gate, case.clock
    dated = sorted((day, gate) for gate, day in opening.items() if day and gates[gate].set)
    cuts: list[tuple[int, list[Patch]]] = [(0, [])]
    for day, gate in dated:
        begin, patches = clock.position(day), [*cuts[-1][1], *_patches(gates[gate].set)]
        if begin == cuts[-1][0]:
            cuts.pop()
        elif begin < len(clock):
            _refuse_fixed(case, gate, day)
        cuts.append((begin, patches))
    ends = [begin for begin, _ in cuts[1:]] + [len(clock)]
    choice = case.registers.choices[name] if made else ()
    return tuple(
        (slice(begin, end), case.with_patches((*patches, *choice)).tree)
        for (begin, patches), end in zip(cuts, ends, strict=True)
        if begin < end
    )


def _patches(values: Mapping[str, object]) -> list[Patch]:
    mark = Provenance(None, None, None, "gates.toml", None)
    return [Patch(path, value, mark) for path, value in values.items()]


def _refuse_fixed(case: Case, gate: str, day: dt.date) -> None:
    """Refuse what a gate would change on the way and the plan takes for the whole horizon."""
    for path in case.tree.gate[gate].set:
        parts = split(path)
        if not any(_covers(split(pattern), parts) for pattern in OVER_TIME):
            raise InputError(
                case.written.where(f"gate.{gate}.set"),
                expected="a value that may change on the way, such as a limit, a price or a load",
                found=f"{path}, from {day} on",
                mend="set it in an alternative, which holds for the whole horizon",
            )


def _covers(pattern: Parts, parts: Parts) -> bool:
    return len(pattern) == len(parts) and all(map(fnmatchcase, parts, pattern))


def _reach(tree: Tree, path: tuple[str, ...]) -> Any:
    """Follow names into the tree; None where something on the way is not given."""
    place: Any = tree
    for name in path:
        if place is None:
            return None
        place = place[name] if isinstance(place, Mapping) else getattr(place, name)
    return place
