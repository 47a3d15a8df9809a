"""What the pools pay, to the satoshi, by the rules of ``docs/record-events.md``."""

from __future__ import annotations

from dataclasses import dataclass

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


def of_day(
    pool: scene.Pool, day: int, accepted: Integers, tips: list[int], seed: int
) -> list[Payout]:
    """Return the postings of one day at full pay per share: one for each difficulty in it.

    Parameters
    ----------
    pool, day : account, number of the day.
    accepted : accepted shares by interval.
    tips : height of the newest block at the end of each interval so far.
    seed : seed.
    """
    first, end = day * scene.PER_DAY, (day + 1) * scene.PER_DAY
    found = []
    while first < end:
        figure = difficulty.difficulty_e8(difficulty.bits_at(tips[first]))
        last = first
        while last < end and difficulty.difficulty_e8(difficulty.bits_at(tips[last])) == figure:
            last += 1
        found.append(_fpps(pool, first, last, accepted, figure, day_fees(seed, day), seed))
        first = last
    return found


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
    pool: scene.Pool, first: int, last: int, accepted: Integers, figure: int, fees: int, seed: int
) -> Payout:
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
