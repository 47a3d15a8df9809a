"""The row of a future against the tree of a case patched with the same levels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.ensemble.plain import levels_of
from tests.plan.ensemble.random_cases import random_case
from tests.plan.small_cases import ALTERNATIVES, HASHPRICE, STAGES, small, write_series

from baseload.case.case import Case
from baseload.plan.ensemble.parameters import NO_SERIES, Parameters
from baseload.plan.ensemble.simulator import Simulator

EUR = """
[[unknown]]
path = "money.rates.EUR"
low = 0.5
base = 1.0
high = 2.0
distribution = "uniform"
status = "assumed"
"""
FUEL = """
[[unknown]]
path = "plant.unit.u1.fuel_cost"
low = "4 USD/MWh"
base = "4 EUR/MWh"
high = "4 USD/MWh"
status = "assumed"
"""
ABROAD = """
[link.far]
bus = "main"
area = "abroad"
export_limit = "100 MW"

[area.abroad.market]
price = "40 EUR/MWh"
"""
OPENS = (
    STAGES
    + """
[gate.tariff]
title = "The tariff changes"
stage = "operate"
date = 2028-01-03
set = { "area.grid.export_charge" = "6 EUR/MWh", "area.grid.import_charge" = "6 USD/MWh" }
"""
)
DEARER = """
[alternative.all]
title = "As written"

[alternative.dear]
title = "Dear fuel"
needs = ["tariff"]
set = { "plant.unit.u1.variable_cost" = "9 EUR/MWh" }
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory) -> Case:
    return random_case(tmp_path_factory.mktemp("case"), 1)


@pytest.fixture(scope="module")
def abroad(tmp_path_factory) -> Simulator:
    folder = tmp_path_factory.mktemp("abroad")
    write_series(folder, "price.csv", np.arange(240.0), "EUR/MWh")
    write_series(folder, "coin.csv", np.full(240, 50e3), "EUR/BTC")
    case = small(
        folder,
        {
            "area.grid.market.price": "price.csv#value",
            "plant.unit.u1.fuel_cost": "4 EUR/MWh",
            "bitcoin.price": "coin.csv#value",
            "mine.pilot.power_price": "7 EUR/MWh",
        },
        more=ABROAD,
        unknowns=EUR,
        gates=OPENS,
        alternatives=DEARER,
        income=HASHPRICE,
    )
    return Simulator(case, ("all", "dear"), 3, 16)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_a_drawn_row_is_that_of_the_case_patched_with_the_same_levels(case, scenario):
    # Wildcards, a date and a whole number are among the unknowns of this case.
    future = Simulator(case, (), 5, 10_001).future(scenario)
    patched = Parameters.of(case).row(case.patched(levels_of(future)))
    assert_array_equal(future.row.values, patched.values)
    assert_array_equal(future.row.series, patched.series)


def test_levels_lie_where_their_paths_say(case):
    simulator = Simulator(case, (), 0, 1)
    paths = [unknown.path for unknown in case.unknowns]
    cap = paths.index("plant.running_units_cap")
    date = paths.index("gate.licence.date")
    fuel = paths.index("plant.unit.*.fuel_cost")
    # 2028-01-06 is day 21,189 since 1970 (58 years with 14 leap days, then 5 days).
    days = 58 * 365 + 14 + 5
    future = simulator.future(0, {cap: 1.0, date: days, fuel: 7.5})
    places = simulator.parameters
    for unit in ("u1", "u2", "u3"):
        assert future.row.values[places.place("plant", "unit", unit, "fuel_cost")] == 7.5
    assert future.row.values[places.place("plant", "running_units_cap")] == 1.0
    assert future.row.values[places.place("gate", "licence", "date")] == 5 * 24.0


def test_a_value_that_is_not_given_is_nan_and_a_series_has_its_number(case):
    places = Parameters.of(case)
    end = places.place("plant", "unit", "u1", "licence_end")
    house = places.place("plant", "bus", "main", "house_load")
    series = Parameters.of(case.patched({"plant.bus.main.house_load": "house.csv#value"}))
    assert np.isnan(places.base.values[end])
    assert places.base.series[end] == NO_SERIES
    number = series.base.series[house]
    assert np.isnan(series.base.values[house])
    known = case.patched({"plant.bus.main.house_load": "house.csv#value"})
    name = known.tree.plant.bus["main"].house_load
    assert_array_equal(series.stacked[number], known.values(name))


def test_a_path_that_the_case_cannot_have_has_no_place(case):
    assert Parameters.of(case).place("plant", "unit", "u1", "colour") == -1


def test_values_and_series_in_another_currency_follow_its_rate(abroad):
    case, places = abroad.case, abroad.parameters
    for scenario in range(8):
        future = abroad.future(scenario)
        rate = float(future.levels[0])
        patched = case.patched({"money.rates.EUR": rate})
        expected = places.row(patched)
        assert_allclose(future.row.values, expected.values, rtol=1e-14)
        value = future.row.values[places.place("area", "abroad", "market", "price")]
        assert_allclose(value, 40.0 * rate, rtol=1e-14)
        assert_allclose(future.price("grid"), np.arange(240.0) * rate, rtol=1e-14)
        assert_allclose(future.price("abroad"), 40.0 * rate, rtol=1e-14)
        assert_allclose(future.coin.price, 50e3 * rate, rtol=1e-14)
        paid = future.row.values[places.place("mine", "pilot", "power_price")]
        assert_allclose(paid, 7.0 * rate, rtol=1e-14)


def test_what_gates_and_alternatives_set_follows_the_rate_too(abroad):
    future = abroad.future(2)
    rate = float(future.levels[0])
    assert abs(rate - 1.0) > 0.05
    unset, places = future.row.copy(), abroad.parameters
    abroad.choices[1].change.apply(unset)
    cost = unset.values[places.place("plant", "unit", "u1", "variable_cost")]
    assert_allclose(cost, 9.0 * rate, rtol=1e-14)
    own, _ = future.outcomes(abroad.choices[1])
    fuel = own.sums.plant[4].sum()
    made = own.sums.energy[0].sum()
    assert_allclose(fuel, -9.0 * rate * made, rtol=1e-12)


def test_a_level_in_dollars_does_not_follow_a_rate_even_where_it_is_the_base(tmp_path):
    case = small(tmp_path, {"plant.unit.u1.fuel_cost": "4 EUR/MWh"}, unknowns=EUR + FUEL)
    simulator = Simulator(case, ("all",), 3, 16)
    cost = simulator.parameters.place("plant", "unit", "u1", "fuel_cost")
    for scenario in range(4):
        future = simulator.future(scenario)
        assert future.levels[0] != 1.0
        assert future.row.values[cost] == 4.0


def test_a_known_rate_moves_nothing(tmp_path):
    case = small(tmp_path, {"plant.unit.u1.fuel_cost": "4 EUR/MWh"}, alternatives=ALTERNATIVES)
    assert (Parameters.of(case).currency == -1).all()
