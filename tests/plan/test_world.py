from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from tests.plan.small_cases import STAGES, place, small

from baseload.case.errors import InputError

DAYS = np.arange(10)
"""Days of the horizon, 2028-01-01 to 2028-01-10; one step is a day."""


def gate(name: str, day: str, *lines: str) -> str:
    more = "".join(f"{line}\n" for line in lines)
    return f'\n[gate.{name}]\ntitle = "t"\nstage = "operate"\ndate = {day}\n{more}'


def bar(name: str, since: str, *lines: str) -> str:
    more = "".join(f"{line}\n" for line in lines)
    frame = f'title = "t"\njurisdiction = "j"\nsince = {since}\nblocks = ["mine.*"]\n'
    return f"\n[bar.{name}]\n{frame}{more}"


def alternative(needs: str = "", sets: str = "") -> str:
    return f'[alternative.all]\ntitle = "t"\nneeds = [{needs}]\nset = {{ {sets} }}\n'


def days(folder, patches=None, **files):
    return small(folder, patches, step="24 h", **files)


# --- gates ---------------------------------------------------------------------------------------


def test_what_a_gate_sets_holds_from_its_day(tmp_path):
    gates = STAGES + gate("works", "2028-01-04", 'set = { "link.line.export_limit" = "900 MW" }')
    case = days(tmp_path, gates=gates, alternatives=alternative('"works"'))
    expected = np.where(DAYS < 3, 600.0, 900.0)
    assert_array_equal(place(case).over("link", "line", "export_limit"), expected)
    shut = place(case, world="today")
    assert_array_equal(shut.over("link", "line", "export_limit"), np.full(10, 600.0))


def test_an_open_gate_has_set_what_it_sets_from_the_start(tmp_path):
    sets = 'set = { "link.line.export_limit" = "900 MW" }'
    gates = STAGES + gate("works", "2026-05-01", 'state = "open"', sets)
    where = place(days(tmp_path, gates=gates), world="today")
    assert_array_equal(where.over("link", "line", "export_limit"), np.full(10, 900.0))


def test_of_two_gates_the_later_wins_whatever_they_are_called(tmp_path):
    first = gate("z", "2028-01-03", 'set = { "link.line.export_limit" = "100 MW" }')
    second = gate("b", "2028-01-05", 'set = { "link.*.export_limit" = "200 MW" }')
    third = gate("a", "2028-01-07", 'set = { "link.line.export_limit" = "300 MW" }')
    case = days(
        tmp_path,
        gates=STAGES + second + third + first,
        alternatives=alternative('"a", "b", "z"'),
    )
    expected = np.select([DAYS < 2, DAYS < 4, DAYS < 6], [600.0, 100.0, 200.0], 300.0)
    assert_array_equal(place(case).over("link", "line", "export_limit"), expected)


def test_a_choice_wins_over_what_a_gate_makes_possible(tmp_path):
    gates = STAGES + gate("works", "2028-01-04", 'set = { "link.line.export_limit" = "900 MW" }')
    choice = alternative('"works"', '"link.line.export_limit" = "50 MW"')
    where = place(days(tmp_path, gates=gates, alternatives=choice))
    assert_array_equal(where.over("link", "line", "export_limit"), np.full(10, 50.0))


def test_a_choice_whose_gates_stay_shut_is_not_made(tmp_path):
    gates = STAGES + gate("works", "2028-01-04")
    choice = alternative('"works"', '"mine.pilot.power" = "300 MW"')
    case = days(tmp_path, gates=gates, alternatives=choice)
    today, opened = place(case, world="today"), place(case)
    assert today.tree.mine["pilot"].power == 30.0
    assert opened.tree.mine["pilot"].power == 300.0
    # The mine is wanted all the same.
    assert today.mines == opened.mines == ("pilot",)


def test_a_gate_needs_those_before_it(tmp_path):
    gates = STAGES + gate("a", "2028-01-03") + gate("b", "2028-01-02", 'after = ["a"]')
    case = days(tmp_path, gates=gates, alternatives=alternative('"b"'))
    where = place(case)
    assert where.needed == {"a", "b"}
    assert where.gates_open == dt.date(2028, 1, 3)
    assert place(case, world="today").gates_open is None


def test_what_cannot_change_on_the_way_is_refused(tmp_path):
    gates = STAGES + gate("works", "2028-01-04", 'set = { "mine.pilot.efficiency" = "12 J/TH" }')
    case = days(tmp_path, gates=gates, alternatives=alternative('"works"'))
    with pytest.raises(InputError) as caught:
        place(case)
    where, rest = str(caught.value).split("\n", 1)
    assert where.endswith("gates.toml, line 9, gate.works.set")
    assert rest == (
        "  expected a value that may change on the way, such as a limit, a price or a load\n"
        "  found    mine.pilot.efficiency, from 2028-01-04 on\n"
        "  set it in an alternative, which holds for the whole horizon"
    )
    # Nothing is in the way of a gate that is open from the start, or never opens.
    assert place(case, world="today").tree.mine["pilot"].efficiency == 13.5


# --- a mine's time -------------------------------------------------------------------------------


def running(where) -> list[int]:
    """Days on which the mine runs."""
    return DAYS[where.mine_running("pilot")].tolist()


def test_a_mine_that_needs_nothing_runs_once_it_is_built(tmp_path):
    case = days(tmp_path, {"mine.pilot.build_time": "3 days"})
    assert running(place(case, world="today")) == [3, 4, 5, 6, 7, 8, 9]


def test_a_mine_that_stands_is_not_built_again(tmp_path):
    stands = {"mine.pilot.build_time": "3 days", "mine.pilot.since": "2028-01-02"}
    assert running(place(days(tmp_path, stands))) == list(range(1, 10))


def test_building_begins_when_the_last_gate_opens(tmp_path):
    gates = STAGES + gate("a", "2028-01-03") + gate("b", "2028-01-05")
    case = days(
        tmp_path,
        {"mine.pilot.build_time": "2 days"},
        gates=gates,
        alternatives=alternative('"a", "b"'),
    )
    assert running(place(case)) == [6, 7, 8, 9]
    assert running(place(case, world="today")) == []


def test_a_mine_waits_for_its_own_day_too(tmp_path):
    case = days(
        tmp_path,
        {"mine.pilot.since": "2028-01-08"},
        gates=STAGES + gate("a", "2028-01-03"),
        alternatives=alternative('"a"'),
    )
    assert running(place(case)) == [7, 8, 9]


def test_a_bar_with_an_end_lets_the_mine_run_afterwards(tmp_path):
    law = STAGES + bar("R01", "2025-01-01", "until = 2028-01-06")
    assert running(place(days(tmp_path, gates=law))) == [5, 6, 7, 8, 9]


def test_a_bar_that_begins_later_stops_a_mine_that_runs(tmp_path):
    law = STAGES + bar("R01", "2028-01-03", "until = 2028-01-05")
    assert running(place(days(tmp_path, gates=law))) == [0, 1, 4, 5, 6, 7, 8, 9]


def test_a_gate_lifts_a_bar_from_the_day_it_opens(tmp_path):
    law = bar("R01", "2025-01-01")
    law += gate("permit", "2028-01-07", 'lifts = ["R01"]')
    case = days(tmp_path, gates=STAGES + law, alternatives=alternative('"permit"'))
    assert running(place(case)) == [6, 7, 8, 9]
    assert_array_equal(place(case).in_force("R01"), DAYS < 6)
    assert_array_equal(place(case, world="today").in_force("R01"), np.full(10, True))


def test_a_bar_on_a_party_counts_where_the_arrangement_names_it(tmp_path):
    parties = '[party.one]\nname = "One"\n\n[party.miner]\nname = "Miner"\n'
    parties += '\n[arrangement.S1]\ntitle = "t"\nparties = ["one"]\n'
    law = '\n[bar.R05]\ntitle = "t"\njurisdiction = "j"\nsince = 2025-01-01\n'
    law += 'blocks = ["party.one"]\n'
    choices = alternative() + 'arrangement = "S1"\n' + alternative().replace(".all", ".free")
    case = days(tmp_path, gates=STAGES + law, alternatives=choices, arrangements=parties)
    assert place(case).bars_on("pilot") == ("R05",)
    assert running(place(case)) == []
    assert running(place(case, "free")) == list(range(10))


def test_a_mine_that_only_a_gate_brings_is_a_mine_of_the_alternative(tmp_path):
    gates = STAGES + gate("works", "2028-01-04", 'set = { "mine.pilot.power" = "30 MW" }')
    case = days(
        tmp_path,
        {"mine.pilot.power": "0 MW"},
        gates=gates,
        alternatives=alternative('"works"'),
    )
    assert place(case).mines == ("pilot",)
    assert place(case, world="today").mines == ()


# --- values over time ----------------------------------------------------------------------------


def test_what_is_not_given_counts_as_asked(tmp_path):
    where = place(days(tmp_path))
    assert_array_equal(where.over("area", "grid", "export_limit", absent=7.0), np.full(10, 7.0))
    assert_array_equal(where.over("mine", "pilot", "pool", "fee"), np.zeros(10))


def test_time_is_counted_from_local_midnight(tmp_path):
    case = small(tmp_path).patched({"case.time_zone": "Europe/Kyiv"})
    where = place(case)
    assert where.hours_to(dt.date(2028, 1, 3)) == 48.0
    # Clocks go forward on 2028-03-26.
    assert where.hours_to(dt.date(2028, 3, 27)) == 86 * 24 - 1
    assert where.since(dt.date(2028, 1, 3), 1.0).sum() == 240 - 49
    assert not where.since(None).any()
