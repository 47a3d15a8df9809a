"""Make prices.csv: ten years of synthetic hourly prices in two areas.

Run ``python make_prices.py`` in this folder. The series are invented; only their means
(M01, M07), the hours that are dear and the limits of the price (M02) are taken from sources.
Each is in the currency of its market, so that the exchange rate stays a value of the case.
The same seed and version of NumPy give the same file, byte for byte.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

SEED = 20260313
ZONE = ZoneInfo("Europe/Kyiv")
START = dt.datetime(2027, 1, 1, tzinfo=ZONE)
END = dt.datetime(2037, 1, 1, tzinfo=ZONE)

# Ukraine [UAH/MWh]: the year's mean of M01, 125 USD at 41.5 UAH; floor and evening limit of
# M02. Shape by local hour: the bands of M02 (cheap 00-07 and 11-17, dear 17-23) smoothed, their
# heights assumed.
UKRAINE_MEAN = 125.0 * 41.5
UKRAINE_LIMITS = (10.0, 15_000.0)
UKRAINE_HOURS = [
    0.86, 0.80, 0.77, 0.76, 0.77, 0.82, 0.92, 1.06, 1.12, 1.06, 0.96, 0.84,
    0.78, 0.76, 0.78, 0.86, 1.00, 1.22, 1.42, 1.50, 1.46, 1.32, 1.12, 0.98,
]  # fmt: skip
UKRAINE_SEASON = 0.14  # winter above the mean, summer below
UKRAINE_WEEKEND = 0.88
UKRAINE_NOISE = (0.16, 0.20)  # of a day, of an hour: standard deviation of the logarithm

# Russia, first price zone [RUB/MWh]: the middle of M07, 29 USD at 79 RUB; a flatter day. All of
# it from memory or assumed.
RUSSIA_MEAN = 29.0 * 79.0
RUSSIA_LIMITS = (0.0, 8_000.0)
RUSSIA_HOURS = [
    0.85, 0.85, 0.85, 0.85, 0.85, 0.85, 0.95, 1.03, 1.08, 1.10, 1.10, 1.09,
    1.08, 1.08, 1.08, 1.08, 1.08, 1.08, 1.08, 1.08, 1.04, 1.00, 0.94, 0.89,
]  # fmt: skip
RUSSIA_SEASON = 0.04
RUSSIA_WEEKEND = 0.94
RUSSIA_NOISE = (0.06, 0.05)


def local_times() -> list[dt.datetime]:
    """List every hour of the horizon, in local time; the clock changes as the zone's does."""
    first, last = START.astimezone(dt.UTC), END.astimezone(dt.UTC)
    hours = int((last - first) / dt.timedelta(hours=1))
    return [(first + dt.timedelta(hours=h)).astimezone(ZONE) for h in range(hours)]


def mean_reverting(
    random: np.random.Generator, steps: int, spread: float, persistence: float
) -> np.ndarray:
    """Draw a stationary series of order one.

    Parameters
    ----------
    random : source of chance.
    steps : length.
    spread : standard deviation of the series [-].
    persistence : correlation from one step to the next [-].
    """
    shocks = random.standard_normal(steps) * spread
    shocks[1:] *= np.sqrt(1 - persistence**2)
    series = np.empty(steps)
    level = 0.0
    for step, shock in enumerate(shocks):
        level = persistence * level + shock
        series[step] = level
    return series


def price(
    random: np.random.Generator,
    times: list[dt.datetime],
    mean: float,
    limits: tuple[float, float],
    hours: list[float],
    season: float,
    weekend: float,
    noise: tuple[float, float],
) -> np.ndarray:
    """Make one series of prices with a given mean, within limits, all in one unit.

    Season, local hour and weekend multiply; chance multiplies too, a part that lasts for days
    (0.85 from day to day) and a part that lasts for hours (0.7 from hour to hour).
    """
    day = np.array([t.toordinal() for t in times])
    day -= day[0]
    hour = np.array([t.hour for t in times])
    resting = np.array([t.weekday() >= 5 for t in times])
    phase = np.array([t.timetuple().tm_yday for t in times]) / 365.25
    of_day = mean_reverting(random, int(day[-1]) + 1, noise[0], 0.85)
    of_hour = mean_reverting(random, len(times), noise[1], 0.7)
    shape = (
        np.array(hours)[hour]
        * np.where(resting, weekend, 1.0)
        * (1 + season * np.cos(2 * np.pi * (phase - 15 / 365.25)))
        * np.exp(of_day[day] + of_hour)
    )
    level = mean / shape.mean()
    for _ in range(20):  # the limits shift the mean a little: find the level that keeps it
        level *= mean / np.clip(level * shape, *limits).mean()
    return np.clip(level * shape, *limits)


def table(seed: int = SEED) -> str:
    """Return the whole file as text: time in UTC and a column for each area."""
    random = np.random.Generator(np.random.PCG64(seed))
    times = local_times()
    ukraine = price(
        random, times, UKRAINE_MEAN, UKRAINE_LIMITS, UKRAINE_HOURS,
        UKRAINE_SEASON, UKRAINE_WEEKEND, UKRAINE_NOISE,
    )  # fmt: skip
    russia = price(
        random, times, RUSSIA_MEAN, RUSSIA_LIMITS, RUSSIA_HOURS,
        RUSSIA_SEASON, RUSSIA_WEEKEND, RUSSIA_NOISE,
    )  # fmt: skip
    rows = (
        f"{time.astimezone(dt.UTC):%Y-%m-%dT%H:%MZ},{u:.0f},{r:.0f}\n"
        for time, u, r in zip(times, ukraine, russia, strict=True)
    )
    return "time,ukraine [UAH/MWh],russia [RUB/MWh]\n" + "".join(rows)


if __name__ == "__main__":
    Path(__file__).with_name("prices.csv").write_text(table(), encoding="utf-8", newline="\n")
