"""A future against the plan of the same future written down as a plain case."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.ensemble.plain import assert_is_plain
from tests.plan.ensemble.random_cases import random_case
from tests.plan.small_cases import NETWORK, STAGES, STUDIED, small, studied

from baseload.plan.baseline import Baselines
from baseload.plan.ensemble.simulator import Simulator
from baseload.plan.outcome import FLOWS
from baseload.plan.study import outcome

WAITS = (
    STAGES
    + """
[gate.permit]
title = "The regulator agrees"
stage = "operate"
date = 2028-01-03
lifts = ["R01"]

[bar.R01]
title = "Mining is forbidden"
jurisdiction = "one"
since = 2025-01-01
blocks = ["mine.pilot"]
"""
)
NEEDS = '[alternative.all]\ntitle = "As written"\nneeds = ["permit"]\n'


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_future_comes_to_what_the_plan_of_its_plain_case_comes_to(tmp_path_factory, seed):
    case = random_case(tmp_path_factory.mktemp("case"), seed)
    simulator = Simulator(case, tuple(case.alternatives), seed % 1000, 4)
    future = simulator.future(seed % 4)
    for choice in simulator.choices:
        assert_is_plain(future, choice)


# --- at base values -------------------------------------------------------------------------------


def test_at_base_values_a_future_is_the_plan(tmp_path):
    case = studied(tmp_path).patched({"bitcoin.network_response": False})
    simulator = Simulator(case, tuple(case.alternatives), 0, 1)
    base = {k: float(case.levels(u).base[0]) for k, u in enumerate(case.unknowns)}
    future = simulator.future(0, base)
    baselines = Baselines()
    for choice in simulator.choices:
        own, without = future.outcomes(choice)
        plan = outcome(case, choice.name, "opened", baselines)
        assert_allclose(own.npv, plan.metrics.npv, rtol=1e-9)
        value = own.npv - without.npv
        assert_allclose(value, plan.metrics.mine_value, rtol=1e-9, atol=1e-9 * abs(own.npv))
        by_year = np.add.reduceat(own.sums.energy, future.months.first_of_year[:-1], axis=1)
        for row, flow in enumerate(FLOWS[:-1]):
            assert_allclose(by_year[row], plan.energy[flow], rtol=1e-9, err_msg=flow)
        coins = np.add.reduceat(own.sums.coins, future.months.first_of_year[:-1])
        assert_allclose(coins, plan.coins, rtol=1e-9)


# --- what comes when ------------------------------------------------------------------------------


@pytest.mark.parametrize(("build", "first"), [("0 h", 48), ("40 h", 88), ("0.5 h", 49)])
def test_a_mine_runs_from_its_last_gate_and_its_building_time_on(tmp_path, build, first):
    case = small(tmp_path, {"mine.pilot.build_time": build}, gates=WAITS, alternatives=NEEDS)
    power = Simulator(case, ("all",), 0, 1).hourly(0, "all")["mine pilot"]
    assert_array_equal(power, np.where(np.arange(240) < first, 0.0, 30.0))


def test_a_mine_that_may_run_stands_still_while_a_bar_holds(tmp_path):
    # Nobody needs the gate here: its news lifts the bar on the third day all the same.
    case = small(tmp_path, gates=WAITS)
    power = Simulator(case, ("all",), 0, 1).hourly(0, "all")["mine pilot"]
    assert_array_equal(power, np.where(np.arange(240) < 48, 0.0, 30.0))


def test_where_a_needed_gate_stays_shut_the_choice_is_not_made(tmp_path):
    gates = WAITS.replace("date = 2028-01-03", "date = 2028-01-03\nprobability = 0.0")
    needs = NEEDS + 'set = { "plant.unit.u1.fuel_cost" = "3 USD/MWh" }\n'
    simulator = Simulator(small(tmp_path, gates=gates, alternatives=needs), ("all",), 0, 1)
    own, without = simulator.future(0).outcomes(simulator.choices[0])
    assert own is without
    # The fuel stays free: 600 MW at 45 USD/MWh over 240 h, and nothing else.
    assert_allclose(own.yearly.sum(), 600 * 45 * 240, rtol=1e-12)
    hourly = simulator.hourly(0, "all")
    assert "mine pilot" not in hourly
    assert_array_equal(hourly["generation main"], 600.0)


def test_a_mine_since_a_day_does_not_run_before_it(tmp_path):
    case = small(tmp_path, {"mine.pilot.since": "2028-01-05", "mine.pilot.build_time": "9 days"})
    power = Simulator(case, ("all",), 0, 1).hourly(0, "all")["mine pilot"]
    assert_array_equal(power, np.where(np.arange(240) < 96, 0.0, 30.0))


def test_the_same_world_without_a_mine_is_run_once_for_all_that_share_it(tmp_path):
    case = small(tmp_path, end="2028-05-01", step="24 h", income=NETWORK, **STUDIED)
    simulator = Simulator(case, ("pilot", "large"), 0, 1)
    future = simulator.future(0)
    (_, one), (_, other) = map(future.outcomes, simulator.choices)
    assert one is other


def test_a_mine_that_an_alternative_leaves_without_power_adds_nothing_to_the_last_bit(tmp_path):
    case = random_case(tmp_path / "case", 413_675)
    simulator = Simulator(case, ("none",), 0, 20)
    for scenario in range(20):
        own, without = simulator.future(scenario).outcomes(simulator.choices[0])
        assert own.npv == without.npv


# --- hour by hour ---------------------------------------------------------------------------------


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_hours_add_up_to_the_years_and_imports_serve_the_house_alone(tmp_path_factory, seed):
    case = random_case(tmp_path_factory.mktemp("case"), seed)
    simulator = Simulator(case, tuple(case.alternatives), 1, 1)
    future = simulator.future(0)
    for choice in simulator.choices:
        own, _ = future.outcomes(choice)
        hourly = future.hourly(choice)
        bought, made = hourly.pop("import main"), hourly.pop("generation main")
        house = hourly.pop("house load main")
        used = np.sum(list(hourly.values()), axis=0)
        assert (bought <= house + 1e-9).all()
        assert_allclose(used + house, made + bought, rtol=0, atol=1e-9)
        # Where anything is bought own units serve the house alone, unless a megawatt-hour that
        # it goes without counts for less than one that is mined.
        if case.tree.plant.bus["main"].shortfall_price > 1_000.0:
            assert_allclose(used[bought > 1e-9], 0.0, rtol=0, atol=1e-9)
        energy = own.sums.energy.sum(axis=1)
        mined = sum(power.sum() for name, power in hourly.items() if name.startswith("mine"))
        sold = sum(power.sum() for name, power in hourly.items() if name.startswith("market"))
        hours = (made.sum() + energy[7], house.sum(), bought.sum(), sold, mined)
        assert_allclose(hours, energy[[0, 1, 2, 3, 6]], rtol=1e-9, atol=1e-6)


def test_nothing_crosses_the_lines_while_all_are_out(tmp_path):
    futures = '[futures.blackout]\nrate = "30 1/year"\nduration = "20 h"\n'
    behind = (
        '\n[mine.behind]\narea = "grid"\nmachine = "Antminer S21 XP"\npower = "50 MW"\n'
        "uptime = 1.0\n"
    )
    case = small(
        tmp_path, {"plant.bus.main.house_load": "1000 MW", "mine.pilot.uptime": 0.5},
        end="2028-04-01", more=behind, futures=futures,
    )  # fmt: skip
    dark = case.patched({"plant.bus.main.house_load": "20 MW"})
    for each, import_ in ((case, 50.0), (dark, 0.0)):
        simulator = Simulator(each, ("all",), 0, 1)
        future = simulator.future(0)
        out = future.drawn.spell("loss of all lines", "blackout") == 1
        assert 0.02 < out.mean() < 0.3
        hourly = future.hourly(simulator.choices[0])
        assert_array_equal(hourly["import main"], np.where(out, 0.0, import_))
        crossing = hourly["market grid"] + hourly["mine behind"]
        assert_array_equal(crossing[out], 0.0)
        assert_allclose(crossing[~out], 0.0 if import_ else 600.0)
        assert_array_equal(hourly["mine pilot"], 0.0 if import_ else 15.0)
