"""Cutting planes: the sizes at which a concave value is largest, with a bound that proves it.

Each evaluation gives a value and a slope, so a plane that lies above the value everywhere [1]_.
The most that all planes and limits together allow is a bound. The next sizes are not those at
which the planes are highest, which jump from corner to corner, but the nearest to the best so far
at which the planes still allow a set part of what is missing (the level method [2]_). The search
ends when bound and best value agree within the stated gap.

References
----------
.. [1] J. E. Kelley, "The cutting-plane method for solving convex programs", Journal of SIAM 8
   (1960) 703-712.
.. [2] C. Lemarechal, A. Nemirovskii, Yu. Nesterov, "New variants of bundle methods", Mathematical
   Programming 69 (1995) 111-147.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import highspy
import numpy as np
from numpy.typing import NDArray

from baseload.plan.sizing.limits import Limits, add_rows, empty_model
from baseload.plan.sizing.risk import EXPECTED, Risk

Floats = NDArray[np.float64]

LEVEL = 0.3
"""How far below the bound the next sizes may lie, as a part of what is missing [-]."""

EVERY = 5
"""Every so many evaluations the highest corner is asked all the same: where the value has kinks,
or the best is at a limit, that ends the search at once."""

SAME = 1e-9
"""Sizes this close, as a part of their room, are the same [-]."""

MOVED = 1e-4
"""How far a limit is moved to find what more of it is worth, as a part of itself [-]."""

NO_PRICE = 1e-5
"""A price below this part of the largest money over the limit itself is none [-]."""

FLOOR = 1e-6
"""A value below this part of the largest money seen counts as that for the gap [-]."""

BENT = 1e-7
"""A value above an earlier plane by this part of the largest value is not concave [-]."""


class Answer(NamedTuple):
    """What an evaluation gives in each future.

    Attributes
    ----------
    values : shape (S,) [USD].
    slopes : supergradients, shape (S, J) [USD/MW].
    heights : where the planes of those slopes stand at these sizes, shape (S,) [USD]: above the
        values where the slopes are those of a relaxation. None where they stand on the values.
    """

    values: Floats
    slopes: Floats
    heights: Floats | None = None


class Oracle(Protocol):
    """Whatever tells what sizes are worth in each future."""

    def evaluate(self, size: Floats) -> Answer:
        """Return value and slope (a supergradient) in each future at sizes (J,) [MW]."""


@dataclass(frozen=True)
class Optimum:
    """Where the search ended.

    Attributes
    ----------
    size : best sizes evaluated, shape (J,) [MW].
    value : measure of their values [USD].
    bound : most that any sizes within the limits reach, if the value is concave [USD].
    gap : distance of the value from the bound, over the value; over `FLOOR` of the largest money
        seen where the value is less, as where no mine is best [-].
    evaluations : how often the oracle was asked.
    answer : of the oracle at the best sizes.
    row_price : worth of one unit more of each row, shape (rows,) [USD/unit].
    most_price, least_price : worth of one MW more of each bound, shape (J,) [USD/MW]; that of
        a least size is negative or zero.
    bent : by how much a value passed an earlier plane, as a part of the largest value [-]; 0
        where everything seen is concave.
    """

    size: Floats
    value: float
    bound: float
    gap: float
    evaluations: int
    answer: Answer
    row_price: Floats
    most_price: Floats
    least_price: Floats
    bent: float


class Planes(NamedTuple):
    """Planes above the value: ``height + slope @ place``, in scaled sizes."""

    heights: list[float]
    slopes: list[Floats]

    def at(self, place: Floats) -> float:
        """Return the lowest plane at a place; infinite without planes."""
        heights = (h + float(s @ place) for h, s in zip(*self, strict=True))
        return min(heights, default=np.inf)


class Master:
    """The linear program of limits and planes, grown in place.

    Sizes are scaled to their room and money to the largest value seen, so that all numbers
    are near one. Columns: places (J,), then the height.

    Parameters
    ----------
    limits : on the sizes.
    scale : money that counts as one [USD].
    """

    def __init__(self, limits: Limits, scale: float) -> None:
        self.limits, self.scale = limits, scale
        self.low, high = limits.room()
        self.width = np.where(high > self.low, high - self.low, 1.0)
        self.count = len(self.low)
        self.top = (high - self.low) / self.width
        self.row_scale = np.array(
            [
                max(abs(row.limit), float(abs(row.weights * self.width).max()), 1e-12)
                for row in limits.rows
            ]
        )
        weights = limits.matrix * self.width / self.row_scale[:, None]
        left = np.array([row.limit for row in limits.rows]) - limits.matrix @ self.low
        self.weights, self.left = weights, left / self.row_scale
        self.highs = empty_model()
        lower, upper = np.zeros(self.count), self._most()
        self.highs.addVars(self.count + 1, np.append(lower, -np.inf), np.append(upper, np.inf))
        self.highs.changeColsCost(1, np.array([self.count], np.int32), np.array([-1.0]))
        add_rows(self.highs, np.hstack([weights, np.zeros((len(weights), 1))]), self.left)
        self.planes = Planes([], [])

    def _most(self) -> Floats:
        """Bounds as written, not as rows tighten them: each limit has its own price."""
        most = (self.limits.most - self.low) / self.width
        return np.asarray(most, dtype=np.float64)

    def place(self, size: Floats) -> Floats:
        """Return sizes in scaled terms."""
        return np.asarray((size - self.low) / self.width, dtype=np.float64)

    def size(self, place: Floats) -> Floats:
        """Return scaled sizes in MW, within their room."""
        return self.low + np.clip(place, 0.0, self.top) * self.width

    def add(self, size: Floats, value: float, slope: Floats) -> None:
        """Add the plane of an evaluation: height there [USD], slope (J,) [USD/MW]."""
        tilt = slope * self.width / self.scale
        height = value / self.scale - float(tilt @ self.place(size))
        self.planes.heights.append(height)
        self.planes.slopes.append(tilt)
        add_rows(self.highs, np.append(-tilt, 1.0)[None, :], np.array([height]))

    def highest(self) -> tuple[float, Floats]:
        """Return the greatest height that planes and limits allow [USD], and where."""
        point = solved(self.highs)
        return float(point[-1]) * self.scale, point[:-1]

    def prices(self) -> tuple[Floats, Floats, Floats]:
        """Worth of one more unit of each row, of each most and of each least size.

        Each is moved by itself and the program solved again: where more limits meet than there
        are sizes, its duals are not unique, and one more of a single limit may be worth nothing.
        """
        base, _ = self.highest()
        used = self.weights @ solved(self.highs)[:-1]
        rows, most, least = np.zeros(len(self.left)), np.zeros(self.count), np.zeros(self.count)
        for row, left in enumerate(self.left):
            if left - used[row] <= MOVED:
                self.highs.changeRowBounds(row, -np.inf, left + MOVED)
                rows[row] = self.highest()[0] - base
                self.highs.changeRowBounds(row, -np.inf, left)
        upper = self._most()
        for j in range(self.count):
            if np.isfinite(upper[j]):
                self.highs.changeColBounds(j, 0.0, upper[j] + MOVED)
                most[j] = self.highest()[0] - base
            if self.limits.least[j] > 0.0 and self.top[j] > MOVED:
                self.highs.changeColBounds(j, MOVED, upper[j])
                least[j] = self.highest()[0] - base
            self.highs.changeColBounds(j, 0.0, upper[j])
        width = MOVED * self.width
        return (
            _clean(rows / (MOVED * self.row_scale), self.scale / self.row_scale, 1.0),
            _clean(most / width, self.scale / self.width, 1.0),
            _clean(least / width, self.scale / self.width, -1.0),
        )

    def nearest(self, centre: Floats, level: float) -> Floats:
        """Return the place nearest to a centre at which all planes allow a level [USD].

        Distance is the largest difference of any size, then the sum of all: linear programs.
        """
        count = self.count
        highs = empty_model()
        # Columns: places, the distance of each from the centre, the largest of them.
        upper = np.concatenate([self.top, np.full(count + 1, np.inf)])
        highs.addVars(2 * count + 1, np.zeros(2 * count + 1), upper)
        gains = np.concatenate([np.zeros(count), np.full(count, 1e-2), [1.0]])
        highs.changeColsCost(len(gains), np.arange(len(gains), dtype=np.int32), gains)
        eye, blank = np.eye(count), np.zeros((count, 1))
        add_rows(highs, np.hstack([eye, -eye, blank]), centre)
        add_rows(highs, np.hstack([-eye, -eye, blank]), -centre)
        add_rows(highs, np.hstack([np.zeros((count, count)), eye, -np.ones((count, 1))]),
                 np.zeros(count))  # fmt: skip
        tail = np.zeros((len(self.weights), count + 1))
        add_rows(highs, np.hstack([self.weights, tail]), self.left)
        slopes = np.array(self.planes.slopes)
        tail = np.zeros((len(slopes), count + 1))
        heights = np.array(self.planes.heights)
        add_rows(highs, np.hstack([-slopes, tail]), heights - level / self.scale)
        return solved(highs)[:count]


def _clean(prices: Floats, unit: Floats, sign: float) -> Floats:
    """Take prices below the accuracy of the program, or of the wrong sign, for none."""
    real = sign * prices > NO_PRICE * unit
    return np.where(real, prices, 0.0)


def solved(highs: highspy.Highs) -> Floats:
    """Solve a small program and return its columns."""
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        name = highs.modelStatusToString(highs.getModelStatus())
        raise RuntimeError(f"the program of the cutting planes ended with {name}")
    return np.array(highs.getSolution().col_value)


def maximise(
    oracle: Oracle,
    limits: Limits,
    *,
    risk: Risk = EXPECTED,
    gap: float = 1e-3,
    most_evaluations: int = 60,
    start: Floats | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Optimum:
    """Find the sizes within limits at which the measure of the futures' values is largest.

    Parameters
    ----------
    oracle : value and slope of sizes in each future, concave in the sizes.
    limits : on the sizes.
    risk : measure of the values of all futures.
    gap : relative distance from the bound at which the search ends [-].
    most_evaluations : the search ends here, with the gap it has reached.
    start : first sizes (J,) [MW]; none is half way into the limits.
    progress : told the number of evaluations and the gap after each.

    Returns
    -------
    The best sizes evaluated, the bound, and what more of each limit is worth.

    Raises
    ------
    InputError
        Where no sizes keep all limits, or nothing limits a candidate.
    """
    low, high = limits.room()
    size = _first(limits, low, high) if start is None else start
    asked, best, bent = 0, -np.inf, 0.0
    master: Master | None = None
    while True:
        answer = oracle.evaluate(size)
        asked += 1
        value = risk.measure(answer.values)
        heights = answer.values if answer.heights is None else answer.heights
        weights = risk.weights(heights)
        slope = weights @ answer.slopes
        if master is None:
            master = Master(limits, max(1.0, abs(value), float(np.abs(slope) @ (high - low))))
        bent = max(bent, value / master.scale - master.planes.at(master.place(size)))
        master.add(size, float(weights @ heights), slope)
        if value > best:
            best, best_size, best_answer = value, size, answer
        top, corner = master.highest()
        bound = max(top, best)
        reached = (bound - best) / max(abs(best), FLOOR * master.scale)
        if progress is not None:
            progress(asked, reached)
        if reached <= gap or asked >= most_evaluations:
            break
        size = master.size(corner)
        if len(size) > 1 and asked % EVERY:
            level = bound - LEVEL * (bound - best)
            near = master.size(master.nearest(master.place(best_size), level))
            size = size if _same(master, near, best_size) else near
        if _same(master, size, best_size):
            break
    rows, most, least = master.prices()
    return Optimum(
        best_size, best, bound, reached, asked, best_answer, rows, most, least,
        bent if bent > BENT else 0.0,
    )  # fmt: skip


def _same(master: Master, one: Floats, other: Floats) -> bool:
    return bool(np.abs(master.place(one) - master.place(other)).max(initial=0.0) <= SAME)


def _first(limits: Limits, low: Floats, high: Floats) -> Floats:
    """Begin half way from the least sizes to as far as all limits let all grow together."""
    share = 1.0
    for row in limits.rows:
        grown = float(row.weights @ (high - low))
        if grown > 0.0:
            share = min(share, (row.limit - float(row.weights @ low)) / grown)
    return low + 0.5 * share * (high - low)
