"""What takes energy at a busbar section, and what each megawatt-hour is worth there.

Every use is worth the sum of its components; a component is one account of the ledger at so
much a megawatt-hour. Dispatch sees the sum and the ledger is posted from the parts, so that
reported money equals the objective.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from baseload.case.schema import Link
from baseload.plan.availability import secure_limit
from baseload.plan.cash.accounts import Account
from baseload.plan.dispatch.problem import BUSBAR, UseKind
from baseload.plan.fleet import Fleet
from baseload.plan.world import Setting

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Component:
    """One account of a use or purchase: received for a MWh at the busbar, (T,) [USD/MWh]."""

    account: Account
    party: str
    item: str
    rate: Floats

    def cut(self, stretch: slice) -> Component:
        """Return the component over a stretch of steps."""
        return replace(self, rate=self.rate[stretch])


@dataclass(frozen=True)
class Use:
    """A use of energy: what it is, how much it takes and what it is worth.

    ``capacity`` (T,) [MW] and the components count at the busbar; ``loss`` [-] is lost on the
    way. ``name`` is the area of a market, 'area.name' of an obligation, or the mine.
    """

    label: str
    kind: UseKind
    node: int
    capacity: Floats
    components: tuple[Component, ...]
    name: str
    party: str
    shortfall_price: Floats | float = 0.0
    loss: float = 0.0
    fleet: Fleet | None = None
    segment: int = 0

    @property
    def value(self) -> Floats:
        """Worth of a MWh at the busbar, shape (T,) [USD/MWh]."""
        return total(self.components, len(self.capacity))

    def cut(self, stretch: slice) -> Use:
        """Return the use over a stretch of steps."""
        price = self.shortfall_price
        return replace(
            self,
            capacity=self.capacity[stretch],
            components=tuple(part.cut(stretch) for part in self.components),
            shortfall_price=price[stretch] if isinstance(price, np.ndarray) else price,
            fleet=None if self.fleet is None else self.fleet.cut(stretch),
        )


@dataclass(frozen=True)
class Purchase:
    """Import from one area for the site's own load; ``capacity`` (T,) [MW] at the busbar."""

    area: str
    capacity: Floats
    components: tuple[Component, ...]

    @property
    def price(self) -> Floats:
        """Price at the busbar, shape (T,) [USD/MWh]."""
        return -total(self.components, len(self.capacity))

    def cut(self, stretch: slice) -> Purchase:
        """Return the purchase over a stretch of steps."""
        parts = tuple(part.cut(stretch) for part in self.components)
        return replace(self, capacity=self.capacity[stretch], components=parts)


def total(components: tuple[Component, ...], steps: int) -> Floats:
    """Sum of the rates of components, shape (T,) [USD/MWh]."""
    value = np.zeros(steps)
    for component in components:
        value += component.rate
    return value


def area_limit(setting: Setting, bus: str, area: str) -> Floats:
    """Most that a section can send to an area over all its links, shape (T,) [MW]."""
    links = _links(setting, bus, area)
    flows = [
        setting.over("link", link, "export_limit") * setting.over("link", link, "availability")
        for link in links
    ]
    most = secure_limit(np.array(flows), setting.tree.area[area].secure)
    return np.minimum(most, setting.over("area", area, "export_limit", absent=np.inf))


def house_load(setting: Setting, bus: str, load: Floats) -> Use:
    """Load of the site itself: served first, by import where the units cannot."""
    plant = setting.tree.plant
    return Use(
        label="house load",
        kind=UseKind.MUST_SERVE,
        node=BUSBAR,
        capacity=load,
        components=(),
        name="house load",
        party=plant.owner,
        shortfall_price=plant.bus[bus].shortfall_price,
    )


def obligation(setting: Setting, area: str, name: str, node: int, possible: Booleans) -> Use:
    """Power owed in an area, from the first step in which the plant can generate."""
    path = ("area", area, "obligation", name)
    kept = 1.0 - setting.tree.area[area].loss
    days = owed(setting, area, name, possible)
    owner, item = setting.tree.plant.owner, f"{area}.{name}"
    paid = setting.over(*path, "price") * kept
    return Use(
        label=f"obligation {item}",
        kind=UseKind.OBLIGATION,
        node=node,
        capacity=setting.over(*path, "power") / kept * days,
        components=(
            Component(Account.OBLIGATION_REVENUE, owner, item, paid),
            *_transmission(setting, area, owner, item),
        ),
        name=item,
        party=owner,
        shortfall_price=setting.over(*path, "shortfall_price") * kept,
        loss=1.0 - kept,
    )


def owed(setting: Setting, area: str, name: str, possible: Booleans) -> Booleans:
    """Steps in which an obligation holds: none before the plant can first generate."""
    entry = setting.tree.area[area].obligation[name]
    holds = possible.copy()
    if entry.since is not None:
        holds &= setting.since(entry.since)
    if entry.until is not None:
        holds &= ~setting.since(entry.until)
    return holds


def sale(setting: Setting, area: str, node: int, limit: Floats) -> Use:
    """Sale on an area's market, up to its depth and the links' limit."""
    kept = 1.0 - setting.tree.area[area].loss
    owner = setting.tree.plant.owner
    depth = setting.over("area", area, "market", "depth", absent=np.inf)
    return Use(
        label=f"market {area}",
        kind=UseKind.MARKET,
        node=node,
        capacity=np.minimum(depth / kept, limit),
        components=(
            Component(Account.ENERGY_SALES, owner, area, market_price(setting, area) * kept),
            *_transmission(setting, area, owner, area),
        ),
        name=area,
        party=owner,
        loss=1.0 - kept,
    )


def mining(setting: Setting, fleet: Fleet, node: int) -> list[Use]:
    """One use for each segment of a fleet's power/hash curve, the best first."""
    mine = setting.tree.mine[fleet.name]
    kept = 1.0 if mine.area is None else 1.0 - setting.tree.area[mine.area].loss
    fee = setting.over("mine", fleet.name, "pool", "fee")
    cost = setting.over("mine", fleet.name, "variable_cost") * kept
    uses = []
    for number, segment in enumerate(fleet.segments):
        revenue = fleet.revenue(number) * kept
        parts = [
            Component(Account.MINING_REVENUE, mine.owner, fleet.name, revenue),
            Component(Account.POOL_FEE, mine.owner, fleet.name, -revenue * fee),
            Component(Account.MINE_VARIABLE_OM, mine.owner, fleet.name, -cost),
        ]
        if mine.area is not None:
            parts += _transmission(setting, mine.area, mine.owner, fleet.name)
        several = len(fleet.segments) > 1
        use = Use(
            label=f"mine {fleet.name}" + (f" {number + 1}" if several else ""),
            kind=UseKind.MINE,
            node=node,
            capacity=fleet.power * segment.power_share / kept,
            components=tuple(parts),
            name=fleet.name,
            party=mine.owner,
            loss=1.0 - kept,
            fleet=fleet,
            segment=number,
        )
        uses.append(use)
    return uses


def purchase(setting: Setting, bus: str, area: str, need: Floats) -> Purchase:
    """Import from an area, only for load that the section's own units cannot serve.

    So a mine is never fed from import, nor an obligation.
    """
    place, owner = setting.tree.area[area], setting.tree.plant.owner
    most = np.zeros(setting.steps)
    for link in _links(setting, bus, area):
        limit = setting.over("link", link, "import_limit")
        most += limit * setting.over("link", link, "availability")
    # The far end must send more than arrives.
    sent = 1.0 / (1.0 - place.loss)
    price = market_price(setting, area) * sent
    charge = setting.over("area", area, "import_charge") * sent
    return Purchase(
        area,
        np.minimum(most, need),
        (
            Component(Account.IMPORT, owner, area, -price),
            Component(Account.TRANSMISSION, owner, area, -charge),
        ),
    )


def market_price(setting: Setting, area: str) -> Floats:
    """Price of an area's market, shape (T,) [USD/MWh]."""
    return setting.over("area", area, "market", "price")


def reached(setting: Setting, bus: str) -> tuple[str, ...]:
    """Areas that a section can at some time send energy to, in the order of the links."""
    areas = (x.area for x in carrying(setting, "export_limit").values() if x.bus == bus)
    return tuple(dict.fromkeys(areas))


def suppliers(setting: Setting, bus: str) -> tuple[str, ...]:
    """Areas with a market that a section can at some time draw from, in the order of the links."""
    areas = (x.area for x in carrying(setting, "import_limit").values() if x.bus == bus)
    known = setting.tree.area
    return tuple(name for name in dict.fromkeys(areas) if known[name].market is not None)


def carrying(setting: Setting, limit: str) -> dict[str, Link]:
    """Links whose export or import limit is not zero throughout, by name."""
    links = setting.tree.link
    return {name: link for name, link in links.items() if setting.over("link", name, limit).any()}


def _links(setting: Setting, bus: str, area: str) -> list[str]:
    links = setting.tree.link.items()
    return [name for name, link in links if link.bus == bus and link.area == area]


def _transmission(setting: Setting, area: str, party: str, item: str) -> tuple[Component, ...]:
    kept = 1.0 - setting.tree.area[area].loss
    charge = setting.over("area", area, "export_charge") * kept
    return (Component(Account.TRANSMISSION, party, item, -charge),) if charge.any() else ()
