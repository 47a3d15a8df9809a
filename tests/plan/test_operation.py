from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import HASHPRICE, NETWORK, place, small, write_series

from baseload.case.case import Case
from baseload.case.errors import InputError
from baseload.plan.operation import SETTLED, Operation, run

HASHES = 1e6 / 13.5
"""Hashrate of one megawatt at 13.5 J/TH [TH/s/MW]."""

SMALL_NETWORK = NETWORK.replace("1000 EH/s", "20 EH/s")
"""Of which 500 MW are nearly twice as much, so that own hashes count."""


def saturated(folder, power: str, **frame) -> Operation:
    """A mine that always pays better than the market."""
    frame = {"income": NETWORK} | frame
    changes = {"mine.pilot.power": power, "area.grid.market.price": "1 USD/MWh"}
    return run(place(small(folder, changes, **frame)))


def contested(folder, **frame) -> Case:
    """A large mine in a small network, and prices that rise from hour to hour of each month."""
    folder.mkdir(exist_ok=True)
    rising = np.concatenate([np.linspace(0.0, 9_000.0, 744), np.linspace(0.0, 9_000.0, 696)])
    write_series(folder, "prices.csv", rising, "USD/MWh")
    changes = {"mine.pilot.power": "500 MW", "area.grid.market.price": "prices.csv#value"}
    return small(folder, changes, end="2028-03-01", income=SMALL_NETWORK, **frame)


# --- own hashes in the network -------------------------------------------------------------------


@pytest.mark.parametrize("power", ["0.001 MW", "30 MW", "900 MW"])
def test_own_hashes_leave_the_others_their_part_of_the_hashprice(tmp_path, power):
    operation = saturated(tmp_path, power)
    own = float(power.split()[0]) * HASHES
    left = 1e9 / (1e9 + own)
    assert_allclose(operation.dilution, left, atol=SETTLED)
    assert_allclose(operation.own_hashrate, own, rtol=1e-9)
    assert_allclose(operation.network_share, 1 - left, rtol=1e-9)
    assert operation.unsettled <= SETTLED
    paid = operation.market.hashprice * left
    assert_allclose(operation.fleets["pilot"].hashprice, paid, rtol=1.5 * SETTLED)


def test_a_fleet_that_vanishes_takes_the_price_as_it_is(tmp_path):
    shares = [
        1 - saturated(tmp_path / power[:-3], power).dilution[0]
        for power in ("30 MW", "3 MW", "0.3 MW")
    ]
    assert shares[0] > shares[1] > shares[2]
    assert shares[2] < 3e-5


def test_a_network_that_does_not_respond_pays_in_full(tmp_path):
    changes = {"bitcoin.network_response": False, "mine.pilot.power": "900 MW"}
    operation = run(place(small(tmp_path, changes, income=NETWORK)))
    assert_array_equal(operation.dilution, np.ones(240))
    assert operation.unsettled == 0.0
    # It is then the whole network, own hashes included.
    assert_allclose(operation.network_share, 900 * HASHES / 1e9, rtol=1e-9)


def test_a_given_hashprice_is_not_diluted(tmp_path):
    operation = saturated(tmp_path, "900 MW", income=HASHPRICE)
    assert_array_equal(operation.dilution, np.ones(240))
    assert_array_equal(operation.network_share, np.zeros(240))


def test_where_mining_competes_hours_and_hashprice_agree(tmp_path):
    operation = run(place(contested(tmp_path)))
    assert operation.unsettled <= SETTLED
    month = operation.setting.case.clock.month
    worth = operation.fleets["pilot"].revenue(0)
    price = operation.setting.over("area", "grid", "market", "price")
    for m in (0, 1):
        inside = month == m
        own = operation.own_hashrate[inside]
        left = 20e6 / (20e6 + own.mean())
        # One hour more or less of mining is the finest step there is.
        grain = 150 * HASHES / own.size / 20e6
        assert_allclose(operation.dilution[inside], left, atol=grain + SETTLED)
        # 950 MW serve the line of 600 and the mine of 500: who pays more comes first.
        full = own > 500 * HASHES * (1 - 1e-9)
        assert 0 < full.sum() < full.size
        assert_array_equal(full, (worth > price)[inside])
        assert_allclose(own[~full], 350 * HASHES, rtol=1e-9)


def test_a_month_without_mining_is_paid_in_full(tmp_path):
    operation = run(place(contested(tmp_path).patched({"mine.pilot.since": "2028-02-01"})))
    month = operation.setting.case.clock.month
    assert np.all(operation.dilution[month == 0] == 1.0)
    assert np.all(operation.dilution[month == 1] < 0.9)


def test_more_pay_never_means_fewer_hashes_nor_a_larger_part_of_the_pay(tmp_path):
    where = place(contested(tmp_path))
    runs = [run(where, hashprice_factor=factor) for factor in (0.1, 0.5, 1.0, 2.0, 8.0)]
    assert np.all(np.diff([one.own_hashrate.sum() for one in runs]) > 0.0)
    for one, other in pairwise(runs):
        assert np.all(other.dilution <= one.dilution + SETTLED)


# --- the same again ------------------------------------------------------------------------------


def test_what_was_found_before_is_found_again_from_anywhere(tmp_path):
    case = contested(tmp_path)
    base = run(place(case))
    dear = case.patched({"bitcoin.price": "150000 USD/BTC"})
    fresh, near = run(place(dear)), run(place(dear), like=base)
    assert_allclose(near.dilution, fresh.dilution, atol=3 * SETTLED)
    assert_allclose(near.own_hashrate.sum(), fresh.own_hashrate.sum(), rtol=2e-3)


def test_a_section_that_comes_out_the_same_keeps_its_dispatch(tmp_path):
    case = small(tmp_path)
    base = run(place(case))
    paid = run(place(case.patched({"mine.pilot.machine_price": "9 USD/(TH/s)"})), like=base)
    assert paid.dispatches[0] is base.dispatches[0]
    changed = run(place(case.patched({"area.grid.market.price": "46 USD/MWh"})), like=base)
    assert changed.dispatches[0] is not base.dispatches[0]


def test_another_plant_is_worked_out_anew(tmp_path):
    case = small(tmp_path)
    base = run(place(case))
    larger = run(place(case.patched({"plant.unit.u1.gross": "1100 MW"})), like=base)
    assert_array_equal(larger.plant.net["u1"], np.full(240, 1050.0))
    same = run(place(case.patched({"bitcoin.price": "1 USD/BTC"})), like=base)
    assert same.plant is base.plant


# --- what is dispatched --------------------------------------------------------------------------


def test_without_mines_the_world_is_the_same_but_for_them(tmp_path):
    where = place(small(tmp_path))
    with_mine, without = run(where), run(where, mines=False)
    assert without.fleets == {}
    labels = [[use.label for use in one.sections[0].uses] for one in (with_mine, without)]
    assert labels == [["house load", "market grid", "mine pilot"], ["house load", "market grid"]]
    assert_array_equal(without.own_hashrate, np.zeros(240))


def test_a_stretch_is_dispatched_alone(tmp_path):
    operation = run(place(small(tmp_path)), stretch=slice(24, 72))
    assert operation.dispatches[0].problem.steps == 48
    assert operation.own_hashrate.shape == operation.network_share.shape == (48,)
    assert operation.dilution.shape == (240,)


def test_sections_that_nothing_stands_on_are_left_out(tmp_path):
    case = small(tmp_path, more="\n[plant.bus.idle]\n")
    assert [section.name for section in run(place(case)).sections] == ["main"]
    loaded = case.patched({"plant.bus.idle.house_load": "1 MW"})
    assert [section.name for section in run(place(loaded)).sections] == ["main", "idle"]


def test_sections_do_not_share_their_power(tmp_path):
    second = (
        '\n[plant.bus.island]\n[plant.unit.u2]\nbus = "island"\ngross = "100 MW"\n'
        '[mine.other]\nbus = "island"\nmachine = "Antminer S21 XP"\n'
        'power = "300 MW"\nuptime = 1.0\n'
    )
    operation = run(place(small(tmp_path, more=second)))
    assert [section.name for section in operation.sections] == ["main", "island"]
    assert_array_equal(operation.dispatches[1].delivered[1], np.full(240, 100.0))


def test_limits_that_no_schedule_can_keep_are_named_with_what_they_must_give(tmp_path):
    # Half load at the least for 240 h takes 120 h of full power; 96 h of fuel are there.
    unit = {"plant.unit.u1.minimum": "50 %", "plant.unit.u1.fuel_budget": "4 days"}
    with pytest.raises(InputError) as caught:
        run(place(small(tmp_path, unit)))
    text = str(caught.value)
    assert text.startswith("alternative 'all', plant.bus.main\n  expected limits that some")
    # What is missing from half load: 24 h of 950 MW
    assert "fuel u1" in text
    assert "22,800" in text
