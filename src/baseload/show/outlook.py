"""The pictures of many futures: which numbers go into which chart, under which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baseload.plan.ensemble.estimates import Spread, fan
from baseload.plan.ensemble.odds import (
    NOTHING,
    Odds,
    Step,
    funnel,
    leader,
    mean_energy,
    ranked,
    told_in,
)
from baseload.plan.ensemble.result import ACCOUNTS, Ensemble
from baseload.plan.outcome import Study
from baseload.plan.prospect.result import Part, Prospect
from baseload.plan.sizing.result import Sizing
from baseload.plan.worth.result import Signal, Worth
from baseload.show.drawing import Layer, Picture
from baseload.show.figures import MOST_SWINGS, money_scale
from baseload.show.language import Language
from baseload.show.registers import stage_word
from baseload.show.sankey import sankey
from baseload.show.spreads import Fan, Interval, Measure, curve, fans, intervals, measures, shares
from baseload.show.wording import reworded

Floats = NDArray[np.float64]

MOST_AREAS = 2
"""Areas whose price of power has a panel of its own."""

MOST_SIGNALS = 12
"""Signals in the picture; the table holds them all."""

HALF_WIDTH = 1.96
"""Half the width of an interval of 95 % over the standard error, of a normal distribution."""


@dataclass(frozen=True)
class Outlook:
    """What the report shows of many futures.

    Parameters
    ----------
    ensemble : the futures.
    odds : of all choices, best first.
    shown : the best choice whose mine is ever built; None where none is.
    pictures : by name; None where there is nothing to draw.
    curves : by place in the study's sizings.
    sides : one picture for each of the study's prospects.
    """

    ensemble: Ensemble
    odds: tuple[Odds, ...]
    shown: Odds | None
    pictures: Mapping[str, Picture | None]
    curves: tuple[Picture, ...]
    sides: tuple[Picture, ...]


def outlook(study: Study, tongue: Language) -> Outlook | None:
    """Gather what the report shows of many futures; None where none were drawn.

    Parameters
    ----------
    study : result, in the words of the reader.
    tongue : language of the reader.
    """
    ensemble = study.ensemble
    if ensemble is None:
        return None
    odds = tuple(ranked(ensemble))
    shown = leader(odds)
    name = shown.name if shown else ensemble.alternatives[0]
    worth = study.worth
    return Outlook(
        ensemble,
        odds,
        shown,
        {
            "intervals": intervals_of(study, odds, tongue),
            "fans": fans_of(study, name, tongue),
            "funnel": funnel_of(study, name, tongue),
            "energy": energy_flow_of(study, name, tongue),
            "signals": signals_of(worth, tongue) if worth else None,
            "indices": indices_of(study, worth, tongue) if worth else None,
        },
        tuple(curve_of(study, sizing, tongue) for sizing in study.sizings),
        tuple(sides_of(study.prospects, tongue)),
    )


def title_of(study: Study, name: str, tongue: Language) -> str:
    """Return the name by which people know an alternative, or the choice of none."""
    if name == NOTHING:
        return tongue.text("Build no mine")
    return study.case.alternatives[name].title


def futures_of(study: Study) -> Ensemble:
    """Return the futures of a study.

    Raises
    ------
    ValueError
        None were drawn.
    """
    if study.ensemble is None:
        raise ValueError("this study has no futures: draw them before asking for their odds")
    return study.ensemble


def has_mine(study: Study, name: str) -> bool:
    """Return whether an alternative has a mine at all, built or held back.

    Of one without a mine nothing is held back once its gates are open.
    """
    outcome = study.outcomes[name]["opened"]
    return outcome.built or bool(outcome.blocked_by)


def choices(study: Study, odds: Sequence[Odds]) -> list[Odds]:
    """Return the odds of all choices to be told: alternatives with a mine, and nothing.

    The other alternatives add nothing to themselves without a mine.
    """
    return [
        each
        for each in odds
        if each.name == NOTHING or each.ever_built or has_mine(study, each.name)
    ]


def chance_of(share: float, tongue: Language) -> str:
    """Return a chance in whole per cent, without calling the rare impossible or certain."""
    if 0.0 < share < 0.005:
        return "<" + tongue.share(0.01, 0)
    if 0.995 <= share < 1.0:
        return ">" + tongue.share(0.99, 0)
    return tongue.share(share, 0)


# --- alternatives --------------------------------------------------------------------------------


def intervals_of(study: Study, odds: Sequence[Odds], tongue: Language) -> Picture | None:
    """Draw what each mine adds if it is built, with the chance that it is."""
    _ = tongue.text
    found = [(each, each.if_built) for each in odds if each.if_built is not None]
    if not found:
        return None
    ends = [abs(end.value) for _odds, built in found for end in built.quantiles]
    scale, unit = money_scale(max(ends), tongue)
    return intervals(
        _("What the mine of each alternative adds, if it is built"),
        [_interval(study, each, built, scale, unit, tongue) for each, built in found],
        (
            _("5 % to 95 % of futures in which it is built"),
            _("25 % to 75 %"),
            _("Median"),
            _("Mean"),
        ),
        unit,
        tongue,
    )


def _interval(
    study: Study, odds: Odds, built: Spread, scale: float, unit: str, tongue: Language
) -> Interval:
    low, quarter, middle, upper, high = (each.value / scale for each in built.quantiles)
    title = title_of(study, odds.name, tongue)
    return Interval(
        tongue.text("{chance} · {title}", chance=chance_of(odds.built.value, tongue), title=title),
        None if odds.few else (low, high),
        (quarter, upper),
        middle,
        built.mean.value / scale,
        f"{title}: {tongue.number(low)} … {tongue.number(middle)} … {tongue.number(high)} {unit}",
    )


# --- futures -------------------------------------------------------------------------------------


def fans_of(study: Study, name: str, tongue: Language) -> Picture:
    """Draw how prices, network, surplus and cash may go, year by year."""
    ensemble = futures_of(study)
    words = (
        tongue.text("5 % to 95 % of futures"),
        tongue.text("25 % to 75 %"),
        tongue.text("Median"),
    )
    panels = [*_common_panels(study, ensemble, tongue), *_own_panels(ensemble, name, tongue)]
    title = tongue.text("How the futures go, year by year")
    return fans(title, ensemble.years, panels, words, tongue)


def _common_panels(study: Study, ensemble: Ensemble, tongue: Language) -> list[Fan]:
    _ = tongue.text
    panels = [
        Fan(_("Price of a bitcoin, k USD"), fan(ensemble.of("bitcoin_price")) / 1e3),
        Fan(_("Hashprice, USD/PH/day"), fan(ensemble.of("hashprice"))),
    ]
    network = ensemble.of("network")
    if not np.isnan(network).any():
        panels.insert(1, Fan(_("Network, EH/s"), fan(network)))
    areas = study.case.tree.area
    priced = [name for name in ensemble.areas if areas[name].market is not None][:MOST_AREAS]
    for name in priced:
        power = ensemble.of("power_price")[ensemble.areas.index(name)]
        heading = _("{area}, USD/MWh", area=areas[name].title or name)
        panels.append(Fan(heading, fan(power)))
    return panels


def _own_panels(ensemble: Ensemble, name: str, tongue: Language) -> list[Fan]:
    """Return the panels of one alternative."""
    _ = tongue.text
    among = told_in(ensemble, name)
    surplus = fan(ensemble.of("surplus", name)[among])
    unit, word = (1e6, "TWh") if np.nanmax(np.abs(surplus)) >= 1e6 else (1e3, "GWh")
    panels = [Fan(_("Surplus, {unit}", unit=word), surplus / unit)]
    coins = ensemble.of("coins", name)[among]
    if coins.any():
        panels.append(Fan(_("Coins, BTC"), fan(coins)))
    for heading, flow in (
        (_("Cash of all parties"), cash_by_future(ensemble, name)[among]),
        (_("Cash that the mine adds"), ensemble.of("mine_cash", name)[among]),
    ):
        if flow.any():
            found = fan(flow)
            scale, currency = money_scale(float(np.abs(found).max()), tongue)
            panels.append(Fan(f"{heading}, {currency}", found / scale))
    return panels


def cash_by_future(ensemble: Ensemble, name: str) -> Floats:
    """Return the cash of all parties of an alternative, shape (S, Y) [USD]."""
    total = np.zeros((ensemble.scenarios, ensemble.years.size))
    for account in ACCOUNTS:
        total += ensemble.of("cash", name, account)
    return total


def funnel_of(study: Study, name: str, tongue: Language) -> Picture:
    """Draw in what share of futures each gate is open, and the mine runs, by each year's end."""
    ensemble = futures_of(study)
    title = tongue.text(
        "How far “{title}” has come by the end of each year", title=_own(study, name)
    )
    steps = [step for step in funnel(ensemble, name) if step.kind != "stage"]
    rows = [_step(study, step, tongue) for step in steps]
    return shares(title, ensemble.years, rows, tongue)


def _step(study: Study, step: Step, tongue: Language) -> tuple[str, Floats, str]:
    if step.kind == "gate":
        gate = study.case.tree.gate[step.name]
        return f"{gate.title} · {stage_word(gate.stage, tongue)}", step.by_year, "fan-narrow"
    if step.kind == "all gates":
        return tongue.text("All of these gates"), step.by_year, "fan-narrow"
    return tongue.text("The first coin is mined"), step.by_year, "mine-1"


def _own(study: Study, name: str) -> str:
    return study.case.alternatives[name].title


def energy_flow_of(study: Study, name: str, tongue: Language) -> Picture | None:
    """Draw where each megawatt-hour goes over the horizon, mean over the futures told."""
    _ = tongue.text
    ensemble = futures_of(study)
    energy = mean_energy(ensemble, name)
    whole = energy["generated"] + energy["imported"]
    if whole <= 0.0:
        return None
    scale, unit = (1e6, "TWh") if whole >= 1e6 else (1e3, "GWh")
    came = [(_("Generated"), "fan-line", "generated"), (_("Imported"), "soft", "imported")]
    went = [
        (_("House load"), "house", "house"),
        (_("Obligations delivered"), "owed-1", "obligations"),
        (_("Sold on the market"), "market-1", "exported"),
        (_("Mined"), "mine-1", "mined"),
        (_("Curtailed"), "curtailed", "curtailed"),
        (_("Storage losses"), "storage", "storage_loss"),
    ]

    def present(side: Sequence[tuple[str, str, str]]) -> list[Layer]:
        return [
            Layer(label, colour, np.array([energy[flow] / scale]))
            for label, colour, flow in side
            if energy[flow] > 0.0
        ]

    title = _("Where each megawatt-hour of “{title}” goes", title=_own(study, name))
    return sankey(title, present(came), present(went), unit, tongue)


# --- decisions -----------------------------------------------------------------------------------


def curve_of(study: Study, sizing: Sizing, tongue: Language) -> Picture:
    """Draw the value of an alternative against its megawatts."""
    _ = tongue.text
    found = sizing.curve
    ends = np.concatenate([found.low, found.high, found.mean])
    scale, unit = money_scale(float(np.abs(ends).max()), tongue)
    off = HALF_WIDTH * found.error
    return curve(
        _("Value against size of “{title}”", title=_own(study, sizing.alternative)),
        found.size,
        [
            (found.low / scale, found.high / scale),
            ((found.mean - off) / scale, (found.mean + off) / scale),
        ],
        found.mean / scale,
        float(sizing.size.sum()),
        (
            _("5 % to 95 % of futures"),
            _("95 % interval of the mean"),
            _("Mean"),
            _("Best size"),
        ),
        (_("All candidates together, MW"), unit),
        tongue,
    )


def signals_of(worth: Worth, tongue: Language) -> Picture | None:
    """Draw what it would be worth to know each signal before deciding."""
    found = told_signals(worth)[:MOST_SIGNALS]
    if not found:
        return None
    scale, unit = money_scale(max(signal.worth + signal.error for signal in found), tongue)
    rows = [
        Measure(
            f"{reworded(signal.label, tongue)} · {tongue.money(signal.worth)}",
            ((signal.worth / scale, HALF_WIDTH * signal.error / scale),),
        )
        for signal in found
    ]
    title = tongue.text("What knowing each signal before deciding would be worth")
    return measures(title, rows, (title,), unit, tongue)


def told_signals(worth: Worth) -> list[Signal]:
    """Return the signals that are worth more than nothing, most valuable first.

    A group that is worth just what one of its members is says nothing more, and is left out.
    """
    alone = {signal.worth for signal in worth.signals if signal.kind != "group"}
    return sorted(
        (
            signal
            for signal in worth.signals
            if signal.worth > 0.0 and not (signal.kind == "group" and signal.worth in alone)
        ),
        key=lambda signal: -signal.worth,
    )


def indices_of(study: Study, worth: Worth, tongue: Language) -> Picture | None:
    """Draw what share of the spread each unknown explains, alone and with all others."""
    _ = tongue.text
    names = {unknown.path: unknown.name or unknown.path for unknown in study.case.unknowns}
    found = sorted(worth.indices.items(), key=lambda pair: -pair[1].total)[:MOST_SWINGS]
    if not found:
        return None
    rows = [
        Measure(
            names.get(path, path),
            ((index.total, index.total_error), (index.first, index.first_error)),
        )
        for path, index in found
    ]
    return measures(
        _("Share of the spread of “{title}” by unknown", title=_own(study, worth.indices_of)),
        rows,
        (_("With all others (total)"), _("Alone (first order)")),
        _("share of the variance"),
        tongue,
    )


# --- arrangements --------------------------------------------------------------------------------


def sides_of(prospects: Sequence[Prospect], tongue: Language) -> list[Picture]:
    """Draw the value of each party under each arrangement; all pictures share one scale."""
    reach = [
        float(value)
        for prospect in prospects
        for part in prospect.parts
        for value in (*part.quantiles, part.value)
    ]
    if not reach:
        return []
    scale, unit = money_scale(max(map(abs, reach)), tongue)
    reach = [value / scale for value in reach]
    return [_side(prospect, scale, unit, reach, tongue) for prospect in prospects]


def _side(
    prospect: Prospect, scale: float, unit: str, reach: Sequence[float], tongue: Language
) -> Picture:
    _ = tongue.text
    rows = [_party(part, scale, unit, tongue) for part in prospect.parts]
    return intervals(
        _("Value for each party under “{title}”", title=prospect.title),
        rows,
        (_("5 % to 95 % of futures"), "", _("Median"), _("Mean")),
        unit,
        tongue,
        reach,
    )


def _party(part: Part, scale: float, unit: str, tongue: Language) -> Interval:
    if part.left_out:
        return Interval(tongue.text("{party} · left out", party=part.name))
    low, middle, high = (float(value) / scale for value in part.quantiles)
    mean = part.value / scale
    label = f"{part.name} · {tongue.number(mean, signed=True)}"
    if any(leg.blocked_by for leg in part.legs):
        label += " *"
    remark = f"{part.name}: {tongue.number(low)} … {tongue.number(high)} {unit}"
    return Interval(label, (low, high), None, middle, mean, remark)
