"""The annotation of a field that holds a quantity, or a series of them over time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError, core_schema

from baseload.case.units import KINDS, Misread, format, read, to_write, wanted

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo

FILLS = ("previous", "mean of neighbours", "same hour last week")
"""How holes of a series may be filled: always by name, never by default."""


@dataclass(frozen=True, slots=True)
class SeriesName:
    """A column of a file that gives a value for every step.

    Parameters
    ----------
    file, column : file inside the case folder, and the column's name without its unit.
    unit : canonical unit that the values are converted to.
    minimum, maximum : bounds on the values, in that unit.
    fill : how holes are filled; none refuses them.
    time_zone : zone of times written without an offset; none is the zone of the case.
    written_unit : unit of the column where its header names none.
    """

    file: str
    column: str
    unit: str
    minimum: float | None = None
    maximum: float | None = None
    fill: str | None = None
    time_zone: str | None = None
    written_unit: str | None = None

    def __str__(self) -> str:
        """Return the name as it is written in a case."""
        return f"{self.file}#{self.column}"


def refusal(expected: str, found: str, mend: str) -> PydanticCustomError:
    """Return an error for a validator to raise, with the three parts a user is told."""
    told = {"expected": expected, "found": found, "mend": mend}
    return PydanticCustomError("misread", "expected {expected}; found {found}; {mend}", told)


@dataclass(frozen=True, slots=True)
class Quantity:
    """Annotation of a field: its canonical unit, bounds, and whether a series may be given.

    Parameters
    ----------
    unit : canonical unit, one of `KINDS`.
    minimum, maximum : bounds that are allowed themselves [unit].
    series : whether ``"file.csv#column"`` is allowed.
    """

    unit: str
    minimum: float | None = None
    maximum: float | None = None
    series: bool = False

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Validate by reading the text, then by what else the field asks, such as ``gt=0``."""
        reads = core_schema.with_info_plain_validator_function(self._validate)
        return reads if self.series else core_schema.chain_schema([reads, handler(source)])

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe what may be written."""
        kind, examples = KINDS[self.unit]
        text: dict[str, Any] = {"type": "string", "description": f"{kind}, {examples}"}
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        options = [text]
        if self.unit == "1":
            kept = {name: bound for name, bound in bounds.items() if bound is not None}
            options.append({"type": "number", **kept})
        return {"anyOf": options, "x-unit": self.unit, "x-series": self.series} | {
            f"x-{name}": bound for name, bound in bounds.items() if bound is not None
        }

    def _validate(self, value: object, info: ValidationInfo) -> float | SeriesName:
        context: Mapping[str, Any] = info.context or {}
        try:
            return self.read(value, context.get("rates", {}))
        except Misread as misread:
            raise refusal(misread.expected, misread.found, misread.mend) from None

    def read(self, value: object, rates: Mapping[str, float]) -> float | SeriesName:
        """Read what was written for this field; raise `Misread` if it is something else."""
        if isinstance(value, dict) or (isinstance(value, str) and _names_file(value)):
            return self._series(value)
        if isinstance(value, str):
            return self._within(read(value, self.unit, rates), value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Misread(wanted(self.unit), f"{value!r}", to_write(self.unit))
        if not math.isfinite(value):
            raise Misread(wanted(self.unit), f"a number that is not finite: {value}", "write one")
        if self.unit != "1":
            raise Misread(
                wanted(self.unit),
                f"a number without a unit: {value}",
                f'write "{value} {self.unit}"',
            )
        return self._within(float(value), str(value))

    def _within(self, value: float, text: str) -> float:
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if low <= value <= high:
            return value
        bound, word = (low, "least") if value < low else (high, "most")
        raise Misread(
            f"{KINDS[self.unit][0]} of at {word} {format(bound, self.unit)}",
            text,
            f"write {format(bound, self.unit)} or {'more' if word == 'least' else 'less'}",
        )

    def _series(self, value: str | dict[str, Any]) -> SeriesName:
        name = value.get("series") if isinstance(value, dict) else value
        stated = set(value) - {"series"} if isinstance(value, dict) else set()
        if not self.series:
            raise Misread(
                f"one {KINDS[self.unit][0].split(' ', 1)[1]} for the whole time",
                f"a series: {name}" if name else f"a table: {', '.join(sorted(stated))}",
                f"this value cannot vary over time; {to_write(self.unit)}",
            )
        unknown = stated - {"fill", "time_zone", "unit"}
        if unknown or not isinstance(name, str):
            raise Misread(
                "a table of series, fill, time_zone and unit",
                f"unknown key {sorted(unknown)[0]}" if unknown else "no key series",
                'write { series = "file.csv#column", fill = "previous" }',
            )
        return self._named(name, value if isinstance(value, dict) else {})

    def _named(self, name: str, table: Mapping[str, Any]) -> SeriesName:
        file, mark, column = name.partition("#")
        if not file or not mark or not column.strip():
            raise Misread(
                "file and column, as file.csv#column",
                f'"{name}"',
                f'write "{file or "file.csv"}#{column.strip() or "…"}"',
            )
        fill = table.get("fill")
        if fill is not None and fill not in FILLS:
            raise Misread(
                f"a way to fill holes: {', '.join(FILLS)}", f"{fill!r}", f'write "{FILLS[0]}"'
            )
        return SeriesName(
            file=file,
            column=column.strip(),
            unit=self.unit,
            minimum=self.minimum,
            maximum=self.maximum,
            fill=fill,
            time_zone=table.get("time_zone"),
            written_unit=table.get("unit"),
        )


def _names_file(text: str) -> bool:
    return "#" in text or text.strip().lower().endswith((".csv", ".csv.gz", ".parquet"))
