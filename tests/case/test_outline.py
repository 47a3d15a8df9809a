from __future__ import annotations

import datetime as dt
import json

from tests.minimal import FILES, hours, write_case, write_series

from baseload.case.load import load
from baseload.case.outline import outline


def test_the_outline_holds_what_a_reader_asks_for(small):
    found = outline(small)
    assert found.plant[0].text == "2 units, 1,900 MW net; today 950 MW, draws 6 MW"
    assert found.links[0].text == "main to grid: 600 MW out, 100 MW in (100 % available)"
    assert [row.name for row in found.uses] == [
        "area.grid.obligation.town",
        "area.grid.market",
        "mine.pilot",
    ]
    assert found.alternatives[1].text == (
        "mine.pilot.power = 300 MW, plant.unit.*.ramp = 0.45 %/min; waits for permit; under S1"
    )
    assert (found.stage.reached, found.stage.number, found.stage.open) == ("talk", 1, 0)
    assert [(bar.name, bar.until) for bar in found.bars] == [("R01", dt.date(2031, 3, 15))]
    assert len(found.contradictions) == 2
    assert found.arrangements[0].text == "town 0.5 : miner 0.5; operator not said"
    assert found.precedents[0].text == "50 MW"
    assert found.fills == ()


def test_what_units_draw_while_stopped_is_told_with_its_range(tmp_path):
    text = FILES["unknowns"].replace("house_load", "shutdown_load").replace("45 MW", "3 MW")
    text = text.replace('path = "plant.unit.*', 'path = "plant.unit.u2')
    assert (
        "draws 3 to 65 MW" in outline(load(write_case(tmp_path / "c", unknowns=text))).plant[0].text
    )


def test_bars_that_are_over_on_the_first_day_are_left_out(tmp_path):
    text = FILES["gates"].replace("until = 2031-03-15", "until = 2028-03-20")
    assert outline(load(write_case(tmp_path / "c", gates=text))).bars == ()


def test_the_outline_is_plain_data_for_machines(small):
    data = outline(small).to_json()
    assert json.loads(json.dumps(data)) == data
    assert data["bars"][0]["since"] == "2025-01-01"
    assert data["knowledge"]["by_status"]["confirmed"] == 4
    assert data["knowledge"]["unknowns"][1]["low"] == "12 J/TH"


def test_the_text_names_every_section(small):
    text = outline(small).as_text()
    for line in (
        "What is known",
        "  24 values: 4 confirmed, 1 assumed, 19 no status",
        "  Energy of a hash: 12 J/TH … 13.5 J/TH … 17.5 J/TH (reported, no source)",
        "  talk, 1 of 3: talk, licence, operate",
        "  R01 Mining is forbidden (somewhere; since 2025-01-01, until 2031-03-15)",
        "  Q01 It will run <> Q02 It will not run",
    ):
        assert line in text.splitlines()


def test_filled_holes_are_told(tmp_path):
    table = 'price = { series = "p.csv#price", fill = "previous" }'
    folder = write_case(tmp_path / "c", ('price = "45 USD/MWh"', table))
    times = hours("2028-03-19T22:00", 335)
    write_series(folder / "p.csv", times[:10] + times[12:], range(333))
    case = load(folder)
    told = "p.csv#price: 333 rows; 2 steps filled by previous, from 2028-03-20 08:00Z"
    assert outline(case).fills == (told,)
    assert f"filled   {told}" in str(case)
