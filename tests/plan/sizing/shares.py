"""A mine so large that it lowers its own pay: revenue, its margin and the optimum have formulas.

For the first period of fourteen days everyone is paid as before; in the second the difficulty has
followed, and a hash earns N / (N + H) of that, with H own hashes beside N of all others.
"""

from __future__ import annotations

from pathlib import Path

from tests.plan.small_cases import NETWORK, small

from baseload.case.case import Case

OTHERS = 1e6
# Of a megawatt at 13.5 J/TH [PH/s].
HASHES = 1000.0 / 13.5
# Of a megawatt and a day, before own hashes count: 3.125 BTC a block at 90,000 USD.
REVENUE = HASHES * 3.125 * 90_000.0 * 86_400.0 / 600.298 / OTHERS
SHARE = 0.8
# Margin of revenue, 14 + 14 (N / (N + H))², at a share of 0.8 for the others.
COST = REVENUE * 14.0 * (1.0 + SHARE**2)
BEST = OTHERS * (1.0 / SHARE - 1.0) / HASHES


def share_value(power: float) -> float:
    """Worth of a mine of some power [USD]."""
    others = OTHERS / (OTHERS + HASHES * power)
    return REVENUE * power * 14.0 * (1.0 + others) - COST * power


def share_case(folder: Path, *, response: bool = True) -> Case:
    """Write the case: power costs nothing and nobody else wants it."""
    yearly = COST / 1000.0 * 8766.0 / (24.0 * 28.0)
    return small(
        folder,
        {
            "money.discount_rate": "0 %/year",
            "plant.unit.u1.gross": "9050 MW",
            "area.grid.market.price": "0 USD/MWh",
            "mine.pilot.fixed_cost": f"{yearly!r} USD/kW/year",
            "bitcoin.network_response": response,
        },
        end="2028-01-29",
        income=NETWORK,
    )
