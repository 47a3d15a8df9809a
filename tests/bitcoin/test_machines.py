"""The table of machines: complete, consistent, and findable by name."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from baseload.bitcoin.conditions import PUE
from baseload.bitcoin.curves import CURVES, S19K_PRO
from baseload.bitcoin.machines import (
    find,
    machine_revenue,
    machine_table,
    machines,
    minimum_load,
    segments,
    sleep_fraction,
)
from baseload.case.errors import InputError

REFERENCE = Path(__file__).resolve().parents[2].parent / "shared/data/asic.csv"


def test_the_table_has_at_least_forty_machines_with_unique_names():
    names = [machine.name for machine in machines()]
    assert len(names) >= 40
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("machine", machines(), ids=lambda machine: machine.name)
def test_each_machine_is_consistent_and_has_its_source(machine):
    # A name plate rounds J/TH: the worst of the field is 1.2 % off.
    assert machine.efficiency_jth == pytest.approx(machine.nameplate_jth, rel=0.012)
    assert machine.cooling in PUE
    assert machine.curve is None or machine.curve in CURVES
    assert re.fullmatch(r"20\d\d(-(0[1-9]|1[0-2]))?", machine.released)
    assert machine.confidence in {"high", "medium"}
    assert machine.source.strip()
    assert find(machine.name) is machine
    assert find(f"{machine.maker} {machine.name.lower()}") is machine


# Name plates, as in the facts of the field.
@pytest.mark.parametrize(
    ("name", "ths", "watts", "jth", "cooling"),
    [
        ("S19 Pro", 110, 3250, 29.5, "air"),
        ("S21", 200, 3500, 17.5, "air"),
        ("S21 XP", 270, 3645, 13.5, "air"),
        ("S21 XP Hyd", 473, 5676, 12.0, "hydro"),
        ("M66S", 298, 5513, 18.5, "immersion"),
        ("A1566", 185, 3420, 18.5, "air"),
    ],
)
def test_well_known_machines_have_their_name_plate(name, ths, watts, jth, cooling):
    machine = find(name)
    assert (machine.hashrate_ths, machine.power_w) == (ths, watts)
    assert (machine.nameplate_jth, machine.cooling) == (jth, cooling)


def test_the_reference_table_agrees_with_ours():
    if not REFERENCE.exists():
        pytest.skip("the reference table of machines is not beside the checkout")
    with REFERENCE.open(newline="") as lines:
        for row in csv.DictReader(lines):
            machine = find(row["model"])
            assert machine.hashrate_ths == float(row["ths"]), row["model"]
            assert machine.power_w == float(row["watts"]), row["model"]
            assert machine.cooling == row["cooling"], row["model"]


def test_a_rating_in_the_name_tells_bins_apart():
    assert find("Antminer S19j Pro (104T)").power_w == 3068
    assert find("s19j pro 100TH").power_w == 3050
    assert find("Antminer S21 (200T)").name == "Antminer S21"


def test_a_name_that_two_machines_have_lists_both():
    with pytest.raises(InputError) as refusal:
        find("S19j Pro")
    assert 'did you mean "Antminer S19j Pro 100T" or "Antminer S19j Pro 104T"?' in str(
        refusal.value
    )


@pytest.mark.parametrize(
    ("name", "proposed"),
    [("S21 XPP", "Antminer S21 XP"), ("M60SS", "Whatsminer M60S"), ("A1565", "Avalon A1566")],
)
def test_a_misspelt_name_proposes_the_nearest(name, proposed):
    with pytest.raises(InputError, match="did you mean") as refusal:
        find(name)
    assert f'"{proposed}"' in refusal.value.mend


@pytest.mark.parametrize("name", ["", "zzzzzz", "()"])
def test_a_name_like_no_other_says_how_to_list_them(name):
    with pytest.raises(InputError, match="baseload machines"):
        find(name)


def test_a_machine_prints_itself_with_units():
    assert str(find("S21")) == "Antminer S21: 200 TH/s, 3,500 W, 17.5 J/TH, air, 2024-01"


def test_segments_of_a_machine_use_its_own_curve_or_none():
    assert len(segments(find("S19k Pro"), 4)) == 5
    assert len(segments(find("S21"), 4)) == 1
    assumed = segments(find("S21"), 4, curve=S19K_PRO)
    assert len(assumed) == 5
    total = sum(segment.power_fraction for segment in assumed)
    assert total + sleep_fraction(find("S21")) == pytest.approx(1.0)


def test_minimum_load_is_the_lowest_measured_point_or_full():
    assert minimum_load(find("S21")) == (1.0, 1.0)
    # ePIC preset of 80 TH/s at 1,700 W against the default of 142 TH/s at 3,350 W.
    assert minimum_load(find("S19 XP")) == pytest.approx((1700 / 3350, 80 / 142))


def test_revenue_rows_are_those_of_january_2026():
    # M14: 94.1 USD/MWh at 17.5 J/TH and 39.53 USD/PH/day.
    price = 39.53 / (1e15 * 86400 / (148.26e12 * 2**32) * 3.125 * 1.0055)
    rows = {row["name"]: row for row in machine_revenue(148.26e12, price, 0.0055)}
    s21 = rows["Antminer S21"]
    assert s21["hashprice_usd_per_ph_day"] == pytest.approx(39.53)
    assert s21["usd_per_mwh"] == pytest.approx(94.1, abs=0.05)
    assert s21["usd_per_day"] == pytest.approx(39.53 * 0.2)


def test_tables_have_a_row_for_each_machine_the_most_efficient_first():
    for rows in (machine_table(), machine_revenue(1e14, 90_000.0)):
        assert len(rows) == len(machines())
        efficiency = [row["efficiency_jth"] for row in rows]
        assert efficiency == sorted(efficiency)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"difficulty": 0.0}, "difficulty"),
        ({"difficulty": float("nan")}, "difficulty"),
        ({"price": -1.0}, "price"),
        ({"fee_share": float("inf")}, "fee_share"),
        ({"subsidy": -3.0}, "subsidy"),
    ],
)
def test_impossible_markets_are_refused_by_name(change, name):
    with pytest.raises(InputError) as refusal:
        machine_revenue(**({"difficulty": 1e14, "price": 9e4} | change))
    assert refusal.value.where == name
