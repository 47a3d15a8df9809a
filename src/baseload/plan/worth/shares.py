"""Shares of variance of an alternative's value, by a design of points through the simulator."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from baseload.plan.worth.forcing import Forcing
from baseload.plan.worth.indices import sobol
from baseload.plan.worth.regression import Floats
from baseload.plan.worth.result import Index

if TYPE_CHECKING:
    from baseload.case.case import Case

HELD = 2
"""Futures of process noise over which a point's value is a mean."""
LOW, HIGH = 0.05, 0.95
"""Quantiles between which an unknown is moved to see whether the value moves with it."""
NIL = 0.03
"""Effect below which an unknown is left out, relative to the root of the sum of squares."""
BATCH = 8
"""Points that a process computes at a time."""


class Shares(NamedTuple):
    """Indices by path of the unknown, largest total first, and what was left out."""

    indices: dict[str, Index]
    left_out: tuple[str, ...]


@dataclass
class Points:
    """Values an alternative's mine at points of the unit cube of all unknowns, its gates open.

    Attributes
    ----------
    case, alternative, forcing, seed : whose values.
    scenarios : futures whose chance processes are kept the same at all points.
    """

    case: Case
    alternative: str
    forcing: Forcing
    seed: int
    scenarios: int = HELD
    paths: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the simulator."""
        self._simulator = self.forcing(self.case, (self.alternative,), self.seed, self.scenarios)
        self.paths = self._simulator.labels.unknowns

    def value(self, points: Floats) -> Floats:
        """Return the mean of the mine's value at each point, shape (n, K) to (n,) [USD]."""
        inside = np.clip(points, 1e-6, 1.0 - 1e-6)
        return np.array([self._mean(row) for row in self._simulator.levels(inside)])

    def _mean(self, levels: Floats) -> float:
        choice, values = self._simulator.choices[0], []
        for scenario in range(self.scenarios):
            future = self._simulator.future(scenario, dict(enumerate(levels)))
            own, without = future.outcomes(choice)
            values.append(own.npv - without.npv)
        return float(np.mean(values))


def designed(
    case: Case,
    alternative: str,
    forcing: Forcing,
    *,
    count: int,
    seed: int,
    workers: int = 1,
    scenarios: int = HELD,
    progress: Callable[[str, int, int], None] | None = None,
) -> Shares:
    """Return first-order and total indices of what a mine adds, its gates open.

    Parameters
    ----------
    case, alternative : the mine.
    forcing : which gates are open.
    count : base sample, a power of two: count * (K + 2) points for K unknowns.
    seed : of futures and of the design.
    workers : processes that share the points; the result does not depend on it.
    scenarios : futures whose chance processes (prices, outages, gates that are drawn) are kept
        the same at all points; a point's value is their mean.
    progress : told of points behind.

    Notes
    -----
    Each unknown is first moved from its 5 % to its 95 % quantile with all others at their
    medians. Those that hardly move the value are left at their medians. One that counts only
    together with others would be missed.
    """
    subject = Points(case, alternative, forcing, seed, scenarios)
    with ExitStack() as stack:
        shared = _shared(subject, workers, stack, progress)
        kept = moved_by(shared, len(subject.paths))
        names = [subject.paths[k] for k in kept]
        left_out = tuple(path for path in subject.paths if path not in names)
        if not names:
            return Shares({}, left_out)

        def evaluate(chances: Floats) -> Floats:
            points = np.full((len(chances), len(subject.paths)), 0.5)
            points[:, kept] = chances
            return shared(points)

        found = sobol(evaluate, names, count, seed)
    order = sorted(found, key=lambda path: (-found[path].total, path))
    return Shares({path: found[path] for path in order}, left_out)


def moved_by(evaluate: Callable[[Floats], Floats], unknowns: int) -> list[int]:
    """Return the unknowns that move an outcome by themselves.

    Parameters
    ----------
    evaluate : outcome of points in the unit cube, shape (n, K) to (n,).
    unknowns : their number, K.
    """
    points = np.full((2 * unknowns, unknowns), 0.5)
    for k in range(unknowns):
        points[2 * k : 2 * k + 2, k] = LOW, HIGH
    effect = np.abs(np.diff(evaluate(points).reshape(unknowns, 2), axis=1))[:, 0]
    least = NIL * np.sqrt(np.sum(effect**2))
    return [k for k in range(unknowns) if effect[k] > least]


# --- processes -----------------------------------------------------------------------------------


def _shared(
    subject: Points,
    workers: int,
    stack: ExitStack,
    progress: Callable[[str, int, int], None] | None,
) -> Callable[[Floats], Floats]:
    """Return an evaluation that processes share; they end with the stack."""
    over: Callable[[Sequence[Floats]], Iterable[Floats]]
    if workers > 1:
        pool = ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), _begin, (_arguments(subject),)
        )
        stack.enter_context(pool)
        over = partial(pool.map, _value)
    else:
        over = partial(map, subject.value)

    def evaluate(points: Floats) -> Floats:
        parts = [points[first : first + BATCH] for first in range(0, len(points), BATCH)]
        found: list[Floats] = []
        for values in over(parts):
            found.append(values)
            if progress is not None:
                progress("shares of variance", sum(map(len, found)), len(points))
        return np.concatenate(found)

    return evaluate


_subjects: list[Points] = []
"""What this process values, where it is one of several."""


def _arguments(subject: Points) -> tuple[Case, str, Forcing, int, int]:
    return subject.case, subject.alternative, subject.forcing, subject.seed, subject.scenarios


def _begin(arguments: tuple[Case, str, Forcing, int, int]) -> None:
    """Prepare a process; an interrupt ends it without a word of its own."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _subjects.append(Points(*arguments))


def _value(points: Floats) -> Floats:
    return _subjects[0].value(points)
