"""Calibration: it finds what made a history, and the fit that ships is the one that is found."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from baseload.bitcoin import calibration
from baseload.bitcoin.calibration import calibrate, errors, frontier, with_fleet
from baseload.bitcoin.competitors import Competitors, initial_state, package_data
from baseload.bitcoin.fitreport import report, to_toml
from baseload.bitcoin.machines import machines
from baseload.bitcoin.prices import Prices, read_prices
from baseload.bitcoin.retargets import Retarget, read_retargets
from baseload.case.errors import InputError

SHARED = Path(__file__).resolve().parents[2].parent / "shared/data"
RETARGETS = SHARED / "btc_difficulty_retargets.csv"
PRICES = SHARED / "price/btc_usd_daily_ohlcv_2020-07_2026-01.csv"

TRUE = {
    "power_price": 38.0, "switching": 100.0, "barrier": 33.0, "entry": 0.9, "return": 300.0,
}  # fmt: skip


def invented() -> tuple[list[Retarget], Prices]:
    """A history that the model itself makes from waves of the price, with `TRUE` values."""
    days = np.arange(2000)
    price = 30_000.0 * np.exp(0.0006 * days + 0.7 * np.sin(days / 130) + 0.1 * np.sin(days / 9))
    prices = Prices(date(2020, 7, 12), price)
    start = 1_594_641_060
    retargets = [
        Retarget(639_072 + 2016 * k, start + 1_209_600 * k, 1.7e13 * np.exp(0.03 * min(k, 0)))
        for k in range(-110, 143)
    ]
    history = calibration._history(retargets, prices)
    made = dict(zip(history.heights, calibration._modelled(history, TRUE), strict=True))
    return [
        Retarget(each.height, each.time, made.get(each.height, each.difficulty))
        for each in retargets
    ], prices


@pytest.fixture(scope="module")
def twin():
    return calibrate(*invented())


def test_a_history_that_the_model_made_gives_its_values_back(twin):
    found = twin.competitors
    assert twin.whole.rmse < 5e-3
    assert found.power_price == pytest.approx(38.0, rel=0.02)
    assert found.entry == pytest.approx(0.9, rel=0.03)
    assert twin.returned == pytest.approx(300.0, rel=0.05)
    _, progress = frontier()
    years = (twin.last - date(2026, 1, 1)).days / 365.25
    assert found.barrier == pytest.approx(33.0 * (1 - progress) ** years, rel=0.02)


def test_a_fit_to_half_of_such_a_history_foretells_the_other(twin):
    assert twin.ahead["return known"].rmse < 0.02
    assert twin.ahead["return known"].rmse < twin.ahead["trend"].rmse


def test_errors_are_those_of_logarithms():
    real = np.array([1.0, 2.0, 4.0, 4.0])
    found = errors(real * np.exp([0.1, 0.1, -0.1, 0.1]), real)
    assert found.rmse == pytest.approx(0.1)
    assert found.bias == pytest.approx(0.05)
    assert found.change_rmse == pytest.approx(np.sqrt((0 + 0.04 + 0.04) / 3))
    changes = np.diff(np.log(real))
    assert found.correlation == pytest.approx(
        np.corrcoef(changes, changes + np.array([0.0, -0.2, 0.2]))[0, 1]
    )
    assert found.epochs == 4


def test_the_frontier_of_machines_runs_through_those_of_its_time():
    level, fall = frontier()
    # S19 Pro of May 2020 at 29.5 J/TH, S21 XP of October 2024 at 13.5: 16 % a year between
    # two of the best; all machines of the table on average.
    assert 0.15 < fall < 0.22
    of_2024 = [m.nameplate_jth for m in machines() if m.released[:4] == "2024"]
    assert level * (1 - fall) ** -1.5 == pytest.approx(np.mean(of_2024), rel=0.1)


def test_a_fleet_is_carried_from_a_network_to_competitors():
    others = Competitors.calibrated()
    state = initial_state(
        others, network_ths=1e9, price=9e4, fee_share=0.0, height=931_900, years_since_calibration=1
    )
    found, moved = with_fleet(others, state), others.moved(1.0)
    assert found.energy == pytest.approx(moved.energy)
    assert found.share == pytest.approx(np.array(moved.share) / sum(moved.share))
    assert found.barrier == pytest.approx(moved.barrier)
    assert found.newest == pytest.approx(moved.newest)


def test_too_short_a_history_is_refused():
    retargets, prices = invented()
    with pytest.raises(InputError, match="40 retargets"):
        calibrate(retargets, Prices(prices.first, prices.price[:300]))
    late = [each for each in retargets if each.height > 639_072]
    with pytest.raises(InputError, match="a year of them before"):
        calibrate(late, prices)


def test_a_history_on_which_a_parameter_has_no_effect_is_refused():
    retargets, prices = invented()
    steep = Prices(prices.first, 1e6 * 1.002 ** np.arange(1000.0))
    with pytest.raises(InputError, match=r"none of .*barrier"):
        calibrate(retargets, steep)


@pytest.mark.skipif(not PRICES.exists(), reason="needs the reference history and prices")
def test_the_fit_that_ships_is_the_one_that_the_history_gives():
    fit = calibrate(read_retargets(RETARGETS), read_prices(PRICES))
    shipped = package_data()
    found = tomllib.loads(to_toml(report(fit, shipped["fit"]["source"])))
    for name, entry in shipped["parameter"].items():
        assert found["parameter"][name]["value"] == pytest.approx(entry["value"], rel=1e-3), name
    for name in ("rmse", "change_rmse", "ahead_rmse", "trend_rmse"):
        assert found["fit"][name] == pytest.approx(shipped["fit"][name], rel=1e-3), name
    assert found["experiment"][0]["modelled"] == pytest.approx(
        shipped["experiment"][0]["modelled"], abs=1e-3
    )


@pytest.mark.skipif(not RETARGETS.exists(), reason="needs the reference history")
def test_the_experiments_that_ship_hold_the_real_steps():
    known = {each.height: each.difficulty for each in read_retargets(RETARGETS)}
    for experiment in package_data()["experiment"]:
        for height, real in zip(experiment["height"], experiment["real"], strict=True):
            assert real == pytest.approx(known[height] / known[height - 2016] - 1, abs=1e-5)
