"""What one more megawatt of each mine would change, against differences of whole runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.plan.ensemble.random_cases import random_case
from tests.plan.small_cases import NETWORK, small

from baseload.plan.ensemble.simulator import Simulator

SEEDS = st.integers(0, 2**32 - 1)
UNTAXED = {"money.tax_rate": "0 %", "mine.pilot.since": "2028-01-01"}


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_slopes_are_differences_of_whole_runs(tmp_path_factory, seed):
    case = random_case(tmp_path_factory.mktemp("case"), seed).patched(UNTAXED)
    simulator = Simulator(case, ("restarted", "all"), seed % 97, 1, rounded=False)
    future, rng = simulator.future(0), np.random.default_rng(seed)
    for choice in simulator.choices:
        if not future.made(choice) or not any(future.spells(choice)):
            continue
        spans = future.spells(choice)
        # Off the places where one use gives way to the next, which lie at round numbers.
        powers = rng.uniform(1.0, 500.0, len(choice.mines))
        found = future.run(choice, spans, powers=powers, slopes=True)
        plain = future.run(choice, spans, powers=powers)
        assert found.npv == plain.npv
        step = 1e-4
        ends = [
            [future.run(choice, spans, powers=powers + sign * step * unit).npv for sign in (1, -1)]
            for unit in np.eye(len(powers))
        ]
        rise = np.array([(up - down) / (2 * step) for up, down in ends])
        # The money of the plant rounds in differences of it.
        rounding = 1e-12 * np.abs(found.yearly).sum() / step
        assert_allclose(found.slopes, rise, rtol=1e-6, atol=rounding)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_value_is_concave_in_the_powers_where_the_network_does_not_answer(tmp_path_factory, seed):
    case = random_case(tmp_path_factory.mktemp("case"), seed).patched(UNTAXED)
    simulator = Simulator(case, ("restarted", "all"), seed % 97, 1)
    future, rng = simulator.future(0), np.random.default_rng(seed)
    for choice in simulator.choices:
        if not future.made(choice):
            continue
        spans = future.spells(choice)
        begin, end = rng.uniform(0.0, 900.0, (2, len(choice.mines)))
        line = np.linspace(begin, end, 9)
        values = np.array([future.run(choice, spans, powers=powers).npv for powers in line])
        bent = values[1:-1] - (values[:-2] + values[2:]) / 2.0
        assert (bent >= -1e-9 * np.abs(values).max()).all()
        # And every slope bounds the value from above.
        middle = future.run(choice, spans, powers=line[4], slopes=True)
        if not any(spans):
            continue
        bound = middle.npv + (line - line[4]) @ middle.slopes
        assert (values <= bound + 1e-9 * np.abs(values).max()).all()


def test_a_mine_of_no_power_is_worth_what_its_world_is(tmp_path):
    simulator = Simulator(random_case(tmp_path / "case", 4).patched(UNTAXED), ("all",), 3, 1)
    future, choice = simulator.future(0), simulator.choices[0]
    none = future.run(choice, future.spells(choice), powers=np.zeros(2))
    assert_allclose(none.npv, future.without(choice).npv, rtol=1e-13)


@pytest.mark.parametrize("model", ["", '[futures.network]\nmodel = "competitors"\n'])
def test_slopes_hold_on_average_where_own_hashes_count(tmp_path, model):
    # A gigawatt is 7 % of the network; over futures and a step of 20 MW, jumps of difficulty
    # average out to a part in a hundred.
    patches = {"plant.unit.u1.gross": "9000 MW", "mine.pilot.power": "1000 MW"}
    futures = model + '[futures.bitcoin_price]\nmodel = "jump diffusion"\n'
    case = small(tmp_path, patches, end="2029-01-01", step="24 h", income=NETWORK, futures=futures)
    simulator = Simulator(case, ("all",), 0, 12, rounded=False)
    choice, step = simulator.choices[0], 20.0
    slopes, rises = [], []
    for scenario in range(12):
        future = simulator.future(scenario)
        spans = future.spells(choice)
        found = future.run(choice, spans, powers=np.array([1000.0]), slopes=True)
        ends = [future.run(choice, spans, powers=np.array([1000.0 + d])).npv for d in (step, -step)]
        slopes.append(found.slopes[0])
        rises.append((ends[0] - ends[1]) / (2 * step))
    assert_allclose(np.mean(slopes), np.mean(rises), rtol=0.01)
    # Without the answer a megawatt would be worth more.
    deaf = Simulator(case.patched({"bitcoin.network_response": False}), ("all",), 0, 1)
    future = deaf.future(0)
    taker = future.run(choice, future.spells(choice), powers=np.array([1000.0]), slopes=True)
    assert taker.slopes[0] > slopes[0]
