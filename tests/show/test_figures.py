import numpy as np
import pytest

from baseload.plan.cash.accounts import Account
from baseload.show.figures import (
    cash_by_year,
    cash_of,
    energy_of,
    local_times,
    money_scale,
    ranking_of,
    tornado_of,
    week_of,
    widest_first,
)
from baseload.show.language import Language

EN, FR = Language("en"), Language("fr")


@pytest.fixture
def pilot(study):
    return study.outcomes["pilot"]["opened"]


@pytest.fixture
def idle(study):
    return study.outcomes["status-quo"]["today"]


def labels(picture) -> list[str]:
    return [label for _shape, _colour, label in picture.legend]


def test_a_week_shows_uses_generation_prices_and_the_worth_of_mining(study, pilot):
    assert labels(week_of(study, pilot, EN)) == [
        "Market: Northern area",
        "Mine: Mine at the site",
        "Curtailed",
        "Generation",
        "Price: Northern area",
        "Value of a MWh mined",
    ]


def test_a_week_without_a_mine_has_no_worth_of_mining(study, idle):
    assert labels(week_of(study, idle, EN)) == ["House load", "Generation", "Price: Northern area"]


def test_a_week_is_shown_on_the_clocks_of_its_zone(pilot):
    # 21:00 UTC is midnight in Kyiv in July.
    assert local_times(pilot.week)[0] == np.datetime64("2029-07-02T00:00")


def test_energy_shows_only_what_there_is(pilot, idle):
    assert labels(energy_of(idle, EN)) == ["House and shutdown load", "Generated"]
    assert "Mined" in labels(energy_of(pilot, EN))


def test_cash_leaves_nothing_out(pilot):
    by_year = cash_by_year(pilot)
    total = sum(flow.sum() for flow in by_year.values())
    assert total == pytest.approx(pilot.ledger.total(), rel=1e-12)
    assert by_year[Account.CAPITAL_MACHINES].tolist() == [0.0, 0.0, -25e6, 0.0]
    assert "Investissements et reventes" in labels(cash_of(pilot, FR))


def test_the_running_sum_ends_at_the_sum_of_the_ledger(pilot):
    # The last point of the line tells its value, in M USD.
    total = EN.number(pilot.ledger.total() / 1e6)
    scale = "bn" if abs(pilot.ledger.total()) >= 1e9 else "M"
    assert scale == "M"
    assert f"Running sum, 2030: {total}" in cash_of(pilot, EN).wide


def test_a_tornado_has_no_bar_for_what_moves_nothing(study, pilot, idle):
    assert "Price of a bitcoin" in tornado_of(study, pilot, EN).wide
    assert tornado_of(study, idle, EN) is None
    assert [swing.label for swing in widest_first(study.swings["pilot"])] == ["Price of a bitcoin"]


def test_the_ranking_holds_mines_only(study):
    assert "30 MW pilot at the site" in ranking_of(study, EN).wide
    assert "As it stands" not in ranking_of(study, EN).wide


def test_amounts_are_scaled_to_their_magnitude():
    assert money_scale(2.4e6, EN) == (1e6, "M USD")
    assert money_scale(-3e9, FR) == (1e9, "Md USD")
    assert money_scale(12.0, EN) == (1.0, "USD")
