"""Meters of a small site over some days, that tests then make wrong."""

from baseload.record.vee.series import Meters, Reading, Series

HOUR = 3_600_000
STEP = HOUR // 4
START = 1_767_225_600_000 - 1_767_225_600_000 % (24 * HOUR) + 4 * 24 * HOUR  # a Monday
PLACES = {"main": "main", "check": "main", "rack": "rack", "aux": "aux"}
PARTS = {"main": 100, "check": 100, "rack": 98, "aux": 2}


def reading(number, energy, quality="measured", counter=None, clock="synced", source="s"):
    start = START + number * STEP
    leaf = f"{number:064x}"
    return Reading(number, leaf, source, start, start + STEP, energy, quality, clock, counter)


def power(number):
    """Energy of an interval: a base that drifts a little, so that no two are the same."""
    return 24_000_000 + 7_000 * (number * 37 % 96)


def site(**more):
    meters = [
        {"id": name, "place": place, "random_ppm": "500", "systematic_ppm": "1000"}
        | ({"stands_for": "main"} if name == "check" else {})
        for name, place in PLACES.items()
    ]
    return {"interval_ms": str(STEP), "meters": meters} | more


def world(days=3, counters=True):
    """Honest readings of four meters; rack and aux add up to the main intake exactly."""
    found = Meters(site=site())
    for name, part in PARTS.items():
        series, counter = Series(), 5_000_000_000
        for number in range(96 * days):
            whole = power(number)
            energy = whole if part == 100 else whole * part // 100
            if name == "aux":
                energy = whole - whole * 98 // 100
            counter += energy
            one = reading(number, energy, counter=counter if counters else None)
            series.raw[one.start] = one
        found.series[name, "import"] = series
    return found


def changed(meters, name, number, **more):
    """Change one reading."""
    series = meters.series[name, "import"]
    start = START + number * STEP
    old = series.raw[start]
    told = {key: getattr(old, key) for key in old.__slots__} | more
    series.raw[start] = Reading(**told)


def without(meters, name, *numbers):
    for number in numbers:
        del meters.series[name, "import"].raw[START + number * STEP]
