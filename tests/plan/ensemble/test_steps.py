"""Steps between two changes: each regime of the market price, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import small, write_series

from baseload.plan.ensemble.simulator import Simulator

ABROAD = """
[link.far]
bus = "main"
area = "abroad"
export_limit = "500 MW"
import_limit = "60 MW"

[area.abroad.market]
price = "30 USD/MWh"
"""
INCOME = 1e9 / 13.5 / 1e3 * 40 / 24 / 1000
"""What a MWh makes in a machine of 13.5 J/TH at 40 USD/PH/day [USD]: 123.46."""


def run(folder, patches=None, prices=None, **more):
    if prices is not None:
        write_series(folder, "price.csv", prices, "USD/MWh")
        patches = (patches or {}) | {"area.grid.market.price": "price.csv#value"}
    simulator = Simulator(small(folder, patches, **more), ("all",), 0, 1)
    return simulator.run(0, 1), simulator.hourly(0, "all")


def test_each_price_has_its_place_in_the_merit_order(tmp_path):
    # Mine 800 MW worth 123.46, fuel 10, curtailing 5 a MWh, half of the output comes in any case.
    prices = np.resize([200.0, 50.0, 8.0, -3.0, -20.0], 240)
    patches = {
        "mine.pilot.power": "800 MW",
        "plant.unit.u1.fuel_cost": "10 USD/MWh",
        "plant.unit.u1.minimum": "50 %",
        "plant.bus.main.curtailment_cost": "5 USD/MWh",
    }
    found, power = run(tmp_path, patches, prices)
    sold = np.resize([600.0, 150.0, 0.0, 0.0, 0.0], 240)
    mined = np.resize([350.0, 800.0, 800.0, 800.0, 800.0], 240)
    assert_allclose(power["market grid"], sold)
    assert_allclose(power["mine pilot"], mined)
    assert_allclose(found["exported"].sum(), sold.sum())
    assert_allclose(found["mined"].sum(), mined.sum())
    expected = (sold * (prices - 10) + mined * (INCOME - 10)).sum()
    assert_allclose(found["npv"][0, 0], expected, rtol=1e-12)


def test_what_must_run_is_sold_below_nothing_before_it_is_thrown_away(tmp_path):
    prices = np.resize([30.0, 8.0, -3.0, -20.0], 240)
    patches = {
        "mine.pilot.power": "0 MW",
        "plant.unit.u1.fuel_cost": "10 USD/MWh",
        "plant.unit.u1.minimum": "50 %",
        "plant.bus.main.curtailment_cost": "5 USD/MWh",
    }
    found, power = run(tmp_path, patches, prices)
    sold = np.resize([600.0, 475.0, 475.0, 0.0], 240)
    lost = np.resize([0.0, 0.0, 0.0, 475.0], 240)
    assert_allclose(power["market grid"], sold)
    assert_allclose(found["curtailed"].sum(), lost.sum())
    assert_allclose(found["hours_curtailed"].sum(), 60)
    assert_allclose(found["generated"].sum(), (sold + lost).sum())
    expected = (sold * (prices - 10) - lost * (5 + 10)).sum()
    assert_allclose(found["npv"][0, 0], expected, rtol=1e-12)


def test_cheap_units_run_before_dear_ones(tmp_path):
    more = '[plant.unit.u2]\nbus = "main"\ngross = "500 MW"\nfuel_cost = "40 USD/MWh"\n'
    prices = np.resize([45.0, 35.0, 5.0], 240)
    patches = {"plant.unit.u1.fuel_cost": "20 USD/MWh", "plant.unit.u1.gross": "450 MW",
               "mine.pilot.power": "0 MW"}  # fmt: skip
    found, power = run(tmp_path, patches, prices, more=more)
    assert_allclose(power["generation main"], np.resize([600.0, 400.0, 0.0], 240))
    expected = 80 * (400 * (45 - 20) + 200 * (45 - 40) + 400 * (35 - 20))
    assert_allclose(found["npv"][0, 0], expected, rtol=1e-12)
    assert_allclose(found["hours_generating"].sum(), 160)


@pytest.mark.parametrize("markets", [1, 2])
def test_imports_of_each_hour_are_paid_at_its_price(tmp_path, markets):
    prices = np.arange(240.0) - 20.0
    patches = {"plant.unit.u1.state": "stopped", "plant.bus.main.house_load": "70 MW"}
    far = ABROAD.replace('import_limit = "60 MW"\n', "")
    found, power = run(tmp_path, patches, prices, more=far if markets == 2 else "")
    assert_array_equal(power["import main"], 70.0)
    assert_allclose(found["npv"][0, 0], -70 * prices.sum(), rtol=1e-12)


def test_load_is_bought_where_it_is_cheapest_first(tmp_path):
    prices = np.resize([20.0, 50.0], 240)
    patches = {
        "plant.unit.u1.gross": "70 MW",
        "plant.bus.main.house_load": "150 MW",
        "link.line.import_limit": "100 MW",
    }
    # 20 MW of own; 130 MW bought: 100 at 20 and 30 at 30, or 60 at 30 and 70 at 50.
    found, power = run(tmp_path, patches, prices, more=ABROAD)
    assert_allclose(power["import main"], 130.0)
    expected = -120 * (100 * 20 + 30 * 30 + 60 * 30 + 70 * 50)
    assert_allclose(found["npv"][0, 0], expected, rtol=1e-12)
    assert found["mined"].sum() == 0.0


def test_a_mine_is_never_fed_from_import_however_cheap(tmp_path):
    patches = {
        "plant.unit.u1.gross": "70 MW",
        "plant.bus.main.house_load": "40 MW",
        "area.grid.market.price": "-300 USD/MWh",
    }
    found, power = run(tmp_path, patches)
    # Own output of 20 MW serves the house, and so do the 20 MW that are bought.
    assert_allclose(found["imported"].sum(), 20 * 240)
    assert_array_equal(power["house load main"], 40.0)
    assert found["mined"].sum() == 0.0
    assert found["exported"].sum() == 0.0


def test_two_markets_take_their_turn_hour_by_hour(tmp_path):
    prices = np.resize([45.0, 10.0], 240)
    patches = {"mine.pilot.power": "0 MW"}
    found, power = run(tmp_path, patches, prices, more=ABROAD)
    assert_allclose(power["market grid"], np.resize([600.0, 450.0], 240))
    assert_allclose(power["market abroad"], np.resize([350.0, 500.0], 240))
    expected = 120 * (600 * 45 + 350 * 30 + 450 * 10 + 500 * 30)
    assert_allclose(found["npv"][0, 0], expected, rtol=1e-12)


def test_a_price_equal_to_a_cost_changes_no_money(tmp_path):
    patches = {"plant.unit.u1.fuel_cost": "45 USD/MWh", "mine.pilot.power": "0 MW"}
    found, _ = run(tmp_path, patches)
    assert_allclose(found["npv"][0, 0], 0.0, atol=1e-6)
