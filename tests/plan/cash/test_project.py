import json
import math
import subprocess
import sys

import numpy as np
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from baseload.case.errors import InputError
from baseload.plan.cash.accounts import Account, Group, accounts_of
from baseload.plan.cash.capital import Depreciation, Repayment, Scheme
from baseload.plan.cash.ledger import Ledger, check_transfers, reconcile
from baseload.plan.cash.metrics import npv
from baseload.plan.cash.project import Asset, ProjectTerms, Timing, finance, value

MONTHS = 120
MACHINES = Asset(
    "hall 1",
    Account.CAPITAL_MACHINES,
    12_000.0,
    life_months=48,
    order_month=2,
    construction_months=6,
    replaced=True,
    price_change=-0.15,
    salvage_share=0.05,
    depreciation=Depreciation(Scheme.MACRS, 5),
)
SITE = Asset(
    "site",
    Account.CAPITAL_SITE,
    5_000.0,
    life_months=240,
    construction_months=8,
    depreciation=Depreciation(Scheme.STRAIGHT_LINE, 15),
)
TERMS = ProjectTerms(
    discount_rate=0.09,
    inflation=0.02,
    tax_rate=0.21,
    debt_share=0.6,
    debt_rate=0.07,
    debt_tenor_months=84,
)


def operating() -> Ledger:
    ledger = Ledger("2028-05", MONTHS)
    running = np.arange(8, MONTHS)
    ledger.add(Account.MINING_REVENUE, np.linspace(700, 400, running.size), month=running,
               party="mine", item="hall 1")  # fmt: skip
    ledger.add(Account.MINE_FIXED_OM, -30.0, month=running, party="mine")
    ledger.add(Account.FUEL, -90.0, month=np.arange(MONTHS), party="plant")
    ledger.transfer(120.0, month=running, payer="mine", payee="plant")
    return ledger


def heron(capacity: float):
    """HERON 9c4e3c5, mechanics/cashflows, with its 21 steps a year posted month by month."""
    ledger = Ledger("2020-01", 240)
    month = np.arange(240)
    scale = (capacity / 10.0) ** 0.999
    ledger.add(Account.FIXED_OM, -100.0 * scale / 12, month=month, party="plant")
    ledger.add(Account.VARIABLE_OM, -21.0 * capacity / 12, month=month, party="plant")
    ledger.add(Account.ENERGY_SALES, 31.4 * 21.0 * capacity / 12, month=month, party="plant")
    plant = Asset("source", Account.CAPITAL_PLANT, 10_000.0 * scale, life_months=240)
    terms = ProjectTerms(
        discount_rate=0.08,
        timing=Timing.YEAR_END,
        tax_rate=0.25,
        losses_refunded=True,
        taxable=(Account.VARIABLE_OM,),
    )
    return finance(ledger, (plant,), terms, party="plant", energy_mwh=21.0 * capacity / 12)


@pytest.mark.parametrize(("capacity", "worth"), [(1, "5218.73753498"), (2, "10439.0004535")])
def test_heron_cash_flows_to_every_printed_digit(capacity, worth):
    assert f"{heron(capacity).metrics.npv:.12g}" == worth


def test_the_levelised_cost_of_the_heron_plant_is_its_annuity_per_unit():
    scale = 0.1**0.999
    recovery = 0.08 / (1 - 1.08**-20)
    expected = (10_000 * scale * recovery + 100 * scale + 21) / 21
    assert heron(1).metrics.levelised_energy == pytest.approx(expected, rel=1e-12)


def test_a_project_worked_by_hand():
    # 1,000 at once, 5-year MACRS, 40 a month for five years, 25 % tax paid in December.
    ledger = Ledger("2030-01", 60)
    ledger.add(Account.MINING_REVENUE, 40.0, month=np.arange(60), party="mine")
    asset = Asset("hall", Account.CAPITAL_MACHINES, 1000.0, 60,
                  depreciation=Depreciation(Scheme.MACRS, 5))  # fmt: skip
    result = finance(ledger, (asset,), ProjectTerms(0.10, tax_rate=0.25), party="mine")

    # Profits 280, 160, 288, 364.8 and, with the last 11.52 % + 5.76 % written off, 307.2.
    flows = np.full(60, 40.0)
    flows[0] -= 1000.0
    flows[11::12] -= 0.25 * np.array([280.0, 160.0, 288.0, 364.8, 307.2])
    assert_allclose(result.ledger.monthly(), flows, atol=1e-9)
    expected = math.fsum(flow / 1.10 ** (month / 12) for month, flow in enumerate(flows))
    assert result.metrics.npv == pytest.approx(expected, rel=1e-12)
    assert result.metrics.irr.rate == pytest.approx((1 + pyxirr.irr(flows)) ** 12 - 1)
    assert result.metrics.irr.finding == "single"


def test_operating_rows_are_neither_changed_nor_lost():
    before = operating()
    result = finance(before, (MACHINES, SITE), TERMS, party="mine")
    assert len(before) == len(operating())
    for account in accounts_of(Group.OPERATING):
        assert result.ledger.total(account) == before.total(account)
    objective = before.total((Account.MINING_REVENUE, Account.FUEL))
    reconcile(result.ledger, objective)
    check_transfers(result.ledger)


def test_machines_are_bought_again_at_the_price_of_the_day():
    ledger = finance(operating(), (MACHINES,), TERMS, party="mine").ledger
    bought = ledger.monthly(Account.REPLACEMENT)
    assert np.flatnonzero(bought).tolist() == [56, 104]
    assert bought[56] == pytest.approx(-12_000.0 * (0.85 * 1.02) ** (56 / 12))


def test_construction_spends_over_its_months_and_not_later():
    ledger = finance(operating(), (MACHINES,), TERMS, party="mine").ledger
    spent = ledger.monthly(Account.CAPITAL_MACHINES)
    assert np.flatnonzero(spent).tolist() == [2, 3, 4, 5, 6, 7]
    assert spent[2] == pytest.approx(-2000.0 * (0.85 * 1.02) ** (2 / 12))


def test_machines_are_sold_when_replaced_and_at_the_end():
    ledger = finance(operating(), (MACHINES,), TERMS, party="mine").ledger
    sold, prices = (
        ledger.monthly(Account.SALVAGE),
        12_000.0 * (0.85 * 1.02) ** (np.arange(MONTHS) / 12),
    )
    assert np.flatnonzero(sold).tolist() == [56, 104, 119]
    assert sold[56] == pytest.approx(0.05 * prices[56])
    # Sixteen of 48 months old.
    assert sold[119] == pytest.approx(prices[119] * (0.05 + 0.95 * 32 / 48))


def test_interest_during_construction_moves_no_money_and_is_owed():
    ledger = finance(operating(), (MACHINES, SITE), TERMS, party="mine").ledger
    building = ledger.total(Account.INTEREST_DURING_CONSTRUCTION)
    spent = ledger.total((Account.CAPITAL_MACHINES, Account.CAPITAL_SITE))
    assert building < 0
    assert ledger.total(Account.DEBT_DRAW) == pytest.approx(-0.6 * spent - building)
    assert ledger.total(Account.PRINCIPAL) == pytest.approx(-ledger.total(Account.DEBT_DRAW))


def test_tax_over_a_life_is_the_rate_on_all_profit_when_losses_are_refunded():
    terms = ProjectTerms(
        0.09, tax_rate=0.21, losses_refunded=True, debt_share=0.6, debt_rate=0.07, inflation=0.02
    )
    ledger = finance(operating(), (MACHINES, SITE), terms, party="mine").ledger
    profit = math.fsum(
        ledger.total(account, party="mine")
        for account in Account
        if account not in (Account.TAX, Account.DEBT_DRAW, Account.PRINCIPAL)
    )
    assert ledger.total(Account.TAX) == pytest.approx(-0.21 * profit, rel=1e-12)


def test_tax_is_paid_in_the_last_month_of_each_calendar_year():
    ledger = finance(operating(), (MACHINES, SITE), TERMS, party="mine").ledger
    paid = np.flatnonzero(ledger.monthly(Account.TAX))
    assert set(paid.tolist()) <= {*range(7, MONTHS, 12), MONTHS - 1}


def test_a_loan_at_the_discount_rate_changes_no_value_before_tax():
    terms = ProjectTerms(0.09, debt_share=0.6, debt_rate=0.09, debt_tenor_months=60)
    result = finance(operating(), (MACHINES, SITE), terms, party="mine").metrics
    without = finance(operating(), (MACHINES, SITE), ProjectTerms(0.09), party="mine").metrics
    assert result.npv == pytest.approx(without.npv, rel=1e-9)
    assert result.npv_unlevered == pytest.approx(without.npv_unlevered, rel=1e-12)


def test_year_end_timing_draws_the_loan_when_the_site_is_paid():
    # All borrowed at no interest and paid back over the months of the second year.
    ledger = Ledger("2030-01", 24)
    site = Asset("site", Account.CAPITAL_SITE, 1200.0, 24, construction_months=11)
    terms = ProjectTerms(0.10, timing=Timing.YEAR_END, debt_share=1.0, debt_tenor_months=12)
    worth = finance(ledger, (site,), terms, party="mine").metrics
    # After 13 of its 24 months it is sold, at the end of the second year as well.
    sold = 1200.0 * 11 / 24
    assert worth.npv == pytest.approx((sold - 1200.0) / 1.10**2)
    assert worth.npv_unlevered == pytest.approx(sold / 1.10**2 - 1200.0)


def test_year_end_timing_replaces_machines_at_the_beginning_of_the_year():
    ledger = Ledger("2030-01", 36)
    machines = Asset("hall", Account.CAPITAL_MACHINES, 100.0, 18, replaced=True)
    terms = ProjectTerms(0.10, timing=Timing.YEAR_END)
    worth = finance(ledger, (machines,), terms, party="mine").metrics
    assert worth.npv == pytest.approx(-100.0 - 100.0 / 1.10)


def test_the_sale_of_an_asset_that_is_not_depreciated_is_not_taxed():
    ledger = Ledger("2030-01", 24)
    ledger.add(Account.MINING_REVENUE, 10.0, month=np.arange(24), party="mine")
    site = Asset("site", Account.CAPITAL_SITE, 100.0, 48, salvage_share=0.5)
    result = finance(ledger, (site,), ProjectTerms(0.10, tax_rate=0.2), party="mine")
    assert result.ledger.total(Account.SALVAGE) == pytest.approx(75.0)
    assert result.ledger.total(Account.TAX) == pytest.approx(-0.2 * 240.0)


def test_cheap_debt_raises_the_return_of_the_owners():
    result = finance(operating(), (MACHINES, SITE), TERMS, party="mine").metrics
    assert result.irr.rate > result.irr_unlevered.rate > TERMS.debt_rate
    assert result.payback_years < result.payback_discounted_years


def test_value_is_cut_at_the_halvings_and_adds_up():
    for timing in Timing:
        terms = ProjectTerms(0.09, timing=timing, tax_rate=0.21, debt_share=0.5, debt_rate=0.05)
        eras = {5: 0, 6: 47, 7: 95}
        result = finance(operating(), (MACHINES,), terms, party="mine", eras=eras).metrics
        assert list(result.npv_by_era) == [5, 6, 7]
        assert math.fsum(result.npv_by_era.values()) == pytest.approx(result.npv, rel=1e-9)


def test_the_levelised_cost_of_a_coin_counts_power_capital_and_upkeep():
    coins = np.zeros(MONTHS)
    coins[8:] = 0.01
    result = finance(operating(), (MACHINES,), ProjectTerms(0.09), party="mine", coins_btc=coins)
    costs = -result.ledger.monthly(
        (
            Account.MINE_FIXED_OM,
            Account.POWER_TRANSFER,
            Account.CAPITAL_MACHINES,
            Account.REPLACEMENT,
            Account.SALVAGE,
        ),
        party="mine",
    )
    assert result.metrics.levelised_coin == pytest.approx(npv(costs, 0.09) / npv(coins, 0.09))
    assert result.metrics.levelised_energy is None


def test_the_values_of_the_parties_add_up_to_the_value_of_all():
    result = finance(operating(), (MACHINES, SITE), TERMS, party="mine")
    nothing = np.zeros(MONTHS)

    def worth(party):
        return value(
            result.ledger, TERMS, party=party, energy_mwh=nothing, coins_btc=nothing, eras={}
        ).npv

    assert worth("mine") == result.metrics.npv
    assert worth("mine") + worth("plant") == pytest.approx(worth(None), rel=1e-12)


def test_value_moves_with_the_valuation_month():
    early = finance(operating(), (SITE,), ProjectTerms(0.09), party="mine").metrics
    late = finance(
        operating(), (SITE,), ProjectTerms(0.09, valuation_month=24), party="mine"
    ).metrics
    assert late.npv == pytest.approx(early.npv * 1.09**2)
    assert late.irr == early.irr


def test_a_party_without_assets_or_rows_is_worth_nothing():
    result = finance(Ledger("2028-01", 24), (), TERMS, party="mine").metrics
    assert result.npv == 0.0
    assert result.irr.finding == "none"
    assert result.payback_years == 0.0
    assert result.levelised_coin is None


@settings(max_examples=40, deadline=None)
@given(
    cost=st.floats(0.0, 1e6),
    build=st.integers(0, 18),
    life=st.integers(1, 80),
    share=st.floats(0.0, 1.0),
    tenor=st.integers(1, 200),
    repayment=st.sampled_from(Repayment),
    years=st.floats(0.5, 10.0),
)
def test_a_dearer_asset_is_worth_less_by_its_cost_after_all_it_brings(
    cost, build, life, share, tenor, repayment, years
):
    # Everything an asset brings is proportional to its cost when losses are refunded.
    def worth(price):
        asset = Asset("hall", Account.CAPITAL_MACHINES, price, life, construction_months=build,
                      replaced=True, salvage_share=0.1,
                      depreciation=Depreciation(Scheme.STRAIGHT_LINE, years))  # fmt: skip
        terms = ProjectTerms(0.1, tax_rate=0.2, losses_refunded=True, debt_share=share,
                             debt_rate=0.06, debt_tenor_months=tenor,
                             repayment=repayment)  # fmt: skip
        return finance(operating(), (asset,), terms, party="mine").metrics.npv

    bare, slope = worth(0.0), worth(1e3) - worth(0.0)
    assert slope < 0.0
    assert worth(cost) == pytest.approx(bare + slope * cost / 1e3, rel=1e-6, abs=1e-4)


def test_the_summary_is_plain_json():
    metrics = finance(operating(), (MACHINES,), TERMS, party="mine", eras={5: 0}).metrics
    back = json.loads(json.dumps(metrics.to_dict()))
    assert back["npv"] == metrics.npv
    assert back["irr"]["rate"] == metrics.irr.rate
    assert back["npv_by_era"] == {"5": pytest.approx(metrics.npv)}


def test_printing_a_project_shows_its_worth_with_units():
    text = repr(finance(operating(), (MACHINES,), TERMS, party="mine"))
    assert "Project of 'mine'" in text
    assert "USD at 9 %" in text
    assert "%/year" in text


def test_money_needs_no_table_library_until_a_table_is_asked_for():
    code = (
        "import sys, baseload.plan.cash.project;"
        "print({'pandas', 'pyarrow', 'scipy', 'xarray'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_asset_that_is_never_in_service_is_refused():
    late = Asset("hall 9", Account.CAPITAL_SITE, 1.0, 12, order_month=MONTHS - 3,
                 construction_months=3)  # fmt: skip
    with pytest.raises(InputError, match="hall 9, first month in service"):
        finance(operating(), (late,), TERMS, party="mine")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"account": Account.FUEL}, "account"),
        ({"cost": -1.0}, "cost"),
        ({"cost": math.inf}, "cost"),
        ({"life_months": 0}, "life"),
        ({"order_month": -1}, "order and construction"),
        ({"price_change": -1.0}, "price change"),
        ({"salvage_share": 1.5}, "salvage share"),
    ],
)
def test_impossible_assets_are_refused(changed, named):
    fields = {"item": "hall", "account": Account.CAPITAL_SITE, "cost": 1.0, "life_months": 12}
    with pytest.raises(InputError) as caught:
        Asset(**fields | changed)
    assert caught.value.where == f"hall, {named}"


@pytest.mark.parametrize(
    "changed",
    [
        {"discount_rate": -1.0},
        {"tax_rate": 1.2},
        {"debt_share": -0.1},
        {"debt_rate": math.nan},
        {"debt_tenor_months": 0},
        {"valuation_month": 6, "timing": Timing.YEAR_END},
    ],
)
def test_impossible_terms_are_refused(changed):
    with pytest.raises(InputError) as caught:
        ProjectTerms(**{"discount_rate": 0.08} | changed)
    assert caught.value.where == f"terms, {next(iter(changed))}"
