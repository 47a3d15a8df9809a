"""Every hour of the first futures of an ensemble, for those who want to look into them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError
from baseload.plan.ensemble.result import SCENARIO, Ensemble

KEPT = 2
"""Futures of which every hour is kept."""


def write_hourly(ensemble: Ensemble, path: Path, factory: Callable[..., Any] | None = None) -> None:
    """Write every hour of the first futures to a netCDF file.

    Parameters
    ----------
    ensemble : whose futures; they are computed again.
    path : file, with one group for each alternative: power [MW] by scenario, use and time.
    factory : as for `baseload.plan.ensemble.run.simulate`.

    Raises
    ------
    InputError
        The simulation sums up without hourly output.
    """
    import xarray as xr

    simulation = (factory or _simulator())(
        ensemble.case, ensemble.alternatives, ensemble.seed, ensemble.scenarios
    )
    if not hasattr(simulation, "hourly"):
        raise InputError(
            "--keep hourly",
            expected="a simulation that can show the hours of a future",
            found="one that gives sums by year only",
            mend="leave --keep out",
        )
    futures = range(min(KEPT, ensemble.scenarios))
    times = ensemble.case.clock.utc.astype("datetime64[ns]")
    for alternative in ensemble.alternatives:
        uses, power = _stacked([simulation.hourly(i, alternative) for i in futures], len(times))
        dims = (SCENARIO, "use", "time")
        about = {"units": "MW", "long_name": "power at the busbar, mean of the step"}
        xr.Dataset(
            {"power": (dims, power, about)},
            {SCENARIO: list(futures), "use": uses, "time": ("time", times, {"zone": "UTC"})},
        ).to_netcdf(
            os.fspath(path),
            mode="a",
            group=alternative,
            engine="h5netcdf",
            encoding={"power": {"zlib": True, "complevel": 1, "chunksizes": (1, 1, len(times))}},
        )


def _stacked(
    each: list[Mapping[str, NDArray[np.float64]]], steps: int
) -> tuple[list[str], NDArray[np.float64]]:
    """Return the names of all uses, and their power in each future; 0 where it has none."""
    uses = list(dict.fromkeys(name for found in each for name in found))
    power = np.zeros((len(each), len(uses), steps))
    for i, found in enumerate(each):
        for k, name in enumerate(uses):
            power[i, k] = found.get(name, 0.0)
    return uses, power


def _simulator() -> Callable[..., Any]:
    from baseload.plan.ensemble.simulator import Simulator

    return Simulator
