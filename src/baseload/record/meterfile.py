"""Readings from CSV files of meters, exact to the watt-hour, or refused by file and row.

Nothing is guessed: a figure that could be read in two ways, a time that occurs twice, a row that
is not there, a part of a watt-hour are each refused, unless the mapping says what to do.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from pathlib import Path
from typing import Any

from baseload.record.errors import FormatError
from baseload.record.events.fields import IDENTITY
from baseload.record.instants import EPOCH, MS, utc
from baseload.record.metermap import ENERGY, POWER, MeterMap
from baseload.record.writing import read

HOUR = 3_600_000
MOST_MISSING = 100_000
"""Missing readings that one gap may become: nearly three years of quarter-hours."""
_MIDNIGHT = re.compile(r"(?<!\d)24:00(?=$|:00$|\s)")

Register = tuple[str, str]
"""Meter and direction."""
Spans = Mapping[Register, Sequence[tuple[int, int]]]
"""Intervals of readings by register [ms]."""


@dataclass(frozen=True, slots=True)
class Row:
    """One reading of a file.

    Parameters
    ----------
    where : file and row.
    meter : the meter.
    t0, t1 : the interval [ms since 1970].
    energy, counter : energy in it, and the register at its end [Wh]; None if the cell is empty.
    quality : ``measured``, ``estimated`` or ``missing``.
    """

    where: str
    meter: str
    t0: int
    t1: int
    energy: Fraction | None
    counter: Fraction | None
    quality: str


def readings(
    paths: Sequence[Path], told: MeterMap, known: Spans | None = None, late: str | None = None
) -> list[dict[str, Any]]:
    """Return the readings of meter files, ready to be appended, in order of time.

    Parameters
    ----------
    paths : the files, in order of time.
    told : how to read them.
    known : intervals that are in the log already, ascending; see `Intervals.spans`.
    late : why they come later than the rules allow, if they do.

    Returns
    -------
    Drafts with schema, source, t0, t1, clock and body.

    Raises
    ------
    FormatError
        A row is not what the mapping says, or readings overlap, lack, or are not whole.
    StoreError
        A file cannot be read.
    """
    known = known or {}
    labels = {
        meter: spans[-1][1] - (told.step if told.time.says == "begin" else 0)
        for (meter, register), spans in known.items()
        if register == told.register_ and spans
    }
    found: dict[str, list[Row]] = defaultdict(list)
    for path in paths:
        for row in _rows(path, told, labels):
            found[row.meter].append(row)
    if not found:
        raise _bad(", ".join(map(str, paths)), "readings after the header", "none")
    drafts = []
    for meter, rows in found.items():
        rows.sort(key=lambda row: row.t0)
        spans = known.get((meter, told.register_), ())
        whole = _without_gaps(rows, told, spans)
        drafts += [_draft(row, energy, told, late) for row, energy in _whole(whole, told)]
    return sorted(drafts, key=lambda draft: (draft["t1"], draft["body"]["meter"]))


def _rows(path: Path, told: MeterMap, labels: dict[str, int]) -> Iterator[Row]:
    """Give the rows of a file; labels are the last time of each meter, kept up to date."""
    lines = _lines(path, told)
    header = _header(path, lines, told)
    for where, cells in lines:
        if len(cells) != len(header):
            raise _bad(where, f"{len(header)} cells, as in the header", str(len(cells)))
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        meter = told.meter or row[told.meter_column or ""]
        if not re.fullmatch(IDENTITY, meter):
            raise _bad(where, "a meter of lower-case letters, digits, dots, hyphens", repr(meter))
        label = _label(where, " ".join(row[c] for c in told.time.columns), told, labels.get(meter))
        labels[meter] = label
        t0 = label if told.time.says == "begin" else label - told.step
        quality = _quality(where, row, told)
        energy, counter = _energies(where, row, told, quality)
        if energy is None and quality != "missing":
            quality = _absent(where, told, "a figure", "an empty cell")
        yield Row(where, meter, t0, t0 + told.step, energy, counter, quality)


def _lines(path: Path, told: MeterMap) -> Iterator[tuple[str, list[str]]]:
    """Give the lines that are not empty, from the header on, each after its file and row."""
    encoding = "utf-8-sig" if told.encoding.lower() in ("utf-8", "utf8") else told.encoding
    try:
        text = read(path).decode(encoding)
    except UnicodeDecodeError as error:
        raise _bad(f"{path}, byte {error.start}", told.encoding, error.reason) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=told.delimiter, strict=True)
    try:
        for cells in reader:
            if reader.line_num >= told.header_line and any(cell.strip() for cell in cells):
                yield f"{path}, row {reader.line_num}", cells
    except csv.Error as error:
        raise _bad(f"{path}, row {reader.line_num}", "a row of CSV", str(error)) from None


def _header(path: Path, lines: Iterator[tuple[str, list[str]]], told: MeterMap) -> list[str]:
    where, cells = next(lines, (f"{path}", []))
    header = [cell.strip() for cell in cells]
    for name in told.columns():
        if header.count(name) != 1:
            raise _bad(where, f"one column {name!r}", f"{header.count(name)} in {header!r:.200}")
    return header


def _label(where: str, text: str, told: MeterMap, last: int | None) -> int:
    """Return the instant that a row is labelled with [ms since 1970]."""
    form = told.time.format
    try:
        if form in ("unix", "unix_ms"):
            plain = re.fullmatch(r"[0-9]{1,15}", text) is not None
            found = int(text) * (1000 if form == "unix" else 1) if plain else -1
        else:
            found = _instant(where, _local(text, form), told, last)
    except (ValueError, OverflowError):
        raise _bad(where, f"a time as {form}", repr(text)[:80]) from None
    if not 0 <= found < 10**14:
        raise _bad(where, "a time after 1970", repr(text)[:80])
    return found


def _local(text: str, form: str) -> datetime:
    """Read a time; 24:00 is the end of its day."""
    plain = _MIDNIGHT.sub("00:00", text)
    read = datetime.fromisoformat(plain) if form == "iso" else datetime.strptime(plain, form)
    return read + timedelta(days=1) if plain != text else read


def _instant(where: str, local: datetime, told: MeterMap, last: int | None) -> int:
    """Return the instant of a local time [ms]; clocks may have been put on or back."""
    zone = told.time.tz()
    if local.tzinfo is not None:
        return _ms(local)
    if zone is None:
        raise _bad(where, "a time with its offset from UTC, or a zone in the mapping", str(local))
    first, second = (_ms(local.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if first == second:
        return first
    if first > second:
        if told.time.says == "end" and _is_change(first, zone):
            return first
        raise _bad(where, f"a time that occurs in {told.time.zone}", f"{local}: clocks skip it")
    for each in (first, second):
        if last is not None and each == last + told.step:
            return each
    raise _bad(
        where,
        f"a row that goes on from the one before it, as {local} occurs twice",
        "one that does not",
        "put the rows in order of time, begin the file earlier, or give offsets from UTC",
    )


def _is_change(instant: int, zone: tzinfo) -> bool:
    """Tell whether clocks are changed at an instant."""
    at = (EPOCH + instant * MS).astimezone(zone)
    return at.utcoffset() != (EPOCH + (instant - 1) * MS).astimezone(zone).utcoffset()


def _ms(time: datetime) -> int:
    return (time - EPOCH) // MS


def _quality(where: str, row: Mapping[str, str], told: MeterMap) -> str:
    if told.quality is None:
        return "measured"
    word = row[told.quality.column]
    for quality in ("measured", "estimated", "missing"):
        if word in getattr(told.quality, quality):
            return quality
    raise _bad(where, "a quality that the mapping knows", repr(word))


def _energies(
    where: str, row: Mapping[str, str], told: MeterMap, quality: str
) -> tuple[Fraction | None, Fraction | None]:
    """Return energy and counter [Wh]; None where there is none."""
    column = told.energy
    unit = column.unit or row[column.unit_column or ""]
    if unit in ENERGY:
        factor = Fraction(ENERGY[unit])
    elif unit in POWER and column.counter_column is None:
        factor = Fraction(POWER[unit] * told.step, HOUR)
    else:
        raise _bad(where, f"a unit out of {', '.join((*ENERGY, *POWER))}", repr(unit))
    factor *= Fraction(column.multiplier)
    text = "" if quality == "missing" else row[column.column]
    energy = _number(where, text, told)
    counter = column.counter_column and _number(where, row[column.counter_column], told)
    return (
        None if energy is None else energy * factor,
        counter * factor if isinstance(counter, Fraction) else None,
    )


def _number(where: str, text: str, told: MeterMap) -> Fraction | None:
    """Read a figure that can be read in one way only."""
    if not text:
        return None
    decimal, thousands = re.escape(told.energy.decimal), re.escape(told.energy.thousands)
    groups = rf"[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+|" if thousands else ""
    if len(text) > 60 or not re.fullmatch(rf"(?:{groups}[0-9]+)(?:{decimal}[0-9]+)?", text):
        signs = f"decimal {told.energy.decimal!r}, thousands {told.energy.thousands!r}"
        raise _bad(where, f"a figure from nought up ({signs})", repr(text)[:80])
    plain = text.replace(told.energy.thousands, "") if thousands else text
    return Fraction(plain.replace(told.energy.decimal, "."))


def _absent(where: str, told: MeterMap, expected: str, found: str) -> str:
    """Return what becomes of a reading that is not there."""
    if told.absent == "refuse":
        mend = 'mend the file, or say absent = "missing" in the mapping'
        raise _bad(where, expected, found, mend)
    return "missing"


def _without_gaps(
    rows: Sequence[Row], told: MeterMap, known: Sequence[tuple[int, int]]
) -> Iterator[Row]:
    """Give rows with missing ones in the gaps; where two overlap they are refused."""
    _apart(rows, known)
    before = [t1 for _, t1 in known if t1 <= rows[0].t0]
    last = max(before, default=rows[0].t0)
    for row in rows:
        gap = row.t0 - last
        if gap < 0:
            raise _bad(
                row.where,
                f"a reading from {utc(last)} on",
                f"another from {utc(row.t0)}",
                "keep one row of each interval; a better figure is a correction",
            )
        if gap:
            count, rest = divmod(gap, told.step)
            if rest or count > MOST_MISSING:
                raise _bad(row.where, f"a time {told.interval_minutes} min on", f"{gap} ms")
            lacking = f"{count} before {utc(row.t0)} that are not there"
            _absent(row.where, told, f"readings from {utc(last)} on", lacking)
            empty = replace(row, energy=None, counter=None, quality="missing")
            for t0 in range(last, row.t0, told.step):
                yield replace(empty, t0=t0, t1=t0 + told.step)
        yield row
        last = row.t1


def _apart(rows: Sequence[Row], known: Sequence[tuple[int, int]]) -> None:
    """Make sure that none of the rows is in the log already; both are ascending."""
    place = 0
    for row in rows:
        while place < len(known) and known[place][1] <= row.t0:
            place += 1
        if place < len(known) and known[place][0] < row.t1:
            raise _bad(
                row.where,
                "an interval that is not in the log yet",
                f"{utc(row.t0)}, which is",
                "leave out what was imported before; a better figure is a correction",
            )


def _check_whole(where: str, energy: Fraction, told: MeterMap) -> None:
    """Make sure that an energy is in whole watt-hours, if the mapping does not say what to do."""
    if energy.denominator != 1 and told.energy.rounding == "refuse":
        raise _bad(
            where,
            "whole watt-hours",
            f"{float(energy)!r} Wh",
            'check unit and multiplier, or say rounding = "carry" in the mapping',
        )


def _whole(rows: Iterator[Row], told: MeterMap) -> Iterator[tuple[Row, int]]:
    """Give each row with its energy in whole watt-hours; what is left over goes to the next."""
    rest = Fraction(0)
    for row in rows:
        if row.counter is not None:
            _check_whole(row.where, row.counter, told)
        exact = (row.energy or Fraction(0)) + rest
        whole = exact.numerator // exact.denominator
        _check_whole(row.where, exact, told)
        # A reading that is missing counts nothing; what is left over waits for the next one.
        whole = 0 if row.quality == "missing" else whole
        rest = exact - whole
        yield row, whole


def _draft(row: Row, energy: int, told: MeterMap, late: str | None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "meter": row.meter,
        "register": told.register_,
        "energy": str(energy),
        "quality": row.quality,
    }
    if row.counter is not None:
        body["counter"] = str(row.counter.numerator // row.counter.denominator)
    if late is not None:
        body |= {"late": True, "reason": late}
    if row.quality == "estimated" and told.quality is not None:
        body |= {"method": told.quality.method, "reason": told.quality.reason}
    return {
        "schema": "meter.reading/1",
        "source": told.source,
        "t0": row.t0,
        "t1": row.t1,
        "clock": told.clock,
        "body": body,
    }


def _bad(
    where: str, expected: str, found: str, mend: str = "mend the file or the mapping"
) -> FormatError:
    return FormatError(where, expected=expected, found=found, mend=mend)
