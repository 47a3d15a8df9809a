"""Limits on the sizes of candidates: bounds of each, and rows that several share."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError
from baseload.plan.dispatch.highs import SILENT_HIGHS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """A limit that several candidates share.

    Attributes
    ----------
    name : what it is called.
    weights : what a MW of each candidate takes of it, shape (J,) [unit/MW].
    limit : most that they may take together [unit].
    unit : of the limit, MW or USD.
    """

    name: str
    weights: Floats
    limit: float
    unit: str = "MW"


@dataclass(frozen=True)
class Limits:
    """All limits on the sizes of J candidates.

    Attributes
    ----------
    names : of the candidates.
    least, most : bounds of each, shape (J,) [MW]; most may be infinite if a row holds it.
    rows : limits that candidates share.
    """

    names: tuple[str, ...]
    least: Floats
    most: Floats
    rows: tuple[Row, ...] = ()

    @property
    def matrix(self) -> Floats:
        """Weights of all rows, shape (rows, J) [unit/MW]."""
        return np.array([row.weights for row in self.rows]).reshape(len(self.rows), len(self.names))

    def room(self) -> tuple[Floats, Floats]:
        """Return the least and the most that each size can be under all limits, (J,) [MW].

        Raises
        ------
        InputError
            Where no sizes keep all limits, naming those in conflict, or where nothing limits
            a candidate.
        """
        self._check()
        low = np.array([-self._farthest(j, -1.0) for j in range(len(self.names))])
        high = np.array([self._farthest(j, 1.0) for j in range(len(self.names))])
        return np.maximum(low, self.least), np.minimum(np.maximum(low, high), self.most)

    def _check(self) -> None:
        for name, least, most in zip(self.names, self.least, self.most, strict=True):
            if not (0.0 <= least <= most) or not np.isfinite(least):
                raise InputError(
                    f"candidate '{name}'",
                    expected="0 MW <= least <= most",
                    found=f"least {least:g} MW, most {most:g} MW",
                    mend="lower the least or raise the most",
                )
        self._check_rows()

    def _check_rows(self) -> None:
        """Refuse rows that no sizes keep together, naming those in conflict.

        Rows may be passed at a cost; those that the cheapest sizes still pass cannot be kept.
        """
        for row in self.rows:
            if np.isnan(row.limit) or not np.isfinite(row.weights).all():
                raise InputError(
                    f"limit '{row.name}'",
                    expected="numbers",
                    found=f"{row.limit:g} {row.unit}, weights {row.weights.tolist()}",
                    mend="mend the limit",
                )
        count, width = len(self.rows), len(self.names)
        scale = np.array([max(abs(row.limit), float(abs(row.weights).max()), 1e-300)
                          for row in self.rows])  # fmt: skip
        highs = empty_model()
        highs.addVars(width + count, np.append(self.least, np.zeros(count)),
                      np.append(self.most, np.full(count, np.inf)))  # fmt: skip
        columns = np.arange(width, width + count, dtype=np.int32)
        highs.changeColsCost(count, columns, np.ones(count))
        weights = np.hstack([self.matrix / scale[:, None], -np.eye(count)])
        add_rows(highs, weights, np.array([row.limit for row in self.rows]) / scale)
        highs.run()
        passed = np.array(highs.getSolution().col_value)[width:]
        for row, excess, unit in zip(self.rows, passed, scale, strict=True):
            if excess > 1e-9:
                members = [n for n, w in zip(self.names, row.weights, strict=True) if w]
                raise InputError(
                    f"limit '{row.name}' on {', '.join(members)}",
                    expected=f"at least {row.limit + excess * unit:,.6g} {row.unit}, so that the "
                    "least sizes and all other limits can be kept",
                    found=f"{row.limit:,.6g} {row.unit}",
                    mend="raise the limit, or lower the least size of a candidate",
                )

    def _farthest(self, j: int, sign: float) -> float:
        """Most that ``sign * size`` of a candidate can be under all limits [MW]."""
        highs = empty_model()
        gain = np.zeros(len(self.names))
        gain[j] = sign
        highs.addVars(len(self.names), self.least, self.most)
        highs.changeColsCost(len(gain), np.arange(len(gain), dtype=np.int32), -gain)
        add_rows(highs, self.matrix, np.array([row.limit for row in self.rows]))
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise InputError(
                f"candidate '{self.names[j]}'",
                expected="a most size, or a limit that holds it",
                found="nothing that limits it",
                mend="give the candidate a most, or name it in a limit",
            )
        return -float(highs.getInfo().objective_function_value)


def empty_model() -> highspy.Highs:
    """Return an empty model that minimises in silence."""
    highs: highspy.Highs = SILENT_HIGHS()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        highs.setOptionValue(name, 1e-10)
    return highs


def add_rows(highs: highspy.Highs, weights: Floats, upper: Floats) -> None:
    """Add rows ``weights @ columns <= upper`` in place; weights has shape (rows, columns)."""
    count, width = weights.shape
    highs.addRows(
        count,
        np.full(count, -np.inf),
        np.asarray(upper, dtype=np.float64),
        weights.size,
        np.arange(0, weights.size, width, dtype=np.int32) if width else np.zeros(0, np.int32),
        np.tile(np.arange(width, dtype=np.int32), count),
        np.ascontiguousarray(weights, dtype=np.float64).ravel(),
    )
