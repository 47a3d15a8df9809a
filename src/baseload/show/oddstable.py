"""The odds of a study in a terminal: a ranked table, fans as sparklines, what to watch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich import box
from rich.markup import escape
from rich.table import Table

from baseload.plan.ensemble.estimates import LEVELS, Estimate, Spread, fan
from baseload.plan.ensemble.odds import NOTHING, Odds, day_of, leader, ranked, told_in
from baseload.plan.ensemble.result import Ensemble
from baseload.show.outlook import cash_by_future, choices, futures_of, told_signals

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rich.console import Console

    from baseload.plan.outcome import Study

    Floats = NDArray[np.float64]

NONE = "–"
BLOCKS = "▁▂▃▄▅▆▇█"

MOST_SIGNALS = 3

_DECIMALS = {"bn": 2, "M": 1}
"""Decimals of a value in the table; its mean and error have one more."""


def print_odds(study: Study, out: Console) -> None:
    """Print what many futures say of a study: table, sparklines, best size, signals.

    Parameters
    ----------
    study : result with futures.
    out : where to.
    """
    ensemble = futures_of(study)
    odds = ranked(ensemble)
    frame, money = study.case.tree.case, study.case.tree.money
    out.print(
        f"[bold]{escape(frame.name)}[/bold] · {ensemble.scenarios:,} futures · "
        f"{len(ensemble.years)} years · {money.currency} {money.base_year} · odds under the "
        f"assumptions of the case · seed {ensemble.seed}"
    )
    out.print(odds_table(study, odds))
    out.print(
        "built in: share of futures; mine to loses, and cash below: if built; mean: over all "
        "futures, ± one standard error",
        style="dim",
    )
    out.print()
    first = leader(odds)
    for line in sparklines(ensemble, first.name if first else ensemble.alternatives[0]):
        out.print(escape(line))
    for line in (*size_lines(study), *signal_lines(study)):
        out.print(escape(line))


def odds_table(study: Study, odds: Sequence[Odds]) -> Table:
    """Return the ranked table of alternatives, that of nothing included."""
    scale, unit = _scale(odds)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("built in", justify="right", no_wrap=True)
    table.add_column("mine", justify="right", no_wrap=True)
    table.add_column("first coin", no_wrap=True)
    table.add_column("coins", justify="right", no_wrap=True)
    table.add_column("value (5 % … 50 % … 95 %)", justify="right", no_wrap=True)
    table.add_column("loses", justify="right", no_wrap=True)
    table.add_column("mean", justify="right", no_wrap=True)
    for each in choices(study, odds):
        table.add_row(escape(each.name), *_cells(study, each, scale, unit))
    return table


def _cells(study: Study, odds: Odds, scale: float, unit: str) -> tuple[str, ...]:
    mean = _margin(odds.value.mean, scale, unit)
    if odds.if_built is None or odds.coins is None:
        chance = NONE if odds.name == NOTHING else _percent(0.0)
        return (chance, NONE, NONE, NONE, NONE, NONE, mean)
    first = odds.first_mining[LEVELS.index(0.5)].value if odds.first_mining else None
    return (
        _percent(odds.built.value),
        f"{odds.mine_mw:,.0f} MW",
        NONE if first is None else f"{day_of(futures_of(study), first):%Y-%m}",
        f"{odds.coins.value:,.0f}/y",
        NONE if odds.few else value_range(odds.if_built, scale, unit),
        _percent(odds.if_built.loss.value),
        mean,
    )


def value_range(found: Spread, scale: float, unit: str) -> str:
    """Return the 5, 50 and 95 % quantile of an amount in one unit."""
    low, middle, high = (found.at(level).value / scale for level in (0.05, 0.5, 0.95))
    digits = _DECIMALS[unit]
    return f"{low:.{digits}f} … {middle:>6.{digits}f} … {high:>6.{digits}f} {unit}"


def _scale(odds: Sequence[Odds]) -> tuple[float, str]:
    """Return the unit of the whole column: billions, or millions where none reaches one."""
    ends = [abs(each.value) for odd in odds for each in (odd.if_built or odd.value).quantiles]
    return (1e9, "bn") if max(ends) >= 0.9995e9 else (1e6, "M")


def _margin(estimate: Estimate, scale: float, unit: str) -> str:
    value, digits = estimate.value / scale, _DECIMALS[unit] + 1
    if not np.isfinite(estimate.error) or estimate.error == 0.0:
        return f"{value:+.{digits}f} {unit}" if value else f"0 {unit}"
    return f"{value:+.{digits}f} ± {estimate.error / scale:.{digits}f} {unit}"


def _percent(share: float) -> str:
    if 0.0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= share < 1.0 else f"{100 * share:.0f} %"


# --- fans ----------------------------------------------------------------------------------------


def sparklines(ensemble: Ensemble, alternative: str) -> Iterator[str]:
    """Give one line for each fan: its quantiles year by year, and where they end.

    Parameters
    ----------
    ensemble : the futures.
    alternative : whose cash is shown, in the futures in which it is built.
    """
    years, cash = ensemble.years, cash_by_future(ensemble, alternative)
    yield (
        f"{f'{years[0]} to {years[-1]}':<28}{'5 %':<{_room(years.size)}}"
        f"{'50 %':<{_room(years.size)}}{'95 %':<{_room(years.size)}}in {years[-1]}"
    )
    for name, values, digits in (
        ("bitcoin price, k USD", ensemble.of("bitcoin_price") / 1e3, 0),
        ("hashprice, USD/PH/day", ensemble.of("hashprice"), 1),
        (f"cash of {alternative}"[:18] + ", M USD", cash[told_in(ensemble, alternative)] / 1e6, 0),
    ):
        found = fan(values)[[0, 2, 4]]
        low, high = float(found.min()), float(found.max())
        bars = "".join(f"{spark(row, low, high):<{_room(years.size)}}" for row in found)
        ends = " … ".join(f"{row[-1]:,.{digits}f}" for row in found)
        yield f"{name:<28}{bars}{ends}"


def _room(years: int) -> int:
    return max(years, 4) + 2


def spark(values: Floats, low: float, high: float) -> str:
    """Return values as blocks between two ends.

    Parameters
    ----------
    values : shape (Y,).
    low, high : values of the lowest and the highest block.
    """
    if high <= low:
        return BLOCKS[0] * len(values)
    places = np.clip((values - low) / (high - low) * (len(BLOCKS) - 1), 0, len(BLOCKS) - 1)
    return "".join(BLOCKS[round(float(place))] for place in places)


# --- decisions -----------------------------------------------------------------------------------


def size_lines(study: Study) -> Iterator[str]:
    """Give one line for each best size."""
    for sizing in study.sizings:
        if sizing.size.sum() == 0.0:
            yield (
                f"best size of {sizing.alternative}, its gates open: none pays on average, "
                "chosen beforehand"
            )
            continue
        yield (
            f"best size of {sizing.alternative}: {sizing.size.sum():,.0f} MW, "
            f"{_pair(sizing.mean, sizing.error)} on average, loses in "
            f"{_percent(sizing.loses)}; "
            + ("no size" if sizing.proven else "no size on the grid that was checked")
            + f" is worth more than {_money(sizing.bound)}"
        )


def signal_lines(study: Study) -> Iterator[str]:
    """Give the signals most worth waiting for, in one line."""
    if study.worth is None:
        return
    found = told_signals(study.worth)[:MOST_SIGNALS]
    if not found:
        yield "no single piece of news would change the choice"
        return
    told = "; ".join(
        f"{signal.label} ({_pair(signal.worth, signal.error).removeprefix('+')}"
        f"{', ' + signal.by if signal.by else ''})"
        for signal in found
    )
    yield f"most worth knowing: {told}"


def _pair(value: float, error: float) -> str:
    scale, unit = (1e9, "bn") if abs(value) >= 0.9995e9 else (1e6, "M")
    return f"{_margin(Estimate(value, error), scale, unit)} USD"


def _money(value: float) -> str:
    scale, unit = (1e9, "bn USD") if abs(value) >= 0.9995e9 else (1e6, "M USD")
    size = value / scale
    digits = 0 if abs(size) >= 100 else 1 if abs(size) >= 10 else 2
    return f"{size:,.{digits}f} {unit}"
