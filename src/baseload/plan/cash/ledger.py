"""One ledger of cash flows, from which the objective, the metrics and the report all take money."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from baseload.case.errors import InputError
from baseload.plan.cash.accounts import (
    DISPATCH_ACCOUNTS,
    INTERNAL_ACCOUNTS,
    RULES,
    Account,
    Sign,
)

if TYPE_CHECKING:
    import pandas as pd

_ACCOUNTS = tuple(Account)
_CODE = {account: code for code, account in enumerate(_ACCOUNTS)}

Floats = NDArray[np.float64]
Accounts = Account | Iterable[Account]


class ReconciliationError(Exception):
    """Money in the ledger that does not agree with what it must equal."""


class _Columns(NamedTuple):
    month: NDArray[np.int32]
    account: NDArray[np.int16]
    party: NDArray[np.int32]
    item: NDArray[np.int32]
    amount: Floats


class Ledger:
    """Cash flows of a study: month, account, party, item, amount.

    Parameters
    ----------
    start : first month of the horizon, as ``"2028-01"`` or ``numpy.datetime64``.
    months : length of the horizon [months].
    currency : money of every amount.

    Notes
    -----
    An amount is seen from its party: received is positive, paid is negative. The sign that
    each account takes is in :data:`baseload.plan.cash.accounts.RULES` and is checked when a
    row is added. Amounts are in the money of the month in which they move. Every sum is
    correctly rounded (``math.fsum``), so it does not depend on the order of the rows.
    """

    def __init__(self, start: str | np.datetime64, months: int, currency: str = "USD") -> None:
        self.start = _first_month(start)
        if months < 1:
            raise InputError(
                "ledger, months",
                expected="at least 1 month",
                found=str(months),
                mend="give the length of the horizon in months",
            )
        self.months = int(months)
        self.currency = currency
        self._parties: dict[str, int] = {}
        self._items: dict[str, int] = {}
        self._chunks: list[_Columns] = []

    def add(
        self,
        account: Account,
        amount: ArrayLike,
        *,
        month: ArrayLike,
        party: str,
        item: str = "",
    ) -> None:
        """Add one row or many to an account.

        Parameters
        ----------
        account : account of all the rows.
        amount : amounts [currency], shape () or [n]; zeros carry no money and are not kept.
        month : months, shape () or [n]: integers from the start of the horizon, or datetime64.
        party : who receives (positive) or pays (negative).
        item : area, link, obligation, fleet or asset that the rows concern.

        Raises
        ------
        InputError
            An amount that is not finite or of the wrong sign, or a month outside the horizon.
        """
        months, amounts = np.broadcast_arrays(
            self._month_index(month), np.asarray(amount, dtype=np.float64)
        )
        months, amounts = np.atleast_1d(months), np.atleast_1d(amounts)
        self._check(account, months, amounts)
        keep = amounts != 0.0
        count = int(keep.sum())
        self._chunks.append(
            _Columns(
                months[keep].astype(np.int32),
                np.full(count, _CODE[account], dtype=np.int16),
                np.full(count, self._parties.setdefault(party, len(self._parties)), np.int32),
                np.full(count, self._items.setdefault(item, len(self._items)), np.int32),
                amounts[keep],
            )
        )

    def transfer(
        self,
        amount: ArrayLike,
        *,
        month: ArrayLike,
        payer: str,
        payee: str,
        account: Account = Account.POWER_TRANSFER,
        item: str = "",
    ) -> None:
        """Post a payment between two parties on both sides, so that it sums to zero.

        Parameters
        ----------
        amount : what the payer pays [currency], shape () or [n].
        month : as in :meth:`add`.
        payer, payee : the two parties.
        account : an internal account.
        item : what is paid for.
        """
        paid = np.asarray(amount, dtype=np.float64)
        self.add(account, -paid, month=month, party=payer, item=item)
        self.add(account, paid, month=month, party=payee, item=item)

    def joined(self, *others: Ledger) -> Ledger:
        """Return a new ledger with the rows of this one and of others over the same horizon."""
        result = Ledger(self.start, self.months, self.currency)
        for ledger in (self, *others):
            result._take(ledger)
        return result

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties, in the order in which they first appear."""
        return tuple(self._parties)

    @property
    def calendar_years(self) -> NDArray[np.int64]:
        """Calendar year of each month of the horizon, shape [months]."""
        span = self.start + np.arange(self.months)
        years: NDArray[np.int64] = span.astype("datetime64[Y]").astype(np.int64) + 1970
        return years

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._columns().amount.size

    def total(
        self,
        account: Accounts | None = None,
        *,
        party: str | None = None,
        item: str | None = None,
        month: int | np.datetime64 | None = None,
    ) -> float:
        """Sum the amounts of the rows that match, correctly rounded [currency].

        Parameters
        ----------
        account : one account or several; all when None.
        party, item, month : keep only these rows; all when None.
        """
        columns = self._columns()
        keep = self._match(account, party, item)
        if month is not None:
            keep &= columns.month == int(self._month_index(month))
        return math.fsum(columns.amount[keep].tolist())

    def monthly(
        self, account: Accounts | None = None, *, party: str | None = None, item: str | None = None
    ) -> Floats:
        """Sum the matching rows by month [currency], shape [months]."""
        columns = self._columns()
        keep = self._match(account, party, item)
        return _sums(columns.month[keep], columns.amount[keep], self.months)

    def by_year(self, *, party: str | None = None) -> dict[int, dict[Account, float]]:
        """Sum by calendar year and account [currency]; accounts without rows are left out."""
        columns = self._columns()
        keep = self._match(None, party, None)
        years = self.calendar_years
        first = int(years[0])
        width = len(_ACCOUNTS)
        key = (years[columns.month[keep]] - first) * width + columns.account[keep]
        sums = _sums(key, columns.amount[keep], (int(years[-1]) - first + 1) * width)
        seen = set(np.unique(key).tolist())
        return {
            year: {
                account: float(sums[(year - first) * width + code])
                for code, account in enumerate(_ACCOUNTS)
                if (year - first) * width + code in seen
            }
            for year in range(first, int(years[-1]) + 1)
        }

    def by_account(self, *, party: str | None = None) -> dict[Account, float]:
        """Sum by account [currency]; accounts without rows are left out."""
        present = np.unique(self._columns().account[self._match(None, party, None)])
        return {_ACCOUNTS[code]: self.total(_ACCOUNTS[code], party=party) for code in present}

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a pandas table: month, account, party, item, amount_<currency>."""
        import pandas as pd

        def named(codes: NDArray[Any], names: Iterable[str]) -> pd.Categorical[str]:
            return pd.Categorical.from_codes(codes.tolist(), categories=pd.Index(list(names)))

        columns = self._columns()
        return pd.DataFrame(
            {
                "month": (self.start + columns.month).astype("datetime64[ms]"),
                "account": named(columns.account, map(str, _ACCOUNTS)),
                "party": named(columns.party, self._parties),
                "item": named(columns.item, self._items),
                self._amount_name: columns.amount,
            }
        )

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Write the rows to a Parquet file, which appears whole or not at all.

        Parameters
        ----------
        path : file to write; an existing one is replaced.
        """
        target = Path(path)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            self.to_frame().to_parquet(temporary, index=False)
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)

    def __repr__(self) -> str:
        """Return the horizon and the total of each account."""
        last = self.start + (self.months - 1)
        lines = [f"Ledger · {self.start} to {last} · {len(self):,} rows · {self.currency}"]
        totals = self.by_account()
        width = max((len(account) for account in totals), default=0)
        for account in _ACCOUNTS:
            if account in totals:
                lines.append(f"  {account:<{width}}  {totals[account]:>20,.2f}")
        lines.append(f"  {'sum':<{width}}  {self.total():>20,.2f}")
        return "\n".join(lines)

    @property
    def _amount_name(self) -> str:
        return f"amount_{self.currency.lower()}"

    def _columns(self) -> _Columns:
        if len(self._chunks) != 1:
            self._chunks = [_stacked(self._chunks)]
        return self._chunks[0]

    def _take(self, other: Ledger) -> None:
        mine = (self.start, self.months, self.currency)
        theirs = (other.start, other.months, other.currency)
        if mine != theirs:
            raise InputError(
                "ledgers to be joined",
                expected="one horizon and one currency: {} for {} months in {}".format(*mine),
                found="{} for {} months in {}".format(*theirs),
                mend="build both ledgers on the same start, months and currency",
            )
        columns = other._columns()
        parties = _recoded(self._parties, other._parties)
        items = _recoded(self._items, other._items)
        self._chunks.append(
            columns._replace(party=parties[columns.party], item=items[columns.item])
        )

    def _match(self, account: Accounts | None, party: str | None, item: str | None) -> Any:
        columns = self._columns()
        keep = np.ones(columns.amount.size, dtype=np.bool_)
        if account is not None:
            wanted = [account] if isinstance(account, Account) else list(account)
            keep &= np.isin(columns.account, [_CODE[one] for one in wanted])
        if party is not None:
            keep &= columns.party == self._parties.get(party, -1)
        if item is not None:
            keep &= columns.item == self._items.get(item, -1)
        return keep

    def _month_index(self, month: ArrayLike) -> NDArray[np.int64]:
        months = np.asarray(month)
        if months.dtype.kind == "M":
            elapsed: NDArray[np.int64] = (months.astype("datetime64[M]") - self.start).astype(
                np.int64
            )
            return elapsed
        if months.dtype.kind not in "iu":
            raise InputError(
                "ledger, month",
                expected="integers from the start of the horizon, or datetime64",
                found=f"values of type {months.dtype}",
                mend="convert the months before adding the rows",
            )
        return months.astype(np.int64)

    def _check(self, account: Account, months: NDArray[np.int64], amounts: Floats) -> None:
        outside = (months < 0) | (months >= self.months)
        if outside.any():
            raise InputError(
                f"ledger, {account}",
                expected=f"months 0 to {self.months - 1} ({self.start} onwards)",
                found=f"month {int(months[outside][0])}",
                mend="leave out what happens outside the horizon, or lengthen it",
            )
        sign = RULES[account].sign
        wrong = ~np.isfinite(amounts)
        wrong |= (amounts < 0.0) if sign is Sign.RECEIVED else False
        wrong |= (amounts > 0.0) if sign is Sign.PAID else False
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            amount = "any finite amount" if sign is Sign.EITHER else f"a finite amount {sign}"
            raise InputError(
                f"ledger, {account}, month {int(months[row])}",
                expected=f"{amount}: received is positive, paid is negative",
                found=f"{amounts[row]} {self.currency}",
                mend="give the amount as the party sees it",
            )


def reconcile(ledger: Ledger, objective: float, *, tolerance: float = 1e-9) -> float:
    """Check that the dispatch accounts sum to the dispatch objective.

    Parameters
    ----------
    ledger : ledger of one dispatch.
    objective : objective of that dispatch [currency].
    tolerance : allowed difference as a share of the sum of absolute amounts [-].

    Returns
    -------
    Ledger less objective [currency].

    Raises
    ------
    ReconciliationError
        The two differ by more; the text lists every dispatch account.
    """
    keep = ledger._match(DISPATCH_ACCOUNTS, None, None)
    gross = math.fsum(np.abs(ledger._columns().amount[keep]).tolist())
    difference = ledger.total(DISPATCH_ACCOUNTS) - objective
    if not abs(difference) <= tolerance * max(gross, abs(objective), 1.0):
        totals = ledger.by_account()
        lines = [
            f"  {account}: {totals[account]:,.6f}"
            for account in DISPATCH_ACCOUNTS
            if account in totals
        ]
        raise ReconciliationError(
            f"the dispatch accounts differ from the objective by {difference:,.6f}"
            f" {ledger.currency}\n  objective: {objective:,.6f}\n" + "\n".join(lines)
        )
    return difference


def check_transfers(ledger: Ledger, *, tolerance: float = 1e-9) -> None:
    """Check that internal accounts sum to zero over the parties in every month.

    Parameters
    ----------
    ledger : ledger with the rows of all parties.
    tolerance : allowed remainder as a share of the largest absolute monthly amount [-].

    Raises
    ------
    ReconciliationError
        A month in which what one party paid did not reach another.
    """
    for account in INTERNAL_ACCOUNTS:
        keep = ledger._match(account, None, None)
        sums = ledger.monthly(account)
        largest = float(np.abs(ledger._columns().amount[keep]).max(initial=0.0))
        off = np.flatnonzero(np.abs(sums) > tolerance * largest)
        if off.size:
            month = int(off[0])
            raise ReconciliationError(
                f"{account} of month {ledger.start + month} sums to {sums[month]:,.6f}"
                f" {ledger.currency} over the parties, and must sum to zero"
            )


def _first_month(start: str | np.datetime64) -> np.datetime64:
    try:
        month = np.datetime64(np.asarray(start).astype("datetime64[M]").item(), "M")
    except ValueError:
        month = np.datetime64("NaT")
    if np.isnat(month):
        raise InputError(
            "ledger, start",
            expected='a month such as "2028-01"',
            found=repr(start),
            mend="give the first month of the horizon",
        )
    return month


def _sums(key: NDArray[Any], amount: Floats, count: int) -> Floats:
    """Sum amounts by key, each sum correctly rounded, shape [count]."""
    order = np.argsort(key, kind="stable")
    edges = np.searchsorted(key[order], np.arange(count + 1))
    ordered = amount[order].tolist()
    result = np.zeros(count)
    for group in np.flatnonzero(np.diff(edges)):
        result[group] = math.fsum(ordered[edges[group] : edges[group + 1]])
    return result


def _stacked(chunks: Sequence[_Columns]) -> _Columns:
    if not chunks:
        return _Columns(
            np.empty(0, np.int32),
            np.empty(0, np.int16),
            np.empty(0, np.int32),
            np.empty(0, np.int32),
            np.empty(0, np.float64),
        )
    return _Columns(*(np.concatenate(parts) for parts in zip(*chunks, strict=True)))


def _recoded(known: dict[str, int], other: dict[str, int]) -> NDArray[np.int32]:
    """Return the code in ``known`` of every code of ``other``, adding the names it lacks."""
    codes = [known.setdefault(name, len(known)) for name in other]
    return np.array(codes, dtype=np.int32)
