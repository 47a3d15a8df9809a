from pathlib import Path

from baseload.plan.cash.accounts import (
    COIN_COSTS,
    DISPATCH_ACCOUNTS,
    ENERGY_COSTS,
    INTERNAL_ACCOUNTS,
    RULES,
    Account,
    Group,
    Sign,
    account_table,
    accounts_of,
)

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "cash.md"


def test_every_account_has_a_rule_with_a_meaning():
    assert set(RULES) == set(Account)
    assert all(rule.meaning for rule in RULES.values())


def test_every_account_is_in_exactly_one_group():
    listed = [account for group in Group for account in accounts_of(group)]
    assert sorted(listed) == sorted(Account)


def test_the_dispatch_objective_holds_operating_accounts_only():
    assert set(DISPATCH_ACCOUNTS) <= set(accounts_of(Group.OPERATING))
    assert Account.POWER_TRANSFER not in DISPATCH_ACCOUNTS


def test_levelised_costs_count_no_income_and_nothing_twice():
    assert not set(ENERGY_COSTS) & set(COIN_COSTS)
    received = {account for account in Account if RULES[account].sign is Sign.RECEIVED}
    # Only what machines are sold for lowers the cost of a coin.
    assert received & {*ENERGY_COSTS, *COIN_COSTS} == {Account.SALVAGE}


def test_only_transfers_are_internal():
    assert INTERNAL_ACCOUNTS == (Account.POWER_TRANSFER,)


def test_the_documentation_shows_the_accounts_as_they_are():
    assert account_table() in DOCUMENT.read_text(encoding="utf-8")
