"""What can be said of a case: one table of attributes, with unit, bounds and meaning.

Every check on a case folder, the JSON schema, the attribute table of the documentation and
the help of the command line are made from these models. A value is written as people write
it (``"950 MW"``) and held as a plain float in the canonical unit that its field names.

References such as Z31 or R01 are ids of ``sources.toml`` of the case ``zaporizhzhia``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from baseload.case.drivers import Futures
from baseload.case.entry import (
    Cost,
    Date,
    Duration,
    Energy,
    EnergyPrice,
    EnergyPriceOverTime,
    Entry,
    Growth,
    Interest,
    Money,
    Power,
    PowerOverTime,
    Ramp,
    Share,
    ShareOverTime,
    Status,
    TemperatureOverTime,
)
from baseload.case.quantity import Quantity, SeriesName, refusal
from baseload.case.sharing import Sharing
from baseload.case.sizes import Candidate, SizeLimit

# --- the frame -----------------------------------------------------------------------------


class Frame(Entry):
    """What is studied, and over which time."""

    name: str = Field(description="name of the case")
    about: str = Field("", description="one paragraph for a newcomer")
    time_zone: str = Field(description="IANA name of the zone that dates are written in")
    start: Date = Field(description="first day of the horizon, from local midnight")
    end: Date = Field(description="day after the last day of the horizon")
    step: Duration = Field(1.0, description="length of one step; divides a day")
    as_of: Date = Field(description="day up to which news has been read")

    @model_validator(mode="after")
    def _ordered(self) -> Frame:
        if self.end <= self.start:
            raise refusal(
                f"an end after the start, {self.start}", f"end = {self.end}", "correct start or end"
            )
        return self


class Debt(Entry):
    """How much of the investment is borrowed, and on which terms."""

    share: Share = Field(0.0, description="part of the investment that is borrowed")
    interest: Interest = Field(0.0, description="interest on what is owed, a year")
    tenor: Duration = Field(0.0, description="time of repayment after completion")
    repayment: Literal["annuity", "equal principal"] = Field(
        "annuity", description="equal instalments, or equal parts of the principal"
    )


class Terms(Entry):
    """Money: currency, discounting, tax, debt. All prices are real, of the base year."""

    currency: Literal["USD"] = Field("USD", description="currency of every result")
    base_year: int = Field(description="year whose prices all money is stated in", ge=2000)
    discount_rate: Interest = Field(description="real discount rate a year")
    tax_rate: Share = Field(0.0, description="tax on profit of the mine")
    depreciation: Literal["straight line", "MACRS 3", "MACRS 5", "MACRS 7", "MACRS 15"] = Field(
        "straight line", description="how the investment is written off"
    )
    debt: Debt = Field(default_factory=lambda: Debt(), description="borrowing")
    rates: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict, description="USD for one unit of another currency, e.g. EUR = 1.08"
    )


# --- the plant -----------------------------------------------------------------------------


class Refuelling(Entry):
    """Planned outages that return with the fuel cycle."""

    every: Duration = Field(description="from the start of one outage to the next (V16)", gt=0)
    duration: Duration = Field(description="length of one outage (V18)")
    first: Date | None = Field(
        None, description="start of one outage; none counts from the unit's return to the grid"
    )


class Commitment(Entry):
    """Limits on switching a unit on and off; without it a unit follows its availability."""

    min_up: Duration = Field(0.0, description="least time running once started")
    min_down: Duration = Field(0.0, description="least time stopped once stopped")
    start_cost: Money = Field(0.0, description="cost of one start")


class Unit(Entry):
    """One generating unit."""

    bus: str = Field(description="busbar section the unit feeds")
    gross: Power = Field(description="gross electrical output at full power")
    house_load: Power = Field(0.0, description="own consumption while running")
    shutdown_load: Power = Field(0.0, description="draw while stopped")
    minimum: Share = Field(0.0, description="least stable output, as a share of what is available")
    ramp: Ramp | None = Field(None, description="greatest change of output, share of gross a time")
    fuel_cost: Cost = Field(0.0, description="what is saved by one net MWh less")
    variable_cost: Cost = Field(0.0, description="other cost of one net MWh")
    fixed_cost: Annotated[float, Quantity("USD/kW/year", minimum=0)] = Field(
        0.0, description="yearly cost of keeping the unit, per gross kW"
    )
    forced_outage_rate: Share = Field(0.0, description="expected share of time out unplanned")
    available: ShareOverTime = Field(1.0, description="further factor on availability over time")
    refuelling: Refuelling | None = Field(None, description="calendar of planned outages")
    licence_end: Date | None = Field(None, description="first day without a licence")
    state: Literal["running", "stopped"] = Field(
        "running", description="at the start; a stopped unit runs only after plant.restart"
    )
    commitment: Commitment | None = Field(None, description="limits on starts and stops")
    fuel_budget: Duration | None = Field(
        None, description="effective full-power time that one fuel cycle allows (V17)"
    )


class Restart(Entry):
    """How stopped units come back once a gate has opened."""

    gate: str = Field(description="gate that must be open")
    first: Duration = Field(description="from the gate to the first unit on the grid (Z40)")
    following: Duration = Field(description="from one unit to the next (Z40)")
    order: tuple[str, ...] = Field(description="units in the order of their return")


class Bus(Entry):
    """A busbar section: units, links and mines on it exchange power; two sections do not."""

    title: str = Field("", description="name for people")
    house_load: PowerOverTime = Field(0.0, description="further must-serve load of the site")
    shortfall_price: EnergyPrice = Field(
        10_000.0, description="what an unserved MWh of must-serve load counts for"
    )
    curtailment_cost: Cost = Field(0.0, description="cost of one MWh generated and not used")


class Plant(Entry):
    """A power station."""

    name: str = Field(description="name of the station")
    kind: str = Field("", description="technology, e.g. VVER-1000/V-320")
    owner: str = Field("plant", description="party that receives the plant's money")
    bus: dict[str, Bus] = Field(description="busbar sections by name", min_length=1)
    unit: dict[str, Unit] = Field(description="units by name", min_length=1)
    running_units_cap: int | None = Field(
        None, ge=0, description="greatest number of units that may run, e.g. by cooling water"
    )
    restart: Restart | None = Field(None, description="return of stopped units")


# --- where energy can go ---------------------------------------------------------------------


class Link(Entry):
    """A line between a busbar section and an area."""

    bus: str = Field(description="busbar section at the site")
    area: str = Field(description="area at the far end")
    voltage: Annotated[float, Quantity("kV", minimum=0)] | None = Field(
        None, description="nominal voltage"
    )
    export_limit: PowerOverTime = Field(description="greatest flow away from the site")
    import_limit: PowerOverTime = Field(0.0, description="greatest flow to the site")
    availability: ShareOverTime = Field(1.0, description="expected share of time in service")


class Market(Entry):
    """Sale at a price, and purchase for the site's own needs."""

    price: EnergyPriceOverTime = Field(description="price of energy in the area")
    depth: PowerOverTime | None = Field(None, description="greatest sale; none is no limit")
    sells: bool = Field(True, description="whether the plant may sell here")


class DeliverOrPay(Entry):
    """Energy promised over a calendar period and a price for each MWh that is missing."""

    energy: Energy = Field(description="energy of one period")
    period: Literal["month", "year"] = Field("year", description="calendar period, local time")
    price: Cost = Field(description="paid for each missing MWh")


class Obligation(Entry):
    """Power owed in an area, hour by hour."""

    to: str = Field(description="party that it is owed to")
    power: PowerOverTime = Field(description="power owed in every hour")
    price: EnergyPriceOverTime = Field(0.0, description="paid for a delivered MWh")
    shortfall_price: EnergyPrice = Field(description="damages for a MWh not delivered")
    since: Date | None = Field(
        None, description="first day owed; never before the plant can first generate"
    )
    until: Date | None = Field(None, description="first day no longer owed")
    deliver_or_pay: DeliverOrPay | None = Field(None, description="energy promised over a period")


class Area(Entry):
    """A synchronous area or market zone behind the links."""

    title: str = Field("", description="name for people")
    synchronous_with: str = Field("", description="synchronous area, e.g. Continental Europe")
    export_charge: Cost = Field(0.0, description="transmission charge on a MWh delivered")
    import_charge: Cost = Field(0.0, description="charge on top of the price on import")
    loss: Share = Field(0.0, lt=1, description="share of the flow lost on the way")
    export_limit: PowerOverTime | None = Field(None, description="limit on all links together")
    secure: Literal["n-0", "n-1"] = Field(
        "n-0", description="n-1: the largest link is kept as a reserve and carries no export"
    )
    market: Market | None = Field(None, description="sale and purchase of energy")
    obligation: dict[str, Obligation] = Field(
        default_factory=dict, description="what is owed here, by name"
    )


class Storage(Entry):
    """A battery on a busbar section."""

    bus: str = Field(description="busbar section")
    charge: Power = Field(description="greatest charging power at the busbar")
    discharge: Power = Field(description="greatest discharging power at the busbar")
    energy: Energy = Field(description="usable energy content")
    charge_efficiency: Share = Field(1.0, gt=0, description="stored per energy taken")
    discharge_efficiency: Share = Field(1.0, gt=0, description="given per energy drawn")
    standing_loss: Annotated[float, Quantity("1/h", minimum=0, maximum=1)] = Field(
        0.0, description="share of the content lost a time"
    )
    initial: Share = Field(0.5, description="content at the start and at least at the end")


# --- the mine -------------------------------------------------------------------------------


class Pool(Entry):
    """How blocks found are paid."""

    scheme: Literal["PPS", "FPPS", "PPLNS", "TIDES", "solo"] = Field(
        "FPPS", description="rule of payment"
    )
    fee: Share = Field(0.02, description="kept by the pool")


class TakeOrPay(Entry):
    """Energy a mine must pay for in a period whether it takes it or not.

    It is paid to someone outside the study, such as a supplier or a host: a cost to all parties
    together. What the study's own parties pay each other for power is ``power_price``.
    """

    energy: Energy = Field(description="energy of one period")
    period: Literal["month", "year"] = Field("year", description="calendar period, local time")
    price: Cost = Field(description="paid for each MWh not taken")


class Mine(Entry):
    """A mining site: machines of one model behind one meter."""

    title: str = Field("", description="name for people")
    bus: str | None = Field(None, description="busbar section, for a mine on site")
    area: str | None = Field(None, description="area, for a mine connected to the grid")
    machine: str = Field(description="model, as listed by 'baseload machines'")
    efficiency: Annotated[float, Quantity("J/TH"), Field(gt=0)] | None = Field(
        None, description="of the machine, in place of its name plate"
    )
    curve: Literal["flat", "table"] = Field(
        "flat", description="flat: each hash costs the same; table: the machine's power/hash curve"
    )
    power: PowerOverTime = Field(description="greatest draw at the meter, cooling included")
    pue: Annotated[float, Quantity("1", minimum=1, maximum=3)] = Field(
        1.05, description="energy at the meter per energy of the machines"
    )
    cooling: Literal["air", "hydro", "immersion"] = Field("air", description="how it is cooled")
    inlet_temperature: TemperatureOverTime | None = Field(
        None, description="of the air at the machines; none is no derating"
    )
    altitude: Annotated[float, Quantity("m", minimum=-500, maximum=6000)] = Field(
        0.0, description="above sea level"
    )
    uptime: Share = Field(0.97, description="expected share of machines that work")
    ageing: Growth = Field(0.0, gt=-1, description="growth of energy per hash a year")
    pool: Pool = Field(default_factory=lambda: Pool(), description="how hashes are paid")
    variable_cost: Cost = Field(0.0, description="cost of one MWh mined, besides power")
    fixed_cost: Annotated[float, Quantity("USD/kW/year", minimum=0)] = Field(
        0.0, description="yearly cost of the site per kW of power"
    )
    machine_price: Annotated[float, Quantity("USD/(TH/s)", minimum=0)] = Field(
        0.0, description="price of machines per hashrate"
    )
    site_price: Annotated[float, Quantity("USD/kW", minimum=0)] = Field(
        0.0, description="price of buildings, transformers and cooling"
    )
    build_time: Duration = Field(0.0, description="from the last gate to operation")
    life: Duration = Field(43_830.0, gt=0, description="of a machine, then it is replaced")
    salvage: Share = Field(0.0, description="of a machine's price at the end of its life")
    site_life: Duration = Field(175_320.0, gt=0, description="of buildings and transformers")
    owner: str = Field("mine", description="party that receives the mine's money")
    power_price: EnergyPriceOverTime | None = Field(
        None, description="paid by the mine's owner to the plant's for a MWh mined"
    )
    since: Date | None = Field(None, description="first day of operation, if gates are open")
    take_or_pay: TakeOrPay | None = Field(None, description="energy to be paid in any case")

    @model_validator(mode="after")
    def _one_place(self) -> Mine:
        if (self.bus is None) == (self.area is None):
            raise refusal(
                "exactly one of bus and area",
                "neither" if self.bus is None else f"bus {self.bus} and area {self.area}",
                "a mine stands on a busbar section of the site, or in an area behind the grid",
            )
        return self


class Bitcoin(Entry):
    """What a hash earns over the horizon: a base path, or a given series of hashprice."""

    price: Annotated[float | SeriesName, Quantity("USD/BTC", minimum=1, series=True)] = Field(
        description="price of a bitcoin at the start of the path"
    )
    price_growth: Growth = Field(0.0, gt=-1, description="growth of the price a year from 'at'")
    network: Annotated[float | SeriesName, Quantity("TH/s", minimum=1, series=True)] | None = Field(
        None, description="hashrate of all others; not needed when hashprice is given"
    )
    network_growth: Growth = Field(
        0.0, gt=-1, description="growth of the others' hashrate from 'at'"
    )
    fee_share: ShareOverTime = Field(0.0, description="fees as a share of the subsidy")
    at: Date | None = Field(None, description="day that price, network and height hold for")
    height: int | None = Field(None, ge=0, description="height of the chain on that day")
    block_time: Duration = Field(
        600.298 / 3600, gt=0, description="mean interval of blocks, for the dates of halvings"
    )
    hashprice: (
        Annotated[float | SeriesName, Quantity("USD/PH/day", minimum=0, series=True)] | None
    ) = Field(None, description="given instead of being computed from price and network")
    network_response: bool = Field(
        True, description="own hashrate lowers everyone's pay once difficulty has followed"
    )

    @model_validator(mode="after")
    def _enough(self) -> Bitcoin:
        if self.hashprice is None and (
            self.network is None or self.at is None or self.height is None
        ):
            raise refusal(
                "hashprice, or network with at and height",
                "neither",
                "give what the income of a hash can be computed from",
            )
        return self


# --- what must happen first -------------------------------------------------------------------


class Gate(Entry):
    """Something that must happen before something else can."""

    title: str = Field(description="what must happen")
    stage: str = Field(description="stage of the project that it belongs to")
    after: tuple[str, ...] = Field((), description="gates that must open before")
    state: Literal["open", "shut"] = Field("shut", description="on the day 'as_of' of the case")
    date: Date | None = Field(
        None, description="day it opened, or would open if nothing before it comes later"
    )
    delay: Duration = Field(0.0, description="least time after the last gate before it")
    probability: Share = Field(1.0, description="that it ever opens, given those before it do")
    lifts: tuple[str, ...] = Field((), description="bars that no longer hold once it is open")
    set: dict[str, object] = Field(
        default_factory=dict, description="path = value, from the day it opens"
    )
    signal: str = Field("", description="news that would show it opening, and who would give it")


class Bar(Entry):
    """A rule of law that forbids something to someone for some time."""

    title: str = Field(description="the rule")
    jurisdiction: str = Field(description="whose rule it is")
    since: Date = Field(description="first day in force")
    until: Date | None = Field(None, description="first day no longer in force; none is open")
    blocks: tuple[str, ...] = Field(
        description="what it forbids: patterns such as mine.grid_* or party.usa"
    )
    excepts: tuple[str, ...] = Field((), description="what it does not forbid all the same")
    exception: str = Field("", description="why not, with the source")


class Stages(Entry):
    """The stages of a project in their order, and the one it is at."""

    order: tuple[str, ...] = Field(description="names of the stages", min_length=1)
    reached: str = Field(description="the stage on the day 'as_of'")


class Tree(Entry):
    """Everything that a path can point at: case.toml, gates.toml and futures.toml together."""

    case: Frame = Field(description="what is studied")
    money: Terms = Field(description="money and its terms")
    plant: Plant = Field(description="the power station")
    link: dict[str, Link] = Field(default_factory=dict, description="lines by name")
    area: dict[str, Area] = Field(default_factory=dict, description="areas by name")
    mine: dict[str, Mine] = Field(default_factory=dict, description="mines by name")
    storage: dict[str, Storage] = Field(default_factory=dict, description="batteries by name")
    bitcoin: Bitcoin = Field(description="what a hash earns")
    futures: Futures = Field(
        default_factory=lambda: Futures(), description="how what is not known may turn out"
    )
    stages: Stages | None = Field(None, description="stages of the project")
    gate: dict[str, Gate] = Field(default_factory=dict, description="gates by name")
    bar: dict[str, Bar] = Field(default_factory=dict, description="bars by id")


# --- the registers beside the tree --------------------------------------------------------------


class Unknown(Entry):
    """A value that is not known: a path, three levels and a distribution."""

    path: str = Field(description="into the tree; * stands for any one name")
    name: str = Field("", description="for tables and pictures; the path if empty")
    low: object = Field(description="low level, written like the value itself")
    base: object | None = Field(None, description="base level; none keeps the tree's own")
    high: object = Field(description="high level")
    distribution: Literal["triangular", "uniform", "normal", "lognormal", "discrete"] = Field(
        "triangular", description="for drawing futures"
    )
    status: Status = Field(description="how sure the three levels are")


class Alternative(Entry):
    """A named choice: patches on the tree, and the gates it waits for."""

    title: str = Field(description="for tables and pictures")
    set: dict[str, object] = Field(default_factory=dict, description="path = value")
    needs: tuple[str, ...] = Field((), description="gates that must be open for its mine")
    arrangement: str | None = Field(None, description="arrangement it is studied under")


class Party(Entry):
    """Someone who owns, operates, takes, supplies, regulates or claims."""

    name: str = Field(description="full name")
    roles: tuple[str, ...] = Field((), description="in fact or by claim, as the note says")


class Arrangement(Entry):
    """One proposed way to share; shown, not judged."""

    title: str = Field(description="the proposal")
    proposed_by: str = Field("", description="who proposed it, and when")
    energy: dict[str, Share] | None = Field(None, description="share of energy by party, if said")
    energy_rule: str = Field("", description="how energy is split, in words")
    operator: str = Field("", description="who operates and controls")
    parties: tuple[str, ...] = Field((), description="parties that take part")
    left_out: tuple[str, ...] = Field((), description="parties that do not")
    open_points: tuple[str, ...] = Field((), description="what the proposal does not say")
    alternative: str | None = Field(None, description="alternative that its prospects are told of")
    terms: Sharing | None = Field(
        None, description="who gets and pays what, said or assumed; none: all as the energy"
    )


class Claim(Entry):
    """What is claimed, by whom, reported by whom; silence is a claim too."""

    claim: str = Field(description="what is claimed")
    by: str = Field(description="who claims it")
    reported_by: str = Field(description="who reports it")
    date: Date | None = Field(None, description="day it was said")
    standing: str = Field(description="e.g. on record; single chain; denied; no comment found")
    contradicted_by: tuple[str, ...] = Field((), description="claims or sources that contradict it")


class Source(Entry):
    """Where a value or a rule comes from."""

    what: str = Field(description="the fact")
    value: str = Field("", description="the figure as found")
    where: str = Field(description="publication, page or derivation")
    confidence: Status = Field(description="how sure the fact is")


class Precedent(Entry):
    """A project of this kind that was tried elsewhere."""

    title: str = Field(description="what and where")
    figures: str = Field(description="what is known of it in numbers")
    where: str = Field(description="publication")
    confidence: Status = Field(description="how sure the figures are")


# --- the files of the registers -----------------------------------------------------------------


class Register(BaseModel):
    """A file beside case.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Unknowns(Register):
    """unknowns.toml: what is not known."""

    unknown: tuple[Unknown, ...] = Field((), description="one entry for each unknown")


class Alternatives(Register):
    """alternatives.toml: named choices."""

    alternative: dict[str, Alternative] = Field(default_factory=dict, description="by name")


class Arrangements(Register):
    """arrangements.toml: who the parties are, and each proposed way to share."""

    party: dict[str, Party] = Field(default_factory=dict, description="parties by id")
    arrangement: dict[str, Arrangement] = Field(default_factory=dict, description="by id")


class Claims(Register):
    """claims.toml: the register of claims."""

    claim: dict[str, Claim] = Field(default_factory=dict, description="claims by id")


class Sources(RootModel[dict[str, Source]]):
    """sources.toml: where values come from, by id."""


class Precedents(RootModel[dict[str, Precedent]]):
    """precedents.toml: projects tried elsewhere, by id."""


class Sizes(Register):
    """sizes.toml: what could be built of which size."""

    candidate: dict[str, Candidate] = Field(default_factory=dict, description="by name")
    limit: dict[str, SizeLimit] = Field(default_factory=dict, description="by name")
