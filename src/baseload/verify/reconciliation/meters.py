"""Readings gathered by meter and summed by day, with the variances of what they say."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import ItemsView, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

DAY = 86_400_000
HOUR = 3_600_000
PPM = 1e-6
GUESS = 0.2
"""Error of an estimate, one sigma of it: it is no measurement, and must not pass for one."""


class ByStart(Mapping[int, int]):
    """Numbers by start of an interval, by day and in 8 bytes each: a year can be long.

    A day that has one beyond 32 bits takes 12 bytes for each.
    """

    def __init__(self) -> None:
        self._days: dict[int, tuple[array[int], array[int]]] = {}

    def put_new(self, start: int, number: int) -> bool:
        """Put a number in where there is none, and tell whether there was none.

        The next one of the same day costs least: most come in the order of their time.
        """
        day, offset = divmod(start, DAY)
        found = self._days.get(day)
        if found is not None and offset > found[0][-1] and -SHORT < number < SHORT:
            found[0].append(offset)
            found[1].append(number)
            return True
        if start in self:
            return False
        self[start] = number
        return True

    def __setitem__(self, start: int, number: int) -> None:
        """Put a number in, in the place of another or of none."""
        day, offset = divmod(start, DAY)
        offsets, values = self._days.setdefault(day, (array("i"), array("i")))
        if not -SHORT < number < SHORT and values.typecode == "i":
            values = array("q", values)
            self._days[day] = (offsets, values)
        place = bisect_left(offsets, offset)
        if place == len(offsets) or offsets[place] != offset:
            offsets.insert(place, offset)
            values.insert(place, 0)
        values[place] = _within(number)

    def __getitem__(self, start: int) -> int:
        """Return a number."""
        day, offset = divmod(start, DAY)
        offsets, values = self._days.get(day, _NO_DAY)
        place = bisect_left(offsets, offset)
        if place == len(offsets) or offsets[place] != offset:
            raise KeyError(start)
        return values[place]

    def __iter__(self) -> Iterator[int]:
        """Give the starts, ascending within each day."""
        for day, (offsets, _) in self._days.items():
            for offset in offsets:
                yield day * DAY + offset

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(len(offsets) for offsets, _ in self._days.values())

    def items(self) -> _Pairs:
        """Give starts and numbers together, without looking each up."""
        return _Pairs(self)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Give each start with its number."""
        for day, (offsets, values) in self._days.items():
            for offset, value in zip(offsets, values, strict=True):
                yield day * DAY + offset, value


class _Pairs(ItemsView[int, int]):
    """Starts and numbers, in one pass over the days."""

    def __init__(self, numbers: ByStart) -> None:
        super().__init__(numbers)
        self._numbers = numbers

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return self._numbers.pairs()


_NO_DAY: tuple[array[int], array[int]] = (array("i"), array("i"))
SHORT = 2**31
"""Numbers below it take 4 bytes."""
LARGEST = 2**62
"""Energies beyond it are of no meter: what an absurd reading holds is not told apart further."""


def _within(number: int) -> int:
    return max(-LARGEST, min(number, LARGEST))


@dataclass
class MeterYear:
    """What one meter has counted.

    Parameters
    ----------
    energy : energy by start of the interval [Wh]; an estimate takes the place of what it is for.
    estimated : starts of the intervals whose value was not measured.
    missing : those of them that have no value at all.
    """

    energy: ByStart = field(default_factory=ByStart)
    estimated: set[int] = field(default_factory=set)
    missing: set[int] = field(default_factory=set)

    def add(self, event: Mapping[str, Any]) -> None:
        """Take a reading."""
        body, start = event["body"], int(event["t0"])
        if "of" in body:
            self.energy[start] = int(body["energy"])
        else:
            self.energy.put_new(start, int(body["energy"]))
        quality = body["quality"]
        if quality == "measured" and not self.estimated:
            return
        (self.estimated.discard if quality == "measured" else self.estimated.add)(start)
        (self.missing.add if quality == "missing" else self.missing.discard)(start)


@dataclass(frozen=True)
class Daily:
    """Sums by day of one meter, or of several that count the same.

    Parameters
    ----------
    energy : energy of each day [Wh].
    squares : sum of the squared energies of its intervals, for the random part [Wh²].
    guesses : that of the intervals that were estimated [Wh²].
    random, systematic : relative variances of its own.
    groups : relative sigma of the error that it shares with others, by the name of their group.
    """

    energy: Mapping[int, float]
    squares: Mapping[int, float]
    random: float
    systematic: float
    groups: Mapping[str, float] = field(default_factory=dict)
    guesses: Mapping[int, float] = field(default_factory=dict)

    def noise(self, day: int) -> float:
        """Return the variance of a day that does not stay: of readings, and of estimates [Wh²]."""
        return self.random * self.squares[day] + GUESS**2 * self.guesses.get(day, 0.0)

    @property
    def staying(self) -> float:
        """Relative variance of all that stays the same."""
        return self.systematic + sum(sigma * sigma for sigma in self.groups.values())


def daily(year: MeterYear, meter: Mapping[str, Any], first: int, last: int) -> Daily:
    """Return the days of a meter in a period.

    Parameters
    ----------
    year : its readings.
    meter : its errors, from the site.
    first, last : period [ms], its end not in it.
    """
    energy: dict[int, float] = {}
    squares: dict[int, float] = {}
    guesses: dict[int, float] = {}
    for start, value in year.energy.items():
        if first <= start < last:
            day = start // DAY
            energy[day] = energy.get(day, 0.0) + value
            squares[day] = squares.get(day, 0.0) + float(value) * value
            if start in year.estimated:
                guesses[day] = guesses.get(day, 0.0) + float(value) * value
    random, systematic = (int(meter[key]) * PPM for key in ("random_ppm", "systematic_ppm"))
    if "group" in meter:
        return Daily(energy, squares, random**2, 0.0, {meter["group"]: systematic}, guesses)
    return Daily(energy, squares, random**2, systematic**2, {}, guesses)


def combined(meters: Iterable[Daily]) -> Daily:
    """Return the best value of meters that count the same: weighted by what each is worth.

    The error that stays is much the larger over a day, so it sets the weights.
    """
    rows = list(meters)
    if len(rows) == 1:
        return rows[0]
    worth = [1.0 / max(row.staying + row.random / 96.0, 1e-18) for row in rows]
    shares = [one / sum(worth) for one in worth]
    days = set.intersection(*(set(row.energy) for row in rows))
    groups: dict[str, float] = {}
    for share, row in zip(shares, rows, strict=True):
        for name, sigma in row.groups.items():
            groups[name] = groups.get(name, 0.0) + share * sigma
    return Daily(
        {d: sum(s * row.energy[d] for s, row in zip(shares, rows, strict=True)) for d in days},
        {d: sum(s * row.squares[d] for s, row in zip(shares, rows, strict=True)) for d in days},
        sum(s * s * row.random for s, row in zip(shares, rows, strict=True)),
        sum(s * s * row.systematic for s, row in zip(shares, rows, strict=True)),
        groups,
        {
            d: sum(s * s * row.guesses.get(d, 0.0) for s, row in zip(shares, rows, strict=True))
            for d in days
        },
    )
