from __future__ import annotations

import pytest
from tests.minimal import write_case

from baseload.case.errors import InputError
from baseload.case.load import load


def with_futures(folder, text):
    path = write_case(folder)
    (folder / "futures.toml").write_text(text, encoding="utf-8")
    return load(path)


def test_a_case_without_drivers_stays_as_it_is_given(tmp_path):
    futures = load(write_case(tmp_path)).tree.futures
    assert futures.bitcoin_price.model == futures.network.model == "as given"
    assert futures.units.model == futures.weather.model == futures.fees.model == "as given"
    assert futures.blackout.rate == futures.water.rate == 0.0
    assert futures.power_price == futures.link == {}


def test_a_driver_is_replaced_by_its_name_and_read_in_canonical_units(tmp_path):
    text = """
[futures.units]
model = "two state"
repair = "10 days"
[futures.power_price.grid]
model = "bootstrap"
block = "2 weeks"
[futures.link.line]
model = "two state"
"""
    futures = with_futures(tmp_path, text).tree.futures
    assert (futures.units.model, futures.units.repair) == ("two state", 240.0)
    assert futures.power_price["grid"].block == 336.0
    assert futures.link["line"].repair == 72.0


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        ("[futures.link.lien]\n", "futures.link.lien", "a link: line"),
        ("[futures.power_price.sea]\n", "futures.power_price.sea", "an area with a market: grid"),
        ('[futures.fees]\nmodel = "fat"\n', "futures.fees.model", "fat tail"),
        ('[futures.units]\nrepair = "10 MW"\n', "futures.units.repair", "a duration"),
        ('[futures.bitcoin_price]\nmodel = "bootstrap"\n', "futures.bitcoin_price", "a history"),
        ('[futures.fees]\nreversion = "0 1/year"\n', "futures.fees.reversion", "0"),
        (
            '[futures.blackout]\nrate = "400 1/year"\nduration = "24 h"\n',
            "futures.blackout",
            "spells that leave some time between them",
        ),
        (
            '[futures.water]\nrate = "13 1/year"\nduration = "30 days"\n',
            "futures.water",
            "spells that leave some time between them",
        ),
        (
            '[futures.power_price.grid]\nfloor = "9 USD/MWh"\nceiling = "8 USD/MWh"\n',
            "futures.power_price.grid",
            "a ceiling at or above the floor",
        ),
        ("[future]\n", "future", "futures"),
    ],
)
def test_a_driver_that_cannot_be_is_told_with_its_file_and_what_was_expected(
    tmp_path, text, where, expected
):
    with pytest.raises(InputError) as caught:
        with_futures(tmp_path, text)
    message = str(caught.value)
    assert "futures.toml" in message
    assert where in message
    assert expected in message
