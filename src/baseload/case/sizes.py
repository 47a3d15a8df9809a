"""What could be built of which size: candidates and the limits that they share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from baseload.case.entry import Duration, Entry, Money, Power
from baseload.case.quantity import Quantity, refusal


class Candidate(Entry):
    """A mine of a size still to be found: a copy of a mine of the case, perhaps changed."""

    title: str = Field("", description="name for people")
    mine: str = Field(description="mine of case.toml that it is a copy of")
    machine: str | None = Field(None, description="in place of the mine's, with its name plate")
    efficiency: Annotated[float, Quantity("J/TH"), Field(gt=0)] | None = Field(
        None, description="of the machine, in place of its name plate"
    )
    machine_price: Annotated[float, Quantity("USD/(TH/s)", minimum=0)] | None = Field(
        None, description="in place of the mine's"
    )
    site_price: Annotated[float, Quantity("USD/kW", minimum=0)] | None = Field(
        None, description="in place of the mine's"
    )
    later: Duration = Field(0.0, description="built so much later than the mine could be")
    after: str | None = Field(
        None,
        description="candidate that comes before: of its most, at least the same share is built",
    )
    least: Power = Field(0.0, description="least size")
    most: Power = Field(description="greatest size")

    @model_validator(mode="after")
    def _ordered(self) -> Candidate:
        if self.least > self.most:
            raise refusal(
                f"a most of at least {self.least:g} MW",
                f"{self.most:g} MW",
                "correct one of the two",
            )
        return self


class SizeLimit(Entry):
    """A limit that several candidates share: power, as of a feeder, or investment."""

    title: str = Field("", description="name for people")
    candidates: tuple[str, ...] = Field(description="candidates that it holds", min_length=1)
    power: Power | None = Field(None, description="greatest power of all of them together")
    investment: Money | None = Field(
        None, description="greatest price of their machines and sites together"
    )

    @model_validator(mode="after")
    def _one_kind(self) -> SizeLimit:
        if (self.power is None) == (self.investment is None):
            raise refusal(
                "exactly one of power and investment",
                "neither" if self.power is None else "both",
                "write one limit for each",
            )
        return self
