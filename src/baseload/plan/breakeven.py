"""At which hashprice, and at which price of power, a mine is worth exactly nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baseload.plan.cash.metrics import npv
from baseload.plan.money import (
    MINE_COSTS,
    MINE_INCOME,
    Accounts,
    before_tax,
    settle_accounts,
)
from baseload.plan.operation import Operation, run

Floats = NDArray[np.float64]

HIGHEST_FACTOR = 1000.0
"""Multiple of the hashprice above which no break-even is looked for [-]."""
CLOSE = 1e-3
"""Relative change of the factor below which it is found [-]."""
MOST_ROUNDS = 40


def break_even_factor(operation: Operation, accounts: Accounts, without: Accounts) -> float | None:
    """Find by how much the hashprice must be multiplied for the mine to be worth nothing.

    Parameters
    ----------
    operation, accounts : with the mine, at the hashprice of the case.
    without : the same world's accounts without any mine.

    Returns
    -------
    Factor on the whole path of hashprice [-], before tax and loan; hours of mining and the
    network's answer follow it. None without a mine, or above `HIGHEST_FACTOR`.

    Notes
    -----
    What a mine adds grows with the factor and bends upwards, since dispatch takes the best of
    more and more hours of mining: its tangents, whose slope is the income over the factor,
    lie below it, and Newton's method from above steps down to the root without passing it. The
    network's answer bends the curve a little the other way, so a step that would leave what is
    known to hold the root goes to its middle instead. A mine that costs nothing while it
    stands still adds nothing up to some factor: that factor is found.
    """
    if not operation.fleets:
        return None
    rate = operation.setting.tree.money.discount_rate
    other = before_tax(without.ledger)
    factor, now, books = 1.0, operation, accounts
    value, income = _gain(books, other, rate)
    low = 0.0
    while value <= 0.0 or income <= 0.0:
        if factor >= HIGHEST_FACTOR:
            return None
        low, factor = factor, 2.0 * factor
        now, books = _scaled(operation, now, factor)
        value, income = _gain(books, other, rate)
    high = factor
    for _ in range(MOST_ROUNDS):
        nearer = factor * (1.0 - value / income) if income > 0.0 else low
        if nearer <= CLOSE or abs(nearer - factor) <= CLOSE * factor:
            return max(0.0, nearer)
        factor = nearer if low < nearer < high else (low + high) / 2.0
        now, books = _scaled(operation, now, factor)
        value, income = _gain(books, other, rate)
        low, high = (low, factor) if value > 0.0 and income > 0.0 else (factor, high)
    return factor


def full_load_power_price(operation: Operation, accounts: Accounts) -> float | None:
    """Find what a mine that runs whenever it may could pay for its power.

    Returns
    -------
    Price of energy at the meter that makes the mine worth nothing before tax and loan
    [USD/MWh]; None without a mine.

    Notes
    -----
    Income at full load, with the hashprice as diluted in the case, less variable cost, fixed
    cost and investment, over the energy drawn; all discounted.
    """
    if not operation.fleets:
        return None
    setting, clock = operation.setting, operation.setting.case.clock
    rate = setting.tree.money.discount_rate
    income, energy = np.zeros(setting.steps), np.zeros(setting.steps)
    for name, fleet in operation.fleets.items():
        kept = 1.0 - setting.over("mine", name, "pool", "fee")
        cost = setting.over("mine", name, "variable_cost")
        for number, piece in enumerate(fleet.segments):
            power = fleet.power * piece.power_share
            income += power * (fleet.revenue(number) * kept - cost)
            energy += power
    starts = clock.month_starts[:-1]
    monthly = np.add.reduceat(income, starts) * clock.step
    fixed = accounts.ledger.monthly([a for a in MINE_COSTS if a != "mine variable O&M"])
    taken = np.add.reduceat(energy, starts) * clock.step
    return _present(monthly + fixed, rate) / _present(taken, rate)


def _scaled(operation: Operation, like: Operation, factor: float) -> tuple[Operation, Accounts]:
    now = run(operation.setting, like=like, hashprice_factor=factor)
    return now, settle_accounts(now)


def _gain(books: Accounts, other: Floats, rate: float) -> tuple[float, float]:
    """What the mine adds before tax and loan, and its income [USD]."""
    gain = _present(before_tax(books.ledger) - other, rate)
    return gain, _present(books.ledger.monthly(MINE_INCOME), rate)


def _present(flows: Floats, rate: float) -> float:
    return float(npv(flows, rate, periods_per_year=12))
