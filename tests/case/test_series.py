from __future__ import annotations

import datetime as dt
import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.minimal import hours, write_case, write_series

from baseload.case.clock import Clock
from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.case.quantity import FILLS, SeriesName
from baseload.case.series import Reading, Shelf

DAY = dt.timedelta(days=1)
# Local midnight of 20 March 2028 in Kyiv; 335 hours, for the clocks go forward on the 26th.
FIRST, STEPS = "2028-03-19T22:00", 335
KYIV = Clock(dt.date(2028, 3, 20), dt.date(2028, 4, 3), 1.0, "Europe/Kyiv")
AUTUMN = Clock(dt.date(2028, 10, 23), dt.date(2028, 11, 6), 1.0, "Europe/Kyiv")
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "power_prices"
EURO = {"EUR": 1.08}


def name(**options: str) -> SeriesName:
    options = {"file": "p.csv", "column": "price", "unit": "USD/MWh"} | options
    return SeriesName(**options)


def place(
    folder: Path, clock: Clock = KYIV, rates: dict[str, float] | None = None, **options: str
) -> tuple[np.ndarray, Reading]:
    series = name(**options)
    return Shelf(folder, {}).read(series, clock, rates or {}, "case.toml, line 9")


def refusal(folder: Path, clock: Clock = KYIV, **options: str) -> str:
    with pytest.raises(InputError) as caught:
        place(folder, clock, EURO if folder == SHARED else {}, **options)
    return str(caught.value).replace(f"{folder}/", "")


def wall(clock: Clock) -> list[str]:
    """What the clock on the wall shows, as files written in local time have it."""
    return [str(time).replace("T", " ") for time in clock.local]


def test_every_step_gets_the_value_of_its_row(tmp_path):
    write_series(tmp_path / "p.csv", hours(FIRST, STEPS), range(STEPS))
    values, reading = place(tmp_path)
    assert list(values) == list(range(STEPS))
    assert (reading.rows, reading.cut, reading.filled) == (STEPS, 0, 0)
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 1


def test_rows_outside_the_horizon_are_not_used_and_it_is_said(tmp_path):
    write_series(tmp_path / "p.csv", hours("2028-03-19T00:00", 400), range(400))
    values, reading = place(tmp_path)
    assert values[0] == 22
    assert reading.cut == 400 - STEPS
    assert "65 outside the horizon not used" in str(reading)


def test_packed_files_and_parquet_give_the_same_values(tmp_path):
    import pyarrow as pa
    from pyarrow import csv, parquet

    text = write_series(tmp_path / "p.csv", hours(FIRST, STEPS), range(STEPS))
    (tmp_path / "p.csv.gz").write_bytes(gzip.compress(text.read_bytes()))
    stamps = csv.ConvertOptions(column_types={"time": pa.timestamp("s", tz="UTC")})
    parquet.write_table(csv.read_csv(text, convert_options=stamps), tmp_path / "p.parquet")
    for file in ("p.csv.gz", "p.parquet"):
        assert list(place(tmp_path, file=file)[0]) == list(range(STEPS))


# --- units -----------------------------------------------------------------------------------


def test_values_are_converted_from_the_unit_of_the_header(tmp_path):
    write_series(tmp_path / "p.csv", hours(FIRST, STEPS), [2] * STEPS, "time,price (c/kWh)")
    assert place(tmp_path)[0][0] == 20.0
    write_series(tmp_path / "p.csv", hours(FIRST, STEPS), [50] * STEPS, "time,price [EUR/MWh]")
    assert place(tmp_path, rates={"EUR": 1.08})[0][0] == 54.0
    assert "EUR, for which there is no rate" in refusal(tmp_path)


def test_a_column_needs_a_unit_in_its_header_or_beside_its_name(tmp_path):
    write_series(tmp_path / "p.csv", hours(FIRST, STEPS), [2] * STEPS, "time,price")
    assert 'write { series = "p.csv#price", unit = "USD/MWh" }' in refusal(tmp_path)
    assert place(tmp_path, written_unit="c/kWh")[0][0] == 20.0
    assert place(tmp_path, unit="1")[0][0] == 2.0


def test_two_units_that_differ_are_refused(tmp_path):
    write_series(tmp_path / "p.csv", hours(FIRST, STEPS), [2] * STEPS)
    assert "the unit of the header of p.csv: USD/MWh" in refusal(tmp_path, written_unit="c/kWh")


def test_a_unit_of_another_dimension_is_refused(tmp_path):
    write_series(tmp_path / "p.csv", hours(FIRST, STEPS), [2] * STEPS, "time,price [MWh]")
    assert "found    an energy: MWh" in refusal(tmp_path, unit="MW")


def test_values_outside_the_bounds_of_the_field_are_refused_with_their_time(tmp_path):
    values = [1] * 30 + [-5] + [1] * (STEPS - 31)
    write_series(tmp_path / "p.csv", hours(FIRST, STEPS), values)
    series = SeriesName("p.csv", "price", "USD/MWh", minimum=0)
    with pytest.raises(InputError) as caught:
        Shelf(tmp_path, {}).read(series, KYIV, {}, "x")
    assert "price at 2028-03-21 06:00 Europe/Kyiv" in str(caught.value)
    assert "found    -5 USD/MWh; 1 such values" in str(caught.value)


# --- local times -----------------------------------------------------------------------------


@pytest.mark.parametrize("clock", [KYIV, AUTUMN])
def test_local_times_are_placed_right_where_the_clocks_change(tmp_path, clock):
    write_series(tmp_path / "p.csv", wall(clock), range(len(clock)))
    assert list(place(tmp_path, clock)[0]) == list(range(len(clock)))


def test_a_local_time_that_does_not_exist_is_refused_with_its_row(tmp_path):
    times = [f"2028-03-{20 + h // 24} {h % 24:02}:00" for h in range(12 * 24)]
    write_series(tmp_path / "p.csv", times, range(len(times)))
    text = refusal(tmp_path)
    assert "p.csv, row 149\n" in text
    assert "2028-03-26 03:00, which does not exist: the clocks go forward" in text


def test_an_hour_missing_where_the_clocks_go_back_is_refused_with_its_row(tmp_path):
    times = [t for i, t in enumerate(wall(AUTUMN)) if t not in wall(AUTUMN)[:i]]
    assert len(times) == len(AUTUMN) - 1
    write_series(tmp_path / "p.csv", times, range(len(times)))
    text = refusal(tmp_path, AUTUMN)
    assert "p.csv, after row 149\n" in text
    assert "the second time it comes: the clocks go back" in text


def test_an_hour_doubled_where_no_clock_changes_is_refused(tmp_path):
    times = wall(KYIV)
    write_series(tmp_path / "p.csv", [*times[:5], times[4], *times[5:]], range(STEPS + 1))
    text = refusal(tmp_path)
    assert "p.csv, row 7\n" in text
    assert "found    the same time again" in text


def test_the_zone_of_a_file_may_differ_from_that_of_the_case(tmp_path):
    write_series(tmp_path / "p.csv", [t[:-1] for t in hours(FIRST, STEPS)], range(STEPS))
    assert list(place(tmp_path, time_zone="UTC")[0]) == list(range(STEPS))
    assert "expected an IANA time zone" in refusal(tmp_path, time_zone="Kyiv")


# --- rows that cannot be taken ------------------------------------------------------------------


def test_a_short_series_is_refused_with_the_rows_to_add(tmp_path):
    write_series(tmp_path / "p.csv", hours(FIRST, STEPS - 5), range(STEPS - 5))
    text = refusal(tmp_path)
    assert "p.csv, row 331\n  expected values for the whole horizon, 2028-03-20 to" in text
    assert "found    a series that ends at 2028-04-02 18:00 Europe/Kyiv" in text
    assert "add rows from 2028-04-02 19:00 Europe/Kyiv" in text
    write_series(tmp_path / "p.csv", hours("2028-03-20T00:00", STEPS), range(STEPS))
    assert "a series that starts at 2028-03-20 02:00" in refusal(tmp_path)


def test_one_missing_row_at_either_end_is_enough_to_be_short(tmp_path):
    write_series(tmp_path / "p.csv", hours("2028-03-19T23:00", STEPS - 1), range(STEPS - 1))
    text = refusal(tmp_path)
    assert "p.csv, row 2\n" in text
    assert "starts at 2028-03-20 01:00" in text
    assert "add rows from 2028-03-20 00:00" in text
    write_series(tmp_path / "p.csv", hours(FIRST, STEPS - 1), range(STEPS - 1))
    assert "add rows from 2028-04-02 23:00" in refusal(tmp_path)


def test_a_series_that_misses_the_horizon_altogether_is_refused(tmp_path):
    write_series(tmp_path / "p.csv", hours("2020-01-01T00:00", STEPS), range(STEPS))
    assert "add rows from 2028-03-20 00:00" in refusal(tmp_path)


def test_unsorted_rows_are_refused(tmp_path):
    times = hours(FIRST, STEPS)
    times[10], times[11] = times[11], times[10]
    write_series(tmp_path / "p.csv", times, range(STEPS))
    text = refusal(tmp_path)
    assert "p.csv, row 13\n" in text
    assert "found    an earlier time" in text
    assert "sort the rows by time" in text


def test_a_gap_is_refused_with_the_row_before_it(tmp_path):
    times = hours(FIRST, STEPS)
    write_series(tmp_path / "p.csv", times[:10] + times[13:], range(STEPS - 3))
    text = refusal(tmp_path)
    assert "p.csv, after row 11\n  expected a row every 1 h" in text
    assert "no row for 2028-03-20 10:00 Europe/Kyiv; 3 steps are missing there" in text
    assert 'fill = "previous"' in text


def test_an_empty_cell_is_refused_with_its_row(tmp_path):
    write_series(tmp_path / "p.csv", hours(FIRST, STEPS), [1, 2, "", *[1] * (STEPS - 3)])
    assert "p.csv, row 4\n  expected a number\n  found    nothing, or NaN" in refusal(tmp_path)


def test_rows_between_the_steps_are_refused(tmp_path):
    write_series(tmp_path / "p.csv", hours(FIRST, 2 * STEPS, 30), range(2 * STEPS))
    text = refusal(tmp_path)
    assert "p.csv, row 3\n  expected rows 60 min apart, where steps begin" in text
    assert "found    rows 30 min apart, one at 2028-03-19 22:30Z" in text


def test_rows_further_apart_than_the_steps_are_refused(tmp_path):
    write_series(tmp_path / "p.csv", hours(FIRST, STEPS), range(STEPS))
    quarters = Clock(KYIV.start, KYIV.end, 0.25, "Europe/Kyiv")
    text = refusal(tmp_path, quarters)
    assert "p.csv, row 2\n  expected rows 15 min apart" in text
    assert "found    rows 60 min apart" in text


# --- files that cannot be taken ------------------------------------------------------------------


def test_a_file_that_is_not_there_is_refused(tmp_path):
    text = refusal(tmp_path)
    assert "case.toml, line 9\n  expected a file\n  found    no file p.csv" in text


@pytest.mark.parametrize("path", ["../p.csv", "/etc/passwd.csv", "sub/../../p.csv", "link.csv"])
def test_a_path_that_leaves_the_folder_is_refused(tmp_path, path):
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "sub").mkdir()
    write_series(tmp_path / "p.csv", hours(FIRST, STEPS), range(STEPS))
    os.symlink(tmp_path / "p.csv", folder / "link.csv")
    assert f"found    a path that leaves it: {path}" in refusal(folder, file=path)


def test_a_file_of_two_gigabytes_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "p.csv").open("wb") as file:
        file.truncate(2 * 2**30)
    text = refusal(tmp_path)
    assert "expected a file of at most 512 MiB\n  found    2,048 MiB" in text


def test_the_error_of_a_series_names_the_key_that_asks_for_it(tmp_path):
    folder = write_case(tmp_path / "c", ('price = "45 USD/MWh"', 'price = "no.csv#price"'))
    with pytest.raises(InputError, match=r'area\.grid\.market\.price = "no\.csv#price"'):
        load(folder)


# --- filling ----------------------------------------------------------------------------------


def with_hole(folder: Path, clock: Clock = KYIV, first: int = 200, last: int = 205) -> None:
    times = [str(time) + "Z" for time in clock.utc]
    rows = [(t, i) for i, t in enumerate(times) if not first <= i < last]
    write_series(folder / "p.csv", *zip(*rows, strict=True))


@pytest.mark.parametrize(
    ("fill", "values"),
    [
        ("previous", [199.0] * 5),
        ("mean of neighbours", [202.0] * 5),
        # The clocks go forward between the week before and the hole: the same local hour lies
        # 167 hours back.
        ("same hour last week", [33.0, 34.0, 35.0, 36.0, 37.0]),
    ],
)
def test_a_hole_is_filled_as_stated_and_what_was_filled_is_kept(tmp_path, fill, values):
    with_hole(tmp_path)
    filled, reading = place(tmp_path, fill=fill)
    assert list(filled[200:205]) == values
    assert (reading.filled, reading.dropped) == (5, 0)
    assert reading.holes == (dt.datetime.fromisoformat(f"{KYIV.utc[200]}+00:00"),)
    assert f"5 steps filled by {fill}, from 2028-03-28 06:00Z" in str(reading)


def test_a_hole_longer_than_a_week_is_filled_from_the_last_week_there_is(tmp_path):
    with_hole(tmp_path, AUTUMN, 169, 336)
    filled, _ = place(tmp_path, AUTUMN, fill="same hour last week")
    # The clocks go back in between: the same local hour lies 169 hours back.
    assert list(filled[169:172]) == [0.0, 1.0, 2.0]


def test_a_hole_with_nothing_before_it_cannot_be_filled_from_there(tmp_path):
    write_series(tmp_path / "p.csv", hours(FIRST, STEPS), ["", *range(STEPS - 1)])
    for fill in FILLS:
        assert "found    none in the file" in refusal(tmp_path, fill=fill)


def test_days_of_24_hours_throughout_are_taken_only_with_a_way_to_fill(tmp_path):
    times = [f"{AUTUMN.start + DAY * (h // 24)} {h % 24:02}:00" for h in range(14 * 24)]
    write_series(tmp_path / "p.csv", times, range(len(times)))
    assert "clocks go back" in refusal(tmp_path, AUTUMN)
    values, reading = place(tmp_path, AUTUMN, fill="previous")
    assert (reading.filled, reading.dropped) == (1, 0)
    assert list(values[147:150]) == [147.0, 147.0, 148.0]
    spring = [f"{KYIV.start + DAY * (h // 24)} {h % 24:02}:00" for h in range(14 * 24)]
    write_series(tmp_path / "p.csv", spring, range(len(spring)))
    values, reading = place(tmp_path, fill="previous")
    assert (reading.filled, reading.dropped) == (0, 1)
    assert list(values[146:149]) == [146.0, 148.0, 149.0]


@given(st.sets(st.integers(1, STEPS - 2), max_size=60), st.sampled_from(FILLS[:2]))
def test_filling_leaves_what_is_there_and_fills_the_rest_from_it(tmp_path_factory, gone, fill):
    folder = tmp_path_factory.mktemp("fill")
    rows = [(t, i * i % 97) for i, t in enumerate(hours(FIRST, STEPS)) if i not in gone]
    write_series(folder / "p.csv", *zip(*rows, strict=True))
    values, reading = place(folder, fill=fill)
    kept = [i for i in range(STEPS) if i not in gone]
    assert list(values[kept]) == [i * i % 97 for i in kept]
    assert reading.filled == len(gone)
    assert np.isfinite(values).all()
    assert values.min() >= 0
    assert values.max() <= 96


# --- real files ---------------------------------------------------------------------------------

real = pytest.mark.skipif(not SHARED.is_dir(), reason="no reference data beside the checkout")


def year(year: int, zone: str) -> Clock:
    return Clock(dt.date(year, 1, 1), dt.date(year + 1, 1, 1), 1.0, zone)


def real_name(file: str, **options: str) -> dict[str, str]:
    return {"file": file, "column": "Price", **options}


@real
def test_a_real_year_in_standard_time_is_taken_as_it_is():
    # ERCOT 2023: local times with the offset -06:00 throughout the year.
    clock = year(2023, "Etc/GMT+6")
    values, reading = place(SHARED, clock, **real_name("US-TEX-ERCO_2023_local.csv.gz"))
    assert values[0] == 10.42
    assert (reading.rows, reading.filled) == (8760, 0)


@real
def test_a_real_year_without_clock_changes_and_with_a_missing_day_is_refused_with_the_row():
    clock = year(2023, "Europe/Paris")
    text = refusal(SHARED, clock, **real_name("FR_2023_local.csv.gz"))
    # 84 days and two hours into the year, an hour that Paris did not have.
    assert "FR_2023_local.csv.gz, row 2020\n" in text
    assert "2023-03-26 02:00, which does not exist" in text
    standard = real_name("FR_2023_local.csv.gz", time_zone="Etc/GMT-1")
    text = refusal(SHARED, year(2023, "Etc/GMT-1"), **standard)
    assert "after row 7993\n" in text
    assert "no row for 2023-11-30 00:00" in text
    assert "24 steps are missing there" in text


@real
def test_a_real_year_with_holes_is_taken_with_a_stated_way_to_fill():
    clock = year(2023, "Europe/Paris")
    options = real_name("FR_2023_local.csv.gz", fill="same hour last week")
    values, reading = place(SHARED, clock, EURO, **options)
    # A day, and the second 02:00 of 29 October; the 02:00 of 26 March is dropped.
    assert (reading.filled, reading.dropped, reading.rows) == (25, 1, 8736)
    day, before = (clock.steps_of(dt.date(2023, 11, n)) for n in (30, 23))
    assert (values[day] == values[before]).all()


@real
def test_a_real_file_that_is_short_is_refused_with_its_last_row():
    # PJM 2022 is in UTC without saying so, and its last day is missing.
    clock = year(2022, "America/New_York")
    options = real_name("US-MIDA-PJM_2022_local.csv.gz", time_zone="UTC")
    text = refusal(SHARED, clock, **options)
    assert "a series that ends at 2022-12-30 23:00 America/New_York" in text
