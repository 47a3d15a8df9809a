"""How a meter file is to be read: the mapping, a TOML file.

For example::

    source = "plant.meter"           # who writes the readings
    meter = "main-1"                 # or meter_column = "Meter"
    register = "import"
    interval_minutes = 15
    absent = "refuse"                # or "missing": gaps and empty cells become missing readings
    encoding = "utf-8"
    delimiter = ";"

    [time]
    columns = ["Date", "Time"]       # joined by a space
    format = "%d.%m.%Y %H:%M"        # or "iso", "unix", "unix_ms"
    zone = "Europe/Kyiv"
    says = "begin"                   # or "end" of the interval

    [energy]
    column = "kWh"
    unit = "kWh"                     # or unit_column; W, kW and MW are means over the interval
    multiplier = "1"                 # ratio of the transformers, if it is not in the figures
    decimal = ","
    thousands = "."
    rounding = "refuse"              # or "carry"

    [quality]
    column = "Status"
    measured = ["A"]
    estimated = ["E"]
    missing = ["M"]
    method = "profile"               # how the meter's operator estimates,
    reason = "told by the operator"  # and why
"""

from __future__ import annotations

import tomllib
from datetime import UTC, tzinfo
from fractions import Fraction
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from baseload.record.errors import FormatError
from baseload.record.events.fields import Identity, Name, Text
from baseload.record.writing import read

MINUTE = 60_000
ENERGY = {"Wh": 1, "kWh": 10**3, "MWh": 10**6, "GWh": 10**9}
"""Watt-hours in a unit of energy."""
POWER = {"W": 1, "kW": 10**3, "MW": 10**6, "GW": 10**9}
"""Watts in a unit of power."""


class Table(BaseModel):
    """A table of the mapping: no other keys, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TimeColumns(Table):
    """Where and how a file tells the time.

    Parameters
    ----------
    columns : names of the columns, joined by a space.
    format : of ``strptime``, or ``iso``, ``unix`` [s], ``unix_ms``.
    zone : IANA name; not needed where the file gives offsets.
    says : whether the time is the begin or the end of the interval.
    """

    columns: list[str] = Field(min_length=1)
    format: str
    zone: str | None = None
    says: Literal["begin", "end"]

    @field_validator("zone")
    @classmethod
    def _is_known(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                ZoneInfo(name)
            except (KeyError, ValueError, OSError):
                raise ValueError("an IANA zone, as Europe/Kyiv") from None
        return name

    def tz(self) -> tzinfo | None:
        """Return the zone of times without an offset, if it is told."""
        if not self.zone:
            return None
        return UTC if self.zone == "UTC" else ZoneInfo(self.zone)


class EnergyColumn(Table):
    """Where and how a file tells the energy.

    Parameters
    ----------
    column, counter_column : energy of the interval; reading of the register at its end.
    unit, unit_column : unit of both, or the column that names it.
    multiplier : what both are multiplied by, a decimal number as text.
    decimal, thousands : signs within a number.
    rounding : what to do with a part of a watt-hour.
    """

    column: str
    counter_column: str | None = None
    unit: Literal["Wh", "kWh", "MWh", "GWh", "W", "kW", "MW", "GW"] | None = None
    unit_column: str | None = None
    multiplier: str = Field("1", pattern=r"^[0-9]{1,12}(?:\.[0-9]{1,12})?$")
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'", "\u00a0", "\u202f"] = ""
    rounding: Literal["refuse", "carry"] = "refuse"

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.unit is None) == (self.unit_column is None):
            raise ValueError("either unit or unit_column")
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands that differ")
        if not Fraction(self.multiplier):
            raise ValueError("a multiplier above nought")
        if self.counter_column is not None and self.unit in POWER:
            raise ValueError("a unit of energy where there is a counter_column")
        return self


class QualityColumn(Table):
    """Where a file tells how a reading was come by, and its words for it."""

    column: str
    measured: list[str]
    estimated: list[str] = []
    missing: list[str] = []
    method: Name | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _says_how(self) -> Self:
        if self.estimated and not (self.method and self.reason):
            raise ValueError("method and reason, where there are estimated readings")
        words = self.measured + self.estimated + self.missing
        if len(set(words)) != len(words):
            raise ValueError("each word once")
        return self


class MeterMap(Table):
    """How a meter file is to be read.

    Parameters
    ----------
    source : source that writes the readings.
    meter, meter_column : the meter, or the column that names it.
    register : direction counted.
    interval_minutes : length of an interval.
    clock : quality of the meter's clock.
    absent : what to do where an interval or a figure is not there.
    encoding, delimiter, header_line : of the file; the line that names the columns, from 1.
    """

    source: Identity
    meter: Identity | None = None
    meter_column: str | None = None
    register_: Literal["import", "export"] = Field(alias="register")
    interval_minutes: int = Field(ge=1, le=1440)
    clock: Literal["synced", "holdover", "free", "unknown"] = "unknown"
    absent: Literal["refuse", "missing"] = "refuse"
    encoding: str = "utf-8"
    delimiter: str = Field(",", min_length=1, max_length=1)
    header_line: int = Field(1, ge=1, le=1000)
    time: TimeColumns
    energy: EnergyColumn
    quality: QualityColumn | None = None

    @field_validator("encoding")
    @classmethod
    def _is_an_encoding(cls, name: str) -> str:
        try:
            "".encode(name)
        except (LookupError, ValueError):
            raise ValueError("an encoding, as utf-8 or cp1251") from None
        return name

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.meter is None) == (self.meter_column is None):
            raise ValueError("either meter or meter_column")
        return self

    @property
    def step(self) -> int:
        """Length of an interval [ms]."""
        return self.interval_minutes * MINUTE

    def columns(self) -> list[str]:
        """Return the names of all columns that are asked for."""
        energy = self.energy
        others = [self.meter_column, energy.unit_column, energy.counter_column]
        quality = [] if self.quality is None else [self.quality.column]
        return [*self.time.columns, energy.column, *filter(None, others), *quality]


def read_map(path: Path) -> MeterMap:
    """Read a mapping.

    Raises
    ------
    FormatError
        It is not TOML, or lacks something, or has something that has no meaning.
    StoreError
        It cannot be read.
    """
    try:
        return MeterMap.model_validate(tomllib.loads(read(path).decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(str(path), "TOML", str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        found = "nothing" if first["type"] == "missing" else f"{first['input']!r:.80}"
        expected = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
        raise _bad(f"{path}{key and f', {key}'}", expected, found) from None


def _bad(where: str, expected: str, found: str) -> FormatError:
    return FormatError(
        where, expected=expected, found=found, mend="see docs/record.md for a mapping that is one"
    )
