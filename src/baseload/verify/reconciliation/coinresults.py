"""T6 and T7 as results: coins against work by the pool's own rule, and against the public chain.

Both are exact: they have no error, their threshold is 0 and what they see is one satoshi, of what
could be computed again. How much that is, is said, and so is what only the pool or a node can tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from baseload.verify.blockchain import CONFIRMED
from baseload.verify.findings import FAILED
from baseload.verify.ledger import (
    OF_ADDRESS,
    OF_AMOUNT,
    OF_BLOCK,
    CoinLedger,
    Judge,
    Judged,
    Posting,
)
from baseload.verify.reconciliation.results import (
    ALARM,
    CONSISTENT,
    EXPLAIN,
    advice,
    untested,
)

WORD_OF_POOL = {
    "fpps": "the fees per block, which are the pool's word",
    "pplns": "the pool's blocks, their reward and the window, which are its word",
    "tides": "the pool's blocks, their reward and the window, which are its word",
    "solo": "",
}
OVERDUE = 2 * 86_400_000
"""Time [ms] after which work that is paid share by share should have been."""


def coin_results(
    ledger: CoinLedger, site: Mapping[str, Any], first: int, last: int
) -> list[dict[str, Any]]:
    """Return T6 and T7 of each pool, and T7 of the blocks.

    Parameters
    ----------
    ledger : shares, blocks and payouts of the record.
    site : the site.
    first, last : period [ms]; payouts of times that end in it count.
    """
    judge = Judge(ledger, site)
    inside = [one for one in ledger.postings if first < one.t1 <= last]
    judged = [*judge.judged(inside)]
    agreed = {pool["id"]: pool for pool in site.get("pools", ())}
    found = []
    for pool in sorted(agreed.keys() | {one.body["pool"] for one in inside}):
        rows = [one for one in judged if one.postings[-1].body["pool"] == pool]
        if rows:
            found.append(_of_amounts(pool, rows, ledger, (first, last), pool in agreed))
            found.append(_of_places(pool, rows))
        elif _worked(ledger, pool, first, last):
            reason = "work was accepted, and no payout for it is logged"
            found += [untested(test, f"payouts of {pool}", reason) for test in ("T6", "T7")]
    return found + _of_blocks(ledger)


def _of_amounts(
    pool: str, rows: Sequence[Judged], ledger: CoinLedger, period: tuple[int, int], agreed: bool
) -> dict[str, Any]:
    method = rows[-1].postings[-1].body["method"]
    known = [one for one in rows if one.due is not None]
    again = [one for one in rows if one.again]
    wrong = [one for one in rows if _is_wrong(one, (OF_AMOUNT, OF_BLOCK))]
    unpaid, waiting = _unpaid(pool, rows, ledger, period) if method == "fpps" else (0, False)
    unchecked = [WORD_OF_POOL[method]] if WORD_OF_POOL[method] else []
    unchecked += (
        ["method, fee and script, as nothing is agreed with this pool"] if not agreed else []
    )
    unchecked += ["work of the last days, which is not paid yet"] if waiting else []
    told = {
        "test": "T6",
        "title": f"payouts of {pool} by its own rule, {method}",
        "unit": "sat",
        **_counts(rows, again),
        "wrong": str(len(wrong)),
        "unpaid": str(unpaid),
        "difference": str(sum(one.paid - (one.due or 0) for one in known) - unpaid),
        "detectable_95": "1",
        "unchecked": unchecked,
    }
    open_ends = waiting or not agreed or len(again) < len(rows)
    return told | _verdict("T6", bool(wrong or unpaid), open_ends)


def _of_places(pool: str, rows: Sequence[Judged]) -> dict[str, Any]:
    proven = [one for one in rows if one.proven]
    wrong = [one for one in rows if _is_wrong(one, (OF_ADDRESS, OF_BLOCK))]
    nameless = sum("txid" not in part.body for one in rows for part in one.postings)
    left = len(rows) - len(proven)
    unchecked = []
    if left:
        unchecked.append(f"whether {left} payments are in the chain, which only a node can tell")
    if nameless:
        unchecked.append(f"{nameless} that name no transaction")
    told = {
        "test": "T7",
        "title": f"payouts of {pool} in the chain, to the script that was agreed",
        "unit": "payouts",
        **_counts(rows, proven),
        "wrong": str(len(wrong)),
        "difference": str(sum(one.paid for one in wrong)),
        "detectable_95": "1",
        "unchecked": unchecked,
    }
    return told | _verdict("T7", bool(wrong), bool(unchecked))


def _of_blocks(ledger: CoinLedger) -> list[dict[str, Any]]:
    """Return T7 of the blocks that the site has solved, and of the chain that was logged."""
    chain, own = ledger.blocks, [*ledger.own.values()]
    if chain.tip < 0:
        return [untested("T7", "own blocks in the chain", "no block is logged")] if own else []
    depths = [chain.depth_of(one.header) for one in own]
    lost, unknown = depths.count(0), depths.count(-1)
    fresh = sum(0 < depth < CONFIRMED for depth in depths)
    unchecked = []
    if lost:
        unchecked.append(f"{lost} whose place another block took: orphaned, or held back")
    if unknown:
        unchecked.append(f"{unknown} at heights of which the record has no header")
    if chain.depth() >= CONFIRMED:
        unchecked.append(f"why the chain went on without {chain.depth()} blocks in a row")
    told = {
        "test": "T7",
        "title": "blocks that the site has solved, in the chain",
        "unit": "blocks",
        "found": str(len(own) - lost - unknown),
        "solved": str(len(own)),
        "unconfirmed": str(fresh),
        "headers": str(len(chain.main)),
        "dropped": str(len(chain.dropped())),
        "unchecked": unchecked,
    }
    return [told | _verdict("T7", False, bool(unchecked))]


def _counts(rows: Sequence[Judged], again: Sequence[Judged]) -> dict[str, str]:
    """Return how many payments and satoshi there are, and how many of both were checked."""
    return {
        "payments": str(len(rows)),
        "amount": str(sum(one.paid for one in rows)),
        "checked": str(len(again)),
        "checked_amount": str(sum(one.paid for one in again)),
    }


def _is_wrong(one: Judged, codes: tuple[str, ...]) -> bool:
    return any(p.verdict == FAILED and p.code in codes for p in one.problems)


def _verdict(test: str, wrong: bool, open_ends: bool) -> dict[str, str]:
    if wrong:
        return {"verdict": ALARM} | advice(test)
    return {"verdict": EXPLAIN if open_ends else CONSISTENT}


def _worked(ledger: CoinLedger, pool: str, first: int, last: int) -> bool:
    rows = (row for key, of in ledger.worked.items() if key[0] == pool for row in of.rows())
    return any(first <= start and end <= last and work for start, end, work in rows)


def _unpaid(
    pool: str, rows: Sequence[Judged], ledger: CoinLedger, period: tuple[int, int]
) -> tuple[int, bool]:
    """Return what work that no payout is for is worth [sat], and whether newer work waits.

    It is valued at what the payouts of the period gave for theirs.
    """
    due = sum(one.due or 0 for one in rows)
    work = sum(int(one.postings[-1].body["work"]) for one in rows if one.due is not None)
    unpaid, waiting = 0, False
    for (name, account), worked in ledger.worked.items():
        if name != pool:
            continue
        spans = _spans([one for one in ledger.postings if _is_of(one, pool, account)])
        end = spans[-1][1] if spans else period[0]
        inside = [row for row in worked.rows() if period[0] <= row[0] and row[1] <= period[1]]
        unpaid += sum(row[2] for row in _outside(inside, spans) if row[1] <= end)
        waiting = waiting or bool(inside and inside[-1][1] - end > OVERDUE)
    return (unpaid * due // work if work else 0), waiting


def _is_of(posting: Posting, pool: str, account: str) -> bool:
    return (posting.body["pool"], posting.body["account"]) == (pool, account)


def _spans(postings: Sequence[Posting]) -> list[tuple[int, int]]:
    """Return the times that payouts are for, without overlaps, in order."""
    found: list[tuple[int, int]] = []
    for start, end in sorted((one.t0, one.t1) for one in postings):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _outside(
    rows: Sequence[tuple[int, int, int]], spans: Sequence[tuple[int, int]]
) -> list[tuple[int, int, int]]:
    """Return the rows of work that no span of payouts holds."""
    found, place = [], 0
    for row in rows:
        while place < len(spans) and spans[place][1] < row[1]:
            place += 1
        if place == len(spans) or row[0] < spans[place][0]:
            found.append(row)
    return found
