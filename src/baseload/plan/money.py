"""From dispatch to the whole ledger: fixed costs, investment, loan and tax added."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baseload.case.schema import Mine, Terms
from baseload.plan.cash.accounts import Account, Group, accounts_of
from baseload.plan.cash.capital import Depreciation, Repayment, Scheme
from baseload.plan.cash.ledger import Ledger
from baseload.plan.cash.project import Asset, ProjectTerms, finance
from baseload.plan.operation import Operation
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

MINE_INCOME = (Account.MINING_REVENUE, Account.POOL_FEE)

MINE_COSTS = (
    Account.MINE_VARIABLE_OM,
    Account.MINE_FIXED_OM,
    Account.CAPITAL_MACHINES,
    Account.CAPITAL_SITE,
    Account.REPLACEMENT,
    Account.SALVAGE,
)
"""A mine's own costs, before power, pool, tax and loan."""

_TAX_AND_LOAN = (Account.TAX, *accounts_of(Group.FINANCING))


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


def before_tax(ledger: Ledger) -> Floats:
    """Cash of all parties before tax and loan, by month, shape (M,) [USD]."""
    return ledger.monthly([account for account in Account if account not in _TAX_AND_LOAN])


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
