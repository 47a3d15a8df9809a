"""Whole studies over futures: how many hours of scenarios in a second, and where the time goes.

A scenario-hour is an hour of one future, with all alternatives in it, each with its mine and, for
what the mine adds, in the same future without: draws, lay-out, dispatch hour by hour with own
hashes in the network, accounts, and the chunk on disk.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from baseload.case.case import Case
from baseload.case.load import load
from baseload.plan.ensemble import future as of_future
from baseload.plan.ensemble.future import Future
from baseload.plan.ensemble.run import simulate
from baseload.plan.ensemble.simulator import Simulator
from benchmarks import bandwidth

CASES = Path(__file__).resolve().parent.parent / "cases"
GOAL = 15.0
"""Scenario-hours in a second on two processes, as intended [M/s]."""
ALONE, RESULT = 60, 1000
"""Futures of the run in one process, and of a result."""

COLD = """
import sys, time
from pathlib import Path
from baseload.case.load import load
from baseload.plan.ensemble.run import simulate
if __name__ == "__main__":
    case = load(Path(sys.argv[1]))
    began = time.perf_counter()
    simulate(case, scenarios=1)
    print(time.perf_counter() - began)
"""


class Figure(NamedTuple):
    """One figure: a value with its unit, and its ratio against something."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    against: str | None = None


class Work(NamedTuple):
    """A study to measure: its name, its case and its alternatives."""

    name: str
    case: Case
    alternatives: tuple[str, ...]


def works() -> list[Work]:
    """Return the studies: a small plant, a large one with all its alternatives, and the worst.

    In the worst case every gate opens in every future, so that the mine always runs.
    """
    small, large = load(CASES / "nautilus"), load(CASES / "zaporizhzhia")
    opened = large.patched({"gate.*.probability": 1.0})
    return [
        Work("nautilus", small, tuple(small.alternatives)),
        Work("zaporizhzhia", large, tuple(large.alternatives)),
        Work("zaporizhzhia, one mine in every future", opened, ("onsite-1-n-1",)),
    ]


@contextmanager
def timed(parts: dict[str, float], places: dict[str, tuple[Any, str]]) -> Iterator[None]:
    """Add up the processor's time of some functions while the block runs.

    Parameters
    ----------
    parts : time by part [s]; grows.
    places : module or class, and name, of what each part calls.
    """
    known = {part: getattr(*place) for part, place in places.items()}

    def watched(part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*given: Any, **named: Any) -> Any:
            began = time.process_time()
            result = call(*given, **named)
            parts[part] = parts.get(part, 0.0) + time.process_time() - began
            return result

        return measured

    for part, (owner, name) in places.items():
        setattr(owner, name, watched(part, known[part]))
    try:
        yield
    finally:
        for part, (owner, name) in places.items():
            setattr(owner, name, known[part])


PARTS: dict[str, tuple[Any, str]] = {
    "draw": (Simulator, "future"),
    "layout, hourly draws with it": (of_future, "laid_out"),
    "hours": (of_future, "run_hours"),
    "cash": (of_future, "settled"),
    "yearly means of prices": (Simulator, "_write_future"),
    "write": (Simulator, "_write_choice"),
}


def held(future: Future) -> int:
    """Bytes of all arrays by hour that a future has drawn and laid out."""
    drawn, laid = future.drawn, future.laid
    arrays = [*drawn._rows.values(), *drawn._spells.values(), *drawn._units.values()]
    arrays += [shares.share for shares in laid.shares.values()]
    # Prices are drawn into the table that is laid out; it is not counted twice.
    return sum(array.nbytes for array in arrays)


def in_one_process(work: Work, gigabytes: float) -> list[Figure]:
    """Measure a run in this process, by part, and against the bandwidth of memory [GB/s]."""
    simulator = Simulator(work.case, work.alternatives, 0, ALONE)
    simulator.run(0, 2)
    hours = len(work.case.clock) * work.case.clock.step
    parts: dict[str, float] = {}
    began = time.process_time()
    with timed(parts, PARTS):
        simulator.run(0, ALONE)
    taken = (time.process_time() - began) / ALONE
    moved = 0
    for scenario in range(5):
        future = simulator.future(scenario)
        for choice in simulator.choices:
            future.outcomes(choice)
        moved += held(future)
    # What is drawn is written once and read once, at least.
    least = 2.0 * moved / 5 / (gigabytes * 1e9)
    rest = 1.0 - sum(parts.values()) / (taken * ALONE)
    return [
        Figure(f"{work.name}: 1 process", hours / taken / 1e6, "M scenario-hours/s",
               hours / taken / 1e6 / (GOAL / 2), "half the goal"),
        *(
            Figure(f"{work.name}: {part}", spent / ALONE * 1e3, "ms/future",
                   spent / ALONE / taken, "of the whole")
            for part, spent in parts.items()
        ),
        Figure(f"{work.name}: all else", rest * taken * 1e3, "ms/future", rest, "of the whole"),
        Figure(f"{work.name}: memory alone", least * 1e3, "ms/future", least / taken,
               f"of the whole, at {gigabytes:.1f} GB/s"),
    ]  # fmt: skip


def a_result(work: Work) -> list[Figure]:
    """Measure a result of many futures on two processes, their start with it."""
    began = time.perf_counter()
    simulate(work.case, work.alternatives, scenarios=RESULT, workers=2)
    taken = time.perf_counter() - began
    hours = RESULT * len(work.case.clock) * work.case.clock.step / 1e6
    return [
        Figure(f"{work.name}: {RESULT:,} futures, 2 processes", taken, "s"),
        Figure(f"{work.name}: 2 processes", hours / taken, "M scenario-hours/s",
               hours / taken / GOAL, f"{GOAL:.0f} M/s"),
    ]  # fmt: skip


def empty_cache(case: Path) -> Figure:
    """Measure how much longer the first future of all takes on a machine than a later one."""
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "cold.py")
        script.write_text(COLD, encoding="utf-8")
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(Path(folder, "kept"))}
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, str(script), str(case)],
                env=environment, check=True, capture_output=True, text=True,
            )  # fmt: skip
            taken.append(float(done.stdout))
    return Figure("first study of all, compiling", taken[0] - taken[1], "s", taken[0], "s in all")


def bench_study() -> list[Figure]:
    """Measure all studies, and what compiling takes."""
    gigabytes = max(found.best for found in bandwidth.measure(threads=(1,)))
    found = []
    for work in works():
        found += in_one_process(work, gigabytes)
        found += a_result(work)
    return [*found, empty_cache(CASES / "zaporizhzhia")]


def main() -> int:
    """Print the figures."""
    for figure in bench_study():
        against = "" if figure.ratio is None else f"{figure.ratio:10.3g} {figure.against}"
        print(f"{figure.name:<72}{figure.value:10.3f} {figure.unit:<20}{against}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
