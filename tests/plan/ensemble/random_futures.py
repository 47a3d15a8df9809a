"""Random terms, mines and flows, and what the ledger makes of the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from baseload.plan.cash.accounts import RULES, Account, Group, Sign
from baseload.plan.cash.capital import MACRS_PERCENT, Depreciation, Repayment, Scheme
from baseload.plan.cash.ledger import Ledger
from baseload.plan.cash.project import Asset, ProjectTerms, finance
from baseload.plan.ensemble.calendar import Months, months_from
from baseload.plan.ensemble.terms import Finance, Flows, Machines, Mines
from baseload.plan.money import MINE_OPERATING

OPERATING = [n for n, account in enumerate(Account) if RULES[account].group is Group.OPERATING]


@dataclass(frozen=True)
class Future:
    """All that is settled, and the yearly change of machine prices by mine."""

    start: str
    finance: Finance
    months: Months
    mines: Mines
    machines: Machines
    flows: Flows
    parties: int
    change: np.ndarray
    macrs: int | None

    @property
    def parts(self):
        """The arguments of `settle`."""
        return (self.finance, self.months, self.mines, self.machines, self.flows, self.parties)


def future(seed: int) -> Future:
    """Draw one: one to three mines that grow, dip and come late, of one to three parties."""
    rng = np.random.default_rng(seed)
    horizon, count, parties = (int(rng.integers(1, n)) for n in (100, 4, 4))
    start = f"2028-{rng.integers(1, 13):02d}"
    macrs = None if rng.random() < 0.5 else int(rng.choice(list(MACRS_PERCENT)))
    change = rng.choice([0.0, -0.2, 0.1], count)
    return Future(
        start, _finance(rng, macrs), months_from(np.datetime64(start), horizon),
        _mines(rng, count, parties), _machines(rng, count, horizon, change),
        _flows(rng, parties, horizon), parties, change, macrs,
    )  # fmt: skip


def _finance(rng, macrs: int | None) -> Finance:
    return Finance(
        discount_rate=float(rng.choice([0.0, 0.08, -0.05, 0.3])),
        tax_rate=float(rng.choice([0.0, 0.2, 1.0])),
        debt_share=float(rng.choice([0.0, 0.6, 1.0])),
        debt_rate=float(rng.choice([0.0, 0.07, 0.5])),
        debt_tenor=int(rng.integers(1, 120)),
        equal_principal=bool(rng.random() < 0.5),
        recovery=np.array(MACRS_PERCENT[macrs] if macrs else ()) / 100.0,
    )


def _mines(rng, count: int, parties: int) -> Mines:
    life, site_life = rng.integers(1, 80, count), rng.integers(1, 200, count)
    return Mines(
        owner=rng.integers(0, parties, count),
        site_price=rng.choice([0.0, 300.0, 800.0], count),
        build_time=rng.integers(0, 24, count),
        life=life,
        site_life=site_life,
        # A life that is not a whole number of months is rounded in service and not in tax.
        written_off=life + rng.uniform(-0.4, 0.4, count),
        site_written_off=site_life + rng.uniform(-0.4, 0.4, count),
        salvage=rng.choice([0.0, 0.1, 1.0], count),
    )


def _machines(rng, count: int, horizon: int, change: np.ndarray) -> Machines:
    installed = rng.choice([0.0, 0.0, 0.0, 5.0, 20.0, 100.0], (count, horizon))
    for mine, way in enumerate(rng.integers(0, 4, count)):
        if way == 0:
            installed[mine] = 0.0
        if way == 1:
            installed[mine] = np.where(np.arange(horizon) < horizon // 3, 0.0, 30.0)
        if way == 2:
            installed[mine] = np.cumsum(installed[mine])
    price = rng.uniform(5.0, 20.0, (count, 1)) * (1.0 + change[:, None]) ** (
        np.arange(horizon) / 12.0
    )
    hashes = np.repeat(rng.uniform(4e4, 8e4, (count, 1)), horizon, axis=1)
    return Machines(installed, hashes, price)


def _flows(rng, parties: int, horizon: int) -> Flows:
    rows = int(rng.integers(0, 20))
    account = rng.choice(OPERATING, rows)
    # From flows that purchases dwarf, which leave losses, to flows beside which they are small.
    amount = rng.normal(0.0, 1.0, (rows, horizon)) * rng.choice([1e5, 1e7, 1e9], (rows, 1))
    amount *= rng.random((rows, horizon)) < 0.8
    for row, code in enumerate(account):
        sign = RULES[list(Account)[code]].sign
        if sign is not Sign.EITHER:
            amount[row] = np.abs(amount[row]) * (1.0 if sign is Sign.RECEIVED else -1.0)
    return Flows(account, rng.integers(0, parties, rows), amount)


def ledger_of(one: Future) -> Ledger:
    """Post the future's flows, and finance the assets of each owner, as for one operation."""
    horizon, accounts = one.months.year_of_month.size, list(Account)
    ledger = Ledger(one.start, horizon)
    for account, party, amount in zip(*one.flows, strict=True):
        ledger.add(accounts[account], amount, month=np.arange(horizon), party=f"{party}")
    for owner in range(one.parties):
        standing = one.machines.installed.any(axis=1) & (one.mines.owner == owner)
        if standing.any():
            assets = [a for mine in np.flatnonzero(standing) for a in _assets(one, mine)]
            ledger = finance(ledger, tuple(assets), _terms(one), party=f"{owner}").ledger
    return ledger


def _terms(one: Future) -> ProjectTerms:
    money = one.finance
    return ProjectTerms(
        discount_rate=money.discount_rate,
        tax_rate=money.tax_rate,
        taxable=MINE_OPERATING,
        debt_share=money.debt_share,
        debt_rate=money.debt_rate,
        debt_tenor_months=money.debt_tenor,
        repayment=Repayment.EQUAL_PRINCIPAL if money.equal_principal else Repayment.ANNUITY,
    )


def _assets(one: Future, mine: int) -> list[Asset]:
    mines, offer = one.mines, one.machines
    peak = np.maximum.accumulate(offer.installed[mine])
    added = np.diff(peak, prepend=0.0)
    assets = []
    for service in np.flatnonzero(added > 0.0):
        build = int(min(service, mines.build_time[mine]))
        when = {"order_month": int(service - build), "construction_months": build}
        power = float(added[service])
        cost = offer.price[mine, 0] * power * offer.ths_per_mw[mine, 0]
        machines = Asset(
            "machines",
            Account.CAPITAL_MACHINES,
            float(cost),
            int(mines.life[mine]),
            replaced=True,
            price_change=float(one.change[mine]),
            salvage_share=float(mines.salvage[mine]),
            depreciation=_depreciation(one, mines.written_off[mine]),
            **when,
        )
        site = Asset(
            "site",
            Account.CAPITAL_SITE,
            float(mines.site_price[mine] * 1000.0 * power),
            int(mines.site_life[mine]),
            depreciation=_depreciation(one, mines.site_written_off[mine]),
            **when,
        )
        assets += [machines, site]
    return assets


def _depreciation(one: Future, months: float) -> Depreciation:
    if one.macrs is not None:
        return Depreciation(Scheme.MACRS, one.macrs)
    return Depreciation(Scheme.STRAIGHT_LINE, float(months) / 12.0)
