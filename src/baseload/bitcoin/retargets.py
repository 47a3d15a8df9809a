"""A history of difficulty from a file, and the coins that a fleet finds in a period.

The file has one line per retarget, the first block of each period of 2,016. Times before
and after the known retargets are refused, never guessed, but for the one period that the
last line opens: its difficulty is known, its end is not, and two weeks are allowed for it.
"""

from __future__ import annotations

import csv
import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from baseload.bitcoin.consensus import (
    BLOCK_SPACING_S,
    BLOCKS_PER_PERIOD,
    PERIOD_S,
    SATOSHI_PER_BTC,
    difficulty_from_nbits,
    halving_heights,
    subsidy,
)
from baseload.bitcoin.revenue import Production, Steps, production
from baseload.case.errors import InputError

# Packing to 24 bits may drop up to 2^-15 of a target, so that a change at the clamp can
# appear this much larger than fourfold.
_LARGEST_CHANGE: Final = 4 * (1 + 2**-14)
_SAME_DIFFICULTY: Final = 1e-6


@dataclass(frozen=True)
class Retarget:
    """The first block of a difficulty period.

    Parameters
    ----------
    height : height of the block, a multiple of 2,016 [-].
    time : its header time [Unix s].
    difficulty : difficulty from this block on [-].
    nbits : compact target from this block on; absent where only difficulty is known.
    """

    height: int
    time: int
    difficulty: float
    nbits: int | None = None


def read_retargets(path: str | Path) -> list[Retarget]:
    """Read a history of retargets from a CSV file.

    Parameters
    ----------
    path : file with a header line and the columns ``height``; ``nbits`` (hexadecimal) or
        ``difficulty``; ``time_unix`` or ``time_utc`` (ISO 8601). Other columns are ignored.

    Returns
    -------
    Retargets in order of height, without a gap.

    Raises
    ------
    InputError
        The file cannot be read or is not UTF-8; a column is missing; a line is malformed,
        out of order or leaves a gap; a time does not rise; nBits and difficulty disagree;
        the difficulty changes by more than the fourfold that consensus allows. The error
        names file and line.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return list(_checked(path, _rows(path, lines)))
    except OSError as error:
        raise InputError(
            str(path),
            expected="a CSV file of retargets",
            found=error.strerror or str(error),
            mend="check the name and that the file may be read",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            str(path),
            expected="text in UTF-8",
            found=f"byte {error.object[error.start]:#04x}, which is not",
            mend="save the file as UTF-8",
        ) from error


def _rows(path: Path, lines: Iterable[str]) -> Iterator[tuple[str, Retarget]]:
    reader = csv.DictReader(lines, strict=True)
    try:
        _check_columns(path, reader.fieldnames or ())
        for row in reader:
            where = f"{path}, line {reader.line_num}"
            if None in row:
                raise InputError(
                    where,
                    expected="as many values as the header has columns",
                    found="more values",
                    mend="check the commas of this line",
                )
            yield where, _retarget(where, row)
    except csv.Error as error:
        raise InputError(
            f"{path}, line {reader.reader.line_num}",
            expected="a line of comma-separated values",
            found=str(error),
            mend="check quotes and stray characters",
        ) from error


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    wanted = (("height",), ("nbits", "difficulty"), ("time_unix", "time_utc"))
    for choice in wanted:
        if not any(name in columns for name in choice):
            raise InputError(
                f"{path}, line 1",
                expected="a header with the column " + " or ".join(choice),
                found=", ".join(columns) if columns else "an empty file",
                mend="name the columns height, nbits or difficulty, time_unix or time_utc",
            )


def _retarget(where: str, row: dict[str, str | None]) -> Retarget:
    height = _whole(where, "height", row["height"])
    if height < 0 or height % BLOCKS_PER_PERIOD:
        raise InputError(
            f"{where}, height",
            expected="a multiple of 2,016 from 0 upwards",
            found=f"{height}",
            mend="give the first block of each period",
        )
    nbits = _nbits(where, row["nbits"]) if row.get("nbits") else None
    stated = _difficulty(where, row["difficulty"]) if row.get("difficulty") else None
    return Retarget(height, _time(where, row), _settled(where, nbits, stated), nbits)


def _settled(where: str, nbits: int | None, stated: float | None) -> float:
    """Give the one difficulty that nBits and the stated difficulty agree on."""
    derived = None if nbits is None else _difficulty_of(where, nbits)
    difficulty = stated if derived is None else derived
    if difficulty is None:
        raise InputError(
            f"{where}, nbits or difficulty",
            expected="a value in one of the two columns",
            found="none",
            mend="fill it in",
        )
    if stated is not None and not math.isclose(stated, difficulty, rel_tol=_SAME_DIFFICULTY):
        raise InputError(
            f"{where}, difficulty",
            expected=f"{difficulty!r}, the difficulty of nBits {nbits:08x}",
            found=f"{stated!r}",
            mend="correct one of the two, or drop one column",
        )
    return difficulty


def _whole(where: str, column: str, text: str | None) -> int:
    try:
        return int((text or "").strip())
    except ValueError as error:
        raise InputError(
            f"{where}, {column}",
            expected="a whole number",
            found=repr(text or ""),
            mend="write it with digits only",
        ) from error


def _nbits(where: str, text: str | None) -> int:
    digits = (text or "").strip().lower().removeprefix("0x")
    if len(digits) != 8 or any(digit not in "0123456789abcdef" for digit in digits):
        raise InputError(
            f"{where}, nbits",
            expected="eight hexadecimal digits",
            found=repr(text or ""),
            mend="write nBits as in the block header, for example 17034219",
        )
    return int(digits, 16)


def _difficulty_of(where: str, nbits: int) -> float:
    try:
        return difficulty_from_nbits(nbits)
    except InputError as error:
        raise InputError(
            f"{where}, {error.where}",
            expected=error.expected,
            found=error.found,
            mend=error.mend,
        ) from error


def _difficulty(where: str, text: str | None) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise InputError(
            f"{where}, difficulty",
            expected="a positive, finite number",
            found=repr(text or ""),
            mend="write it like 86388558925171.02 or 8.64e13",
        )
    return value


def _time(where: str, row: dict[str, str | None]) -> int:
    if row.get("time_unix"):
        return _whole(where, "time_unix", row["time_unix"])
    text = (row.get("time_utc") or "").strip()
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"{where}, time_utc",
            expected="a date and time in ISO 8601",
            found=repr(text),
            mend="write it like 2024-04-10T21:17:33",
        ) from error
    # The column's name says UTC, so that a bare time is not ambiguous here.
    stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    if stamp.utcoffset() != timedelta(0):
        raise InputError(
            f"{where}, time_utc",
            expected="a time in UTC",
            found=repr(text),
            mend="convert it to UTC",
        )
    return int(stamp.timestamp())


def _checked(path: Path, rows: Iterable[tuple[str, Retarget]]) -> Iterator[Retarget]:
    previous: Retarget | None = None
    for where, row in rows:
        if previous is not None:
            _check_follows(where, previous, row)
        yield row
        previous = row
    if previous is None:
        raise InputError(
            str(path),
            expected="at least one retarget",
            found="a header only",
            mend="add the retargets of the period that you ask about",
        )


def _check_follows(where: str, previous: Retarget, row: Retarget) -> None:
    if row.height != previous.height + BLOCKS_PER_PERIOD:
        raise InputError(
            f"{where}, height",
            expected=f"{previous.height + BLOCKS_PER_PERIOD}, the next retarget",
            found=f"{row.height}",
            mend="sort the file by height, drop doubles and fill gaps",
        )
    if row.time <= previous.time:
        raise InputError(
            f"{where}, time",
            expected=f"a time after that of height {previous.height}, {_utc(previous.time)}",
            found=_utc(row.time),
            mend="check the time; a period of 2,016 blocks cannot end before it begins",
        )
    change = row.difficulty / previous.difficulty
    if not 1 / _LARGEST_CHANGE <= change <= _LARGEST_CHANGE:
        raise InputError(
            f"{where}, difficulty",
            expected=f"at most a fourfold change from {previous.difficulty:.6g}",
            found=f"{row.difficulty:.6g}",
            mend="check the digits; consensus allows no larger step",
        )


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def known_until(retargets: Sequence[Retarget]) -> int:
    """Give the end of what a history tells.

    Parameters
    ----------
    retargets : history in order of height.

    Returns
    -------
    Time of the last retarget plus the two weeks for which it is expected to hold [Unix s].
    The true next retarget may come some days earlier or later.
    """
    return retargets[-1].time + PERIOD_S


def time_of_height(height: float, retargets: Sequence[Retarget]) -> float:
    """Interpolate the time of a block between known retargets.

    Parameters
    ----------
    height : height of the block [-].
    retargets : history in order of height.

    Returns
    -------
    Time [Unix s]. Blocks after the last retarget are taken to come every 600 s.

    Raises
    ------
    InputError
        The height lies before the first known retarget.
    """
    index = bisect_right(retargets, height, key=lambda retarget: retarget.height) - 1
    if index < 0:
        raise InputError(
            f"height {height}",
            expected=f"a height from {retargets[0].height} upwards",
            found="one before the first known retarget",
            mend="extend the history backwards",
        )
    spacing = float(BLOCK_SPACING_S)
    if index + 1 < len(retargets):
        spacing = (retargets[index + 1].time - retargets[index].time) / BLOCKS_PER_PERIOD
    return retargets[index].time + (height - retargets[index].height) * spacing


def subsidy_steps(retargets: Sequence[Retarget], until: float | None = None) -> Steps:
    """Give the block subsidy over the time that a history covers, or further.

    Parameters
    ----------
    retargets : history in order of height.
    until : time up to which later halvings are expected, with a block every 600 s [Unix s];
        by default the end of what the history covers.

    Returns
    -------
    Pairs of time [Unix s] and subsidy [BTC]; a halving inside a period is placed by
    interpolation, which for the four of 2012 to 2024 is within a day of the truth.
    """
    first, last = retargets[0].height, retargets[-1]
    ahead = known_until(retargets) if until is None else until
    reached = last.height + math.ceil((ahead - last.time) / BLOCK_SPACING_S)
    return [
        (time_of_height(height, retargets), subsidy(height) / SATOSHI_PER_BTC)
        for height in (first, *halving_heights(first + 1, max(reached, last.height) + 1))
    ]


def difficulty_steps(retargets: Sequence[Retarget]) -> Steps:
    """Give the difficulty over the time that a history covers.

    Parameters
    ----------
    retargets : history in order of height.

    Returns
    -------
    Pairs of time [Unix s] and difficulty [-].
    """
    return [(float(retarget.time), retarget.difficulty) for retarget in retargets]


def coins(
    hashrate_ths: float,
    start: str | date,
    end: str | date,
    retargets: Sequence[Retarget],
    fee_share: float = 0.0,
) -> Production:
    """Sum the expected coins of a constant hashrate over a period of the past.

    Parameters
    ----------
    hashrate_ths : hashrate of the fleet [TH/s].
    start, end : bounds of the period, the end not included: a date (its midnight in UTC),
        the same as text ``2025-03-01``, or a date and time that carries a time zone.
    retargets : history of difficulty, in order of height.
    fee_share : mean fees of a block as a share of its subsidy [-].

    Returns
    -------
    Expected coins and blocks, with the 5 % and 95 % quantile of the blocks.

    Raises
    ------
    InputError
        A date is invalid or without time zone, the end does not lie after the start, the
        hashrate or fee share is negative or not finite, or the history does not cover the
        period. It covers two weeks after its last retarget, the expected length of the
        period that this opens.
    """
    begin, finish = _moment("start", start), _moment("end", end)
    if not retargets:
        raise InputError(
            "retargets", expected="a history of difficulty", found="an empty list", mend="read one"
        )
    if not begin < finish:
        raise InputError(
            "period",
            expected=f"an end after the start, {_utc(begin)}",
            found=_utc(finish),
            mend="the end is not included: a month ends on the first day of the next",
        )
    first, last = retargets[0].time, known_until(retargets)
    if begin < first or finish > last:
        raise InputError(
            "period",
            expected=f"dates that the history covers, {_utc(first)} to {_utc(last)}",
            found=f"{_utc(begin)} to {_utc(finish)}",
            mend="extend the file of retargets, or ask about another period",
        )
    return production(
        begin,
        finish,
        hashrate_ths,
        difficulty_steps(retargets),
        subsidy_steps(retargets),
        fee_share,
    )


def _moment(name: str, value: str | date) -> float:
    if isinstance(value, str):
        value = _parsed(name, value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InputError(
                name,
                expected="a date, or a time with its time zone",
                found=f"{value.isoformat()} without one",
                mend="add the zone, for example 2025-03-01T00:00:00+00:00",
            )
        return value.timestamp()
    return datetime.combine(value, time(), tzinfo=UTC).timestamp()


def _parsed(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(
            name,
            expected="a date as year-month-day",
            found=repr(text),
            mend="write it like 2025-03-01",
        ) from error
