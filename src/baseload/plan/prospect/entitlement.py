"""Whose energy it is, and to which use it goes: the same whatever the order of the parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baseload.case.clock import Clock
from baseload.case.sharing import Cession, Entitlement, Shares, Sharing
from baseload.plan.prospect.whole import Whole

Floats = NDArray[np.float64]

USES: Mapping[str, tuple[str, ...]] = {
    "market": ("exported",),
    "obligation": ("obligations",),
    "mine": ("mined",),
    "lost": ("curtailed", "storage_loss"),
}
"""Uses of energy beyond the house load, each with the flows it sums."""


@dataclass(frozen=True)
class Placement:
    """Energy by party, P, future and year, shape (P, S, Y) [MWh].

    Parameters
    ----------
    entitled : shares, shape (P, 1, Y) [-].
    held : what each party has after cessions.
    ceded : by the place of each cession in the terms, shape (S, Y) [MWh].
    by_use : where it goes, by the names of USES; sums to `held` over uses.
    """

    entitled: Floats
    held: Floats
    ceded: tuple[Floats, ...]
    by_use: Mapping[str, Floats]

    def share(self, use: str, otherwise: Floats | None = None) -> Floats:
        """Share of each party in a use; where the use takes nothing, as entitled [-]."""
        fallback = self.entitled if otherwise is None else otherwise
        return proportions(self.by_use[use], fallback)

    @property
    def taken(self) -> Floats:
        """Share of each party in all energy it takes; as entitled where there is none [-]."""
        return proportions(self.held, self.entitled)


def place(
    whole: Whole, terms: Sharing, steps: Sequence[Entitlement], who: Sequence[str]
) -> Placement:
    """Place every party's energy.

    Parameters
    ----------
    whole : what there is.
    terms : of the arrangement.
    steps : entitlement over time.
    who : parties, P.

    Notes
    -----
    First the obligations, by whom the terms make deliver them, as far as their energy goes; then
    the uses that parties want for themselves; then the rest of everyone's energy goes to the
    rest of every use in proportion. Where more is wanted than a use takes, it is shared in
    proportion to what is wanted.
    """
    entitled = by_year(steps, whole.case.clock, who)
    uses = np.stack([sum(whole.flows[flow] for flow in flows) for flows in USES.values()])
    held, ceded = _cede(entitled * uses.sum(axis=0), terms.cession, whole.hours, who)
    left, room = held.copy(), uses.copy()
    placed = np.zeros((len(USES), *held.shape))
    order = list(USES)
    if terms.obligation is not None and terms.obligation.by is not None:
        bearing = vector(terms.obligation.by, who)
        use = order.index("obligation")
        _fill(np.minimum(bearing * room[use], left), use, left, room, placed)
    for use, name in enumerate(order):
        wants = np.array([terms.use.get(party) == name for party in who])
        if wants.any():
            _fill(left * wants[:, None, None], use, left, room, placed)
    open_room = room.sum(axis=0)
    rates = np.divide(room, open_room, out=np.zeros_like(room), where=open_room > 0)
    placed += left * rates[:, None]
    return Placement(entitled, held, ceded, dict(zip(order, placed, strict=True)))


def by_year(steps: Sequence[Entitlement], clock: Clock, who: Sequence[str]) -> Floats:
    """Shares by year, (P, 1, Y): a step within a year counts by its part of the year's hours."""
    starts = clock.year_starts
    bounds = [0 if step.since is None else clock.position(step.since) for step in steps]
    shares = np.zeros((len(who), 1, len(starts) - 1))
    for step, first, last in zip(steps, bounds, [*bounds[1:], len(clock)], strict=True):
        within = np.minimum(last, starts[1:]) - np.maximum(first, starts[:-1])
        shares += vector(step.share, who) * np.clip(within, 0, None) / np.diff(starts)
    return shares


def vector(shares: Shares, who: Sequence[str]) -> Floats:
    """Shares of the parties, (P, 1, 1), made to sum to one exactly where thirds are rounded."""
    listed = np.array([shares.get(party, 0.0) for party in who])
    return np.asarray(listed / listed.sum())[:, None, None]


def proportions(amounts: Floats, otherwise: Floats) -> Floats:
    """Each party's part of the sum over parties; given shares where the sum is nothing."""
    total = amounts.sum(axis=0)
    fallback = np.broadcast_to(otherwise, amounts.shape).copy()
    np.divide(amounts, total, out=fallback, where=total > 0)
    return np.asarray(fallback)


def _cede(
    held: Floats, cessions: Sequence[Cession], hours: Floats, who: Sequence[str]
) -> tuple[Floats, tuple[Floats, ...]]:
    """Move what a party does not keep; each cession counts from what its party is entitled to."""
    after, moved = held.copy(), []
    for cession in cessions:
        source = who.index(cession.by)
        amount = np.clip(held[source] - cession.keeps * hours, 0.0, None)
        after[source] -= amount
        after[who.index(cession.to)] += amount
        moved.append(amount)
    return after, tuple(moved)


def _fill(wanted: Floats, use: int, left: Floats, room: Floats, placed: Floats) -> None:
    """Place what is wanted in a use, all alike cut to what there is room for."""
    total = wanted.sum(axis=0)
    part = np.divide(room[use], total, out=np.ones_like(total), where=total > room[use])
    amount = wanted * part
    placed[use] += amount
    left -= amount
    room[use] = np.clip(room[use] - amount.sum(axis=0), 0.0, None)
