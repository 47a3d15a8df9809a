"""Natural experiments: what is stopped when, and what the difficulty makes of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from baseload.bitcoin.competitors import Competitors
from baseload.bitcoin.market import Market
from baseload.bitcoin.retargets import Retarget
from baseload.bitcoin.shocks import (
    CHINA,
    STORM,
    Shock,
    answer,
    answer_of_return,
    first_day,
)

SHOCK = Shock(
    name="a stop",
    begin=np.datetime64("2026-01-23"),
    full=np.datetime64("2026-01-25"),
    returned=np.datetime64("2026-02-04"),
    depth=0.3,
    heights=(935424, 937440),
    source="made up",
)
STILL = replace(Competitors.calibrated(), response=False, rounded=False)
BEGIN = 1_769_110_032  # 2026-01-22 19:27:12, height 933,408
DAYS = np.datetime64("2026-01-20") + np.arange(60)
MARKET = Market(DAYS, np.full(60, 90_000.0), np.full(60, 0.01))


def history(*difficulties: float) -> list[Retarget]:
    return [
        Retarget(933_408 + 2016 * k, BEGIN + 1_209_600 * k, difficulty)
        for k, difficulty in enumerate(difficulties)
    ]


def test_the_stopped_part_rises_to_its_depth_and_falls_back_in_straight_lines():
    days = np.array(["2026-01-22", "2026-01-23", "2026-01-24", "2026-01-29", "2026-02-04"], "M8[D]")
    # A day counts with its noon: a quarter and three quarters of the way in, 5.5 days short.
    stopped = 1 - SHOCK.available(days)
    assert stopped == pytest.approx([0.0, 0.3 * 0.25, 0.3 * 0.75, 0.3 * 0.55, 0.0])


def test_a_return_is_counted_from_the_full_stop():
    assert SHOCK.returning(7.5).returned == np.datetime64("2026-02-01T12:00:00")


def test_the_first_step_is_the_mean_of_what_is_missing_in_its_period():
    # Hashes of 2,015 blocks at pace 1 - stopped: 3 day-equivalents of 30 % are missing.
    found = answer(SHOCK, STILL, history(1.4e14, 1.3e14, 1.4e14), MARKET)
    missing = 0.3 * (2 / 2 + 10 / 2)
    expected = 1 / (1 + missing / (1_209_600 / 86_400)) - 1
    assert found.modelled[0] == pytest.approx(expected, abs=2e-3)
    # All are back before the second: the difficulty returns to where it was.
    assert (1 + found.modelled[0]) * (1 + found.modelled[1]) == pytest.approx(1.0, abs=1e-6)
    assert found.real == pytest.approx([1.3 / 1.4 - 1, 1.4 / 1.3 - 1])
    assert found.before == 1.4e14


def test_the_time_of_return_is_found_from_the_first_step():
    true = answer(SHOCK.returning(9.0), STILL, history(1.4e14, 1.3e14, 1.4e14), MARKET)
    after = 1.4e14 * (1 + true.modelled[0])
    found = answer_of_return(SHOCK, STILL, history(1.4e14, after, 1.4e14), MARKET)
    assert found.fitted == 1
    assert found.modelled[0] == pytest.approx(true.modelled[0], abs=1e-4)
    days = (found.shock.returned - SHOCK.full.astype("M8[s]")) / np.timedelta64(86_400, "s")
    assert days == pytest.approx(9.0, abs=0.05)


def test_a_step_that_no_return_explains_takes_the_nearest():
    found = answer_of_return(SHOCK, STILL, history(1.4e14, 1.5e14, 1.4e14), MARKET)
    assert found.shock.returned == SHOCK.returning(1.0).returned


def test_the_first_whole_day_of_an_epoch_is_the_next():
    assert first_day(history(1.0)[0]) == np.datetime64("2026-01-23")


@pytest.mark.parametrize("shock", [CHINA, STORM])
def test_each_experiment_names_heights_of_retargets_and_its_source(shock):
    assert all(height % 2016 == 0 for height in shock.heights)
    assert shock.begin < shock.full < shock.returned
    assert ".com" in shock.source
