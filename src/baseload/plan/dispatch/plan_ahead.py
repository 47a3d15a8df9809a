"""A coarse plan of the whole horizon: what budgets and contracts are worth, and their pace.

What binds over a whole period cannot be seen from a window. A linear program on every n-th
step, without ramps and stores, prices it: a budget becomes an adder to the fuel cost of its
units, a contract a bonus for each MWh that counts. Prices need not be exact: they only steer
the windows, and the bound made from them is valid whatever they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from baseload.plan.dispatch.highs import Engine
from baseload.plan.dispatch.model import build
from baseload.plan.dispatch.problem import Array, Budget, Contract, Problem

Period = TypeVar("Period", Budget, Contract)

EVERY = 4
"""Every how many steps the coarse plan looks."""


@dataclass(frozen=True)
class Plan:
    """Prices and pace of what binds over a whole period.

    Attributes
    ----------
    budget_price : worth of one more MWh in each budget, shape (B,) [USD/MWh].
    contract_price : worth of one MWh towards each contract, shape (C,) [USD/MWh].
    pace : planned use of each budget up to the end of each step, shape (B, T) [MWh].
    """

    budget_price: Array
    contract_price: Array
    pace: Array

    @property
    def binds(self) -> bool:
        """Whether a budget or a contract is expected to hold back."""
        return bool((self.budget_price > 0.0).any() or (self.contract_price > 0.0).any())


def coarse(problem: Problem, every: int) -> Problem:
    """Return every n-th step of a problem, each standing for n, without ramps and stores."""
    units, uses, imports = problem.units, problem.uses, problem.imports
    free = np.full(len(units.name), np.inf)
    count = -(-problem.steps // every)

    def thin(item: Period) -> Period:
        first = min(item.start // every, count - 1)
        last = max(first + 1, min(count, -(-item.stop // every)))
        return replace(item, start=first, stop=last)

    return replace(
        problem,
        steps=count,
        step=problem.step * every,
        units=replace(
            units,
            available=units.available[:, ::every],
            minimum=units.minimum[:, ::every],
            cost=units.cost[:, ::every],
            ramp_up=free,
            ramp_down=free,
            initial=None,
        ),
        uses=replace(
            uses,
            capacity=uses.capacity[:, ::every],
            value=uses.value[:, ::every],
            shortfall_price=uses.shortfall_price[:, ::every],
        ),
        nodes=replace(problem.nodes, limit=problem.nodes.limit[:, ::every]),
        imports=replace(
            imports, capacity=imports.capacity[:, ::every], price=imports.price[:, ::every]
        ),
        budgets=tuple(thin(b) for b in problem.budgets),
        contracts=tuple(thin(c) for c in problem.contracts),
        storages=(),
    )


def plan_ahead(problem: Problem) -> Plan | None:
    """Return the coarse plan; None where the coarse problem has no schedule."""
    n_budgets, n_contracts = len(problem.budgets), len(problem.contracts)
    pace = np.zeros((n_budgets, problem.steps))
    if not n_budgets and not n_contracts:
        return Plan(np.zeros(0), np.zeros(0), pace)
    thin = coarse(problem, EVERY)
    model = build(thin)
    answer = Engine(model, gap=0.0).run()
    if not answer.feasible:
        return None
    prices: dict[str, list[float]] = {"budget": [], "contract": []}
    offset = 0
    for rows in model.rows:
        if rows.name in prices:
            prices[rows.name].append(abs(float(answer.row_dual[offset])))
        offset += len(rows.lower)
    output = answer.point[model.columns["generation"]]
    for b, budget in enumerate(thin.budgets):
        used = np.zeros(thin.steps)
        used[budget.start : budget.stop] = output[list(budget.units)].sum(axis=0)[
            budget.start : budget.stop
        ]
        pace[b] = np.cumsum(np.repeat(used, EVERY)[: problem.steps]) * problem.step
    return Plan(np.array(prices["budget"]) / thin.step, np.array(prices["contract"]), pace)
