"""The chi-square distribution, central and not, for whole degrees of freedom, in logarithms.

References
----------
.. [1] M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 26.4.4, 26.4.5, 26.4.25.
"""

from __future__ import annotations

import math
from functools import lru_cache

from baseload.verify.reconciliation.statistics import log_tail

_STEPS = 200


def log_chi_square_tail(value: float, degrees: int) -> float:
    """Return the logarithm of the probability that chi-square is above a value.

    Parameters
    ----------
    value : 0 or more.
    degrees : degrees of freedom, 1 or more.
    """
    half = value / 2.0
    if half <= 0.0:
        return 0.0
    odd = degrees % 2
    # Two degrees more add half^s exp(-half) / Gamma(s + 1), s = 1/2, 3/2, ... or 1, 2, ...
    terms = [log_tail(math.sqrt(value)) if odd else -half]
    terms += [_log_step(half, pair + 0.5 * odd) for pair in range(1 - odd, degrees // 2)]
    top = max(terms)
    return min(0.0, top + math.log(math.fsum(math.exp(term - top) for term in terms)))


def chi_square_limit(alpha: float, degrees: int) -> float:
    """Return the value that chi-square passes with a probability."""
    low, high, wanted = 0.0, 1.0, math.log(alpha)
    while log_chi_square_tail(high, degrees) > wanted:
        high *= 2.0
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        above = log_chi_square_tail(middle, degrees) > wanted
        low, high = (middle, high) if above else (low, middle)
    return (low + high) / 2.0


def noncentral_tail(value: float, degrees: int, shift: float) -> float:
    """Return the probability that noncentral chi-square is above a value.

    A mixture of central ones with two degrees more each time, weighted by Poisson(shift / 2).

    Parameters
    ----------
    value : 0 or more.
    degrees : degrees of freedom.
    shift : sum of the squared means, 0 or more.
    """
    mean, half = shift / 2.0, value / 2.0
    if mean <= 0.0 or half <= 0.0:
        return math.exp(log_chi_square_tail(value, degrees))
    span = 12.0 * math.sqrt(mean) + 40.0
    first = max(0, int(mean - span))
    tail = math.exp(log_chi_square_tail(value, degrees + 2 * first))
    found = []
    for term in range(first, int(mean + span) + 1):
        weight = math.exp(term * math.log(mean) - mean - math.lgamma(term + 1.0))
        found.append(weight * tail)
        tail += math.exp(_log_step(half, degrees / 2.0 + term))
    return min(math.fsum(found), 1.0)


@lru_cache(maxsize=64)
def needed_shift(limit: float, degrees: int, power: float) -> float:
    """Return the shift with which chi-square passes a limit with a probability."""
    low, high = 0.0, 1.0
    while noncentral_tail(limit, degrees, high) < power:
        high *= 2.0
    for _ in range(60):
        middle = (low + high) / 2.0
        below = noncentral_tail(limit, degrees, middle) < power
        low, high = (middle, high) if below else (low, middle)
    return (low + high) / 2.0


def _log_step(half: float, power: float) -> float:
    return power * math.log(half) - half - math.lgamma(power + 1.0)
