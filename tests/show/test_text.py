import pytest
from tests.show.sample import HOSTILE

from baseload.bitcoin.machines import machine_revenue, machine_table
from baseload.case.outline import outline
from baseload.show.text import print_hashprice, print_machines, print_outline, print_study


def test_the_table_of_alternatives_says_what_is_built_today_and_what_could_be(study, capsys):
    print_study(study)
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if line.startswith("pilot"))
    assert "no mine: 2 gates, R01, R05" in row
    for cell in ("30 MW", "2029-03", "22/y", "0.15%", "0.82 bn", "+0.002 bn"):
        assert cell in row
    assert "base values, not a forecast" in lines[0]


def test_the_outline_shows_what_is_known_and_what_is_not(study, capsys):
    print_outline(outline(study.case))
    text = capsys.readouterr().out
    for wanted in (
        "plant.unit.U1.shutdown_load = 35 MW",
        "from memory",
        "Price of a bitcoin",
        "Stage: talk, 1 of 3",
        "R01",
        "2031-03-15",
        "no end stated",
        HOSTILE,
    ):
        assert wanted in text, wanted


def test_every_machine_has_a_row(capsys):
    rows = machine_table()
    print_machines(rows)
    text = capsys.readouterr().out
    assert all(row["name"] in text for row in rows)


def test_the_hashprice_is_printed_with_the_worth_of_a_megawatt_hour(capsys):
    # M13: difficulty 148.26 T and 91,000 USD gave 39.53 USD/PH/day with fees of 0.55 %, at a
    # spot price somewhat above the 91,000 that was printed with it.
    rows = machine_revenue(148.26e12, 91_000.0, 0.0055)
    print_hashprice(38.80, 3.125, 0.0055, rows)
    out = capsys.readouterr().out
    assert out.startswith("hashprice 38.80 USD/PH/day")
    best = next(line for line in out.splitlines() if line.startswith("Antminer S21  "))
    # 38.8 USD/PH/day at 17.5 J/TH: 38.8 / (24 * 0.0175) USD/MWh.
    assert float(best.split()[3]) == pytest.approx(38.80 / (24 * 0.0175), rel=1e-3)
