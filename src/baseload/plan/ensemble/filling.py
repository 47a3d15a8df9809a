"""One section in merit order, compiled: what is used and thrown away.

Exact where steps do not depend on each other: limits nest, so that filling by falling worth is
optimal (see `baseload.plan.dispatch.merit`). Only load that own units cannot serve is bought.
"""

from __future__ import annotations

import numpy as np

from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import (
    CAPACITY,
    COST,
    DISPLACED,
    EARNS,
    GOT,
    LEFT,
    LIMIT,
    MARGINAL,
    MISSING,
    MORE,
    MORE_ENERGY,
    MORE_HASHED,
    MORE_METERED,
    ONE,
    OUTPUT,
    SETTER,
    WORTH,
    Floats,
    Integers,
)
from baseload.plan.ensemble.structure import KIND, MINING, WHERE


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
    use: Floats, table: Integers, area: Floats, first: int, last: int, supply: Floats, count: int,
    must: float, spill: float, order: Integers, row: Floats,
) -> None:  # fmt: skip
    """Fill the uses of a section, the most valuable first, from the cheapest supply.

    Parameters
    ----------
    table : uses of the structure.
    first, last : the section's uses.
    supply, count, must, spill : of the section, see `arrays` [MW and USD/MWh].
    order : work space.
    row : a row of regimes: OUTPUT, LEFT, MARGINAL, SETTER, what uses get, what supplies give and
        what is left of the lines; out.
    """
    sort_uses(use, order, first, last)
    beyond, rooms = GOT + use.shape[0], GOT + use.shape[0] + supply.shape[0]
    for a in range(area.shape[0]):
        row[rooms + a] = area[a, LIMIT]
    for j in range(count):
        row[beyond + j] = 0.0
    left, j, least, setter = must, 0, np.inf, -1
    have = supply[0, MORE] if count > 0 else 0.0
    output = left
    for p in range(first, last):
        n = order[p]
        key, a = use[n, WORTH] + use[n, MISSING], table[n, WHERE]
        want = use[n, CAPACITY] if key >= -spill else 0.0
        if a >= 0:
            want = min(want, row[rooms + a])
        part = min(left, want)
        left -= part
        while part < want and j < count and supply[j, COST] < key:
            more = min(have, want - part)
            part += more
            have -= more
            output += more
            row[beyond + j] += more
            if have <= 0.0:
                j += 1
                have = supply[j, MORE] if j < count else 0.0
        if a >= 0:
            row[rooms + a] -= part
        row[GOT + n] = part
        if part > 0.0:
            least, setter = key, n
    if left > 0.0:
        least, setter = -spill, -1
    elif j < count and supply[j, COST] < least:
        least, setter = supply[j, COST], -1
    row[OUTPUT], row[LEFT], row[MARGINAL], row[SETTER] = output, left, least, setter


@compiled(inner=True, error_model="numpy")
def displaced_by(
    n: int, use: Floats, table: Integers, first: int, last: int, rooms: int, row: Floats
) -> int:
    """Say what one more megawatt of a mine would displace.

    Returns
    -------
    The use that gives way; -1 for supply or curtailing at ``row[MARGINAL]``; -2 where one
    more megawatt would stand still.

    Parameters
    ----------
    n : a use.
    rooms : place in `row` of what is left of the lines. The others are as in `fill`.
    """
    if table[n, KIND] != MINING or row[GOT + n] < use[n, CAPACITY]:
        return -2
    setter, worth, a = int(row[SETTER]), row[MARGINAL], table[n, WHERE]
    if a >= 0 and row[rooms + a] <= 0.0:
        # The lines are full: the least use behind them gives way.
        behind, least = -1, np.inf
        for i in range(first, last):
            key = use[i, WORTH] + use[i, MISSING]
            if table[i, WHERE] == a and row[GOT + i] > 0.0 and key < least:
                behind, least = i, key
        if behind >= 0 and least > worth:
            setter, worth = behind, least
    return setter if use[n, WORTH] > worth else -2


@compiled(inner=True, error_model="numpy")
def add_slope(
    n: int, use: Floats, kept: float, hours: float, displaced: float, mine: Floats
) -> None:
    """Add what one more megawatt of a mine would take, hash and displace in some hours.

    Parameters
    ----------
    n : the use of the mine.
    kept : share of the energy that arrives at its meter [-].
    displaced : worth of what gives way, over those hours [USD/MWh times h].
    mine : row of the mine; MORE_ENERGY, MORE_METERED, DISPLACED and MORE_HASHED grow.
    """
    one = use[n, ONE]
    mine[MORE_ENERGY] += one * hours
    mine[MORE_METERED] += one * hours * kept
    mine[DISPLACED] += one * displaced
    mine[MORE_HASHED] += one * hours * use[n, EARNS]
