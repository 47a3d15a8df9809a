"""One future: what has been drawn, and what each alternative comes to in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from baseload.case.case import Case
from baseload.plan.ensemble.arrays import Sums, new_sums, time_of
from baseload.plan.ensemble.calendar import Months
from baseload.plan.ensemble.choices import Choice
from baseload.plan.ensemble.drawing import Coin, Drawn
from baseload.plan.ensemble.gating import Gates, free_times, hours_of_day
from baseload.plan.ensemble.hours import run_hours
from baseload.plan.ensemble.money import Outcome, settled
from baseload.plan.ensemble.parameters import Change, Parameters, Row
from baseload.plan.ensemble.planning import Laid, Spans, Stretch, laid_out
from baseload.plan.ensemble.structure import HOUSE, MARKET, OBLIGATION, Structure

Floats = NDArray[np.float64]


@dataclass
class Future:
    """A future, with what alternatives have come to in it.

    Attributes
    ----------
    levels : level of each unknown, dates as days since 1970, shape (K,).
    row : the numbers of the case in this future.
    opening : day on which each gate opens, from the start of the horizon.
    """

    case: Case
    parameters: Parameters
    gates: Gates
    gate_changes: Mapping[str, Change]
    months: Months
    levels: Floats
    row: Row
    opening: Mapping[str, int]
    coin: Coin
    drawn: Drawn
    _known: dict[object, Outcome] = field(default_factory=dict)
    laid: Laid = field(default_factory=Laid)

    # --- alternatives -------------------------------------------------------------------------

    def made(self, choice: Choice) -> bool:
        """Whether all gates open that an alternative waits for."""
        return all(gate in self.opening for gate in choice.needed)

    def outcomes(self, choice: Choice) -> tuple[Outcome, Outcome]:
        """Return what an alternative comes to, with its mines and without any."""
        without = self.without(choice)
        if not self.made(choice) or not choice.mines:
            return without, without
        spans = self.spells(choice)
        if all(not spell for spell in spans):
            return without, without
        own = self.run(choice, spans)
        # Machines that an alternative leaves without power are no mine, to the last bit.
        return (own if own.sums.installed.any() else without), without

    def without(self, choice: Choice) -> Outcome:
        """Return the same future without a mine; shared by alternatives that differ by it alone."""
        made = self.made(choice)
        works = self._works(choice)
        key = (choice.world if made else frozenset(), works)
        if key not in self._known:
            stretches = self._stretches(choice, made=made)
            self._known[key] = self._run(choice.without, choice, stretches, [], slopes=False)
        return self._known[key]

    def run(
        self,
        choice: Choice,
        spans: Spans,
        *,
        powers: Floats | None = None,
        slopes: bool = False,
    ) -> Outcome:
        """Run an alternative with its mines.

        Parameters
        ----------
        spans : see `spells`.
        powers : power of each mine in place of the case's, shape (M,) [MW].
        slopes : whether to find what one more megawatt of each would change.
        """
        stretches = self._stretches(choice, made=True)
        if powers is not None:
            for stretch in stretches:
                for mine, power in zip(choice.mines, powers, strict=True):
                    place = self.parameters.place("mine", mine, "power")
                    stretch.row.values[place], stretch.row.series[place] = power, -1
        return self._run(choice.own, choice, stretches, spans, slopes=slopes)

    def prepare(self, choice: Choice) -> None:
        """Lay an alternative out as if it were made, and run nothing."""
        stretches: list[Stretch] = self._stretches(choice, made=True)
        spans: Spans = self.spells(choice) if self.made(choice) else [[] for _ in choice.mines]
        laid_out(self, choice, choice.own, stretches, spans, slopes=False)

    def hourly(self, choice: Choice) -> dict[str, Floats]:
        """Return power hour by hour: of every use, and generation and import by section [MW].

        Uses of the same name, the pieces of a machine's curve, are added up. Generation and import
        add up to the uses: what is thrown away is in none of them.
        """
        made = self.made(choice)
        spans = self.spells(choice) if made else []
        own = any(spans)
        parts = choice.own if own else choice.without
        stretches = self._stretches(choice, made=made)
        sums = self._sums(parts, choice, stretches, spans, slopes=False, hourly=True)
        found: dict[str, Floats] = {}
        for name, power in zip(_labels(choice, parts), sums.hourly, strict=True):
            found[name] = found[name] + power if name in found else power
        for bus in choice.case.tree.plant.bus:
            # What is bought serves the house.
            found[f"house load {bus}"] += found[f"import {bus}"]
        return found

    def price(self, area: str) -> Floats:
        """Return the price of an area's market, shape (T,) [USD/MWh]."""
        return self.drawn.price(area, self.row, self.parameters.series_factors(self.row))

    # --- gates --------------------------------------------------------------------------------

    def counting(self, choice: Choice) -> dict[str, int]:
        """Return the gates that count for an alternative, by the day they open."""
        return self.gates.counting(self.opening, choice.needed)

    def _works(self, choice: Choice) -> tuple[tuple[str, int], ...]:
        counting = self.counting(choice)
        return tuple(sorted((n, day) for n, day in counting.items() if n in self.gates.works))

    def _stretches(self, choice: Choice, *, made: bool) -> list[Stretch]:
        """Lay the gates' changes along the horizon, the choice's own last."""
        counting = self.counting(choice)
        dated = sorted((day, name) for name, day in counting.items() if name in self.gate_changes)
        row, found = self.row.copy(), [Stretch(0, self.row.copy())]
        for day, name in dated:
            self.gate_changes[name].apply(row)
            first = self.case.clock.position(self.case.clock.start + dt.timedelta(days=day))
            if first == found[-1].first:
                found.pop()
            found.append(Stretch(first, row.copy()))
        if made:
            for stretch in found:
                choice.change.apply(stretch.row)
        return found

    def spells(self, choice: Choice) -> Spans:
        """Times in which gates, building time and law let each mine run [h]."""
        tree, counting = choice.case.tree, self.counting(choice)
        last = max([self.opening[gate] for gate in choice.needed], default=0)
        opened = hours_of_day(self.case, max(last, 0)) if choice.needed else 0.0
        end = len(self.case.clock) * self.case.clock.step
        found = []
        for mine in choice.mines:
            entry = tree.mine[mine]
            build = self._number(choice, "mine", mine, "build_time")
            stands = entry.since is not None and not choice.needed
            begin = opened + (0.0 if stands else build)
            since = self._number(choice, "mine", mine, "since")
            if not np.isnan(since):
                begin = max(begin, since)
            found.append(
                free_times(
                    parameters=self.parameters,
                    row=self.row,
                    case=choice.case,
                    mine=mine,
                    parties=choice.parties,
                    opening=counting,
                    begin=begin,
                    end=end,
                )
            )
        return found

    def _number(self, choice: Choice, *path: str) -> float:
        row = self.row.copy()
        choice.change.apply(row)
        return float(row.values[self.parameters.place(*path)])

    # --- running ------------------------------------------------------------------------------

    def _run(
        self,
        parts: Structure,
        choice: Choice,
        stretches: list[Stretch],
        spans: Spans,
        *,
        slopes: bool,
    ) -> Outcome:
        out = self._sums(parts, choice, stretches, spans, slopes=slopes, hourly=False)
        mines = choice.mines if parts is choice.own else ()
        return settled(self, choice, mines, parts, stretches[0].row, out)

    def _sums(
        self,
        parts: Structure,
        choice: Choice,
        stretches: list[Stretch],
        spans: Spans,
        *,
        slopes: bool,
        hourly: bool,
    ) -> Sums:
        clock = self.case.clock
        out = new_sums(
            parts, len(self.months.year_of_month), len(clock), slopes=slopes, hourly=hourly
        )
        world, plan = laid_out(self, choice, parts, stretches, spans, slopes=slopes)
        run_hours(parts, time_of(clock), world, plan, out)
        return out


def _labels(choice: Choice, parts: Structure) -> list[str]:
    """Name the rows of hourly output."""
    tree = choice.case.tree
    areas, mines, buses = list(tree.area), choice.mines, list(tree.plant.bus)
    owed = [f"{area}.{name}" for area in areas for name in tree.area[area].obligation]
    names = []
    for kind, of in zip(parts.use_kind, parts.use_of, strict=True):
        if kind == HOUSE:
            names.append(f"house load {buses[of]}")
        elif kind == OBLIGATION:
            names.append(f"obligation {owed[of]}")
        else:
            names.append(f"market {areas[of]}" if kind == MARKET else f"mine {mines[of]}")
    pairs = [(f"generation {bus}", f"import {bus}") for bus in buses]
    return [*names, *(name for pair in pairs for name in pair)]
