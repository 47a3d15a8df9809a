"""Tests of balances whose errors are partly random and partly the same all year.

A day's imbalance is ``x_d = sum_k e_kd m_k + r_d``: each meter has a relative error m_k that stays,
of variance s_k², times the energy e_kd that it counted that day, and there is a random part of
variance v_d. All are known beforehand from the certificates of the meters, and never learnt from
the data: what is taken from the first day on would become "calibration".

References
----------
.. [1] E. S. Page, Continuous Inspection Schemes, Biometrika 41, 1954.
.. [2] D. Siegmund, Sequential Analysis, 1985, for the run length of Page's test.
.. [3] T. Burr, M. S. Hamada, Revisiting Statistical Aspects of Nuclear Material Accounting,
   Science and Technology of Nuclear Installations, 2013, for whitened imbalances (SITMUF).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul
from statistics import NormalDist
from typing import NamedTuple

NORMAL = NormalDist()
REFERENCE = 0.5
"""Drift that Page's test is made for, in standard deviations: k."""
SIEGMUND = 1.166
POWER = 0.95
"""Probability with which the loss that is stated would have been seen."""


class Part(NamedTuple):
    """An error that stays: its relative variance, and what it is relative to on each day."""

    variance: float
    exposure: Sequence[float]


class Outcome(NamedTuple):
    """What a test found.

    Parameters
    ----------
    statistic, threshold : the two that are compared, in standard deviations.
    p : probability of as much or more if nothing is wrong.
    difference : what the imbalance adds up to, in the unit of the data.
    detectable : smallest sum that would have been seen with a probability of 95 %.
    """

    statistic: float
    threshold: float
    p: float
    difference: float
    detectable: float


def two_sided(alpha: float) -> float:
    """Return the threshold that a standard normal passes, on either side, with a probability."""
    return NORMAL.inv_cdf(1.0 - alpha / 2.0)


def tail(statistic: float) -> float:
    """Return the probability that a standard normal is further from 0, on either side."""
    return math.erfc(abs(statistic) / math.sqrt(2.0))


def cumulative(
    values: Sequence[float], parts: Sequence[Part], random: Sequence[float], alpha: float
) -> Outcome:
    """Test the sum of all imbalances.

    Parameters
    ----------
    values : imbalance of each day.
    parts : errors that stay.
    random : variance of the random part of each day.
    alpha : probability of a false alarm.
    """
    staying = math.fsum(part.variance * math.fsum(part.exposure) ** 2 for part in parts)
    sigma = math.sqrt(math.fsum(random) + staying)
    total = math.fsum(values)
    if sigma == 0.0:
        statistic = 0.0 if total == 0.0 else math.copysign(1e6, total)
    else:
        statistic = total / sigma
    limit = two_sided(alpha)
    seen = (limit + NORMAL.inv_cdf(POWER)) * sigma
    return Outcome(statistic, limit, tail(statistic), total, seen)


def whitened(
    values: Sequence[float], parts: Sequence[Part], random: Sequence[float]
) -> list[float]:
    """Return the imbalances as independent standard normals (SITMUF).

    Each is what a day adds to what the days before have told of the errors that stay. It is the
    product of the inverse Cholesky factor of ``diag(v) + sum_k s_k² e_k e_k'`` and the imbalances,
    at O(n K²) for n days and K errors.
    """
    count = len(parts)
    mean = [0.0] * count
    spread = [[p.variance * (i == j) for j in range(count)] for i, p in enumerate(parts)]
    found = []
    for day, (value, noise) in enumerate(zip(values, random, strict=True)):
        exposure = [part.exposure[day] for part in parts]
        gain = [sum(map(mul, row, exposure)) for row in spread]
        variance = noise + sum(map(mul, gain, exposure))
        if variance <= 0.0:
            found.append(0.0)
            continue
        innovation = value - sum(map(mul, mean, exposure))
        found.append(innovation / math.sqrt(variance))
        for i, row in enumerate(spread):
            mean[i] += gain[i] * innovation / variance
            spread[i] = [
                old - gain[i] * each / variance for old, each in zip(row, gain, strict=True)
            ]
    return found


def page_threshold(alpha: float, looks: int, k: float = REFERENCE) -> float:
    """Return h of Page's test that is passed on one side with a probability in some looks.

    Siegmund's run length ``(exp(2kb) - 2kb - 1) / 2k²`` with ``b = h + 1.166`` is inverted; for
    k = 0.5, h = 5 it gives 938, against 931 by a Markov chain.

    Parameters
    ----------
    alpha : probability of a false alarm on one side.
    looks : number of looks.
    k : reference value.
    """
    length = looks / -math.log1p(-alpha)
    wanted = 2.0 * k * k * length + 1.0
    x = max(math.log(wanted), 1e-9)
    for _ in range(60):  # exp(x) = wanted + x, by its own iteration: it contracts by 1 / exp(x)
        x = math.log(wanted + x)
    return x / (2.0 * k) - SIEGMUND


def pages_test(values: Sequence[float], alpha: float, looks: int, k: float = REFERENCE) -> Outcome:
    """Run Page's test on both sides of independent standard normals.

    Parameters
    ----------
    values : standard normals in the order of time.
    alpha : probability of a false alarm in all looks, both sides together.
    looks : number of looks that the probability is for, at least that of the values.

    Returns
    -------
    The largest value of the two sums; the difference is the sum of values since it last was 0, and
    what is detectable a shift that lasts to the end, both in standard deviations.
    """
    high = low = most = 0.0
    run = best = 0.0
    for value in values:
        high = max(0.0, high + value - k)
        low = max(0.0, low - value - k)
        run = run + value if high or low else 0.0
        if max(high, low) > most:
            most, best = max(high, low), run
    limit = page_threshold(alpha / 2.0, max(looks, 1), k)
    arl = (math.exp(min(2.0 * k * (most + SIEGMUND), 700.0))) / (2.0 * k * k)
    p = -math.expm1(-2.0 * max(looks, 1) / arl) if most > 0.0 else 1.0
    return Outcome(
        most, limit, min(p, 1.0), best, limit + NORMAL.inv_cdf(POWER) * math.sqrt(len(values) or 1)
    )


def poisson_tail(count: int, mean: float) -> float:
    """Return the exact probability of as far from the mean or further, on either side.

    Twice the smaller tail, at most 1.
    """
    if mean <= 0.0:
        return 1.0 if count == 0 else 0.0
    return min(1.0, 2.0 * min(_at_most(count, mean), 1.0 - _at_most(count - 1, mean)))


def poisson_detectable(mean: float, alpha: float) -> float:
    """Return the smallest share that is missing and would be seen with a probability of 95 %.

    Exact: the largest count that gives an alarm is looked up, then the mean at which as few come
    with that probability; 1 where even none would be no alarm.
    """
    if 2.0 * _at_most(0, mean) > alpha:
        return 1.0
    limit, above = 0, math.ceil(mean)
    while above - limit > 1:  # the largest count that is an alarm
        middle = (limit + above) // 2
        alarm = 2.0 * _at_most(middle, mean) <= alpha
        limit, above = (middle, above) if alarm else (limit, middle)
    low, high = 0.0, mean
    for _ in range(50):
        centre = (low + high) / 2.0
        low, high = (centre, high) if _at_most(limit, centre) >= POWER else (low, centre)
    return 1.0 - low / mean


def _at_most(count: int, mean: float) -> float:
    """Return the probability of at most a count; in logarithms, so that nothing runs over."""
    if count < 0:
        return 0.0
    if mean > 1e5:
        return NORMAL.cdf((count + 0.5 - mean) / math.sqrt(mean))
    terms = [n * math.log(mean) - mean - math.lgamma(n + 1) for n in _near(count, mean)]
    top = max(terms)
    return min(1.0, math.exp(top) * math.fsum(math.exp(term - top) for term in terms))


def _near(count: int, mean: float) -> range:
    """Return the numbers up to a count that matter: forty deviations below the mean and up."""
    return range(max(0, min(count, int(mean - 40.0 * math.sqrt(mean) - 40.0))), count + 1)
