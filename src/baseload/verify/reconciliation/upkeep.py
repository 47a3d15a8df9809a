"""T8: whether the record can be relied on: estimates, seals, certificates, values that stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Any

from baseload.verify.reconciliation.balances import Site
from baseload.verify.reconciliation.meters import DAY, MeterYear
from baseload.verify.reconciliation.results import ALARM, CONSISTENT, EXPLAIN, by_rule

ESTIMATED_ALARM, ESTIMATED_EXPLAIN = 0.10, 0.02
"""Shares of a meter's intervals that were not measured."""
SEAL_OPEN = 24 * 3_600_000
"""Time after which a seal must be closed again [ms]."""
STANDS = 12
"""Equal values, one after the other, of a meter that counts something."""
UNTESTED = 0.10
"""Share of the days that lack a reading from which on that is to be explained."""


def tested_days(site: Site, first: int, last: int) -> list[dict[str, Any]]:
    """Return a result where a good part of the days could not be balanced for want of readings.

    Parameters
    ----------
    site : the meters.
    first, last : period [ms].
    """
    days = range(-(-first // DAY), last // DAY)
    if not days or not site.meters:
        return []
    inside = set(days)
    tested = sum(day in inside for day in site.whole(*site.meters))
    if tested >= (1.0 - UNTESTED) * len(days):
        return []
    worst = min(site.meters, key=lambda name: (len(site.whole(name)), name))
    found = f"{tested} of {len(days)}; {worst} lacks the most"
    return [_of_days("days on which every meter has a reading", found, tested, len(days))]


def told_days(
    hashing: Collection[int], whole: Collection[int], first: int, last: int
) -> list[dict[str, Any]]:
    """Return a result where fleets and pools did not tell of a good part of the days.

    Parameters
    ----------
    hashing : days of which any fleet has told.
    whole : days of which every fleet and every pool of the site has told all.
    first, last : period [ms].
    """
    days = set(range(-(-first // DAY), last // DAY))
    told = len(days & set(whole))
    if not days & set(hashing) or told >= (1.0 - UNTESTED) * len(days):
        return []
    title = "days of which every fleet and pool has told all"
    return [_of_days(title, f"{told} of {len(days)}", told, len(days))]


def _of_days(title: str, found: str, tested: int, days: int) -> dict[str, Any]:
    told = by_rule(title, found, f"{days}", EXPLAIN if tested else ALARM)
    return told | {"untested": f"{days - tested} of {days} days"}


def strangers(pools: Collection[str], back: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return results for what the site says nothing of: pools, and energy towards the grid.

    Parameters
    ----------
    pools : pools that shares were handed to and the site does not name.
    back : energy that meters counted towards the grid [Wh].
    """
    found = []
    if pools:
        names = ", ".join(sorted(pools))
        found.append(by_rule("pools that the site does not name", names, "none", ALARM))
    for meter, energy in sorted(back.items()):
        if energy:
            title = f"energy of {meter} towards the grid"
            found.append(by_rule(title, f"{energy / 1e6:,.1f} MWh", "none", EXPLAIN))
    return found


class Upkeep:
    """What was done to the meters, and whether that was enough."""

    def __init__(self) -> None:
        self._opened: dict[str, int] = {}
        self._open_too_long: dict[str, int] = {}
        self._valid: dict[str, int] = {}
        self._errors: dict[str, tuple[int, int]] = {}

    def event(self, entry: Mapping[str, Any]) -> None:
        """Take what was done to a meter."""
        body, time = entry["body"], int(entry["t1"])
        meter = body["meter"]
        if body["kind"] == "unseal":
            self._opened.setdefault(meter, time)
        elif body["kind"] in ("seal", "replacement"):
            self._close(meter, time)
        if "certificate" in body:
            told = body["certificate"]
            self._valid[meter] = int(told["valid_to"])
            self._errors[meter] = (int(told["random_ppm"]), int(told["systematic_ppm"]))

    def results(
        self, years: Mapping[str, MeterYear], first: int, last: int, site: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Return one result for each meter and each rule that it breaks, or one for all.

        Parameters
        ----------
        years : readings by meter.
        first, last : period [ms].
        site : the site, with the errors that the tests take its meters to have.
        """
        found = [
            *self._estimated(years, first, last),
            *self._seals(last),
            *self._certificates(years, last),
            *self._stated(site),
            *_standing(years, first, last),
        ]
        return found or [by_rule("meters", "looked after", "looked after", CONSISTENT)]

    def _close(self, meter: str, time: int) -> None:
        opened = self._opened.pop(meter, None)
        if opened is not None and time - opened > SEAL_OPEN:
            self._open_too_long[meter] = time - opened

    def _estimated(
        self, years: Mapping[str, MeterYear], first: int, last: int
    ) -> Iterator[dict[str, Any]]:
        for meter, year in sorted(years.items()):
            starts = [start for start in year.energy if first <= start < last]
            if not starts:
                continue
            share = sum(first <= start < last for start in year.estimated) / len(starts)
            if share > ESTIMATED_EXPLAIN:
                verdict = ALARM if share > ESTIMATED_ALARM else EXPLAIN
                yield by_rule(
                    f"readings of {meter} that were not measured",
                    f"{share * 1e6:.0f} ppm",
                    f"{ESTIMATED_ALARM * 1e6:.0f} ppm",
                    verdict,
                )

    def _seals(self, last: int) -> Iterator[dict[str, Any]]:
        still = {meter: last - time for meter, time in self._opened.items()}
        for meter, time in sorted((self._open_too_long | still).items()):
            if time > SEAL_OPEN:
                found = f"open for {time // 3_600_000} hours"
                yield by_rule(f"seal of {meter}", found, "24 hours", ALARM)

    def _certificates(self, years: Mapping[str, MeterYear], last: int) -> Iterator[dict[str, Any]]:
        for meter, valid in sorted(self._valid.items()):
            if valid < last and meter in years:
                yield by_rule(f"certificate of {meter}", f"valid to {valid}", f"{last}", ALARM)

    def _stated(self, site: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Give the meters whose error is not taken to be that of their certificate.

        Too small a one makes false alarms, too large a one hides a loss.
        """
        for meter in sorted(site["meters"], key=lambda one: str(one["id"])):
            taken = (int(meter["random_ppm"]), int(meter["systematic_ppm"]))
            certified = self._errors.get(meter["id"], taken)
            if certified != taken:
                yield by_rule(
                    f"error of {meter['id']} that the tests reckon with",
                    f"{taken[0]} ppm at random, {taken[1]} ppm that stay",
                    f"{certified[0]} and {certified[1]} ppm, as certified",
                    EXPLAIN,
                )


def _standing(years: Mapping[str, MeterYear], first: int, last: int) -> Iterator[dict[str, Any]]:
    """Give the meters that told one and the same value for hours."""
    for meter, year in sorted(years.items()):
        run = longest = 1
        rows = sorted(item for item in year.energy.items() if first <= item[0] < last)
        for (_, before), (start, value) in pairwise(rows):
            same = value == before and value and start not in year.estimated
            run = run + 1 if same else 1
            longest = max(longest, run)
        if longest >= STANDS:
            title = f"values of {meter} that stand still"
            yield by_rule(title, f"{longest} in a row", f"{STANDS - 1}", ALARM)
