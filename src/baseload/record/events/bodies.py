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
    meaning,
    optional,
)


class Body(Part):
    """What an event of one type says."""

    late: bool | None = optional("it reaches the log later than the charter allows, and says so")
    reason: Text | None = optional("why, where something asks for it")

    @model_validator(mode="after")
    def _late_has_a_reason(self) -> Self:
        if self.late is False:
            raise ValueError("late is true, or left out")
        if self.late and not self.reason:
            raise ValueError("a late event gives its reason")
        return self


class MeterReading(Body):
    """Energy that a meter has counted in [t0, t1]."""

    meter: Identity = meaning("the meter")
    register_: Literal["import", "export"] = meaning(
        "direction counted; import is towards the mine", "register"
    )
    energy: Integer = meaning("energy as metered [Wh]; negative only where it was edited")
    quality: Literal["measured", "estimated", "edited", "missing"] = meaning("how it was come by")
    counter: Natural | None = optional("reading of the register at t1 [Wh]")
    method: Name | None = optional("how it was estimated or edited")
    of: Hash | None = optional(
        "leaf hash of the raw reading that this one stands for; the raw stays"
    )

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

    issuer: Name = meaning("laboratory")
    number: Name = meaning("number of the certificate")
    class_: Name = meaning("accuracy class", "class")
    random_ppm: Natural = meaning("random error of one interval, one sigma [ppm]")
    systematic_ppm: Natural = meaning("error common to all intervals, one sigma [ppm]")
    valid_to: Instant = meaning("when it expires")


class MeterEvent(Body):
    """Something that was done to a meter."""

    meter: Identity = meaning("the meter")
    kind: Literal["calibration", "seal", "unseal", "replacement", "fault"] = meaning(
        "what was done"
    )
    serial: Name = meaning("serial number")
    certificate: Certificate | None = optional("what was found")
    note: Text | None = optional("remark")


class GridSignal(Body):
    """What the grid, or a market, asked for."""

    issuer: Name = meaning("who sent it")
    signal: Name = meaning("its name")
    kind: Literal["limit", "price", "reserve", "emergency", "clear"] = meaning("what it is")
    value: Integer = meaning("how much")
    unit: Name = meaning("of what, as W or micro_usd_per_kwh")
    start: Instant = meaning("from when")
    end: Instant = meaning("until when")


class PlanCommitted(Body):
    """A schedule, in the log before it is delivered."""

    ordered_by: Identity = meaning("party whose plan it is")
    plan: Name = meaning("name of the plan")
    start: Instant = meaning("when its first step begins")
    step_ms: Natural = meaning("length of a step [ms]")
    power: list[Natural] = meaning("power in each step [W]")
    order_sig: Signature | None = optional("signature of the party, if it does not own the source")


class FleetSetpoint(Body):
    """An order to the fleet."""

    ordered_by: Identity = meaning("party that gives it")
    order: Name = meaning("name of the order")
    power: Natural = meaning("power at the mine's meter [W]")
    start: Instant = meaning("from when")
    end: Instant | None = optional("until when; open if left out")
    order_sig: Signature | None = optional("signature of the party, if it does not own the source")

    @model_validator(mode="after")
    def _has_a_reason(self) -> Self:
        if self.reason not in ORDER_REASONS:
            raise ValueError(f"reason is one of {', '.join(ORDER_REASONS)}")
        return self


ORDER_REASONS = ("safety", "limit", "obligation", "signal", "schedule", "profit")


class FleetTelemetry(Body):
    """What the machines tell of themselves in [t0, t1]."""

    fleet: Identity = meaning("the fleet")
    energy: Natural = meaning("energy at the racks [Wh]")
    hashes: Natural = meaning("hashes by the firmware's counters")
    machines: Natural = meaning("machines that hash")
    counter: Natural | None = optional("hashes since the firmware's start")
    mode: Name | None = optional("how they run")


class SharesSummary(Body):
    """Shares handed in to a pool in [t0, t1]."""

    pool: Identity = meaning("the pool")
    account: Name = meaning("account at the pool")
    accepted: Natural = meaning("shares accepted")
    rejected: Natural = meaning("shares rejected")
    stale: Natural = meaning("shares that came too late")
    work: Natural = meaning("sum of the difficulties of accepted shares")
    work_squared: Natural = meaning("sum of their squares")


class SharesRetained(Body):
    """One share in full, to be hashed again by anyone."""

    pool: Identity = meaning("the pool")
    height: Natural = meaning("height of the block it was to be")
    header: Header = meaning("the header, 80 bytes as serialised")
    coinbase: Hex = meaning("the coinbase transaction, serialised without witness")
    path: list[Hash] = meaning("Merkle path of the coinbase, in the order of hashing")


class PoolPayout(Body):
    """Coins credited for work."""

    pool: Identity = meaning("the pool")
    account: Name = meaning("account at the pool")
    method: Literal["fpps", "pplns", "tides", "solo"] = meaning("rule that it is paid by")
    work: Natural = meaning("work paid for, in difficulties")
    network_difficulty_e8: Natural | None = optional("difficulty of the network × 10^8")
    subsidy: Natural | None = optional("subsidy of a block [sat]")
    fees: Natural | None = optional("fees of a block in the pool's base [sat]")
    fee_ppm: Natural = meaning("what the pool keeps [ppm]")
    window_work: Natural | None = optional("work of all in the window (pplns, tides)")
    block_reward: Natural | None = optional("reward of the block shared out [sat]")
    amount: Natural = meaning("coins credited [sat]")
    txid: Hash | None = optional("transaction that pays it")
    vout: Natural | None = optional("number of the output")
    script: Hex | None = optional("script that it pays to")


class ChainHeader(Body):
    """A block of the public chain."""

    height: Natural = meaning("its height")
    header: Header = meaning("its header, 80 bytes in hex")


class Claim(Body):
    """What somebody says, with where it comes from."""

    by: Name = meaning("who says it")
    about: Name = meaning("what it is about")
    text: Text = meaning("what is said")
    sources: list[Text] = meaning("where it can be read")


class Access(Body):
    """An inspection asked for, and what became of it."""

    by: Name = meaning("who asked")
    place: Name = meaning("where to")
    outcome: Literal["granted", "delayed", "refused"] = meaning("what became of it")
    asked: Instant = meaning("when it was asked for")
    until: Instant | None = optional("until when it is delayed")


class Gap(Body):
    """Numbers of a source that never reached the log."""

    kind: Literal["gap"] = meaning("what it states")
    of: Identity = meaning("the source")
    first: Natural = meaning("first number that is missing")
    last: Natural = meaning("last number that is missing")


class Reconciliation(Body):
    """What the tests of a period found."""

    kind: Literal["reconciliation"] = meaning("what it states")
    inputs: Inputs = meaning("entries that it was computed from")
    period: Period = meaning("time that it is about")
    results: list[dict[str, Any]] = meaning("one table for each test, see reconciliation.md")


class Settlement(Body):
    """Who gets what."""

    kind: Literal["settlement"] = meaning("what it states")
    inputs: Inputs = meaning("entries that it was computed from")
    period: Period = meaning("time that it is about")
    blob: Blob = meaning("the statement itself")


class Notice(Body):
    """Something all should know."""

    kind: Literal["notice"] = meaning("what it states")
    text: Text = meaning("the notice")


Statement = Annotated[Gap | Reconciliation | Settlement | Notice, Field(discriminator="kind")]


class Correction(Body):
    """What an earlier entry should have said; the earlier one stays."""

    index: Natural = meaning("index of the entry that is corrected")
    of: Hash = meaning("its leaf hash")
    body: dict[str, Any] = meaning("its body as it should be")

    @model_validator(mode="after")
    def _has_a_reason(self) -> Self:
        if not self.reason:
            raise ValueError("a correction gives its reason")
        return self


class SourceHead(Body):
    """Nothing: it is signed, and vouches for all of its source's events before it."""
