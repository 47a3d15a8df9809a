"""What each type of event says. The page ``docs/record-events.md`` is made from these models."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from baseload.record.events.fields import (
    Blob,
    Hash,
    Header,
    Hex,
    Identity,
    Inputs,
    Instant,
    Integer,
    Name,
    Natural,
    Part,
    Period,
    Signature,
    Text,
)


def _field(meaning: str) -> Any:
    return Field(description=meaning)


def _optional(meaning: str) -> Any:
    return Field(default=None, description=meaning)


class Body(Part):
    """What an event of one type says."""

    late: bool | None = _optional("it reaches the log later than the charter allows, and says so")
    reason: Text | None = _optional("why, where something asks for it")

    @model_validator(mode="after")
    def _late_has_a_reason(self) -> Self:
        if self.late is False:
            raise ValueError("late is true, or left out")
        if self.late and not self.reason:
            raise ValueError("a late event gives its reason")
        return self


class MeterReading(Body):
    """Energy that a meter has counted in [t0, t1]."""

    meter: Identity = _field("the meter")
    register_: Literal["import", "export"] = Field(
        alias="register", description="direction counted; import is towards the mine"
    )
    energy: Integer = _field("energy as metered [Wh]; negative only where it was edited")
    quality: Literal["measured", "estimated", "edited", "missing"] = _field("how it was come by")
    counter: Natural | None = _optional("reading of the register at t1 [Wh]")
    method: Name | None = _optional("how it was estimated or edited")
    of: Hash | None = _optional("leaf hash of the reading that this one stands for")

    @model_validator(mode="after")
    def _says_how(self) -> Self:
        made = self.quality in ("estimated", "edited")
        if made and not (self.method and self.reason):
            raise ValueError("an estimated or edited reading gives method and reason")
        if self.energy.startswith("-") and self.quality != "edited":
            raise ValueError("only an edited reading may be negative")
        return self


class Certificate(Part):
    """What a calibration found."""

    issuer: Name
    number: Name
    class_: Name = Field(alias="class")
    random_ppm: Natural
    systematic_ppm: Natural
    valid_to: Instant


class MeterEvent(Body):
    """Something that was done to a meter."""

    meter: Identity = _field("the meter")
    kind: Literal["calibration", "seal", "unseal", "replacement", "fault"] = _field("what was done")
    serial: Name = _field("serial number")
    certificate: Certificate | None = _optional(
        "issuer, number, class, random_ppm, systematic_ppm (one sigma), valid_to"
    )
    note: Text | None = _optional("remark")


class GridSignal(Body):
    """What the grid, or a market, asked for."""

    issuer: Name = _field("who sent it")
    signal: Name = _field("its name")
    kind: Literal["limit", "price", "reserve", "emergency", "clear"] = _field("what it is")
    value: Integer = _field("how much")
    unit: Name = _field("of what, as W or micro_usd_per_kwh")
    start: Instant = _field("from when")
    end: Instant = _field("until when")


class PlanCommitted(Body):
    """A schedule, in the log before it is delivered."""

    ordered_by: Identity = _field("party whose plan it is")
    plan: Name = _field("name of the plan")
    start: Instant = _field("when its first step begins")
    step_ms: Natural = _field("length of a step [ms]")
    power: list[Natural] = _field("power in each step [W]")
    order_sig: Signature | None = _optional("signature of the party, if it does not own the source")


class FleetSetpoint(Body):
    """An order to the fleet."""

    ordered_by: Identity = _field("party that gives it")
    order: Name = _field("name of the order")
    power: Natural = _field("power at the mine's meter [W]")
    start: Instant = _field("from when")
    end: Instant | None = _optional("until when; open if left out")
    order_sig: Signature | None = _optional("signature of the party, if it does not own the source")

    @model_validator(mode="after")
    def _has_a_reason(self) -> Self:
        if self.reason not in ORDER_REASONS:
            raise ValueError(f"reason is one of {', '.join(ORDER_REASONS)}")
        return self


ORDER_REASONS = ("safety", "limit", "obligation", "signal", "schedule", "profit")


class FleetTelemetry(Body):
    """What the machines tell of themselves in [t0, t1]."""

    fleet: Identity = _field("the fleet")
    energy: Natural = _field("energy at the racks [Wh]")
    hashes: Natural = _field("hashes by the firmware's counters")
    machines: Natural = _field("machines that hash")
    counter: Natural | None = _optional("hashes since the firmware's start")
    mode: Name | None = _optional("how they run")


class SharesSummary(Body):
    """Shares handed in to a pool in [t0, t1]."""

    pool: Identity = _field("the pool")
    account: Name = _field("account at the pool")
    accepted: Natural = _field("shares accepted")
    rejected: Natural = _field("shares rejected")
    stale: Natural = _field("shares that came too late")
    work: Natural = _field("sum of the difficulties of accepted shares")
    work_squared: Natural = _field("sum of their squares")


class SharesRetained(Body):
    """One share in full, to be hashed again by anyone."""

    pool: Identity = _field("the pool")
    height: Natural = _field("height of the block it was to be")
    header: Header = _field("the header, 80 bytes in hex")
    coinbase: Hex = _field("the coinbase transaction without witness, in hex")
    path: list[Hash] = _field("Merkle path of the coinbase, in the order of hashing")


class PoolPayout(Body):
    """Coins credited for work."""

    pool: Identity = _field("the pool")
    account: Name = _field("account at the pool")
    method: Literal["fpps", "pplns", "tides", "solo"] = _field("rule that it is paid by")
    work: Natural = _field("work paid for, in difficulties")
    network_difficulty_e8: Natural | None = _optional("difficulty of the network × 10^8")
    subsidy: Natural | None = _optional("subsidy of a block [sat]")
    fees: Natural | None = _optional("fees of a block in the pool's base [sat]")
    fee_ppm: Natural = _field("what the pool keeps [ppm]")
    window_work: Natural | None = _optional("work of all in the window (pplns, tides)")
    block_reward: Natural | None = _optional("reward of the block shared out [sat]")
    amount: Natural = _field("coins credited [sat]")
    txid: Hash | None = _optional("transaction that pays it")
    vout: Natural | None = _optional("number of the output")
    script: Hex | None = _optional("script that it pays to")


class ChainHeader(Body):
    """A block of the public chain."""

    height: Natural = _field("its height")
    header: Header = _field("its header, 80 bytes in hex")


class Claim(Body):
    """What somebody says, with where it comes from."""

    by: Name = _field("who says it")
    about: Name = _field("what it is about")
    text: Text = _field("what is said")
    sources: list[Text] = _field("where it can be read")


class Access(Body):
    """An inspection asked for, and what became of it."""

    by: Name = _field("who asked")
    place: Name = _field("where to")
    outcome: Literal["granted", "delayed", "refused"] = _field("what became of it")
    asked: Instant = _field("when it was asked for")
    until: Instant | None = _optional("until when it is delayed")


class Gap(Body):
    """Numbers of a source that never reached the log."""

    kind: Literal["gap"]
    of: Identity = _field("the source")
    first: Natural = _field("first number that is missing")
    last: Natural = _field("last number that is missing")


class Reconciliation(Body):
    """What the tests of a period found."""

    kind: Literal["reconciliation"]
    inputs: Inputs
    period: Period
    results: list[dict[str, Any]] = _field("one table for each test, see reconciliation.md")


class Settlement(Body):
    """Who gets what."""

    kind: Literal["settlement"]
    inputs: Inputs
    period: Period
    blob: Blob = _field("the statement itself")


class Notice(Body):
    """Something all should know."""

    kind: Literal["notice"]
    text: Text


Statement = Annotated[Gap | Reconciliation | Settlement | Notice, Field(discriminator="kind")]


class Correction(Body):
    """What an earlier entry should have said; the earlier one stays."""

    index: Natural = _field("index of the entry that is corrected")
    of: Hash = _field("its leaf hash")
    body: dict[str, Any] = _field("its body as it should be")

    @model_validator(mode="after")
    def _has_a_reason(self) -> Self:
        if not self.reason:
            raise ValueError("a correction gives its reason")
        return self


class SourceHead(Body):
    """Nothing: it exists to be signed, and vouches for all of its source's events before it."""
