"""HiGHS on arrays: one hand-over, bounds and gains changed in place, answers read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from baseload.plan.dispatch.model import Index, Model
from baseload.plan.dispatch.problem import Array

ROWWISE, MAXIMISE = 2, -1

# The Python subclass prints a banner to standard output while it is made, before any option
# can silence it; its compiled base does not.
SILENT_HIGHS: Any = highspy.Highs.__base__


class SolverError(RuntimeError):
    """HiGHS stopped for a reason that is neither an answer nor bad input."""


@dataclass(frozen=True)
class Answer:
    """What HiGHS found.

    Attributes
    ----------
    feasible : whether a point was found.
    infeasible : whether it is proven that there is none.
    point : values of the columns.
    row_dual, column_dual : marginal gains, linear programs only; empty for mixed-integer.
    objective, bound : of the point, and of the best that is still possible [USD].
    timed_out : whether the time limit ended the search.
    """

    feasible: bool
    infeasible: bool
    point: Array
    row_dual: Array
    column_dual: Array
    objective: float
    bound: float
    timed_out: bool


@dataclass(frozen=True)
class Matrix:
    """Rows of a model as compressed sparse rows."""

    start: Index
    index: Index
    value: Array
    lower: Array
    upper: Array


def compress(model: Model) -> Matrix:
    """Return all blocks of rows of a model as one compressed matrix."""
    counts, index, value = [], [], []
    for rows in model.rows:
        if rows.keep is None:
            counts.append(np.full(rows.columns.shape[0], rows.columns.shape[1]))
            index.append(rows.columns.ravel())
            value.append(rows.values.ravel())
        else:
            counts.append(rows.keep.sum(axis=1))
            index.append(rows.columns[rows.keep])
            value.append(rows.values[rows.keep])
    return Matrix(
        start=np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int32),
        index=np.concatenate(index).astype(np.int32),
        value=np.concatenate(value),
        lower=np.concatenate([rows.lower for rows in model.rows]),
        upper=np.concatenate([rows.upper for rows in model.rows]),
    )


class Engine:
    """A model inside HiGHS.

    Parameters
    ----------
    model : what to maximise.
    gap : relative gap at which a mixed-integer search may stop [-].
    time_limit : longest search [s]; infinite for none.
    threads : threads HiGHS may use.
    """

    def __init__(
        self, model: Model, *, gap: float, time_limit: float = np.inf, threads: int = 1
    ) -> None:
        self.integer = bool(np.concatenate(model.integer).any())
        matrix = compress(model)
        lower, upper = np.concatenate(model.lower), np.concatenate(model.upper)
        gain = np.concatenate(model.gain)
        self.highs = SILENT_HIGHS()
        self._option("output_flag", False)
        self._option("threads", threads)
        self._option("mip_rel_gap", gap)
        if not self.integer:
            self._option("primal_feasibility_tolerance", 1e-9)
            self._option("dual_feasibility_tolerance", 1e-9)
        if np.isfinite(time_limit):
            self._option("time_limit", float(time_limit))
        self.highs.passModel(
            model.size, len(matrix.lower), len(matrix.index), ROWWISE, MAXIMISE, model.offset,
            gain, lower, upper, matrix.lower, matrix.upper, matrix.start, matrix.index,
            matrix.value, np.concatenate(model.integer).astype(np.int32),
        )  # fmt: skip

    def _option(self, name: str, value: bool | int | float | str) -> None:
        self.highs.setOptionValue(name, value)

    def change_bounds(self, columns: Index, lower: Array, upper: Array) -> None:
        """Give columns new bounds in place."""
        self.highs.changeColsBounds(len(columns), columns, lower, upper)

    def change_gains(self, columns: Index, gain: Array) -> None:
        """Give columns new gains in place [USD per unit]."""
        self.highs.changeColsCost(len(columns), columns, gain)

    def change_row_bounds(self, rows: Index, lower: Array, upper: Array) -> None:
        """Give rows new bounds in place."""
        self.highs.changeRowsBounds(len(rows), rows, lower, upper)

    def start_from(self, point: Array) -> None:
        """Give a mixed-integer search a feasible point to improve on."""
        solution = highspy.HighsSolution()
        solution.col_value = point.tolist()
        self.highs.setSolution(solution)

    def run(self) -> Answer:
        """Solve what is loaded; a second run starts from where the last one ended."""
        self.highs.run()
        status = self.highs.getModelStatus()
        states = highspy.HighsModelStatus
        stopped = status in (states.kTimeLimit, states.kIterationLimit, states.kInterrupt)
        nothing = status in (states.kInfeasible, states.kUnboundedOrInfeasible)
        if not (status == states.kOptimal or stopped or nothing):
            raise SolverError(f"HiGHS ended with {self.highs.modelStatusToString(status)}")
        info = self.highs.getInfo()
        feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        solution = self.highs.getSolution()
        bound = info.objective_function_value
        if self.integer:
            bound = info.mip_dual_bound
        elif stopped:
            bound = np.inf
        return Answer(
            feasible=feasible,
            infeasible=nothing,
            point=np.array(solution.col_value),
            row_dual=np.array(solution.row_dual),
            column_dual=np.array(solution.col_dual),
            objective=info.objective_function_value,
            bound=float(bound),
            timed_out=stopped,
        )
