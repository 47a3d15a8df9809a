"""The steps of a segment of a future, section by section, compiled.

In a segment only market prices move, and what a hash is paid from day to day. Where a section
has one market, its allocation depends on that price only through its place among the worths of
the other uses: each place, a regime, is filled once, and steps only count how often and at what
prices a regime holds. That lasts as long as the other worths keep their order; what a hash is paid
may change it from one day to the next. Elsewhere every step is filled for itself.
"""

from __future__ import annotations

import numpy as np

from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import (
    AVAILABLE,
    BOUGHT,
    BY_REGIME,
    BY_STEP,
    CAPACITY,
    CHARGE,
    COST,
    DRAW_CHARGE,
    DRAWS,
    EARNED,
    EARNS,
    ENERGY_USED,
    FILLED,
    GOT,
    HASHED,
    HIGHEST,
    IDLE,
    KEPT,
    LACKED,
    LEFT,
    LEVEL,
    LEVELS,
    LOAD,
    LOST,
    LOWEST,
    MADE,
    MARGINAL,
    MARKS,
    MINES,
    MISSING,
    OFTEN,
    OUTPUT,
    SELLS,
    SPENT,
    TODAY,
    TODAYS,
    TOGETHER,
    UNORDERED,
    WAY,
    WORTH,
    WORTHS,
    Bytes,
    Floats,
    Integers,
)
from baseload.plan.ensemble.filling import add_slope, displaced_by
from baseload.plan.ensemble.structure import (
    BUS_DRAWN,
    BUS_DRAWS,
    BUS_FIRST,
    BUS_LAST,
    KIND,
    MARKET,
    MINING,
    OBLIGATION,
    OF,
    WHERE,
)

SEEN = 1e-9
"""Power below which something counts as nothing [MW]."""

GENERATING, RUNNING, CURTAILING, SHORT = 1, 2, 4, 8
"""Marks of a step."""


@compiled(inner=True, error_model="numpy")
def choose_ways(
    places: Integers, table: Integers, suppliers: Integers, hourly: bool, bus: Floats,
    draw: Floats, use: Floats, way: Integers,
) -> float:  # fmt: skip
    """Say how each section is dispatched in a segment; return output beyond load and duties [MW].

    Parameters
    ----------
    places, table, suppliers : sections, uses and suppliers of the structure.
    hourly : whether every step is asked for.
    """
    spare = 0.0
    for b in range(bus.shape[0]):
        market, markets, mines, owed = -1, 0, 0, 0.0
        for n in range(places[b, BUS_FIRST], places[b, BUS_LAST]):
            if table[n, KIND] == MARKET:
                market, markets = n, markets + 1
            elif table[n, KIND] == OBLIGATION:
                owed += use[n, CAPACITY]
            elif table[n, KIND] == MINING:
                mines = 1
        spare += bus[b, AVAILABLE] - bus[b, LOAD] - owed
        supplier, found = -1, 0
        if bus[b, LOAD] > bus[b, AVAILABLE]:
            for i in range(places[b, BUS_DRAWS], places[b, BUS_DRAWN]):
                if draw[b, suppliers[i]] > 0.0:
                    supplier, found = suppliers[i], found + 1
        way[b, WAY] = BY_REGIME
        if hourly or markets > 1 or found > 1:
            way[b, WAY] = BY_STEP
        if bus[b, LOAD] == 0.0 and bus[b, AVAILABLE] == 0.0 and owed == 0.0:
            way[b, WAY] = IDLE
        # Where nothing is made nothing is sold, whatever the price.
        way[b, SELLS] = market if bus[b, AVAILABLE] > 0.0 else -1
        way[b, DRAWS], way[b, UNORDERED], way[b, MINES], way[b, LEVELS] = supplier, 1, mines, 0
    return spare


# --- regimes ------------------------------------------------------------------------------------


@compiled(inner=True, error_model="numpy")
def level_of(
    i: int, uses: int, supplies: int, first: int, spill: float, supply: Floats, use: Floats
) -> float:
    """Worth number `i` that a market is compared with: of uses, of supplies, of curtailing."""
    if i < uses:
        return float(use[first + i, WORTH] + use[first + i, MISSING])
    return float(supply[i - uses, COST]) if i < uses + supplies else -spill


@compiled(inner=True, error_model="numpy")
def set_levels(
    first: int, last: int, market: int, spill: float, supply: Floats, supplies: int, use: Floats,
    rank: Integers, regime: Floats,
) -> int:  # fmt: skip
    """Put the worths that a market is compared with in falling order; return their number."""
    count, uses = 0, last - first
    for i in range(uses + supplies + 1 if market >= 0 else 0):
        if first + i == market:
            continue
        level = level_of(i, uses, supplies, first, spill, supply, use)
        p = count
        while p > 0 and regime[p - 1, LEVEL] < level:
            regime[p, LEVEL], rank[p] = regime[p - 1, LEVEL], rank[p - 1]
            p -= 1
        regime[p, LEVEL], rank[p] = level, i
        count += 1
    for r in range(count + 1):
        regime[r, OFTEN], regime[r, WORTHS], regime[r, FILLED] = 0.0, 0.0, 0.0
    return count


@compiled(inner=True, error_model="numpy")
def keep_order(
    first: int, last: int, spill: float, supply: Floats, supplies: int, use: Floats,
    rank: Integers, count: int, regime: Floats,
) -> bool:  # fmt: skip
    """Bring the worths up to date, as long as their order and what is equal stay as they were."""
    before, level = np.inf, np.inf
    for p in range(count):
        now = level_of(rank[p], last - first, supplies, first, spill, supply, use)
        if p > 0 and (now > level or (now == level) != (regime[p, LEVEL] == before)):
            return False
        before, level = regime[p, LEVEL], now
    for p in range(count):
        regime[p, LEVEL] = level_of(rank[p], last - first, supplies, first, spill, supply, use)
    return True


@compiled(inner=True, error_model="numpy")
def between(regime: Floats, count: int, r: int) -> float:
    """Return a worth of a market in regime `r`: below level `r - 1` and above level `r`."""
    if count == 0:
        return 0.0
    if r == 0:
        return float(regime[0, LEVEL] + 1.0)
    if r == count:
        return float(regime[count - 1, LEVEL] - 1.0)
    return float(0.5 * (regime[r - 1, LEVEL] + regime[r, LEVEL]))


@compiled(inner=True, error_model="numpy")
def regime_of(worth: float, r: int, count: int, regime: Floats) -> int:
    """Regime of a worth, searched for from regime `r` on."""
    while r > 0 and worth > regime[r - 1, LEVEL]:
        r -= 1
    while r < count and worth <= regime[r, LEVEL]:
        r += 1
    return r


@compiled(inner=True, error_model="numpy")
def sort_steps(
    price: Floats, daily: Floats, day: Integers, day_start: Integers, begin: int, end: int,
    kept: float, charge: float, count: int, regime: Floats, place: Bytes,
) -> None:  # fmt: skip
    """Count in which regimes steps lie, and write it for each; whole days at once where possible.

    Parameters
    ----------
    price, daily : of the market's area, see `arrays.World`.
    """
    t, r = begin, 0
    while t < end:
        d = day[t]
        stop = min(end, day_start[d + 1])
        if t == day_start[d] and stop == day_start[d + 1]:
            r = regime_of(daily[d, HIGHEST] * kept - charge, r, count, regime)
            if r == regime_of(daily[d, LOWEST] * kept - charge, r, count, regime):
                regime[r, TODAY] += stop - t
                regime[r, TODAYS] += daily[d, TOGETHER] * kept - charge * (stop - t)
                place[t:stop] = r
                t = stop
                continue
        for i in range(t, stop):
            worth = price[i] * kept - charge
            r = regime_of(worth, r, count, regime)
            place[i] = r
            regime[r, TODAY] += 1.0
            regime[r, TODAYS] += worth
        t = stop


@compiled(inner=True, error_model="numpy")
def mark_of(table: Integers, first: int, last: int, use: Floats, row: Floats) -> int:
    """Marks of the steps of a section in a regime that has been filled."""
    marks = GENERATING if row[OUTPUT] > SEEN else 0
    marks |= CURTAILING if row[LEFT] > SEEN else 0
    for n in range(first, last):
        if table[n, KIND] <= OBLIGATION and use[n, CAPACITY] - row[GOT + n] > SEEN:
            marks |= SHORT
        elif table[n, KIND] == MINING and row[GOT + n] > SEEN:
            marks |= RUNNING
    return marks


# --- sums ---------------------------------------------------------------------------------------


@compiled(inner=True, error_model="numpy")
def add_up(
    table: Integers, first: int, last: int, market: int, hours: float, worths: float,
    area: Floats, use: Floats, supply: Floats, supplies: int, row: Floats,
) -> float:  # fmt: skip
    """Add up a regime, once filled, for all the hours in which it holds.

    Parameters
    ----------
    market : the use whose worth has been added up, -1 for none.
    hours : time that the regime holds [h].
    worths : worth of the market over that time [USD/MWh times h].

    Returns
    -------
    What is thrown away [MWh].
    """
    for j in range(supplies):
        supply[j, MADE] += row[GOT + use.shape[0] + j] * hours
    for n in range(first, last):
        got = row[GOT + n]
        use[n, ENERGY_USED] += got * hours
        if n == market:
            use[n, EARNED] += got * (worths + area[table[n, WHERE], CHARGE] * hours)
        elif table[n, KIND] != MINING:
            use[n, EARNED] += got * hours * use[n, EARNS]
        if table[n, KIND] <= OBLIGATION:
            use[n, LACKED] += (use[n, CAPACITY] - got) * hours
    return float(row[LEFT] * hours)


@compiled(inner=True, error_model="numpy")
def add_slopes(
    table: Integers, first: int, last: int, market: int, hours: float, worths: float,
    area: Floats, use: Floats, mine: Floats, rooms: int, row: Floats,
) -> None:  # fmt: skip
    """Add up what one more megawatt of each mine would do in the hours of a regime.

    Parameters
    ----------
    As of `add_up`; `rooms` as of `filling.displaced_by`.
    """
    for n in range(first, last):
        gives = displaced_by(n, use, table, first, last, rooms, row)
        if gives == -2:
            continue
        lost = worths
        if gives != market or market < 0:
            lost = row[MARGINAL] * hours
            if gives >= 0:
                lost = (use[gives, WORTH] + use[gives, MISSING]) * hours
        kept = 1.0 if table[n, WHERE] < 0 else area[table[n, WHERE], KEPT]
        add_slope(n, use, kept, hours, lost, mine[table[n, OF]])


@compiled(inner=True, error_model="numpy")
def count_day(
    table: Integers, first: int, last: int, market: int, begin: int, end: int, step: float,
    slopes: int, count: int, units: int, area: Floats, use: Floats, mine: Floats, regime: Floats,
    place: Bytes, marks: Bytes,
) -> None:  # fmt: skip
    """Take the steps of the day into regimes, into the hashes of mines and into the marks.

    Parameters
    ----------
    units : number of units of the plant.
    """
    common, parts = 0, 0
    for r in range(count + 1):
        if regime[r, TODAY] == 0.0:
            continue
        parts += 1
        common = int(regime[r, MARKS])
        for n in range(first, last):
            if table[n, KIND] == MINING:
                hashes = regime[r, GOT + n] * use[n, EARNS]
                mine[table[n, OF], HASHED] += regime[r, TODAY] * step * hashes
        if slopes == 1:
            # What a mine displaces depends on the worths of the day, so it is filled day by day.
            if market >= 0:
                use[market, WORTH] = between(regime, count, r)
            add_slopes(
                table, first, last, market, regime[r, TODAY] * step, regime[r, TODAYS] * step,
                area, use, mine, GOT + use.shape[0] + units, regime[r],
            )  # fmt: skip
            regime[r, FILLED] = 0.0
        regime[r, OFTEN] += regime[r, TODAY]
        regime[r, WORTHS] += regime[r, TODAYS]
        regime[r, TODAY], regime[r, TODAYS] = 0.0, 0.0
    if parts == 1:
        for t in range(begin, end):
            marks[t] |= common
    else:
        for t in range(begin, end):
            marks[t] |= np.uint8(regime[place[t], MARKS])


@compiled(inner=True, error_model="numpy")
def close_regimes(
    b: int, first: int, last: int, market: int, count: int, step: float, table: Integers,
    bus: Floats, area: Floats, use: Floats, supply: Floats, supplies: int, regime: Floats,
) -> None:  # fmt: skip
    """Add up all regimes of a section since their worths were put in order, and begin anew."""
    for r in range(count + 1):
        hours, worths = regime[r, OFTEN] * step, regime[r, WORTHS] * step
        if hours > 0.0:
            bus[b, LOST] += add_up(
                table, first, last, market, hours, worths, area, use, supply, supplies, regime[r]
            )
        regime[r, OFTEN], regime[r, WORTHS] = 0.0, 0.0


# --- every step ---------------------------------------------------------------------------------


@compiled(inner=True, error_model="numpy")
def buy(
    suppliers: Integers, price: Floats, t: int, step: float, need: float, unserved: float,
    draw: Floats, area: Floats,
) -> float:  # fmt: skip
    """Draw what own units cannot serve from other areas, the cheapest first; return it [MW].

    Parameters
    ----------
    suppliers : areas that the section can draw from.
    need : load that own units cannot serve [MW].
    """
    got, done, last = 0.0, -np.inf, -1
    for _ in range(suppliers.shape[0]):
        best, cheapest, place = -1, unserved, -1
        for i in range(suppliers.shape[0]):
            a = suppliers[i]
            full = price[a, t] / area[a, KEPT] + area[a, DRAW_CHARGE]
            # Areas of the same price come one after the other.
            if full < cheapest and (full > done or (full == done and i > last)):
                best, cheapest, place = a, full, i
        if best < 0:
            break
        done, last = cheapest, place
        part = min(draw[best], need - got)
        area[best, BOUGHT] += part * step
        area[best, SPENT] += part * step * price[best, t] / area[best, KEPT]
        got += part
    return got


@compiled(inner=True, error_model="numpy")
def set_markets(
    table: Integers, first: int, last: int, price: Floats, t: int, area: Floats, use: Floats
) -> None:
    """Work out the worth of all markets of a section in a step."""
    for n in range(first, last):
        if table[n, KIND] == MARKET:
            a = table[n, WHERE]
            use[n, EARNS] = price[a, t] * area[a, KEPT]
            use[n, WORTH] = use[n, EARNS] - area[a, CHARGE]
