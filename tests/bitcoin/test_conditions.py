"""Heat, height, age and failure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.bitcoin import conditions
from baseload.bitcoin.conditions import (
    PUE,
    Figure,
    aged,
    altitude_derate,
    availability,
    inlet_derate,
)
from baseload.case.errors import InputError

FIGURES = [value for value in vars(conditions).values() if isinstance(value, Figure)]


def test_warm_air_throttles_and_hot_air_stops_an_s21():
    # Bench of the Antminer S21, hackernoon.com, 2024-03-11.
    share = inlet_derate([-10.0, 25.0, 40.0, 40.1, 46.9, 47.0, 55.0])
    assert share == pytest.approx([1, 1, 1, 440 / 490, 440 / 490, 0, 0])
    assert share[3] == pytest.approx(0.90, abs=0.005)


def test_a_gap_in_the_temperatures_is_refused():
    with pytest.raises(InputError, match="fill the gap"):
        inlet_derate([20.0, float("nan")])


def test_thin_air_derates_from_two_thousand_metres_by_density():
    # US Standard Atmosphere 1976: 1.0066 kg/m3 at 2,000 m, 0.9093 at 3,000, 0.7364 at 5,000,
    # by geometric height; the formula takes it as geopotential, which is up to 0.05 % apart.
    share = altitude_derate([0.0, 2000.0, 3000.0, 5000.0])
    assert share == pytest.approx([1, 1, 0.9093 / 1.0066, 0.7364 / 1.0066], rel=5e-4)


@given(st.lists(st.floats(-100, 11_000), min_size=2, max_size=2))
def test_a_higher_site_never_derates_less(heights):
    low, high = altitude_derate(sorted(heights))
    assert 0 < high <= low <= 1


@pytest.mark.parametrize("height", [11_001.0, float("nan")])
def test_heights_above_the_troposphere_are_refused(height):
    with pytest.raises(InputError, match="11,000 m"):
        altitude_derate([100.0, height])


@given(st.floats(0, 5), st.floats(0, 5))
def test_ageing_compounds_over_years(one, other):
    step = aged(*aged(200.0, 17.5, one), other)
    assert step == pytest.approx(aged(200.0, 17.5, one + other))


def test_ageing_starts_new_and_lowers_hashes_and_raises_energy():
    assert aged(200.0, 17.5, 0.0) == (200.0, 17.5)
    assert aged(200.0, 17.5, 2.0, 0.1, 0.05) == pytest.approx((162.0, 17.5 * 1.1025))


def test_availability_is_that_of_a_renewal_process():
    # One failure a year and a year of repair: half the machines are away.
    assert availability(1.0, 365.25, 1.0) == pytest.approx(0.5)
    assert availability(0.0, 30.0, 0.97) == 0.97
    assert availability() == pytest.approx(0.976, abs=5e-4)


@given(st.floats(0, 2), st.floats(0, 400), st.floats(0, 1))
def test_availability_is_a_share_and_falls_with_failures(failures, days, uptime):
    share = availability(failures, days, uptime)
    assert 0 <= share <= uptime
    assert availability(failures + 0.1, days, uptime) <= share


@pytest.mark.parametrize("figure", [*FIGURES, *PUE.values()], ids=lambda figure: figure.source[:20])
def test_each_uncertain_figure_has_a_range_a_status_and_a_source(figure):
    assert figure.low <= figure.base <= figure.high
    assert figure.source
    if figure.status == "assumed":
        assert "assumption" in figure.source or "M15" in figure.source


def test_uncertain_figures_are_found_at_all():
    assert len(FIGURES) == 5
    assert set(PUE) == {"air", "hydro", "immersion"}
    assert np.all([figure.base >= 1 for figure in PUE.values()])
