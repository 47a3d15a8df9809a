"""Charts of what differs from future to future: fans, intervals, shares, curves, errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from baseload.show.drawing import (
    STAND_IN,
    WIDE,
    Layer,
    Picture,
    across,
    inline,
    layered,
    picture_of,
    row_names,
    rows_down,
    upright,
)

if TYPE_CHECKING:
    from baseload.show.language import Language

Floats = NDArray[np.float64]

ROW = 38
"""Height of a row with its name above it [px]."""

SKEWED = 30.0
"""Ratio of the greatest to the middle or the least value from which a scale is bent."""

_NO_VALUES = np.zeros(0)


@dataclass(frozen=True)
class Fan:
    """Quantiles of one quantity by year, for a panel of its own.

    Parameters
    ----------
    title : what it is, with its unit.
    quantiles : 5, 25, 50, 75 and 95 %, shape (5, Y).
    """

    title: str
    quantiles: Floats


@dataclass(frozen=True)
class Interval:
    """One row of a chart of intervals; what is None is not drawn."""

    label: str
    outer: tuple[float, float] | None = None
    """5 % and 95 % quantile."""
    inner: tuple[float, float] | None = None
    """25 % and 75 % quantile."""
    middle: float | None = None
    mean: float | None = None
    remark: str = ""
    """Told when hovered over."""


@dataclass(frozen=True)
class Measure:
    """One row of values with errors: the value, and half of the interval, of each series."""

    label: str
    values: tuple[tuple[float, float], ...]


def fans(
    title: str,
    years: NDArray[np.int64],
    panels: Sequence[Fan],
    words: Sequence[str],
    tongue: Language,
) -> Picture:
    """Draw quantiles by year, a panel for each quantity.

    Parameters
    ----------
    title : what the picture shows, for those who do not see it.
    years : calendar years, shape (Y,).
    panels : in the order of reading.
    words : for the legend: outer band, inner band, median.
    tongue : language of numbers.
    """

    def draw(width: int) -> alt.TopLevelMixin:
        columns = 3 if width == WIDE else 1
        across_ = (width - 20) // columns - 72
        drawn = [_panel(years, panel, across_, tongue) for panel in panels]
        whole: alt.ConcatChart = alt.concat(*drawn, columns=columns, spacing=26).resolve_scale(
            x="independent", y="independent"
        )
        return whole

    colours = ("fan-wide", "fan-narrow")
    bands = [Layer(word, each, _NO_VALUES) for word, each in zip(words[:2], colours, strict=True)]
    return picture_of(title, draw, bands, [Layer(words[2], "fan-line", _NO_VALUES)], tongue)


def _panel(years: NDArray[np.int64], panel: Fan, width: int, tongue: Language) -> alt.LayerChart:
    low, quarter, middle, upper, high = panel.quantiles
    rows = [
        {"t": int(year), "a": a, "b": b, "m": m, "c": c, "e": e}
        | {"d": f"{year}: {tongue.number(m)} ({tongue.number(a)} … {tongue.number(e)})"}
        for year, a, b, m, c, e in zip(years, low, quarter, middle, upper, high, strict=True)
        if math.isfinite(m)
    ]
    bent = bool(np.nanmin(panel.quantiles) > 0.0) and (
        np.nanmax(panel.quantiles) > SKEWED * np.nanmin(panel.quantiles)
    )
    scale = alt.Scale(type="log") if bent else alt.Scale(zero=True)
    axis = alt.Axis(title=None, format="~s" if bent else ",~r", tickCount=4, minExtent=44)
    chart = alt.Chart(inline(rows))
    x = alt.X(
        "t:Q",
        scale=alt.Scale(domain=_ends(years), nice=False, zero=False),
        axis=alt.Axis(title=None, format="d", tickCount=min(len(years), 5), tickMinStep=1),
    )
    layers = [
        chart.mark_area(color=STAND_IN[colour]).encode(
            x=x, y=alt.Y(f"{a}:Q", scale=scale, axis=axis), y2=f"{b}:Q"
        )
        for colour, a, b in (("fan-wide", "a", "e"), ("fan-narrow", "b", "c"))
    ]
    y = alt.Y("m:Q", scale=scale, axis=axis)
    layers.append(chart.mark_line(color=STAND_IN["fan-line"], strokeWidth=1.6).encode(x=x, y=y))
    layers.append(
        chart.mark_point(
            filled=True, size=18, opacity=1, color=STAND_IN["fan-line"], strokeWidth=0
        ).encode(x=x, y=y, description="d:N")
    )
    heading = alt.TitleParams(
        panel.title,
        anchor="start",
        fontSize=12,
        fontWeight="normal",
        color=STAND_IN["ink"],
        dx=-40,
        limit=width + 40,
    )
    return layered(layers).properties(width=width, height=120, title=heading)


def _ends(years: NDArray[np.int64]) -> list[float]:
    """Return the ends of an axis of years, half a year apart from a single one."""
    first, last = float(years[0]), float(years[-1])
    return [first, last] if last > first else [first - 0.5, last + 0.5]


def intervals(
    title: str,
    rows: Sequence[Interval],
    words: Sequence[str],
    axis: str,
    tongue: Language,
    reach: Sequence[float] | None = None,
) -> Picture:
    """Draw one interval for each row, around a line at zero.

    Parameters
    ----------
    title : as for `fans`.
    rows : from the top.
    words : for the legend: outer and inner interval, median, mean; an empty one is not named.
    axis : title of the horizontal axis, with its unit.
    tongue : language of numbers.
    reach : values that the axis must hold; those of the rows if not given.
    """
    found = [value for row in rows for value in _values(row)]
    held = list(reach) if reach is not None else found
    held = [0.0, *held] if held else [0.0, 1.0]

    boxed = any(row.inner for row in rows)
    whole = "fan-wide" if boxed else "fan-narrow"

    def draw(width: int) -> alt.TopLevelMixin:
        x = bent_across("v", axis, held)
        zero = alt.Chart(inline([{"v": 0.0}])).mark_rule(color=STAND_IN["soft"], strokeDash=[3, 3])
        layers = [zero.encode(x=x)]
        for low, high, size, colour in (("a", "e", 5, whole), ("b", "c", 11, "fan-narrow")):
            data = [row for row in _rows(rows) if low in row]
            if data:
                bar = alt.Chart(inline(data)).mark_bar(size=size, yOffset=9, color=STAND_IN[colour])
                layers.append(
                    bar.encode(
                        x=bent_across(low, axis, held),
                        x2=f"{high}:Q",
                        y=rows_down(),
                        description="d:N",
                    )
                )
        layers += _marks(rows, axis, held)
        layers.append(row_names(_rows(rows), width))
        return layered(layers).properties(width=width - 40, height=ROW * len(rows))

    shapes = [(whole, False), ("fan-narrow", False), ("ink", True), ("mine-1", True)]
    named = [
        (Layer(word, colour, _NO_VALUES), line)
        for word, (colour, line) in zip(words, shapes, strict=False)
        if word
    ]
    filled = [layer for layer, line in named if not line]
    return picture_of(title, draw, filled, [layer for layer, line in named if line], tongue)


def _values(row: Interval) -> list[float]:
    singles = [value for value in (row.middle, row.mean) if value is not None]
    return [*(row.outer or ()), *(row.inner or ()), *singles]


def _rows(rows: Sequence[Interval]) -> list[dict[str, Any]]:
    found = []
    for index, row in enumerate(rows):
        entry: dict[str, Any] = {"row": index, "label": row.label, "d": row.remark or row.label}
        if row.outer:
            entry["a"], entry["e"] = row.outer
        if row.inner:
            entry["b"], entry["c"] = row.inner
        found.append(entry)
    return found


def _marks(rows: Sequence[Interval], axis: str, held: Sequence[float]) -> list[alt.Chart]:
    """Return medians as upright lines and means as points."""
    medians = [
        {"row": index, "v": row.middle} for index, row in enumerate(rows) if row.middle is not None
    ]
    means = [
        {"row": index, "v": row.mean} for index, row in enumerate(rows) if row.mean is not None
    ]
    x = bent_across("v", axis, held)
    marks = []
    if medians:
        tick = alt.Chart(inline(medians)).mark_tick(
            size=15, thickness=2, yOffset=9, color=STAND_IN["ink"]
        )
        marks.append(tick.encode(x=x, y=rows_down()))
    if means:
        dot = alt.Chart(inline(means)).mark_point(
            filled=True, size=40, opacity=1, yOffset=9, color=STAND_IN["mine-1"], strokeWidth=0
        )
        marks.append(dot.encode(x=x, y=rows_down()))
    return marks


def bent_across(field: str, title: str, reach: Sequence[float]) -> alt.X:
    """Return a horizontal axis, bent around zero where a few values dwarf the others.

    Notes
    -----
    Bent is symmetric log: straight within a hundredth of the greatest value, by powers of ten
    beyond it. Its marks stand at zero and at the powers.
    """
    sizes = sorted(abs(value) for value in reach if value)
    if not sizes or sizes[-1] <= SKEWED * sizes[len(sizes) // 2]:
        return across(field, title, reach)
    top = math.floor(math.log10(sizes[-1]))
    powers = [10.0**power for power in range(top - 2, top + 1)]
    low, high = min(reach), max(reach)
    marks = [-power for power in powers if -power >= low] + [0.0]
    marks += [power for power in powers if power <= high]
    scale = alt.Scale(
        type="symlog", constant=sizes[-1] / 100, domain=[1.1 * low, 1.1 * high], nice=False
    )
    return alt.X(
        f"{field}:Q",
        scale=scale,
        axis=alt.Axis(title=title, format=",~r", values=marks, titleAnchor="start"),
    )


def shares(
    title: str,
    years: NDArray[np.int64],
    rows: Sequence[tuple[str, Floats, str]],
    tongue: Language,
) -> Picture:
    """Draw the share of futures for each row and year, as cells with their percentage.

    Parameters
    ----------
    title : as for `fans`.
    years : calendar years, shape (Y,).
    rows : label, shares by year of shape (Y,) [-], and colour, from the top.
    tongue : language of numbers.
    """

    def draw(width: int) -> alt.TopLevelMixin:
        cells = [
            {
                "row": index,
                "t": int(year),
                "v": float(share),
                "colour": STAND_IN[colour],
                "text": _percent(float(share)),
                "d": f"{label}, {year}: {tongue.share(float(share), 0)}",
            }
            for index, (label, by_year, colour) in enumerate(rows)
            for year, share in zip(years, by_year, strict=True)
        ]
        x = alt.X(
            "t:O",
            scale=alt.Scale(paddingInner=0.06, paddingOuter=0),
            axis=alt.Axis(
                title=None, labelAngle=0, labelOverlap=True, labelSeparation=6, ticks=False
            ),
        )
        chart = alt.Chart(inline(cells))
        # A frame for every cell, then its filling: a share of nothing leaves the frame empty.
        frame = chart.mark_rect(height=19, yOffset=9, color=STAND_IN["grid"])
        filling = chart.mark_rect(height=19, yOffset=9)
        layers = [
            frame.encode(x=x, y=rows_down()),
            filling.encode(
                x=x,
                y=rows_down(),
                color=alt.Color("colour:N", scale=None),
                opacity=alt.Opacity("v:Q", scale=None),
                description="d:N",
            ),
        ]
        if (width - 40) / len(years) >= 22:
            figures = chart.mark_text(yOffset=9, fontSize=11, color=STAND_IN["ink"])
            layers.append(figures.encode(x=x, y=rows_down(), text="text:N"))
        named = [{"row": index, "label": label} for index, (label, *_rest) in enumerate(rows)]
        layers.append(row_names(named, width))
        return layered(layers).properties(width=width - 40, height=ROW * len(rows))

    return picture_of(title, draw, [], [], tongue)


def _percent(share: float) -> str:
    """Return a share as a whole percentage, without calling the rare impossible or certain."""
    if 0.0 < share < 0.005:
        return "<1"
    if 0.995 <= share < 1.0:
        return ">99"
    return f"{100 * share:.0f}"


def curve(
    title: str,
    size: Floats,
    bands: Sequence[tuple[Floats, Floats]],
    mean: Floats,
    best: float,
    words: Sequence[str],
    axes: tuple[str, str],
    tongue: Language,
) -> Picture:
    """Draw a value against a size, with bands around it and the best size marked.

    Parameters
    ----------
    title : as for `fans`.
    size : shape (n,).
    bands : low and high of the outer and the inner band, shape (n,) each.
    mean : shape (n,).
    best : the best size.
    words : for the legend: outer band, inner band, mean, best size.
    axes : titles of the two axes, across and upright, with their units.
    tongue : language of numbers.
    """
    (low, high), (under, over) = bands
    rows = [
        {"t": t, "a": a, "e": e, "b": b, "c": c, "m": m}
        | {"d": f"{tongue.number(t)}: {tongue.number(m)}"}
        for t, a, e, b, c, m in zip(
            *(part.tolist() for part in (size, low, high, under, over, mean)), strict=True
        )
    ]

    def draw(width: int) -> alt.TopLevelMixin:
        chart = alt.Chart(inline(rows))
        x = across("t", axes[0], [float(size.min()), float(size.max())])
        layers = [
            chart.mark_area(color=STAND_IN[colour]).encode(x=x, y=upright(a, axes[1]), y2=f"{b}:Q")
            for colour, a, b in (("fan-wide", "a", "e"), ("fan-narrow", "b", "c"))
        ]
        zero = alt.Chart(inline([{"m": 0.0}])).mark_rule(color=STAND_IN["soft"], strokeDash=[3, 3])
        layers.append(zero.encode(y=upright("m", axes[1])))
        at_best = alt.Chart(inline([{"t": best}])).mark_rule(
            color=STAND_IN["mine-1"], strokeWidth=2
        )
        layers.append(at_best.encode(x=x))
        line = chart.mark_line(color=STAND_IN["fan-line"], strokeWidth=1.8)
        layers.append(line.encode(x=x, y=upright("m", axes[1])))
        points = chart.mark_point(
            filled=True, size=14, opacity=1, color=STAND_IN["fan-line"], strokeWidth=0
        )
        layers.append(points.encode(x=x, y=upright("m", axes[1]), description="d:N"))
        return layered(layers).properties(width=width - 70, height=240)

    colours = ("fan-wide", "fan-narrow", "fan-line", "mine-1")
    named = [Layer(word, each, _NO_VALUES) for word, each in zip(words, colours, strict=True)]
    return picture_of(title, draw, named[:2], named[2:], tongue)


def measures(
    title: str,
    rows: Sequence[Measure],
    words: Sequence[str],
    axis: str,
    tongue: Language,
) -> Picture:
    """Draw bars from zero with their errors; the series of a row lie over each other.

    Parameters
    ----------
    title : as for `fans`.
    rows : from the top.
    words : for the legend, one for each series; a single series is not named.
    axis : title of the horizontal axis, with its unit.
    tongue : language of numbers.
    """
    looks = ((11, "fan-narrow"), (5, "fan-line"))
    reach = [0.0] + [end for row in rows for v, e in row.values for end in (v - e, v + e)]

    def draw(width: int) -> alt.TopLevelMixin:
        x = across("v", axis, reach)
        layers = []
        for series, (size, colour) in zip(range(len(words)), looks, strict=False):
            data = [
                {"row": index, "base": 0.0, "v": value, "low": value - error, "high": value + error}
                | {"d": f"{row.label}: {tongue.number(value)} ± {tongue.number(error)} {axis}"}
                for index, row in enumerate(rows)
                for value, error in (row.values[series],)
            ]
            chart = alt.Chart(inline(data))
            bar = chart.mark_bar(size=size, yOffset=9, color=STAND_IN[colour])
            layers.append(bar.encode(x=x, x2="base:Q", y=rows_down(), description="d:N"))
            rule = chart.mark_rule(yOffset=9, color=STAND_IN["ink"])
            layers.append(rule.encode(x=across("low", axis, reach), x2="high:Q", y=rows_down()))
        named = [{"row": index, "label": row.label} for index, row in enumerate(rows)]
        layers.append(row_names(named, width))
        return layered(layers).properties(width=width - 40, height=ROW * len(rows))

    legend = [
        Layer(word, colour, _NO_VALUES)
        for word, (_size, colour) in zip(words, looks, strict=False)
        if len(words) > 1
    ]
    return picture_of(title, draw, legend, [], tongue)
