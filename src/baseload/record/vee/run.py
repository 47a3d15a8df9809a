"""A log's readings validated and estimated in one go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from baseload.record.errors import StoreError
from baseload.record.reader import Reader
from baseload.record.vee.estimation import Estimate, Left, estimated
from baseload.record.vee.series import Meters, Register, read_meters
from baseload.record.vee.settings import Settings
from baseload.record.vee.validation import Suspicion, validated

Told = TypeVar("Told", Suspicion, Left)


@dataclass(frozen=True)
class Checked:
    """What is doubted in a log, and what would fill it.

    Parameters
    ----------
    meters : all readings.
    registers : those that were asked for.
    t0, t1 : the period [ms]; that of the readings where none was asked for.
    suspicions : what is doubted.
    estimates : what would fill it.
    left : what cannot be estimated, and why.
    """

    meters: Meters
    registers: tuple[Register, ...]
    t0: int
    t1: int
    suspicions: list[Suspicion]
    estimates: list[Estimate]
    left: list[Left]


def checked(
    reader: Reader,
    settings: Settings,
    meter: str | None = None,
    t0: int | None = None,
    t1: int | None = None,
) -> Checked:
    """Validate and estimate; all readings are looked at, what was asked for is told.

    Parameters
    ----------
    reader : the log.
    settings : limits of rules and methods.
    meter : only this one.
    t0, t1 : only this period [ms], its end not in it.

    Raises
    ------
    StoreError
        There are no such readings.
    """
    meters = read_meters(reader)
    registers = tuple(key for key in sorted(meters.series) if meter in (None, key[0]))
    if not registers:
        known = ", ".join(sorted({name for name, _ in meters.series})) or "no reading"
        raise StoreError(
            f"log {reader.folder}",
            expected="readings" if meter is None else f"readings of {meter}",
            found=known,
            mend="name another meter, or import readings first",
        )
    starts = [start for key in registers for start in meters.series[key].raw]
    ends = [one.end for key in registers for one in meters.series[key].raw.values()]
    first = min(starts, default=0) if t0 is None else t0
    last = max(ends, default=0) if t1 is None else t1
    if strange := settings.ratings.keys() - {name for name, _ in meters.series}:
        raise StoreError(
            f"log {reader.folder}",
            expected="ratings of meters that it has readings of",
            found=", ".join(sorted(strange)),
            mend="mend [ratings] in the file of rules",
        )
    suspicions = validated(meters, settings, t0, t1)
    estimates, left = estimated(meters, suspicions, settings)
    return Checked(
        meters,
        registers,
        first,
        last,
        _within(suspicions, registers, first, last),
        [
            one
            for one in estimates
            if (one.meter, one.register) in registers and first <= one.slot.start < last
        ],
        _within(left, registers, first, last),
    )


def drafts(found: Checked, source: str | None = None) -> list[dict[str, Any]]:
    """Return the estimates as events to append, each of the source of its meter.

    Parameters
    ----------
    found : what was checked.
    source : source of all of them instead.
    """
    own = {
        key: next(iter(series.raw.values())).source
        for key, series in found.meters.series.items()
        if series.raw
    }
    return [one.draft(source or own[one.meter, one.register]) for one in found.estimates]


def _within(
    rows: Iterable[Told], registers: tuple[Register, ...], first: int, last: int
) -> list[Told]:
    return [
        one
        for one in rows
        if (one.meter, one.register) in registers and one.end > first and one.start < last
    ]
