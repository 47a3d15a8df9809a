"""The workloads in PyPSA, handing arrays to HiGHS instead of writing an LP file."""

from __future__ import annotations

from benchmarks.peers import with_pypsa
from benchmarks.peers.answer import Answer
from benchmarks.workloads import Workload


def solve(workload: Workload) -> Answer:
    """Solve `workload` with PyPSA by direct hand-off."""
    return with_pypsa.solve(workload, io_api="direct")
