"""The recipe: candidates, cutting planes over all futures, the curve and the check around."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from baseload.case.case import Case
from baseload.case.errors import InputError
from baseload.case.sizes import Candidate
from baseload.plan.sizing.candidates import (
    candidates_of,
    case_with_candidates,
    limits_of,
    mine_names,
)
from baseload.plan.sizing.curve import grid, same, value_curve
from baseload.plan.sizing.cuts import BENT, Answer, Optimum, maximise
from baseload.plan.sizing.limits import Limits
from baseload.plan.sizing.margins import margins
from baseload.plan.sizing.result import Curve, Limit, Sizing
from baseload.plan.sizing.risk import EXPECTED, Risk

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Progress = Callable[[str, int, int], None]

MOST_EVALUATIONS = 40

MOST_ROUNDS = 5
"""How often the search goes on from a size around its optimum that is worth more."""

NOTHING = 0.01
"""Money that is none: sums of ten years are this exact [USD]."""


class Valued(Protocol):
    """What mines of given powers add in each future."""

    @property
    def mines(self) -> tuple[str, ...]:
        """Names of the mines, in the order of their powers."""

    @property
    def built(self) -> Flags:
        """Futures in which a mine may run at some time, shape (S,); known once valued."""

    @property
    def hashprice(self) -> Floats:
        """Mean that a hash earns, without own ones, shape (S,) [USD/PH/day]; once valued."""

    @property
    def chance(self) -> float:
        """Probability that each future stands for [-]."""

    def value(self, powers: Floats, *, slopes: bool = True) -> tuple[Floats, Floats]:
        """Return values (S,) [USD] and, if asked for, slopes (S, J) [USD/MW] of powers (J,)."""

    def close(self) -> None:
        """Give back what it holds."""


class Maker(Protocol):
    """Makes what values mines."""

    def __call__(
        self, case: Case, alternative: str, *, scenarios: int, seed: int, workers: int, opened: bool
    ) -> Valued:
        """Make it for the mines of an alternative of a case."""


class NeverBuiltError(InputError):
    """In no future can the mine be built whose size is asked for."""


@dataclass
class Ordered:
    """A valuer as an oracle of the cutting planes: sizes in the order of the candidates.

    Only the futures in which the mines can be built count.
    """

    valuer: Valued
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if sorted(self.valuer.mines) != sorted(self.names):
            raise ValueError(f"mines {self.valuer.mines} are not the candidates {self.names}")
        self.place = np.array([self.names.index(name) for name in self.valuer.mines])

    def evaluate(self, size: Floats) -> Answer:
        """Return value and slope in each future at sizes (J,) [MW].

        Raises
        ------
        baseload.case.errors.InputError
            Where no future lets a mine be built.
        """
        values, slopes = self.valuer.value(size[self.place])
        built = self._built()
        ordered = np.empty_like(slopes)
        ordered[:, self.place] = slopes
        return Answer(values[built], ordered[built])

    def worth(self, size: Floats) -> Floats:
        """Return the value alone, as `evaluate` does."""
        values, _ = self.valuer.value(size[self.place], slopes=False)
        return values[self._built()]

    def _built(self) -> Flags:
        built = self.valuer.built
        if not built.any():
            raise NeverBuiltError(
                f"{len(built)} scenarios",
                expected="futures in which all gates open that the alternative waits for, in time",
                found="none",
                mend="draw more scenarios, or size it for open gates (--opened)",
            )
        return built


def size(
    case: Case,
    alternative: str,
    *,
    scenarios: int,
    seed: int = 0,
    workers: int = 1,
    opened: bool = False,
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
    opened : whether the gates that the alternative waits for open in every future.
    risk : what is maximised over futures.
    gap : relative distance from the bound at which the search ends [-].
    progress : told of every evaluation.
    maker : makes what values sizes; none is the ensemble.

    Raises
    ------
    baseload.case.errors.InputError
        Where the alternative has no mine, no sizes keep all limits, or no future lets a mine
        be built.
    """
    candidates = candidates_of(case, alternative)
    limits = limits_of(case, candidates)
    limits.room()
    open_case = case_with_candidates(case, alternative, candidates)
    make = _ensemble if maker is None else maker
    valuer = make(
        open_case, alternative, scenarios=scenarios, seed=seed, workers=workers, opened=opened
    )
    with closing(valuer):
        oracle = Ordered(valuer, mine_names(candidates))
        found = _search(oracle, limits, risk, gap, progress)
    return _sizing(case, alternative, candidates, limits, oracle, risk, gap, found)


class _Found(NamedTuple):
    """An optimum, the curve through it, sizes valued in all and around it, and the best there.

    Also whether all that was found kept below every bound, as it does where worth is concave.
    """

    optimum: Optimum
    curve: Curve
    evaluations: int
    tried: int
    best: float
    concave: bool


def _search(
    oracle: Ordered, limits: Limits, risk: Risk, gap: float, progress: Progress | None
) -> _Found:
    """Search by cutting planes, look around, and go on from where more is found."""
    evaluations, start, concave = 0, None, True

    def tell(asked: int, reached: float) -> None:
        if progress is not None:
            most = MOST_EVALUATIONS
            progress(f"evaluation {evaluations + asked}, gap {reached:.2%}", min(asked, most), most)

    for _ in range(MOST_ROUNDS):
        found = maximise(
            oracle, limits, risk=risk, gap=gap, most_evaluations=MOST_EVALUATIONS, start=start,
            progress=tell,
        )  # fmt: skip
        evaluations += found.evaluations
        if progress is not None:
            progress("curve and grid", MOST_EVALUATIONS, MOST_EVALUATIONS)
        curve, along = value_curve(oracle.worth, found.size, limits, risk)
        around = grid(oracle.worth, found.size, limits, risk)
        best = max(along, around, key=lambda tried: tried.best)
        evaluations += along.points + around.points
        slack = BENT * max(1.0, abs(found.bound))
        concave &= found.bent == 0.0 and best.best <= found.bound + slack
        if best.best - found.value <= gap * max(1.0, abs(found.value)):
            break
        start = best.size
    return _Found(found, curve, evaluations, along.points + around.points, best.best, concave)


def _sizing(
    case: Case,
    alternative: str,
    candidates: dict[str, Candidate],
    limits: Limits,
    oracle: Ordered,
    risk: Risk,
    gap: float,
    found: _Found,
) -> Sizing:
    """Put the optimum, the curve and the check around it together."""
    optimum, valuer = found.optimum, oracle.valuer
    titles = tuple(each.title or name for name, each in candidates.items())
    values, slopes = optimum.answer.values, optimum.answer.slopes
    whole = np.zeros(len(valuer.built))
    whole[valuer.built] = valuer.chance * values
    return Sizing(
        alternative=alternative,
        candidates=titles,
        size=optimum.size,
        risk=str(risk),
        value=optimum.value,
        mean=float(values.mean()),
        error=_error(values),
        loses=float((values < -NOTHING).mean()),
        bound=optimum.bound,
        gap=optimum.gap,
        sought=gap,
        proven=optimum.gap <= gap and found.concave and not moves_network(case),
        evaluations=found.evaluations,
        limits=binding_and_slack(limits, optimum),
        curve=found.curve,
        grid_points=found.tried,
        grid_value=found.best,
        scenarios=len(whole),
        futures=len(values),
        chance=valuer.chance,
        overall=float(whole.mean()),
        overall_error=_error(whole),
        same=same(found.curve),
        margins=margins(titles, slopes, valuer.hashprice[valuer.built]),
    )


def _error(values: Floats) -> float:
    """Monte Carlo standard error of a mean [USD]."""
    count = len(values)
    return float(values.std(ddof=1) / np.sqrt(count)) if count > 1 else float("nan")


def moves_network(case: Case) -> bool:
    """Whether own hashes lower the pay of every hash: the value is then not surely concave."""
    bitcoin = case.tree.bitcoin
    return bitcoin.network_response and bitcoin.hashprice is None


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


def _ensemble(
    case: Case, alternative: str, *, scenarios: int, seed: int, workers: int, opened: bool
) -> Valued:
    """Return the value of mines in the case's own futures."""
    from baseload.plan.ensemble.valuer import Valuer

    return Valuer(case, alternative, scenarios=scenarios, seed=seed, workers=workers, opened=opened)
