"""Write the series of the case folder ``w1``: workload W1, number for number.

Run as ``python -m benchmarks.cases.make_w1`` from the root of the project.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks import workloads

FOLDER = Path(__file__).parent / "w1"
HEADER = "time,price [USD/MWh],hashprice [USD/PH/day]," + ",".join(
    f"u{unit} [1]" for unit in range(1, workloads.UNITS + 1)
)


def rows() -> str:
    """Return the file; ``repr`` keeps every bit of a float."""
    work = workloads.w1()
    times = np.datetime64("2027-01-01T00:00", "h") + np.arange(work.T)
    lines = [HEADER]
    for t, time in enumerate(times):
        values = [work.price[t], work.hashprice[t], *work.available[:, t]]
        lines.append(f"{time}:00Z," + ",".join(f"{float(value)!r}" for value in values))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (FOLDER / "series.csv").write_text(rows(), encoding="utf-8")
