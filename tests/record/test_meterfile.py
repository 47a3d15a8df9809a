from datetime import UTC, datetime
from itertools import pairwise

import pytest

from baseload.record.errors import RecordError
from baseload.record.events import check_body
from baseload.record.meterfile import readings
from baseload.record.metermap import read_map

MAP = """
source = "plant.meter"
meter = "main-1"
register = "import"
interval_minutes = 60
delimiter = ";"

[time]
columns = ["Date", "Time"]
format = "%d.%m.%Y %H:%M"
zone = "Europe/Kyiv"
says = "begin"

[energy]
column = "Energy"
unit = "kWh"
decimal = ","
thousands = "."
"""
HEAD = "Date;Time;Energy\n"


def read(tmp_path, rows, told=MAP, head=HEAD, **more):
    (tmp_path / "map.toml").write_text(told, encoding="utf-8")
    (tmp_path / "meter.csv").write_text(head + rows, encoding="utf-8")
    return readings([tmp_path / "meter.csv"], read_map(tmp_path / "map.toml"), **more)


def hours(day, values, first=0):
    rows = (f"{day};{first + n:02d}:00;{value}" for n, value in enumerate(values))
    return "\n".join(rows) + "\n"


def at(*instant):
    return str(int(datetime(*instant, tzinfo=UTC).timestamp() * 1000))


def energies(drafts):
    return [draft["body"]["energy"] for draft in drafts]


def test_rows_become_readings_in_watt_hours(tmp_path):
    found = read(tmp_path, hours("01.02.2026", ["1.234,5", "0", "7"]))
    assert energies(found) == ["1234500", "0", "7000"]
    assert str(found[0]["t0"]) == at(2026, 1, 31, 22)
    assert str(found[0]["t1"]) == at(2026, 1, 31, 23)
    for draft in found:
        check_body(draft["schema"], draft["body"])


def test_a_byte_order_mark_and_empty_lines_are_no_matter(tmp_path):
    assert energies(
        read(tmp_path, "\n" + hours("01.02.2026", ["1", "2"]), head="\ufeff" + HEAD)
    ) == [
        "1000",
        "2000",
    ]


def test_the_day_of_25_hours_has_each_of_them(tmp_path):
    """Kyiv, 25 October 2026: 03:00 comes twice."""
    names = [0, 1, 2, 3, 3, *range(4, 24)]
    rows = "".join(f"25.10.2026;{hour:02d}:00;{n}\n" for n, hour in enumerate(names))
    found = read(tmp_path, rows)
    assert energies(found) == [str(1000 * n) for n in range(25)]
    assert all(int(a["t1"]) == int(b["t0"]) for a, b in pairwise(found))


def test_the_day_of_23_hours_has_no_third(tmp_path):
    """Kyiv, 29 March 2026: 03:00 does not come."""
    rows = "".join(f"29.03.2026;{hour:02d}:00;1\n" for hour in (0, 1, 2, *range(4, 24)))
    assert len(read(tmp_path, rows)) == 23
    with pytest.raises(RecordError):
        read(tmp_path, "29.03.2026;02:00;1\n29.03.2026;03:00;1\n")


def test_what_is_no_whole_watt_hour_is_refused_or_carried(tmp_path):
    rows = hours("01.02.2026", ["0,0004", "0,0004", "0,0004", "0,0008"])
    with pytest.raises(RecordError, match="row 2"):
        read(tmp_path, rows)
    carried = MAP + 'rounding = "carry"\n'
    assert energies(read(tmp_path, rows, carried)) == ["0", "0", "1", "1"]


def test_a_register_is_no_less_whole_than_an_energy(tmp_path):
    told = MAP.replace('column = "Energy"', 'column = "Energy"\ncounter_column = "Register"')
    head, rows = "Date;Time;Energy;Register\n", "01.02.2026;00:00;1;100,0004\n"
    with pytest.raises(RecordError, match="whole watt-hours"):
        read(tmp_path, rows, told, head)
    (draft,) = read(tmp_path, rows, told + 'rounding = "carry"\n', head)
    assert draft["body"]["counter"] == "100000"


def test_a_file_without_a_reading_is_refused(tmp_path):
    with pytest.raises(RecordError, match="readings after the header"):
        read(tmp_path, "")


@pytest.mark.parametrize(
    "text", ["1_767_225_600", "+1767225600", "1e9", "17672256001767225600", "٣"]
)
def test_seconds_since_1970_are_digits_alone(tmp_path, text):
    told = MAP.replace('columns = ["Date", "Time"]', 'columns = ["Date"]')
    told = told.replace('format = "%d.%m.%Y %H:%M"\nzone = "Europe/Kyiv"', 'format = "unix"')
    assert read(tmp_path, "1767225600;;1\n", told)[0]["t0"] == 1767225600000
    with pytest.raises(RecordError, match="1970"):
        read(tmp_path, f"{text};;1\n", told)


def test_power_is_a_mean_over_the_interval(tmp_path):
    quarters = MAP.replace("interval_minutes = 60", "interval_minutes = 15").replace("kWh", "MW")
    assert energies(read(tmp_path, "01.02.2026;00:00;2\n", quarters)) == ["500000"]


def test_the_ratio_of_transformers_multiplies(tmp_path):
    assert energies(read(tmp_path, hours("01.02.2026", ["2"]), MAP + 'multiplier = "1000"\n')) == [
        "2000000"
    ]


def test_what_is_absent_is_refused_or_marked_as_missing(tmp_path):
    rows = "01.02.2026;00:00;1\n01.02.2026;02:00;\n"
    with pytest.raises(RecordError, match="row 3"):
        read(tmp_path, rows)
    found = read(tmp_path, rows, MAP.replace("delimiter", 'absent = "missing"\ndelimiter'))
    assert [draft["body"]["quality"] for draft in found] == ["measured", "missing", "missing"]
    assert energies(found) == ["1000", "0", "0"]


@pytest.mark.parametrize(
    "rows",
    [
        "01.02.2026;00:00;1,000.50\n",
        "01.02.2026;00:00;1e3\n",
        "01.02.2026;00:00;NaN\n",
        "01.02.2026;00:00;٣\n",
        "01.02.2026;00:00;-5\n",
        "01.02.2026;00:00;1;2\n",
        "01.02.2026;00:00\n",
        "31.02.2026;00:00;1\n",
        "01/02/2026;00:00;1\n",
        "01.02.2026;00:00;1\n01.02.2026;00:00;1\n",
        "01.02.2026;00:00;1\n01.02.2026;00:30;1\n",
        "01.02.2026;00:00;1\n01.02.2026;02:00;1\n",
        '01.02.2026;00:00;"1\n',
    ],
)
def test_a_row_that_is_none_is_refused_with_file_and_row(tmp_path, rows):
    with pytest.raises(RecordError) as caught:
        read(tmp_path, rows)
    assert "meter.csv" in caught.value.where
    assert caught.value.mend


def test_readings_that_the_log_has_already_are_refused(tmp_path):
    known = {("main-1", "import"): [(int(at(2026, 1, 31, 22)), int(at(2026, 1, 31, 23)))]}
    with pytest.raises(RecordError):
        read(tmp_path, hours("01.02.2026", ["1"]), known=known)
    assert len(read(tmp_path, hours("01.02.2026", ["1"], first=1), known=known)) == 1
