"""What every entry of a case has in common: its remarks, and the quantities it may hold."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from baseload.case.quantity import Quantity, SeriesName

Status = Literal["confirmed", "reported", "claimed", "assumed", "memory"]
"""How sure a value is: primary or several independent pages; press or agency; said by an
interested party; our own assumption or arithmetic; from memory, not verified."""


def _day(value: object) -> object:
    """Read a date written as text, as patches from a command line are."""
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


Date = Annotated[dt.date, BeforeValidator(_day)]
Power = Annotated[float, Quantity("MW", minimum=0)]
PowerOverTime = Annotated[float | SeriesName, Quantity("MW", minimum=0, series=True)]
Energy = Annotated[float, Quantity("MWh", minimum=0)]
EnergyPrice = Annotated[float, Quantity("USD/MWh")]
EnergyPriceOverTime = Annotated[float | SeriesName, Quantity("USD/MWh", series=True)]
Cost = Annotated[float, Quantity("USD/MWh", minimum=0)]
Money = Annotated[float, Quantity("USD", minimum=0)]
Share = Annotated[float, Quantity("1", minimum=0, maximum=1)]
ShareOverTime = Annotated[float | SeriesName, Quantity("1", minimum=0, maximum=1, series=True)]
Growth = Annotated[float, Quantity("1/year", minimum=-1)]
Interest = Annotated[float, Quantity("1/year", minimum=0)]
Ramp = Annotated[float, Quantity("1/h", minimum=0)]
Duration = Annotated[float, Quantity("h", minimum=0)]
Temperature = Annotated[float, Quantity("degC", minimum=-90, maximum=70)]
TemperatureOverTime = Annotated[
    float | SeriesName, Quantity("degC", minimum=-90, maximum=70, series=True)
]


class Entry(BaseModel):
    """Anything that can be written in a case; unknown keys are refused."""

    # Strict, because pydantic would else take 2028 for a date and "yes" for true.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    source: str | None = Field(None, description="id in sources.toml that the values come from")
    status: Status | None = Field(None, description="how sure the values are")
    note: str | None = Field(None, description="remark for the reader")
