"""Compiling what an ensemble needs, once on a machine: in two processes, before any future.

Kernels are compiled when they are first called, and kept on disk. Left alone, each of several
processes would compile all of them, one after the other; here one process compiles the pass
through time while another draws a first future, and each finds what the other one has kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

import numpy as np
from numba import types

from baseload.case.case import Case
from baseload.compiled import is_kept
from baseload.plan.ensemble.arrays import Plan, Time, World, new_sums
from baseload.plan.ensemble.booking import book_mines, book_slopes, book_supply, book_uses
from baseload.plan.ensemble.calendar import months_from
from baseload.plan.ensemble.hours import run_each, run_hours, run_segments
from baseload.plan.ensemble.settle import settle, settle_into
from baseload.plan.ensemble.simulator import Simulator
from baseload.plan.ensemble.structure import Structure
from baseload.plan.ensemble.terms import Finance, Flows, Machines, Mines

STEP = "compiling, once on this machine"
"""What is said while it lasts."""


def is_warm() -> bool:
    """Tell whether the kernels of a pass through time are there, from now or from before."""
    return is_kept(run_segments) and is_kept(settle_into)


def warm(case: Case, alternatives: tuple[str, ...], seed: int) -> None:
    """Compile all kernels that the futures of a case need, in two processes where there are.

    Parameters
    ----------
    case, alternatives, seed : of the study; its first future is drawn.
    """
    beside = None
    if len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(2)) > 1:
        beside = get_context("spawn").Process(target=compile_hours, daemon=True)
        beside.start()
    # With all gates open, so that nothing stands still that would run in another future.
    opened = case.patched({"gate.*.probability": 1.0}) if case.tree.gate else case
    simulator = Simulator(opened, alternatives, seed, 1)
    compile_money()
    simulator.prepare(0)
    compile_inner()
    if beside is not None:
        # Should it have failed, the first future compiles what is missing.
        beside.join()
    simulator.run(0, 1)


def compile_hours() -> None:
    """Compile the pass through time: run it through no time at all."""
    structure = nothing()
    world = World(
        price=np.zeros((0, 0)), daily=np.zeros((0, 0, 3)), coin=np.zeros((5, 0)),
        state=np.zeros(0), terms=np.zeros(0), series=np.zeros((0, 0)), factor=np.zeros(0),
    )  # fmt: skip
    none, table = np.zeros(0, np.int64), np.zeros((0, 0))
    plan = Plan(
        start=np.zeros(1, np.int64), stretch=none, values=np.zeros((0, 1)),
        series=np.zeros((0, 1), np.int64), used=none, varying=none, up=table, share=table,
        heat=table, allowed=np.zeros((0, 0), np.uint8), rules=np.zeros(2, np.int64),
        wear=np.zeros(5),
    )  # fmt: skip
    sums = new_sums(structure, 0, 0, slopes=False, hourly=False)
    run_hours(structure, Time(1.0, none, none, np.zeros(1, np.int64)), world, plan, sums)


_TABLE, _CUBE, _INTEGERS = types.float64[:, ::1], types.float64[:, :, ::1], types.int64[:, ::1]
_FLAGS, _ROW = types.uint8[::1], types.int64[::1]

INNER: dict[Callable[..., Any], tuple[Any, ...]] = {
    book_uses: (_INTEGERS, *(_TABLE,) * 3, types.int64, *(_TABLE,) * 2, _CUBE),
    book_supply: (*(_TABLE, _CUBE, _ROW, _TABLE, types.float64, types.int64, _TABLE, _TABLE),),
    book_mines: (_TABLE, types.float64, types.int64, _CUBE, _TABLE),
    book_slopes: (
        *(_INTEGERS, _TABLE, _TABLE, types.float64, types.int64, types.float64[:, :, :, ::1]),
        *(_TABLE, _CUBE),
    ),
    run_each: (
        *(*(types.int64,) * 3, types.float64, _TABLE, types.int64, _INTEGERS, _INTEGERS, _ROW),
        *(_TABLE, _CUBE, _ROW, *(_TABLE,) * 4, _CUBE, _ROW, _FLAGS, _TABLE),
    ),
}
"""Kernels that the pass through time comes to last, and what they are called with."""


def compile_inner() -> None:
    """Compile the end of the pass through time, for the process that has begun with its start."""
    for kernel, kinds in INNER.items():
        kernel.compile(kinds)  # type: ignore[attr-defined]


def nothing() -> Structure:
    """Return the structure of a plant without anything."""
    table, numbers = np.zeros((0, 13), np.int64), np.zeros((0, 2))
    return Structure(
        bus=table, unit=table, link=table, area=table, owed=table, mine=table, use=table,
        supplier=np.zeros(0, np.int64), use_number=numbers, mine_number=numbers,
    )  # fmt: skip


def compile_money() -> None:
    """Compile the accounts: settle a month in which nothing happens."""
    none, table = np.zeros(0, np.int64), np.zeros((0, 1))
    settle(
        Finance(0.0, 0.0, 0.0, 0.0, 1, False, np.zeros(0)),
        months_from(np.datetime64("2000-01"), 1),
        Mines(none, np.zeros(0), none, none, none, np.zeros(0), np.zeros(0), np.zeros(0)),
        Machines(table, table, table),
        Flows(none, none, table),
        1,
    )
