"""The value around an optimum: along its mix from nothing to as far as limits go, and on a grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.plan.sizing.limits import Limits
from baseload.plan.sizing.result import Curve
from baseload.plan.sizing.risk import Risk

Floats = NDArray[np.float64]

Worth = Callable[[Floats], Floats]
"""From sizes (J,) [MW] to values in each future (S,) [USD]."""

POINTS = 9
"""Sizes on a curve, the optimum among them."""

STEP = 0.1
"""How far the grid goes from the optimum, as a part of each candidate's room [-]."""


class Tried(NamedTuple):
    """What a set of sizes came to: how many, the best measure among them [USD], and where."""

    points: int
    best: float
    size: Floats


SAME_ERRORS = 2.0
"""Standard errors within which two sizes are not told apart."""


def value_curve(
    worth: Worth, size: Floats, limits: Limits, risk: Risk, points: int = POINTS
) -> tuple[Curve, Tried]:
    """Return the value against all megawatts, in the mix of the optimum.

    Parameters
    ----------
    worth : value of sizes in each future.
    size : the optimum (J,) [MW]; where it is zero, candidates grow with their room.
    limits : the curve ends where the first of them stops its mix, or at twice the optimum.
    risk : measure of the values that the best of the points is told by.
    points : sizes on the curve.
    """
    low, high = limits.room()
    mix = size if size.sum() > 0.0 else high - low
    total = float(mix.sum())
    if not total > 0.0:
        places = np.zeros(1)
    else:
        furthest = _furthest(mix, limits)
        if size.sum() > 0.0:
            furthest = min(furthest, 2.0)
            places = np.union1d(np.linspace(0.0, furthest, points), [1.0])
        else:
            places = np.linspace(0.0, furthest, points)
    values = [worth(place * mix) for place in places]
    return spread(places * total, values), _tried([place * mix for place in places], values, risk)


def _tried(sizes: list[Floats], values: list[Floats], risk: Risk) -> Tried:
    measures = [risk.measure(value) for value in values]
    best = int(np.argmax(measures))
    return Tried(len(sizes), measures[best], sizes[best])


def spread(size: Floats, values: list[Floats]) -> Curve:
    """Return the curve of values in each future, shape (S,) for each size [USD]."""
    table = np.array(values)
    low, median, high = np.quantile(table, (0.05, 0.5, 0.95), axis=1)
    mean = table.mean(axis=1)
    behind = _errors(table - table[int(mean.argmax())])
    return Curve(size, mean, _errors(table), low, median, high, behind)


def _errors(table: Floats) -> Floats:
    """Standard error of the mean of each row."""
    count = table.shape[1]
    if count < 2:
        return np.full(len(table), np.nan)
    return np.asarray(table.std(axis=1, ddof=1) / np.sqrt(count))


def same(curve: Curve) -> tuple[float, float]:
    """Return the least and the most of a curve's sizes that futures do not tell from the best.

    All sizes meet the same futures, so what counts is the error of the difference from the best.
    A single future tells nothing apart.
    """
    behind = curve.mean.max() - curve.mean
    alike = ~(behind > SAME_ERRORS * curve.behind_error)
    return float(curve.size[alike].min()), float(curve.size[alike].max())


def _furthest(mix: Floats, limits: Limits) -> float:
    """How far a mix can grow before it meets a bound or a row, as a multiple of itself."""
    grows = mix > 0.0
    ends = [float((limits.most[grows] / mix[grows]).min())]
    for row in limits.rows:
        taken = float(row.weights @ mix)
        if taken > 0.0:
            ends.append(row.limit / taken)
    return max(min(ends), 0.0)


def grid(worth: Worth, size: Floats, limits: Limits, risk: Risk) -> Tried:
    """Try sizes around the optimum: each candidate alone a step up and a step down, within limits.

    Where the value is concave none of them can pass the bound; where own hashes move the network
    it may not be, and this is the check that remains.
    """
    low, high = limits.room()
    tried: list[Floats] = []
    for j in range(len(size)):
        for sign in (-1.0, 1.0):
            place = size.copy()
            place[j] = min(max(place[j] + sign * STEP * (high[j] - low[j]), low[j]), high[j])
            keeps = all(
                float(row.weights @ place) <= row.limit * (1.0 + 1e-9) + 1e-9 for row in limits.rows
            )
            if keeps and place[j] != size[j]:
                tried.append(place)
    if not tried:
        return Tried(0, -np.inf, size)
    return _tried(tried, [worth(place) for place in tried], risk)
