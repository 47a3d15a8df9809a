from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import place, small, write_series

from baseload.plan.operation import run
from baseload.plan.week import typical_week

BATTERY = (
    '\n[storage.battery]\nbus = "main"\ncharge = "50 MW"\ndischarge = "50 MW"\n'
    'energy = "200 MWh"\ncharge_efficiency = "90 %"\n'
)
ISLAND = (
    '\n[plant.bus.island]\nhouse_load = "5 MW"\n'
    '[plant.unit.u2]\nbus = "island"\ngross = "9 MW"\nminimum = 1.0\n'
)


def week(folder, patches=None, **frame):
    return typical_week(run(place(small(folder, patches, **({"end": "2028-04-01"} | frame)))))


def first_day(found) -> str:
    return str(found.times[0].astype("datetime64[D]"))


@pytest.mark.parametrize("more", ["", BATTERY, ISLAND])
def test_what_comes_in_is_what_goes_out(tmp_path, more):
    found = week(tmp_path, {"plant.bus.main.house_load": "20 MW"}, more=more)
    assert_allclose(sum(found.supply.values()), sum(found.use.values()), rtol=1e-12, atol=1e-9)
    assert all(len(power) == 168 for power in (*found.supply.values(), *found.use.values()))


def test_what_a_battery_takes_and_gives_stands_on_both_sides(tmp_path):
    prices = 45 + 40 * np.sin(np.arange(336) / 3.0)
    write_series(tmp_path, "prices.csv", prices, "USD/MWh")
    changes = {
        "area.grid.market.price": "prices.csv#value",
        "link.line.export_limit": "2000 MW",
        "mine.pilot.power": "0 MW",
    }
    found = week(tmp_path, changes, end="2028-01-15", more=BATTERY)
    taken, given = found.use["storage"], found.supply["storage"]
    assert 0.0 < given.sum() < taken.sum()
    assert_allclose(sum(found.supply.values()), sum(found.use.values()), rtol=1e-9)


def test_uses_are_told_by_their_names(tmp_path):
    found = week(tmp_path, more=ISLAND)
    assert set(found.supply) == {"generation u1", "generation u2", "import grid"}
    assert set(found.use) == {"house load", "market grid", "mine pilot", "curtailed"}
    assert_array_equal(found.use["curtailed"], np.full(168, 4.0))
    assert_array_equal(found.use["house load"], np.full(168, 5.0))


def test_the_pieces_of_a_curve_are_one_mine(tmp_path):
    machine = {"mine.pilot.machine": "Antminer S19k Pro (120T)", "mine.pilot.curve": "table"}
    found = week(tmp_path, machine)
    assert_allclose(found.use["mine pilot"], 30.0, rtol=1e-12)
    # The best piece is worth most.
    assert np.all(found.mining_value > 40 / (0.024 * 13.5))


def test_it_is_the_first_monday_after_the_middle(tmp_path):
    # 91 days from 2028-01-01; the middle is 2028-02-15, a Tuesday.
    assert first_day(week(tmp_path)) == "2028-02-21"


def test_it_is_the_week_that_is_most_like_the_mean(tmp_path):
    # Mining pays on 2 days of the week of 17 January and on the last 19 of 91 days: 23 % of the
    # time, which no week is like but that one (29 %).
    prices = np.full(91 * 24, 500.0)
    prices[17 * 24 : 19 * 24] = prices[-19 * 24 :] = 10.0
    write_series(tmp_path, "prices.csv", prices, "USD/MWh")
    changes = {
        "area.grid.market.price": "prices.csv#value",
        "link.line.export_limit": "2000 MW",
    }
    assert first_day(week(tmp_path, changes)) == "2028-01-17"


def test_the_time_counts_from_the_first_mining(tmp_path):
    # From 2028-02-16 the middle is 2028-03-09 12:00, a Thursday.
    late = {"mine.pilot.since": "2028-02-16"}
    found = week(tmp_path, late)
    assert first_day(found) == "2028-03-13"
    assert found.use["mine pilot"].min() == 30.0


def test_without_a_mine_the_time_counts_from_the_first_generation(tmp_path):
    none = {"mine.pilot.power": "0 MW"}
    found = week(tmp_path, none)
    assert first_day(found) == "2028-02-21"
    assert np.isnan(found.mining_value).all()


def test_days_begin_when_they_begin_there(tmp_path):
    found = week(tmp_path, {"case.time_zone": "Europe/Kyiv"})
    assert found.times[0] == np.datetime64("2028-02-20T22:00")
    assert found.time_zone == "Europe/Kyiv"


def test_a_horizon_of_a_few_days_is_shown_whole(tmp_path):
    found = week(tmp_path, end="2028-01-04")
    assert len(found.times) == 72


def test_where_no_monday_is_left_the_last_seven_days_are_shown(tmp_path):
    found = week(tmp_path, end="2028-01-09")
    assert first_day(found) == "2028-01-02"
    assert len(found.times) == 168


def test_prices_and_worth_are_those_of_the_hours(tmp_path):
    found = week(tmp_path)
    assert_array_equal(found.market_price["grid"], np.full(168, 45.0))
    assert_allclose(found.mining_value, 40 / (0.024 * 13.5), rtol=1e-12)
