"""What is worth knowing, and the right to decide later, for people in a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table

from baseload.show.size_text import millions
from baseload.show.terminal import console

if TYPE_CHECKING:
    from baseload.plan.ensemble.result import Ensemble
    from baseload.plan.worth.result import Index, Signal, Verdict, Waiting, Worth

MOST = 3
"""Signals that are printed."""
MOST_SOURCE = 160
"""Characters of a source that are printed."""


def print_worth(found: Worth, ensemble: Ensemble) -> None:
    """Print the best choice now, what news is worth, and what deciding later is worth."""
    out = console()
    name = ensemble.case.tree.case.name
    out.print(
        f"[bold]{escape(name)}[/bold] · {ensemble.scenarios:,} futures · seed {ensemble.seed}"
    )
    out.print(f"best now            {escape(found.best)}, {millions(found.value)}")
    out.print(f"knowing everything  {margin(found.evpi, found.evpi_error)}")
    if found.evpi == 0.0:
        out.print(unseen(ensemble.scenarios))
    out.print()
    out.print("[bold]Most worth waiting for[/bold]")
    clear = [signal for signal in found.signals if signal.clear]
    for signal in clear[:MOST]:
        out.print(signal_table(signal))
    if not clear:
        out.print("  no signal alone is worth more than the error of its estimate")
    else:
        rest = len(found.signals) - len(clear)
        out.print(f"  {rest} of {len(found.signals)} signals cannot be told from 0")
    for heading, table in (
        ("The right to decline, mothball and stop", waiting_table(found.waiting)),
        (f"Share of the variance of {found.indices_of}", indices_table(found.indices.items())),
    ):
        if table.row_count:
            out.print()
            out.print(f"[bold]{escape(heading)}[/bold]")
            out.print(table)


def signal_table(signal: Signal) -> Table:
    """Return one signal: worth, what becomes best, who would say it, and when."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(margin(signal.worth, signal.error), f"[bold]{escape(signal.label)}[/bold]")
    for way in signal.verdicts:
        table.add_row("", escape(verdict(way)))
    told = ", ".join(part for part in (_short(signal.source), signal.by) if part)
    if told:
        table.add_row("", f"[dim]{escape(told)}[/dim]")
    return table


def waiting_table(rights: Iterable[Waiting]) -> Table:
    """Return what each alternative is worth with and without the right to decide."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("alternative", no_wrap=True)
    for name in ("built as gates open", "with the right", "the right is worth", "ever built in"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in rights:
        table.add_row(
            escape(one.alternative),
            millions(one.now),
            margin(one.flexible, one.error),
            margin(one.worth, one.error),
            f"{one.built_share:.1%}",
        )
    return table


def indices_table(indices: Iterable[tuple[str, Index]]) -> Table:
    """Return the share of variance of each unknown, with the 95 % interval."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("unknown", no_wrap=True)
    table.add_column("alone", justify="right")
    for path, index in indices:
        table.add_row(escape(path), f"{index.first:.1%} ± {index.first_error:.1%}")
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
    return f"{way.outcome} ({way.probability:.0%}): {way.best}, {millions(way.value)}"


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
