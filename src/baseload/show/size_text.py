"""A sizing for people in a terminal, and as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.table import Table

from baseload.show.terminal import console

if TYPE_CHECKING:
    from baseload.plan.sizing.result import Limit, Margin, Sizing

BLOCKS = "▁▂▃▄▅▆▇█"

FULL = 1e-6
"""A limit used up to this part of itself is full [-]."""

FEW = 30
"""Futures fewer than these say little of a mean."""


def print_sizing(found: Sizing) -> None:
    """Print the optimum, its proof, the curve, the limits that bind and the check around."""
    out = console()
    out.print(f"[bold]{escape(found.alternative)}[/bold] · sized for {escape(found.risk)} value")
    if found.scenarios:
        out.print(chosen(found))
    out.print(size_table(found))
    if not found.size.any():
        out.print("best is no mine: no size is worth more than none")
    out.print(f"worth {millions(found.value)}{_spread(found)}")
    for line in (*overall(found), proof(found), grid_line(found), *alike(found)):
        out.print(line)
    out.print()
    if found.margins:
        out.print("[bold]One more megawatt[/bold] of each, beside these sizes")
        out.print(margin_table(found.margins))
        out.print()
    out.print(f"value against megawatts in all, this mix  {sparkline(found.curve.mean.tolist())}")
    out.print(curve_table(found))
    binding = [limit for limit in found.limits if binds(limit)]
    out.print()
    out.print("[bold]Limits that bind[/bold]")
    if binding:
        out.print(limit_table(binding))
        return
    full = [limit for limit in found.limits if is_full(limit)]
    if not full:
        out.print("  none: more room would be worth nothing")
        return
    out.print("  each is worth nothing alone, since another stops it too:")
    out.print(limit_table(full))


def chosen(found: Sizing) -> str:
    """Say over which futures sizes are chosen."""
    text = f"chosen when its gates have opened, over {found.futures:,} futures in which they do"
    if found.chance < 1.0:
        return f"{text} (probability {found.chance:.2%})"
    if found.futures == found.scenarios:
        return f"chosen over {found.futures:,} futures"
    few = "; --opened makes that all of them" if found.futures < FEW else ""
    return f"{text}, of {found.scenarios:,}{few}"


def overall(found: Sizing) -> list[str]:
    """Say what it is worth with the futures in which gates stay shut; nothing without any."""
    if math.isnan(found.overall) or (found.chance == 1.0 and found.futures == found.scenarios):
        return []
    error = "" if math.isnan(found.overall_error) else f" ± {millions(found.overall_error)}"
    return [f"with gates that may stay shut: {millions(found.overall)}{error} in expectation"]


def alike(found: Sizing) -> list[str]:
    """Say which sizes the futures do not tell from the best."""
    least, most = found.same
    if math.isnan(least) or least == most:
        return []
    return [f"these futures do not tell {least:,.0f} to {most:,.0f} MW apart (two standard errors)"]


def margin_table(entries: Sequence[Margin]) -> Table:
    """Return what one more megawatt of each candidate adds, and where."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("candidate")
    for name in ("adds", "pays in", "where a hash earns, on average"):
        table.add_column(name, justify="right")
    for entry in entries:
        where = "–"
        if not math.isnan(entry.hashprice):
            where = f"over {entry.hashprice:,.0f} USD/PH/day (tells {entry.told:.0%})"
        pays = f"{entry.pays:.0%} of futures"
        table.add_row(escape(entry.candidate), f"{entry.mean:,.0f} USD", pays, where)
    return table


def size_table(found: Sizing) -> Table:
    """Return the best size of each candidate."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("candidate")
    table.add_column("best size", justify="right")
    for name, size in zip(found.candidates, found.size, strict=True):
        table.add_row(escape(name), f"{size:,.1f} MW")
    table.add_row("all", f"{found.size.sum():,.1f} MW")
    return table


def curve_table(found: Sizing) -> Table:
    """Return the curve with its spread."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("size", "mean", "± error", "5 %", "50 %", "95 %"):
        table.add_column(name, justify="right", no_wrap=True)
    curve = found.curve
    columns = (curve.mean, curve.error, curve.low, curve.median, curve.high)
    for i, size in enumerate(curve.size):
        mark = "  best" if math.isclose(size, float(found.size.sum()), abs_tol=1e-6) else ""
        table.add_row(f"{size:,.0f} MW", *(millions(column[i]) for column in columns), mark)
    return table


def limit_table(limits: Sequence[Limit]) -> Table:
    """Return limits with how far they are used and what one unit more is worth."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("limit")
    for name in ("at", "used", "one more is worth"):
        table.add_column(name, justify="right")
    for limit in limits:
        table.add_row(
            escape(limit.name),
            f"{limit.limit:,.6g} {limit.unit}",
            f"{limit.used:,.6g} {limit.unit}",
            f"{limit.shadow_price:,.4g} USD/{limit.unit}",
        )
    return table


def proof(found: Sizing) -> str:
    """Say how near the optimum is to the bound, and whether that is certain."""
    text = f"no size reaches more than {millions(found.bound)}: gap {found.gap:.3%}"
    if found.proven:
        return f"{text}, proven"
    return (
        f"{text}, not proven: the bound is certain only where the value is concave, and own "
        "hashes or chance may bend it"
    )


def grid_line(found: Sizing) -> str:
    """Say what the check around the optimum found."""
    if not found.grid_points:
        return "no further sizes were tried"
    over = found.grid_value - found.value
    text = f"{found.grid_points} further sizes tried, the best worth {millions(found.grid_value)}"
    if over > max(found.gap, found.sought) * max(1.0, abs(found.value)):
        return f"{text}: {millions(over)} more, so the optimum is not one"
    return f"{text}: none beats it by more than the gap"


def binds(limit: Limit) -> bool:
    """Whether one more of a limit, alone, is worth anything."""
    return limit.shadow_price != 0.0


def is_full(limit: Limit) -> bool:
    """Whether a limit is used up."""
    return limit.used > 0.0 and limit.used >= limit.limit * (1.0 - FULL)


def sparkline(values: Sequence[float]) -> str:
    """Draw values as a row of blocks, the least lowest.

    >>> sparkline([0.0, 1.0, 2.0])
    '▁▅█'
    """
    low, high = min(values), max(values)
    if high <= low:
        return BLOCKS[0] * len(values)
    steps = [round((value - low) / (high - low) * (len(BLOCKS) - 1) + 1e-9) for value in values]
    return "".join(BLOCKS[step] for step in steps)


def millions(value: float) -> str:
    """Write money in millions.

    >>> millions(1_234_567.0)
    '1.23 M USD'
    """
    # Not -0.00, nor nan where one future has no error.
    return "–" if math.isnan(value) else f"{round(value / 1e6, 2) + 0.0:,.2f} M USD"


def _spread(found: Sizing) -> str:
    known = "" if math.isnan(found.error) else f" ± {millions(found.error)}"
    return f"; mean {millions(found.mean)}{known}, loses in {found.loses:.0%} of futures"


def sizing_json(found: Sizing) -> dict[str, Any]:
    """Return a sizing with units in the names of the keys; what is not known is null."""
    curve = found.curve
    return {
        "alternative": found.alternative,
        "risk": found.risk,
        "size_mw": dict(zip(found.candidates, found.size.tolist(), strict=True)),
        "value_usd": found.value,
        "scenarios": found.scenarios,
        "futures": found.futures,
        "chance": found.chance,
        "mean_usd": found.mean,
        "error_usd": _number(found.error),
        "loses": found.loses,
        "overall_usd": _number(found.overall),
        "overall_error_usd": _number(found.overall_error),
        "not_told_apart_mw": [_number(size) for size in found.same],
        "bound_usd": found.bound,
        "gap": found.gap,
        "proven": found.proven,
        "evaluations": found.evaluations,
        "grid": {"points": found.grid_points, "best_usd": _number(found.grid_value)},
        "one_more_mw": [
            {
                "candidate": entry.candidate,
                "mean_usd_per_mw": entry.mean,
                "pays": entry.pays,
                "hashprice_usd_per_ph_day": _number(entry.hashprice),
                "told": entry.told,
            }
            for entry in found.margins
        ],
        "limits": [
            {
                "name": limit.name,
                "unit": limit.unit,
                "limit": limit.limit,
                "used": limit.used,
                "shadow_price_usd_per_unit": limit.shadow_price,
            }
            for limit in found.limits
        ],
        "curve": {
            "size_mw": curve.size.tolist(),
            "mean_usd": curve.mean.tolist(),
            "error_usd": [_number(value) for value in curve.error.tolist()],
            "low_usd": curve.low.tolist(),
            "median_usd": curve.median.tolist(),
            "high_usd": curve.high.tolist(),
        },
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
