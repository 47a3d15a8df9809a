"""What the accounts of one future are made from: terms, mines, machines and operating flows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.case.schema import Terms, Tree
from baseload.plan.cash.capital import MACRS_PERCENT, Repayment
from baseload.plan.money import HOURS_PER_MONTH

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Finance(NamedTuple):
    """What money costs and what the state takes, in one future.

    Attributes
    ----------
    discount_rate, debt_rate : yearly effective rates [1/year].
    tax_rate : tax on profit [-]; losses are carried forward without limit.
    debt_share : part of first purchases paid from a loan [-].
    debt_tenor : monthly payments of a loan.
    equal_principal : whether principal is repaid in equal parts, else in equal instalments.
    recovery : share of the cost deducted in each year of MACRS [-]; empty for a straight line.
    """

    discount_rate: float
    tax_rate: float
    debt_share: float
    debt_rate: float
    debt_tenor: int
    equal_principal: bool
    recovery: Floats


class Mines(NamedTuple):
    """What the mines are bought by, in one future; all arrays have shape (J,).

    Attributes
    ----------
    owner : index of the party that buys, borrows and is taxed.
    site_price : of buildings, transformers and cooling [USD/kW].
    build_time : from order to service [months].
    life, site_life : in service, of machines and of the site [months].
    written_off, site_written_off : length of a straight line [months]; not rounded.
    salvage : share of a machine's price that is left at the end of its life [-].
    """

    owner: Integers
    site_price: Floats
    build_time: Integers
    life: Integers
    site_life: Integers
    written_off: Floats
    site_written_off: Floats
    salvage: Floats


class Machines(NamedTuple):
    """What stands and what is on sale, month by month; all arrays have shape (J, M).

    Attributes
    ----------
    installed : greatest power of the month at the meter [MW].
    ths_per_mw : hashrate of machines on sale, new and at full load [TH/s/MW].
    price : of machines on sale [USD/(TH/s)].
    """

    installed: Floats
    ths_per_mw: Floats
    price: Floats


class Flows(NamedTuple):
    """Operating flows: one row for each account of each party, or several.

    Attributes
    ----------
    account : index in the order of `Account`, shape (K,).
    party : index of who receives (positive) or pays (negative), shape (K,).
    amount : by month, shape (K, M) [USD].
    """

    account: Integers
    party: Integers
    amount: Floats


def finance_of(terms: Terms) -> Finance:
    """Translate a case's terms of money."""
    debt = terms.debt
    scheme = terms.depreciation
    recovery = () if scheme == "straight line" else MACRS_PERCENT[int(scheme.split()[1])]
    return Finance(
        discount_rate=float(terms.discount_rate),
        tax_rate=float(terms.tax_rate),
        debt_share=float(debt.share),
        debt_rate=float(debt.interest),
        debt_tenor=_whole_months(debt.tenor),
        equal_principal=Repayment(debt.repayment) is Repayment.EQUAL_PRINCIPAL,
        recovery=np.array(recovery) / 100.0,
    )


def parties_of(tree: Tree) -> tuple[str, ...]:
    """Name the parties of a case: owners of mines as they come, then the plant's owner."""
    owners = [mine.owner for mine in tree.mine.values()]
    return tuple(dict.fromkeys([*owners, tree.plant.owner]))


def mines_of(tree: Tree) -> Mines:
    """Translate the mines of a case, in its order; owners are indices of `parties_of`."""
    parties, mines = parties_of(tree), list(tree.mine.values())
    return Mines(
        owner=np.array([parties.index(mine.owner) for mine in mines], dtype=np.int64),
        site_price=np.array([mine.site_price for mine in mines], dtype=np.float64),
        build_time=np.array(
            [round(mine.build_time / HOURS_PER_MONTH) for mine in mines], dtype=np.int64
        ),
        life=np.array([_whole_months(mine.life) for mine in mines], dtype=np.int64),
        site_life=np.array([_whole_months(mine.site_life) for mine in mines], dtype=np.int64),
        written_off=np.array([mine.life / HOURS_PER_MONTH for mine in mines], dtype=np.float64),
        site_written_off=np.array(
            [mine.site_life / HOURS_PER_MONTH for mine in mines], dtype=np.float64
        ),
        salvage=np.array([mine.salvage for mine in mines], dtype=np.float64),
    )


def _whole_months(hours: float) -> int:
    return max(1, round(hours / HOURS_PER_MONTH))
