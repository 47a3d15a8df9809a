from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math

import numpy as np
import pytest
from tests.show.sample import sample_study
from tests.show.sample_ensemble import Memory, sample_ensemble

from baseload.plan.ensemble.odds import (
    NOTHING,
    day_of,
    funnel,
    horizon,
    leader,
    mean_energy,
    open_by,
    ranked,
    summary_of,
)

S = 8
INF, NAN = math.inf, math.nan


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Return an ensemble of eight futures, the pilot built in four of them."""
    case = sample_study(tmp_path_factory.mktemp("odds") / "case").case
    found = sample_ensemble(case, S)
    pilot = found.alternatives.index("pilot")
    small = {name: values.copy() for name, values in found.small.items()}
    small["mine_value"][pilot] = [8e6, -4e6, 6e6, 2e6, 0, 0, 0, 0]
    small["npv"][pilot] = small["mine_value"][pilot] + 1e6
    small["mine_mw"][pilot] = [30, 30, 30, 30, 0, 0, 0, 0]
    small["investment"][pilot] = [9e6, 9e6, 11e6, 11e6, 0, 0, 0, 0]
    small["first_mining"][pilot] = [0.9, 2.0, 3.0, 2.0, NAN, NAN, NAN, NAN]
    # Gates in the order of the case: restart, then agreement, which comes before it.
    small["gate_open"] = np.array(
        [
            [0.5, 1.5, 2.5, 1.5, INF, INF, INF, INF],
            [0.2, 1.2, 0.2, 0.2, 0.2, 3.9, INF, INF],
        ]
    )
    held = {**found.shelf.held, ("coins", "pilot", None): np.full((S, 4), 10.0)}
    return dataclasses.replace(found, small=small, shelf=Memory(held))


def of(odds, name):
    return next(each for each in odds if each.name == name)


def test_choices_are_ranked_by_expected_value_and_nothing_is_one_of_them(drawn):
    assert [each.name for each in ranked(drawn)] == ["pilot", NOTHING, "status-quo"]


def test_where_every_mine_loses_on_average_nothing_is_best(drawn):
    small = {**drawn.small, "mine_value": -np.abs(drawn.small["mine_value"])}
    odds = ranked(dataclasses.replace(drawn, small=small))
    assert odds[0].name == NOTHING
    assert leader(odds).name == "pilot"


def test_the_odds_of_a_choice_are_those_of_its_futures(drawn):
    pilot = of(ranked(drawn), "pilot")
    assert pilot.built.value == 0.5
    assert pilot.value.mean.value == 1.5e6
    assert pilot.if_built.mean.value == 3e6
    assert pilot.if_built.count == 4
    assert pilot.if_built.loss.value == 0.25
    assert pilot.value.loss.value == 0.125
    assert pilot.npv.mean.value == 2.5e6
    assert pilot.mine_mw == 30.0
    assert pilot.investment.value == 1e7
    assert pilot.first_mining[2].value == 2.0
    # Four years of 10 BTC, over the horizon of 1,461 days.
    assert pilot.coins.value == pytest.approx(40 / (1461 * 24 / 8766))
    assert pilot.to_best.value == 0.0


def test_a_difference_to_the_best_has_the_error_of_the_pairs(drawn):
    nothing = of(ranked(drawn), NOTHING)
    values = np.array([8e6, -4e6, 6e6, 2e6, 0, 0, 0, 0])
    assert nothing.to_best.value == -1.5e6
    assert nothing.to_best.error == pytest.approx(values.std(ddof=1) / math.sqrt(S))


def test_a_mean_within_two_errors_of_nothing_is_not_clear(drawn):
    pilot = of(ranked(drawn), "pilot")
    assert not pilot.clear
    assert pilot.value.mean.error * 2 > pilot.value.mean.value


def test_a_mean_that_rests_on_a_few_futures_is_never_clear(drawn):
    small = {name: values.copy() for name, values in drawn.small.items()}
    pilot = drawn.alternatives.index("pilot")
    small["mine_value"][pilot] = [5e6] * 4 + [4.9e6] * 4
    found = of(ranked(dataclasses.replace(drawn, small=small)), "pilot")
    assert found.value.mean.value > 10 * found.value.mean.error
    assert found.few
    assert not found.clear


def test_a_choice_never_built_has_no_odds_of_being_built(drawn):
    still = of(ranked(drawn), "status-quo")
    assert not still.ever_built
    assert (still.if_built, still.coins, still.first_mining) == (None, None, ())


def test_the_horizon_and_its_days_follow_the_calendar(drawn):
    assert horizon(drawn) == pytest.approx(4.0, abs=1e-9)
    assert day_of(drawn, 0.0) == dt.date(2027, 1, 1)
    assert day_of(drawn, 1.0) == dt.date(2028, 1, 1)


def test_the_funnel_counts_what_is_open_by_the_end_of_each_year(drawn):
    steps = {(step.kind, step.name): step.by_year.tolist() for step in funnel(drawn, "pilot")}
    assert steps["gate", "agreement"] == [4 / 8, 5 / 8, 5 / 8, 6 / 8]
    assert steps["gate", "restart"] == [1 / 8, 3 / 8, 4 / 8, 4 / 8]
    assert steps["stage", "agreement"] == steps["gate", "agreement"]
    assert steps["stage", "operate"] == steps["all gates", "pilot"] == steps["gate", "restart"]
    assert steps["mine", "pilot"] == [1 / 8, 3 / 8, 4 / 8, 4 / 8]


def test_the_funnel_begins_with_the_likeliest_gate(drawn):
    assert [step.name for step in funnel(drawn, "pilot")][:2] == ["agreement", "restart"]


def test_what_never_happens_is_open_by_no_year():
    never = np.array([INF, NAN])
    assert open_by(never, np.array([1.0, 1e9])).tolist() == [0.0, 0.0]


def test_the_mean_energy_adds_up(drawn):
    energy = mean_energy(drawn, "pilot")
    used = sum(energy[name] for name in ("house", "obligations", "exported", "mined", "curtailed"))
    assert energy["generated"] + energy["imported"] == pytest.approx(used, rel=1e-12)


def test_the_summary_is_plain_data_and_says_what_the_odds_say(drawn):
    told = json.loads(json.dumps(summary_of(drawn), allow_nan=False))
    pilot = of(ranked(drawn), "pilot")
    assert told["scenarios"] == S
    assert told["best"] == "pilot"
    assert list(told["alternatives"]) == ["pilot", "status-quo"]
    entry = told["alternatives"]["pilot"]
    assert entry["built"] == [0.5, pilot.built.error]
    assert entry["mine_value_usd"]["mean"] == [1.5e6, pilot.value.mean.error]
    assert entry["mine_value_usd_if_built"]["quantiles"][2] == [4e6, pilot.if_built.at(0.5).error]
    assert entry["first_mining_if_built"][2] == "2028-12-31"
    assert told["alternatives"]["status-quo"]["mine_value_usd_if_built"] is None
    assert told["left_out"][0]["relative_error"] == 0.004


def test_a_single_future_has_values_and_no_errors(drawn):
    one = sample_ensemble(drawn.case, 1)
    told = summary_of(one)["alternatives"]["status-quo"]
    assert told["npv_usd"]["mean"][1] is None
    json.dumps(told, allow_nan=False)
