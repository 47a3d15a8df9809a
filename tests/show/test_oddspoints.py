import dataclasses
import re

import numpy as np
import pytest
from tests.show.sample_ensemble import with_futures

from baseload.plan.ensemble.estimates import Estimate
from baseload.plan.ensemble.odds import ranked
from baseload.plan.worth.result import Verdict
from baseload.show.keypoints import key_points, shown
from baseload.show.language import Language
from baseload.show.oddspoints import answer, margin, margin_in, points, verdict

EN, FR = Language("en"), Language("fr")


@pytest.fixture(scope="module")
def drawn(study):
    return with_futures(study)


def valued(study, values, built=True):
    """Return the study with other values of the pilot's mine, over four futures in turn."""
    ensemble = study.ensemble
    pilot = ensemble.alternatives.index("pilot")
    small = {name: array.copy() for name, array in ensemble.small.items()}
    small["mine_value"][pilot] = np.resize(values, ensemble.scenarios)
    small["mine_mw"][pilot] = 30.0 if built else 0.0
    return dataclasses.replace(study, ensemble=dataclasses.replace(ensemble, small=small))


def said(study, tongue=EN):
    return plain(answer(study, ranked(study.ensemble), tongue))


def plain(text):
    return re.sub(r"[\u00a0\u202f]", " ", text)


def test_the_answer_names_the_best_mine_with_its_odds(drawn):
    text = said(valued(drawn, [8e6, 12e6, 8e6, -4e6]))
    assert text.startswith("Under the assumptions of this case “30 MW pilot at the site” adds most")
    # Mean of the four; deviation 6.0 M over the root of 400.
    assert "+6.0 ± 0.3" in text or "+6.00 ± 0.30" in text
    assert "built in 100 % of them, and loses money in 25 % of those" in text


def test_the_answer_says_where_the_mean_cannot_be_told_from_nothing(drawn):
    assert "to be sure of" in said(valued(drawn, [100e6, -99e6]))
    assert "to be sure of" in said(valued(drawn, [99e6, -100e6]))
    assert "cannot tell" not in said(valued(drawn, [8e6, 9e6]))


def test_where_mines_lose_on_average_nothing_is_best(drawn):
    text = said(valued(drawn, [-8e6, -9e6]))
    assert "building nothing is best" in text
    assert "“30 MW pilot at the site”, is built in 100 %" in text


def test_where_no_mine_is_ever_built_the_answer_says_so(drawn):
    assert "no mine is ever built in any of 400 futures" in said(valued(drawn, [0.0], built=False))


def test_key_points_under_uncertainty_come_first_and_carry_their_caveat(drawn):
    found = key_points(drawn, EN)
    assert found.answer == answer(drawn, ranked(drawn.ensemble), EN)
    assert "not a forecast" in str(found.odds[-1])
    assert found.points[0].text.startswith("As things stood")


def test_without_futures_the_key_points_are_those_of_base_values(study):
    assert key_points(study, EN).odds == ()
    assert key_points(study, EN).answer.startswith("As things stand")


def test_the_detail_shown_is_that_of_the_first_by_odds(drawn):
    assert shown(drawn).name == "pilot"


def test_signals_are_named_by_what_they_are_worth(drawn):
    told = [plain(str(point)) for point in points(drawn, ranked(drawn.ensemble), EN)]
    worth = next(text for text in told if text.startswith("Most worth knowing"))
    assert "The first unit restarts: 31.0 ± 1.2 M USD, by summer 2027" in worth
    assert worth.index("The first unit restarts") < worth.index("An agreement is signed")


def test_no_signal_worth_anything_is_a_finding(drawn):
    still = dataclasses.replace(drawn, worth=dataclasses.replace(drawn.worth, signals=()))
    told = [str(point) for point in points(still, ranked(still.ensemble), EN)]
    assert any("No single piece of news" in text for text in told)


def test_a_mine_seldom_built_has_no_range(drawn):
    ensemble = drawn.ensemble
    pilot = ensemble.alternatives.index("pilot")
    small = {name: array.copy() for name, array in ensemble.small.items()}
    small["mine_mw"][pilot, 3:] = 0.0
    small["mine_mw"][pilot, :3] = 30.0
    seldom = dataclasses.replace(drawn, ensemble=dataclasses.replace(ensemble, small=small))
    first = next(points(seldom, ranked(seldom.ensemble), EN))
    assert "built in 3 futures only: too few to tell" in str(first)


@pytest.mark.parametrize(
    ("estimate", "english", "french"),
    [
        (Estimate(7.217e6, 2.368e6), "+7.2 ± 2.4 M USD", "+7,2 ± 2,4 M USD"),
        (Estimate(-1.234e9, 0.0456e9), "−1.234 ± 0.046 bn USD", "−1,234 ± 0,046 Md USD"),
        (Estimate(0.0, 0.0), "0 USD", "0 USD"),
        (Estimate(3e6, float("nan")), "+3 M USD", "+3 M USD"),
    ],
)
def test_an_amount_and_its_error_share_one_unit_and_its_decimals(estimate, english, french):
    assert plain(margin(estimate, EN)) == english
    assert plain(margin(estimate, FR)) == french


def test_a_table_names_the_unit_itself():
    assert margin_in(Estimate(-211e3, 855e3), 1e6, EN) == "−0.21 ± 0.85"


def test_a_verdict_says_what_the_choice_becomes(drawn):
    found = Verdict("opens", 0.3, "pilot", 84e6)
    assert plain(verdict(drawn, found, EN)) == "opens (30 %): 30 MW pilot at the site, +84 M USD"
    nothing = Verdict("stays shut", 0.7, "nothing", 0.0)
    told = plain(verdict(drawn, nothing, FR))
    assert told == "ne se réalise pas (70 %) : Ne construire aucune mine, 0 USD"


def test_where_gates_weigh_against_every_mine_the_answer_names_the_one_to_watch(drawn):
    worth = drawn.worth
    row = dataclasses.replace(worth.waiting[0], alternative="pilot", chance=0.005, gains=0.48)
    weighed = dataclasses.replace(worth, best="nothing", subject="pilot", waiting=(row,), evpi=1e6)
    unsure = dataclasses.replace(valued(drawn, [100e6, -99e6]), worth=weighed)
    said = answer(unsure, ranked(unsure.ensemble), EN)
    assert "building no mine is best now" in said
    assert "chance of 0.5" in said
    assert "pays in 48" in said
    sure = dataclasses.replace(valued(drawn, [100e6, 101e6]), worth=weighed)
    assert "adds most" in answer(sure, ranked(sure.ensemble), EN)
