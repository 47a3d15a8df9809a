"""What a writer must know of a log to go on with it: its rules, its readings, each source.

Every entry is looked at, and hardly one is read: an entry that a source has signed says by itself
where that source stands, so that only what came after it counts. That is 3 to 4 microseconds an
entry, where reading it as an event takes forty.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from baseload.record.events import Event, parse
from baseload.record.intervals import Intervals
from baseload.record.rules import Rules
from baseload.record.source import Tail

RULE_CHANGE = b'"schema":"rule.change/1"'
ORDER_SIGNATURE = b'"order_sig":"'
SOURCE = b'","source":"'
"""Stands in each entry once outside of texts and of its body, after everything else but times."""
SIGNED = b"=="
"""How a signature in base64 ends; what stands before the source otherwise is a number."""
KEPT = 1000
"""Entries of a source without a signature that are kept as they are before they are read."""


class History:
    """Rules and sources of a log as its entries make them.

    Parameters
    ----------
    origin : name of the log.

    Attributes
    ----------
    rules : rules that hold for the next entry.
    intervals : times of which there is a reading.
    """

    def __init__(self, origin: str) -> None:
        self.rules = Rules(origin)
        self.intervals = Intervals()
        self._rows: dict[bytes, tuple[Tail, list[bytes]]] = {}

    def follow(self, entries: Iterable[bytes]) -> History:
        """Take all entries of a log from the first on, and return itself.

        Raises
        ------
        RecordError
            One is no event, or changes the rules in a way that they do not allow.
        """
        for index, data in enumerate(entries):
            _apply(self.rules, index, data)
            if ORDER_SIGNATURE in data:
                self.rules.admit(index, parse(data, f"entry {index}"))  # each counts once
            self.intervals.see(data)
            at = data.rfind(SOURCE)
            name = data[at + len(SOURCE) :].partition(b'"')[0]
            if at < 0 or not name:
                parse(data, f"entry {index}")  # which says what is wrong with it
            if data[at - 2 : at] == SIGNED and b'"late":true' not in data:
                self._rows[name] = (Tail(), [data])
                continue
            row = self._rows.setdefault(name, (Tail(), []))
            row[1].append(data)
            if len(row[1]) > KEPT:
                self._rows[name] = (_tail(*row), [])
        return self

    def tails(self) -> dict[str, Tail]:
        """Return how far each source has come."""
        return {name.decode(): _tail(*row) for name, row in self._rows.items()}


def rules_of(origin: str, entries: Iterable[bytes]) -> Rules:
    """Return the rules that hold for the next entry of a log, whatever else is in it."""
    rules = Rules(origin)
    for index, data in enumerate(entries):
        _apply(rules, index, data)
    return rules


def _apply(rules: Rules, index: int, data: bytes) -> None:
    """Change the rules if an entry does."""
    if RULE_CHANGE in data:
        event = parse(data, f"entry {index}")
        if event.schema == "rule.change/1":
            rules.admit(index, event)


def tail_after(tail: Tail, event: Event) -> Tail:
    """Return how far a source has come with one more event."""
    time = max(tail.last, event.t1) if "late" in event.body else event.t1
    if event.signature is not None:
        return Tail(event.seq + 1, event.leaf.hex(), last=time)
    since = time if tail.since is None else tail.since
    return Tail(event.seq + 1, event.leaf.hex(), tail.unsigned + 1, since, time)


def _tail(before: Tail, entries: Iterable[bytes]) -> Tail:
    return reduce(tail_after, map(parse, entries), before)
