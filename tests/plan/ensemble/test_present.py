"""What holds in a step: limits, loads, mines and what is owed; all from numbers of the case."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import STAGES, small

from baseload.bitcoin.conditions import altitude_derate, inlet_derate
from baseload.plan.ensemble.simulator import Simulator

SECOND = '[link.second]\nbus = "main"\narea = "grid"\nexport_limit = "250 MW"\n'
OWED = """
[area.grid.obligation.town]
to = "miner"
power = "100 MW"
price = "20 USD/MWh"
shortfall_price = "300 USD/MWh"
since = {since}
until = {until}
"""
RESTART = """
[plant.restart]
gate = "again"
first = "3 days"
following = "1 days"
order = ["u1"]
"""
AGAIN = """
[gate.again]
title = "Again"
stage = "operate"
date = 2028-01-02
"""


def hourly(folder, patches=None, **more):
    return Simulator(small(folder, patches, **more), ("all",), 0, 1).hourly(0, "all")


def sums(folder, patches=None, **more):
    found = Simulator(small(folder, patches, **more), ("all",), 0, 1).run(0, 1)
    return {name: values.sum() for name, values in found.items()}


@pytest.mark.parametrize(("secure", "sent"), [("n-0", 850.0), ("n-1", 250.0)])
def test_the_largest_line_is_kept_in_reserve_where_one_may_fail(tmp_path, secure, sent):
    power = hourly(tmp_path, {"area.grid.secure": secure}, more=SECOND)
    assert_array_equal(power["market grid"], sent)


def test_the_largest_line_is_the_largest_of_those_in_service(tmp_path):
    patches = {"area.grid.secure": "n-1", "link.line.availability": 0.3}
    # 180 MW and 250 MW: the second is the largest now.
    assert_allclose(hourly(tmp_path, patches, more=SECOND)["market grid"], 180.0)


def test_an_area_takes_no_more_than_its_limit_and_its_market_no_more_than_its_depth(tmp_path):
    assert_array_equal(hourly(tmp_path, {"area.grid.export_limit": "70 MW"})["market grid"], 70.0)
    # At 10 % loss 50 MW of 55.6 arrive.
    patches = {"area.grid.market.depth": "50 MW", "area.grid.loss": "10 %"}
    assert_allclose(hourly(tmp_path, patches)["market grid"], 50.0 / 0.9)


def test_losses_and_charges_come_off_what_a_sale_earns(tmp_path):
    found = sums(tmp_path, {"area.grid.loss": "10 %", "area.grid.export_charge": "4 USD/MWh",
                            "mine.pilot.power": "0 MW"})  # fmt: skip
    assert_allclose(found["npv"], 600 * 240 * 0.9 * (45 - 4), rtol=1e-12)


def test_imports_pay_for_losses_and_charges(tmp_path):
    patches = {
        "plant.unit.u1.state": "stopped",
        "plant.unit.u1.shutdown_load": "36 MW",
        "area.grid.loss": "10 %",
        "area.grid.import_charge": "9 USD/MWh",
    }
    found = sums(tmp_path, patches)
    assert_allclose(found["npv"], -36 * 240 * (45 + 9) / 0.9, rtol=1e-12)
    assert_allclose(found["imported"], 36 * 240)
    assert found["mined"] == 0.0


def test_load_that_nothing_serves_is_short_and_costs_what_the_case_says(tmp_path):
    patches = {
        "plant.unit.u1.state": "stopped",
        "plant.bus.main.house_load": "130 MW",
        "plant.bus.main.shortfall_price": "700 USD/MWh",
    }
    found = sums(tmp_path, patches)
    assert_allclose(found["shortfall"], 30 * 240)
    assert_allclose(found["hours_short"], 240)
    assert_allclose(found["npv"], -240 * (100 * 45 + 30 * 700), rtol=1e-12)


def test_nobody_buys_dearer_than_going_short_is(tmp_path):
    patches = {
        "plant.unit.u1.state": "stopped",
        "plant.bus.main.house_load": "80 MW",
        "plant.bus.main.shortfall_price": "44 USD/MWh",
    }
    found = sums(tmp_path, patches)
    assert found["imported"] == 0.0
    assert_allclose(found["npv"], -240 * 80 * 44, rtol=1e-12)


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("2028-01-01", "2028-01-05", 0, 96),
        ("2028-01-04", "2028-01-11", 72, 240),
        ("2028-01-03", "2028-01-06", 48, 120),
    ],
)
def test_what_is_owed_is_owed_from_its_first_day_to_its_last(tmp_path, since, until, first, last):
    power = hourly(tmp_path, more=OWED.format(since=since, until=until))
    inside = (np.arange(240) >= first) & (np.arange(240) < last)
    assert_array_equal(power["obligation grid.town"], np.where(inside, 100.0, 0.0))
    assert_array_equal(power["market grid"], np.where(inside, 500.0, 600.0))


def test_damages_are_paid_for_what_is_owed_and_not_sent(tmp_path):
    more = OWED.format(since="2028-01-03", until="2028-01-06")
    found = sums(tmp_path, {"link.line.availability": 0.1}, more=more)
    # 60 MW of 100 pass for 72 h; else they are sold. The mine has energy that nobody else takes.
    assert_allclose(found["shortfall"], 40 * 72)
    assert_allclose(found["obligations"], 60 * 72)
    # S21 XP at 40 USD/PH/day: 30 MW / 13.5 J/TH = 2,222 PH/s.
    mined = 30e6 / 13.5 / 1000 * 40 * 10
    sold = 60 * (240 - 72) * 45
    assert_allclose(found["npv"], mined + sold + 72 * (60 * 20 - 40 * 300), rtol=1e-9)


def test_nothing_is_owed_before_the_plant_can_first_generate(tmp_path):
    case = small(
        tmp_path,
        {"plant.unit.u1.state": "stopped"},
        more=RESTART + OWED.format(since="2028-01-01", until="2028-01-11"),
        gates=STAGES + AGAIN,
        alternatives='[alternative.all]\ntitle = "Again"\nneeds = ["again"]\n',
    )
    simulator = Simulator(case, ("all",), 0, 1)
    power = simulator.hourly(0, "all")["obligation grid.town"]
    assert_array_equal(power, np.where(np.arange(240) < 96, 0.0, 100.0))
    assert simulator.run(0, 1)["shortfall"].sum() == 0.0


def test_height_and_heat_take_power_from_machines_in_the_air(tmp_path):
    patches = {"mine.pilot.altitude": "2500 m", "mine.pilot.inlet_temperature": "43 degC"}
    expected = 30.0 * float(altitude_derate(2500.0)) * float(inlet_derate(43.0))
    assert 0.0 < expected < 30.0
    assert_allclose(hourly(tmp_path, patches)["mine pilot"], expected, rtol=1e-12)
    cooled = patches | {"mine.pilot.cooling": "hydro"}
    assert_array_equal(hourly(tmp_path, cooled)["mine pilot"], 30.0)


def test_hot_weather_counts_in_place_of_the_temperature_of_the_case(tmp_path):
    still = "yearly_swing = 0\ndaily_swing = 0\ndeviation = 0\n"
    futures = f'[futures.weather]\nmodel = "sinusoid"\nmean = "44 degC"\n{still}'
    expected = 30.0 * float(inlet_derate(44.0))
    assert 0.0 < expected < 30.0
    power = hourly(tmp_path, {"mine.pilot.inlet_temperature": "20 degC"}, futures=futures)
    assert_allclose(power["mine pilot"], expected, rtol=1e-12)


def test_machines_that_fail_are_away_for_their_repair(tmp_path):
    futures = '[futures.machines]\nfailure_rate = "4 1/year"\nrepair = "20 days"\n'
    # One machine works 8766/4 h and is away 480 h.
    up = (8766 / 4) / (8766 / 4 + 480)
    power = hourly(tmp_path, futures=futures)["mine pilot"]
    assert_allclose(power, 30.0 * up, rtol=1e-12)


def test_machines_bought_later_make_more_of_a_megawatt_hour(tmp_path):
    futures = '[futures.machines]\nprogress = "20 %/year"\n'
    income = 'hashprice = "40 USD/PH/day"\nat = 2027-01-01'
    plain = sums(tmp_path / "plain", income=income)
    late = sums(tmp_path / "late", income=income, futures=futures)
    # Bought on the first day, 365 days after the day that the case describes.
    assert_allclose(late["coins"], plain["coins"] * 0.8 ** (-365 * 24 / 8766), rtol=1e-12)
    assert late["mined"] == plain["mined"]


def test_keeping_a_unit_costs_whether_or_not_it_runs(tmp_path):
    patches = {"plant.unit.u1.state": "stopped", "plant.unit.u1.fixed_cost": "12 USD/kW/year"}
    assert_allclose(sums(tmp_path, patches)["npv"], -12e6 * 240 / 8766, rtol=1e-12)
