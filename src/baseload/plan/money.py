"""From posted operation to money: investment, loan, tax, and what the mine adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from baseload.case.schema import Mine, Terms
from baseload.plan.cash.accounts import Account
from baseload.plan.cash.capital import Depreciation, Repayment, Scheme
from baseload.plan.cash.ledger import Ledger
from baseload.plan.cash.metrics import irr, npv, payback
from baseload.plan.cash.project import Asset, ProjectTerms, finance, value
from baseload.plan.operation import Operation
from baseload.plan.outcome import Metrics
from baseload.plan.posting import Balance, balance, by_month, post
from baseload.plan.world import Setting

Floats = NDArray[np.float64]

HOURS_PER_MONTH = 730.5

MINE_OPERATING = (
    Account.MINING_REVENUE,
    Account.POOL_FEE,
    Account.MINE_VARIABLE_OM,
    Account.MINE_FIXED_OM,
    Account.POWER_TRANSFER,
)
"""Accounts that make up the taxable profit of a mine."""

MINE_COSTS = (
    Account.MINE_VARIABLE_OM,
    Account.MINE_FIXED_OM,
    Account.CAPITAL_MACHINES,
    Account.CAPITAL_SITE,
    Account.REPLACEMENT,
    Account.SALVAGE,
)
"""A mine's own costs, before power, pool, tax and loan."""

MINE_INCOME = (Account.MINING_REVENUE, Account.POOL_FEE)

AFTER_PRE_TAX = (
    Account.TAX,
    Account.DEBT_DRAW,
    Account.INTEREST_DURING_CONSTRUCTION,
    Account.INTEREST,
    Account.PRINCIPAL,
)


@dataclass(frozen=True)
class Accounts:
    """The whole ledger of an operation, with its energy balance by month."""

    ledger: Ledger
    balance: Balance


def settle_accounts(operation: Operation) -> Accounts:
    """Post dispatch, fixed costs, investment, loan and tax of an operation."""
    ledger = post(operation)
    _post_fixed_costs(operation, ledger)
    setting = operation.setting
    owners = dict.fromkeys(setting.tree.mine[name].owner for name in operation.fleets)
    for owner in owners:
        assets = tuple(
            asset
            for name, fleet in operation.fleets.items()
            if setting.tree.mine[name].owner == owner
            for asset in _assets(setting, name, fleet.installed, fleet.installed_ths_per_mw)
        )
        ledger = finance(ledger, assets, project_terms(setting.tree.money), party=owner).ledger
    return Accounts(ledger, balance(operation))


def project_terms(terms: Terms) -> ProjectTerms:
    """Translate the case's terms; rates are real, so there is no inflation."""
    debt = terms.debt
    return ProjectTerms(
        discount_rate=terms.discount_rate,
        tax_rate=terms.tax_rate,
        taxable=MINE_OPERATING,
        debt_share=debt.share,
        debt_rate=debt.interest,
        debt_tenor_months=max(1, round(debt.tenor / HOURS_PER_MONTH)),
        repayment=Repayment(debt.repayment),
    )


def metrics(operation: Operation, accounts: Accounts, without: Accounts) -> Metrics:
    """Value an operation, and its mine as the difference from the same world without one.

    Parameters
    ----------
    operation, accounts : with the mine.
    without : the same world's accounts without any mine.
    """
    terms = project_terms(operation.setting.tree.money)
    ledger, flows = accounts.ledger, accounts.balance
    whole = value(
        ledger,
        terms,
        party=None,
        energy_mwh=flows.flows["generated"],
        coins_btc=flows.coins,
        eras={},
    )
    extra = _net(ledger) - _net(without.ledger)
    mined = float(flows.coins.sum()) > 0.0
    return Metrics(
        npv=whole.npv,
        mine_value=_present(extra, terms),
        irr=irr(extra, periods_per_year=12).rate if mined else None,
        payback=payback(extra, periods_per_year=12) if mined else None,
        cost_of_energy=whole.levelised_energy,
        **(_unit_costs(operation, accounts, without, terms) if mined else _NO_UNIT_COSTS),
    )


class UnitCosts(TypedDict):
    """What makes the mine worth exactly nothing before tax and loan, see `Metrics`."""

    cost_of_coin: float | None
    break_even_hashprice: float | None
    break_even_power_price: float | None
    hashprice: float | None


_NO_UNIT_COSTS = UnitCosts(
    cost_of_coin=None, break_even_hashprice=None, break_even_power_price=None, hashprice=None
)


def _unit_costs(
    operation: Operation, accounts: Accounts, without: Accounts, terms: ProjectTerms
) -> UnitCosts:
    ledger, flows = accounts.ledger, accounts.balance
    own, income = ledger.monthly(MINE_COSTS), ledger.monthly(MINE_INCOME)
    # What the mine costs everyone: its own costs, and what its energy would have earned.
    cost = -_present(_before_tax(ledger) - income - _before_tax(without.ledger), terms)
    return UnitCosts(
        cost_of_coin=cost / _present(flows.coins, terms),
        break_even_hashprice=cost / _present(flows.hashes, terms),
        break_even_power_price=_present(income + own, terms)
        / _present(_at_meter(operation), terms),
        hashprice=float(income.sum() / flows.hashes.sum()),
    )


def _present(flows: Floats, terms: ProjectTerms) -> float:
    return float(npv(flows, terms.discount_rate, valuation=0, periods_per_year=12))


def _net(ledger: Ledger) -> Floats:
    return ledger.monthly(tuple(Account))


def _before_tax(ledger: Ledger) -> Floats:
    kept = tuple(account for account in Account if account not in AFTER_PRE_TAX)
    return ledger.monthly(kept)


def _at_meter(operation: Operation) -> Floats:
    """Energy mined by month at the meters of the mines [MWh]."""
    total = np.zeros(len(operation.setting.case.clock.month_starts) - 1)
    for section, dispatch in zip(operation.sections, operation.dispatches, strict=True):
        for use, power in zip(section.uses, dispatch.delivered, strict=True):
            if use.fleet is not None:
                total += by_month(operation, power * (1.0 - use.loss))
    return total


def _post_fixed_costs(operation: Operation, ledger: Ledger) -> None:
    setting = operation.setting
    per_hour = 1000.0 / (12.0 * HOURS_PER_MONTH)
    for name in setting.tree.plant.unit:
        cost = setting.over("plant", "unit", name, "fixed_cost")
        gross = setting.over("plant", "unit", name, "gross")
        _add_fixed(operation, ledger, Account.FIXED_OM, name, cost * gross * per_hour)
    for name, fleet in operation.fleets.items():
        cost = setting.over("mine", name, "fixed_cost")
        paid = cost * fleet.installed * per_hour
        _add_fixed(operation, ledger, Account.MINE_FIXED_OM, name, paid)


def _add_fixed(
    operation: Operation, ledger: Ledger, account: Account, item: str, per_hour: Floats
) -> None:
    tree = operation.setting.tree
    party = tree.mine[item].owner if account is Account.MINE_FIXED_OM else tree.plant.owner
    months = np.arange(ledger.months)
    ledger.add(account, -by_month(operation, per_hour), month=months, party=party, item=item)


def _assets(setting: Setting, name: str, installed: Floats, ths_per_mw: float) -> list[Asset]:
    """Machines and buildings of a mine, bought for each month in which its power grows."""
    mine = setting.tree.mine[name]
    starts = setting.case.clock.month_starts
    peak = np.maximum.accumulate(np.maximum.reduceat(installed, starts[:-1]))
    added = np.diff(peak, prepend=0.0)
    assets = []
    for month in np.flatnonzero(added > 0.0):
        power = float(added[month])
        assets += _bought(setting.tree.money, name, mine, power, power * ths_per_mw, int(month))
    return assets


def _bought(
    terms: Terms, name: str, mine: Mine, power: float, hashrate: float, service: int
) -> list[Asset]:
    build = min(service, round(mine.build_time / HOURS_PER_MONTH))
    machines = Asset(
        item=name,
        account=Account.CAPITAL_MACHINES,
        cost=mine.machine_price * hashrate,
        life_months=_months(mine.life),
        replaced=True,
        salvage_share=mine.salvage,
        depreciation=_depreciation(terms, mine.life),
        order_month=service - build,
        construction_months=build,
    )
    site = Asset(
        item=name,
        account=Account.CAPITAL_SITE,
        cost=mine.site_price * power * 1000.0,
        life_months=_months(mine.site_life),
        depreciation=_depreciation(terms, mine.site_life),
        order_month=service - build,
        construction_months=build,
    )
    return [asset for asset in (machines, site) if asset.cost > 0.0]


def _months(hours: float) -> int:
    return max(1, round(hours / HOURS_PER_MONTH))


def _depreciation(terms: Terms, life: float) -> Depreciation:
    if terms.depreciation == "straight line":
        return Depreciation(Scheme.STRAIGHT_LINE, years=life / (12.0 * HOURS_PER_MONTH))
    return Depreciation(Scheme.MACRS, years=int(terms.depreciation.split()[1]))
