"""The reconciliation within an audit: its alarms, and statements that say otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from baseload.verify.audit import Audit, Follower
from baseload.verify.findings import FAILED, INCOMPLETE, Finding
from baseload.verify.ledger import CoinLedger
from baseload.verify.reconciliation.collect import COLLECTED, Collector
from baseload.verify.testwords import against_text, allowed_text

Results = list[dict[str, Any]]
EQUAL = 1e-6
"""Relative difference up to which two figures are the same."""


class Reconciliation(Follower):
    """Tests the whole record, and computes logged results again."""

    schemas = COLLECTED | {"statement/1"}

    def __init__(self) -> None:
        self._collector = Collector()
        self._statements: list[tuple[int, Mapping[str, Any], Results | None]] = []

    @property
    def ledger(self) -> CoinLedger:
        """Payouts, shares and own blocks of the record, as far as it was read."""
        return self._collector.coins

    def add(self, index: int, event: Mapping[str, Any]) -> None:
        """Take an entry; what a statement says is computed from the entries before it."""
        body = event["body"]
        if event["schema"] == "statement/1" and body["kind"] == "reconciliation":
            self._statements.append((index, event, self._own(body)))
        else:
            self._collector.add(index, event)

    def end(self, audit: Audit) -> Iterable[Finding]:
        """Give alarms, and statements that differ."""
        results = self._collector.results()
        audit.counts["reconciliation"] = len(results)
        audit.results = results
        yield from alarms_of(results)
        yield from untested_of(results)
        for index, event, own in self._statements:
            yield from _unlike(index, event, own)

    def _own(self, body: Mapping[str, Any]) -> Results | None:
        """Return the results over the entries that a statement is about, if they are at hand."""
        if self._collector.taken and self._collector.taken[-1] >= int(body["inputs"]["size"]):
            return None
        return self._collector.results(int(body["period"]["t0"]), int(body["period"]["t1"]))


def _unlike(index: int, event: Mapping[str, Any], own: Results | None) -> Iterator[Finding]:
    if own is None:
        size = event["body"]["inputs"]["size"]
        yield Finding(
            "reconciliation.differs",
            INCOMPLETE,
            "A logged result was computed before some of the entries that stand before it.",
            f"the results over the first {size} entries",
            "entries of interest after those",
            index=index,
            source=event["source"],
        )
    else:
        yield from _differing(index, event, own)


def untested_of(results: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Give a finding for each test of energy, hashes and coins that had not what it needs.

    That the chain holds a payment (T7) only a node can tell, and no kit could ever be OK.
    """
    for one in results:
        if "untested" in one and one["verdict"] == "explain" and one["test"] != "T7":
            name = ", ".join(filter(None, (one["test"], one["title"])))
            yield Finding(
                "reconciliation.untested",
                INCOMPLETE,
                f"{name}: not tested, or not for a good part of the time.",
                "what is compared, on nine days of ten at least",
                one["untested"],
                index=int(one["inputs"]["first"]),
            )


def alarms_of(results: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Give a finding for each alarm."""
    for one in results:
        if one["verdict"] == "alarm":
            yield Finding(
                "reconciliation.alarm",
                INCOMPLETE,
                f"{one['test']}, {one['title']}: more than meters and chance explain. It may be "
                f"innocent: {one['causes']}. Next: {one['next']}.",
                allowed_text(one),
                against_text(one),
                index=int(one["inputs"]["first"]),
            )


def _differing(
    index: int, event: Mapping[str, Any], own: list[dict[str, Any]]
) -> Iterator[Finding]:
    said = event["body"]["results"]
    for place in range(max(len(said), len(own))):
        left = own[place] if place < len(own) else {}
        right = said[place] if place < len(said) else {}
        for key in sorted(left.keys() | right.keys()):
            if not _same(left.get(key), right.get(key)):
                yield Finding(
                    "reconciliation.differs",
                    FAILED,
                    "A logged result of the reconciliation is not what the entries give.",
                    f"{left.get('test', 'no')} {key}: {left.get(key)}",
                    str(right.get(key)),
                    index=index,
                    source=event["source"],
                )
                return


def _same(left: Any, right: Any) -> bool:
    if left == right:
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    try:
        one, other = int(left), int(right)
    except (TypeError, ValueError):
        return False
    return abs(one - other) <= max(1, EQUAL * max(abs(one), abs(other)))
