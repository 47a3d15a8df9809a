"""What the right to decide is worth to the owner of each alternative's mine.

The futures hold the cash of a mine that is begun as soon as its gates open. Cash of a mine begun
later is not in them: other prices of machines and fewer years would be needed. So what is valued
is the right to **decline** when the gates open, and then each year to go on, to mothball or to
stop. The right to build later than that would add to it: the worth is one from below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.plan.cash.accounts import Account
from baseload.plan.worth.information import FOLDS
from baseload.plan.worth.options import Flexibility, Project, State, flexibility
from baseload.plan.worth.regression import Flags, Floats
from baseload.plan.worth.result import Waiting

if TYPE_CHECKING:
    from baseload.plan.ensemble.result import Ensemble

Places = NDArray[np.intp]

IDLE_SHARE = 0.5
"""Share of a mine's yearly fixed cost that remains while it is mothballed; assumed."""
SEEN_BY_THEN = ("plant.", "link.", "area.", "mine.")
"""Unknowns that are known when the gates open, by how their paths begin: of the plant, its lines,
its markets' charges and the offers for machines; not the prices to come."""
MOST_KNOWN = 2
"""Unknowns that a rule looks at: those that go most with the value; more would fit noise."""
FEWEST = 2 * FOLDS
"""Futures with a mine below which no rule can be learned."""


class Opened(NamedTuple):
    """Futures in which the gates of an alternative were made to open.

    Parameters
    ----------
    members : those to be counted, shape (S,).
    weight : of each of them, with mean 1.
    chance : probability that the gates open by themselves [-].
    """

    members: Flags
    weight: Floats
    chance: float


class Mine(NamedTuple):
    """Cash of the mine of one alternative, begun as soon as its gates open.

    Parameters
    ----------
    value : what it adds to each future, discounted to the start, shape (S,) [USD].
    cash : the same by year, not discounted, shape (S, Y) [USD].
    kept : cash of a year in which it is mothballed, shape (S, Y) [USD].
    coins : coins of each year, shape (S, Y) [BTC]; up to its first coins it is being built.
    """

    value: Floats
    cash: Floats
    kept: Floats
    coins: Floats


def waiting(ensemble: Ensemble, opened: Mapping[str, Opened] | None = None) -> tuple[Waiting, ...]:
    """Value the right to decide for every alternative that builds a mine in some future.

    Parameters
    ----------
    ensemble : futures, with the cash of each mine.
    opened : futures to be counted, by alternative, where its gates were made to open.

    Returns
    -------
    One entry for each such alternative, in their order.

    Notes
    -----
    At the beginning of a year the owner sees the price of a bitcoin, the hashprice, the prices of
    power and the plant's surplus of the year before, and from the first year on the two unknowns
    of plant, lines and mine that go most with the mine's value. A mothballed mine earns nothing,
    pays half of its fixed cost (assumed) and still replaces its machines when they are due; one
    that is stopped pays and earns nothing any more, and gives up what its machines would have been
    sold for. Tax is as in the mine that runs on. A rule that does worse than building always or
    never is not followed.
    """
    seen = _seen(ensemble)
    rates = _rates(ensemble)
    found = []
    for name in ensemble.alternatives if opened is None else opened:
        mine = _mine(ensemble, name)
        if np.any(mine.cash):
            one = None if opened is None else opened[name]
            surplus = ensemble.of("surplus", name)[:, :, None]
            known = _known(ensemble, mine.value, one)
            watched = np.concatenate([seen, surplus, known], axis=2)
            found.append(_right(name, mine, watched, rates, one))
    return tuple(found)


def _known(ensemble: Ensemble, value: Floats, opened: Opened | None) -> Floats:
    """Return the unknowns known by then that go most with a mine's value, shape (S, Y, F)."""
    members = value != 0.0 if opened is None else opened.members
    levels = ensemble.of("unknown_level")
    rows = [
        row
        for path, row in zip(ensemble.unknowns, levels, strict=True)
        if path.startswith(SEEN_BY_THEN) and np.ptp(row[members] if members.any() else row) > 0.0
    ]
    going = [abs(float(np.corrcoef(row[members], value[members])[0, 1])) for row in rows]
    first = np.argsort(-np.nan_to_num(going), kind="stable")[:MOST_KNOWN]
    chosen = np.array([rows[place] for place in first]).reshape(len(first), value.size)
    return np.repeat(chosen.T[:, None, :], len(ensemble.years), axis=1)


def _right(
    name: str, mine: Mine, seen: Floats, rates: float | Floats, opened: Opened | None
) -> Waiting:
    if opened is None:
        return decide(name, mine, seen, rates)
    members = opened.members
    rates = np.broadcast_to(np.asarray(rates, dtype=float), members.shape)[members]
    own = Mine(*(part[members] for part in mine))
    right = decide(name, own, seen[members], rates, opened.weight)
    gains = float(np.mean(opened.weight * (own.value > 0.0)))
    return replace(right, chance=opened.chance, gains=gains)


def decide(
    name: str, mine: Mine, seen: Floats, rate: float | Floats, weight: Floats | None = None
) -> Waiting:
    """Value the right to decline, mothball and stop, for one alternative.

    Parameters
    ----------
    name : the alternative.
    mine : its cash.
    seen : mean of each year of what the owner watches, shape (S, Y, F) [any unit].
    rate : discount rate, one or one for each future [1/year].
    weight : of each future, with mean 1, shape (S,); all alike if not given.

    Notes
    -----
    Years are counted in each future from the first one in which money moves, so that a rule is
    learned from all futures with a mine, whenever their gates open; the date is one of the things
    seen. Yearly discounting stands beside the exact value: in a future that builds, what is paid
    is that value plus what mothballing and stopping gain by the year.
    """
    count = mine.value.size
    weight = np.ones(count) if weight is None else weight
    now = float(np.mean(weight * mine.value))
    begun = np.flatnonzero(np.any(mine.cash != 0.0, axis=1))
    if begun.size < FEWEST:
        return _without_rule(name, mine, weight)
    begin = (mine.cash[begun] != 0.0).argmax(axis=1)
    rates = np.broadcast_to(np.asarray(rate, dtype=float), (count,))[begun]
    project = _project(mine, seen, rates, begun, begin)
    found = flexibility(project)
    builds = found.state[:, 0] == State.RUNNING
    value = np.zeros(count)
    value[begun] = np.where(builds, mine.value[begun] + _gain(project, found, begin), 0.0)
    if np.mean(weight * value) < max(0.0, now):
        # A rule that loses by chance is not followed.
        return _without_rule(name, mine, weight)
    built = float(weight[begun][builds].sum() / count)
    return Waiting(name, now, *_mean(weight * value), built)


def _without_rule(name: str, mine: Mine, weight: Floats) -> Waiting:
    """Return what is left to the owner without a rule: building always, or never."""
    now = float(np.mean(weight * mine.value))
    value = mine.value if now > 0.0 else np.zeros(mine.value.size)
    return Waiting(name, now, *_mean(weight * value), float(np.mean(weight * (value != 0.0))))


def _gain(project: Project, found: Flexibility, begin: Places) -> Floats:
    """Return what mothballing and stopping gain over running on, at the start [USD]."""
    factor = 1.0 / (1.0 + np.reshape(project.rate, (-1, 1)))
    years = np.arange(project.running.shape[1]) + project.timing
    held = (project.running * factor**years).sum(axis=1)
    return np.asarray((found.paid - held) * factor[:, 0] ** begin)


def _project(mine: Mine, seen: Floats, rates: Floats, begun: Places, begin: Places) -> Project:
    """Return the decision with years counted from each future's first money."""
    years = mine.cash.shape[1]
    year = begin[:, None] + np.arange(years)
    inside = year < years
    at = (begun[:, None], np.minimum(year, years - 1))
    running = np.where(inside, mine.cash[at], 0.0)
    mining = np.maximum.accumulate(mine.coins > 0.0, axis=1)
    # The year of the first coins is bought and begun: it cannot be slept through any more.
    settled = np.hstack([np.zeros((len(mining), 1), dtype=bool), mining[:, :-1]])
    idle = np.where(inside, np.where(settled[at], mine.kept[at], mine.cash[at]), 0.0)
    before = np.clip(year - 1, 0, years - 1)
    features = seen[begun[:, None], before]
    # Nothing has been seen before the first year: there everyone sees the same.
    features = np.where((year == 0)[:, :, None], seen[:, 0].mean(axis=0), features)
    date = np.repeat(begin[:, None, None].astype(float), years, axis=1)
    cost = np.full(running.shape, np.inf)
    cost[:, 0] = 0.0
    return Project(running, np.concatenate([features, date], axis=2), cost, rates, mothballed=idle)


def _mine(ensemble: Ensemble, name: str) -> Mine:
    def cash(account: Account) -> Floats:
        return ensemble.of("cash", name, account.value)

    kept = IDLE_SHARE * cash(Account.MINE_FIXED_OM) + cash(Account.REPLACEMENT)
    return Mine(
        ensemble.of("mine_value", name),
        ensemble.of("mine_cash", name),
        kept,
        ensemble.of("coins", name),
    )


def _seen(ensemble: Ensemble) -> Floats:
    power = ensemble.of("power_price")
    common = [ensemble.of("bitcoin_price"), ensemble.of("hashprice"), *power]
    return np.stack(common, axis=2)


def _rates(ensemble: Ensemble) -> float | Floats:
    path = "money.discount_rate"
    if path in ensemble.unknowns:
        return np.asarray(ensemble.of("unknown_level")[ensemble.unknowns.index(path)])
    return ensemble.case.tree.money.discount_rate


def _mean(values: Floats) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size))
