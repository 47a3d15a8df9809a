"""Which unknown an outcome hangs on: shares of its variance (Sobol indices), through SALib."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baseload.plan.worth.result import Index

Floats = NDArray[np.float64]

RESAMPLES = 100
"""Bootstrap resamples of the intervals."""
HARMONICS = 10
"""Harmonics of the random balance design."""
FEWEST = 4 * HARMONICS + 2
"""Futures needed: the bootstrap uses half of them, more than two for each harmonic."""


def sobol(
    evaluate: Callable[[Floats], Floats], names: Sequence[str], count: int, seed: int
) -> dict[str, Index]:
    """First-order and total indices by Saltelli's design: count * (K + 2) evaluations.

    Parameters
    ----------
    evaluate : outcome of points in the unit cube, shape (n, K) to (n,); column k is the quantile
        at which the distribution of unknown k is read.
    names : the K unknowns.
    count : base sample, a power of two.
    seed : of the scrambled Sobol sequence and of the bootstrap.

    Returns
    -------
    Index of each unknown [-]; all zero where the outcome does not vary.

    References
    ----------
    .. [1] Saltelli et al. (2010), Variance based sensitivity analysis of model output,
       Computer Physics Communications 181(2), 259-270.
    .. [2] Iwanaga, Usher and Herman (2022), Toward SALib 2.0, SESMO 4, 18155.
    """
    if count < 2 or count & (count - 1):
        raise ValueError(f"base sample: expected a power of two, found {count}")
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as design

    problem = _problem(names)
    points = design.sample(problem, count, calc_second_order=False, seed=seed)
    values = _checked(evaluate(points), points.shape[0])
    if np.ptp(values) == 0.0:
        return dict.fromkeys(names, Index(0.0, 0.0, 0.0, 0.0))
    found = analysis.analyze(
        problem, values, calc_second_order=False, num_resamples=RESAMPLES, seed=seed
    )
    rows = zip(found["S1"], found["ST"], found["S1_conf"], found["ST_conf"], strict=True)
    return {name: Index(*map(float, row)) for name, row in zip(names, rows, strict=True)}


def first_order(
    points: Floats, values: Floats, names: Sequence[str], seed: int
) -> dict[str, Index]:
    """First-order indices from futures at hand, by random balance designs (RBD-FAST).

    Parameters
    ----------
    points : what was drawn of each unknown, shape (n, K) [any unit].
    values : outcome, shape (n,).
    names : the K unknowns.
    seed : of the bootstrap.

    Returns
    -------
    Index of each unknown; ``total`` and its width are NaN: they need a design of their own. The
    variance that other chance adds to the outcome counts, so that indices need not sum to one.

    References
    ----------
    .. [1] Plischke (2010), An effective algorithm for computing global sensitivity indices
       (EASI), Reliability Engineering & System Safety 95(4), 354-360.
    .. [2] Tissot and Prieur (2012), Bias correction for the estimation of sensitivity indices
       based on random balance designs, Reliability Engineering & System Safety 107, 205-213.
    """
    values = _checked(values, points.shape[0])
    if points.shape[0] < FEWEST:
        raise ValueError(f"futures: expected at least {FEWEST}, found {points.shape[0]}")
    nothing = Index(0.0, float("nan"), 0.0, float("nan"))
    varying = [k for k in range(len(names)) if np.ptp(points[:, k]) > 0.0]
    if np.ptp(values) == 0.0 or not varying:
        return dict.fromkeys(names, nothing)
    from SALib.analyze import rbd_fast

    found = rbd_fast.analyze(
        _problem([names[k] for k in varying]),
        points[:, varying],
        values,
        M=HARMONICS,
        num_resamples=RESAMPLES,
        seed=seed,
    )
    indices = dict.fromkeys(names, nothing)
    for k, first, width in zip(varying, found["S1"], found["S1_conf"], strict=True):
        indices[names[k]] = Index(float(first), float("nan"), float(width), float("nan"))
    return indices


def _problem(names: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _checked(values: Floats, count: int) -> Floats:
    found = np.asarray(values, dtype=float)
    if found.shape != (count,):
        raise ValueError(f"outcomes: expected shape ({count},), found {found.shape}")
    if not np.isfinite(found).all():
        raise ValueError("outcomes: expected finite numbers, found NaN or infinity")
    return found
