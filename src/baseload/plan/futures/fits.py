"""How well a driver fits the past: the same statistics of the data and of simulated paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CHANCES = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
"""Chances of the quantiles that are compared [-]."""

_BAND = (5, 95)


@dataclass(frozen=True)
class Profile:
    """Statistics of one series.

    Parameters
    ----------
    mean, deviation : in the unit of the series.
    skewness, kurtosis : third and fourth moment of the standardised series [-]; 0 and 3 if normal.
    lags : steps between two values whose correlation is taken.
    correlation, of_squares : of values and of squared deviations from the mean, by lag [-].
    quantiles : by `CHANCES`, in the unit of the series.
    negative : share of values below zero [-].
    """

    mean: float
    deviation: float
    skewness: float
    kurtosis: float
    lags: tuple[int, ...]
    correlation: tuple[float, ...]
    of_squares: tuple[float, ...]
    quantiles: tuple[float, ...]
    negative: float

    def rows(self) -> dict[str, float]:
        """Statistics by label."""
        return {
            "mean": self.mean,
            "deviation": self.deviation,
            "skewness": self.skewness,
            "kurtosis": self.kurtosis,
            **{
                f"correlation, lag {lag}": value
                for lag, value in zip(self.lags, self.correlation, strict=True)
            },
            **{
                f"correlation of squares, lag {lag}": value
                for lag, value in zip(self.lags, self.of_squares, strict=True)
            },
            **{
                f"quantile {100 * chance:g} %": value
                for chance, value in zip(CHANCES, self.quantiles, strict=True)
            },
            "share below zero": self.negative,
        }


def profile(values: Floats, lags: Sequence[int]) -> Profile:
    """Return the statistics of a series.

    Parameters
    ----------
    values : shape (T,); NaN where there is none, which is left out.
    lags : steps between two values whose correlation is taken; each shorter than T.
    """
    known = values[~np.isnan(values)]
    centred = values - known.mean()
    deviation = float(known.std())
    standard = (known - known.mean()) / deviation if deviation > 0 else np.zeros_like(known)
    return Profile(
        mean=float(known.mean()),
        deviation=deviation,
        skewness=float(np.mean(standard**3)),
        kurtosis=float(np.mean(standard**4)),
        lags=tuple(lags),
        correlation=tuple(correlation(centred, lag) for lag in lags),
        of_squares=tuple(correlation(centred**2, lag) for lag in lags),
        quantiles=tuple(float(q) for q in np.quantile(known, CHANCES)),
        negative=float(np.mean(known < 0)),
    )


def correlation(values: Floats, lag: int) -> float:
    """Return the correlation of a series with itself some steps later [-].

    Parameters
    ----------
    values : shape (T,); pairs with a NaN are left out.
    lag : steps, from 1 upwards and below T.
    """
    centred = values - np.nanmean(values)
    variance = np.nanmean(centred**2)
    return float(np.nanmean(centred[:-lag] * centred[lag:]) / variance) if variance > 0 else 0.0


@dataclass(frozen=True)
class Fit:
    """Parameters of a driver fitted to a history, and how paths drawn with them compare.

    Parameters
    ----------
    table : of futures.toml, such as ``futures.bitcoin_price``.
    model : name of the driver's model.
    parameters : by key of the table, written as they are in a case.
    unit : of what is compared.
    data : statistics of the history.
    drawn : statistics of each simulated path, as long as the history.
    """

    table: str
    model: str
    parameters: Mapping[str, str | float]
    unit: str
    data: Profile
    drawn: tuple[Profile, ...]

    @property
    def toml(self) -> str:
        """The table as it can be written into futures.toml."""
        lines = [f"[{self.table}]", f'model = "{self.model}"']
        for key, value in self.parameters.items():
            written = f'"{value}"' if isinstance(value, str) else f"{value:.4g}"
            lines.append(f"{key} = {written}")
        return "\n".join(lines)

    def compared(self) -> dict[str, tuple[float, float, float, float]]:
        """Each statistic: of the data; of the paths 5 %, median and 95 %."""
        drawn = [path.rows() for path in self.drawn]
        return {
            label: (value, *_band([rows[label] for rows in drawn]))
            for label, value in self.data.rows().items()
        }

    def __str__(self) -> str:
        """Return the parameters and the comparison as a table."""
        header = f"{self.unit:32s}{'data':>11s}{'5 %':>11s}{'model':>11s}{'95 %':>11s}"
        rows = [
            f"{label:32s}" + "".join(f"{value:11.4g}" for value in values) + _marked(values)
            for label, values in self.compared().items()
        ]
        note = f"({len(self.drawn)} paths as long as the history; * data outside 5 % to 95 %)"
        return "\n".join((self.toml, "", header, *rows, note))


def _band(values: list[float]) -> tuple[float, float, float]:
    low, middle, high = np.percentile(values, (_BAND[0], 50, _BAND[1]))
    return float(low), float(middle), float(high)


def _marked(values: tuple[float, float, float, float]) -> str:
    return "" if values[1] <= values[0] <= values[3] else " *"


def quantity(value: float, unit: str) -> str:
    """Write a fitted value and its unit as in a case, with four digits.

    Examples
    --------
    >>> quantity(17532.0, "h"), quantity(0.51234, "1/year")
    ('17530 h', '0.5123 1/year')
    """
    return f"{float(f'{value:.4g}'):g} {unit}"


def profiles(paths: Iterable[Floats], lags: Sequence[int]) -> tuple[Profile, ...]:
    """Return the statistics of each path."""
    return tuple(profile(path, lags) for path in paths)
