"""From a future and an alternative to the arrays that the kernel runs through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.bitcoin.conditions import inlet_derate
from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import (
    GIVEN,
    HIGHEST,
    LOWEST,
    TOGETHER,
    Plan,
    World,
    time_of,
)
from baseload.plan.ensemble.choices import Choice, used_places
from baseload.plan.ensemble.gating import hours_of_day
from baseload.plan.ensemble.parameters import Row
from baseload.plan.ensemble.structure import OWED, Structure
from baseload.plan.ensemble.units import Calendar, fill_running, fill_shares
from baseload.plan.futures.random import fill_normals

if TYPE_CHECKING:
    from baseload.plan.ensemble.future import Future

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]

Spans = Sequence[Sequence[tuple[float, float]]]
"""By mine, the times in which it may run: start and end of each [h]."""

SLIPPING = 64
"""Refuelling outages of a unit that slip on their own; the last one's slip holds for later."""


class Stretch(NamedTuple):
    """The numbers of the case from a step on."""

    first: int
    row: Row


class Course(NamedTuple):
    """What something is in each step, shape (T,), and the steps in which it changes."""

    values: Floats | Bytes
    changes: Integers


class Shares(NamedTuple):
    """What each unit gives, shape (U, T) [-], and the steps in which any of it changes."""

    share: Floats
    changes: Integers


class Prices(NamedTuple):
    """Prices of every area by step, and least, greatest and sum by day; see `arrays.World`."""

    of_step: Floats
    of_day: Floats


@dataclass
class Laid:
    """What has been laid out in a future and may serve another alternative."""

    shares: dict[object, Shares] = field(default_factory=dict)
    courses: dict[object, Course] = field(default_factory=dict)
    prices: dict[object, Prices] = field(default_factory=dict)


def laid_out(
    future: Future,
    choice: Choice,
    parts: Structure,
    stretches: list[Stretch],
    spans: Spans,
    *,
    slopes: bool,
) -> tuple[World, Plan]:
    """Lay out an alternative in a future.

    Parameters
    ----------
    parts : the alternative's structure, with its mines or without.
    stretches : the numbers of the case between gates.
    spans : times of each mine; none without mines.
    """
    places, own, coin = future.parameters, future.row.values, future.coin
    factors = places.series_factors(stretches[0].row)
    price = _prices(future, choice, stretches[0].row, factors)
    world = World(
        price.of_step, price.of_day, coin.days, coin.state, coin.terms, places.stacked, factors
    )
    lines = [_lines(future, choice, stretch) for stretch in stretches]
    shares = _shares(future, choice, stretches)
    heat = _heat(future, choice, parts)
    first, last = _steps_of(future, spans, len(parts.mine))
    varying = _varying(parts, stretches)
    changes = [shares.changes, first.ravel(), last.ravel(), _owed_changes(future, parts, stretches)]
    changes += [found.changes for found in (*heat, *chain(*lines)) if found is not None]
    start = _segments(future, stretches, varying, changes)
    at = start[:-1]
    since = np.array([stretch.first for stretch in stretches])
    stretch_at = np.searchsorted(since, at, side="right") - 1
    responds = future.case.tree.bitcoin.network_response
    plan = Plan(
        start=start,
        stretch=stretch_at,
        values=np.array([np.append(stretch.row.values, np.nan) for stretch in stretches]),
        series=np.array([np.append(stretch.row.series, -1) for stretch in stretches]),
        used=used_places(parts),
        varying=varying,
        up=_up(future, lines, at, stretch_at),
        share=np.ascontiguousarray(shares.share[:, at]),
        heat=_by_segment(heat, at),
        allowed=_allowed(first, last, at),
        rules=np.array([coin.mode if responds else GIVEN, int(slopes)]),
        wear=np.array(
            [
                own[places.place("futures", "machines", "progress")],
                _since(future),
                *(
                    own[places.place("futures", "machines", name)]
                    for name in ("failure_rate", "failure_growth", "repair")
                ),
            ]
        ),
    )
    return world, plan


def _varying(parts: Structure, stretches: list[Stretch]) -> Integers:
    """Find the stretches in which numbers other than market prices vary."""
    used = used_places(parts)
    return np.array([int((stretch.row.series[used] >= 0).any()) for stretch in stretches])


def _segments(
    future: Future, stretches: list[Stretch], varying: Integers, changes: list[Integers]
) -> Integers:
    """First step of every segment, ending with T: wherever anything changes, and in every month."""
    clock = future.case.clock
    bounds = [*(stretch.first for stretch in stretches), len(clock)]
    every = [np.arange(*bounds[g : g + 2]) for g in np.flatnonzero(varying)]
    marks = np.concatenate([clock.month_starts, np.array(bounds), *changes, *every])
    return np.unique(np.minimum(marks, len(clock)))


def _owed_changes(future: Future, parts: Structure, stretches: list[Stretch]) -> Integers:
    """Steps in which an obligation begins or ends."""
    places = parts.owed_at[:, OWED.index("since") :]
    hours = np.array([stretch.row.values[places] for stretch in stretches])
    at = np.ceil(hours[np.isfinite(hours)] / future.case.clock.step).astype(np.int64)
    return np.asarray(at[at >= 0], np.int64)


def _allowed(first: Integers, last: Integers, at: Integers) -> Bytes:
    """Return 1 where each mine may run, by mine and segment."""
    inside = (first[:, :, np.newaxis] <= at) & (at < last[:, :, np.newaxis])
    return np.asarray(inside.any(axis=1), np.uint8)


def _by_segment(rows: list[Course | None], at: Integers) -> Floats:
    """Values of courses where segments begin; 1 where there is none."""
    found = np.ones((len(rows), len(at)))
    for i, course in enumerate(rows):
        if course is not None:
            found[i] = course.values[at]
    return found


def _up(future: Future, lines: list[list[Course]], at: Integers, stretch_at: Integers) -> Floats:
    """Share of each link in service by segment; none in a loss of all lines."""
    up = np.zeros((len(lines[0]) - 1, len(at)))
    for g, (*courses, _) in enumerate(lines):
        here = stretch_at == g
        for i, course in enumerate(courses):
            up[i, here] = course.values[at[here]]
    dark = lines[0][-1]
    up[:, dark.values[at] == 1.0] = 0.0
    return up


def _since(future: Future) -> float:
    """Time from the start at which machines on sale are as the case says [h]."""
    at = future.row.values[future.parameters.place("bitcoin", "at")]
    return 0.0 if np.isnan(at) else float(at)


def _steps_of(future: Future, spans: Spans, mines: int) -> tuple[Integers, Integers]:
    """First step and step after the last of every time in which each mine may run."""
    most = max([1, *(len(spell) for spell in spans)])
    first, last = np.zeros((mines, most), np.int64), np.zeros((mines, most), np.int64)
    step, steps = future.case.clock.step, len(future.case.clock)
    for mine in range(mines):
        for i, (begin, end) in enumerate(spans[mine]):
            first[mine, i] = max(0, int(np.ceil(begin / step)))
            last[mine, i] = min(steps, int(np.ceil(end / step)))
    return first, last


# --- prices and lines ---------------------------------------------------------------------------


def _prices(future: Future, choice: Choice, row: Row, factors: Floats) -> Prices:
    """Prices of every area's market; NaN without a market, which nothing reads."""
    areas = choice.case.tree.area
    key = tuple(
        None if area.market is None else future.drawn.price_name(name, row)
        for name, area in areas.items()
    )
    if key not in future.laid.prices:
        of_step = np.empty((len(areas), len(future.case.clock)))
        for prices, (name, area) in zip(of_step, areas.items(), strict=True):
            if area.market is None:
                prices[:] = np.nan
            else:
                future.drawn.price_into(name, row, factors, prices)
        days = time_of(future.case.clock).day_start
        of_day = np.empty((len(areas), len(days) - 1, 3))
        sum_days(of_step, days, of_day)
        future.laid.prices[key] = Prices(of_step, of_day)
    return future.laid.prices[key]


@compiled(error_model="numpy")
def sum_days(price: Floats, days: Integers, out: Floats) -> None:
    """Write least, greatest and sum of the prices of each day, shape (A, D, 3)."""
    for a in range(price.shape[0]):
        for d in range(days.shape[0] - 1):
            lowest, highest, total = np.inf, -np.inf, 0.0
            for t in range(days[d], days[d + 1]):
                value = price[a, t]
                lowest, highest = min(lowest, value), max(highest, value)
                total += value
            out[a, d, LOWEST], out[a, d, HIGHEST], out[a, d, TOGETHER] = lowest, highest, total


def _lines(future: Future, choice: Choice, stretch: Stretch) -> list[Course]:
    """Course of every line in a stretch, and of the loss of all."""
    found = []
    for link in choice.case.tree.link:
        name, up = future.drawn.link(link, stretch.row)
        found.append(_course(future, name, up))
    out = future.drawn.spell("loss of all lines", "blackout")
    return [*found, _course(future, "loss of all lines", out)]


def _course(future: Future, name: object, values: Floats | Bytes) -> Course:
    """Find, once in a future, where a course changes."""
    if name not in future.laid.courses:
        future.laid.courses[name] = Course(values, changes_of(values))
    return future.laid.courses[name]


def changes_of(values: Floats | Bytes) -> Integers:
    """Steps in which values are not what they were a step before."""
    return np.flatnonzero(values[1:] != values[:-1]) + 1


# --- units --------------------------------------------------------------------------------------


def _shares(future: Future, choice: Choice, stretches: list[Stretch]) -> Shares:
    """What each unit can give, from calendar, restart, cap and outages."""
    row, steps = stretches[0].row, len(future.case.clock)
    back = _returns(future, choice, row)
    rates = _unit_numbers(future, choice, row, "forced_outage_rate")
    cap, since = _cap(future, choice, stretches)
    calendar = _calendar(future, choice, row, back, rates)
    available = _unit_numbers(future, choice, row, "available")
    places = future.parameters
    units = list(choice.case.tree.plant.unit)
    varying = np.array(
        [row.series[places.place("plant", "unit", unit, "available")] for unit in units]
    )
    key = (
        *(array.tobytes() for array in (*calendar, available, cap, since)),
        varying.tobytes(),
        rates.tobytes(),
    )
    if key in future.laid.shares:
        return future.laid.shares[key]
    running = np.zeros((len(units), steps), np.uint8)
    fill_running(calendar, cap, since, steps, future.case.clock.step, running)
    share, changed = np.zeros((len(units), steps)), np.zeros(steps, np.uint8)
    if running.any():
        drawn = future.case.tree.futures.units.model == "two state"
        up = future.drawn.units(rates) if drawn else np.zeros((len(units), 0), np.float32)
        fill_shares(
            calendar, running, available, varying, places.stacked, drawn, up, share, changed
        )
    future.laid.shares[key] = Shares(share, np.flatnonzero(changed.view(np.bool_)))
    return future.laid.shares[key]


def _unit_numbers(future: Future, choice: Choice, row: Row, *name: str) -> Floats:
    places = future.parameters
    return np.array(
        [
            row.values[places.place("plant", "unit", unit, *name)]
            for unit in choice.case.tree.plant.unit
        ]
    )


def _returns(future: Future, choice: Choice, row: Row) -> Floats:
    """Hours to each unit's return: minus infinity if it runs, infinity if it never does."""
    plant = choice.case.tree.plant
    units = list(plant.unit)
    back = np.array(
        [np.inf if unit.state == "stopped" else -np.inf for unit in plant.unit.values()]
    )
    restart = plant.restart
    if restart is None or restart.gate not in future.counting(choice):
        return back
    opened = hours_of_day(future.case, future.opening[restart.gate])
    begin = opened + row.values[future.parameters.place("plant", "restart", "first")]
    following = row.values[future.parameters.place("plant", "restart", "following")]
    stopped = [unit for unit in restart.order if plant.unit[unit].state == "stopped"]
    for place, unit in enumerate(stopped):
        back[units.index(unit)] = begin + place * following
    return back


def _order(choice: Choice) -> Integers:
    """Units in the order in which they may run: those that run, then as they return."""
    plant = choice.case.tree.plant
    units = list(plant.unit)
    first = list(plant.restart.order) if plant.restart else []
    running = [name for name, unit in plant.unit.items() if unit.state == "running"]
    return np.array([units.index(name) for name in dict.fromkeys([*running, *first, *units])])


def _calendar(future: Future, choice: Choice, row: Row, back: Floats, rates: Floats) -> Calendar:
    places, units = future.parameters, choice.case.tree.plant.unit

    def numbers(*name: str) -> Floats:
        found = [places.place("plant", "unit", unit, *name) for unit in units]
        return np.array([np.nan if place < 0 else row.values[place] for place in found])

    ends, ramps = numbers("licence_end"), numbers("ramp")
    drawn = future.case.tree.futures.units.model == "two state"
    slip, factor = _slips(future, list(units))
    return Calendar(
        order=_order(choice),
        back=back,
        licence_end=np.where(np.isnan(ends), np.inf, ends),
        first=numbers("refuelling", "first"),
        every=numbers("refuelling", "every"),
        length=numbers("refuelling", "duration"),
        slip=slip,
        factor=factor,
        expected=np.ones(len(units)) if drawn else 1.0 - rates,
        ramp=np.where(np.isnan(ramps), np.inf, ramps) * future.case.clock.step,
    )


def _slips(future: Future, units: list[str]) -> tuple[Floats, Floats]:
    """How late each refuelling outage begins [h], and its length over the plan [-]."""
    numbers = future.row.values
    places = future.parameters
    slip = numbers[places.place("futures", "units", "refuelling_slip")]
    spread = numbers[places.place("futures", "units", "refuelling_deviation")]
    if slip == 0.0 and spread == 0.0:
        return np.zeros((len(units), 1)), np.ones((len(units), 1))
    shocks = np.empty((len(units), 2 * SLIPPING))
    for u, unit in enumerate(units):
        fill_normals(*future.drawn.key.of(f"refuelling {unit}"), 0, shocks[u])
    lengths = np.exp(spread * shocks[:, SLIPPING:] - 0.5 * spread**2)
    return slip * shocks[:, :SLIPPING], lengths


def _cap(future: Future, choice: Choice, stretches: list[Stretch]) -> tuple[Integers, Integers]:
    """Greatest number of units that may run, from each of some steps on."""
    place = future.parameters.place("plant", "running_units_cap")
    units = len(choice.case.tree.plant.unit)
    since = np.array([stretch.first for stretch in stretches])
    values = [stretch.row.values[place] for stretch in stretches]
    most = np.array([units if np.isnan(value) else int(value) for value in values])
    if future.row.values[future.parameters.place("futures", "water", "rate")] == 0.0:
        return most, since
    low = future.drawn.spell("low water", "water")
    scarce = int(future.row.values[future.parameters.place("futures", "water", "units")])
    marks = np.union1d(since, _course(future, "low water", low).changes)
    capped = most[np.searchsorted(since, marks, side="right") - 1]
    return np.where(low[marks] == 1, np.minimum(capped, scarce), capped), marks


# --- heat ---------------------------------------------------------------------------------------


def _heat(future: Future, choice: Choice, parts: Structure) -> list[Course | None]:
    """Course of the share of their power that the machines of each mine can draw; None for 1."""
    found: list[Course | None] = []
    for name in choice.mines if len(parts.mine) else ():
        course = _heat_of(future, choice, name)
        found.append(course if course is not None and (course.values < 1.0).any() else None)
    return found


def _heat_of(future: Future, choice: Choice, mine: str) -> Course | None:
    if choice.case.tree.mine[mine].cooling != "air":
        return None
    places = future.parameters
    if future.case.tree.futures.weather.model == "sinusoid":
        return _course(future, "heat", future.drawn.heat())
    place = places.place("mine", mine, "inlet_temperature")
    series, level = future.row.series[place], future.row.values[place]
    if series >= 0:
        return _course(future, ("heat", int(series)), inlet_derate(places.series[series]))
    if np.isnan(level):
        return None
    steps = len(future.case.clock)
    return _course(future, ("heat", level), np.full(steps, float(inlet_derate(level))))
