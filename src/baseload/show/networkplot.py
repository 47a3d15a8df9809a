"""Picture of a fit of the competitors: difficulty, and its steps in two natural experiments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import altair as alt

from baseload.bitcoin.calibration import Fit, Later
from baseload.bitcoin.shocks import Answer

_REAL, _MODEL, _STOPPED = "#1f2933", "#d9480f", "#f3d9b1"
_WIDTH, _HEIGHT, _STEPS_HEIGHT = 720, 300, 150
_COLOUR: Final = alt.Scale(domain=["real", "model"], range=[_REAL, _MODEL])
_FONT = "Helvetica Neue, Arial, Liberation Sans, sans-serif"
# Left over between the panels below and their axes [px].
_GUTTER: Final = 90


def draw(fit: Fit) -> alt.VConcatChart:
    """Draw a fit: the path of difficulty above, the steps of each experiment below."""
    panels: list[Any] = [_path(fit)]
    if fit.answers:
        width = (_WIDTH - _GUTTER * (len(fit.answers) - 1)) / len(fit.answers)
        panels.append(alt.hconcat(*(_steps(each, width) for each in fit.answers)))
    whole = alt.vconcat(*panels, spacing=28).resolve_scale(
        color="independent", strokeWidth="independent"
    )
    chart: alt.VConcatChart = whole.configure(font=_FONT).configure_view(stroke=None)
    return chart


def _data(rows: Sequence[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=list(rows))


def _path(fit: Fit) -> Any:
    whole, half = fit.whole, fit.ahead
    free = (
        f"Free run from {fit.first}: sees price, subsidy and fees only. Error of the log: RMSE "
        f"{whole.rmse:.1%}, bias {whole.bias:+.1%}; constant growth {fit.trend.rmse:.1%}."
    )
    ahead = (
        f"Second half from a fit to the first: {half['model'].rmse:.0%} "
        f"({half['return known'].rmse:.0%} with the return of 2021 known); constant growth "
        f"{half['trend'].rmse:.0%}. Shaded: hashrate stopped from outside."
    )
    after = (
        f"After the fit from the real difficulty: {fit.later.model.rmse:.1%} "
        f"({fit.later.growth.rmse:.1%} constant growth, {fit.later.unchanged.rmse:.1%} unchanged)."
        if fit.later
        else ""
    )
    title = alt.TitleParams(
        "Difficulty of Bitcoin, real and modelled",
        subtitle=[free, ahead, after] if after else [free, ahead],
        anchor="start",
        subtitleColor="#52606d",
    )
    rows = _levels(fit)
    x = alt.X("t:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", grid=False))
    y = alt.Y(
        "d:Q",
        title="difficulty [10¹²], logarithmic",
        scale=alt.Scale(type="log", nice=False, domain=_span(rows, 1.06)),
        axis=alt.Axis(values=[15, 20, 30, 40, 60, 80, 100, 150], gridColor="#e4e7eb"),
    )
    lines = (
        alt.Chart(_data(rows))
        .mark_line(interpolate="step-after", strokeWidth=1.8)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "s:N", scale=_COLOUR, legend=alt.Legend(title=None, orient="bottom-right")
            ),
            detail="run:N",
        )
    )
    bands = [
        {"a": str(begin), "b": str(end), "o": shade}
        for each in fit.answers
        for begin, end, shade in (
            (each.shock.begin, each.shock.full, 1.0),
            (each.shock.full, each.shock.returned, 0.4),
        )
    ]
    shaded = (
        alt.Chart(_data(bands))
        .mark_rect(color=_STOPPED)
        .encode(x=alt.X("a:T"), x2="b:T", opacity=alt.Opacity("o:Q", scale=None, legend=None))
    )
    return alt.layer(shaded, lines).properties(width=_WIDTH, height=_HEIGHT, title=title)


def _levels(fit: Fit) -> list[dict[str, Any]]:
    """Give the rows of the upper panel: the free run, and the run after the fit."""
    runs: list[tuple[str, Fit | Later]] = [("free", fit)]
    if fit.later is not None:
        runs.append(("later", fit.later))
    return [
        {"t": str(time), "d": value / 1e12, "s": name, "run": run}
        for run, found in runs
        for name, values in (("real", found.real), ("model", found.modelled))
        for time, value in zip(found.times, values, strict=True)
    ]


def _span(rows: Sequence[dict[str, Any]], margin: float) -> list[float]:
    levels = [row["d"] for row in rows]
    return [min(levels) / margin, max(levels) * margin]


def _steps(found: Answer, width: float) -> Any:
    """Draw the changes of the difficulty in one experiment as bars side by side."""
    rows = [
        {"t": str(time.astype("datetime64[D]")), "c": 100 * change, "s": name}
        for name, changes in (("real", found.real), ("model", found.modelled))
        for time, change in zip(found.times, changes, strict=True)
    ]
    x = alt.X("t:O", title=None, axis=alt.Axis(labelAngle=0, labelFontSize=9, labelOverlap=False))
    least, most = (f(0.0, *(row["c"] for row in rows)) for f in (min, max))
    margin = 0.12 * (most - least)
    y = alt.Y(
        "c:Q",
        title="change [%]",
        axis=alt.Axis(gridColor="#e4e7eb", tickCount=5),
        scale=alt.Scale(domain=[least - margin, most + margin], nice=False),
    )
    offset = alt.XOffset("s:N", sort=["real", "model"])
    base = alt.Chart(_data(rows))
    bars = base.mark_bar().encode(
        x=x, y=y, xOffset=offset, color=alt.Color("s:N", scale=_COLOUR, legend=None)
    )
    fitted = "first step fitted" if found.fitted else "no step fitted"
    return alt.layer(bars, *_labels(base, x, y, offset)).properties(
        width=width,
        height=_STEPS_HEIGHT,
        title=alt.TitleParams(
            found.shock.name,
            subtitle=f"{found.shock.depth:.0%} of the network stopped; {fitted}",
            anchor="start",
            fontSize=12,
            subtitleColor="#52606d",
        ),
    )


def _labels(base: alt.Chart, x: alt.X, y: alt.Y, offset: alt.XOffset) -> Sequence[alt.Chart]:
    """Write each change at the far end of its bar."""
    value = alt.Text("c:Q", format="+.1f")
    return [
        base.mark_text(fontSize=9, dx=aside, dy=move)
        .encode(x=x, y=y, xOffset=offset, text=value)
        .transform_filter(f"datum.s == '{name}' && datum.c {sign} 0")
        for name, aside in (("real", -5), ("model", 5))
        for sign, move in ((">=", -7), ("<", 8))
    ]
