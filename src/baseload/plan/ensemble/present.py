"""What holds in a segment of a future: loads, supplies, limits, mines, uses; compiled.

Numbers of the case stand in one row, `arrays.Space.numbers`; a place of -1 is its last entry,
which is NaN.
"""

from __future__ import annotations

import numpy as np

from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import (
    ALLOWED,
    AVAILABLE,
    BEGAN,
    CAPACITY,
    CHARGE,
    COST,
    COSTS,
    DRAW_CHARGE,
    EARNS,
    FAILURE_GROWTH,
    FAILURES,
    FEE,
    FIXED,
    FUEL,
    HASHES,
    INSTALLED,
    KEEPING,
    KEPT,
    LEAST,
    LIMIT,
    LOAD,
    MISSING,
    MORE,
    MUST,
    ONE,
    OWING,
    PROGRESS,
    PROGRESS_FROM,
    REPAIR,
    SPILL,
    TRANSFER,
    UNSERVED,
    VARIABLE,
    WORKING,
    WORTH,
    Bytes,
    Floats,
    Integers,
)
from baseload.plan.ensemble.structure import (
    ALTITUDE,
    AREA_SECURE,
    HOUSE,
    KIND,
    LINK_AREA,
    LINK_BUS,
    MARKET,
    MINE_PAYS,
    OBLIGATION,
    OF,
    RATED,
    SHARE,
    THS,
    UNIT_BUS,
    WHERE,
)

HOURS_PER_YEAR = 8766.0
HOURS_PER_DAY = 24.0
PER_EXA = 1000.0 * HOURS_PER_DAY
"""A hashprice [USD/PH/day] over this is the worth of one TH/s for an hour [USD]."""


@compiled(inner=True, error_model="numpy")
def read_numbers(
    values: Floats, series: Integers, used: Integers, table: Floats, factor: Floats, t: int,
    numbers: Floats,
) -> None:  # fmt: skip
    """Write the numbers of the case that hold in step `t`.

    Parameters
    ----------
    values, series : of a stretch, shape (P + 1,).
    used, table, factor : see `arrays.Plan` and, for a table of series, `arrays.World`.
    """
    for i in range(used.shape[0]):
        place = used[i]
        row = series[place]
        numbers[place] = values[place] if row < 0 else table[row, t] * factor[row]


@compiled(inner=True, error_model="numpy")
def or_else(value: float, absent: float) -> float:
    """Return a value, or another where it is not given."""
    return absent if np.isnan(value) else value


@compiled(inner=True, error_model="numpy")
def set_grid(
    numbers: Floats, link: Integers, places: Integers, up: Floats, k: int, room: Floats,
    area: Floats, draw: Floats,
) -> None:  # fmt: skip
    """Work out limits and charges of all areas in segment `k`.

    Parameters
    ----------
    link, places : tables of links and of areas of the structure.
    room : work space, shape (A,).
    """
    for a in range(area.shape[0]):
        area[a, LIMIT], room[a] = 0.0, 0.0
        for b in range(draw.shape[0]):
            draw[b, a] = 0.0
    for i in range(link.shape[0]):
        a = link[i, LINK_AREA]
        sent = numbers[link[i, 0]] * up[i, k]
        area[a, LIMIT] += sent
        room[a] = max(room[a], sent)
        draw[link[i, LINK_BUS], a] += numbers[link[i, 1]] * up[i, k]
    for a in range(area.shape[0]):
        if places[a, AREA_SECURE] == 1:
            area[a, LIMIT] -= room[a]
        area[a, LIMIT] = min(area[a, LIMIT], or_else(numbers[places[a, 3]], np.inf))
        kept = 1.0 - numbers[places[a, 2]]
        area[a, KEPT] = kept
        area[a, CHARGE] = numbers[places[a, 0]] * kept
        area[a, DRAW_CHARGE] = numbers[places[a, 1]] / kept


@compiled(inner=True, error_model="numpy")
def set_plant(
    numbers: Floats, places: Integers, unit: Integers, share: Floats, k: int, bus: Floats,
    supply: Floats, supplies: Integers,
) -> None:  # fmt: skip
    """Work out load and supplies of all sections in segment `k`.

    Parameters
    ----------
    places, unit : tables of sections and of units of the structure.
    """
    for b in range(bus.shape[0]):
        bus[b, AVAILABLE], bus[b, MUST], bus[b, KEEPING], supplies[b] = 0.0, 0.0, 0.0, 0
        bus[b, LOAD], bus[b, UNSERVED] = numbers[places[b, 0]], numbers[places[b, 1]]
        bus[b, SPILL] = numbers[places[b, 2]]
    for u in range(unit.shape[0]):
        b, part = unit[u, UNIT_BUS], share[u, k]
        gross = numbers[unit[u, 0]]
        bus[b, KEEPING] += numbers[unit[u, 6]] * gross * 1000.0 / HOURS_PER_YEAR
        bus[b, LOAD] += (1.0 - part) * numbers[unit[u, 2]]
        if part == 0.0:
            continue
        net = part * (gross - numbers[unit[u, 1]])
        least = net * numbers[unit[u, 3]]
        bus[b, AVAILABLE] += net
        bus[b, MUST] += least
        fuel = numbers[unit[u, 4]]
        cost = fuel + numbers[unit[u, 5]]
        supplies[b] = add_supply(supply[b], supplies[b], fuel, cost, least, net - least)


@compiled(inner=True, error_model="numpy")
def add_supply(
    supply: Floats, count: int, fuel: float, cost: float, least: float, more: float
) -> int:
    """Add a unit's output to the supplies of a section; units of the same cost are one.

    Returns
    -------
    Number of supplies.
    """
    for j in range(count):
        if supply[j, COST] == cost and supply[j, FUEL] == fuel:
            supply[j, LEAST] += least
            supply[j, MORE] += more
            return count
    j = count
    while j > 0 and supply[j - 1, COST] > cost:
        for column in range(4):
            supply[j, column] = supply[j - 1, column]
        j -= 1
    supply[j, LEAST], supply[j, MORE], supply[j, FUEL], supply[j, COST] = least, more, fuel, cost
    return count + 1


@compiled(inner=True, error_model="numpy")
def set_mines(
    numbers: Floats, places: Integers, rated: Floats, allowed: Bytes, k: int, t: int, end: int,
    step: float, slopes: int, wear: Floats, mine: Floats,
) -> None:  # fmt: skip
    """Work out power, costs and hashes of all mines in segment `k`, of steps `t` to `end` - 1.

    Machines are as old all through it as in its middle; it is a month at most.

    Parameters
    ----------
    places, rated : tables of mines of the structure, places and numbers.
    """
    for m in range(mine.shape[0]):
        inside = allowed[m, k] == 1
        installed = numbers[places[m, 0]] if inside else 0.0
        # Power of zero is a mine too, where the worth of its first megawatt is asked for.
        if mine[m, BEGAN] < 0.0 and inside and (installed > 0.0 or slopes == 1):
            mine[m, BEGAN] = t
        mine[m, INSTALLED] = installed
        mine[m, FEE], mine[m, VARIABLE] = numbers[places[m, 2]], numbers[places[m, 3]]
        mine[m, FIXED] = numbers[places[m, 4]]
        mine[m, TRANSFER] = numbers[places[m, 5]] if places[m, MINE_PAYS] == 1 else 0.0
        mine[m, ALLOWED] = 1.0 if inside else 0.0
        wear_out(numbers, places[m], rated[m], 0.5 * (t + end), step, wear, mine[m])


@compiled(inner=True, error_model="numpy")
def wear_out(
    numbers: Floats, places: Integers, rated: Floats, t: float, step: float, wear: Floats,
    mine: Floats,
) -> None:  # fmt: skip
    """Work out the share of a mine's machines that work, and hashes of a MWh.

    Machines at the end of their life are replaced by those on sale then.
    """
    began = mine[BEGAN]
    age = 0.0 if began < 0.0 else (t - began) * step
    life = numbers[places[9]]
    bought = age // life * life
    years = (age - bought) / HOURS_PER_YEAR
    energy = numbers[places[6]] * numbers[places[7]]
    hashes = 1.0 if np.isnan(energy) else rated[RATED] / energy
    if wear[PROGRESS] != 0.0:
        since = max(began, 0.0) * step + bought - wear[PROGRESS_FROM]
        hashes *= (1.0 - wear[PROGRESS]) ** (-since / HOURS_PER_YEAR)
    hashes /= (1.0 + numbers[places[8]]) ** years
    working = numbers[places[1]] * rated[ALTITUDE]
    if wear[FAILURES] > 0.0:
        often = wear[FAILURES] * (1.0 + wear[FAILURE_GROWTH]) ** years
        working /= 1.0 + often * wear[REPAIR] / HOURS_PER_YEAR
    mine[WORKING], mine[HASHES] = working if mine[ALLOWED] == 1.0 else 0.0, hashes


@compiled(inner=True, error_model="numpy")
def set_uses(
    numbers: Floats, table: Integers, about: Floats, owed: Integers, places: Integers,
    hour: float, heat: Floats, k: int, bus: Floats, area: Floats, mine: Floats,
    use: Floats,
) -> None:  # fmt: skip
    """Work out capacity and worth of all uses; a market's worth follows the price of the step.

    Parameters
    ----------
    table, about, owed, places : tables of uses, their numbers, obligations and areas.
    hour : start of the segment [h].

    Notes
    -----
    What a mine's hashes are worth follows day by day, see `network.open_day`.
    """
    owing = False
    for n in range(use.shape[0]):
        kind, of, a = table[n, KIND], table[n, OF], table[n, WHERE]
        kept, charge = 1.0, 0.0
        if a >= 0:
            kept, charge = area[a, KEPT], area[a, CHARGE]
        use[n, MISSING] = 0.0
        if kind == HOUSE:
            # The house comes first in its section, which owes once its units can generate.
            owing = bus[of, OWING] == 1.0
            use[n, WORTH], use[n, EARNS], use[n, MISSING] = 0.0, 0.0, bus[of, UNSERVED]
        elif kind == OBLIGATION:
            since = or_else(numbers[owed[of, 3]], -np.inf)
            until = or_else(numbers[owed[of, 4]], np.inf)
            holds = owing and since <= hour < until
            use[n, CAPACITY] = numbers[owed[of, 0]] / kept if holds else 0.0
            use[n, EARNS] = numbers[owed[of, 1]] * kept
            use[n, WORTH] = use[n, EARNS] - charge
            use[n, MISSING] = numbers[owed[of, 2]] * kept
        elif kind == MARKET:
            depth = or_else(numbers[places[a, 4]], np.inf)
            use[n, CAPACITY] = min(depth / kept, area[a, LIMIT])
        else:
            use[n, ONE] = mine[of, WORKING] * about[n, SHARE] / kept * heat[of, k]
            use[n, CAPACITY] = mine[of, INSTALLED] * use[n, ONE]
            use[n, EARNS] = about[n, THS] * mine[of, HASHES] * kept
            use[n, COSTS] = mine[of, VARIABLE] * kept + charge
