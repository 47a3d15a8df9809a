"""Balances between meters, and between energy, hashes and shares: one row of numbers a day.

T1 plant - main - loss, T2 main - racks - aux, T3 racks - machines' energy for the hashes, T4 hashes
by the counters - hashes by the shares; and each meter against the one that checks it. A balance
is drawn over the days on which all of its own meters were read, so that one that is dead does not
keep the others from being tested.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baseload.verify.reconciliation.meters import (
    DAY,
    HOUR,
    PPM,
    Daily,
    MeterYear,
    combined,
    daily,
)
from baseload.verify.reconciliation.statistics import Part

TERAHASH = 1e12


@dataclass(frozen=True)
class Balance:
    """A balance by day.

    Parameters
    ----------
    test, title : its name, and what it compares.
    unit : ``Wh`` or ``hashes``.
    values : imbalance of each day.
    parts : errors that stay, each with what it is relative to on each day.
    random : variance of the random part.
    """

    test: str
    title: str
    unit: str
    values: Sequence[float]
    parts: Sequence[Part]
    random: Sequence[float]


class Site:
    """The meters of a site and what they have counted in a period.

    Parameters
    ----------
    site : the site, as ``rule.change/1`` states it.
    years : readings by meter.
    first, last : period [ms].
    """

    def __init__(
        self, site: Mapping[str, Any], years: Mapping[str, MeterYear], first: int, last: int
    ) -> None:
        self.site = site
        self.years = years
        self.interval = int(site["interval_ms"])
        self.meters = {meter["id"]: meter for meter in site["meters"]}
        self.days = {
            name: daily(years.get(name, MeterYear()), meter, first, last)
            for name, meter in self.meters.items()
        }
        self._whole = {
            name: self._whole_days(years.get(name, MeterYear()), first, last)
            for name in self.meters
        }

    def at(self, place: str) -> dict[str, Daily]:
        """Return each meter of a place, joined with those that check it."""
        checked = {other: one for one, other in self.checks()}
        found: dict[str, list[Daily]] = {}
        for name in self.names(place):
            found.setdefault(checked.get(name, name), []).append(self.days[name])
        return {name: combined(rows) for name, rows in found.items()}

    def whole(self, *names: str) -> list[int]:
        """Return the days on which every interval of some meters has a value."""
        if not names:
            return []
        return sorted(set.intersection(*(self._whole[name] for name in names)))

    def names(self, *places: str) -> list[str]:
        """Return the meters of some places."""
        return [name for name, meter in self.meters.items() if meter["place"] in places]

    def checks(self) -> list[tuple[str, str]]:
        """Return each meter that another one of its place checks, and that other one."""
        pairs = ((meter.get("stands_for"), name) for name, meter in self.meters.items())
        places = {name: meter["place"] for name, meter in self.meters.items()}
        return [
            (one, other)
            for one, other in pairs
            if one in places and one != other and places[one] == places[other]
        ]

    def loss(self, main: str, day: int) -> float:
        """Return the loss of a day from plant to main [Wh], by the model of the site."""
        told, hours = self.site["loss"], self.interval / HOUR
        constant, factor = int(told["constant"]), int(told["per_terawatt"]) / 1e12
        found = 0.0
        energy = self.years[main].energy if main in self.years else {}
        for start in range(day * DAY, (day + 1) * DAY, self.interval):
            power = energy.get(start, 0) / hours
            found += (constant + factor * power * power) * hours
        return found

    def _whole_days(self, year: MeterYear, first: int, last: int) -> set[int]:
        """Return the days of which every interval has a value, measured or estimated."""
        counts: dict[int, int] = {}
        for start in year.energy:
            inside = first <= start < last and start % self.interval == 0
            if inside and start not in year.missing:
                counts[start // DAY] = counts.get(start // DAY, 0) + 1
        return {day for day, count in counts.items() if count == DAY // self.interval}


def energy_balances(site: Site) -> list[Balance]:
    """Return T1 and T2, and each meter against the one that checks it."""
    plant, main, rack, aux = (site.at(place) for place in ("plant", "main", "rack", "aux"))
    found = []
    if plant and main:
        days = site.whole(*site.names("plant", "main"))
        found.append(_plant_to_main(site, days, plant, main))
    if main and rack:
        days = site.whole(*site.names("main", "rack", "aux"))
        found.append(_main_to_racks(days, main, rack | aux))
    for one, other in site.checks():
        title = f"{one} against {other}, which checks it"
        test = "T1" if site.meters[other]["place"] in ("plant", "main") else "T2"
        days = site.whole(one, other)
        found.append(_difference(test, title, days, [site.days[one]], [site.days[other]]))
    return found


def _plant_to_main(
    site: Site, days: list[int], plant: Mapping[str, Daily], main: Mapping[str, Daily]
) -> Balance:
    title = "plant against main intake and loss"
    found = _difference("T1", title, days, [*plant.values()], [*main.values()])
    primary = next(iter(main))
    loss = [site.loss(primary, day) for day in days]
    error = Part((int(site.site["loss"]["sigma_ppm"]) * PPM) ** 2, loss)
    values = [value - lost for value, lost in zip(found.values, loss, strict=True)]
    return Balance("T1", title, "Wh", values, [*found.parts, error], found.random)


def _main_to_racks(
    days: list[int], main: Mapping[str, Daily], behind: Mapping[str, Daily]
) -> Balance:
    title = "main intake against racks and aux"
    return _difference("T2", title, days, [*main.values()], [*behind.values()])


def _difference(
    test: str, title: str, days: list[int], left: Sequence[Daily], right: Sequence[Daily]
) -> Balance:
    """Return left less right; each meter has an error of its own, or shares that of its group."""
    signed = [*((1.0, row) for row in left), *((-1.0, row) for row in right)]
    values = [sum(sign * row.energy[day] for sign, row in signed) for day in days]
    random = [sum(row.noise(day) for _, row in signed) for day in days]
    parts = [
        Part(row.systematic, [row.energy[day] for day in days])
        for _, row in signed
        if row.systematic
    ]
    # What meters share counts once, and cancels where they stand on both sides.
    for group in sorted({name for _, row in signed for name in row.groups}):
        signs = [(sign * row.groups.get(group, 0.0), row.energy) for sign, row in signed]
        parts.append(Part(1.0, [sum(s * energy[day] for s, energy in signs) for day in days]))
    return Balance(test, title, "Wh", values, parts, random)


@dataclass(frozen=True)
class Rating:
    """What the machines take for their hashes from a day on, as the site has stated it.

    Parameters
    ----------
    since : first day.
    per_hash : energy of a hash [Wh].
    sigma : its relative error.
    """

    since: int
    per_hash: float
    sigma: float


def rating_of(machines: Mapping[str, Any], since: int) -> Rating:
    """Return the efficiency of machines that a site states, from a day on."""
    per_hash = int(machines["millijoule_per_terahash"]) / 1000.0 / TERAHASH / 3600.0
    return Rating(since, per_hash, int(machines["sigma_ppm"]) * PPM)


def energy_due(
    ratings: Sequence[Rating], hashes: Mapping[int, float], days: Sequence[int]
) -> tuple[list[float], list[Part]]:
    """Return the energy that the hashes of each day must have taken [Wh], and its errors.

    Each rating has an error of its own: machines that were tuned anew were measured anew.

    Parameters
    ----------
    ratings : ratings by the day from which they hold, one at least; the first one also before.
    hashes : hashes of each day by the firmware's counters.
    days : days.
    """
    held = [max((r for r in ratings if r.since <= day), key=_first_day, default=ratings[0])
            for day in days]  # fmt: skip
    due = [hashes[day] * rating.per_hash for day, rating in zip(days, held, strict=True)]
    parts = []
    for rating in ratings:
        of = [e if h is rating else 0.0 for e, h in zip(due, held, strict=True)]
        if any(of):
            parts.append(Part(rating.sigma**2, of))
    return due, parts


def _first_day(rating: Rating) -> int:
    return rating.since


def hash_balance(
    site: Site, hashes: Mapping[int, float], ratings: Sequence[Rating]
) -> Balance | None:
    """Return T3: energy of the racks against the energy that the hashes must have taken.

    Parameters
    ----------
    site : the site.
    hashes : hashes of each whole day by the firmware's counters.
    ratings : efficiency of the machines.
    """
    racks = [*site.at("rack").values()]
    if not racks or not ratings:
        return None
    days = [day for day in site.whole(*site.names("rack")) if day in hashes]
    due, errors = energy_due(ratings, hashes, days)
    found = _difference("T3", "energy of the racks against hashes", days, racks, [])
    values = [value - energy for value, energy in zip(found.values, due, strict=True)]
    return Balance("T3", found.title, "Wh", values, [*found.parts, *errors], found.random)


def share_balance(
    hashes: Mapping[int, float], shares: Mapping[int, tuple[float, float]]
) -> Balance:
    """Return T4: hashes by the counters against hashes by the shares.

    Parameters
    ----------
    hashes : hashes of each day by the counters.
    shares : hashes of each day by the shares, and the variance of that.
    """
    days = sorted(hashes.keys() & shares.keys())
    return Balance(
        "T4",
        "hashes by counters against accepted shares",
        "hashes",
        [hashes[day] - shares[day][0] for day in days],
        [],
        [shares[day][1] for day in days],
    )
