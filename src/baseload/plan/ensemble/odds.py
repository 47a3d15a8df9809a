"""The odds of every alternative over the same futures: what table, report and summary tell."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baseload.case.gates import needed_gates
from baseload.plan.ensemble.estimates import (
    LEVELS,
    Estimate,
    Floats,
    Spread,
    difference,
    mean,
    quantile,
    share,
    spread,
)
from baseload.plan.ensemble.result import Ensemble
from baseload.plan.outcome import FLOWS

NOTHING = "nothing"
"""Name of the choice that is always there: to build no mine, which adds nothing."""

HOURS_PER_YEAR = 8766.0

FEWEST = 20
"""Futures below which not one lies in the worst 5 %."""


@dataclass(frozen=True)
class Odds:
    """What one alternative comes to over all futures.

    Parameters
    ----------
    name : of the alternative, or NOTHING.
    built : share of futures in which any of its mines is ever built [-].
    value : what its mine adds; 0 in futures in which it is not built [USD].
    if_built : the same over the futures in which it is built; None where there is none [USD].
    npv : net present value of all parties; None for NOTHING [USD].
    mine_mw : median power of its mines, if built [MW].
    investment : undiscounted spending on the mine, if built [USD]; None where never built.
    first_mining : time from the start to the first coin at the levels of LEVELS, if built
        [years of 8,766 h]; empty where never built.
    coins : mean over the horizon, if built [BTC/year]; None where never built.
    to_best : by how much its value differs from that of the best choice, in the same futures
        [USD].
    """

    name: str
    built: Estimate
    value: Spread
    if_built: Spread | None
    npv: Spread | None
    mine_mw: float
    investment: Estimate | None
    first_mining: tuple[Estimate, ...]
    coins: Estimate | None
    to_best: Estimate

    @property
    def ever_built(self) -> bool:
        """Whether its mine is built in any future."""
        return self.if_built is not None

    @property
    def few(self) -> bool:
        """Whether it is built in too few futures to tell its 5 % and 95 % quantile."""
        return self.if_built is not None and self.if_built.count < FEWEST

    @property
    def clear(self) -> bool:
        """Whether the mean value is more than two of its standard errors away from nothing.

        Never where it is built in a few futures only: the error itself is then a guess.
        """
        return not self.few and abs(self.value.mean.value) > 2 * self.value.mean.error


def ranked(ensemble: Ensemble) -> list[Odds]:
    """Return the odds of all choices, that of doing nothing included, best first.

    Parameters
    ----------
    ensemble : the alternatives in their futures.

    Notes
    -----
    The order is that of the expected value added, which for NOTHING is 0; where two are equal,
    NOTHING comes first and the others follow in the order of the case.
    """
    values = {NOTHING: np.zeros(ensemble.scenarios)}
    values |= {name: ensemble.of("mine_value", name) for name in ensemble.alternatives}
    order = sorted(values, key=lambda name: -float(values[name].mean()))
    best = values[order[0]]
    return [_odds(ensemble, name, values[name], best) for name in order]


def leader(odds: Iterable[Odds]) -> Odds | None:
    """Return the first of ranked odds whose mine is ever built; None where none is."""
    return next((each for each in odds if each.ever_built), None)


def _odds(ensemble: Ensemble, name: str, values: Floats, best: Floats) -> Odds:
    to_best = difference(values, best)
    if name == NOTHING:
        never = Estimate(0.0, 0.0)
        return Odds(name, never, spread(values), None, None, 0.0, None, (), None, to_best)
    power, built = ensemble.of("mine_mw", name), built_in(ensemble, name)
    chance = share(built)
    npv = spread(ensemble.of("npv", name))
    if not built.any():
        return Odds(name, chance, spread(values), None, npv, 0.0, None, (), None, to_best)
    coins = ensemble.of("coins", name).sum(axis=1)[built] / horizon(ensemble)
    first = ensemble.of("first_mining", name)
    first = first[np.isfinite(first)]
    return Odds(
        name,
        chance,
        spread(values),
        spread(values[built]),
        npv,
        float(np.median(power[built])),
        mean(ensemble.of("investment", name)[built]),
        tuple(quantile(first, level) for level in LEVELS) if first.size else (),
        mean(coins),
        to_best,
    )


def horizon(ensemble: Ensemble) -> float:
    """Return the length of the horizon [years of 8,766 h]."""
    frame = ensemble.case.tree.case
    return (frame.end - frame.start).days * 24 / HOURS_PER_YEAR


def day_of(ensemble: Ensemble, years: float) -> dt.date:
    """Return the day that lies some time after the start [years of 8,766 h]."""
    return ensemble.case.tree.case.start + dt.timedelta(hours=years * HOURS_PER_YEAR)


# --- stages --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """Something that has to happen, and in what share of futures it has by the end of each year.

    Parameters
    ----------
    kind : 'gate', 'stage', 'all gates' or 'mine'.
    name : of the gate, of the stage, or of the alternative.
    by_year : shape (Y,) [-].
    """

    kind: str
    name: str
    by_year: Floats


def funnel(ensemble: Ensemble, alternative: str) -> tuple[Step, ...]:
    """Return how far an alternative has come by the end of each year.

    Returns
    -------
    The gates that it needs and those before them, the likeliest first; then the stages of the
    case, each with all needed gates of it and of the stages before; then all gates together, and
    the first coin.
    """
    tree = ensemble.case.tree
    needed = needed_gates(tree, ensemble.case.alternatives[alternative].needs)
    opens = {
        name: ensemble.of("gate_open")[index]
        for index, name in enumerate(ensemble.gates)
        if name in needed
    }
    ends = year_ends(ensemble)
    gates = [Step("gate", name, open_by(times, ends)) for name, times in opens.items()]
    gates.sort(key=lambda step: tuple(-step.by_year[::-1]))
    steps = [*gates, *_stages(ensemble, opens, ends)]
    if opens:
        whole = np.max(list(opens.values()), axis=0)
        steps.append(Step("all gates", alternative, open_by(whole, ends)))
    mining = ensemble.of("first_mining", alternative)
    return (*steps, Step("mine", alternative, open_by(mining, ends)))


def _stages(ensemble: Ensemble, opens: dict[str, Floats], ends: Floats) -> list[Step]:
    tree = ensemble.case.tree
    if tree.stages is None:
        return []
    steps, reached = [], np.full(ensemble.scenarios, -np.inf)
    for stage in tree.stages.order:
        gates = [times for name, times in opens.items() if tree.gate[name].stage == stage]
        if gates:
            reached = np.maximum(reached, np.max(gates, axis=0))
            steps.append(Step("stage", stage, open_by(reached, ends)))
    return steps


def open_by(times: Floats, ends: Floats) -> Floats:
    """Return in what share of futures something has happened by each of some times.

    Parameters
    ----------
    times : when it happens in each future; infinite or NaN if never, shape (S,).
    ends : times to look at, shape (Y,).
    """
    return np.asarray((times[:, None] <= ends[None, :]).mean(axis=0), np.float64)


def year_ends(ensemble: Ensemble) -> Floats:
    """Return the time from the start to the end of each calendar year, shape (Y,)."""
    frame = ensemble.case.tree.case
    ends = [min(dt.date(int(year) + 1, 1, 1), frame.end) for year in ensemble.years]
    return np.array([(end - frame.start).days * 24 / HOURS_PER_YEAR for end in ends])


# --- energy --------------------------------------------------------------------------------------


def built_in(ensemble: Ensemble, alternative: str) -> NDArray[np.bool_]:
    """Return in which futures a mine of an alternative is ever built, shape (S,)."""
    return ensemble.of("mine_mw", alternative) > 0.0


def told_in(ensemble: Ensemble, alternative: str) -> NDArray[np.bool_]:
    """Return the futures by which an alternative is pictured: those in which it is built.

    All of them where it is never built, shape (S,).
    """
    built = built_in(ensemble, alternative)
    return built if built.any() else np.ones_like(built)


def mean_energy(ensemble: Ensemble, alternative: str) -> dict[str, float]:
    """Return the energy of each of FLOWS over the whole horizon, mean over futures [MWh].

    The futures are those of `told_in`.
    """
    among = told_in(ensemble, alternative)
    return {flow: float(ensemble.of(flow, alternative)[among].sum(axis=1).mean()) for flow in FLOWS}


# --- as plain data -------------------------------------------------------------------------------


def summary_of(ensemble: Ensemble) -> dict[str, Any]:
    """Return the content of ``futures`` in summary.json.

    Notes
    -----
    Each estimate is ``[value, standard error]``; the error is that of drawing a finite number of
    futures. Where an estimate does not exist it is None. Keys under ``alternatives`` are in the
    order of the expected value added.
    """
    odds = ranked(ensemble)
    return {
        "scenarios": ensemble.scenarios,
        "seed": ensemble.seed,
        "levels": list(LEVELS),
        "best": odds[0].name,
        "alternatives": {each.name: _told(ensemble, each) for each in odds if each.name != NOTHING},
        "year": [int(year) for year in ensemble.years],
        "left_out": [
            {"what": each.what, "relative_error": each.error} for each in ensemble.simplified
        ],
    }


def _told(ensemble: Ensemble, odds: Odds) -> dict[str, Any]:
    dates = [day_of(ensemble, each.value).isoformat() for each in odds.first_mining]
    return {
        "built": _pair(odds.built),
        "mine_mw_if_built": None if odds.if_built is None else odds.mine_mw,
        "mine_value_usd": _spread(odds.value),
        "mine_value_usd_if_built": _spread(odds.if_built),
        "mine_value_usd_to_best": _pair(odds.to_best),
        "mine_value_usd_to_nothing": _pair(odds.value.mean),
        "npv_usd": _spread(odds.npv),
        "investment_usd_if_built": _pair(odds.investment),
        "first_mining_if_built": dates or None,
        "first_mining_years_if_built": [_pair(each) for each in odds.first_mining] or None,
        "coins_btc_per_year_if_built": _pair(odds.coins),
        "share_open_by_year_end": [
            {"kind": step.kind, "name": step.name, "share": [float(x) for x in step.by_year]}
            for step in funnel(ensemble, odds.name)
        ],
    }


def _spread(found: Spread | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "mean": _pair(found.mean),
        "quantiles": [_pair(each) for each in found.quantiles],
        "loss": _pair(found.loss),
        "value_at_risk_5": _pair(found.value_at_risk),
        "expected_shortfall_5": _pair(found.expected_shortfall),
    }


def _pair(estimate: Estimate | None) -> list[float | None] | None:
    if estimate is None:
        return None
    # Adding zero takes the sign off a negative one.
    pair = (estimate.value + 0.0, estimate.error)
    return [value if math.isfinite(value) else None for value in pair]
