"""Why there is no schedule: which limits conflict, when, and how much each must give.

Every limit that could be at fault gets a slack with a price; the cheapest way to make the
problem feasible then names the limits. Weights put the blame where a planner can act first:
delivery and curtailment before ramps, ramps before a unit's own limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from baseload.plan.dispatch.highs import Engine
from baseload.plan.dispatch.model import Index, Model, build
from baseload.plan.dispatch.problem import Array, Integers, Problem

SMALLEST = 1e-6

ROW_WEIGHT = {
    "balance": 1.0,
    "ramp": 2.0,
    "node": 4.0,
    "budget": 4.0,
    "minimum up time": 500.0,
    "minimum down time": 500.0,
    "minimum": 8.0,
}
"""Price of a unit of slack by block of rows; other blocks are identities that cannot give."""

COLUMN_WEIGHT = {"delivered": 1.0, "level": 3.0, "generation": 8.0}
"""Price of a unit of slack on a lower bound by group of columns."""

MEANING = {
    "balance": ("curtailment is forbidden", "MW of output find no use"),
    "ramp": ("ramp limit", "MW more in one step"),
    "node": ("limit of node", "MW more"),
    "budget": ("energy budget", "MWh more"),
    "minimum up time": ("minimum up time", "steps of it given up"),
    "minimum down time": ("minimum down time", "steps of it given up"),
    "minimum": ("minimum output while running", "MW lower"),
    "delivered": ("delivery without shortfall", "MW not delivered"),
    "level": ("level of the store", "MWh lower"),
    "generation": ("minimum output", "MW lower"),
}


@dataclass(frozen=True)
class Give:
    """One limit that must give.

    Attributes
    ----------
    limit : what the limit is, with the unit, use, node, store or budget it belongs to.
    steps : the steps at which it must give, as indices.
    amounts : by how much at each of them.
    unit : unit and meaning of the amounts.
    """

    limit: str
    steps: tuple[int, ...]
    amounts: tuple[float, ...]
    unit: str

    def __str__(self) -> str:
        """Return the limit, the steps and the largest amount in one line."""
        first, last = self.steps[0], self.steps[-1]
        when = f"step {first}" if first == last else f"steps {first} to {last}"
        return (
            f"{self.limit}, {when} ({len(self.steps)}): up to {max(self.amounts):,.3f} {self.unit}"
        )


@dataclass(frozen=True)
class Infeasible:
    """A smallest set of concessions that would make the problem feasible.

    Attributes
    ----------
    gives : the limits that must give together, those with most to give first.
    """

    gives: tuple[Give, ...]

    def __str__(self) -> str:
        """Return one line for each limit."""
        lines = ["no schedule keeps all limits; together these would have to give:"]
        return "\n  ".join([*lines, *(str(give) for give in self.gives)])


class InfeasibleError(Exception):
    """No schedule keeps all limits.

    Attributes
    ----------
    report : which limits would have to give, when and by how much.
    """

    def __init__(self, report: Infeasible) -> None:
        self.report = report
        super().__init__(str(report))


@dataclass
class _Slack:
    """Slack columns of one block, with what they are about."""

    name: str
    columns: Index
    where: tuple[Integers, ...]


def explain(problem: Problem) -> Infeasible:
    """Return the cheapest concessions that make an infeasible problem feasible.

    Parameters
    ----------
    problem : a problem without a schedule.

    Returns
    -------
    The limits that must give. Steps are indices; the caller knows their times.
    """
    model = build(problem)
    model.gain = [np.zeros_like(gain) for gain in model.gain]
    model.offset = 0.0
    slacks = [*_loosen_columns(model), *_loosen_rows(model)]
    answer = Engine(model, gap=1e-6).run()
    gives = [
        give for slack in slacks for give in _read(problem, slack, answer.point[slack.columns])
    ]
    return Infeasible(tuple(sorted(gives, key=lambda g: -sum(g.amounts))))


def _loosen_columns(model: Model) -> Iterator[_Slack]:
    """Turn hard lower bounds of columns into rows with a slack."""
    lower = np.concatenate(model.lower)
    for name, weight in COLUMN_WEIGHT.items():
        index = model.columns[name]
        hard = np.argwhere(lower[index] > 0.0)
        if not len(hard):
            continue
        columns = index[tuple(hard.T)]
        slack = model.add_columns(f"slack {name}", (len(columns),), 0.0, np.inf, -weight)
        model.add_rows(
            f"soft {name}",
            [(columns, 1.0), (slack, 1.0)],
            lower[columns],
            np.inf,
            tuple(hard.T),
        )
        yield _Slack(name, slack, tuple(hard.T))
    for position, (name, index) in enumerate(list(model.columns.items())):
        if name in COLUMN_WEIGHT:
            model.lower[position] = np.zeros(index.size)


def _loosen_rows(model: Model) -> Iterator[_Slack]:
    """Give every row that may give a slack on the side that binds."""
    for position, rows in enumerate(list(model.rows)):
        weight = ROW_WEIGHT.get(rows.name)
        if weight is None:
            continue
        count = len(rows.lower)
        slack = model.add_columns(f"slack {position}", (count, 2), 0.0, np.inf, -weight)
        # A balance may take up output that finds no use, never make energy from nothing.
        above = np.isfinite(rows.upper)
        below = np.isfinite(rows.lower) & (rows.name != "balance")
        keep = np.ones(rows.columns.shape, np.bool_) if rows.keep is None else rows.keep
        model.rows[position] = replace(
            rows,
            columns=np.hstack([rows.columns, slack]),
            values=np.hstack([rows.values, np.tile([1.0, -1.0], (count, 1))]),
            keep=np.hstack([keep, below[:, None], above[:, None]]),
        )
        yield _Slack(rows.name, slack, rows.where)


def _read(problem: Problem, slack: _Slack, amounts: Array) -> Iterator[Give]:
    """Group what one block gives by the item it belongs to."""
    given = amounts.reshape(len(slack.where[0]), -1).sum(axis=1)
    words, unit = MEANING[slack.name]
    if slack.name == "budget":
        given = given * problem.step
    item = slack.where[0] if slack.name != "balance" else np.zeros(len(given), np.int64)
    step = slack.where[-1] if slack.name != "budget" else np.zeros(len(given), np.int64)
    names = {
        "node": problem.nodes.name,
        "delivered": problem.uses.name,
        "level": tuple(s.name for s in problem.storages),
        "budget": tuple(b.name for b in problem.budgets),
        "balance": ("busbar",),
    }.get(slack.name, problem.units.name)
    for i in np.unique(item):
        at = (item == i) & (given > SMALLEST)
        if at.any():
            steps = step[at] if slack.name != "budget" else [problem.budgets[i].start]
            yield Give(
                f"{words} '{names[i]}'",
                tuple(int(t) for t in steps),
                tuple(float(a) for a in given[at]),
                unit,
            )
