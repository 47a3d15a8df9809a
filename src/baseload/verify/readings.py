"""Readings of meters: one after the other, without holes and without two for one time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from baseload.verify.findings import FAILED, INCOMPLETE, Finding, instant_text


@dataclass
class Readings:
    """How far the readings of each register have come, and the holes in them."""

    first: dict[tuple[str, str], int] = field(default_factory=dict)
    until: dict[tuple[str, str], int] = field(default_factory=dict)
    holes: dict[tuple[str, str], list[tuple[int, int, int]]] = field(default_factory=dict)
    lacking: dict[tuple[str, str], dict[int, tuple[int, int]]] = field(default_factory=dict)

    def follow(self, index: int, event: Mapping[str, Any]) -> Iterator[Finding]:
        """Take the next reading; one that stands for another does not count."""
        body = event["body"]
        key = (body["meter"], body["register"])
        start, end = int(event["t0"]), int(event["t1"])
        if body["quality"] == "missing":
            self.lacking.setdefault(key, {})[start] = (end, index)
        elif "of" in body:
            self.lacking.get(key, {}).pop(start, None)
        if "of" in body:
            return
        until = self.until.get(key)
        if until is None:
            self.first[key], self.until[key] = start, end
        elif start == until:
            self.until[key] = end
        elif start > until:
            self.holes.setdefault(key, []).append((until, start, index))
            self.until[key] = end
        elif end <= self.first[key]:  # what was before the first comes late
            if end < self.first[key]:
                self.holes.setdefault(key, []).insert(0, (end, self.first[key], index))
            self.first[key] = start
        elif not self._fills(key, start, end):
            yield Finding(
                "reading.overlap",
                FAILED,
                "Two readings of one register are about the same time.",
                f"{instant_text(until)} or later",
                instant_text(start),
                index=index,
                source=event["source"],
            )
            self.until[key] = max(until, end)

    def end(self) -> Iterator[Finding]:
        """Give the holes that were never filled, and the readings that say they are missing."""
        for (meter, register), holes in sorted(self._all().items()):
            for start, end, index in holes:
                hours = (end - start) / 3_600_000
                yield Finding(
                    "reading.hole",
                    INCOMPLETE,
                    f"{meter} ({register}) has no reading for {hours:.2f} hours.",
                    f"a reading from {instant_text(start)}",
                    f"one from {instant_text(end)}",
                    index=index,
                )

    def _all(self) -> dict[tuple[str, str], list[tuple[int, int, int]]]:
        found = {key: list(holes) for key, holes in self.holes.items()}
        for key, rows in self.lacking.items():
            holes = found.setdefault(key, [])
            for start, (end, index) in sorted(rows.items()):
                if holes and holes[-1][1] == start:
                    holes[-1] = (holes[-1][0], end, holes[-1][2])
                else:
                    holes.append((start, end, index))
        return found

    def _fills(self, key: tuple[str, str], start: int, end: int) -> bool:
        """Take a reading that came late out of the hole it belongs to."""
        for place, (first, last, index) in enumerate(self.holes.get(key, ())):
            if first <= start and end <= last:
                rest = [(first, start, index), (end, last, index)]
                self.holes[key][place : place + 1] = [each for each in rest if each[0] < each[1]]
                return True
        return False
