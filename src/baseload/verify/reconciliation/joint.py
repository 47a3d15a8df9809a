"""All meters of a site at once: whether they agree, and which is the likeliest to be wrong.

Every balance that the same energy must fulfil is a row of A; the meters y have errors of variance
Sigma over the period, and r = A y is what does not add up. ``r' (A Sigma A')^-1 r`` is chi-square
with as many degrees of freedom as balances. If one meter alone is wrong, by b, then r shifts along
its column a: the best estimate of b, over its deviation, is a standard normal where nothing is
wrong, and the meter with the largest is the likeliest.

References
----------
.. [1] VDI 2048, Uncertainties of measurement during acceptance tests on energy-conversion plants.
.. [2] A. C. Tamhane, R. S. H. Mah, Data Reconciliation and Gross Error Detection in Chemical
   Process Networks, Technometrics 27, 1985, for the measurement test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import mul
from typing import NamedTuple

from baseload.verify.reconciliation.chisquare import (
    chi_square_limit,
    log_chi_square_tail,
    needed_shift,
)
from baseload.verify.reconciliation.statistics import (
    NORMAL,
    POWER,
    Outcome,
    log_tail,
    two_sided,
)

Matrix = list[list[float]]
TIED = 1e-6
"""Difference of statistics up to which two meters are equally likely to be wrong."""


@dataclass
class Network:
    """Meters, their errors, and the balances between them.

    Parameters
    ----------
    values : what each meter counted in the period, in one unit.
    variances : variance of each.
    balances : sign with which each meter stands in a balance; their sum is to be 0.
    shared : errors that meters have in common, each as its deviation on every one of them.
    """

    values: dict[str, float] = field(default_factory=dict)
    variances: dict[str, float] = field(default_factory=dict)
    balances: list[Mapping[str, int]] = field(default_factory=list)
    shared: list[Mapping[str, float]] = field(default_factory=list)

    def meter(self, name: str, value: float, variance: float) -> None:
        """Add a meter."""
        self.values[name] = value
        self.variances[name] = variance

    def covariance(self, one: str, other: str) -> float:
        """Return the covariance of two meters, or the variance of one."""
        own = self.variances[one] if one == other else 0.0
        return own + math.fsum(row.get(one, 0.0) * row.get(other, 0.0) for row in self.shared)

    def across(self, name: str) -> list[float]:
        """Return the covariance of each balance with a meter."""
        return [
            math.fsum(sign * self.covariance(other, name) for other, sign in row.items())
            for row in self.balances
        ]


class Suspect(NamedTuple):
    """One meter in the light of all others.

    Parameters
    ----------
    name : the meter.
    value : what it counted.
    best : its value by least squares, after all others were taken into account.
    sigma : deviation of that.
    statistic : its estimated error over the deviation of that.
    bias : its estimated error, if it alone is wrong.
    sharpness : inverse deviation of that estimate.
    detectable : smallest error that would have been seen with a probability of 95 %.
    """

    name: str
    value: float
    best: float
    sigma: float
    statistic: float
    bias: float
    sharpness: float
    detectable: float


class Joint(NamedTuple):
    """What all meters say together.

    Parameters
    ----------
    degrees : degrees of freedom.
    chi : chi-square of all balances.
    single : the largest statistic of a single meter.
    suspects : all meters, as they stand in the network.
    likeliest : those with the largest statistic; several where the balances do not tell them apart.
    """

    degrees: int
    chi: Outcome
    single: Outcome
    suspects: list[Suspect]
    likeliest: list[str]


def reconciled(network: Network, alpha: float) -> Joint | None:
    """Test all balances of a network together: half of the false alarms for each of two tests.

    Parameters
    ----------
    network : meters and balances; a balance that follows from the others must not be among them.
    alpha : probability of a false alarm.

    Returns
    -------
    What was found; nothing where the errors leave no room for a test (no balance, or one whose
    meters are all said to be without error).
    """
    rows = network.balances
    names = [name for name in network.values if any(name in row for row in rows)]
    across = {name: network.across(name) for name in names}
    spread = [
        [math.fsum(sign * across[n][place] for n, sign in row.items()) for row in rows]
        for place in range(len(rows))
    ]
    factor = _cholesky(spread)
    if factor is None:
        return None
    gaps = [math.fsum(sign * network.values[n] for n, sign in row.items()) for row in rows]
    white = _forward(factor, gaps)
    limits = (chi_square_limit(alpha / 2.0, len(rows)), two_sided(alpha / 2.0 / len(names)))
    shift = min(
        math.sqrt(needed_shift(limits[0], len(rows), POWER)), limits[1] + NORMAL.inv_cdf(POWER)
    )
    suspects = [_suspect(name, network, factor, (white, across[name]), shift) for name in names]
    return _judged_together(suspects, math.fsum(each * each for each in white), limits, len(rows))


def _judged_together(
    suspects: list[Suspect], chi: float, limits: tuple[float, float], degrees: int
) -> Joint:
    worst = max(suspects, key=lambda one: abs(one.statistic))
    most = abs(worst.statistic)
    seen = max(one.detectable for one in suspects)
    log_p = min(0.0, math.log(len(suspects)) + log_tail(most))
    return Joint(
        degrees,
        Outcome(chi, limits[0], log_chi_square_tail(chi, degrees), worst.bias, seen),
        Outcome(most, limits[1], log_p, worst.bias, seen),
        suspects,
        [one.name for one in suspects if abs(one.statistic) >= most - TIED * max(most, 1.0)],
    )


def _suspect(
    name: str,
    network: Network,
    factor: Matrix,
    known: tuple[Sequence[float], Sequence[float]],
    shift: float,
) -> Suspect:
    white, across = known
    column = _forward(factor, [float(row.get(name, 0)) for row in network.balances])
    sharpness = math.sqrt(math.fsum(each * each for each in column))
    along = math.fsum(map(mul, column, white))
    told = _forward(factor, across)
    value, left = network.values[name], network.covariance(name, name)
    return Suspect(
        name,
        value,
        value - math.fsum(map(mul, told, white)),
        math.sqrt(max(left - math.fsum(each * each for each in told), 0.0)),
        along / sharpness,
        along / sharpness**2,
        sharpness,
        shift / sharpness,
    )


def _cholesky(matrix: Matrix) -> Matrix | None:
    """Return the lower factor of a matrix, or nothing where it is singular."""
    size = len(matrix)
    found: Matrix = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - math.fsum(found[i][k] * found[j][k] for k in range(j))
            if i != j:
                found[i][j] = rest / found[j][j]
            elif not rest > 1e-12 * matrix[i][i]:  # nor where it is no number
                return None
            else:
                found[i][i] = math.sqrt(rest)
    return found if size else None


def _forward(factor: Matrix, right: Sequence[float]) -> list[float]:
    """Solve factor x = right."""
    found: list[float] = []
    for row, value in zip(factor, right, strict=True):
        known = math.fsum(a * b for a, b in zip(row, found, strict=False))
        found.append((value - known) / row[len(found)])
    return found
