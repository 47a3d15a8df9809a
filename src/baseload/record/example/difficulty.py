"""The network's difficulty as it was, by height, and the same for a chain that a laptop can mine.

Heights, nBits and times of the retargets from June 2025 to June 2026 are facts of the public
chain [1]_; times are estimates to about ten minutes a period. The example's own headers carry
targets that are 2**70 times larger: each hash that is computed stands for 2**70 of the fleet's.

References
----------
.. [1] Checkpoints of spesmilo/electrum (MIT) and bitcoinj (Apache-2.0), compared where both
   have them.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from baseload.record.example import scene

RETARGET_BLOCKS = 2016
FIRST_TARGET = 0xFFFF << 208
"""Target of difficulty 1."""


@dataclass(frozen=True)
class Period:
    """The blocks between two retargets: first height, nBits of the example, start [s]."""

    height: int
    bits: int
    start: int


def target(bits: int) -> int:
    """Return the target of a compact form."""
    exponent, mantissa = bits >> 24, bits & 0x7FFFFF
    return mantissa << 8 * (exponent - 3) if exponent > 3 else mantissa >> 8 * (3 - exponent)


def compact(number: int) -> int:
    """Return the compact form of a target, rounded down."""
    size = (number.bit_length() + 7) // 8
    mantissa = number >> 8 * (size - 3)
    if mantissa & 0x800000:
        mantissa, size = mantissa >> 8, size + 1
    return size << 24 | mantissa


def difficulty_e8(bits: int) -> int:
    """Return the fleet's difficulty behind a header of the example, in 10**-8, rounded down."""
    return (FIRST_TARGET << scene.SCALE_BITS) * 10**8 // target(bits)


def share_target(difficulty: int) -> int:
    """Return what the hash of a share of some difficulty must not exceed."""
    return (FIRST_TARGET << scene.SCALE_BITS) // difficulty


@cache
def periods() -> tuple[Period, ...]:
    """Return the periods between retargets, oldest first."""
    text = files(__package__).joinpath("retargets.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(
        Period(
            int(row["height"]),
            compact(target(int(row["bits"], 16)) << scene.SCALE_BITS),
            int(row["time"]),
        )
        for row in rows
    )


def bits_at(height: int) -> int:
    """Return the nBits of the example's block of some height."""
    return periods()[bisect_right([p.height for p in periods()], height) - 1].bits


def height_at(seconds: int) -> int:
    """Return the height of the public chain at some time [s], by even spacing."""
    number = bisect_right([p.start for p in periods()], seconds) - 1
    period = periods()[number]
    return period.height + int((seconds - period.start) / spacing(seconds))


def spacing(seconds: float) -> float:
    """Return the mean time between blocks in the period that holds some time [s]."""
    number = min(bisect_right([p.start for p in periods()], seconds), len(periods()) - 1)
    first, second = periods()[number - 1 : number + 1]
    return (second.start - first.start) / (second.height - first.height)
