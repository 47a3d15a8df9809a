"""From what has been added up to accounts and months, compiled."""

from __future__ import annotations

from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import (
    ALLOWED,
    BOUGHT,
    CHARGE,
    COST,
    DISPLACED,
    DRAW_CHARGE,
    EARNED,
    ENERGY_USED,
    FIXED,
    FUEL,
    INSTALLED,
    KEEPING,
    KEPT,
    LACKED,
    LEAST,
    LOST,
    MADE,
    MISSING,
    MORE_ENERGY,
    MORE_METERED,
    SPENT,
    SPILL,
    TRANSFER,
    VARIABLE,
    Floats,
    Integers,
)
from baseload.plan.ensemble.present import HOURS_PER_YEAR
from baseload.plan.ensemble.structure import (
    HOUSE,
    KIND,
    MARKET,
    MINE_AREA,
    OBLIGATION,
    OF,
    WHERE,
)


@compiled(inner=True, error_model="numpy")
def book_uses(
    table: Integers, area: Floats, mine: Floats, use: Floats, month: int, energy: Floats,
    plant: Floats, money: Floats,
) -> None:  # fmt: skip
    """Book energy and money of all uses of a segment.

    Parameters
    ----------
    table : uses of the structure.
    energy, plant, money : of `arrays.Sums`: energy, plant and mine.
    """
    for n in range(use.shape[0]):
        kind, of, a = table[n, KIND], table[n, OF], table[n, WHERE]
        used, missing = use[n, ENERGY_USED], use[n, LACKED]
        charge = 0.0 if a < 0 else area[a, CHARGE] * used
        energy[5, month] += missing
        plant[2, month] -= missing * use[n, MISSING]
        if kind == HOUSE:
            energy[1, month] += used
        elif kind == OBLIGATION:
            energy[4, month] += used
            plant[1, month] += use[n, EARNED]
            plant[6, month] -= charge
        elif kind == MARKET:
            energy[3, month] += used
            plant[0, month] += use[n, EARNED]
            plant[6, month] -= charge
        else:
            energy[6, month] += used
            kept = 1.0 if a < 0 else area[a, KEPT]
            money[of, 2, month] -= mine[of, VARIABLE] * kept * used
            money[of, 4, month] -= charge
            money[of, 5, month] += mine[of, TRANSFER] * kept * used
        use[n, ENERGY_USED], use[n, EARNED], use[n, LACKED] = 0.0, 0.0, 0.0


@compiled(inner=True, error_model="numpy")
def book_supply(
    bus: Floats, supply: Floats, supplies: Integers, area: Floats, hours: float, month: int,
    energy: Floats, plant: Floats,
) -> None:  # fmt: skip
    """Book generation, what is thrown away, and imports of a segment."""
    for b in range(bus.shape[0]):
        for j in range(supplies[b]):
            made = supply[b, j, MADE] + supply[b, j, LEAST] * hours
            energy[0, month] += made
            plant[3, month] -= made * supply[b, j, FUEL]
            plant[4, month] -= made * (supply[b, j, COST] - supply[b, j, FUEL])
            supply[b, j, MADE] = 0.0
        energy[7, month] += bus[b, LOST]
        plant[7, month] -= bus[b, LOST] * bus[b, SPILL]
        plant[8, month] -= bus[b, KEEPING] * hours
        bus[b, LOST] = 0.0
    for a in range(area.shape[0]):
        # What is bought serves the house.
        energy[1, month] += area[a, BOUGHT]
        energy[2, month] += area[a, BOUGHT]
        plant[5, month] -= area[a, SPENT]
        plant[6, month] -= area[a, BOUGHT] * area[a, DRAW_CHARGE]
        area[a, BOUGHT], area[a, SPENT] = 0.0, 0.0


@compiled(inner=True, error_model="numpy")
def book_mines(mine: Floats, hours: float, month: int, money: Floats, installed: Floats) -> None:
    """Book what mines cost whether or not they run, in a segment.

    Parameters
    ----------
    money, installed : of `arrays.Sums`: mine and installed.
    """
    for m in range(mine.shape[0]):
        kilowatts = mine[m, INSTALLED] * 1000.0
        money[m, 3, month] -= mine[m, FIXED] * kilowatts / HOURS_PER_YEAR * hours
        installed[m, month] = max(installed[m, month], mine[m, INSTALLED])


@compiled(inner=True, error_model="numpy")
def book_slopes(
    places: Integers, area: Floats, mine: Floats, hours: float, month: int, money: Floats,
    plant: Floats, fixed: Floats,
) -> None:  # fmt: skip
    """Book what one more megawatt of each mine would cost and displace in a segment.

    Parameters
    ----------
    places : mines of the structure.
    money, plant, fixed : of `arrays.Sums`: slope_mine, slope_plant and slope_fixed.
    """
    for j in range(mine.shape[0]):
        a = places[j, MINE_AREA]
        charge = 0.0 if a < 0 else area[a, CHARGE]
        at_meter = mine[j, MORE_METERED]
        money[j, j, 2, month] -= mine[j, VARIABLE] * at_meter
        money[j, j, 4, month] -= charge * mine[j, MORE_ENERGY]
        money[j, j, 5, month] += mine[j, TRANSFER] * at_meter
        plant[j, month] -= mine[j, DISPLACED]
        if mine[j, ALLOWED] > 0.0:
            fixed[j, 0, month] -= mine[j, FIXED] * 1000.0 / HOURS_PER_YEAR * hours
            fixed[j, 1, month] = 1.0
        mine[j, MORE_ENERGY], mine[j, MORE_METERED], mine[j, DISPLACED] = 0.0, 0.0, 0.0
