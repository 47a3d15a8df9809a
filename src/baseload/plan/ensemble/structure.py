"""What stands where in an alternative: the fixed part of its dispatch, as arrays for the kernel.

A number of the case is not held here but where it stands in a row of `parameters.Parameters`,
so that one structure serves all futures. A place of -1 is a number that the case cannot have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.bitcoin.conditions import altitude_derate
from baseload.bitcoin.pools import SCHEMES
from baseload.case.case import Case
from baseload.plan.ensemble.parameters import Parameters
from baseload.plan.fleet import machine_of, pieces

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

HOUSE, OBLIGATION, MARKET, MINING = 0, 1, 2, 3
"""Kinds of use."""

BUS = ("house_load", "shortfall_price", "curtailment_cost")
UNIT = (
    *("gross", "house_load", "shutdown_load", "minimum"),
    *("fuel_cost", "variable_cost", "fixed_cost", "available"),
)
LINK = ("export_limit", "import_limit")
AREA = ("export_charge", "import_charge", "loss", "export_limit", "market.depth")
OWED = ("power", "price", "shortfall_price", "since", "until")
MINE = (
    *("power", "uptime", "pool.fee", "variable_cost", "fixed_cost", "power_price"),
    *("efficiency", "pue", "ageing", "life"),
)
"""Attributes by their column in the arrays of places."""


BUS_FIRST, BUS_LAST, BUS_DRAWS, BUS_DRAWN = range(3, 7)
UNIT_BUS = len(UNIT)
LINK_BUS, LINK_AREA = 2, 3
AREA_SECURE = len(AREA)
MINE_AREA, MINE_FEES, MINE_PAYS = range(10, 13)
KIND, OF, WHERE = range(3)
"""Columns of the tables beside those of places."""

SHARE, THS = range(2)
RATED, ALTITUDE = range(2)
"""Columns of `Structure.use_number` and `Structure.mine_number`."""


class Structure(NamedTuple):
    """Tables of a configuration; B sections, U units, L links, A areas, O owed, M mines, N uses.

    Few tables, not many arrays: a kernel takes long to compile for each array that it is given.

    Attributes
    ----------
    bus : places of BUS; first use of a section and the one after its last, the house coming
        first; first of its suppliers and the one after its last; shape (B, 7).
    unit : places of UNIT; section; shape (U, 9).
    link : places of LINK; section and area; shape (L, 4).
    area : places of AREA; 1 where the largest link carries no export; shape (A, 6).
    owed : places of OWED, shape (O, 5).
    mine : places of MINE; area of a mine connected to the grid, -1 on site; 1 where the pool
        pays fees too; 1 where the mine's owner pays the plant's for power; shape (M, 13).
    use : kind, what it is of (section, obligation, area or mine), and the area it lies in, -1 on
        the busbar, shape (N, 3).
    supplier : areas that sections can draw from, section by section.
    use_number : of mining uses, part of the mine's power, and hashrate of a megawatt at the meter
        at the efficiency and pue of `mine_rated`, shape (N, 2) [-, TH/s/MW].
    mine_number : efficiency times pue that `use_ths` holds for, and derating by height, shape
        (M, 2) [J/TH, -].
    """

    bus: Integers
    unit: Integers
    link: Integers
    area: Integers
    owed: Integers
    mine: Integers
    use: Integers
    supplier: Integers
    use_number: Floats
    mine_number: Floats

    @property
    def bus_at(self) -> Integers:
        """Places of BUS, shape (B, 3)."""
        return self.bus[:, : len(BUS)]

    @property
    def unit_at(self) -> Integers:
        """Places of UNIT, shape (U, 8)."""
        return self.unit[:, : len(UNIT)]

    @property
    def link_at(self) -> Integers:
        """Places of LINK, shape (L, 2)."""
        return self.link[:, : len(LINK)]

    @property
    def area_at(self) -> Integers:
        """Places of AREA, shape (A, 5)."""
        return self.area[:, : len(AREA)]

    @property
    def owed_at(self) -> Integers:
        """Places of OWED, shape (O, 5)."""
        return self.owed

    @property
    def mine_at(self) -> Integers:
        """Places of MINE, shape (M, 10)."""
        return self.mine[:, : len(MINE)]

    @property
    def use_kind(self) -> Integers:
        """Kind of each use, shape (N,)."""
        return self.use[:, KIND]

    @property
    def use_of(self) -> Integers:
        """What each use is of, shape (N,)."""
        return self.use[:, OF]

    @property
    def use_share(self) -> Floats:
        """Part of a mine's power in each use, shape (N,) [-]."""
        return self.use_number[:, SHARE]

    @property
    def use_ths(self) -> Floats:
        """Hashrate of a megawatt in each use, shape (N,) [TH/s/MW]."""
        return self.use_number[:, THS]

    @property
    def mine_rated(self) -> Floats:
        """Efficiency times pue of each mine, shape (M,) [J/TH]."""
        return self.mine_number[:, RATED]


def structure(case: Case, parameters: Parameters, mines: tuple[str, ...]) -> Structure:
    """Lay out an alternative.

    Parameters
    ----------
    case : the case under the alternative.
    parameters : where its numbers stand.
    mines : the mines that may run, in their order; () for the same world without.
    """
    tree = case.tree
    buses, links, areas = list(tree.plant.bus), list(tree.link), list(tree.area)
    owed = [(area, name) for area in areas for name in tree.area[area].obligation]
    uses = _Uses(case, parameters, mines, owed)
    link_bus = np.array([buses.index(tree.link[x].bus) for x in links], np.int64)
    link_area = np.array([areas.index(tree.link[x].area) for x in links], np.int64)
    draws = [
        [a for a in dict.fromkeys(link_area[link_bus == b]) if tree.area[areas[a]].market]
        for b in range(len(buses))
    ]
    drawn = np.cumsum([0, *(len(x) for x in draws)])
    secure = [tree.area[a].secure == "n-1" for a in areas]
    unit_bus = [buses.index(unit.bus) for unit in tree.plant.unit.values()]
    return Structure(
        bus=_table(
            _places(parameters, [("plant", "bus", name) for name in buses], BUS),
            *(uses.first[:-1], uses.first[1:], drawn[:-1], drawn[1:]),
        ),
        unit=_table(
            _places(parameters, [("plant", "unit", name) for name in tree.plant.unit], UNIT),
            unit_bus,
        ),
        link=_table(
            _places(parameters, [("link", name) for name in links], LINK), link_bus, link_area
        ),
        area=_table(_places(parameters, [("area", name) for name in areas], AREA), secure),
        owed=_places(parameters, [("area", a, "obligation", n) for a, n in owed], OWED),
        mine=_mine_table(case, parameters, mines),
        use=np.array([uses.kind, uses.of, uses.area], np.int64).T.copy(),
        supplier=np.array([a for x in draws for a in x], np.int64),
        use_number=np.array([uses.share, uses.ths], np.float64).T.copy(),
        mine_number=_mine_numbers(case, mines),
    )


def _mine_table(case: Case, parameters: Parameters, mines: tuple[str, ...]) -> Integers:
    tree = case.tree
    areas, entries = list(tree.area), [tree.mine[name] for name in mines]
    return _table(
        _places(parameters, [("mine", name) for name in mines], MINE),
        [-1 if mine.area is None else areas.index(mine.area) for mine in entries],
        [SCHEMES[mine.pool.scheme].pays_fees for mine in entries],
        [mine.power_price is not None and mine.owner != tree.plant.owner for mine in entries],
    )


def _mine_numbers(case: Case, mines: tuple[str, ...]) -> Floats:
    entries = [case.tree.mine[name] for name in mines]
    heights = [float(altitude_derate(m.altitude)) if m.cooling == "air" else 1.0 for m in entries]
    return np.array([[rated(case, name) for name in mines], heights], np.float64).T.copy()


def _table(places: Integers, *columns: Sequence[int] | Integers) -> Integers:
    """Put further columns beside those of places."""
    beside = [np.array(column, np.int64)[:, np.newaxis] for column in columns]
    return np.ascontiguousarray(np.concatenate([places, *beside], axis=1))


class _Uses:
    """The uses of all sections, section by section, in the order in which dispatch lists them."""

    def __init__(
        self,
        case: Case,
        parameters: Parameters,
        mines: tuple[str, ...],
        owed: list[tuple[str, str]],
    ) -> None:
        self.kind: list[int] = []
        self.of: list[int] = []
        self.area: list[int] = []
        self.first: list[int] = [0]
        self.share: list[float] = []
        self.ths: list[float] = []
        self._case, self._mines = case, mines
        tree = case.tree
        areas = list(tree.area)
        for number, bus in enumerate(tree.plant.bus):
            self._add(HOUSE, number, -1)
            sends = [
                areas.index(link.area)
                for name, link in tree.link.items()
                if link.bus == bus and _may_send(parameters, name)
            ]
            for area in dict.fromkeys(sends):
                self._in_area(area, areas, owed)
            for mine, name in enumerate(mines):
                if tree.mine[name].bus == bus:
                    self._mine(mine, name, -1)
            self.first.append(len(self.kind))

    def _add(self, kind: int, of: int, area: int, share: float = 0.0, ths: float = 0.0) -> None:
        self.kind.append(kind)
        self.of.append(of)
        self.area.append(area)
        self.share.append(share)
        self.ths.append(ths)

    def _in_area(self, area: int, areas: list[str], owed: list[tuple[str, str]]) -> None:
        tree = self._case.tree
        for number, (place, _) in enumerate(owed):
            if place == areas[area]:
                self._add(OBLIGATION, number, area)
        market = tree.area[areas[area]].market
        if market is not None and market.sells:
            self._add(MARKET, area, area)
        for mine, name in enumerate(self._mines):
            if tree.mine[name].area == areas[area]:
                self._mine(mine, name, area)

    def _mine(self, mine: int, name: str, area: int) -> None:
        entry = self._case.tree.mine[name]
        for piece in pieces(entry, name, machine_of(self._case, name)):
            self._add(MINING, mine, area, piece.power_share, piece.ths_per_mw)


def rated(case: Case, name: str) -> float:
    """Energy of a hash at the meter of a mine as the case has it [J/TH]."""
    mine = case.tree.mine[name]
    machine = machine_of(case, name).nameplate_jth
    return (machine if mine.efficiency is None else mine.efficiency) * mine.pue


def _may_send(parameters: Parameters, link: str) -> bool:
    """Whether a link may carry any export, now or by a patch."""
    place = parameters.place("link", link, "export_limit")
    return not (parameters.base.series[place] < 0 and parameters.base.values[place] == 0.0)


def _places(
    parameters: Parameters, entries: list[tuple[str, ...]], names: tuple[str, ...]
) -> Integers:
    rows = [[parameters.place(*entry, *name.split(".")) for name in names] for entry in entries]
    return np.array(rows, np.int64).reshape(len(entries), len(names))
