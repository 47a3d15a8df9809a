from __future__ import annotations

import pytest
from numpy.testing import assert_array_equal
from tests.plan.small_cases import ALTERNATIVES, STAGES, place, small, write_series

from baseload.plan.baseline import Baselines
from baseload.plan.money import settle_accounts
from baseload.plan.operation import run

GATES = STAGES + '[gate.works]\ntitle = "t"\nstage = "talk"\ndate = 2028-01-05\n'
GATES += 'set = { "link.line.export_limit" = "100 MW" }\n'
CHOICES = ALTERNATIVES + '[alternative.other]\ntitle = "t"\nneeds = ["works"]\n'
CHOICES += '[alternative.larger]\ntitle = "t"\nset = { "mine.pilot.power" = "300 MW" }\n'


@pytest.fixture
def case(tmp_path):
    for name, price in (("a", 40.0), ("b", 50.0)):
        write_series(tmp_path, f"{name}.csv", [price] * 240, "EUR/MWh")
    changes = {"area.grid.market.price": "a.csv#value"}
    return small(tmp_path, changes, gates=GATES, alternatives=CHOICES)


def without(baselines: Baselines, case, name="all", patches=None):
    operation = run(place(case.patched(patches or {}), name))
    return baselines.of(operation, settle_accounts(operation))


def test_the_same_world_without_a_mine_has_none(case):
    accounts = without(Baselines(), case)
    expected = settle_accounts(run(place(case), mines=False))
    assert accounts.balance.coins.sum() == 0.0
    assert_array_equal(accounts.ledger.monthly(), expected.ledger.monthly())
    assert accounts.ledger.total() == pytest.approx(240 * 600 * 40.0)


@pytest.mark.parametrize(
    "patch",
    [
        {"mine.pilot.power": "300 MW"},
        {"mine.pilot.machine_price": "9 USD/(TH/s)"},
        {"bitcoin.price": "1 USD/BTC"},
        {"money.discount_rate": "3 %/year"},
    ],
)
def test_what_only_a_mine_feels_leaves_the_world_without_one_alone(case, patch):
    baselines = Baselines()
    assert without(baselines, case, patches=patch) is without(baselines, case)
    assert without(baselines, case, "larger") is without(baselines, case)


@pytest.mark.parametrize(
    ("patch", "earned"),
    [
        ({"area.grid.market.price": "b.csv#value"}, 240 * 600 * 50.0),
        ({"money.rates.EUR": 1.5}, 240 * 600 * 60.0),
        ({"link.line.availability": 0.5}, 240 * 300 * 40.0),
        ({"plant.unit.u1.fuel_cost": "7 USD/MWh"}, 240 * 600 * 33.0),
        ({"plant.unit.u1.licence_end": "2028-01-06"}, 120 * 600 * 40.0),
        ({"case.end": "2028-01-06"}, 120 * 600 * 40.0),
    ],
)
def test_what_the_plant_feels_makes_another_world(case, patch, earned):
    baselines = Baselines()
    without(baselines, case)
    assert without(baselines, case, patches=patch).ledger.total() == pytest.approx(earned)


def test_what_a_gate_sets_makes_another_world(case):
    baselines = Baselines()
    without(baselines, case)
    earned = (96 * 600 + 144 * 100) * 40.0
    assert without(baselines, case, "other").ledger.total() == pytest.approx(earned)


def test_the_day_on_which_a_gate_opens_makes_another_world(case):
    baselines = Baselines()
    without(baselines, case, "other")
    later = without(baselines, case, "other", {"gate.works.date": "2028-01-08"})
    assert later.ledger.total() == pytest.approx((168 * 600 + 72 * 100) * 40.0)


def test_where_nobody_mines_the_world_is_its_own_baseline(case):
    operation = run(place(case.patched({"mine.pilot.power": "0 MW"})))
    accounts = settle_accounts(operation)
    assert Baselines().of(operation, accounts) is accounts
