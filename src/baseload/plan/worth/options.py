"""The right to decide later: build, wait, mothball, restart or stop, once a year.

Least-squares Monte Carlo: going back in time, what each state is worth from the next year on is
known future by future; its expectation given what can be seen is a regression over futures, and
the owner takes what promises most. Each future is paid by what then happens in it, under a rule
learned from other futures, so that the value is that of a rule that could be followed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from baseload.plan.worth.information import FOLDS
from baseload.plan.worth.regression import Flags, Floats, design, parts_of, predicted

Choices = NDArray[np.int8]


class State(IntEnum):
    """What a project is in during a year."""

    WAITING = 0
    RUNNING = 1
    """Being built, or running."""
    MOTHBALLED = 2
    STOPPED = 3


@dataclass(frozen=True)
class Project:
    """What an owner may decide at the beginning of each of Y years, in S futures.

    Parameters
    ----------
    running : cash of each year in which it runs, shape (S, Y) [USD].
    features : what is seen at the beginning of each year, shape (S, Y, F) [any unit].
    build_cost : cost of deciding to build at the beginning of a year, known then, shape (S, Y)
        [USD]; infinite where it may not be built.
    rate : discount rate, one or one for each future [1/year].
    build_time : years from the decision to the first year that runs.
    mothballed : cash of each mothballed year, shape (S, Y) [USD]; None if there is no such state.
    to_mothball, to_restart, to_stop : costs of each switch [USD].
    timing : when a year's cash comes, from the year's beginning [year].
    """

    running: Floats
    features: Floats
    build_cost: Floats
    rate: float | Floats
    build_time: int = 0
    mothballed: Floats | None = None
    to_mothball: float = 0.0
    to_restart: float = 0.0
    to_stop: float = 0.0
    timing: float = 0.5

    def __post_init__(self) -> None:
        """Refuse shapes that do not agree and numbers that are none."""
        shape = self.running.shape
        parts = {"build_cost": self.build_cost.shape, "features": self.features.shape[:2]}
        if self.mothballed is not None:
            parts["mothballed"] = self.mothballed.shape
        for name, found in parts.items():
            if found != shape:
                raise ValueError(f"{name}: expected {shape} futures and years, found {found}")
        for name, cash in (("running", self.running), ("features", self.features)):
            if not np.isfinite(cash).all():
                raise ValueError(f"{name}: expected finite numbers, found NaN or infinity")
        if self.build_time < 0:
            raise ValueError(f"build_time: expected 0 or more years, found {self.build_time}")


@dataclass(frozen=True)
class Flexibility:
    """What the right to decide is worth."""

    value: float
    """Expected value under the rule, at the beginning of the first year [USD]."""
    error: float
    """Monte Carlo standard error of it [USD]."""
    upper: float
    """Expected value to an owner who sees the whole future: a bound from above [USD]."""
    at_once: float
    """Expected value of building in the first year and running on whatever comes [USD]; minus
    infinity where it may not be built then."""
    paid: Floats
    """Value under the rule in each future, shape (S,) [USD]."""
    state: Choices
    """`State` in each year under the rule, shape (S, Y)."""


def flexibility(project: Project, folds: int = FOLDS) -> Flexibility:
    """Value the right to wait, build, mothball, restart and stop.

    Parameters
    ----------
    project : cash, costs and what is seen.
    folds : parts of the futures; the rule that a part follows is learned from the others.

    Notes
    -----
    Longstaff and Schwartz [1]_, for several states as Cortazar et al. [2]_. The cash of a year is
    not known at its beginning: it is part of what is expected. The cost of building is known.
    Because rule and payment come from different futures, the expectation of ``value`` is at most
    that of the best rule (a bound from below); ``upper`` is a bound from above, and a wide one.

    References
    ----------
    .. [1] Longstaff and Schwartz (2001), Valuing American options by simulation: a simple
       least-squares approach, Review of Financial Studies 14(1), 113-147.
    .. [2] Cortazar, Gravet and Urzua (2008), The valuation of multidimensional American real
       options using the LSM simulation method, Computers & Operations Research 35(1), 113-129.
    """
    count, years = project.running.shape
    prepared = [design(project.features[:, year].T) for year in range(years)]
    paid, state = np.empty(count), np.empty((count, years), dtype=np.int8)
    for own in parts_of(count, folds):

        def expect(targets: Floats, year: int, learn: Flags = ~own) -> Floats:
            return predicted(prepared[year], targets, learn)

        values, choices = _backward(project, expect)
        paid[own] = values[own]
        state[own] = _states(choices, project.build_time)[own]
    foreseen, _ = _backward(project, lambda targets, year: targets)
    error = float(paid.std(ddof=1) / np.sqrt(count))
    return Flexibility(
        float(paid.mean()), error, float(foreseen.mean()), at_once(project), paid, state
    )


def at_once(project: Project) -> float:
    """Return the expected value of building in the first year and running on [USD]."""
    years = np.arange(project.running.shape[1])
    factor = 1.0 / (1.0 + np.reshape(project.rate, (-1, 1)))
    cash = project.running * factor ** (years + project.timing)
    return float((cash[:, project.build_time :].sum(axis=1) - project.build_cost[:, 0]).mean())


# --- going back in time -------------------------------------------------------------------------


def _backward(
    project: Project, expect: Callable[[Floats, int], Floats]
) -> tuple[Floats, tuple[Choices, Choices, Choices]]:
    """Return the value of waiting in the first year, and every choice by state, shapes (Y, S)."""
    count, years = project.running.shape
    delta = 1.0 / (1.0 + np.broadcast_to(np.asarray(project.rate, dtype=float), (count,)))
    wait, idle = np.zeros(count), np.zeros(count)
    runs = np.zeros((years + 1, count))
    chosen = tuple(np.empty((years, count), dtype=np.int8) for _ in range(3))
    for year in reversed(range(years)):
        ahead = _ahead(project, year, delta, (wait, runs, idle))
        hoped = np.array(expect(ahead, year))
        hoped[0] = np.maximum(hoped[0], 0.0)  # Waiting costs nothing and obliges to nothing.
        wait, chosen[0][year] = _pick(hoped, ahead, _while_waiting(project, year))
        runs[year], chosen[1][year] = _pick(hoped, ahead, _while_running(project))
        idle, chosen[2][year] = _pick(hoped, ahead, _while_mothballed(project))
    return wait, (chosen[0], chosen[1], chosen[2])


def _ahead(
    project: Project, year: int, delta: Floats, later: tuple[Floats, Floats, Floats]
) -> Floats:
    """Return what waiting, running, mothballing and building bring in each future, (4, S)."""
    wait, runs, idle = later
    soon = delta**project.timing
    run = soon * project.running[:, year] + delta * runs[year + 1]
    rest = np.zeros_like(wait)
    if project.mothballed is not None:
        rest = soon * project.mothballed[:, year] + delta * idle
    ready = year + project.build_time
    if project.build_time == 0:
        built = run
    elif ready < runs.shape[0]:
        built = delta**project.build_time * runs[ready]
    else:
        built = np.zeros_like(wait)
    return np.stack([delta * wait, run, rest, built])


Option = tuple[State, int | None, float | Floats]
"""State to go to, row of `_ahead` (None brings nothing), and what the switch costs [USD]."""


def _while_waiting(project: Project, year: int) -> tuple[Option, ...]:
    return (State.WAITING, 0, 0.0), (State.RUNNING, 3, project.build_cost[:, year])


def _while_running(project: Project) -> tuple[Option, ...]:
    pause: tuple[Option, ...] = ((State.MOTHBALLED, 2, project.to_mothball),)
    return (
        (State.RUNNING, 1, 0.0),
        *(pause if project.mothballed is not None else ()),
        (State.STOPPED, None, project.to_stop),
    )


def _while_mothballed(project: Project) -> tuple[Option, ...]:
    return (
        (State.MOTHBALLED, 2, 0.0),
        (State.RUNNING, 1, project.to_restart),
        (State.STOPPED, None, project.to_stop),
    )


def _pick(hoped: Floats, ahead: Floats, options: tuple[Option, ...]) -> tuple[Floats, Choices]:
    """Choose by what is hoped, be paid by what comes; the first of equals."""
    nothing = np.zeros(hoped.shape[1])
    promise = np.stack(
        [(nothing if row is None else hoped[row]) - cost for _, row, cost in options]
    )
    paid = np.stack([(nothing if row is None else ahead[row]) - cost for _, row, cost in options])
    choice = promise.argmax(axis=0)
    value = paid[choice, np.arange(choice.size)]
    states = np.array([state for state, _, _ in options], dtype=np.int8)
    return value, states[choice]


def _states(choices: tuple[Choices, Choices, Choices], build_time: int) -> Choices:
    """Return the state of each year, from waiting in the first on, shape (S, Y)."""
    years, count = choices[0].shape
    state = np.zeros(count, dtype=np.int8)
    bound = np.zeros(count, dtype=np.int64)
    found = np.empty((count, years), dtype=np.int8)
    for year in range(years):
        free = year >= bound
        for index, choice in enumerate(choices):
            here = free & (state == index)
            chosen = np.where(here, choice[year], state)
            bound = np.where(
                here & (index == 0) & (chosen == State.RUNNING), year + build_time, bound
            )
            # A state left this year is not left again in the same year.
            free = free & ~here
            state = chosen.astype(np.int8)
        found[:, year] = state
    return found
