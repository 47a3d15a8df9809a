"""Alternatives as they are laid out, and what none of them may change."""

from __future__ import annotations

import pytest
from tests.plan.small_cases import STAGES, small

from baseload.case.errors import InputError
from baseload.plan.ensemble.simulator import Simulator

SECOND = """
[area.nowhere]

[mine.second]
{place}
machine = "Antminer S21 XP"
power = "0 MW"
"""
ON_SITE = SECOND.replace("{place}", 'bus = "main"')
GATE = (
    STAGES
    + """
[gate.permit]
title = "A permit"
stage = "operate"
set = {{ {path} = {value} }}
"""
)

REFUELLED = '[plant.unit.u1.refuelling]\nevery = "18 months"\nduration = "40 days"\n'
BATTERY = """
[storage.battery]
bus = "main"
charge = "1 MW"
discharge = "1 MW"
energy = "2 MWh"
"""


def laid(folder, changes: str = "", more: str = ON_SITE, gates: str = "", patches=None):
    alternative = f'[alternative.all]\ntitle = "As written"\nset = {{ {changes} }}\n'
    case = small(folder, patches, more=more, alternatives=alternative, gates=gates)
    return Simulator(case, ("all",), 0, 1).choices[0]


def test_a_mine_without_power_is_no_mine_unless_something_gives_it_power(tmp_path):
    assert laid(tmp_path).mines == ("pilot",)
    assert laid(tmp_path, '"mine.*.power" = "0 MW"').mines == ()
    assert laid(tmp_path, '"mine.second.power" = "1 MW"').mines == ("pilot", "second")
    gates = GATE.format(path='"mine.second.power"', value='"5 MW"')
    assert laid(tmp_path, gates=gates).mines == ("pilot", "second")


@pytest.mark.parametrize(
    "change",
    [
        '"bitcoin.price" = "1 USD/BTC"',
        '"money.tax_rate" = "3 %"',
        '"futures.fees.model" = "as given"',
        '"gate.permit.probability" = 0.1',
    ],
)
def test_no_alternative_changes_what_all_of_them_share(tmp_path, change):
    gates = GATE.format(path='"link.line.export_limit"', value='"5 MW"')
    with pytest.raises(InputError) as caught:
        laid(tmp_path, change, gates=gates)
    assert "all alternatives share" in caught.value.found
    assert change.split('"')[1] in caught.value.where


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("area.grid.market.price", '"5 USD/MWh"'),
        ("plant.unit.u1.available", "0.5"),
        ("plant.unit.*.forced_outage_rate", "0.5"),
        ("bitcoin.price", '"1 USD/BTC"'),
        ("plant.unit.u1.licence_end", "2028-01-05"),
        ("mine.pilot.efficiency", '"13 J/TH"'),
    ],
)
def test_no_gate_changes_what_a_future_takes_for_the_whole_horizon(tmp_path, path, value):
    with pytest.raises(InputError, match="expected a value that futures follow") as caught:
        laid(tmp_path, gates=GATE.format(path=f'"{path}"', value=value))
    assert caught.value.found == path


def test_a_gate_may_change_what_the_plan_follows(tmp_path):
    gates = GATE.format(path='"plant.running_units_cap"', value="1")
    assert laid(tmp_path, gates=gates).name == "all"


def test_a_mine_that_no_line_reaches_is_refused(tmp_path):
    lost = SECOND.replace("{place}", 'area = "nowhere"')
    with pytest.raises(InputError, match="an area that a link exports to: grid"):
        laid(tmp_path, '"mine.second.power" = "1 MW"', more=lost)


def test_two_sections_that_feed_one_area_are_refused(tmp_path):
    other = '[plant.bus.other]\n[link.more]\nbus = "other"\narea = "grid"\nexport_limit = "1 MW"\n'
    with pytest.raises(InputError, match="let one busbar section export to an area"):
        laid(tmp_path, more=ON_SITE + other)


def test_a_curve_that_was_not_measured_is_refused(tmp_path):
    with pytest.raises(InputError, match="no part load of this machine was measured"):
        laid(tmp_path, patches={"mine.pilot.curve": "table"})


def test_worlds_without_a_mine_are_told_apart_by_what_is_not_the_mine(tmp_path):
    plain = laid(tmp_path).world
    assert laid(tmp_path, '"mine.pilot.power" = "9 MW"').world == plain
    assert laid(tmp_path, '"link.line.export_limit" = "9 MW"').world != plain


@pytest.mark.parametrize(
    ("patches", "more", "what"),
    [
        ({"plant.unit.u1.ramp": "1 %/min"}, "", "ramps of units from step to step"),
        ({"plant.unit.u1.fuel_budget": "300 h"}, REFUELLED, "fuel budgets of cycles"),
        ({}, BATTERY, "batteries"),
    ],
)
def test_what_couples_steps_is_named(tmp_path, patches, more, what):
    case = small(tmp_path, patches, more=more)
    assert [each.what for each in Simulator(case, ("all",), 0, 1).simplified] == [what]
