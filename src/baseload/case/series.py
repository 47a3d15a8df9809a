"""Series over time, placed on the steps of a clock: complete, or refused with the row.

A hole is filled only where the case says how, and what was filled is kept to be shown.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baseload.case.clock import Clock
from baseload.case.columns import FIRST_ROW, SIZE_LIMIT, Column, read_column
from baseload.case.documents import Input, inside, read_bytes
from baseload.case.errors import InputError
from baseload.case.localtime import to_utc
from baseload.case.quantity import SeriesName
from baseload.case.units import Misread, factor, format
from baseload.case.zones import Seconds, changes, zone

_WEEK = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a series.

    Parameters
    ----------
    name : file and column, and how holes are to be filled.
    rows : rows of the file.
    cut : rows outside the horizon, which are not used.
    filled : steps of the horizon that were filled.
    dropped : rows whose local time does not exist, dropped because a way to fill is stated.
    holes : first steps of the first holes, UTC; at most five.
    """

    name: SeriesName
    rows: int
    cut: int
    filled: int
    dropped: int
    holes: tuple[dt.datetime, ...]

    def __str__(self) -> str:
        """Say what was done to the series."""
        parts = [f"{self.name}: {self.rows:,} rows"]
        if self.cut:
            parts.append(f"{self.cut:,} outside the horizon not used")
        if self.filled:
            first = f"{self.holes[0]:%Y-%m-%d %H:%M}Z" if self.holes else ""
            parts.append(f"{self.filled:,} steps filled by {self.name.fill}, from {first}")
        if self.dropped:
            parts.append(f"{self.dropped:,} rows dropped, whose local time does not exist")
        return "; ".join(parts)


Key = tuple[SeriesName, Clock, tuple[tuple[str, float], ...]]


@dataclass(repr=False)
class Shelf:
    """The series of a case folder, each read once and kept.

    Parameters
    ----------
    folder : the case folder.
    inputs : files that were read, by their name in the folder; reading adds to it.
    """

    folder: Path
    inputs: dict[str, Input]
    _columns: dict[tuple[str, str], Column] = field(default_factory=dict)
    _placed: dict[Key, tuple[NDArray[np.float64], Reading]] = field(default_factory=dict)

    def read(
        self, name: SeriesName, clock: Clock, rates: Mapping[str, float], where: str
    ) -> tuple[NDArray[np.float64], Reading]:
        """Return values in canonical units, shape (T,), and what was read.

        Raises
        ------
        InputError
            If the series cannot be taken exactly as it is written.
        """
        key = (name, clock, tuple(sorted(rates.items())))
        if key not in self._placed:
            file = str(self.folder / name.file)
            column = self._column(name, where, file)
            scaled = _converted(column, name, rates, where, file)
            self._placed[key] = _Placing(name, clock, scaled, file, where).place()
        return self._placed[key]

    def values(
        self, name: SeriesName, clock: Clock, rates: Mapping[str, float]
    ) -> NDArray[np.float64]:
        """Return the values of a series in canonical units, shape (T,)."""
        return self.read(name, clock, rates, str(name))[0]

    def reading(self, name: SeriesName, clock: Clock, rates: Mapping[str, float]) -> Reading:
        """Return what was read of a series."""
        return self.read(name, clock, rates, str(name))[1]

    def _column(self, name: SeriesName, where: str, file: str) -> Column:
        key = (name.file, name.column)
        if key not in self._columns:
            path = inside(self.folder, name.file, where)
            content = read_bytes(path, where, SIZE_LIMIT)
            self.inputs[name.file] = Input(hashlib.sha256(content).hexdigest(), len(content))
            self._columns[key] = read_column(content, name, where, file)
        return self._columns[key]


def _converted(
    column: Column, name: SeriesName, rates: Mapping[str, float], where: str, file: str
) -> Column:
    """Convert the values of a column to the canonical unit of the field."""
    if column.unit and name.written_unit and column.unit != name.written_unit:
        raise InputError(
            where,
            expected=f"the unit of the header of {file}: {column.unit}",
            found=f'unit = "{name.written_unit}"',
            mend="remove the unit here; it is for columns that name none",
        )
    unit = column.unit or name.written_unit
    if unit is None and name.unit != "1":
        raise InputError(
            where,
            expected=f"a unit in the header of {file}, as {name.column} [{name.unit}]",
            found="a column without a unit",
            mend=f'name it in the header, or write {{ series = "{name}", unit = "{name.unit}" }}',
        )
    try:
        scale, offset = factor(unit or "", name.unit, rates)
    except Misread as misread:
        raise InputError(
            f"{where}, unit of {name.column} in {file}",
            expected=misread.expected,
            found=misread.found.removeprefix("1 ").removeprefix("0 "),
            mend=misread.mend,
        ) from None
    return Column(column.seconds, column.aware, column.values * scale + offset, unit)


# --- placing rows on steps ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows that have a place: step since the start of the horizon, value, row number."""

    step: NDArray[np.int64]
    values: NDArray[np.float64]
    row: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Placing:
    name: SeriesName
    clock: Clock
    column: Column
    file: str
    where: str

    def place(self) -> tuple[NDArray[np.float64], Reading]:
        """Put every row on its step; refuse or fill what is missing."""
        utc, kept = self._utc()
        row = kept + FIRST_ROW
        self._in_order(utc, row)
        rows = _Rows(self._steps(utc, row), self.column.values[kept], row)
        self._covers(rows)
        if self.name.fill is None:
            values, filled, holes = self._complete(rows), 0, np.array([], np.int64)
        else:
            values, holes = self._filled(rows, self.name.fill)
            filled = len(holes)
        self._within_bounds(values)
        values.flags.writeable = False
        count = len(self.column.seconds)
        inside = int(((rows.step >= 0) & (rows.step < len(self.clock))).sum())
        return values, Reading(
            name=self.name,
            rows=count,
            cut=len(kept) - inside,
            filled=filled,
            dropped=count - len(kept),
            holes=tuple(_moment(self.clock, step) for step in _firsts(holes)[:5]),
        )

    def _utc(self) -> tuple[Seconds, NDArray[np.int64]]:
        """Return instants, and which rows have one."""
        if self.column.aware:
            return self.column.seconds, np.arange(len(self.column.seconds))
        name = self.name.time_zone or self.clock.time_zone
        local = to_utc(self.column.seconds, zone(name, f"{self.where}, time_zone"))
        gone = np.flatnonzero(~local.exists)
        if len(gone) and self.name.fill is None:
            raise InputError(
                f"{self.file}, row {gone[0] + FIRST_ROW}",
                expected=f"a local time of {name}",
                found=f"{_wall(self.column.seconds[gone[0]])}, which does not exist: "
                "the clocks go forward",
                mend="write times with their offset from UTC, state the file's own time_zone, "
                "or state how to fill",
            )
        kept = np.flatnonzero(local.exists)
        return local.utc[kept], kept

    def _in_order(self, utc: Seconds, row: NDArray[np.int64]) -> None:
        apart = np.diff(utc)
        if (apart > 0).all():
            return
        at = int(np.flatnonzero(apart <= 0)[0])
        twice = apart[at] == 0
        raise InputError(
            f"{self.file}, row {row[at + 1]}",
            expected=f"a time after that of row {row[at]}, {_zulu(utc[at])}",
            found=f"{'the same time again' if twice else 'an earlier time'}, {_zulu(utc[at + 1])}",
            mend="remove one of the two rows" if twice else "sort the rows by time",
        )

    def _steps(self, utc: Seconds, row: NDArray[np.int64]) -> NDArray[np.int64]:
        step, rest = np.divmod(utc - self.clock.first, self.clock.step_seconds)
        apart = int(np.median(np.diff(utc))) if len(utc) > 1 else self.clock.step_seconds
        off = np.flatnonzero(rest)
        if len(off) or apart != self.clock.step_seconds:
            at = off[0] if len(off) else 0
            raise InputError(
                f"{self.file}, row {row[at]}",
                expected=f"rows {self.clock.step * 60:g} min apart, where steps begin",
                found=f"rows {apart / 60:g} min apart, one at {_zulu(utc[at])}",
                mend="bring the series to the step of the case, or set case.step",
            )
        return step

    def _covers(self, rows: _Rows) -> None:
        first, last, steps = rows.step[0], rows.step[-1], len(self.clock)
        if first <= 0 and last >= steps - 1:
            return
        late = first > 0
        missing = 0 if late else max(int(last) + 1, 0)
        raise InputError(
            f"{self.file}, row {rows.row[0] if late else rows.row[-1]}",
            expected=f"values for the whole horizon, {self.clock!r}",
            found=f"a series that {'starts' if late else 'ends'} at "
            f"{_local(self.clock, int(first if late else last))}",
            mend=f"add rows from {_local(self.clock, missing)}, or change the horizon",
        )

    def _complete(self, rows: _Rows) -> NDArray[np.float64]:
        """Return the values of the horizon, of which none may be missing."""
        used = (rows.step >= 0) & (rows.step < len(self.clock))
        step, values, row = rows.step[used], rows.values[used], rows.row[used]
        apart = np.diff(step)
        if (apart > 1).any():
            at = int(np.flatnonzero(apart > 1)[0])
            raise self._gap(int(step[at]) + 1, int(apart[at]) - 1, int(row[at]))
        empty = np.flatnonzero(np.isnan(values))
        if len(empty):
            raise InputError(
                f"{self.file}, row {row[empty[0]]}",
                expected="a number",
                found=f"nothing, or NaN; {len(empty):,} such rows in the horizon",
                mend=self._fill_hint(),
            )
        return values.copy()

    def _gap(self, step: int, missing: int, row: int) -> InputError:
        wall = _local(self.clock, step)
        again = step > 0 and self.clock.local[step] <= self.clock.local[step - 1]
        second = ", the second time it comes: the clocks go back" if again else ""
        found = f"no row for {wall}{second}"
        more = f"; {missing:,} steps are missing there" if missing > 1 else ""
        return InputError(
            f"{self.file}, after row {row}",
            expected=f"a row every {self.clock.step:g} h",
            found=found + more,
            mend=self._fill_hint(),
        )

    def _fill_hint(self) -> str:
        return (
            f'add what is missing, or state how to fill: {{ series = "{self.name}", '
            'fill = "previous" } ("mean of neighbours", "same hour last week")'
        )

    def _filled(self, rows: _Rows, policy: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Fill the holes of the whole file, then cut it to the horizon."""
        first = int(rows.step[0])
        grid = np.full(int(rows.step[-1]) - first + 1, np.nan)
        grid[rows.step - first] = rows.values
        holes = np.flatnonzero(np.isnan(grid))
        if policy == "same hour last week":
            _from_last_week(grid, holes, first, self.clock)
        else:
            _from_neighbours(grid, both=policy == "mean of neighbours")
        left = np.flatnonzero(np.isnan(grid[-first : len(self.clock) - first]))
        if len(left):
            raise InputError(
                f"{self.file}, {_local(self.clock, int(left[0]))}",
                expected=f"a value to fill the hole from, by {policy}",
                found="none in the file",
                mend="add earlier rows, or fill in another way",
            )
        inside = holes[(holes >= -first) & (holes < len(self.clock) - first)] + first
        return grid[-first : len(self.clock) - first].copy(), inside

    def _within_bounds(self, values: NDArray[np.float64]) -> None:
        low = -np.inf if self.name.minimum is None else self.name.minimum
        high = np.inf if self.name.maximum is None else self.name.maximum
        outside = np.flatnonzero((values < low) | (values > high))
        if len(outside):
            at = int(outside[0])
            bound, word = (low, "least") if values[at] < low else (high, "most")
            raise InputError(
                f"{self.file}, {self.name.column} at {_local(self.clock, at)}",
                expected=f"at {word} {format(bound, self.name.unit)}",
                found=f"{format(float(values[at]), self.name.unit)}; {len(outside):,} such values",
                mend="correct the series, or its unit",
            )


def _from_neighbours(grid: NDArray[np.float64], *, both: bool) -> None:
    """Fill holes with the last value before, or with the mean of it and the next after."""
    place = np.arange(len(grid))
    known = ~np.isnan(grid)
    before = np.maximum.accumulate(np.where(known, place, -1))
    after = np.minimum.accumulate(np.where(known, place, len(grid))[::-1])[::-1]
    fillable = ~known & (before >= 0) & ((after < len(grid)) | (not both))
    last = grid[before[fillable]]
    grid[fillable] = (last + grid[after[fillable]]) / 2 if both else last


def _from_last_week(
    grid: NDArray[np.float64], holes: NDArray[np.int64], first: int, clock: Clock
) -> None:
    """Fill holes with the value of the same local time a week, or weeks, before."""
    start = clock.first + first * clock.step_seconds
    span = changes(clock.zone, start, start + len(grid) * clock.step_seconds)
    for hole in holes:
        instant = start + int(hole) * clock.step_seconds
        place = int(hole)
        while place >= 0 and np.isnan(grid[place]):
            instant -= _WEEK
            # A week of local time is an hour more or less where the clocks change in it.
            shift = span.shift(instant, instant + _WEEK)
            instant -= shift
            place = (instant - start) // clock.step_seconds
        if place >= 0:
            grid[hole] = grid[place]


def _firsts(steps: NDArray[np.int64]) -> list[int]:
    """Return the first step of each run of consecutive steps."""
    if not len(steps):
        return []
    return [int(step) for step in steps[np.diff(steps, prepend=steps[0] - 2) > 1]]


def _moment(clock: Clock, step: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(clock.first + step * clock.step_seconds, dt.UTC)


def _zulu(second: int) -> str:
    return f"{dt.datetime.fromtimestamp(int(second), dt.UTC):%Y-%m-%d %H:%MZ}"


def _wall(second: int) -> str:
    return f"{dt.datetime.fromtimestamp(int(second), dt.UTC):%Y-%m-%d %H:%M}"


def _local(clock: Clock, step: int) -> str:
    return f"{_moment(clock, step).astimezone(clock.zone):%Y-%m-%d %H:%M} {clock.time_zone}"
