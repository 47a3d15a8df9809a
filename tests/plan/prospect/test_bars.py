import numpy as np
import pytest
from tests.minimal import FILES
from tests.plan.prospect.synthetic import case_of, ensemble_of

from baseload.plan.prospect.bars import ending, held_years, holding, legs
from baseload.plan.prospect.result import Leg
from baseload.plan.prospect.whole import whole

LAW = (
    FILES["gates"]
    + """
[bar.R02]
title = "No dealings with the north"
jurisdiction = "elsewhere"
since = 2029-07-01
blocks = ["party.north"]

[bar.R03]
title = "No dealings with the south until mid 2029"
jurisdiction = "elsewhere"
since = 2025-01-01
until = 2029-07-01
blocks = ["party.south"]
"""
)
TERMS = """
energy = { north = "60 %", south = "40 %" }
terms.escrow = ["R01"]
[arrangement.A.terms.mine]
owner = { miner = "100 %" }
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return case_of(tmp_path_factory.mktemp("law"), TERMS, gates=LAW)


def told(case, party):
    entry = case.arrangements["A"]
    return legs(whole(ensemble_of(case), "large"), entry.terms, entry.energy, party)


def test_a_leg_names_the_bars_in_force_on_the_first_day_and_until_when(case):
    assert told(case, "south") == (
        Leg("40 % of the energy", ("R03",), "R03 until 2029-07-01", held=False),
    )
    # R02 is not yet in force
    assert told(case, "north") == (Leg("60 % of the energy", (), ""),)


def test_a_bar_on_the_mine_blocks_what_is_of_the_mine(case):
    assert told(case, "miner") == (
        Leg("100 % of the mine", ("R01",), "R01 until 2031-03-15 or gate permit", held=True),
    )


def test_coins_and_infrastructure_are_two_legs_where_their_shares_differ(case):
    terms = case.arrangements["A"].terms
    mining = terms.mine.model_copy(update={"hashrate": {"miner": 0.25, "south": 0.75}})
    terms = terms.model_copy(update={"mine": mining})
    found = legs(whole(ensemble_of(case), "large"), terms, {"north": 1.0}, "miner")
    assert [leg.what for leg in found] == [
        "25 % of the coins",
        "100 % of the mine's infrastructure",
    ]


def test_without_a_mine_nobody_has_a_leg_of_it(case):
    entry = case.arrangements["A"]
    found = legs(whole(ensemble_of(case), "none"), entry.terms, entry.energy, "miner")
    assert [leg.what for leg in found] == ["takes part"]


def test_a_bar_ends_on_its_day_or_with_a_gate(case):
    assert ending(case.tree, "R01") == "until 2031-03-15 or gate permit"
    assert ending(case.tree, "R02") == "without an end"


def test_only_bars_of_the_terms_hold_money(case):
    terms = case.arrangements["A"].terms
    assert holding(case.tree, terms, "mine.pilot") == ("R01",)
    assert holding(case.tree, terms, "party.south") == ()


def test_a_year_in_which_a_bar_holds_for_a_time_counts_as_a_whole(case):
    ensemble = ensemble_of(case)
    assert held_years(ensemble, case.tree, ["R02"]).tolist() == [[False, True, True]] * 2
    assert held_years(ensemble, case.tree, ["R03"]).tolist() == [[True, True, False]] * 2


def test_a_gate_lifts_a_bar_in_the_futures_in_which_it_opens(case):
    ensemble = ensemble_of(case, gates={"permit": [np.inf, 0.9]})
    held = held_years(ensemble, case.tree, ["R01"])
    assert held.tolist() == [[True, True, True], [True, False, False]]


def test_no_bar_holds_nothing(case):
    assert not held_years(ensemble_of(case), case.tree, []).any()
