from __future__ import annotations

import datetime as dt

import pytest
from tests.minimal import FILES, write_case

from baseload.case.gates import (
    barred_by,
    bars_in_force,
    bars_naming,
    needed_gates,
    opening_dates,
)
from baseload.case.load import load

GATES = """
[stages]
order = ["talk", "build"]
reached = "talk"
"""


def gate(name: str, **keys: str) -> str:
    lines = {"title": '"t"', "stage": '"talk"'} | keys
    return f"[gate.{name}]\n" + "".join(f"{key} = {text}\n" for key, text in lines.items())


@pytest.fixture
def tree(tmp_path):
    def made(*gates: str, bars: str = ""):
        text = GATES + "".join(gates) + gate("permit") + bars
        folder = write_case(tmp_path / "c", gates=text)
        return load(folder).tree

    return made


def test_as_things_stand_only_open_gates_have_a_day(tree):
    made = tree(
        gate("a", state='"open"', date="2025-05-01"),
        gate("b", state='"open"'),
        gate("c", date="2027-01-01"),
    )
    assert opening_dates(made) == {
        "a": dt.date(2025, 5, 1),
        # Open on an unknown day: at the latest on the day up to which news was read.
        "b": dt.date(2026, 3, 13),
        "c": None,
        "permit": None,
    }


def test_a_gate_assumed_open_waits_for_its_day_and_for_those_before_it(tree):
    made = tree(
        gate("a", date="2027-06-01"),
        gate("b", after='["a"]', delay='"10 days"'),
        gate("c", after='["a", "b"]', delay='"36 h"', date="2027-01-01"),
        gate("d", after='["a"]', date="2029-01-01"),
    )
    days = opening_dates(made, {"c", "d"})
    assert days["b"] == dt.date(2027, 6, 11)
    # 36 hours end in the second day: the gate opens on the day after.
    assert days["c"] == dt.date(2027, 6, 13)
    assert days["d"] == dt.date(2029, 1, 1)
    assert days["permit"] is None


def test_a_gate_with_no_day_and_none_before_it_opens_on_the_day_of_the_news(tree):
    assert opening_dates(tree(gate("a")), {"a"})["a"] == dt.date(2026, 3, 13)


def test_a_gate_needs_all_that_lie_before_it(tree):
    made = tree(gate("a"), gate("b", after='["a"]'), gate("c", after='["b"]'), gate("d"))
    assert needed_gates(made, ["c"]) == {"a", "b", "c"}


BAR = """
[bar.R]
title = "t"
jurisdiction = "j"
since = 2025-01-01
until = 2031-03-15
blocks = ["mine.*", "party.miner"]
excepts = ["mine.pilot"]
"""


@pytest.mark.parametrize(
    ("day", "held"),
    [((2024, 12, 31), False), ((2025, 1, 1), True), ((2031, 3, 14), True), ((2031, 3, 15), False)],
)
def test_a_bar_holds_from_its_first_day_until_before_its_end(tree, day, held):
    assert bars_in_force(tree(bars=BAR), dt.date(*day)) == (("R",) if held else ())


def test_a_gate_that_opens_lifts_a_bar_from_that_day(tree):
    made = tree(gate("a", date="2027-06-01", lifts='["R"]'), bars=BAR)
    opening = opening_dates(made, {"a"})
    assert bars_in_force(made, dt.date(2027, 5, 31), opening) == ("R",)
    assert bars_in_force(made, dt.date(2027, 6, 1), opening) == ()
    assert bars_in_force(made, dt.date(2027, 6, 1)) == ("R",)


def test_a_bar_forbids_what_it_names_unless_it_excepts_it(tree):
    made = tree(bars=BAR)
    assert barred_by(made, "pilot") == ()
    assert barred_by(made, "other") == ("R",)
    assert barred_by(made, "pilot", ["town", "miner"]) == ("R",)


def test_the_small_case_opens_its_permit_half_a_year_after_the_agreement(small):
    # 6 months of 730.5 h are 182.625 days, and the permit opens on the day after.
    assert opening_dates(small.tree, {"permit"})["permit"] == dt.date(2027, 6, 1) + dt.timedelta(
        183
    )
    assert "[gate.permit]" in FILES["gates"]


def test_bars_are_found_by_any_subject_that_they_name(small):
    assert bars_naming(small.tree, ("party.town", "mine.pilot")) == ("R01",)
    assert bars_naming(small.tree, ("party.town",)) == ()
