"""Who gets what under each arrangement, as a table in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich import box
from rich.markup import escape
from rich.table import Table

from baseload.plan.prospect.result import Floats, Leg, Part, Prospect
from baseload.show.terminal import console

NOTHING = "–"


def print_prospects(prospects: Sequence[Prospect]) -> None:
    """Print every arrangement with its parties, and what its proposal leaves open."""
    out = console()
    out.print("[bold]Who gets what[/bold] · the planner's view, not a settlement")
    for prospect in prospects:
        out.print(
            f"\n[bold]{escape(prospect.arrangement)} {escape(prospect.title)}[/bold] "
            f"· {escape(prospect.alternative)}, {prospect.chance:.0%} of futures"
        )
        out.print(prospect_table(prospect))
        for line in prospect.assumed:
            out.print(f"[dim]{escape(line)}[/dim]")


def prospect_table(prospect: Prospect) -> Table:
    """Return the table of one arrangement's parties.

    Energy and coins are means a year over the horizon; value is the present value of the cash,
    at 5, 50 and 95 % of futures.
    """
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("party", overflow="fold", min_width=24)
    table.add_column("TWh\na year", justify="right", no_wrap=True)
    table.add_column("coins\na year", justify="right", no_wrap=True)
    table.add_column("value 5 … 50 … 95 %\nmillion USD", justify="right", min_width=24)
    table.add_column("saved\nmillion USD", justify="right", no_wrap=True)
    table.add_column("blocked", overflow="fold", min_width=24)
    for part in prospect.parts:
        table.add_row(*_row(part))
    return table


def _row(part: Part) -> tuple[str, ...]:
    if part.left_out:
        return (f"{escape(part.name)}, left out", *(NOTHING,) * 5)
    paid = np.any(part.cash) or np.any(part.quantiles)
    return (
        escape(part.name),
        _mean(part.energy, 1e6, 2),
        _mean(part.coins, 1.0, 0),
        " … ".join(f"{value / 1e6:,.0f}" for value in part.quantiles) if paid else NOTHING,
        f"{part.saving_value / 1e6:,.0f}" if part.saving_value else NOTHING,
        _blocked(part.legs) or NOTHING,
    )


def _mean(yearly: Floats, unit: float, digits: int) -> str:
    """Write the mean of a yearly value, or a dash where there is nothing."""
    mean = float(np.mean(yearly)) / unit
    return f"{mean:,.{digits}f}" if np.any(yearly) else NOTHING


def _blocked(legs: Sequence[Leg]) -> str:
    """Write what is blocked; legs under the same bars are told together."""
    under: dict[tuple[str, bool], list[str]] = {}
    for leg in legs:
        if leg.blocked_by:
            under.setdefault((leg.until, leg.held), []).append(leg.what)
    return "; ".join(
        escape(f"{', '.join(whats)}: {until}{', money in escrow' if held else ''}")
        for (until, held), whats in under.items()
    )
