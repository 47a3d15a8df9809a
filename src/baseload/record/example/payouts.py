"""What the pools pay, to the satoshi, by the rules of ``docs/record-events.md``."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from baseload.record.example import chain, difficulty, scene
from baseload.record.example.streams import Integers, digest, stream

WINDOW_DIFFICULTIES = 8
"""Length of the window of TIDES, in network difficulties of work."""
PPM = 1_000_000


@dataclass(frozen=True)
class Payout:
    """A posting of a pool: intervals [first, last), and the body of ``pool.payout/1``."""

    pool: scene.Pool
    first: int
    last: int
    body: dict[str, str]


def fpps_amount(work: int, per_block: int, fee_ppm: int, difficulty_e8: int) -> int:
    """Return the payment for work at full pay per share [sat], rounded down once."""
    return work * per_block * (PPM - fee_ppm) * 10**8 // (difficulty_e8 * PPM)


def window_amount(work: int, reward: int, fee_ppm: int, window_work: int) -> int:
    """Return the payment of one block to work in a window [sat], rounded down once."""
    return reward * (PPM - fee_ppm) * work // (window_work * PPM)


def block_fees(seed: int, height: int) -> int:
    """Return the fees of a block [sat]: two to eight million."""
    return 2_000_000 + int.from_bytes(digest(seed, f"fees {height}")[:4], "big") % 6_000_000


def day_fees(seed: int, day: int) -> int:
    """Return the fees that a pool of full pay per share counts for a block of a day [sat]."""
    return int(stream(seed, f"fee base {day}").integers(2_500_000, 7_500_000))


def of_hour(
    pool: scene.Pool, hour: int, accepted: Integers, tips: list[int], seed: int
) -> list[Payout]:
    """Return the postings of an hour at full pay per share: at the day's end or a retarget.

    A posting is for the shares of one day at one difficulty; that of an interval is the one
    which holds at its end.

    Parameters
    ----------
    pool, hour : account, number of the hour.
    accepted : accepted shares by interval.
    tips : height of the newest block at the end of each interval so far.
    seed : seed.
    """
    day = hour // 24
    start, end = day * scene.PER_DAY, (hour + 1) * scene.PER_HOUR
    found = []
    for first, last in _runs([difficulty.bits_at(tip) for tip in tips[start:end]], start):
        now = last == end and last % scene.PER_DAY == 0
        if now or hour * scene.PER_HOUR <= last < end:
            figure = difficulty.difficulty_e8(difficulty.bits_at(tips[first]))
            fees = day_fees(seed, day)
            found.append(_fpps(pool, (first, last), accepted, figure, fees, seed))
    return found


def _runs(values: list[int], start: int) -> list[tuple[int, int]]:
    """Return (first, last) of each run of one value, counted from a start."""
    edges = [i for i in range(1, len(values)) if values[i] != values[i - 1]]
    cuts = [0, *edges, len(values)]
    return [(start + a, start + b) for a, b in pairwise(cuts)]


def of_block(pool: scene.Pool, block: chain.Block, accepted: Integers, seed: int) -> Payout | None:
    """Return the posting for one block of a pool that shares blocks over a window (TIDES).

    None where no whole interval of the record lies before the block.
    """
    last = (block.time - scene.START) // scene.INTERVAL
    # The pool's work comes at its part of the network's: a window is this long.
    blocks = WINDOW_DIFFICULTIES / chain.TIDES_PART
    length = blocks * difficulty.spacing(block.time / 1000) * 1000 / scene.INTERVAL
    first = max(0, last - round(length))
    if last <= first:
        return None
    work = int(accepted[first:last].sum()) * scene.SHARE_DIFFICULTY
    bits = difficulty.bits_at(block.height)
    window = WINDOW_DIFFICULTIES * (difficulty.difficulty_e8(bits) // 10**8)
    reward = scene.SUBSIDY + block_fees(seed, block.height)
    amount = window_amount(work, reward, pool.fee_ppm, window)
    body = {
        "pool": pool.id,
        "account": pool.account,
        "method": pool.method,
        "work": str(work),
        "fee_ppm": str(pool.fee_ppm),
        "window_work": str(window),
        "block_reward": str(reward),
        "amount": str(amount),
    }
    return Payout(pool, first, last, body | _coin(pool, f"block {block.height}", seed))


def _fpps(
    pool: scene.Pool, span: tuple[int, int], accepted: Integers, figure: int, fees: int, seed: int
) -> Payout:
    first, last = span
    work = int(accepted[first:last].sum()) * scene.SHARE_DIFFICULTY
    body = {
        "pool": pool.id,
        "account": pool.account,
        "method": pool.method,
        "work": str(work),
        "network_difficulty_e8": str(figure),
        "subsidy": str(scene.SUBSIDY),
        "fees": str(fees),
        "fee_ppm": str(pool.fee_ppm),
        "amount": str(fpps_amount(work, scene.SUBSIDY + fees, pool.fee_ppm, figure)),
    }
    return Payout(pool, first, last, body | _coin(pool, f"intervals {first} {last}", seed))


def _coin(pool: scene.Pool, what: str, seed: int) -> dict[str, str]:
    txid = digest(seed, f"payment {pool.id} {what}").hex()
    return {"txid": txid, "vout": "0", "script": pool.script.hex()}
