"""What every tool is asked, what it answers and when an answer is right."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.workloads import MINIMUM_SHARE, OBJECTIVE, UNIT_MW, Workload

TOLERANCE = 1e-6  # relative
MIP_GAP = 1e-3  # W4, relative
START_MW = MINIMUM_SHARE * UNIT_MW
"""W4: most output of a unit in the hour it starts and in the hour before it stops [MW]."""

W4_OPTIMUM = 157_451_519.5579
"""Margin of W4 [USD], found by ``with_scipy`` when its gap is set to 1e-6."""


class NotAskedError(Exception):
    """The tool has no part that answers this workload; the text says which it lacks."""


@dataclass(frozen=True)
class Answer:
    """Optimum one tool found, and what it took.

    Attributes
    ----------
    objective : margin of the period [USD].
    build_s : from the workload's arrays to the tool's finished model, None where that is one
        step with the solving [s].
    solve_s : from there to the hourly results in the tool's own tables: hand-off, solver,
        read-back [s].
    """

    objective: float
    build_s: float | None
    solve_s: float


def commits(workload: Workload) -> bool:
    """Tell whether units may be switched off, with a minimum time on (W4)."""
    return workload.name == "W4"


def sizes(workload: Workload) -> bool:
    """Tell whether the size of each fleet is to be found (W2)."""
    return workload.name == "W2"


def optimum(name: str) -> float:
    """Margin of the best schedule of a workload [USD]."""
    return W4_OPTIMUM if name == "W4" else OBJECTIVE[name]


def shortfall(name: str, objective: float) -> float:
    """Share of the optimum that an answer misses; negative where it claims too much [-]."""
    return 1.0 - objective / optimum(name)


def right(name: str, objective: float) -> bool:
    """Tell whether an answer is the optimum, within the gap the workload allows."""
    allowed = MIP_GAP if name == "W4" else TOLERANCE
    return -TOLERANCE <= shortfall(name, objective) <= allowed
