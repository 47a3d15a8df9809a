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
from collections.abc import Callable, Sequence
from operator import mul
from statistics import NormalDist
from typing import NamedTuple

NORMAL = NormalDist()
REFERENCE = 0.5
"""Drift that Page's test is made for, in standard deviations: k."""
SIEGMUND = 1.166
POWER = 0.95
"""Probability with which the loss that is stated would have been seen."""
SUMMED = 1e7
"""Mean up to which the terms of a Poisson distribution are summed."""


class Part(NamedTuple):
    """An error that stays: its relative variance, and what it is relative to on each day."""

    variance: float
    exposure: Sequence[float]


class Outcome(NamedTuple):
    """What a test found.

    Parameters
    ----------
    statistic, threshold : the two that are compared, in standard deviations.
    log_p : natural logarithm of the probability of as much or more if nothing is wrong; the
        probability itself runs under where a year is far off.
    difference : what the imbalance adds up to, in the unit of the data.
    detectable : smallest sum that would have been seen with a probability of 95 %.
    """

    statistic: float
    threshold: float
    log_p: float
    difference: float
    detectable: float

    @property
    def p(self) -> float:
        """Probability of as much or more if nothing is wrong."""
        return math.exp(self.log_p)


def two_sided(alpha: float) -> float:
    """Return the threshold that a standard normal passes, on either side, with a probability."""
    return -NORMAL.inv_cdf(alpha / 2.0)


def log_tail(statistic: float) -> float:
    """Return the logarithm of the probability that a standard normal is further from 0.

    On either side. From 30 standard deviations on by the asymptotic series, as the probability
    itself is below the smallest number from 38 on.
    """
    z = abs(statistic)
    if z < 30.0:
        return math.log(math.erfc(z / math.sqrt(2.0)))
    square = z * z
    series = math.log1p(-1.0 / square + 3.0 / square**2 - 15.0 / square**3)
    return 0.5 * math.log(2.0 / math.pi) - math.log(z) - square / 2.0 + series


def cumulative(
    values: Sequence[float], parts: Sequence[Part], random: Sequence[float], alpha: float
) -> Outcome | None:
    """Test the sum of all imbalances.

    Parameters
    ----------
    values : imbalance of each day.
    parts : errors that stay.
    random : variance of the random part of each day.
    alpha : probability of a false alarm.

    Returns
    -------
    The outcome; nothing where no error is stated, as then there is nothing to compare with.
    """
    staying = math.fsum(part.variance * math.fsum(part.exposure) ** 2 for part in parts)
    sigma = math.sqrt(math.fsum(random) + staying)
    if sigma == 0.0:
        return None
    total = math.fsum(values)
    limit = two_sided(alpha)
    seen = (limit + NORMAL.inv_cdf(POWER)) * sigma
    return Outcome(total / sigma, limit, log_tail(total / sigma), total, seen)


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
    # As many false alarms are expected as there are looks to a run length, on both sides.
    log_rate = math.log(4.0 * k * k * max(looks, 1)) - 2.0 * k * (most + SIEGMUND)
    rare = log_rate < -30.0
    log_p = log_rate if rare else math.log(-math.expm1(-math.exp(log_rate)))
    seen = limit + NORMAL.inv_cdf(POWER) * math.sqrt(len(values) or 1)
    return Outcome(most, limit, log_p if most > 0.0 else 0.0, best, seen)


def log_poisson_tail(count: int, mean: float) -> float:
    """Return the logarithm of the exact probability of as far from the mean or further.

    On either side: twice the smaller tail, at most 1. Minus infinity where nothing can come and
    something did.
    """
    if mean <= 0.0:
        return 0.0 if count == 0 else -math.inf
    return min(0.0, math.log(2.0) + min(_log_at_most(count, mean), _log_at_least(count, mean)))


def poisson_limits(mean: float, alpha: float) -> tuple[int, int]:
    """Return the smallest and the largest count that are no alarm.

    Parameters
    ----------
    mean : mean of the counts, above 0.
    alpha : probability of a false alarm, both sides together.
    """
    middle, log_alpha = int(mean), math.log(alpha)
    lowest = _edge(lambda n: log_poisson_tail(n, mean) < log_alpha, -1, middle)
    above, step = middle, 1 + int(math.sqrt(mean))
    while log_poisson_tail(above, mean) >= log_alpha:
        above, step = above + step, 2 * step
    return lowest, _edge(lambda n: log_poisson_tail(n, mean) >= log_alpha, middle, above) - 1


def _edge(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Return the first count of which something holds no more; it is taken to hold of the low."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return high


def poisson_detectable(mean: float, alpha: float) -> float:
    """Return the smallest share that is missing and would be seen with a probability of 95 %.

    Exact: the largest count that gives an alarm is looked up, then the mean at which as few come
    with that probability; 1 where even none would be no alarm.
    """
    limit = poisson_limits(mean, alpha)[0] - 1
    if limit < 0:
        return 1.0
    low, high = 0.0, mean
    for _ in range(50):
        centre = (low + high) / 2.0
        enough = _log_at_most(limit, centre) >= math.log(POWER)
        low, high = (centre, high) if enough else (low, centre)
    return 1.0 - low / mean


def _log_at_most(count: int, mean: float) -> float:
    """Return the logarithm of the probability of at most a count."""
    if count < 0:
        return -math.inf
    if mean > SUMMED:
        return _log_below(_signed_root(count + 0.5, mean))
    if count > mean:
        return _log_rest(_log_at_least(count + 1, mean))
    # From the count down each term is the one before it times n / mean, at most 1.
    return _log_term(count, mean) + math.log(_series(lambda n: (count - n) / mean))


def _log_at_least(count: int, mean: float) -> float:
    """Return the logarithm of the probability of at least a count."""
    if count <= 0:
        return 0.0
    if mean > SUMMED:
        return _log_below(-_signed_root(count - 0.5, mean))
    if count <= mean:
        return _log_rest(_log_at_most(count - 1, mean))
    return _log_term(count, mean) + math.log(_series(lambda n: mean / (count + n + 1)))


def _log_rest(log_p: float) -> float:
    """Return the logarithm of what a probability leaves."""
    return math.log(-math.expm1(log_p)) if log_p < 0.0 else -math.inf


def _log_below(z: float) -> float:
    """Return the logarithm of the probability that a standard normal is below a value."""
    half = log_tail(z) - math.log(2.0)
    return half if z < 0.0 else math.log1p(-math.exp(half))


def _signed_root(count: float, mean: float) -> float:
    """Return the signed root of the deviance, which is normal to one part in the mean."""
    shift = (count - mean) / mean
    # (1 + d) log(1 + d) - d loses all digits near 0, where its series does not.
    near = shift * shift * (0.5 - shift / 6.0 + shift**2 / 12.0 - shift**3 / 20.0)
    far = (1.0 + shift) * math.log1p(shift) - shift if abs(shift) > 1e-3 else near
    return math.copysign(math.sqrt(2.0 * mean * far), shift)


def _log_term(count: int, mean: float) -> float:
    """Return the logarithm of the probability of a count."""
    return count * math.log(mean) - mean - math.lgamma(count + 1.0) if mean > 0.0 else -math.inf


def _series(ratio: Callable[[int], float]) -> float:
    """Return 1 + r0 + r0 r1 + ... until nothing is added any more; the ratios fall below 1."""
    total = term = 1.0
    n = 0
    while term > 1e-17 * total:
        term *= ratio(n)
        total += term
        n += 1
    return total
