"""A worked case at base values: its one future is its plan."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from baseload.case.load import load
from baseload.plan.baseline import Baselines
from baseload.plan.ensemble.simulator import EPOCH, Simulator
from baseload.plan.outcome import FLOWS
from baseload.plan.study import outcome

CASES = Path(__file__).parents[2] / "cases"
PLAIN = {"bitcoin.network_response": False, "mine.*.ageing": "0 %/year"}
"""Own hashes answer by the month in a plan and by the day in a future; so does ageing."""


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cases") / "nautilus"
    shutil.copytree(CASES / "nautilus", folder)
    (folder / "futures.toml").unlink(missing_ok=True)
    plain = load(folder)
    sure = {"gate.*.probability": 1.0} if plain.tree.gate else {}
    return plain.patched(PLAIN | sure)


def test_at_base_values_the_future_of_nautilus_is_its_plan(case):
    simulator = Simulator(case, tuple(case.alternatives), 0, 1)
    base = {}
    for number, unknown in enumerate(case.unknowns):
        level = case.levels(unknown).base[0]
        base[number] = float((level - EPOCH).days if isinstance(level, dt.date) else level)
    future, baselines = simulator.future(0, base), Baselines()
    for choice in simulator.choices:
        own, without = future.outcomes(choice)
        plan = outcome(case, choice.name, "opened", baselines)
        # On the day of a halving a future is paid the mean of the day, a plan hour by hour.
        scale = abs(plan.metrics.npv)
        assert_allclose(own.npv, plan.metrics.npv, rtol=1e-5)
        assert_allclose(own.npv - without.npv, plan.metrics.mine_value, rtol=0, atol=1e-5 * scale)
        energy = np.add.reduceat(own.sums.energy, future.months.first_of_year[:-1], axis=1)
        day = 24.0 * own.sums.installed.max(axis=1, initial=0.0).sum()
        for row, flow in enumerate(FLOWS[:-1]):
            moved = day if flow in {"mined", "exported"} else 0.0
            close = moved + 1e-9 * plan.energy["generated"].max()
            assert_allclose(energy[row], plan.energy[flow], rtol=0, atol=close, err_msg=flow)
        coins = np.add.reduceat(own.sums.coins, future.months.first_of_year[:-1])
        assert_allclose(coins, plan.coins, rtol=1e-4)
