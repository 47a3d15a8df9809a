"""Charts of one study: stacks over time, bars by year, tornado and ranking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from baseload.show.drawing import (
    APART,
    STAND_IN,
    WIDE,
    Layer,
    Picture,
    across,
    base_marks,
    colour_by,
    decimals,
    inline,
    layered,
    picture_of,
    row_names,
    rows_down,
    rows_of,
    stroke_by,
    upright,
)

if TYPE_CHECKING:
    from baseload.show.language import Language


def areas(
    title: str,
    times: NDArray[np.datetime64],
    stack: Sequence[Layer],
    lines: Sequence[Layer],
    below: Sequence[Layer],
    words: tuple[str, str],
    tongue: Language,
) -> Picture:
    """Draw power over time: a stack of areas with lines, and prices below.

    Parameters
    ----------
    title : what the picture shows, for those who do not see it.
    times : local times of the steps, shape [T].
    stack : layers that add up [MW], from the bottom.
    lines : drawn over the stack [MW].
    below : drawn in a panel of their own [USD/MWh]; none leaves it out.
    words : titles of the two vertical axes.
    tongue : language of numbers and dates.
    """

    def draw(width: int) -> alt.TopLevelMixin:
        x = alt.X(
            "t:T",
            scale=alt.Scale(type="utc"),
            axis=alt.Axis(title=None, format="%a %-d", tickCount="day", labelOverlap=True),
        )
        upper = layered(
            [
                alt.Chart(rows_of(times, stack))
                .mark_area(interpolate="step-after")
                .encode(
                    x=x, y=upright("v", words[0], stack="zero"), color=colour_by(stack), order="i:Q"
                ),
                alt.Chart(rows_of(times, lines))
                .mark_line(interpolate="step-after", strokeWidth=1.4)
                .encode(x=x, y=upright("v", words[0]), stroke=stroke_by(lines)),
            ]
        ).properties(width=width - 70, height=240 if width == WIDE else 200)
        panels: list[Any] = [upper]
        if below:
            lower = alt.Chart(rows_of(times, below)).mark_line(
                interpolate="step-after", strokeWidth=1.6
            )
            panels.append(
                lower.encode(x=x, y=upright("v", words[1]), stroke=stroke_by(below)).properties(
                    width=width - 70, height=110
                )
            )
        whole: alt.VConcatChart = alt.vconcat(*panels, spacing=26).resolve_scale(**APART)
        return whole

    return picture_of(title, draw, stack, [*lines, *below], tongue)


def bars(
    title: str,
    years: NDArray[np.int64],
    stack: Sequence[Layer],
    lines: Sequence[Layer],
    word: str,
    tongue: Language,
) -> Picture:
    """Draw yearly values: stacked bars, above and below zero, with lines over them.

    Parameters
    ----------
    title : as for `areas`.
    years : calendar years, shape [Y].
    stack : layers of the bars, from zero outwards.
    lines : drawn as lines with points.
    word : title of the vertical axis, with its unit.
    tongue : language of numbers.
    """

    def draw(width: int) -> alt.TopLevelMixin:
        x = alt.X(
            "t:O",
            axis=alt.Axis(
                title=None, labelAngle=0, labelOverlap=True, labelSeparation=6, ticks=False
            ),
        )
        describe = alt.Description("d:N")
        layers = [
            alt.Chart(rows_of(years, stack, tongue))
            .mark_bar(stroke=STAND_IN["page"], strokeWidth=0.6)
            .encode(
                x=x, y=upright("v", word), color=colour_by(stack), order="i:Q", description=describe
            )
        ]
        zero = alt.Chart(inline([{"v": 0}])).mark_rule(color=STAND_IN["soft"])
        layers.append(zero.encode(y=upright("v", word)))
        for line in lines:
            layers.append(
                alt.Chart(rows_of(years, [line], tongue))
                .mark_line(strokeWidth=1.6, color=STAND_IN[line.colour])
                .encode(x=x, y=upright("v", word))
            )
            layers.append(
                alt.Chart(rows_of(years, [line], tongue))
                .mark_point(
                    filled=True, size=34, opacity=1, color=STAND_IN[line.colour], strokeWidth=0
                )
                .encode(x=x, y=upright("v", word), description=describe)
            )
        return layered(layers).properties(width=width - 70, height=260)

    return picture_of(title, draw, stack, lines, tongue)


def swings(
    title: str,
    rows: Sequence[tuple[str, float, float]],
    base: float,
    legend: tuple[str, str],
    word: str,
    tongue: Language,
) -> Picture:
    """Draw a tornado: how far each unknown moves a value from its base.

    Parameters
    ----------
    title : as for `areas`.
    rows : label, value at low and value at high, widest first.
    base : value where nothing is moved.
    legend : words for low and high.
    word : title of the horizontal axis, with its unit.
    tongue : language of numbers.
    """
    data = [
        {
            "row": index,
            "label": label,
            "base": base,
            "v": value,
            "colour": STAND_IN[side],
            "d": f"{label}: {tongue.number(value)} {word}",
        }
        for index, (label, low, high) in enumerate(rows)
        for side, value in (("low", low), ("high", high))
    ]
    reach = [base, *(value for _, low, high in rows for value in (low, high))]

    def draw(width: int) -> alt.TopLevelMixin:
        x = across("v", word, reach)
        chart = alt.Chart(inline(data))
        drawn = chart.mark_bar(size=11, yOffset=9).encode(
            x=x,
            x2="base:Q",
            y=rows_down(),
            color=alt.Color("colour:N", scale=None),
            description="d:N",
        )
        names = row_names(data[::2], width)
        return layered([drawn, base_marks(data[::2], x), names]).properties(
            width=width - 40, height=38 * len(rows)
        )

    layers = [
        Layer(text, side, np.zeros(0)) for text, side in zip(legend, ("low", "high"), strict=True)
    ]
    return picture_of(title, draw, layers, [], tongue)


def ranking(
    title: str,
    rows: Sequence[tuple[str, float]],
    word: str,
    tongue: Language,
) -> Picture:
    """Draw one bar for each name, gains and losses in different colours.

    Parameters
    ----------
    title : as for `areas`.
    rows : label and value, in the order of drawing.
    word : title of the horizontal axis, with its unit.
    tongue : language of numbers.
    """
    digits = decimals([value for _, value in rows])
    data = [
        {
            "row": index,
            "label": f"{label} · {tongue.number(value, digits, signed=True)}",
            "base": 0.0,
            "v": value,
            "colour": STAND_IN["mine-1" if value >= 0 else "low"],
            "d": f"{label}: {tongue.number(value, digits, signed=True)} {word}",
        }
        for index, (label, value) in enumerate(rows)
    ]

    def draw(width: int) -> alt.TopLevelMixin:
        x = across("v", word, [0.0, *(value for _, value in rows)])
        drawn = (
            alt.Chart(inline(data))
            .mark_bar(size=11, yOffset=9)
            .encode(
                x=x,
                x2="base:Q",
                y=rows_down(),
                color=alt.Color("colour:N", scale=None),
                description="d:N",
            )
        )
        return layered([drawn, base_marks(data, x), row_names(data, width)]).properties(
            width=width - 40, height=38 * len(rows)
        )

    return picture_of(title, draw, [], [], tongue)
