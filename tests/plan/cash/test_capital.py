import doctest

import numpy as np
import pytest
import pyxirr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from baseload.case.errors import InputError
from baseload.plan.cash import capital
from baseload.plan.cash.capital import (
    MACRS_PERCENT,
    Depreciation,
    Repayment,
    Scheme,
    depreciate,
    generations,
    loan,
    monthly_rate,
    price_path,
    real_rate,
    resale,
    spread,
    tax,
)
from baseload.plan.cash.metrics import npv

schemes = st.one_of(
    st.sampled_from([Depreciation(Scheme.MACRS, years) for years in MACRS_PERCENT]),
    st.floats(0.3, 30.0).map(lambda years: Depreciation(Scheme.STRAIGHT_LINE, years)),
)


def tax_years(months: int, first: int = 0) -> np.ndarray:
    """Index of the tax year of each month; the first year has lost its first months."""
    return (np.arange(months) + first) // 12


def declining_balance(years: int) -> list[float]:
    """Deductions of the half-year convention from their definition [% of basis].

    IRS Publication 946, "Figuring the Deduction Without Tables": 200 % declining balance
    (150 % for 15 years), changing to a straight line when that gives more.
    """
    factor = 1.5 if years == 15 else 2.0
    left, result = 100.0, []
    for year in range(years + 1):
        remaining = years if year == 0 else years - year + 0.5
        whole = max(left * factor / years, left / max(remaining, 1.0))
        deducted = min(left, whole / 2 if year == 0 else whole)
        left -= deducted
        result.append(deducted)
    return result


def test_the_examples_in_the_documentation_hold():
    assert doctest.testmod(capital).failed == 0


@pytest.mark.parametrize("years", MACRS_PERCENT)
def test_macrs_tables_follow_from_the_declining_balance(years):
    # The published tables are rounded to a hundredth so that they sum to 100.
    assert_allclose(MACRS_PERCENT[years], declining_balance(years), rtol=0, atol=0.011)
    assert sum(MACRS_PERCENT[years]) == pytest.approx(100.0, abs=1e-9)


@given(
    schemes,
    st.floats(0.0, 1e9),
    st.integers(0, 60),
    st.integers(0, 200),
    st.integers(0, 11),
)
def test_deductions_sum_to_the_basis_whenever_the_asset_is_sold(terms, basis, service, age, first):
    disposal = service + age
    year = tax_years(disposal + 30, first)
    deducted = depreciate(basis, terms, service=service, disposal=disposal, tax_year=year)
    assert deducted.sum() == pytest.approx(basis, rel=1e-12, abs=1e-9)
    assert (deducted >= -1e-9 * basis).all()
    assert not deducted[: year[service]].any()
    assert not deducted[year[disposal] + 1 :].any()


def test_macrs_runs_by_tax_year_whatever_the_month():
    terms = Depreciation(Scheme.MACRS, 3)
    deducted = depreciate(1000.0, terms, service=11, disposal=71, tax_year=tax_years(72))
    assert_allclose(deducted, [333.3, 444.5, 148.1, 74.1, 0.0, 0.0], atol=1e-9)


def test_an_asset_sold_early_is_written_off_in_that_year():
    terms = Depreciation(Scheme.MACRS, 5)
    deducted = depreciate(1000.0, terms, service=0, disposal=20, tax_year=tax_years(36))
    assert_allclose(deducted, [200.0, 800.0, 0.0], atol=1e-9)


def test_a_straight_line_runs_by_month():
    terms = Depreciation(Scheme.STRAIGHT_LINE, 2)
    deducted = depreciate(2400.0, terms, service=3, disposal=47, tax_year=tax_years(48))
    assert_allclose(deducted, [900.0, 1200.0, 300.0, 0.0], atol=1e-9)


def test_without_a_scheme_nothing_is_deducted():
    assert not depreciate(
        100.0, Depreciation(), service=0, disposal=5, tax_year=tax_years(24)
    ).any()


@pytest.mark.parametrize(
    ("scheme", "years", "expected"),
    [(Scheme.MACRS, 4, "3, 5, 7 or 15"), (Scheme.STRAIGHT_LINE, 0, "above 0 years")],
)
def test_a_length_that_does_not_exist_is_refused(scheme, years, expected):
    with pytest.raises(InputError, match=expected):
        Depreciation(scheme, years)


def test_spending_is_even_over_construction():
    assert_array_equal(spread(90.0, 1, 3, 6), [0.0, 30.0, 30.0, 30.0, 0.0, 0.0])
    assert_array_equal(spread(90.0, 1, 0, 3), [0.0, 90.0, 0.0])


@given(
    st.lists(st.floats(0.0, 1e8), min_size=1, max_size=24),
    st.integers(1, 80),
    st.floats(0.0, 0.3),
    st.integers(1, 120),
    st.sampled_from(Repayment),
)
def test_principal_sums_to_what_was_drawn_and_capitalised(draws, after, rate, tenor, repayment):
    drawn = np.concatenate([draws, np.zeros(after)])
    debt = loan(drawn, service=len(draws), rate=rate, tenor=tenor, repayment=repayment)
    owed = debt.drawn.sum() + debt.capitalised.sum()
    assert debt.principal.sum() == pytest.approx(owed, rel=1e-12)
    assert not debt.balance[len(draws) + tenor :].any()
    assert debt.balance[-1] == 0.0
    assert (debt.principal >= 0.0).all()
    assert (debt.interest >= 0.0).all()


@given(
    st.floats(1.0, 1e8),
    st.floats(0.0, 0.3),
    st.integers(1, 60),
    st.integers(0, 24),
    st.sampled_from(Repayment),
)
def test_a_loan_is_worth_nothing_at_its_own_rate(cost, rate, tenor, construction, repayment):
    draws = spread(cost, 0, construction, 100)
    debt = loan(draws, service=construction, rate=rate, tenor=tenor, repayment=repayment)
    stream = debt.drawn - debt.interest - debt.principal
    assert npv(stream, rate) == pytest.approx(0.0, abs=1e-9 * cost)


def test_an_annuity_splits_as_pyxirr_splits_it():
    rate = monthly_rate(0.08)
    debt = loan([1e6, *[0.0] * 36], service=0, rate=0.08, tenor=36)
    periods = range(1, 37)
    assert_allclose(debt.interest[1:], [-pyxirr.ipmt(rate, k, 36, 1e6) for k in periods])
    assert_allclose(debt.principal[1:], [-pyxirr.ppmt(rate, k, 36, 1e6) for k in periods])


def test_equal_principal_is_equal():
    debt = loan(
        [1200.0, *[0.0] * 12], service=0, rate=0.06, tenor=12, repayment=Repayment.EQUAL_PRINCIPAL
    )
    assert_allclose(debt.principal[1:], 100.0)
    assert debt.interest[12] == pytest.approx(100.0 * monthly_rate(0.06))


def test_interest_during_construction_compounds_until_service():
    debt = loan([600.0, 0.0, 600.0, 0.0, 0.0, 0.0], service=4, rate=0.12, tenor=1)
    rate = 1.12 ** (1 / 12)
    owed = 600.0 * rate**4 + 600.0 * rate**2
    assert debt.balance[4] == pytest.approx(owed)
    assert debt.capitalised.sum() == pytest.approx(owed - 1200.0)
    assert debt.interest[5] == pytest.approx(owed * (rate - 1))
    assert debt.principal[5] == pytest.approx(owed)


def test_what_is_owed_at_the_end_of_the_horizon_is_paid_back_then():
    debt = loan([1000.0, 0.0, 0.0], service=0, rate=0.0, tenor=10)
    assert_allclose(debt.principal, [0.0, 100.0, 900.0])


def test_losses_are_carried_forward_and_the_oldest_used_first():
    assert_allclose(tax([-100.0, 40.0, 100.0, -10.0], 0.2), [0.0, 0.0, 8.0, 0.0])


def test_a_limit_leaves_part_of_each_profit_taxed():
    assert_allclose(tax([-100.0, 50.0, 100.0], 0.2, loss_limit=0.8), [0.0, 2.0, 8.0])


def test_a_refund_is_a_negative_tax():
    assert_allclose(tax([-100.0, 40.0], 0.25, refund=True), [-25.0, 10.0])


@given(hnp.arrays(np.float64, 12, elements=st.floats(-1e9, 1e9)), st.floats(0.0, 1.0))
def test_carrying_losses_forward_lies_between_no_relief_and_a_refund(profit, limit):
    due = tax(profit, 0.3, loss_limit=limit)
    slack = 1e-9 * np.abs(profit).sum()
    assert (due >= 0.0).all()
    assert (due <= 0.3 * np.maximum(profit, 0.0) + slack).all()
    assert due.sum() >= tax(profit, 0.3, refund=True).sum() - slack


@given(st.integers(0, 40), st.integers(1, 50), st.integers(41, 200))
def test_replaced_assets_cover_the_rest_of_the_horizon_without_a_gap(service, life, months):
    covered = [
        month
        for start, end in generations(service, life, months, replaced=True)
        for month in range(start, end)
    ]
    assert covered == list(range(service, months))


def test_an_asset_that_is_not_replaced_lasts_one_life():
    assert generations(2, 5, 100, replaced=False) == [(2, 7)]
    assert generations(2, 5, 4, replaced=False) == [(2, 4)]


def test_resale_falls_from_the_price_to_the_salvage():
    assert resale(100.0, age=0, life=48, salvage_share=0.1) == 100.0
    assert resale(100.0, age=24, life=48, salvage_share=0.1) == pytest.approx(55.0)
    assert resale(100.0, age=48, life=48, salvage_share=0.1) == pytest.approx(10.0)
    assert resale(100.0, age=60, life=48, salvage_share=0.1) == pytest.approx(10.0)


def test_a_price_path_compounds_change_and_inflation():
    path = price_path(25, change=-0.2, inflation=0.03)
    assert path[0] == 1.0
    assert path[24] == pytest.approx((0.8 * 1.03) ** 2)


@given(
    hnp.arrays(np.float64, 48, elements=st.floats(-1e6, 1e6)),
    st.floats(0.0, 0.3),
    st.floats(0.0, 0.2),
)
def test_nominal_money_and_real_money_have_one_value(real, rate, inflation):
    nominal = real * price_path(48, inflation=inflation)
    expected = npv(real, real_rate(rate, inflation))
    assert npv(nominal, rate) == pytest.approx(expected, abs=1e-9 * np.abs(real).sum())
