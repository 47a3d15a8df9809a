"""The fit of the competitors as tables that a person reads in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from baseload.show.terminal import console


def print_network(found: Mapping[str, Any]) -> None:
    """Print parameters, errors and natural experiments of a fit.

    Parameters
    ----------
    found : report of the fit, see :mod:`baseload.bitcoin.fitreport`.
    """
    out = console()
    fit = found["fit"]
    out.print(
        f"[bold]Competitors[/bold] fitted to {fit['epochs']} difficulties, {fit['from']} to "
        f"{fit['to']}"
    )
    out.print(parameter_table(found["parameter"]))
    out.print(error_table(fit, found.get("later")))
    out.print(
        f"Chance alone moves a change by {_percent(fit['change_by_chance'])}. Return of the "
        f"machines stopped in 2021: {fit['return_days']:.0f} days, fitted."
    )
    for experiment in found["experiment"]:
        out.print()
        depth = 100 * experiment["depth"]
        out.print(
            f"[bold]{escape(experiment['name'])}[/bold]: {depth:.0f} % of the network stopped "
            f"from {experiment['begin']} to {experiment['full']}, back on {experiment['returned']}"
        )
        out.print(step_table(experiment))
    if "later" in found:
        out.print(f"After {fit['to']}: prices of the press, with straight lines between them.")
    out.print(f"Sources: {escape(fit['source'])}")


def parameter_table(parameters: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return the table of parameters with their standing."""
    table = _table()
    table.add_column("parameter", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("standing", no_wrap=True)
    table.add_column("meaning", overflow="fold")
    for name, entry in parameters.items():
        error = f" ± {_percent(entry['error'])}" if "error" in entry else ""
        unit = "" if entry["unit"] == "1" else entry["unit"]
        table.add_row(
            name, _short(entry["value"]), unit, entry["status"] + error, escape(entry["meaning"])
        )
    return table


def error_table(fit: Mapping[str, Any], later: Mapping[str, Any] | None = None) -> Table:
    """Return the errors of the log of the difficulty, against constant growth.

    Parameters
    ----------
    fit : figures of the fit.
    later : those of what came after it, where it is known.
    """
    table = _table()
    table.add_column("error of the log of the difficulty")
    for name in ("RMSE", "bias", "RMSE of changes", "correlation"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_row(
        "model, free run",
        _percent(fit["rmse"]),
        _percent(fit["bias"]),
        _percent(fit["change_rmse"]),
        f"{fit['correlation']:.2f}",
    )
    table.add_row(
        "constant growth", _percent(fit["trend_rmse"]), "", _percent(fit["trend_change_rmse"]), ""
    )
    for name, key in (
        ("second half, fitted to the first", ""),
        ("… with the return of 2021 known", "_return_known"),
    ):
        table.add_row(
            name, _percent(fit[f"ahead_rmse{key}"]), _percent(fit[f"ahead_bias{key}"]), "", ""
        )
    table.add_row(
        "… constant growth of the first",
        _percent(fit["ahead_trend_rmse"]),
        _percent(fit["ahead_trend_bias"]),
        "",
        "",
    )
    for name, key in (
        ("after the fit", ""),
        ("… unchanged", "unchanged_"),
        ("… constant growth", "growth_"),
    ):
        if later is not None:
            errors = (later[f"{key}rmse"], later[f"{key}bias"])
            table.add_row(f"{name}, {later['date'][0]} on", *map(_percent, errors), "", "")
    return table


def step_table(experiment: Mapping[str, Any]) -> Table:
    """Return the changes of the difficulty in an experiment, real and modelled."""
    table = _table()
    for name in ("height", "date", "real", "model"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    rows = zip(*(experiment[key] for key in ("height", "date", "real", "modelled")), strict=True)
    for number, (height, day, real, modelled) in enumerate(rows):
        fitted = "fitted" if number < experiment["fitted_steps"] else ""
        table.add_row(
            f"{height:,}", str(day), f"{100 * real:+.1f} %", f"{100 * modelled:+.1f} %", fitted
        )
    return table


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
