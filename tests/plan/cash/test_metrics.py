import doctest
import math

import numpy as np
import pytest
import pyxirr
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from baseload.case.errors import InputError
from baseload.plan.cash import metrics
from baseload.plan.cash.metrics import (
    discount_factors,
    irr,
    levelised_cost,
    npv,
    payback,
    split_by_era,
    year_end,
)

money = st.floats(-1e9, 1e9, allow_nan=False).map(lambda amount: round(amount, 2))
rates = st.floats(-0.2, 0.6)
flows = hnp.arrays(np.float64, st.integers(1, 60), elements=money)


def gross(stream, rate, periods_per_year=12) -> float:
    """Sum of absolute discounted amounts [USD], to which rounding is proportional."""
    factors = discount_factors(len(stream), rate, periods_per_year=periods_per_year)
    return float(np.abs(stream * factors).sum())


def test_the_examples_in_the_documentation_hold():
    assert doctest.testmod(metrics).failed == 0


def test_a_month_is_discounted_by_a_twelfth_of_a_year_from_the_valuation_month():
    factors = discount_factors(25, 0.08, valuation=12)
    assert_allclose(factors[[0, 12, 24]], [1.08, 1.0, 1 / 1.08], rtol=1e-15)
    assert factors[13] == pytest.approx(1.08 ** (-1 / 12), rel=1e-15)


@pytest.mark.parametrize(("capacity", "worth"), [(1095, "4100.61728395"), (1098, "4111.85185185")])
def test_heron_variable_demand_at_a_fixed_price(capacity, worth):
    # HERON 9c4e3c5, mechanics/var_demand_fix_price: 21 steps a year at 0.1 $/unit, two years.
    income = 0.1 * 21 * capacity
    assert f"{npv([0.0, income, income], 0.08, periods_per_year=1):.8f}" == worth


@given(flows, rates)
def test_present_value_is_that_of_pyxirr(stream, rate):
    expected = pyxirr.npv(rate, stream)
    value = npv(stream, rate, periods_per_year=1)
    assert value == pytest.approx(expected, rel=0, abs=1e-10 * gross(stream, rate, 1) + 1e-12)


@given(st.integers(1, 60), rates, st.floats(-3, 3), st.data())
def test_present_value_is_linear(size, rate, factor, data):
    one = data.draw(hnp.arrays(np.float64, size, elements=money))
    other = data.draw(hnp.arrays(np.float64, size, elements=money))
    slack = 1e-12 * (gross(one, rate) + 4 * gross(other, rate)) + 1e-12
    combined = npv(one + factor * other, rate)
    assert combined == pytest.approx(npv(one, rate) + factor * npv(other, rate), rel=0, abs=slack)


@given(hnp.arrays(np.float64, (3, 24), elements=money), rates)
def test_streams_are_valued_the_same_alone_and_together(streams, rate):
    together = npv(np.asfortranarray(streams), rate)
    assert_array_equal(together, [npv(stream, rate) for stream in streams])


def test_money_at_an_infinite_or_missing_amount_is_refused():
    with pytest.raises(InputError, match="1 values that are NaN or infinite"):
        npv([1.0, math.nan], 0.08)


@pytest.mark.parametrize("rate", [-1.0, -2.0, math.nan, math.inf])
def test_a_discount_rate_of_minus_one_or_less_is_refused(rate):
    with pytest.raises(InputError, match="above -100 %"):
        discount_factors(3, rate)


def test_years_take_building_at_their_beginning_and_the_rest_at_their_end():
    later, at_once = np.zeros((2, 15))
    at_once[[0, 11, 12]] = -100.0, -10.0, -1.0
    later[[0, 11, 12]] = 5.0, 6.0, 7.0
    assert_array_equal(year_end(later, at_once), [-110.0, 10.0, 7.0])


@given(flows)
def test_years_hold_all_the_money_of_the_months(stream):
    years = year_end(stream, stream)
    assert math.fsum(years) == pytest.approx(2 * math.fsum(stream), rel=1e-9, abs=1e-3)


def test_the_rate_of_a_bond_is_its_coupon():
    found = irr([-100.0, 7.0, 7.0, 107.0], periods_per_year=1)
    assert found.rate == pytest.approx(0.07, abs=1e-12)
    assert found.finding == "single"
    assert found.only_above == -0.8


def test_a_monthly_stream_gives_the_yearly_effective_rate():
    # A loan at 1 % a month, seen by the lender.
    payment = -pyxirr.pmt(0.01, 36, 1e6)
    found = irr([-1e6, *[payment] * 36])
    assert found.rate == pytest.approx(1.01**12 - 1, abs=1e-9)


def test_no_rate_where_money_only_comes_or_only_goes():
    for stream in ([1.0, 2.0], [-1.0, 0.0], [0.0, 0.0], [0.0]):
        assert irr(stream).rate is None
        assert irr(stream).finding == "none"


def test_no_rate_where_almost_everything_is_lost():
    # Losing 90 % in a year lies below the rates that are looked at.
    assert irr([-1000.0, 100.0], periods_per_year=1).finding == "none"


def test_a_stream_with_two_rates_has_none_and_says_between_which_they_lie():
    # -100 (1 + r)^2 + 230 (1 + r) - 132 = 0 at 10 % and 20 %.
    found = irr([-100.0, 230.0, -132.0], periods_per_year=1)
    assert found.rate is None
    assert found.finding == "several"
    (low, high), (lower, higher) = found.between
    assert low <= 0.10 <= high
    assert lower <= 0.20 <= higher


def test_a_rate_without_proof_is_called_apparent():
    # One rate only, although the balance of the project changes sign on the way.
    stream = [-1.0, 3.0, -4.0, 3.0, 0.0, 0.5]
    growth = np.roots(stream)
    growth = growth[(abs(growth.imag) < 1e-9) & (growth.real > 0)].real
    found = irr(stream, periods_per_year=1)
    assert found.finding == "apparent"
    assert_allclose([found.rate], growth - 1, rtol=0, atol=1e-9)


@given(flows, st.floats(1e-6, 1e6))
def test_the_rate_of_return_makes_the_present_value_zero(stream, scale):
    found = irr(stream)
    assume(found.rate is not None)
    assert abs(npv(stream, found.rate)) <= 1e-9 * gross(stream, found.rate)
    scaled = irr(stream * scale)
    assert scaled.finding == found.finding
    assert scaled.rate == pytest.approx(found.rate, abs=1e-6)


@given(
    st.lists(st.floats(1.0, 1e6), min_size=1, max_size=20),
    st.lists(st.floats(1.0, 1e6), min_size=1, max_size=20),
)
def test_money_out_then_money_in_has_a_single_rate_or_none_in_range(out, back):
    found = irr([-amount for amount in out] + back, periods_per_year=1)
    assert found.finding in ("single", "none")


@settings(max_examples=300)
@given(hnp.arrays(np.float64, st.integers(2, 9), elements=st.integers(-9, 9).map(float)))
def test_a_rate_called_single_is_the_only_root_above_its_floor(stream):
    found = irr(stream, periods_per_year=1)
    assume(found.finding == "single")
    growth = np.roots(stream)
    real = growth[abs(growth.imag) < 1e-6].real
    assert np.count_nonzero(real > 1 + found.only_above + 1e-6) == 1


def test_a_rate_beyond_those_looked_at_does_not_make_another_one_proven():
    # Growth factors 0.4 and 201 make the present value zero; -0.1 is no rate.
    found = irr(-np.poly([0.4, 201.0, -0.1]), periods_per_year=1)
    assert found.rate == pytest.approx(-0.6)
    assert found.finding == "apparent"


def test_of_two_rates_one_may_lie_beyond_those_looked_at():
    assert irr(-np.poly([0.4, 201.0]), periods_per_year=1).finding == "several"


def test_tax_after_the_last_income_leaves_a_single_rate():
    # The outlay at the end makes a second rate, which lies near -90 %.
    stream = [-100.0, *[20.0] * 9, -2.0]
    assert npv(stream, -0.95, periods_per_year=1) < 0 < npv(stream, -0.8, periods_per_year=1)
    assert irr(stream, periods_per_year=1).finding == "single"


def test_payback_counts_from_the_first_outlay():
    assert payback([0.0, 0.0, -100.0, 50.0, 50.0], periods_per_year=1) == 2.0
    assert payback([-100.0] + [10.0] * 24) == pytest.approx(10 / 12)


def test_payback_is_not_missed_by_rounding():
    stream = [-0.6] + [0.1] * 6
    assert np.cumsum(stream)[-1] < 0
    assert payback(stream, periods_per_year=1) == 6.0


def test_discounting_puts_the_payback_off():
    stream = [-100.0, 60.0, 60.0]
    assert payback(stream, rate=0.10, periods_per_year=1) == 2.0
    assert payback(stream, rate=0.20, periods_per_year=1) is None


def test_a_later_outlay_puts_the_payback_off():
    assert payback([-100.0, 100.0, -50.0, 50.0], periods_per_year=1) == 3.0


def test_payback_is_never_or_at_once():
    assert payback([-1.0, 0.5]) is None
    assert payback([1.0, 1.0]) == 0.0


@given(flows)
def test_payback_exists_where_the_sum_is_not_negative(stream):
    slack = 1e-12 * gross(stream, 0.0)
    assume(abs(stream.sum()) > 2 * slack)
    assert (payback(stream) is None) == (stream.sum() < 0)


@given(st.floats(0.01, 1e3), flows, rates)
def test_the_levelised_cost_of_a_constant_unit_cost_is_that_cost(unit_cost, stream, rate):
    quantity = np.abs(stream)
    assume(npv(quantity, rate) > 1e-3)
    assert levelised_cost(unit_cost * quantity, quantity, rate) == pytest.approx(unit_cost)


def test_levelised_cost_spreads_the_capital_by_the_annuity():
    # 1,000 at once, 10 MWh at the end of each of 20 years at 8 %: capital recovery factor.
    recovery = 0.08 / (1 - 1.08**-20)
    cost = levelised_cost([1000.0] + [0.0] * 20, [0.0] + [10.0] * 20, 0.08, periods_per_year=1)
    assert cost == pytest.approx(1000.0 * recovery / 10.0, rel=1e-12)


def test_nothing_made_has_no_levelised_cost():
    assert levelised_cost([1.0], [0.0], 0.08) is None


def test_the_horizon_is_cut_at_the_halvings():
    assert split_by_era(100, {5: 4, 6: 52}) == {4: slice(0, 4), 5: slice(4, 52), 6: slice(52, 100)}
    assert split_by_era(100, {}) == {}
    assert split_by_era(40, {5: 4, 6: 52}) == {4: slice(0, 4), 5: slice(4, 40)}
    assert split_by_era(40, {4: -30, 5: 4}) == {4: slice(0, 4), 5: slice(4, 40)}
    assert split_by_era(40, {5: 0}) == {5: slice(0, 40)}


@pytest.mark.parametrize("eras", [{5: 10, 6: 10}, {5: 20, 6: 10}, {5: 1, 7: 2}])
def test_halvings_out_of_order_are_refused(eras):
    with pytest.raises(InputError, match="halving eras"):
        split_by_era(100, eras)
