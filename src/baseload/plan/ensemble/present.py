"""What holds in a step of a future: loads, supplies, limits, mines, uses; compiled."""

from __future__ import annotations

import numpy as np

from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import (
    ALLOWED,
    AVAILABLE,
    CAPACITY,
    CHARGE,
    COST,
    COSTS,
    DRAW_CHARGE,
    EARNS,
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
    SPILL,
    TRANSFER,
    UNSERVED,
    VARIABLE,
    WORKING,
    WORTH,
    Now,
    Plan,
    World,
)
from baseload.plan.ensemble.structure import HOUSE, MARKET, MINING, OBLIGATION, Structure

HOURS_PER_YEAR = 8766.0
HOURS_PER_DAY = 24.0
PER_EXA = 1000.0 * HOURS_PER_DAY
"""A hashprice [USD/PH/day] over this is the worth of one TH/s for an hour [USD]."""


@compiled(inner=True, error_model="numpy")
def number(plan: Plan, world: World, g: int, place: int, t: int) -> float:
    """Value of a number of the case in step `t` of stretch `g`; NaN where there is none."""
    if place < 0:
        return np.nan
    row = plan.series[g, place]
    if row >= 0:
        return float(world.series[row, t] * world.factor[row])
    return float(plan.values[g, place])


@compiled(inner=True, error_model="numpy")
def or_else(value: float, absent: float) -> float:
    """Return a value, or another where it is not given."""
    return absent if np.isnan(value) else value


@compiled(inner=True, error_model="numpy")
def set_grid(s: Structure, world: World, plan: Plan, g: int, t: int, now: Now) -> None:
    """Work out limits and charges of all areas."""
    dark = world.links_out[t] == 1
    now.area[:, LIMIT] = 0.0
    now.draw[:] = 0.0
    largest = np.zeros(s.area_at.shape[0])
    for k in range(s.link_bus.shape[0]):
        area, up = s.link_area[k], 0.0
        if not dark:
            up = world.link_up[plan.link_row[g, k], t]
        sent = number(plan, world, g, s.link_at[k, 0], t) * up
        now.area[area, LIMIT] += sent
        largest[area] = max(largest[area], sent)
        now.draw[s.link_bus[k], area] += number(plan, world, g, s.link_at[k, 1], t) * up
    for a in range(s.area_at.shape[0]):
        if s.area_secure[a] == 1:
            now.area[a, LIMIT] -= largest[a]
        most = or_else(number(plan, world, g, s.area_at[a, 3], t), np.inf)
        now.area[a, LIMIT] = min(now.area[a, LIMIT], most)
        kept = 1.0 - number(plan, world, g, s.area_at[a, 2], t)
        now.area[a, KEPT] = kept
        now.area[a, CHARGE] = number(plan, world, g, s.area_at[a, 0], t) * kept
        now.area[a, DRAW_CHARGE] = number(plan, world, g, s.area_at[a, 1], t) / kept


@compiled(inner=True, error_model="numpy")
def set_plant(s: Structure, world: World, plan: Plan, g: int, t: int, now: Now) -> None:
    """Work out load and supplies of all sections."""
    now.bus[:, AVAILABLE] = 0.0
    now.bus[:, MUST] = 0.0
    now.bus[:, KEEPING] = 0.0
    now.supplies[:] = 0
    for b in range(s.bus_at.shape[0]):
        now.bus[b, LOAD] = number(plan, world, g, s.bus_at[b, 0], t)
        now.bus[b, UNSERVED] = number(plan, world, g, s.bus_at[b, 1], t)
        now.bus[b, SPILL] = number(plan, world, g, s.bus_at[b, 2], t)
    for u in range(s.unit_bus.shape[0]):
        b, share = s.unit_bus[u], plan.share[u, t]
        gross = number(plan, world, g, s.unit_at[u, 0], t)
        keeping = number(plan, world, g, s.unit_at[u, 6], t)
        now.bus[b, KEEPING] += keeping * gross * 1000.0 / HOURS_PER_YEAR
        now.bus[b, LOAD] += (1.0 - share) * number(plan, world, g, s.unit_at[u, 2], t)
        if share == 0.0:
            continue
        net = share * (gross - number(plan, world, g, s.unit_at[u, 1], t))
        least = net * number(plan, world, g, s.unit_at[u, 3], t)
        now.bus[b, AVAILABLE] += net
        now.bus[b, MUST] += least
        fuel = number(plan, world, g, s.unit_at[u, 4], t)
        cost = fuel + number(plan, world, g, s.unit_at[u, 5], t)
        add_supply(now, b, fuel, cost, least, net - least)


@compiled(inner=True, error_model="numpy")
def add_supply(now: Now, b: int, fuel: float, cost: float, least: float, more: float) -> None:
    """Add a unit's output to the supplies of a section; units of the same cost are one."""
    count = now.supplies[b]
    for j in range(count):
        if now.supply[b, j, COST] == cost and now.supply[b, j, FUEL] == fuel:
            now.supply[b, j, LEAST] += least
            now.supply[b, j, MORE] += more
            return
    j = count
    while j > 0 and now.supply[b, j - 1, COST] > cost:
        for column in range(4):
            now.supply[b, j, column] = now.supply[b, j - 1, column]
        j -= 1
    now.supply[b, j, LEAST], now.supply[b, j, MORE] = least, more
    now.supply[b, j, FUEL], now.supply[b, j, COST] = fuel, cost
    now.supplies[b] = count + 1


@compiled(inner=True, error_model="numpy")
def set_mines(
    s: Structure, world: World, plan: Plan, g: int, t: int, step: float, now: Now
) -> None:
    """Work out power, costs and hashes of all mines."""
    for m in range(s.mine_at.shape[0]):
        inside = False
        for i in range(plan.mine_from.shape[1]):
            inside |= plan.mine_from[m, i] <= t < plan.mine_until[m, i]
        installed = number(plan, world, g, s.mine_at[m, 0], t) if inside else 0.0
        # Power of zero is a mine too, where the worth of its first megawatt is asked for.
        if now.began[m] < 0 and inside and (installed > 0.0 or plan.slopes == 1):
            now.began[m] = t
        working, hashes = condition(s, world, plan, g, t, step, now.began[m], m)
        working = working if inside else 0.0
        now.mine[m, INSTALLED] = installed
        now.mine[m, WORKING] = working
        now.mine[m, FEE] = number(plan, world, g, s.mine_at[m, 2], t)
        now.mine[m, VARIABLE] = number(plan, world, g, s.mine_at[m, 3], t)
        now.mine[m, FIXED] = number(plan, world, g, s.mine_at[m, 4], t)
        now.mine[m, TRANSFER] = 0.0
        if s.mine_pays[m] == 1:
            now.mine[m, TRANSFER] = number(plan, world, g, s.mine_at[m, 5], t)
        now.mine[m, HASHES] = hashes
        now.mine[m, ALLOWED] = 1.0 if inside else 0.0


@compiled(inner=True, error_model="numpy")
def condition(
    s: Structure, world: World, plan: Plan, g: int, t: int, step: float, began: int, m: int
) -> tuple[float, float]:
    """Share of a mine's machines that work, and hashes of a MWh compared with new ones as rated.

    Machines at the end of their life are replaced by those on sale then.
    """
    age = 0.0 if began < 0 else (t - began) * step
    life = number(plan, world, g, s.mine_at[m, 9], t)
    bought = age // life * life
    years = (age - bought) / HOURS_PER_YEAR
    pue = number(plan, world, g, s.mine_at[m, 7], t)
    energy = number(plan, world, g, s.mine_at[m, 6], t) * pue
    hashes = 1.0 if np.isnan(energy) else s.mine_rated[m] / energy
    if plan.progress != 0.0:
        since = max(began, 0) * step + bought - plan.progress_from
        hashes *= (1.0 - plan.progress) ** (-since / HOURS_PER_YEAR)
    hashes /= (1.0 + number(plan, world, g, s.mine_at[m, 8], t)) ** years
    working = number(plan, world, g, s.mine_at[m, 1], t) * s.mine_altitude[m]
    if plan.failures[0] > 0.0:
        often = plan.failures[0] * (1.0 + plan.failures[1]) ** years
        working /= 1.0 + often * plan.failures[2] / HOURS_PER_YEAR
    return working, hashes


@compiled(inner=True, error_model="numpy")
def set_uses(
    s: Structure, world: World, plan: Plan, g: int, t: int, step: float, owing: int, now: Now,
) -> None:  # fmt: skip
    """Work out capacity and worth of all uses; a market's worth follows the price of the step.

    Parameters
    ----------
    owing : 1 from the first step in which the plant can generate.

    Notes
    -----
    What a mine's hashes are worth follows day by day, see `network.open_day`.
    """
    for n in range(s.use_kind.shape[0]):
        kind, of, area = s.use_kind[n], s.use_of[n], s.use_area[n]
        kept, charge = 1.0, 0.0
        if area >= 0:
            kept, charge = now.area[area, KEPT], now.area[area, CHARGE]
        now.use[n, MISSING] = 0.0
        if kind == HOUSE:
            now.use[n, WORTH], now.use[n, EARNS] = 0.0, 0.0
            now.use[n, MISSING] = now.bus[of, UNSERVED]
        elif kind == OBLIGATION:
            since = or_else(number(plan, world, g, s.owed_at[of, 3], t), -np.inf)
            until = or_else(number(plan, world, g, s.owed_at[of, 4], t), np.inf)
            holds = owing == 1 and since <= t * step < until
            power = number(plan, world, g, s.owed_at[of, 0], t)
            now.use[n, CAPACITY] = power / kept if holds else 0.0
            now.use[n, EARNS] = number(plan, world, g, s.owed_at[of, 1], t) * kept
            now.use[n, WORTH] = now.use[n, EARNS] - charge
            now.use[n, MISSING] = number(plan, world, g, s.owed_at[of, 2], t) * kept
        elif kind == MARKET:
            depth = or_else(number(plan, world, g, s.area_at[of, 4], t), np.inf)
            now.use[n, CAPACITY] = min(depth / kept, now.area[area, LIMIT])
        elif kind == MINING:
            heat = 1.0
            if plan.derate_row[of] >= 0:
                heat = world.derate[plan.derate_row[of], t]
            now.use[n, ONE] = now.mine[of, WORKING] * s.use_share[n] / kept * heat
            now.use[n, CAPACITY] = now.mine[of, INSTALLED] * now.use[n, ONE]
            now.use[n, EARNS] = s.use_ths[n] * now.mine[of, HASHES] * kept
            now.use[n, COSTS] = now.mine[of, VARIABLE] * kept + charge
