"""What the kernel of an ensemble takes and gives, as named arrays.

B sections, A areas, L links, U units, N uses, M mines; T steps, D days.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    """The steps: length [h], local month and local day of each, shape (T,)."""

    step: float
    month: Integers
    day: Integers


class World(NamedTuple):
    """What a future draws for every alternative.

    Attributes
    ----------
    price : price of each area's market, shape (A, T) [USD/MWh].
    link_up : share of a step that a link is in service, by row, shape (rows, T) [-].
    links_out : 1 where no link is in service, shape (T,).
    grid_changed : 1 where any of these is not what it was a step before, shape (T,).
    derate : share of power that machines may draw in the heat, by row, shape (rows, T) [-].
    coin : price of a bitcoin, shape (D,) [USD/BTC].
    fees : fees as a share of the subsidy, shape (D,) [-].
    luck : of the blocks of a day, standard normal, shape (D,).
    hashprice, others : without own hashes, shape (D,) [USD/PH/day, TH/s].
    state, terms : of the network at the start, where others answer.
    series, factor : series of the case, shape (rows, T), and a factor on each, shape (rows,).
    """

    price: Floats
    link_up: Floats
    links_out: Bytes
    grid_changed: Bytes
    derate: Floats
    coin: Floats
    fees: Floats
    luck: Floats
    hashprice: Floats
    others: Floats
    state: Floats
    terms: Floats
    series: Floats
    factor: Floats


class Plan(NamedTuple):
    """What an alternative makes of a future; G stretches between gates, P numbers.

    Attributes
    ----------
    start : first step of each stretch, ending with T, shape (G + 1,).
    values, series : the numbers of the case in each stretch, shape (G, P).
    varying : 1 where numbers other than market prices vary within a stretch, shape (G,).
    link_row : row of each link in `World.link_up`, shape (G, L).
    share, unit_changed : see `units.fill_shares`, shapes (U, T), (T,).
    mine_from, mine_until : steps in which each mine may run, shape (M, spells).
    derate_row : row of each mine in `World.derate`, -1 for none, shape (M,).
    mode : GIVEN, PATH or ANSWERS.
    responds : 1 where own hashes count in the network.
    progress : yearly fall of the energy per hash of machines on sale [1/year].
    progress_from : when machines on sale are as the case says, from the start [h].
    failures : failures of a new machine a year, their yearly growth, and time away [1/year,
        1/year, h], shape (3,).
    slopes : 1 where the worth of one more megawatt of each mine is summed too.
    """

    start: Integers
    values: Floats
    series: Integers
    varying: Integers
    link_row: Integers
    share: Floats
    unit_changed: Bytes
    mine_from: Integers
    mine_until: Integers
    derate_row: Integers
    mode: int
    responds: int
    progress: float
    progress_from: float
    failures: Floats
    slopes: int


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


class Now(NamedTuple):
    """What holds in the present step.

    Attributes
    ----------
    bus : load, available output, output that comes in any case, price of load not served, cost
        of curtailing, cost of keeping the units, by section, shape (B, 6) [MW, MW, MW, USD/MWh,
        USD/MWh, USD/h].
    supply : output in any case and beyond it, fuel cost and whole cost of each supply of a
        section, cheapest first, shape (B, U, 4) [MW, MW, USD/MWh, USD/MWh].
    supplies : number of supplies, shape (B,).
    area : export limit, share that arrives, charge on what is sent, charge on what is drawn, at
        the busbar, shape (A, 4) [MW, -, USD/MWh, USD/MWh].
    draw : import limit by section and area, shape (B, A) [MW].
    mine : power in service, share of it that works, pool fee, variable cost, fixed cost, price
        paid to the plant, hashes per MWh compared with the structure's, and 1 where it may run,
        shape (M, 8).
    began : first step of each mine in service, -1 before it, shape (M,).
    use : capacity, worth, worth of what is missing beside it, what a MWh earns (USD, or hashes
        [TH/s h] of a mine), capacity of one MW of a mine, and what a MWh in it costs, (N, 6).
    paid : part of the hashprice that each mine is paid, shape (M,) [-].
    """

    bus: Floats
    supply: Floats
    supplies: Integers
    area: Floats
    draw: Floats
    mine: Floats
    began: Integers
    use: Floats
    paid: Floats


LOAD, AVAILABLE, MUST, UNSERVED, SPILL, KEEPING = range(6)
LEAST, MORE, FUEL, COST = range(4)
LIMIT, KEPT, CHARGE, DRAW_CHARGE = range(4)
INSTALLED, WORKING, FEE, VARIABLE, FIXED, TRANSFER, HASHES, ALLOWED = range(8)
CAPACITY, WORTH, MISSING, EARNS, ONE, COSTS = range(6)
"""Columns of the arrays of `Now`."""


class Network(NamedTuple):
    """What own hashes have come to, and what a hash is paid.

    Copy 0 is as it is, copy 1 + j has one more megawatt of mine j; arrays by copy have shape
    (1,) or (1 + M,).

    Attributes
    ----------
    states : the network where others answer, shape (copies, state).
    own : own hashes that the day's pay has felt [TH/s].
    window : own hashes of the period so far, day by day added up [TH/s].
    pay : hashprice of the day [USD/PH/day].
    today : day, its first step, hashrate of the others [-, -, TH/s], shape (3,).
    """

    states: Floats
    own: Floats
    window: Floats
    pay: Floats
    today: Floats


DAY, SINCE, THEIRS = range(3)
"""Places in `Network.today`."""


class Tally(NamedTuple):
    """What has been added up since it was last booked.

    Attributes
    ----------
    use : energy, earnings and energy missing by use, shape (N, 3) [MWh, USD or TH/s h, MWh].
    supply : energy beyond what comes in any case, by supply, shape (B, U) [MWh].
    lost : energy thrown away, by section, shape (B,) [MWh].
    bought : energy and money of imports, by area, shape (A, 2) [MWh, USD].
    hours : time, and time generating, mining, curtailing, short, shape (5,) [h].
    hashes : own hashes of the day by mine, shape (M,) [TH/s h].
    slope : energy, hashes and worth displaced by one more MW of a mine, shape (M, 3).
    slope_hashes : hashes of the day of one more MW of a mine, shape (M,) [TH/s h].
    """

    use: Floats
    supply: Floats
    lost: Floats
    bought: Floats
    hours: Floats
    hashes: Floats
    slope: Floats
    slope_hashes: Floats


def new_sums(s: Structure, months: int, steps: int, *, slopes: bool, hourly: bool) -> Sums:
    """Return sums of zero."""
    mines = s.mine_at.shape[0]
    j = mines if slopes else 0
    rows = s.use_kind.shape[0] + 2 * s.bus_at.shape[0] if hourly else 0
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
