"""Futures of a case, one after the other, each with every alternative in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.case.case import Case
from baseload.case.levels import Level
from baseload.plan.ensemble.arrays import ENERGY, GIVEN, time_of
from baseload.plan.ensemble.calendar import months_of
from baseload.plan.ensemble.choices import (
    choices,
    refuse_gates,
    simplifications,
)
from baseload.plan.ensemble.drawing import CoinDrawer, Days, Drawn, Key
from baseload.plan.ensemble.future import Future
from baseload.plan.ensemble.gating import Gates
from baseload.plan.ensemble.money import Outcome
from baseload.plan.ensemble.parameters import Parameters, Row
from baseload.plan.ensemble.result import ACCOUNTS, SCENARIO, VARIABLES, Simplification
from baseload.plan.futures import unknowns as sampling

Floats = NDArray[np.float64]

EPOCH = dt.date(1970, 1, 1)
BLOCK = 256
"""Futures whose unknowns are drawn together; what is drawn does not depend on it."""
HOURS_PER_YEAR = 8766.0


class Labels(NamedTuple):
    """Labels of the dimensions of an ensemble."""

    alternatives: tuple[str, ...]
    unknowns: tuple[str, ...]
    gates: tuple[str, ...]
    areas: tuple[str, ...]
    years: NDArray[np.int64]


@dataclass
class Simulator:
    """Draws futures of a case and runs alternatives through them.

    Parameters
    ----------
    case : the case.
    alternatives : names of those to run.
    seed : of all random numbers.
    scenarios : number of futures that the ensemble has in all.
    rounded : whether difficulty keeps its 24 bits; False where slopes are wanted.
    """

    case: Case
    alternatives: tuple[str, ...]
    seed: int
    scenarios: int
    rounded: bool = True
    labels: Labels = field(init=False)
    simplified: tuple[Simplification, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Lay out everything that futures share."""
        case = self.case
        refuse_gates(case)
        self.parameters = Parameters.of(case)
        self.gates = Gates.of(case)
        self.days = Days.of(case)
        self.months = months_of(case.clock)
        self._gate_changes = {
            name: self.parameters.change(case.patched(dict(gate.set)), gate.set)
            for name, gate in case.tree.gate.items()
            if gate.set
        }
        self.choices = choices(case, self.alternatives, self.parameters, self.gates)
        self._climates: dict[bytes, Floats] = {}
        self._unknowns = _Unknowns(case, self.parameters, self.seed)
        self._coins = CoinDrawer(case, self.parameters, self.days, rounded=self.rounded)
        areas = tuple(name for name, area in case.tree.area.items() if area.market is not None)
        years = np.unique(case.clock.year)
        paths = tuple(unknown.path for unknown in case.unknowns)
        self.labels = Labels(self.alternatives, paths, tuple(case.tree.gate), areas, years)
        self.simplified = simplifications(case, self.alternatives)

    # --- futures ------------------------------------------------------------------------------

    def future(self, scenario: int, levels: Mapping[int, float] | None = None) -> Future:
        """Draw one future.

        Parameters
        ----------
        scenario : its number, from 0.
        levels : level of unknowns by their number, in place of what is drawn; dates as days
            since 1970.
        """
        drawn = self._unknowns.draw(scenario).copy()
        for number, level in (levels or {}).items():
            drawn[number] = level
        return self._future(scenario, drawn)

    def levels(self, chances: Floats) -> Floats:
        """Return the levels of all unknowns that are not exceeded with given chances.

        Parameters
        ----------
        chances : between 0 and 1, both excluded, shape (N, K) [-].

        Returns
        -------
        Shape (N, K), as `future` takes them.
        """
        return self._unknowns.at(chances)

    def opening(self, scenario: int) -> dict[str, int]:
        """Draw the day on which each gate opens in a future, and nothing else; see `gating`."""
        row = self._unknowns.row(self._unknowns.draw(scenario))
        return self.gates.opening(self.parameters, row, self.seed, scenario)

    def _future(self, scenario: int, drawn: Floats) -> Future:
        row = self._unknowns.row(drawn)
        opening = self.gates.opening(self.parameters, row, self.seed, scenario)
        key = Key(self.seed, scenario)
        coin = self._coins.draw(row, key)
        return Future(
            case=self.case,
            parameters=self.parameters,
            gates=self.gates,
            gate_changes=self._gate_changes,
            months=self.months,
            levels=drawn,
            row=row,
            opening=opening,
            coin=coin,
            drawn=Drawn(self.case, self.parameters, key, row, coin.shock, self._climates),
        )

    def run(self, first: int, last: int) -> dict[str, Floats]:
        """Run futures `first` to `last` - 1 and return all variables of them.

        Returns
        -------
        Array by name of `result.VARIABLES`, its scenarios being those futures.
        """
        out = self._empty(last - first)
        for place, scenario in enumerate(range(first, last)):
            future = self.future(scenario)
            for a, choice in enumerate(self.choices):
                with_mine, without = future.outcomes(choice)
                self._write_choice(out, a, place, with_mine, without)
            # Prices stand by then where alternatives need them.
            self._write_future(out, place, future)
        return out

    def prepare(self, scenario: int) -> None:
        """Draw a future and lay out all alternatives in it, without running any."""
        future = self.future(scenario)
        for choice in self.choices:
            future.prepare(choice)

    def hourly(self, scenario: int, alternative: str) -> dict[str, Floats]:
        """Return the power of every use, of generation and import, hour by hour [MW]."""
        choice = self.choices[self.alternatives.index(alternative)]
        return self.future(scenario).hourly(choice)

    # --- writing ------------------------------------------------------------------------------

    def _empty(self, count: int) -> dict[str, Floats]:
        lengths = {
            "alternative": len(self.alternatives),
            "unknown": len(self.labels.unknowns),
            "gate": len(self.labels.gates),
            "area": len(self.labels.areas),
            "account": len(ACCOUNTS),
            "year": len(self.labels.years),
            SCENARIO: count,
        }
        return {
            name: np.zeros([lengths[dim] for dim in variable.dims])
            for name, variable in VARIABLES.items()
        }

    def _write_future(self, out: dict[str, Floats], place: int, future: Future) -> None:
        out["unknown_level"][:, place] = future.levels
        for number, gate in enumerate(self.labels.gates):
            day = future.opening.get(gate)
            out["gate_open"][number, place] = np.inf if day is None else day / 365.25
        coin = future.coin
        # Where the case gives the hashprice itself, nothing is known of the network.
        others = np.full_like(coin.others, np.nan) if coin.mode == GIVEN else coin.others / 1e6
        for name, daily in (
            ("bitcoin_price", coin.price),
            ("network", others),
            ("hashprice", coin.hashprice),
        ):
            out[name][place] = self._by_year_of_days(daily)
        for number, area in enumerate(self.labels.areas):
            out["power_price"][number, place] = self._by_year(future.price(area))

    def _by_year(self, values: Floats) -> Floats:
        """Mean of each calendar year of values by step."""
        starts = self.case.clock.year_starts
        return np.asarray(np.add.reduceat(values, starts[:-1]) / np.diff(starts))

    def _by_year_of_days(self, daily: Floats) -> Floats:
        """Mean of each calendar year of values by local day."""
        clock = self.case.clock
        steps = np.diff(time_of(clock).day_start)
        sums = np.add.reduceat(daily * steps, clock.day[clock.year_starts[:-1]])
        return np.asarray(sums / np.diff(clock.year_starts))

    def _write_choice(
        self, out: dict[str, Floats], a: int, place: int, own: Outcome, without: Outcome
    ) -> None:
        sums, step = own.sums, self.case.clock.step
        out["npv"][a, place] = own.npv
        out["mine_value"][a, place] = own.npv - without.npv
        out["investment"][a, place] = own.investment
        out["mine_mw"][a, place] = sums.installed.max(axis=1, initial=0.0).sum()
        for name, first in zip(("first_mining", "first_generation"), sums.first, strict=True):
            out[name][a, place] = np.nan if first < 0 else first * step / HOURS_PER_YEAR
        months = self.months.first_of_year[:-1]
        yearly = np.add.reduceat(sums.energy, months, axis=1)
        for name, values in zip(ENERGY, yearly, strict=True):
            out[name][a, place] = values
        out["coins"][a, place] = np.add.reduceat(sums.coins, months)
        hours = np.diff(self.case.clock.year_starts) * step
        out["network_share"][a, place] = np.add.reduceat(sums.network_share, months) / hours
        out["cash"][:, a, place] = own.yearly
        out["mine_cash"][a, place] = own.yearly.sum(axis=0) - without.yearly.sum(axis=0)


@dataclass
class _Unknowns:
    """The unknowns of a case, ready to be drawn."""

    case: Case
    parameters: Parameters
    seed: int

    def __post_init__(self) -> None:
        """Read the levels of all of them."""
        self._block, self._drawn = -1, np.empty((0, 0))
        self._levels = [self.case.levels(unknown) for unknown in self.case.unknowns]
        self._dates = [isinstance(found.low, dt.date) for found in self._levels]
        self._paths = [found.paths[0] for found in self._levels]
        self._places = [
            np.array([self.parameters.places(path)[0] for path in found.paths])
            for found in self._levels
        ]

    def draw(self, scenario: int) -> Floats:
        """Return the level of every unknown in a future, shape (K,); dates as days since 1970.

        Where a wildcard's values have bases of their own, the level is drawn by the first.
        """
        block, place = divmod(scenario, BLOCK)
        if block != self._block:
            self._block, self._drawn = block, self._levels_of(block)
        return np.asarray(self._drawn[place])

    def _levels_of(self, block: int) -> Floats:
        """Draw many futures at once: the sequence of points is dear to begin."""
        return self.at(sampling.points(self.seed, BLOCK, len(self._levels), block * BLOCK))

    def at(self, chances: Floats) -> Floats:
        """Return the levels that are not exceeded with given chances, both shape (N, K)."""
        drawn = np.empty_like(chances)
        for k, unknown in enumerate(self.case.unknowns):
            levels = sampling.quantile(chances[:, k], unknown.distribution, *self._three(k))
            whole = self._dates[k] or isinstance(self._levels[k].low, int)
            drawn[:, k] = np.rint(levels) if whole else levels
        return drawn

    def _three(self, k: int) -> tuple[float, float, float]:
        found = self._levels[k]
        return _days(found.low), _days(found.base[0]), _days(found.high)

    def row(self, drawn: Floats) -> Row:
        """Return the numbers of the case with levels in place.

        A level is in dollars; values that nothing is drawn for follow the rates of exchange.
        """
        row = self.parameters.base.copy()
        rates = [path.startswith("money.rates.") for path in self._paths]
        self._put(row, drawn, rates)
        self.parameters.rated(row)
        self._put(row, drawn, [not rate for rate in rates])
        return row

    def _put(self, row: Row, drawn: Floats, which: Sequence[bool]) -> None:
        for k, places in enumerate(self._places):
            if not which[k]:
                continue
            value = drawn[k]
            if self._dates[k]:
                value = self.parameters.number(EPOCH + dt.timedelta(days=int(value)))
            row.values[places], row.series[places] = value, -1


def _days(level: Level | None) -> float:
    """Return a level as a number; a date as days since 1970."""
    if level is None:
        return np.nan
    return float((level - EPOCH).days if isinstance(level, dt.date) else level)
