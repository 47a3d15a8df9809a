"""Gates in a future: which open, when, and what that means for an alternative.

A gate with values to set, and the gate of the restart, is work that somebody does: it counts
only in alternatives that need it. Every other gate is news, such as a law or a licence, and
counts in all of them.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

from baseload.case.case import Case
from baseload.case.gates import barred_by, needed_gates
from baseload.case.schema import Tree
from baseload.case.zones import local_midnight
from baseload.plan.ensemble.parameters import Parameters, Row
from baseload.plan.futures.random import driver_key, uniform


@dataclass(frozen=True)
class Gates:
    """The gates of a case, in an order in which each comes after those before it.

    Attributes
    ----------
    names : in that order.
    works : those that are work.
    """

    case: Case
    names: tuple[str, ...]
    works: frozenset[str]

    @classmethod
    def of(cls, case: Case) -> Gates:
        """Sort the gates of a case."""
        restart = case.tree.plant.restart
        works = {name for name, gate in case.tree.gate.items() if gate.set}
        works |= {restart.gate} if restart else set()
        return cls(case, _sorted(case.tree), frozenset(works))

    def opening(self, parameters: Parameters, row: Row, seed: int, scenario: int) -> dict[str, int]:
        """Draw the day on which each gate opens; one that stays shut is left out.

        Returns
        -------
        Day of each gate that opens within the horizon, counted from its first day; negative
        before it.

        Notes
        -----
        As `baseload.case.gates.opening_dates`, each gate that is shut opening with its
        probability once those before it have.
        """
        days: dict[str, int] = {}
        frame = self.case.tree.case
        today = (frame.as_of - frame.start).days
        last = (frame.end - frame.start).days
        for name in self.names:
            gate = self.case.tree.gate[name]
            date = _day(parameters, row, name, "date")
            if gate.state == "open":
                days[name] = today if date is None else date
                continue
            chance = row.values[parameters.place("gate", name, "probability")]
            luck = uniform(seed, scenario, driver_key(f"gate {name}"), 0)
            before = [days.get(other) for other in gate.after]
            if luck >= chance or any(day is None for day in before):
                continue
            delay = row.values[parameters.place("gate", name, "delay")]
            known = [day for day in before if day is not None]
            earliest = (max(known) if known else today) + math.ceil(round(delay / 24.0, 6))
            opens = earliest if date is None else date
            if known:
                opens = max(opens, earliest)
            if opens < last:
                days[name] = opens
        return days

    def needed(self, alternative: str) -> frozenset[str]:
        """Gates that an alternative waits for, with all those before them."""
        return needed_gates(self.case.tree, self.case.alternatives[alternative].needs)

    def counting(self, opening: Mapping[str, int], needed: frozenset[str]) -> dict[str, int]:
        """Return the gates that count for an alternative, by the day they open."""
        return {
            name: day for name, day in opening.items() if name in needed or name not in self.works
        }


def _sorted(tree: Tree) -> tuple[str, ...]:
    order: list[str] = []

    def visit(name: str) -> None:
        if name not in order:
            for other in tree.gate[name].after:
                visit(other)
            order.append(name)

    for name in tree.gate:
        visit(name)
    return tuple(order)


def _day(parameters: Parameters, row: Row, gate: str, name: str) -> int | None:
    hours = row.values[parameters.place("gate", gate, name)]
    return None if math.isnan(hours) else round(hours / 24.0)


def free_times(
    parameters: Parameters,
    row: Row,
    case: Case,
    mine: str,
    parties: tuple[str, ...],
    opening: Mapping[str, int],
    begin: float,
    end: float,
) -> list[tuple[float, float]]:
    """Return the times in which no bar forbids a mine.

    Parameters
    ----------
    mine, parties : whom bars may name.
    opening : day on which each gate opens that counts.
    begin, end : first and last hour in which the mine could run [h].

    Returns
    -------
    Start and end of each spell [h].
    """
    free = [(begin, end)] if begin < end else []
    for bar in barred_by(case.tree, mine, parties):
        since = row.values[parameters.place("bar", bar, "since")]
        until = row.values[parameters.place("bar", bar, "until")]
        lifted = [
            hours_of_day(case, day)
            for gate, day in opening.items()
            if bar in case.tree.gate[gate].lifts
        ]
        stop = min([math.inf if math.isnan(until) else until, *lifted])
        free = [part for spell in free for part in _without(spell, since, stop)]
    return free


def _without(spell: tuple[float, float], since: float, stop: float) -> list[tuple[float, float]]:
    begin, end = spell
    if stop <= since or stop <= begin or since >= end:
        return [spell]
    parts = [(begin, min(end, since)), (max(begin, stop), end)]
    return [part for part in parts if part[0] < part[1]]


def hours_of_day(case: Case, day: int) -> float:
    """Time from the start of the horizon to a local midnight [h]."""
    clock = case.clock
    date = clock.start + dt.timedelta(days=day)
    return (local_midnight(clock.zone, date) - clock.first) / 3600.0
