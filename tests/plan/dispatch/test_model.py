"""The coupled model against PyPSA, which is written by others and solves the same problems."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.plan.dispatch.random_problems import make

from baseload.plan.dispatch.highs import Engine
from baseload.plan.dispatch.model import build, minimum_steps, point_of, schedule_of
from baseload.plan.dispatch.problem import BUSBAR, Problem
from baseload.plan.dispatch.result import money, objective
from baseload.plan.dispatch.solve import solve

SEEDS = st.integers(0, 2**32 - 1)


def hourly(seed: int, *, commit: bool) -> Problem:
    """Return a random problem of hourly steps whose first state both tools can state."""
    problem = make(seed, ramps=True, commit=commit, coupled=True)
    units = problem.units
    if commit:
        # PyPSA's start and stop ramps do not vary in time, and it starts from a running unit.
        size = units.available.max(axis=1, keepdims=True)
        share = (units.minimum / np.maximum(units.available, 1.0)).max(axis=1, keepdims=True)
        units = replace(
            units,
            available=np.repeat(size, problem.steps, axis=1),
            minimum=np.repeat(size * share, problem.steps, axis=1),
            initial_hours=units.min_up,
        )
    return replace(problem, step=1.0, units=units)


def network_of(problem: Problem, pypsa: Any) -> Any:
    """Return the problem as a PyPSA network, without budgets and contracts."""
    n = pypsa.Network()
    n.set_snapshots(range(problem.steps))
    n.add("Bus", ["busbar", "house", *problem.nodes.name])
    n.add("Link", "to house", bus0="busbar", bus1="house", p_nom=1e5)
    for i, name in enumerate(problem.nodes.name):
        parent = problem.nodes.parent[i]
        above = "busbar" if parent == BUSBAR else problem.nodes.name[parent]
        share = problem.nodes.limit[i] / 1e3
        n.add("Link", f"to {name}", bus0=above, bus1=name, p_nom=1e3, p_max_pu=share)
    units = problem.units
    for u, name in enumerate(units.name):
        size = float(units.available[u].max())
        ramps = {
            "ramp_limit_up": units.ramp_up[u] / size,
            "ramp_limit_down": units.ramp_down[u] / size,
        }
        if units.commit[u]:
            least = float(units.minimum[u, 0])
            ramps |= {
                "committable": True,
                "ramp_limit_start_up": min(1.0, max(least, units.ramp_up[u]) / size),
                "ramp_limit_shut_down": min(1.0, max(least, units.ramp_down[u]) / size),
                "min_up_time": minimum_steps(units.min_up[u], 1.0),
                "min_down_time": minimum_steps(units.min_down[u], 1.0),
                "up_time_before": minimum_steps(units.min_up[u], 1.0),
                "start_up_cost": units.start_cost[u],
            }
        n.add(
            "Generator", name, bus="busbar", p_nom=size, marginal_cost=units.cost[u],
            p_min_pu=units.minimum[u] / size, p_max_pu=units.available[u] / size, **ramps,
        )  # fmt: skip
    uses = problem.uses
    for k, name in enumerate(uses.name):
        at = uses.node[k]
        bus = (
            "house" if uses.must_serve[k] else "busbar" if at == BUSBAR else problem.nodes.name[at]
        )
        n.add(
            "Generator", name, bus=bus, sign=-1.0, p_nom=1e3, p_max_pu=uses.capacity[k] / 1e3,
            marginal_cost=-(uses.value + uses.shortfall_price)[k],
        )  # fmt: skip
    for m, name in enumerate(problem.imports.name):
        n.add(
            "Generator", name, bus="house", p_nom=1e3, marginal_cost=problem.imports.price[m],
            p_max_pu=problem.imports.capacity[m] / 1e3,
        )  # fmt: skip
    n.add(
        "Generator", "curtailed", bus="busbar", sign=-1.0, p_nom=1e5,
        marginal_cost=problem.curtailment_cost,
    )  # fmt: skip
    for s in problem.storages:
        final = np.zeros(problem.steps)
        final[-1] = s.final / s.energy
        # PyPSA takes no standing loss from the first level in the first step.
        first = s.initial * (1.0 - s.standing_loss)
        n.add("Bus", s.name)
        n.add(
            "Store", s.name, bus=s.name, e_nom=s.energy, e_initial=first, e_cyclic=False,
            standing_loss=s.standing_loss, e_min_pu=final,
        )  # fmt: skip
        n.add(
            "Link", f"{s.name} in", bus0="busbar", bus1=s.name, p_nom=s.charge,
            efficiency=s.charge_efficiency,
        )  # fmt: skip
        n.add(
            "Link", f"{s.name} out", bus0=s.name, bus1="busbar",
            p_nom=s.discharge / s.discharge_efficiency, efficiency=s.discharge_efficiency,
        )  # fmt: skip
    return n


def pypsa_optimum(problem: Problem) -> float | None:
    """Return PyPSA's optimum, or None where it finds the problem infeasible [USD]."""
    pypsa = pytest.importorskip("pypsa")
    for name in ("pypsa", "linopy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    n = network_of(problem, pypsa)
    n.optimize.create_model()
    power = n.model["Generator-p"]
    for budget in problem.budgets:
        names = [problem.units.name[u] for u in budget.units]
        over = power.sel(name=names).isel(snapshot=slice(budget.start, budget.stop))
        n.model.add_constraints(over.sum() <= budget.maximum, name=f"budget {budget.name}")
    for contract in problem.contracts:
        names = [problem.uses.name[k] for k in contract.uses]
        over = power.sel(name=names).isel(snapshot=slice(contract.start, contract.stop))
        missing = n.model.add_variables(lower=0.0, name=f"missing {contract.name}")
        n.model.add_constraints(
            over.sum() + missing >= contract.quantity, name=f"contract {contract.name}"
        )
        n.model.objective = n.model.objective.expression + contract.price * missing
    status, _ = n.model.solve("highs", io_api="direct", output_flag=False, mip_rel_gap=1e-9)
    if status != "ok":
        return None
    uses = problem.uses
    return -n.model.objective.value - float((uses.shortfall_price * uses.capacity).sum())


@pytest.mark.filterwarnings("ignore::FutureWarning")
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SEEDS)
def test_pypsa_finds_the_same_optimum_with_ramps_storage_budgets_and_contracts(seed: int) -> None:
    problem = hourly(seed, commit=False)
    expected = pypsa_optimum(problem)
    if expected is None:
        return
    assert solve(problem, gap=1e-9).objective == pytest.approx(expected, rel=1e-6, abs=1e-4)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SEEDS)
def test_pypsa_finds_the_same_optimum_with_commitment(seed: int) -> None:
    problem = hourly(seed, commit=True)
    expected = pypsa_optimum(problem)
    if expected is None:
        return
    assert solve(problem, gap=1e-9).objective == pytest.approx(expected, rel=1e-6, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_a_schedule_and_its_columns_say_the_same(seed: int) -> None:
    problem = make(seed, ramps=True, commit=bool(seed % 2), coupled=True)
    model = build(problem)
    answer = Engine(model, gap=1e-9).run()
    if not answer.feasible:
        return
    schedule = schedule_of(model, problem, answer.point)
    value = objective(money(problem, schedule))
    assert value == pytest.approx(answer.objective, rel=1e-7, abs=1e-3)
    gain = float(np.concatenate(model.gain) @ point_of(model, problem, schedule)) + model.offset
    assert gain == pytest.approx(value, rel=1e-9, abs=1e-4)
