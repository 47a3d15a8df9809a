"""What fleet sizes are worth when the whole plant is dispatched around them, hour by hour.

The value of a dispatch is concave in the capacities of its uses, and its duals are the slope.
Ramps are on the units where the value is taken and on the plant where the slope is: planes stand
on the plant's optimum, which units nearly always reach (see `baseload.plan.dispatch.batch`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from baseload.plan.dispatch.batch import solve_batch
from baseload.plan.dispatch.ensemble import Worths
from baseload.plan.dispatch.problem import Problem
from baseload.plan.sizing.cuts import Answer

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Dispatched:
    """Margin of a dispatch in each future, less what the sizes of some uses cost.

    Attributes
    ----------
    problem : its capacities of the sized uses are replaced.
    drivers, worths : futures, see `baseload.plan.dispatch.ensemble`; (S, D, T).
    uses : indices of the uses that are sized, length J.
    cost : of one MW over the horizon, shape (J,) [USD/MW].
    threads : futures are shared among so many.
    """

    problem: Problem
    drivers: Floats
    worths: Worths
    uses: tuple[int, ...]
    cost: Floats
    threads: int = 1

    def sized(self, size: Floats) -> Problem:
        """Return the problem with the given sizes (J,) [MW]."""
        uses = self.problem.uses
        capacity = uses.capacity.copy()
        capacity[list(self.uses)] = size[:, None]
        return replace(self.problem, uses=replace(uses, capacity=capacity))

    def evaluate(self, size: Floats) -> Answer:
        """Return margin [USD] and slope [USD/MW] in each future at sizes (J,) [MW]."""
        found = solve_batch(
            self.sized(size), self.drivers, self.worths, threads=self.threads, prices=True
        )
        slopes = found.use_price[:, list(self.uses)] - self.cost
        paid = float(self.cost @ size)
        return Answer(found.objective - paid, slopes, found.height - paid)
