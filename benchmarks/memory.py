"""Measure memory and time of an ensemble as the number of futures grows.

``python -m benchmarks.memory [--case DIR] [--workers W] [N ...]`` runs `simulate` and the writing
of its netCDF group for each N in a process of its own, and adds its lines to
``build/bench.json``. Memory is the greatest resident set of that process and, where there are
workers, as much again for each as the greatest of them had: an upper bound, since not all peak
at once.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from baseload.case.load import load
from baseload.plan.ensemble.run import simulate
from baseload.plan.ensemble.store import write_group
from benchmarks.run import TARGET, Line, report

FUTURES = (100, 1_000, 10_000)
LIMIT = 1536.0
"""Memory that an ensemble of any size may take [MiB]."""


def measured(case: Path, scenarios: int, workers: int) -> dict[str, float]:
    """Return seconds and memory [MiB] of an ensemble made by this process."""
    loaded = load(case)
    with tempfile.TemporaryDirectory() as room:
        began = time.perf_counter()
        ensemble = simulate(
            loaded, scenarios=scenarios, workers=workers, folder=Path(room) / "futures"
        )
        simulated = time.perf_counter() - began
        write_group(ensemble, Path(room) / "results.nc")
        written = time.perf_counter() - began - simulated
        size = (Path(room) / "results.nc").stat().st_size
    return {
        "simulate": simulated,
        "write": written,
        "memory": _peak(resource.RUSAGE_SELF)
        + (workers if workers > 1 else 0) * _peak(resource.RUSAGE_CHILDREN),
        "file": size / 2**20,
    }


def _peak(who: int) -> float:
    """Return the greatest resident set of a process, or of any child that has ended [MiB]."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(who).ru_maxrss * unit / 2**20


def in_a_process(case: Path, scenarios: int, workers: int) -> dict[str, float]:
    """Measure in a fresh process, so that no peak is left from another measurement."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", "--case", str(case), "--workers",
         str(workers), "--alone", str(scenarios)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def lines_of(found: dict[int, dict[str, float]], workers: int) -> list[Line]:
    """Return the figures of every number of futures, each against the smallest."""
    least = min(found)
    lines = []
    for scenarios, figures in found.items():
        name = f"ensemble of {scenarios:,} futures, {workers} workers"
        each = figures["simulate"] / scenarios
        first = found[least]["simulate"] / least
        lines += [
            Line(f"{name}, memory", figures["memory"], "MiB", figures["memory"] / LIMIT,
                 f"{LIMIT:,.0f} MiB"),
            Line(f"{name}, time", figures["simulate"], "s",
                 figures["simulate"] / found[least]["simulate"], f"{least:,} futures"),
            Line(f"{name}, time of a future", each * 1e3, "ms", each / first, f"{least:,} futures"),
            Line(f"{name}, writing", figures["write"], "s", figures["write"] / figures["simulate"],
                 "simulating"),
            Line(f"{name}, file", figures["file"], "MiB", figures["file"] / found[least]["file"],
                 f"{least:,} futures"),
        ]  # fmt: skip
    return lines


def main() -> int:
    """Measure each number of futures, print the table and add it to the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("futures", nargs="*", type=int, default=list(FUTURES))
    parser.add_argument("--case", type=Path, default=Path("cases/zaporizhzhia"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--alone", action="store_true", help="measure in this process")
    asked = parser.parse_args()
    if asked.alone:
        print(json.dumps(measured(asked.case, asked.futures[0], asked.workers)))
        return 0
    found = {n: in_a_process(asked.case, n, asked.workers) for n in sorted(asked.futures)}
    lines = lines_of(found, asked.workers)
    report(lines)
    TARGET.parent.mkdir(exist_ok=True)
    table = json.loads(TARGET.read_text(encoding="utf-8")) if TARGET.exists() else {}
    for line in lines:
        table[line.name] = {
            "value": line.value, "unit": line.unit, "ratio": line.ratio, "against": line.against,
        }  # fmt: skip
    TARGET.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    print(f"added to {TARGET}")
    return 0 if all(f["memory"] <= LIMIT for f in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
