"""The readings of a log, register by register, with what is known of their meters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from baseload.record.events import parse
from baseload.record.events.event import Event
from baseload.record.reader import Reader

Register = tuple[str, str]
"""Meter and direction."""
WANTED = (b'"schema":"meter.reading/1"', b'"schema":"meter.event/1"', b'"schema":"rule.change/1"')


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading as it stands in the log.

    Parameters
    ----------
    index, leaf : where it stands, and its leaf hash.
    source : who wrote it.
    start, end : its interval [ms].
    energy : energy in it [Wh].
    quality : how it was come by.
    clock : quality of the clock.
    counter : register at its end [Wh], if it says so.
    """

    index: int
    leaf: str
    source: str
    start: int
    end: int
    energy: int
    quality: str
    clock: str
    counter: int | None


@dataclass
class Series:
    """All readings of a register.

    Parameters
    ----------
    raw : readings as they were metered, by start, the first of each.
    again : further ones for an interval that had one.
    standing : readings that stand for a raw one, by its start; the last of each.
    """

    raw: dict[int, Reading] = field(default_factory=dict)
    again: list[Reading] = field(default_factory=list)
    standing: dict[int, Reading] = field(default_factory=dict)

    def value(self, start: int) -> Reading | None:
        """Return the reading that counts for an interval."""
        return self.standing.get(start, self.raw.get(start))

    def counted(self) -> list[Reading]:
        """Return the readings that count, in the order of time."""
        rows = (self.value(start) for start in sorted({*self.raw, *self.standing}))
        return [one for one in rows if one is not None]

    def ordered(self) -> list[Reading]:
        """Return the raw readings in the order of time."""
        return [self.raw[start] for start in sorted(self.raw)]


@dataclass
class Meters:
    """Meters of a log.

    Parameters
    ----------
    series : readings of each register.
    site : the newest description of the site; nothing where there is none.
    events : what was done to each meter: instant and body, in the order of the log.
    """

    series: dict[Register, Series] = field(default_factory=dict)
    site: Mapping[str, Any] | None = None
    events: dict[str, list[tuple[int, Mapping[str, Any]]]] = field(default_factory=dict)

    def about(self, meter: str) -> Mapping[str, Any] | None:
        """Return what the site says of a meter."""
        rows = (self.site or {}).get("meters", ())
        return next((one for one in rows if one["id"] == meter), None)

    def interval(self) -> int | None:
        """Return the length of a metering interval [ms], if the site says it."""
        return int(self.site["interval_ms"]) if self.site else None


def read_meters(reader: Reader) -> Meters:
    """Read all that a log says of meters.

    Raises
    ------
    RecordError
        The log cannot be read.
    """
    found = Meters()
    for index, data in enumerate(reader.entries()):
        if not any(mark in data for mark in WANTED):
            continue
        event = parse(data, f"entry {index}")
        if event.schema == "meter.reading/1":
            _take(found, index, event)
        elif event.schema == "meter.event/1":
            found.events.setdefault(event.body["meter"], []).append((event.t1, event.body))
        elif event.schema == "rule.change/1" and event.body["kind"] == "site":
            found.site = event.body["site"]
    return found


def _take(found: Meters, index: int, event: Event) -> None:
    body = event.body
    counter = body.get("counter")
    reading = Reading(
        index,
        event.leaf.hex(),
        event.source,
        event.t0,
        event.t1,
        int(body["energy"]),
        body["quality"],
        event.clock,
        None if counter is None else int(counter),
    )
    series = found.series.setdefault((body["meter"], body["register"]), Series())
    if "of" in body:
        series.standing[event.t0] = reading
    elif event.t0 in series.raw:
        series.again.append(reading)
    else:
        series.raw[event.t0] = reading
