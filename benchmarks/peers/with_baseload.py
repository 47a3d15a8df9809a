"""The workloads in baseload itself, in a process of its own like every peer."""

from __future__ import annotations

from time import perf_counter

from baseload.plan.dispatch.solve import solve as dispatch
from benchmarks.peers.answer import MIP_GAP, TOLERANCE, Answer, NotAskedError, commits, sizes
from benchmarks.problems import problem_of
from benchmarks.workloads import Workload


def solve(workload: Workload) -> Answer:
    """Solve `workload` with baseload."""
    if sizes(workload):
        raise NotAskedError("the dispatch takes fleet sizes as given")
    began = perf_counter()
    problem = problem_of(workload, commit=commits(workload))
    built = perf_counter()
    gap = MIP_GAP if commits(workload) else TOLERANCE
    result = dispatch(problem, gap=gap)
    return Answer(result.objective, built - began, perf_counter() - built)
