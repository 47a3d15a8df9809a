"""Tables that a person reads in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.table import Table

from baseload.show.terminal import console

if TYPE_CHECKING:
    from baseload.case.outline import Outline
    from baseload.plan.outcome import Outcome, Study

NOTHING = "–"


def print_study(study: Study) -> None:
    """Print the alternatives, as things stand and if their gates open, and what matters most.

    Where futures were drawn, their odds come first.
    """
    from baseload.show.keypoints import key_points
    from baseload.show.language import language

    out = console()
    found = key_points(study, language("en"))
    if study.ensemble is not None:
        from baseload.show.oddstable import print_odds

        out.print(escape(found.answer))
        out.print()
        print_odds(study, out)
        out.print()
    frame, money = study.case.tree.case, study.case.tree.money
    out.print(
        f"[bold]{escape(frame.name)}[/bold] · {frame.start} to {frame.end} · "
        f"{money.currency} {money.base_year} · base values, not a forecast"
    )
    out.print(study_table(study))
    points = Table.grid(padding=(0, 1))
    for point in found.points:
        points.add_row("•", escape(str(point)))
    out.print(points)


def study_table(study: Study) -> Table:
    """Return the table of alternatives of a study."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("alternative", no_wrap=True)
    table.add_column("today", overflow="fold")
    table.add_column("mine if\ngates open", justify="right", no_wrap=True)
    table.add_column("first\nmining", no_wrap=True)
    table.add_column("coins", justify="right", no_wrap=True)
    table.add_column("share of\nnetwork", justify="right", no_wrap=True)
    table.add_column("NPV", justify="right", no_wrap=True)
    table.add_column("mine adds", justify="right", no_wrap=True)
    for name, worlds in study.outcomes.items():
        table.add_row(escape(name), _today(study, worlds["today"]), *_opened(worlds["opened"]))
    return table


def print_outline(found: Outline) -> None:
    """Print what a case holds, what is known of it and what is not."""
    out = console()
    out.print(f"[bold]{escape(found.head)}[/bold]")
    for heading, rows in (
        ("Plant", found.plant),
        ("Links", found.links),
        ("Uses", found.uses),
        ("Alternatives", found.alternatives),
    ):
        _section(out, heading, ((row.title or row.name, row.text) for row in rows))
    known = found.knowledge
    _section(
        out,
        f"What is known: {_counts(known.by_status)}",
        (
            (f"{row.path} = {row.value}", f"from memory; {_source(row)}")
            for row in known.from_memory
        ),
    )
    _section(
        out,
        f"What is not known: {_counts(known.unknowns_by_status)}",
        (
            (row.name, row.low, row.base, row.high, row.status, _source(row))
            for row in known.unknowns
        ),
        ("", "low", "base", "high", "status", "source"),
    )
    if found.stage is not None:
        stage = found.stage
        heading = f"Stage: {stage.reached}, {stage.number} of {len(stage.order)}"
        _section(out, heading, ((row.name, row.title, row.text) for row in stage.gates))
    _section(
        out,
        "Legal bars in force on the first day",
        (
            (bar.name, bar.title, bar.jurisdiction, str(bar.since), _until(bar))
            for bar in found.bars
        ),
        ("", "rule", "of", "since", "until"),
    )
    _section(
        out,
        "Claims that contradict each other",
        (
            (f"{pair.first} {pair.says}", f"{pair.second} {pair.against}")
            for pair in found.contradictions
        ),
    )
    _section(out, "Arrangements", ((row.name, row.title, row.text) for row in found.arrangements))
    _section(out, "Series", ((line,) for line in found.series))


def print_machines(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print the table of machines."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("machine", no_wrap=True)
    table.add_column("TH/s", justify="right")
    table.add_column("W", justify="right")
    table.add_column("J/TH", justify="right")
    for name in ("cooling", "since", "source"):
        table.add_column(name)
    for row in rows:
        table.add_row(
            escape(row["name"]),
            f"{row['hashrate_ths']:,.0f}",
            f"{row['power_w']:,.0f}",
            f"{row['efficiency_jth']:.1f}",
            row["cooling"],
            row["released"],
            f"{escape(row['source'])}, {row['confidence']} confidence",
        )
    console().print(table)


def print_hashprice(
    paid: float, subsidy: float, fee_share: float, rows: Iterable[Mapping[str, Any]]
) -> None:
    """Print the hashprice and what a MWh earns in each machine."""
    out = console()
    out.print(
        f"hashprice {paid:.2f} USD/PH/day, at {subsidy:g} BTC of subsidy and fees of "
        f"{fee_share:.2%} of it"
    )
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("machine", no_wrap=True)
    for name in ("J/TH", "USD/MWh", "USD/day"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            escape(row["name"]),
            f"{row['efficiency_jth']:.1f}",
            f"{row['usd_per_mwh']:.2f}",
            f"{row['usd_per_day']:.2f}",
        )
    out.print(table)


# --- parts --------------------------------------------------------------------------------------


def _today(study: Study, outcome: Outcome) -> str:
    """Say what is mined today, or by how many gates and by which bars it is held back."""
    if outcome.built:
        return f"{outcome.total_mine_mw:,.0f} MW"
    held = outcome.blocked_by + outcome.waits_for
    gates = sum(name in study.case.tree.gate for name in held)
    parts = [f"{gates} gate{'s' * (gates > 1)}"] if gates else []
    parts += [name for name in held if name not in study.case.tree.gate]
    return f"no mine: {escape(', '.join(parts))}" if parts else "no mine"


def _opened(outcome: Outcome) -> tuple[str, ...]:
    from baseload.show.keypoints import coins_per_year, network_share

    npv = f"{outcome.metrics.npv / 1e9:,.2f} bn"
    if not outcome.built:
        return (NOTHING, NOTHING, NOTHING, NOTHING, npv, NOTHING)
    return (
        f"{outcome.total_mine_mw:,.0f} MW",
        f"{outcome.first_mining:%Y-%m}" if outcome.first_mining else NOTHING,
        f"{coins_per_year(outcome):,.0f}/y",
        f"{network_share(outcome):.2%}",
        npv,
        f"{outcome.metrics.mine_value / 1e9:+,.3f} bn",
    )


def _section(
    out: Any, heading: str, rows: Iterable[Sequence[str]], names: Sequence[str] = ()
) -> None:
    found = [tuple(map(escape, row)) for row in rows]
    out.print()
    out.print(f"[bold]{escape(heading)}[/bold]")
    if not found:
        out.print("  none")
        return
    table = Table(box=None, show_header=bool(names), padding=(0, 2, 0, 2), header_style="dim")
    for index in range(len(found[0])):
        table.add_column(names[index] if names else "", overflow="fold")
    for row in found:
        table.add_row(*row)
    out.print(table)


def _counts(counted: Mapping[str, int]) -> str:
    total = sum(counted.values())
    parts = ", ".join(f"{number} {status}" for status, number in counted.items())
    return f"{total} values, {parts}" if parts else "nothing"


def _source(row: Any) -> str:
    return row.source or "no source"


def _until(bar: Any) -> str:
    return str(bar.until) if bar.until else "no end stated"
