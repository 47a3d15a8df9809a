"""Daily prices from a file: what is read, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from baseload.bitcoin.prices import read_prices
from baseload.case.errors import InputError


def written(tmp_path, text: str):
    file = tmp_path / "prices.csv"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "text",
    [
        "date,price\n2024-02-28,100\n2024-02-29,110.5\n2024-03-01,90\n",
        "TIME,OPEN,CLOSE\n1709078400,1,100\n1709164800,2,110.5\n1709251200,3,90\n",
    ],
)
def test_prices_are_read_by_date_or_by_unix_time(tmp_path, text):
    found = read_prices(written(tmp_path, text))
    assert found.first == date(2024, 2, 28)
    assert found.last == date(2024, 3, 1)
    assert found.price.tolist() == [100.0, 110.5, 90.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date,price\n2024-01-01,1\n2024-01-03,1\n", "line 3\n  expected 2024-01-02, the next day"),
        ("date,price\n2024-01-01,1\n2024-01-01,1\n", "line 3"),
        ("date,price\n2024-01-01,0\n", "a price above zero"),
        ("date,price\n2024-01-01,nan\n", "a price above zero"),
        ("date,price\n2024-01-01,cheap\n", "line 2\n  expected a day and a price"),
        ("date,price\n2024-01-01\n", "line 2"),
        ("day,worth\n2024-01-01,1\n", "name the columns date and price"),
        ("", "an empty file"),
    ],
)
def test_what_is_no_series_of_daily_prices_is_refused_with_its_line(tmp_path, text, message):
    with pytest.raises(InputError) as caught:
        read_prices(written(tmp_path, text))
    assert message in str(caught.value)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.csv"):
        read_prices(tmp_path / "nowhere.csv")
