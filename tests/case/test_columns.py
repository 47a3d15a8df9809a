from __future__ import annotations

import gzip
import io

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from baseload.case import columns
from baseload.case.columns import read_column
from baseload.case.errors import InputError
from baseload.case.quantity import SeriesName

PRICE = SeriesName("p.csv", "price", "USD/MWh")


def read(text: str | bytes, file: str = "p.csv") -> columns.Column:
    content = text.encode() if isinstance(text, str) else text
    return read_column(content, PRICE, "case.toml, line 9", file)


def refusal(text: str | bytes, file: str = "p.csv") -> str:
    with pytest.raises(InputError) as caught:
        read(text, file)
    return str(caught.value)


@pytest.mark.parametrize("header", ["price [USD/MWh]", "price (USD/MWh)", '"price [USD/MWh]"'])
def test_a_column_is_found_by_its_name_before_the_unit(header):
    column = read(f"time,other,{header}\n2028-01-01T00:00Z,1,2.5\n")
    assert column.unit == "USD/MWh"
    assert list(column.values) == [2.5]


@pytest.mark.parametrize(
    "time",
    [
        "2028-01-01T00:00Z",
        "2028-01-01 02:00+02:00",
        "2027-12-31T19:00:00-0500",
        "2028-01-01 00:00Z",
    ],
)
def test_times_with_an_offset_are_instants(time):
    column = read(f"time,price\n{time},1\n")
    assert column.aware
    assert column.seconds[0] == np.datetime64("2028-01-01T00:00").astype("datetime64[s]").astype(
        int
    )


@pytest.mark.parametrize("time", ["2028-01-01T00:00", "2028-01-01 00:00:00", "2028-01-01"])
def test_times_without_an_offset_are_local(time):
    assert not read(f"time,price\n{time},1\n").aware


def test_marks_spaces_line_ends_and_last_blank_lines_do_not_matter():
    column = read("\ufefftime,price [USD/MWh]\r\n 2028-01-01T00:00Z , 1.5 \r\n\r\n\n")
    assert list(column.values) == [1.5]


def test_empty_cells_and_nan_are_kept_as_holes():
    column = read("time,price\n2028-01-01,\n2028-01-02,nan\n2028-01-03,-1e1\n")
    assert np.isnan(column.values[:2]).all()
    assert column.values[2] == -10


def test_packed_text_is_unpacked():
    packed = gzip.compress(b"time,price\n2028-01-01T00:00Z,3\n")
    assert read(packed, "p.csv.gz").values[0] == 3
    assert "expected a file packed by gzip" in refusal(b"time,price\n", "p.csv.gz")
    assert "expected a file packed by gzip" in refusal(packed[:-9], "p.csv.gz")


def test_packed_text_that_grows_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(columns, "SIZE_LIMIT", 2**20)
    packed = gzip.compress(b"0" * (2**20 + 1))
    assert "expected at most 1 MiB of text" in refusal(packed, "p.csv.gz")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("2028-01-01,1|2028-01-02", "p.csv, row 3\n  expected 2 columns, as in the header"),
        ("2028-01-01,1|2028-01-02,1,5", "p.csv, row 3\n  expected 2 columns, as in the header"),
        ("2028-01-01,1||2028-01-02,1", "p.csv, row 3\n  expected a time such as"),
        ("2028-01-01,1|2028-02-30,1", "p.csv, row 3\n  expected a time such as"),
        ("2028-01-01,1|,1", "p.csv, row 3\n  expected a time such as"),
        ("2028-01-01T00:00,1|2028-01-02T00:00Z,1", "row 3\n  expected a time without an offset"),
        ("2028-01-01T00:00Z,1|2028-01-02T00:00,1", "row 3\n  expected a time with an offset"),
        ("2028-01-01,1|2028-01-02,n/e", 'row 3\n  expected a number\n  found    "n/e"'),
        ('2028-01-01,"12,5"', 'expected a number\n  found    "12,5"\n  write "12.5"'),
        ("2028-01-01,inf", "p.csv, row 2\n  expected a finite number"),
    ],
)
def test_a_row_that_is_wrong_is_named(rows, told):
    assert told in refusal("time,price\n" + rows.replace("|", "\n"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "found    an empty file p.csv"),
        ("time,price\n", "found    no rows in p.csv"),
        ("time,cost [USD/MWh]\n1,2\n", "expected a column of p.csv: cost\n"),
        ("time,prices\n1,2\n", 'did you mean "p.csv#prices"?'),
        ("time;price\n1;2\n", "separate the columns by commas"),
        ("time,price,price [EUR/MWh]\n1,2,3\n", "expected one column price\n  found    2 of them"),
    ],
)
def test_a_column_that_is_not_there_is_told_with_those_that_are(text, told):
    assert told in refusal(text)


def test_text_that_is_not_utf_8_is_refused_with_its_line():
    text = refusal("time,price\n2028-01-01,1\n# né,2\n".encode("latin-1"))
    assert "p.csv, line 3\n  expected text in UTF-8\n  found    the byte 0xe9" in text


# --- Parquet ----------------------------------------------------------------------------------


def packed(times: pa.Array, values: pa.Array, name: str = "price [USD/MWh]") -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pa.table({"time": times, name: values}), buffer)
    return buffer.getvalue()


MOMENTS = pa.array([0, 3600], pa.timestamp("s", tz="UTC"))


def test_parquet_is_read_as_csv_is():
    column = read(packed(MOMENTS, pa.array([1, None], pa.int32())), "p.parquet")
    assert column.aware
    assert column.unit == "USD/MWh"
    assert list(column.seconds) == [0, 3600]
    assert column.values[0] == 1
    assert np.isnan(column.values[1])


def test_parquet_times_in_another_zone_or_none_or_as_text_are_read():
    zoned = MOMENTS.cast(pa.timestamp("us", tz="Europe/Kyiv"))
    values = pa.array([1.0, 2.0])
    assert list(read(packed(zoned, values), "p.parquet").seconds) == [0, 3600]
    naive = pa.array([0, 3600], pa.timestamp("s"))
    assert not read(packed(naive, values), "p.parquet").aware
    texts = pa.array(["1970-01-01T00:00Z", "1970-01-01T01:00Z"])
    assert read(packed(texts, values), "p.parquet").aware


def test_parquet_that_does_not_hold_times_and_numbers_is_refused():
    assert "expected a Parquet file" in refusal(b"PAR1", "p.parquet")
    assert "a column of double" in refusal(packed(pa.array([1.0, 2.0]), MOMENTS), "p.parquet")
    assert "expected a column of numbers" in refusal(packed(MOMENTS, MOMENTS), "p.parquet")
    nothing = pa.array([0, None], pa.timestamp("s", tz="UTC"))
    assert "row 3" in refusal(packed(nothing, pa.array([1.0, 2.0])), "p.parquet")
