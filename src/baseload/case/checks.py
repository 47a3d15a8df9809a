"""What the parts of a tree say of each other: names that exist, dates that make sense."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from baseload.case.errors import InputError
from baseload.case.schema import Tree
from baseload.case.units import format
from baseload.case.written import Written

UNNAMED_PARTIES = ("plant", "mine")
"""Owners that need no entry among the parties: the defaults of the schema."""


def check_tree(tree: Tree, written: Written, parties: Collection[str]) -> None:
    """Check everything that can be checked on the tree alone.

    Parameters
    ----------
    tree, written : the tree in canonical units, and where it was written.
    parties : parties of the case; if there are none, owners are not looked up.

    Raises
    ------
    InputError
        At the first thing that does not fit.
    """
    looking = _Looking(tree, written)
    looking.at_places()
    looking.at_units()
    looking.at_futures()
    looking.at_restart()
    looking.at_gates()
    looking.at_bars(parties)
    if parties:
        looking.at_owners(parties)
    looking.at_dates()


def known(name: str, names: Collection[str], kind: str, where: str) -> None:
    """Refuse a name that does not exist; the error names the nearest that does."""
    if name in names:
        return
    close = difflib.get_close_matches(name, names, 1, 0.4)
    listed = ", ".join(list(names)[:12]) or "there is none"
    raise InputError(
        where,
        expected=f"{kind}: {listed}",
        found=f'"{name}"',
        mend=f'did you mean "{close[0]}"?' if close else "name one of them, or add it",
    )


@dataclass(frozen=True, slots=True)
class _Looking:
    tree: Tree
    written: Written

    def _known(self, path: str, name: str, names: Collection[str], kind: str) -> None:
        if name not in names:
            known(name, names, kind, self.written.where(path, name))

    # --- names --------------------------------------------------------------------------

    def at_places(self) -> None:
        """Check that everything stands on a busbar section or in an area that exists."""
        tree = self.tree
        for name, unit in tree.plant.unit.items():
            self._known(f"plant.unit.{name}.bus", unit.bus, tree.plant.bus, "a busbar section")
        for kind, entries in (("link", tree.link), ("mine", tree.mine), ("storage", tree.storage)):
            for name, entry in entries.items():
                self._stands(f"{kind}.{name}", entry)

    def at_futures(self) -> None:
        """Check that the drivers of futures name links and areas that exist."""
        for name in self.tree.futures.link:
            self._known(f"futures.link.{name}", name, self.tree.link, "a link")
        priced = [name for name, area in self.tree.area.items() if area.market is not None]
        for name in self.tree.futures.power_price:
            self._known(f"futures.power_price.{name}", name, priced, "an area with a market")

    def at_units(self) -> None:
        """Check that a unit makes at least what it consumes, and runs between its outages."""
        for name, unit in self.tree.plant.unit.items():
            if unit.house_load > unit.gross:
                raise InputError(
                    self.written.where(f"plant.unit.{name}.house_load", unit.house_load),
                    expected=f"at most the gross output, {format(unit.gross, 'MW')}",
                    found=format(unit.house_load, "MW"),
                    mend="correct one of the two",
                )
            outage = unit.refuelling
            if outage is not None and outage.duration >= outage.every:
                raise InputError(
                    self.written.where(f"plant.unit.{name}.refuelling.duration"),
                    expected=f"less than the time from outage to outage, {outage.every:,.0f} h",
                    found=f"{outage.duration:,.0f} h: a unit that never runs",
                    mend="correct 'duration' or 'every'",
                )

    def _stands(self, path: str, entry: Any) -> None:
        if entry.bus is not None:
            self._known(f"{path}.bus", entry.bus, self.tree.plant.bus, "a busbar section")
        if getattr(entry, "area", None) is not None:
            self._known(f"{path}.area", entry.area, self.tree.area, "an area")

    def at_restart(self) -> None:
        """Check that the restart names its gate and every stopped unit once."""
        plant = self.tree.plant
        if plant.restart is None:
            return
        self._known("plant.restart.gate", plant.restart.gate, self.tree.gate, "a gate")
        order = plant.restart.order
        for name in order:
            self._known("plant.restart.order", name, plant.unit, "a unit")
        stopped = [name for name, unit in plant.unit.items() if unit.state == "stopped"]
        missing = [name for name in stopped if name not in order]
        if missing or len(set(order)) < len(order):
            twice = sorted({name for name in order if order.count(name) > 1})
            raise InputError(
                self.written.where("plant.restart.order"),
                expected=f"every stopped unit once: {', '.join(stopped)}",
                found=f"no {', '.join(missing)}" if missing else f"{', '.join(twice)} twice",
                mend="name each stopped unit once, in the order of their return",
            )

    def at_owners(self, parties: Collection[str]) -> None:
        """Check that whoever is paid is a party of the case."""
        owners = {"plant.owner": self.tree.plant.owner}
        owners |= {f"mine.{name}.owner": mine.owner for name, mine in self.tree.mine.items()}
        for area, entry in self.tree.area.items():
            for name, owed in entry.obligation.items():
                owners[f"area.{area}.obligation.{name}.to"] = owed.to
        for path, owner in owners.items():
            if owner not in UNNAMED_PARTIES:
                self._known(path, owner, parties, "a party of arrangements.toml")

    # --- gates and bars -----------------------------------------------------------------

    def at_gates(self) -> None:
        """Check stages, the order of gates and what they lift."""
        tree = self.tree
        stages = tree.stages.order if tree.stages else ()
        if tree.stages:
            self._known("stages.reached", tree.stages.reached, stages, "a stage")
        for name, gate in tree.gate.items():
            self._known(f"gate.{name}.stage", gate.stage, stages, "a stage of stages.order")
            for other in gate.after:
                self._known(f"gate.{name}.after", other, tree.gate, "a gate")
            for bar in gate.lifts:
                self._known(f"gate.{name}.lifts", bar, tree.bar, "a bar")
        loop = cycle({name: gate.after for name, gate in tree.gate.items()})
        if loop:
            raise InputError(
                self.written.where(f"gate.{loop[0]}.after"),
                expected="gates that can open one after the other",
                found=f"a gate that depends on itself: {' after '.join(loop)}",
                mend="remove one of these from 'after'",
            )
        for name in tree.gate:
            self._open_in_order(name)

    def _open_in_order(self, name: str) -> None:
        gate, as_of = self.tree.gate[name], self.tree.case.as_of
        if gate.state != "open":
            return
        shut = [other for other in gate.after if self.tree.gate[other].state == "shut"]
        if shut:
            raise InputError(
                self.written.where(f"gate.{name}.state"),
                expected="an open gate only after open gates",
                found=f"{name} open and {', '.join(shut)}, before it, shut",
                mend="correct 'state' or 'after'",
            )
        if gate.date is not None and gate.date > as_of:
            raise InputError(
                self.written.where(f"gate.{name}.date", gate.date),
                expected=f"a day up to case.as_of, {as_of}, for a gate that is open",
                found=str(gate.date),
                mend='write state = "shut", or correct the date',
            )

    def at_bars(self, parties: Collection[str]) -> None:
        """Check the days of bars, and that what they forbid exists."""
        subjects = [f"mine.{name}" for name in self.tree.mine]
        subjects += [f"party.{name}" for name in parties]
        for name, bar in self.tree.bar.items():
            if bar.until is not None and bar.until <= bar.since:
                raise self._disordered(f"bar.{name}", bar.since, bar.until)
            for path, patterns in (("blocks", bar.blocks), ("excepts", bar.excepts)):
                for pattern in patterns:
                    if not any(fnmatchcase(subject, pattern) for subject in subjects):
                        self._known(f"bar.{name}.{path}", pattern, subjects, "mines and parties")

    # --- dates --------------------------------------------------------------------------

    def at_dates(self) -> None:
        """Check that what begins or ends does so where it can matter."""
        frame = self.tree.case
        if self.tree.bitcoin.at is not None and self.tree.bitcoin.at >= frame.end:
            raise self._outside("bitcoin.at", self.tree.bitcoin.at)
        for name, mine in self.tree.mine.items():
            if mine.since is not None and mine.since >= frame.end:
                raise self._outside(f"mine.{name}.since", mine.since)
        for area, entry in self.tree.area.items():
            for name, owed in entry.obligation.items():
                path = f"area.{area}.obligation.{name}"
                if owed.since is not None and owed.since >= frame.end:
                    raise self._outside(f"{path}.since", owed.since)
                if owed.until is not None and owed.until <= frame.start:
                    raise self._outside(f"{path}.until", owed.until)
                if owed.since and owed.until and owed.until <= owed.since:
                    raise self._disordered(path, owed.since, owed.until)

    def _outside(self, path: str, day: dt.date) -> InputError:
        frame = self.tree.case
        return InputError(
            self.written.where(path, day),
            expected=f"a day of the horizon, {frame.start} to {frame.end}",
            found=f"a date outside the horizon: {day}",
            mend="correct the date, or leave it out",
        )

    def _disordered(self, path: str, since: dt.date, until: dt.date) -> InputError:
        return InputError(
            self.written.where(f"{path}.until", until),
            expected=f"a day after 'since', {since}",
            found=str(until),
            mend="correct one of the two",
        )


def cycle(after: Mapping[str, Iterable[str]]) -> list[str]:
    """Return a loop of names, its first again at its end; empty if there is none.

    >>> cycle({"a": ["b"], "b": ["a"]})
    ['a', 'b', 'a']
    """
    done: set[str] = set()
    for start in after:
        trail: list[str] = []
        waiting = []
        if start not in done:
            trail, waiting = [start], [iter(after[start])]
        while waiting:
            following = waiting[-1]
            other = next(following, None)
            if other is None:
                waiting.pop()
                done.add(trail.pop())
            elif other in trail:
                return [*trail[trail.index(other) :], other]
            elif other not in done:
                waiting.append(iter(after[other]))
                trail.append(other)
    return []
