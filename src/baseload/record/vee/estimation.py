"""Estimates for what is missing or invalid: invalid first, then the gaps, then what fills them.

An estimate never takes the place of a raw reading: it is an entry of its own that points at it, and
says by which method it was made, and why. Energies are whole watt-hours; where a method knows the
sum of a gap, its parts add up to that sum exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from baseload.record.vee.series import Meters, Reading, Register, Series
from baseload.record.vee.settings import HOUR, Settings
from baseload.record.vee.validation import DAY, Suspicion, alike

GOOD = ("measured", "edited")
LIKE_DAYS = 4
"""Days that an interval is averaged over."""
REACH = 14
"""Days in which like ones are looked for, before and after."""


@dataclass(frozen=True)
class Slot:
    """An interval whose reading is missing or invalid.

    Parameters
    ----------
    start, end : the interval [ms].
    why : what is wrong.
    raw : the reading that stands there, if one does.
    """

    start: int
    end: int
    why: str
    raw: Reading | None


@dataclass(frozen=True)
class Estimate:
    """An estimate.

    Parameters
    ----------
    meter, register : whose it is.
    slot : the interval, and why it is estimated.
    energy : energy in it [Wh].
    method : how it was made.
    """

    meter: str
    register: str
    slot: Slot
    energy: int
    method: str

    def draft(self, source: str) -> dict[str, Any]:
        """Return it as an event to append: late by nature, and saying why."""
        body: dict[str, Any] = {
            "meter": self.meter,
            "register": self.register,
            "energy": str(self.energy),
            "quality": "estimated",
            "method": self.method,
            "reason": self.slot.why,
            "late": True,
        }
        if self.slot.raw is not None:
            body["of"] = self.slot.raw.leaf
        t0, t1 = self.slot.start, self.slot.end
        return {
            "schema": "meter.reading/1",
            "source": source,
            "t0": t0,
            "t1": t1,
            "body": body,
        }


@dataclass(frozen=True)
class Left:
    """A gap, or a part of one, that could not be estimated.

    Parameters
    ----------
    meter, register : whose it is.
    start, end : the time [ms].
    why : why not.
    """

    meter: str
    register: str
    start: int
    end: int
    why: str


def estimated(
    meters: Meters, suspicions: Sequence[Suspicion], settings: Settings
) -> tuple[list[Estimate], list[Left]]:
    """Return estimates for all that is missing or invalid, and what cannot be estimated.

    Parameters
    ----------
    meters : the readings.
    suspicions : what the rules doubt.
    settings : which rules make a reading invalid, which methods are permitted, the longest gap.
    """
    work = _Work(meters, settings, _invalid(suspicions, settings))
    found: list[Estimate] = []
    left: list[Left] = []
    for key in sorted(meters.series):
        for gap in _gaps(work.slots(key)):
            if gap[-1].end - gap[0].start > settings.longest:
                hours = settings.longest / HOUR
                why = f"longer than the {hours:g} hours that may be estimated"
                left.append(Left(*key, gap[0].start, gap[-1].end, why))
                continue
            made = work.fill(key, gap)
            found += made
            done = {one.slot.start for one in made}
            for rest in _gaps(slot for slot in gap if slot.start not in done):
                why = "no method has what it needs"
                left.append(Left(*key, rest[0].start, rest[-1].end, why))
    return found, left


def share_out(total: int, weights: list[int]) -> list[int]:
    """Return parts of a total in proportion to weights that add up to it (largest remainder).

    >>> share_out(10, [1, 1, 1])
    [4, 3, 3]
    """
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    parts = [total * weight // whole for weight in weights]
    rest = sorted(range(len(weights)), key=lambda n: (-(total * weights[n] % whole), n))
    for place in rest[: total - sum(parts)]:
        parts[place] += 1
    return parts


class _Work:
    """What the methods share: which readings are good, and the slots that need one."""

    def __init__(
        self, meters: Meters, settings: Settings, invalid: Mapping[Register, list[Suspicion]]
    ) -> None:
        self.meters = meters
        self.settings = settings
        self._by_end: dict[Register, dict[int, Reading]] = {}
        self._invalid = {
            key: {start: doubt for doubt in doubts for start in _starts(meters.series[key], doubt)}
            for key, doubts in invalid.items()
        }

    def slots(self, key: Register) -> list[Slot]:
        """Return all intervals of a register that need an estimate, in order of time."""
        series = self.meters.series[key]
        found = list(self._holes(series))
        for start, raw in series.raw.items():
            doubt = self._invalid.get(key, {}).get(start)
            if start in series.standing:
                continue
            if raw.quality == "missing":
                found.append(Slot(start, raw.end, "missing: the reading says so", raw))
            elif doubt is not None:
                why = f"{doubt.rule}: {doubt.found}; expected {doubt.expected}"
                found.append(Slot(start, raw.end, why, raw))
        return sorted(found, key=lambda slot: slot.start)

    def fill(self, key: Register, gap: list[Slot]) -> list[Estimate]:
        """Return estimates for a gap, by the first method that can, slot by slot."""
        found: list[Estimate] = []
        waiting = gap
        for name in self.settings.methods:
            if not waiting:
                break
            values = _METHODS[name](self, key, waiting)
            found += [
                Estimate(*key, slot, values[slot.start], name)
                for slot in waiting
                if slot.start in values
            ]
            waiting = [slot for slot in waiting if slot.start not in values]
        return sorted(found, key=lambda one: one.slot.start)

    def good(self, key: Register, start: int, end: int) -> Reading | None:
        """Return the reading that counts for an interval, if it can be relied on."""
        series = self.meters.series.get(key)
        one = None if series is None else series.value(start)
        if one is None or one.end != end or one.quality not in GOOD or one.energy < 0:
            return None
        doubted = start in self._invalid.get(key, {}) and start not in (
            series.standing if series is not None else {}
        )
        return None if doubted else one

    def ending(self, key: Register, end: int) -> Reading | None:
        """Return the raw reading that ends at an instant."""
        if key not in self._by_end:
            self._by_end[key] = {one.end: one for one in self.meters.series[key].raw.values()}
        return self._by_end[key].get(end)

    def _holes(self, series: Series) -> Iterator[Slot]:
        """Give the intervals of every hole, each as long as those of the site, or its neighbour."""
        for before, after in pairwise(series.ordered()):
            step = self.meters.interval() or before.end - before.start
            start = before.end
            while start < after.start:
                end = min(start + step, after.start)
                yield Slot(start, end, "missing: no reading reached the log", None)
                start = end


def _starts(series: Series, doubt: Suspicion) -> list[int]:
    """Return the starts of the readings that a suspicion is about."""
    if doubt.start in series.raw and series.raw[doubt.start].end == doubt.end:
        return [doubt.start]
    return [start for start in series.raw if doubt.start <= start < doubt.end]


def _invalid(
    suspicions: Sequence[Suspicion], settings: Settings
) -> dict[Register, list[Suspicion]]:
    """Return the suspicions that make readings invalid; those of the first rule come last."""
    found: dict[Register, list[Suspicion]] = {}
    for rule in reversed(settings.invalidates):
        for one in suspicions:
            if one.rule == rule:
                found.setdefault((one.meter, one.register), []).append(one)
    return found


def _gaps(slots: Iterable[Slot]) -> Iterator[list[Slot]]:
    """Give slots that follow one another together."""
    gap: list[Slot] = []
    for slot in slots:
        if gap and slot.start != gap[-1].end:
            yield gap
            gap = []
        gap.append(slot)
    if gap:
        yield gap


Values = dict[int, int]
"""Energies by start of the interval [Wh]."""


def _by_register(work: _Work, key: Register, gap: list[Slot]) -> Values:
    """Share out what the register went on by, as the check meter tells, or evenly.

    A register that went on by what the doubted readings add up to is as doubtful as they are.
    """
    series = work.meters.series[key]
    before = work.ending(key, gap[0].start)
    after = series.raw.get(gap[-1].end)
    if before is None or after is None or before.counter is None or after.counter is None:
        return {}
    if work.good(key, after.start, after.end) is None:
        return {}
    total = after.counter - after.energy - before.counter
    if total < 0:
        total += 10 ** len(str(before.counter))
    raw = [slot.raw.energy for slot in gap if slot.raw is not None and slot.raw.quality in GOOD]
    if len(raw) == len(gap) and abs(total - sum(raw)) <= work.settings.tolerance:
        return {}
    beside = _by_check_meter(work, key, gap)
    whole = len(beside) == len(gap)
    weights = [beside[s.start] if whole else s.end - s.start for s in gap]
    parts = share_out(total, weights)
    return {slot.start: part for slot, part in zip(gap, parts, strict=True)}


def _by_check_meter(work: _Work, key: Register, gap: list[Slot]) -> Values:
    """Take what a meter of the same energy has counted."""
    found: Values = {}
    for name in alike(work.meters, key[0]):
        for slot in gap:
            beside = work.good((name, key[1]), slot.start, slot.end)
            if beside is not None:
                found.setdefault(slot.start, beside.energy)
    return found


def _by_subtraction(work: _Work, key: Register, gap: list[Slot]) -> Values:
    """Take what the other meters of the balance leave, or add up to."""
    places: dict[str, list[str]] = {}
    for meter in (work.meters.site or {}).get("meters", ()):
        if "stands_for" not in meter:
            places.setdefault(meter["place"], []).append(meter["id"])
    behind = [*places.get("rack", ()), *places.get("aux", ())]
    main, racks = places.get("main", []), places.get("rack", [])
    if not main or not racks or key[1] != "import":
        return {}
    if key[0] in behind:
        plus, minus = main, [name for name in behind if name != key[0]]
    elif main == [key[0]]:
        plus, minus = behind, []
    else:
        return {}
    found: Values = {}
    for slot in gap:
        rows = [work.good((name, "import"), slot.start, slot.end) for name in [*plus, *minus]]
        told = [one.energy for one in rows if one is not None]
        if len(told) == len(rows):
            rest = sum(told[: len(plus)]) - sum(told[len(plus) :])
            if rest >= 0:
                found[slot.start] = rest
    return found


def _by_interpolation(work: _Work, key: Register, gap: list[Slot]) -> Values:
    """Draw a line between the powers before and after a short gap."""
    if gap[-1].end - gap[0].start > work.settings.interpolated:
        return {}
    first = work.ending(key, gap[0].start)
    last = work.meters.series[key].raw.get(gap[-1].end)
    if first is None or last is None:
        return {}
    before = work.good(key, first.start, first.end)
    after = work.good(key, last.start, last.end)
    if before is None or after is None:
        return {}
    count = len(gap) + 1
    found: Values = {}
    for place, slot in enumerate(gap, 1):
        length = slot.end - slot.start
        one = before.energy * (count - place) * (after.end - after.start)
        other = after.energy * place * (before.end - before.start)
        scale = count * (before.end - before.start) * (after.end - after.start)
        found[slot.start] = _rounded((one + other) * length, scale)
    return found


def _by_like_days(work: _Work, key: Register, gap: list[Slot]) -> Values:
    """Average the same interval over the nearest days of the same kind: working days, week-ends."""
    found: Values = {}
    for slot in gap:
        near: list[int] = []
        for distance in range(1, REACH + 1):
            for shift in (-distance * DAY, distance * DAY):
                start = slot.start + shift
                one = work.good(key, start, slot.end + shift)
                if one is not None and _weekend(start) == _weekend(slot.start):
                    near.append(one.energy)
            if len(near) >= LIKE_DAYS:
                break
        if len(near) >= LIKE_DAYS:
            near = near[:LIKE_DAYS]
            found[slot.start] = _rounded(sum(near), len(near))
    return found


def _rounded(value: int, scale: int) -> int:
    """Return a quotient of whole numbers, rounded half up."""
    return (2 * value + scale) // (2 * scale)


def _weekend(time: int) -> bool:
    return datetime.fromtimestamp(time / 1000, UTC).weekday() >= 5


_METHODS: dict[str, Callable[[_Work, Register, list[Slot]], Values]] = {
    "register": _by_register,
    "check meter": _by_check_meter,
    "subtractive": _by_subtraction,
    "interpolation": _by_interpolation,
    "like days": _by_like_days,
}
