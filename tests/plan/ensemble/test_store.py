import dataclasses

import numpy as np
import pytest
import xarray as xr
from tests.plan.ensemble.counting import CountingSimulator, expected
from tests.show.sample import write_case

from baseload.case.load import load
from baseload.plan.cash.accounts import Account
from baseload.plan.ensemble.result import VARIABLES
from baseload.plan.ensemble.run import simulate
from baseload.plan.ensemble.store import small_of, write_group

FUTURES = 30


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return load(write_case(tmp_path_factory.mktemp("sample") / "case"))


@pytest.fixture(scope="module")
def ensemble(case):
    return simulate(case, scenarios=FUTURES, seed=2, chunk=7, factory=CountingSimulator)


@pytest.mark.parametrize("name", [n for n, v in VARIABLES.items() if "year" in v.dims])
def test_variables_by_year_are_read_back_across_chunks(ensemble, name):
    whole = expected(name, 2, 0, FUTURES, seed=2)
    if "account" in VARIABLES[name].dims:
        place = (list(Account).index(Account.TAX), 1)
        found = ensemble.of(name, "pilot", Account.TAX.value)
    elif "alternative" in VARIABLES[name].dims:
        place, found = (1,), ensemble.of(name, "pilot")
    else:
        place, found = (), ensemble.of(name)
    np.testing.assert_array_equal(found, whole[place])


def test_variables_without_a_year_are_in_memory(ensemble):
    np.testing.assert_array_equal(
        ensemble.of("mine_value"), expected("mine_value", 2, 0, FUTURES, seed=2)
    )
    np.testing.assert_array_equal(
        ensemble.of("unknown_level"), expected("unknown_level", 2, 0, FUTURES, seed=2)
    )


@pytest.mark.parametrize(
    ("name", "alternative", "account", "told"),
    [
        ("coins", None, None, "read by alternative"),
        ("coins", "nowhere", None, "not 'nowhere'"),
        ("cash", "pilot", None, "read by account"),
        ("coins", "pilot", "tax", "no dimension account"),
        ("hashprice", "pilot", None, "no dimension alternative"),
    ],
)
def test_a_place_that_does_not_exist_is_refused(ensemble, name, alternative, account, told):
    with pytest.raises(ValueError, match=told):
        ensemble.of(name, alternative, account)


def test_the_group_holds_every_variable_with_its_labels_and_units(ensemble, tmp_path):
    path = tmp_path / "results.nc"
    write_group(ensemble, path)
    with xr.open_dataset(path, group="futures") as found:
        assert set(found.data_vars) == set(VARIABLES)
        for name, variable in VARIABLES.items():
            assert found[name].dims == variable.dims
            assert found[name].attrs["units"] == variable.units
            np.testing.assert_array_equal(found[name].values, expected(name, 2, 0, FUTURES, seed=2))
        one = found["cash"].sel(alternative="pilot", account="tax", scenario=11, year=2029)
        assert float(one) == expected("cash", 2, 11, 12, 2)[list(Account).index("tax"), 1, 0, 2]
        assert found.attrs["seed"] == 2


def test_the_group_stands_beside_base_values_and_takes_nothing_from_them(ensemble, tmp_path):
    path = tmp_path / "results.nc"
    base = xr.Dataset(
        {"npv": (("alternative", "year"), np.arange(4.0).reshape(2, 2))},
        coords={"alternative": ["a", "b"], "year": [1, 2]},
    )
    base.to_netcdf(path, engine="h5netcdf")
    write_group(ensemble, path)
    with xr.open_dataset(path, engine="h5netcdf") as found:
        assert found.identical(base)
    with xr.open_dataset(path, engine="h5netcdf", group="futures") as found:
        assert found["alternative"].values.tolist() == ["status-quo", "pilot"]


def test_the_bytes_depend_on_the_values_alone(case, ensemble, tmp_path):
    again = simulate(case, scenarios=FUTURES, seed=2, chunk=11, factory=CountingSimulator)
    write_group(ensemble, tmp_path / "one")
    write_group(again, tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_dimension_without_labels_is_left_out(ensemble, tmp_path):
    small = {**ensemble.small, "gate_open": np.zeros((0, FUTURES))}
    write_group(dataclasses.replace(ensemble, gates=(), small=small), tmp_path / "results.nc")
    with xr.open_dataset(tmp_path / "results.nc", group="futures") as found:
        assert set(VARIABLES) - set(found.data_vars) == {"gate_open"}


def test_futures_that_are_missing_are_noticed():
    with pytest.raises(RuntimeError, match="future 0 is missing"):
        small_of(iter(()), 5, 1)
