"""What stands where in an alternative: the fixed part of its dispatch, as arrays for the kernel.

A number of the case is not held here but where it stands in a row of `parameters.Parameters`,
so that one structure serves all futures. A place of -1 is a number that the case cannot have.
"""

from __future__ import annotations

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


class Structure(NamedTuple):
    """Arrays of a configuration; B sections, U units, L links, A areas, O owed, M mines, N uses.

    Attributes
    ----------
    bus_at, unit_at, link_at, area_at, owed_at, mine_at : places of the attributes named above,
        shapes (B, 3), (U, 8), (L, 2), (A, 5), (O, 5), (M, 10).
    unit_bus, link_bus, link_area, owed_area : shapes (U,), (L,), (L,), (O,).
    area_secure : 1 where the largest link carries no export, shape (A,).
    use_kind, use_of, use_area : kind, what it is of (section, obligation, area or mine), and the
        area it lies in, -1 on the busbar, shape (N,).
    use_first : first use of each section, ending with N, shape (B + 1,); the house comes first.
    use_share, use_ths : of mining uses, part of the mine's power, and hashrate of a megawatt at
        the meter at the efficiency and pue of `mine_rated`, shape (N,) [-, TH/s/MW].
    supplier_first, supplier : areas that each section can draw from.
    mine_area : area of a mine connected to the grid, -1 on site, shape (M,).
    mine_rated : efficiency times pue that `use_ths` holds for, shape (M,) [J/TH].
    mine_altitude : derating by height, shape (M,) [-].
    mine_fees : 1 where the pool pays fees too, shape (M,).
    mine_pays : 1 where the mine's owner pays the plant's for power, shape (M,).
    """

    bus_at: Integers
    unit_at: Integers
    link_at: Integers
    area_at: Integers
    owed_at: Integers
    mine_at: Integers
    unit_bus: Integers
    link_bus: Integers
    link_area: Integers
    owed_area: Integers
    area_secure: Integers
    use_kind: Integers
    use_of: Integers
    use_area: Integers
    use_first: Integers
    use_share: Floats
    use_ths: Floats
    supplier_first: Integers
    supplier: Integers
    mine_area: Integers
    mine_rated: Floats
    mine_altitude: Floats
    mine_fees: Integers
    mine_pays: Integers


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
    entries = [tree.mine[name] for name in mines]
    return Structure(
        bus_at=_places(parameters, [("plant", "bus", name) for name in buses], BUS),
        unit_at=_places(parameters, [("plant", "unit", name) for name in tree.plant.unit], UNIT),
        link_at=_places(parameters, [("link", name) for name in links], LINK),
        area_at=_places(parameters, [("area", name) for name in areas], AREA),
        owed_at=_places(parameters, [("area", a, "obligation", n) for a, n in owed], OWED),
        mine_at=_places(parameters, [("mine", name) for name in mines], MINE),
        unit_bus=np.array([buses.index(u.bus) for u in tree.plant.unit.values()], np.int64),
        link_bus=link_bus,
        link_area=link_area,
        owed_area=np.array([areas.index(area) for area, _ in owed], np.int64),
        area_secure=np.array([tree.area[a].secure == "n-1" for a in areas], np.int64),
        use_kind=np.array(uses.kind, np.int64),
        use_of=np.array(uses.of, np.int64),
        use_area=np.array(uses.area, np.int64),
        use_first=np.array(uses.first, np.int64),
        use_share=np.array(uses.share),
        use_ths=np.array(uses.ths),
        supplier_first=np.cumsum([0, *(len(x) for x in draws)]).astype(np.int64),
        supplier=np.array([a for x in draws for a in x], np.int64),
        mine_area=np.array(
            [-1 if mine.area is None else areas.index(mine.area) for mine in entries], np.int64
        ),
        mine_rated=np.array([rated(case, name) for name in mines]),
        mine_altitude=np.array(
            [float(altitude_derate(m.altitude)) if m.cooling == "air" else 1.0 for m in entries]
        ),
        mine_fees=np.array([SCHEMES[m.pool.scheme].pays_fees for m in entries], np.int64),
        mine_pays=np.array(
            [m.power_price is not None and m.owner != tree.plant.owner for m in entries], np.int64
        ),
    )


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
