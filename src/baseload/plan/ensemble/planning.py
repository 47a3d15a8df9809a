"""From a future and an alternative to the arrays that the kernel runs through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.bitcoin.conditions import inlet_derate
from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import Plan, World
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


class Shares(NamedTuple):
    """What each unit gives, shape (U, T) [-], and 1 where any of it changes, shape (T,)."""

    share: Floats
    changed: Bytes


class Grid(NamedTuple):
    """Lines in service by row, shape (rows, T); loss of all, and any change, shape (T,)."""

    up: Floats
    out: Bytes
    changed: Bytes


@dataclass
class Laid:
    """What has been laid out in a future and may serve another alternative."""

    shares: dict[object, Shares] = field(default_factory=dict)
    grids: dict[object, Grid] = field(default_factory=dict)
    prices: dict[object, Floats] = field(default_factory=dict)


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
    steps, values = len(future.case.clock), np.array([stretch.row.values for stretch in stretches])
    series = np.array([stretch.row.series for stretch in stretches])
    links, rows = _links(future, choice, stretches)
    shares = _shares(future, choice, stretches)
    heat, heat_row = _heat(future, choice, parts)
    first, last = _steps_of(future, spans, parts.mine_at.shape[0])
    places, coin, own = future.parameters, future.coin, future.row.values
    factors = places.series_factors(stretches[0].row)
    world = World(
        price=_prices(future, choice, stretches[0].row, factors),
        link_up=links.up,
        links_out=links.out,
        grid_changed=links.changed,
        derate=heat,
        coin=coin.price,
        fees=coin.fees,
        luck=coin.luck,
        hashprice=coin.hashprice,
        others=coin.others,
        state=coin.state,
        terms=coin.terms,
        series=places.stacked,
        factor=factors,
    )
    used = used_places(parts)
    plan = Plan(
        start=np.array([*(stretch.first for stretch in stretches), steps]),
        values=values,
        series=series,
        varying=np.array([int((row[used] >= 0).any()) for row in series]),
        link_row=rows,
        share=shares.share,
        unit_changed=_with_owed(
            _with_mines(shares.changed, heat, first, last), parts, values, future.case.clock.step
        ),
        mine_from=first,
        mine_until=last,
        derate_row=heat_row,
        mode=coin.mode,
        responds=int(future.case.tree.bitcoin.network_response),
        progress=float(own[places.place("futures", "machines", "progress")]),
        progress_from=_since(future),
        failures=np.array(
            [
                own[places.place("futures", "machines", name)]
                for name in ("failure_rate", "failure_growth", "repair")
            ]
        ),
        slopes=int(slopes),
    )
    return world, plan


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


def _prices(future: Future, choice: Choice, row: Row, factors: Floats) -> Floats:
    """Price of every area's market, shape (A, T); NaN without a market, which nothing reads."""
    areas = choice.case.tree.area
    found = [
        None if area.market is None else future.drawn.price(name, row, factors)
        for name, area in areas.items()
    ]
    key = tuple(id(price) for price in found)
    if key not in future.laid.prices:
        nothing = np.full(len(future.case.clock), np.nan)
        future.laid.prices[key] = np.array([nothing if p is None else p for p in found])
    return future.laid.prices[key]


def _links(future: Future, choice: Choice, stretches: list[Stretch]) -> tuple[Grid, Integers]:
    """Lines in service, and which row holds for each line in each stretch."""
    names: dict[object, int] = {}
    rows: list[Floats] = []
    index = np.zeros((len(stretches), len(choice.case.tree.link)), np.int64)
    for g, stretch in enumerate(stretches):
        for k, link in enumerate(choice.case.tree.link):
            name, up = future.drawn.link(link, stretch.row)
            if name not in names:
                names[name] = len(rows)
                rows.append(up)
            index[g, k] = names[name]
    key = tuple(names)
    if key not in future.laid.grids:
        steps = len(future.case.clock)
        up = np.array(rows) if rows else np.zeros((0, steps))
        out = future.drawn.spell("loss of all lines", "blackout")
        changed = np.zeros(steps, np.uint8)
        mark_changes(up, out, changed)
        future.laid.grids[key] = Grid(up, out, changed)
    return future.laid.grids[key], index


@compiled(error_model="numpy")
def mark_changes(up: Floats, out: Bytes, changed: Bytes) -> None:
    """Write 1 where any row, or the loss of all, is not what it was a step before."""
    for t in range(1, changed.shape[0]):
        if out[t] != out[t - 1]:
            changed[t] = 1
    for r in range(up.shape[0]):
        for t in range(1, changed.shape[0]):
            if up[r, t] != up[r, t - 1]:
                changed[t] = 1


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
    future.laid.shares[key] = Shares(share, changed)
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
    marks = np.union1d(since, np.flatnonzero(np.diff(low, prepend=0)))
    capped = most[np.searchsorted(since, marks, side="right") - 1]
    return np.where(low[marks] == 1, np.minimum(capped, scarce), capped), marks


def _with_mines(changed: Bytes, heat: Floats, first: Integers, last: Integers) -> Bytes:
    """Mark the steps, too, in which mines begin, end, are throttled or no longer."""
    if not len(first):
        return changed
    marked, dark = changed.copy(), np.zeros(len(changed), np.uint8)
    mark_changes(heat, dark, marked)
    at = np.concatenate([first.ravel(), last.ravel()])
    marked[at[at < len(marked)]] = 1
    return marked


def _with_owed(changed: Bytes, parts: Structure, values: Floats, step: float) -> Bytes:
    """Mark the steps, too, in which an obligation begins or ends."""
    hours = values[:, parts.owed_at[:, OWED.index("since") :]]
    at = np.ceil(hours[np.isfinite(hours)] / step).astype(np.int64)
    marked = changed.copy()
    marked[at[(at >= 0) & (at < len(marked))]] = 1
    return marked


# --- heat ---------------------------------------------------------------------------------------


def _heat(future: Future, choice: Choice, parts: Structure) -> tuple[Floats, Integers]:
    """Share of their power that machines can draw, by row, and the row of each mine."""
    steps, places = len(future.case.clock), future.parameters
    rows: list[Floats] = []
    index = np.full(parts.mine_at.shape[0], -1)
    sinusoid = future.case.tree.futures.weather.model == "sinusoid"
    for m, name in enumerate(choice.mines if len(index) else ()):
        if choice.case.tree.mine[name].cooling != "air":
            continue
        place = places.place("mine", name, "inlet_temperature")
        if sinusoid:
            row = future.drawn.heat()
        elif future.row.series[place] >= 0:
            row = np.asarray(inlet_derate(places.series[future.row.series[place]]))
        elif not np.isnan(future.row.values[place]):
            row = np.full(steps, float(inlet_derate(future.row.values[place])))
        else:
            continue
        if (row < 1.0).any():
            index[m] = len(rows)
            rows.append(row)
    return np.array(rows) if rows else np.zeros((0, steps)), index
