from __future__ import annotations

import pytest
from numpy.testing import assert_allclose
from tests.plan.small_cases import place, small

from baseload.plan.ensemble.terms import finance_of, mines_of, parties_of


def test_tables_of_a_case_hold_what_is_written(tmp_path) -> None:
    written = {
        "money.tax_rate": "21 %",
        "money.depreciation": "MACRS 3",
        "money.debt.share": "60 %",
        "money.debt.interest": "8 %/year",
        "money.debt.tenor": "2 years",
        "money.debt.repayment": "equal principal",
        "mine.pilot.build_time": "6 months",
        "mine.pilot.life": "100 days",
        "mine.pilot.salvage": "10 %",
        "mine.pilot.site_price": "300 USD/kW",
    }
    tree = place(small(tmp_path, written)).tree
    terms, mines = finance_of(tree.money), mines_of(tree)
    assert (terms.discount_rate, terms.tax_rate, terms.debt_share) == (0.08, 0.21, 0.6)
    assert (terms.debt_rate, terms.debt_tenor, terms.equal_principal) == (0.08, 24, True)
    # IRS Publication 946, table A-1.
    assert_allclose(terms.recovery, [0.3333, 0.4445, 0.1481, 0.0741])
    assert parties_of(tree) == ("miner", "plant")
    assert (mines.owner[0], mines.site_price[0], mines.build_time[0]) == (0, 300.0, 6)
    # 100 days are 2,400 of 730.5 hours.
    assert mines.life[0] == 3
    assert mines.written_off[0] == pytest.approx(2400 / 730.5)
    assert (mines.site_life[0], mines.salvage[0]) == (240, 0.1)


def test_a_straight_line_has_no_table_and_no_loan_has_a_tenor(tmp_path) -> None:
    terms = finance_of(place(small(tmp_path)).tree.money)
    assert terms.recovery.size == 0
    # Without a loan there is nothing to repay, and a division by its payments must still hold.
    assert (terms.debt_share, terms.debt_tenor) == (0.0, 1)


def test_owners_of_mines_come_first_and_once(tmp_path) -> None:
    more = "".join(
        f'\n[mine.{name}]\nbus = "main"\nmachine = "Antminer S21 XP"\npower = "1 MW"\n'
        f'owner = "{owner}"\n'
        for name, owner in (("second", "plant"), ("third", "miner"), ("fourth", "other"))
    )
    tree = place(small(tmp_path, more=more)).tree
    assert parties_of(tree) == ("miner", "plant", "other")
    assert mines_of(tree).owner.tolist() == [0, 1, 0, 2]
