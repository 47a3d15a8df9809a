"""A pass through time: what changes on its day changes on its day, month by month."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import STAGES, small, write_series

from baseload.case.case import Case
from baseload.plan.baseline import Baselines
from baseload.plan.ensemble.arrays import Floats
from baseload.plan.ensemble.simulator import Simulator
from baseload.plan.outcome import Outcome
from baseload.plan.study import outcome

GATES = (
    STAGES
    + """
[gate.first]
title = "The line grows"
stage = "operate"
date = 2028-01-15
set = { "link.line.export_limit" = "700 MW" }

[gate.second]
title = "It grows again, and the mine with it"
stage = "operate"
after = ["first"]
date = 2028-02-20
set = { "link.line.export_limit" = "800 MW", "mine.pilot.power" = "60 MW" }
"""
)
NEEDS = '[alternative.all]\ntitle = "As written"\nneeds = ["second"]\n'


def test_sums_lie_in_their_months(tmp_path):
    # A price that rises by a dollar every day, over two months and a bit.
    days = np.arange(70)
    write_series(tmp_path, "price.csv", days + 1.0, "USD/MWh", hours=24)
    patches = {"area.grid.market.price": "price.csv#value", "mine.pilot.power": "0 MW"}
    case = small(tmp_path, patches, end="2028-03-11", step="24 h")
    simulator = Simulator(case, ("all",), 0, 1)
    own, _ = simulator.future(0).outcomes(simulator.choices[0])
    daily = 600.0 * 24 * (days + 1.0)
    expected = [daily[:31].sum(), daily[31:60].sum(), daily[60:].sum()]
    assert_allclose(own.sums.plant[0], expected, rtol=1e-12)
    assert_allclose(own.sums.energy[0], 600.0 * 24 * np.array([31, 29, 10]))
    assert_allclose(own.npv, expected @ 1.08 ** -(np.arange(3) / 12), rtol=1e-12)


def test_gates_change_limits_and_power_on_their_days(tmp_path):
    patches = {"mine.pilot.since": "2028-01-01"}
    case = small(tmp_path, patches, end="2028-03-11", gates=GATES, alternatives=NEEDS)
    hours = np.arange(70 * 24)
    simulator = Simulator(case, ("all",), 0, 1)
    power = simulator.hourly(0, "all")
    second = 50 * 24
    limit = np.where(hours < 14 * 24, 600.0, np.where(hours < second, 700.0, 800.0))
    assert_array_equal(power["market grid"], limit)
    assert_array_equal(power["mine pilot"], np.where(hours < second, 0.0, 60.0))
    own, _ = simulator.future(0).outcomes(simulator.choices[0])
    assert_allclose(own.sums.energy[3], np.bincount(case.clock.month, limit), rtol=1e-12)
    assert_array_equal(own.sums.installed, [[0.0, 60.0, 60.0]])
    assert_array_equal(own.sums.first, [second, 0])


def test_power_that_follows_a_series_is_followed_step_by_step(tmp_path):
    power = np.arange(240.0)
    write_series(tmp_path, "power.csv", power, "MW")
    case = small(tmp_path, {"mine.pilot.power": "power.csv#value"})
    simulator = Simulator(case, ("all",), 0, 1)
    assert_array_equal(simulator.hourly(0, "all")["mine pilot"], power)
    found = simulator.run(0, 1)
    assert_allclose(found["mined"].sum(), power.sum())
    assert_allclose(found["mine_mw"], 239.0)
    assert_allclose(found["hours_mining"].sum(), 239)


@pytest.mark.parametrize("step", ["1 h", "24 h"])
def test_the_length_of_a_step_changes_nothing_where_nothing_changes_within(tmp_path, step):
    simulator = Simulator(small(tmp_path, step=step), ("all",), 0, 1)
    found = simulator.run(0, 1)
    # 600 MW sold at 45 USD/MWh, and 30 MW at 13.5 J/TH and 40 USD/PH/day, for ten days.
    assert_allclose(found["npv"][0, 0], 600 * 45 * 240 + 30e6 / 13.5 / 1e3 * 40 * 10, rtol=1e-12)
    assert_allclose(found["hours_mining"].sum(), 240)


def test_a_day_of_23_hours_is_a_day(tmp_path):
    patches = {"case.time_zone": "Europe/Kyiv"}
    case = small(tmp_path, patches, start="2028-03-20", end="2028-04-03")
    found = Simulator(case, ("all",), 0, 1).run(0, 1)
    assert_allclose(found["generated"].sum(), 630 * (14 * 24 - 1))
    assert_allclose(found["coins"].sum(), 30e6 / 13.5 / 1e3 * 40 / 90e3 * (14 - 1 / 24), rtol=1e-12)


def both(case: Case) -> tuple[dict[str, Floats], Outcome]:
    """One future of a case without drivers, and the plan at base values."""
    return Simulator(case, ("all",), 0, 1).run(0, 1), outcome(case, "all", "opened", Baselines())


def test_a_section_owes_nothing_before_its_own_units_can_generate(tmp_path):
    other = """
[plant.bus.other]
[plant.unit.u2]
bus = "other"
gross = "400 MW"
licence_end = 2028-01-01
[link.side]
bus = "other"
area = "side"
export_limit = "300 MW"
[area.side]
[area.side.obligation.town]
to = "miner"
power = "100 MW"
shortfall_price = "300 USD/MWh"
"""
    found, plan = both(small(tmp_path, more=other))
    assert found["shortfall"].sum() == plan.energy["shortfall"].sum() == 0.0


def test_a_given_hashprice_has_no_network_to_be_a_part_of(tmp_path):
    found, plan = both(small(tmp_path))
    assert found["network_share"].sum() == plan.network_share.sum() == 0.0
    assert found["coins"].sum() > 0.0
    assert np.isnan(found["network"]).all()


def test_two_areas_at_the_same_price_are_both_bought_from(tmp_path):
    far = """
[link.far]
bus = "main"
area = "abroad"
export_limit = "5 MW"
import_limit = "60 MW"
[area.abroad.market]
price = "45 USD/MWh"
"""
    stopped = {"plant.unit.u1.state": "stopped", "plant.bus.main.house_load": "150 MW"}
    found, _ = both(small(tmp_path, stopped, more=far))
    assert_allclose(found["imported"].sum(), 150.0 * 240)


def test_two_areas_together_give_no_more_than_the_units_cannot(tmp_path):
    far = """
[link.far]
bus = "main"
area = "abroad"
export_limit = "5 MW"
import_limit = "90 MW"
[area.abroad.market]
price = "40 USD/MWh"
"""
    # Own power costs more than any import, and still only what it cannot serve is bought.
    weak = {
        "plant.unit.u1.gross": "150 MW",
        "plant.unit.u1.fuel_cost": "80 USD/MWh",
        "plant.bus.main.house_load": "195 MW",
    }
    found, plan = both(small(tmp_path, weak, more=far))
    assert_allclose(plan.energy["imported"].sum(), 95.0 * 240)
    assert plan.energy["mined"].sum() == 0.0
    for name in ("imported", "generated", "mined"):
        assert_allclose(found[name].sum(), plan.energy[name].sum())


def test_machines_age_within_a_month_without_changes(tmp_path):
    found, plan = both(small(tmp_path, {"mine.pilot.ageing": "10 %/year"}, end="2028-12-31"))
    assert_allclose(found["coins"].sum(), plan.coins.sum(), rtol=1e-5)
