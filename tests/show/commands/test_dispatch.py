import io

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from baseload.case.errors import InputError
from baseload.show.commands.dispatch import _check_format, _encoded

DATASET = xr.Dataset(
    {
        "generation": (("unit", "time"), np.array([[1.0, 2.0], [3.0, 4.0]]), {"units": "MW"}),
        "price": (("time",), np.array([90.0, 91.0]), {"units": "USD/MWh"}),
        "shares": (("unit",), np.array([0.5, 0.5]), {"units": "1"}),
    },
    coords={"unit": ["U1", "U2"], "time": np.array(["2030-01-01T00", "2030-01-01T01"], "M8[ns]")},
)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_has_one_column_for_each_name(suffix):
    stream = io.BytesIO(_encoded(DATASET, suffix))
    table = pd.read_csv(stream) if suffix == ".csv" else pd.read_parquet(stream).reset_index()
    columns = ["time", "generation U1 [MW]", "generation U2 [MW]", "price [USD/MWh]"]
    assert list(table.columns) == columns
    assert table["generation U2 [MW]"].tolist() == [3.0, 4.0]


def test_a_netcdf_file_keeps_every_variable():
    with xr.open_dataset(io.BytesIO(_encoded(DATASET, ".nc")), engine="h5netcdf") as found:
        assert found.identical(DATASET)


def test_a_file_of_another_format_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match=r"expected a file ending in \.nc, \.parquet, \.csv"):
        _check_format(tmp_path / "out.xlsx")
    with pytest.raises(InputError, match="make the folder first"):
        _check_format(tmp_path / "missing" / "out.nc")
