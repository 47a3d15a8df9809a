"""Make bitcoin.csv: hourly network, price and fees from difficulty.csv and months.csv.

Run ``python make_bitcoin.py`` in this folder. Nothing is drawn by chance: the network is what
the real difficulty implies, price and fees are the figures of the month.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
ZONE = ZoneInfo("America/New_York")
START = dt.datetime(2023, 3, 1, tzinfo=ZONE)
END = dt.datetime(2024, 10, 1, tzinfo=ZONE)

# Mean interval of blocks from the start to the halving, as case.toml has it. Blocks came faster
# than 600 s because the network grew; with this interval the halving falls on its real day.
BLOCK_TIME = 586.81  # [s]


def difficulty(bits: str) -> float:
    """Difficulty [-] of a compact target, exact before the one division.

    Parameters
    ----------
    bits : eight hexadecimal digits, exponent and mantissa of the target.
    """
    exponent, mantissa = int(bits[:2], 16), int(bits[2:], 16)
    return (0xFFFF << 8 * (0x1D - 3)) / (mantissa << 8 * (exponent - 3))


def epochs() -> list[tuple[dt.datetime, float]]:
    """Return first time and difficulty of every epoch of difficulty.csv."""
    with (HERE / "difficulty.csv").open(encoding="utf-8") as file:
        return [
            (dt.datetime.fromisoformat(row["time_utc"]), difficulty(row["nbits"]))
            for row in csv.DictReader(file)
        ]


def months() -> dict[str, tuple[str, str]]:
    """Return price [USD/BTC] and fee share [-] of every month of months.csv, as written."""
    with (HERE / "months.csv").open(encoding="utf-8") as file:
        return {row["month"]: (row["price_usd"], row["fee_share"]) for row in csv.DictReader(file)}


def hour_mean(hour: dt.datetime, path: list[tuple[dt.datetime, float]]) -> float:
    """Mean difficulty of the hour [-]; the hour of a retarget is weighed by its parts.

    The mean is harmonic, because expected coins go with the inverse of difficulty.
    """
    end = hour + dt.timedelta(hours=1)
    inverse = 0.0
    ends = [time for time, _ in path[1:]] + [dt.datetime.max.replace(tzinfo=dt.UTC)]
    for (since, level), until in zip(path, ends, strict=True):
        part = (min(until, end) - max(since, hour)) / dt.timedelta(hours=1)
        inverse += max(part, 0.0) / level
    return 1.0 / inverse


def table() -> str:
    """Return the whole file as text."""
    path, figures = epochs(), months()
    lines = ["time,network [TH/s],price [USD/BTC],fee_share [1]\n"]
    hour, last = START.astimezone(dt.UTC), END.astimezone(dt.UTC)
    while hour < last:
        network = hour_mean(hour, path) * 2**32 / BLOCK_TIME / 1e12
        price, fee_share = figures[f"{hour.astimezone(ZONE):%Y-%m}"]
        lines.append(f"{hour:%Y-%m-%dT%H:%MZ},{network:.0f},{price},{fee_share}\n")
        hour += dt.timedelta(hours=1)
    return "".join(lines)


if __name__ == "__main__":
    (HERE / "bitcoin.csv").write_text(table(), encoding="utf-8", newline="\n")
