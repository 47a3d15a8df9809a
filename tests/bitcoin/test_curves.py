"""Part load: measured points, concavity, and the fleet's best use of any power."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.bitcoin.curves import (
    CURVES,
    S19_XP,
    S19K_PRO,
    SLEEP_W,
    TableCurve,
    concave_segments,
)
from baseload.bitcoin.revenue import value_of_energy
from baseload.case.errors import InputError

THS, WATTS = 121.8, 2794.0  # LuxOS default profile of the S19k Pro


def filled(segments, power):
    """Hashrate per megawatt of default power when segments are filled to a power."""
    total = 0.0
    for segment in segments:
        used = min(segment.power_fraction, max(power, 0.0))
        total += used * segment.ths_per_mw
        power -= used
    return total


# LuxOS profiles of an Antminer S19k Pro: TH/s and W.
@pytest.mark.parametrize(
    ("ths", "watts"),
    [
        (39.2, 784),
        (54.7, 1080),
        (70.2, 1414),
        (90.8, 1916),
        (106.3, 2336),
        (121.8, 2794),
        (137.3, 3288),
        (152.8, 3820),
        (163.1, 4195),
    ],
)
def test_the_fit_meets_the_firmware_profiles(ths, watts):
    assert S19K_PRO.power(ths / THS) == pytest.approx(watts / WATTS, abs=7e-4)


@pytest.mark.parametrize(("ths", "watts"), [(80, 1700), (120, 2700), (142, 3350), (169, 4400)])
def test_the_table_meets_the_firmware_presets(ths, watts):
    assert S19_XP.power(ths / 142) == pytest.approx(watts / 3350)


def test_marginal_energy_rises_to_31_joules_at_full_load():
    # 22.94 (0.5168 + 0.8228 h): 30.7 at h = 1, 20.4 at h = 0.45.
    fine = concave_segments(THS, WATTS, S19K_PRO, 2000, sleep_w=0.0)
    assert fine[-1].jth == pytest.approx(30.7, abs=0.05)
    # The first piece runs from sleep to the best point, where average meets marginal.
    best = (0.0718 / 0.4114) ** 0.5
    assert fine[0].jth == pytest.approx(22.94 * (0.5168 + 0.8228 * best), abs=0.01)


def test_half_the_power_keeps_more_than_half_the_hashes():
    segments = concave_segments(THS, WATTS, S19K_PRO, 50)
    kept = filled(segments, 0.506 - SLEEP_W / WATTS) * WATTS / 1e6 / THS
    assert kept == pytest.approx(0.576, abs=2e-3)


def test_worth_of_a_segment_uses_its_marginal_energy():
    segment = concave_segments(THS, WATTS, S19K_PRO, 4)[-1]
    assert segment.value(40.0) == pytest.approx(value_of_energy(40.0, segment.jth))


machines = st.tuples(st.floats(50, 1200), st.floats(1000, 12000))
held = st.sampled_from([S19K_PRO, S19_XP])


@given(machines, held, st.integers(1, 30), st.floats(0.7, 1.15), st.floats(0, 60))
def test_segments_add_up_and_their_energy_per_hash_rises(machine, curve, n, top, sleep_w):
    ths, watts = machine
    segments = concave_segments(ths, watts, curve, n, top=top, sleep_w=sleep_w)
    power = sum(segment.power_fraction for segment in segments) + sleep_w / watts
    hashes = sum(segment.power_fraction * segment.ths_per_mw for segment in segments)
    assert power == pytest.approx(curve.power(top))
    assert hashes * watts / 1e6 == pytest.approx(ths * top)
    marginal = [segment.jth for segment in segments]
    assert all(one < other for one, other in pairwise(marginal))


@given(held, st.floats(0, 1), st.floats(0, 60))
def test_a_fleet_is_never_worse_than_its_machines_side_by_side(curve, where, sleep_w):
    segments = concave_segments(100.0, 3000.0, curve, 60, sleep_w=sleep_w)
    h = curve.lowest + where * (1 - curve.lowest)
    together = filled(segments, curve.power(h) - sleep_w / 3000.0) * 3000.0 / 1e6 / 100.0
    assert together >= h * (1 - 2e-4)


@given(st.integers(1, 12))
def test_more_pieces_never_earn_less(n):
    few, many = (concave_segments(THS, WATTS, S19K_PRO, pieces) for pieces in (n, 2 * n))
    for power in np.linspace(0, 0.98, 40):
        assert filled(many, power) >= filled(few, power) - 1e-6


def test_a_point_that_wastes_energy_is_left_out():
    # From 142 to 154 TH/s the presets of the S19 XP cost 41.7 J/TH, from there to 169 TH/s
    # only 36.7: a fleet mixes machines at 142 and at 169 instead.
    segments = concave_segments(142.0, 3350.0, S19_XP, top=169 / 142, sleep_w=0.0)
    assert [round(segment.jth, 2) for segment in segments] == [21.25, 25.0, 29.55, 38.89]


def test_a_machine_without_a_curve_is_on_or_asleep():
    (only,) = concave_segments(200.0, 3500.0, None, 8)
    assert only.power_fraction == pytest.approx(1 - 25 / 3500)
    assert only.jth == pytest.approx((3500 - 25) / 200)


def test_cooling_makes_every_segment_dearer_and_none_smaller():
    bare, cooled = (concave_segments(THS, WATTS, S19K_PRO, 4, pue=p) for p in (1.0, 1.05))
    for one, other in zip(bare, cooled, strict=True):
        assert other.jth == pytest.approx(one.jth * 1.05)
        assert other.power_fraction == one.power_fraction


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES.keys())
def test_curves_do_what_the_machine_does_at_full_load(curve):
    assert curve.power(1.0) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("h", [0.3, 1.4, float("nan")])
def test_a_curve_is_not_used_outside_what_was_measured(h):
    for curve in CURVES.values():
        with pytest.raises(InputError, match="as measured"):
            curve.power(h)


@pytest.mark.parametrize(
    ("curve", "change", "message"),
    [
        (S19K_PRO, {"n": 0}, "at least one segment"),
        (S19K_PRO, {"top": 1.5}, "as measured"),
        (None, {"top": 1.1}, "no part load"),
        (None, {"sleep_w": 3000.0}, "below the least power"),
        (S19K_PRO, {"sleep_w": -1.0}, "below the least power"),
    ],
)
def test_impossible_segments_are_refused(curve, change, message):
    with pytest.raises(InputError, match=message):
        concave_segments(100.0, 3000.0, curve, **change)


def test_a_table_gives_its_ends_as_its_range():
    table = TableCurve("t", (0.5, 1.0), (0.4, 1.0), "made for this test")
    assert (table.lowest, table.highest) == (0.5, 1.0)
    assert table.power(0.75) == pytest.approx(0.7)
