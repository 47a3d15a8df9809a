from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path

import numpy as np
import pytest
from tests.minimal import FILES, hours, write_case, write_series

from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.case.quantity import SeriesName
from baseload.case.units import written


@pytest.fixture
def priced(tmp_path):
    """The small case with a price that varies."""
    folder = write_case(tmp_path / "c", ('price = "45 USD/MWh"', 'price = "p.csv#price"'))
    write_series(folder / "p.csv", hours("2028-03-19T22:00", 335), range(335))
    write_series(folder / "q.csv", hours("2028-03-19T22:00", 335), range(335, 670))
    return load(folder)


def test_a_patch_changes_one_value_and_leaves_the_case_as_it_was(small):
    other = small.patched({"mine.pilot.power": "50 MW"})
    assert other.tree.mine["pilot"].power == 50.0
    assert small.tree.mine["pilot"].power == 30.0
    assert other.tree.plant == small.tree.plant
    assert other.clock is small.clock


def test_a_patch_may_say_values_in_any_way_the_file_may(small):
    patches = {
        "plant.unit.*.ramp": "0.45 %/min",
        "gate.agreement.date": dt.date(2029, 1, 1),
        "gate.permit.date": "2029-06-01",
        "mine.pilot.take_or_pay.energy": "1 GWh",
        "mine.pilot.take_or_pay.price": "20 USD/MWh",
        "plant.running_units_cap": 1,
        "area.grid.market.sells": False,
    }
    tree = small.patched(patches).tree
    assert [unit.ramp for unit in tree.plant.unit.values()] == [0.27, 0.27]
    assert tree.gate["agreement"].date == dt.date(2029, 1, 1)
    assert tree.gate["permit"].date == dt.date(2029, 6, 1)
    assert tree.mine["pilot"].take_or_pay.energy == 1000.0


def test_a_float_is_patched_in_with_its_unit(small):
    value = 1 / 3
    other = small.patched({"mine.pilot.power": written(value, "MW")})
    assert other.tree.mine["pilot"].power == value


@pytest.mark.parametrize(
    ("patch", "told"),
    [
        ({"mine.pilot.pwr": "1 MW"}, 'did you mean "mine.pilot.power"?'),
        ({"mine.second.power": "1 MW"}, "which matches nothing"),
        ({"mine.pilot.power": "1 MWh"}, 'patch, mine.pilot.power = "1 MWh"'),
        ({"mine.pilot.power": 1.0}, 'write "1.0 MW"'),
        ({"mine.pilot.take_or_pay.energy": "1 GWh"}, "expected price: paid for each MWh not taken"),
        ({"mine.pilot.bus": "x"}, "a busbar section: main"),
        ({"area.grid.market.price": "no.csv#price"}, "no file"),
        ({"plant.unit.u1": "x"}, "expected a table"),
    ],
)
def test_a_patch_that_cannot_be_taken_is_refused(small, patch, told):
    with pytest.raises(InputError) as caught:
        small.patched(patch)
    assert told in str(caught.value)


def test_an_alternative_is_its_patches(small):
    large = small.alternative("large")
    assert large.tree.mine["pilot"].power == 300.0
    assert large.tree.plant.unit["u2"].ramp == 0.27
    mark = large.provenance["mine.pilot.power"]
    assert (Path(mark.file).name, mark.line, mark.source) == ("alternatives.toml", 11, "Z04")
    assert mark.status == "assumed"


def test_an_alternative_of_another_name_is_refused_with_the_nearest(small):
    with pytest.raises(InputError) as caught:
        small.alternative("lage")
    assert 'did you mean "large"?' in str(caught.value)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("alternatives", 'mine.pilot.power = "300 MW"', 'mine.pilot.powr = "300 MW"'),
        ("gates", "plant.running_units_cap", "plant.running_units_cpa"),
    ],
)
def test_patches_of_alternatives_and_gates_are_tried_on_loading(refusal, file, old, new):
    text = refusal(**{file: FILES[file].replace(old, new)})
    assert f"{file}.toml, line " in text
    assert "which matches nothing" in text


def test_the_value_of_a_field_is_a_float_or_an_array_of_one_a_step(priced):
    market = priced.tree.area["grid"].market
    assert priced.values(0.5) == 0.5
    assert priced.values(1) == 1.0
    assert list(priced.values(market.price)) == list(range(335))
    with pytest.raises(TypeError):
        priced.values(None)


def test_copies_share_the_series_that_were_read(priced):
    price = priced.tree.area["grid"].market.price
    other = priced.patched({"mine.pilot.power": "1 MW"})
    assert other.values(price) is priced.values(price)


def test_a_patch_may_name_another_series(priced):
    other = priced.patched({"area.grid.market.price": "q.csv#price"})
    price = other.tree.area["grid"].market.price
    assert price == SeriesName("q.csv", "price", "USD/MWh")
    assert other.values(price)[0] == 335
    assert "q.csv" in other.inputs


def test_a_patch_of_the_horizon_places_the_series_anew(priced):
    other = priced.patched({"case.start": dt.date(2028, 3, 21)})
    assert len(other.clock) == 335 - 24
    assert other.values(other.tree.area["grid"].market.price)[0] == 24
    assert other.readings[0].cut == 24


def test_a_patch_of_a_rate_converts_anew(tmp_path):
    folder = write_case(tmp_path / "c", ('price = "45 USD/MWh"', 'price = "50 EUR/MWh"'))
    case = load(folder)
    assert case.tree.area["grid"].market.price == 54.0
    assert case.patched({"money.rates.EUR": 1.2}).tree.area["grid"].market.price == 60.0


def test_a_case_survives_the_way_to_another_process(priced):
    copy = pickle.loads(pickle.dumps(priced))
    assert copy.tree == priced.tree
    price = copy.tree.area["grid"].market.price
    np.testing.assert_array_equal(copy.values(price), priced.values(price))
    assert copy.patched({"mine.pilot.power": "1 MW"}).tree.mine["pilot"].power == 1.0


def test_a_case_says_what_it_is(small):
    assert str(small) == (
        "Case 'Small' · 2028-03-20 to 2028-04-02 · hourly · Europe/Kyiv (335 steps)\n"
        "  plant    2 units, 1,900 MW net; today 950 MW, draws 6 MW\n"
        "  links    line 600 MW (100 % available)\n"
        "  uses     town in grid: owed to town: 100 MW; market of grid: sells and buys: 45 USD/MWh;"
        " mine pilot: 30 MW of Antminer S21 XP (13.5 J/TH)\n"
        "  stage    talk (1 of 3); barred by R01\n"
        "  unknown  3 of 24 values, in 2 entries: 1 reported, 1 assumed"
    )
    assert small._repr_html_() == f"<pre>{small!r}</pre>".replace("'", "&#x27;")
