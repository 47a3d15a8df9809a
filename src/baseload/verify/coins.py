"""Payouts computed again from the pool's own rule, and the chain that they refer to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from baseload.verify.anchors import PublicChain
from baseload.verify.audit import Audit, Follower
from baseload.verify.findings import FAILED, INCOMPLETE, Finding, Refused
from baseload.verify.headers import BlockHeader, difficulty_e8, has_work, read_header, target_of

MILLION = 1_000_000


def payout_of(body: Mapping[str, Any]) -> int | None:
    """Return what a payout must be by its own figures [sat], or nothing where they do not say.

    Raises
    ------
    Refused
        The figures that its rule needs are not there.
    """
    method = body["method"]
    kept = MILLION - int(body["fee_ppm"])
    try:
        work = int(body["work"])
        if method == "fpps":
            block = int(body["subsidy"]) + int(body["fees"])
            return work * block * kept * 10**8 // (int(body["network_difficulty_e8"]) * MILLION)
        if method in ("pplns", "tides"):
            reward = int(body["block_reward"])
            return reward * kept * work // (int(body["window_work"]) * MILLION)
    except KeyError as error:
        raise Refused(f"the figure {error.args[0]} for {method}", "none") from None
    except ZeroDivisionError:
        raise Refused("a difficulty and a window above 0", "0") from None
    return None


class Coins(Follower):
    """Checks payouts and logged blocks.

    Parameters
    ----------
    audit : the audit.
    chain : headers of the kit.
    """

    def __init__(self, audit: Audit, chain: PublicChain) -> None:
        self._rules = audit.rules
        self._chain = chain
        self._found: list[Finding] = []
        self._count = 0
        self._last: BlockHeader | None = None
        self._known: set[int] = set()
        self._ends: dict[tuple[str, str], list[int]] = {}
        self._sums: dict[tuple[str, str], list[int]] = {}
        self._starts: dict[tuple[str, str], int] = {}
        self._pending: list[tuple[int, Mapping[str, Any]]] = []

    def add(self, index: int, event: Mapping[str, Any]) -> None:
        """Take an entry."""
        schema = event["schema"]
        if schema == "shares.summary/1":
            self._shares(event)
        elif schema == "chain.header/1":
            self._found += self._block(index, event)
        elif schema == "pool.payout/1":
            self._count += 1
            self._pending.append((index, event))

    def end(self, audit: Audit) -> Iterable[Finding]:
        """Check the payouts, now that all shares and blocks are known."""
        for height in self._chain.by_height.values():
            self._known.add(height.bits)
        figures = {difficulty_e8(bits, self._scale()) for bits in self._known}
        for index, event in self._pending:
            self._found += self._payout(index, event, figures)
        audit.counts["coins"] = self._count
        return self._found

    def _scale(self) -> int:
        return int((self._rules.site or {}).get("scale_bits", "0"))

    def _shares(self, event: Mapping[str, Any]) -> None:
        body = event["body"]
        key = (body["pool"], body["account"])
        sums = self._sums.setdefault(key, [0])
        self._starts.setdefault(key, int(event["t0"]))
        self._ends.setdefault(key, []).append(int(event["t1"]))
        sums.append(sums[-1] + int(body["work"]))

    def _work(self, key: tuple[str, str], start: int, end: int) -> int | None:
        """Return the work of an account in a period, if shares are known for all of it."""
        ends = self._ends.get(key)
        if not ends or start < self._starts[key] or end > ends[-1]:
            return None
        first, last = bisect_right(ends, start), bisect_right(ends, end)
        return self._sums[key][last] - self._sums[key][first]

    def _payout(self, index: int, event: Mapping[str, Any], figures: set[int]) -> Iterator[Finding]:
        body = event["body"]
        try:
            due = payout_of(body)
        except Refused as refused:
            yield _coin("coins.amount", INCOMPLETE, index, event, refused.expected, refused.found)
            return
        if due is not None and due != int(body["amount"]):
            yield _coin("coins.amount", FAILED, index, event, f"{due} sat", f"{body['amount']} sat")
        work = self._work((body["pool"], body["account"]), int(event["t0"]), int(event["t1"]))
        if work is not None and work != int(body["work"]):
            expected = f"work {work}, as the shares of that time"
            yield _coin("coins.amount", FAILED, index, event, expected, f"work {body['work']}")
        yield from self._address(index, event)
        figure = body.get("network_difficulty_e8")
        if figure is not None and figures and int(figure) not in figures:
            expected = "a difficulty that the chain had"
            yield _coin("coins.header", FAILED, index, event, expected, figure)

    def _address(self, index: int, event: Mapping[str, Any]) -> Iterator[Finding]:
        body = event["body"]
        pools = {pool["id"]: pool for pool in (self._rules.site or {}).get("pools", ())}
        pool = pools.get(body["pool"])
        if pool is None:
            return
        if "script" in body and body["script"] != pool["script"]:
            yield _coin(
                "coins.address", FAILED, index, event, f"script {pool['script']}", body["script"]
            )
        if body["fee_ppm"] != pool["fee_ppm"] or body["method"] != pool["method"]:
            expected = f"{pool['method']} at a fee of {pool['fee_ppm']} ppm, as agreed"
            found = f"{body['method']} at {body['fee_ppm']} ppm"
            yield _coin("coins.amount", FAILED, index, event, expected, found)

    def _block(self, index: int, event: Mapping[str, Any]) -> Iterator[Finding]:
        body = event["body"]
        header = read_header(bytes.fromhex(body["header"]), int(body["height"]))
        self._known.add(header.bits)
        last, self._last = self._last, header
        kept = self._chain.by_height.get(header.height)
        if not has_work(header, target_of(header.bits)):
            expected = f"work for nBits {header.bits:#010x}"
            yield _coin("coins.header", FAILED, index, event, expected, header.hash[::-1].hex())
        elif last is not None and header.height == last.height + 1 and header.prev != last.hash:
            expected = f"a block after {last.hash[::-1].hex()}"
            yield _coin("coins.header", FAILED, index, event, expected, header.prev[::-1].hex())
        elif kept is not None and kept.data != header.data:
            expected = f"block {kept.hash[::-1].hex()}, as in the kit's headers"
            yield _coin("coins.header", FAILED, index, event, expected, header.hash[::-1].hex())


_COIN_MEANINGS = {
    "coins.amount": "A payout is not what the pool's own rule gives.",
    "coins.address": "A payout went to another address than was agreed.",
    "coins.header": "A block, or a difficulty, is not one of the chain.",
}


def _coin(
    code: str, verdict: str, index: int, event: Mapping[str, Any], expected: str, found: str
) -> Finding:
    return Finding(
        code,
        verdict,
        _COIN_MEANINGS[code],
        expected,
        found,
        index=index,
        source=event["source"],
    )
