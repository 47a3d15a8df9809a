from __future__ import annotations

import copy
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.minimal import CASE

from baseload.case.errors import InputError
from baseload.case.paths import join, patched, resolve, shape_at, split

RAW = tomllib.loads(CASE)


def test_a_path_splits_at_dots_outside_quotes():
    assert split('gate.water.set."plant.cap"') == ("gate", "water", "set", "plant.cap")


@given(st.lists(st.text("ab.*_ -", min_size=1).map(str.strip).filter(bool), min_size=1))
def test_joining_and_splitting_are_inverse(parts):
    assert split(join(tuple(parts))) == tuple(parts)


def test_a_wildcard_stands_for_every_name_that_is_there():
    assert resolve(RAW, "plant.unit.*.gross", "x") == (
        "plant.unit.u1.gross",
        "plant.unit.u2.gross",
    )
    assert resolve(RAW, "plant.unit.u*.gross", "x") == resolve(RAW, "plant.unit.*.gross", "x")


def test_an_optional_key_may_be_set_though_it_is_not_written():
    # Neither unit has a ramp in the file, and no mine has a take_or_pay.
    assert len(resolve(RAW, "plant.unit.*.ramp", "x")) == 2
    assert resolve(RAW, "mine.pilot.take_or_pay.energy", "x")


@pytest.mark.parametrize(
    ("path", "mend"),
    [
        ("plant.unit.u1.rampp", 'did you mean "plant.unit.u1.ramp"?'),
        ("plant.units.u1.ramp", 'did you mean "plant.unit.u1.ramp"?'),
        ("plants.unit.*.grosss", 'did you mean "plant.unit.*.gross"?'),
        ("plant.unit.u11.gross", 'did you mean "plant.unit.u1.gross"?'),
        ("storage.battery.energy", "storage holds no further names"),
        ("plant.unit.u1.gross.more", "plant.unit.u1.gross holds no further names"),
        ("plant.unit.u1.source", "names in plant.unit.u1: "),
    ],
)
def test_a_path_that_matches_nothing_is_refused_with_the_nearest(path, mend):
    with pytest.raises(InputError) as caught:
        resolve(RAW, path, "unknowns.toml, line 3")
    assert caught.value.where == "unknowns.toml, line 3"
    assert caught.value.found == f"{path}, which matches nothing"
    assert mend in caught.value.mend


def test_a_patch_leaves_the_tree_it_was_made_from_as_it_was():
    before = copy.deepcopy(RAW)
    fresh = patched(RAW, {"plant.unit.u1.gross": "1 MW", "plant.unit.u2.ramp": "1 %/h"})
    assert before == RAW
    assert fresh["plant"]["unit"]["u1"]["gross"] == "1 MW"
    assert fresh["plant"]["unit"]["u2"]["ramp"] == "1 %/h"
    assert fresh["link"] is RAW["link"]


def test_the_schema_says_what_may_stand_at_a_place():
    shape = shape_at(split("area.grid.obligation.town.power"))
    assert shape is not None
    assert shape.quantity is not None
    assert shape.quantity.unit == "MW"
    assert shape_at(split("area.grid.nothing")) is None
