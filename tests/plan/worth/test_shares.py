import numpy as np
import pytest
from tests.plan.worth.gated_case import gated_case

from baseload.plan.worth.forcing import Forcing
from baseload.plan.worth.shares import Points, designed, moved_by


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return gated_case(tmp_path_factory.mktemp("gated"))


@pytest.fixture(scope="module")
def forcing(case):
    return Forcing.of(case, case.alternatives).only("large")


def test_an_unknown_that_hardly_moves_the_outcome_is_left_out():
    # Effects over the same range: 100, 4 and 2, against 3 % of their root of squares.
    weights = np.array([100.0, 4.0, 2.0])
    assert moved_by(lambda points: points @ weights, 3) == [0, 1]


def test_nothing_is_kept_where_nothing_moves():
    assert moved_by(lambda points: np.ones(len(points)), 4) == []


def test_points_are_levels_with_all_gates_open_and_the_same_chance(case, forcing):
    points = Points(case, "large", forcing, seed=0, scenarios=1)
    assert points.paths[0] == "area.grid.market.price"
    middle = np.full((3, len(points.paths)), 0.5)
    middle[1, 0], middle[2, 2] = 0.01, 0.01
    same, cheap, unlikely = points.value(middle)
    # Power at 12.4 USD/MWh in place of 130; an unlikely permit changes nothing, it is open.
    assert unlikely == same
    assert cheap > same
    assert points.value(middle[:1])[0] == same


def test_the_price_of_power_explains_all_there_is(case, forcing):
    told = []
    found = designed(
        case,
        "large",
        forcing,
        count=8,
        seed=1,
        scenarios=1,
        progress=lambda *step: told.append(step),
    )
    # The value is a function of the price alone: its first and total share are one.
    assert list(found.indices) == ["area.grid.market.price"]
    assert found.indices["area.grid.market.price"].total == pytest.approx(1.0, abs=0.5)
    assert set(found.left_out) == {"plant.unit.*.fixed_cost", "gate.permit.probability"}
    assert told[-1] == ("shares of variance", 24, 24)
