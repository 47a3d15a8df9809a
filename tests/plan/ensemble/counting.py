"""A simulator that computes nothing: every value is made of where it stands."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from baseload.plan.ensemble.result import ACCOUNTS, SCENARIO, VARIABLES, Simplification

LABELS = SimpleNamespace(
    unknowns=("bitcoin.price", "plant.unit.U1.gross"),
    gates=("restart",),
    areas=("north", "south"),
    years=np.arange(2027, 2031),
)


def sizes(alternatives: int, futures: int) -> dict[str, int]:
    """Length of every dimension."""
    return {
        "account": len(ACCOUNTS),
        "alternative": alternatives,
        SCENARIO: futures,
        "year": 4,
        "unknown": 2,
        "gate": 1,
        "area": 2,
    }


def expected(name: str, alternatives: int, first: int, last: int, seed: int) -> np.ndarray:
    """Value of a variable: digits that tell variable, place, future and seed."""
    dims = VARIABLES[name].dims
    length = sizes(alternatives, last - first)
    index = np.indices([length[dim] for dim in dims]).astype(float)
    index[dims.index(SCENARIO)] += first
    weights = 0.1 ** np.arange(1, len(dims) + 1)
    total = np.tensordot(weights, np.sin(index + seed), 1)
    return total + list(VARIABLES).index(name)


class CountingSimulator:
    """Writes down each run, may take its time, and may die.

    Parameters
    ----------
    log : file with one line for each run: process, first and last.
    delay : time that a run takes [s].
    deadly : a process that is asked for this future kills itself, as the system would.
    wrong : the same, but it raises.
    """

    simplified = (Simplification("ramps", 0.004), Simplification("start costs"))

    def __init__(self, case, alternatives, seed, scenarios, *, log=None, delay=0.0, deadly=None,
                 wrong=None):  # fmt: skip
        self.labels = LABELS
        self._given = alternatives, seed, log, delay, deadly, wrong

    def run(self, first, last):
        alternatives, seed, log, delay, deadly, wrong = self._given
        if deadly is not None and first <= deadly < last:
            os.kill(os.getpid(), 9)
        if wrong is not None and first <= wrong < last:
            raise ArithmeticError("no such number")
        if log is not None:
            with Path(log).open("a") as file:
                file.write(f"{os.getpid()} {first} {last}\n")
        time.sleep(delay)
        return {name: expected(name, len(alternatives), first, last, seed) for name in VARIABLES}


def runs(log: Path) -> list[tuple[int, int, int]]:
    """What the log tells: process, first and last of each run."""
    if not log.exists():
        return []
    return [tuple(map(int, line.split())) for line in log.read_text().splitlines()]
