"""What a problem refuses, by name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.plan.dispatch.random_problems import make

from baseload.case.errors import InputError
from baseload.plan.dispatch.problem import (
    Budget,
    Contract,
    Imports,
    Nodes,
    Problem,
    Storage,
    Units,
    UseKind,
    Uses,
)

HOURS = 3


def plant(**changes: object) -> Units:
    return replace(
        Units(("unit",), np.full((1, HOURS), 950.0), np.full((1, HOURS), 475.0), np.array([6.0])),
        **changes,
    )


def market(**changes: object) -> Uses:
    uses = Uses(
        ("export",),
        (UseKind.MARKET,),
        np.array([-1]),
        np.full((1, HOURS), 2000.0),
        np.full((1, HOURS), 45.0),
    )
    return replace(uses, **changes)


def test_one_value_per_item_is_repeated_over_all_steps() -> None:
    problem = Problem(HOURS, 1.0, plant(cost=np.array([6.0])), market(capacity=np.array([5.0])))
    assert problem.units.cost.shape == (1, HOURS)
    np.testing.assert_array_equal(problem.uses.capacity, np.full((1, HOURS), 5.0))


@pytest.mark.parametrize(
    ("units", "where"),
    [
        ({"available": np.array([[950.0, np.nan, 950.0]])}, "units.available"),
        ({"available": np.array([[950.0, -1.0, 950.0]])}, "units.minimum[0, 1]"),
        ({"available": np.full((2, HOURS), 950.0)}, "units.available"),
        ({"minimum": np.full((1, HOURS), 951.0)}, "units.minimum[0, 0]"),
        ({"ramp_up": np.array([-1.0])}, "units.ramp_up[0"),
        ({"cost": np.array([np.inf])}, "units.cost[0, 0]"),
    ],
)
def test_a_bad_unit_is_refused_by_its_place(units: dict[str, object], where: str) -> None:
    with pytest.raises(InputError) as error:
        Problem(HOURS, 1.0, plant(**units), market())
    assert error.value.where.startswith(where)


@pytest.mark.parametrize(
    ("uses", "where"),
    [
        ({"capacity": np.array([[1.0, 2.0, -3.0]])}, "uses.capacity[0, 2]"),
        ({"value": np.array([[1.0, np.inf, 1.0]])}, "uses.value[0, 1]"),
        ({"node": np.array([0])}, "uses.node[0]"),
        ({"shortfall_price": np.array([300.0])}, "uses.shortfall_price[0, 0]"),
        ({"kind": ()}, "uses.kind"),
    ],
)
def test_a_bad_use_is_refused_by_its_place(uses: dict[str, object], where: str) -> None:
    with pytest.raises(InputError) as error:
        Problem(HOURS, 1.0, plant(), market(**uses))
    assert error.value.where == where


def test_must_serve_load_behind_a_limit_is_refused() -> None:
    nodes = Nodes(("link",), np.array([-1]), np.full((1, HOURS), 10.0))
    house = market(kind=(UseKind.MUST_SERVE,), node=np.array([0]))
    with pytest.raises(InputError, match="hang it on the busbar"):
        Problem(HOURS, 1.0, plant(), house, nodes)


def test_nodes_in_a_circle_are_refused() -> None:
    nodes = Nodes(("a", "b"), np.array([1, 0]), np.full((2, HOURS), 10.0))
    with pytest.raises(InputError, match="circle"):
        Problem(HOURS, 1.0, plant(), market(), nodes)


def test_import_below_the_export_price_of_its_own_link_is_refused() -> None:
    nodes = Nodes(("link",), np.array([-1]), np.full((1, HOURS), 500.0))
    uses = market(node=np.array([0]))
    price = np.array([[50.0, 44.0, 50.0]])
    buy = Imports(("grid",), np.full((1, HOURS), 100.0), price, np.array([0]))
    with pytest.raises(InputError) as error:
        Problem(HOURS, 1.0, plant(), uses, nodes, buy)
    assert error.value.where == "imports.price['grid', step 1]"
    assert "at least the export price of 'export'" in str(error.value)
    apart = replace(buy, node=np.array([-1]))
    assert Problem(HOURS, 1.0, plant(), uses, nodes, apart).imports.name == ("grid",)


@pytest.mark.parametrize(
    ("coupling", "text"),
    [
        ({"budgets": (Budget("fuel", (0,), 0, 9, 1.0),)}, "period within steps 0 to 3"),
        ({"budgets": (Budget("fuel", (), 0, 3, 1.0),)}, "indices from 0 to 0"),
        ({"contracts": (Contract("take", (1,), 0, 3, 1.0, 1.0),)}, "indices from 0 to 0"),
        ({"contracts": (Contract("take", (0,), 0, 3, -1.0, 1.0),)}, "contract 'take', quantity"),
        ({"storages": (Storage("cell", 1.0, 1.0, 1.0, 1.2),)}, "efficiencies above 0"),
        ({"storages": (Storage("cell", 1.0, 1.0, 1.0, initial=2.0),)}, "first and last level"),
        ({"curtailment_cost": -1.0}, "curtailing a MWh costs"),
        ({"curtailment_cost": np.nan}, "curtailing a MWh costs"),
        ({"steps": 0}, "at least one step"),
    ],
)
def test_bad_coupling_is_refused(coupling: dict[str, object], text: str) -> None:
    arguments = {"steps": HOURS, "step": 1.0, "units": plant(), "uses": market()} | coupling
    with pytest.raises(InputError, match=text):
        Problem(**arguments)


def test_a_problem_prints_what_it_holds() -> None:
    text = repr(Problem(HOURS, 0.5, plant(), market(), budgets=(Budget("f", (0,), 0, 3, 1.0),)))
    assert text == (
        "Problem: 3 steps of 0.5 h, 1 units up to 950 MW, 1 uses, 0 nodes, 0 imports, 1 budgets"
    )


def test_random_problems_are_the_same_for_the_same_seed() -> None:
    one, two = make(11, coupled=True), make(11, coupled=True)
    np.testing.assert_array_equal(one.uses.value, two.uses.value)
    assert one.storages == two.storages
