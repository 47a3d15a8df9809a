"""One section in merit order, compiled: what is bought, used and thrown away.

Exact where steps do not depend on each other: limits nest, so that filling by falling worth is
optimal (see `baseload.plan.dispatch.merit`). Only load that own units cannot serve is bought.
"""

from __future__ import annotations

import numpy as np

from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import (
    CAPACITY,
    COST,
    KEPT,
    LIMIT,
    MISSING,
    MORE,
    ONE,
    WORTH,
    Floats,
    Integers,
)
from baseload.plan.ensemble.structure import MINING

OUTPUT, LEFT, MARGINAL, LEAST = range(4)
"""What `fill` returns: output, what is thrown away [MW, MW], worth of the energy that one more
megawatt would take [USD/MWh], and the use that sets it, -1 for none."""


@compiled(inner=True, error_model="numpy")
def sort_uses(use: Floats, order: Integers, first: int, last: int) -> None:
    """Order uses by falling worth; quick where the order is nearly that of the time before."""
    for p in range(first + 1, last):
        item = order[p]
        key = use[item, WORTH] + use[item, MISSING]
        q = p
        while q > first and use[order[q - 1], WORTH] + use[order[q - 1], MISSING] < key:
            order[q] = order[q - 1]
            q -= 1
        order[q] = item


@compiled(inner=True, error_model="numpy")
def fill(
    use: Floats, use_area: Integers, area: Floats, first: int, last: int, supply: Floats,
    count: int, must: float, spill: float, order: Integers, room: Floats, got: Floats,
    beyond: Floats, found: Floats,
) -> None:  # fmt: skip
    """Fill the uses of a section, the most valuable first, from the cheapest supply.

    Parameters
    ----------
    first, last : the section's uses.
    supply, count, must, spill : see `arrays.Now` [MW and USD/MWh].
    order, room : work space.
    got : what each use takes, shape (N,); out [MW].
    beyond : output of each supply beyond what must run, shape (U,); out [MW].
    found : OUTPUT, LEFT, MARGINAL and LEAST, shape (4,); out.
    """
    sort_uses(use, order, first, last)
    for p in range(first, last):
        if use_area[order[p]] >= 0:
            room[use_area[order[p]]] = area[use_area[order[p]], LIMIT]
    for j in range(count):
        beyond[j] = 0.0
    left, j, least, setter = must, 0, np.inf, -1
    have = supply[0, MORE] if count > 0 else 0.0
    output = left
    for p in range(first, last):
        n = order[p]
        key, a = use[n, WORTH] + use[n, MISSING], use_area[n]
        want = use[n, CAPACITY] if key >= -spill else 0.0
        if a >= 0:
            want = min(want, room[a])
        part = min(left, want)
        left -= part
        while part < want and j < count and supply[j, COST] < key:
            more = min(have, want - part)
            part += more
            have -= more
            output += more
            beyond[j] += more
            if have <= 0.0:
                j += 1
                have = supply[j, MORE] if j < count else 0.0
        if a >= 0:
            room[a] -= part
        got[n] = part
        if part > 0.0:
            least, setter = key, n
    if left > 0.0:
        least, setter = -spill, -1
    elif j < count and supply[j, COST] < least:
        least, setter = supply[j, COST], -1
    found[OUTPUT], found[LEFT], found[MARGINAL], found[LEAST] = output, left, least, setter


@compiled(inner=True, error_model="numpy")
def displaced_by(
    n: int, use: Floats, use_kind: Integers, use_area: Integers, first: int, last: int,
    room: Floats, got: Floats, found: Floats,
) -> int:  # fmt: skip
    """Say what one more megawatt of a mine would displace.

    Returns
    -------
    The use that gives way; -1 for supply or curtailing at ``found[MARGINAL]``; -2 where one
    more megawatt would stand still.

    Parameters
    ----------
    n : a use. The others are as in `fill`.
    """
    if use_kind[n] != MINING or got[n] < use[n, CAPACITY]:
        return -2
    setter, worth, a = int(found[LEAST]), found[MARGINAL], use_area[n]
    if a >= 0 and room[a] <= 0.0:
        # The lines are full: the least use behind them gives way.
        behind, least = -1, np.inf
        for k in range(first, last):
            key = use[k, WORTH] + use[k, MISSING]
            if use_area[k] == a and got[k] > 0.0 and key < least:
                behind, least = k, key
        if behind >= 0 and least > worth:
            setter, worth = behind, least
    return setter if use[n, WORTH] > worth else -2


@compiled(inner=True, error_model="numpy")
def add_slope(
    n: int, m: int, use: Floats, area: Floats, use_area: Integers, hours: float,
    displaced: float, slope: Floats, slope_hashes: Floats, earns: int,
) -> None:  # fmt: skip
    """Add what one more megawatt of mine `m` would take, hash and displace in some hours.

    Parameters
    ----------
    displaced : worth of what gives way, over those hours [USD/MWh times h].
    slope, slope_hashes : see `arrays.Tally`; grow.
    earns : column of `use` that holds the hashes of a megawatt-hour.
    """
    kept = 1.0 if use_area[n] < 0 else area[use_area[n], KEPT]
    one = use[n, ONE]
    slope[m, 0] += one * hours
    slope[m, 1] += one * hours * kept
    slope[m, 2] += one * displaced
    slope_hashes[m] += one * hours * use[n, earns]
