"""Payouts computed again from the pool's own rule, and the chain that they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from baseload.verify.audit import Audit, Follower
from baseload.verify.blockchain import CONFIRMED, Blocks
from baseload.verify.findings import FAILED, INCOMPLETE, Finding
from baseload.verify.headers import has_work, read_header, target_of
from baseload.verify.ledger import OF_BLOCK, CoinLedger, Judge


class Coins(Follower):
    """Checks payouts and logged blocks.

    Parameters
    ----------
    audit : the audit.
    blocks : headers of the kit, to which those of the record are added.
    ledger : payouts, shares and own blocks, as the reconciliation gathers them.
    """

    schemas = frozenset({"chain.header/1"})

    def __init__(self, audit: Audit, blocks: Blocks, ledger: CoinLedger) -> None:
        self._rules = audit.rules
        self._blocks = blocks
        self._ledger = ledger
        self._found: list[Finding] = []

    def add(self, index: int, event: Mapping[str, Any]) -> None:
        """Take a block."""
        self._found += self._block(index, event)

    def end(self, audit: Audit) -> Iterable[Finding]:
        """Check the payouts, now that all shares and blocks are known."""
        judge = Judge(self._ledger, self._rules.site, self._blocks)
        for one in judge.judged(self._ledger.postings):
            last = one.postings[-1]
            for code, verdict, expected, found in one.problems:
                place = {"index": last.place, "source": last.source}
                self._found.append(_coin(code, verdict, place, expected, found))
        audit.counts["coins"] = len(self._ledger.postings)
        self._found += self._deep()
        return self._found

    def _block(self, index: int, event: Mapping[str, Any]) -> Iterator[Finding]:
        """Check a block: its work, and that it follows from one that is known.

        One that competes with a block of the kit is none of a forger's: to make it took as much.
        """
        body = event["body"]
        header = read_header(bytes.fromhex(body["header"]), int(body["height"]))
        place = {"index": index, "source": event["source"]}
        if not has_work(header, target_of(header.bits)):
            expected = f"work for nBits {header.bits:#010x}"
            yield _coin(OF_BLOCK, FAILED, place, expected, header.hash[::-1].hex())
            return
        self._blocks.add(header)
        if not self._blocks.follows(header):
            expected = f"a block after one of height {header.height - 1} that is known"
            yield _coin(OF_BLOCK, FAILED, place, expected, f"after {header.prev[::-1].hex()}")

    def _deep(self) -> Iterator[Finding]:
        depth = self._blocks.depth()
        if depth >= CONFIRMED:
            expected = f"fewer than {CONFIRMED} blocks in a row that the chain went on without"
            yield _coin(OF_BLOCK, INCOMPLETE, {}, expected, f"{depth}")


_COIN_MEANINGS = {
    "coins.amount": "A payout is not what the pool's own rule gives.",
    "coins.address": "A payout went to another address than was agreed, or is shown twice.",
    "coins.header": "A block, or a difficulty, is not one of the chain.",
}


def _coin(code: str, verdict: str, place: Mapping[str, Any], expected: str, found: str) -> Finding:
    return Finding(code, verdict, _COIN_MEANINGS[code], expected, found, **place)
