"""What the kernel of an ensemble takes and gives, as named arrays.

B sections, A areas, L links, U units, N uses, M mines; T steps, D days.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.case.clock import Clock
from baseload.plan.ensemble.structure import Structure

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]

GIVEN, PATH, ANSWERS = 0, 1, 2
"""How a hash is paid: hashprice as given; from a path of the others; from others who answer."""

ENERGY = (
    *("generated", "house", "imported", "exported", "obligations", "shortfall", "mined"),
    *("curtailed", "surplus"),
    *("hours_generating", "hours_mining", "hours_curtailed", "hours_short"),
)
"""Rows of the sums of energy and hours."""

PLANT_MONEY = (
    *("energy sales", "obligation revenue", "shortfall damages", "fuel", "variable O&M"),
    *("import", "transmission", "curtailment", "fixed O&M"),
)
MINE_MONEY = (
    *("mining revenue", "pool fee", "mine variable O&M", "mine fixed O&M", "transmission"),
    "power transfer",
)
"""Rows of the sums of money, by the names of their accounts. The transfer is what the mine pays
the plant, posted as positive."""


class Time(NamedTuple):
    """The steps of a horizon.

    Attributes
    ----------
    step : length of a step [h].
    month, day : local month and local day of each step, from 0, shape (T,).
    day_start : first step of each local day, ending with T, shape (D + 1,).
    """

    step: float
    month: Integers
    day: Integers
    day_start: Integers


@lru_cache(maxsize=8)
def time_of(clock: Clock) -> Time:
    """Return the steps of a clock."""
    days = np.arange(int(clock.day[-1]) + 2)
    # Copies, because a kernel has a version of its own for arrays that cannot be written to.
    starts = np.searchsorted(clock.day, days)
    return Time(clock.step, clock.month.copy(), clock.day.copy(), starts)


class World(NamedTuple):
    """What a future draws for every alternative.

    Attributes
    ----------
    price : price of each area's market, shape (A, T) [USD/MWh].
    daily : least, greatest and sum of the prices of each day, shape (A, D, 3) [USD/MWh].
    coin : price of a bitcoin, fees as a share of the subsidy, luck of the blocks of the day
        (standard normal), and without own hashes hashprice and hashrate of the others, shape
        (5, D) [USD/BTC, -, -, USD/PH/day, TH/s].
    state, terms : of the network at the start, where others answer.
    series, factor : series of the case, shape (rows, T), and a factor on each, shape (rows,).
    """

    price: Floats
    daily: Floats
    coin: Floats
    state: Floats
    terms: Floats
    series: Floats
    factor: Floats


LOWEST, HIGHEST, TOGETHER = range(3)
"""Columns of `World.daily`."""

PRICE, FEES, LUCK, HASHPRICE, OTHERS = range(5)
"""Rows of `World.coin`."""


class Plan(NamedTuple):
    """What an alternative makes of a future; G stretches between gates, P numbers, K segments.

    A segment is a time in which nothing but market prices and pay changes. A new month begins
    one: sums are kept by month, and machines grow older.

    Attributes
    ----------
    start : first step of each segment, ending with T, shape (K + 1,).
    stretch : stretch that each segment lies in, shape (K,).
    values, series : the numbers of the case in each stretch, and the row of `World.series` in
        place of a number, -1 for none, shape (G, P + 1); the last is none at all.
    used : the numbers that are read.
    varying : 1 where numbers other than market prices vary within a stretch, shape (G,).
    up : share of each link that is in service, shape (L, K) [-].
    share : see `units.fill_shares`, shape (U, K) [-].
    heat : share of power that the machines of each mine may draw in the heat, shape (M, K) [-].
    allowed : 1 where each mine may run, shape (M, K).
    rules : RESPONSE (GIVEN, PATH or ANSWERS; GIVEN too where own hashes do not count) and
        SLOPES (1 where the worth of one more megawatt of each mine is summed too), shape (2,).
    wear : of machines, shape (5,): yearly fall of the energy per hash of those on sale
        [1/year], from when on they are as the case says [h], failures of a new machine in a
        year [1/year], their yearly growth [-], and time away [h].
    """

    start: Integers
    stretch: Integers
    values: Floats
    series: Integers
    used: Integers
    varying: Integers
    up: Floats
    share: Floats
    heat: Floats
    allowed: Bytes
    rules: Integers
    wear: Floats


RESPONSE, SLOPES = range(2)
"""Places in `Plan.rules`."""

PROGRESS, PROGRESS_FROM, FAILURES, FAILURE_GROWTH, REPAIR = range(5)
"""Places in `Plan.wear`."""


# --- work space of the kernel -------------------------------------------------------------------
# Tables by section, area, mine and use: what holds in the segment, then what has been added up.

LOAD, AVAILABLE, MUST, UNSERVED, SPILL, KEEPING, LOST, OWING = range(8)
"""Columns of a table of sections: load, output available and output in any case [MW], price of
load not served and cost of curtailing [USD/MWh], cost of keeping the units [USD/h]; energy thrown
away [MWh]; 1 from the first segment in which own units can generate."""

LEAST, MORE, FUEL, COST, MADE = range(5)
"""Columns of a table of supplies of a section, cheapest first: output in any case and beyond it
[MW], fuel cost and whole cost [USD/MWh]; energy beyond what comes in any case [MWh]."""

LIMIT, KEPT, CHARGE, DRAW_CHARGE, BOUGHT, SPENT = range(6)
"""Columns of a table of areas: export limit [MW], share that arrives [-], charges on what is sent
and on what is drawn [USD/MWh], all at the busbar; energy [MWh] and money of imports [USD]."""

INSTALLED, WORKING, FEE, VARIABLE, FIXED, TRANSFER, HASHES, ALLOWED = range(8)
BEGAN, PAID, HASHED, MORE_ENERGY, MORE_METERED, DISPLACED, MORE_HASHED = range(8, 15)
"""Columns of a table of mines: power in service [MW], share of it that works, pool fee [-],
variable and fixed cost, price paid to the plant [USD/MWh, USD/kW/year, USD/MWh], hashes of a MWh
compared with the structure's, 1 where it may run; first step in service, -1 before it, and part
of the hashprice that it is paid; hashes of the day [TH/s h]. Of one more megawatt: energy at the
busbar and at the meter [MWh], worth displaced [USD], hashes of the day [TH/s h]."""

CAPACITY, WORTH, MISSING, EARNS, ONE, COSTS, ENERGY_USED, EARNED, LACKED = range(9)
"""Columns of a table of uses: capacity [MW], worth, worth of what is missing beside it
[USD/MWh], what a MWh earns (USD, or hashes [TH/s h] of a mine), capacity of one MW of a mine, and
what a MWh in it costs; energy [MWh], earnings [USD], energy missing [MWh]."""

LEVEL, OFTEN, WORTHS, TODAY, TODAYS, FILLED, MARKS, OUTPUT, LEFT, MARGINAL, SETTER, GOT = range(12)
"""Columns of a table of regimes: worth below which a market falls out of it [USD/MWh]; steps in
which it held and sum of the market's worth in them, and both of the day; 1 where it has been
filled, marks of its steps, output and what is thrown away [MW], worth of the energy that one more
megawatt would take [USD/MWh] and the use that sets it, -1 for none; then what every use gets, and
what every supply gives beyond its least, and what is left of the lines of every area [MW]."""

WAY, SELLS, DRAWS, LEVELS, UNORDERED, MINES = range(6)
IDLE, BY_REGIME, BY_STEP = range(3)
"""Columns of a table of how sections are dispatched: a way; the use that sells, -1 for none; the
area that load beyond own output is drawn from, -1 for none, -2 where the price decides among
several; number of worths that a market is compared with; 1 where these are to be put in order;
1 where a mine hangs on the section."""

DAY, SINCE, THEIRS = range(3)
"""Places in the present day: its number, its first step, hashrate of the others [-, -, TH/s]."""

OWN, WINDOW, PAY, STATE = range(4)
"""Columns of a table of networks: own hashes that the day's pay has felt [TH/s], own hashes of
the period so far, day by day added up [TH/s], hashprice of the day [USD/PH/day]; then the state.
Row 0 is the network as it is, row 1 + j that with one more megawatt of mine j."""


class Space(NamedTuple):
    """Work space of a run, see the columns above; R regimes, C copies of the network.

    Attributes
    ----------
    numbers : the numbers of the case that hold, NaN at the end, shape (P + 1,).
    bus, supply, supplies, way : shapes (B, 7), (B, U, 5), (B,), (B, 6).
    area, draw : shapes (A, 6), (B, A); import limit by section and area [MW].
    mine, use : shapes (M, 15), (N, 9).
    regime, rank, order, room : shapes (B, R, 12 + N + U + A), (B, R), (N,), (A,).
    network, today : shapes (C, 3 + state), (3,).
    place, marks : regime and marks of every step, shape (T,).
    """

    numbers: Floats
    bus: Floats
    supply: Floats
    supplies: Integers
    way: Integers
    area: Floats
    draw: Floats
    mine: Floats
    use: Floats
    regime: Floats
    rank: Integers
    order: Integers
    room: Floats
    network: Floats
    today: Floats
    place: Bytes
    marks: Bytes


def new_space(s: Structure, world: World, plan: Plan) -> Space:
    """Return work space for a run from its first step on."""
    buses, areas, mines = len(s.bus), len(s.area), len(s.mine)
    uses, units, steps = len(s.use), max(1, len(s.unit)), int(plan.start[-1])
    levels = uses + units + 3
    copies = 1 + mines if plan.rules[SLOPES] else 1
    network = np.zeros((copies, STATE + len(world.state)))
    network[:, STATE:] = world.state
    mine = np.zeros((mines, 15))
    mine[:, BEGAN], mine[:, PAID] = -1.0, 1.0
    return Space(
        numbers=np.full(plan.values.shape[1], np.nan),
        bus=np.zeros((buses, 8)),
        supply=np.zeros((buses, units, 5)),
        supplies=np.zeros(buses, np.int64),
        way=np.zeros((buses, 6), np.int64),
        area=np.zeros((areas, 6)),
        draw=np.zeros((buses, areas)),
        mine=mine,
        use=np.zeros((uses, 9)),
        regime=np.zeros((buses, levels, GOT + uses + units + areas)),
        rank=np.zeros((buses, levels), np.int64),
        order=np.arange(uses),
        room=np.zeros(areas),
        network=network,
        today=np.full(3, -1.0),
        place=np.zeros(steps, np.uint8),
        marks=np.zeros(steps, np.uint8),
    )


# --- sums ---------------------------------------------------------------------------------------


class Sums(NamedTuple):
    """What is added up, by month.

    Attributes
    ----------
    energy : rows of ENERGY, shape (13, months) [MWh, h].
    plant : rows of PLANT_MONEY, shape (9, months) [USD].
    mine : rows of MINE_MONEY by mine, shape (M, 6, months) [USD].
    coins : after the pool's fee, shape (months,) [BTC].
    installed : greatest power in service by mine, shape (M, months) [MW].
    network_share : own part of all hashes times hours, shape (months,) [h].
    first : first step with a mine running, and with generation; -1 for none, shape (2,).
    slope_mine : rows of MINE_MONEY of mine m for one more MW of mine j, shape (M, M, 6,
        months), first j [USD/MW]; without rows where slopes are not asked for.
    slope_plant : worth of what one more MW of a mine displaces, shape (M, months) [USD/MW].
    slope_fixed : for one more MW of a mine, its fixed cost, and 1 if it stands at some time in
        the month, shape (M, 2, months) [USD/MW, -].
    hourly : power by use, then generation and import of each section, shape (N + 2 B, T) [MW];
        without rows where it is not asked for.
    """

    energy: Floats
    plant: Floats
    mine: Floats
    coins: Floats
    installed: Floats
    network_share: Floats
    first: Integers
    slope_mine: Floats
    slope_plant: Floats
    slope_fixed: Floats
    hourly: Floats


def new_sums(s: Structure, months: int, steps: int, *, slopes: bool, hourly: bool) -> Sums:
    """Return sums of zero."""
    mines = len(s.mine)
    j = mines if slopes else 0
    rows = len(s.use) + 2 * len(s.bus) if hourly else 0
    return Sums(
        energy=np.zeros((len(ENERGY), months)),
        plant=np.zeros((len(PLANT_MONEY), months)),
        mine=np.zeros((mines, len(MINE_MONEY), months)),
        coins=np.zeros(months),
        installed=np.zeros((mines, months)),
        network_share=np.zeros(months),
        first=np.full(2, -1),
        slope_mine=np.zeros((j, j, len(MINE_MONEY), months)),
        slope_plant=np.zeros((j, months)),
        slope_fixed=np.zeros((j, 2, months)),
        hourly=np.zeros((rows, steps)),
    )
