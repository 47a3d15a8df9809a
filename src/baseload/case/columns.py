"""One column of a CSV or Parquet file, with its times: read strictly, not yet placed.

Rows are counted as a spreadsheet does: the header is row 1.
"""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import gzip
import io
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from baseload.case.documents import decode
from baseload.case.errors import InputError
from baseload.case.quantity import SeriesName
from baseload.case.zones import Seconds

if TYPE_CHECKING:
    import pyarrow as pa

SIZE_LIMIT = 512 * 2**20
"""Greatest size of a series file, packed or unpacked [bytes]."""

FIRST_ROW = 2
_UNIT = re.compile(r"^(?P<name>.*?)\s*(?:\[(?P<square>[^\]]*)\]|\((?P<round>[^)]*)\))\s*$")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_EMPTY = "^(nan|NaN|NAN)?$"
_TIME_EXAMPLE = "a time such as 2028-01-31T13:00Z or 2028-01-31 13:00"


@dataclass(frozen=True, slots=True)
class Column:
    """Times and values as they stand in a file.

    Parameters
    ----------
    seconds : time of each row [s since 1970], UTC or local, shape (N,).
    aware : whether the times carry an offset and are UTC here.
    values : as written, NaN where empty, shape (N,).
    unit : text of the unit in the header; none if there is none.
    """

    seconds: Seconds
    aware: bool
    values: NDArray[np.float64]
    unit: str | None


def read_column(content: bytes, name: SeriesName, where: str, file: str) -> Column:
    """Read the times and one column from the bytes of a file.

    Raises
    ------
    InputError
        If the file is empty, packed wrongly, not UTF-8, has no such column, or a row that is
        too short or too long, has no time, or holds something else than a number.
    """
    if file.endswith(".parquet"):
        times, texts, unit = _parquet(content, name, where, file)
    else:
        unpacked = _unpacked(content, where, file) if file.endswith(".gz") else content
        times, texts, unit = _csv(unpacked, name, where, file)
    if not len(times):
        raise _no_rows(where, file)
    seconds, aware = _times(times, file)
    return Column(seconds, aware, _numbers(texts, file), unit)


def _no_rows(where: str, file: str) -> InputError:
    return InputError(
        where,
        expected="rows of values",
        found=f"no rows in {file}",
        mend="write a row for every step of the horizon",
    )


def _unpacked(content: bytes, where: str, file: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            plain = packed.read(SIZE_LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            where, expected="a file packed by gzip", found=f"{file}: {error}", mend="pack it again"
        ) from None
    if len(plain) > SIZE_LIMIT:
        raise InputError(
            where,
            expected=f"at most {SIZE_LIMIT // 2**20} MiB of text",
            found=f"more than that in {file}",
            mend="keep only the rows and columns that the case needs",
        )
    return plain


# --- CSV ------------------------------------------------------------------------------------


def _csv(
    content: bytes, name: SeriesName, where: str, file: str
) -> tuple[pa.ChunkedArray, pa.ChunkedArray, str | None]:
    text = decode(content, file).rstrip()
    if not text:
        raise InputError(
            where, expected="a CSV file", found=f"an empty file {file}", mend="write its rows"
        )
    first, _, body = text.partition("\n")
    header = next(csv.reader([first.rstrip("\r")]))
    place, unit = _find(header, name, where, file)
    if not body:
        raise _no_rows(where, file)
    times, values = _cells(body, len(header), place, where, file)
    return times, values, unit


def _cells(
    body: str, width: int, place: int, where: str, file: str
) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Return the texts of the first column and of another; every row must be as wide."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    spoiled: list[Any] = []

    def note(row: Any) -> str:
        spoiled.append(row)
        return "skip"

    columns = [str(number) for number in range(width)]
    try:
        table = arrow.read_csv(
            pa.BufferReader(body.encode()),
            read_options=arrow.ReadOptions(column_names=columns, use_threads=False),
            parse_options=arrow.ParseOptions(ignore_empty_lines=False, invalid_row_handler=note),
            convert_options=arrow.ConvertOptions(
                column_types={"0": pa.string(), str(place): pa.string()},
                include_columns=["0", str(place)],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError(
            where, expected="a CSV file", found=f"{file}: {error}", mend="save it as CSV again"
        ) from None
    if spoiled:
        row = spoiled[0]
        raise InputError(
            f"{file}, row {row.number + 1}",
            expected=f"{row.expected_columns} columns, as in the header",
            found=f"{row.actual_columns}: {row.text[:60]!r}",
            mend="complete the row, or remove it",
        )
    return table.column(0), table.column(1)


def _find(header: list[str], name: SeriesName, where: str, file: str) -> tuple[int, str | None]:
    """Find a column by its name without its unit; the first column is the time."""
    found: list[tuple[int, str | None]] = []
    plain: list[str] = []
    for place, title in enumerate(header):
        match = _UNIT.match(title.strip())
        bare = match["name"] if match else title.strip()
        plain.append(bare)
        if place and bare == name.column:
            found.append((place, (match["square"] or match["round"]) if match else None))
    if len(found) == 1:
        return found[0]
    columns = ", ".join(plain[1:]) or "none"
    if found:
        raise InputError(
            where,
            expected=f"one column {name.column}",
            found=f"{len(found)} of them in {file}",
            mend="give each column its own name",
        )
    close = difflib.get_close_matches(name.column, plain[1:], 1, 0.5)
    hint = "separate the columns by commas" if ";" in header[0] else "name one of them"
    raise InputError(
        where,
        expected=f"a column of {file}: {columns}",
        found=f'no column "{name.column}"',
        mend=f'did you mean "{name.file}#{close[0]}"?' if close else hint,
    )


# --- Parquet ----------------------------------------------------------------------------------


def _parquet(
    content: bytes, name: SeriesName, where: str, file: str
) -> tuple[pa.ChunkedArray, pa.ChunkedArray, str | None]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        opened = parquet.ParquetFile(pa.BufferReader(content))
        place, unit = _find(opened.schema_arrow.names, name, where, file)
        names = opened.schema_arrow.names
        table = opened.read(columns=[names[0], names[place]])
    except pa.ArrowException as error:
        raise InputError(
            where, expected="a Parquet file", found=f"{file}: {error}", mend="write it again"
        ) from None
    return table.column(names[0]), table.column(names[place]), unit


# --- cells -------------------------------------------------------------------------------------


def _times(column: pa.ChunkedArray, file: str) -> tuple[Seconds, bool]:
    """Read times as seconds; all of them with an offset from UTC, or none."""
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("s"))
    if pa.types.is_timestamp(column.type):
        aware = column.type.tz is not None
        return _as_seconds(column, file), aware
    if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
        raise _bad_cell(file, 0, _TIME_EXAMPLE, f"a column of {column.type}", "write times first")
    texts = compute.utf8_trim_whitespace(column)
    for aware in (True, False):
        kind = pa.timestamp("s", tz="UTC") if aware else pa.timestamp("s")
        try:
            return _as_seconds(texts.cast(kind), file), aware
        except pa.ArrowInvalid:
            continue
    raise _first_bad_time(texts.to_pylist(), file)


def _as_seconds(column: pa.ChunkedArray, file: str) -> Seconds:
    import pyarrow as pa

    if column.null_count:
        row = column.is_null().to_pylist().index(True)
        raise _bad_cell(file, row, _TIME_EXAMPLE, "no time", "write the time of the row")
    seconds = column.cast(pa.timestamp("s", tz=column.type.tz)).cast(pa.int64())
    return cast(Seconds, _numpy(seconds))


def _numpy(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a column without nulls as an array.

    The way by ``to_numpy``, as any way from a Python value to an Arrow one, imports pandas,
    which takes longer than all the rest.
    """
    return np.from_dlpack(column.combine_chunks())


def _first_bad_time(texts: list[str], file: str) -> InputError:
    first_aware: bool | None = None
    for row, text in enumerate(texts):
        try:
            aware = dt.datetime.fromisoformat(text).tzinfo is not None
        except ValueError:
            return _bad_cell(file, row, _TIME_EXAMPLE, f'"{text}"', "write the time as ISO 8601")
        first_aware = aware if first_aware is None else first_aware
        if aware != first_aware:
            kinds = ("without an offset", "with an offset from UTC")
            return _bad_cell(
                file,
                row,
                f"a time {kinds[first_aware]}, as in row {FIRST_ROW}",
                f'one {kinds[aware]}: "{text}"',
                "write all times alike",
            )
    return _bad_cell(file, 0, _TIME_EXAMPLE, f'"{texts[0]}"', "write whole seconds")


def _numbers(column: pa.ChunkedArray, file: str) -> NDArray[np.float64]:
    """Read numbers; NaN where a cell is empty."""
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        texts = compute.utf8_trim_whitespace(column)
        empty = compute.match_substring_regex(texts, pattern=_EMPTY)
        kept = compute.if_else(empty, pa.nulls(1, texts.type)[0], texts)
        try:
            numbers = kept.cast(pa.float64())
        except pa.ArrowInvalid:
            return _slowly(kept.to_pylist(), file)
    else:
        try:
            numbers = column.cast(pa.float64())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise _bad_cell(
                file, 0, "a column of numbers", f"a column of {column.type}", "write numbers"
            ) from None
    values = np.full(len(numbers), np.nan)
    values[_numpy(numbers.is_valid().cast(pa.int8())) == 1] = _numpy(numbers.drop_null())
    if np.isinf(values).any():
        row = int(np.flatnonzero(np.isinf(values))[0])
        raise _bad_cell(file, row, "a finite number", str(values[row]), "write the true value")
    return values


def _slowly(texts: list[str | None], file: str) -> NDArray[np.float64]:
    """Read numbers one by one, to name the row of the first that is none."""
    values = np.full(len(texts), np.nan)
    for row, text in enumerate(texts):
        if text is None:
            continue
        if not _NUMBER.fullmatch(text):
            commas = f'write "{text.replace(",", ".")}"' if "," in text else "write a number"
            raise _bad_cell(file, row, "a number", f'"{text}"', commas)
        values[row] = float(text)
    return values


def _bad_cell(file: str, row: int, expected: str, found: str, mend: str) -> InputError:
    return InputError(f"{file}, row {row + FIRST_ROW}", expected=expected, found=found, mend=mend)
