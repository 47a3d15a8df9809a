import math
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from baseload.case.errors import InputError
from baseload.plan.cash.accounts import DISPATCH_ACCOUNTS, RULES, Account, Sign
from baseload.plan.cash.ledger import (
    Ledger,
    ReconciliationError,
    check_transfers,
    reconcile,
)

MONTHS = 30
FREE = [account for account in Account if RULES[account].sign is Sign.EITHER]
amounts = st.floats(-1e12, 1e12, allow_nan=False)
rows = st.lists(
    st.tuples(
        st.sampled_from(FREE),
        st.integers(0, MONTHS - 1),
        st.sampled_from(["plant", "mine"]),
        amounts,
    ),
    max_size=40,
)


def filled(entries) -> Ledger:
    ledger = Ledger("2028-11", MONTHS)
    for account, month, party, amount in entries:
        ledger.add(account, amount, month=month, party=party)
    return ledger


def small() -> Ledger:
    ledger = Ledger("2028-11", 4)
    ledger.add(Account.ENERGY_SALES, [100.0, 110.0], month=[0, 2], party="plant", item="north")
    ledger.add(Account.ENERGY_SALES, 50.0, month=2, party="plant", item="south")
    ledger.add(Account.FUEL, [-9.0, -9.0, -9.0, 0.0], month=np.arange(4), party="plant")
    ledger.add(Account.MINING_REVENUE, 30.0, month=3, party="mine", item="hall 1")
    ledger.add(Account.TAX, -7.0, month=3, party="mine")
    return ledger


def test_totals_select_by_account_party_item_and_month():
    ledger = small()
    assert ledger.total() == 256.0
    assert ledger.total(Account.ENERGY_SALES) == 260.0
    assert ledger.total((Account.FUEL, Account.TAX)) == -34.0
    assert ledger.total(party="mine") == 23.0
    assert ledger.total(item="north") == 210.0
    assert ledger.total(Account.ENERGY_SALES, month=2) == 160.0
    assert ledger.total(month=np.datetime64("2029-01-15")) == 151.0
    assert ledger.total(party="nobody") == 0.0


def test_rows_without_money_are_not_kept():
    assert len(small()) == 8


def test_monthly_sums_run_over_the_whole_horizon():
    assert_array_equal(small().monthly(), [91.0, -9.0, 151.0, 23.0])
    assert_array_equal(small().monthly(Account.ENERGY_SALES, item="south"), [0.0, 0.0, 50.0, 0.0])


def test_years_are_calendar_years_of_a_horizon_that_starts_in_november():
    assert small().by_year() == {
        2028: {Account.ENERGY_SALES: 100.0, Account.FUEL: -18.0},
        2029: {
            Account.ENERGY_SALES: 160.0,
            Account.MINING_REVENUE: 30.0,
            Account.FUEL: -9.0,
            Account.TAX: -7.0,
        },
    }
    assert small().by_year(party="mine")[2028] == {}


def test_months_may_be_dates():
    ledger = Ledger(np.datetime64("2028-11-01"), 4)
    when = np.array(["2028-12-31", "2029-02-01"], dtype="datetime64[D]")
    ledger.add(Account.IMPORT, [-1.0, -2.0], month=when, party="plant")
    assert_array_equal(ledger.monthly(), [0.0, -1.0, 0.0, -2.0])


@given(rows, st.randoms(use_true_random=False))
def test_sums_do_not_depend_on_the_order_of_the_rows(entries, shuffler: random.Random):
    shuffled = shuffler.sample(entries, len(entries))
    one, other = filled(entries), filled(shuffled)
    assert one.total() == other.total()
    assert_array_equal(one.monthly(), other.monthly())
    assert one.by_year() == other.by_year()


@given(rows)
def test_every_view_adds_up_to_the_total(entries):
    ledger = filled(entries)
    gross = math.fsum(abs(entry[3]) for entry in entries)
    slack = 1e-12 * gross
    years = [amount for year in ledger.by_year().values() for amount in year.values()]
    parties = [ledger.total(party=party) for party in ledger.parties]
    for view in (ledger.monthly(), years, list(ledger.by_account().values()), parties):
        assert math.fsum(view) == pytest.approx(ledger.total(), rel=0, abs=slack)


@given(rows, rows)
def test_joined_ledgers_hold_the_rows_of_both(some, more):
    assert filled(some).joined(filled(more)).total() == filled(some + more).total()
    joined = filled(some).joined(filled(more))
    assert joined.total(party="mine") == filled(some + more).total(party="mine")


def test_joining_leaves_both_ledgers_as_they_were():
    one, other = small(), small()
    one.joined(other).add(Account.TAX, 1.0, month=0, party="state")
    assert len(one) == len(other) == 8
    assert "state" not in one.parties


def test_a_sum_that_plain_addition_loses_is_kept():
    ledger = Ledger("2028-01", 1)
    ledger.add(Account.TAX, [1e16, 1.0, -1e16], month=0, party="plant")
    assert ledger.total() == 1.0
    assert ledger.monthly()[0] == 1.0


def test_the_table_has_one_row_per_movement():
    frame = small().to_frame()
    assert list(frame.columns) == ["month", "account", "party", "item", "amount_usd"]
    assert frame["month"].iloc[1] == pd.Timestamp("2029-01-01")
    assert frame.groupby("account", observed=True)["amount_usd"].sum()["energy sales"] == 260.0


def test_an_empty_ledger_has_an_empty_table(tmp_path):
    ledger = Ledger("2028-01", 3)
    ledger.to_parquet(tmp_path / "cash.parquet")
    assert ledger.to_frame().empty
    assert ledger.total() == 0.0
    assert pd.read_parquet(tmp_path / "cash.parquet").empty


def test_a_parquet_file_gives_back_the_table_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "cash.parquet"
    small().to_parquet(path)
    small().to_parquet(path)
    pd.testing.assert_frame_equal(pd.read_parquet(path), small().to_frame())
    assert [file.name for file in tmp_path.iterdir()] == ["cash.parquet"]


def test_the_same_ledger_is_written_as_the_same_bytes(tmp_path):
    small().to_parquet(tmp_path / "a.parquet")
    small().to_parquet(tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_failed_write_leaves_the_old_file_and_no_part(tmp_path, monkeypatch):
    path = tmp_path / "cash.parquet"
    small().to_parquet(path)
    before = path.read_bytes()

    def full_disk(self, target, **options):
        target.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full_disk)
    with pytest.raises(OSError, match="no space"):
        small().to_parquet(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["cash.parquet"]


@pytest.mark.parametrize(
    ("account", "amount"),
    [(Account.FUEL, 1.0), (Account.MINING_REVENUE, -1.0), (Account.TAX, math.nan)],
)
def test_an_amount_of_the_wrong_sign_or_not_finite_is_refused(account, amount):
    ledger = Ledger("2028-01", 12)
    with pytest.raises(InputError, match="received is positive, paid is negative") as caught:
        ledger.add(account, [0.0, amount], month=[3, 4], party="plant")
    assert caught.value.where == f"ledger, {account}, month 4"
    assert len(ledger) == 0


@pytest.mark.parametrize("month", [-1, 12, np.datetime64("2029-01")])
def test_a_month_outside_the_horizon_is_refused(month):
    with pytest.raises(InputError, match="months 0 to 11"):
        Ledger("2028-01", 12).add(Account.TAX, 1.0, month=month, party="plant")


def test_a_month_that_is_not_whole_is_refused():
    with pytest.raises(InputError, match="float64"):
        Ledger("2028-01", 12).add(Account.TAX, 1.0, month=1.5, party="plant")


@pytest.mark.parametrize("start", ["soon", "NaT", "2028-13"])
def test_a_start_that_is_no_month_is_refused(start):
    with pytest.raises(InputError, match="2028-01"):
        Ledger(start, 12)


def test_an_empty_horizon_is_refused():
    with pytest.raises(InputError, match="at least 1 month"):
        Ledger("2028-01", 0)


def test_ledgers_of_different_horizons_are_not_joined():
    with pytest.raises(InputError, match="2028-01 for 12 months in USD"):
        Ledger("2028-01", 12).joined(Ledger("2028-02", 12))


def test_printing_shows_the_horizon_and_the_totals():
    text = repr(small())
    assert text.startswith("Ledger · 2028-11 to 2029-02 · 8 rows · USD")
    assert "fuel" in text
    assert text.endswith("256.00")


def test_reconciling_compares_the_dispatch_accounts_alone():
    ledger = small()
    assert reconcile(ledger, 263.0) == 0.0
    ledger.add(Account.CAPITAL_SITE, -500.0, month=0, party="mine")
    assert reconcile(ledger, 263.0) == 0.0


@pytest.mark.parametrize("objective", [263.001, 262.9, 0.0, math.nan])
def test_money_that_differs_from_the_objective_is_an_error(objective):
    with pytest.raises(ReconciliationError, match=r"energy sales: 260\.000000"):
        reconcile(small(), objective)


@given(rows)
def test_the_sum_of_the_dispatch_accounts_reconciles(entries):
    ledger = filled(entries)
    objective = sum(row[3] for row in entries if row[0] in DISPATCH_ACCOUNTS)
    reconcile(ledger, objective)


@given(st.lists(st.tuples(st.integers(0, MONTHS - 1), amounts), max_size=20))
def test_transfers_sum_to_zero_over_the_parties(payments):
    ledger = Ledger("2028-01", MONTHS)
    for month, amount in payments:
        ledger.transfer(amount, month=month, payer="mine", payee="plant")
    check_transfers(ledger)
    assert ledger.total() == 0.0
    assert ledger.total(party="mine") == -ledger.total(party="plant")


def test_a_transfer_that_does_not_arrive_is_an_error():
    ledger = Ledger("2028-01", 12)
    ledger.add(Account.POWER_TRANSFER, -5.0, month=2, party="mine")
    ledger.add(Account.POWER_TRANSFER, 5.0, month=3, party="plant")
    with pytest.raises(ReconciliationError, match="month 2028-03 sums to -5"):
        check_transfers(ledger)


def test_monthly_sums_agree_with_pandas():
    draw = np.random.default_rng(0)
    ledger = Ledger("2028-01", 24)
    ledger.add(Account.TAX, draw.normal(size=500), month=draw.integers(0, 24, 500), party="plant")
    frame = ledger.to_frame()
    sums = frame.groupby("month")["amount_usd"].sum()
    assert_allclose(ledger.monthly(), sums.to_numpy(), rtol=1e-12)
