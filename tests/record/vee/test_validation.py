"""The list of what goes wrong with meters, one by one, in a site whose readings are right."""

import pytest
from tests.record.vee.world import (
    HOUR,
    START,
    STEP,
    changed,
    power,
    reading,
    site,
    without,
    world,
)

from baseload.record.vee.series import Series
from baseload.record.vee.settings import Settings
from baseload.record.vee.validation import validated


def rules(meters, **more):
    found = validated(meters, Settings(**more))
    return {(one.rule, one.meter) for one in found}


def test_what_is_right_is_not_doubted():
    assert validated(world(10), Settings(ratings={"main": 120_000_000})) == []


def test_a_meter_that_tells_nothing_any_more_is_doubted():
    """Others go on: its reader died, and two readings on either side of a hole never come."""
    meters = world(10)
    rows = meters.series["rack", "import"].raw
    for start in sorted(rows)[-40:]:
        del rows[start]
    (one,) = [one for one in validated(meters, Settings()) if one.rule == "missing"]
    assert (one.meter, one.end - one.start) == ("rack", 40 * STEP)
    after = START + 400 * 24 * HOUR
    found = validated(world(10), Settings(), after, after + 24 * HOUR)
    assert {(one.rule, one.start, one.end) for one in found} == {
        ("missing", after, after + 24 * HOUR)
    }
    assert {one.meter for one in found} == {name for name, _ in world(10).series}
    assert validated(world(10), Settings(), START - 24 * HOUR, after) == []


def stuck(meters):
    for number in range(50, 64):
        changed(meters, "rack", number, energy=power(50) * 98 // 100)


def negative(meters):
    changed(meters, "aux", 20, energy=-5, quality="edited")


def rolled_over(meters):
    """A register of ten digits that is full in the middle starts again at zero."""
    series = meters.series["main", "import"]
    counter = 9_999_000_000
    for number in range(288):
        one = series.raw[START + number * STEP]
        counter = (counter + one.energy) % 10**10
        changed(meters, "main", number, counter=counter)


def thousandfold(meters):
    changed(meters, "main", 40, energy=power(40) * 1000)


def thousandth(meters):
    changed(meters, "main", 40, energy=power(40) // 1000)


def other_ratio(meters):
    for number in range(100, 288):
        changed(meters, "main", number, energy=power(number) * 5 // 4, counter=None)


def drifting_clock(meters):
    changed(meters, "main", 40, clock="free")


def twice(meters):
    meters.series["rack", "import"].again.append(reading(77, 5))


def lost(meters):
    without(meters, "main", 60, 61, 62)


def told_missing(meters):
    changed(meters, "main", 60, energy=0, quality="missing")


def guessed_for_long(meters):
    for number in range(50, 250):
        changed(meters, "aux", number, quality="estimated")


def replaced(meters):
    told = {"meter": "main", "kind": "replacement", "serial": "B"}
    meters.events["main"] = [(START + 5 * STEP + 1000, told)]


def opened(meters):
    told = {"meter": "main", "kind": "unseal", "serial": "A"}
    meters.events["main"] = [(START + 5 * STEP, told)]


def expired(meters):
    certificate = {"valid_to": str(START + 24 * HOUR)}
    told = {"meter": "main", "kind": "calibration", "serial": "A", "certificate": certificate}
    meters.events["main"] = [(START, told)]


def spike(meters):
    changed(meters, "main", 40, energy=power(40) * 3)


def register_differs(meters):
    changed(meters, "main", 40, energy=power(40) + 5000)


def resolution(meters):
    """A register that counts whole kilowatt-hours is not wrong by less than one."""
    for number in range(288):
        one = meters.series["main", "import"].raw[START + number * STEP]
        changed(meters, "main", number, counter=one.counter // 1000 * 1000)


def sub_meters_above(meters):
    for number in range(10, 30):
        changed(meters, "rack", number, energy=power(number) * 103 // 100, counter=None)


def both_ways(meters):
    series = Series()
    series.raw[START + 9 * STEP] = reading(9, 400)
    meters.series["main", "export"] = series


def nothing(meters):
    changed(meters, "main", 30, energy=0)


def too_much(meters):
    changed(meters, "main", 30, energy=30_000_001)


def odd_interval(meters):
    one = meters.series["main", "import"].raw[START + 30 * STEP]
    changed(meters, "main", 30, end=one.end - 60_000)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (stuck, {("stuck", "rack"), ("register", "rack")}),
        (negative, {("direction", "aux"), ("register", "aux")}),
        (rolled_over, set()),
        (thousandfold, {("multiplier", "main"), ("spike", "main"), ("register", "main"),
                        ("check meter", "check"), ("high", "main")}),
        (thousandth, {("multiplier", "main"), ("register", "main"), ("check meter", "check"),
                      ("sum", "main")}),
        (other_ratio, {("check meter", "check"), ("high", "main")}),
        (drifting_clock, {("clock", "main")}),
        (twice, {("duplicate", "rack")}),
        (lost, {("missing", "main")}),
        (told_missing, {("missing", "main"), ("register", "main")}),
        (guessed_for_long, {("prolonged", "aux")}),
        (replaced, {("replacement", "main")}),
        (opened, {("seal", "main")}),
        (expired, {("certificate", "main")}),
        (spike, {("spike", "main"), ("register", "main"), ("check meter", "check"),
                 ("high", "main")}),
        (register_differs, {("register", "main")}),
        (resolution, set()),
        (sub_meters_above, {("sum", "main")}),
        (both_ways, {("direction", "main")}),
        (nothing, {("zero", "main"), ("register", "main"), ("check meter", "check"),
                   ("sum", "main")}),
        (too_much, {("high", "main"), ("register", "main"), ("check meter", "check")}),
        (odd_interval, {("interval", "main"), ("missing", "main")}),
    ],
)  # fmt: skip
def test_what_goes_wrong_with_meters(wrong, expected):
    meters = world()
    wrong(meters)
    assert rules(meters, ratings={"main": 120_000_000}) == expected


def test_a_rule_that_is_left_out_doubts_nothing():
    meters = world()
    spike(meters)
    assert rules(meters, rules=("missing",)) == set()


def test_what_is_doubted_says_where_and_what_to_do():
    meters = world()
    thousandth(meters)
    (one,) = [s for s in validated(meters, Settings()) if s.rule == "multiplier"]
    assert (one.start, one.end) == (START + 40 * STEP, START + 41 * STEP)
    assert str(power(40) // 1000) in one.found
    assert str(power(40)) in one.expected
    assert one.mend


def test_a_log_without_a_site_is_held_against_the_rules_that_need_none():
    meters = world()
    meters.site = None
    spike(meters)
    assert rules(meters) == {("spike", "main"), ("register", "main")}


def test_meters_without_errors_must_agree_to_the_watt_hour():
    meters = world()
    exact = [m | {"random_ppm": "0", "systematic_ppm": "0"} for m in site()["meters"]]
    meters.site = site(meters=exact)
    assert validated(meters, Settings()) == []
    changed(meters, "check", 40, energy=power(40) + 2, counter=None)
    assert rules(meters) == {("check meter", "check")}
