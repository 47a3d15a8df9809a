"""From what has been added up to accounts and months, compiled."""

from __future__ import annotations

from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import (
    ALLOWED,
    CHARGE,
    COST,
    DRAW_CHARGE,
    FIXED,
    FUEL,
    INSTALLED,
    KEEPING,
    KEPT,
    LEAST,
    MISSING,
    SPILL,
    TRANSFER,
    VARIABLE,
    Now,
    Sums,
    Tally,
)
from baseload.plan.ensemble.present import HOURS_PER_YEAR
from baseload.plan.ensemble.structure import HOUSE, MARKET, MINING, OBLIGATION, Structure


@compiled(inner=True, error_model="numpy")
def book(s: Structure, now: Now, tally: Tally, month: int, out: Sums) -> None:
    """Book what has been added up since the last time, and begin anew.

    Prices and limits other than those of markets must have held all that time. What hashes
    earn is booked day by day, see `network.close_day`.
    """
    book_uses(s, now, tally, month, out)
    book_supply(s, now, tally, month, out)
    hours = tally.hours[0]
    for m in range(s.mine_at.shape[0]):
        kilowatts = now.mine[m, INSTALLED] * 1000.0
        out.mine[m, 3, month] -= now.mine[m, FIXED] * kilowatts / HOURS_PER_YEAR * hours
        out.installed[m, month] = max(out.installed[m, month], now.mine[m, INSTALLED])
        if out.slope_fixed.shape[0] > 0 and now.mine[m, ALLOWED] > 0.0:
            out.slope_fixed[m, 0, month] -= now.mine[m, FIXED] * 1000.0 / HOURS_PER_YEAR * hours
            out.slope_fixed[m, 1, month] = 1.0
    for i in range(4):
        out.energy[9 + i, month] += tally.hours[1 + i]
    for n in range(s.use_kind.shape[0]):
        tally.use[n, 0], tally.use[n, 2] = 0.0, 0.0
        if s.use_kind[n] != MINING:
            tally.use[n, 1] = 0.0
    tally.supply[:] = 0.0
    tally.lost[:] = 0.0
    tally.bought[:] = 0.0
    tally.hours[:] = 0.0


@compiled(inner=True, error_model="numpy")
def book_uses(s: Structure, now: Now, tally: Tally, month: int, out: Sums) -> None:
    """Book energy and money of all uses."""
    for n in range(s.use_kind.shape[0]):
        kind, of, area = s.use_kind[n], s.use_of[n], s.use_area[n]
        energy, earned, missing = tally.use[n, 0], tally.use[n, 1], tally.use[n, 2]
        charge = 0.0 if area < 0 else now.area[area, CHARGE] * energy
        out.energy[5, month] += missing
        out.plant[2, month] -= missing * now.use[n, MISSING]
        if kind == HOUSE:
            out.energy[1, month] += energy
        elif kind == OBLIGATION:
            out.energy[4, month] += energy
            out.plant[1, month] += earned
            out.plant[6, month] -= charge
        elif kind == MARKET:
            out.energy[3, month] += energy
            out.plant[0, month] += earned
            out.plant[6, month] -= charge
        else:
            out.energy[6, month] += energy
            kept = 1.0 if area < 0 else now.area[area, KEPT]
            out.mine[of, 2, month] -= now.mine[of, VARIABLE] * kept * energy
            out.mine[of, 4, month] -= charge
            out.mine[of, 5, month] += now.mine[of, TRANSFER] * kept * energy


@compiled(inner=True, error_model="numpy")
def book_supply(s: Structure, now: Now, tally: Tally, month: int, out: Sums) -> None:
    """Book generation, what is thrown away, and imports."""
    hours = tally.hours[0]
    for b in range(s.bus_at.shape[0]):
        for j in range(now.supplies[b]):
            made = tally.supply[b, j] + now.supply[b, j, LEAST] * hours
            out.energy[0, month] += made
            out.plant[3, month] -= made * now.supply[b, j, FUEL]
            out.plant[4, month] -= made * (now.supply[b, j, COST] - now.supply[b, j, FUEL])
        out.energy[7, month] += tally.lost[b]
        out.plant[7, month] -= tally.lost[b] * now.bus[b, SPILL]
        out.plant[8, month] -= now.bus[b, KEEPING] * hours
    for a in range(s.area_at.shape[0]):
        # What is bought serves the house.
        out.energy[1, month] += tally.bought[a, 0]
        out.energy[2, month] += tally.bought[a, 0]
        out.plant[5, month] -= tally.bought[a, 1]
        out.plant[6, month] -= tally.bought[a, 0] * now.area[a, DRAW_CHARGE]


@compiled(inner=True, error_model="numpy")
def book_slopes(s: Structure, now: Now, tally: Tally, month: int, out: Sums) -> None:
    """Book what one more megawatt of each mine would cost and displace."""
    for j in range(s.mine_at.shape[0]):
        area = s.mine_area[j]
        charge = 0.0 if area < 0 else now.area[area, CHARGE]
        energy, at_meter = tally.slope[j, 0], tally.slope[j, 1]
        out.slope_mine[j, j, 2, month] -= now.mine[j, VARIABLE] * at_meter
        out.slope_mine[j, j, 4, month] -= charge * energy
        out.slope_mine[j, j, 5, month] += now.mine[j, TRANSFER] * at_meter
        out.slope_plant[j, month] -= tally.slope[j, 2]
    tally.slope[:] = 0.0
