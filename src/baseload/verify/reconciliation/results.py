"""Results of tests in the form of a statement: integers as text, units in the names of keys.

Statistics are rounded to a millionth, probabilities to a thousand-millionth, so that the same
entries give the same text wherever they are computed; an inspector takes two for equal that differ
by a millionth of their size.
"""

from __future__ import annotations

import math
from typing import Any

from baseload.verify.reconciliation.balances import Balance
from baseload.verify.reconciliation.statistics import (
    Outcome,
    cumulative,
    pages_test,
    poisson_detectable,
    poisson_tail,
    whitened,
)

CONSISTENT, EXPLAIN, ALARM = "consistent", "explain", "alarm"
DAYS_OF_A_YEAR = 365
NEAR = 10.0
"""A probability below so many times that of an alarm is to be explained."""
CAUSES = {
    "T1": "a meter outside its class, another loss of the line, "
    "clocks apart, a transformer or its ratio changed",
    "T2": "a load that no meter counts, cooling counted twice, a rack's meter outside its class",
    "T3": "machines less or more efficient than was agreed, hashes bought or sold, a counter that "
    "was reset, energy for something else",
    "T4": "shares handed in elsewhere or bought, lost connections, a counter that was reset",
    "T5": "shares kept or left out by choice, work sold, solved blocks that were held back, luck",
    "T8": "a failed reader, a meter nobody looked after",
}
NEXT_STEP = {
    "T1": "read both registers on site, compare with the check meters, have the worse calibrated",
    "T2": "walk the feeders behind the main intake with a clamp meter",
    "T3": "measure ten machines of each model at the wall",
    "T4": "ask the pool for its own count of the accounts",
    "T5": "ask for the next 1,000 shares above the difficulty, unselected",
    "T8": "ask the owner of the meter for the papers",
}


def yearly_share(budget: float, tests: int) -> float:
    """Return the probability of a false alarm in a year that each of some tests may have."""
    return -math.expm1(math.log1p(-budget) / max(tests, 1))


def of_balance(balance: Balance, alpha: float) -> dict[str, Any]:
    """Test a balance: half of its false alarms for the sum, half for a change in mid-year.

    Parameters
    ----------
    balance : the balance.
    alpha : probability of a false alarm in a year.
    """
    given = (balance.values, balance.parts, balance.random)
    total = cumulative(*given, alpha / 2.0)
    looks = max(DAYS_OF_A_YEAR, len(balance.values))
    change = pages_test(whitened(*given), alpha / 2.0, looks)
    worse = min((total, change), key=lambda outcome: outcome.p)
    return {
        "test": balance.test,
        "title": balance.title,
        "days": str(len(balance.values)),
        "unit": balance.unit,
        "difference": str(round(total.difference)),
        "detectable_95": str(round(total.detectable)),
        **_compared("sum", total),
        **_compared("page", change),
        **judged(balance.test, worse.p, alpha / 2.0),
    }


def of_retained(pool: str, count: int, expected: float, alpha: float) -> dict[str, Any]:
    """Test the number of retained shares against the work that was accepted (exact Poisson)."""
    return _counted(f"retained shares of {pool}", count, expected, alpha)


def of_blocks(pool: str, count: int, expected: float, alpha: float) -> dict[str, Any]:
    """Test the number of retained shares that solve a block against chance (exact Poisson)."""
    return _counted(f"shares of {pool} that solve a block", count, expected, alpha)


def _counted(title: str, count: int, expected: float, alpha: float) -> dict[str, Any]:
    p = poisson_tail(count, expected)
    return {
        "test": "T5",
        "title": title,
        "unit": "shares",
        "found": str(count),
        "expected_e6": str(round(expected * 1e6)),
        "detectable_95_ppm": str(round(poisson_detectable(expected, alpha) * 1e6)),
        "p_e9": str(round(p * 1e9)),
        **judged("T5", p, alpha),
    }


def by_rule(title: str, found: str, allowed: str, verdict: str) -> dict[str, Any]:
    """Return the result of a rule, which has no false alarms by chance."""
    told = {"test": "T8", "title": title, "found": found, "allowed": allowed, "verdict": verdict}
    return told | (_advice("T8") if verdict == ALARM else {})


def judged(test: str, p: float, alpha: float) -> dict[str, str]:
    """Return the verdict that follows from a probability, with what to do about an alarm."""
    verdict = ALARM if p < alpha else EXPLAIN if p < NEAR * alpha else CONSISTENT
    return {"verdict": verdict} | (_advice(test) if verdict == ALARM else {})


def _advice(test: str) -> dict[str, str]:
    return {"causes": CAUSES[test], "next": NEXT_STEP[test]}


def _compared(name: str, outcome: Outcome) -> dict[str, str]:
    return {
        f"{name}_statistic_e6": str(round(outcome.statistic * 1e6)),
        f"{name}_threshold_e6": str(round(outcome.threshold * 1e6)),
        f"{name}_p_e9": str(round(outcome.p * 1e9)),
    }
