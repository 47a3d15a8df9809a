"""``baseload fit``: histories from files, and what is printed."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from typer.testing import CliRunner

from baseload.case.errors import InputError
from baseload.show.cli import app
from baseload.show.commands.fit import DAY, HOUR, read_history

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
FRANCE = [SHARED / "power_prices" / f"FR_{year}_local.csv.gz" for year in range(2020, 2025)]


def write(path: Path, column: str, rows: list[tuple[object, float]]) -> str:
    lines = [f"time,{column}", *(f"{time},{value}" for time, value in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"{path}#{column.partition(' ')[0]}"


def prices(path: Path, days: int = 400) -> str:
    returns = np.random.default_rng(4).standard_normal(days) * 0.03
    walk = 100 * np.exp(np.cumsum(returns))
    start = dt.date(2024, 1, 1)
    rows = [(start + dt.timedelta(days=day), walk[day]) for day in range(days)]
    return write(path, "price [USD/BTC]", [(f"{day}T00:00Z", value) for day, value in rows])


def test_files_follow_each_other_and_missing_hours_stay_missing(tmp_path):
    one = write(tmp_path / "a.csv", "p", [("2024-01-01 00:00", 1.0), ("2024-01-01 01:00", 2.0)])
    two = write(tmp_path / "b.csv", "p", [("2024-01-01 04:00", 5.0)])
    seconds, values = read_history([one, two], HOUR, "UTC")
    assert_array_equal(values, [1, 2, np.nan, np.nan, 5])
    assert seconds[0].astype("datetime64[s]") == np.datetime64("2024-01-01T00:00:00")


def test_times_with_an_offset_become_local_and_the_hour_set_back_is_a_mean(tmp_path):
    # Paris sets its clocks back on 27 October 2024 at 01:00 UTC: 02:00 comes twice.
    rows = [(f"2024-10-26T{h}:00Z", float(h)) for h in (22, 23)]
    rows += [(f"2024-10-27T0{h}:00Z", float(h)) for h in range(3)]
    seconds, values = read_history([write(tmp_path / "a.csv", "p", rows)], HOUR, "Europe/Paris")
    assert_array_equal(values, [22, 23, 0.5, 2])
    assert seconds[0].astype("datetime64[s]") == np.datetime64("2024-10-27T00:00:00")


def test_seconds_since_1970_are_times_too(tmp_path):
    named = write(tmp_path / "a.csv", "CLOSE", [(1594512000, 9300.95), (1594598400, 9237.89)])
    seconds, values = read_history([named], DAY, "UTC")
    assert_array_equal(seconds, [1594512000, 1594598400])
    assert_array_equal(values, [9300.95, 9237.89])


@pytest.mark.parametrize(
    ("rows", "said"),
    [([("2024-01-01 00:00", 1.0), ("2024-01-01 00:30", 2.0)], "whole steps of 1 h")],
)
def test_times_off_the_grid_are_refused(tmp_path, rows, said):
    with pytest.raises(InputError, match=said):
        read_history([write(tmp_path / "a.csv", "p", rows)], HOUR, "UTC")


@pytest.mark.parametrize("name", ["nowhere.csv#price", "prices.csv"])
def test_a_file_that_is_not_there_is_told_with_an_example(name):
    with pytest.raises(InputError, match=r"prices\.csv#price"):
        read_history([name], DAY, "UTC")


def test_the_command_fits_three_models_and_draws_them(tmp_path):
    picture = tmp_path / "fit.svg"
    named = prices(tmp_path / "btc.csv")
    answer = CliRunner().invoke(
        app, ["fit", "bitcoin-price", named, "--json", "--out", str(picture)]
    )
    assert answer.exit_code == 0, answer.output
    fits = json.loads(answer.stdout)
    assert [fit["model"] for fit in fits] == [
        "jump diffusion",
        "stochastic volatility",
        "bootstrap",
    ]
    # The prices were made with 3 % a day.
    spread = fits[1]["parameters"]["volatility"] / np.sqrt(365.25)
    assert_allclose(spread, 0.03, rtol=4 / np.sqrt(800))
    assert fits[2]["parameters"]["history"] == "btc.csv#price"
    drawn = picture.read_text(encoding="utf-8")
    assert all(f"{fit['model']}: history" in drawn for fit in fits)


def test_a_history_that_is_too_short_is_refused(tmp_path):
    answer = CliRunner().invoke(app, ["fit", "bitcoin-price", prices(tmp_path / "b.csv", 30)])
    assert isinstance(answer.exception, InputError)
    assert "more than 250 days" in str(answer.exception)


def test_five_years_of_french_prices_are_fitted():
    if not all(path.is_file() for path in FRANCE):
        pytest.skip("the reference prices of power are not here")
    named = [f"{path}#Price" for path in FRANCE]
    answer = CliRunner().invoke(app, ["fit", "power-price", *named, "--area", "france"])
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.startswith("[futures.power_price.france]")
    # Counted from the files: hours below zero are 1.5 % of all.
    negative = next(line for line in answer.stdout.splitlines() if "below zero" in line)
    assert_allclose(float(negative[32:].split()[0]), 0.0153, atol=2e-4)
