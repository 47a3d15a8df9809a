"""What a payout must be by the pool's own rule, exactly, in satoshi.

References
----------
.. [1] Bitcoin Core, ``GetBlockSubsidy`` and the serialisation of ``CTransaction``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baseload.verify.findings import Refused

MILLION = 1_000_000
SOLO = "solo"
HALVING = 210_000
"""Blocks between two halvings of the subsidy."""


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


def subsidy_at(height: int) -> int:
    """Return the subsidy of a block [sat]."""
    return 5_000_000_000 >> min(height // HALVING, 63)


def coinbase_outputs(data: bytes) -> list[tuple[int, bytes]]:
    """Return value [sat] and script of each output of a coinbase transaction without witness.

    Raises
    ------
    Refused
        It is no such transaction.
    """
    reader = _Bytes(data)
    reader.take(4)
    if reader.number() != 1 or reader.take(32) != bytes(32):
        raise Refused("a transaction with one input that spends nothing", "another")
    reader.take(4)
    reader.take(reader.number())
    reader.take(4)
    found = []
    for _ in range(reader.number()):
        value = int.from_bytes(reader.take(8), "little")
        found.append((value, reader.take(reader.number())))
    reader.take(4)
    if reader.left():
        raise Refused("the end of a transaction", f"{reader.left()} bytes more", len(data))
    return found


class _Bytes:
    """Bytes that are taken one piece after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        found = self._data[self._at : self._at + count]
        if len(found) != count:
            raise Refused(f"{count} bytes more", f"{len(found)}", self._at)
        self._at += count
        return found

    def number(self) -> int:
        """Return the next number, in the short form that transactions have."""
        first = self.take(1)[0]
        width = {0xFD: 2, 0xFE: 4, 0xFF: 8}.get(first)
        return first if width is None else int.from_bytes(self.take(width), "little")

    def left(self) -> int:
        """Return how many bytes are left."""
        return len(self._data) - self._at
