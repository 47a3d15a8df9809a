from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import NETWORK, small, studied

from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.plan.baseline import Baselines
from baseload.plan.outcome import FLOWS
from baseload.plan.study import outcome, study


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return studied(tmp_path_factory.mktemp("studied"))


@pytest.fixture(scope="module")
def found(case):
    return study(case)


def test_every_alternative_is_studied_in_both_worlds(found):
    assert list(found.outcomes) == ["status-quo", "pilot", "large"]
    for name, worlds in found.outcomes.items():
        assert list(worlds) == ["today", "opened"]
        assert [one.name for one in worlds.values()] == [name, name]
        assert [one.world for one in worlds.values()] == ["today", "opened"]
    assert {len(rows) for rows in found.swings.values()} == {3}


def test_only_what_is_asked_for_is_studied(case):
    assert list(study(case, ["large"]).outcomes) == ["large"]


def test_an_alternative_that_is_not_there_is_refused_before_any_work(case):
    with pytest.raises(InputError) as caught:
        study(case, ["pilot", "largest"], progress=lambda *_: pytest.fail("it has begun"))
    assert 'did you mean "large"?' in str(caught.value)


def test_a_case_without_alternatives_is_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        study(small(tmp_path, alternatives=""))
    where, rest = str(caught.value).split("\n", 1)
    assert where.endswith("alternatives.toml")
    assert rest == (
        "  expected at least one alternative\n"
        "  found    none\n"
        '  write one, even if it changes nothing: [alternative.base] title = "As it is"'
    )


def test_the_number_of_processes_changes_nothing(case, found):
    assert study(case, workers=2).summary() == found.summary()


def test_progress_is_told_step_by_step(case):
    told = []
    study(case, ["status-quo", "pilot"], progress=lambda *step: told.append(step))
    assert told == [("status-quo", 0, 2), ("pilot", 1, 2), ("done", 2, 2)]


# --- one outcome ---------------------------------------------------------------------------------


def test_behind_shut_gates_no_mine_is_built(found):
    today = found.outcomes["pilot"]["today"]
    assert (today.built, today.total_mine_mw, today.first_mining) == (False, 0.0, None)
    assert today.blocked_by == ("permit", "R01")
    assert today.waits_for == ()
    assert today.coins.sum() == today.energy["mined"].sum() == 0.0
    assert today.metrics.mine_value == 0.0


def test_behind_open_gates_the_mine_runs_from_their_day(found):
    opened = found.outcomes["pilot"]["opened"]
    assert (opened.built, opened.total_mine_mw) == (True, 30.0)
    assert opened.first_mining == dt.date(2028, 3, 1)
    assert opened.first_generation == dt.date(2028, 1, 1)
    assert opened.blocked_by == ()
    assert opened.waits_for == ("permit", "R01")
    # March to December 2028, then January and February
    assert_allclose(opened.mined["pilot"], [306 * 24 * 30.0, 59 * 24 * 30.0])


def test_coins_follow_from_hashes_and_blocks(found):
    opened = found.outcomes["pilot"]["opened"]
    hours = np.array([306, 59]) * 24
    own, block = 30e6 / 13.5, 600.298 / 3600
    # 20,000 blocks from the first day on the subsidy halves: on day 138.95, from step 139 on.
    subsidy = np.array([3.125 * (139 - 60) * 24 + 1.5625 * (366 - 139) * 24, 1.5625 * 59 * 24])
    assert subsidy[1] == 1.5625 * hours[1]
    assert_allclose(opened.coins, own / (1e9 + own) * subsidy / block, rtol=2e-4)
    share = own / (1e9 + own)
    assert_allclose(opened.network_share, [share * 306 / 366, share], rtol=1e-9)


def test_the_energy_of_every_year_adds_up(found):
    for worlds in found.outcomes.values():
        for one in worlds.values():
            flows = one.energy
            used = sum(
                flows[name] for name in FLOWS if name not in ("generated", "imported", "shortfall")
            )
            assert_allclose(flows["generated"] + flows["imported"], used, rtol=1e-12)
            assert_array_equal(one.years, [2028, 2029])
            assert_allclose(
                [m.sum() for m in np.split(one.monthly["exported"], [12])], flows["exported"]
            )
            assert one.months[0] == np.datetime64("2028-01")
            assert len(one.months) == 14


def test_energy_a_year_is_that_of_a_mean_year(found):
    opened = found.outcomes["large"]["opened"]
    assert opened.years_long == pytest.approx(425 * 24 / 8766)
    assert opened.per_year("mined") * opened.years_long == pytest.approx(365 * 24 * 300.0)


def test_several_sections_have_each_their_proof(tmp_path):
    more = '\n[plant.bus.island]\n[plant.unit.u2]\nbus = "island"\ngross = "9 MW"\n'
    one = outcome(small(tmp_path, more=more), "all", "opened", Baselines())
    assert one.certificates == ("main: merit order", "island: merit order")
    assert one.gap == 0.0


def test_a_horizon_that_begins_in_the_middle_of_a_year_ends_its_years_in_december(tmp_path):
    case = small(tmp_path, start="2028-11-01", end="2029-02-01", step="24 h", income=NETWORK)
    one = outcome(case, "all", "opened", Baselines())
    assert_array_equal(one.years, [2028, 2029])
    assert_allclose(one.energy["mined"], [61 * 24 * 30.0, 31 * 24 * 30.0])
    own = 30e6 / 13.5
    assert_allclose(one.network_share, own / (1e9 + own))


# --- the worked case -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def zaporizhzhia():
    return load(Path(__file__).resolve().parents[2] / "cases" / "zaporizhzhia")


def test_as_it_stands_zaporizhzhia_makes_nothing_and_draws_power(zaporizhzhia):
    one = outcome(zaporizhzhia, "status-quo", "today", Baselines())
    assert one.energy["generated"].sum() == one.energy["mined"].sum() == 0.0
    assert (one.built, one.total_mine_mw, one.first_generation) == (False, 0.0, None)
    # Z20: 20 to 100 MW
    assert 20.0 * 8766 < one.per_year("imported") < 100.0 * 8766
    assert_allclose(one.energy["imported"], one.energy["house"])
    assert one.metrics.npv < 0.0
    assert one.house_unserved == 0.0


def test_as_it_stands_law_and_the_restart_are_in_the_way_of_any_mine(zaporizhzhia):
    one = outcome(zaporizhzhia, "status-quo", "today", Baselines())
    assert {"restart_permit", "R01", "R05", "R06", "R08"} <= set(one.blocked_by)
    # Lifted by nobody, and naming nobody who holds the plant
    assert {"R04", "R07"} & set(one.blocked_by) == set()


def test_a_pilot_at_zaporizhzhia_waits_for_gates_and_the_end_of_the_ban(zaporizhzhia):
    today = outcome(zaporizhzhia, "pilot", "today", Baselines())
    assert not today.built
    assert {"ceasefire", "sharing_agreement", "R01", "R05", "R06", "R08"} <= set(today.blocked_by)
    opened = outcome(zaporizhzhia, "pilot", "opened", Baselines())
    # R01 ends on 2031-03-15 and no gate of the alternative lifts it.
    assert opened.first_mining == dt.date(2031, 3, 15)
    assert "R01" in opened.waits_for
    assert opened.blocked_by == ()
    assert opened.balance_open < 1e-9
    assert opened.unsettled <= 1e-3
