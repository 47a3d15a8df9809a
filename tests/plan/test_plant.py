from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import STAGES, place, small

from baseload.plan.plant import PlantState, plant_state

DAYS = np.arange(10)

TWO_MORE = """
[plant.unit.u2]
bus = "main"
gross = "1000 MW"
house_load = "50 MW"
shutdown_load = "6 MW"
state = "stopped"

[plant.unit.u3]
bus = "main"
gross = "1000 MW"
house_load = "50 MW"
shutdown_load = "6 MW"
state = "stopped"

[plant.restart]
gate = "permit"
first = "2 days"
following = "3 days"
order = ["u3", "u2"]
"""

PERMIT = STAGES + '[gate.permit]\ntitle = "t"\nstage = "operate"\ndate = 2028-01-02\n'
NEEDS = '[alternative.all]\ntitle = "t"\nneeds = ["permit"]\n'


def state(folder, patches=None, world="opened", **files) -> PlantState:
    return plant_state(place(small(folder, patches, **({"step": "24 h"} | files)), world=world))


def three(folder, patches=None, world="opened") -> PlantState:
    return state(folder, patches, world, more=TWO_MORE, gates=PERMIT, alternatives=NEEDS)


# --- one unit ------------------------------------------------------------------------------------


def test_a_unit_gives_its_gross_output_less_house_load(tmp_path):
    plant = state(tmp_path)
    assert_array_equal(plant.net["u1"], np.full(10, 950.0))
    assert_array_equal(plant.shutdown["u1"], np.zeros(10))


def test_outages_that_nobody_planned_count_at_their_expected_share(tmp_path):
    unit = {
        "forced_outage_rate": "10 %",
        "available": 0.9,
        "shutdown_load": "20 MW",
        "minimum": 0.5,
    }
    plant = state(tmp_path, {f"plant.unit.u1.{key}": value for key, value in unit.items()})
    assert_allclose(plant.share["u1"], 0.81, rtol=1e-15)
    assert_allclose(plant.net["u1"], 0.81 * 950, rtol=1e-15)
    assert_allclose(plant.minimum["u1"], 0.81 * 950 / 2, rtol=1e-15)
    assert_allclose(plant.shutdown["u1"], 0.19 * 20, rtol=1e-13)


def test_a_unit_without_a_licence_stands_still_and_draws(tmp_path):
    ends = {"plant.unit.u1.licence_end": "2028-01-05", "plant.unit.u1.shutdown_load": "6 MW"}
    plant = state(tmp_path, ends)
    assert_array_equal(plant.net["u1"], np.where(DAYS < 4, 950.0, 0.0))
    assert_array_equal(plant.shutdown["u1"], np.where(DAYS < 4, 0.0, 6.0))


def test_refuelling_follows_its_calendar_and_gives_the_cycles_between(tmp_path):
    calendar = {"every": "5 days", "duration": "1 day", "first": "2028-01-03"}
    plant = state(tmp_path, {f"plant.unit.u1.refuelling.{k}": v for k, v in calendar.items()})
    assert_array_equal(plant.net["u1"] == 0.0, (DAYS == 2) | (DAYS == 7))
    assert plant.cycles["u1"] == ((0, 2), (3, 7), (8, 10))


def test_a_unit_slows_down_before_an_outage_and_comes_back_after_it(tmp_path):
    calendar = {"every": "30 days", "duration": "1 day", "first": "2028-01-05"}
    changes = {f"plant.unit.u1.refuelling.{k}": v for k, v in calendar.items()}
    plant = state(tmp_path, changes | {"plant.unit.u1.ramp": "40 %/day"})
    expected = np.array([1, 1, 0.8, 0.4, 0, 0.4, 0.8, 1, 1, 1])
    assert_allclose(plant.share["u1"], expected, rtol=0, atol=1e-12)


# --- stopped units -------------------------------------------------------------------------------


def test_shut_gates_give_no_generation(tmp_path):
    stopped = {"plant.unit.u1.state": "stopped", "plant.restart.order": ("u1", "u2", "u3")}
    plant = three(tmp_path, stopped, "today")
    assert_array_equal(plant.available("main"), np.zeros(10))
    assert not plant.first_possible("main").any()


def test_stopped_units_come_back_in_their_order(tmp_path):
    # permit on day 1: first unit 2 days later, the next 3 days after it
    plant = three(tmp_path)
    assert_array_equal(plant.net["u3"], np.where(DAYS < 3, 0.0, 950.0))
    assert_array_equal(plant.net["u2"], np.where(DAYS < 6, 0.0, 950.0))
    assert_array_equal(plant.shutdown["u2"], np.where(DAYS < 6, 6.0, 0.0))
    assert_array_equal(plant.available("main"), 950.0 * (1 + (DAYS >= 3) + (DAYS >= 6)))


def test_a_unit_that_returns_refuels_one_cycle_later(tmp_path):
    calendar = {"every": "4 days", "duration": "1 day"}
    plant = three(tmp_path, {f"plant.unit.u3.refuelling.{k}": v for k, v in calendar.items()})
    assert_array_equal(plant.net["u3"] > 0.0, (DAYS >= 3) & (DAYS != 6))


@pytest.mark.parametrize(("cap", "running"), [(0, ()), (1, ("u1",)), (2, ("u1", "u3"))])
def test_under_a_cap_those_that_run_go_first_then_those_that_return(tmp_path, cap, running):
    plant = three(tmp_path, {"plant.running_units_cap": cap})
    assert tuple(unit for unit in ("u1", "u3", "u2") if plant.net[unit][-1] > 0.0) == running
    assert plant.shutdown["u2"][-1] == 6.0


def test_a_unit_takes_the_place_of_one_that_refuels(tmp_path):
    calendar = {"every": "30 days", "duration": "2 days", "first": "2028-01-08"}
    changes = {f"plant.unit.u1.refuelling.{k}": v for k, v in calendar.items()}
    plant = three(tmp_path, changes | {"plant.running_units_cap": 1})
    assert_array_equal(plant.net["u3"] > 0.0, (DAYS == 7) | (DAYS == 8))


# --- the section ---------------------------------------------------------------------------------


def test_what_stands_still_is_served_with_the_site(tmp_path):
    case = small(
        tmp_path,
        {"plant.bus.main.house_load": "10 MW"},
        step="24 h",
        more=TWO_MORE,
        gates=PERMIT,
        alternatives=NEEDS,
    )
    where = place(case)
    load = plant_state(where).must_serve(where, "main")
    assert_array_equal(load, 10.0 + 6.0 * (DAYS < 3) + 6.0 * (DAYS < 6))


def test_a_section_without_units_gives_nothing(tmp_path):
    plant = state(tmp_path, more="\n[plant.bus.other]\n")
    assert plant.on("other") == ()
    assert_array_equal(plant.available("other"), np.zeros(10))
