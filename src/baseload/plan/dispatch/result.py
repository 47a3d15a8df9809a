"""What a dispatch gives: schedules, money, marginal values and how well they are proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from baseload.plan.dispatch.problem import Array, Problem

if TYPE_CHECKING:
    import xarray as xr

MERIT = "merit order"
PLANT_RAMP = "plant ramp"
HIGHS = "HiGHS"

ROUNDING_MW = 1e-6
"""Power below zero that counts as a solver's rounding [MW]; its feasibility tolerance is 1e-7."""


@dataclass(frozen=True)
class Schedule:
    """Power in every step, on U units, K uses, M imports and S storages.

    Attributes
    ----------
    generation : shape (U, T) [MW].
    delivered : shape (K, T) [MW].
    imported : shape (M, T) [MW].
    curtailed : generated and taken by nothing, shape (T,) [MW].
    charge, discharge : shape (S, T) [MW].
    status, starts : 1 where a unit runs, 1 where it starts, shape (U, T).
    """

    generation: Array
    delivered: Array
    imported: Array
    curtailed: Array
    charge: Array
    discharge: Array
    status: Array
    starts: Array

    def without_rounding(self) -> Schedule:
        """Return the schedule with 0 for what a solver's rounding left just below it."""
        powers = {each.name: getattr(self, each.name) for each in fields(self)}
        below = {
            name: np.where((power < 0.0) & (power > -ROUNDING_MW), 0.0, power)
            for name, power in powers.items()
            if power.min(initial=0.0) < 0.0
        }
        return replace(self, **below) if below else self


@dataclass(frozen=True)
class Duals:
    """Marginal values, where the tier that decided gives them.

    Attributes
    ----------
    energy : worth of one more MWh on the busbar, shape (T,) [USD/MWh].
    node : worth of one more MW through each node for an hour, shape (N, T) [USD/MWh].
    unit : worth of one more MW available for an hour, shape (U, T) [USD/MWh].
    use : worth of one more MW of capacity of each use for an hour, shape (K, T) [USD/MWh];
        for a firm use the shortfall it would add counts against it.
    budget : worth of one more MWh in each budget, shape (B,) [USD/MWh].
    """

    energy: Array
    node: Array
    unit: Array
    use: Array
    budget: Array


def storage_levels(problem: Problem, charge: Array, discharge: Array) -> Array:
    """Level of each store after each step, shape (S, T) [MWh]."""
    levels = np.zeros((len(problem.storages), problem.steps))
    for s, store in enumerate(problem.storages):
        keep = (1.0 - store.standing_loss) ** problem.step
        flow = store.charge_efficiency * charge[s] - discharge[s] / store.discharge_efficiency
        level = store.initial
        for t in range(problem.steps):
            level = level * keep + flow[t] * problem.step
            levels[s, t] = level
    return levels


def contract_missing(problem: Problem, delivered: Array) -> Array:
    """Energy short of each contract's quantity, shape (C,) [MWh]."""
    return np.array(
        [
            max(
                0.0,
                c.quantity - float(delivered[list(c.uses), c.start : c.stop].sum()) * problem.step,
            )
            for c in problem.contracts
        ],
        dtype=np.float64,
    )


def money(problem: Problem, schedule: Schedule) -> dict[str, Array]:
    """Money of each component in each step [USD]; income positive, cost negative.

    Returns
    -------
    Arrays whose last axis is time: ``revenue`` and ``shortfall`` by use, ``fuel`` and
    ``start`` by unit, ``import`` by import, ``curtailment``, and ``contract`` by contract
    (paid in the last step of its period). Their sum is the objective.
    """
    uses, units, h = problem.uses, problem.units, problem.step
    missing = uses.capacity - schedule.delivered
    with np.errstate(invalid="ignore"):
        shortfall = np.where(missing > 0.0, uses.shortfall_price, 0.0) * np.maximum(missing, 0.0)
    penalties = np.zeros((len(problem.contracts), problem.steps))
    for c, contract in enumerate(problem.contracts):
        owed = contract_missing(problem, schedule.delivered)[c] * contract.price
        penalties[c, contract.stop - 1] = -owed
    cost = problem.curtailment_cost
    return {
        "revenue": uses.value * schedule.delivered * h,
        "shortfall": np.where(uses.firm[:, None], -shortfall * h, 0.0),
        "fuel": -units.cost * schedule.generation * h,
        "start": -units.start_cost[:, None] * schedule.starts,
        "import": -problem.imports.price * schedule.imported * h,
        "curtailment": -(cost if np.isfinite(cost) else 0.0) * schedule.curtailed * h,
        "contract": penalties,
    }


def objective(parts: Mapping[str, Array]) -> float:
    """Sum of all money [USD]."""
    return float(sum(part.sum() for part in parts.values()))


@dataclass(frozen=True)
class Dispatch:
    """The result of `solve`: what each megawatt-hour did, and the proof.

    Attributes
    ----------
    problem : what was solved.
    schedule : power in every step.
    bound : no schedule can earn more than this [USD].
    certificate : ``"merit order"``, ``"plant ramp"`` or ``"HiGHS gap ..."``: the last tier
        that was needed.
    tiers : share of the steps decided by each tier; sums to 1.
    duals : marginal values, or None where the tier gives none.
    times : seconds by stage: build, hand_off, solve, post.
    timed_out : whether the time limit ended the search.
    """

    problem: Problem
    schedule: Schedule
    bound: float
    certificate: str
    tiers: Mapping[str, float]
    duals: Duals | None = None
    times: Mapping[str, float] = field(default_factory=dict)
    timed_out: bool = False

    @cached_property
    def money(self) -> dict[str, Array]:
        """Money of each component in each step, see `money` [USD]."""
        return money(self.problem, self.schedule)

    @cached_property
    def objective(self) -> float:
        """Sum of all money of the schedule [USD]."""
        return objective(self.money)

    @property
    def gap(self) -> float:
        """Relative distance of the objective from the bound [-]."""
        value = self.objective
        return max(0.0, self.bound - value) / max(1.0, abs(value))

    @property
    def generation(self) -> Array:
        """Output of each unit, shape (U, T) [MW]."""
        return self.schedule.generation

    @property
    def delivered(self) -> Array:
        """Power taken by each use, shape (K, T) [MW]."""
        return self.schedule.delivered

    @property
    def imported(self) -> Array:
        """Power bought, shape (M, T) [MW]."""
        return self.schedule.imported

    @property
    def curtailed(self) -> Array:
        """Power generated and taken by nothing, shape (T,) [MW]."""
        return self.schedule.curtailed

    @property
    def shortfall(self) -> Array:
        """Asked for and not delivered, zero for markets and mines, shape (K, T) [MW]."""
        uses = self.problem.uses
        missing = np.maximum(0.0, uses.capacity - self.schedule.delivered)
        return np.where(uses.firm[:, None], missing, 0.0)

    @property
    def level(self) -> Array:
        """Level of each store after each step, shape (S, T) [MWh]."""
        return storage_levels(self.problem, self.schedule.charge, self.schedule.discharge)

    def __repr__(self) -> str:
        decided = ", ".join(f"{share:.1%} {tier}" for tier, share in self.tiers.items() if share)
        h = self.problem.step
        totals = ("generation", "imported", "curtailed", "shortfall")
        energy = (f"{name} {getattr(self, name).sum() * h:,.0f} MWh" for name in totals)
        lines = [
            f"Dispatch: {self.problem.steps:,} steps of {h:g} h",
            f"  objective {self.objective:,.2f} USD, {self.certificate} (gap {self.gap:.1e})",
            f"  steps decided by: {decided}",
            f"  {', '.join(energy)}",
        ]
        for k, name in enumerate(self.problem.uses.name):
            lines.append(f"  {name}: {self.delivered[k].sum() * h:,.0f} MWh")
        if self.timed_out:
            lines.append("  the time limit ended the search: this is the best schedule found")
        return "\n".join(lines)

    def to_dataset(self) -> xr.Dataset:
        """Return a labelled dataset; every variable carries its unit.

        Notes
        -----
        The step index is ``step``; the caller knows its times and may assign them.
        """
        from baseload.plan.dispatch.dataset import labelled

        return labelled(self)
