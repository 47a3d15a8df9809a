"""A future of one alternative from its first step to its last, compiled.

One pass through time. Every step is filled in merit order, which is exact where steps do not
depend on each other; what a hash earns on a day follows the difficulty to which the network,
own hashes in it, has come by then.
"""

from __future__ import annotations

import numpy as np

from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import (
    ALLOWED,
    AVAILABLE,
    BOUGHT,
    BY_REGIME,
    CAPACITY,
    CHARGE,
    DAY,
    DRAW_CHARGE,
    DRAWS,
    EARNS,
    FEES,
    FILLED,
    GOT,
    HASHED,
    HIGHEST,
    IDLE,
    KEPT,
    LEVELS,
    LOAD,
    LOST,
    MARKS,
    MINES,
    MUST,
    OWING,
    PAY,
    PRICE,
    RESPONSE,
    SELLS,
    SINCE,
    SLOPES,
    SPENT,
    SPILL,
    TODAY,
    TOGETHER,
    UNORDERED,
    UNSERVED,
    WAY,
    WORTH,
    Bytes,
    Floats,
    Integers,
    Plan,
    Sums,
    Time,
    World,
    new_space,
)
from baseload.plan.ensemble.booking import book_mines, book_slopes, book_supply, book_uses
from baseload.plan.ensemble.filling import fill
from baseload.plan.ensemble.network import close_day, open_day, pay_mines
from baseload.plan.ensemble.present import (
    read_numbers,
    set_grid,
    set_mines,
    set_plant,
    set_uses,
)
from baseload.plan.ensemble.steps import (
    CURTAILING,
    GENERATING,
    RUNNING,
    SHORT,
    add_slopes,
    add_up,
    between,
    buy,
    choose_ways,
    close_regimes,
    count_day,
    keep_order,
    mark_of,
    set_levels,
    set_markets,
    sort_steps,
)
from baseload.plan.ensemble.structure import (
    BUS_DRAWN,
    BUS_DRAWS,
    BUS_FIRST,
    BUS_LAST,
    KIND,
    MINING,
    OF,
    WHERE,
    Structure,
)


def run_hours(s: Structure, time: Time, world: World, plan: Plan, out: Sums) -> None:
    """Run an alternative through a future and add up what it comes to."""
    w = new_space(s, world, plan)
    run_segments(
        time.step, time.month, time.day, time.day_start,
        world.price, world.daily, world.coin, world.terms, world.series, world.factor,
        plan.start, plan.stretch, plan.values, plan.series, plan.used, plan.varying,
        plan.up, plan.share, plan.heat, plan.allowed, plan.rules, plan.wear,
        s.bus, s.unit, s.link, s.area, s.owed, s.mine, s.use, s.supplier, s.use_number,
        s.mine_number,
        w.numbers, w.bus, w.supply, w.supplies, w.way, w.area, w.draw, w.mine, w.use, w.regime,
        w.rank, w.order, w.room, w.network, w.today, w.place, w.marks,
        out.energy, out.plant, out.mine, out.coins, out.installed, out.network_share,
        out.slope_mine, out.slope_plant, out.slope_fixed, out.hourly,
    )  # fmt: skip
    count_marks(w.marks, time.month, time.step, out.energy[9:], out.first)


@compiled(error_model="numpy")
def run_segments(
    step: float, month: Integers, day: Integers, day_start: Integers,
    price: Floats, daily: Floats, coin: Floats, terms: Floats, series: Floats, factor: Floats,
    start: Integers, stretch: Integers, values: Floats, rows: Integers, used: Integers,
    varying: Integers, up: Floats, share: Floats, heat: Floats, allowed: Bytes, rules: Integers,
    wear: Floats, buses: Integers, units: Integers, links: Integers, areas: Integers,
    owed: Integers, mines: Integers, table: Integers, suppliers: Integers, about: Floats,
    rated: Floats, numbers: Floats, bus: Floats, supply: Floats, supplies: Integers,
    way: Integers, area: Floats, draw: Floats, mine: Floats, use: Floats, regime: Floats,
    rank: Integers, order: Integers, room: Floats, network: Floats, today: Floats, place: Bytes,
    marks: Bytes, energy: Floats, plant: Floats, money: Floats, coins: Floats, installed: Floats,
    network_share: Floats, slope_mine: Floats, slope_plant: Floats, slope_fixed: Floats,
    hourly: Floats,
) -> None:  # fmt: skip
    """Run through all segments; see `arrays` for what is what."""
    response, slopes = rules[RESPONSE], rules[SLOPES]
    g = -1
    for k in range(stretch.shape[0]):
        t, end, this_month = start[k], start[k + 1], month[start[k]]
        hours = (end - t) * step
        if stretch[k] != g or varying[stretch[k]] == 1:
            g = stretch[k]
            read_numbers(values[g], rows[g], used, series, factor, t, numbers)
        set_grid(numbers, links, areas, up, k, room, area, draw)
        set_plant(numbers, buses, units, share, k, bus, supply, supplies)
        for b in range(bus.shape[0]):
            if bus[b, AVAILABLE] > 0.0:
                bus[b, OWING] = 1.0
        set_mines(numbers, mines, rated, allowed, k, t, end, step, slopes, wear, mine)
        set_uses(numbers, table, about, owed, areas, t * step, heat, k, bus, area, mine,
                 use)  # fmt: skip
        spare = choose_ways(buses, table, suppliers, hourly.shape[0] > 0, bus, draw, use, way)
        energy[8, this_month] += spare * hours
        # What a hash is paid holds for a day; without a mine to run there is no need for days.
        standing = False
        for m in range(mine.shape[0]):
            standing |= mine[m, ALLOWED] > 0.0
        while t < end:
            stop = end
            if mine.shape[0] > 0:
                if day[t] != today[DAY]:
                    if today[DAY] >= 0.0:
                        close_day(response, network, today, coin[PRICE, day[t - 1]],
                                  (t - today[SINCE]) * step, month[t - 1], mine, money, coins,
                                  network_share, slope_mine)  # fmt: skip
                    open_day(response, terms, coin, network, day[t], t, today)
                stop = min(end, day_start[day[t] + 1])
                pay_mines(coin[FEES, day[t]], network[0, PAY], mines, table, mine, use)
            if standing or t == start[k]:
                until = stop if standing else end
                for b in range(bus.shape[0]):
                    if way[b, WAY] != IDLE:
                        run_section(
                            b, t, until, step, day, day_start, price, daily, slopes, buses, table,
                            suppliers, bus, supply, supplies, way, area, draw, mine, use, regime,
                            rank, order, place, marks, hourly,
                        )  # fmt: skip
            t = stop
        for b in range(bus.shape[0]):
            close_section(b, step, buses, table, bus, supply, supplies, way, area, use, regime)
        book_uses(table, area, mine, use, this_month, energy, plant, money)
        book_supply(bus, supply, supplies, area, hours, this_month, energy, plant)
        book_mines(mine, hours, this_month, money, installed)
        if slopes == 1:
            book_slopes(mines, area, mine, hours, this_month, slope_mine, slope_plant,
                        slope_fixed)  # fmt: skip
    if mine.shape[0] > 0:
        last = month.shape[0] - 1
        close_day(response, network, today, coin[PRICE, day[last]],
                  (last + 1 - today[SINCE]) * step, month[last], mine, money, coins,
                  network_share, slope_mine)  # fmt: skip


@compiled(inner=True, error_model="numpy")
def run_section(
    b: int, begin: int, end: int, step: float, day: Integers, day_start: Integers, price: Floats,
    daily: Floats, slopes: int, buses: Integers, table: Integers, suppliers: Integers,
    bus: Floats, supply: Floats, supplies: Integers, way: Integers, area: Floats, draw: Floats,
    mine: Floats, use: Floats, regime: Floats, rank: Integers, order: Integers, place: Bytes,
    marks: Bytes, hourly: Floats,
) -> None:  # fmt: skip
    """Dispatch the steps of one day, or of a segment without a mine, in section `b`."""
    by_regime, a, bought = way[b, WAY] == BY_REGIME, way[b, DRAWS], 0.0
    if by_regime and a >= 0:
        # As long as load is worth more than what it costs to draw, all is drawn that there is.
        dearest = (bus[b, UNSERVED] - area[a, DRAW_CHARGE]) * area[a, KEPT]
        highest, total = span_of(price[a], daily[a], day, day_start, begin, end)
        by_regime = highest < dearest
        if by_regime:
            bought = min(draw[b, a], bus[b, LOAD] - bus[b, AVAILABLE])
            area[a, BOUGHT] += bought * (end - begin) * step
            area[a, SPENT] += bought * step * total / area[a, KEPT]
    house = buses[b, BUS_FIRST]
    if by_regime:
        use[house, CAPACITY] = bus[b, LOAD] - bought
        run_regimes(
            b, begin, end, step, day, day_start, price, daily, slopes, buses, table, bus, supply,
            supplies, way, area, mine, use, regime, rank, order, place, marks,
        )  # fmt: skip
    else:
        capacity = use[house, CAPACITY]
        run_each(
            b, begin, end, step, price, slopes, buses, table, suppliers, bus, supply, supplies,
            area, draw, mine, use, regime, order, marks, hourly,
        )  # fmt: skip
        use[house, CAPACITY] = capacity


@compiled(inner=True, error_model="numpy")
def span_of(
    price: Floats, daily: Floats, day: Integers, day_start: Integers, begin: int, end: int
) -> tuple[float, float]:
    """Greatest price and sum of all prices from step `begin` to `end` - 1."""
    highest, total, t = -np.inf, 0.0, begin
    while t < end:
        d = day[t]
        stop = min(end, day_start[d + 1])
        if t == day_start[d] and stop == day_start[d + 1]:
            highest, total = max(highest, daily[d, HIGHEST]), total + daily[d, TOGETHER]
        else:
            for i in range(t, stop):
                highest, total = max(highest, price[i]), total + price[i]
        t = stop
    return highest, total


@compiled(inner=True, error_model="numpy")
def run_regimes(
    b: int, begin: int, end: int, step: float, day: Integers, day_start: Integers, price: Floats,
    daily: Floats, slopes: int, buses: Integers, table: Integers, bus: Floats, supply: Floats,
    supplies: Integers, way: Integers, area: Floats, mine: Floats, use: Floats, regime: Floats,
    rank: Integers, order: Integers, place: Bytes, marks: Bytes,
) -> None:  # fmt: skip
    """Dispatch steps of a section with one market or none, regime by regime."""
    first, last, market = buses[b, BUS_FIRST], buses[b, BUS_LAST], way[b, SELLS]
    spill, levels, count = bus[b, SPILL], regime[b], way[b, LEVELS]
    if (
        way[b, UNORDERED] == 0
        and way[b, MINES] == 1
        and not keep_order(first, last, spill, supply[b], supplies[b], use, rank[b], count, levels)
    ):
        close_section(b, step, buses, table, bus, supply, supplies, way, area, use, regime)
        way[b, UNORDERED] = 1
    if way[b, UNORDERED] == 1:
        count = set_levels(first, last, market, spill, supply[b], supplies[b], use, rank[b],
                           levels)  # fmt: skip
        way[b, LEVELS], way[b, UNORDERED] = count, 0
    if market >= 0:
        a = table[market, WHERE]
        sort_steps(price[a], daily[a], day, day_start, begin, end, area[a, KEPT],
                   area[a, CHARGE], count, levels, place)  # fmt: skip
    else:
        levels[0, TODAY] = end - begin
        place[begin:end] = 0
    for r in range(count + 1):
        if levels[r, TODAY] == 0.0 or levels[r, FILLED] == 1.0:
            continue
        if market >= 0:
            use[market, WORTH] = between(levels, count, r)
        row = levels[r]
        fill(use, table, area, first, last, supply[b], supplies[b], bus[b, MUST], spill, order,
             row)  # fmt: skip
        row[MARKS], row[FILLED] = mark_of(table, first, last, use, row), 1.0
    count_day(table, first, last, market, begin, end, step, slopes, count, supply.shape[1], area,
              use, mine, levels, place, marks)  # fmt: skip


@compiled(inner=True, error_model="numpy")
def close_section(
    b: int, step: float, buses: Integers, table: Integers, bus: Floats, supply: Floats,
    supplies: Integers, way: Integers, area: Floats, use: Floats, regime: Floats,
) -> None:  # fmt: skip
    """Add up all that regimes of a section have counted."""
    if way[b, WAY] == BY_REGIME and way[b, UNORDERED] == 0:
        close_regimes(
            b, buses[b, BUS_FIRST], buses[b, BUS_LAST], way[b, SELLS], way[b, LEVELS], step,
            table, bus, area, use, supply[b], supplies[b], regime[b],
        )  # fmt: skip


@compiled(inner=True, error_model="numpy")
def run_each(
    b: int, begin: int, end: int, step: float, price: Floats, slopes: int, buses: Integers,
    table: Integers, suppliers: Integers, bus: Floats, supply: Floats, supplies: Integers,
    area: Floats, draw: Floats, mine: Floats, use: Floats, regime: Floats, order: Integers,
    marks: Bytes, hourly: Floats,
) -> None:  # fmt: skip
    """Dispatch the steps of a section one by one."""
    first, last = buses[b, BUS_FIRST], buses[b, BUS_LAST]
    # The last row of regimes is never one.
    row, none = regime[b, regime.shape[1] - 1], -1
    sources = suppliers[buses[b, BUS_DRAWS] : buses[b, BUS_DRAWN]]
    for t in range(begin, end):
        bought = 0.0
        if bus[b, LOAD] > bus[b, AVAILABLE]:
            need = bus[b, LOAD] - bus[b, AVAILABLE]
            bought = buy(sources, price, t, step, need, bus[b, UNSERVED], draw[b], area)
        use[first, CAPACITY] = bus[b, LOAD] - bought
        set_markets(table, first, last, price, t, area, use)
        fill(use, table, area, first, last, supply[b], supplies[b], bus[b, MUST], bus[b, SPILL],
             order, row)  # fmt: skip
        # No market is special: what it earns, and what gives way, count at this step's worth.
        bus[b, LOST] += add_up(table, first, last, none, step, 0.0, area, use, supply[b],
                               supplies[b], row)  # fmt: skip
        marks[t] |= np.uint8(mark_of(table, first, last, use, row))
        made = 0.0
        for n in range(first, last):
            made += row[GOT + n]
            if table[n, KIND] == MINING:
                mine[table[n, OF], HASHED] += row[GOT + n] * step * use[n, EARNS]
            if hourly.shape[0] > 0:
                hourly[n, t] = row[GOT + n]
        if slopes == 1:
            add_slopes(table, first, last, none, step, 0.0, area, use, mine,
                       GOT + use.shape[0] + supply.shape[1], row)  # fmt: skip
        if hourly.shape[0] > 0:
            line = use.shape[0] + 2 * b
            hourly[line, t], hourly[line + 1, t] = made, bought


@compiled(error_model="numpy")
def count_marks(marks: Bytes, month: Integers, step: float, hours: Floats, first: Integers) -> None:
    """Count hours by their marks, and note the first step of mining and of generation.

    Parameters
    ----------
    hours : generating, mining, curtailing and short, shape (4, months); grow [h].
    """
    for t in range(marks.shape[0]):
        mark, m = marks[t], month[t]
        if mark & GENERATING:
            hours[0, m] += step
        if mark & RUNNING:
            hours[1, m] += step
        if mark & CURTAILING:
            hours[2, m] += step
        if mark & SHORT:
            hours[3, m] += step
    for t in range(marks.shape[0]):
        if first[0] < 0 and marks[t] & RUNNING:
            first[0] = t
        if first[1] < 0 and marks[t] & GENERATING:
            first[1] = t
