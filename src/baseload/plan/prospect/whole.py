"""What there is to share: energy, money and coins of one alternative, by future and year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baseload.case.case import Case
from baseload.case.schema import Mine, Obligation, Tree
from baseload.plan.cash.accounts import Account
from baseload.plan.cash.metrics import discount_factors
from baseload.plan.ensemble.result import Ensemble
from baseload.plan.outcome import FLOWS

Floats = NDArray[np.float64]

_RATE = "money.discount_rate"


@dataclass(frozen=True)
class Whole:
    """One alternative in all futures, S, and years, Y, before anything is shared.

    Parameters
    ----------
    case : under the alternative; mines : names of those that it gives power to.
    hours : of each year that lie in the horizon, shape (Y,) [h].
    flows : energy at the busbar by the names of FLOWS, shape (S, Y) [MWh].
    cash : by account, shape (S, Y) [USD].
    coins : after the pool's fee, shape (S, Y) [BTC].
    price : mean price of power where obligations are owed, shape (S, Y) [USD/MWh]; zero where
        nothing is owed or no market is known.
    npv : of all parties, discounted by the month, shape (S,) [USD].
    discount : worth at the start of a dollar of each year, shape (S, Y) or (1, Y) [-].
    """

    case: Case
    mines: tuple[str, ...]
    hours: Floats
    flows: Mapping[str, Floats]
    cash: Mapping[Account, Floats]
    coins: Floats
    price: Floats
    npv: Floats
    discount: Floats

    @property
    def tree(self) -> Tree:
        """Values of the case under the alternative."""
        return self.case.tree

    @property
    def total(self) -> Floats:
        """Cash of all accounts, shape (S, Y) [USD]."""
        return np.asarray(sum(self.cash.values()))

    @property
    def gross(self) -> Floats:
        """Sum of the size of all accounts, shape (S, Y) [USD]."""
        return np.asarray(sum(np.abs(amount) for amount in self.cash.values()))

    def spent(self, accounts: Iterable[Account]) -> Floats:
        """Sum of some accounts, shape (S, Y) [USD]."""
        return np.asarray(sum(self.cash[account] for account in accounts))

    def of_mines(self, value: str) -> float:
        """Mean of an attribute over the mines by their power, series by their mean."""
        weights, values = [], []
        for name in self.mines:
            mine = self.tree.mine[name]
            given = getattr(mine, value)
            weights.append(greatest(self.case, mine))
            values.append(0.0 if given is None else float(np.mean(self.case.values(given))))
        return float(np.average(values, weights=weights)) if weights else 0.0

    def mined_in_grid(self) -> tuple[float, float]:
        """Share of the mines' power that is behind the grid, and what of it arrives [-]."""
        power = {name: greatest(self.case, self.tree.mine[name]) for name in self.mines}
        far, arriving = 0.0, 0.0
        for name, megawatts in power.items():
            area = self.tree.mine[name].area
            far += megawatts * (area is not None)
            arriving += megawatts * (1.0 - (self.tree.area[area].loss if area else 0.0))
        total = sum(power.values())
        return (far / total, arriving / total) if total else (0.0, 1.0)

    def damages(self) -> tuple[Floats, Floats]:
        """Split what is not delivered into obligations and the site's own load.

        Returns
        -------
        Obligations not delivered [MWh], and the damages for them (not positive) [USD], shape
        (S, Y). Energy and money are two equations for two unknowns, as the two shortfall prices
        of the case differ; what does not fit, where prices vary, is cut off at zero or all.
        """
        missing, paid = self.flows["shortfall"], self.cash[Account.SHORTFALL_DAMAGES]
        owed = _mean(entry.shortfall_price for _, entry in obligations(self.case))
        house = _mean(bus.shortfall_price for bus in self.tree.plant.bus.values())
        if owed is None:
            return np.zeros_like(missing), np.zeros_like(paid)
        if house is None or abs(house - owed) < 1e-9:
            return missing, paid
        own = np.clip((-paid - owed * missing) / (house - owed), 0.0, missing)
        return missing - own, np.minimum(paid + house * own, 0.0)


def whole(ensemble: Ensemble, alternative: str) -> Whole:
    """Read one alternative of an ensemble."""
    case = ensemble.case.alternative(alternative)
    shape = (ensemble.scenarios, len(ensemble.years))

    def read(name: str, account: str | None = None) -> Floats:
        return np.broadcast_to(ensemble.of(name, alternative, account), shape)

    clock = case.clock
    return Whole(
        case=case,
        mines=tuple(name for name, mine in case.tree.mine.items() if greatest(case, mine) > 0),
        hours=np.diff(clock.year_starts) * clock.step,
        flows={flow: read(flow) for flow in FLOWS},
        cash={account: read("cash", account.value) for account in Account},
        coins=read("coins"),
        price=_price(ensemble, case, shape),
        npv=ensemble.of("npv", alternative),
        discount=_discount(ensemble),
    )


def greatest(case: Case, mine: Mine) -> float:
    """Greatest power of a mine over the horizon [MW]."""
    return float(np.max(case.values(mine.power)))


def obligations(case: Case) -> list[tuple[str, Obligation]]:
    """Obligations of more than no power, each with its area."""
    return [
        (name, owed)
        for name, area in case.tree.area.items()
        for owed in area.obligation.values()
        if np.max(case.values(owed.power)) > 0
    ]


def _price(ensemble: Ensemble, case: Case, shape: tuple[int, int]) -> Floats:
    """Mean price of the areas in which something is owed, by the power owed."""
    total, price = 0.0, np.zeros(shape)
    for area, owed in obligations(case):
        if area in ensemble.areas:
            power = float(np.mean(case.values(owed.power)))
            total += power
            price = price + power * ensemble.of("power_price")[ensemble.areas.index(area)]
    return price / total if total else price


def _discount(ensemble: Ensemble) -> Floats:
    """Mean over a year's months of what a dollar of the month is worth at the start."""
    clock = ensemble.case.clock
    count = len(clock.month_starts) - 1
    months = np.datetime64(clock.start, "M") + np.arange(count)
    year = months.astype("datetime64[Y]").astype(np.int64) + 1970
    rates = [ensemble.case.tree.money.discount_rate]
    if _RATE in ensemble.unknowns:
        rates = ensemble.of("unknown_level")[ensemble.unknowns.index(_RATE)].tolist()
    factors = np.array([discount_factors(count, rate) for rate in rates])
    return np.stack([factors[:, year == each].mean(axis=1) for each in ensemble.years], axis=1)


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None
