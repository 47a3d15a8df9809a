"""Picture of a fit: quantiles and correlations of the history, over those of simulated paths."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import altair as alt

from baseload.plan.futures.fits import CHANCES, Fit

_DATA, _MODEL, _BAND = "#1f2933", "#d9480f", "#f3d9b1"
_HEIGHT, _WIDE, _NARROW = 260, 380, 150
_FONT = "Helvetica Neue, Arial, Liberation Sans, sans-serif"


def draw(fits: Sequence[Fit]) -> alt.VConcatChart:
    """Draw fits to the same history: for each its quantiles, then its correlations."""
    rows: list[Any] = [_row(fit) for fit in fits]
    whole = alt.vconcat(*rows, spacing=26).configure(font=_FONT).configure_view(stroke=None)
    chart: alt.VConcatChart = whole.configure_axis(
        labelFontSize=11, titleFontSize=11, titleFontWeight="normal", grid=False
    )
    return chart


def _row(fit: Fit) -> Any:
    title = alt.TitleParams(
        f"{fit.model}: history (dots), paths (line: middle; band: 5 % to 95 %)",
        subtitle=", ".join(f"{key} {_short(value)}" for key, value in fit.parameters.items()),
        anchor="start",
    )
    panels = (
        _quantiles(fit),
        _correlations(fit, "correlation", "correlation by lag"),
        _correlations(fit, "correlation of squares", "of squares, by lag"),
    )
    return alt.hconcat(*panels, spacing=24, title=title)


def _short(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.3g}"


def _quantiles(fit: Fit) -> Any:
    """Quantiles over the standard normal's, so that a normal series is a straight line."""
    compared = fit.compared()
    rows = [
        {"x": NormalDist().inv_cdf(chance), **_values(compared[f"quantile {100 * chance:g} %"])}
        for chance in CHANCES
    ]
    labels = " : ".join(
        f"datum.value < {NormalDist().inv_cdf(chance) + 0.05:.3f} ? '{100 * chance:g} %'"
        for chance in CHANCES
    )
    ticks = [NormalDist().inv_cdf(chance) for chance in CHANCES]
    axis = alt.Axis(values=ticks, labelExpr=f"{labels} : ''", title="share of values below")
    x = alt.X("x:Q", axis=axis)
    title = alt.Axis(title=fit.unit)
    base = alt.Chart(alt.InlineData(values=rows)).properties(width=_WIDE, height=_HEIGHT)
    band = base.mark_area(color=_BAND).encode(x=x, y=alt.Y("low:Q", axis=title), y2="high:Q")
    line = base.mark_line(color=_MODEL).encode(x=x, y="middle:Q")
    return alt.layer(band, line, base.mark_point(color=_DATA, filled=True).encode(x=x, y="data:Q"))


def _correlations(fit: Fit, which: str, title: str) -> Any:
    compared = fit.compared()
    rows = [{"lag": lag, **_values(compared[f"{which}, lag {lag}"])} for lag in fit.data.lags]
    x = alt.X("lag:O", axis=alt.Axis(title=title, labelAngle=0))
    axis = alt.Axis(title=None)
    base = alt.Chart(alt.InlineData(values=rows)).properties(width=_NARROW, height=_HEIGHT)
    band = base.mark_bar(color=_BAND, size=18).encode(x=x, y=alt.Y("low:Q", axis=axis), y2="high:Q")
    middle = base.mark_tick(color=_MODEL, size=18, thickness=2).encode(x=x, y="middle:Q")
    dots = base.mark_point(color=_DATA, filled=True).encode(x=x, y="data:Q")
    return alt.layer(band, middle, dots)


def _values(compared: tuple[float, float, float, float]) -> dict[str, float]:
    return dict(zip(("data", "low", "middle", "high"), compared, strict=True))
