"""What a sample of futures says of a distribution, and how sure it is: pure statistics.

The error beside every estimate is that of the drawing alone: it tends to zero with the number of
futures, and says nothing of whether the assumptions behind them hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)
"""Levels of the quantiles that are told."""

TAIL = 0.05
"""Share of the worst futures that value at risk and expected shortfall look at [-]."""


@dataclass(frozen=True)
class Estimate:
    """A number found from a sample, and the Monte Carlo standard error of it, in its unit.

    The error is NaN where the sample does not show it, as for the mean of one future.
    """

    value: float
    error: float

    def __neg__(self) -> Estimate:
        """Return the estimate of the opposite."""
        return Estimate(-self.value, self.error)


@dataclass(frozen=True)
class Spread:
    """How one amount is spread over futures, in its own unit.

    Parameters
    ----------
    count : futures that it was found from.
    mean : expected value.
    quantiles : at the levels of LEVELS.
    loss : share of futures in which it is below zero [-].
    value_at_risk : loss that is not passed in 95 % of futures; negative where it is a gain.
    expected_shortfall : mean loss in the worst 5 % of futures; negative where it is a gain.
    """

    count: int
    mean: Estimate
    quantiles: tuple[Estimate, ...]
    loss: Estimate
    value_at_risk: Estimate
    expected_shortfall: Estimate

    def at(self, level: float) -> Estimate:
        """Return the quantile at one of LEVELS."""
        return self.quantiles[LEVELS.index(level)]


def spread(values: Floats) -> Spread:
    """Return how an amount is spread over futures.

    Parameters
    ----------
    values : one for each future, shape (S,) with S ≥ 1.
    """
    found = tuple(quantile(values, level) for level in LEVELS)
    return Spread(
        count=values.size,
        mean=mean(values),
        quantiles=found,
        loss=share(values < 0.0),
        value_at_risk=-quantile(values, TAIL),
        expected_shortfall=expected_shortfall(values),
    )


def mean(values: Floats) -> Estimate:
    """Return the mean over futures, shape (S,)."""
    _check(values)
    # A value that is the same in every future is known, not merely seldom seen to differ.
    error = math.nan if values.size < 2 else float(values.std(ddof=1)) / math.sqrt(values.size)
    return Estimate(float(values.mean()), error)


def difference(values: Floats, others: Floats) -> Estimate:
    """Return by how much one choice exceeds another in the same futures, on average.

    Parameters
    ----------
    values, others : of the two choices, future by future, shape (S,) each.

    Notes
    -----
    What is common to both cancels in each future, so that the error of the difference is
    smaller than that of either mean where the two rise and fall together.
    """
    return mean(values - others)


def share(happens: NDArray[np.bool_]) -> Estimate:
    """Return in what share of futures something happens [-].

    Parameters
    ----------
    happens : for each future, shape (S,).

    Notes
    -----
    The share is the plain one; its error is the standard deviation of the Beta distribution
    that a uniform prior leads to. It does not vanish for what was seen in none or in all of
    the futures, as the usual sqrt(p (1 - p) / S) does.
    """
    _check(happens)
    count = happens.size
    seen = int(np.count_nonzero(happens))
    expected = (seen + 1) / (count + 2)
    return Estimate(seen / count, math.sqrt(expected * (1 - expected) / (count + 3)))


def quantile(values: Floats, level: float) -> Estimate:
    """Return a quantile over futures.

    Parameters
    ----------
    values : shape (S,).
    level : share of the distribution below it, between 0 and 1.

    Notes
    -----
    The number of values below the true quantile is binomial, so the true quantile lies between
    the sample's quantiles at ``level ± sqrt(level (1 - level) / S)`` with the confidence of one
    standard error; half their distance is the error [1]_. No density has to be guessed. Where
    S is so small that the interval reaches an end of the sample, the error is too small.

    References
    ----------
    .. [1] R. S. Woodruff (1952), Confidence intervals for medians and other position measures,
       Journal of the American Statistical Association 47, 635-646.
    """
    _check(values)
    off = math.sqrt(level * (1 - level) / values.size)
    levels = (max(level - off, 0.0), level, min(level + off, 1.0))
    low, found, high = (float(value) for value in np.quantile(values, levels))
    return Estimate(found, math.nan if values.size < 2 else (high - low) / 2)


def expected_shortfall(values: Floats, tail: float = TAIL) -> Estimate:
    """Return the mean loss in the worst futures.

    Parameters
    ----------
    values : gains, shape (S,).
    tail : share of futures that are the worst [-].

    Notes
    -----
    With q the quantile at ``tail`` it is ``-(q + E[min(x - q, 0)] / tail)`` [1]_, which counts a
    part of the future at the edge. Its minimum over q is flat, so that the error of q drops out
    and the error is that of the mean.

    References
    ----------
    .. [1] R. T. Rockafellar and S. Uryasev (2000), Optimization of conditional value-at-risk,
       Journal of Risk 2, 21-41.
    """
    _check(values)
    edge = float(np.quantile(values, tail, method="inverted_cdf"))
    below = mean(np.minimum(values - edge, 0.0))
    # With not one whole future in the tail, the sample does not show how it scatters.
    error = below.error / tail if tail * len(values) >= 1.0 else math.nan
    return Estimate(-(edge + below.value / tail), error)


def fan(values: Floats) -> Floats:
    """Return the quantiles of each year.

    Parameters
    ----------
    values : by future and year, shape (S, Y).

    Returns
    -------
    At the levels of LEVELS, shape (5, Y); NaN in a year in which no future has a value.
    """
    _check(values)
    known = np.isfinite(values)
    if known.all():
        return np.asarray(np.quantile(values, LEVELS, axis=0))
    found = np.full((len(LEVELS), values.shape[1]), np.nan)
    for year in np.flatnonzero(known.any(axis=0)):
        found[:, year] = np.quantile(values[known[:, year], year], LEVELS)
    return found


def _check(values: NDArray[np.generic]) -> None:
    if values.shape[0] == 0:
        raise ValueError("a sample of no future says nothing: give at least one")
