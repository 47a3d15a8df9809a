"""What a future draws: by the day, by the key, and only where a model says so."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import HASHPRICE, NETWORK, small, write_series

from baseload.plan.ensemble.simulator import Simulator
from baseload.plan.futures import outages
from baseload.plan.futures.random import driver_key

DRAWN = """
[futures.bitcoin_price]
model = "{price}"
volatility = 0.5
history = "history.csv#value"

[futures.power_price.grid]
model = "{power}"
deviation = 0.3
floor = "0 USD/MWh"
ceiling = "60 USD/MWh"
block = "24 h"
"""


def simulator(folder, patches=None, scenarios=400, seed=1, **more):
    return Simulator(small(folder, patches, **more), ("all",), seed, scenarios)


def test_without_drivers_every_future_is_the_case(tmp_path):
    income = NETWORK.replace("2028-01-01", "2027-12-01")
    patches = {"bitcoin.price_growth": "50 %/year", "bitcoin.network_growth": "20 %/year",
               "bitcoin.fee_share": "3 %"}  # fmt: skip
    found = simulator(tmp_path, patches, income=income)
    one, other = found.future(0), found.future(7)
    # At noon of each day, which lies 31 days and a half and more after the day of the case.
    years = (31.5 + np.arange(10)) / 365.25
    assert_allclose(one.coin.price, 90e3 * 1.5**years, rtol=1e-12)
    assert_allclose(one.coin.others, 1e9 * 1.2**years, rtol=1e-12)
    assert_allclose(one.coin.fees, 0.03, rtol=1e-15)
    paid = 3.125 * 1.03 * 86_400 / 600.298 * one.coin.price / one.coin.others * 1e3
    assert_allclose(one.coin.hashprice, paid, rtol=1e-6)
    assert_array_equal(one.coin.price, other.coin.price)
    assert_array_equal(one.price("grid"), 45.0)
    assert one.opening == {}


@pytest.mark.parametrize("price", ["jump diffusion", "stochastic volatility", "bootstrap"])
def test_the_base_path_is_the_mean_of_the_price_and_pay_moves_with_it(tmp_path, price):
    rng = np.random.default_rng(5)
    levels = 1e4 * np.exp(np.cumsum(rng.normal(0.0, 0.02, 300)))
    write_series(tmp_path, "history.csv", levels, "USD/BTC", hours=24)
    found = simulator(
        tmp_path, end="2028-10-27", step="24 h", futures=DRAWN.format(price=price, power="as given")
    )
    coins = [found.future(scenario).coin for scenario in range(400)]
    last = np.array([coin.price[-1] for coin in coins])
    error = last.std() / 20
    assert 0.0 < error < 5e3
    assert abs(last.mean() - 90e3) < 4.5 * error
    for coin in coins[:3]:
        # A hashprice that is given moves with the price, over its base path.
        assert_allclose(coin.hashprice, 40.0 * coin.price / 90e3, rtol=1e-12)


@pytest.mark.parametrize("power", ["mean reverting", "bootstrap"])
def test_power_prices_keep_within_their_bounds_and_differ_by_future(tmp_path, power):
    write_series(tmp_path, "history.csv", np.full(240, 1e4), "USD/BTC")
    write_series(tmp_path, "market.csv", 30 + 40 * np.sin(np.arange(240.0)), "USD/MWh")
    patches = {"area.grid.market.price": "market.csv#value"}
    futures = DRAWN.format(price="as given", power=power)
    found = simulator(tmp_path, patches, futures=futures)
    rows = np.array([found.future(scenario).price("grid") for scenario in range(30)])
    assert rows.min() >= 0.0
    assert rows.max() <= 60.0
    assert len(np.unique(rows, axis=0)) > 20
    assert_array_equal(found.future(3).price("grid"), rows[3])


def test_an_area_is_drawn_by_its_own_name(tmp_path):
    def prices(name):
        area = f'[area.{name}.market]\nprice = "30 USD/MWh"\n'
        futures = "".join(
            f'[futures.power_price.{area}]\nmodel = "mean reverting"\ndeviation = 0.3\n'
            for area in ("grid", name)
        )
        future = simulator(tmp_path / name, more=area, futures=futures).future(2)
        return future.price("grid"), future.price(name)

    (grid, one), (same, other) = prices("east"), prices("west")
    assert_array_equal(grid, same)
    assert not np.array_equal(one, other)
    assert not np.array_equal(grid / 45, one / 30)


def test_lines_that_fail_are_up_as_their_process_says(tmp_path):
    futures = '[futures.link.line]\nmodel = "two state"\nrepair = "30 h"\n'
    patches = {"link.line.availability": 0.8}
    found = simulator(tmp_path, patches, futures=futures, end="2028-03-01", seed=9)
    future = found.future(3)
    up = np.empty(60 * 24)
    outages.fill_two_state(9, 3, driver_key("link line"), 1.0, 1.0 - 0.8, 30.0, up)
    assert 0.3 < up.mean() < 1.0
    _, drawn = future.drawn.link("line", future.row)
    assert_array_equal(drawn, up)
    sold = future.hourly(found.choices[0])["market grid"]
    assert_allclose(sold, 600.0 * up, rtol=1e-12)
    # As given, the line carries its expected share in every hour.
    plain = simulator(tmp_path / "plain", patches).future(0)
    assert_array_equal(plain.drawn.link("line", plain.row)[1], 0.8)


def test_units_that_fail_and_trip_are_up_as_their_processes_say(tmp_path):
    futures = (
        '[futures.units]\nmodel = "two state"\nrepair = "30 h"\ntrip_rate = "50 1/year"\n'
        'trip_delay = "10 h"\n'
    )
    patches = {"plant.unit.u1.forced_outage_rate": 0.2, "plant.unit.u1.gross": "500 MW",
               "mine.pilot.power": "0 MW"}  # fmt: skip
    found = simulator(tmp_path, patches, futures=futures, end="2028-03-01", seed=9)
    future = found.future(4)
    up, trips = np.empty(60 * 24, np.float32), np.empty(60 * 24, np.float32)
    outages.fill_two_state(9, 4, driver_key("unit u1"), 1.0, 0.2, 30.0, up)
    outages.fill_trips(9, 4, driver_key("trip u1"), 1.0, 50.0, 10.0, trips)
    assert trips.min() == 0.0
    made = future.hourly(found.choices[0])["generation main"]
    assert_allclose(made, 450.0 * (up * trips).astype(np.float64), rtol=1e-12)


def test_low_water_and_blackouts_take_their_share_of_time(tmp_path):
    futures = (
        '[futures.water]\nrate = "20 1/year"\nduration = "60 h"\nunits = 0\n'
        '[futures.blackout]\nrate = "40 1/year"\nduration = "30 h"\n'
    )
    found = simulator(tmp_path, futures=futures, end="2028-03-01")
    dry, dark = [], []
    for scenario in range(300):
        drawn = found.future(scenario).drawn
        dry.append(drawn.spell("low water", "water").mean())
        dark.append(drawn.spell("loss of all lines", "blackout").mean())
    for shares, expected in ((dry, 20 * 60 / 8766), (dark, 40 * 30 / 8766)):
        error = np.std(shares) / np.sqrt(len(shares))
        assert abs(np.mean(shares) - expected) < 4.5 * error
    assert dry != dark


def test_fees_are_drawn_around_the_share_of_the_case(tmp_path):
    futures = '[futures.fees]\nmodel = "fat tail"\nspike_rate = "0 1/year"\ndeviation = 0.5\n'
    found = simulator(tmp_path, {"bitcoin.fee_share": "4 %"}, income=HASHPRICE, futures=futures)
    first = np.array([found.future(scenario).coin.fees[0] for scenario in range(400)])
    assert abs(first.mean() - 0.04) < 4.5 * first.std() / 20
    assert first.min() > 0.0
    assert first.std() > 0.005
