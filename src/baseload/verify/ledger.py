"""Payouts against the shares, the agreement and the chain: what each must be, to the satoshi.

Postings that belong together are judged together: one payment in several transactions, or full pay
per share whose base of fees the pool revised. A ``correction/1`` changes no payment.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any, NamedTuple

from baseload.verify.blockchain import CONFIRMED, Blocks
from baseload.verify.findings import FAILED, INCOMPLETE, Refused, instant_text
from baseload.verify.headers import (
    BlockHeader,
    difficulty_e8,
    double_sha256,
    fold_branch,
    has_work,
    read_header,
    target_of,
)
from baseload.verify.payouts import SOLO, coinbase_outputs, payout_of

_Period = tuple[str, str, str, int, int]
OF_AMOUNT, OF_ADDRESS, OF_BLOCK = "coins.amount", "coins.address", "coins.header"


class Posting(NamedTuple):
    """A payout as it was logged: its place, its period [ms], who wrote it, and what it says."""

    place: int
    t0: int
    t1: int
    source: str
    body: Mapping[str, Any]


class Problem(NamedTuple):
    """What is wrong with a payout, or could not be checked: a code and verdict of a finding."""

    code: str
    verdict: str
    expected: str
    found: str


class Judged(NamedTuple):
    """A payout, or several postings that are one.

    Parameters
    ----------
    postings : the postings.
    due : what they must add up to [sat]; nothing where that cannot be computed.
    paid : what they add up to [sat].
    again : whether work, difficulty or block were held against the record, and are not the payer's
        word alone.
    proven : whether the block that pays them is in the chain, and deep enough.
    problems : what is wrong, or could not be checked.
    """

    postings: list[Posting]
    due: int | None
    paid: int
    again: bool
    proven: bool
    problems: list[Problem]


class OwnBlock(NamedTuple):
    """A block that a share of the site solved.

    Parameters
    ----------
    pool, header : whose share, and the header.
    outputs : value [sat] and script of each output of the coinbase.
    bound : whether the coinbase is the one that the header commits to.
    """

    pool: str
    header: BlockHeader
    outputs: list[tuple[int, bytes]]
    bound: bool


class Worked:
    """Accepted work of an account over time."""

    def __init__(self) -> None:
        # Three lists take half the room of one list of three each.
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._work: list[int] = []
        self._sorted = True

    def add(self, start: int, end: int, work: int) -> None:
        """Take the work of a period [ms]; late ones may come in any order."""
        self._sorted = self._sorted and (not self._ends or self._ends[-1] <= start)
        self._starts.append(start)
        self._ends.append(end)
        self._work.append(work)

    def rows(self) -> list[tuple[int, int, int]]:
        """Return start, end [ms] and work of each period, in order of time."""
        found = [*zip(self._starts, self._ends, self._work, strict=True)]
        return found if self._sorted else sorted(found)

    def sums(self) -> Sums:
        """Return the sums of it, to ask for many periods."""
        return Sums(self.rows())


class Sums:
    """Sums of work, to be asked for periods.

    Parameters
    ----------
    rows : start, end [ms] and work of each period, in order of time.
    """

    def __init__(self, rows: list[tuple[int, int, int]]) -> None:
        self._starts = [row[0] for row in rows]
        self._ends = [row[1] for row in rows]
        self._work = [0, *accumulate(row[2] for row in rows)]
        self._length = [0, *accumulate(row[1] - row[0] for row in rows)]

    def between(self, start: int, end: int) -> int | None:
        """Return the work of a period, or nothing where not all of it is told."""
        first, last = bisect_left(self._starts, start), bisect_right(self._ends, end)
        if first >= last or self._length[last] - self._length[first] != end - start:
            return None
        return self._work[last] - self._work[first]


class CoinLedger:
    """Shares, blocks and payouts as they come, and what the payouts must be."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self.own: dict[str, OwnBlock] = {}
        self.postings: list[Posting] = []
        self.worked: dict[tuple[str, str], Worked] = {}

    def summary(self, entry: Mapping[str, Any]) -> None:
        """Take the accepted work of an account."""
        body = entry["body"]
        key = (body["pool"], body["account"])
        worked = self.worked.get(key)
        if worked is None:
            worked = self.worked[key] = Worked()
        worked.add(int(entry["t0"]), int(entry["t1"]), int(body["work"]))

    def payout(self, index: int, entry: Mapping[str, Any]) -> None:
        """Take a payout."""
        t0, t1, source = int(entry["t0"]), int(entry["t1"]), entry.get("source", "")
        self.postings.append(Posting(index, t0, t1, source, entry["body"]))

    def block(self, entry: Mapping[str, Any]) -> BlockHeader:
        """Take a block of the chain; return its header."""
        body = entry["body"]
        header = read_header(bytes.fromhex(body["header"]), int(body["height"]))
        if has_work(header, target_of(header.bits)):
            self.blocks.add(header)
        return header

    def share(self, body: Mapping[str, Any], header: BlockHeader) -> None:
        """Take a retained share, and keep it where it solves a block."""
        if not has_work(header, target_of(header.bits)):
            return
        coinbase = bytes.fromhex(body["coinbase"])
        leaf = double_sha256(coinbase)
        try:
            outputs = coinbase_outputs(coinbase)
        except Refused:
            outputs = []
        root = fold_branch(leaf, map(bytes.fromhex, body["path"]))
        bound = root == header.merkle_root and len(coinbase) != 64
        self.own[leaf.hex()] = OwnBlock(body["pool"], header, outputs, bound)


class Judge:
    """Judges the payouts of a ledger.

    Parameters
    ----------
    ledger : the ledger.
    site : the site, for what was agreed with the pools; nothing is held against none.
    blocks : the chain to hold them against; that of the ledger by default.
    """

    def __init__(
        self, ledger: CoinLedger, site: Mapping[str, Any] | None, blocks: Blocks | None = None
    ) -> None:
        self._ledger = ledger
        self._blocks = ledger.blocks if blocks is None else blocks
        self._scale = int((site or {}).get("scale_bits", "0"))
        self._pools = {pool["id"]: pool for pool in (site or {}).get("pools", ())}
        self._sums = {key: worked.sums() for key, worked in ledger.worked.items()}
        self._outputs: set[tuple[str, str]] = set()

    def judged(self, postings: Iterable[Posting]) -> Iterator[Judged]:
        """Judge payouts in the order of their periods, those that belong together as one."""
        groups = sorted(_together(postings), key=lambda group: (group[-1].t0, group[-1].place))
        said: dict[_Period, int] = {}
        for group in groups:
            if group[-1].body["method"] == "fpps":
                period = _period_of(group[-1])
                said[period] = said.get(period, 0) + int(group[-1].body["work"])
        paid_to: dict[tuple[str, str], tuple[int, int]] = {}
        for group in groups:
            yield self._judge(group, said, paid_to)

    def _judge(
        self,
        group: list[Posting],
        said: Mapping[_Period, int],
        paid_to: dict[tuple[str, str], tuple[int, int]],
    ) -> Judged:
        last = group[-1]
        paid = sum(int(one.body["amount"]) for one in group)
        found: list[Problem | None] = [problem for one in group for problem in self._agreed(one)]
        due, proven = None, False
        try:
            due, proven = self._due(last)
        except Refused as refused:
            found.append(Problem(OF_AMOUNT, INCOMPLETE, refused.expected, refused.found))
        if due is not None and due != paid:
            found.append(Problem(OF_AMOUNT, FAILED, f"{due} sat", f"{paid} sat"))
        if last.body["method"] == SOLO:
            found += self._in_chain(last)
        else:
            found += [*self._figures(last), *self._work(last, said.get(_period_of(last)))]
        if last.body["method"] == "fpps":
            found += _paid_before(last, paid_to)
        again = due is not None and None not in found
        return Judged(group, due, paid, again, proven, [one for one in found if one is not None])

    def _due(self, posting: Posting) -> tuple[int | None, bool]:
        """Return what a payout must be, and whether the block that pays it is final."""
        body = posting.body
        if body["method"] != SOLO:
            return payout_of(body), False
        own = self._own(body)
        script = body.get("script") or self._pools.get(body["pool"], {}).get("script")
        if own is None or script is None:
            told = body.get("txid", "no txid")
            raise Refused("txid of a coinbase whose solving share was retained", told)
        due = sum(value for value, to in own.outputs if to.hex() == script)
        return due, self._blocks.depth_of(own.header) >= CONFIRMED

    def _own(self, body: Mapping[str, Any]) -> OwnBlock | None:
        own = self._ledger.own.get(body.get("txid", ""))
        return own if own is not None and own.bound else None

    def _in_chain(self, posting: Posting) -> Iterator[Problem | None]:
        """Hold a block found alone against the chain; None says that it could not be."""
        own = self._own(posting.body)
        depth = -1 if own is None else self._blocks.depth_of(own.header)
        if depth < 0 or own is None:
            yield None
        elif depth == 0:
            kept = self._blocks.main[own.header.height]
            yield Problem(
                OF_BLOCK,
                FAILED,
                f"block {kept.hash[::-1].hex()} of the chain",
                own.header.hash[::-1].hex(),
            )

    def _work(self, posting: Posting, together: int | None) -> Iterator[Problem | None]:
        """Hold the work against the shares; None says that it could not be.

        Parameters
        ----------
        posting : the payout.
        together : work of all payouts of its period, where each share is paid once.
        """
        sums = self._sums.get((posting.body["pool"], posting.body["account"]))
        work = None if sums is None else sums.between(posting.t0, posting.t1)
        said = int(posting.body["work"]) if together is None else together
        if work is None:
            yield None
        elif work != said:
            expected = f"work {work}, as the shares of that time"
            yield Problem(OF_AMOUNT, FAILED, expected, f"work {said}")

    def _figures(self, posting: Posting) -> Iterator[Problem | None]:
        """Hold difficulty and subsidy against the chain; None says that it could not be."""
        body = posting.body
        # Where a block is shared, its own time counts, not that of the shares in the window.
        start = posting.t0 if body["method"] == "fpps" else posting.t1
        period = (start, posting.t1)
        blocks = self._blocks.during(*period)
        if not blocks:
            yield None
            return
        figure = body.get("network_difficulty_e8")
        held = {difficulty_e8(bits, self._scale) for bits in {one.bits for one in blocks}}
        if figure is not None and int(figure) not in held:
            yield Problem(OF_BLOCK, FAILED, "a difficulty that the chain had in that time", figure)
        subsidies = self._blocks.subsidies(*period)
        if "subsidy" in body and int(body["subsidy"]) not in subsidies:
            told = " or ".join(map(str, sorted(subsidies)))
            yield Problem(OF_AMOUNT, FAILED, f"a subsidy of {told} sat", body["subsidy"])
        if "block_reward" in body and int(body["block_reward"]) < min(subsidies):
            expected = f"a reward of at least the subsidy, {min(subsidies)} sat"
            yield Problem(OF_AMOUNT, FAILED, expected, f"{body['block_reward']} sat")

    def _agreed(self, posting: Posting) -> Iterator[Problem]:
        """Hold address, method and fee against what was agreed, and the output against others."""
        body = posting.body
        pool = self._pools.get(body["pool"])
        if missing := [key for key in ("script", "txid") if key not in body]:
            expected = "script and txid, by which anyone finds it in the chain"
            yield Problem(OF_ADDRESS, INCOMPLETE, expected, f"no {' and no '.join(missing)}")
        if pool is None and self._pools:
            named = ", ".join(sorted(self._pools))
            yield Problem(
                OF_ADDRESS, INCOMPLETE, f"a pool that the site names: {named}", body["pool"]
            )
        if pool is not None:
            if "script" in body and body["script"] != pool["script"]:
                yield Problem(OF_ADDRESS, FAILED, f"script {pool['script']}", body["script"])
            if body["fee_ppm"] != pool["fee_ppm"] or body["method"] != pool["method"]:
                expected = f"{pool['method']} at a fee of {pool['fee_ppm']} ppm, as agreed"
                found = f"{body['method']} at {body['fee_ppm']} ppm"
                yield Problem(OF_AMOUNT, FAILED, expected, found)
        if "txid" in body and "vout" in body:
            output = (body["txid"], body["vout"])
            if output in self._outputs:
                expected = "an output that was not counted before"
                yield Problem(OF_ADDRESS, FAILED, expected, f"{output[0]}:{output[1]}")
            self._outputs.add(output)


def _period_of(posting: Posting) -> _Period:
    body = posting.body
    return (body["pool"], body["account"], body["method"], posting.t0, posting.t1)


def _paid_before(
    posting: Posting, paid_to: dict[tuple[str, str], tuple[int, int]]
) -> Iterator[Problem]:
    """Make sure that full pay per share is paid once for each time, and note the time."""
    key, period = (posting.body["pool"], posting.body["account"]), (posting.t0, posting.t1)
    before = paid_to.get(key)
    if before is not None and before != period and posting.t0 < before[1]:
        yield Problem(
            OF_AMOUNT,
            FAILED,
            f"a time from {instant_text(before[1])} on",
            f"{instant_text(posting.t0)}: paid before",
        )
    if before is None or posting.t1 >= before[1]:
        paid_to[key] = period


def _together(postings: Iterable[Posting]) -> list[list[Posting]]:
    """Return the postings, those that are parts or revisions of one payment in one list."""
    groups: dict[tuple[Any, ...], list[Posting]] = {}
    for one in postings:
        groups.setdefault(_payment_of(one), []).append(one)
    return [*groups.values()]


def _payment_of(posting: Posting) -> tuple[Any, ...]:
    """Return what tells the payment that a posting belongs to from others."""
    body = posting.body
    whole = (body["pool"], body["account"], body["method"])
    if body["method"] == "fpps":
        figures: tuple[Any, ...] = (body.get("network_difficulty_e8"), body["work"])
        return (*whole, posting.t0, posting.t1, *figures)
    if body["method"] == SOLO:
        return (*whole, body.get("txid", posting.place))
    try:
        right = payout_of(body) == int(body["amount"])
    except Refused:
        right = True
    if right:  # two blocks may well pay the same for the same shares
        return (*whole, posting.place)
    figures = tuple(body.get(key) for key in ("work", "window_work", "block_reward"))
    return (*whole, posting.t0, posting.t1, *figures)
