"""The workloads as arrays straight to HiGHS: the floor under every tool that uses it."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from benchmarks import direct_highs
from benchmarks import workloads as w
from benchmarks.peers.answer import MIP_GAP, Answer, commits, sizes


def with_free_sizes(workload: w.Workload) -> tuple[float, w.Array]:
    """Solve W2: each fleet draws at most its size, and its size costs money."""
    arrays, hours = direct_highs.Arrays(), workload.T
    output = arrays.columns(-w.FUEL, workload.minimum_mw, workload.available_mw)
    served = arrays.columns(w.UNSERVED, 0.0, np.full(hours, w.MUST_SERVE_MW))
    export = arrays.columns(workload.price, 0.0, np.full(hours, w.EXPORT_MW))
    mined = arrays.columns(workload.value, 0.0, np.full(workload.value.shape, np.inf))
    size = arrays.columns(-w.CAPACITY_COST, 0.0, np.full(len(mined), w.FLEET_MAXIMUM_MW))
    uses = [(served, -1.0), (export, -1.0), (mined.T, -1.0)]
    arrays.rows([(output.T, 1.0), *uses], 0.0, np.inf)
    for draw, most in zip(mined, size, strict=True):
        arrays.rows([(draw, 1.0), (np.full(hours, most), -1.0)], -np.inf, 0.0)
    for unit in output:
        arrays.rows([(unit[1:], 1.0), (unit[:-1], -1.0)], -workload.ramp_mw, workload.ramp_mw)
    return arrays.solve(-w.UNSERVED * w.MUST_SERVE_MW * hours)


def solve(workload: w.Workload) -> Answer:
    """Solve `workload` by calling HiGHS directly."""
    began = perf_counter()
    if sizes(workload):
        objective, _ = with_free_sizes(workload)
    elif commits(workload):
        objective, _ = direct_highs.w4(workload, MIP_GAP)
    else:
        objective, _ = direct_highs.w1(workload)
    return Answer(objective, None, perf_counter() - began)
