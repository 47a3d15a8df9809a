from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.minimal import write_case

from baseload.case.errors import InputError
from baseload.case.load import load


def unknown(path: str, low: str, high: str, base: str | None = None) -> str:
    lines = {"path": f'"{path}"', "low": low, "high": high, "status": '"assumed"'}
    lines |= {"base": base} if base else {}
    return "[[unknown]]\n" + "".join(f"{key} = {text}\n" for key, text in lines.items())


def test_levels_are_held_in_canonical_units(small):
    first, second = (small.levels(entry) for entry in small.unknowns)
    assert first.paths == ("plant.unit.u1.house_load", "plant.unit.u2.house_load")
    assert (first.low, first.base, first.high) == (45.0, (50.0, 50.0), 65.0)
    assert (second.low, second.base, second.high) == (12.0, (13.5,), 17.5)


def test_dates_and_whole_numbers_can_be_unknown(tmp_path):
    text = unknown("gate.agreement.date", "2027-01-01", "2030-01-01")
    text += unknown("plant.running_units_cap", "0", "2", "1")
    case = load(write_case(tmp_path / "c", unknowns=text))
    date, cap = (case.levels(entry) for entry in case.unknowns)
    assert date.low == dt.date(2027, 1, 1)
    assert date.base == (dt.date(2027, 6, 1),)
    assert (cap.low, cap.base, cap.high) == (0, (1,), 2)
    assert case.tree.plant.running_units_cap == 1


def test_a_date_that_nobody_knows_needs_no_base(tmp_path):
    text = unknown("gate.permit.date", "2027-01-01", "2030-01-01")
    case = load(write_case(tmp_path / "c", unknowns=text))
    assert case.levels(case.unknowns[0]).base == (None,)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (unknown("mine.pilot.power", '"50 MW"', '"20 MW"', '"30 MW"'), "50.0 / 30.0 / 20.0"),
        (unknown("mine.pilot.power", '"40 MW"', '"50 MW"'), "(base is the value of mine.pilot"),
        (unknown("gate.agreement.date", "2028-01-01", "2030-01-01"), "low <= base <= high"),
        (unknown("mine.pilot.pwr", '"1 MW"', '"2 MW"'), 'did you mean "mine.pilot.power"?'),
        (unknown("mine.pilot.power", '"1 MWh"', '"2 MW"'), 'mine.pilot.power, low = "1 MWh"'),
        (unknown("mine.pilot.power", '"-1 MW"', '"50 MW"'), "a power of at least 0 MW"),
        (unknown("mine.pilot", '"1 MW"', '"2 MW"'), "expected the path of one value"),
        (unknown("mine.pilot.machine", '"a"', '"b"'), "a, which has no order"),
        (unknown("area.grid.market.sells", "false", "true"), "has no order"),
        (unknown("area.grid.market.price", '"a.csv#b"', '"2 USD/MWh"'), "has no order"),
        (unknown("mine.pilot.power", '"1 MW"', '"2 MW"').replace("assumed", "sure"), '"sure"'),
    ],
)
def test_levels_that_cannot_be_taken_are_refused(refusal, text, told):
    said = refusal(unknowns=text)
    assert told in said
    assert "unknowns.toml, line " in said


def test_a_value_has_one_unknown_only(refusal):
    text = unknown("plant.unit.*.house_load", '"45 MW"', '"65 MW"')
    text += unknown("plant.unit.u2.house_load", '"40 MW"', '"60 MW"')
    said = refusal(unknowns=text)
    assert "unknowns.toml, line 6, plant.unit.u2.house_load" in said
    assert "found    a second one; the first is on line 1" in said


POWERS = st.floats(0, 1e4)


@given(st.tuples(POWERS, POWERS, POWERS))
def test_levels_are_taken_if_and_only_if_they_rise(tmp_path_factory, levels):
    low, base, high = (f'"{level!r} MW"' for level in levels)
    text = unknown("mine.pilot.power", low, high, base)
    folder = write_case(tmp_path_factory.mktemp("levels"), unknowns=text)
    if list(levels) == sorted(levels):
        assert load(folder).tree.mine["pilot"].power == levels[1]
    else:
        with pytest.raises(InputError, match="low <= base <= high"):
            load(folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (unknown("case.end", "2028-04-02", "2028-04-10"), "something of the plant"),
        (
            unknown("mine.pilot.pool.fee", '"0 %"', '"4 %"') + 'distribution = "lognormal"\n',
            "levels above zero for a lognormal distribution",
        ),
    ],
)
def test_what_cannot_be_drawn_is_told_when_the_case_is_read(tmp_path, text, expected):
    with pytest.raises(InputError) as caught:
        load(write_case(tmp_path / "c", unknowns=text))
    assert expected in str(caught.value)
    assert "unknowns.toml" in str(caught.value)
