"""The worth of knowing and of waiting, end to end: futures with gates open, weighted back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from baseload.case.errors import InputError
from baseload.plan.ensemble.run import simulate
from baseload.plan.worth.forcing import NOTHING, Forcing
from baseload.plan.worth.gated import Gated, choice_of
from baseload.plan.worth.indices import FEWEST as FEWEST_AT_HAND
from baseload.plan.worth.indices import first_order
from baseload.plan.worth.information import Estimate, best, evppi, standard_error
from baseload.plan.worth.result import IfOpen, Index, Signal, Verdict, Worth
from baseload.plan.worth.shares import designed
from baseload.plan.worth.signals import (
    Candidate,
    Decision,
    Told,
    candidates,
    gate_candidate,
    groups,
    valued,
    varies,
    verdicts,
)
from baseload.plan.worth.waiting import Opened, waiting

if TYPE_CHECKING:
    from baseload.case.case import Case
    from baseload.plan.ensemble.result import Ensemble
    from baseload.plan.worth.regression import Floats

FEWEST = 20
"""Futures below which nothing can be learned from them."""
FUTURES = 300
"""Futures with gates open, unless asked otherwise."""
LAW = "law and gates"
"""The group of which gates are members."""
MOST_INDICES = 10
"""Unknowns that are given an index where it comes from the futures at hand."""


def worth_of(
    case: Case,
    alternatives: Sequence[str] | None = None,
    *,
    scenarios: int = FUTURES,
    seed: int = 0,
    workers: int = 1,
    indices: int = 0,
    progress: Told | None = None,
) -> Worth:
    """Say what news is worth to the choice between mines and nothing, and deciding later.

    Parameters
    ----------
    case : the case.
    alternatives : names to choose between; all if not given.
    scenarios : futures to run with gates open.
    seed : of all that is drawn.
    workers : processes of this machine; the result does not depend on it.
    indices : base sample of the design for shares of variance, a power of two; 0 for first-order
        shares from the futures at hand.
    progress : told of each step.

    Raises
    ------
    baseload.case.errors.InputError
        Fewer than 20 futures, a base sample that is not a power of two, or as `simulate`.

    Notes
    -----
    Every alternative is run in futures whose gates open; whether they do is averaged over with
    the case's probabilities, exactly: see `baseload.plan.worth.gated`.
    """
    _check(scenarios, indices)
    told = progress or (lambda step, done, total: None)
    forcing = Forcing.of(case, dict.fromkeys(alternatives or case.alternatives))
    if not forcing.mining:
        return Worth(NOTHING, 0.0, 0.0, 0.0, (), (), {}, "")
    ensemble = simulate(
        case,
        forcing.mining,
        scenarios=scenarios,
        seed=seed,
        workers=workers,
        progress=progress,
        factory=forcing,
    )
    gated = forcing.gated(ensemble)
    subject = subject_of(gated)
    told("worth of each signal", 0, 3)
    found = weighed(ensemble, gated, subject)
    told("worth of deciding later", 1, 3)
    found = replace(found, waiting=waiting(ensemble, _opened(gated)))
    told("shares of variance", 2, 3)
    if not indices or not case.unknowns:
        return replace(found, indices=_at_hand(ensemble, gated, subject))
    name = gated.names[subject]
    shares, left_out = designed(
        case, name, forcing.only(name), count=indices, seed=seed, workers=workers, progress=told
    )
    return replace(found, indices=shares, left_out=left_out)


def weighed(ensemble: Ensemble, gated: Gated, subject: int) -> Worth:
    """Rank every signal from futures with gates open.

    Parameters
    ----------
    ensemble, gated : the futures, and the gates in them.
    subject : alternative to say what signals are worth for, if its gates open.
    """
    prior, every = best(gated.joint), gated.everything()
    signals = [
        replace(signal, if_open=_if_open(gated, subject, candidate))
        for signal, candidate in _signals(ensemble, gated)
    ]
    return Worth(
        best=gated.names[prior],
        value=float(gated.joint[prior].mean()),
        evpi=every.worth,
        evpi_error=every.error,
        signals=tuple(sorted(signals, key=_rank)),
        waiting=(),
        indices={},
        indices_of=gated.names[subject],
        value_error=standard_error(gated.joint[prior]),
        subject=gated.names[subject],
    )


def subject_of(gated: Gated) -> int:
    """Return the best alternative, or the one that a perfectly informed owner gains most by.

    Where none ever gains, it is the one that loses least if its gates open.
    """
    prior = best(gated.joint)
    gain = np.maximum(gated.joint, 0.0).mean(axis=1)
    if prior or gain.any():
        return prior or int(gain.argmax())
    opened = [gated.if_open(a) for a in range(1, len(gated.names))]
    means = [
        float(np.mean(weight * gated.values[a, members])) if weight.size else -np.inf
        for a, (members, weight) in enumerate(opened, start=1)
    ]
    return 1 + int(np.argmax(means))


def _rank(signal: Signal) -> tuple[float, float, float, str, str]:
    """Order by worth; where that is nothing, by the worth if gates open, then by the swing."""
    opened = signal.if_open
    then = (-opened.worth, -opened.swing) if opened else (0.0, 0.0)
    return (-signal.worth, *then, signal.kind, signal.name)


# --- signals -------------------------------------------------------------------------------------


def _signals(ensemble: Ensemble, gated: Gated) -> Iterator[tuple[Signal, Candidate]]:
    decision = Decision(gated.names, gated.joint)
    singles: list[Signal] = []
    dates = dict(zip(ensemble.gates, ensemble.of("gate_open"), strict=True))
    for name in gated.chances:
        candidate = gate_candidate(ensemble.case, name, dates[name])
        singles.append(_gate(gated, candidate))
        yield singles[-1], candidate
    for candidate in candidates(ensemble):
        if candidate.kind == "gate" and candidate.name in gated.chances:
            continue
        if candidate.kind == "group" and candidate.name == LAW:
            continue
        singles.append(valued(decision, candidate))
        yield singles[-1], candidate
    if gated.chances:
        law = _law(ensemble, gated)
        members = [one for one in singles if _is_law(one)]
        alone = max(members, key=lambda one: one.worth)
        # Whoever knows a group may use the rule of a single member.
        found = max(gated.law(law.known), Estimate(alone.worth, alone.error))
        yield Signal("group", law.name, law.label, found.worth, found.error, "", "", ()), law


def _is_law(signal: Signal) -> bool:
    return signal.kind == "gate" or signal.name.startswith(("gate.", "bar."))


def _law(ensemble: Ensemble, gated: Gated) -> Candidate:
    """Return all dates of gates and bars together."""
    group = groups(ensemble)[LAW]
    known = [row for row in group.known if varies(row)]
    members = len(gated.chances) + sum(
        varies(row)
        for path, row in zip(ensemble.unknowns, ensemble.of("unknown_level"), strict=True)
        if path.startswith(("gate.", "bar."))
    )
    rows = np.array(known).reshape(-1, ensemble.scenarios)
    return Candidate("group", LAW, f"{LAW}: {members} things together", rows, "", "")


def _gate(gated: Gated, candidate: Candidate) -> Signal:
    """Value a gate: whether it opens, by its probability, and when, by futures in which it does."""
    name = candidate.name
    found = gated.of_gate(name, candidate.known[0])
    shown = tuple(_gate_verdicts(gated, name))
    return Signal(
        "gate",
        name,
        candidate.label,
        found.worth,
        found.error,
        candidate.source,
        candidate.by,
        shown,
    )


def _gate_verdicts(gated: Gated, name: str) -> Iterator[Verdict]:
    """Say what is best if a gate opens and if not, and what all other news is worth then.

    The latter only for a gate that some alternative depends on.
    """
    chance, came = gated.opens(name), gated.came(name)
    opened, every = gated.given(name).everything().worth, gated.everything().worth
    prior = max(0.0, float(gated.joint.mean(axis=1).max()))
    paid = chance * (opened + max(0.0, float(came.mean(axis=1).max()) / max(chance, 1e-300)))
    for outcome, share, values in (
        ("opens", chance, came),
        ("stays shut", 1.0 - chance, gated.joint - came),
    ):
        if share > 0.0:
            choice = choice_of(values)
            means = values.mean(axis=1) / share
            # The means of both ways, weighted, are that of all.
            rest = opened if outcome == "opens" else (every + prior - paid) / share - means.max()
            yield Verdict(
                outcome,
                share,
                gated.names[choice],
                float(means[choice]),
                max(0.0, float(rest)) if gated.matters(name) else None,
            )


def _if_open(gated: Gated, subject: int, candidate: Candidate) -> IfOpen | None:
    """Value a signal for the choice between one alternative, its gates open, and nothing.

    None for a group, and where too few futures let the alternative be.
    """
    members, weight = gated.if_open(subject)
    if weight.size < FEWEST or candidate.kind == "group":
        return None
    value = weight * gated.values[subject, members]
    decision = Decision((NOTHING, gated.names[subject]), np.vstack([0.0 * value, value]))
    known = candidate.known[:, members]
    found = evppi(decision.values, known) if known.size else Estimate(0.0, 0.0)
    outcomes = [(text, those[members]) for text, those in candidate.outcomes]
    outcomes = [(text, those) for text, those in outcomes if those.any()]
    means = [float(value[those].mean()) for _, those in outcomes]
    swing = max(means, default=0.0) - float(value.mean())
    ways = tuple(verdicts(decision, outcomes)) if len(outcomes) > 1 else ()
    return IfOpen(gated.names[subject], found.worth, found.error, max(0.0, swing), ways)


# --- parts ---------------------------------------------------------------------------------------


def _opened(gated: Gated) -> dict[str, Opened]:
    found = {}
    for a, name in enumerate(gated.names[1:], start=1):
        members, weight = gated.if_open(a)
        if weight.size >= FEWEST:
            found[name] = Opened(members, weight, gated.chance(a))
    return found


def _at_hand(ensemble: Ensemble, gated: Gated, subject: int) -> dict[str, Index]:
    """Return the largest first-order shares of the subject's value, if its gates open."""
    members, _ = gated.if_open(subject)
    if not ensemble.unknowns or members.sum() < FEWEST_AT_HAND:
        return {}
    points: Floats = ensemble.of("unknown_level")[:, members].T
    values = gated.values[subject, members]
    found = first_order(points, values, ensemble.unknowns, ensemble.seed)
    order = sorted(found, key=lambda path: (-found[path].first, path))
    return {path: found[path] for path in order[:MOST_INDICES]}


def _check(scenarios: int, indices: int) -> None:
    if scenarios < FEWEST:
        raise InputError(
            f"--scenarios {scenarios}",
            expected=f"at least {FEWEST} futures",
            found=str(scenarios),
            mend=f"write --scenarios {FUTURES}",
        )
    if indices < 0 or indices & (indices - 1) or indices == 1:
        raise InputError(
            f"--indices {indices}",
            expected="a power of two, of at least 2, or 0",
            found=str(indices),
            mend="write --indices 64",
        )
