"""How what is not known may turn out: the drivers of futures, each replaceable by its name.

Everything here has a default that leaves the case as it is given, so that a case without
``futures.toml`` has futures that differ by its unknowns and its gates alone.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from baseload.case.entry import Duration, Entry, Growth
from baseload.case.quantity import Quantity, SeriesName, refusal

Number = Annotated[float, Quantity("1", minimum=0)]
Signed = Annotated[float, Quantity("1", minimum=-1, maximum=1)]
Rate = Annotated[float, Quantity("1/year", minimum=0)]
Hashprice = Annotated[float, Quantity("USD/PH/day", minimum=0)]


HOURS_PER_YEAR = 8766.0


def _leaves_time(rate: float, length: float, name: str) -> None:
    """Refuse spells that would fill the year."""
    share = rate * length / HOURS_PER_YEAR
    if share >= 1.0:
        raise refusal(
            "spells that leave some time between them",
            f"{name}: {rate:g} a year of {length:g} h each, {share:.0%} of the time",
            "lower the rate or the length",
        )


class BitcoinPrice(Entry):
    """Price of a bitcoin around its base path, which is its mean."""

    model: Literal["as given", "jump diffusion", "stochastic volatility", "bootstrap"] = Field(
        "as given", description="how the price moves; as given: the base path in every future"
    )
    volatility: Number = Field(
        0.55, description="standard deviation of a year's log return without jumps"
    )
    jump_rate: Rate = Field(0.0, description="jumps a year")
    jump_mean: Annotated[float, Quantity("1")] = Field(0.0, description="mean of the log of a jump")
    jump_deviation: Number = Field(0.0, description="standard deviation of the log of a jump")
    reversion: Rate = Field(
        4.0, description="speed at which stochastic volatility returns to its mean"
    )
    volatility_of_volatility: Number = Field(
        1.0, description="deviation of a year's change of the log of the volatility"
    )
    leverage: Signed = Field(0.0, description="correlation of returns with changes of volatility")
    history: Annotated[SeriesName, Quantity("USD/BTC", minimum=0, series=True)] | None = Field(
        None, description="past prices that a bootstrap draws blocks of returns from"
    )
    block: Duration = Field(720.0, gt=0, description="mean length of a block of the bootstrap")

    @model_validator(mode="after")
    def _history(self) -> BitcoinPrice:
        if self.model == "bootstrap" and self.history is None:
            raise refusal(
                "a history to draw from",
                "none",
                'write history = "file.csv#column", or choose another model',
            )
        return self


class Fees(Entry):
    """Fees as a share of the subsidy, around the case's fee_share, which is their mean."""

    model: Literal["as given", "fat tail"] = Field(
        "as given", description="fat tail: the log reverts to its mean, with rare spikes"
    )
    deviation: Number = Field(0.6, description="standard deviation of the log in the long run")
    reversion: Rate = Field(6.0, gt=0, description="speed of return to the mean")
    spike_rate: Rate = Field(0.5, description="spikes a year")
    spike_size: Number = Field(10.0, description="mean factor of a spike on the share")
    spike_duration: Duration = Field(168.0, gt=0, description="mean length of a spike")

    @model_validator(mode="after")
    def _spells(self) -> Fees:
        _leaves_time(self.spike_rate, self.spike_duration, "spikes")
        return self


class PowerPrice(Entry):
    """Price of an area's market around the given series or price, which is its mean."""

    model: Literal["as given", "mean reverting", "bootstrap"] = Field(
        "as given",
        description="mean reverting: deviations by the hour and by the year, and spikes; "
        "bootstrap: blocks of the given series from the same season",
    )
    deviation: Number = Field(
        0.2, description="standard deviation of the hour's deviation, over the mean price"
    )
    reversion: Duration = Field(24.0, gt=0, description="time in which a deviation decays to 1/e")
    yearly_deviation: Number = Field(
        0.0, description="standard deviation of the log of the slow level, in the long run"
    )
    yearly_reversion: Duration = Field(
        17_532.0, gt=0, description="time in which the slow level returns to its mean"
    )
    spike_rate: Rate = Field(0.0, description="spikes a year")
    spike_size: Number = Field(2.0, description="mean of a spike, over the mean price")
    spike_duration: Duration = Field(3.0, gt=0, description="mean length of a spike")
    with_bitcoin: Signed = Field(
        0.0, description="correlation of the slow level with the price of a bitcoin"
    )
    with_areas: Signed = Field(
        0.0, description="correlation of the hour's deviation with that of the other areas"
    )
    block: Duration = Field(168.0, gt=0, description="length of a block of the bootstrap")
    floor: Annotated[float, Quantity("USD/MWh")] | None = Field(
        None, description="least price, such as a regulated limit"
    )
    ceiling: Annotated[float, Quantity("USD/MWh")] | None = Field(
        None, description="greatest price"
    )

    @model_validator(mode="after")
    def _bounds(self) -> PowerPrice:
        if self.floor is not None and self.ceiling is not None and self.ceiling < self.floor:
            raise refusal(
                "a ceiling at or above the floor",
                f"floor {self.floor:g} USD/MWh, ceiling {self.ceiling:g} USD/MWh",
                "correct one of the two",
            )
        return self

    @model_validator(mode="after")
    def _spells(self) -> PowerPrice:
        _leaves_time(self.spike_rate, self.spike_duration, "spikes")
        return self


class UnitOutages(Entry):
    """Forced outages, trips and refuelling of the units, hour by hour."""

    model: Literal["as given", "two state"] = Field(
        "as given", description="as given: expected share; two state: up or down in each hour"
    )
    repair: Duration = Field(
        240.0, gt=0, description="mean length of a forced outage; its share of time is the unit's"
    )
    trip_rate: Rate = Field(0.0, description="trips a year that end after trip_delay")
    trip_delay: Duration = Field(48.0, gt=0, description="from a trip to the return (V14)")
    refuelling_slip: Duration = Field(
        0.0, description="standard deviation of the start of a refuelling outage"
    )
    refuelling_deviation: Number = Field(
        0.0, description="standard deviation of the log of a refuelling outage's length"
    )

    @model_validator(mode="after")
    def _spells(self) -> UnitOutages:
        _leaves_time(self.trip_rate, self.trip_delay, "trips")
        return self


class LinkOutages(Entry):
    """Outages of one link; its share of time in service is the link's availability."""

    model: Literal["as given", "two state"] = Field(
        "as given", description="as given: expected share; two state: in service or not"
    )
    repair: Duration = Field(72.0, gt=0, description="mean length of an outage")


class Blackouts(Entry):
    """Loss of all links together."""

    rate: Rate = Field(0.0, description="losses of all links a year (Z23)")
    duration: Duration = Field(24.0, gt=0, description="mean length")

    @model_validator(mode="after")
    def _spells(self) -> Blackouts:
        _leaves_time(self.rate, self.duration, "losses of all links")
        return self


class Water(Entry):
    """Times of low water, in which fewer units may run."""

    rate: Rate = Field(0.0, description="times of low water a year")
    duration: Duration = Field(720.0, gt=0, description="mean length")
    units: int = Field(0, ge=0, description="units that may run in low water")

    @model_validator(mode="after")
    def _spells(self) -> Water:
        _leaves_time(self.rate, self.duration, "low water")
        return self


class Weather(Entry):
    """Temperature of the air at the machines of every mine cooled by air."""

    model: Literal["as given", "sinusoid"] = Field(
        "as given", description="as given: the mines' own inlet temperature"
    )
    mean: Annotated[float, Quantity("degC", minimum=-90, maximum=70)] = Field(
        15.0, description="mean over the year"
    )
    yearly_swing: Annotated[float, Quantity("1", minimum=0)] = Field(
        12.0, description="half the range of daily means over the year [K]"
    )
    daily_swing: Annotated[float, Quantity("1", minimum=0)] = Field(
        5.0, description="half the range over a day [K]"
    )
    deviation: Annotated[float, Quantity("1", minimum=0)] = Field(
        3.5, description="standard deviation of a day's mean around its season [K]"
    )
    reversion: Duration = Field(72.0, gt=0, description="time in which a spell decays to 1/e")


class MachinesOnSale(Entry):
    """Machines that can be bought later, and how they fail."""

    progress: Growth = Field(
        0.0, gt=-1, description="yearly fall of the energy per hash of machines on sale"
    )
    price_decline: Growth = Field(
        0.0, gt=-1, description="yearly fall of the price per hashrate of machines on sale"
    )
    follows_hashprice: Number = Field(
        0.0, description="elasticity of the price of machines to the hashprice of the day"
    )
    failure_rate: Rate = Field(0.0, description="failures of a new machine a year")
    failure_growth: Growth = Field(0.0, description="yearly growth of that rate with age")
    repair: Duration = Field(336.0, gt=0, description="time that a failed machine is away")


class Competitors(Entry):
    """How all other miners answer; what is not given is as calibrated on history."""

    model: Literal["as given", "competitors"] = Field(
        "as given",
        description="as given: the case's own path; competitors: difficulty by the exact rule, "
        "machines switched by the hour's loss, entry at a barrier of revenue per hash",
    )
    luck: bool = Field(True, description="whether blocks come by chance or at their mean")
    power_price: Annotated[float, Quantity("USD/MWh")] | None = Field(
        None, description="median price that competitors pay for power"
    )
    power_price_spread: Number | None = Field(
        None, description="standard deviation of the log of that price among them"
    )
    switching: Duration | None = Field(
        None, gt=0, description="time in which machines are switched"
    )
    barrier: Hashprice | None = Field(
        None, description="hashprice at which new machines enter, on the day 'bitcoin.at'"
    )
    progress: Growth | None = Field(
        None, description="yearly fall of the energy per hash of new machines, and of the barrier"
    )
    entry: Growth | None = Field(
        None, description="greatest growth of installed hashrate by entry a year"
    )
    life: Duration | None = Field(None, gt=0, description="time that machines stay installed")


class Futures(Entry):
    """The drivers of futures."""

    bitcoin_price: BitcoinPrice = Field(
        default_factory=lambda: BitcoinPrice(), description="price of a bitcoin"
    )
    fees: Fees = Field(default_factory=lambda: Fees(), description="fees of blocks")
    power_price: dict[str, PowerPrice] = Field(
        default_factory=dict, description="price of power, by area"
    )
    units: UnitOutages = Field(
        default_factory=lambda: UnitOutages(), description="outages of units"
    )
    link: dict[str, LinkOutages] = Field(default_factory=dict, description="outages, by link")
    blackout: Blackouts = Field(
        default_factory=lambda: Blackouts(), description="loss of all links together"
    )
    water: Water = Field(default_factory=lambda: Water(), description="low water")
    weather: Weather = Field(default_factory=lambda: Weather(), description="weather")
    machines: MachinesOnSale = Field(
        default_factory=lambda: MachinesOnSale(), description="machines on sale, and failures"
    )
    network: Competitors = Field(
        default_factory=lambda: Competitors(), description="all other miners"
    )
