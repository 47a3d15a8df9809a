"""What the plant can give: availability of units over time, from calendars, caps and rates.

Pure functions over arrays of shape (T,) or (U, T). A *share* is the part of a unit's gross
output that is available [-].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


def planned_outages(steps: int, step: float, first: float, every: float, length: float) -> Booleans:
    """Steps in which a unit stands still for refuelling.

    Parameters
    ----------
    steps : number of steps T.
    step : length of a step [h].
    first : start of one outage, counted from the start of the horizon [h]; the others lie
        whole periods before and after it.
    every : from the start of one outage to the start of the next [h].
    length : length of an outage [h].

    Returns
    -------
    True where the unit is out, shape (T,). A step counts by its beginning.
    """
    since = np.arange(steps) * step - first
    phase: Floats = np.mod(since, every)
    return phase < length


def outages_after_return(
    steps: int, step: float, back: float, every: float, length: float
) -> Booleans:
    """Steps of refuelling of a unit that returns with a fresh cycle.

    Parameters
    ----------
    back : time of the return, counted from the start of the horizon [h].
    steps, step, every, length : as in :func:`planned_outages`.

    Notes
    -----
    The first outage begins one fuel cycle (``every - length``) after the return.
    """
    first = back + every - length
    out = planned_outages(steps, step, first, every, length)
    return out & (np.arange(steps) * step >= first)


def limit_running(able: Booleans, cap: NDArray[np.int64]) -> Booleans:
    """Let no more units run than a cap allows, the first in order going first.

    Parameters
    ----------
    able : which units could run, in order of preference, shape (U, T).
    cap : greatest number that may run, shape (T,).

    Returns
    -------
    Which units run, shape (U, T).
    """
    before: NDArray[np.int64] = np.cumsum(able, axis=0) - able
    return able & (before < cap[None, :])


def follow_ramp(share: Floats, per_step: float) -> Floats:
    """Lower a share near its steps so that output bound to it never breaks the ramp limit.

    A unit slows down before an outage and comes back after it; this is the greatest curve
    below ``share`` whose change from step to step is at most ``per_step``.

    Parameters
    ----------
    share : available share, shape (T,) [-].
    per_step : greatest change in one step [-].

    Returns
    -------
    Shape (T,) [-].
    """
    highest = float(share.max(initial=0.0))
    bound = share.copy()
    for distance in range(1, len(share)):
        rise = distance * per_step
        if rise >= highest:
            break
        np.minimum(bound[distance:], share[:-distance] + rise, out=bound[distance:])
        np.minimum(bound[:-distance], share[distance:] + rise, out=bound[:-distance])
    return bound


def secure_limit(limits: Floats, secure: str) -> Floats:
    """Limit of several links together.

    Parameters
    ----------
    limits : expected limit of each link, shape (L, T) [MW].
    secure : ``"n-0"`` all of it; ``"n-1"`` all but the largest, which is kept as a reserve.

    Returns
    -------
    Shape (T,) [MW].
    """
    total: Floats = limits.sum(axis=0)
    if secure == "n-1" and len(limits):
        total = total - limits.max(axis=0)
    return total
