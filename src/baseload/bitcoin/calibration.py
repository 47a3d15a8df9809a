"""Fit the competitors to the history of difficulty, and say how well that goes.

The model runs freely: it starts from the first difficulty and sees nothing but price, subsidy
and fees from there on, so that its errors add up over the years as they would in a forecast
whose prices came true. Its blocks come at their mean, those of the chain by chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from baseload.bitcoin import daystep
from baseload.bitcoin.competitors import DAYS_PER_YEAR, Competitors, Path, path
from baseload.bitcoin.daystep import VINTAGE_DAYS, VINTAGES
from baseload.bitcoin.machines import machines
from baseload.bitcoin.market import Market, fee_shares, prices_after
from baseload.bitcoin.prices import Prices
from baseload.bitcoin.retargets import Retarget
from baseload.bitcoin.revenue import SECONDS_PER_DAY
from baseload.bitcoin.shocks import (
    CHINA,
    STORM,
    Answer,
    answer,
    answer_of_return,
    difficulty_at,
    first_day,
    start_at,
)
from baseload.case.errors import InputError

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]

FREE: Final[Mapping[str, tuple[float, float, float]]] = {
    "power_price": (45.0, 10.0, 150.0),
    "switching": (72.0, 6.0, 720.0),
    "barrier": (35.0, 5.0, 100.0),
    "entry": (0.8, 0.1, 4.0),
    "return": (400.0, 30.0, 1_500.0),
}
"""Start and bounds of what is fitted, in the units of `Competitors`; the return of the
machines that the ban of 2021 stopped takes so many days."""

SPREAD: Final = 0.5
"""Spread of power prices, assumed: the history tells it hardly from their median [-]."""
DELIVERY: Final = 2_160.0
"""Time constant of entry, assumed: the history hardly tells it from the barrier [h]."""
LIFE: Final = 5 * 8766.0
"""Mean time that a machine stays installed, assumed [h]."""

BARRIER_ON: Final = np.datetime64("2026-01-01")
"""Day for which barrier and machines on sale are fitted."""

LEVEL_ERROR, CHANGE_ERROR = 0.10, 0.05
"""Errors of the log of the difficulty and of its change that weigh alike in the fit."""

# Days after the last known price, for a path that reaches the last height late and for what
# came after the fit.
_LATER_DAYS: Final = 160
_LEAST_LATER: Final = 6
# What an experiment needs of the days before and after it begins.
_BEFORE_SHOCK: Final = np.timedelta64(30, "D")
_SHOCK_DAYS: Final = 45
_LEAST_EPOCHS: Final = 40
# Years before the first day whose growth of difficulty tells the ages of machines.
_YEARS_BEFORE: Final = 4.0
SECONDS_PER_YEAR: Final = DAYS_PER_YEAR * SECONDS_PER_DAY


@dataclass(frozen=True)
class Errors:
    """How far a path of difficulty is from the real one.

    Parameters
    ----------
    rmse : root mean square error of the log of the difficulty [-].
    bias : mean error of the log [-].
    change_rmse : root mean square error of the log changes from epoch to epoch [-].
    correlation : of modelled with real log changes [-].
    epochs : difficulties compared [-].
    """

    rmse: float
    bias: float
    change_rmse: float
    correlation: float
    epochs: int


@dataclass(frozen=True)
class Later:
    """A run from the real difficulty after the end of the fit; arrays have shape (E,).

    Parameters
    ----------
    times : header times of the retargets.
    real, modelled : difficulty from these on, the first being where the run starts [-].
    model, unchanged, growth : errors without the first: of the model, of a difficulty that
        stays, and of one that grows as it did over the fit.
    """

    times: Days
    real: Floats
    modelled: Floats
    model: Errors
    unchanged: Errors
    growth: Errors


@dataclass(frozen=True)
class Fit:
    """Competitors fitted to a history.

    Parameters
    ----------
    competitors : parameters, with barrier and fleet of the last day.
    first, last : days between which difficulties are compared.
    returned : days that machines stopped by the ban of 2021 took to come back.
    deviation : standard error of the log of each fitted value, by name, residuals taken as
        independent: too small, as levels are not [-].
    times : header times of the retargets compared, shape (E,).
    heights : their heights, shape (E,).
    real, modelled : difficulty from these on, shape (E,) [-].
    whole : errors over all of them.
    trend : errors of constant growth, fitted to all of them.
    ahead : errors over the second half of what was fitted to the first half alone: the
        ``model``, the model with the time of return of the whole (``return known``), and
        constant growth (``trend``).
    answers : the natural experiments.
    later : what came after the fit; None where the history does not reach further.
    """

    competitors: Competitors
    first: date
    last: date
    returned: float
    deviation: Mapping[str, float]
    times: Days
    heights: Floats
    real: Floats
    modelled: Floats
    whole: Errors
    trend: Errors
    ahead: Mapping[str, Errors]
    answers: tuple[Answer, ...]
    later: Later | None


@dataclass(frozen=True)
class _History:
    """What the model is driven by and compared with."""

    retargets: Sequence[Retarget]
    epochs: Sequence[Retarget]
    market: Market
    known: int
    """Days whose price is known; those after them follow `LATER_PRICES`, or hold the last."""
    past_growth: float

    @property
    def heights(self) -> Floats:
        return np.array([epoch.height for epoch in self.epochs], dtype=np.float64)

    @property
    def real(self) -> Floats:
        return np.array([epoch.difficulty for epoch in self.epochs])


def frontier() -> tuple[float, float]:
    """Fit the energy per hash of machines by their month of first delivery since 2020.

    Returns
    -------
    Energy per hash at the beginning of 2026 [J/TH], and its yearly fall [1/year], of the
    table of machines.
    """
    recent = [each for each in machines() if each.released >= "2020"]
    # A year alone counts as its middle, a month as its own.
    ages = [
        float(each.released[:4]) + (float(each.released[5:7] or 6.5) - 0.5) / 12 - 2026.0
        for each in recent
    ]
    slope, level = np.polyfit(ages, np.log([each.nameplate_jth for each in recent]), 1)
    return math.exp(level), -math.expm1(slope)


def calibrate(retargets: Sequence[Retarget], prices: Prices) -> Fit:
    """Fit the competitors to a history by least squares.

    Parameters
    ----------
    retargets : history of difficulty in order of height, from some years before the prices.
    prices : daily prices.

    Returns
    -------
    The fit. It is the same on every run: nothing is drawn.

    Raises
    ------
    InputError
        History and prices share fewer than 40 epochs, the history does not begin a year before
        the prices, or a parameter has no effect on it.
    """
    history = _history(retargets, prices)
    count = len(history.epochs)
    best, slopes, variance = _fitted(history, count)
    modelled = _modelled(history, best)
    return Fit(
        competitors=_competitors_on(history, best, history.known),
        first=_date(history.epochs[0].time),
        last=prices.last,
        returned=best["return"],
        deviation=_deviation(slopes, variance),
        times=np.array([epoch.time for epoch in history.epochs], dtype="datetime64[s]"),
        heights=history.heights,
        real=history.real,
        modelled=modelled,
        whole=errors(modelled, history.real),
        trend=errors(_trend(history, count), history.real),
        ahead=_ahead(history, best["return"]),
        answers=_answers(history, best),
        later=_later(history, best),
    )


def _ahead(history: _History, returned: float) -> Mapping[str, Errors]:
    """Fit to the first half of the epochs and give the errors over the second."""
    half = len(history.epochs) // 2
    found = {
        "model": _modelled(history, _fitted(history, half)[0]),
        "return known": _modelled(history, _fitted(history, half, returned)[0]),
        "trend": _trend(history, half),
    }
    return {name: errors(each[half:], history.real[half:]) for name, each in found.items()}


def _answers(history: _History, values: Mapping[str, float]) -> tuple[Answer, ...]:
    """Let the model answer to the natural experiments that the history holds."""
    heights = {each.height for each in history.retargets}
    answers = []
    for shock, respond in (
        (CHINA.returning(values["return"]), answer),
        (STORM, answer_of_return),
    ):
        before = shock.begin - _BEFORE_SHOCK
        if heights.issuperset(shock.heights) and before > history.market.days[0]:
            there = history.market.place(shock.begin)
            if there + _SHOCK_DAYS <= history.market.days.size:
                others = _competitors_on(history, values, there)
                answers.append(respond(shock, others, history.retargets, history.market))
    return tuple(answers)


def _later(history: _History, values: Mapping[str, float]) -> Later | None:
    """Run the fitted model over what came after the last known price."""
    market, end = history.market, history.market.days[history.known - 1]
    later = [each for each in history.retargets if end < first_day(each) <= market.days[-1]]
    if len(later) < _LEAST_LATER:
        return None
    others = _competitors_on(history, values, history.known)
    begin = market.place(first_day(later[0]))
    found = path(
        others,
        start_at(others, later[0], market, begin),
        market.price[begin:],
        fee_share=market.fee_share[begin:],
        available=STORM.available(market.days[begin:]),
    )
    heights = np.array([each.height for each in later], dtype=np.float64)
    real = np.array([each.difficulty for each in later])
    modelled = difficulty_at(found, heights)
    trend = _trend(history, len(history.epochs))
    growth = (trend[-1] / trend[0]) ** (np.arange(real.size) / (trend.size - 1))
    return Later(
        times=np.array([each.time for each in later], dtype="datetime64[s]"),
        real=real,
        modelled=modelled,
        model=errors(modelled[1:], real[1:]),
        unchanged=errors(np.full(real.size - 1, real[0]), real[1:]),
        growth=errors(real[0] * growth[1:], real[1:]),
    )


def errors(modelled: Floats, real: Floats) -> Errors:
    """Compare two paths of difficulty, shape (E,) each.

    Returns
    -------
    Errors of logs: 0.05 is about 5 %.
    """
    gap = np.log(modelled) - np.log(real)
    changes = np.diff(np.log(modelled)), np.diff(np.log(real))
    steady = min(float(np.ptp(change)) for change in changes) < 1e-12
    return Errors(
        rmse=float(np.sqrt(np.mean(gap**2))),
        bias=float(gap.mean()),
        change_rmse=float(np.sqrt(np.mean((changes[0] - changes[1]) ** 2))),
        correlation=math.nan if steady else float(np.corrcoef(*changes)[0, 1]),
        epochs=int(gap.size),
    )


def with_fleet(competitors: Competitors, state: Floats) -> Competitors:
    """Give the competitors barrier, machines on sale and fleet of a network.

    Parameters
    ----------
    competitors : parameters with which the state came about.
    state : the network, see :mod:`baseload.bitcoin.daystep`.
    """
    root = 1.0 / competitors.steepness
    energy = state[daystep.ENERGY : daystep.ENERGY + VINTAGES] ** root
    installed = state[daystep.INSTALLED : daystep.INSTALLED + VINTAGES]
    return replace(
        competitors,
        barrier=float(state[daystep.BARRIER]),
        newest=float(state[daystep.NEWEST] ** root),
        energy=tuple(float(each) for each in energy),
        share=tuple(float(each) for each in installed / installed.sum()),
    )


def _history(retargets: Sequence[Retarget], prices: Prices) -> _History:
    begin = datetime.combine(prices.first, datetime.min.time(), UTC).timestamp()
    end = begin + prices.price.size * SECONDS_PER_DAY
    epochs = [each for each in retargets if begin <= each.time < end - SECONDS_PER_DAY]
    if len(epochs) < _LEAST_EPOCHS or retargets[0].time > begin - SECONDS_PER_YEAR:
        raise InputError(
            "retargets and prices",
            expected=f"{_LEAST_EPOCHS} retargets within the prices, and a year of them before",
            found=f"{len(epochs)} within, the first of all at height {retargets[0].height}",
            mend="extend the file of retargets backwards, or that of prices",
        )
    first = first_day(epochs[0])
    known = prices.price[int((first - np.datetime64(prices.first, "D")).astype(int)) :]
    days = first + np.arange(known.size + _LATER_DAYS)
    price = np.concatenate([known, prices_after(days[known.size - 1 :], known[-1])])
    return _History(
        retargets,
        epochs,
        Market(days, price, fee_shares(days)),
        known.size,
        _past_growth(retargets, epochs[0]),
    )


def _past_growth(retargets: Sequence[Retarget], epoch: Retarget) -> float:
    """Give the growth of the log of the difficulty in the years before an epoch [1/year]."""
    past = next(
        each for each in retargets if each.time >= epoch.time - _YEARS_BEFORE * SECONDS_PER_YEAR
    )
    years = (epoch.time - past.time) / SECONDS_PER_YEAR
    return math.log(epoch.difficulty / past.difficulty) / years


def _date(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


def _fitted(
    history: _History, count: int, returned: float | None = None
) -> tuple[dict[str, float], Floats, float]:
    """Fit to the first epochs; give values, derivatives by their logs, and residual variance.

    The time of return is fitted too, unless it is given.
    """
    real = np.log(history.real[:count])
    free = [name for name in FREE if returned is None or name != "return"]
    held = {} if returned is None else {"return": returned}

    def values_of(logs: Floats) -> dict[str, float]:
        return held | {name: float(each) for name, each in zip(free, np.exp(logs), strict=True)}

    def residuals(logs: Floats) -> Floats:
        found = np.log(_modelled(history, values_of(logs))[:count])
        level = (found - real) / LEVEL_ERROR
        return np.concatenate([level, (np.diff(found) - np.diff(real)) / CHANGE_ERROR])

    start, low, high = np.log(np.array([FREE[name] for name in free])).T
    # Steps of the numeric derivative span the jumps that a retarget makes from day to day.
    found = least_squares(residuals, start, bounds=(low, high), diff_step=1e-3, x_scale="jac")
    variance = 2.0 * found.cost / (found.fun.size - start.size)
    return values_of(found.x), found.jac, float(variance)


def _deviation(slopes: Floats, variance: float) -> dict[str, float]:
    """Give the standard deviation of the log of each fitted value, or refuse one without."""
    idle = [name for name, slope in zip(FREE, slopes.T, strict=True) if not slope.any()]
    if idle:
        raise InputError(
            "retargets and prices",
            expected="a history that every parameter has an effect on",
            found=f"none of {', '.join(idle)}",
            mend="give a longer history, with high and low prices",
        )
    spread = np.sqrt(np.diag(np.linalg.inv(slopes.T @ slopes)) * variance)
    return {name: float(each) for name, each in zip(FREE, spread, strict=True)}


def _competitors(history: _History, values: Mapping[str, float]) -> Competitors:
    """Set up the competitors of the first day; the barrier is fitted for `BARRIER_ON`."""
    newest, progress = frontier()
    days = float((history.market.days[0] - BARRIER_ON).astype(np.int64))
    back = (1.0 - progress) ** (days / DAYS_PER_YEAR)
    ages = np.arange(VINTAGES) * (VINTAGE_DAYS / DAYS_PER_YEAR)
    growing = history.past_growth + 24.0 * DAYS_PER_YEAR / LIFE
    return Competitors(
        power_price=values["power_price"],
        power_price_spread=SPREAD,
        switching=values["switching"],
        barrier=values["barrier"] * back,
        progress=progress,
        entry=values["entry"],
        delivery=DELIVERY,
        life=LIFE,
        newest=newest * back,
        energy=tuple(float(each) for each in newest * back * (1.0 - progress) ** -ages),
        share=tuple(float(each) for each in np.exp(-growing * ages)),
        rounded=False,
    )


def _followed(history: _History, values: Mapping[str, float], days: int | None = None) -> Path:
    """Run the model freely over the first days, by default all."""
    market, others = history.market, _competitors(history, values)
    ban = CHINA.returning(values["return"])
    return path(
        others,
        start_at(others, history.epochs[0], market, 0),
        market.price[:days],
        fee_share=market.fee_share[:days],
        available=ban.available(market.days[:days]),
    )


def _modelled(history: _History, values: Mapping[str, float]) -> Floats:
    """Give the difficulty of the free run from each retarget on."""
    return difficulty_at(_followed(history, values), history.heights)


def _competitors_on(history: _History, values: Mapping[str, float], days: int) -> Competitors:
    """Give the competitors as the free run leaves them after so many days."""
    state = _followed(history, values, days).state
    return with_fleet(replace(_competitors(history, values), rounded=True), state)


def _trend(history: _History, count: int) -> Floats:
    """Let the difficulty grow as it did on average over the first epochs, by least squares."""
    place = np.arange(len(history.epochs))
    fitted = np.polyfit(place[:count], np.log(history.real[:count]), 1)
    return np.asarray(np.exp(np.polyval(fitted, place)))
