"""Rules that readings are held against; each gives suspicions, and changes nothing.

The list is the one that meter-data management systems share (Oracle Utilities, Validation rules;
California VEE standards), without those that presuppose a customer's habits: a mine is a flexible
load, and uses nothing by habit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from baseload.record.vee.series import Meters, Reading, Register, Series
from baseload.record.vee.settings import HOUR, Settings

DAY = 24 * HOUR
FACTORS = (1000.0, 0.001)
"""Wrong multipliers that are looked for: kWh for MWh and the other way round."""
NEAR = 1.5
"""How near to a factor a ratio must be."""

Doubt = tuple[int, int, str, str]
"""Start and end of the time that is doubted [ms], what was found and what was expected."""


@dataclass(frozen=True, order=True)
class Suspicion:
    """A reading, or a time without one, that is doubted.

    Parameters
    ----------
    meter, register : whose it is.
    start, end : time that is doubted [ms].
    rule : rule that it breaks.
    found, expected : the two that differ.
    mend : what to do about it.
    """

    meter: str
    register: str
    start: int
    end: int
    rule: str
    found: str
    expected: str
    mend: str


def validated(
    meters: Meters, settings: Settings, t0: int | None = None, t1: int | None = None
) -> list[Suspicion]:
    """Hold all readings of a log against the rules; return what is doubted, in order of time.

    Parameters
    ----------
    meters : the readings.
    settings : limits of the rules.
    t0, t1 : period of which readings are expected [ms]; up to the newest of all by default.
    """
    found: list[Suspicion] = []
    for key, series in sorted(meters.series.items()):
        for rule, (test, mend) in _OF_SERIES.items():
            if rule in settings.rules:
                doubts = test(meters, key, series, settings)
                found += [_suspicion(key, rule, mend, doubt) for doubt in doubts]
    if "missing" in settings.rules:
        found += _silent(meters, t0, t1)
    if "sum" in settings.rules:
        found += _sums(meters, settings)
    return sorted(found)


def _suspicion(key: Register, rule: str, mend: str, doubt: Doubt) -> Suspicion:
    start, end, found, expected = doubt
    return Suspicion(*key, start, end, rule, found, expected, mend)


def _of(reading: Reading, found: str, expected: str) -> Doubt:
    return reading.start, reading.end, found, expected


def _of_all(run: Sequence[Reading], found: str, expected: str) -> Doubt:
    return run[0].start, run[-1].end, found, expected


def _interval(meters: Meters, key: Register, series: Series, settings: Settings) -> Iterator[Doubt]:
    step = meters.interval()
    for one in series.ordered():
        if step is not None and one.end - one.start != step:
            yield _of(
                one,
                f"{(one.end - one.start) / 60_000:g} minutes",
                f"{step / 60_000:g} minutes",
            )


def _missing(meters: Meters, key: Register, series: Series, settings: Settings) -> Iterator[Doubt]:
    for before, after in pairwise(series.ordered()):
        if after.start > before.end:
            hours = (after.start - before.end) / HOUR
            yield before.end, after.start, f"{hours:g} hours without", "none"
    for one in series.ordered():
        if one.quality == "missing" and one.start not in series.standing:
            yield _of(one, "a reading that says so", "a value")


def _silent(meters: Meters, t0: int | None, t1: int | None) -> Iterator[Suspicion]:
    """Doubt a meter of the site that has told nothing any more, or not yet, while others have."""
    spans = {
        key: series.ordered()
        for key, series in meters.series.items()
        if series.raw and key[1] == "import"
    }
    oldest = min((rows[0].start for rows in spans.values()), default=0)
    newest = max((rows[-1].end for rows in spans.values()), default=0)
    # Of a period that goes on nobody can have told all; one without any reading is silent whole.
    end = newest if t1 is None else t1 if t0 is not None and newest <= t0 else min(t1, newest)
    mend = _OF_SERIES["missing"][1]
    for key, rows in sorted(spans.items()):
        if meters.site is not None and meters.about(key[0]) is None:
            continue
        starts = [] if t0 is None else [(max(t0, oldest), rows[0].start)]
        for first, last in (*starts, (max(rows[-1].end, t0 or 0), end)):
            if first < last:
                doubt = (first, last, f"{(last - first) / HOUR:g} hours without", "none")
                yield _suspicion(key, "missing", mend, doubt)


def _duplicate(
    meters: Meters, key: Register, series: Series, settings: Settings
) -> Iterator[Doubt]:
    for one in series.again:
        first = series.raw[one.start]
        same = "the same" if one.energy == first.energy else f"{one.energy} Wh"
        yield _of(
            one,
            f"{same} again, entry {one.index}",
            f"one reading, as entry {first.index}",
        )


def _direction(
    meters: Meters, key: Register, series: Series, settings: Settings
) -> Iterator[Doubt]:
    """Doubt a meter that counts both ways in one interval, or backwards."""
    other = meters.series.get((key[0], "export")) if key[1] == "import" else None
    for one in series.ordered():
        back = other.raw.get(one.start) if other is not None else None
        if one.energy < 0:
            found, expected = f"{one.energy} Wh", "0 or more"
        elif back is not None and back.energy > 0 and one.energy > 0:
            found, expected = f"{one.energy} Wh in and {back.energy} Wh out", "one direction"
        else:
            continue
        yield _of(one, found, expected)


def _zero(meters: Meters, key: Register, series: Series, settings: Settings) -> Iterator[Doubt]:
    """Doubt nothing counted where a meter of the same energy counts."""
    for name in alike(meters, key[0]):
        other = meters.series.get((name, key[1]))
        for one in series.counted() if other is not None else ():
            beside = other.value(one.start) if other is not None else None
            if one.energy == 0 and one.quality == "measured" and beside and beside.energy > 0:
                yield _of(
                    one,
                    "0 Wh",
                    f"{beside.energy} Wh, as {name}",
                )


def _high(meters: Meters, key: Register, series: Series, settings: Settings) -> Iterator[Doubt]:
    rating = settings.ratings.get(key[0])
    for one in series.counted() if rating is not None else ():
        limit = (rating or 0) * (one.end - one.start) / HOUR
        if one.energy > limit:
            yield _of(
                one,
                f"{one.energy} Wh",
                f"at most {limit:.0f} Wh, by its rating",
            )


def _spike(meters: Meters, key: Register, series: Series, settings: Settings) -> Iterator[Doubt]:
    """Doubt the highest reading of a day where it is far above the third highest."""
    days: dict[int, list[Reading]] = {}
    for one in series.counted():
        days.setdefault(one.start // DAY, []).append(one)
    for rows in days.values():
        top = sorted(rows, key=lambda one: one.energy, reverse=True)
        if len(top) >= 4 and top[2].energy > 0 and top[0].energy > settings.spike * top[2].energy:
            yield _of(
                top[0],
                f"{top[0].energy} Wh",
                f"at most {settings.spike:g} times the third highest of the day, "
                f"{top[2].energy} Wh",
            )


def _stuck(meters: Meters, key: Register, series: Series, settings: Settings) -> Iterator[Doubt]:
    run: list[Reading] = []
    for one in [*series.counted(), None]:
        same = one is not None and run and one.energy == run[-1].energy and one.energy != 0
        if same and one is not None and one.start == run[-1].end:
            run.append(one)
            continue
        if len(run) >= settings.stuck:
            found = f"{run[0].energy} Wh {len(run)} times in a row"
            yield _of_all(run, found, f"fewer than {settings.stuck} times")
        run = [one] if one is not None else []


def _register(meters: Meters, key: Register, series: Series, settings: Settings) -> Iterator[Doubt]:
    """Doubt a reading that is not what its register went on by."""
    for before, one in pairwise(series.ordered()):
        if before.counter is None or one.counter is None or one.start != before.end:
            continue
        counted = one.counter - before.counter
        if counted < 0:  # a register starts again at a power of ten, when it is full
            counted += 10 ** len(str(before.counter))
        if abs(counted - one.energy) > settings.tolerance:
            yield _of(
                one,
                f"{one.energy} Wh",
                f"{counted} Wh, by the register",
            )


def _multiplier(
    meters: Meters, key: Register, series: Series, settings: Settings
) -> Iterator[Doubt]:
    """Doubt readings that are a thousand times what they should be, or a thousandth.

    That is what another meter of the same energy counted, where that one is nearer to its usual;
    or the usual, where no other counts the same.
    """
    usual = _usual(series)
    beside = [row for name in alike(meters, key[0]) if (row := meters.series.get((name, key[1])))]
    others = [(row, _usual(row)) for row in beside]
    for one in series.counted() if usual else ():
        due = float(usual)
        for row, customary in others:
            other = row.value(one.start)
            if other is not None and other.energy > 0 and one.energy > 0 and customary:
                wrong = _away(one.energy, usual) > _away(other.energy, customary)
                due = float(other.energy if wrong else one.energy)
                break
        ratio = one.energy / due
        if any(factor / NEAR < ratio < factor * NEAR for factor in FACTORS):
            yield _of(
                one,
                f"{one.energy} Wh, {ratio:.4g} times that",
                f"about {due:.0f} Wh",
            )


def _usual(series: Series) -> float:
    """Return the median of the readings that count something; 0 where they are too few."""
    rows = [one.energy for one in series.counted() if one.energy > 0]
    return median(rows) if len(rows) >= 8 else 0.0


def _away(energy: int, usual: float) -> float:
    return abs(math.log(energy / usual))


def _check_meter(
    meters: Meters, key: Register, series: Series, settings: Settings
) -> Iterator[Doubt]:
    """Doubt a meter that differs from the one that it checks by more than both may err."""
    about = meters.about(key[0])
    primary = about.get("stands_for") if about else None
    other = meters.series.get((primary, key[1])) if primary else None
    told = meters.about(primary) if primary else None
    if about is None or told is None or other is None:
        return
    variance = sum(
        (int(meter[part]) * 1e-6) ** 2
        for meter in (about, told)
        for part in ("random_ppm", "systematic_ppm")
    )
    for one in series.counted():
        beside = other.value(one.start)
        if beside is None or "missing" in (one.quality, beside.quality):
            continue
        allowed = settings.sigmas * math.sqrt(variance) * max(one.energy, beside.energy)
        if abs(one.energy - beside.energy) > allowed + 1:
            yield _of(
                one,
                f"{one.energy} Wh",
                f"{beside.energy} Wh as {primary}, give or take {allowed:.0f} Wh",
            )


def _clock(meters: Meters, key: Register, series: Series, settings: Settings) -> Iterator[Doubt]:
    for one in series.ordered():
        if one.clock in ("free", "unknown"):
            yield _of(one, one.clock, "synced or holdover")


def _certificate(
    meters: Meters, key: Register, series: Series, settings: Settings
) -> Iterator[Doubt]:
    valid: list[tuple[int, int]] = [
        (time, int(body["certificate"]["valid_to"]))
        for time, body in meters.events.get(key[0], ())
        if "certificate" in body
    ]
    rows = series.ordered()
    if not valid or not rows:
        return
    last = max(end for _, end in valid)
    late = [one for one in rows if one.start >= last]
    if late:
        yield _of_all(late, f"{len(late)} readings after it expired", "a valid certificate")


def _seal(meters: Meters, key: Register, series: Series, settings: Settings) -> Iterator[Doubt]:
    """Doubt what was read while a seal was open, or the meter was out of order."""
    opened: tuple[int, str] | None = None
    spans: list[tuple[int, int, str]] = []
    for time, body in meters.events.get(key[0], ()):
        if body["kind"] in ("unseal", "fault") and opened is None:
            opened = (time, body["kind"])
        elif body["kind"] in ("seal", "replacement", "calibration") and opened is not None:
            spans.append((opened[0], time, opened[1]))
            opened = None
    rows = series.ordered()
    if opened is not None and rows:
        spans.append((opened[0], rows[-1].end, opened[1]))
    for first, last, kind in spans:
        inside = [one for one in rows if one.end > first and one.start < last]
        if inside:
            found = f"{len(inside)} readings after {kind}"
            yield _of_all(inside, found, "a closed seal and no fault")


def _replacement(
    meters: Meters, key: Register, series: Series, settings: Settings
) -> Iterator[Doubt]:
    for time, body in meters.events.get(key[0], ()):
        inside = [one for one in series.ordered() if one.start < time < one.end]
        if body["kind"] == "replacement" and inside:
            yield _of(
                inside[0],
                f"meter {body['serial']} put in within it",
                "readings of one meter",
            )


def _prolonged(
    meters: Meters, key: Register, series: Series, settings: Settings
) -> Iterator[Doubt]:
    run: list[Reading] = []
    for one in [*series.counted(), None]:
        guessed = one is not None and one.quality in ("estimated", "missing")
        if guessed and one is not None and (not run or one.start == run[-1].end):
            run.append(one)
            continue
        if run and run[-1].end - run[0].start > settings.prolonged:
            found = f"{(run[-1].end - run[0].start) / HOUR:g} hours estimated"
            yield _of_all(run, found, f"at most {settings.prolonged / HOUR:g} hours")
        run = [one] if guessed and one is not None else []


def _sums(meters: Meters, settings: Settings) -> Iterator[Suspicion]:
    """Doubt the main intake where the meters behind it count more."""
    places: dict[str, list[str]] = {}
    for meter in (meters.site or {}).get("meters", ()):
        if "stands_for" not in meter:
            places.setdefault(meter["place"], []).append(meter["id"])
    behind = [*places.get("rack", ()), *places.get("aux", ())]
    main = places.get("main", [])
    rows = [meters.series.get((name, "import")) for name in [*main, *behind]]
    if not main or not places.get("rack") or any(row is None for row in rows):
        return
    for start in sorted(rows[0].raw if rows[0] is not None else ()):
        values = [row.value(start) if row is not None else None for row in rows]
        if any(one is None or one.quality == "missing" for one in values):
            continue
        told = [(one.energy if one is not None else 0) for one in values]
        intake, used = sum(told[: len(main)]), sum(told[len(main) :])
        allowed = settings.sigmas * _deviation(meters, [*main, *behind], told)
        if used > intake + allowed + 1:
            first = values[0]
            if first is not None:
                expected = f"at most {intake} Wh, give or take {allowed:.0f} Wh"
                mend = "look for a meter behind it with a wrong ratio, or a feed from elsewhere"
                doubt = _of(first, f"{used} Wh behind it", expected)
                yield _suspicion((main[0], "import"), "sum", mend, doubt)


def _deviation(meters: Meters, names: Sequence[str], energies: Sequence[int]) -> float:
    """Return the standard deviation of a sum of meters with signs [Wh]."""
    variance = 0.0
    for name, energy in zip(names, energies, strict=True):
        about = meters.about(name) or {}
        for part in ("random_ppm", "systematic_ppm"):
            variance += (int(about.get(part, 0)) * 1e-6 * energy) ** 2
    return math.sqrt(variance)


def alike(meters: Meters, meter: str) -> list[str]:
    """Return the meters that count the same energy as a meter."""
    about = meters.about(meter) or {}
    rows = (meters.site or {}).get("meters", ())
    first = about.get("stands_for", meter)
    return [
        one["id"]
        for one in rows
        if one["id"] != meter and one.get("stands_for", one["id"]) == first
    ]


_Test = Callable[[Meters, Register, Series, Settings], Iterator[Doubt]]
_OF_SERIES: dict[str, tuple[_Test, str]] = {
    "interval": (_interval, "set the interval of the meter, or of the site"),
    "missing": (_missing, "read the meter's own memory, or have it estimated"),
    "duplicate": (_duplicate, "find out who reads twice; the first counts"),
    "direction": (_direction, "check the phases and their sign"),
    "zero": (_zero, "check fuses of the voltage and the reader"),
    "high": (_high, "check the multiplier, and the rating in the rules"),
    "spike": (_spike, "compare with the register and with the check meter"),
    "stuck": (_stuck, "restart the reader; compare with the register"),
    "register": (
        _register,
        "read the register on site; a replaced meter is told as meter.event",
    ),
    "multiplier": (_multiplier, "check unit and ratio of the transformers"),
    "check meter": (_check_meter, "read both on site; have the worse calibrated"),
    "clock": (_clock, "set the clock of the reader"),
    "certificate": (_certificate, "have the meter calibrated, and the certificate logged"),
    "seal": (_seal, "ask for the protocol of the work"),
    "replacement": (
        _replacement,
        "compare with the last register of the old meter, and edit it",
    ),
    "prolonged": (_prolonged, "mend the meter or its reader; settle on measured energy later"),
}
"""Each rule of a series with its test, and what to do about what it doubts."""
