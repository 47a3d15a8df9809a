"""Balances between meters, and between energy, hashes and shares: one row of numbers a day.

T1 plant - main - loss, T2 main - racks - aux, T3 racks - machines' energy for the hashes, T4 hashes
by the counters - hashes by the shares; and each meter against the one that checks it.
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
        self.whole = {
            day
            for day in range(first // DAY, -(-last // DAY))
            if all(self._is_whole(name, day) for name in self.meters)
        }

    def at(self, place: str) -> dict[str, Daily]:
        """Return each meter of a place, joined with those that check it."""
        found: dict[str, list[Daily]] = {}
        for name, meter in self.meters.items():
            if meter["place"] == place:
                found.setdefault(meter.get("stands_for", name), []).append(self.days[name])
        return {name: combined(rows) for name, rows in found.items()}

    def loss(self, main: str, day: int) -> float:
        """Return the loss of a day from plant to main [Wh], by the model of the site."""
        told, hours = self.site["loss"], self.interval / HOUR
        constant, factor = int(told["constant"]), int(told["per_terawatt"]) / 1e12
        found = 0.0
        energy = self.years[main].energy
        for start in range(day * DAY, (day + 1) * DAY, self.interval):
            power = energy.get(start, 0) / hours
            found += (constant + factor * power * power) * hours
        return found

    def _is_whole(self, name: str, day: int) -> bool:
        year = self.years.get(name)
        if year is None:
            return False
        starts = range(day * DAY, (day + 1) * DAY, self.interval)
        return all(start in year.energy for start in starts)


def energy_balances(site: Site) -> list[Balance]:
    """Return T1 and T2, and each meter against the one that checks it."""
    days = sorted(site.whole)
    plant, main, rack, aux = (site.at(place) for place in ("plant", "main", "rack", "aux"))
    found = []
    if plant and main and days:
        found.append(_plant_to_main(site, days, plant, main))
    if main and rack and days:
        found.append(_main_to_racks(days, main, rack | aux))
    for name, meter in site.meters.items():
        if "stands_for" in meter and days and meter["stands_for"] in site.days:
            one, other = site.days[meter["stands_for"]], site.days[name]
            title = f"{meter['stands_for']} against {name}, which checks it"
            test = "T1" if meter["place"] in ("plant", "main") else "T2"
            found.append(_difference(test, title, days, [one], [other]))
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
    """Return left less right; each meter has an error of its own."""
    every = [*left, *right]
    values = [
        sum(row.energy[day] for row in left) - sum(row.energy[day] for row in right) for day in days
    ]
    random = [sum(row.random * row.squares[day] for row in every) for day in days]
    parts = [Part(row.systematic, [row.energy[day] for day in days]) for row in every]
    return Balance(test, title, "Wh", values, parts, random)


def hash_balance(site: Site, hashes: Mapping[int, float]) -> Balance | None:
    """Return T3: energy of the racks against the energy that the hashes must have taken."""
    days = sorted(site.whole & hashes.keys())
    racks = [*site.at("rack").values()]
    if not days or not racks:
        return None
    told = site.site["machines"]
    per_hash = int(told["millijoule_per_terahash"]) / 1000.0 / TERAHASH / 3600.0
    due = [hashes[day] * per_hash for day in days]
    found = _difference("T3", "energy of the racks against hashes", days, racks, [])
    values = [value - energy for value, energy in zip(found.values, due, strict=True)]
    error = Part((int(told["sigma_ppm"]) * PPM) ** 2, due)
    return Balance("T3", found.title, "Wh", values, [*found.parts, error], found.random)


def share_balance(
    hashes: Mapping[int, float], shares: Mapping[int, tuple[float, float]]
) -> Balance | None:
    """Return T4: hashes by the counters against hashes by the shares.

    Parameters
    ----------
    hashes : hashes of each day by the counters.
    shares : hashes of each day by the shares, and the variance of that.
    """
    days = sorted(hashes.keys() & shares.keys())
    if not days:
        return None
    return Balance(
        "T4",
        "hashes by counters against accepted shares",
        "hashes",
        [hashes[day] - shares[day][0] for day in days],
        [],
        [shares[day][1] for day in days],
    )
