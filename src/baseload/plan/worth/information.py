"""What it is worth to know before deciding: everything, or some things.

A decision is a choice between alternatives whose values are given in each of S futures. Without
news the best choice is the one with the greatest expected value. Whoever knows what is coming
chooses the best in each future (EVPI); whoever knows a part of it chooses the best on average over
all that remains open (EVPPI).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.plan.worth.regression import Floats, cross_fitted, design

FOLDS = 5
"""Parts of the futures in cross-fitting."""


class Estimate(NamedTuple):
    """A worth and its Monte Carlo standard error, in the unit of the values."""

    worth: float
    error: float


class Nested(NamedTuple):
    """A worth found by nested sampling, its standard error, and the bias taken off it."""

    worth: float
    error: float
    bias: float


def evpi(values: Floats) -> Estimate:
    """Expected value of perfect information.

    Parameters
    ----------
    values : value of each alternative in each future, shape (A, S) [USD]. Doing nothing is an
        alternative too: give it a row of zeros.

    Returns
    -------
    Mean over futures of the best value, less the best of the mean values [USD], and its error.

    Notes
    -----
    The worth is the mean regret of the choice without news, ``max_a v[a, s] - v[best, s]``, so its
    error is that regret's standard deviation over the root of S (delta method: which alternative
    is best without news counts as given). Never negative. Where two alternatives are close, the
    greatest of noisy means is too great and the worth too small, by no more than their difference's
    standard error.

    References
    ----------
    .. [1] Raiffa and Schlaifer (1961), Applied Statistical Decision Theory, Harvard.
    """
    values = _checked(values)
    return _mean(values.max(axis=0) - values[best(values)])


def evppi(values: Floats, known: Floats, folds: int = FOLDS) -> Estimate:
    """Expected value of knowing some inputs perfectly, from the futures at hand.

    Parameters
    ----------
    values : value of each alternative in each future, shape (A, S) [USD].
    known : what would be known, shape (k, S) or (S,); infinite where something never comes.
    folds : parts of the futures; each part is judged by a rule learned from the others.

    Returns
    -------
    Worth between 0 and that of `evpi` [USD], and its standard error.

    Notes
    -----
    The expectation of every value given the inputs is a regression over the futures [1]_ (see
    `baseload.plan.worth.regression`). Taking the mean of its maximum would count noise of the fit
    as information. Here the regression only says what to choose, in futures it has not seen, and
    the choice is paid by the value of those futures. The worth is thus that of a rule that could be
    followed: its expectation is at most the EVPPI, and reaches it as the fit does.
    A rule that loses by chance is not followed: below zero the worth is zero.

    References
    ----------
    .. [1] Strong, Oakley and Brennan (2014), Estimating multiparameter partial expected value of
       perfect information from a probabilistic sensitivity analysis sample: a nonparametric
       regression approach, Medical Decision Making 34(3), 311-326.
    """
    values = _checked(values)
    prior = best(values)
    choice = followed(values, known, folds)
    found = _mean(values[choice, np.arange(values.shape[1])] - values[prior])
    return found if found.worth > 0.0 else Estimate(0.0, found.error)


def followed(values: Floats, known: Floats, folds: int = FOLDS) -> NDArray[np.intp]:
    """Return the alternative chosen in each future by a rule learned from other folds, shape (S,).

    Parameters
    ----------
    values, known, folds : as of `evppi`.

    Notes
    -----
    Where the rule sees no difference to the best choice without news, that choice is kept.
    """
    expected = cross_fitted(design(known), values, folds)
    prior, count = best(values), np.arange(values.shape[1])
    choice = expected.argmax(axis=0)
    gain = expected[choice, count] - expected[prior]
    tolerance = 1e-9 * np.abs(values).max(initial=0.0)
    return np.where(gain > tolerance, choice, prior)


def evppi_nested(
    evaluate: Callable[[Floats, Floats], Floats], outer: Floats, inner: Floats
) -> Nested:
    """Expected value of knowing some inputs perfectly, by sampling within sampling.

    Parameters
    ----------
    evaluate : value of each alternative, shape (A, J), given one draw of what is known, shape
        (k,), and J draws of what stays open, shape (m, J).
    outer : draws of what is known, shape (k, O).
    inner : for each of them draws of what stays open, shape (O, m, J); J is even.

    Returns
    -------
    Worth with its bias taken off, error [both of the values' unit], and the bias.

    Notes
    -----
    The greatest of J-sample means is too great, by about c / J. Halves of the inner sample show
    twice that; the difference is taken off. What is left of the bias is of higher order in 1 / J
    where the maximum is smooth over the outer draws.

    References
    ----------
    .. [1] Rainforth et al. (2018), On nesting Monte Carlo estimators, ICML, PMLR 80, 4267-4276.
    .. [2] Giles and Goda (2019), Decision-making under uncertainty: using MLMC for efficient
       estimation of EVPPI, Statistics and Computing 29, 739-751.
    """
    draws = inner.shape[2]
    if draws < 2 or draws % 2:
        raise ValueError(f"inner draws: expected an even number of at least 2, found {draws}")
    halves = np.array(
        [
            _checked(evaluate(point, rest)).reshape(-1, 2, draws // 2).mean(axis=2)
            for point, rest in zip(outer.T, inner, strict=True)
        ]
    )
    means = halves.mean(axis=2)
    bias = halves.max(axis=1).mean(axis=1) - means.max(axis=1)
    found = _mean(means.max(axis=1) - means[:, best(means.T)] - bias)
    return Nested(found.worth, found.error, float(bias.mean()))


def best(values: Floats) -> int:
    """Return the alternative with the greatest mean, the first of equals.

    Parameters
    ----------
    values : shape (A, S).
    """
    return int(values.mean(axis=1).argmax())


def standard_error(sample: Floats) -> float:
    """Return the Monte Carlo standard error of the mean of a sample."""
    return float(sample.std(ddof=1) / np.sqrt(sample.size))


def _mean(gain: Floats) -> Estimate:
    return Estimate(float(gain.mean()), standard_error(gain))


def _checked(values: Floats) -> Floats:
    found = np.asarray(values, dtype=float)
    if found.ndim != 2 or found.shape[0] < 1 or found.shape[1] < 2:
        raise ValueError(
            f"values: expected shape (alternatives, at least 2 futures), found {found.shape}"
        )
    if not np.isfinite(found).all():
        raise ValueError("values: expected finite numbers in every future, found NaN or infinity")
    return found
