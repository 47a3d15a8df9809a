"""What an alternative is worth, and what its mine adds to the same world without one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baseload.bitcoin.consensus import BLOCKS_PER_ERA
from baseload.plan.breakeven import break_even_factor, full_load_power_price
from baseload.plan.cash.accounts import ENERGY_COSTS, Account
from baseload.plan.cash.ledger import Ledger
from baseload.plan.cash.metrics import irr, levelised_cost, npv, payback, split_by_era
from baseload.plan.money import MINE_INCOME, Accounts, before_tax
from baseload.plan.operation import Operation
from baseload.plan.outcome import Metrics
from baseload.plan.world import Setting

Floats = NDArray[np.float64]


def worth(place: Setting, accounts: Accounts, without: Accounts) -> tuple[float, float]:
    """Value a setting, and its mine as the difference from the same world without one.

    Parameters
    ----------
    place : carries the discount rate.
    accounts, without : with the mine, and without any mine.

    Returns
    -------
    Net present value of all parties together, and what the mine adds to it [USD].
    """
    rate = place.tree.money.discount_rate
    flows, other = _net(accounts.ledger), _net(without.ledger)
    return _present(flows, rate), _present(flows - other, rate)


def metrics(operation: Operation, accounts: Accounts, without: Accounts) -> Metrics:
    """Value an operation in every way that is reported; see `Metrics`.

    Parameters
    ----------
    operation, accounts : with the mine.
    without : the same world's accounts without any mine.
    """
    place, flows = operation.setting, accounts.balance
    rate = place.tree.money.discount_rate
    value, mine_value = worth(place, accounts, without)
    extra = _net(accounts.ledger) - _net(without.ledger)
    mined = float(flows.coins.sum()) > 0.0
    found = irr(extra, periods_per_year=12)
    income = accounts.ledger.monthly(MINE_INCOME)
    factor = break_even_factor(operation, accounts, without)
    # What the mine costs everyone: its own costs, and what its energy would have earned.
    cost = before_tax(without.ledger) - before_tax(accounts.ledger) + income
    return Metrics(
        npv=value,
        mine_value=mine_value,
        irr=found.rate if mined else None,
        irr_finding=str(found.finding) if mined else None,
        payback=payback(extra, periods_per_year=12) if mined else None,
        cost_of_energy=levelised_cost(
            -accounts.ledger.monthly(ENERGY_COSTS), flows.flows["generated"], rate
        ),
        cost_of_coin=_present(cost, rate) / _present(flows.coins, rate) if mined else None,
        hashprice=float(income.sum() / flows.hashes.sum()) if mined else None,
        break_even_factor=factor,
        break_even_hashprice=None if factor is None else factor * _mean_hashprice(operation),
        break_even_power_price=full_load_power_price(operation, accounts),
        mine_value_by_era=_by_era(place, extra, rate),
    )


def _mean_hashprice(operation: Operation) -> float:
    """Mean over the steps in which any mine is installed, before dilution [USD/PH/day]."""
    standing = np.any([fleet.installed > 0.0 for fleet in operation.fleets.values()], axis=0)
    return float(operation.market.hashprice[standing].mean())


def _by_era(place: Setting, flows: Floats, rate: float) -> dict[int, float]:
    """Cut the mine's value at the halvings of the subsidy [USD]; the parts sum to the whole."""
    terms = place.tree.bitcoin
    if terms.at is None or terms.height is None:
        return {}
    clock = place.case.clock
    first = terms.height - place.hours_to(terms.at) / terms.block_time
    last = first + len(clock) * clock.step / terms.block_time
    begins = {}
    for era in range(int(first // BLOCKS_PER_ERA) + 1, int(last // BLOCKS_PER_ERA) + 1):
        hours = (era * BLOCKS_PER_ERA - first) * terms.block_time
        step = min(int(hours / clock.step), len(clock) - 1)
        # A month belongs to the era that has begun by its first day.
        begins[era] = int(clock.month[step]) + 1
    stretches = split_by_era(len(flows), begins) or {int(first // BLOCKS_PER_ERA): slice(None)}
    kept = {era: np.zeros_like(flows) for era in stretches}
    for era, stretch in stretches.items():
        kept[era][stretch] = flows[stretch]
    return {era: _present(part, rate) for era, part in kept.items()}


def _present(flows: Floats, rate: float) -> float:
    return float(npv(flows, rate, periods_per_year=12))


def _net(ledger: Ledger) -> Floats:
    return ledger.monthly(tuple(Account))
