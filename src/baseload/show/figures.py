"""The pictures of a study: which numbers go into which chart, under which words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from baseload.case.schema import Tree
from baseload.plan.cash.accounts import INTERNAL_ACCOUNTS, Account, Group, accounts_of
from baseload.plan.outcome import Outcome, Study, Swing, Week
from baseload.show.drawing import Layer, Picture
from baseload.show.language import Language
from baseload.show.plots import areas, bars, ranking, swings

Floats = NDArray[np.float64]

MOST_SWINGS = 12
"""Unknowns in a tornado; those that move less are in the table only."""

_SOLD = (Account.ENERGY_SALES, Account.OBLIGATION_REVENUE)
_MINED = (Account.MINING_REVENUE, Account.POOL_FEE)
_OWED = (Account.SHORTFALL_DAMAGES, Account.TAKE_OR_PAY)


def ranking_of(study: Study, tongue: Language) -> Picture | None:
    """Draw what the mine of each alternative is worth if its gates open; None without a mine."""
    values = [
        (worlds["opened"].title, worlds["opened"].metrics.mine_value)
        for worlds in study.outcomes.values()
        if worlds["opened"].built
    ]
    if not values:
        return None
    scale, unit = money_scale(max(abs(value) for _, value in values), tongue)
    title = tongue.text("Value of the mine by alternative, if its gates open")
    rows = [(name, value / scale) for name, value in values]
    return ranking(title, rows, unit, tongue)


def week_of(study: Study, outcome: Outcome, tongue: Language) -> Picture:
    """Draw a week of dispatch: uses as a stack, generation as a line, prices below."""
    _ = tongue.text
    week = outcome.week
    titles = _titles(study.case.tree)
    stack = _coloured(week.use, titles, tongue)
    generated = [power for name, power in week.supply.items() if name.startswith("generation")]
    total = np.sum(generated, axis=0) if generated else np.zeros(len(week.times))
    below = [
        Layer(_("Price: {area}", area=titles.get(area, area)), f"market-{1 + index % 2}", price)
        for index, (area, price) in enumerate(week.market_price.items())
    ]
    if np.isfinite(week.mining_value).any():
        below.append(Layer(_("Value of a MWh mined"), "mine-1", week.mining_value))
    return areas(
        _("A week of dispatch of “{title}”", title=outcome.title),
        local_times(week),
        stack,
        [Layer(_("Generation"), "ink", total)],
        below,
        (_("Power, MW"), _("Price, USD/MWh")),
        tongue,
    )


def energy_of(outcome: Outcome, tongue: Language) -> Picture:
    """Draw where the energy of each year goes."""
    _ = tongue.text
    energy = outcome.energy
    parts = [
        (_("House and shutdown load"), "house", energy["house"]),
        (_("Obligations delivered"), "owed-1", energy["obligations"]),
        (_("Sold on the market"), "market-1", energy["exported"]),
        (_("Mined"), "mine-1", energy["mined"]),
        (_("Curtailed"), "curtailed", energy["curtailed"]),
        (_("Storage losses"), "storage", energy["storage_loss"]),
    ]
    largest = max(float((energy["generated"] + energy["imported"]).max(initial=0.0)), 1.0)
    scale, unit = (1e6, "TWh") if largest >= 1e6 else (1e3, "GWh")
    return bars(
        _("Energy by year of “{title}”", title=outcome.title),
        outcome.years,
        _present(Layer(label, colour, flow / scale) for label, colour, flow in parts),
        [Layer(_("Generated"), "ink", energy["generated"] / scale)],
        _("Energy, {unit}", unit=unit),
        tongue,
    )


def cash_of(outcome: Outcome, tongue: Language) -> Picture:
    """Draw the cash flows of each year, all parties together, and their running sum."""
    _ = tongue.text
    flows = cash_by_year(outcome)
    sold, mined, owed = (_summed(flows, group) for group in (_SOLD, _MINED, _OWED))
    named = {*_SOLD, *_MINED, *_OWED, *INTERNAL_ACCOUNTS}
    costs = [account for account in accounts_of(Group.OPERATING) if account not in named]
    parts = [
        (_("Sale of energy"), "market-1", sold),
        (_("Mining after the pool's fee"), "mine-1", mined),
        (_("Running costs and imports"), "house", _summed(flows, costs)),
        (_("Damages"), "bad", owed),
        (_("Investment and salvage"), "invest", _summed(flows, accounts_of(Group.INVESTMENT))),
        (
            _("Tax and loans"),
            "finance",
            _summed(flows, (*accounts_of(Group.TAX), *accounts_of(Group.FINANCING))),
        ),
    ]
    running = np.cumsum(np.sum([flow for _name, _colour, flow in parts], axis=0))
    largest = max(float(np.abs(flow).max(initial=0.0)) for *_rest, flow in parts)
    scale, unit = money_scale(max(largest, float(np.abs(running).max(initial=0.0))), tongue)
    return bars(
        _("Cash flow by year of “{title}”", title=outcome.title),
        outcome.years,
        _present(Layer(label, colour, flow / scale) for label, colour, flow in parts),
        [Layer(_("Running sum"), "ink", running / scale)],
        unit,
        tongue,
    )


def tornado_of(study: Study, outcome: Outcome, tongue: Language) -> Picture | None:
    """Draw what each unknown does to the value of a mine; None where none does anything."""
    _ = tongue.text
    moved = widest_first(study.swings.get(outcome.name, ()))[:MOST_SWINGS]
    if not moved:
        return None
    base = outcome.metrics.mine_value
    largest = max(abs(value) for swing in moved for value in (base, *swing.mine_value))
    scale, unit = money_scale(largest, tongue)
    return swings(
        _("What each unknown does to the value of the mine of “{title}”", title=outcome.title),
        [
            (
                f"{swing.label} · {swing.low} → {swing.high}",
                swing.mine_value[0] / scale,
                swing.mine_value[1] / scale,
            )
            for swing in moved
        ],
        base / scale,
        (_("at its low level"), _("at its high level")),
        unit,
        tongue,
    )


def widest_first(found: Sequence[Swing]) -> list[Swing]:
    """Return the unknowns that move the value of the mine, widest first."""
    moved = [swing for swing in found if swing.width("mine_value") > 0.0]
    return sorted(moved, key=lambda swing: -swing.width("mine_value"))


def cash_by_year(outcome: Outcome) -> dict[Account, Floats]:
    """Return the cash flow of each account by calendar year [USD], shape (Y,)."""
    by_year = outcome.ledger.by_year()
    years = outcome.years.tolist()
    return {
        account: np.array([by_year.get(year, {}).get(account, 0.0) for year in years])
        for account in Account
    }


def money_scale(largest: float, tongue: Language) -> tuple[float, str]:
    """Return by what to divide amounts, and the unit they are then in."""
    scale, word = tongue.magnitude(largest)
    return scale, f"{word} USD".strip()


# --- parts --------------------------------------------------------------------------------------


def _summed(flows: dict[Account, Floats], accounts: Iterable[Account]) -> Floats:
    total = np.zeros_like(flows[Account.ENERGY_SALES])
    for account in accounts:
        total = total + flows[account]
    return total


def _present(layers: Iterable[Layer]) -> list[Layer]:
    found = list(layers)
    return [layer for layer in found if np.any(layer.values)] or found[:1]


def local_times(week: Week) -> NDArray[np.datetime64]:
    """Return the times of a week on the clocks of its zone, as they stood when it began."""
    first = week.times[0].astype("datetime64[s]").astype(dt.datetime)
    offset = first.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(week.time_zone)).utcoffset()
    return week.times + np.timedelta64(offset or dt.timedelta(0))


def _titles(tree: Tree) -> dict[str, str]:
    """Return the names that people know areas and mines by."""
    mines = {name: mine.title or name for name, mine in tree.mine.items()}
    return {name: area.title or name for name, area in tree.area.items()} | mines


def _coloured(
    uses: Mapping[str, Floats], titles: Mapping[str, str], tongue: Language
) -> list[Layer]:
    """Return one layer for each use of the week, in the order of a stack."""
    words = _use_words(tongue)
    layers = []
    seen = dict.fromkeys(words, 0)
    ordered = sorted(uses, key=lambda name: _family(name, words)[0])
    for name in ordered:
        family = _family(name, words)[1]
        label, colours = words[family]
        rest = name.removeprefix(family).strip()
        rest = titles.get(rest, rest)
        colour = colours[seen[family] % len(colours)]
        seen[family] += 1
        layers.append(Layer(f"{label} {rest}".strip(), colour, uses[name]))
    return _present(layers)


def _family(name: str, words: Mapping[str, object]) -> tuple[int, str]:
    """Return place and first word of the kind of use that a name begins with."""
    for place, family in enumerate(words):
        if name.startswith(family):
            return place, family
    return len(words) - 1, ""


def _use_words(tongue: Language) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return word and colours of each kind of use by the first word of its name."""
    _ = tongue.text
    return {
        "house load": (_("House load"), ("house",)),
        "obligation": (_("Obligation:"), ("owed-1", "owed-2")),
        "market": (_("Market:"), ("market-1", "market-2")),
        "mine": (_("Mine:"), ("mine-1", "mine-2", "mine-3")),
        "storage": (_("Storage"), ("storage",)),
        "curtailed": (_("Curtailed"), ("curtailed",)),
        "": ("", ("soft",)),
    }
