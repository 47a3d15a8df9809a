import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.plan.prospect.synthetic import YEARS, case_of, ensemble_of

from baseload.plan.cash.accounts import Account
from baseload.plan.prospect.whole import obligations, whole


@pytest.fixture
def case(tmp_path):
    return case_of(tmp_path / "case", 'energy = { north = "100 %" }')


def test_all_accounts_make_up_the_total(case):
    cash = {Account.ENERGY_SALES: 100.0, Account.FUEL: -30.0, Account.TAX: [1.0, 2.0, 3.0]}
    found = whole(ensemble_of(case, cash=cash), "large")
    assert_allclose(found.total, [[71.0, 72.0, 73.0]] * 2)
    assert_allclose(found.gross, [[131.0, 132.0, 133.0]] * 2)


def test_a_year_is_discounted_by_the_mean_of_its_months(case):
    # 8 % a year, month m by 1.08 ** (-m / 12)
    found = whole(ensemble_of(case), "large").discount
    months = 1.08 ** (-np.arange(36) / 12)
    assert_allclose(found, months.reshape(1, 3, 12).mean(axis=2), rtol=1e-12)


def test_a_discount_rate_that_is_unknown_is_that_of_the_future(case):
    ensemble = ensemble_of(case)
    levels = np.array([[0.0, 0.12]])
    object.__setattr__(ensemble, "unknowns", ("money.discount_rate",))
    object.__setattr__(ensemble, "small", {**ensemble.small, "unknown_level": levels})
    found = whole(ensemble, "large").discount
    assert found.shape == (2, YEARS)
    assert_allclose(found[0], 1.0)
    assert found[1, 2] < 1.12**-2


def test_only_mines_with_power_are_there(case):
    assert whole(ensemble_of(case), "none").mines == ()
    found = whole(ensemble_of(case), "large")
    assert found.mines == ("pilot",)
    assert found.mined_in_grid() == (0.0, 1.0)


def test_a_mine_behind_the_grid_receives_what_is_not_lost_on_the_way(tmp_path):
    edits = (
        ('[mine.pilot]\nbus = "main"', '[mine.pilot]\narea = "grid"'),
        ("[area.grid.market]", '[area.grid]\nloss = "5 %"\n[area.grid.market]'),
    )
    case = case_of(tmp_path / "case", 'energy = { north = "100 %" }', *edits)
    assert_allclose(whole(ensemble_of(case), "large").mined_in_grid(), (1.0, 0.95))


def test_the_price_is_that_of_the_area_in_which_something_is_owed(case):
    assert [area for area, _ in obligations(case)] == ["grid"]
    assert_allclose(whole(ensemble_of(case, price=45.0), "large").price, 45.0)


def test_damages_are_told_apart_from_load_of_the_site_that_was_not_served(case):
    # obligations 300 USD/MWh, the site's own load 10,000: 40 MWh and 2 MWh
    cash = {Account.SHORTFALL_DAMAGES: -40 * 300.0 - 2 * 10_000.0}
    missing, damages = whole(ensemble_of(case, {"shortfall": 42.0}, cash), "large").damages()
    assert_allclose(missing, 40.0)
    assert_allclose(damages, -12_000.0)


def test_without_obligations_all_that_is_missing_is_the_sites_own_load(tmp_path):
    none = ('power = "100 MW"\nshortfall_price', 'power = "0 MW"\nshortfall_price')
    case = case_of(tmp_path / "case", 'energy = { north = "100 %" }', none)
    cash = {Account.SHORTFALL_DAMAGES: -20_000.0}
    missing, damages = whole(ensemble_of(case, {"shortfall": 2.0}, cash), "large").damages()
    assert_allclose(missing, 0.0)
    assert_allclose(damages, 0.0)
