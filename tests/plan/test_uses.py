from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import STAGES, place, small, write_series

from baseload.plan.cash.accounts import Account
from baseload.plan.dispatch.problem import BUSBAR, UseKind
from baseload.plan.earnings import earnings
from baseload.plan.fleet import fleets
from baseload.plan.uses import (
    area_limit,
    house_load,
    mining,
    obligation,
    owed,
    purchase,
    reached,
    sale,
    suppliers,
    total,
)

TOWN = """
[area.grid.obligation.town]
to = "town"
power = "90 MW"
price = "60 USD/MWh"
shortfall_price = "300 USD/MWh"
"""

SECOND = """
[link.second]
bus = "main"
area = "grid"
export_limit = "400 MW"
import_limit = "50 MW"
availability = "50 %"
"""

LOSSY = {
    "area.grid.loss": "10 %",
    "area.grid.export_charge": "5 USD/MWh",
    "area.grid.import_charge": "3 USD/MWh",
}
AT_ALL_TIMES = np.ones(240, dtype=bool)


def rates(parts) -> dict[Account, float]:
    """Rate of each account, which must be the same at all times."""
    assert all(np.ptp(part.rate) == 0.0 for part in parts)
    return {part.account: float(part.rate[0]) for part in parts}


# --- links ---------------------------------------------------------------------------------------


def test_links_to_an_area_count_together_at_their_availability(tmp_path):
    where = place(small(tmp_path, more=SECOND))
    assert_array_equal(area_limit(where, "main", "grid"), np.full(240, 600 + 200.0))


def test_an_area_may_limit_its_links(tmp_path):
    where = place(small(tmp_path, {"area.grid.export_limit": "700 MW"}, more=SECOND))
    assert_array_equal(area_limit(where, "main", "grid"), np.full(240, 700.0))


def test_a_secure_area_keeps_its_largest_link_free(tmp_path):
    where = place(small(tmp_path, {"area.grid.secure": "n-1"}, more=SECOND))
    assert_array_equal(area_limit(where, "main", "grid"), np.full(240, 200.0))


def test_a_link_that_a_gate_opens_reaches_its_area_and_draws_from_it(tmp_path):
    closed = {"link.line.export_limit": "0 MW", "link.line.import_limit": "0 MW"}
    gates = STAGES + '[gate.works]\ntitle = "t"\nstage = "talk"\ndate = 2028-01-03\n'
    gates += 'set = { "link.line.export_limit" = "500 MW", "link.line.import_limit" = "50 MW" }\n'
    choice = '[alternative.all]\ntitle = "t"\nneeds = ["works"]\n'
    case = small(tmp_path, closed, gates=gates, alternatives=choice)
    today, opened = place(case, world="today"), place(case)
    assert reached(today, "main") == suppliers(today, "main") == ()
    assert reached(opened, "main") == suppliers(opened, "main") == ("grid",)
    assert_array_equal(area_limit(opened, "main", "grid")[[47, 48]], [0.0, 500.0])


def test_an_area_without_a_market_sells_nothing_to_the_site(tmp_path):
    case = small(
        tmp_path,
        more='\n[area.far]\n[link.far]\nbus = "main"\narea = "far"\n'
        'export_limit = "1 MW"\nimport_limit = "1 MW"\n',
    )
    assert reached(place(case), "main") == ("grid", "far")
    assert suppliers(place(case), "main") == ("grid",)


# --- what a megawatt-hour is worth ---------------------------------------------------------------


def test_a_sale_brings_the_price_of_what_arrives_less_the_charge(tmp_path):
    use = sale(place(small(tmp_path, LOSSY)), "grid", 0, np.full(240, 600.0))
    assert_allclose(use.value, 0.9 * (45 - 5), rtol=1e-14)
    assert rates(use.components) == pytest.approx(
        {Account.ENERGY_SALES: 0.9 * 45, Account.TRANSMISSION: -0.9 * 5}
    )
    assert_array_equal(use.capacity, np.full(240, 600.0))


def test_a_market_takes_no_more_than_its_depth(tmp_path):
    where = place(small(tmp_path, LOSSY | {"area.grid.market.depth": "90 MW"}))
    assert_allclose(sale(where, "grid", 0, np.full(240, 600.0)).capacity, 100.0, rtol=1e-14)


def test_what_is_owed_counts_where_it_arrives(tmp_path):
    where = place(small(tmp_path, LOSSY, more=TOWN))
    use = obligation(where, "grid", "town", 0, AT_ALL_TIMES)
    assert use.name == "grid.town"
    assert_allclose(use.capacity, 100.0, rtol=1e-14)  # 90 MW arrive
    assert_allclose(use.value, 0.9 * (60 - 5), rtol=1e-14)
    assert_allclose(use.shortfall_price, 0.9 * 300, rtol=1e-14)
    # The town is paid for 90 MW, whichever end it is measured at.
    assert_allclose(use.shortfall_price * use.capacity, 300 * 90.0, rtol=1e-14)


def test_nothing_is_owed_before_the_plant_can_first_generate(tmp_path):
    dates = {"since": "2028-01-02", "until": "2028-01-09"}
    case = small(
        tmp_path,
        {f"area.grid.obligation.town.{key}": day for key, day in dates.items()},
        more=TOWN,
    )
    possible = np.arange(240) >= 72
    holds = owed(place(case), "grid", "town", possible)
    assert_array_equal(holds, (np.arange(240) >= 72) & (np.arange(240) < 192))
    early = owed(place(case), "grid", "town", AT_ALL_TIMES)
    assert_array_equal(early, (np.arange(240) >= 24) & (np.arange(240) < 192))
    use = obligation(place(case), "grid", "town", 0, possible)
    assert_array_equal(use.capacity, np.where(holds, 90.0, 0.0))


def test_a_mine_on_site_brings_its_coins_less_fee_and_cost(tmp_path):
    changes = {"mine.pilot.pool.fee": "2 %", "mine.pilot.variable_cost": "4 USD/MWh"}
    where = place(small(tmp_path, changes))
    (use,) = mining(where, fleets(where, earnings(where), np.ones(240))["pilot"], BUSBAR)
    coins = 40 / (0.024 * 13.5)
    assert_allclose(use.value, 0.98 * coins - 4, rtol=1e-14)
    assert rates(use.components) == pytest.approx(
        {
            Account.MINING_REVENUE: coins,
            Account.POOL_FEE: -0.02 * coins,
            Account.MINE_VARIABLE_OM: -4.0,
        }
    )
    assert (use.name, use.party, use.kind, use.node) == ("pilot", "miner", UseKind.MINE, BUSBAR)


def test_a_mine_in_the_grid_pays_for_the_way(tmp_path):
    where = place(small(tmp_path, LOSSY | {"mine.pilot.bus": None, "mine.pilot.area": "grid"}))
    (use,) = mining(where, fleets(where, earnings(where), np.ones(240))["pilot"], 0)
    assert_allclose(use.capacity, 30 / 0.9, rtol=1e-14)
    assert_allclose(use.value, 0.9 * (40 / (0.024 * 13.5) - 5), rtol=1e-14)


def test_each_piece_of_a_curve_is_a_use_of_its_own(tmp_path):
    # the machine whose power/hash curve was measured
    machine = {"mine.pilot.machine": "Antminer S19k Pro (120T)", "mine.pilot.curve": "table"}
    where = place(small(tmp_path, machine))
    own = fleets(where, earnings(where), np.ones(240))["pilot"]
    uses = mining(where, own, BUSBAR)
    assert [use.label for use in uses] == [f"mine pilot {n + 1}" for n in range(len(own.segments))]
    assert_allclose(sum(use.capacity for use in uses), own.power, rtol=1e-12)
    assert np.all(np.diff([use.value[0] for use in uses]) < 0.0)


def test_the_value_is_the_sum_of_the_components(tmp_path):
    where = place(small(tmp_path, LOSSY, more=TOWN))
    for use in (
        sale(where, "grid", 0, np.full(240, 600.0)),
        obligation(where, "grid", "town", 0, AT_ALL_TIMES),
        house_load(where, "main", np.zeros(240)),
    ):
        assert_array_equal(use.value, total(use.components, 240))
        assert_allclose(use.value, sum((p.rate for p in use.components), start=np.zeros(240)))


# --- import --------------------------------------------------------------------------------------


def test_import_covers_the_deficit_and_no_more(tmp_path):
    where = place(small(tmp_path, more=SECOND))
    need = np.linspace(0.0, 239.0, 240)
    bought = purchase(where, "main", "grid", need)
    assert_array_equal(bought.capacity, np.minimum(need, 100 + 25.0))


def test_what_arrives_costs_more_than_what_is_sent(tmp_path):
    bought = purchase(place(small(tmp_path, LOSSY)), "main", "grid", np.ones(240))
    assert_allclose(bought.price, (45 + 3) / 0.9, rtol=1e-14)
    assert rates(bought.components) == pytest.approx(
        {Account.IMPORT: -45 / 0.9, Account.TRANSMISSION: -3 / 0.9}
    )


# --- stretches -----------------------------------------------------------------------------------


def test_a_stretch_of_a_use_is_the_use_over_that_stretch(tmp_path):
    write_series(tmp_path, "prices.csv", np.arange(240.0), "USD/MWh")
    changes = {"area.grid.market.price": "prices.csv#value"}
    where = place(small(tmp_path, changes, more=TOWN))
    part = slice(24, 72)
    sold = sale(where, "grid", 0, np.full(240, 600.0)).cut(part)
    assert_array_equal(sold.value, np.arange(24.0, 72.0))
    owed_then = obligation(where, "grid", "town", 0, AT_ALL_TIMES).cut(part)
    assert_array_equal(owed_then.shortfall_price, np.full(48, 300.0))
    bought = purchase(where, "main", "grid", np.arange(240.0)).cut(part)
    assert_array_equal(bought.price, np.arange(24.0, 72.0))
    assert_array_equal(bought.capacity, np.minimum(np.arange(24.0, 72.0), 100.0))
