"""Results of tests in the form of a statement: integers as text, units in the names of keys.

Statistics are rounded to a millionth, probabilities to a thousand-millionth, their decimal
logarithms to a millionth, so that the same entries give the same text wherever they are computed;
an inspector takes two for equal that differ by a millionth of their size. What could not be tested
says why, and has no numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from baseload.verify.reconciliation.balances import Balance
from baseload.verify.reconciliation.joint import Network, Suspect, reconciled
from baseload.verify.reconciliation.network import HASHES, LINE
from baseload.verify.reconciliation.statistics import (
    Outcome,
    cumulative,
    log_poisson_tail,
    pages_test,
    poisson_detectable,
    poisson_limits,
    whitened,
)

CONSISTENT, EXPLAIN, ALARM = "consistent", "explain", "alarm"
DAYS_OF_A_YEAR = 365
NEAR = 10.0
"""A probability below so many times that of an alarm is to be explained."""
MOST_METERS = 60
"""Meters that a result tells one by one: those furthest off."""
CAUSES = {
    "T1": "a meter outside its class, another loss of the line, "
    "clocks apart, a transformer or its ratio changed",
    "T1-3": "the meter that is named is outside its class, its ratio or multiplier was changed, "
    "another loss of the line, machines less or more efficient than was agreed",
    "T2": "a load that no meter counts, cooling counted twice, a rack's meter outside its class",
    "T3": "machines less or more efficient than was agreed, hashes bought or sold, a counter that "
    "was reset, energy for something else",
    "T4": "shares handed in elsewhere or bought, lost connections, a counter that was reset",
    "T5": "shares kept or left out by choice, work sold, solved blocks that were held back, luck",
    "T6": "a base of fees that the pool revised, a payment in parts of which one was not logged, a "
    "rounding of the pool's own; of blocks found alone, luck",
    "T7": "an address that was changed by agreement and not in the log, a block that the chain "
    "has dropped",
    "T8": "a failed reader, a meter nobody looked after",
}
NEXT_STEP = {
    "T1": "read both registers on site, compare with the check meters, have the worse calibrated",
    "T1-3": "look at what is named before all else: have that meter checked, that line walked, "
    "those machines measured",
    "T2": "walk the feeders behind the main intake with a clamp meter",
    "T3": "measure ten machines of each model at the wall",
    "T4": "ask the pool for its own count of the accounts",
    "T5": "ask for the next 1,000 shares above the difficulty, unselected",
    "T6": "ask the pool for the figures that the payout was computed from",
    "T7": "look up the transactions in a node of one's own, and ask whose the other address is",
    "T8": "ask the owner of the meter for the papers",
}


def yearly_share(budget: float, tests: int) -> float:
    """Return the probability of a false alarm in a year that each of some tests may have."""
    return -math.expm1(math.log1p(-budget) / max(tests, 1))


def untested(test: str, title: str, reason: str) -> dict[str, Any]:
    """Return the result of a test that could not be made, and why: a number would be a guess."""
    return {"test": test, "title": title, "untested": reason, "verdict": EXPLAIN}


def of_balance(balance: Balance, alpha: float) -> dict[str, Any]:
    """Test a balance: half of its false alarms for the sum, half for a change in mid-year.

    Parameters
    ----------
    balance : the balance.
    alpha : probability of a false alarm in a year.
    """
    if not balance.values:
        return untested(balance.test, balance.title, "no day of which all that it compares is told")
    given = (balance.values, balance.parts, balance.random)
    total = cumulative(*given, alpha / 2.0)
    if total is None:
        return untested(
            balance.test, balance.title, "no error is stated of anything that it compares"
        )
    looks = max(DAYS_OF_A_YEAR, len(balance.values))
    change = pages_test(whitened(*given), alpha / 2.0, looks)
    return {
        "test": balance.test,
        "title": balance.title,
        "days": str(len(balance.values)),
        "unit": balance.unit,
        "difference": str(round(total.difference)),
        "detectable_95": str(round(total.detectable)),
        **_compared("sum", total),
        **_compared("page", change),
        **judged(balance.test, min(total.log_p, change.log_p), alpha / 2.0),
    }


def of_joint(network: Network, days: int, alpha: float) -> dict[str, Any]:
    """Test all meters at once, and name the likeliest to be wrong.

    Half of the false alarms is for chi-square, half for the largest statistic of a single meter.
    What would have been seen is told of the meter, of metal, of which that is the most. ``meters``
    has each with what it counted, its value and deviation by least squares, its statistic, the
    error that it has if it alone is wrong, and the smallest that would have been seen of it.

    Parameters
    ----------
    network : meters and balances over the period.
    days : days of the period.
    alpha : probability of a false alarm in a year.
    """
    title = "all meters and hashes at once"
    if not days:
        return untested("T1-3", title, "no day on which all meters were read")
    if not network.balances:
        return untested("T1-3", title, "no meter of this site checks another")
    found = reconciled(network, alpha)
    if found is None:
        return untested("T1-3", title, "no error is stated of the meters of one balance")
    metal = [one.detectable for one in found.suspects if one.name not in (LINE, HASHES)]
    return {
        "test": "T1-3",
        "title": title,
        "days": str(days),
        "unit": "Wh",
        "degrees": str(found.degrees),
        "likeliest": found.likeliest,
        "difference": str(round(found.chi.difference)),
        "detectable_95": str(round(max(metal))),
        **_compared("chi2", found.chi),
        **_compared("meter", found.single),
        "meters": [_meter(one) for one in _most_telling(found.suspects)],
        **judged("T1-3", min(found.chi.log_p, found.single.log_p), alpha / 2.0),
    }


def _most_telling(suspects: Sequence[Suspect]) -> list[Suspect]:
    """Return the meters that a result has room for, in their order: an entry of a log is small."""
    if len(suspects) <= MOST_METERS:
        return [*suspects]
    least = sorted((round(abs(one.statistic), 6) for one in suspects), reverse=True)
    kept = [one for one in suspects if round(abs(one.statistic), 6) >= least[MOST_METERS - 1]]
    return kept[:MOST_METERS]


def _meter(one: Suspect) -> dict[str, str]:
    return {
        "meter": one.name,
        "energy": str(round(one.value)),
        "reconciled": str(round(one.best)),
        "sigma": str(round(one.sigma)),
        "statistic_e6": str(round(one.statistic * 1e6)),
        "bias": str(round(one.bias)),
        "detectable_95": str(round(one.detectable)),
    }


def of_retained(pool: str, count: int, expected: float, alpha: float) -> dict[str, Any]:
    """Test the number of retained shares against the work that was accepted (exact Poisson)."""
    return _counted("T5", f"retained shares of {pool}", count, expected, alpha)


def of_blocks(pool: str, count: int, expected: float, alpha: float) -> dict[str, Any]:
    """Test the number of retained shares that solve a block against chance (exact Poisson)."""
    return _counted("T5", f"shares of {pool} that solve a block", count, expected, alpha)


def of_solo(pool: str, count: int, expected: float, alpha: float) -> dict[str, Any]:
    """Test the number of blocks found alone against the work that was done (exact Poisson)."""
    return _counted("T6", f"blocks that {pool} has paid", count, expected, alpha)


def _counted(test: str, title: str, count: int, expected: float, alpha: float) -> dict[str, Any]:
    if expected <= 0.0:
        return untested(test, title, f"no work of which any is to be expected; found {count}")
    log_p = log_poisson_tail(count, expected)
    lowest, highest = poisson_limits(expected, alpha)
    return {
        "test": test,
        "title": title,
        "unit": "blocks" if test == "T6" else "shares",
        "found": str(count),
        "expected_e6": str(round(expected * 1e6)),
        "lowest": str(lowest),
        "highest": str(highest),
        "detectable_95_ppm": str(round(poisson_detectable(expected, alpha) * 1e6)),
        **_probability("", log_p),
        **judged(test, log_p, alpha),
    }


def by_rule(title: str, found: str, allowed: str, verdict: str) -> dict[str, Any]:
    """Return the result of a rule, which has no false alarms by chance."""
    told = {"test": "T8", "title": title, "found": found, "allowed": allowed, "verdict": verdict}
    return told | (advice("T8") if verdict == ALARM else {})


def judged(test: str, log_p: float, alpha: float) -> dict[str, str]:
    """Return the verdict that follows from a probability, with what to do about an alarm.

    Parameters
    ----------
    test : name of the test.
    log_p : natural logarithm of the probability.
    alpha : probability of a false alarm.
    """
    near = min(NEAR * alpha, 1.0)
    verdict = (
        ALARM if log_p < math.log(alpha) else EXPLAIN if log_p < math.log(near) else CONSISTENT
    )
    return {"verdict": verdict} | (advice(test) if verdict == ALARM else {})


def advice(test: str) -> dict[str, str]:
    """Return what may be innocent causes of an alarm, and what to do next."""
    return {"causes": CAUSES[test], "next": NEXT_STEP[test]}


def _compared(name: str, outcome: Outcome) -> dict[str, str]:
    return {
        f"{name}_statistic_e6": str(round(outcome.statistic * 1e6)),
        f"{name}_threshold_e6": str(round(outcome.threshold * 1e6)),
        **_probability(f"{name}_", outcome.log_p),
    }


def _probability(prefix: str, log_p: float) -> dict[str, str]:
    """Return a probability, and its logarithm, which still tells where the former is 0."""
    return {
        f"{prefix}p_e9": str(round(math.exp(log_p) * 1e9)),
        f"{prefix}log10_p_e6": str(round(log_p / math.log(10.0) * 1e6)),
    }
