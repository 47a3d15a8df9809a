"""What is dispatched: one busbar as plain arrays, checked once.

A `Problem` holds T steps of equal length. Power is in MW, prices in USD/MWh, energy in MWh;
arrays with a time axis have it last. Everything a caller may get wrong is refused here with
an `InputError`, so that the solvers behind need no checks of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from baseload.case.errors import InputError

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

BUSBAR = -1
"""Node index of the busbar itself, the root of the tree of limits."""


class UseKind(StrEnum):
    """What a use of energy is; decides whether it has a shortfall and who may feed it."""

    MUST_SERVE = "must-serve"
    OBLIGATION = "obligation"
    MARKET = "market"
    MINE = "mine"


def _floats(values: npt.ArrayLike, shape: tuple[int, ...], where: str) -> Array:
    """Return `values` as float64 of `shape`; a missing time axis is repeated."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == len(shape) - 1 and array.shape == shape[:-1] and array.ndim:
        array = array[..., None]
    try:
        array = np.ascontiguousarray(np.broadcast_to(array, shape))
    except ValueError:
        raise InputError(
            where,
            expected=f"an array of shape {shape}",
            found=f"shape {array.shape}",
            mend="give one value per item and step, or one value per item",
        ) from None
    if np.isnan(array).any():
        first = tuple(int(i) for i in np.argwhere(np.isnan(array))[0])
        raise InputError(where, expected="numbers", found=f"NaN at {first}", mend="fill the gap")
    return array


def _require(good: npt.ArrayLike, where: str, expected: str, found: str, mend: str) -> None:
    """Raise an `InputError` that names the first position where `good` is false."""
    array = np.asarray(good)
    if not array.all():
        at = tuple(int(i) for i in np.argwhere(~array)[0])
        place = f"{where}{list(at)}" if at else where
        raise InputError(place, expected=expected, found=found, mend=mend)


@dataclass(frozen=True)
class Units:
    """Generating units on the busbar (U units).

    Attributes
    ----------
    name : names, length U.
    available : upper limit of output, net, shape (U, T) [MW].
    minimum : lower limit of output while running, shape (U, T) [MW]. A unit without
        commitment runs in every step, so there it is a hard lower limit.
    cost : variable cost, shape (U,) or (U, T) [USD/MWh].
    ramp_up, ramp_down : limits of the rise and fall of output, shape (U,), infinite where
        there is none [MW/h].
    commit : which units may be switched off, shape (U,).
    min_up, min_down : shortest time on and off, shape (U,) [h]; committed units only.
    start_cost : cost of one start, shape (U,) [USD]; committed units only.
    initial : output before the first step, shape (U,), NaN where unknown: then the first
        step is free of ramp limits [MW].
    initial_hours : how long the unit has been on (positive) or off (negative) before the
        first step, shape (U,) [h]; 0 means free and a running first step is no start.

    Notes
    -----
    A committed unit may reach ``max(minimum, ramp_up * step)`` in its first step and must be
    at or below ``max(minimum, ramp_down * step)`` in its last.
    """

    name: tuple[str, ...]
    available: Array
    minimum: Array
    cost: Array
    ramp_up: Array = field(default_factory=lambda: np.array(np.inf))
    ramp_down: Array = field(default_factory=lambda: np.array(np.inf))
    commit: Booleans = field(default_factory=lambda: np.array(False))
    min_up: Array = field(default_factory=lambda: np.array(0.0))
    min_down: Array = field(default_factory=lambda: np.array(0.0))
    start_cost: Array = field(default_factory=lambda: np.array(0.0))
    initial: Array | None = None
    initial_hours: Array = field(default_factory=lambda: np.array(0.0))

    def checked(self, steps: int) -> Units:
        """Return the units with every array in full shape, or raise `InputError`."""
        n = len(self.name)
        available = _floats(self.available, (n, steps), "units.available")
        minimum = _floats(self.minimum, (n, steps), "units.minimum")
        _require(np.isfinite(available), "units.available", "a finite MW", "infinity", "set it")
        _require(minimum >= 0, "units.minimum", "0 MW or more", "a negative MW", "set it to 0")
        _require(
            minimum <= available + 1e-9,
            "units.minimum",
            "at most the available MW",
            "more than that",
            "lower the minimum or raise what is available in that step",
        )
        rates = {}
        for key in ("ramp_up", "ramp_down", "min_up", "min_down", "start_cost"):
            rates[key] = _floats(getattr(self, key), (n,), f"units.{key}")
            _require(rates[key] >= 0, f"units.{key}", "0 or more", "a negative value", "mend it")
        cost = _floats(self.cost, (n, steps), "units.cost")
        _require(np.isfinite(cost), "units.cost", "a finite USD/MWh", "infinity", "set it")
        initial = np.full(n, np.nan)
        if self.initial is not None:
            initial = np.array(np.broadcast_to(np.asarray(self.initial, np.float64), (n,)))
        return Units(
            name=tuple(self.name),
            available=available,
            minimum=np.minimum(minimum, available),
            cost=cost,
            commit=np.array(np.broadcast_to(np.asarray(self.commit, np.bool_), (n,))),
            initial=initial,
            initial_hours=_floats(self.initial_hours, (n,), "units.initial_hours"),
            **rates,
        )


@dataclass(frozen=True)
class Nodes:
    """A laminar tree of limits below the busbar (N nodes): links, areas, market depth.

    Attributes
    ----------
    name : names, length N.
    parent : index of the node above, shape (N,), -1 for the busbar.
    limit : most that may flow into the node, shape (N, T) [MW]; may be infinite.
    """

    name: tuple[str, ...] = ()
    parent: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    limit: Array = field(default_factory=lambda: np.zeros((0, 1)))

    def checked(self, steps: int) -> Nodes:
        """Return the nodes with every array in full shape, or raise `InputError`."""
        n = len(self.name)
        parent = _indices(self.parent, n, n, "nodes.parent")
        for i in range(n):
            at, hops = i, 0
            while at != BUSBAR:
                at, hops = int(parent[at]), hops + 1
                if hops > n:
                    raise InputError(
                        f"nodes.parent[{i}]",
                        expected="a path that ends at the busbar (-1)",
                        found="a circle",
                        mend=f"give '{self.name[i]}' another parent",
                    )
        limit = _floats(self.limit, (n, steps), "nodes.limit")
        _require(limit >= 0, "nodes.limit", "0 MW or more", "a negative MW", "mend the limit")
        return Nodes(tuple(self.name), parent, limit)

    def ancestors(self, node: int) -> tuple[int, ...]:
        """Return `node` and every node above it, innermost first."""
        path = []
        while node != BUSBAR:
            path.append(node)
            node = int(self.parent[node])
        return tuple(path)


@dataclass(frozen=True)
class Uses:
    """What takes energy (K uses).

    Attributes
    ----------
    name : names, length K.
    kind : a `UseKind` each, length K.
    node : the node the use hangs on, shape (K,), -1 for the busbar.
    capacity : most it takes, shape (K, T) [MW]. For must-serve and obligation this is what
        is asked for.
    value : what a delivered MWh brings, seen at the busbar, shape (K, T) [USD/MWh].
    shortfall_price : price of what is asked for and not delivered, shape (K,) or (K, T)
        [USD/MWh]; infinite means that it must be delivered. Zero for market and mine.
    """

    name: tuple[str, ...]
    kind: tuple[UseKind, ...]
    node: Integers
    capacity: Array
    value: Array
    shortfall_price: Array = field(default_factory=lambda: np.array(0.0))

    def checked(self, steps: int, nodes: int) -> Uses:
        """Return the uses with every array in full shape, or raise `InputError`."""
        n = len(self.name)
        if len(self.kind) != n:
            raise InputError(
                "uses.kind",
                expected=f"{n} kinds",
                found=f"{len(self.kind)}",
                mend="give one kind per name",
            )
        kind = tuple(UseKind(k) for k in self.kind)
        node = _indices(self.node, n, nodes, "uses.node")
        capacity = _floats(self.capacity, (n, steps), "uses.capacity")
        value = _floats(self.value, (n, steps), "uses.value")
        price = _floats(self.shortfall_price, (n, steps), "uses.shortfall_price")
        _require(capacity >= 0, "uses.capacity", "0 MW or more", "a negative MW", "mend it")
        _require(np.isfinite(capacity), "uses.capacity", "a finite MW", "infinity", "set it")
        _require(np.isfinite(value), "uses.value", "a finite USD/MWh", "infinity", "set it")
        _require(price >= 0, "uses.shortfall_price", "0 or more", "a negative price", "mend it")
        firm = np.array([k in (UseKind.MUST_SERVE, UseKind.OBLIGATION) for k in kind], np.bool_)
        _require(
            firm[:, None] | (price == 0.0),
            "uses.shortfall_price",
            "0 for a market or a mine",
            "a price",
            "make the use an obligation or drop the price",
        )
        on_site = np.array([k is not UseKind.MUST_SERVE for k in kind], np.bool_)
        _require(
            on_site | (node == BUSBAR),
            "uses.node",
            "the busbar (-1) for must-serve load",
            "a node behind a limit",
            "make it an obligation, or hang it on the busbar",
        )
        return Uses(tuple(self.name), kind, node, capacity, value, price)

    @property
    def firm(self) -> Booleans:
        """Which uses have a shortfall (must-serve and obligation), shape (K,)."""
        firm = (UseKind.MUST_SERVE, UseKind.OBLIGATION)
        return np.array([kind in firm for kind in self.kind], np.bool_)

    @property
    def must_serve(self) -> Booleans:
        """Which uses imports may feed, shape (K,)."""
        return np.array([kind is UseKind.MUST_SERVE for kind in self.kind], np.bool_)


@dataclass(frozen=True)
class Imports:
    """Energy bought for the site's must-serve load (M imports).

    Attributes
    ----------
    name : names, length M.
    capacity : most that may be imported, shape (M, T) [MW].
    price : price at the busbar, shape (M, T) [USD/MWh].
    node : node whose flow the import shares, shape (M,); -1 for a connection of its own.

    Notes
    -----
    All imports of a step together may not exceed the must-serve load served in it: a mine is
    never fed from import. Where import and export share a node, an import below the best
    export price behind it would pay for energy that only goes round; such prices are refused.
    At or above that price, import and export at once never pays, so the sum is exact.
    """

    name: tuple[str, ...] = ()
    capacity: Array = field(default_factory=lambda: np.zeros((0, 1)))
    price: Array = field(default_factory=lambda: np.zeros((0, 1)))
    node: Integers = field(default_factory=lambda: np.array(BUSBAR))

    def checked(self, steps: int, nodes: int) -> Imports:
        """Return the imports with every array in full shape, or raise `InputError`."""
        n = len(self.name)
        capacity = _floats(self.capacity, (n, steps), "imports.capacity")
        price = _floats(self.price, (n, steps), "imports.price")
        _require(capacity >= 0, "imports.capacity", "0 MW or more", "a negative MW", "mend it")
        _require(np.isfinite(capacity), "imports.capacity", "a finite MW", "infinity", "set it")
        _require(np.isfinite(price), "imports.price", "a finite USD/MWh", "infinity", "set it")
        return Imports(
            tuple(self.name), capacity, price, _indices(self.node, n, nodes, "imports.node")
        )


@dataclass(frozen=True)
class Budget:
    """Energy that some units may make over a period, as the fuel left in a cycle allows.

    Attributes
    ----------
    name : what it is called.
    units : indices of the units.
    start, stop : first step and the step after the last.
    maximum : most they may generate together [MWh].
    """

    name: str
    units: tuple[int, ...]
    start: int
    stop: int
    maximum: float


@dataclass(frozen=True)
class Contract:
    """Energy that some uses are to take over a period, else the rest is paid for.

    Take-or-pay and deliver-or-pay are the same to the dispatch: `price` per missing MWh.

    Attributes
    ----------
    name : what it is called.
    uses : indices of the uses that count.
    start, stop : first step and the step after the last.
    quantity : what is to be delivered [MWh].
    price : paid for each missing MWh [USD/MWh].
    """

    name: str
    uses: tuple[int, ...]
    start: int
    stop: int
    quantity: float
    price: float


@dataclass(frozen=True)
class Storage:
    """A store on the busbar.

    Attributes
    ----------
    name : what it is called.
    charge, discharge : most power taken from and given to the busbar [MW].
    energy : most that it holds [MWh].
    charge_efficiency, discharge_efficiency : shares that arrive [-].
    standing_loss : share of the level lost per hour [1/h].
    initial : level before the first step [MWh].
    final : least level after the last step [MWh].

    Notes
    -----
    The level after a step is ``level * (1 - standing_loss) ** step + charge_efficiency *
    charged - discharged / discharge_efficiency``. A store that charges and discharges at once
    only burns energy, which can pay only where curtailment costs money.
    """

    name: str
    charge: float
    discharge: float
    energy: float
    charge_efficiency: float = 1.0
    discharge_efficiency: float = 1.0
    standing_loss: float = 0.0
    initial: float = 0.0
    final: float = 0.0


@dataclass(frozen=True)
class Problem:
    """The dispatch of one busbar over T steps.

    Parameters
    ----------
    steps : number of steps T.
    step : length of a step [h].
    units, uses : what generates and what takes energy.
    nodes, imports : limits between busbar and uses, and energy bought; may be left out.
    curtailment_cost : cost of generating energy that nothing takes [USD/MWh]; infinite
        forbids it.
    budgets, contracts, storages : what couples steps beside ramps and commitment.

    Raises
    ------
    baseload.case.errors.InputError
        Where shapes, signs or indices do not fit, or where money could be made by sending
        energy round a link.

    Notes
    -----
    Several busbars are several problems: no power flows between them.
    """

    steps: int
    step: float
    units: Units
    uses: Uses
    nodes: Nodes = field(default_factory=Nodes)
    imports: Imports = field(default_factory=Imports)
    curtailment_cost: float = 0.0
    budgets: tuple[Budget, ...] = ()
    contracts: tuple[Contract, ...] = ()
    storages: tuple[Storage, ...] = ()

    def __post_init__(self) -> None:
        if self.steps < 1 or not self.step > 0.0:
            raise InputError(
                "problem.steps, problem.step",
                expected="at least one step of a positive length",
                found=f"{self.steps} steps of {self.step} h",
                mend="give a period with at least one step",
            )
        nodes = self.nodes.checked(self.steps)
        n = len(nodes.name)
        object.__setattr__(self, "nodes", nodes)
        object.__setattr__(self, "units", self.units.checked(self.steps))
        object.__setattr__(self, "uses", self.uses.checked(self.steps, n))
        object.__setattr__(self, "imports", self.imports.checked(self.steps, n))
        object.__setattr__(self, "budgets", tuple(self.budgets))
        object.__setattr__(self, "contracts", tuple(self.contracts))
        object.__setattr__(self, "storages", tuple(self.storages))
        self._check_coupling()
        self._check_round_trips()

    @property
    def T(self) -> int:
        """Number of steps."""
        return self.steps

    def __repr__(self) -> str:
        capacity = float(self.units.available.sum(axis=0).max()) if self.units.name else 0.0
        coupling = [
            f"{len(items)} {word}"
            for items, word in (
                (self.budgets, "budgets"),
                (self.contracts, "contracts"),
                (self.storages, "storages"),
            )
            if items
        ]
        text = (
            f"Problem: {self.steps:,} steps of {self.step:g} h, "
            f"{len(self.units.name)} units up to {capacity:,.0f} MW, "
            f"{len(self.uses.name)} uses, {len(self.nodes.name)} nodes, "
            f"{len(self.imports.name)} imports"
        )
        return ", ".join([text, *coupling])

    def _check_coupling(self) -> None:
        if not self.curtailment_cost >= 0.0:
            raise InputError(
                "problem.curtailment_cost",
                expected="0 USD/MWh or more, infinite to forbid it",
                found=str(self.curtailment_cost),
                mend="give what curtailing a MWh costs",
            )
        for budget in self.budgets:
            _check_period("budget", budget.name, budget.start, budget.stop, self.steps)
            _check_members("budget", budget.name, budget.units, len(self.units.name))
            _check_positive("budget", budget.name, {"maximum": budget.maximum})
        for contract in self.contracts:
            _check_period("contract", contract.name, contract.start, contract.stop, self.steps)
            _check_members("contract", contract.name, contract.uses, len(self.uses.name))
            amounts = {"quantity": contract.quantity, "price": contract.price}
            _check_positive("contract", contract.name, amounts)
        for storage in self.storages:
            _check_storage(storage)

    def _check_round_trips(self) -> None:
        """Refuse import below the best export price behind the same node."""
        imports, uses = self.imports, self.uses
        for m, name in enumerate(imports.name):
            shared = int(imports.node[m])
            if shared == BUSBAR:
                continue
            for k in range(len(uses.name)):
                if uses.kind[k] is not UseKind.MARKET:
                    continue
                if shared not in self.nodes.ancestors(int(uses.node[k])):
                    continue
                open_ = (imports.capacity[m] > 0.0) & (uses.capacity[k] > 0.0)
                profit = open_ & (imports.price[m] < uses.value[k])
                if profit.any():
                    t = int(np.argmax(profit))
                    raise InputError(
                        f"imports.price['{name}', step {t}]",
                        expected=f"at least the export price of '{uses.name[k]}' over the same "
                        f"link, {uses.value[k, t]:g} USD/MWh",
                        found=f"{imports.price[m, t]:g} USD/MWh",
                        mend="raise the import price, lower the export price, or give the "
                        "import a link of its own",
                    )


def _indices(values: npt.ArrayLike, count: int, limit: int, where: str) -> Integers:
    array = np.array(np.broadcast_to(np.asarray(values, np.int64), (count,)))
    _require(
        (array >= BUSBAR) & (array < limit),
        where,
        f"a node index below {limit}, or -1 for the busbar",
        f"{array.tolist()}",
        "point to a node that exists",
    )
    return array


def _check_period(what: str, name: str, start: int, stop: int, steps: int) -> None:
    if not 0 <= start < stop <= steps:
        raise InputError(
            f"{what} '{name}'",
            expected=f"a period within steps 0 to {steps}",
            found=f"{start} to {stop}",
            mend="move start and stop into the horizon",
        )


def _check_members(what: str, name: str, members: tuple[int, ...], count: int) -> None:
    if not members or not all(0 <= i < count for i in members):
        raise InputError(
            f"{what} '{name}'",
            expected=f"indices from 0 to {count - 1}",
            found=f"{list(members)}",
            mend="name at least one member that exists",
        )


def _check_positive(what: str, name: str, amounts: dict[str, float]) -> None:
    for key, amount in amounts.items():
        if not (amount >= 0.0 and np.isfinite(amount)):
            raise InputError(
                f"{what} '{name}', {key}",
                expected="a finite number, 0 or more",
                found=str(amount),
                mend="mend the number",
            )


def _check_storage(storage: Storage) -> None:
    amounts = ("charge", "discharge", "energy", "initial", "final", "standing_loss")
    _check_positive("storage", storage.name, {key: getattr(storage, key) for key in amounts})
    shares = (storage.charge_efficiency, storage.discharge_efficiency)
    if not all(0.0 < share <= 1.0 for share in shares) or storage.standing_loss >= 1.0:
        raise InputError(
            f"storage '{storage.name}'",
            expected="efficiencies above 0 and at most 1, a standing loss below 1",
            found=f"{shares}, {storage.standing_loss}",
            mend="give shares between 0 and 1",
        )
    if max(storage.initial, storage.final) > storage.energy:
        raise InputError(
            f"storage '{storage.name}'",
            expected=f"first and last level of at most {storage.energy:g} MWh",
            found=f"{storage.initial:g} and {storage.final:g} MWh",
            mend="lower the level or raise the energy",
        )
