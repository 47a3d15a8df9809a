from __future__ import annotations

import pytest
from tests.plan.small_cases import STAGES, place, small

from baseload.plan.blocking import Blocking, blocking

LAW = (
    STAGES
    + """
[gate.talks]
title = "t"
stage = "talk"
state = "open"
date = 2026-01-01

[gate.permit]
title = "t"
stage = "operate"
after = ["talks"]
date = 2028-01-04
lifts = ["R08"]

[gate.other]
title = "t"
stage = "operate"
date = 2028-01-05

[bar.R01]
title = "t"
jurisdiction = "j"
since = 2025-01-01
until = 2028-01-06
blocks = ["mine.*"]

[bar.R05]
title = "t"
jurisdiction = "j"
since = 2025-01-01
blocks = ["party.one"]

[bar.R08]
title = "t"
jurisdiction = "j"
since = 2025-01-01
blocks = ["mine.*"]

[bar.R99]
title = "begins after the first day"
jurisdiction = "j"
since = 2028-01-08
blocks = ["mine.*"]
"""
)

PARTIES = """
[party.one]
name = "One"

[party.miner]
name = "Miner"

[arrangement.S1]
title = "t"
parties = ["one"]
"""

CHOICES = """
[alternative.mine]
title = "t"
needs = ["permit"]

[alternative.barred]
title = "t"
needs = ["permit"]
arrangement = "S1"

[alternative.none]
title = "t"
arrangement = "S1"
set = { "mine.pilot.power" = "0 MW" }

[alternative.plant]
title = "t"
needs = ["other"]
set = { "mine.pilot.power" = "0 MW" }
"""

RESTART = """
[plant.restart]
gate = "permit"
first = "1 day"
following = "1 day"
order = ["u1"]
"""


@pytest.fixture
def case(tmp_path):
    return small(
        tmp_path, step="24 h", more=RESTART, gates=LAW, arrangements=PARTIES, alternatives=CHOICES
    )


def test_a_mine_that_is_not_built_is_blocked_by_shut_gates_and_its_bars(case):
    found = blocking(place(case, "mine", "today"), built=False)
    assert found == Blocking(("permit", "R01", "R08"), ())


def test_a_mine_that_is_built_in_the_end_waited_for_them(case):
    where = place(case, "mine")
    assert where.mine_running("pilot").any()
    assert blocking(where, built=True) == Blocking((), ("permit", "R01", "R08"))


def test_a_bar_that_nothing_lifts_blocks_even_with_all_gates_open(case):
    where = place(case, "barred")
    assert not where.mine_running("pilot").any()
    assert blocking(where, built=False) == Blocking(("permit", "R01", "R05", "R08"), ())


def test_without_a_mine_one_is_told_what_stands_in_the_way_of_any(case):
    stopped = case.patched({"plant.unit.u1.state": "stopped"})
    found = blocking(place(stopped, "none", "today"), built=False)
    assert found == Blocking(("permit", "R01", "R05", "R08"), ())


def test_where_the_plant_runs_its_restart_stands_in_nobodys_way(case):
    assert blocking(place(case, "none", "today"), built=False).blocked_by == ("R01", "R05", "R08")


def test_without_a_mine_the_gates_of_the_choice_count(case):
    found = blocking(place(case, "plant", "today"), built=False)
    assert found == Blocking(("other", "R01", "R08"), ())


def test_with_its_gates_open_a_plant_without_a_mine_is_told_nothing(case):
    assert blocking(place(case, "plant"), built=False) == Blocking((), ())
