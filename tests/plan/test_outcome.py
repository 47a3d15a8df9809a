from __future__ import annotations

import dataclasses

import pytest
from tests.plan.small_cases import small

from baseload.plan.baseline import Baselines
from baseload.plan.outcome import FLOWS, Swing
from baseload.plan.study import outcome, study


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return small(tmp_path_factory.mktemp("small"), end="2028-03-01", step="24 h")


def test_energy_a_year_is_that_of_the_horizon_over_its_length(case):
    one = outcome(case, "all", "opened", Baselines())
    assert set(one.energy) == set(one.monthly) == set(FLOWS)
    # 30 MW all the time: 8,766 h a year
    assert one.per_year("mined") == pytest.approx(30 * 8766.0)


def test_the_power_of_all_mines_is_counted_once(case):
    one = outcome(case, "all", "opened", Baselines())
    both = dataclasses.replace(one, mine_mw={"a": 30.0, "b": 12.5})
    assert both.total_mine_mw == 42.5


def test_a_swing_is_as_wide_as_its_ends_are_apart():
    swing = Swing("a", "a", "1", "2", (5.0, 2.0), (-1.0, 3.0), "assumed", None)
    assert swing.width("npv") == 3.0
    assert swing.width("mine_value") == 4.0


def test_a_study_prints_its_alternatives(case):
    found = study(case)
    text = str(found)
    assert "Small · 2028-01-01 to 2028-03-01" in text
    assert "all" in text.splitlines()[-1]
    assert "30 MW" in text.splitlines()[-1]
    assert found.summary()["case"] == "Small"
