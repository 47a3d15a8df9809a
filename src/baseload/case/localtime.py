"""From local times without an offset to instants, where clocks go forward and back."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from baseload.case.zones import SECONDS_PER_DAY, Seconds, changes


@dataclass(frozen=True, slots=True)
class Instants:
    """Instants of local times.

    Parameters
    ----------
    utc : instants [s since 1970], shape (N,); of no meaning where there is none.
    exists : whether the clock ever shows the local time, shape (N,).
    """

    utc: Seconds
    exists: NDArray[np.bool_]


def to_utc(local: Seconds, zone: ZoneInfo) -> Instants:
    """Turn local times in the order of the file into instants.

    Parameters
    ----------
    local : what the clock on the wall shows [s since 1970-01-01T00:00], shape (N,).
    zone : zone of the clock.

    Notes
    -----
    Where the clocks go back a stretch of local time comes twice: its rows belong to the first
    pass until the local time no longer rises, and to the second from there on. A file with one
    pass only is taken as the first, so that the second is found missing later.
    """
    if not len(local):
        return Instants(local, np.ones(0, bool))
    span = changes(zone, int(local.min()) - SECONDS_PER_DAY, int(local.max()) + SECONDS_PER_DAY)
    before, after = span.offset[:-1], span.offset[1:]
    # The later of the two wall times at a change: from it on the new offset holds for sure.
    turned = span.at + np.maximum(before, after)
    offset = span.offset[np.searchsorted(turned, local, side="right")].copy()
    exists = np.ones(len(local), bool)
    for at, old, new in zip(span.at, before, after, strict=True):
        within = np.flatnonzero((local >= at + min(old, new)) & (local < at + max(old, new)))
        if not len(within):
            continue
        if new > old:
            exists[within] = False
        else:
            falls = np.flatnonzero(np.diff(local[within]) <= 0)
            if len(falls):
                offset[within[falls[0] + 1 :]] = new
    return Instants(local - offset, exists)
