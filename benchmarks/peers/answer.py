"""What every tool is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.workloads import MINIMUM_SHARE, UNIT_MW, Workload

MIP_GAP = 1e-3  # W4, relative
START_MW = MINIMUM_SHARE * UNIT_MW
"""W4: most output of a unit in the hour it starts and in the hour before it stops [MW]."""


@dataclass(frozen=True)
class Answer:
    """Optimum one tool found, and what it took.

    Attributes
    ----------
    objective : margin of the period [USD].
    build_s : from the workload's arrays to the tool's finished model [s].
    solve_s : from there to the hourly results in the tool's own tables: hand-off, solver,
        read-back [s].
    """

    objective: float
    build_s: float
    solve_s: float


def commits(workload: Workload) -> bool:
    """Tell whether units may be switched off, with a minimum time on (W4)."""
    return workload.name == "W4"


def sizes(workload: Workload) -> bool:
    """Tell whether the size of each fleet is to be found (W2)."""
    return workload.name == "W2"
