import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record.vee.world import HOUR, START, STEP, changed, power, reading, without, world

from baseload.record.vee.estimation import estimated, share_out
from baseload.record.vee.series import Series
from baseload.record.vee.settings import METHODS, Settings
from baseload.record.vee.validation import validated


def made(meters, **more):
    settings = Settings(**more)
    found, left = estimated(meters, validated(meters, settings), settings)
    return {(one.meter, (one.slot.start - START) // STEP): one for one in found}, left


def test_nothing_is_estimated_where_nothing_is_wrong():
    assert made(world()) == ({}, [])


@given(total=st.integers(0, 10**15), weights=st.lists(st.integers(0, 10**9), min_size=1))
def test_parts_add_up_to_the_whole(total, weights):
    parts = share_out(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert part >= 0
        if whole:
            assert abs(part * whole - total * weight) < whole


@given(first=st.integers(1, 200), count=st.integers(1, 80))
def test_a_gap_is_filled_with_what_the_register_went_on_by(first, count):
    """The check meter counts the same here, so its profile gives every reading back exactly."""
    meters, numbers = world(), range(first, first + count)
    without(meters, "main", *numbers)
    found, left = made(meters, methods=("register",))
    assert left == []
    assert {n: found["main", n].energy for n in numbers} == {n: power(n) for n in numbers}
    assert {one.method for one in found.values()} == {"register"}


def test_without_a_check_meter_the_register_is_shared_out_evenly():
    meters = world()
    del meters.series["check", "import"]
    without(meters, "main", 50, 51, 52)
    found, _ = made(meters, methods=("register",))
    parts = [found["main", n].energy for n in (50, 51, 52)]
    assert sum(parts) == sum(map(power, (50, 51, 52)))
    assert max(parts) - min(parts) <= 1


def test_a_register_that_stood_still_with_its_readings_is_not_believed():
    meters = world()
    energy, counter = power(50), meters.series["main", "import"].raw[START + 49 * STEP].counter
    for number in range(50, 288):
        energy = power(50) if number < 70 else power(number)
        counter += energy
        changed(meters, "main", number, energy=energy, counter=counter)
    found, left = made(meters)
    assert {n for _, n in found} == set(range(50, 70))
    assert {one.method for one in found.values()} == {"check meter"}
    assert all(one.energy == power(n) for (_, n), one in found.items())
    assert left == []


@pytest.mark.parametrize("name", ["main", "rack", "aux"])
def test_a_meter_is_what_the_others_of_its_balance_leave(name):
    meters = world(counters=False)
    due = {n: meters.series[name, "import"].raw[START + n * STEP].energy for n in (7, 8, 100)}
    without(meters, name, *due)
    found, left = made(meters, methods=("subtractive",))
    assert {n: one.energy for (_, n), one in found.items()} == due
    assert left == []


def test_a_short_gap_is_a_line_and_a_long_one_is_not():
    meters = world(counters=False)
    del meters.series["check", "import"]
    for number, energy in ((10, 1000), (13, 4000)):
        changed(meters, "aux", number, energy=energy)
    without(meters, "aux", 11, 12)
    without(meters, "aux", *range(40, 49))
    found, left = made(meters, methods=("interpolation",))
    assert {n: one.energy for (_, n), one in found.items()} == {11: 2000, 12: 3000}
    assert [(one.start, one.end) for one in left] == [(START + 40 * STEP, START + 49 * STEP)]


def test_like_days_are_days_of_the_same_kind():
    """Two weeks from a Monday: the gap on the second Monday is the mean of working days near it."""
    meters = world(14, counters=False)
    gap = 7 * 96 + 30
    without(meters, "aux", gap)
    for shift, energy in ((1, 100), (2, 200), (-3, 300), (3, 501), (-1, 9), (-2, 9)):
        changed(meters, "aux", gap + 96 * shift, energy=energy)
    found, _ = made(meters, methods=("like days",), rules=("missing",))
    assert found["aux", gap].energy == 275  # (100 + 200 + 300 + 501) / 4, and no week-end


def test_an_estimate_points_at_the_raw_reading_and_says_why():
    meters = world()
    changed(meters, "main", 40, energy=power(40) // 1000)
    found, _ = made(meters)
    one = found["main", 40]
    draft = one.draft("s")
    assert one.energy == power(40)
    assert draft["body"]["of"] == f"{40:064x}"
    assert draft["body"]["reason"].startswith("multiplier")
    assert (draft["body"]["quality"], draft["body"]["late"]) == ("estimated", True)
    without(meters, "rack", 50)
    assert "of" not in made(meters)[0]["rack", 50].draft("s")["body"]


def test_a_reading_that_something_stands_for_is_not_estimated_again():
    meters = world()
    changed(meters, "main", 40, energy=0, quality="missing")
    assert set(made(meters)[0]) == {("main", 40)}
    stands = reading(40, power(40), quality="estimated")
    meters.series["main", "import"].standing[stands.start] = stands
    assert made(meters) == ({}, [])


def test_estimates_are_made_of_measurements_alone():
    """Neither of two meters that lack the same hour is estimated from the other."""
    meters = world(counters=False)
    for name in ("main", "check", "rack"):
        without(meters, name, *range(40, 60))
    found, left = made(meters, methods=("check meter", "subtractive", "interpolation"))
    assert found == {}
    assert {one.meter for one in left} == {"main", "check", "rack"}


def test_what_is_longer_than_may_be_estimated_is_left():
    meters = world()
    without(meters, "main", *range(40, 60))
    found, (left,) = made(meters, longest=4 * HOUR)
    assert found == {}
    assert "longer than the 4 hours" in left.why


def test_the_order_of_methods_is_that_of_the_settings():
    meters = world()
    without(meters, "main", 40)
    for name in METHODS[:4]:
        found, _ = made(meters, methods=(name,))
        assert found["main", 40].method == name
    found, _ = made(meters, methods=("interpolation", "register"))
    assert found["main", 40].method == "interpolation"


def test_an_invalid_reading_is_no_source_of_estimates():
    """First what is invalid, then the gaps: a spike beside a gap is not interpolated from."""
    meters = world(counters=False)
    for name in ("check", "rack"):
        del meters.series[name, "import"]
    without(meters, "main", 40)
    changed(meters, "main", 41, energy=power(41) * 1000)
    found, _ = made(meters, methods=("interpolation",))
    assert found["main", 40].energy < 2 * power(40)
    assert found["main", 41].energy < 2 * power(41)


def test_a_register_of_its_own_direction_is_estimated_by_itself():
    meters = world()
    series = Series()
    for number in (5, 7):
        one = reading(number, 8)
        series.raw[one.start] = one
    meters.series["main", "export"] = series
    found, _ = made(meters, rules=("missing",), methods=("interpolation", "subtractive"))
    assert [(one.register, one.energy) for one in found.values()] == [("export", 8)]
