"""The times of which each register of a meter has a reading: no two readings are for one time."""

from __future__ import annotations

from bisect import bisect_right
from contextlib import suppress

from baseload.record.events import Event

Register = tuple[str, str]
"""Meter and register."""
_READING, _OF = b'"schema":"meter.reading/1"', b'"of":"'
_METER, _REGISTER, _T0, _T1 = b'"meter":"', b'"register":"', b'"t0":"', b'"t1":"'


class Intervals:
    """Intervals of readings, those that touch as one: of a year without holes one is kept.

    Readings that stand for others take no time of their own.
    """

    def __init__(self) -> None:
        self._runs: dict[Register, list[tuple[int, int]]] = {}

    def copy(self) -> Intervals:
        """Return intervals that grow apart from these."""
        found = Intervals()
        found._runs = {register: [*runs] for register, runs in self._runs.items()}
        return found

    def spans(self) -> dict[Register, list[tuple[int, int]]]:
        """Return the intervals of each register, ascending."""
        return {register: [*runs] for register, runs in self._runs.items()}

    def see(self, data: bytes) -> None:
        """Take the bytes of an entry, if it is a reading."""
        # Texts hold no quotation mark that is not escaped, and the instants come last.
        if _READING in data and _OF not in data:
            meter, register = _after(data, _METER), _after(data, _REGISTER)
            t0, t1 = _after(data, _T0), _after(data, _T1)
            with suppress(ValueError):  # no reading; whoever reads it says so
                self.take((meter.decode(), register.decode()), int(t0), int(t1))

    def fits(self, event: Event) -> bool:
        """Take an event, and tell whether it is no reading of a time that has one already."""
        if event.schema != "meter.reading/1" or "of" in event.body:
            return True
        return self.take((event.body["meter"], event.body["register"]), event.t0, event.t1)

    def take(self, register: Register, t0: int, t1: int) -> bool:
        """Take an interval, if none of it was taken before; tell whether it was not."""
        runs = self._runs.setdefault(register, [])
        place = len(runs)
        if runs and t0 < runs[-1][1]:
            place = bisect_right(runs, t0, key=lambda run: run[0])
        first, last = place, place  # runs that the new one takes up
        if place and runs[place - 1][1] >= t0:
            if runs[place - 1][1] > t0:
                return False
            first, start = place - 1, runs[place - 1][0]
        else:
            start = t0
        end = t1
        if place < len(runs) and runs[place][0] <= t1:
            if runs[place][0] < t1:
                return False
            last, end = place + 1, runs[place][1]
        runs[first:last] = [(start, end)]
        return True


def _after(data: bytes, mark: bytes) -> bytes:
    """Return what stands between a mark, the last of its kind, and the next quotation mark."""
    start = data.rfind(mark) + len(mark)
    return data[start : data.find(b'"', start)]
