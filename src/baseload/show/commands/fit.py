"""``baseload fit``: parameters of the drivers of futures, from a history."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baseload.case.errors import InputError
from baseload.show.commands.arguments import AsJson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from baseload.plan.futures.fits import Fit

    Floats = NDArray[np.float64]
    Seconds = NDArray[np.int64]

HOUR, DAY = 3600, 86_400


class What(StrEnum):
    """Drivers that can be fitted."""

    BITCOIN_PRICE = "bitcoin-price"
    POWER_PRICE = "power-price"


def command(
    what: Annotated[What, typer.Argument(help="What the history is of.", show_default=False)],
    history: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE#COLUMN...",
            help="Column of a CSV or Parquet file whose first column is the time; several are "
            "read one after another. Daily prices of a bitcoin, hourly prices of power.",
            show_default=False,
        ),
    ],
    time_zone: Annotated[
        str, typer.Option(help="Zone of the market, for times with an offset from UTC.")
    ] = "UTC",
    area: Annotated[str, typer.Option(help="Area of the case that power prices are of.")] = "area",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the simulated paths.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(help="Picture to draw of the fit, .svg or .png.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fit models of futures to a history, and compare simulated paths with it."""
    if out is not None:
        from baseload.show.picture_file import check_picture

        check_picture(out)
    step = DAY if what is What.BITCOIN_PRICE else HOUR
    seconds, values = read_history(history, step, time_zone)
    if what is What.BITCOIN_PRICE:
        fits = _bitcoin(values, history[0], seed)
    else:
        fits = [_power(seconds, values, area, seed)]
    if out is not None:
        from baseload.show.fit_plots import draw
        from baseload.show.picture_file import save_chart

        save_chart(draw(fits), out)
    if as_json:
        from baseload.show.terminal import print_json

        print_json([_as_json(fit) for fit in fits])
        return
    print("\n\n".join(str(fit) for fit in fits))


def _bitcoin(prices: Floats, name: str, seed: int) -> list[Fit]:
    from baseload.plan.futures.fit_bitcoin import (
        fit_bootstrap,
        fit_jump_diffusion,
        fit_stochastic_volatility,
    )

    return [
        fit_jump_diffusion(prices, seed),
        fit_stochastic_volatility(prices, seed),
        fit_bootstrap(prices, Path(name).name, seed=seed),
    ]


def _power(seconds: Seconds, prices: Floats, area: str, seed: int) -> Fit:
    from baseload.plan.futures.fit_power import fit_power_price

    times = seconds.astype("datetime64[s]")
    month = times.astype("datetime64[M]").astype("int64") % 12
    # 1 January 1970 was a Thursday, the fourth day of the week.
    weekday = (seconds // DAY + 3) % 7
    return fit_power_price(prices, month, weekday, seconds % DAY // HOUR, area, seed)


def read_history(names: Sequence[str], step: int, time_zone: str) -> tuple[Seconds, Floats]:
    """Read columns of files, one after another, onto one regular grid.

    Parameters
    ----------
    names : each as ``file.csv#column``.
    step : length of a step [s].
    time_zone : zone that times with an offset are turned to; others are taken as local.

    Returns
    -------
    Local time of each step [s since 1970] and its value, NaN where the files have none. Where
    a clock is set back the mean of the two hours stands for both.

    Raises
    ------
    InputError
        A file that cannot be read, or times off the grid.
    """
    import numpy as np

    parts = [_column(name, time_zone) for name in names]
    seconds = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts])
    places = (seconds - seconds.min()) // step
    off = np.flatnonzero((seconds - seconds.min()) % step)
    if len(off):
        raise InputError(
            names[0],
            expected=f"times that are whole steps of {step // HOUR} h apart",
            found=f"{np.datetime64(int(seconds[off[0]]), 's')}",
            mend="give daily prices of a bitcoin, or hourly prices of power",
        )
    known = ~np.isnan(values)
    length = int(places.max()) + 1
    counts = np.bincount(places[known], minlength=length)
    sums = np.bincount(places[known], weights=values[known], minlength=length)
    grid = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return seconds.min() + step * np.arange(length, dtype=np.int64), grid


def _column(name: str, time_zone: str) -> tuple[Seconds, Floats]:
    """Local times and values of one column."""
    from baseload.case.columns import read_column
    from baseload.case.quantity import SeriesName
    from baseload.case.zones import changes, zone

    file, mark, column = name.partition("#")
    if not mark or not Path(file).is_file():
        raise InputError(
            name,
            expected="a file that exists and its column, as file.csv#column",
            found=f"no file {file}" if mark else "no column",
            mend="write for example prices.csv#price",
        )
    content = _with_times(Path(file).read_bytes()) if file.endswith(".csv") else None
    read = read_column(
        content or Path(file).read_bytes(), SeriesName(file, column, "1"), name, file
    )
    if not read.aware:
        return read.seconds, read.values
    here = zone(time_zone, "--time-zone")
    span = changes(here, int(read.seconds.min()), int(read.seconds.max()))
    return read.seconds + span.offsets(read.seconds), read.values


def _with_times(content: bytes) -> bytes:
    """Write times that are seconds since 1970 as ISO 8601, as the strict reader wants them."""
    import re
    from datetime import UTC, datetime

    def written(match: re.Match[bytes]) -> bytes:
        return datetime.fromtimestamp(int(match[1]), UTC).strftime("%Y-%m-%dT%H:%MZ").encode()

    return re.sub(rb"(?m)^(\d{9,10})(?=,)", written, content)


def _as_json(fit: Fit) -> dict[str, Any]:
    statistics = {
        label: dict(zip(("data", "low", "median", "high"), values, strict=True))
        for label, values in fit.compared().items()
    }
    return {
        "table": fit.table,
        "model": fit.model,
        "parameters": dict(fit.parameters),
        "unit": fit.unit,
        "statistics": statistics,
    }
