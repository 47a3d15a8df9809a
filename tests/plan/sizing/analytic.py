"""Values of sizes that have a closed form."""

from __future__ import annotations

import numpy as np

from baseload.plan.sizing.cuts import Answer


class PriceDuration:
    """One mine beside one market, hour by hour, in closed form.

    Each future has hours h in which a MWh is worth ``worth[s, h]`` more in the mine than in the
    market, and a surplus of ``surplus`` MW. The mine takes min(x, surplus) wherever that is
    positive, so its value is ``x * (positive part summed - cost)`` up to the surplus.
    """

    def __init__(self, worth: np.ndarray, surplus: float, cost: float) -> None:
        self.gain = np.maximum(worth, 0.0).sum(axis=1)
        self.surplus, self.cost = surplus, cost

    def evaluate(self, size: np.ndarray) -> Answer:
        (x,) = size
        values = self.gain * min(x, self.surplus) - self.cost * x
        slopes = np.where(x < self.surplus, self.gain, 0.0) - self.cost
        return Answer(values, slopes[:, None])

    def worth(self, size: np.ndarray) -> np.ndarray:
        return self.evaluate(size).values


class Bowl:
    """A concave quadratic in each future: ``top - (x - best)' curved (x - best)``."""

    def __init__(self, best: np.ndarray, curved: np.ndarray, top: float, shift: np.ndarray) -> None:
        self.best, self.curved, self.top, self.shift = best, curved, top, shift

    def evaluate(self, size: np.ndarray) -> Answer:
        away = size - self.best - self.shift
        values = self.top - np.einsum("sj,jk,sk->s", away, self.curved, away)
        return Answer(values, -2.0 * away @ self.curved)

    def worth(self, size: np.ndarray) -> np.ndarray:
        return self.evaluate(size).values


def bowl(seed: int, count: int, futures: int = 20) -> Bowl:
    """Return a random bowl whose top lies within 0 to 1000 MW."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(count, count))
    curved = root @ root.T / count + 0.1 * np.eye(count)
    shift = rng.normal(0.0, 50.0, (futures, count))
    return Bowl(rng.uniform(100.0, 900.0, count), curved, 5e6, shift)
