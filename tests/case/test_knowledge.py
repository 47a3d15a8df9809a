from __future__ import annotations

from tests.minimal import hours, write_case, write_series

from baseload.case.knowledge import knowledge
from baseload.case.load import load


def test_figures_are_counted_by_how_sure_they_are(small):
    known = knowledge(small)
    # u1: gross and fuel cost confirmed by Z03, house load assumed; R01: two days from Z03.
    assert known.by_status == {"confirmed": 4, "assumed": 1, "no status": 19}
    assert len(known.figures) == 24
    assert {"plant.unit.u1.gross", "bar.R01.since"} <= {figure.path for figure in known.figures}


def test_names_choices_and_the_horizon_are_no_figures(small):
    paths = {figure.path for figure in knowledge(small).figures}
    assert not paths & {"plant.name", "plant.unit.u2.state", "case.start", "plant.unit.u1.bus"}


def test_unknowns_are_counted_by_status_and_by_the_values_they_stand_for(small):
    known = knowledge(small)
    assert known.unknowns_by_status == {"reported": 1, "assumed": 1}
    assert known.unknown_values == 3
    house = known.unknowns[0]
    assert (house.low, house.base, house.high, house.values) == ("45 MW", "50 MW", "65 MW", 2)


def test_figures_from_memory_and_without_source_are_named(tmp_path):
    folder = write_case(
        tmp_path / "c",
        (
            'power = "30 MW"',
            'power = { value = "30 MW", status = "memory", note = "who said so?" }',
        ),
    )
    known = knowledge(load(folder))
    assert [(f.path, f.value, f.note) for f in known.from_memory] == [
        ("mine.pilot.power", "30 MW", "who said so?")
    ]
    assert "link.line.export_limit" in {figure.path for figure in known.unsourced}


def test_a_series_is_said_as_its_range(tmp_path):
    folder = write_case(tmp_path / "c", ('price = "45 USD/MWh"', 'price = "p.csv#price"'))
    write_series(folder / "p.csv", hours("2028-03-19T22:00", 335), range(335))
    figures = {figure.path: figure.value for figure in knowledge(load(folder)).figures}
    assert figures["area.grid.market.price"] == "0 to 334 USD/MWh (p.csv#price)"
    assert figures["money.discount_rate"] == "8 %/year"
