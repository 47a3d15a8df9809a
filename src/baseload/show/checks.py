"""Checks that every result must pass; the command line leaves with 1 where one is violated."""

from __future__ import annotations

from collections.abc import Iterator

from baseload.plan.outcome import Outcome, Study

BALANCE = 1e-6
"""Relative amount by which the energy of a month may be off."""

UNSERVED = 1e-3
"""House and shutdown load over the horizon that may be lost to rounding [MWh]."""


def violations(study: Study) -> list[str]:
    """Return one line for every check that a study violates.

    Parameters
    ----------
    study : result.

    Notes
    -----
    Checked are the balance of energy and that the load which must be served is served. Energy
    that is owed and not delivered is a result, with its damages, and no violation.
    """
    return [
        f"{name}, {world}: {line}"
        for name, worlds in study.outcomes.items()
        for world, outcome in worlds.items()
        for line in _violated(outcome)
    ]


def _violated(outcome: Outcome) -> Iterator[str]:
    if outcome.balance_open > BALANCE:
        yield f"the energy of a month does not add up, by {outcome.balance_open:.2e} of it"
    if outcome.house_unserved > UNSERVED:
        yield f"{outcome.house_unserved:,.1f} MWh of house and shutdown load are not served"
