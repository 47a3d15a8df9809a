import dataclasses
import datetime as dt

import numpy as np
import pytest

from baseload.plan.outcome import Study
from baseload.show.keypoints import best, coins_per_year, gates_in_order, key_points, present, shown
from baseload.show.language import Language

EN, FR = Language("en"), Language("fr")


def plain(text: object) -> str:
    return str(text).replace("\u00a0", " ").replace("\u202f", " ")


def with_opened(study: Study, **changes) -> Study:
    """Return the study with other findings for the pilot if its gates open."""
    worlds = study.outcomes["pilot"]
    changed = {**worlds, "opened": dataclasses.replace(worlds["opened"], **changes)}
    return dataclasses.replace(study, outcomes={**study.outcomes, "pilot": changed})


def test_the_first_point_is_what_holds_today(study):
    points = key_points(study, EN).points
    assert plain(points[0]) == (
        "As things stood on 13 March 2026: no generation, no surplus, no mine. The site imports "
        "35 MW on average, 307 GWh a year."
    )


def test_the_answer_says_that_nothing_can_run_and_when_it_could(study):
    assert plain(key_points(study, EN).answer) == (
        "As things stand no mine can run: the plant generates nothing and draws 35 MW from the "
        "grid. Only if every gate that it needs opened on its base date would mining begin, in "
        "March 2029 at the earliest."
    )


def test_bars_are_named_with_their_end(study):
    bars = key_points(study, EN).points[1]
    assert bars.text == "Barred by law on 1 January 2027:"
    assert bars.items == (
        "R01 Decree on mining (until 15 March 2031)",
        "R05 Sanctions on the operator (no end date)",
    )


def test_gates_come_in_the_order_in_which_they_open(study):
    pilot = study.outcomes["pilot"]["opened"]
    # The second opens six months (half of 8,766 h, rounded up to days) after the first.
    assert gates_in_order(study, pilot) == [
        ("agreement", dt.date(2027, 6, 1)),
        ("restart", dt.date(2027, 6, 1) + dt.timedelta(days=183)),
    ]
    assert key_points(study, EN).points[2].items == (
        "An agreement is signed (June 2027)",
        "The first unit restarts (December 2027)",
    )


def test_the_best_mine_is_told_with_its_value(study):
    text = plain(" ".join(map(str, key_points(study, EN).points)))
    assert "30 MW from March 2029, 22.5 BTC a year, 0.15 % of the network at most" in text
    assert "mining beats selling: the mine adds 2.4 M USD" in text


def test_a_mine_that_loses_is_said_to_lose(study):
    metrics = dataclasses.replace(study.outcomes["pilot"]["opened"].metrics, mine_value=-5e6)
    losing = with_opened(study, metrics=metrics)
    text = plain(" ".join(map(str, key_points(losing, EN).points)))
    assert "No mine pays at base values" in text
    assert "That mine takes 5 M USD from what the same plant is worth without it" in text
    assert "beats selling:" not in text


def test_a_mine_without_costs_of_its_own_has_no_break_even_to_speak_of(study):
    pilot = study.outcomes["pilot"]["opened"]
    text = plain(" ".join(map(str, key_points(study, EN).points)))
    assert "It breaks even" in text
    metrics = dataclasses.replace(
        pilot.metrics, break_even_factor=1e-16, break_even_hashprice=4e-15
    )
    free = with_opened(study, metrics=metrics)
    assert "breaks even" not in plain(" ".join(map(str, key_points(free, EN).points)))


def test_where_no_mine_pays_the_one_closest_to_paying_is_told_not_the_smallest(study):
    pilot = study.outcomes["pilot"]["opened"]
    metrics = dataclasses.replace(pilot.metrics, mine_value=-5e6, break_even_factor=4.5)
    large = dataclasses.replace(metrics, mine_value=-100e6, break_even_factor=1.25)
    losing = with_opened(study, metrics=metrics)
    both = {**losing.outcomes, "large": {"opened": dataclasses.replace(pilot, metrics=large)}}
    assert best(dataclasses.replace(losing, outcomes=both)).metrics is large


def test_the_widest_unknown_comes_last_with_both_values(study):
    last = plain(key_points(study, EN).points[-1])
    assert last == (
        "What sways that mine most: Price of a bitcoin. From 50000 USD/BTC to 150000 USD/BTC its "
        "value goes from −8 M USD to +12 M USD, all else at base."
    )


def test_energy_owed_and_not_delivered_is_said(study):
    energy = {**study.outcomes["pilot"]["opened"].energy, "shortfall": np.full(4, 8766.0)}
    text = plain(" ".join(map(str, key_points(with_opened(study, energy=energy), EN).points)))
    # 4 * 8,766 MWh over 35,064 h are 1 MW, or 8,766 MWh a year.
    assert "One alternative leaves energy that is owed undelivered" in text
    assert "8.77 GWh a year" in text


def test_without_any_mine_the_answer_says_so(study):
    none = with_opened(study, built=False, first_mining=None, mine_mw={"onsite": 0.0})
    assert best(none) is None
    assert "None of the alternatives studied mines" in key_points(none, EN).answer
    assert shown(none).metrics.npv == pytest.approx(820e6)


def test_a_mine_that_runs_today_is_the_answer(study):
    worlds = study.outcomes["pilot"]
    running = {"today": dataclasses.replace(worlds["opened"], world="today")}
    now = dataclasses.replace(study, outcomes={"pilot": {**worlds, **running}})
    assert plain(key_points(now, EN).answer).startswith(
        "A mine can run as things stand: 30 MW pilot at the site mines with 30 MW from March 2029"
    )


def test_french_points_say_the_same_things(study):
    english, french = key_points(study, EN), key_points(study, FR)
    assert len(english.points) == len(french.points)
    assert plain(french.points[0]).startswith("Situation au 13 mars 2026 : aucune production")
    for one, other in zip(english.points, french.points, strict=True):
        assert one.text != other.text


def test_coins_a_year_are_a_mean_of_the_horizon(study):
    # 40 and 50 BTC over the four years of the horizon.
    assert coins_per_year(study.outcomes["pilot"]["opened"]) == pytest.approx(22.5, rel=1e-3)
    assert coins_per_year(present(study)) == 0.0
