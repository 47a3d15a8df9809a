"""One busbar section of a setting, laid out as the arrays that dispatch works on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError
from baseload.case.schema import DeliverOrPay, TakeOrPay
from baseload.plan.dispatch.problem import (
    BUSBAR,
    Budget,
    Contract,
    Imports,
    Nodes,
    Problem,
    Storage,
    Units,
    UseKind,
    Uses,
)
from baseload.plan.fleet import Fleet
from baseload.plan.plant import PlantState
from baseload.plan.uses import (
    Purchase,
    Use,
    area_limit,
    carrying,
    house_load,
    mining,
    obligation,
    owed,
    purchase,
    reached,
    sale,
    suppliers,
)
from baseload.plan.world import Setting

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

Part = TypeVar("Part", Units, Uses, Nodes, Imports)
Period = TypeVar("Period", Budget, Contract)


@dataclass(frozen=True)
class Promise:
    """Take-or-pay or deliver-or-pay of one period, and whose money it is."""

    contract: Contract
    party: str
    item: str


@dataclass(frozen=True)
class Busbar:
    """A busbar section with everything on it, ready for dispatch and for posting."""

    name: str
    units: tuple[str, ...]
    uses: tuple[Use, ...]
    purchases: tuple[Purchase, ...]
    promises: tuple[Promise, ...]
    problem: Problem


def lay_out(setting: Setting, name: str, plant: PlantState, fleets: Mapping[str, Fleet]) -> Busbar:
    """Lay out one busbar section of a setting.

    Parameters
    ----------
    setting : an alternative in a world.
    name : the section.
    plant : state of all units over the horizon.
    fleets : the mines that run at some time, by name.
    """
    refuse_unfit(setting, fleets)
    areas = reached(setting, name)
    limits = [area_limit(setting, name, area) for area in areas]
    units = plant.on(name)
    load = plant.must_serve(setting, name)
    uses = [house_load(setting, name, load)]
    for node, area in enumerate(areas):
        uses += _uses_in(setting, area, node, limits[node], plant.first_possible(name), fleets)
    for fleet in fleets.values():
        if setting.tree.mine[fleet.name].bus == name:
            uses += mining(setting, fleet, BUSBAR)
    need = np.maximum(0.0, load - plant.available(name))
    purchases = _within(
        need, tuple(purchase(setting, name, area, need) for area in suppliers(setting, name))
    )
    promises = _promises(setting, uses, plant.first_possible(name))
    problem = Problem(
        steps=setting.steps,
        step=setting.case.clock.step,
        units=_units(setting, units, plant),
        uses=_uses(uses),
        nodes=Nodes(areas, np.full(len(areas), BUSBAR), _rows(limits)),
        imports=Imports(
            tuple(p.area for p in purchases),
            _rows([p.capacity for p in purchases]),
            _rows([p.price for p in purchases]),
        ),
        curtailment_cost=setting.tree.plant.bus[name].curtailment_cost,
        budgets=_budgets(setting, units, plant),
        contracts=tuple(promise.contract for promise in promises),
        storages=_storages(setting, name),
    )
    return Busbar(name, units, tuple(uses), purchases, promises, problem)


def cut(section: Busbar, stretch: slice) -> Busbar:
    """Cut a stretch of steps out of a section.

    Notes
    -----
    Budgets and contracts whose period is cut short count by the part of it that is left; a
    battery begins and ends at its initial content.
    """
    whole = section.problem
    if stretch == slice(0, whole.steps):
        return section
    steps = stretch.stop - stretch.start
    problem = Problem(
        steps=steps,
        step=whole.step,
        units=_cut(whole.units, stretch, "available", "minimum", "cost"),
        uses=_cut(whole.uses, stretch, "capacity", "value", "shortfall_price"),
        nodes=_cut(whole.nodes, stretch, "limit"),
        imports=_cut(whole.imports, stretch, "capacity", "price"),
        curtailment_cost=whole.curtailment_cost,
        budgets=_cut_periods(whole.budgets, stretch, "maximum"),
        contracts=_cut_periods(whole.contracts, stretch, "quantity"),
        storages=whole.storages,
    )
    kept = [p for p in section.promises if _overlap(p.contract, stretch)]
    promises = [
        replace(promise, contract=contract)
        for promise, contract in zip(kept, problem.contracts, strict=True)
    ]
    return replace(
        section,
        uses=tuple(use.cut(stretch) for use in section.uses),
        purchases=tuple(purchase.cut(stretch) for purchase in section.purchases),
        promises=tuple(promises),
        problem=problem,
    )


def _cut(part: Part, stretch: slice, *arrays: str) -> Part:
    return replace(part, **{name: getattr(part, name)[:, stretch] for name in arrays})


def _cut_periods(periods: tuple[Period, ...], stretch: slice, amount: str) -> tuple[Period, ...]:
    kept = []
    for period in periods:
        left = _overlap(period, stretch)
        if left:
            share = len(left) / (period.stop - period.start)
            begin = left.start - stretch.start
            changes = {amount: getattr(period, amount) * share}
            kept.append(replace(period, start=begin, stop=begin + len(left), **changes))
    return tuple(kept)


def _overlap(period: Budget | Contract, stretch: slice) -> range:
    return range(max(period.start, stretch.start), min(period.stop, stretch.stop))


def refuse_unfit(setting: Setting, mines: Iterable[str]) -> None:
    """Refuse lines that would couple sections, and mines that no line reaches.

    Raises
    ------
    baseload.case.errors.InputError
        Names the line or the mine.
    """
    _refuse_shared_areas(setting)
    _refuse_unreached(setting, mines)


def _refuse_shared_areas(setting: Setting) -> None:
    """One area fed by two sections would couple them, and no power flows between sections."""
    section: dict[str, tuple[str, str]] = {}
    for name, link in carrying(setting, "export_limit").items():
        other, bus = section.setdefault(link.area, (name, link.bus))
        if bus != link.bus:
            raise InputError(
                f"link.{name}.bus",
                expected=f"'{bus}', where link '{other}' leaves for the same area '{link.area}'",
                found=f"'{link.bus}'",
                mend="let one busbar section export to an area, or split the area in two",
            )


def _refuse_unreached(setting: Setting, mines: Iterable[str]) -> None:
    """A mine in an area that no section sends energy to would be paid for and never run."""
    served = dict.fromkeys(link.area for link in carrying(setting, "export_limit").values())
    for name in mines:
        area = setting.tree.mine[name].area
        if area is not None and area not in served:
            raise InputError(
                f"mine.{name}.area",
                expected=f"an area that a link exports to: {', '.join(served) or 'there is none'}",
                found=f"'{area}'",
                mend="add a link to the area, or place the mine on a busbar section",
            )


def _within(need: Floats, purchases: tuple[Purchase, ...]) -> tuple[Purchase, ...]:
    """Cut the capacity of purchases so that together they cover the need and no more.

    The cheaper come first in each step, and of equal ones the earlier; more of a dearer one would
    never be bought, and more than the need would stand in for units that a mine then takes.
    """
    if len(purchases) < 2:
        return purchases
    capacity, price = _rows([p.capacity for p in purchases]), _rows([p.price for p in purchases])
    order = np.argsort(price, axis=0, kind="stable")
    ranked = np.take_along_axis(capacity, order, axis=0)
    before = np.cumsum(ranked, axis=0) - ranked
    np.put_along_axis(capacity, order, np.clip(need - before, 0.0, ranked), axis=0)
    return tuple(
        replace(purchase, capacity=most) for purchase, most in zip(purchases, capacity, strict=True)
    )


def _uses_in(
    setting: Setting,
    area: str,
    node: int,
    limit: Floats,
    possible: Booleans,
    fleets: Mapping[str, Fleet],
) -> list[Use]:
    place = setting.tree.area[area]
    uses = [obligation(setting, area, name, node, possible) for name in place.obligation]
    if place.market is not None and place.market.sells:
        uses.append(sale(setting, area, node, limit))
    for fleet in fleets.values():
        if setting.tree.mine[fleet.name].area == area:
            uses += mining(setting, fleet, node)
    return uses


def _units(setting: Setting, names: tuple[str, ...], plant: PlantState) -> Units:
    units = [setting.tree.plant.unit[name] for name in names]
    gross = [setting.over("plant", "unit", name, "gross").max() for name in names]
    cost = [
        setting.over("plant", "unit", name, "fuel_cost")
        + setting.over("plant", "unit", name, "variable_cost")
        for name in names
    ]
    ramp = np.array(
        [np.inf if u.ramp is None else u.ramp * g for u, g in zip(units, gross, strict=True)]
    )
    rules = [unit.commitment for unit in units]
    return Units(
        name=names,
        available=_rows([plant.net[name] for name in names]),
        minimum=_rows([plant.minimum[name] for name in names]),
        cost=_rows(cost),
        ramp_up=ramp,
        ramp_down=ramp,
        commit=np.array([rule is not None for rule in rules], dtype=np.bool_),
        min_up=np.array([rule.min_up if rule else 0.0 for rule in rules]),
        min_down=np.array([rule.min_down if rule else 0.0 for rule in rules]),
        start_cost=np.array([rule.start_cost if rule else 0.0 for rule in rules]),
    )


def _uses(uses: list[Use]) -> Uses:
    steps = len(uses[0].capacity)
    return Uses(
        name=tuple(use.label for use in uses),
        kind=tuple(use.kind for use in uses),
        node=np.array([use.node for use in uses]),
        capacity=_rows([use.capacity for use in uses]),
        value=_rows([use.value for use in uses]),
        shortfall_price=_rows([use.shortfall_price + np.zeros(steps) for use in uses]),
    )


def _budgets(setting: Setting, names: tuple[str, ...], plant: PlantState) -> tuple[Budget, ...]:
    """Fuel left in each cycle: full-power time at net output."""
    budgets = []
    for place, name in enumerate(names):
        unit = setting.tree.plant.unit[name]
        if unit.fuel_budget is None:
            continue
        for begin, end in plant.cycles.get(name, ((0, setting.steps),)):
            energy = unit.fuel_budget * (unit.gross - unit.house_load)
            budgets.append(Budget(f"fuel {name}", (place,), begin, end, energy))
    return tuple(budgets)


def _storages(setting: Setting, bus: str) -> tuple[Storage, ...]:
    return tuple(
        Storage(
            name,
            store.charge,
            store.discharge,
            store.energy,
            store.charge_efficiency,
            store.discharge_efficiency,
            store.standing_loss,
            store.initial * store.energy,
            store.initial * store.energy,
        )
        for name, store in setting.tree.storage.items()
        if store.bus == bus
    )


def _promises(setting: Setting, uses: list[Use], possible: Booleans) -> tuple[Promise, ...]:
    """Contracts over calendar periods.

    A period counts by the part of it that is studied and in which the obligation holds or the
    mine may run.
    """
    tree = setting.tree
    obligations = {
        f"{area}.{name}": (area, name) for area, x in tree.area.items() for name in x.obligation
    }
    promises: list[Promise] = []
    for kind, name in dict.fromkeys((use.kind, use.name) for use in uses):
        rule: TakeOrPay | DeliverOrPay | None = None
        if kind is UseKind.MINE:
            rule, holds = tree.mine[name].take_or_pay, setting.mine_running(name)
        elif kind is UseKind.OBLIGATION:
            area, owed_as = obligations[name]
            rule = tree.area[area].obligation[owed_as].deliver_or_pay
            holds = owed(setting, area, owed_as, possible)
        if rule is not None:
            members = [n for n, use in enumerate(uses) if (use.kind, use.name) == (kind, name)]
            promises += _by_period(setting, rule, tuple(members), uses[members[0]], holds)
    return tuple(promises)


def _by_period(
    setting: Setting,
    rule: DeliverOrPay | TakeOrPay,
    members: tuple[int, ...],
    use: Use,
    holds: Booleans,
) -> list[Promise]:
    kept = 1.0 - use.loss
    promises = []
    for begin, end, whole in _calendar(setting, rule.period):
        part = float(holds[begin:end].sum()) * setting.case.clock.step / whole
        if part > 0.0:
            quantity = rule.energy / kept * part
            contract = Contract(use.name, members, begin, end, quantity, rule.price * kept)
            promises.append(Promise(contract, use.party, use.name))
    return promises


def _calendar(setting: Setting, period: str) -> list[tuple[int, int, float]]:
    """First step, step after the last, and whole length [h] of each calendar month or year."""
    clock = setting.case.clock
    starts = clock.month_starts if period == "month" else clock.year_starts
    unit = "M" if period == "month" else "Y"
    found = []
    for begin, end in pairwise(starts):
        first = clock.local[begin].astype(f"datetime64[{unit}]")
        days = [day.astype("datetime64[D]").item() for day in (first, first + 1)]
        whole = setting.hours_to(days[1]) - setting.hours_to(days[0])
        found.append((int(begin), int(end), whole))
    return found


def _rows(rows: list[Floats]) -> Floats:
    return np.array(rows, dtype=np.float64) if rows else np.zeros((0, 1))
