"""Run the benchmarks side by side in one process and write ``build/bench.json``.

Every time runs from the workload's arrays in memory to the result's arrays: checking input,
building, solving and reading back are in; making the workload, imports and compilation are
not. Medians of several repetitions, the two sides taken in turn.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from baseload.plan.dispatch.ensemble import CONSTANT, Worths, sum_futures
from baseload.plan.dispatch.problem import Problem
from baseload.plan.dispatch.result import Dispatch
from baseload.plan.dispatch.solve import Clock, by_highs, solve
from benchmarks import direct_highs, record, sizing, study
from benchmarks import workloads as w
from benchmarks.problems import hard_problem_of, problem_of

SCENARIOS, REPEATS, LOOSE = 200, 5, 5e-3
TARGET = Path("build/bench.json")


@dataclass(frozen=True)
class Line:
    """One figure: a value with its unit, and its ratio against something."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    against: str | None = None


def seconds(*calls: Callable[[], object], repeats: int = REPEATS) -> list[float]:
    """Return the median seconds of each call, the calls taken in turn."""
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(repeats):
        for i, call in enumerate(calls):
            began = time.perf_counter()
            call()
            taken[i].append(time.perf_counter() - began)
    return [statistics.median(t) for t in taken]


def whole_by_highs(problem: Problem, gap: float = 1e-9) -> Dispatch:
    """Give the whole problem to HiGHS, whatever a cheaper tier could do."""
    return by_highs(problem, gap, float("inf"), 1, Clock())


def relative(value: float, reference: float) -> float:
    """Return the relative difference."""
    return abs(value - reference) / abs(reference)


def batch(threads: int) -> Callable[[], object]:
    """Return a call that sums W1nr over many scenarios."""
    problem = problem_of(w.w1nr())
    works = [w.w3(k) for k in range(SCENARIOS)]
    drivers = np.stack([np.stack([work.price, work.hashprice]) for work in works])
    worths = Worths(
        driver=np.array([CONSTANT, CONSTANT, 0, 1, 1, 1]),
        slope=np.concatenate([[0.0, 0.0, 1.0], 1.0 / (0.024 * w.EFFICIENCY)]),
        offset=np.zeros(6),
    )
    return lambda: sum_futures(problem, drivers, worths, threads=threads)


def bench_merit() -> list[Line]:
    """Measure W1 without ramps: one scenario, and batches on one and two threads."""
    work = w.w1nr()
    one, two = batch(1), batch(2)
    first = one().objective[0]  # type: ignore[attr-defined]
    error = max(
        relative(solve(problem_of(work)).objective, w.OBJECTIVE["W1nr"]),
        relative(float(first), w.OBJECTIVE["W1nr"]),
    )
    two()
    direct, ours = seconds(lambda: direct_highs.w1(work), lambda: solve(problem_of(work)))
    t1, t2 = seconds(one, two, repeats=25)
    hours = SCENARIOS * w.YEAR_H / 1e6
    return [
        Line("W1nr objective error", error, "relative", error, "reference optimum"),
        Line("W1nr one year", ours, "s", direct / ours, "HiGHS directly"),
        Line("W1nr batch, 1 thread", hours / t1, "M hour-decisions/s", hours / t1 / 100, "100 M/s"),
        Line(
            "W1nr batch, 2 threads", hours / t2, "M hour-decisions/s", hours / t2 / 100, "100 M/s"
        ),
    ]


def bench_ramps(work: w.Workload) -> list[Line]:
    """Measure W1 or W1t with per-unit ramps: all tiers, and the coupled tier alone."""
    result, name = solve(problem_of(work)), work.name
    error = relative(result.objective, w.OBJECTIVE[name])
    direct, ours, coupled = seconds(
        lambda: direct_highs.w1(work),
        lambda: solve(problem_of(work)),
        lambda: whole_by_highs(problem_of(work)),
    )
    return [
        Line(f"{name} objective error", error, "relative", result.gap, "its own bound"),
        Line(f"{name} with ramps", ours, "s", direct / ours, "HiGHS directly"),
        Line(f"{name} coupled tier alone", coupled, "s", coupled / direct, "HiGHS directly"),
        *shares(name, result),
    ]


def shares(name: str, result: Dispatch) -> list[Line]:
    """Return the share of steps that each tier decided."""
    return [
        Line(f"{name} decided by {tier}", share, "share") for tier, share in result.tiers.items()
    ]


def bench_commitment() -> list[Line]:
    """Measure W4, a month with commitment, at a gap of 1e-3."""
    work = w.w4()
    problem = problem_of(work, commit=True)
    result = solve(problem, gap=1e-3)
    direct, ours = seconds(
        lambda: direct_highs.w4(work),
        lambda: solve(problem_of(work, commit=True), gap=1e-3),
        repeats=1,
    )
    return [
        Line("W4 objective", result.objective / 1e6, "M USD", result.gap, "its own bound"),
        Line("W4 commitment", ours, "s", direct / ours, "HiGHS directly"),
    ]


def bench_hard() -> list[Line]:
    """Measure W5 against the whole year handed to HiGHS directly.

    Its fuel budgets tie the whole year together; without them it shows what rolling windows
    do with failing links, ramps and the battery alone.
    """
    work = w.w5()
    open_ended = replace(work, budget=())
    certain, quick = solve(hard_problem_of(work)), solve(hard_problem_of(work), gap=LOOSE)
    rolled = solve(hard_problem_of(open_ended))
    reference, _ = direct_highs.w5(work)
    open_reference, _ = direct_highs.w5(open_ended)
    direct, ours, loose, open_direct, open_ours = seconds(
        lambda: direct_highs.w5(work),
        lambda: solve(hard_problem_of(work)),
        lambda: solve(hard_problem_of(work), gap=LOOSE),
        lambda: direct_highs.w5(open_ended),
        lambda: solve(hard_problem_of(open_ended)),
        repeats=3,
    )
    against = "HiGHS directly"
    return [
        Line("W5 objective error", relative(certain.objective, reference), "relative",
             certain.gap, "its own bound"),
        Line("W5 hard case", ours, "s", direct / ours, against),
        *shares("W5", certain),
        Line("W5 at a gap of 5e-3", loose, "s", direct / loose, against),
        Line("W5 at a gap of 5e-3, error", relative(quick.objective, reference), "relative",
             quick.gap, "its own bound"),
        Line("W5 without budgets", open_ours, "s", open_direct / open_ours, against),
        Line("W5 without budgets, error", relative(rolled.objective, open_reference), "relative",
             rolled.gap, "its own bound"),
    ]  # fmt: skip


def bench_sizing() -> list[Line]:
    """Measure W2 by cutting planes against W2 as one linear program."""
    found, (direct_margin, _) = sizing.w2_by_cuts(), sizing.w2_direct()
    direct, ours = seconds(sizing.w2_direct, sizing.w2_by_cuts, repeats=3)
    against = "HiGHS directly"
    return [
        Line("W2 objective error", relative(found.value, w.OBJECTIVE["W2"]), "relative",
             relative(direct_margin, w.OBJECTIVE["W2"]), "error of HiGHS"),
        Line("W2 best size of the first fleet", float(found.size[0]), "MW"),
        Line("W2 sizing", ours, "s", direct / ours, against),
        Line("W2 evaluations", float(found.evaluations), "dispatches"),
    ]  # fmt: skip


def bench_ensemble_w3() -> list[Line]:
    """Measure 100 years of W3 with ramps against HiGHS, which is given a few of them in turn."""
    one, two = sizing.w3_batch(1), sizing.w3_batch(2)
    found, (_, margins) = one(), sizing.w3_direct()
    two()
    total = float(found.objective.sum())
    apart = float(np.abs(found.objective[: len(margins)] / margins - 1.0).max())
    taken: list[tuple[float, float, float]] = []
    for _ in range(REPEATS):
        direct, _ = sizing.w3_direct()
        taken.append((direct, *(part / sizing.SCENARIOS for part in seconds(one, two, repeats=1))))
    direct, t1, t2 = (statistics.median(column) for column in zip(*taken, strict=True))
    by_highs_share = float(np.mean(["HiGHS" in how for how in found.certificate]))
    against = "HiGHS directly"
    return [
        Line("W3 sum of objectives, error", relative(total, w.OBJECTIVE["W3"]), "relative",
             float(found.gap.max()), "largest own gap"),
        Line("W3 largest difference of a year", apart, "relative", apart, against),
        Line("W3 a year with ramps, 1 thread", t1, "s", direct / t1, against),
        Line("W3 a year with ramps, 2 threads", t2, "s", direct / t2, against),
        Line("W3 years that needed HiGHS", by_highs_share, "share"),
    ]  # fmt: skip


def bench_case_sizing() -> list[Line]:
    """Measure the sizing of a real case: as drawn, and with its gates open."""
    lines = []
    sizing.case_sizing(1000, 1, opened=False)
    for name, scenarios, opened in (("as drawn", 1000, False), ("gates open", 20, True)):
        found, taken = sizing.case_sizing(scenarios, 2, opened=opened)
        each = taken / found.evaluations / found.futures
        lines += [
            Line(f"sizing of {scenarios} futures, {name}", taken, "s", found.futures, "built in"),
            Line(f"sizing {name}, evaluations", float(found.evaluations), "of all futures"),
            Line(f"sizing {name}, a future and evaluation", each, "s", found.gap, "gap"),
        ]
    return lines


def bench_futures() -> list[Line]:
    """Measure whole studies over futures."""
    return [Line(*figure) for figure in study.bench_study()]


def bench_record() -> list[Line]:
    """Measure the record: durable appends, proofs, the inspector, and the machine beside them."""
    return [Line(*figure) for figure in record.bench_record()]


def report(lines: list[Line]) -> None:
    """Print a table of the figures."""
    width = max(len(line.name) for line in lines)
    for line in lines:
        against = "" if line.ratio is None else f"{line.ratio:12.4g}  {line.against}"
        print(f"{line.name:<{width}}  {line.value:14.6g} {line.unit:<19}{against}", flush=True)


def main() -> int:
    """Run all benchmarks, print the table and write the file."""
    lines: list[Line] = []
    for part in (
        bench_merit,
        lambda: bench_ramps(w.w1()),
        lambda: bench_ramps(w.w1t()),
        bench_commitment,
        bench_hard,
        bench_sizing,
        bench_ensemble_w3,
        bench_case_sizing,
        bench_futures,
        bench_record,
    ):
        found = part()
        report(found)
        lines.extend(found)
    TARGET.parent.mkdir(exist_ok=True)
    table = {
        line.name: {
            "value": line.value, "unit": line.unit, "ratio": line.ratio, "against": line.against,
        }
        for line in lines
    }  # fmt: skip
    TARGET.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    print(f"written to {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
