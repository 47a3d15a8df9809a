"""Random small problems that hold any feature of the dispatch, made from one seed."""

from __future__ import annotations

import numpy as np

from baseload.plan.dispatch.problem import (
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

KINDS = (UseKind.MUST_SERVE, UseKind.OBLIGATION, UseKind.MARKET, UseKind.MINE)


def make(
    seed: int,
    *,
    ramps: bool = False,
    commit: bool = False,
    coupled: bool = False,
    imports: bool = True,
    steps: int | None = None,
    like_units: bool = False,
) -> Problem:
    """Return a random problem that has a schedule (shortfall and curtailment are allowed)."""
    rng = np.random.default_rng(seed)
    T = steps or int(rng.integers(2, 11))
    step = float(rng.choice([0.25, 0.5, 1.0, 2.0]))
    nodes = _nodes(rng, T)
    units = _units(rng, T, ramps=ramps, commit=commit, like=like_units)
    uses = _uses(rng, T, len(nodes.name), float(units.available.sum(axis=0).mean()))
    return Problem(
        steps=T,
        step=step,
        units=units,
        uses=uses,
        nodes=nodes,
        imports=_imports(rng, T) if imports else Imports(),
        curtailment_cost=float(rng.choice([0.0, 0.0, 4.0])),
        **(_coupling(rng, T, step, units, uses) if coupled else {}),
    )


def _nodes(rng: np.random.Generator, T: int) -> Nodes:
    n = int(rng.integers(0, 5))
    parent = np.array([int(rng.integers(-1, i)) if i else -1 for i in range(n)], np.int64)
    limit = rng.integers(0, 300, (n, T)).astype(float)
    return Nodes(tuple(f"node {i}" for i in range(n)), parent, limit)


def _units(rng: np.random.Generator, T: int, *, ramps: bool, commit: bool, like: bool) -> Units:
    n = int(rng.integers(1, 4))
    size = np.full(n, 100.0) if like else rng.integers(50, 250, n).astype(float)
    available = size[:, None] * rng.choice([1.0, 1.0, 1.0, 0.8, 0.5, 0.0], (n, T))
    if ramps or commit:
        available = size[:, None] * rng.choice([1.0, 1.0, 0.9], (n, T))
    minimum = available * rng.choice([0.0, 0.3, 0.5], (n, 1))
    cost = np.repeat(rng.integers(-2, 40, (n, 1)).astype(float), T, axis=1)
    if like:
        cost[:] = 6.0
    rate = size[:, None] * rng.choice([0.2, 0.3, 0.6], (n, 2))
    hours = rng.choice([1.0, 2.0, 3.0], (n, 2))
    return Units(
        name=tuple(f"unit {i}" for i in range(n)),
        available=available,
        minimum=minimum,
        cost=cost,
        ramp_up=rate[:, 0] if ramps else np.inf,
        ramp_down=rate[:, 1] if ramps else np.inf,
        commit=np.full(n, commit),
        min_up=hours[:, 0] if commit else 0.0,
        min_down=hours[:, 1] if commit else 0.0,
        start_cost=rng.integers(0, 2000, n).astype(float) if commit else 0.0,
    )


def _uses(rng: np.random.Generator, T: int, nodes: int, supply: float) -> Uses:
    n = int(rng.integers(2, 7))
    kind = tuple(KINDS[i] for i in rng.integers(0, 4, n))
    node = np.array(
        [-1 if k is UseKind.MUST_SERVE else int(rng.integers(-1, nodes)) for k in kind], np.int64
    )
    capacity = rng.integers(0, max(2, int(1.6 * supply / n)), (n, T)).astype(float)
    value = rng.normal(25.0, 30.0, (n, 1)) + rng.normal(0.0, 25.0, (n, T))
    firm = np.array([k in (UseKind.MUST_SERVE, UseKind.OBLIGATION) for k in kind])
    price = np.where(firm, rng.choice([0.0, 50.0, 3000.0], n), 0.0)
    return Uses(tuple(f"use {i}" for i in range(n)), kind, node, capacity, value.round(2), price)


def _imports(rng: np.random.Generator, T: int) -> Imports:
    n = int(rng.integers(0, 3))
    capacity = rng.integers(0, 200, (n, T)).astype(float)
    price = rng.normal(45.0, 40.0, (n, T)).round(2)
    return Imports(tuple(f"import {i}" for i in range(n)), capacity, price)


def _coupling(
    rng: np.random.Generator, T: int, step: float, units: Units, uses: Uses
) -> dict[str, tuple[object, ...]]:
    most = float(np.asarray(units.available).sum()) * step
    least = float(np.asarray(units.minimum).sum()) * step
    everyone = tuple(range(len(units.name)))
    members = tuple(range(int(rng.integers(1, len(uses.name) + 1))))
    asked = float(uses.capacity[list(members)].sum()) * step
    budget = Budget("fuel", everyone, 0, T, least + float(rng.uniform(0.1, 0.9)) * (most - least))
    first = int(rng.integers(0, T))
    contract = Contract(
        "take", members, first, T, asked * float(rng.uniform(0.2, 0.9)), float(rng.uniform(1, 90))
    )
    energy = float(rng.integers(20, 200))
    store = Storage(
        "battery",
        charge=energy / 2,
        discharge=energy / 3,
        energy=energy,
        charge_efficiency=0.95,
        discharge_efficiency=0.9,
        standing_loss=float(rng.choice([0.0, 0.01])),
        initial=energy * 0.5,
        final=energy * 0.25,
    )
    return {
        "budgets": (budget,) if rng.random() < 0.6 else (),
        "contracts": (contract,) if rng.random() < 0.6 else (),
        "storages": (store,) if rng.random() < 0.6 else (),
    }
