"""Conditional expectations of many outcomes, given what is known: penalised splines in cells.

What is known may be continuous (a price), discrete (units that run), or a date that never comes
(a gate). Futures are first put into *cells* by all that is discrete and by what never comes;
within a cell the expectation is a sum of penalised cubic splines of the ranks of what is
continuous, and of products of them. Where a cell holds few futures its expectation is a mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEVELS = 12
"""Greatest number of different values of an input that is taken as discrete."""
KNOTS = 6
"""Intervals of a spline over the ranks from 0 to 1."""
PAIRED = 12
"""Greatest number of continuous inputs whose products are used; more are added only."""
SMALL = 40
"""Futures below which a cell is not worth an expectation of its own beside the others."""
CAUTION = 1.4
"""Factor on the degrees of freedom in cross-validation, against overfitting [2]_."""
SHRINKAGE = 1e-2
"""Penalty on the weights of a spline, relative to that on their second differences."""


@dataclass(frozen=True)
class Design:
    """What is known, prepared once for any number of fits.

    Parameters
    ----------
    cell : cell of each future, shape (S,).
    columns : regressors, shape (S, p).
    """

    cell: NDArray[np.intp]
    columns: Floats


def design(known: Floats) -> Design:
    """Prepare inputs for regression.

    Parameters
    ----------
    known : inputs, shape (k, S) or (S,) [any unit]; infinite where something never comes.

    Raises
    ------
    ValueError
        NaN, which is neither known nor unknown.
    """
    rows = np.atleast_2d(np.asarray(known, dtype=float))
    if np.isnan(rows).any():
        raise ValueError("inputs of a regression: expected numbers or infinity, found NaN")
    rows = np.array([row for row in rows if np.unique(row).size > 1]).reshape(-1, rows.shape[1])
    discrete = [np.unique(row[np.isfinite(row)]).size <= LEVELS for row in rows]
    states = [row if few else np.isfinite(row) for row, few in zip(rows, discrete, strict=True)]
    continuous = [row for row, few in zip(rows, discrete, strict=True) if not few]
    smooth = [_ranks(row) for row in continuous]
    parts = [*_splines(smooth), *_products(smooth), *_powers(continuous)]
    parts += [_indicators(row) for row in states]
    cells = np.zeros(rows.shape[1], dtype=np.intp)
    for state in states:
        # By pairs, so that the labels stay small however many inputs there are.
        cells = np.unique(cells * (LEVELS + 2) + _labels(state), return_inverse=True)[1]
    columns = np.hstack(parts) if parts else np.empty((rows.shape[1], 0))
    return Design(cells, columns)


def predicted(prepared: Design, values: Floats, train: Flags) -> Floats:
    """Return the expectation of values given what is known, learned from some futures.

    Parameters
    ----------
    prepared : what is known in all S futures.
    values : outcomes, shape (A, S) [any unit].
    train : futures to learn from, shape (S,).

    Returns
    -------
    Expectation in every future, learned from or not, shape (A, S).

    Notes
    -----
    Cubic B-splines with a penalty on second differences of their weights [1]_, and a slight one
    on all else, so that an input that says nothing is shrunk away. The penalty is chosen for each
    outcome and cell by generalised cross-validation, with degrees of freedom counted 1.4 times
    [2]_.

    References
    ----------
    .. [1] Eilers and Marx (1996), Flexible smoothing with B-splines and penalties,
       Statistical Science 11(2), 89-121.
    .. [2] Kim and Gu (2004), Smoothing spline Gaussian regression: more scalable computation via
       efficient approximation, J. R. Statist. Soc. B 66(2), 337-356.
    """
    found = np.repeat(values[:, train].mean(axis=1, keepdims=True), values.shape[1], axis=1)
    for members in _pooled(prepared.cell, train):
        learn = members & train
        if learn.any():
            found[:, members] = _smoothed(prepared.columns, values, learn, members)
    return found


def cross_fitted(prepared: Design, values: Floats, folds: int) -> Floats:
    """Return the expectation in each future as learned from the futures of other folds only.

    Parameters
    ----------
    prepared, values : as of `predicted`.
    folds : parts; future s belongs to part ``s % folds``.
    """
    found = np.empty_like(values, dtype=float)
    for own in parts_of(values.shape[1], folds):
        found[:, own] = predicted(prepared, values, ~own)[:, own]
    return found


def parts_of(count: int, folds: int) -> tuple[Flags, ...]:
    """Return the members of each fold of ``count`` futures, shapes (S,).

    Raises
    ------
    ValueError
        Fewer than two folds, or fewer futures than folds.
    """
    if not 2 <= folds <= count:
        raise ValueError(f"folds: expected 2 to {count} (one future each), found {folds}")
    fold = np.arange(count) % folds
    return tuple(fold == part for part in range(folds))


# --- regressors ----------------------------------------------------------------------------------


def _ranks(row: Floats) -> Floats:
    """Return ranks of finite values between 0 and 1; one half where a value is infinite."""
    finite = np.isfinite(row)
    ranks = np.full(row.shape, 0.5)
    ranks[finite] = (rankdata(row[finite]) - 0.5) / finite.sum()
    return ranks


def _splines(smooth: list[Floats]) -> Iterator[Floats]:
    for ranks in smooth:
        yield _basis(ranks) @ _unbent()


def _powers(continuous: list[Floats]) -> Iterator[Floats]:
    """Yield each value itself and its square: in its ranks a long tail is too steep to follow."""
    for row in continuous:
        finite = np.isfinite(row)
        scaled = np.zeros(row.shape)
        scaled[finite] = (row[finite] - row[finite].mean()) / row[finite].std()
        yield np.column_stack([scaled, scaled**2])


def _products(smooth: list[Floats]) -> Iterator[Floats]:
    if len(smooth) > PAIRED:
        return
    low = [np.column_stack([r - 0.5, (r - 0.5) ** 2 - 1 / 12]) for r in smooth]
    width = 2 if len(smooth) <= 4 else 1
    for one, other in combinations(low, 2):
        for i in range(width):
            yield 12.0 * one[:, i : i + 1] * other[:, :width]


def _indicators(state: NDArray[np.generic]) -> Floats:
    levels = np.unique(state)[1:]
    return np.asarray(state[:, None] == levels, dtype=float)


def _labels(state: NDArray[np.generic]) -> NDArray[np.intp]:
    return np.asarray(np.unique(state, return_inverse=True)[1], dtype=np.intp)


def _basis(ranks: Floats) -> Floats:
    knots = np.arange(-3, KNOTS + 4) / KNOTS
    return np.asarray(BSpline.design_matrix(ranks, knots, 3).toarray())


def _unbent() -> Floats:
    """Return the change of weights under which the penalty becomes the sum of squares."""
    count = KNOTS + 3
    bending = np.diff(np.eye(count), 2, axis=0)
    penalty = bending.T @ bending + SHRINKAGE * np.eye(count)
    return np.asarray(np.linalg.inv(np.linalg.cholesky(penalty).T))


# --- fits ----------------------------------------------------------------------------------------


def _pooled(cell: NDArray[np.intp], train: Flags) -> Iterator[Flags]:
    """Yield the futures of each large cell, and those of all small cells together."""
    counts = np.bincount(cell[train], minlength=int(cell.max(initial=0)) + 1)
    large = counts >= min(SMALL, int(counts.max(initial=0)))
    for label in np.flatnonzero(large):
        yield cell == label
    if not large.all():
        yield ~large[cell]


def _smoothed(columns: Floats, values: Floats, learn: Flags, members: Flags) -> Floats:
    """Return the fit over the members of one cell, shape (A, members)."""
    seen, outcomes = columns[learn], values[:, learn]
    centre, level = seen.mean(axis=0), outcomes.mean(axis=1, keepdims=True)
    seen = seen - centre
    used = np.ptp(seen, axis=0) > 1e-9
    if not used.any():
        return np.repeat(level, int(members.sum()), axis=1)
    seen = seen[:, used]
    squares, axes = np.linalg.eigh(seen.T @ seen)
    kept = squares > 1e-9 * squares[-1]
    squares, axes = squares[kept], axes[:, kept]
    scores = axes.T @ (seen.T @ (outcomes - level).T)
    weights = axes @ (scores * _shrunk(squares, scores, outcomes - level))
    return np.asarray(level + ((columns[members][:, used] - centre[used]) @ weights).T)


def _shrunk(squares: Floats, scores: Floats, outcomes: Floats) -> Floats:
    """Return 1 / (squares + penalty) with the best penalty of each outcome, shape (p, A)."""
    count = outcomes.shape[1]
    penalties = squares[-1] * 10.0 ** np.linspace(-8.0, 4.0, 49)
    total = (outcomes**2).sum(axis=1)
    power = scores**2 / squares[:, None]
    kept = squares[:, None] / (squares[:, None] + penalties)
    # Residual sum of squares: total less what was explained, plus what shrinking gives back.
    residual = total[:, None] - power.T @ (kept * (2.0 - kept))
    freedom = 1.0 + CAUTION * kept.sum(axis=0)
    room = np.where(freedom < count, (1.0 - freedom / count) ** 2, 1e-12)
    best = np.argmin(np.maximum(residual, 1e-12 * total[:, None]) / room, axis=1)
    return np.asarray(1.0 / (squares[:, None] + penalties[best]))
