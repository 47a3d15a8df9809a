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
)

Role = Literal["observe", "operate", "settle", "inspect", "admin"]


class Party(Part):
    """Who takes part: what it may do, and the key it signs with."""

    id: Identity
    name: Name
    roles: list[Role]
    key: Text


class SourceOf(Part):
    """What writes events: whose it is, its key, and the types it may write."""

    id: Identity
    owner: Identity
    key: Text
    schemas: list[Name]


class Approval(Part):
    """The signature of a party under a change."""

    party: Identity
    sig: Signature


class Change(Body):
    """A change of the rules."""

    approvals: list[Approval]


class Charter(Change):
    """The first entry of a log."""

    kind: Literal["charter"]
    origin: Name
    log_key: Text
    parties: list[Party]
    sources: list[SourceOf]
    policy: Text
    quorum: Natural
    lateness_ms: Natural


class PartyChange(Change):
    """A new party, or a new version of one."""

    kind: Literal["party"]
    party: Party


class SourceChange(Change):
    """A new source, or a new version of one."""

    kind: Literal["source"]
    source: SourceOf


class KeyChange(Change):
    """A key in place of another, signed by both."""

    kind: Literal["key"]
    holder: Text
    old: str
    new: Text
    old_sig: str
    new_sig: Signature


class Revocation(Change):
    """A key that is trusted no more."""

    kind: Literal["revocation"]
    holder: Text
    key: Text


class PolicyChange(Change):
    """Another policy for witnesses."""

    kind: Literal["policy"]
    policy: Text


class Agreement(Change):
    """What the parties agreed on."""

    kind: Literal["agreement"]
    title: Text
    blob: Blob


class Meter(Part):
    """A meter of the site; errors are one sigma, of one interval and of all."""

    id: Identity
    place: Literal["plant", "main", "rack", "aux"]
    random_ppm: Natural
    systematic_ppm: Natural
    group: Name | None = None
    stands_for: Identity | None = None


class Loss(Part):
    """Loss from plant to main: constant + per_terawatt × P² / 10^12, in W."""

    constant: Natural
    per_terawatt: Natural
    sigma_ppm: Natural


class Machines(Part):
    """Energy that hashes take."""

    millijoule_per_terahash: Natural
    sigma_ppm: Natural


class Pool(Part):
    """A pool that the site works for."""

    id: Identity
    method: Literal["fpps", "pplns", "tides", "solo"]
    fee_ppm: Natural
    script: Hex
    tag: Hex
    retained_difficulty: Natural


class Site(Part):
    """What the reconciliation must know."""

    interval_ms: Natural
    meters: list[Meter]
    loss: Loss
    machines: Machines
    pools: list[Pool]
    false_alarm_ppm: Natural
    scale_bits: Natural | None = None


class SiteChange(Change):
    """Another description of the site."""

    kind: Literal["site"]
    site: Site


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
