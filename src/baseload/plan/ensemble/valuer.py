"""What mines of given powers add in every future, and what one more megawatt of each would."""

from __future__ import annotations

import multiprocessing
import signal
from concurrent.futures import Future as Promise
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from baseload.case.case import Case
from baseload.plan.ensemble.chunks import Span
from baseload.plan.ensemble.future import Future
from baseload.plan.ensemble.planning import Spans
from baseload.plan.ensemble.simulator import Simulator

Floats = NDArray[np.float64]

KEPT_FUTURES = 64
"""Futures in which the mine comes to pass that a process keeps drawn: some 10 MB each."""


@dataclass
class Slice:
    """Some futures of an ensemble, valued in one process.

    Attributes
    ----------
    built : futures in which a mine may run at some time; in all others it adds nothing.
    """

    case: Case
    alternative: str
    seed: int
    scenarios: int
    span: Span
    built: list[int] = field(init=False)

    def __post_init__(self) -> None:
        """Lay the case out and find the futures that count."""
        # Difficulty in 24 bits moves by steps, and a step has no slope.
        self._simulator = Simulator(
            self.case, (self.alternative,), self.seed, self.scenarios, rounded=False
        )
        self._choice = self._simulator.choices[0]
        self._drawn: dict[int, Future] = {}
        self._without: dict[int, float] = {}
        needed = self._choice.needed
        self.built = [
            scenario
            for scenario in range(self.span.first, self.span.last)
            if needed <= self._simulator.opening(scenario).keys()
        ]

    @property
    def mines(self) -> tuple[str, ...]:
        """Mines whose powers are asked for."""
        return self._choice.mines

    def value(self, powers: Floats) -> tuple[Floats, Floats]:
        """Value the futures of the slice; see `Valuer.value`."""
        count = self.span.last - self.span.first
        values, slopes = np.zeros(count), np.zeros((count, len(powers)))
        for scenario in self.built:
            found = self._valued(scenario, powers)
            place = scenario - self.span.first
            values[place], slopes[place] = found
        return values, slopes

    def _valued(self, scenario: int, powers: Floats) -> tuple[float, Floats]:
        future = self._future(scenario)
        spans: Spans = future.spells(self._choice)
        if not any(spans):
            return 0.0, np.zeros(len(powers))
        if scenario not in self._without:
            self._without[scenario] = future.without(self._choice).npv
        own = future.run(self._choice, spans, powers=powers, slopes=True)
        return own.npv - self._without[scenario], own.slopes

    def _future(self, scenario: int) -> Future:
        future = self._drawn.get(scenario)
        if future is None:
            future = self._simulator.future(scenario)
            if len(self._drawn) < KEPT_FUTURES:
                self._drawn[scenario] = future
        return future


class Valuer:
    """Values the mines of an alternative over the same futures, whatever their powers.

    Parameters
    ----------
    case, alternative : what is valued.
    scenarios, seed : the futures, the same as those of a study.
    workers : processes that share them; the result does not depend on it.
    """

    def __init__(
        self, case: Case, alternative: str, *, scenarios: int, seed: int = 0, workers: int = 1
    ) -> None:
        self._stack = ExitStack()
        bounds = np.linspace(0, scenarios, max(1, min(workers, scenarios)) + 1).astype(int)
        spans = [Span(int(a), int(b)) for a, b in pairwise(bounds)]
        arguments = [(case, alternative, seed, scenarios, span) for span in spans]
        self._own = Slice(*arguments[0])
        # One process for each slice, so that what it has drawn is there the next time.
        self._others = [self._process(argument) for argument in arguments[1:]]
        self.mines = self._own.mines

    def value(self, powers: Floats) -> tuple[Floats, Floats]:
        """Value mines of given powers.

        Parameters
        ----------
        powers : of each mine, shape (J,) [MW].

        Returns
        -------
        What the mines add to the net present value of all parties in each future, against the
        same future without any, shape (S,) [USD]; and its change by one more megawatt of each,
        shape (S, J) [USD/MW]. Own hashes lower the pay of all: that is in both.
        """
        powers = np.asarray(powers, dtype=np.float64)
        asked: list[Promise[tuple[Floats, Floats]]] = [
            pool.submit(_value, powers) for pool in self._others
        ]
        parts = [self._own.value(powers), *(promise.result() for promise in asked)]
        values, slopes = zip(*parts, strict=True)
        return np.concatenate(values), np.concatenate(slopes)

    def close(self) -> None:
        """End the processes."""
        self._stack.close()

    def __enter__(self) -> Self:
        """Return the valuer; its processes end with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self.close()

    def _process(self, arguments: tuple[Case, str, int, int, Span]) -> ProcessPoolExecutor:
        pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin, (arguments,))
        return self._stack.enter_context(pool)


_slices: list[Slice] = []
"""The slice of this process, where it is one of several."""


def _begin(arguments: tuple[Case, str, int, int, Span]) -> None:
    """Prepare a process; an interrupt ends it without a word of its own."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _slices.append(Slice(*arguments))


def _value(powers: Floats) -> tuple[Floats, Floats]:
    return _slices[0].value(powers)
