"""The report of a fit, as it is kept in ``competitors.toml`` and printed by ``baseload network``.

A fit made anew and the one that ships with the package have the same form, so that one can be
held against the other line by line, or take its place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np

from baseload.bitcoin.calibration import Fit, Later
from baseload.bitcoin.consensus import BLOCKS_PER_PERIOD
from baseload.bitcoin.shocks import Answer

CHANCE: Final = math.sqrt(2.0 / (BLOCKS_PER_PERIOD - 1))
"""Standard deviation of the log change of the difficulty that chance alone makes [-]: each
period's length has a relative deviation of 1 / sqrt(2,015), a change sees two of them."""

PARAMETERS: Final[Mapping[str, tuple[str, str, str]]] = {
    "power_price": ("USD/MWh", "fitted", "median of what competitors pay for energy"),
    "power_price_spread": ("1", "assumed", "deviation of its log; hardly told from its median"),
    "switching": ("h", "fitted", "time constant of switching machines; weakly identified"),
    "barrier": ("USD/PH/day", "fitted", "hashprice above which machines enter, on the last day"),
    "progress": ("1/year", "measured", "fall of J/TH by date of first delivery, machines.csv"),
    "entry": ("1/year", "fitted", "greatest growth of installed hashrate by entry"),
    "delivery": ("h", "assumed", "time constant of entry; hardly told from the barrier"),
    "life": ("h", "assumed", "mean time that a machine stays installed"),
    "newest": ("J/TH", "measured", "machines on sale on the last day, machines.csv"),
}
"""Unit, standing and meaning of every parameter."""

METHOD: Final = (
    "least squares of the log of the difficulty (weight 1/0.10) and of its change from epoch to "
    "epoch (1/0.05); the model runs freely from the first epoch, driven by price, subsidy and "
    "fees; error: standard error of the log, residuals taken as independent, so too small"
)

_DIGITS: Final = 5


def report(fit: Fit, source: str) -> dict[str, Any]:
    """Give a fit as the tree of numbers and words that ``competitors.toml`` holds.

    Parameters
    ----------
    fit : the fit.
    source : where history and prices come from.
    """
    found = {
        "fit": _figures(fit, source),
        "parameter": {name: _parameter(fit, name) for name in PARAMETERS},
        "fleet": {
            "energy": [_short(value) for value in fit.competitors.energy],
            "share": [_short(value) for value in fit.competitors.share],
        },
        "experiment": [_experiment(each) for each in fit.answers],
    }
    return found if fit.later is None else found | {"later": _later(fit.later)}


def _figures(fit: Fit, source: str) -> dict[str, Any]:
    whole, ahead = fit.whole, fit.ahead
    return {
        "source": source,
        "method": METHOD,
        "from": fit.first,
        "to": fit.last,
        "epochs": whole.epochs,
        "rmse": _short(whole.rmse),
        "bias": _short(whole.bias),
        "change_rmse": _short(whole.change_rmse),
        "change_by_chance": _short(CHANCE),
        "correlation": _short(whole.correlation),
        "trend_rmse": _short(fit.trend.rmse),
        "trend_change_rmse": _short(fit.trend.change_rmse),
        "ahead_epochs": ahead["model"].epochs,
        "ahead_rmse": _short(ahead["model"].rmse),
        "ahead_bias": _short(ahead["model"].bias),
        "ahead_rmse_return_known": _short(ahead["return known"].rmse),
        "ahead_bias_return_known": _short(ahead["return known"].bias),
        "ahead_trend_rmse": _short(ahead["trend"].rmse),
        "ahead_trend_bias": _short(ahead["trend"].bias),
        "return_days": _short(fit.returned),
        "return_error": _short(fit.deviation["return"]),
    }


def _later(found: Later) -> dict[str, Any]:
    return {
        "date": [_day(each) for each in found.times],
        "real": [_short(each) for each in found.real],
        "modelled": [_short(each) for each in found.modelled],
        "rmse": _short(found.model.rmse),
        "bias": _short(found.model.bias),
        "unchanged_rmse": _short(found.unchanged.rmse),
        "unchanged_bias": _short(found.unchanged.bias),
        "growth_rmse": _short(found.growth.rmse),
        "growth_bias": _short(found.growth.bias),
    }


def _parameter(fit: Fit, name: str) -> dict[str, Any]:
    unit, status, meaning = PARAMETERS[name]
    found = {
        "value": _short(getattr(fit.competitors, name)),
        "unit": unit,
        "status": status,
        "meaning": meaning,
    }
    if name in fit.deviation:
        found["error"] = _short(fit.deviation[name])
    return found


def _experiment(found: Answer) -> dict[str, Any]:
    shock = found.shock
    return {
        "name": shock.name,
        "source": shock.source,
        "begin": _day(shock.begin),
        "full": _day(shock.full),
        "returned": _day(shock.returned),
        "depth": shock.depth,
        "fitted_steps": found.fitted,
        "height": list(found.heights),
        "date": [_day(each) for each in found.times],
        "real": [_short(each) for each in found.real],
        "modelled": [_short(each) for each in found.modelled],
    }


def _day(moment: np.datetime64) -> date:
    day: date = moment.astype("datetime64[D]").item()
    return day


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def to_toml(tree: Mapping[str, Any]) -> str:
    """Write a report as TOML.

    Parameters
    ----------
    tree : from :func:`report`.
    """
    lines = [
        "# Competitors fitted to the history of difficulty; made by",
        "#   baseload network --retargets FILE --prices FILE --parameters FILE",
        "# and not to be edited by hand.",
        "",
        *_table("[fit]", tree["fit"]),
    ]
    for name, entry in tree["parameter"].items():
        lines += _table(f"[parameter.{name}]", entry)
    lines += _table("[fleet]", tree["fleet"])
    if "later" in tree:
        lines += _table("[later]", tree["later"])
    for entry in tree["experiment"]:
        lines += _table("[[experiment]]", entry)
    return "\n".join(lines)


def _table(head: str, entries: Mapping[str, Any]) -> list[str]:
    return [head, *(f"{key} = {_written(value)}" for key, value in entries.items()), ""]


def _written(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_written(each) for each in value) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
