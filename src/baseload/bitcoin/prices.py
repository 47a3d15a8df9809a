"""Daily prices of a bitcoin from a file, read strictly."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prices:
    """Daily prices without a gap.

    Parameters
    ----------
    first : first day, in UTC.
    price : price of every day from then on, shape (T,) [USD/BTC].
    """

    first: date
    price: Floats

    @property
    def last(self) -> date:
        """Last day."""
        return self.first + timedelta(days=self.price.size - 1)


def read_prices(file: str | Path) -> Prices:
    """Read daily prices from a CSV file.

    Parameters
    ----------
    file : file with a header line and the columns ``date`` (ISO 8601) or ``time`` (Unix s),
        and ``price`` or ``close`` [USD/BTC]; letters may be of any case.

    Raises
    ------
    InputError
        The file cannot be read, a column is missing, a value is malformed or not above zero,
        or a day is missing or doubled.
    """
    file = Path(file)
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.reader(lines))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            str(file),
            expected="a CSV file of daily prices",
            found=str(error),
            mend="check the name and that the file may be read",
        ) from error
    header = [name.strip().lower() for name in rows[0]] if rows else []
    day = next((name for name in ("date", "time") if name in header), None)
    price = next((name for name in ("price", "close") if name in header), None)
    if day is None or price is None or len(rows) < 2:
        raise InputError(
            f"{file}, line 1",
            expected="a header with date or time, and price or close, and lines below it",
            found=", ".join(header) or "an empty file",
            mend="name the columns date and price",
        )
    return _gathered(file, rows[1:], header.index(day), header.index(price))


def _gathered(file: Path, rows: Sequence[Sequence[str]], day: int, price: int) -> Prices:
    days: list[date] = []
    values: list[float] = []
    for number, row in enumerate(rows, start=2):
        where = f"{file}, line {number}"
        try:
            stamp, value = _day_of(row[day]), float(row[price])
        except (ValueError, IndexError) as error:
            raise _bad_line(where, "a day and a price", ",".join(row)) from error
        if not 0.0 < value < math.inf:
            raise _bad_line(where, "a price above zero", row[price])
        if days and stamp != days[-1] + timedelta(days=1):
            raise _bad_line(where, f"{days[-1] + timedelta(days=1)}, the next day", f"{stamp}")
        days.append(stamp)
        values.append(value)
    return Prices(days[0], np.array(values))


def _day_of(text: str) -> date:
    if text.strip().isdigit():
        return datetime.fromtimestamp(int(text), UTC).date()
    return date.fromisoformat(text.strip()[:10])


def _bad_line(where: str, expected: str, found: str) -> InputError:
    return InputError(
        where, expected=expected, found=found, mend="one line a day, in order, none left out"
    )
