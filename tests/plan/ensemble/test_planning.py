"""From a future to what the kernel runs through: water, refuelling, restart, shared arrays."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from tests.plan.small_cases import STAGES, small

from baseload.plan.ensemble.simulator import Simulator

UNITS = """
[plant.unit.u2]
bus = "main"
gross = "500 MW"

[plant.unit.u3]
bus = "main"
gross = "200 MW"
"""
WATER = '[futures.water]\nrate = "15 1/year"\nduration = "100 h"\nunits = {units}\n'
LINE = {"link.line.export_limit": "5000 MW", "mine.pilot.power": "0 MW"}
REFUELLED = (
    '[plant.unit.u1.refuelling]\nfirst = 2028-02-01\nevery = "2 years"\nduration = "20 days"\n'
)


def made(simulator, scenario: int, alternative: str = "all") -> np.ndarray:
    return simulator.hourly(scenario, alternative)["generation main"]


@pytest.mark.parametrize(("units", "left"), [(0, 0.0), (1, 950.0), (2, 1450.0), (3, 1650.0)])
def test_in_low_water_so_many_units_run(tmp_path, units, left):
    case = small(tmp_path, LINE, more=UNITS, futures=WATER.format(units=units), end="2028-04-01")
    simulator = Simulator(case, ("all",), 0, 9)
    dry = simulator.future(3).drawn.spell("low water", "water") == 1
    assert 0 < dry.sum() < len(dry)
    assert_array_equal(made(simulator, 3), np.where(dry, left, 1650.0))


def test_a_cap_of_the_case_holds_where_it_is_lower_than_that_of_low_water(tmp_path):
    patches = LINE | {"plant.running_units_cap": 1}
    case = small(tmp_path, patches, more=UNITS, futures=WATER.format(units=2), end="2028-04-01")
    assert_array_equal(made(Simulator(case, ("all",), 0, 9), 3), 950.0)


def test_low_water_and_a_gate_that_lifts_the_cap_hold_together(tmp_path):
    gates = (
        STAGES
        + '[gate.pond]\ntitle = "Water comes"\nstage = "operate"\ndate = 2028-02-10\n'
        + 'set = { "plant.running_units_cap" = 3 }\n'
    )
    patches = LINE | {"plant.running_units_cap": 1}
    case = small(
        tmp_path, patches, more=UNITS, gates=gates, futures=WATER.format(units=2),
        end="2028-04-01", alternatives='[alternative.all]\ntitle = "All"\nneeds = ["pond"]\n',
    )  # fmt: skip
    simulator, late = Simulator(case, ("all",), 0, 9), np.arange(91 * 24) >= 40 * 24
    spells = [simulator.future(n).drawn.spell("low water", "water") == 1 for n in range(9)]
    scenario = next(n for n, dry in enumerate(spells) if dry[late].any() and dry[~late].any())
    dry = spells[scenario]
    expected = np.where(late, np.where(dry, 1450.0, 1650.0), 950.0)
    assert_array_equal(made(simulator, scenario), expected)


def test_refuelling_slips_and_overruns_from_future_to_future(tmp_path):
    futures = '[futures.units]\nrefuelling_slip = "5 days"\nrefuelling_deviation = 0.2\n'
    case = small(tmp_path, LINE, more=REFUELLED, futures=futures, end="2028-06-01")
    simulator = Simulator(case, ("all",), 0, 200)
    begins, lengths = [], []
    for scenario in range(200):
        out = made(simulator, scenario) == 0.0
        first = int(np.argmax(out))
        assert_array_equal(out[first : first + out.sum()], True)
        begins.append(first / 24)
        lengths.append(out.sum() / 24)
    # First of February is day 31. Steps begin on the hour at or after a time: half an hour more.
    assert abs(np.mean(begins) - 31.02) < 4.5 * 5 / np.sqrt(200)
    assert 4.0 < np.std(begins) < 6.2
    assert abs(np.mean(lengths) - 20.0) < 4.5 * 20 * 0.202 / np.sqrt(200)
    assert 0.16 < np.std(np.log(lengths)) < 0.24


def test_refuelling_as_planned_is_the_same_in_every_future(tmp_path):
    simulator = Simulator(small(tmp_path, LINE, more=REFUELLED, end="2028-06-01"), ("all",), 0, 9)
    out = (np.arange(152 * 24) >= 31 * 24) & (np.arange(152 * 24) < 51 * 24)
    for scenario in (0, 5):
        assert_array_equal(made(simulator, scenario), np.where(out, 0.0, 950.0))


def test_stopped_units_come_back_one_after_the_other_once_the_gate_opens(tmp_path):
    restart = (
        '[plant.restart]\ngate = "again"\nfirst = "5 days"\nfollowing = "3 days"\n'
        'order = ["u3", "u1"]\n'
    )
    gates = STAGES + '[gate.again]\ntitle = "Again"\nstage = "operate"\nprobability = 0.5\n'
    gates += "date = 2028-01-03\n"
    unknowns = (
        '[[unknown]]\npath = "gate.again.date"\nlow = 2028-01-02\nbase = 2028-01-03\n'
        'high = 2028-01-09\nstatus = "assumed"\n'
    )
    patches = LINE | {"plant.unit.u1.state": "stopped", "plant.unit.u3.state": "stopped"}
    alternatives = (
        '[alternative.all]\ntitle = "All"\nneeds = ["again"]\n'
        '[alternative.other]\ntitle = "Does nothing for it"\n'
    )
    case = small(
        tmp_path, patches, more=UNITS + restart, gates=gates, end="2028-02-01",
        unknowns=unknowns, alternatives=alternatives,
    )  # fmt: skip
    simulator, days, opened = Simulator(case, ("all", "other"), 0, 20), np.arange(31 * 24) / 24, 0
    start = (dt.date(2028, 1, 1) - dt.date(1970, 1, 1)).days
    for scenario in range(20):
        future = simulator.future(scenario)
        day = future.levels[0] - start
        expected = np.full(31 * 24, 500.0)
        if "again" in future.opening:
            assert future.opening["again"] == day
            opened += 1
            expected += 200.0 * (days >= day + 5) + 950.0 * (days >= day + 8)
        assert_array_equal(made(simulator, scenario), expected)
        assert_array_equal(made(simulator, scenario, "other"), 500.0)
    assert 3 <= opened <= 17
