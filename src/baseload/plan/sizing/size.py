"""The recipe: candidates, cutting planes over all futures, the curve and the check around."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from baseload.case.case import Case
from baseload.case.sizes import Candidate
from baseload.plan.sizing.candidates import (
    candidates_of,
    case_with_candidates,
    limits_of,
    mine_names,
)
from baseload.plan.sizing.curve import grid, value_curve
from baseload.plan.sizing.cuts import Answer, Optimum, maximise
from baseload.plan.sizing.limits import Limits
from baseload.plan.sizing.result import Limit, Sizing
from baseload.plan.sizing.risk import EXPECTED, Risk

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

MOST_EVALUATIONS = 40


class Valued(Protocol):
    """What mines of given powers add in each future."""

    @property
    def mines(self) -> tuple[str, ...]:
        """Names of the mines, in the order of their powers."""

    def value(self, powers: Floats) -> tuple[Floats, Floats]:
        """Return values (S,) [USD] and slopes (S, J) [USD/MW] of powers (J,) [MW]."""


Maker = Callable[[Case, str, int, int, int], Valued]
"""Makes what values: case, alternative, scenarios, seed, workers."""


@dataclass
class Ordered:
    """A valuer as an oracle of the cutting planes: sizes in the order of the candidates."""

    valuer: Valued
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if sorted(self.valuer.mines) != sorted(self.names):
            raise ValueError(f"mines {self.valuer.mines} are not the candidates {self.names}")
        self.place = np.array([self.names.index(name) for name in self.valuer.mines])

    def evaluate(self, size: Floats) -> Answer:
        """Return value and slope in each future at sizes (J,) [MW]."""
        values, slopes = self.valuer.value(size[self.place])
        ordered = np.empty_like(slopes)
        ordered[:, self.place] = slopes
        return Answer(values, ordered)


def size(
    case: Case,
    alternative: str,
    *,
    scenarios: int,
    seed: int = 0,
    workers: int = 1,
    risk: Risk = EXPECTED,
    gap: float = 1e-3,
    progress: Progress | None = None,
    maker: Maker | None = None,
) -> Sizing:
    """Find the sizes of an alternative's mines that are worth most over all futures.

    Parameters
    ----------
    case, alternative : what is studied; candidates and limits are in its ``sizes.toml``.
    scenarios, seed : futures, the same for all sizes.
    workers : processes that share them.
    risk : what is maximised over futures.
    gap : relative distance from the bound at which the search ends [-].
    progress : told of every evaluation.
    maker : makes what values sizes; none is the ensemble.

    Raises
    ------
    baseload.case.errors.InputError
        Where the alternative has no mine, or no sizes keep all limits.
    """
    candidates = candidates_of(case, alternative)
    limits = limits_of(case, candidates)
    limits.room()
    open_case = case_with_candidates(case, alternative, candidates)
    make = _ensemble if maker is None else maker
    oracle = Ordered(make(open_case, alternative, scenarios, seed, workers), mine_names(candidates))

    def tell(asked: int, reached: float) -> None:
        if progress is not None:
            progress(f"evaluation {asked}, gap {reached:.2%}", asked, MOST_EVALUATIONS)

    found = maximise(
        oracle, limits, risk=risk, gap=gap, most_evaluations=MOST_EVALUATIONS, progress=tell
    )
    if progress is not None:
        progress("curve and grid", found.evaluations, MOST_EVALUATIONS)
    return _sizing(case, alternative, candidates, limits, oracle, risk, gap, found)


def _sizing(
    case: Case,
    alternative: str,
    candidates: dict[str, Candidate],
    limits: Limits,
    oracle: Ordered,
    risk: Risk,
    gap: float,
    found: Optimum,
) -> Sizing:
    """Put the optimum, the curve and the check around it together."""
    curve, along = value_curve(oracle, found.size, limits, risk)
    around = grid(oracle, found.size, limits, risk)
    values = found.answer.values
    count = len(values)
    return Sizing(
        alternative=alternative,
        candidates=tuple(each.title or name for name, each in candidates.items()),
        size=found.size,
        risk=str(risk),
        value=found.value,
        mean=float(values.mean()),
        error=float(values.std(ddof=1) / np.sqrt(count)) if count > 1 else float("nan"),
        loses=float((values < 0.0).mean()),
        bound=found.bound,
        gap=found.gap,
        proven=found.gap <= gap and found.bent == 0.0 and not moves_network(case),
        evaluations=found.evaluations + along.points + around.points,
        limits=binding_and_slack(limits, found),
        curve=curve,
        grid_points=along.points + around.points,
        grid_value=max(along.best, around.best),
    )


def moves_network(case: Case) -> bool:
    """Whether own hashes lower the pay of every hash: the value is then not surely concave."""
    return bool(case.tree.bitcoin.network_response)


def binding_and_slack(limits: Limits, found: Optimum) -> tuple[Limit, ...]:
    """Return every limit with how far it is used and what one unit more is worth."""
    listed = [
        Limit(row.name, row.unit, row.limit, float(row.weights @ found.size), float(price))
        for row, price in zip(limits.rows, found.row_price, strict=True)
    ]
    for j, name in enumerate(limits.names):
        used = float(found.size[j])
        most, least = float(limits.most[j]), float(limits.least[j])
        listed.append(Limit(f"most of {name}", "MW", most, used, float(found.most_price[j])))
        if least > 0.0:
            listed.append(Limit(f"least of {name}", "MW", least, used, float(found.least_price[j])))
    return tuple(listed)


def _ensemble(case: Case, alternative: str, scenarios: int, seed: int, workers: int) -> Valued:
    """Return the value of mines in the case's own futures."""
    from baseload.plan.ensemble.valuer import Valuer

    made: Valued = Valuer(case, alternative, scenarios=scenarios, seed=seed, workers=workers)
    return made
