"""Quantiles of a Poisson count, exact for any mean, with numpy alone.

Blocks are found independently of each other, so that the number found in any period is
Poisson distributed with the expected number as its mean [1]_.

References
----------
.. [1] M. Rosenfeld, "Analysis of Bitcoin Pooled Mining Reward Systems", arXiv:1112.4980,
   section 1.2.
"""

from __future__ import annotations

import math

import numpy as np

from baseload.case.errors import InputError

_REACH_SIGMA = 12.0
_REACH_COUNT = 60


def quantile(mean: float, probability: float) -> int:
    """Find the smallest count that is not exceeded with a given probability.

    Parameters
    ----------
    mean : expected count [-], from 0 upwards.
    probability : between 0 and 1, both excluded [-].

    Returns
    -------
    Smallest k with P(X <= k) >= probability.

    Raises
    ------
    InputError
        The mean is negative or not finite, or the probability lies outside its bounds.

    Notes
    -----
    The probabilities are built outwards from the most likely count by the ratio
    P(k + 1) / P(k) = mean / (k + 1) and divided by their sum. What lies more than twelve
    standard deviations (and sixty counts) away is smaller than the rounding of that sum.

    Examples
    --------
    >>> quantile(189.4, 0.05), quantile(189.4, 0.95)
    (167, 212)
    """
    _check(mean, probability)
    if mean == 0:
        return 0
    reach = math.ceil(_REACH_SIGMA * math.sqrt(mean)) + _REACH_COUNT
    mode = math.floor(mean)
    lowest = max(mode - reach, 0)
    counts = np.arange(lowest + 1, mode + reach + 1)
    log_weights = np.concatenate(([0.0], np.cumsum(np.log(mean / counts))))
    weights = np.exp(log_weights - log_weights.max())
    cumulated = np.cumsum(weights)
    return lowest + int(np.searchsorted(cumulated, probability * cumulated[-1]))


def _check(mean: float, probability: float) -> None:
    if not 0 <= mean < math.inf:
        raise InputError(
            "mean of a Poisson count",
            expected="a finite number from 0 upwards",
            found=f"{mean}",
            mend="check hashrate, period and difficulty",
        )
    if not 0 < probability < 1:
        raise InputError(
            "probability",
            expected="a number between 0 and 1, both excluded",
            found=f"{probability}",
            mend="write 5 % as 0.05",
        )
