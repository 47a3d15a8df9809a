"""The steps between two changes of a future, compiled.

Between two changes only market prices move, and what a hash is paid from day to day. Where a
section has one market, its allocation depends on that price only through its place among the
worths of the other uses: each place, a regime, is filled once, and steps only count how often
and at what prices a regime holds. Elsewhere every step is filled for itself.
"""

from __future__ import annotations

import numpy as np

from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import (
    AVAILABLE,
    CAPACITY,
    CHARGE,
    COST,
    DAY,
    DRAW_CHARGE,
    EARNS,
    KEPT,
    LOAD,
    MISSING,
    MUST,
    SINCE,
    SPILL,
    UNSERVED,
    WORTH,
    Bytes,
    Floats,
    Integers,
    Network,
    Now,
    Sums,
    Tally,
    Time,
    World,
)
from baseload.plan.ensemble.filling import (
    LEFT,
    MARGINAL,
    OUTPUT,
    add_slope,
    displaced_by,
    fill,
)
from baseload.plan.ensemble.network import close_day, open_day, pay_mines
from baseload.plan.ensemble.structure import MARKET, MINING, OBLIGATION, Structure

SEEN = 1e-9
"""Power below which something counts as nothing [MW]."""

GENERATING, RUNNING, CURTAILING, SHORT = 1, 2, 4, 8
"""Marks of a step."""


@compiled(inner=True, error_model="numpy")
def run_steps(
    s: Structure, time: Time, world: World, mode: int, network: Network, now: Now, tally: Tally,
    begin: int, end: int, order: Integers, room: Floats, got: Floats, slopes: int, out: Sums,
) -> None:  # fmt: skip
    """Dispatch steps `begin` to `end` - 1, in which only market prices and the day's pay change.

    Parameters
    ----------
    mode : how a hash is paid, see `network.open_day`.
    order : the uses, section by section; kept from call to call.
    room, got : work space, shapes (A,) and (N,).
    """
    day, step, month, mines = time.day, time.step, time.month[begin], now.mine.shape[0]
    today = network.today
    marks = np.zeros(end - begin, np.uint8)
    got[:] = 0.0
    t = begin
    while t < end:
        stop = end
        if mines > 0:
            # What a hash is paid holds for a day.
            stop = t + 1
            while stop < end and day[stop] == day[t]:
                stop += 1
            if day[t] != today[DAY]:
                if today[DAY] >= 0.0:
                    close_day(
                        mode, network, world.coin[day[t - 1]], (t - today[SINCE]) * step,
                        time.month[t - 1], s.use_kind, s.use_of, tally.use, now.mine, now.paid,
                        tally.hashes, tally.slope_hashes, out.mine, out.coins,
                        out.network_share, out.slope_mine,
                    )  # fmt: skip
                open_day(
                    mode, world.terms, world.coin, world.fees, world.luck, world.hashprice,
                    world.others, network, day[t], t,
                )  # fmt: skip
            pay_mines(
                world.fees[day[t]], s.mine_fees, s.use_kind, s.use_of, now.mine,
                network.pay[0], now.paid, now.use,
            )  # fmt: skip
        run_sections(s, world, now, tally, t, stop, step, order, room, got, marks[t - begin :],
                     slopes, out.hourly)  # fmt: skip
        t = stop
    count_marks(marks, begin, step, tally.hours, out.first)
    spare = 0.0
    for b in range(now.bus.shape[0]):
        spare += now.bus[b, AVAILABLE] - now.bus[b, LOAD]
    for n in range(s.use_kind.shape[0]):
        if s.use_kind[n] == OBLIGATION:
            spare -= now.use[n, CAPACITY]
    out.energy[8, month] += spare * (end - begin) * step


@compiled(inner=True, error_model="numpy")
def run_sections(
    s: Structure, world: World, now: Now, tally: Tally, begin: int, end: int, step: float,
    order: Integers, room: Floats, got: Floats, marks: Bytes, slopes: int, hourly: Floats,
) -> None:  # fmt: skip
    """Dispatch the steps of one day, or of several without a mine, section by section."""
    for b in range(now.bus.shape[0]):
        first, last = s.use_first[b], s.use_first[b + 1]
        market, markets, owed = np.int64(-1), 0, 0.0
        for n in range(first + 1, last):
            if s.use_kind[n] == MARKET:
                market, markets = n, markets + 1
            elif s.use_kind[n] == OBLIGATION:
                owed += now.use[n, CAPACITY]
        if now.bus[b, LOAD] == 0.0 and now.bus[b, AVAILABLE] == 0.0 and owed == 0.0:
            continue
        supplier = the_supplier(s, world, now, b, begin, end)
        if markets <= 1 and supplier >= -1 and hourly.shape[0] == 0:
            run_regimes(s, world, now, tally, b, market, supplier, begin, end, step, order, room,
                        got, marks, slopes)  # fmt: skip
        else:
            run_each(s, world, now, tally, b, begin, end, step, order, room, got, marks, slopes,
                     hourly)  # fmt: skip


@compiled(inner=True, error_model="numpy")
def the_supplier(s: Structure, world: World, now: Now, b: int, begin: int, end: int) -> int:
    """Area that a section draws from: -1 for none, -2 where the price decides among several."""
    if now.bus[b, LOAD] <= now.bus[b, AVAILABLE]:
        return -1
    found = -1
    for i in range(s.supplier_first[b], s.supplier_first[b + 1]):
        a = s.supplier[i]
        if now.draw[b, a] <= 0.0:
            continue
        if found >= 0:
            return -2
        found = a
    if found >= 0:
        dearest = (now.bus[b, UNSERVED] - now.area[found, DRAW_CHARGE]) * now.area[found, KEPT]
        for t in range(begin, end):
            if world.price[found, t] >= dearest:
                return -2
    return found


@compiled(inner=True, error_model="numpy")
def run_regimes(
    s: Structure, world: World, now: Now, tally: Tally, b: int, market: int, supplier: int,
    begin: int, end: int, step: float, order: Integers, room: Floats, got: Floats, marks: Bytes,
    slopes: int,
) -> None:  # fmt: skip
    """Dispatch the steps of a section with one market or none, regime by regime.

    Parameters
    ----------
    market : the use that sells, -1 for none.
    supplier : area that load beyond own output is drawn from, -1 for none.
    """
    first, last = s.use_first[b], s.use_first[b + 1]
    use, hours = now.use, (end - begin) * step
    bought = 0.0
    if supplier >= 0:
        total = 0.0
        for t in range(begin, end):
            total += world.price[supplier, t]
        bought = min(now.draw[b, supplier], now.bus[b, LOAD] - now.bus[b, AVAILABLE])
        tally.bought[supplier, 0] += bought * hours
        tally.bought[supplier, 1] += bought * step * total / now.area[supplier, KEPT]
    use[first, CAPACITY] = now.bus[b, LOAD] - bought
    levels = np.empty(last - first + now.supplies[b] + 2)
    count = 0
    # Where nothing is made nothing is sold, whatever the price.
    market = market if now.bus[b, AVAILABLE] > 0.0 else np.int64(-1)
    if market >= 0:
        count = thresholds(use, first, last, market, now.supply[b], now.supplies[b],
                           now.bus[b, SPILL], levels)  # fmt: skip
    # How many steps each regime holds, and the sum of the market's worth in them.
    often, worths = np.zeros(count + 1), np.zeros(count + 1)
    place = np.zeros(end - begin, np.uint8)
    if market >= 0:
        a, r = s.use_area[market], 0
        kept, charge = now.area[a, KEPT], now.area[a, CHARGE]
        for t in range(begin, end):
            worth = world.price[a, t] * kept - charge
            while r > 0 and worth > levels[r - 1]:
                r -= 1
            while r < count and worth <= levels[r]:
                r += 1
            place[t - begin] = r
            often[r] += 1.0
            worths[r] += worth
    else:
        often[0] = end - begin
    kinds = np.zeros(count + 1, np.uint8)
    for r in range(count + 1):
        if often[r] == 0.0:
            continue
        if market >= 0:
            use[market, WORTH] = between(levels, count, r)
        kinds[r] = book_regime(s, now, tally, b, market, often[r] * step, worths[r] * step,
                               order, room, got, slopes)  # fmt: skip
    for i in range(end - begin):
        marks[i] |= kinds[place[i]]


@compiled(inner=True, error_model="numpy")
def thresholds(
    use: Floats, first: int, last: int, market: int, supply: Floats, supplies: int,
    spill: float, levels: Floats,
) -> int:  # fmt: skip
    """Write the worths that a market is compared with, falling; return their number."""
    count = 0
    for i in range(last - first + supplies + 1):
        if i < last - first:
            if first + i == market:
                continue
            level = use[first + i, WORTH] + use[first + i, MISSING]
        elif i < last - first + supplies:
            level = supply[i - (last - first), COST]
        else:
            level = -spill
        p = count
        while p > 0 and levels[p - 1] < level:
            levels[p] = levels[p - 1]
            p -= 1
        levels[p] = level
        count += 1
    return count


@compiled(inner=True, error_model="numpy")
def between(levels: Floats, count: int, r: int) -> float:
    """Return a worth in regime `r`: below `levels[r - 1]` and above `levels[r]`."""
    if count == 0:
        return 0.0
    if r == 0:
        return float(levels[0] + 1.0)
    if r == count:
        return float(levels[count - 1] - 1.0)
    return float(0.5 * (levels[r - 1] + levels[r]))


@compiled(inner=True, error_model="numpy")
def book_regime(
    s: Structure, now: Now, tally: Tally, b: int, market: int, hours: float, worths: float,
    order: Integers, room: Floats, got: Floats, slopes: int,
) -> int:  # fmt: skip
    """Fill a section once and add it up for all the hours in which the regime holds.

    Parameters
    ----------
    hours : time that it holds [h].
    worths : worth of the market over that time [USD/MWh times h].

    Returns
    -------
    Marks of its steps.
    """
    first, last, use = s.use_first[b], s.use_first[b + 1], now.use
    found, beyond = np.empty(4), np.empty(now.supply.shape[1])
    fill(
        use, s.use_area, now.area, first, last, now.supply[b], now.supplies[b],
        now.bus[b, MUST], now.bus[b, SPILL], order, room, got, beyond, found,
    )  # fmt: skip
    marks = 0
    for j in range(now.supplies[b]):
        tally.supply[b, j] += beyond[j] * hours
    for n in range(first, last):
        tally.use[n, 0] += got[n] * hours
        if n == market:
            tally.use[n, 1] += got[n] * (worths + now.area[s.use_area[n], CHARGE] * hours)
        else:
            tally.use[n, 1] += got[n] * hours * use[n, EARNS]
        if s.use_kind[n] <= OBLIGATION:
            missing = use[n, CAPACITY] - got[n]
            tally.use[n, 2] += missing * hours
            marks |= SHORT if missing > SEEN else 0
        elif s.use_kind[n] == MINING:
            marks |= RUNNING if got[n] > SEEN else 0
        if slopes == 1:
            gives = displaced_by(n, use, s.use_kind, s.use_area, first, last, room, got, found)
            if gives > -2:
                lost = worths
                if gives != market or market < 0:
                    lost = found[MARGINAL] * hours
                    if gives >= 0:
                        lost = (use[gives, WORTH] + use[gives, MISSING]) * hours
                add_slope(n, s.use_of[n], use, now.area, s.use_area, hours, lost, tally.slope,
                          tally.slope_hashes, EARNS)  # fmt: skip
    tally.lost[b] += found[LEFT] * hours
    marks |= GENERATING if found[OUTPUT] > SEEN else 0
    return marks | (CURTAILING if found[LEFT] > SEEN else 0)


@compiled(inner=True, error_model="numpy")
def run_each(
    s: Structure, world: World, now: Now, tally: Tally, b: int, begin: int, end: int,
    step: float, order: Integers, room: Floats, got: Floats, marks: Bytes, slopes: int,
    hourly: Floats,
) -> None:  # fmt: skip
    """Dispatch the steps of a section one by one."""
    first, last, use = s.use_first[b], s.use_first[b + 1], now.use
    for t in range(begin, end):
        bought = 0.0
        if now.bus[b, LOAD] > now.bus[b, AVAILABLE]:
            bought = buy(s, world, now, tally, b, t, step)
        use[first, CAPACITY] = now.bus[b, LOAD] - bought
        for n in range(first + 1, last):
            if s.use_kind[n] == MARKET:
                a = s.use_area[n]
                use[n, EARNS] = world.price[a, t] * now.area[a, KEPT]
                use[n, WORTH] = use[n, EARNS] - now.area[a, CHARGE]
        # No market is special: what gives way is valued at this step's worth.
        marks[t - begin] |= book_regime(s, now, tally, b, -1, step, 0.0, order, room, got, slopes)
        if hourly.shape[0] > 0:
            row = s.use_kind.shape[0] + 2 * b
            made = 0.0
            for n in range(first, last):
                hourly[n, t] = got[n]
                made += got[n]
            hourly[row, t], hourly[row + 1, t] = made, bought


@compiled(inner=True, error_model="numpy")
def buy(s: Structure, world: World, now: Now, tally: Tally, b: int, t: int, step: float) -> float:
    """Draw what own units cannot serve from other areas, the cheapest first; return it [MW]."""
    need, got, done = now.bus[b, LOAD] - now.bus[b, AVAILABLE], 0.0, -np.inf
    for _ in range(s.supplier_first[b], s.supplier_first[b + 1]):
        best, cheapest = -1, now.bus[b, UNSERVED]
        for i in range(s.supplier_first[b], s.supplier_first[b + 1]):
            a = s.supplier[i]
            full = world.price[a, t] / now.area[a, KEPT] + now.area[a, DRAW_CHARGE]
            if done < full < cheapest:
                best, cheapest = a, full
        if best < 0:
            break
        done = cheapest
        part = min(now.draw[b, best], need - got)
        tally.bought[best, 0] += part * step
        tally.bought[best, 1] += part * step * world.price[best, t] / now.area[best, KEPT]
        got += part
    return got


@compiled(inner=True, error_model="numpy")
def count_marks(marks: Bytes, begin: int, step: float, hours: Floats, first: Integers) -> None:
    """Count hours by their marks, and note the first of mining and of generation."""
    for i in range(marks.shape[0]):
        mark = marks[i]
        hours[1] += step if mark & GENERATING else 0.0
        hours[2] += step if mark & RUNNING else 0.0
        hours[3] += step if mark & CURTAILING else 0.0
        hours[4] += step if mark & SHORT else 0.0
        if first[0] < 0 and mark & RUNNING:
            first[0] = begin + i
        if first[1] < 0 and mark & GENERATING:
            first[1] = begin + i
    hours[0] += marks.shape[0] * step
