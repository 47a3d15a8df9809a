"""All that the tests need, gathered entry by entry, and the results of the tests.

References
----------
.. [1] ``docs/reconciliation.md``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from baseload.verify.headers import (
    difficulty_e8,
    has_work,
    read_header,
    share_target,
    target_of,
)
from baseload.verify.ledger import CoinLedger
from baseload.verify.payouts import SOLO
from baseload.verify.reconciliation.balances import (
    Balance,
    Rating,
    Site,
    energy_balances,
    hash_balance,
    rating_of,
    share_balance,
)
from baseload.verify.reconciliation.coinresults import coin_results
from baseload.verify.reconciliation.meters import DAY, MeterYear
from baseload.verify.reconciliation.network import network_of
from baseload.verify.reconciliation.results import (
    of_balance,
    of_blocks,
    of_joint,
    of_retained,
    of_solo,
    untested,
    yearly_share,
)
from baseload.verify.reconciliation.upkeep import Upkeep, strangers, tested_days, told_days

HASHES_OF_WORK = 2**48 / 65535
"""Expected hashes of a share of difficulty 1."""
MILLION_PPM = 1_000_000
Chance = Callable[[float], dict[str, Any]]
"""A test that may be wrong by chance, given the probability with which it may."""
MISSING = {
    "T1": "the site states no meters at the plant or none at the main intake",
    "T1-3": "no meter of this site checks another",
    "T2": "the site states no meters at the main intake or none at the racks",
    "T3": "the site states no meters at the racks",
    "T5": "the site states no pool",
    "T6": "no payout and no accepted work is logged",
    "T7": "no payout and no block is logged",
}
"""Why a test has no result of its own."""


@dataclass
class Work:
    """Shares of a pool in a day: work accepted, hashes that all shares stand for, variance."""

    accepted: float = 0.0
    hashes: float = 0.0
    variance: float = 0.0
    squared: float = 0.0

    def add(self, body: Mapping[str, Any]) -> None:
        """Take a summary; rejected and late shares were worked for too, at the same difficulty."""
        work, accepted = int(body["work"]), int(body["accepted"])
        if not accepted:
            return
        total = accepted + int(body["rejected"]) + int(body["stale"])
        # No difficulties that add up to the work have a smaller sum of squares than equal ones.
        squared = max(float(int(body["work_squared"])), work / accepted * work)
        self.accepted += work
        self.squared += squared
        self.hashes += work * HASHES_OF_WORK * total / accepted
        self.variance += squared * HASHES_OF_WORK**2 * total / accepted


@dataclass
class Retained:
    """Retained shares: how many, how many solve a block, and what was expected of both."""

    count: int = 0
    solved: int = 0
    blocks: float = 0.0
    expected: float = 0.0

    def add(self, other: Retained) -> None:
        """Add those of a day."""
        self.count += other.count
        self.solved += other.solved
        self.blocks += other.blocks


class Collector:
    """Gathers entries, and tests what they add up to."""

    def __init__(self) -> None:
        self.site: Mapping[str, Any] | None = None
        self.years: dict[str, MeterYear] = {}
        self.upkeep = Upkeep()
        self._hashes: dict[int, float] = {}
        self._covered: dict[tuple[str, str, str], dict[int, int]] = {}
        self._back: dict[str, int] = {}
        self._work: dict[str, dict[int, Work]] = {}
        self._retained: dict[str, dict[int, Retained]] = {}
        self._span: list[int] = []
        self._bits: dict[int, int] = {}
        self._ratings: list[Rating] = []
        self.coins = CoinLedger()
        self.taken: list[int] = []
        """First and last index of the entries that were of interest."""

    def add(self, index: int, entry: Mapping[str, Any]) -> None:
        """Take an entry; those of no interest cost one look-up.

        Parameters
        ----------
        index : its index.
        entry : the entry as it was read.
        """
        taker = _TAKERS.get(entry["schema"])
        if taker is not None:
            self.taken = [self.taken[0] if self.taken else index, index]
            taker(self, index, entry)

    def results(self, t0: int | None = None, t1: int | None = None) -> list[dict[str, Any]]:
        """Return the results of all tests in a period, in the form of a statement.

        Parameters
        ----------
        t0, t1 : period [ms], its end not in it; all that there is by default.
        """
        if self.site is None or not self._span:
            return []
        first = self._span[0] if t0 is None else t0
        last = self._span[1] if t1 is None else t1
        found = [*self._by_chance(first, last), *coin_results(self.coins, self.site, first, last)]
        found += self.upkeep.results(self.years, first, last, self.site)
        told = {one["test"] for one in found}
        found += [untested(test, "", why) for test, why in MISSING.items() if test not in told]
        found.sort(key=lambda one: str(one["test"]))
        period = {"t0": str(first), "t1": str(last)}
        inputs = {"first": str(self.taken[0]), "last": str(self.taken[-1])}
        return [one | {"period": period, "inputs": inputs} for one in found]

    # --- parts ---------------------------------------------------------------------------------

    def _by_chance(self, first: int, last: int) -> list[dict[str, Any]]:
        """Return the results that may be wrong by chance: the yearly budget is shared by them."""
        site = self.site or {}
        interval, budget = int(site["interval_ms"]), int(site["false_alarm_ppm"])
        if not interval or DAY % interval:
            return [untested("T1", "", f"no interval that a day is whole of: {interval} ms")]
        if not 0 < budget < MILLION_PPM:
            return [untested("T1", "", f"a budget of {budget} ppm of false alarms leaves no test")]
        meters = Site(site, self.years, first // DAY * DAY, -(-last // DAY) * DAY)
        tests = [*self._tests(meters, first, last)]
        # What has no data takes no part of the budget: it cannot give a false alarm.
        alpha = yearly_share(budget / MILLION_PPM, sum(has_data for *_, has_data in tests))
        found = [_made(name, title, test, alpha) for name, title, test, _ in tests]
        found += tested_days(meters, first, last)
        found += told_days(self._hashes.keys(), self._whole_hashes(first, last), first, last)
        return found + strangers(self._work.keys() - self._pools(), self._back)

    def _tests(self, site: Site, first: int, last: int) -> Iterator[tuple[str, str, Chance, bool]]:
        """Give name, title, the test itself, and whether there is anything to be tested."""
        hashes = self._whole_hashes(first, last)
        for balance in self._balances(site, hashes):
            yield (
                balance.test,
                balance.title,
                partial(of_balance, balance),
                bool(balance.values),
            )
        network, days = network_of(site, hashes, self._ratings)
        yield (
            "T1-3",
            "all meters and hashes at once",
            partial(of_joint, network, days),
            bool(days and network.balances),
        )
        for pool, row in self._counts(first, last).items():
            yield from _kept(pool, row)
        for pool, (count, mean) in self._solo(first, last).items():
            yield (
                "T6",
                f"blocks that {pool} has paid",
                partial(of_solo, pool, count, mean),
                mean > 0.0,
            )

    def _whole_hashes(self, first: int, last: int) -> dict[int, float]:
        """Return the hashes of each day of which every fleet and pool has told all."""
        days = sorted(day for day in self._hashes if _is_in(day, first, last))
        return {day: self._hashes[day] for day in days if self._is_whole(day)}

    def _balances(self, site: Site, hashes: Mapping[int, float]) -> list[Balance]:
        shares = self._by_shares(hashes)
        found: list[Balance | None] = [*energy_balances(site)]
        found += [hash_balance(site, hashes, self._ratings), share_balance(hashes, shares)]
        return [balance for balance in found if balance is not None]

    def _by_shares(self, hashes: Mapping[int, float]) -> dict[int, tuple[float, float]]:
        """Return the hashes of each day that the shares stand for, and their variance.

        A day with fewer shares than its hashes would have given has not less chance in it, so the
        variance is that of the hashes at the mean difficulty where that is more.
        """
        named = [self._work[pool] for pool in sorted(self._pools() & self._work.keys())]
        days = {day: [by_day[day] for by_day in named if day in by_day] for day in hashes}
        every = [row for rows in days.values() for row in rows]
        work = math.fsum(row.accepted for row in every)
        mean = math.fsum(row.squared for row in every) / work if work else 1.0
        return {
            day: (
                math.fsum(row.hashes for row in rows),
                max(math.fsum(row.variance for row in rows), hashes[day] * mean * HASHES_OF_WORK),
            )
            for day, rows in days.items()
            if rows
        }

    def _pools(self) -> set[str]:
        """Return the pools that the site names: work for others is no work for the site."""
        return {pool["id"] for pool in (self.site or {}).get("pools", ())}

    def _counts(self, first: int, last: int) -> dict[str, Retained]:
        """Return what was retained, and expected, of each pool of the site."""
        found = {}
        for pool in (self.site or {}).get("pools", ()):
            name, total = pool["id"], Retained()
            for day, row in sorted(self._retained.get(name, {}).items()):
                if _is_in(day, first, last):
                    total.add(row)
            kept = max(int(pool["retained_difficulty"]), 1)
            for day, work in sorted(self._work.get(name, {}).items()):
                total.expected += work.accepted / kept if _is_in(day, first, last) else 0.0
            found[name] = total
        return found

    def _solo(self, first: int, last: int) -> dict[str, tuple[int, float]]:
        """Return blocks paid and expected of each pool that shares with nobody.

        Of the days of which the difficulty is known; the others count neither way.
        """
        found = {}
        scale = int((self.site or {}).get("scale_bits", "0"))
        for pool in (self.site or {}).get("pools", ()):
            work = self._work.get(pool["id"], {})
            if pool["method"] != SOLO or not work:
                continue
            days = sorted(day for day in work if day in self._bits and _is_in(day, first, last))
            figures = {day: difficulty_e8(self._bits[day], scale) / 1e8 for day in days}
            paid = sum(
                one.body["pool"] == pool["id"] and (one.t1 - 1) // DAY in figures
                for one in self.coins.postings
            )
            mean = math.fsum(work[day].accepted / figures[day] for day in days if figures[day])
            found[pool["id"]] = (paid, mean)
        return found

    def _see(self, entry: Mapping[str, Any]) -> int:
        """Widen the period by an entry's, and return the day it belongs to."""
        start, end = int(entry["t0"]), int(entry["t1"])
        span = self._span
        if not span:
            self._span = [start, end]
        else:
            if start < span[0]:
                span[0] = start
            if end > span[1]:
                span[1] = end
        return start // DAY

    def _change(self, index: int, entry: Mapping[str, Any]) -> None:
        if entry["body"]["kind"] == "site":
            self.site = entry["body"]["site"]
            rating = rating_of(entry["body"]["site"]["machines"], int(entry["t0"]) // DAY)
            last = self._ratings[-1] if self._ratings else None
            if last is None or (last.per_hash, last.sigma) != (rating.per_hash, rating.sigma):
                self._ratings.append(rating)

    def _reading(self, index: int, entry: Mapping[str, Any]) -> None:
        self._see(entry)
        name = entry["body"]["meter"]
        if entry["body"]["register"] != "import":  # towards the grid: none of the balances' energy
            self._back[name] = self._back.get(name, 0) + int(entry["body"]["energy"])
            return
        year = self.years.get(name)
        if year is None:
            year = self.years[name] = MeterYear()
        year.add(entry)

    def _cover(self, name: tuple[str, str, str], day: int, entry: Mapping[str, Any]) -> None:
        """Note that a fleet or a pool has told of an interval of a day."""
        covered = self._covered.setdefault(name, {})
        covered[day] = covered.get(day, 0) + int(entry["t1"]) - int(entry["t0"])

    def _is_whole(self, day: int) -> bool:
        """Tell whether every fleet and pool has told of all of a day: lost entries are no loss."""
        pools = self._pools()
        return all(
            covered.get(day, 0) >= DAY
            for (kind, name, _), covered in self._covered.items()
            if kind == "fleet" or name in pools
        )

    def _telemetry(self, index: int, entry: Mapping[str, Any]) -> None:
        day = self._see(entry)
        self._cover(("fleet", entry["body"]["fleet"], ""), day, entry)
        self._hashes[day] = self._hashes.get(day, 0.0) + int(entry["body"]["hashes"])

    def _summary(self, index: int, entry: Mapping[str, Any]) -> None:
        day, body = self._see(entry), entry["body"]
        self._cover(("pool", body["pool"], body["account"]), day, entry)
        pool = self._work.setdefault(body["pool"], {})
        pool.setdefault(day, Work()).add(body)
        self.coins.summary(entry)

    def _share(self, index: int, entry: Mapping[str, Any]) -> None:
        day, body = self._see(entry), entry["body"]
        header = read_header(bytes.fromhex(body["header"]), int(body["height"]))
        self.coins.share(body, header)
        pools = (self.site or {}).get("pools", ())
        pool = next((one for one in pools if one["id"] == body["pool"]), None)
        if pool is None:
            return
        scale = int((self.site or {}).get("scale_bits", "0"))
        kept = share_target(max(int(pool["retained_difficulty"]), 1), scale)
        solving = target_of(header.bits)
        if has_work(header, kept):
            row = self._retained.setdefault(body["pool"], {}).setdefault(day, Retained())
            row.count += 1
            row.solved += has_work(header, solving)
            row.blocks += solving / kept

    def _payout(self, index: int, entry: Mapping[str, Any]) -> None:
        self.coins.payout(index, entry)

    def _block(self, index: int, entry: Mapping[str, Any]) -> None:
        """Take a block, and the target of its day."""
        header = self.coins.block(entry)
        self._bits[header.time * 1000 // DAY] = header.bits

    def _upkeep(self, index: int, entry: Mapping[str, Any]) -> None:
        self.upkeep.event(entry)


def _made(name: str, title: str, test: Chance, alpha: float) -> dict[str, Any]:
    """Return the result of a test, or why there is none: figures may be of any size."""
    try:
        return test(alpha)
    except (ArithmeticError, ValueError):
        return untested(name, title, "figures too large, or too small, to be computed with")


def _kept(pool: str, row: Retained) -> Iterator[tuple[str, str, Chance, bool]]:
    """Give the tests of the retained shares of a pool."""
    title = f"retained shares of {pool}"
    if not row.count and row.expected < 1.0:
        reason = f"none was retained, of {row.expected:,.1f} expected"
        yield "T5", title, lambda alpha: untested("T5", title, reason), False
        return
    yield (
        "T5",
        title,
        partial(of_retained, pool, row.count, row.expected),
        row.expected > 0.0,
    )
    yield (
        "T5",
        f"shares of {pool} that solve a block",
        partial(of_blocks, pool, row.solved, row.blocks),
        row.blocks > 0.0,
    )


def _is_in(day: int, first: int, last: int) -> bool:
    """Tell whether a day is one of a period [ms]."""
    return first // DAY <= day < -(-last // DAY)


_TAKERS: Mapping[str, Callable[[Collector, int, Mapping[str, Any]], None]] = {
    "meter.reading/1": Collector._reading,
    "meter.event/1": Collector._upkeep,
    "fleet.telemetry/1": Collector._telemetry,
    "shares.summary/1": Collector._summary,
    "shares.retained/1": Collector._share,
    "rule.change/1": Collector._change,
    "pool.payout/1": Collector._payout,
    "chain.header/1": Collector._block,
}
COLLECTED = frozenset(_TAKERS)
"""Types of entries that are of interest."""
