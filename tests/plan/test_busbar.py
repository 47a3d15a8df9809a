from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import STAGES, place, small

from baseload.case.errors import InputError
from baseload.plan.busbar import Busbar, cut, lay_out
from baseload.plan.dispatch.problem import BUSBAR, UseKind
from baseload.plan.earnings import earnings
from baseload.plan.fleet import fleets
from baseload.plan.plant import plant_state

TOWN = """
[area.grid.obligation.town]
to = "town"
power = "90 MW"
price = "60 USD/MWh"
shortfall_price = "300 USD/MWh"
"""

BATTERY = """
[storage.battery]
bus = "main"
charge = "50 MW"
discharge = "40 MW"
energy = "200 MWh"
charge_efficiency = "95 %"
discharge_efficiency = "90 %"
standing_loss = "1 %/day"
initial = "25 %"
"""


def section(folder, patches=None, bus="main", **frame) -> Busbar:
    where = place(small(folder, patches, **frame))
    own = fleets(where, earnings(where), np.ones(where.steps))
    return lay_out(where, bus, plant_state(where), own)


def promised(energy: str, period: str, price: str = "20 USD/MWh") -> str:
    return f'{{ energy = "{energy}", period = "{period}", price = "{price}" }}'


def deliver(energy: str, period: str) -> str:
    return TOWN + f"deliver_or_pay = {promised(energy, period)}\n"


def contracts(busbar: Busbar) -> list[tuple[int, int, float]]:
    return [(c.start, c.stop, c.quantity) for c in busbar.problem.contracts]


# --- what is laid out ----------------------------------------------------------------------------


def test_every_use_has_its_place_and_its_worth(tmp_path):
    busbar = section(tmp_path, more=TOWN)
    uses = busbar.problem.uses
    assert uses.name == ("house load", "obligation grid.town", "market grid", "mine pilot")
    assert [use.label for use in busbar.uses] == list(uses.name)
    assert uses.kind == (UseKind.MUST_SERVE, UseKind.OBLIGATION, UseKind.MARKET, UseKind.MINE)
    assert uses.node.tolist() == [BUSBAR, 0, 0, BUSBAR]
    for place_, use in enumerate(busbar.uses):
        assert_array_equal(uses.value[place_], use.value)
        assert_array_equal(uses.capacity[place_], use.capacity)
    assert_array_equal(uses.shortfall_price[:, 0], [10_000.0, 300.0, 0.0, 0.0])
    assert busbar.problem.nodes.name == ("grid",)
    assert_array_equal(busbar.problem.nodes.limit, np.full((1, 240), 600.0))


def test_a_market_that_buys_nothing_is_no_use(tmp_path):
    busbar = section(tmp_path, {"area.grid.market.sells": False})
    assert [use.name for use in busbar.uses] == ["house load", "pilot"]
    assert [purchase.area for purchase in busbar.purchases] == ["grid"]


def test_a_mine_in_the_grid_lies_behind_the_links(tmp_path):
    busbar = section(tmp_path, {"mine.pilot.bus": None, "mine.pilot.area": "grid"})
    assert busbar.problem.uses.node.tolist() == [BUSBAR, 0, 0]


def test_import_serves_what_the_units_of_the_section_cannot(tmp_path):
    needs = {"plant.bus.main.house_load": "20 MW", "plant.unit.u1.licence_end": "2028-01-03"}
    imports = section(tmp_path, needs).problem.imports
    assert_array_equal(imports.capacity[0], np.where(np.arange(240) < 48, 0.0, 20.0))


def test_units_bring_their_limits_and_costs(tmp_path):
    rules = {
        "ramp": "30 %/h",
        "minimum": "40 %",
        "fuel_cost": "6 USD/MWh",
        "variable_cost": "2 USD/MWh",
        "commitment.min_up": "3 h",
        "commitment.min_down": "5 h",
        "commitment.start_cost": "7000 USD",
    }
    changes = {f"plant.unit.u1.{key}": value for key, value in rules.items()}
    units = section(tmp_path, changes).problem.units
    assert_array_equal(units.available, np.full((1, 240), 950.0))
    assert_allclose(units.minimum, 380.0)
    assert_array_equal(units.cost, np.full((1, 240), 8.0))
    # 30 % of the gross 1,000 MW
    assert (units.ramp_up[0], units.ramp_down[0]) == (300.0, 300.0)
    assert (units.min_up[0], units.min_down[0], units.start_cost[0]) == (3.0, 5.0, 7000.0)
    assert units.commit.tolist() == [True]


def test_a_unit_without_limits_follows_its_availability(tmp_path):
    units = section(tmp_path).problem.units
    assert np.isinf(units.ramp_up[0])
    assert units.commit.tolist() == [False]


def test_a_battery_ends_as_it_began(tmp_path):
    (battery,) = section(tmp_path, more=BATTERY).problem.storages
    assert (battery.charge, battery.discharge, battery.energy) == (50.0, 40.0, 200.0)
    assert (battery.initial, battery.final) == (50.0, 50.0)
    assert_allclose((battery.charge_efficiency, battery.discharge_efficiency), (0.95, 0.9))
    assert_allclose(battery.standing_loss, 0.01 / 24)


def test_spilling_costs_what_the_section_says(tmp_path):
    busbar = section(tmp_path, {"plant.bus.main.curtailment_cost": "3 USD/MWh"})
    assert busbar.problem.curtailment_cost == 3.0


# --- fuel ----------------------------------------------------------------------------------------


def test_each_fuel_cycle_has_its_budget_of_full_power(tmp_path):
    # V16, V17: 300 full-power days in a cycle of 12 months; here 2 of 4 days
    unit = {
        "fuel_budget": "2 days",
        "refuelling.every": "5 days",
        "refuelling.duration": "1 day",
        "refuelling.first": "2028-01-03",
    }
    changes = {f"plant.unit.u1.{key}": value for key, value in unit.items()}
    budgets = section(tmp_path, changes).problem.budgets
    assert [(b.start, b.stop) for b in budgets] == [(0, 48), (72, 168), (192, 240)]
    assert all(b.maximum == 48 * 950.0 for b in budgets)
    assert all(b.units == (0,) for b in budgets)


def test_without_refuelling_the_fuel_lasts_for_the_horizon(tmp_path):
    (budget,) = section(tmp_path, {"plant.unit.u1.fuel_budget": "2 days"}).problem.budgets
    assert (budget.start, budget.stop, budget.maximum) == (0, 240, 48 * 950.0)


# --- promises over calendar periods --------------------------------------------------------------


def test_a_year_is_a_year_whether_leap_or_not(tmp_path):
    more = deliver("1000 MWh", "year")
    busbar = section(tmp_path, end="2030-01-01", step="24 h", more=more)
    assert contracts(busbar) == [(0, 366, 1000.0), (366, 731, 1000.0)]


def test_months_count_from_first_to_last_of_the_local_calendar(tmp_path):
    # October 2028 has 745 hours in Kyiv.
    frame = {"case.time_zone": "Europe/Kyiv"}
    more = deliver("1000 MWh", "month")
    busbar = section(tmp_path, frame, start="2028-10-01", end="2028-12-01", more=more)
    assert contracts(busbar) == [(0, 745, 1000.0), (745, 1465, 1000.0)]


def test_a_period_that_is_cut_short_counts_in_part(tmp_path):
    more = deliver("1000 MWh", "month")
    busbar = section(tmp_path, start="2028-02-20", end="2028-03-11", step="24 h", more=more)
    (first, second) = contracts(busbar)
    assert first[:2] == (0, 10)
    assert_allclose(first[2], 1000 * 10 / 29, rtol=1e-14)  # February of a leap year
    assert second[:2] == (10, 20)
    assert_allclose(second[2], 1000 * 10 / 31, rtol=1e-14)


def test_energy_is_promised_only_while_it_is_owed(tmp_path):
    dates = {
        "area.grid.obligation.town.since": "2028-01-03",
        "area.grid.obligation.town.until": "2028-01-08",
    }
    ((begin, end, quantity),) = contracts(
        section(tmp_path, dates, more=deliver("3100 MWh", "month"))
    )
    assert (begin, end) == (0, 240)
    assert_allclose(quantity, 500.0, rtol=1e-14)  # 5 of 31 days


def test_a_mine_takes_or_pays_from_the_day_it_runs(tmp_path):
    changes = {
        "mine.pilot.since": "2028-01-06",
        "mine.pilot.take_or_pay.energy": "3100 MWh",
        "mine.pilot.take_or_pay.period": "month",
        "mine.pilot.take_or_pay.price": "20 USD/MWh",
    }
    busbar = section(tmp_path, changes)
    (promise,) = busbar.promises
    assert (promise.party, promise.item) == ("miner", "pilot")
    assert_allclose(promise.contract.quantity, 500.0, rtol=1e-14)  # 5 of 31 days
    assert promise.contract.uses == (2,)


def test_a_promise_counts_where_the_energy_arrives(tmp_path):
    busbar = section(tmp_path, {"area.grid.loss": "10 %"}, more=deliver("31 MWh", "month"))
    (promise,) = busbar.promises
    assert_allclose(promise.contract.quantity, 10 / 0.9, rtol=1e-14)
    assert_allclose(promise.contract.price, 20 * 0.9, rtol=1e-14)
    assert promise.contract.uses == (1,)


def test_a_mine_of_the_same_name_as_an_area_is_another_use(tmp_path):
    text = '[mine.grid]\nbus = "main"\nmachine = "Antminer S21 XP"\npower = "10 MW"\n'
    text += f"take_or_pay = {promised('310 MWh', 'month')}\n"
    busbar = section(tmp_path, more="\n" + text)
    (promise,) = busbar.promises
    assert [busbar.uses[place_].label for place_ in promise.contract.uses] == ["mine grid"]


# --- what is refused -----------------------------------------------------------------------------


def test_an_area_fed_by_two_sections_is_refused(tmp_path):
    second = '\n[plant.bus.other]\n[link.second]\nbus = "other"\narea = "grid"\n'
    with pytest.raises(InputError) as caught:
        section(tmp_path, more=second + 'export_limit = "10 MW"\n')
    assert str(caught.value) == (
        "link.second.bus\n"
        "  expected 'main', where link 'line' leaves for the same area 'grid'\n"
        "  found    'other'\n"
        "  let one busbar section export to an area, or split the area in two"
    )


def test_two_sections_may_draw_from_one_area(tmp_path):
    second = '\n[plant.bus.other]\n[link.second]\nbus = "other"\narea = "grid"\n'
    more = second + 'export_limit = "0 MW"\nimport_limit = "10 MW"\n'
    busbar = section(tmp_path, {"plant.bus.other.house_load": "4 MW"}, bus="other", more=more)
    assert_array_equal(busbar.problem.imports.capacity, np.full((1, 240), 4.0))


def test_a_mine_that_no_link_reaches_is_refused(tmp_path):
    far = {"mine.pilot.bus": None, "mine.pilot.area": "far"}
    with pytest.raises(InputError) as caught:
        section(tmp_path, far, more="\n[area.far]\n")
    assert str(caught.value) == (
        "mine.pilot.area\n"
        "  expected an area that a link exports to: grid\n"
        "  found    'far'\n"
        "  add a link to the area, or place the mine on a busbar section"
    )


# --- stretches -----------------------------------------------------------------------------------


def test_a_stretch_keeps_its_part_of_promises_and_fuel(tmp_path):
    changes = {"plant.unit.u1.fuel_budget": "2 days"}
    whole = section(tmp_path, changes, end="2028-03-01", more=deliver("3100 MWh", "month"))
    part = cut(whole, slice(26 * 24, 36 * 24))  # 2028-01-27 to 2028-02-05
    assert part.problem.steps == 240
    (january, february) = contracts(part)
    assert january[:2] == (0, 120)
    assert_allclose(january[2], 3100 * 5 / 31, rtol=1e-14)
    assert february[:2] == (120, 240)
    assert_allclose(february[2], 3100 * 5 / 29, rtol=1e-14)
    (budget,) = part.problem.budgets
    assert (budget.start, budget.stop) == (0, 240)
    assert_allclose(budget.maximum, 48 * 950.0 / 6, rtol=1e-14)  # 10 of 60 days
    assert [promise.contract for promise in part.promises] == list(part.problem.contracts)


def test_a_stretch_drops_what_lies_outside(tmp_path):
    whole = section(tmp_path, end="2028-04-01", more=deliver("3100 MWh", "month"))
    part = cut(whole, slice(31 * 24, 60 * 24))  # February
    assert contracts(part) == [(0, 29 * 24, 3100.0)]
    assert len(part.promises) == 1


def test_the_whole_is_its_own_stretch(tmp_path):
    whole = section(tmp_path)
    assert cut(whole, slice(0, 240)) is whole


def test_a_stretch_of_a_section_has_its_own_arrays(tmp_path):
    gates = STAGES + '[gate.works]\ntitle = "t"\nstage = "talk"\ndate = 2028-01-03\n'
    gates += 'set = { "link.line.export_limit" = "500 MW" }\n'
    choice = '[alternative.all]\ntitle = "t"\nneeds = ["works"]\n'
    part = cut(section(tmp_path, gates=gates, alternatives=choice), slice(36, 60))
    assert_array_equal(part.problem.nodes.limit[0], np.where(np.arange(24) < 12, 600.0, 500.0))
    assert [len(use.capacity) for use in part.uses] == [24, 24, 24]
    assert len(part.uses[2].fleet.power) == 24
