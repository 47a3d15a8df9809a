"""What is maximised over futures: the expected value, or one that weighs bad futures more."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Risk:
    """A weighted mean of the expected value and of the mean of the worst futures.

    ``(1 - weight) * mean + weight * CVaR(alpha)``, where CVaR is the mean of the worst share
    ``alpha`` of futures [1]_. It is concave in the values of the futures and rises with each,
    so a concave value in every future stays concave.

    Attributes
    ----------
    alpha : share of futures that count as the worst, above 0 and at most 1 [-].
    weight : of their mean, from 0 (expected value) to 1 [-].

    References
    ----------
    .. [1] R. T. Rockafellar and S. Uryasev, "Optimization of conditional value-at-risk",
       Journal of Risk 2 (2000) 21-41.
    """

    alpha: float = 1.0
    weight: float = 0.0

    def __str__(self) -> str:
        return "expected" if self.weight == 0.0 else f"cvar:{self.alpha:g}:{self.weight:g}"

    def weights(self, values: Floats) -> Floats:
        """Weight of each future, which sum to one, shape (S,).

        They are a supergradient: the measure of any other values is at most their sum with
        these weights. Futures of equal value are taken in their order.
        """
        count = len(values)
        even = np.full(count, 1.0 / count)
        if self.weight == 0.0:
            return even
        share = self.alpha * count
        tail = np.zeros(count)
        order = np.argsort(values, kind="stable")
        tail[order] = np.clip(share - np.arange(count), 0.0, 1.0) / share
        return (1.0 - self.weight) * even + self.weight * tail

    def measure(self, values: Floats) -> float:
        """Return the measure of the values of all futures, shape (S,) [USD]."""
        return float(self.weights(values) @ values)


EXPECTED = Risk()


def parse_risk(text: str, where: str = "--risk") -> Risk:
    """Read ``expected`` or ``cvar:ALPHA:WEIGHT``.

    Raises
    ------
    InputError
        Where it is neither, or a number is out of its range.

    Examples
    --------
    >>> parse_risk("cvar:0.05:0.5")
    Risk(alpha=0.05, weight=0.5)
    """
    name, *numbers = text.strip().split(":")
    if name == "expected" and not numbers:
        return EXPECTED
    try:
        alpha, weight = (float(number) for number in numbers)
    except ValueError:
        alpha = weight = math.nan
    if name != "cvar" or not (0.0 < alpha <= 1.0 and 0.0 <= weight <= 1.0):
        raise InputError(
            f"{where} = {text!r}",
            expected="expected, or cvar:ALPHA:WEIGHT with ALPHA above 0 and at most 1 and WEIGHT "
            "from 0 to 1",
            found=repr(text),
            mend='write "cvar:0.05:0.5" for half the weight on the worst 5 % of futures',
        )
    return Risk(alpha, weight)
