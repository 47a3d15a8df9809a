"""A dispatch as a labelled xarray dataset (imported only when one is asked for)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from baseload.plan.dispatch.problem import Array
from baseload.plan.dispatch.result import Dispatch

MEANING: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "generation": (("unit",), "MW", "net output"),
    "status": (("unit",), "1", "1 where the unit runs"),
    "starts": (("unit",), "1", "1 where the unit starts"),
    "delivered": (("use",), "MW", "power delivered to the use"),
    "shortfall": (("use",), "MW", "asked for and not delivered"),
    "imported": (("import",), "MW", "power bought for must-serve load"),
    "curtailed": ((), "MW", "generated and taken by nothing"),
    "charge": (("storage",), "MW", "power taken into the store"),
    "discharge": (("storage",), "MW", "power given by the store"),
    "level": (("storage",), "MWh", "energy held after the step"),
    "node_flow": (("node",), "MW", "power through the node"),
    "energy_value": ((), "USD/MWh", "worth of one more MWh on the busbar"),
    "node_value": (("node",), "USD/MWh", "worth of one more MW through the node for an hour"),
    "unit_value": (("unit",), "USD/MWh", "worth of one more MW available for an hour"),
    "use_value": (("use",), "USD/MWh", "worth of one more MW of capacity for an hour"),
    "revenue": (("use",), "USD", "paid for energy delivered"),
    "shortfall_cost": (("use",), "USD", "paid for energy not delivered (negative)"),
    "fuel_cost": (("unit",), "USD", "variable cost of generation (negative)"),
    "start_cost": (("unit",), "USD", "cost of starts (negative)"),
    "import_cost": (("import",), "USD", "paid for energy bought (negative)"),
    "curtailment_cost": ((), "USD", "cost of curtailment (negative)"),
    "contract_cost": (("contract",), "USD", "paid for energy missing from contracts (negative)"),
}
"""Dimensions before ``step``, unit and meaning of every variable."""


def node_flow(result: Dispatch) -> Array:
    """Power into each node: all that its subtree takes, shape (N, T) [MW]."""
    problem = result.problem
    flow = np.zeros((len(problem.nodes.name), problem.steps))
    for k, node in enumerate(problem.uses.node):
        for above in problem.nodes.ancestors(int(node)):
            flow[above] += result.delivered[k]
    return flow


def labelled(result: Dispatch) -> xr.Dataset:
    """Return the dataset of a dispatch, see `Dispatch.to_dataset`."""
    problem, schedule = result.problem, result.schedule
    cash = result.money
    values = {
        "generation": result.generation,
        "status": schedule.status,
        "starts": schedule.starts,
        "delivered": result.delivered,
        "shortfall": result.shortfall,
        "imported": result.imported,
        "curtailed": result.curtailed,
        "charge": schedule.charge,
        "discharge": schedule.discharge,
        "level": result.level,
        "node_flow": node_flow(result),
        "revenue": cash["revenue"],
        **{
            f"{key}_cost": cash[key]
            for key in ("shortfall", "fuel", "start", "import", "curtailment", "contract")
        },
    }
    if result.duals is not None:
        values["energy_value"] = result.duals.energy
        values["node_value"] = result.duals.node
        values["unit_value"] = result.duals.unit
        values["use_value"] = result.duals.use
    variables = {
        key: ((*MEANING[key][0], "step"), value, {"units": MEANING[key][1], "long_name": words})
        for key, value in values.items()
        for words in (MEANING[key][2],)
    }
    names = {
        "unit": problem.units.name,
        "use": problem.uses.name,
        "node": problem.nodes.name,
        "import": problem.imports.name,
        "storage": tuple(s.name for s in problem.storages),
        "contract": tuple(c.name for c in problem.contracts),
    }
    attributes = {
        "objective": result.objective,
        "objective_units": "USD",
        "bound": result.bound,
        "gap": result.gap,
        "certificate": result.certificate,
        "step_hours": problem.step,
        "timed_out": int(result.timed_out),
        **{f"share_{tier.replace(' ', '_')}": share for tier, share in result.tiers.items()},
        **{f"seconds_{stage}": seconds for stage, seconds in result.times.items()},
    }
    labels = {key: np.array(label, dtype=object) for key, label in names.items() if label}
    return xr.Dataset(variables, coords=labels, attrs=attributes)
