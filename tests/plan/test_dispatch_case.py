from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from tests.plan.small_cases import ALTERNATIVES, place, small, studied

from baseload.case.errors import InputError
from baseload.plan.dispatch_case import dispatch
from baseload.plan.operation import run

ISLAND = (
    '\n[plant.bus.island]\nhouse_load = "5 MW"\n[plant.unit.a2]\nbus = "island"\ngross = "9 MW"\n'
)
EVERY_MWH = 600 * 45 + 30 * 40 / (0.024 * 13.5)
"""Of an hour: what the line sells and the mine earns [USD]."""


@pytest.fixture
def case(tmp_path):
    return small(tmp_path)


def refusal(*arguments, **keys) -> str:
    with pytest.raises(InputError) as caught:
        dispatch(*arguments, **keys)
    return str(caught.value)


# --- the stretch ---------------------------------------------------------------------------------


def test_without_more_the_whole_horizon_is_dispatched(case):
    found = dispatch(case)
    assert (found.start, found.hours) == (dt.date(2028, 1, 1), 240.0)
    assert found.objective == pytest.approx(240 * EVERY_MWH)
    assert found.objective == run(place(case)).dispatches[0].objective


def test_a_day_is_a_stretch(case):
    found = dispatch(case, start=dt.date(2028, 1, 3), hours=24)
    assert found.objective == pytest.approx(24 * EVERY_MWH)
    times = found.to_dataset()["time"].values
    assert times[0] == np.datetime64("2028-01-03T00:00")
    assert len(times) == 24


def test_from_a_day_on_means_to_the_end(case):
    assert dispatch(case, start=dt.date(2028, 1, 8)).hours == 72.0


def test_a_local_day_has_its_own_hours(tmp_path):
    # Clocks go forward in Kyiv on 2028-03-26.
    zone = {"case.time_zone": "Europe/Kyiv"}
    case = small(tmp_path, zone, start="2028-03-25", end="2028-03-28")
    found = dispatch(case, start=dt.date(2028, 3, 26))
    assert found.hours == 47.0
    assert found.to_dataset()["time"].values[0] == np.datetime64("2028-03-25T22:00")


@pytest.mark.parametrize("day", [dt.date(2027, 12, 31), dt.date(2028, 1, 11)])
def test_a_day_outside_the_horizon_is_refused(case, day):
    assert refusal(case, start=day) == (
        "start\n"
        "  expected a day of the horizon, 2028-01-01 to 2028-01-10\n"
        f"  found    {day}\n"
        "  choose a day within the horizon"
    )


@pytest.mark.parametrize("hours", [0, -24, 24.5, 49, math.inf, math.nan])
def test_hours_that_are_no_whole_steps_or_too_many_are_refused(case, hours):
    assert refusal(case, start=dt.date(2028, 1, 9), hours=hours) == (
        "hours\n"
        "  expected a whole number of steps of 1 h, at most 48 h from that day\n"
        f"  found    {hours:g} h\n"
        "  shorten the stretch or begin earlier"
    )


def test_steps_of_a_quarter_of_an_hour_make_up_any_quarter(tmp_path):
    case = small(tmp_path, step="15 min")
    assert dispatch(case, hours=0.75).to_dataset().sizes["time"] == 3
    assert "steps of 0.25 h" in refusal(case, hours=0.8)


# --- the alternative -----------------------------------------------------------------------------


def test_of_several_alternatives_one_must_be_named(tmp_path):
    case = small(tmp_path, alternatives=ALTERNATIVES + '[alternative.b]\ntitle = "t"\n')
    assert refusal(case) == (
        "alternative\n  expected one of all, b\n  found    none\n  name the alternative to dispatch"
    )


def test_without_any_alternative_there_is_nothing_to_dispatch(tmp_path):
    where, rest = refusal(small(tmp_path, alternatives="")).split("\n", 1)
    assert where.endswith("alternatives.toml")
    assert rest.startswith("  expected at least one alternative\n  found    none\n")


def test_a_misspelt_alternative_is_told_the_nearest(case):
    assert 'did you mean "all"?' in refusal(case, "al")


def test_the_worlds_differ_by_the_gates(tmp_path):
    case = studied(tmp_path)
    after = {"start": dt.date(2028, 3, 1), "hours": 24.0}
    opened, today = (
        dispatch(case, "pilot", **after),
        dispatch(case, "pilot", **after, world="today"),
    )
    assert opened.operation.own_hashrate.sum() > 0.0
    assert today.operation.own_hashrate.sum() == 0.0
    without = dispatch(case, "pilot", **after, mines=False)
    assert without.objective == pytest.approx(today.objective)


# --- the result ----------------------------------------------------------------------------------


def test_every_variable_of_the_dataset_carries_its_unit(case):
    data = dispatch(case, hours=24).to_dataset()
    assert all(variable.attrs["units"] for variable in data.data_vars.values())
    assert data["delivered"].dims == ("use", "time")
    assert_array_equal(data["delivered"].sel(use="mine pilot"), np.full(24, 30.0))
    assert data.attrs["alternative"] == "all"
    assert data.attrs["objective_usd"] == pytest.approx(24 * EVERY_MWH)
    assert data.attrs["certificate"] == "merit order"


def test_sections_stand_side_by_side_in_one_dataset(tmp_path):
    found = dispatch(small(tmp_path, more=ISLAND), hours=24)
    data = found.to_dataset()
    assert data["section"].values.tolist() == ["main", "island"]
    island = data.sel(section="island")
    assert_array_equal(island["generation"].sel(unit="a2"), np.full(24, 5.0))
    assert np.isnan(island["generation"].sel(unit="u1")).all()
    # In the order of the case, and money of all of them together
    assert data["unit"].values.tolist() == ["u1", "a2"]
    assert data["use"].values.tolist() == ["house load", "market grid", "mine pilot"]
    assert "objective" not in data.attrs
    assert data["generation"].attrs["units"] == "MW"
    assert all("units" in variable.attrs for variable in data.data_vars.values())
    assert data.attrs["objective_usd"] == pytest.approx(24 * EVERY_MWH)
    data.to_netcdf(tmp_path / "sections.nc", engine="h5netcdf")
    assert found.certificate == "main: merit order; island: merit order"
    assert set(found.times) == {"build", "hand_off", "solve", "post"}


def test_the_dataset_survives_a_file(case, tmp_path):
    import xarray as xr

    data = dispatch(case, hours=24).to_dataset()
    data.to_netcdf(tmp_path / "dispatch.nc", engine="h5netcdf")
    again = xr.load_dataset(tmp_path / "dispatch.nc")
    assert_array_equal(again["delivered"], data["delivered"])
    assert again["delivered"].attrs["units"] == "MW"


def test_it_prints_what_it_is(case):
    text = repr(dispatch(case, hours=24))
    assert text.splitlines()[0] == (
        f"Small, 'all', 24 h from 2028-01-01: {24 * EVERY_MWH:,.2f} USD"
    )
    assert "main: Dispatch: 24 steps of 1 h" in text
    html = dispatch(case, hours=24)._repr_html_()
    assert html.startswith("<pre>Small, &#x27;all&#x27;")


def test_the_objective_keeps_within_its_bound(tmp_path):
    ramps = {"plant.unit.u1.ramp": "2 %/h", "plant.unit.u1.commitment.min_up": "4 h"}
    found = dispatch(small(tmp_path, ramps))
    assert 0.0 <= found.gap <= 1e-6
    assert found.objective <= found.bound * (1 + 1e-9)
