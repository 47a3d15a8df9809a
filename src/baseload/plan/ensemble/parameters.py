"""The numbers of a case in one row, so that a future can change them without building a case.

A future draws levels of unknowns, gates change values on their day, an alternative sets others:
thousands of times. Doing that on the tree would validate it thousands of times; here it is done
on a row of floats, in the same order and with the same result (see the tests, which compare).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
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
from baseload.case.schema import Tree
from baseload.case.units import written
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
    """What some patches put where."""

    where: Integers
    values: Floats
    series: Integers

    def apply(self, row: Row) -> None:
        """Apply the change to a row."""
        row.set(self.where, self.values, self.series)


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

    @classmethod
    def of(cls, case: Case) -> Parameters:
        """Collect the numbers of a case."""
        paths = tuple(join(parts) for parts in _number_paths(case.tree, ()))
        empty = Row(np.full(len(paths), np.nan), np.full(len(paths), NO_SERIES))
        made = cls(case, paths, empty, _place={path: place for place, path in enumerate(paths)})
        made.base = made.row(case)
        made.currency = np.full(len(paths), -1, dtype=np.int64)
        for unknown in case.unknowns:
            for path in case.levels(unknown).paths:
                if path.startswith("money.rates."):
                    made._find_currency(path)
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
        return self._place.get(join(parts), -1)

    def places(self, pattern: str) -> Integers:
        """Return where all paths stand that a path of a patch means."""
        found = resolve(self.case.written.raw, pattern, pattern)
        return np.array([self._place[path] for path in found if path in self._place], np.int64)

    def change(self, patched: Case, patterns: Iterable[str]) -> Change:
        """Return what patches do: the values of a patched case at the paths of its patches."""
        parts = [self.places(pattern) for pattern in patterns]
        where = np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)
        row = self.row(patched) if len(where) else self.base
        return Change(where, row.values[where], row.series[where])

    def drawn(self, levels: Mapping[str, float]) -> Row:
        """Return the row of a future.

        Parameters
        ----------
        levels : level of unknowns by path of the value, in canonical units; dates as hours.
        """
        row = self.base.copy()
        places = np.array([self._place[path] for path in levels], dtype=np.int64)
        numbers = np.array(list(levels.values()), dtype=np.float64)
        row.set(places, numbers, np.full(len(places), NO_SERIES))
        return row

    def rated(self, row: Row) -> Row:
        """Convert values in other currencies by the rates of a row, in place of the base ones."""
        for rate in np.unique(self.currency[self.currency >= 0]):
            factor = row.values[rate] / self.base.values[rate]
            at = (self.currency == rate) & (row.values == self.base.values)
            row.values[at] *= factor
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

    def _find_currency(self, path: str) -> None:
        """Find the values that a rate of exchange was used for, by doubling it."""
        rate = self._place[path]
        doubled = self.row(self.case.patched({path: 2.0 * self.base.values[rate]}))
        with np.errstate(invalid="ignore"):
            moved = doubled.values != self.base.values
        moved &= np.isfinite(self.base.values)
        moved[rate] = False
        self.currency[moved] = rate


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


def as_written(tree: Tree, path: str, value: float, epoch: dt.date) -> object:
    """Write a number of a row as a case would have it, for a patch.

    Parameters
    ----------
    tree, path : the place.
    value : in its canonical unit, a date in days since 1970.
    epoch : 1 January 1970.
    """
    known = value_at(tree, path)
    if isinstance(known, dt.date):
        return epoch + dt.timedelta(days=round(value))
    return written(value, path) if isinstance(known, float) else round(value)
