"""Levels of what is not known, drawn together: well-spread points, and quantiles of levels.

Unknowns are drawn from a scrambled Sobol sequence [1]_, whose points fill the unit cube more
evenly than independent numbers do, so that means over few futures are closer.

References
----------
.. [1] S. Joe and F. Kuo, "Constructing Sobol sequences with better two-dimensional projections",
   SIAM Journal on Scientific Computing 30(5), 2008, pp. 2635-2654; scrambled by a random linear
   map and shift, J. Matousek, Journal of Complexity 14(4), 1998, pp. 527-556.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError
from baseload.plan.futures.random import driver_key, fill_uniforms

Floats = NDArray[np.float64]

DISTRIBUTIONS = ("triangular", "uniform", "normal", "lognormal", "discrete")
MOST_UNKNOWNS = 21_201
"""Dimensions of the Sobol sequence; beyond, points are independent."""

_BITS = 30
_NORMAL_95 = 1.6448536269514722
"""The standard normal exceeds it with a chance of 5 %."""


def points(seed: int, count: int, unknowns: int, first: int = 0) -> Floats:
    """Return points of the unit cube, one for each future.

    Parameters
    ----------
    seed : scrambles the sequence.
    count : number of points, N.
    unknowns : number of dimensions, K.
    first : index of the first point.

    Returns
    -------
    Shape (N, K), in the open interval from 0 to 1 [-]. A point depends on seed, K and its own
    index only. The first 2**m points are balanced in every dimension; other counts are allowed
    and are balanced up to the last full power of two.

    Raises
    ------
    InputError
        More points than the sequence has, 2**30.
    """
    if not 0 <= first <= first + count <= 2**_BITS:
        raise InputError(
            "number of futures",
            expected="0 to 2**30 points in all",
            found=f"{first} to {first + count}",
            mend="ask for fewer futures",
        )
    if unknowns == 0 or count == 0:
        return np.empty((count, unknowns))
    if unknowns > MOST_UNKNOWNS:
        return _independent(seed, count, unknowns, first)
    from scipy.stats import qmc

    with_seed = np.random.Generator(np.random.PCG64(seed))
    sequence = qmc.Sobol(unknowns, scramble=True, bits=_BITS, seed=with_seed)
    if first:
        drawn = sequence.fast_forward(first).random(count)
    else:
        # A full power of two keeps the library from warning; the rest is cut off.
        drawn = sequence.random_base2((count - 1).bit_length())[:count]
    # From the lower edge of each of 2**30 cells to its middle: neither 0 nor 1.
    return np.asarray(drawn + 0.5**_BITS / 2, dtype=np.float64)


def _independent(seed: int, count: int, unknowns: int, first: int) -> Floats:
    drawn = np.empty((count, unknowns))
    for row in range(count):
        fill_uniforms(seed, first + row, driver_key("unknowns"), 0, drawn[row])
    return drawn


def levels(
    points: Floats,
    distributions: Sequence[str],
    low: Floats,
    base: Floats,
    high: Floats,
) -> Floats:
    """Return the level of every unknown in every future.

    Parameters
    ----------
    points : chances, shape (N, K) [-].
    distributions : name of each unknown's distribution, K of `DISTRIBUTIONS`.
    low, base, high : levels, shape (K,); a base of NaN is none given.

    Returns
    -------
    Shape (N, K), in the unit of the levels.
    """
    drawn = np.empty_like(points)
    for k, name in enumerate(distributions):
        drawn[:, k] = quantile(points[:, k], name, low[k], base[k], high[k])
    return drawn


def quantile(chance: Floats, name: str, low: float, base: float, high: float) -> Floats:
    """Return the level that is not exceeded with a given chance.

    Parameters
    ----------
    chance : in the open interval from 0 to 1, any shape [-].
    name : of the distribution: triangular from low to high with its peak at base; uniform from
        low to high; normal and lognormal with base as median and low and high as the levels of
        5 % and 95 %, each side of base with its own spread; discrete: the different levels among
        the three, equally likely.
    low, base, high : levels, in order; a base of NaN is none given: then the middle between low
        and high, of their logs if lognormal, and no level of a discrete one.

    Returns
    -------
    Shape of chance. Where low and high are the same, that level.

    Raises
    ------
    InputError
        An unknown name, levels out of order, or a lognormal that is not above zero.
    """
    _check(name, low, base, high)
    if low == high:
        return np.full_like(chance, low)
    if name == "discrete":
        return _discrete(chance, low, base, high)
    if name == "lognormal":
        logs = np.log([low, np.sqrt(low * high) if np.isnan(base) else base, high])
        return np.asarray(np.exp(_two_piece_normal(chance, *logs)))
    middle = (low + high) / 2 if np.isnan(base) else base
    if name == "uniform":
        return low + (high - low) * chance
    if name == "normal":
        return _two_piece_normal(chance, low, middle, high)
    return _triangular(chance, low, middle, high)


def _triangular(chance: Floats, low: float, peak: float, high: float) -> Floats:
    width = high - low
    below = low + np.sqrt(chance * width * (peak - low))
    above = high - np.sqrt((1 - chance) * width * (high - peak))
    return np.asarray(np.where(chance * width < peak - low, below, above))


def _two_piece_normal(chance: Floats, low: float, median: float, high: float) -> Floats:
    from scipy.special import ndtri

    steps = ndtri(chance) / _NORMAL_95
    return np.asarray(median + steps * np.where(steps < 0, median - low, high - median))


def _discrete(chance: Floats, low: float, base: float, high: float) -> Floats:
    different = np.unique([level for level in (low, base, high) if not np.isnan(level)])
    place = np.floor(chance * len(different)).astype(np.int64)
    return np.asarray(different[np.minimum(place, len(different) - 1)])


def _check(name: str, low: float, base: float, high: float) -> None:
    if name not in DISTRIBUTIONS:
        raise InputError(
            f"distribution = {name!r}",
            expected=", ".join(DISTRIBUTIONS),
            found=repr(name),
            mend="choose one of these",
        )
    if not (low <= high and (np.isnan(base) or low <= base <= high)):
        raise InputError(
            "levels of an unknown",
            expected="low <= base <= high",
            found=f"{low:g} / {base:g} / {high:g}",
            mend="put the three levels in order",
        )
    if name == "lognormal" and low <= 0.0:
        raise InputError(
            "levels of a lognormal unknown",
            expected="levels above zero",
            found=f"low = {low:g}",
            mend='raise low above zero, or choose distribution = "triangular"',
        )
