"""What is worth knowing, and the right to decide later, for people in a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table

from baseload.show.size_text import millions
from baseload.show.terminal import console

if TYPE_CHECKING:
    from rich.console import Console

    from baseload.plan.worth.result import Index, Signal, Verdict, Waiting, Worth

MOST = 3
"""Signals that are printed."""
MOST_SOURCE = 160
"""Characters of a source that are printed."""


def print_worth(found: Worth, name: str, scenarios: int, seed: int) -> None:
    """Print the best choice now, what news is worth, and what deciding later is worth.

    Parameters
    ----------
    found : the worth of knowing and of deciding later.
    name : of the case.
    scenarios, seed : the futures from which it was found.
    """
    out = console()
    how = ", gates opened and weighted back" if found.subject else ""
    out.print(f"[bold]{escape(name)}[/bold] · {scenarios:,} futures{how} · seed {seed}")
    out.print(f"best now            {escape(best_now(found))}")
    out.print(f"knowing everything  {margin(found.evpi, found.evpi_error)}")
    if found.evpi == 0.0:
        out.print(unseen(scenarios))
    _print_signals(found, out)
    _print_if_open(found, out)
    for heading, table in (
        ("What all other news is worth once a gate opens", gates_table(found.signals)),
        (waiting_heading(found), waiting_table(found.waiting)),
        (f"Share of the variance of {found.indices_of}", indices_table(found.indices.items())),
    ):
        if table.row_count:
            out.print()
            out.print(f"[bold]{escape(heading)}[/bold]")
            out.print(table)
    if found.left_out:
        names = escape(", ".join(found.left_out))
        out.print(f"left out, as the value hardly moves with them: {names}")


def best_now(found: Worth) -> str:
    """Say what is best without news, and whether it can be told from nothing."""
    if found.value_error == 0.0:
        return f"{found.best}, {millions(found.value)}"
    return f"{found.best}, {margin(found.value, found.value_error)}"


def _print_signals(found: Worth, out: Console) -> None:
    out.print()
    out.print("[bold]Most worth waiting for[/bold]")
    clear = [signal for signal in found.signals if signal.clear]
    single = [signal for signal in clear if signal.kind != "group"]
    for signal in single[:MOST]:
        out.print(signal_table(signal))
    if not single:
        out.print("  no signal alone is worth more than the error of its estimate")
    groups = [f"{one.name} {millions(one.worth)}" for one in clear if one.kind == "group"]
    if groups:
        out.print(f"  together: {escape(', '.join(groups))}")
    rest = len(found.signals) - len(clear)
    out.print(f"  {rest} of {len(found.signals)} signals cannot be told from 0")


def _print_if_open(found: Worth, out: Console) -> None:
    """Print what would be worth knowing if the gates of one alternative opened."""
    single = [one for one in found.signals if one.kind != "group" and one.if_open is not None]
    if not single:
        return
    chance = next((one.chance for one in found.waiting if one.alternative == found.subject), 1.0)
    if chance == 1.0:
        return
    out.print()
    subject = escape(found.subject)
    out.print(f"[bold]If the gates of {subject} open ({chance:.2%}), before building it[/bold]")
    ranked = sorted(single, key=lambda one: -one.if_open.worth if one.if_open else 0.0)
    clear = [one for one in ranked if one.if_open is not None and one.if_open.clear]
    for signal in clear[:MOST]:
        out.print(if_open_table(signal))
    if not clear:
        out.print("  no signal alone would change that choice; its value rises most with")
        ranked = sorted(single, key=lambda one: -one.if_open.swing if one.if_open else 0.0)
        for signal in ranked[:MOST]:
            if signal.if_open is not None:
                out.print(f"  {escape(signal.label)}: by {millions(signal.if_open.swing)} at best")


def signal_table(signal: Signal) -> Table:
    """Return one signal: worth, what becomes best, who would say it, and when."""
    return _told(signal, signal.worth, signal.error, signal.verdicts)


def if_open_table(signal: Signal) -> Table:
    """Return one signal as `signal_table`, for one alternative whose gates open."""
    opened = signal.if_open
    assert opened is not None
    return _told(signal, opened.worth, opened.error, opened.verdicts)


def _told(signal: Signal, worth: float, error: float, ways: Iterable[Verdict]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(margin(worth, error), f"[bold]{escape(signal.label)}[/bold]")
    for way in ways:
        table.add_row("", escape(verdict(way)))
    told = ", ".join(part for part in (_short(signal.source), signal.by) if part)
    if told:
        table.add_row("", f"[dim]{escape(told)}[/dim]")
    return table


def gates_table(signals: Iterable[Signal]) -> Table:
    """Return what all other news is worth once a gate opens, the likeliest gate first."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("opens", justify="right", no_wrap=True)
    table.add_column("other news then", justify="right", no_wrap=True)
    table.add_column("gate", overflow="fold")
    rows = [
        (way, way.rest, signal)
        for signal in signals
        for way in signal.verdicts
        if signal.kind == "gate" and way.outcome == "opens" and way.rest is not None
    ]
    for way, rest, signal in sorted(rows, key=lambda row: (-row[0].probability, row[2].name)):
        told = f"{escape(signal.label)} [dim]{escape(signal.by)}[/dim]"
        table.add_row(f"{way.probability:.1%}", millions(rest), told)
    return table


def waiting_heading(found: Worth) -> str:
    """Say of which futures the table of rights to wait is."""
    gated = any(one.chance < 1.0 for one in found.waiting)
    return ("If the gates open: the" if gated else "The") + " right to decline, mothball and stop"


def waiting_table(rights: Iterable[Waiting]) -> Table:
    """Return what each alternative is worth with and without the right to decide."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("alternative", no_wrap=True)
    for name in ("gates open", "built then", "gains in", "with the right", "right worth", "built"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in rights:
        table.add_row(
            escape(one.alternative),
            f"{one.chance:.2%}",
            millions(one.now),
            "" if one.gains is None else f"{one.gains:.0%}",
            f"{one.flexible / 1e6:,.2f} ± {one.error / 1e6:,.2f}",
            millions(one.worth),
            f"{one.built_share:.1%}",
        )
    return table


def indices_table(indices: Iterable[tuple[str, Index]]) -> Table:
    """Return the share of variance of each unknown, with the 95 % interval."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("unknown", no_wrap=True)
    for name in ("alone", "with all others"):
        table.add_column(name, justify="right", no_wrap=True)
    for path, index in indices:
        total = "" if math.isnan(index.total) else f"{index.total:.1%} ± {index.total_error:.1%}"
        table.add_row(escape(path), f"{index.first:.1%} ± {index.first_error:.1%}", total)
    return table


def unseen(scenarios: int) -> str:
    """Say how rare futures may be that none of those drawn is one of (rule of three).

    >>> unseen(300)
    'none of 300 futures gains by another choice; up to 1.0% of all may (95 % confidence)'
    """
    share = 1.0 - 0.05 ** (1.0 / scenarios)
    return (
        f"none of {scenarios:,} futures gains by another choice; "
        f"up to {share:.1%} of all may (95 % confidence)"
    )


def verdict(way: Verdict) -> str:
    """Say what is best under one outcome."""
    said = f"{way.outcome} ({way.probability:.0%}): {way.best}, {millions(way.value)}"
    if way.rest is None:
        return said
    return f"{said}; knowing all else is then worth {millions(way.rest)}"


def margin(value: float, error: float) -> str:
    """Write a worth with its standard error; one within two errors of zero as such.

    >>> margin(12_340_000.0, 910_000.0)
    '12.34 ± 0.91 M USD'
    >>> margin(1_000_000.0, 910_000.0)
    'not told from 0 (1.00 ± 0.91 M USD)'
    """
    shown = f"{value / 1e6:,.2f} ± {error / 1e6:,.2f} M USD"
    return shown if value > 2.0 * error or error == 0.0 else f"not told from 0 ({shown})"


def _short(text: str) -> str:
    return text if len(text) <= MOST_SOURCE else text[: MOST_SOURCE - 1].rstrip() + "…"
