"""Futures as they are written: the same whatever is asked for, and accounts that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.ensemble.random_cases import random_case
from tests.plan.small_cases import small, studied

from baseload.plan.cash.accounts import Account
from baseload.plan.ensemble.result import ACCOUNTS, VARIABLES
from baseload.plan.ensemble.simulator import BLOCK, Simulator

SEEDS = st.integers(0, 2**32 - 1)
SCENARIOS = 6
BOUGHT = (Account.CAPITAL_MACHINES, Account.CAPITAL_SITE)


def along(name: str, values: np.ndarray, alternatives: list[int], scenarios) -> np.ndarray:
    """Pick alternatives and futures of a variable."""
    for dim, picked in (("alternative", alternatives), ("scenario", scenarios)):
        if dim in VARIABLES[name].dims:
            values = np.take(values, picked, axis=VARIABLES[name].dims.index(dim))
    return values


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return random_case(tmp_path_factory.mktemp("case"), 8)


@pytest.fixture(scope="module")
def whole(case):
    return Simulator(case, tuple(case.alternatives), 4, SCENARIOS).run(0, SCENARIOS)


@pytest.mark.parametrize(
    ("names", "first", "last"),
    [(("none",), 0, 6), (("restarted", "all"), 3, 5), (("all",), 5, 6), (("none", "all"), 1, 2)],
)
def test_what_is_drawn_depends_neither_on_the_choices_nor_on_the_chunk(
    case, whole, names, first, last
):
    found = Simulator(case, names, 4, SCENARIOS).run(first, last)
    picked = [list(case.alternatives).index(name) for name in names]
    for name, values in found.items():
        expected = along(name, whole[name], picked, range(first, last))
        assert_array_equal(values, expected, err_msg=name)


def test_futures_are_the_same_in_any_order(case, whole):
    simulator = Simulator(case, tuple(case.alternatives), 4, SCENARIOS)
    for scenario in (4, 0, 5, 2):
        one = simulator.run(scenario, scenario + 1)
        for name, values in one.items():
            expected = along(name, whole[name], [0, 1, 2], [scenario])
            assert_array_equal(values, expected, err_msg=name)


def test_futures_do_not_depend_on_how_many_there_are(case):
    few, many = (Simulator(case, (), 4, count) for count in (BLOCK + 2, 5000))
    for scenario in (0, BLOCK - 1, BLOCK, BLOCK + 1):
        assert_array_equal(few.future(scenario).levels, many.future(scenario).levels)


def test_another_seed_draws_other_futures(case, whole):
    other = Simulator(case, ("none",), 5, SCENARIOS).run(0, SCENARIOS)
    for name in ("unknown_level", "bitcoin_price", "power_price"):
        assert not np.array_equal(other[name], whole[name])


def test_all_variables_are_written_in_their_shapes(case, whole):
    sizes = {"alternative": 3, "scenario": SCENARIOS, "year": 1, "area": 2, "gate": 3}
    sizes |= {"unknown": len(case.unknowns), "account": len(ACCOUNTS)}
    assert list(whole) == list(VARIABLES)
    for name, variable in VARIABLES.items():
        assert whole[name].shape == tuple(sizes[dim] for dim in variable.dims), name


def test_gates_are_told_in_years_from_the_start(case, whole):
    # 2028-01-03 at the latest for the restart, where it comes: day 1 of the horizon.
    opens = whole["gate_open"][list(case.tree.gate).index("restart")]
    assert set(opens) <= {1 / 365.25, np.inf}


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_energy_and_money_add_up_in_every_alternative_and_year(tmp_path_factory, seed):
    case = random_case(tmp_path_factory.mktemp("case"), seed)
    found = Simulator(case, tuple(case.alternatives), seed % 97, 3).run(0, 3)
    made = found["generated"] + found["imported"]
    used = sum(found[name] for name in ("house", "exported", "obligations", "mined", "curtailed"))
    assert_allclose(used, made, rtol=1e-9, atol=1e-9)
    cash = found["cash"]
    # All cash of the one month of the horizon is worth itself at its start.
    assert len(case.clock.month_starts) == 2
    total = cash.sum(axis=0)
    scale = np.abs(cash).sum(axis=0)
    assert_allclose(total[:, :, 0], found["npv"], rtol=0, atol=1e-12 * scale.max())
    added = found["mine_cash"].sum(axis=2)
    assert_allclose(added, found["mine_value"], rtol=0, atol=1e-12 * scale.max())
    never = found["mine_mw"] == 0.0
    assert never[2].all()
    assert_array_equal(found["mine_value"][never], 0.0)
    assert_array_equal(found["coins"][never], 0.0)
    assert np.isnan(found["first_mining"][never]).all()
    spent = cash[[ACCOUNTS.index(account) for account in BOUGHT]]
    assert_array_equal(spent[:, never], 0.0)
    assert (spent[:, ~never].sum(axis=(0, 2)) < 0.0).all()


def test_value_is_cash_by_month_discounted(tmp_path):
    case = studied(tmp_path)
    simulator = Simulator(case, ("large",), 0, 4)
    found = simulator.run(0, 4)
    for scenario in range(4):
        own, without = simulator.future(scenario).outcomes(simulator.choices[0])
        assert_allclose(own.yearly.sum(axis=0), found["cash"][:, 0, scenario].sum(axis=0))
        # A year's cash lies in its months: discounting each year's at its first and at its last
        # month holds the value between them, as all of it is positive but for the purchase.
        assert found["mine_value"][0, scenario] == own.npv - without.npv
        years = without.yearly.sum(axis=0)
        assert (years > 0.0).all()
        rate = case.tree.money.discount_rate
        late = years @ (1 + rate) ** -np.array([11 / 12, 13 / 12])
        early = years @ (1 + rate) ** -np.array([0.0, 1.0])
        assert late < without.npv < early


def test_first_mining_and_first_generation_are_told_in_years(tmp_path):
    case = small(tmp_path, {"mine.pilot.since": "2028-01-04"})
    found = Simulator(case, ("all",), 0, 1).run(0, 1)
    assert_allclose(found["first_mining"], 72 / 8766)
    assert_array_equal(found["first_generation"], 0.0)
    assert_array_equal(found["mine_mw"], 30.0)
    assert_array_equal(found["hours_mining"], 7 * 24)
    assert_array_equal(found["hours_generating"], 240)
    # 950 MW less the 600 MW of the line, 30 of them mined from the fourth day on.
    assert_array_equal(found["surplus"], 950.0 * 240)
    assert_allclose(found["mined"], 30.0 * 168)
    assert_allclose(found["exported"], 600.0 * 240)


def test_a_simulation_names_what_it_leaves_out(tmp_path):
    case = small(tmp_path, {"plant.unit.u1.ramp": "1 %/min"})
    simulator = Simulator(case, ("all",), 0, 1)
    assert [each.what for each in simulator.simplified] == ["ramps of units from step to step"]
