"""The few sentences that a study comes down to, computed from its result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from baseload.case.gates import bars_in_force, needed_gates, opening_dates
from baseload.plan.ensemble.odds import leader, ranked
from baseload.plan.outcome import Outcome, Study, Swing, World
from baseload.show import oddspoints
from baseload.show.language import Language
from baseload.show.point import Point

HOURS_PER_YEAR = 8766.0

NOTHING = 1e-9
"""Share of the case's hashprice below which a break-even is rounding, not a price."""


MOST_BARS = 9
"""Bars named in one sentence; the others are counted."""


@dataclass(frozen=True)
class KeyPoints:
    """The answer in one or two sentences, and the points behind it."""

    answer: str
    points: tuple[Point, ...]
    """At base values."""
    odds: tuple[Point, ...] = ()
    """Over many futures; none where none were drawn."""


def key_points(study: Study, tongue: Language) -> KeyPoints:
    """Say what holds today, what would have to change, and what would then be best.

    Parameters
    ----------
    study : result.
    tongue : language of the sentences.
    """
    points = [
        *map(Point, _today(study, tongue)),
        *_bars(study, tongue),
        *_gates(study, tongue),
        *map(Point, _best(study, tongue)),
        *map(Point, _shortfall(study, tongue)),
        *map(Point, _widest(study, tongue)),
    ]
    if study.ensemble is None:
        return KeyPoints(_answer(study, tongue), tuple(points))
    ranking = tuple(ranked(study.ensemble))
    return KeyPoints(
        oddspoints.answer(study, ranking, tongue),
        tuple(points),
        tuple(oddspoints.points(study, ranking, tongue)),
    )


# --- what the sentences rest on --------------------------------------------------------------


def best(study: Study) -> Outcome | None:
    """Return the mine to speak of first, if its gates open; None where there is no mine.

    It is the one that adds most; where none adds anything, the one that comes closest to
    paying, that is with the lowest break-even of the hashprice. The one that takes least would
    merely be the smallest.
    """
    mining = [
        worlds["opened"]
        for worlds in study.outcomes.values()
        if "opened" in worlds and worlds["opened"].built
    ]
    if not any(outcome.metrics.mine_value > 0.0 for outcome in mining):
        return min(mining, key=lambda outcome: _factor(outcome), default=None)
    return max(mining, key=lambda outcome: outcome.metrics.mine_value)


def _factor(outcome: Outcome) -> float:
    factor = outcome.metrics.break_even_factor
    return float("inf") if factor is None else factor


def shown(study: Study) -> Outcome:
    """Return the outcome to show in full: the best mine, else the most valuable outcome.

    Where futures were drawn, it is the alternative that adds most over them, so that the base
    case in detail is that of the pictures of the futures.
    """
    found = _first_by_odds(study) or best(study)
    if found is not None:
        return found
    opened = [worlds["opened"] for worlds in study.outcomes.values()]
    return max(opened, key=lambda outcome: outcome.metrics.npv)


def _first_by_odds(study: Study) -> Outcome | None:
    first = leader(ranked(study.ensemble)) if study.ensemble is not None else None
    worlds = study.outcomes.get(first.name, {}) if first else {}
    found = worlds.get("opened")
    return found if found is not None and found.built else None


def present(study: Study) -> Outcome:
    """Return the outcome that stands for today: the first alternative, no gate assumed open."""
    return next(iter(study.outcomes.values()))["today"]


def runs_anywhere(study: Study, world: World) -> bool:
    """Return whether any alternative has a mine running in that world."""
    return any(worlds[world].built for worlds in study.outcomes.values())


def mean_power(outcome: Outcome, flow: str) -> float:
    """Return the mean of a flow over the horizon [MW]."""
    return outcome.per_year(flow) / HOURS_PER_YEAR


def coins_per_year(outcome: Outcome) -> float:
    """Return the mean of coins over the horizon [BTC/year]."""
    return float(outcome.coins.sum()) / outcome.years_long


def network_share(outcome: Outcome) -> float:
    """Return the greatest yearly share of the network's hashrate [-]."""
    return float(outcome.network_share.max(initial=0.0))


def gates_in_order(study: Study, outcome: Outcome) -> list[tuple[str, dt.date | None]]:
    """Return the gates an alternative waits for, with their base dates, first to open first."""
    tree = study.case.tree
    needed = needed_gates(tree, study.case.alternatives[outcome.name].needs)
    dates = opening_dates(tree, frozenset(needed))
    still_shut = [name for name in tree.gate if name in needed and tree.gate[name].state != "open"]
    return sorted(
        ((name, dates[name]) for name in still_shut), key=lambda pair: pair[1] or dt.date.max
    )


def widest(study: Study, name: str) -> Swing | None:
    """Return the unknown that moves the value of an alternative's mine most."""
    swings = study.swings.get(name, ())
    return max(swings, key=lambda swing: swing.width("mine_value"), default=None)


# --- the sentences ---------------------------------------------------------------------------


def _answer(study: Study, tongue: Language) -> str:
    _ = tongue.text
    now, top = present(study), best(study)
    if runs_anywhere(study, "today") and top is not None:
        return _(
            "A mine can run as things stand: {title} mines with {power} from {month} and is worth "
            "{value} against the same plant without it.",
            title=top.title,
            power=tongue.quantity(top.total_mine_mw, "MW"),
            month=tongue.month(top.first_mining),
            value=tongue.money(top.metrics.mine_value, signed=True),
        )
    if now.energy["generated"].sum() <= 0.0:
        today = _(
            "As things stand no mine can run: the plant generates nothing and draws {power} from "
            "the grid.",
            power=tongue.quantity(mean_power(now, "imported"), "MW"),
        )
    else:
        today = _("As things stand no mine can run.")
    if top is None:
        return today + " " + _("None of the alternatives studied mines even if its gates open.")
    return (
        today
        + " "
        + _(
            "Only if every gate that it needs opened on its base date would mining begin, in "
            "{month} at the earliest.",
            month=tongue.month(_earliest(study)),
        )
    )


def _earliest(study: Study) -> dt.date | None:
    days = [worlds["opened"].first_mining for worlds in study.outcomes.values()]
    return min((day for day in days if day is not None), default=None)


def _today(study: Study, tongue: Language) -> Iterator[str]:
    _ = tongue.text
    now, as_of = present(study), tongue.date(study.case.tree.case.as_of)
    if now.energy["generated"].sum() <= 0.0:
        yield _(
            "As things stood on {day}: no generation, no surplus, no mine. The site imports "
            "{power} on average, {energy} a year.",
            day=as_of,
            power=tongue.quantity(mean_power(now, "imported"), "MW"),
            energy=tongue.energy(now.per_year("imported")),
        )
        return
    yield _(
        "As things stand ({day}), the plant generates {energy} a year, of which {exported} are "
        "sold and {mined} mined.",
        day=as_of,
        energy=tongue.energy(now.per_year("generated")),
        exported=tongue.energy(now.per_year("exported")),
        mined=tongue.energy(now.per_year("mined")),
    )


def _bars(study: Study, tongue: Language) -> Iterator[Point]:
    """Name the bars in force on the first day that would hold back a mine."""
    tree = study.case.tree
    held = {
        name
        for worlds in study.outcomes.values()
        for name in (*worlds["today"].blocked_by, *worlds["today"].waits_for)
    }
    start = tree.case.start
    bars = [name for name in bars_in_force(tree, start) if name in held]
    if not bars:
        return
    named = [_bar(study, name, tongue) for name in bars[:MOST_BARS]]
    if len(bars) > MOST_BARS:
        named.append(tongue.text("{n} more", n=len(bars) - MOST_BARS))
    yield Point(tongue.text("Barred by law on {day}:", day=tongue.date(start)), tuple(named))


def _bar(study: Study, name: str, tongue: Language) -> str:
    bar = study.case.tree.bar[name]
    if bar.until is None:
        return tongue.text("{id} {title} (no end date)", id=name, title=bar.title)
    return tongue.text(
        "{id} {title} (until {day})", id=name, title=bar.title, day=tongue.date(bar.until)
    )


def _gates(study: Study, tongue: Language) -> Iterator[Point]:
    top = best(study)
    if top is None:
        return
    gates = gates_in_order(study, top)
    if not gates:
        return
    named = [
        tongue.text(
            "{title} ({month})",
            title=study.case.tree.gate[name].title,
            month=tongue.month(day) if day else tongue.text("no date"),
        )
        for name, day in gates
    ]
    heading = tongue.count(
        "What would have to change before the mine of “{title}” can run, with its base date:",
        "What would have to change before the mine of “{title}” can run, {n} gates in this order, "
        "with their base dates:",
        len(gates),
        title=top.title,
    )
    yield Point(heading, tuple(named))


def _best(study: Study, tongue: Language) -> Iterator[str]:
    _ = tongue.text
    top = best(study)
    if top is None:
        return
    facts = {
        "title": top.title,
        "power": tongue.quantity(top.total_mine_mw, "MW"),
        "month": tongue.month(top.first_mining),
        "coins": tongue.quantity(coins_per_year(top), "BTC"),
        "share": tongue.share(network_share(top)),
    }
    value = top.metrics.mine_value
    if value <= 0.0:
        yield _(
            "No mine pays at base values, even if its gates open on their base dates. The one "
            "closest to it is that of “{title}”: {power} from {month}, {coins} a year, {share} of "
            "the network at most.",
            **facts,
        )
        yield _(
            "That mine takes {value} from what the same plant is worth without it.",
            value=tongue.money(-value),
        )
    else:
        if_opened = _(
            "If its gates open on their base dates, the best mine is that of “{title}”: {power} "
            "from {month}, {coins} a year, {share} of the network at most.",
            **facts,
        )
        at_once = _(
            "The best mine is that of “{title}”: {power} from {month}, {coins} a year, {share} of "
            "the network at most.",
            **facts,
        )
        yield if_opened if gates_in_order(study, top) else at_once
        yield _(
            "There mining beats selling: the mine adds {value} to what the same plant is worth "
            "without it (net present value {npv} in all).",
            value=tongue.money(value),
            npv=tongue.money(top.metrics.npv),
        )
    # A mine that owes nothing stands still for free: it "breaks even" at no hashprice at all.
    if (top.metrics.break_even_factor or 0.0) > NOTHING:
        yield _(
            "It breaks even, before tax and loan, where the whole path of hashprice is {factor} "
            "times that of the case: {even} USD/PH/day on average over its years.",
            factor=tongue.number(top.metrics.break_even_factor),
            even=tongue.number(top.metrics.break_even_hashprice),
        )


def _shortfall(study: Study, tongue: Language) -> Iterator[str]:
    """Say where energy that is owed is not delivered, if gates open."""
    owing = [
        (worlds["opened"].per_year("shortfall"), worlds["opened"].title)
        for worlds in study.outcomes.values()
        if worlds["opened"].energy["shortfall"].sum() > 0.0
    ]
    if not owing:
        return
    most, title = max(owing)
    yield tongue.count(
        "One alternative leaves energy that is owed undelivered: “{title}”, {energy} a year.",
        "{n} alternatives leave energy that is owed undelivered, most of all “{title}”, {energy} "
        "a year.",
        len(owing),
        title=title,
        energy=tongue.energy(most),
    )


def _widest(study: Study, tongue: Language) -> Iterator[str]:
    top = best(study)
    swing = widest(study, top.name) if top else None
    if swing is None or swing.width("mine_value") <= 0.0:
        return
    low, high = swing.mine_value
    yield tongue.text(
        "What sways that mine most: {label}. From {low} to {high} its value goes from {worst} to "
        "{best}, all else at base.",
        label=swing.label,
        low=swing.low,
        high=swing.high,
        worst=tongue.money(low, signed=True),
        best=tongue.money(high, signed=True),
    )
