"""The numbers of a case in one row, so that a future can change them without building a case.

A future draws levels of unknowns, gates change values on their day, an alternative sets others:
thousands of times. Doing that on the tree would validate it thousands of times; here it is done
on a row of floats, in the same order and with the same result (see the tests, which compare).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from baseload.case.case import Case
from baseload.case.levels import Level
from baseload.case.paths import Parts, join, resolve, shape_of_field
from baseload.case.quantity import SeriesName
from baseload.case.written import value_at
from baseload.case.zones import local_midnight

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NO_SERIES = -1
_NUMBERS = (int, float, dt.date, SeriesName)


@dataclass(frozen=True)
class Row:
    """One set of values.

    Attributes
    ----------
    values : shape (P,), canonical units; dates as hours from the start of the horizon; NaN
        where nothing is given, and where a series stands.
    series : which series stands there, `NO_SERIES` for none, shape (P,).
    """

    values: Floats
    series: Integers

    def copy(self) -> Row:
        """Return a row that can be written to."""
        return Row(self.values.copy(), self.series.copy())

    def set(self, where: Integers, values: Floats, series: Integers) -> None:
        """Put other values in some places."""
        self.values[where] = values
        self.series[where] = series


@dataclass(frozen=True)
class Change:
    """What some patches put where.

    Attributes
    ----------
    where : places in the row, shape (C,).
    values, series : as of `Row`, shape (C,); values by the base rates of exchange.
    rate, base_rate : place of the rate that a value was converted by, -1 for none or a known
        one, and its base, shape (C,).
    """

    where: Integers
    values: Floats
    series: Integers
    rate: Integers
    base_rate: Floats

    def apply(self, row: Row) -> None:
        """Apply the change to a row, by the rates of exchange that stand in it."""
        factor = np.where(self.rate < 0, 1.0, row.values[self.rate] / self.base_rate)
        row.set(self.where, self.values * factor, self.series)


@dataclass
class Parameters:
    """Every number of a case that has a path.

    Attributes
    ----------
    case : the case.
    paths : path of each number, P.
    base : the case as it is written.
    series : the series that stand anywhere, in the case or in a patch, in canonical units.
    currency : rate of exchange that a value was converted by, as the place of that rate in the
        row; -1 for none, shape (P,). Kept for rates that are not known.
    series_currency : the same for each series.
    """

    case: Case
    paths: tuple[str, ...]
    base: Row
    series: list[Floats] = field(default_factory=list)
    currency: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    series_currency: list[int] = field(default_factory=list)
    _place: dict[str, int] = field(default_factory=dict)
    _series_of: dict[SeriesName, int] = field(default_factory=dict)
    _asked: dict[tuple[str, ...], int] = field(default_factory=dict)

    @classmethod
    def of(cls, case: Case) -> Parameters:
        """Collect the numbers of a case."""
        paths = tuple(join(parts) for parts in _number_paths(case.tree, ()))
        empty = Row(np.full(len(paths), np.nan), np.full(len(paths), NO_SERIES))
        made = cls(case, paths, empty, _place={path: place for place, path in enumerate(paths)})
        made.base = made.row(case)
        made.currency = np.full(len(paths), -1, dtype=np.int64)
        for rate in made._rates:
            made.currency[made._converted(case, made.base, rate)] = rate
        return made

    def row(self, case: Case) -> Row:
        """Read the numbers of a variation of the case."""
        values, series = np.full(len(self.paths), np.nan), np.full(len(self.paths), NO_SERIES)
        for place, path in enumerate(self.paths):
            value = value_at(case.tree, path)
            if isinstance(value, SeriesName):
                series[place] = self._series(case, value)
            elif value is not None:
                values[place] = self.number(value)
        return Row(values, series)

    def number(self, value: Level) -> float:
        """Return a value as a float; a date as hours from the start of the horizon."""
        if isinstance(value, dt.date):
            clock = self.case.clock
            return (local_midnight(clock.zone, value) - clock.first) / 3600.0
        return float(value)

    def place(self, *parts: str) -> int:
        """Return where a path stands in the row; -1 where it does not."""
        found = self._asked.get(parts)
        if found is None:
            found = self._asked[parts] = self._place.get(join(parts), -1)
        return found

    def places(self, pattern: str) -> Integers:
        """Return where all paths stand that a path of a patch means."""
        found = resolve(self.case.written.raw, pattern, pattern)
        return np.array([self._place[path] for path in found if path in self._place], np.int64)

    def change(self, patched: Case, patches: Mapping[str, object]) -> Change:
        """Return what patches do: the values of a patched case at the paths of its patches.

        Parameters
        ----------
        patched : the case under them.
        patches : value by path, as written.
        """
        parts = [self.places(pattern) for pattern in patches]
        where = np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)
        row = self.row(patched) if len(where) else self.base
        rate = np.full(len(self.paths), -1, dtype=np.int64)
        for place in self._rates:
            code = self.paths[place].rpartition(".")[2]
            if any(code in str(value) for value in patches.values()):
                rate[self._converted(patched, row, place)] = place
        rate = rate[where]
        base = np.where(rate < 0, 1.0, self.base.values[rate])
        return Change(where, row.values[where], row.series[where], rate, base)

    def rated(self, row: Row) -> Row:
        """Convert the values of a row by its own rates of exchange, in place of the base ones.

        Parameters
        ----------
        row : the base row but for its rates.
        """
        for rate in self._rates:
            row.values[self.currency == rate] *= row.values[rate] / self.base.values[rate]
        return row

    @cached_property
    def stacked(self) -> Floats:
        """The series in rows, shape (series, T)."""
        return np.array(self.series).reshape(len(self.series), len(self.case.clock))

    def series_factors(self, row: Row) -> Floats:
        """Return the factor on each series by the rates of a row, shape (series,)."""
        factors = np.ones(len(self.series))
        for number, rate in enumerate(self.series_currency):
            if rate >= 0:
                factors[number] = row.values[rate] / self.base.values[rate]
        return factors

    def _series(self, case: Case, name: SeriesName) -> int:
        if name not in self._series_of:
            self._series_of[name] = len(self.series)
            self.series.append(np.asarray(case.values(name)))
            self.series_currency.append(self._series_rate(case, name))
        return self._series_of[name]

    def _series_rate(self, case: Case, name: SeriesName) -> int:
        """Find the rate that a series was converted by, by doubling each in turn."""
        rates = case.tree.money.rates
        known = case.shelf.values(name, case.clock, rates)
        for code, rate in rates.items():
            other = case.shelf.values(name, case.clock, {**rates, code: 2.0 * rate})
            if not np.array_equal(known, other):
                return self.place("money", "rates", code)
        return -1

    @cached_property
    def _rates(self) -> tuple[int, ...]:
        """Places of the rates of exchange that are not known."""
        known = self.case.unknowns
        paths = dict.fromkeys(path for one in known for path in self.case.levels(one).paths)
        return tuple(self._place[path] for path in paths if path.startswith("money.rates."))

    def _converted(self, case: Case, row: Row, rate: int) -> NDArray[np.bool_]:
        """Find the values of a case that a rate of exchange was used for, by doubling it."""
        doubled = self.row(case.patched({self.paths[rate]: 2.0 * row.values[rate]}))
        with np.errstate(invalid="ignore"):
            moved = doubled.values != row.values
        moved &= np.isfinite(row.values)
        moved[rate] = False
        return np.asarray(moved)


def _number_paths(entry: BaseModel, at: Parts) -> Iterator[Parts]:
    """Yield the path of every number, date or series that an entry of the tree may have."""
    for name in type(entry).model_fields:
        value: Any = getattr(entry, name)
        parts = (*at, name)
        if isinstance(value, BaseModel):
            yield from _number_paths(value, parts)
        elif isinstance(value, dict):
            yield from _numbers_of_table(value, parts)
        elif isinstance(value, bool):
            continue
        elif isinstance(value, _NUMBERS) or (value is None and _may_be_number(entry, name)):
            yield parts


def _numbers_of_table(table: Mapping[str, Any], at: Parts) -> Iterator[Parts]:
    for name, value in table.items():
        if isinstance(value, BaseModel):
            yield from _number_paths(value, (*at, name))
        elif isinstance(value, int | float) and not isinstance(value, bool) and at[-1] != "set":
            yield (*at, name)


def _may_be_number(entry: BaseModel, name: str) -> bool:
    """Whether a value that is not given would be a number, a date or a series."""
    shape = shape_of_field(type(entry), name)
    if shape is None or not shape.leaf:
        return False
    return shape.quantity is not None or shape.kind in (int, float, dt.date)
