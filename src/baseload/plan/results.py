"""A study as a labelled dataset, the way energy modellers open it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from baseload.plan.outcome import FLOWS, Outcome, Study

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

PLACES = ("alternative", "world")

_METRICS = {
    "npv": "USD",
    "mine_value": "USD",
    "irr": "1/year",
    "payback": "year",
    "cost_of_energy": "USD/MWh",
    "cost_of_coin": "USD/BTC",
    "break_even_factor": "1",
    "break_even_hashprice": "USD/PH/day",
    "break_even_power_price": "USD/MWh",
    "hashprice": "USD/PH/day",
}


def to_dataset(study: Study) -> xr.Dataset:
    """Return energy, coins, share of the network and metrics of every outcome.

    Returns
    -------
    Dataset with dimensions alternative, world, year, month and mine; every variable carries
    its unit. Metrics that do not exist are NaN.
    """
    import xarray as xr

    rows = [[worlds["today"], worlds["opened"]] for worlds in study.outcomes.values()]
    first = rows[0][0]
    mines = list(first.mine_mw)

    def gathered(pick: Any) -> Any:
        return np.array([[pick(outcome) for outcome in row] for row in rows])

    data: dict[str, Any] = {}
    for flow in FLOWS:
        data[flow] = (
            (*PLACES, "year"),
            gathered(lambda o, f=flow: o.energy[f]),
            {"units": "MWh", "long_name": f"{flow.replace('_', ' ')}, calendar year"},
        )
        data[f"monthly_{flow}"] = (
            (*PLACES, "month"),
            gathered(lambda o, f=flow: o.monthly[f]),
            {"units": "MWh", "long_name": f"{flow.replace('_', ' ')}, month"},
        )
    data["coins"] = ((*PLACES, "year"), gathered(lambda o: o.coins), {"units": "BTC"})
    share = gathered(lambda o: o.network_share)
    data["network_share"] = ((*PLACES, "year"), share, {"units": "1"})
    power = gathered(lambda o: [o.mine_mw[mine] for mine in mines])
    data["mine_power"] = ((*PLACES, "mine"), power, {"units": "MW"})
    for name, unit in _METRICS.items():
        values = gathered(lambda o, n=name: _number(getattr(o.metrics, n)))
        data[name] = (PLACES, values, {"units": unit})
    return xr.Dataset(
        data,
        coords={
            "alternative": list(study.outcomes),
            "world": ["today", "opened"],
            "year": first.years,
            "month": first.months.astype("datetime64[ns]"),
            "mine": mines,
        },
        attrs={"case": study.case.tree.case.name, "seed": study.seed, "energy": "at the busbar"},
    )


def cash(study: Study) -> pd.DataFrame:
    """Return every row of every ledger, with its alternative and world."""
    import pandas as pd

    frames = []
    for name, worlds in study.outcomes.items():
        for world, outcome in worlds.items():
            frame = outcome.ledger.to_frame()
            frame.insert(0, "world", world)
            frame.insert(0, "alternative", name)
            frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def violations(study: Study) -> list[str]:
    """Name what a careful reader must not overlook: load not served, networks not settled.

    Notes
    -----
    Money that does not reconcile with the objective raises while the study is made.
    """
    found = []
    for worlds in study.outcomes.values():
        for outcome in worlds.values():
            found += _violations(outcome)
    return found


def _violations(outcome: Outcome) -> list[str]:
    place = f"{outcome.name}, {'today' if outcome.world == 'today' else 'gates open'}"
    found = []
    if outcome.house_unserved > 0.5:
        found.append(f"{place}: {outcome.house_unserved:,.0f} MWh of house load not served")
    if outcome.balance_open > 1e-9:
        found.append(f"{place}: energy is out of balance by {outcome.balance_open:.1e}")
    if outcome.unsettled > 1e-3:
        found.append(f"{place}: the network has not settled ({outcome.unsettled:.1e})")
    return found


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
