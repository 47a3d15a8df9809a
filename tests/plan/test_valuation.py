from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.plan.small_cases import NETWORK, place, small

from baseload.case.case import Case
from baseload.plan.money import Accounts, settle_accounts
from baseload.plan.operation import Operation, run
from baseload.plan.outcome import Metrics
from baseload.plan.valuation import metrics, worth

MWH = 0.024 * 13.5
"""Energy of one PH/s for a day at 13.5 J/TH [MWh]."""


def books(case: Case) -> tuple[Operation, Accounts, Accounts]:
    operation = run(place(case))
    return operation, settle_accounts(operation), settle_accounts(run(place(case), mines=False))


def found(case: Case) -> Metrics:
    return metrics(*books(case))


@pytest.fixture
def years(tmp_path):
    """Give a case of four years by days."""

    def made(changes=None, **frame) -> Case:
        return small(tmp_path, changes, end="2032-01-01", step="24 h", **frame)

    return made


BOUGHT = {
    "mine.pilot.site_price": "900 USD/kW",
    "mine.pilot.pool.fee": "2 %",
    "mine.pilot.power_price": "30 USD/MWh",
    "money.tax_rate": "20 %",
}


def present(flows: np.ndarray, rate: float) -> float:
    """Net present value, month by month [USD]."""
    return sum(flow / (1 + rate) ** (month / 12) for month, flow in enumerate(flows))


def test_the_mine_is_worth_what_the_world_gains_by_it(years):
    operation, accounts, without = books(years(BOUGHT))
    npv, mine_value = worth(operation.setting, accounts, without)
    with_mine, other = accounts.ledger.monthly(), without.ledger.monthly()
    assert npv == pytest.approx(present(with_mine, 0.08), rel=1e-12)
    assert mine_value == pytest.approx(present(with_mine, 0.08) - present(other, 0.08), rel=1e-9)
    assert metrics(operation, accounts, without).mine_value == mine_value


def test_the_power_price_moves_money_and_makes_none(years):
    cheap, dear = (
        found(years(BOUGHT | {"money.tax_rate": 0.0, "mine.pilot.power_price": f"{x} USD/MWh"}))
        for x in (1, 90)
    )
    assert cheap.npv == pytest.approx(dear.npv, rel=1e-12)
    assert cheap.mine_value == pytest.approx(dear.mine_value, rel=1e-12)


def test_at_its_rate_of_return_the_mine_is_worth_nothing(years):
    operation, accounts, without = books(years(BOUGHT))
    metric = metrics(operation, accounts, without)
    extra = accounts.ledger.monthly() - without.ledger.monthly()
    assert metric.irr_finding == "single"
    assert abs(present(extra, metric.irr)) < 1e-6 * np.abs(extra).sum()


def test_the_money_is_back_when_income_has_made_it_up(tmp_path):
    # Sold at the end for nothing: 900 USD/kW against 30 MW at 40 USD/PH/day
    terms = {"mine.pilot.site_price": "900 USD/kW", "mine.pilot.site_life": "1 year"}
    case = small(tmp_path, terms, end="2029-01-01", step="24 h")
    days = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    earned = np.cumsum(days * 24 * 30 * 40 / MWH)
    back = int(np.argmax(earned >= 900 * 30_000))
    assert back == 9
    assert back / 12 <= found(case).payback <= (back + 1) / 12


def test_a_coin_costs_what_its_energy_would_have_brought(tmp_path):
    # The line takes all 950 MW at 45 USD/MWh; the pool keeps 2 %.
    changes = {"link.line.export_limit": "2000 MW", "mine.pilot.pool.fee": "2 %"}
    coins_per_mwh = 0.98 * 40 / MWH / 90_000
    metric = found(small(tmp_path, changes))
    assert metric.cost_of_coin == pytest.approx(45 / coins_per_mwh)
    assert metric.hashprice == pytest.approx(40.0)


def test_cost_of_a_coin_and_what_it_sells_for_make_up_the_value(years):
    operation, accounts, without = books(years(BOUGHT | {"money.tax_rate": 0.0}))
    metric = metrics(operation, accounts, without)
    coins = present(accounts.balance.coins, 0.08)
    assert metric.mine_value == pytest.approx((90_000 - metric.cost_of_coin) * coins)


def test_the_hashprice_is_what_was_paid_after_dilution(tmp_path):
    large = {"mine.pilot.power": "900 MW", "area.grid.market.sells": False}
    operation, accounts, without = books(small(tmp_path, large, income=NETWORK))
    metric = metrics(operation, accounts, without)
    left = 1e9 / (1e9 + 900e6 / 13.5)
    assert metric.hashprice == pytest.approx(operation.market.hashprice[0] * left, rel=2e-4)
    # The break-even is told before dilution.
    undiluted = metric.break_even_factor * operation.market.hashprice.mean()
    assert metric.break_even_hashprice == pytest.approx(undiluted)


def test_energy_costs_what_the_plant_spends_on_it(tmp_path):
    costs = {
        "plant.unit.u1.fuel_cost": "6 USD/MWh",
        "plant.unit.u1.fixed_cost": "8.766 USD/kW/year",
    }
    wide = {"link.line.export_limit": "2000 MW"}
    # 1 USD an hour for a gross MW: 1,000 USD an hour over 950 MW
    assert found(small(tmp_path, costs | wide)).cost_of_energy == pytest.approx(6 + 1000 / 950)


def test_the_value_is_cut_at_the_halving(years):
    # 1,050,000 - 1,030,000 blocks of 600.298 s from 2028-01-01: on 2028-05-18
    case = years(BOUGHT, income=NETWORK)
    operation, accounts, without = books(case)
    metric = metrics(operation, accounts, without)
    assert sorted(metric.mine_value_by_era) == [4, 5]
    assert sum(metric.mine_value_by_era.values()) == pytest.approx(metric.mine_value)
    extra = accounts.ledger.monthly() - without.ledger.monthly()
    # A month belongs to the era that has begun by its first day.
    extra[5:] = 0.0
    assert metric.mine_value_by_era[4] == pytest.approx(present(extra, 0.08))


def test_without_a_halving_all_is_of_one_era(tmp_path):
    metric = found(small(tmp_path, income=NETWORK))
    assert metric.mine_value_by_era == {4: pytest.approx(metric.mine_value)}


def test_a_halving_in_the_last_month_begins_no_era(tmp_path):
    # 600 blocks, 100 h, before the end of the month
    case = small(tmp_path, {"bitcoin.height": 1_050_000 - 600}, income=NETWORK)
    metric = found(case)
    assert metric.mine_value_by_era == {4: pytest.approx(metric.mine_value)}


def test_of_a_given_hashprice_no_era_is_known(tmp_path):
    assert found(small(tmp_path)).mine_value_by_era == {}


def test_without_a_mine_there_is_nothing_to_tell_of_it(tmp_path):
    metric = found(small(tmp_path, {"mine.pilot.power": "0 MW"}))
    assert metric.mine_value == 0.0
    assert metric.irr is metric.payback is metric.cost_of_coin is metric.hashprice is None
    assert metric.break_even_factor is metric.break_even_power_price is None
    assert metric.npv == pytest.approx(240 * 600 * 45.0)


def test_a_plant_that_makes_nothing_has_no_cost_of_energy(tmp_path):
    stopped = {"plant.unit.u1.licence_end": "2027-01-01", "plant.unit.u1.shutdown_load": "35 MW"}
    assert found(small(tmp_path, stopped)).cost_of_energy is None
    assert_allclose(found(small(tmp_path / "b", stopped)).npv, -240 * 35 * 45.0)
