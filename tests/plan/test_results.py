from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.plan.small_cases import studied

from baseload.plan.outcome import FLOWS
from baseload.plan.results import cash, to_dataset, violations
from baseload.plan.study import study


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return study(studied(tmp_path_factory.mktemp("studied")))


@pytest.fixture(scope="module")
def dataset(found):
    return to_dataset(found)


def test_every_variable_carries_its_unit(dataset):
    units = {name: variable.attrs["units"] for name, variable in dataset.data_vars.items()}
    assert all(units.values())
    assert {units[flow] for flow in FLOWS} == {"MWh"}
    assert (units["npv"], units["irr"], units["coins"]) == ("USD", "1/year", "BTC")
    assert (units["hashprice"], units["mine_power"]) == ("USD/PH/day", "MW")


def test_outcomes_are_found_by_their_names(found, dataset):
    opened = found.outcomes["large"]["opened"]
    picked = dataset.sel(alternative="large", world="opened")
    assert_allclose(picked["mined"].sel(year=[2028, 2029]), opened.energy["mined"])
    assert picked["npv"].item() == opened.metrics.npv
    assert picked["mine_power"].sel(mine="pilot").item() == 300.0
    march = picked["monthly_mined"].sel(month="2028-03").item()
    assert march == pytest.approx(31 * 24 * 300.0)


def test_what_does_not_exist_is_nan(dataset):
    assert np.isnan(dataset["irr"].sel(alternative="status-quo", world="opened"))
    assert np.isfinite(dataset["npv"]).all()


def test_the_dataset_survives_a_file(dataset, tmp_path):
    import xarray as xr

    dataset.to_netcdf(tmp_path / "results.nc", engine="h5netcdf")
    xr.testing.assert_identical(xr.load_dataset(tmp_path / "results.nc").load(), dataset)


def test_cash_holds_every_row_of_every_ledger(found):
    frame = cash(found)
    sums = frame.groupby(["alternative", "world"], observed=True)["amount_usd"].sum()
    for name, worlds in found.outcomes.items():
        for world, one in worlds.items():
            assert sums[(name, world)] == pytest.approx(one.ledger.total())
    assert list(frame.columns[:2]) == ["alternative", "world"]


def test_a_sound_study_violates_nothing(found):
    assert violations(found) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"house_unserved": 1234.0}, "pilot, gates open: 1,234 MWh of house load not served"),
        ({"balance_open": 1e-6}, "pilot, gates open: energy is out of balance by 1.0e-06"),
        ({"unsettled": 0.01}, "pilot, gates open: the network has not settled (1.0e-02)"),
    ],
)
def test_what_must_not_be_overlooked_is_named(found, change, said):
    worlds = found.outcomes["pilot"]
    broken = worlds | {"opened": dataclasses.replace(worlds["opened"], **change)}
    odd = dataclasses.replace(found, outcomes=found.outcomes | {"pilot": broken})
    assert violations(odd) == [said]
