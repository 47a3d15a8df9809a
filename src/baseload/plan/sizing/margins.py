"""What one more megawatt would add, and in which futures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baseload.plan.sizing.result import Margin

Floats = NDArray[np.float64]


def margins(names: tuple[str, ...], slopes: Floats, hashprice: Floats) -> tuple[Margin, ...]:
    """Describe the worth of one more megawatt of each candidate.

    Parameters
    ----------
    names : of the candidates.
    slopes : shape (S, J) [USD/MW].
    hashprice : mean of each future, without own hashes, shape (S,) [USD/PH/day].
    """
    return tuple(
        Margin(
            name, float(slope.mean()), float((slope > 0.0).mean()), *level(slope > 0.0, hashprice)
        )
        for name, slope in zip(names, slopes.T, strict=True)
    )


def level(pays: NDArray[np.bool_], hashprice: Floats) -> tuple[float, float]:
    """Return the hashprice above which futures pay, as well as one level can tell them.

    Parameters
    ----------
    pays : whether a future does, shape (S,).
    hashprice : of each, shape (S,) [USD/PH/day].

    Returns
    -------
    The level that tells most futures rightly, half way between two of them [USD/PH/day], and the
    share that it tells rightly [-]. NaN and 1 where all futures pay, or none.

    Examples
    --------
    >>> level(np.array([True, False, True, False]), np.array([50.0, 20.0, 40.0, 30.0]))
    (35.0, 1.0)
    """
    if pays.all() or not pays.any():
        return float("nan"), 1.0
    order = np.argsort(hashprice, kind="stable")
    sorted_pays, levels = pays[order], hashprice[order]
    # Futures below a cut should not pay, those above it should.
    below = np.cumsum(~sorted_pays)[:-1]
    above = sorted_pays.sum() - np.cumsum(sorted_pays)[:-1]
    cut = int(np.argmax(below + above))
    right = float(below[cut] + above[cut]) / len(pays)
    return float(0.5 * (levels[cut] + levels[cut + 1])), right
