"""What mines of given powers add in every future, and what one more megawatt of each would."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Mapping, Sequence
from concurrent.futures import Future as Promise
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from baseload.case.case import Case
from baseload.plan.ensemble.arrays import ANSWERS
from baseload.plan.ensemble.future import Future
from baseload.plan.ensemble.gating import Gates
from baseload.plan.ensemble.parameters import Parameters, Row
from baseload.plan.ensemble.planning import Spans
from baseload.plan.ensemble.simulator import Simulator

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

KEPT_FUTURES = 64
"""Futures in which the mine comes to pass that a process keeps drawn: some 10 MB each."""

STEP = 0.05
"""Where the network answers, slopes are differences over this part of the largest mine [-]."""

WORTHWHILE = 8
"""Futures for which another process is worth starting."""

HOURS_PER_DAY = 24.0


@dataclass(frozen=True)
class OpenGates(Gates):
    """Gates of which some open whatever their luck, on the day on which they would."""

    certain: frozenset[str] = frozenset()

    def opening(self, parameters: Parameters, row: Row, seed: int, scenario: int) -> dict[str, int]:
        """Draw as `Gates.opening` does, those certain with probability one."""
        opened = row.copy()
        for name in self.certain:
            opened.values[parameters.place("gate", name, "probability")] = 1.0
        return super().opening(parameters, opened, seed, scenario)


class Valued(NamedTuple):
    """Some futures, valued; shapes (F,) and (F, J).

    Attributes
    ----------
    values, slopes : see `Valuer.value`.
    built : whether a mine may run at some time.
    hashprice : mean from the day on which the first may, without own hashes [USD/PH/day].
    """

    values: Floats
    slopes: Floats
    built: Flags
    hashprice: Floats


@dataclass
class Slice:
    """Some futures of an ensemble, valued in one process.

    Attributes
    ----------
    futures : their numbers.
    opened : see `Valuer`.
    """

    case: Case
    alternative: str
    seed: int
    scenarios: int
    opened: bool
    futures: Sequence[int] = ()
    step: float = field(init=False)

    def __post_init__(self) -> None:
        """Lay the case out."""
        # Difficulty in 24 bits moves by steps, and a step has no slope.
        self._simulator = Simulator(
            self.case, (self.alternative,), self.seed, self.scenarios, rounded=False
        )
        self._choice = self._simulator.choices[0]
        if self.opened:
            self._open_gates()
        self._drawn: dict[int, Future] = {}
        self._without: dict[int, float] = {}
        self.step = STEP * max(self._greatest(), default=0.0)

    @property
    def mines(self) -> tuple[str, ...]:
        """Mines whose powers are asked for."""
        return self._choice.mines

    def opening(self) -> list[int]:
        """Return the futures in which all gates open that the alternative waits for."""
        needed = self._choice.needed
        openings = map(self._simulator.opening, range(self.scenarios))
        return [scenario for scenario, days in enumerate(openings) if needed <= days.keys()]

    def chance(self) -> float:
        """Return the probability that a future counts for, at the case's own probabilities [-]."""
        if not self.opened:
            return 1.0
        return float(np.prod([self.case.tree.gate[name].probability for name in self._shut()]))

    def value(self, powers: Floats, slopes: bool) -> Valued:
        """Value the futures of the slice."""
        count = len(self.futures)
        values, tilts = np.zeros(count), np.zeros((count, len(powers)))
        built, hashprice = np.zeros(count, bool), np.full(count, np.nan)
        for place, scenario in enumerate(self.futures):
            future = self._future(scenario)
            spans: Spans = future.spells(self._choice)
            if any(spans):
                built[place] = True
                values[place], tilt = self._valued(scenario, future, spans, powers, slopes)
                tilts[place] = tilt if slopes else 0.0
                first = min(spell[0] for spells in spans for spell in spells)
                day = int(max(0.0, first) / HOURS_PER_DAY)
                hashprice[place] = future.coin.hashprice[day:].mean()
        return Valued(values, tilts, built, hashprice)

    def _valued(
        self, scenario: int, future: Future, spans: Spans, powers: Floats, slopes: bool
    ) -> tuple[float, Floats]:
        if scenario not in self._without:
            self._without[scenario] = future.without(self._choice).npv
        answers = future.coin.mode == ANSWERS and future.case.tree.bitcoin.network_response
        exact = slopes and not answers
        own = future.run(self._choice, spans, powers=powers, slopes=exact)
        tilt = own.slopes
        if slopes and answers:
            # The network answers in jumps, of which a slope at one place tells nothing.
            more = [powers + self.step * unit for unit in np.eye(len(powers))]
            runs = (future.run(self._choice, spans, powers=nudged).npv for nudged in more)
            tilt = np.array([(npv - own.npv) / self.step for npv in runs])
        return own.npv - self._without[scenario], tilt

    def _future(self, scenario: int) -> Future:
        future = self._drawn.get(scenario)
        if future is None:
            future = self._simulator.future(scenario)
            if len(self._drawn) < KEPT_FUTURES:
                self._drawn[scenario] = future
        return future

    def _shut(self) -> frozenset[str]:
        """Gates not open yet that the alternative waits for."""
        gates: Mapping[str, object] = self.case.tree.gate
        return frozenset(
            name
            for name in self._choice.needed & gates.keys()
            if self.case.tree.gate[name].state != "open"
        )

    def _open_gates(self) -> None:
        plain = self._simulator.gates
        self._simulator.gates = OpenGates(plain.case, plain.names, plain.works, self._shut())

    def _greatest(self) -> list[float]:
        """Power of each mine as the case has it [MW]."""
        row = self._simulator.parameters.base.copy()
        self._choice.change.apply(row)
        places = [self._simulator.parameters.place("mine", mine, "power") for mine in self.mines]
        return [float(row.values[place]) for place in places if row.values[place] > 0.0]


class Valuer:
    """Values the mines of an alternative over the same futures, whatever their powers.

    Parameters
    ----------
    case, alternative : what is valued.
    scenarios, seed : the futures, the same as those of a study.
    workers : processes that share them; the result does not depend on it.
    opened : whether the gates that the alternative waits for open in every future, on the day on
        which they would. Whether a gate opens is a draw of its own, so these are the futures in
        which all of them do, and none is drawn in vain.

    Attributes
    ----------
    mines : names of the mines, in the order of their powers.
    chance : probability that each future stands for [-]: 1, or that of the gates where `opened`.
    built : futures in which a mine may run at some time, shape (S,); known once valued.
    hashprice : mean in each of those from the day on which a mine may run, NaN elsewhere, shape
        (S,) [USD/PH/day]; known once valued.
    """

    def __init__(
        self,
        case: Case,
        alternative: str,
        *,
        scenarios: int,
        seed: int = 0,
        workers: int = 1,
        opened: bool = False,
    ) -> None:
        self._stack = ExitStack()
        self._own = Slice(case, alternative, seed, scenarios, opened)
        self._scenarios = scenarios
        self.mines, self.chance = self._own.mines, self._own.chance()
        self.built, self.hashprice = np.zeros(scenarios, bool), np.full(scenarios, np.nan)
        opening = self._own.opening()
        count = max(1, min(workers, len(opening) // WORTHWHILE))
        # By turns, so that none has all those that are slow.
        self._shares = [opening[first::count] for first in range(count)]
        self._own.futures = self._shares[0]
        # One process for each share, so that what it has drawn is there the next time.
        self._others = [self._process(share) for share in self._shares[1:]]

    def value(self, powers: Floats, *, slopes: bool = True) -> tuple[Floats, Floats]:
        """Value mines of given powers.

        Parameters
        ----------
        powers : of each mine, shape (J,) [MW].
        slopes : whether slopes are asked for; without, they are zero, and it is much faster.

        Returns
        -------
        What the mines add to the net present value of all parties in each future, against the
        same future without any, shape (S,) [USD]; and its change by one more megawatt of each,
        shape (S, J) [USD/MW]. Own hashes lower the pay of all: that is in both.

        Notes
        -----
        Where competitors answer, the value jumps: a day on which the mine runs or not moves
        difficulty and hashprice of months. There a slope is the difference that `STEP` more of a
        mine makes, in the same future; elsewhere it is exact.
        """
        powers = np.asarray(powers, dtype=np.float64)
        asked: list[Promise[Valued]] = [
            pool.submit(_value, powers, slopes) for pool in self._others
        ]
        parts = [self._own.value(powers, slopes), *(promise.result() for promise in asked)]
        values, tilts = np.zeros(self._scenarios), np.zeros((self._scenarios, len(powers)))
        for share, part in zip(self._shares, parts, strict=True):
            values[share], tilts[share] = part.values, part.slopes
            self.built[share], self.hashprice[share] = part.built, part.hashprice
        return values, tilts

    def close(self) -> None:
        """End the processes."""
        self._stack.close()

    def __enter__(self) -> Self:
        """Return the valuer; its processes end with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self.close()

    def _process(self, share: list[int]) -> ProcessPoolExecutor:
        own = self._own
        blank = (own.case, own.alternative, own.seed, own.scenarios, own.opened, share)
        pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin, (blank,))
        return self._stack.enter_context(pool)


_slices: list[Slice] = []
"""The slice of this process, where it is one of several."""


def _begin(arguments: tuple[Case, str, int, int, bool, list[int]]) -> None:
    """Prepare a process; an interrupt ends it without a word of its own."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _slices.append(Slice(*arguments))


def _value(powers: Floats, slopes: bool) -> Valued:
    return _slices[0].value(powers, slopes)
