from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import place, small, write_series

from baseload.case.case import Case
from baseload.plan.cash.accounts import DISPATCH_ACCOUNTS, Account
from baseload.plan.cash.ledger import check_transfers
from baseload.plan.operation import Operation, run
from baseload.plan.posting import balance, by_month, post

EVERYTHING = """
[plant.unit.u2]
bus = "main"
gross = "500 MW"
house_load = "20 MW"
shutdown_load = "15 MW"
fuel_cost = "30 USD/MWh"
variable_cost = "2 USD/MWh"

[link.tie]
bus = "island"
area = "coast"
export_limit = "80 MW"

[plant.bus.island]
house_load = "5 MW"

[plant.unit.u3]
bus = "island"
gross = "100 MW"

[area.coast.market]
price = "30 USD/MWh"

[area.grid.obligation.town]
to = "town"
power = "200 MW"
price = "50 USD/MWh"
shortfall_price = "300 USD/MWh"
deliver_or_pay = { energy = "100 GWh", period = "month", price = "25 USD/MWh" }

[mine.far]
area = "grid"
machine = "Antminer S19k Pro (120T)"
curve = "table"
power = "100 MW"
owner = "miner"
power_price = "20 USD/MWh"

[mine.own]
bus = "island"
machine = "Antminer T21"
power = "40 MW"
owner = "plant"
power_price = "35 USD/MWh"

[storage.battery]
bus = "main"
charge = "50 MW"
discharge = "50 MW"
energy = "400 MWh"
charge_efficiency = "95 %"
discharge_efficiency = "90 %"
"""

HORIZON = {"start": "2028-01-26", "end": "2028-02-05", "step": "6 h"}
"""Ten days in two months, forty steps."""

prices = st.integers(-30, 200).map(lambda price: f"{price} USD/MWh")
shares = st.sampled_from([0.0, 0.5, 0.9, 1.0])
RANGES: dict[str, st.SearchStrategy[object]] = {
    "area.grid.market.price": st.sampled_from(["prices.csv#value", "45 USD/MWh", "-5 USD/MWh"]),
    "area.coast.market.price": prices,
    "area.grid.market.depth": st.sampled_from([None, "150 MW"]),
    "area.grid.loss": st.sampled_from([0.0, 0.08]),
    "area.grid.export_charge": st.sampled_from(["0 USD/MWh", "4 USD/MWh"]),
    "area.grid.import_charge": st.sampled_from(["0 USD/MWh", "7 USD/MWh"]),
    "area.grid.obligation.town.price": prices,
    "bitcoin.hashprice": st.integers(2, 90).map(lambda x: f"{x} USD/PH/day"),
    "bitcoin.fee_share": st.sampled_from([0.0, 0.05]),
    "link.line.availability": shares,
    "mine.pilot.power_price": st.sampled_from([None, "40 USD/MWh"]),
    "mine.pilot.pool.fee": st.sampled_from([0.0, 0.02]),
    "mine.pilot.pool.scheme": st.sampled_from(["FPPS", "PPS"]),
    "mine.pilot.variable_cost": st.sampled_from(["0 USD/MWh", "4 USD/MWh"]),
    "mine.pilot.take_or_pay.energy": st.sampled_from(["0 MWh", "60 GWh"]),
    "mine.pilot.take_or_pay.price": st.just("15 USD/MWh"),
    "plant.bus.main.curtailment_cost": st.sampled_from(["0 USD/MWh", "3 USD/MWh"]),
    "plant.bus.main.house_load": st.sampled_from(["0 MW", "40 MW"]),
    "plant.unit.u1.available": shares,
    "plant.unit.u1.fuel_cost": st.sampled_from(["0 USD/MWh", "6 USD/MWh"]),
    "plant.unit.u1.licence_end": st.sampled_from([None, "2028-02-02"]),
    "plant.unit.u1.ramp": st.sampled_from([None, "2 %/h"]),
    "plant.unit.u1.shutdown_load": st.just("150 MW"),
    "plant.unit.u2.fuel_budget": st.sampled_from([None, "4 days"]),
    "plant.unit.u2.minimum": st.sampled_from([0.0, 0.4]),
    "plant.unit.u2.refuelling": st.sampled_from(
        [None, {"every": "6 days", "duration": "1 day", "first": "2028-01-29"}]
    ),
    "plant.unit.u2.commitment": st.sampled_from(
        [None, {"min_up": "12 h", "min_down": "12 h", "start_cost": "20000 USD"}]
    ),
    "storage.battery.energy": st.sampled_from(["0 MWh", "400 MWh"]),
}


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> Callable[..., Case]:
    """Give a case that has a bit of everything that money is posted for, with changes."""
    folder = tmp_path_factory.mktemp("everything")
    step = np.arange(40)
    wave = 40 + 60 * np.sin(step / 1.5) + 20 * np.cos(step / 5.0)
    write_series(folder, "prices.csv", wave, "USD/MWh", start="2028-01-26", hours=6)
    case = small(folder, more=EVERYTHING, **HORIZON)
    return lambda changes: case.patched(changes)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.fixed_dictionaries(RANGES))
def test_the_ledger_is_the_objective_and_every_megawatt_hour_is_used_once(everything, changes):
    operation = run(place(everything(changes)))
    ledger = post(operation)
    objective = math.fsum(dispatch.objective for dispatch in operation.dispatches)
    gross = sum(abs(ledger.total(account)) for account in DISPATCH_ACCOUNTS)
    assert abs(ledger.total(DISPATCH_ACCOUNTS) - objective) <= 1e-9 * max(1.0, gross)
    check_transfers(ledger)
    books = balance(operation)
    assert books.open_by() <= 1e-9
    _sums_agree(operation, books)
    # What the pool keeps is neither coins nor income.
    income = ledger.monthly((Account.MINING_REVENUE, Account.POOL_FEE))
    assert_allclose(books.coins * 90_000, income, rtol=1e-9, atol=1e-6)


def _sums_agree(operation: Operation, books) -> None:
    """Check the balance against sums over all steps, without months."""
    h = operation.setting.case.clock.step
    made = sum(d.generation.sum() for d in operation.dispatches) * h
    assert_allclose(books.flows["generated"].sum(), made, rtol=1e-12, atol=1e-9)
    for flow in ("exported", "obligations", "mined"):
        parts = sum(getattr(books, flow).values(), start=np.zeros(2))
        assert_allclose(parts, books.flows[flow], rtol=1e-12, atol=1e-9)
    unserved = sum(d.shortfall[0].sum() for d in operation.dispatches) * h
    assert_allclose(books.house_unserved, unserved, rtol=1e-12, atol=1e-9)
    assert np.all(books.flows["shortfall"].sum() >= unserved - 1e-6)


# --- single accounts -----------------------------------------------------------------------------


def test_a_month_is_a_month_of_the_local_calendar(tmp_path):
    case = small(tmp_path, {"case.time_zone": "Europe/Kyiv"}, start="2028-10-30", end="2028-11-02")
    operation = run(place(case))
    assert_array_equal(by_month(operation, np.ones(72)), [48.0, 24.0])
    assert_array_equal(by_month(operation, np.arange(72.0)), [48 * 47 / 2, sum(range(48, 72))])


def test_a_step_counts_by_its_length(tmp_path):
    operation = run(place(small(tmp_path, step="15 min", end="2028-01-02")))
    assert_array_equal(by_month(operation, np.full(96, 8.0)), [192.0])
    # 950 MW: 600 to the market at 45, 30 to the mine at 40 / (0.024 * 13.5)
    ledger = post(operation)
    assert ledger.total(Account.ENERGY_SALES) == pytest.approx(24 * 600 * 45)
    assert ledger.total(Account.MINING_REVENUE) == pytest.approx(24 * 30 * 40 / (0.024 * 13.5))
    flows = balance(operation).flows
    assert flows["generated"].sum() == pytest.approx(24 * 630)
    assert flows["curtailed"].sum() == pytest.approx(0.0)


def test_a_plant_that_stands_still_imports_its_load_and_pays_for_it(tmp_path):
    stopped = {"plant.unit.u1.licence_end": "2027-01-01", "plant.unit.u1.shutdown_load": "35 MW"}
    operation = run(place(small(tmp_path, stopped)))
    flows = balance(operation).flows
    assert flows["generated"].sum() == flows["mined"].sum() == flows["exported"].sum() == 0.0
    assert flows["imported"].sum() == flows["house"].sum() == 240 * 35.0
    ledger = post(operation)
    assert ledger.total(party="plant") == ledger.total(Account.IMPORT) == -240 * 35 * 45.0


def test_load_that_no_line_can_serve_is_counted(tmp_path):
    stopped = {
        "plant.unit.u1.licence_end": "2027-01-01",
        "plant.unit.u1.shutdown_load": "35 MW",
        "link.line.import_limit": "20 MW",
    }
    operation = run(place(small(tmp_path, stopped)))
    books = balance(operation)
    assert books.house_unserved == books.flows["shortfall"].sum() == 240 * 15.0
    # 10,000 USD/MWh is what the schema counts for it.
    assert post(operation).total(Account.SHORTFALL_DAMAGES) == -240 * 15 * 10_000.0


def test_what_the_miner_pays_for_power_the_plant_receives(tmp_path):
    ledger = post(run(place(small(tmp_path, {"mine.pilot.power_price": "25 USD/MWh"}))))
    paid = 240 * 30 * 25.0
    assert ledger.total(Account.POWER_TRANSFER, party="miner") == -paid
    assert ledger.total(Account.POWER_TRANSFER, party="plant") == paid


def test_who_owns_both_pays_nobody(tmp_path):
    own = {"mine.pilot.power_price": "25 USD/MWh", "mine.pilot.owner": "plant"}
    ledger = post(run(place(small(tmp_path, own))))
    assert Account.POWER_TRANSFER not in ledger.by_account()


def test_power_in_the_grid_is_paid_where_it_arrives(tmp_path):
    far = {
        "mine.pilot.bus": None,
        "mine.pilot.area": "grid",
        "mine.pilot.power_price": "25 USD/MWh",
        "area.grid.loss": "10 %",
    }
    operation = run(place(small(tmp_path, far)))
    ledger = post(operation)
    assert ledger.total(Account.POWER_TRANSFER, party="plant") == pytest.approx(240 * 30 * 25.0)
    assert balance(operation).mined["pilot"].sum() == pytest.approx(240 * 30 / 0.9)


def test_what_is_missing_is_paid_in_the_last_month_of_its_period(tmp_path):
    late = {
        "mine.pilot.take_or_pay.energy": "36600 MWh",
        "mine.pilot.take_or_pay.price": "15 USD/MWh",
        "mine.pilot.power": "1 MW",
    }
    operation = run(place(small(tmp_path, late, end="2028-03-01", step="24 h")))
    # 60 of 366 days: 6,000 MWh, of which 60 * 24 are taken
    assert_allclose(post(operation).monthly(Account.TAKE_OR_PAY), [0.0, -15 * (6000 - 1440.0)])


def test_a_fee_that_changes_on_the_way_is_taken_as_it_is_then(tmp_path):
    gates = (
        '[stages]\norder = ["talk"]\nreached = "talk"\n'
        '[gate.pool]\ntitle = "t"\nstage = "talk"\ndate = 2028-01-06\n'
        'set = { "mine.pilot.pool.fee" = "10 %" }\n'
    )
    choice = '[alternative.all]\ntitle = "t"\nneeds = ["pool"]\n'
    case = small(tmp_path, {"mine.pilot.since": "2028-01-01"}, gates=gates, alternatives=choice)
    operation = run(place(case))
    ledger = post(operation)
    assert ledger.total(Account.POOL_FEE) == pytest.approx(
        -0.1 * ledger.total(Account.MINING_REVENUE)
    )
    income = ledger.total((Account.MINING_REVENUE, Account.POOL_FEE))
    assert balance(operation).coins.sum() * 90_000 == pytest.approx(income)


def test_hashes_are_counted_in_petahashes_for_a_day(tmp_path):
    books = balance(run(place(small(tmp_path, {"mine.pilot.pool.fee": "2 %"}))))
    # 30 MW at 13.5 J/TH are 2,222 PH/s, for ten days
    assert_allclose(books.hashes, [0.98 * 30e6 / 13.5 / 1e3 * 10], rtol=1e-12)
    assert_allclose(books.coins * 90_000, books.hashes * 40.0, rtol=1e-12)
