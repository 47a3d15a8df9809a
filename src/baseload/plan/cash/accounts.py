"""The accounts of the ledger: what each one holds, its sign, and which sums it enters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Account(StrEnum):
    """An account of the ledger; its meaning and sign are in :data:`RULES`."""

    ENERGY_SALES = "energy sales"
    OBLIGATION_REVENUE = "obligation revenue"
    SHORTFALL_DAMAGES = "shortfall damages"
    MINING_REVENUE = "mining revenue"
    POOL_FEE = "pool fee"
    MINE_VARIABLE_OM = "mine variable O&M"
    FUEL = "fuel"
    VARIABLE_OM = "variable O&M"
    START_COST = "start cost"
    IMPORT = "import"
    TRANSMISSION = "transmission"
    TAKE_OR_PAY = "take-or-pay"
    CURTAILMENT = "curtailment"
    FIXED_OM = "fixed O&M"
    MINE_FIXED_OM = "mine fixed O&M"
    POWER_TRANSFER = "power transfer"
    CAPITAL_MACHINES = "capital machines"
    CAPITAL_SITE = "capital site"
    CAPITAL_PLANT = "capital plant"
    REPLACEMENT = "replacement"
    SALVAGE = "salvage"
    TAX = "tax"
    DEBT_DRAW = "debt draw"
    INTEREST_DURING_CONSTRUCTION = "interest during construction"
    INTEREST = "interest"
    PRINCIPAL = "principal"


class Group(StrEnum):
    """The part of a cash-flow statement to which an account belongs."""

    OPERATING = "operating"
    INVESTMENT = "investment"
    TAX = "tax"
    FINANCING = "financing"


class Sign(StrEnum):
    """Which amounts an account takes, seen from the party: received is positive."""

    RECEIVED = "≥ 0"
    PAID = "≤ 0"
    EITHER = "either"


@dataclass(frozen=True)
class Rule:
    """What an account holds.

    Parameters
    ----------
    group : part of the cash-flow statement.
    dispatch : whether the dispatch objective contains it.
    sign : amounts it takes; received by the party is positive, paid is negative.
    meaning : one line for a reader.
    internal : paid by one party of the ledger to another, so that it sums to zero over parties.
    """

    group: Group
    dispatch: bool
    sign: Sign
    meaning: str
    internal: bool = False


def _dispatch(sign: Sign, meaning: str) -> Rule:
    return Rule(Group.OPERATING, True, sign, meaning)


def _operating(sign: Sign, meaning: str, internal: bool = False) -> Rule:
    return Rule(Group.OPERATING, False, sign, meaning, internal)


def _investment(sign: Sign, meaning: str) -> Rule:
    return Rule(Group.INVESTMENT, False, sign, meaning)


def _financing(sign: Sign, meaning: str) -> Rule:
    return Rule(Group.FINANCING, False, sign, meaning)


RULES: dict[Account, Rule] = {
    Account.ENERGY_SALES: _dispatch(
        Sign.EITHER, "energy sold in an area's market; paid when the price is negative"
    ),
    Account.OBLIGATION_REVENUE: _dispatch(
        Sign.EITHER, "energy delivered under an obligation, at its contract price"
    ),
    Account.SHORTFALL_DAMAGES: _dispatch(
        Sign.PAID, "energy owed and not delivered, at the shortfall price"
    ),
    Account.MINING_REVENUE: _dispatch(
        Sign.RECEIVED, "coins mined, at their price, before the pool's fee"
    ),
    Account.POOL_FEE: _dispatch(Sign.PAID, "share of the coins that the pool keeps"),
    Account.MINE_VARIABLE_OM: _dispatch(
        Sign.PAID, "costs of mining that grow with the energy used, other than the energy"
    ),
    Account.FUEL: _dispatch(Sign.PAID, "fuel used by generation"),
    Account.VARIABLE_OM: _dispatch(
        Sign.PAID, "costs of generation that grow with output, other than fuel"
    ),
    Account.START_COST: _dispatch(Sign.PAID, "starts of units"),
    Account.IMPORT: _dispatch(
        Sign.EITHER, "energy bought for the house and shutdown load; received at negative prices"
    ),
    Account.TRANSMISSION: _dispatch(Sign.PAID, "charge for the use of links"),
    Account.TAKE_OR_PAY: _dispatch(
        Sign.EITHER, "settlement of what is missing from a take-or-pay or deliver-or-pay quantity"
    ),
    Account.CURTAILMENT: _dispatch(Sign.PAID, "cost of energy that could be made and is not used"),
    Account.FIXED_OM: _operating(Sign.PAID, "staff, upkeep and insurance of the plant"),
    Account.MINE_FIXED_OM: _operating(
        Sign.PAID, "staff, upkeep, hosting and insurance of the mine"
    ),
    Account.POWER_TRANSFER: _operating(
        Sign.EITHER, "price of the mine's energy, from the party that mines", internal=True
    ),
    Account.CAPITAL_MACHINES: _investment(Sign.PAID, "first purchase of mining machines"),
    Account.CAPITAL_SITE: _investment(
        Sign.PAID, "buildings, cooling, transformers and connection of the mine"
    ),
    Account.CAPITAL_PLANT: _investment(Sign.PAID, "restart and repair of the plant or its links"),
    Account.REPLACEMENT: _investment(
        Sign.PAID, "purchase of an asset again at the end of its life"
    ),
    Account.SALVAGE: _investment(
        Sign.RECEIVED, "sale of assets at the end of their life or of the horizon"
    ),
    Account.TAX: Rule(
        Group.TAX, False, Sign.EITHER, "tax on profit; received where losses are refunded"
    ),
    Account.DEBT_DRAW: _financing(
        Sign.RECEIVED, "loan drawn, including the draw that pays interest during construction"
    ),
    Account.INTEREST_DURING_CONSTRUCTION: _financing(
        Sign.PAID, "interest before the asset is in service, added to the loan"
    ),
    Account.INTEREST: _financing(Sign.PAID, "interest once the asset is in service"),
    Account.PRINCIPAL: _financing(Sign.PAID, "repayment of the loan"),
}


def accounts_of(group: Group) -> tuple[Account, ...]:
    """Return the accounts of one group, in the order of :class:`Account`."""
    return tuple(account for account in Account if RULES[account].group is group)


DISPATCH_ACCOUNTS = tuple(account for account in Account if RULES[account].dispatch)
"""The accounts whose sum is the dispatch objective."""

INTERNAL_ACCOUNTS = tuple(account for account in Account if RULES[account].internal)
"""The accounts that sum to zero over the parties."""

ENERGY_COSTS = (
    Account.FUEL,
    Account.VARIABLE_OM,
    Account.START_COST,
    Account.IMPORT,
    Account.TRANSMISSION,
    Account.CURTAILMENT,
    Account.FIXED_OM,
    Account.CAPITAL_PLANT,
)
"""Costs counted in the levelised cost of energy."""

COIN_COSTS = (
    Account.POOL_FEE,
    Account.MINE_VARIABLE_OM,
    Account.MINE_FIXED_OM,
    Account.POWER_TRANSFER,
    Account.CAPITAL_MACHINES,
    Account.CAPITAL_SITE,
    Account.REPLACEMENT,
    Account.SALVAGE,
)
"""Costs counted in the levelised cost of a coin; of transfers, what is paid for power."""


def account_table() -> str:
    """Return the accounts as a Markdown table: the one in the documentation."""
    lines = [
        "| account | group | in the dispatch objective | amount | meaning |",
        "|---|---|---|---|---|",
    ]
    for account, rule in RULES.items():
        group = f"{rule.group}, internal" if rule.internal else rule.group
        dispatch = "yes" if rule.dispatch else "no"
        lines.append(f"| {account} | {group} | {dispatch} | {rule.sign} | {rule.meaning} |")
    return "\n".join(lines)
