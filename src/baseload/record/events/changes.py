"""Bodies of ``rule.change/1``: who takes part, who may write what, and what was agreed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from baseload.record.events.bodies import Body
from baseload.record.events.fields import (
    Blob,
    Hex,
    Identity,
    Name,
    Natural,
    Part,
    Signature,
    Text,
    meaning,
    optional,
)

Role = Literal["observe", "operate", "settle", "inspect", "admin"]


class Party(Part):
    """Who takes part: what it may do, and the key it signs with."""

    id: Identity = meaning("its name in the log")
    name: Name = meaning("its name for people")
    roles: list[Role] = meaning("what it may do")
    key: Text = meaning("verifier key, whose name is the id")


class SourceOf(Part):
    """What writes events: whose it is, its key, and the types it may write."""

    id: Identity = meaning("its name in the log")
    owner: Identity = meaning("party that it belongs to")
    key: Text = meaning("verifier key, whose name is the id")
    schemas: list[Name] = meaning("types that it may write")


class Approval(Part):
    """The signature of a party under a change."""

    party: Identity = meaning("an administrator")
    sig: Signature = meaning("its signature of the body without `approvals`")


class Change(Body):
    """A change of the rules."""

    approvals: list[Approval] = meaning("administrators that agree, as many as `quorum` asks for")


class Charter(Change):
    """The first entry of a log."""

    kind: Literal["charter"] = meaning("what changes")
    origin: Name = meaning("name of the log")
    log_key: Text = meaning("verifier key of the log")
    parties: list[Party] = meaning("who takes part")
    sources: list[SourceOf] = meaning("what writes")
    policy: Text = meaning("witnesses, as tlog-policy")
    quorum: Natural = meaning("administrators that must approve a change, two or more")
    lateness_ms: Natural = meaning("time that an entry may take to the log [ms]")


class PartyChange(Change):
    """A new party, or a new version of one."""

    kind: Literal["party"] = meaning("what changes")
    party: Party = meaning("the party")


class SourceChange(Change):
    """A new source, or a new version of one."""

    kind: Literal["source"] = meaning("what changes")
    source: SourceOf = meaning("the source")


class KeyChange(Change):
    """A key in place of another, signed by both."""

    kind: Literal["key"] = meaning("what changes")
    holder: Text = meaning("`party:ID`, `source:ID`, `log:` or `witness:NAME`")
    old: str = meaning("verifier key in force; empty where it was revoked before")
    new: Text = meaning("verifier key from the next entry on")
    old_sig: str = meaning("signature of `holder`, `new`, `old` by the old key; empty without one")
    new_sig: Signature = meaning("signature of the same by the new key")


class Revocation(Change):
    """A key that is trusted no more."""

    kind: Literal["revocation"] = meaning("what changes")
    holder: Text = meaning("whose key it is, as above")
    key: Text = meaning("the verifier key")


class PolicyChange(Change):
    """Another policy for witnesses."""

    kind: Literal["policy"] = meaning("what changes")
    policy: Text = meaning("witnesses, as tlog-policy")


class Agreement(Change):
    """What the parties agreed on."""

    kind: Literal["agreement"] = meaning("what changes")
    title: Text = meaning("its title")
    blob: Blob = meaning("its text")


class Meter(Part):
    """A meter of the site; errors are one sigma, of one interval and of all."""

    id: Identity = meaning("its name in readings")
    place: Literal["plant", "main", "rack", "aux"] = meaning("where it counts")
    random_ppm: Natural = meaning("random error of one interval, one sigma [ppm]")
    systematic_ppm: Natural = meaning("error common to all intervals, one sigma [ppm]")
    group: Name | None = optional("meters of one group have their systematic error in common")
    stands_for: Identity | None = optional("meter that it checks, by counting the same")


class Loss(Part):
    """Loss from plant to main: constant + per_terawatt × P² / 10^12, in W."""

    constant: Natural = meaning("at no load [W]")
    per_terawatt: Natural = meaning("factor of P² / 10^12 [W]")
    sigma_ppm: Natural = meaning("its error, one sigma of it [ppm]")


class Machines(Part):
    """Energy that hashes take."""

    millijoule_per_terahash: Natural = meaning("efficiency at the racks; 17.5 J/TH is 17500")
    sigma_ppm: Natural = meaning("its error, one sigma of it [ppm]")


class Pool(Part):
    """A pool that the site works for."""

    id: Identity = meaning("its name in shares and payouts")
    method: Literal["fpps", "pplns", "tides", "solo"] = meaning("rule that it pays by")
    fee_ppm: Natural = meaning("what it keeps [ppm]")
    script: Hex = meaning("script that it pays to")
    tag: Hex = meaning("bytes that the coinbase of every share of this site holds")
    retained_difficulty: Natural = meaning("difficulty from which on shares are kept whole")


class Site(Part):
    """What the reconciliation must know."""

    interval_ms: Natural = meaning("length of a metering interval [ms]")
    meters: list[Meter] = meaning("meters with their errors")
    loss: Loss = meaning("from plant to main")
    machines: Machines = meaning("energy that hashes take")
    pools: list[Pool] = meaning("pools that it works for")
    false_alarm_ppm: Natural = meaning("false alarms in a year, all tests together; 50000 is 5 %")
    scale_bits: Natural | None = optional(
        "of synthetic records: one hash stands for 2^scale_bits, so that shares can be made"
    )


class SiteChange(Change):
    """Another description of the site."""

    kind: Literal["site"] = meaning("what changes")
    site: Site = meaning("what the reconciliation must know")


RuleChange = Annotated[
    Charter
    | PartyChange
    | SourceChange
    | KeyChange
    | Revocation
    | PolicyChange
    | Agreement
    | SiteChange,
    Field(discriminator="kind"),
]
