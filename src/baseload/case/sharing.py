"""The terms of an arrangement: who is entitled to what, who pays what, who supplies whom.

Every term is data and none is privileged: a half each (S1), thirds (S2), cost by share and by
energy taken (K03), supply with damages (K04), an unused share ceded at a set price (K05), coins
by hashrate and power by infrastructure (K06). References are ids of the case ``zaporizhzhia``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, Field

from baseload.case.entry import Cost, Date, EnergyPrice, Entry, Power, Share

UNSETTLED = "unsettled"
"""Stands for a party wherever the proposal leaves open who gets or pays a share."""

ESCROW = "escrow"
"""Stands for the account that keeps a party's money while a bar forbids paying it."""

RESERVED = (UNSETTLED, ESCROW)

Shares = dict[str, Share]


class Entitlement(Entry):
    """Shares of the plant's energy from a day on."""

    share: Shares = Field(description="share of the energy by party")
    since: Date | None = Field(None, description="first day; only the first step may have none")


class Costs(Entry):
    """Who pays what the plant costs whatever it makes; fuel is paid by the energy taken (K03)."""

    fixed: Shares | None = Field(
        None, description="of staff, upkeep and investment in the plant; none: as entitled"
    )
    imports: Shares | None = Field(
        None, description="of power drawn by the standing plant; none: as the fixed costs"
    )


class Supply(Entry):
    """Energy owed under the obligations of the alternative (K04)."""

    to: str = Field(description="party that is supplied")
    by: Shares | None = Field(
        None, description="who delivers and bears the damages; none: as entitled"
    )
    price: EnergyPrice | None = Field(
        None, description="paid for a MWh at the busbar; none: the price of the case"
    )
    damages: Cost | None = Field(
        None, description="for a MWh not delivered; none: the shortfall price of the case"
    )


class Cession(Entry):
    """A share that its party does not use itself goes to another at a set price (K05)."""

    by: str = Field(description="party that cedes")
    to: str = Field(description="party that takes, and pays fuel for what it takes")
    keeps: Power = Field(0.0, description="mean power that the ceding party uses itself")
    price: EnergyPrice = Field(description="paid for a MWh ceded")


class Sale(Entry):
    """Part of what goes to the market is sold at a tariff to an off-taker, who sells it on."""

    to: str = Field(description="off-taker")
    share: Share = Field(1.0, description="of all energy on the market, by every seller alike")
    price: EnergyPrice = Field(description="tariff, paid for a MWh at the busbar")
    margin: Cost = Field(0.0, description="part of the tariff that goes to the operator")
    operator: str | None = Field(None, description="party that receives the margin")


class Fee(Entry):
    """What an operator gets for each MWh, from whoever takes the energy."""

    to: str = Field(description="party that receives it")
    on: Literal["generated", "mined"] = Field("generated", description="energy it counts")
    price: Cost = Field(description="for each MWh")


class Mining(Entry):
    """Who owns the mine: coins by hashrate, power and site by infrastructure (K06)."""

    owner: Shares | None = Field(
        None, description="of tax and loan, and of all that follows if not said; none: as entitled"
    )
    hashrate: Shares | None = Field(
        None, description="of coins, pool fee and machines; none: as the owners"
    )
    infrastructure: Shares | None = Field(
        None, description="of site, running cost and power; none: as the owners"
    )
    power_price: EnergyPrice | None = Field(
        None, description="paid for a MWh to whose energy it is; none: the price of the case"
    )
    royalty: Shares = Field(
        default_factory=dict, description="of the coins' worth, paid by the hashrate's owners"
    )


class Sharing(Entry):
    """The terms of an arrangement; what is not written holds as each attribute says."""

    entitlement: tuple[Entitlement, ...] = Field(
        (), description="shares of energy, step by step; none: the arrangement's energy"
    )
    use: dict[str, Literal["market", "mine", "obligation"]] = Field(
        default_factory=dict,
        description="where a party's energy goes first; others fill what remains alike",
    )
    costs: Costs = Field(default_factory=lambda: Costs(), description="costs of the plant")
    obligation: Supply | None = Field(None, description="supply under the obligations")
    cession: tuple[Cession, ...] = Field((), description="shares ceded")
    sale: tuple[Sale, ...] = Field((), description="energy sold at a tariff")
    fee: tuple[Fee, ...] = Field((), description="fees of operators")
    mine: Mining | None = Field(None, description="who owns the mine; none: as entitled")
    escrow: tuple[str, ...] = Field(
        (), description="bars that keep a party's money in escrow; others are only named"
    )


def parts(terms: Sharing) -> Iterator[tuple[tuple[str | int, ...], Entry]]:
    """Yield every term that is written, with its key below ``terms``."""
    yield from _below((), terms)


def _below(
    key: tuple[str | int, ...], entry: Entry
) -> Iterator[tuple[tuple[str | int, ...], Entry]]:
    yield key, entry
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        inner = enumerate(value) if isinstance(value, tuple) else ((None, value),)
        for number, part in inner:
            if isinstance(part, Entry):
                yield from _below((*key, name) if number is None else (*key, name, number), part)


def shares_of(entry: BaseModel) -> Iterator[tuple[str, Shares]]:
    """Yield the shares of a term that must sum to 100 %, by the names of their attributes."""
    for name in ("share", "fixed", "imports", "by", "owner", "hashrate", "infrastructure"):
        value = getattr(entry, name, None)
        if isinstance(value, dict):
            yield name, value


def takers(terms: Sharing) -> tuple[str, ...]:
    """Return every party that the terms name, in the order in which they stand."""
    named: list[str] = list(terms.use)
    for _, entry in parts(terms):
        for _, shares in shares_of(entry):
            named += shares
        if isinstance(entry, Mining):
            named += entry.royalty
        for name in ("to", "by", "operator"):
            value = getattr(entry, name, None)
            if isinstance(value, str):
                named.append(value)
    return tuple(dict.fromkeys(named))
