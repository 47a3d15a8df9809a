"""Rules of law against a party or a mine: which legs they block, until when, in which years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from baseload.case.gates import bars_in_force, bars_naming
from baseload.case.schema import Tree
from baseload.case.sharing import Mining, Sharing
from baseload.plan.ensemble.result import Ensemble
from baseload.plan.prospect.result import Leg
from baseload.plan.prospect.whole import Whole

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

HOURS_PER_YEAR = 8_766.0


def legs(whole: Whole, terms: Sharing, shares: dict[str, float], party: str) -> tuple[Leg, ...]:
    """Return what a party would get or do, each with the bars in force on the first day.

    Parameters
    ----------
    whole, terms : the alternative and the terms.
    shares : of energy on the first day.
    party : its id.
    """
    tree = whole.tree
    force = bars_in_force(tree, tree.case.start)
    mines = tuple(f"mine.{name}" for name in whole.mines)
    found = []
    for what, mining in _doings(whole, terms, shares, party):
        named = bars_naming(tree, (f"party.{party}", *(mines if mining else ())))
        blocked = tuple(bar for bar in named if bar in force)
        until = "; ".join(f"{bar} {ending(tree, bar)}" for bar in blocked)
        found.append(Leg(what, blocked, until, held=not set(blocked).isdisjoint(terms.escrow)))
    return tuple(found)


def ending(tree: Tree, bar: str) -> str:
    """Say until when a bar holds."""
    lifting = [name for name, gate in tree.gate.items() if bar in gate.lifts]
    day = tree.bar[bar].until
    ends = [str(day)] if day else []
    ends += [f"gate {name}" for name in lifting]
    return f"until {' or '.join(ends)}" if ends else "without an end"


def held_years(ensemble: Ensemble, tree: Tree, bars: Iterable[str]) -> Booleans:
    """Tell in which years any of some bars is in force on at least a day, shape (S, Y).

    Notes
    -----
    A bar holds from its first day until its end or, in a future, until the first gate that lifts
    it opens. A year in which it still holds for a time counts as a whole.
    """
    clock = ensemble.case.clock
    edges = np.asarray(clock.year_starts) * clock.step / HOURS_PER_YEAR
    held = np.zeros((ensemble.scenarios, len(edges) - 1), dtype=bool)
    opens = dict(zip(ensemble.gates, ensemble.of("gate_open"), strict=True))
    for name in bars:
        bar = tree.bar[name]
        lifted = [opens[gate] for gate, entry in tree.gate.items() if name in entry.lifts]
        end = np.full(ensemble.scenarios, _years(clock.start, bar.until))
        for opening in lifted:
            end = np.minimum(end, opening)
        begun = _years(clock.start, bar.since) < edges[1:]
        held |= begun & (end[:, None] > edges[:-1])
    return held


def holding(tree: Tree, terms: Sharing, subject: str) -> tuple[str, ...]:
    """Return the bars that name a subject and keep its money in escrow under the terms."""
    return tuple(bar for bar in bars_naming(tree, (subject,)) if bar in terms.escrow)


def _years(start: dt.date, day: dt.date | None) -> float:
    return np.inf if day is None else (day - start).days * 24.0 / HOURS_PER_YEAR


def _doings(
    whole: Whole, terms: Sharing, shares: dict[str, float], party: str
) -> Iterator[tuple[str, bool]]:
    """Yield what a party gets or does, and whether it is of the mine."""
    none = True
    for what, mining in (
        *_of_plant(terms, shares, party),
        *(_of_mine(terms.mine or Mining(), shares, party) if whole.mines else ()),
    ):
        none = False
        yield what, mining
    if none:
        yield "takes part", False


def _of_plant(terms: Sharing, shares: dict[str, float], party: str) -> Iterator[tuple[str, bool]]:
    costs, supply = terms.costs, terms.obligation
    if shares.get(party):
        yield f"{_percent(shares[party])} of the energy", False
    if costs.fixed and costs.fixed.get(party):
        yield f"pays {_percent(costs.fixed[party])} of the fixed costs", False
    if costs.imports and costs.imports.get(party):
        yield f"pays {_percent(costs.imports[party])} of the power drawn", False
    if supply is not None and supply.to == party:
        yield "is supplied under the obligation", False
    if supply is not None and supply.by and supply.by.get(party):
        yield f"delivers {_percent(supply.by[party])} of the obligation", False
    for cession in terms.cession:
        if party in (cession.by, cession.to):
            verb = "cedes" if party == cession.by else "takes over"
            yield f"{verb} unused energy at {cession.price:g} USD/MWh", False
    for sale in terms.sale:
        if party == sale.to:
            yield f"buys {_percent(sale.share)} of sales at {sale.price:g} USD/MWh", False
        if party == sale.operator and sale.margin:
            yield f"margin of {sale.margin:g} USD/MWh on sales", False
    for fee in terms.fee:
        if party == fee.to:
            yield f"fee of {fee.price:g} USD/MWh {fee.on}", fee.on == "mined"


def _of_mine(mining: Mining, shares: dict[str, float], party: str) -> Iterator[tuple[str, bool]]:
    owner = shares if mining.owner is None else mining.owner
    coins, site = (
        (owner if given is None else given).get(party, 0.0)
        for given in (mining.hashrate, mining.infrastructure)
    )
    shown = [(coins, "of the mine")]
    if coins != site:
        shown = [(coins, "of the coins"), (site, "of the mine's infrastructure")]
    for share, what in shown:
        if share:
            yield f"{_percent(share)} {what}", True
    if mining.royalty.get(party):
        yield f"royalty of {_percent(mining.royalty[party])} of the coins", True


def _percent(share: float) -> str:
    return f"{100.0 * share:.3g} %"
