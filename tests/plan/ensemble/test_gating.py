"""Which gates open in which share of futures, when, and for whom they count."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import STAGES, small

from baseload.case.gates import opening_dates
from baseload.plan.ensemble.gating import free_times, hours_of_day
from baseload.plan.ensemble.simulator import Simulator

FUTURES = 3000
CHAIN = (
    STAGES
    + """
[gate.last]
title = "Both have happened"
stage = "operate"
after = ["news", "work"]
probability = 0.9

[gate.news]
title = "A law is passed"
stage = "talk"
probability = 0.6
date = 2028-01-04
lifts = ["R01"]

[gate.work]
title = "A line is built"
stage = "talk"
after = ["news"]
delay = "36 h"
probability = 0.5
set = { "link.line.export_limit" = "800 MW" }

[gate.aside]
title = "Something else is built"
stage = "talk"
probability = 0.7
set = { "link.line.export_limit" = "700 MW" }

[gate.past]
title = "It has happened"
stage = "talk"
state = "open"
date = 2026-01-01

[gate.late]
title = "It comes too late"
stage = "talk"
date = 2028-01-10
after = ["news"]
delay = "9 days"

[bar.R01]
title = "Mining is forbidden"
jurisdiction = "one"
since = 2025-01-01
until = 2028-01-09
blocks = ["mine.*"]
"""
)
CHOICES = """
[alternative.waits]
title = "Waits for all"
needs = ["last"]

[alternative.all]
title = "As written"
"""


@pytest.fixture(scope="module")
def simulator(tmp_path_factory):
    case = small(tmp_path_factory.mktemp("case"), gates=CHAIN, alternatives=CHOICES)
    return Simulator(case, ("waits", "all"), 7, FUTURES)


@pytest.fixture(scope="module")
def openings(simulator):
    return [simulator.opening(scenario) for scenario in range(FUTURES)]


@pytest.mark.parametrize(
    ("gate", "chance"),
    [
        ("news", 0.6),
        ("work", 0.6 * 0.5),
        ("last", 0.6 * 0.5 * 0.9),
        ("aside", 0.7),
        ("past", 1.0),
        ("late", 0.0),
    ],
)
def test_a_gate_opens_in_the_share_of_futures_that_the_probabilities_say(openings, gate, chance):
    share = np.mean([gate in opening for opening in openings])
    # Some 1 in 150,000 would lie farther off by chance.
    assert abs(share - chance) <= 4.5 * np.sqrt(chance * (1 - chance) / FUTURES)


def test_gates_that_do_not_depend_on_each_other_open_independently(openings):
    both = np.mean([{"news", "aside"} <= opening.keys() for opening in openings])
    assert abs(both - 0.42) <= 4.5 * np.sqrt(0.42 * 0.58 / FUTURES)


def test_gates_open_on_their_day_and_after_those_before_them(openings):
    # The law on 4 January, day 3; the line 36 h later, on the day after that; the last at once.
    seen = {(opening.get("news"), opening.get("work"), opening.get("last")) for opening in openings}
    assert seen == {(None, None, None), (3, None, None), (3, 5, None), (3, 5, 5)}
    # Without a date and with none before it, on the day 'as_of'; an open one on its own day.
    as_of = (dt.date(2027, 1, 1) - dt.date(2028, 1, 1)).days
    assert {opening.get("aside") for opening in openings} == {None, as_of}
    past = (dt.date(2026, 1, 1) - dt.date(2028, 1, 1)).days
    assert {opening["past"] for opening in openings} == {past}


def test_where_all_open_the_days_are_those_of_the_plan(simulator, openings):
    tree = simulator.case.tree
    known = opening_dates(tree, ("last", "aside"))
    expected = {name: (day - tree.case.start).days for name, day in known.items() if day}
    whole = [opening for opening in openings if {"last", "aside"} <= opening.keys()]
    assert whole
    assert all(opening == expected for opening in whole)


def test_an_opening_is_that_of_its_future(simulator, openings):
    for scenario in range(5):
        assert simulator.future(scenario).opening == openings[scenario]


def test_work_counts_for_those_who_need_it_and_news_for_all(simulator, openings):
    scenario = next(n for n, o in enumerate(openings) if {"last", "aside"} <= o.keys())
    future = simulator.future(scenario)
    waits, written = simulator.choices
    assert waits.needed == {"news", "work", "last"}
    assert future.counting(waits).keys() == {"news", "work", "last", "past"}
    assert future.counting(written).keys() == {"news", "last", "past"}
    # The line that is built carries 800 MW from the sixth day on, where it counts; u1 has 950.
    line = np.where(np.arange(240) < 120, 600.0, 800.0)
    assert_array_equal(future.hourly(waits)["market grid"], line)
    assert_array_equal(future.hourly(written)["market grid"], 600.0)


def test_news_lifts_a_bar_for_all_and_its_end_lifts_it_otherwise(simulator, openings):
    written = simulator.choices[1]
    passed = next(n for n, opening in enumerate(openings) if "news" in opening)
    failed = next(n for n, opening in enumerate(openings) if "news" not in opening)
    assert simulator.future(passed).spells(written) == [[(72.0, 240.0)]]
    assert simulator.future(failed).spells(written) == [[(192.0, 240.0)]]


def test_a_day_begins_at_local_midnight(tmp_path):
    case = small(tmp_path, {"case.time_zone": "Europe/Kyiv"}, start="2028-03-20", end="2028-04-03")
    # On 26 March 2028 the clocks go forward.
    assert [hours_of_day(case, day) for day in (-1, 0, 6, 7)] == [-24.0, 0.0, 144.0, 167.0]


BARS = """
[bar.one]
title = "Forbidden for a time"
jurisdiction = "one"
since = 2028-01-03
until = 2028-01-05
blocks = ["mine.*"]

[bar.two]
title = "Forbidden for good"
jurisdiction = "two"
since = 2028-01-08
blocks = ["mine.pilot"]

[bar.other]
title = "Forbidden to others"
jurisdiction = "two"
since = 2020-01-01
blocks = ["mine.*", "party.miner"]
excepts = ["mine.pilot"]
"""
PARTIES = '[party.miner]\nname = "The miner"\n\n[party.town]\nname = "The town"\n'


@pytest.fixture(scope="module")
def barred(tmp_path_factory):
    case = small(tmp_path_factory.mktemp("case"), gates=STAGES + BARS, arrangements=PARTIES)
    return Simulator(case, ("all",), 0, 1)


def times(barred, begin=0.0, end=240.0, parties=()):
    future = barred.future(0)
    return free_times(future.parameters, future.row, barred.case, "pilot", parties, {}, begin, end)


def test_bars_cut_the_time_in_which_a_mine_may_run(barred):
    assert times(barred) == [(0.0, 48.0), (96.0, 168.0)]
    assert times(barred, begin=50.0) == [(96.0, 168.0)]
    assert times(barred, begin=100.0, end=120.0) == [(100.0, 120.0)]
    assert times(barred, begin=170.0) == []
    assert times(barred, begin=240.0) == []


def test_a_bar_on_a_party_of_the_arrangement_bars_its_mine(barred):
    assert times(barred, parties=("miner",)) == []
    assert times(barred, parties=("town",)) == [(0.0, 48.0), (96.0, 168.0)]


@settings(max_examples=50, deadline=None)
@given(st.floats(-50.0, 250.0), st.floats(-50.0, 250.0))
def test_free_time_is_what_no_bar_takes(barred, begin, end):
    free = sum(stop - start for start, stop in times(barred, begin, end))
    grid = np.linspace(begin, end, 20_001)[:-1] if begin < end else np.empty(0)
    allowed = ~((grid >= 48) & (grid < 96)) & (grid < 168)
    length = max(end - begin, 0.0)
    expected = length * allowed.mean() if len(grid) else 0.0
    assert_allclose(free, expected, rtol=0, atol=1e-3 * max(length, 1.0))
