"""Which signal is worth waiting for: every gate, every unknown, and groups of them, ranked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from baseload.case.gates import needed_gates
from baseload.case.paths import shape_at, split
from baseload.plan.worth.indices import first_order
from baseload.plan.worth.information import best, evpi, evppi, standard_error
from baseload.plan.worth.regression import Flags, Floats
from baseload.plan.worth.result import Index, Signal, Verdict, Worth
from baseload.plan.worth.waiting import waiting

if TYPE_CHECKING:
    from baseload.case.case import Case
    from baseload.case.schema import Unknown
    from baseload.plan.ensemble.result import Ensemble

NOTHING = "nothing"
"""The alternative that is always there: no mine, worth 0."""

GROUPS = {
    "plant": "plant",
    "link": "lines",
    "area": "markets",
    "mine": "mine",
    "bitcoin": "bitcoin",
    "gate": "law and gates",
    "bar": "law and gates",
}
"""Group of an unknown by the first name of its path; others form groups of that name."""

DAYS_PER_YEAR = 365.25
HOURS_PER_MONTH = 730.5
CLEAR = 2.0
"""Standard errors by which another choice must be better before a verdict changes to it."""
PERIODS = 3
"""Parts of the horizon by whose means a path of prices is told."""

Told = Callable[[str, int, int], None]
"""Told of the step that begins, and how many of how many are done."""


class Decision(NamedTuple):
    """What is chosen between.

    Parameters
    ----------
    names : 'nothing', and the alternatives that build a mine in some future, A in all.
    values : what each adds to each future, shape (A, S) [USD]; zero for 'nothing'.
    """

    names: tuple[str, ...]
    values: Floats


class Candidate(NamedTuple):
    """Something that could be known before deciding.

    Parameters
    ----------
    kind, name, label, source, by : as of `Signal`.
    known : what would be known, shape (k, S).
    outcomes : how it can turn out, for people, with the futures in which it does, shape (S,).
    """

    kind: str
    name: str
    label: str
    known: Floats
    source: str
    by: str
    outcomes: tuple[tuple[str, Flags], ...] = ()


@dataclass
class Group:
    """Number of things that differ between futures, and what knowing them would tell."""

    members: int = 0
    known: list[Floats] = field(default_factory=list)


def worth(ensemble: Ensemble, indices: int = 0, progress: Told | None = None) -> Worth:
    """Say what the decision gains by knowing more, by which news, and by deciding later.

    Parameters
    ----------
    ensemble : all alternatives in the same futures.
    indices : number of unknowns to give first-order indices for, those of the largest.
    progress : told of each step.
    """
    told = progress or (lambda step, done, total: None)
    decision = decision_of(ensemble)
    prior = best(decision.values)
    every = evpi(decision.values)
    told("worth of each signal", 0, 3)
    signals = ranked(decision, candidates(ensemble))
    told("worth of deciding later", 1, 3)
    rights = waiting(ensemble)
    told("shares of variance", 2, 3)
    subject = _subject(decision)
    return Worth(
        best=decision.names[prior],
        value=float(decision.values[prior].mean()),
        evpi=every.worth,
        evpi_error=every.error,
        signals=signals,
        waiting=rights,
        indices=_indices(ensemble, decision, subject, indices),
        indices_of=decision.names[subject] if indices and subject else "",
        value_error=standard_error(decision.values[prior]),
    )


def decision_of(ensemble: Ensemble) -> Decision:
    """Return the choice between nothing and every alternative that builds in some future."""
    values = ensemble.of("mine_value")
    built = np.flatnonzero(np.any(values != 0.0, axis=1))
    names = (NOTHING, *(ensemble.alternatives[index] for index in built))
    return Decision(names, np.vstack([np.zeros(values.shape[1]), values[built]]))


def ranked(decision: Decision, signals: Iterable[Candidate]) -> tuple[Signal, ...]:
    """Return what each signal is worth, most valuable first; equals by kind and name.

    Notes
    -----
    Whoever knows a group may also follow the rule learned from one of its members; where that
    rule does better in these futures, a group is worth as much as that member.
    """
    found = [valued(decision, one) for one in signals]
    return tuple(sorted(found, key=lambda one: (-one.worth, one.kind, one.name)))


def verdicts(decision: Decision, outcomes: Iterable[tuple[str, Flags]]) -> Iterator[Verdict]:
    """Say what is best under each outcome of a signal.

    Notes
    -----
    The choice changes only where another is better by two standard errors of the paired
    difference: among many alternatives one always looks better by chance.
    """
    prior = best(decision.values)
    for outcome, members in outcomes:
        values = decision.values[:, members]
        if not values.size:
            continue
        # Not built in any of these futures: then the choice is nothing, by whatever name.
        kept = prior if np.any(values[prior]) else 0
        choice = best(values)
        gain = values[choice] - values[kept]
        error = gain.std(ddof=1) / np.sqrt(gain.size) if gain.size > 1 else np.inf
        chosen = choice if gain.mean() > CLEAR * error else kept
        yield Verdict(
            outcome,
            float(members.mean()),
            decision.names[chosen],
            float(values[chosen].mean()),
        )


# --- what could be known -------------------------------------------------------------------------


def candidates(ensemble: Ensemble) -> Iterator[Candidate]:
    """Yield every gate, unknown and group that differs between futures."""
    opening, levels = ensemble.of("gate_open"), ensemble.of("unknown_level")
    for name, dates in zip(ensemble.gates, opening, strict=True):
        if varies(dates):
            yield gate_candidate(ensemble.case, name, dates)
    unknowns = {unknown.path: unknown for unknown in ensemble.case.unknowns}
    for path, row in zip(ensemble.unknowns, levels, strict=True):
        if varies(row):
            yield unknown_candidate(ensemble.case, unknowns[path], row)
    for name, group in groups(ensemble).items():
        known = [row for row in group.known if varies(row)]
        if group.members > 1:
            label = f"{name}: {group.members} things together"
            yield Candidate("group", name, label, np.array(known), "", "")


def gate_candidate(case: Case, name: str, dates: Floats) -> Candidate:
    """Return a gate: whether it opens, and when; by thirds of its dates where it always does."""
    gate, opens = case.tree.gate[name], np.isfinite(dates)
    by = ""
    if opens.any():
        by = f"by {_day(case, float(np.median(dates[opens]))):%Y-%m} at the median, if it opens"
    if opens.all():
        outcomes = _thirds(dates, lambda date: f"{_day(case, date):%Y-%m}")
    else:
        outcomes = (("opens", opens), ("stays shut", ~opens))
    return Candidate("gate", name, gate.title, dates[None], gate.signal, by, outcomes)


def unknown_candidate(case: Case, unknown: Unknown, row: Floats) -> Candidate:
    """Return an unknown, with its source and note, by thirds of its levels."""
    source = case.sources.get(unknown.source or "")
    parts = [f"{unknown.source}: {source.what}, {source.where}" if source else "", unknown.note]
    outcomes = _thirds(row, lambda level: _level(unknown.path, level))
    return Candidate(
        "unknown",
        unknown.path,
        unknown.name or unknown.path,
        row[None],
        "; ".join(part for part in parts if part),
        "",
        outcomes,
    )


def groups(ensemble: Ensemble) -> dict[str, Group]:
    """Return what knowing each group would tell: levels, dates, and means of paths of prices."""
    found: dict[str, Group] = {}

    def add(name: str, members: Iterable[Floats], known: Iterable[Floats] | None = None) -> None:
        group, things = found.setdefault(name, Group()), list(members)
        group.members += sum(varies(thing) for thing in things)
        group.known += things if known is None else known

    for path, row in zip(ensemble.unknowns, ensemble.of("unknown_level"), strict=True):
        add(_group(path), [row])
    for name, path in (
        ("bitcoin", ensemble.of("hashprice")),
        *(("markets", area) for area in ensemble.of("power_price")),
    ):
        add(name, [path], _means(path))
    add("law and gates", ensemble.of("gate_open"), _readiness(ensemble))
    return found


def _group(path: str) -> str:
    first, *rest = split(path)
    if first == "money":
        return "markets" if rest[:1] == ["rates"] else "money"
    return GROUPS.get(first, first)


def _means(path: Floats) -> list[Floats]:
    """Return the means of a path over the first, middle and last years, shapes (S,)."""
    parts = np.array_split(path, min(PERIODS, path.shape[1]), axis=1)
    return [part.mean(axis=1) for part in parts]


def _readiness(ensemble: Ensemble) -> Iterator[Floats]:
    """Yield when all gates of an alternative are open, and when a gate that sets values opens.

    Alternatives wait for many gates at once: what counts of each gate is the last to open.
    """
    case, opening = ensemble.case, dict(zip(ensemble.gates, ensemble.of("gate_open"), strict=True))
    needs = (case.alternatives[name].needs for name in ensemble.alternatives)
    sets = [frozenset((name,)) for name, gate in case.tree.gate.items() if gate.set or gate.lifts]
    wanted = [*(needed_gates(case.tree, names) for names in needs), *sets]
    for gates in dict.fromkeys(frozenset(one & opening.keys()) for one in wanted):
        if gates:
            yield np.max([opening[name] for name in sorted(gates)], axis=0)


# --- parts ---------------------------------------------------------------------------------------


def valued(decision: Decision, one: Candidate) -> Signal:
    """Return what a signal is worth, and what is best under each of its outcomes."""
    found = evppi(decision.values, one.known)
    if one.kind == "group":
        alone = (evppi(decision.values, row) for row in one.known)
        found = max(found, *alone, key=lambda estimate: estimate.worth)
    shown = tuple(verdicts(decision, one.outcomes))
    return Signal(
        one.kind, one.name, one.label, found.worth, found.error, one.source, one.by, shown
    )


def varies(row: Floats) -> bool:
    """Whether something differs between futures."""
    return bool(np.any(row != row[0]))


def _thirds(row: Floats, say: Callable[[float], str]) -> tuple[tuple[str, Flags], ...]:
    """Return the low, middle and high third of futures; each value where there are but three."""
    values = np.unique(row)
    if values.size <= PERIODS:
        return tuple((say(float(value)), row == value) for value in values)
    low, high = np.quantile(row, [1 / 3, 2 / 3], method="nearest")
    below, above = say(float(low)), say(float(high))
    thirds = (
        (f"up to {below}", row <= low),
        (f"{below} to {above}", (row > low) & (row <= high)),
        (f"above {above}", row > high),
    )
    return tuple((text, members) for text, members in thirds if members.any())


def _level(path: str, level: float) -> str:
    """Write a canonical level for people."""
    from baseload.case.units import format as shown

    shape = shape_at(split(path))
    if shape is None or shape.quantity is None:
        if shape is not None and shape.kind is dt.date:
            return f"{dt.date(1970, 1, 1) + dt.timedelta(days=round(level)):%Y-%m-%d}"
        return shown(level, "1", 4)
    unit = shape.quantity.unit
    if unit == "h" and abs(level) >= HOURS_PER_MONTH:
        return f"{level / HOURS_PER_MONTH:.3g} months"
    if unit == "1/year":
        return f"{round(100 * level, 2):g} %/year"
    return shown(level, unit, 4)


def _day(case: Case, years: float) -> dt.date:
    return case.tree.case.start + dt.timedelta(days=round(years * DAYS_PER_YEAR))


def _subject(decision: Decision) -> int:
    """Return the best alternative, or the one that a perfectly informed owner gains most by."""
    prior = best(decision.values)
    return prior or best(np.maximum(decision.values, 0.0))


def _indices(ensemble: Ensemble, decision: Decision, subject: int, number: int) -> dict[str, Index]:
    if not number or not subject or not ensemble.unknowns:
        return {}
    found = first_order(
        ensemble.of("unknown_level").T, decision.values[subject], ensemble.unknowns, ensemble.seed
    )
    order: Sequence[str] = sorted(found, key=lambda path: (-found[path].first, path))
    return {path: found[path] for path in order[:number]}
