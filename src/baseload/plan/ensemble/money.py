"""From the sums of a future to its accounts: investment, loan and tax of each owner added."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.plan.cash.accounts import Account
from baseload.plan.ensemble.arrays import MINE_MONEY, PLANT_MONEY, Sums
from baseload.plan.ensemble.choices import Choice
from baseload.plan.ensemble.parameters import Row
from baseload.plan.ensemble.settle import settle
from baseload.plan.ensemble.structure import MINING, Structure
from baseload.plan.ensemble.terms import Finance, Flows, Machines, Mines, finance_of, parties_of
from baseload.plan.money import HOURS_PER_MONTH

if TYPE_CHECKING:
    from baseload.plan.ensemble.future import Future

Floats = NDArray[np.float64]

HOURS_PER_YEAR = 8766.0

_CODE = {account.value: code for code, account in enumerate(Account)}
_PLANT_CODES = np.array([_CODE[name] for name in PLANT_MONEY])
_MINE_CODES = np.array([_CODE[name] for name in MINE_MONEY])
_TRANSFER = MINE_MONEY.index("power transfer")


class Outcome(NamedTuple):
    """What an alternative comes to in a future.

    Attributes
    ----------
    sums : energy, money and hours by month.
    npv, investment : of all parties [USD].
    yearly : cash by account and year, shape (accounts, Y) [USD].
    slopes : change of the net present value by one more MW of each mine [USD/MW]; empty where
        not asked for.
    """

    sums: Sums
    npv: float
    investment: float
    yearly: Floats
    slopes: Floats


def settled(
    future: Future,
    choice: Choice,
    mines: tuple[str, ...],
    parts: Structure,
    row: Row,
    sums: Sums,
) -> Outcome:
    """Settle the accounts of an alternative in a future.

    Parameters
    ----------
    mines : those that run; none for the same world without.
    parts : structure that the sums were made with.
    row : the numbers of the case at the start.
    """
    parties = parties_of(choice.case.tree)
    terms = _terms(future, choice, row)
    bought = _mines(future, choice, mines, row, parties)
    on_sale = _machines(future, mines, parts, row, sums.installed)
    flows = _flows(choice, mines, parties, sums.plant, sums.mine)
    books = settle(terms, future.months, bought, on_sale, flows, len(parties))
    slopes = np.empty(0)
    if sums.slope_plant.shape[0] > 0:
        slopes = np.array(
            [
                _nudged(choice, mines, parties, sums, j, terms, future, bought, on_sale) - books.npv
                for j in range(len(mines))
            ]
        )
    return Outcome(sums, books.npv, books.investment, books.yearly, slopes)


def _nudged(
    choice: Choice,
    mines: tuple[str, ...],
    parties: tuple[str, ...],
    sums: Sums,
    j: int,
    terms: Finance,
    future: Future,
    bought: Mines,
    on_sale: Machines,
) -> float:
    """Net present value with one more megawatt of a mine, its tax and purchases with it."""
    plant = sums.plant.copy()
    plant[0] += sums.slope_plant[j]
    mine = sums.mine + sums.slope_mine[j]
    stands = sums.slope_fixed[j]
    mine[j, 3] += stands[0]
    installed = on_sale.installed.copy()
    installed[j] += stands[1]
    flows = _flows(choice, mines, parties, plant, mine)
    machines = on_sale._replace(installed=installed)
    return settle(terms, future.months, bought, machines, flows, len(parties)).npv


def _number(future: Future, row: Row, *path: str) -> float:
    place = future.parameters.place(*path)
    return float("nan") if place < 0 else float(row.values[place])


def _terms(future: Future, choice: Choice, row: Row) -> Finance:
    """Terms of money in this future."""

    def number(*path: str) -> float:
        return _number(future, row, "money", *path)

    base = finance_of(choice.case.tree.money)
    return base._replace(
        discount_rate=number("discount_rate"),
        tax_rate=number("tax_rate"),
        debt_share=number("debt", "share"),
        debt_rate=number("debt", "interest"),
        debt_tenor=_months(number("debt", "tenor")),
    )


def _months(hours: float) -> int:
    return max(1, round(hours / HOURS_PER_MONTH))


def _mines(
    future: Future, choice: Choice, mines: tuple[str, ...], row: Row, parties: tuple[str, ...]
) -> Mines:
    tree = choice.case.tree

    def numbers(name: str) -> Floats:
        return np.array([_number(future, row, "mine", mine, name) for mine in mines])

    life, site = numbers("life"), numbers("site_life")
    build = numbers("build_time") / HOURS_PER_MONTH
    return Mines(
        owner=np.array([parties.index(tree.mine[mine].owner) for mine in mines], np.int64),
        site_price=numbers("site_price"),
        build_time=np.array([round(months) for months in build], np.int64),
        life=np.array([_months(hours) for hours in life], np.int64),
        site_life=np.array([_months(hours) for hours in site], np.int64),
        written_off=life / HOURS_PER_MONTH,
        site_written_off=site / HOURS_PER_MONTH,
        salvage=numbers("salvage"),
    )


def _machines(
    future: Future, mines: tuple[str, ...], parts: Structure, row: Row, installed: Floats
) -> Machines:
    """What stands, and the machines on sale in each month."""
    months = installed.shape[1]
    ths, price = np.zeros((len(mines), months)), np.zeros((len(mines), months))
    starts = future.case.clock.month_starts[:-1] * future.case.clock.step
    at = _number(future, row, "bitcoin", "at")
    years = (starts - (0.0 if np.isnan(at) else at)) / HOURS_PER_YEAR
    progress = _number(future, row, "futures", "machines", "progress")
    decline = _number(future, row, "futures", "machines", "price_decline")
    follows = _number(future, row, "futures", "machines", "follows_hashprice")
    on_sale = (1.0 - decline) ** years
    if follows != 0.0:
        daily, clock = future.coin.hashprice, future.case.clock
        hashprice = daily[clock.day[clock.month_starts[:-1]]]
        on_sale = on_sale * (hashprice / daily[0]) ** follows
    for m, name in enumerate(mines):
        energy = _number(future, row, "mine", name, "efficiency") * _number(
            future, row, "mine", name, "pue"
        )
        own = (parts.use_kind == MINING) & (parts.use_of == m)
        rated = float((parts.use_share[own] * parts.use_ths[own]).sum())
        better = 1.0 if np.isnan(energy) else parts.mine_rated[m] / energy
        ths[m] = rated * better * (1.0 - progress) ** -years
        price[m] = _number(future, row, "mine", name, "machine_price") * on_sale
    return Machines(installed, ths, price)


def _flows(
    choice: Choice,
    mines: tuple[str, ...],
    parties: tuple[str, ...],
    plant: Floats,
    mine: Floats,
) -> Flows:
    """Operating flows of plant and mines, and what mines pay the plant for power."""
    tree = choice.case.tree
    holder = parties.index(tree.plant.owner)
    account = [_PLANT_CODES]
    party = [np.full(len(_PLANT_CODES), holder)]
    amount = [plant]
    for m, name in enumerate(mines):
        owner = parties.index(tree.mine[name].owner)
        paid = mine[m].copy()
        paid[_TRANSFER] = -mine[m, _TRANSFER]
        account += [_MINE_CODES, _MINE_CODES[_TRANSFER:]]
        party += [np.full(len(_MINE_CODES), owner), np.full(1, holder)]
        amount += [paid, mine[m, _TRANSFER:]]
    return Flows(
        np.concatenate(account).astype(np.int64),
        np.concatenate(party).astype(np.int64),
        np.concatenate(amount),
    )
