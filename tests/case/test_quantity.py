from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from baseload.case.quantity import Quantity, SeriesName
from baseload.case.units import Misread

SHARE = Quantity("1", minimum=0, maximum=1, series=True)
POWER = Quantity("MW", minimum=0)


def test_a_plain_number_is_taken_only_where_there_is_no_unit():
    assert SHARE.read(0.05, {}) == 0.05
    assert SHARE.read("5 %", {}) == 0.05
    with pytest.raises(Misread, match="a number without a unit: 5"):
        POWER.read(5, {})


@pytest.mark.parametrize("value", [True, None, (1, 2)])
def test_what_is_neither_text_nor_number_is_refused(value):
    with pytest.raises(Misread):
        SHARE.read(value, {})


def test_bounds_are_themselves_allowed():
    assert [SHARE.read(value, {}) for value in (0, 1)] == [0.0, 1.0]
    with pytest.raises(Misread, match="at most 1"):
        SHARE.read("101 %", {})


def test_a_series_is_named_by_file_and_column():
    name = SHARE.read("a.csv#up", {})
    assert name == SeriesName("a.csv", "up", "1", 0, 1)
    assert str(name) == "a.csv#up"


def test_a_series_in_a_table_says_how_holes_are_filled():
    name = SHARE.read({"series": "a.csv#up", "fill": "previous", "time_zone": "UTC"}, {})
    assert (name.fill, name.time_zone) == ("previous", "UTC")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a.csv", "file.csv#column"),
        ({"series": "a.csv#up", "fill": "zero"}, "a way to fill holes"),
        ({"series": "a.csv#up", "filling": "previous"}, "unknown key filling"),
        ({"fill": "previous"}, "no key series"),
    ],
)
def test_a_series_that_is_not_well_named_is_refused(value, text):
    with pytest.raises(Misread) as caught:
        SHARE.read(value, {})
    assert text in f"{caught.value.expected} {caught.value.found} {caught.value.mend}"


def test_a_value_that_cannot_vary_refuses_a_series():
    with pytest.raises(Misread, match="this value cannot vary over time"):
        POWER.read("a.csv#power", {})


def test_the_json_schema_tells_the_unit_and_the_bounds():
    from typing import Annotated

    schema = TypeAdapter(Annotated[float, SHARE]).json_schema()
    assert schema["x-unit"] == "1"
    assert schema["x-maximum"] == 1
    assert {"type": "number", "minimum": 0, "maximum": 1} in schema["anyOf"]
