import numpy as np
import pytest
import xarray as xr
from tests.plan.ensemble.counting import CountingSimulator
from tests.show.sample import write_case

from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.plan.ensemble.hourly import KEPT, write_hourly
from baseload.plan.ensemble.run import simulate


class HourlySimulator(CountingSimulator):
    def hourly(self, scenario, alternative):
        power = np.full(1461, scenario + len(alternative) / 100)
        # A mine that is built in one future and not in another.
        return {"market north": power, **({"mine onsite": 2 * power} if scenario else {})}


@pytest.fixture
def ensemble(tmp_path):
    case = load(write_case(tmp_path / "case"))
    return simulate(case, scenarios=5, factory=CountingSimulator)


def test_every_hour_of_the_first_futures_is_written_by_alternative(ensemble, tmp_path):
    path = tmp_path / "hourly.nc"
    write_hourly(ensemble, path, HourlySimulator)
    for alternative in ensemble.alternatives:
        with xr.open_dataset(path, engine="h5netcdf", group=alternative) as found:
            assert found["power"].dims == ("scenario", "use", "time")
            assert found["power"].attrs["units"] == "MW"
            level = len(alternative) / 100
            assert KEPT == 2
            assert found["power"].sel(use="market north")[:, 0].values.tolist() == [
                level,
                1 + level,
            ]
            assert found["power"].sel(use="mine onsite")[:, 9].values.tolist() == [
                0.0,
                2 * (1 + level),
            ]
            # The sample case starts on a midnight in Kyiv, two hours before that in UTC.
            assert found["time"].values[0] == np.datetime64("2026-12-31T22")


def test_a_simulation_that_only_sums_says_so(ensemble, tmp_path):
    with pytest.raises(InputError, match="leave --keep out"):
        write_hourly(ensemble, tmp_path / "hourly.nc", CountingSimulator)
    assert not (tmp_path / "hourly.nc").exists()
