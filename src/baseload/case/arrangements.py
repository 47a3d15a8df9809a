"""Checks on arrangements: parties, alternatives and bars that exist, shares that are whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise

from baseload.case.checks import known
from baseload.case.entry import Entry
from baseload.case.errors import InputError
from baseload.case.schema import Arrangement, Party
from baseload.case.sharing import (
    RESERVED,
    UNSETTLED,
    Cession,
    Mining,
    Sale,
    Shares,
    Sharing,
    parts,
    shares_of,
    takers,
)

# Three shares of "33.3 %" are meant to be the whole.
_SHARE_TOLERANCE = 2e-3

Key = tuple[str | int, ...]
Place = Callable[[Key], str]
"""Where a key of arrangements.toml stands, for an error."""


@dataclass(frozen=True, slots=True)
class Names:
    """Ids that an arrangement may name."""

    parties: Mapping[str, Party]
    alternatives: Collection[str]
    bars: Collection[str]


def check_arrangements(arrangements: Mapping[str, Arrangement], names: Names, place: Place) -> None:
    """Check every arrangement.

    Raises
    ------
    InputError
        At the first party, alternative or bar that does not exist, or share that is not whole.
    """
    for party in names.parties:
        if party in RESERVED:
            raise InputError(
                place(("party", party)),
                expected=f"an id that is not reserved; {' and '.join(RESERVED)} are",
                found=f'"{party}"',
                mend="choose another id",
            )
    for name, arrangement in arrangements.items():
        _Checking(arrangement, names, ("arrangement", name), place).all()


@dataclass(frozen=True, slots=True)
class _Checking:
    arrangement: Arrangement
    names: Names
    key: Key
    place: Place

    def where(self, *key: str | int) -> str:
        return self.place((*self.key, *key))

    def all(self) -> None:
        entry = self.arrangement
        for name in ("parties", "left_out", "energy"):
            for party in getattr(entry, name) or ():
                known(party, self.names.parties, "a party", self.where(name))
        if entry.energy:
            self.whole(entry.energy, "or leave them out and say the rule in energy_rule", "energy")
        for party in entry.energy or ():
            self.not_left_out(party, "energy")
        if entry.alternative is not None:
            self.alternative(entry.alternative)
        if entry.terms is not None:
            self.terms(entry.terms)

    def alternative(self, name: str) -> None:
        known(name, self.names.alternatives, "an alternative", self.where("alternative"))
        terms = self.arrangement.terms
        if not self.arrangement.energy and not (terms and terms.entitlement):
            raise InputError(
                self.where("alternative"),
                expected="shares of energy, to tell prospects of",
                found="neither energy nor terms.entitlement",
                mend="add [[arrangement.….terms.entitlement]]; where the proposal is silent, with "
                'status = "assumed"',
            )

    def terms(self, terms: Sharing) -> None:
        for party in takers(terms):
            if party != UNSETTLED:
                self.taker(party)
        for key, entry in parts(terms):
            for name, shares in shares_of(entry):
                self.whole(shares, f'or give the rest to "{UNSETTLED}"', "terms", *key, name)
            self.one(entry, key)
        for number, bar in enumerate(terms.escrow):
            known(bar, self.names.bars, "a bar", self.where("terms", "escrow", number))
        self.steps(terms)
        sold = {f"{sale.to} ({place + 1})": sale.share for place, sale in enumerate(terms.sale)}
        self.at_most_all(sold, "terms", "sale")
        if len({cession.by for cession in terms.cession}) < len(terms.cession):
            raise self.wrong("terms", "cession", expected="one cession by each party", found="two")

    def taker(self, party: str) -> None:
        known(party, self.names.parties, "a party", self.where("terms"))
        self.not_left_out(party, "terms")

    def not_left_out(self, party: str, name: str) -> None:
        if party in self.arrangement.left_out:
            raise InputError(
                self.where(name),
                expected="parties that the arrangement does not leave out",
                found=f'"{party}", which it leaves out',
                mend=f"take it out of left_out, or out of {name}",
            )

    def one(self, entry: Entry, key: Key) -> None:
        """Check what one term says of itself."""
        for name in ("to", "by", "operator"):
            if getattr(entry, name, None) == UNSETTLED:
                raise self.wrong("terms", *key, name, expected="a party", found=f'"{UNSETTLED}"')
        if isinstance(entry, Cession) and entry.by == entry.to:
            raise self.wrong("terms", *key, expected="two parties", found=f'"{entry.by}" twice')
        if isinstance(entry, Sale) and entry.margin > 0 and entry.operator is None:
            raise self.wrong("terms", *key, expected="an operator for the margin", found="none")
        if isinstance(entry, Mining):
            self.at_most_all(entry.royalty, "terms", *key, "royalty")

    def steps(self, terms: Sharing) -> None:
        days = [step.since for step in terms.entitlement]
        dated = [day for day in days[1:] if day is not None]
        if days and (
            len(dated) < len(days) - 1
            or days[0] is not None
            or any(after <= before for before, after in pairwise(dated))
        ):
            raise self.wrong(
                "terms",
                "entitlement",
                expected="a first step without since, then steps by rising dates",
                found=", ".join(str(day or "no date") for day in days),
            )

    def whole(self, shares: Shares, mend: str, *key: str | int) -> None:
        if abs(sum(shares.values()) - 1) > _SHARE_TOLERANCE:
            raise InputError(
                self.where(*key),
                expected="shares that sum to 100 %",
                found=_listed(shares),
                mend=f"correct the shares, {mend}",
            )

    def at_most_all(self, shares: Shares, *key: str | int) -> None:
        if sum(shares.values()) > 1 + _SHARE_TOLERANCE:
            raise self.wrong(*key, expected="at most 100 %", found=_listed(shares))

    def wrong(self, *key: str | int, expected: str, found: str) -> InputError:
        return InputError(
            self.where(*key), expected=expected, found=found, mend="correct the terms"
        )


def _listed(shares: Shares) -> str:
    listed = ", ".join(f"{party} {share:.1%}" for party, share in shares.items())
    return f"{sum(shares.values()):.1%}: {listed}"
