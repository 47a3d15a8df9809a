"""Where the uses of an alternative stand, and what a megawatt makes in each."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import small

from baseload.plan.ensemble.parameters import Parameters
from baseload.plan.ensemble.structure import (
    BUS_DRAWN,
    BUS_DRAWS,
    BUS_FIRST,
    BUS_LAST,
    HOUSE,
    MARKET,
    MINE_AREA,
    MINE_FEES,
    MINE_PAYS,
    MINING,
    OBLIGATION,
    WHERE,
    rated,
    structure,
)

MORE = """
[plant.bus.other]

[link.side]
bus = "other"
area = "side"
export_limit = "10 MW"

[area.side.market]
price = "20 USD/MWh"
sells = false

[area.side.obligation.town]
to = "miner"
power = "5 MW"
shortfall_price = "100 USD/MWh"

[mine.behind]
area = "grid"
machine = "Antminer S21 XP"
efficiency = "15 J/TH"
pue = 1.1
power = "5 MW"
owner = "plant"
power_price = "5 USD/MWh"
pool = { scheme = "PPS" }
"""


@pytest.fixture
def laid(tmp_path):
    case = small(tmp_path, {"mine.pilot.power_price": "9 USD/MWh"}, more=MORE)
    parameters = Parameters.of(case)
    return case, parameters, structure(case, parameters, ("pilot", "behind"))


def test_uses_stand_section_by_section_the_house_first(laid):
    _, _, parts = laid
    uses = list(zip(parts.use_kind, parts.use_of, parts.use[:, WHERE], strict=True))
    grid, side = 0, 1
    assert uses == [
        (HOUSE, 0, -1),
        (MARKET, grid, grid),
        (MINING, 1, grid),
        (MINING, 0, -1),
        (HOUSE, 1, -1),
        (OBLIGATION, 0, side),
    ]
    assert_array_equal(parts.bus[:, [BUS_FIRST, BUS_LAST]], [[0, 4], [4, 6]])
    assert_array_equal(parts.mine[:, MINE_AREA], [-1, grid])


def test_each_section_draws_from_the_areas_of_its_lines(laid):
    _, _, parts = laid
    assert_array_equal(parts.bus[:, [BUS_DRAWS, BUS_DRAWN]], [[0, 1], [1, 2]])
    assert_array_equal(parts.supplier, [0, 1])


def test_places_lead_to_the_numbers_of_the_case(laid):
    _, parameters, parts = laid
    values = parameters.base.values
    assert_array_equal(values[parts.unit_at[0, :2]], [1000.0, 50.0])
    assert_array_equal(values[parts.link_at[:, 0]], [600.0, 10.0])
    assert_array_equal(values[parts.owed_at[0, [0, 2]]], [5.0, 100.0])
    assert_array_equal(values[parts.mine_at[:, 0]], [30.0, 5.0])
    # An area without a market has no depth of it.
    assert (parts.area_at[:, :4] >= 0).all()


def test_a_megawatt_at_the_meter_makes_what_efficiency_and_cooling_leave(laid):
    case, _, parts = laid
    assert rated(case, "behind") == pytest.approx(15 * 1.1)
    mining = parts.use_kind == MINING
    assert_allclose(parts.use_ths[mining], [1e6 / (15 * 1.1), 1e6 / 13.5], rtol=1e-12)
    assert_array_equal(parts.use_share[mining], 1.0)


def test_a_measured_curve_is_cut_into_pieces_that_make_up_the_whole(tmp_path):
    patches = {
        "mine.pilot.machine": "Antminer S19k Pro (120T)",
        "mine.pilot.curve": "table",
        "mine.pilot.efficiency": "20 J/TH",
    }
    case = small(tmp_path, patches)
    parts = structure(case, Parameters.of(case), ("pilot",))
    mining = parts.use_kind == MINING
    assert mining.sum() > 1
    assert_allclose(parts.use_share[mining].sum(), 1.0, rtol=1e-12)
    assert_allclose(parts.use_share[mining] @ parts.use_ths[mining], 1e6 / 20, rtol=1e-9)
    assert (np.diff(parts.use_ths[mining]) < 0.0).all()


def test_who_owns_the_plant_pays_himself_nothing_and_pools_differ(laid):
    _, _, parts = laid
    assert_array_equal(parts.mine[:, MINE_PAYS], [1, 0])
    assert_array_equal(parts.mine[:, MINE_FEES], [1, 0])


def test_without_mines_nothing_mines(laid):
    case, parameters, _ = laid
    parts = structure(case, parameters, ())
    assert not (parts.use_kind == MINING).any()
    assert parts.mine_at.shape == (0, 10)
