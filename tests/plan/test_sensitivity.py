from __future__ import annotations

import pytest
from tests.plan.small_cases import place, studied

from baseload.plan.baseline import Baselines
from baseload.plan.money import settle_accounts
from baseload.plan.operation import run
from baseload.plan.outcome import Swing
from baseload.plan.sensitivity import swings
from baseload.plan.valuation import worth


@pytest.fixture
def case(tmp_path):
    return studied(tmp_path)


def value(case, name, patches=None) -> tuple[float, float]:
    """Work an alternative out from the beginning: the whole, and what the mine adds [USD]."""
    where = place(case.patched(patches or {}), name)
    with_mine, without = run(where), run(where, mines=False)
    return worth(where, settle_accounts(with_mine), settle_accounts(without))


def by_path(rows) -> dict[str, Swing]:
    return {row.unknown: row for row in rows}


@pytest.mark.parametrize("name", ["pilot", "large", "status-quo"])
def test_each_end_of_a_swing_is_the_world_with_that_value(case, name):
    rows = by_path(swings(case, name, Baselines()))
    assert set(rows) == {unknown.path for unknown in case.unknowns}
    for unknown in case.unknowns:
        ends = [value(case, name, {unknown.path: level}) for level in (unknown.low, unknown.high)]
        row = rows[unknown.path]
        assert row.npv == pytest.approx([npv for npv, _ in ends], rel=1e-4)
        assert row.mine_value == pytest.approx([mine for _, mine in ends], rel=1e-4, abs=1.0)


def test_at_the_base_level_a_swing_ends_at_the_base(case):
    # 45 USD/MWh is what is written in the case.
    row = by_path(swings(case, "pilot", Baselines()))["area.grid.market.price"]
    npv, mine_value = value(case, "pilot")
    assert row.npv[0] == pytest.approx(npv, rel=1e-12)
    assert row.mine_value[0] == pytest.approx(mine_value, rel=1e-12)
    assert row.npv[1] > row.npv[0]


def test_a_swing_keeps_what_is_written(case):
    rows = by_path(swings(case, "pilot", Baselines()))
    site, price = rows["mine.pilot.site_price"], rows["area.grid.market.price"]
    assert (site.label, site.low, site.high) == ("Price of the site", "0 USD/kW", "900 USD/kW")
    assert (site.status, site.source) == ("assumed", None)
    assert (price.label, price.status, price.source) == (price.unknown, "reported", "Z1")


def test_what_moves_the_mine_most_comes_first(case):
    rows = swings(case, "pilot", Baselines())
    widths = [row.width("mine_value") for row in rows]
    assert widths == sorted(widths, reverse=True)
    assert rows[0].unknown == "mine.pilot.site_price"


def test_where_there_is_no_mine_the_whole_counts(case):
    rows = swings(case, "status-quo", Baselines())
    assert all(row.mine_value == (0.0, 0.0) for row in rows)
    widths = [row.width("npv") for row in rows]
    assert widths == sorted(widths, reverse=True)
    assert rows[-1].unknown == "mine.pilot.site_price"
    assert rows[-1].width("npv") == 0.0


def test_a_pattern_moves_all_that_it_stands_for(case):
    row = by_path(swings(case, "pilot", Baselines()))["plant.unit.*.fuel_cost"]
    assert row.npv[1] < row.npv[0]
    # Coins are worth more than the surplus costs: the mine feels fuel only in what it burns.
    assert row.mine_value[1] < row.mine_value[0]
