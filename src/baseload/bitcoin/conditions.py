"""What heat, height, age and failure do to machines, and what cooling them takes.

Figures without a public measurement are assumptions. They say so, carry a range, and are
meant to be replaced by a case's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from baseload.case.errors import InputError

Cooling = Literal["air", "hydro", "immersion"]


@dataclass(frozen=True)
class Figure:
    """A number that is not certain, with its range and where it comes from.

    Parameters
    ----------
    low, base, high : its range and the value to use where nothing better is known.
    unit : its unit.
    status : ``reported``, ``claimed`` (by a vendor) or ``assumed``.
    source : where it comes from.
    """

    low: float
    base: float
    high: float
    unit: str
    status: Literal["reported", "claimed", "assumed"]
    source: str


PUE: Final[dict[Cooling, Figure]] = {
    "air": Figure(
        1.01,
        1.05,
        1.10,
        "-",
        "assumed",
        "base as in M15; containers in cold air 1.003 to 1.005 (uminers.com, 2026), optimised "
        "halls near 1.10 (d-central.tech, immersion-vs-air-cooling)",
    ),
    "hydro": Figure(1.03, 1.05, 1.10, "-", "claimed", "drolin-box.com, 2026-05-25: 1.05"),
    "immersion": Figure(
        1.01,
        1.03,
        1.10,
        "-",
        "claimed",
        "Green Revolution Cooling, a Texas mine, 2025 case study: 1.03 (d-central.tech, "
        "immersion-vs-air-cooling, which gives 1.03 to 1.10, two-phase 1.01 to 1.05)",
    ),
}
"""Energy at the meter of the mine per energy at the machines, by cooling."""

FAILURES_PER_YEAR: Final = Figure(
    0.03,
    0.05,
    0.10,
    "1/year",
    "reported",
    "S. Mow, cointelegraph.com 2020-04-26: about 5 % is usual, 20 to 30 % for the S17; about "
    "10 % for the S19 XP (Compass Mining, client Q&A 2023-04-25)",
)
"""Share of the machines that fails in a year."""

REPAIR_DAYS: Final = Figure(
    7.0, 30.0, 90.0, "d", "assumed", "assumption: 'many weeks' (distributedha.sh, 2022-11-01)"
)
"""Time for which a failed machine is away."""

SITE_UPTIME: Final = Figure(
    0.95, 0.98, 0.995, "-", "assumed", "assumption; curtailment is not counted here"
)
"""Share of the time in which site, network and pool let a sound machine hash."""

HASHRATE_LOSS_PER_YEAR: Final = Figure(
    0.0, 0.01, 0.03, "1/year", "assumed", "assumption; no public measurement was found"
)
"""Share of the hashrate that a machine loses in a year of running."""

EFFICIENCY_LOSS_PER_YEAR: Final = Figure(
    0.0, 0.01, 0.03, "1/year", "assumed", "assumption; no public measurement was found"
)
"""Share by which the energy per hash of a machine rises in a year of running."""

THROTTLE_ABOVE_C: Final = 40.0
SHUTDOWN_FROM_C: Final = 47.0
THROTTLED: Final = 440.0 / 490.0
"""Clock of an Antminer S21 above 40 °C inlet, over its default: 490 to 440 MHz."""

ALTITUDE_LIMIT_M: Final = 2000.0
"""Makers' limit for most machines of the generations since 2020 (distributedha.sh)."""

_TROPOPAUSE_M: Final = 11_000.0


def inlet_derate(temperature_c: ArrayLike) -> NDArray[np.float64]:
    """Give the share of its hashrate that an air-cooled machine reaches in warm air.

    Parameters
    ----------
    temperature_c : temperature of the air at the inlet [°C], any shape.

    Returns
    -------
    Share of the default hashrate [-], same shape: 1 up to 40 °C, 440/490 above, 0 from
    47 °C on. Hydro and immersion machines see their coolant and not the air.

    Raises
    ------
    InputError
        A temperature is not a number.

    Notes
    -----
    The steps are those of a bench test of the Antminer S21, which also started at -10 °C
    (hackernoon.com, "Antminer S21 review", 2024-03-11). Other machines are assumed alike.
    The nameplate holds at 25 °C; between there and 40 °C power rises at equal hashrate, by
    7 % over a summer's day on a T21 (guzmanpintos.com), which is left out here.
    """
    temperature = np.asarray(temperature_c, dtype=float)
    if np.isnan(temperature).any():
        raise InputError(
            "temperature_c",
            expected="temperatures in °C",
            found="a value that is not a number",
            mend="fill the gap in the series",
        )
    throttled = np.where(temperature > THROTTLE_ABOVE_C, THROTTLED, 1.0)
    return np.where(temperature >= SHUTDOWN_FROM_C, 0.0, throttled)


def altitude_derate(altitude_m: ArrayLike) -> NDArray[np.float64]:
    """Give the share of its power that an air-cooled machine may draw high up.

    Parameters
    ----------
    altitude_m : height above the sea [m], up to 11,000, any shape.

    Returns
    -------
    Share of the default power [-], same shape: 1 up to 2,000 m, above it the density of
    air over that at 2,000 m.

    Raises
    ------
    InputError
        A height lies above the troposphere or is not a number.

    Notes
    -----
    Assumption: makers give a limit of 2,000 m and no figure beyond it; the heat that a fan
    carries off at a given rise of temperature follows the density of the air. Density is
    that of the standard atmosphere, (1 - 2.25577e-5 z)^4.25588 (ICAO Doc 7488).
    """
    altitude = np.asarray(altitude_m, dtype=float)
    if not np.all(altitude <= _TROPOPAUSE_M):
        raise InputError(
            "altitude_m",
            expected=f"a height up to {_TROPOPAUSE_M:,.0f} m",
            found=f"{altitude.max():g} m",
            mend="give metres above the sea",
        )
    high = np.maximum(altitude, ALTITUDE_LIMIT_M)
    return np.asarray(_air_density(high) / _air_density(np.asarray(ALTITUDE_LIMIT_M)))


def _air_density(altitude_m: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((1 - 2.25577e-5 * altitude_m) ** 4.25588)


def aged(
    hashrate_ths: float,
    efficiency_jth: float,
    years: float,
    hashrate_loss: float = HASHRATE_LOSS_PER_YEAR.base,
    efficiency_loss: float = EFFICIENCY_LOSS_PER_YEAR.base,
) -> tuple[float, float]:
    """Age a machine.

    Parameters
    ----------
    hashrate_ths, efficiency_jth : the machine when new [TH/s], [J/TH].
    years : years of running [a].
    hashrate_loss : share of the hashrate lost per year, an assumption by default [1/a].
    efficiency_loss : share by which energy per hash rises per year, likewise [1/a].

    Returns
    -------
    Hashrate [TH/s] and energy per hash [J/TH] at that age, both changed at a compound rate.
    """
    return (
        hashrate_ths * (1 - hashrate_loss) ** years,
        efficiency_jth * (1 + efficiency_loss) ** years,
    )


def availability(
    failures_per_year: float = FAILURES_PER_YEAR.base,
    repair_days: float = REPAIR_DAYS.base,
    site_uptime: float = SITE_UPTIME.base,
) -> float:
    """Give the share of a fleet that hashes at any time, curtailment apart.

    Parameters
    ----------
    failures_per_year : failures per machine and year of running [1/a].
    repair_days : days for which a failed machine is away [d].
    site_uptime : share of the time in which site, network and pool are up [-].

    Returns
    -------
    Availability [-]: in the steady state of a renewal process, site_uptime * up / (up + down)
    with a mean time between failures of 1 / failures_per_year.
    """
    down_years = repair_days / 365.25
    return site_uptime / (1 + failures_per_year * down_years)
