"""The chain as the entries of a record tell it: blocks, competing ones, and what held at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from baseload.verify.headers import BlockHeader
from baseload.verify.payouts import subsidy_at

CONFIRMED = 6
"""Blocks, its own with them, after which a payment is taken for final."""
SLACK = 7200
"""Seconds by which the time of a header may be off: nodes accept no more into the future."""


class Link(NamedTuple):
    """What of a header makes the chain: of a year of them, the rest is not kept."""

    height: int
    hash: bytes
    prev: bytes
    time: int
    bits: int


class Blocks:
    """Headers by height; where several compete, those that the highest one follows from count."""

    def __init__(self) -> None:
        self._at: dict[int, tuple[Link, ...]] = {}
        self._main: dict[int, Link] | None = None
        self._line: tuple[list[Link], list[int]] | None = None

    def add(self, header: BlockHeader) -> None:
        """Take a header; the same one twice is one."""
        rivals = self._at.get(header.height, ())
        if all(one.hash != header.hash for one in rivals):
            # Of a year of headers the hash of the one before is kept once.
            before = self._at.get(header.height - 1, ())
            prev = next((one.hash for one in before if one.hash == header.prev), header.prev)
            link = Link(header.height, header.hash, prev, header.time, header.bits)
            self._at[header.height] = (*rivals, link)
            self._main = self._line = None

    def extend(self, headers: Iterable[BlockHeader]) -> None:
        """Take several headers."""
        for header in headers:
            self.add(header)

    def follows(self, header: BlockHeader) -> bool:
        """Tell whether a header follows from a block that is known, where one of its height is."""
        before = self._at.get(header.height - 1)
        return before is None or any(one.hash == header.prev for one in before)

    @property
    def main(self) -> dict[int, Link]:
        """Headers of the chain by height."""
        if self._main is None:
            self._main = self._followed()
        return self._main

    @property
    def tip(self) -> int:
        """Height of the newest block; -1 where there is none."""
        return max(self._at, default=-1)

    def depth_of(self, header: BlockHeader) -> int:
        """Return the confirmations of a block; 0 where the chain has another, -1 where none."""
        kept = self.main.get(header.height)
        if kept is None:
            return -1
        return self.tip - kept.height + 1 if kept.hash == header.hash else 0

    def dropped(self) -> list[Link]:
        """Return the headers that the chain went on without."""
        rivals = (header for height in sorted(self._at) for header in self._at[height])
        return [one for one in rivals if self.main[one.height].hash != one.hash]

    def depth(self) -> int:
        """Return the length of the longest run of blocks that the chain went on without."""
        longest, runs = 0, dict[bytes, int]()
        for header in self.dropped():
            runs[header.hash] = runs.get(header.prev, 0) + 1
            longest = max(longest, runs[header.hash])
        return longest

    def during(self, start: int, end: int) -> list[Link]:
        """Return the newest block before a period [ms] and those found in it, give or take.

        Nothing where no block of that time is known.
        """
        chain, times = self._line or self._lined()
        first = max(bisect_right(times, start // 1000 - SLACK) - 1, 0)
        last = bisect_right(times, end // 1000 + SLACK)
        known = bool(times) and times[-1] >= start // 1000 - SLACK
        return chain[first:last] if known else []

    def subsidies(self, start: int, end: int) -> set[int]:
        """Return the subsidies [sat] that a block found in a period [ms] may have."""
        heights = [header.height for header in self.during(start, end)]
        return {subsidy_at(height) for height in (*heights, *(h + 1 for h in heights))}

    def _lined(self) -> tuple[list[Link], list[int]]:
        """Return the chain in order, and times that never go back, kept until it grows."""
        chain = [self.main[height] for height in sorted(self.main)]
        # A header may be dated before its parent.
        self._line = (chain, [*accumulate((header.time for header in chain), max)])
        return self._line

    def _followed(self) -> dict[int, Link]:
        found: dict[int, Link] = {}
        after: Link | None = None
        for height in sorted(self._at, reverse=True):
            rivals = self._at[height]
            wanted = after.prev if after is not None and after.height == height + 1 else None
            # The one that was told last is what a node that changed its mind ended with.
            after = next((one for one in rivals if one.hash == wanted), rivals[-1])
            found[height] = after
        return found
