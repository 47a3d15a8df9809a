"""All that the tests need, gathered entry by entry, and the results of the tests.

References
----------
.. [1] ``docs/reconciliation.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from baseload.verify.headers import has_work, read_header, share_target, target_of
from baseload.verify.reconciliation.balances import (
    Balance,
    Site,
    energy_balances,
    hash_balance,
    share_balance,
)
from baseload.verify.reconciliation.meters import DAY, MeterYear
from baseload.verify.reconciliation.results import (
    of_balance,
    of_blocks,
    of_retained,
    yearly_share,
)
from baseload.verify.reconciliation.upkeep import Upkeep

HASHES_OF_WORK = 2**48 / 65535
"""Expected hashes of a share of difficulty 1."""


@dataclass
class Work:
    """Shares of a pool in a day: work accepted, hashes that all shares stand for, variance."""

    accepted: float = 0.0
    hashes: float = 0.0
    variance: float = 0.0

    def add(self, body: Mapping[str, Any]) -> None:
        """Take a summary; rejected and late shares were worked for too, at the same difficulty."""
        work, accepted = int(body["work"]), int(body["accepted"])
        if not accepted:
            return
        total = accepted + int(body["rejected"]) + int(body["stale"])
        self.accepted += work
        self.hashes += work * HASHES_OF_WORK * total / accepted
        self.variance += int(body["work_squared"]) * HASHES_OF_WORK**2 * total / accepted


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
        self._covered: dict[str, dict[int, int]] = {}
        self._work: dict[str, dict[int, Work]] = {}
        self._retained: dict[str, dict[int, Retained]] = {}
        self._span: list[int] = []
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
            taker(self, entry)

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
        whole = -(-last // DAY) * DAY
        site = Site(self.site, self.years, first // DAY * DAY, whole)
        balances = self._balances(site, first, last)
        retained = self._counts(first, last)
        budget = int(self.site["false_alarm_ppm"]) / 1e6
        alpha = yearly_share(budget, len(balances) + 2 * len(retained))
        found = [of_balance(balance, alpha) for balance in balances]
        for pool, row in retained.items():
            found.append(of_retained(pool, row.count, row.expected, alpha))
            found.append(of_blocks(pool, row.solved, row.blocks, alpha))
        found += self.upkeep.results(self.years, first, last, int(self.site["interval_ms"]))
        found.sort(key=lambda one: str(one["test"]))
        period = {"t0": str(first), "t1": str(last)}
        inputs = {"first": str(self.taken[0]), "last": str(self.taken[-1])}
        return [one | {"period": period, "inputs": inputs} for one in found]

    # --- parts ---------------------------------------------------------------------------------

    def _balances(self, site: Site, first: int, last: int) -> list[Balance]:
        days = range(first // DAY, -(-last // DAY))
        hashes = {day: self._hashes[day] for day in days if self._is_whole(day)}
        shares = self._by_shares(hashes)
        found: list[Balance | None] = [*energy_balances(site)]
        found += [hash_balance(site, hashes), share_balance(hashes, shares)]
        return [balance for balance in found if balance is not None]

    def _by_shares(self, days: Mapping[int, float]) -> dict[int, tuple[float, float]]:
        """Return the hashes of each day that the shares stand for, and their variance."""
        found = {}
        for day in days:
            rows = [by_day[day] for by_day in self._work.values() if day in by_day]
            if rows:
                found[day] = (sum(row.hashes for row in rows), sum(row.variance for row in rows))
        return found

    def _counts(self, first: int, last: int) -> dict[str, Retained]:
        """Return what was retained, and expected, of each pool that has kept shares."""
        days = range(first // DAY, -(-last // DAY))
        found = {}
        for pool in (self.site or {}).get("pools", ()):
            name, total = pool["id"], Retained()
            for day in days:
                total.add(self._retained.get(name, {}).get(day, Retained()))
                work = self._work.get(name, {}).get(day)
                total.expected += work.accepted / int(pool["retained_difficulty"]) if work else 0.0
            if total.count:
                found[name] = total
        return found

    def _see(self, entry: Mapping[str, Any]) -> int:
        """Widen the period by an entry's, and return the day it belongs to."""
        start, end = int(entry["t0"]), int(entry["t1"])
        if not self._span:
            self._span = [start, end]
        self._span = [min(self._span[0], start), max(self._span[1], end)]
        return start // DAY

    def _change(self, entry: Mapping[str, Any]) -> None:
        if entry["body"]["kind"] == "site":
            self.site = entry["body"]["site"]

    def _reading(self, entry: Mapping[str, Any]) -> None:
        self._see(entry)
        name = entry["body"]["meter"]
        year = self.years.get(name)
        if year is None:
            year = self.years[name] = MeterYear()
        year.add(entry)

    def _cover(self, name: str, day: int, entry: Mapping[str, Any]) -> None:
        """Note that a fleet or a pool has told of an interval of a day."""
        covered = self._covered.setdefault(name, {})
        covered[day] = covered.get(day, 0) + int(entry["t1"]) - int(entry["t0"])

    def _is_whole(self, day: int) -> bool:
        """Tell whether every fleet and pool has told of all of a day: lost entries are no loss."""
        return day in self._hashes and all(
            covered.get(day, 0) >= DAY for covered in self._covered.values()
        )

    def _telemetry(self, entry: Mapping[str, Any]) -> None:
        day = self._see(entry)
        self._cover(f"fleet {entry['body']['fleet']}", day, entry)
        self._hashes[day] = self._hashes.get(day, 0.0) + int(entry["body"]["hashes"])

    def _summary(self, entry: Mapping[str, Any]) -> None:
        day, body = self._see(entry), entry["body"]
        self._cover(f"pool {body['pool']} {body['account']}", day, entry)
        pool = self._work.setdefault(body["pool"], {})
        pool.setdefault(day, Work()).add(body)

    def _share(self, entry: Mapping[str, Any]) -> None:
        day, body = self._see(entry), entry["body"]
        pools = (self.site or {}).get("pools", ())
        pool = next((one for one in pools if one["id"] == body["pool"]), None)
        if pool is None:
            return
        header = read_header(bytes.fromhex(body["header"]), int(body["height"]))
        scale = int((self.site or {}).get("scale_bits", "0"))
        kept = share_target(max(int(pool["retained_difficulty"]), 1), scale)
        solving = target_of(header.bits)
        if has_work(header, kept):
            row = self._retained.setdefault(body["pool"], {}).setdefault(day, Retained())
            row.count += 1
            row.solved += has_work(header, solving)
            row.blocks += solving / kept

    def _upkeep(self, entry: Mapping[str, Any]) -> None:
        self.upkeep.event(entry)


_TAKERS: Mapping[str, Callable[[Collector, Mapping[str, Any]], None]] = {
    "meter.reading/1": Collector._reading,
    "meter.event/1": Collector._upkeep,
    "fleet.telemetry/1": Collector._telemetry,
    "shares.summary/1": Collector._summary,
    "shares.retained/1": Collector._share,
    "rule.change/1": Collector._change,
}
