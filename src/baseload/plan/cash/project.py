"""From operating rows to a whole project: investment, loan, tax, and what it is all worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from baseload.case.errors import InputError
from baseload.plan.cash import capital
from baseload.plan.cash.accounts import (
    COIN_COSTS,
    ENERGY_COSTS,
    RULES,
    Account,
    Group,
    accounts_of,
)
from baseload.plan.cash.capital import Depreciation, Repayment
from baseload.plan.cash.ledger import Ledger
from baseload.plan.cash.metrics import (
    RateOfReturn,
    irr,
    levelised_cost,
    npv,
    payback,
    split_by_era,
    year_end,
)

Floats = NDArray[np.float64]

OPERATING = accounts_of(Group.OPERATING)
UNLEVERED = tuple(account for account in Account if RULES[account].group is not Group.FINANCING)
AT_ONCE = (
    Account.CAPITAL_MACHINES,
    Account.CAPITAL_SITE,
    Account.CAPITAL_PLANT,
    Account.REPLACEMENT,
    Account.DEBT_DRAW,
    Account.INTEREST_DURING_CONSTRUCTION,
)


class Timing(StrEnum):
    """Where in time the flows of a month or year are placed for discounting."""

    MONTHLY = "monthly"
    """Each month from itself: month m is divided by ``(1 + r) ** (m / 12)``."""

    YEAR_END = "year end"
    """Purchases and the loan drawn for them at the beginning of their year, the rest at its end."""


@dataclass(frozen=True)
class Asset:
    """Something bought, worn out, perhaps bought again, and sold.

    Parameters
    ----------
    item : its name in the ledger.
    account : capital account of the first purchase.
    cost : overnight cost at prices of month 0 [USD].
    life_months : life in service [months].
    order_month : month in which construction begins.
    construction_months : months over which the cost is spent; service begins after them.
    replaced : whether it is bought again at the end of its life.
    price_change : yearly change of its price above inflation [1/year].
    salvage_share : share of the price of a new one paid for it at the end of its life [-].
    depreciation : how its cost is deducted from taxable profit.
    """

    item: str
    account: Account
    cost: float
    life_months: int
    order_month: int = 0
    construction_months: int = 0
    replaced: bool = False
    price_change: float = 0.0
    salvage_share: float = 0.0
    depreciation: Depreciation = field(default_factory=Depreciation)

    def __post_init__(self) -> None:
        if RULES[self.account].group is not Group.INVESTMENT:
            _refuse(self.item, "account", "a capital account", str(self.account))
        if not 0.0 <= self.cost < np.inf:
            _refuse(self.item, "cost", "a finite cost of 0 or more", f"{self.cost:g}")
        if self.life_months < 1:
            _refuse(self.item, "life", "at least 1 month", f"{self.life_months} months")
        if self.order_month < 0 or self.construction_months < 0:
            found = f"{self.order_month} and {self.construction_months} months"
            _refuse(self.item, "order and construction", "0 months or more", found)
        if not self.price_change > -1.0:
            _refuse(self.item, "price change", "above -100 %/year", f"{self.price_change:g}")
        if not 0.0 <= self.salvage_share <= 1.0:
            _refuse(self.item, "salvage share", "between 0 and 1", f"{self.salvage_share:g}")

    @property
    def service_month(self) -> int:
        """First month in service."""
        return self.order_month + self.construction_months


@dataclass(frozen=True)
class ProjectTerms:
    """What the money costs and what the state takes.

    Parameters
    ----------
    discount_rate : yearly effective rate [1/year]; nominal if inflation is given, else real.
    valuation_month : month to which values are brought; a multiple of 12 with
        ``Timing.YEAR_END``, whose years count from the start of the horizon.
    timing : convention of discounting.
    inflation : yearly inflation of what assets cost [1/year]; operating rows are not changed.
    tax_rate : tax on profit [-].
    losses_refunded : whether a loss earns a refund at once; else it is carried forward.
    loss_limit : share of a year's profit that earlier losses may offset [-].
    taxable : operating accounts that make up taxable profit; sales of assets are always in it
        where the asset is depreciated.
    debt_share : share of first purchases paid from a loan [-].
    debt_rate : interest [1/year].
    debt_tenor_months : number of monthly payments.
    repayment : equal payments or equal principal.
    """

    discount_rate: float
    valuation_month: int = 0
    timing: Timing = Timing.MONTHLY
    inflation: float = 0.0
    tax_rate: float = 0.0
    losses_refunded: bool = False
    loss_limit: float = 1.0
    taxable: tuple[Account, ...] = OPERATING
    debt_share: float = 0.0
    debt_rate: float = 0.0
    debt_tenor_months: int = 120
    repayment: Repayment = Repayment.ANNUITY

    def __post_init__(self) -> None:
        for name in ("tax_rate", "loss_limit", "debt_share"):
            share = getattr(self, name)
            if not 0.0 <= share <= 1.0:
                _refuse("terms", name, "a share between 0 and 1", f"{share:g}")
        for name in ("discount_rate", "inflation", "debt_rate"):
            rate = getattr(self, name)
            if not -1.0 < rate < np.inf:
                _refuse("terms", name, "a yearly rate above -100 %", f"{100 * rate:g} %")
        if self.debt_tenor_months < 1:
            _refuse("terms", "debt_tenor_months", "at least 1", f"{self.debt_tenor_months}")
        if self.timing is Timing.YEAR_END and self.valuation_month % 12:
            found = f"month {self.valuation_month}"
            _refuse("terms", "valuation_month", "a multiple of 12 with year-end timing", found)


@dataclass(frozen=True)
class Metrics:
    """What the project is worth to one party, in money of the valuation month.

    Parameters
    ----------
    npv : present value of all its rows: to the owners, after tax and loan [USD].
    npv_unlevered : the same without the rows of the loan [USD].
    irr, irr_unlevered : rates of return of the two streams.
    payback_years, payback_discounted_years : years from the owners' first outlay until their
        money is back for good; None if never.
    levelised_energy : discounted energy costs over discounted energy [USD/MWh]; None without.
    levelised_coin : discounted mining costs over discounted coins [USD/BTC]; None without.
    npv_by_era : the present value cut at the halvings of the subsidy [USD]: sums to npv;
        empty where no halving is given.
    """

    npv: float
    npv_unlevered: float
    irr: RateOfReturn
    irr_unlevered: RateOfReturn
    payback_years: float | None
    payback_discounted_years: float | None
    levelised_energy: float | None
    levelised_coin: float | None
    npv_by_era: dict[int, float]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for a summary in JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Project:
    """A whole project seen by one party: every row, and what they are worth."""

    ledger: Ledger
    party: str
    terms: ProjectTerms
    metrics: Metrics

    def __repr__(self) -> str:
        """Return the worth of the project in a few lines."""
        worth, money = self.metrics, self.ledger.currency
        rate = worth.irr.finding if worth.irr.rate is None else f"{100 * worth.irr.rate:.2f} %/year"
        years = "never" if worth.payback_years is None else f"{worth.payback_years:.1f} years"
        return (
            f"Project of '{self.party}' · {len(self.ledger):,} rows from {self.ledger.start}\n"
            f"  present value  {worth.npv:,.2f} {money} at {100 * self.terms.discount_rate:g} %\n"
            f"  return         {rate}\n"
            f"  payback        {years}"
        )


def finance(
    operating: Ledger,
    assets: tuple[Asset, ...],
    terms: ProjectTerms,
    *,
    party: str,
    energy_mwh: ArrayLike = 0.0,
    coins_btc: ArrayLike = 0.0,
    eras: Mapping[int, int] | None = None,
) -> Project:
    """Add investment, loan and tax of one party to operating rows, and value the whole.

    Parameters
    ----------
    operating : operating rows of every party; it is not changed.
    assets : what the party buys.
    terms : discounting, tax and loan.
    party : who owns the assets, borrows and is taxed.
    energy_mwh : energy delivered by month [MWh], shape () or [months].
    coins_btc : coins mined by month [BTC], shape () or [months].
    eras : month, from the start of the horizon, in which each halving era begins.

    Returns
    -------
    The whole ledger and the party's metrics.

    Raises
    ------
    InputError
        An asset that does not enter service within the horizon.
    """
    ledger = operating.joined()
    deductions = np.zeros(int(_tax_years(ledger)[-1]) + 1)
    sales = np.zeros(ledger.months)
    for asset in assets:
        deducted, sold = _build(ledger, asset, terms, party)
        deductions += deducted
        sales += sold
    _levy(ledger, terms, party, deductions, sales)
    shape = (ledger.months,)
    metrics = value(
        ledger,
        terms,
        party=party,
        energy_mwh=np.broadcast_to(np.asarray(energy_mwh, dtype=np.float64), shape),
        coins_btc=np.broadcast_to(np.asarray(coins_btc, dtype=np.float64), shape),
        eras=eras or {},
    )
    return Project(ledger, party, terms, metrics)


def value(
    ledger: Ledger,
    terms: ProjectTerms,
    *,
    party: str | None,
    energy_mwh: Floats,
    coins_btc: Floats,
    eras: Mapping[int, int],
) -> Metrics:
    """Value a whole ledger for one party, or for all of them together when it is None.

    The other parameters are those of :func:`finance`.
    """
    rate, clock = terms.discount_rate, _Clock(terms)
    all_flows = clock.flows(ledger, tuple(Account), party)
    unlevered = clock.flows(ledger, UNLEVERED, party)
    steps = clock.periods_per_year
    return Metrics(
        npv=clock.npv(all_flows),
        npv_unlevered=clock.npv(unlevered),
        irr=irr(all_flows, periods_per_year=steps),
        irr_unlevered=irr(unlevered, periods_per_year=steps),
        payback_years=payback(all_flows, periods_per_year=steps),
        payback_discounted_years=payback(all_flows, rate=rate, periods_per_year=steps),
        levelised_energy=levelised_cost(
            -clock.flows(ledger, ENERGY_COSTS, party),
            clock.place(energy_mwh),
            rate,
            periods_per_year=steps,
        ),
        levelised_coin=levelised_cost(
            -clock.flows(ledger, COIN_COSTS, party),
            clock.place(coins_btc),
            rate,
            periods_per_year=steps,
        ),
        npv_by_era={
            era: clock.npv(clock.flows(ledger, tuple(Account), party, part))
            for era, part in split_by_era(ledger.months, eras).items()
        },
    )


class _Clock:
    """Places monthly rows in the periods of a timing convention."""

    def __init__(self, terms: ProjectTerms) -> None:
        self._rate = terms.discount_rate
        self._yearly = terms.timing is Timing.YEAR_END
        self.periods_per_year = 1 if self._yearly else 12
        self._valuation = terms.valuation_month // 12 if self._yearly else terms.valuation_month

    def place(self, later: Floats, at_once: ArrayLike = 0.0) -> Floats:
        at_once = np.broadcast_to(np.asarray(at_once, dtype=np.float64), later.shape)
        return year_end(later, at_once) if self._yearly else later + at_once

    def flows(
        self,
        ledger: Ledger,
        accounts: tuple[Account, ...],
        party: str | None,
        part: slice = slice(None),
    ) -> Floats:
        inside = np.zeros(ledger.months)
        inside[part] = 1.0
        at_once = [account for account in accounts if account in AT_ONCE]
        later = [account for account in accounts if account not in AT_ONCE]
        return self.place(
            inside * ledger.monthly(later, party=party),
            inside * ledger.monthly(at_once, party=party),
        )

    def npv(self, flows: Floats) -> float:
        steps = self.periods_per_year
        return float(npv(flows, self._rate, valuation=self._valuation, periods_per_year=steps))


def _build(ledger: Ledger, asset: Asset, terms: ProjectTerms, party: str) -> tuple[Floats, Floats]:
    """Post every purchase, loan and sale of an asset; return deductions and taxable sales."""
    months, service = ledger.months, asset.service_month
    if service >= months:
        found = f"month {service} of a horizon of {months}"
        _refuse(asset.item, "first month in service", "a month within the horizon", found)
    price = asset.cost * capital.price_path(
        months, change=asset.price_change, inflation=terms.inflation
    )
    spent = capital.spread(1.0, asset.order_month, asset.construction_months, months) * price
    ledger.add(asset.account, -spent, month=np.arange(months), party=party, item=asset.item)
    capitalised = _borrow(ledger, asset, terms, party, terms.debt_share * spent)

    tax_year = _tax_years(ledger)
    deductions, sales = np.zeros(int(tax_year[-1]) + 1), np.zeros(months)
    bought = capital.generations(service, asset.life_months, months, replaced=asset.replaced)
    for start, end in bought:
        first = start == service
        basis = float(spent.sum()) + capitalised if first else float(price[start])
        if not first:
            ledger.add(Account.REPLACEMENT, -basis, month=start, party=party, item=asset.item)
        # An asset that outlives the horizon is sold in its last month.
        sold = min(end, months - 1)
        proceeds = capital.resale(
            float(price[sold]),
            age=end - start,
            life=asset.life_months,
            salvage_share=asset.salvage_share,
        )
        ledger.add(Account.SALVAGE, proceeds, month=sold, party=party, item=asset.item)
        sales[sold] += proceeds
        deductions += capital.depreciate(
            basis, asset.depreciation, service=start, disposal=sold, tax_year=tax_year
        )
    depreciated = asset.depreciation.scheme is not capital.Scheme.NONE
    return deductions, sales if depreciated else np.zeros(months)


def _borrow(ledger: Ledger, asset: Asset, terms: ProjectTerms, party: str, draws: Floats) -> float:
    """Post the loan for an asset; return the interest capitalised during construction."""
    debt = capital.loan(
        draws,
        service=asset.service_month,
        rate=terms.debt_rate,
        tenor=terms.debt_tenor_months,
        repayment=terms.repayment,
    )
    rows = {
        Account.DEBT_DRAW: debt.drawn + debt.capitalised,
        Account.INTEREST_DURING_CONSTRUCTION: -debt.capitalised,
        Account.INTEREST: -debt.interest,
        Account.PRINCIPAL: -debt.principal,
    }
    for account, amount in rows.items():
        month = np.arange(ledger.months)
        ledger.add(account, amount, month=month, party=party, item=asset.item)
    return float(debt.capitalised.sum())


def _levy(
    ledger: Ledger, terms: ProjectTerms, party: str, deductions: Floats, sales: Floats
) -> None:
    """Post the tax of each calendar year, paid in its last month."""
    income = ledger.monthly((*terms.taxable, Account.INTEREST), party=party) + sales
    tax_year = _tax_years(ledger)
    years = deductions.size
    profit = np.bincount(tax_year, weights=income, minlength=years) - deductions
    due = capital.tax(
        profit, terms.tax_rate, refund=terms.losses_refunded, loss_limit=terms.loss_limit
    )
    last_month = np.searchsorted(tax_year, np.arange(years), side="right") - 1
    ledger.add(Account.TAX, -due, month=last_month, party=party)


def _tax_years(ledger: Ledger) -> NDArray[np.int64]:
    years = ledger.calendar_years
    elapsed: NDArray[np.int64] = years - years[0]
    return elapsed


def _refuse(owner: str, name: str, expected: str, found: str) -> None:
    raise InputError(f"{owner}, {name}", expected=expected, found=found, mend="correct the value")
