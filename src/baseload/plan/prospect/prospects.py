"""Each arrangement over the same futures: energy and money of every party, year by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from baseload.case.case import Case
from baseload.case.checks import known
from baseload.case.errors import InputError
from baseload.case.gates import needed_gates
from baseload.case.schema import Arrangement
from baseload.case.sharing import (
    ESCROW,
    RESERVED,
    UNSETTLED,
    Entitlement,
    Sharing,
    parts,
    takers,
)
from baseload.plan.ensemble.result import Ensemble
from baseload.plan.prospect.bars import HOURS_PER_YEAR, held_years, holding, legs
from baseload.plan.prospect.entitlement import place
from baseload.plan.prospect.result import Part, Prospect
from baseload.plan.prospect.split import Sheet, split
from baseload.plan.prospect.whole import Whole, whole

Floats = NDArray[np.float64]

_NAMES = {ESCROW: "Held in escrow", UNSETTLED: "Not settled by the proposal"}
UNSURE = ("assumed", "memory")
"""How sure a term is where the proposal itself does not say it."""


def prospects(
    ensemble: Ensemble,
    arrangements: Sequence[str] | None = None,
    alternatives: Mapping[str, str] | None = None,
) -> tuple[Prospect, ...]:
    """Tell who gets what under each arrangement, in the same futures.

    Parameters
    ----------
    ensemble : every alternative in the same futures.
    arrangements : ids, in the order of the answer; if not given, all whose alternative is one
        of the ensemble's.
    alternatives : alternative by arrangement, in place of the one that the case names.

    Returns
    -------
    One prospect for each; alternatives are read one at a time.

    Raises
    ------
    InputError
        An arrangement or alternative that does not exist, or one without shares of energy.

    Notes
    -----
    This is the planner's view, in floats and by calendar year. Parts, with what is held in
    escrow and what the proposal leaves unsettled, sum to the whole's cash in every future and
    year. What a party would get in a year, net, goes to escrow if a bar of the terms' ``escrow``
    that names it is still in force in that year; what it has to pay it pays. From the first year
    after, the party gets what it earns then, and what was held stays held. Values discount a
    year's cash by the mean factor of its months: `Prospect.timing` is what the whole's own value,
    by the month, differs.
    """
    case = ensemble.case
    chosen = dict(alternatives or {})
    for name in chosen:
        known(name, case.arrangements, "an arrangement", "prospects, alternatives")
    if arrangements is None:
        arrangements = [
            name
            for name, entry in case.arrangements.items()
            if name in chosen or entry.alternative in ensemble.alternatives
        ]
    pairs = {name: _alternative(ensemble, name, chosen) for name in arrangements}
    told: dict[str, Prospect] = {}
    for alternative in dict.fromkeys(pairs.values()):
        there = whole(ensemble, alternative)
        for name, studied in pairs.items():
            if studied == alternative:
                told[name] = prospect(ensemble, there, name, alternative)
    return tuple(told[name] for name in pairs)


def prospect(ensemble: Ensemble, there: Whole, name: str, alternative: str) -> Prospect:
    """Tell who gets what under one arrangement from what one alternative gives."""
    entry = ensemble.case.arrangements[name]
    terms = entry.terms or Sharing()
    steps = _steps(ensemble.case, name, entry, terms)
    who = _who(entry, terms, steps)
    sheet = split(there, terms, who, place(there, terms, steps, who))
    cash, coins = _held(ensemble, there, terms, who, sheet)
    missed = np.abs(cash.sum(axis=0) - there.total) / np.maximum(1.0, there.gross)
    rows = [
        _part(there, party, cash[row], sheet.energy[row], coins[row], sheet.saving[row])
        for row, party in enumerate(who)
    ]
    zero = np.zeros_like(there.total)
    rows += [_part(there, party, *(zero,) * 4, left_out=True) for party in entry.left_out]
    return Prospect(
        arrangement=name,
        title=entry.title,
        alternative=alternative,
        chance=_chance(ensemble, alternative),
        years=ensemble.years,
        parts=tuple(
            row
            if row.left_out or row.party in RESERVED
            else replace(row, legs=legs(there, terms, steps[0].share, row.party))
            for row in rows
        ),
        assumed=assumptions(entry, bool(there.mines)),
        residual=float(missed.max(initial=0.0)),
        timing=float(np.mean(there.npv - _present(there, there.total))),
    )


# --- what is studied ------------------------------------------------------------------------


def _alternative(ensemble: Ensemble, name: str, chosen: Mapping[str, str]) -> str:
    known(name, ensemble.case.arrangements, "an arrangement", "prospects")
    alternative = chosen.get(name) or ensemble.case.arrangements[name].alternative
    if alternative is None:
        raise InputError(
            f"prospects, arrangement {name}",
            expected="an alternative to study it with",
            found="none",
            mend=f"add alternative = … to [arrangement.{name}], or give one",
        )
    known(alternative, ensemble.alternatives, "an alternative of the ensemble", f"prospects {name}")
    return alternative


def _steps(case: Case, name: str, entry: Arrangement, terms: Sharing) -> tuple[Entitlement, ...]:
    """Return who is entitled to the energy, step by step."""
    if terms.entitlement:
        return terms.entitlement
    if not entry.energy:
        raise InputError(
            case.registers.origin("arrangements.toml", "arrangement", name).place(
                f"arrangement.{name}"
            ),
            expected="shares of energy, to tell prospects of",
            found="neither energy nor terms.entitlement",
            mend=f"add [[arrangement.{name}.terms.entitlement]]",
        )
    return (Entitlement(share=entry.energy, since=None),)


def _who(entry: Arrangement, terms: Sharing, steps: Sequence[Entitlement]) -> tuple[str, ...]:
    """Return everyone who may get something: parties first, then what is unsettled or held."""
    named = (*entry.parties, *(party for step in steps for party in step.share), *takers(terms))
    people = [party for party in dict.fromkeys(named) if party != UNSETTLED]
    last = ([UNSETTLED] if UNSETTLED in named else []) + ([ESCROW] if terms.escrow else [])
    return (*people, *last)


def _chance(ensemble: Ensemble, alternative: str) -> float:
    """Share of futures in which every gate that the alternative needs opens in the horizon."""
    case = ensemble.case
    needed = needed_gates(case.tree, case.alternatives[alternative].needs)
    opens = ensemble.of("gate_open")[[gate in needed for gate in ensemble.gates]]
    end = len(case.clock) * case.clock.step / HOURS_PER_YEAR
    return float(np.mean((opens < end).all(axis=0)))


def assumptions(arrangement: Arrangement, mines: bool) -> tuple[str, ...]:
    """Say what a proposal does not: what the case assumes in its place, and what stays open.

    Parameters
    ----------
    arrangement : the proposal, in any language.
    mines : whether there is a mine to share.
    """
    terms = arrangement.terms or Sharing()
    told = []
    for key, term in parts(terms):
        if term.status in UNSURE:
            label = ".".join(str(part) for part in key) or "terms"
            origin = ", ".join(part for part in (term.source, term.status) if part)
            told.append(f"{label}: {term.note or 'not said in the proposal'} ({origin})")
    if mines and terms.mine is None:
        told.append("mine: owned as the energy is shared; not said in the proposal")
    return (*told, *(f"open: {point}" for point in arrangement.open_points))


# --- what each gets --------------------------------------------------------------------------


def _held(
    ensemble: Ensemble, there: Whole, terms: Sharing, who: Sequence[str], sheet: Sheet
) -> tuple[Floats, Floats]:
    """Return cash and coins, (P, S, Y), after moving to escrow what bars keep from parties."""
    cash, coins = sheet.plant + sheet.mine, sheet.coins.copy()
    if not terms.escrow:
        return cash, coins
    tree, escrow = there.tree, who.index(ESCROW)
    on_mine = {bar for name in there.mines for bar in holding(tree, terms, f"mine.{name}")}
    for row, party in enumerate(who[:escrow]):
        own = set(holding(tree, terms, f"party.{party}"))
        of_mine = held_years(ensemble, tree, on_mine | own)
        money = np.where(held_years(ensemble, tree, own), np.maximum(sheet.plant[row], 0.0), 0.0)
        money += np.where(of_mine, np.maximum(sheet.mine[row], 0.0), 0.0)
        mined = np.where(of_mine, coins[row], 0.0)
        cash[row] -= money
        cash[escrow] += money
        coins[row] -= mined
        coins[escrow] += mined
    return cash, coins


def _part(
    there: Whole,
    party: str,
    cash: Floats,
    energy: Floats,
    coins: Floats,
    saving: Floats,
    left_out: bool = False,
) -> Part:
    """Sum up one party's rows, shape (S, Y) each."""
    values = _present(there, cash)
    entry = there.case.parties.get(party)
    low, high = np.quantile(cash, [0.05, 0.95], axis=0)
    return Part(
        party=party,
        name=entry.name if entry else _NAMES[party],
        left_out=left_out,
        energy=energy.mean(axis=0),
        cash=cash.mean(axis=0),
        cash_low=low,
        cash_high=high,
        value=float(values.mean()),
        error=float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else np.nan,
        quantiles=np.quantile(values, [0.05, 0.5, 0.95]),
        coins=coins.mean(axis=0),
        saving=saving.mean(axis=0),
        saving_value=float(_present(there, saving).mean()),
    )


def _present(there: Whole, cash: Floats) -> Floats:
    """Present value in each future, shape (S,) [USD]."""
    return np.asarray((there.discount * cash).sum(axis=1))
