"""A mine between duration curves of surplus and price: its value has a formula.

For twenty days a unit can give a twentieth more every day, and by the hour a market pays 0, 8, ...
184 USD/MWh. The mine takes what the unit gives, up to its power, in the hours in which a hash
earns more than the market pays.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tests.plan.small_cases import small, write_series

from baseload.case.case import Case

DAYS = 20
NETS = 950.0 * np.arange(1, DAYS + 1) / DAYS
PRICES = 8.0 * np.arange(24)
# 40 USD/PH/day at 13.5 J/TH: 40 / (0.024 * 13.5) USD/MWh.
GAIN = float(np.maximum(40.0 / (0.024 * 13.5) - PRICES, 0.0).sum())
COST = 7.5 * GAIN


def duration_value(power: float) -> float:
    """Worth of a mine of some power [USD]."""
    return float(GAIN * np.minimum(power, NETS).sum() - COST * power)


def duration_case(folder: Path, **files: str) -> Case:
    """Write the case; costs are yearly ones of the site, and money of all years counts alike.

    Parameters
    ----------
    files : texts of further files by name without ``.toml``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_series(folder, "available.csv", np.repeat(NETS / 950.0, 24).tolist(), "1")
    write_series(folder, "price.csv", np.tile(PRICES, DAYS).tolist(), "USD/MWh")
    yearly = COST / 1000.0 * 8766.0 / (24.0 * DAYS)
    return small(
        folder,
        {
            "money.discount_rate": "0 %/year",
            "plant.unit.u1.available": "available.csv#value",
            "area.grid.market.price": "price.csv#value",
            "link.line.export_limit": "2000 MW",
            "mine.pilot.fixed_cost": f"{yearly!r} USD/kW/year",
        },
        end="2028-01-21",
        **files,
    )
