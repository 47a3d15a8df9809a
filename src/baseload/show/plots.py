"""Charts as vector pictures that follow the page: light or dark, wide or narrow.

Every chart is drawn twice, for a desk and for a phone. Colours are names of CSS variables,
so that one picture serves the light and the dark page, and print.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from baseload.show.language import Language

WIDE, NARROW = 860, 340
"""Width of the two pictures [px]."""

COLOURS = (
    "ink",
    "soft",
    "grid",
    "page",
    "house",
    "market-1",
    "market-2",
    "owed-1",
    "owed-2",
    "mine-1",
    "mine-2",
    "mine-3",
    "curtailed",
    "storage",
    "bad",
    "low",
    "high",
    "invest",
    "finance",
)
"""CSS variables ``--<name>`` that pictures use; the style sheet gives them a colour."""

# Stand-ins that no real colour of a chart uses; replaced in the finished picture.
_STAND_IN = {name: f"#fe{index:02x}ef" for index, name in enumerate(COLOURS)}

_APART: Any = {"color": "independent", "stroke": "independent"}
"""How the layers and panels of a chart share their scales of colour: not at all."""

_FONT = "'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"


@dataclass(frozen=True)
class Picture:
    """One chart in its two widths, with its legend in the words of the page."""

    wide: str
    narrow: str
    legend: tuple[tuple[str, str, str], ...]
    """Shape (``area`` or ``line``), colour and label of each layer, in the order of drawing."""


def decimals(values: Sequence[float]) -> int:
    """Return the decimals that show the largest of the values with about three figures."""
    largest = max((abs(value) for value in values), default=0.0)
    return 0 if largest >= 100 else 1 if largest >= 10 else 2 if largest >= 0.1 else 3


@dataclass(frozen=True)
class Layer:
    """One series of a chart: a label, a colour, and a value for each place on the axis."""

    label: str
    colour: str
    values: NDArray[np.float64]


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
        upper = _layered(
            [
                alt.Chart(_rows(times, stack))
                .mark_area(interpolate="step-after")
                .encode(x=x, y=_y("v", words[0], stack="zero"), color=_colour(stack), order="i:Q"),
                alt.Chart(_rows(times, lines))
                .mark_line(interpolate="step-after", strokeWidth=1.4)
                .encode(x=x, y=_y("v", words[0]), stroke=_stroke(lines)),
            ]
        ).properties(width=width - 70, height=240 if width == WIDE else 200)
        panels: list[Any] = [upper]
        if below:
            lower = alt.Chart(_rows(times, below)).mark_line(
                interpolate="step-after", strokeWidth=1.6
            )
            panels.append(
                lower.encode(x=x, y=_y("v", words[1]), stroke=_stroke(below)).properties(
                    width=width - 70, height=110
                )
            )
        whole: alt.VConcatChart = alt.vconcat(*panels, spacing=26).resolve_scale(**_APART)
        return whole

    return _picture(title, draw, stack, [*lines, *below], tongue)


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
            alt.Chart(_rows(years, stack, tongue))
            .mark_bar(stroke=_STAND_IN["page"], strokeWidth=0.6)
            .encode(x=x, y=_y("v", word), color=_colour(stack), order="i:Q", description=describe)
        ]
        zero = alt.Chart(_data([{"v": 0}])).mark_rule(color=_STAND_IN["soft"])
        layers.append(zero.encode(y=_y("v", word)))
        for line in lines:
            layers.append(
                alt.Chart(_rows(years, [line], tongue))
                .mark_line(strokeWidth=1.6, color=_STAND_IN[line.colour])
                .encode(x=x, y=_y("v", word))
            )
            layers.append(
                alt.Chart(_rows(years, [line], tongue))
                .mark_point(
                    filled=True, size=34, opacity=1, color=_STAND_IN[line.colour], strokeWidth=0
                )
                .encode(x=x, y=_y("v", word), description=describe)
            )
        return _layered(layers).properties(width=width - 70, height=260)

    return _picture(title, draw, stack, lines, tongue)


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
            "colour": _STAND_IN[side],
            "d": f"{label}: {tongue.number(value)} {word}",
        }
        for index, (label, low, high) in enumerate(rows)
        for side, value in (("low", low), ("high", high))
    ]
    reach = [base, *(value for _, low, high in rows for value in (low, high))]

    def draw(width: int) -> alt.TopLevelMixin:
        x = _across("v", word, reach)
        chart = alt.Chart(_data(data))
        drawn = chart.mark_bar(size=11, yOffset=9).encode(
            x=x,
            x2="base:Q",
            y=_rows_down(),
            color=alt.Color("colour:N", scale=None),
            description="d:N",
        )
        names = _names(data[::2], width)
        return _layered([drawn, _base_marks(data[::2], x), names]).properties(
            width=width - 40, height=38 * len(rows)
        )

    layers = [
        Layer(text, side, np.zeros(0)) for text, side in zip(legend, ("low", "high"), strict=True)
    ]
    return _picture(title, draw, layers, [], tongue)


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
            "colour": _STAND_IN["mine-1" if value >= 0 else "low"],
            "d": f"{label}: {tongue.number(value, digits, signed=True)} {word}",
        }
        for index, (label, value) in enumerate(rows)
    ]

    def draw(width: int) -> alt.TopLevelMixin:
        x = _across("v", word, [0.0, *(value for _, value in rows)])
        drawn = (
            alt.Chart(_data(data))
            .mark_bar(size=11, yOffset=9)
            .encode(
                x=x,
                x2="base:Q",
                y=_rows_down(),
                color=alt.Color("colour:N", scale=None),
                description="d:N",
            )
        )
        return _layered([drawn, _base_marks(data, x), _names(data, width)]).properties(
            width=width - 40, height=38 * len(rows)
        )

    return _picture(title, draw, [], [], tongue)


# --- the parts of a chart ----------------------------------------------------------------------


def _layered(charts: Sequence[alt.Chart]) -> alt.LayerChart:
    layered: alt.LayerChart = alt.layer(*charts).resolve_scale(**_APART)
    return layered


def _data(rows: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _rows(
    places: NDArray[Any], layers: Iterable[Layer], tongue: Language | None = None
) -> alt.InlineData:
    """Return one row for each layer and place; with a language, each with a description."""
    stamps = places
    if np.issubdtype(places.dtype, np.datetime64):
        # Milliseconds on a scale in UTC: the picture does not depend on the zone of the machine.
        stamps = places.astype("datetime64[ms]").astype(np.int64)
    rows = []
    for index, layer in enumerate(layers):
        for place, value in zip(stamps.tolist(), layer.values.tolist(), strict=True):
            if not np.isfinite(value):
                continue
            row = {"t": place, "k": layer.label, "v": round(value, 6), "i": index}
            if tongue is not None:
                row["d"] = f"{layer.label}, {place}: {tongue.number(value)}"
            rows.append(row)
    return _data(rows)


def _y(field: str, title: str, **options: Any) -> alt.Y:
    """Return a vertical axis whose title lies flat above it."""
    axis = alt.Axis(
        title=title,
        titleAngle=0,
        titleAlign="left",
        titleAnchor="end",
        titleX=-44,
        titleY=-9,
        titleBaseline="bottom",
        format=",~r",
        tickCount=5,
        minExtent=46,
        maxExtent=46,
    )
    return alt.Y(f"{field}:Q", axis=axis, **options)


def _across(field: str, title: str, reach: Sequence[float]) -> alt.X:
    """Return a horizontal axis of values that leaves some room at both ends."""
    low, high = min(reach), max(reach)
    room = 0.03 * (high - low or 1.0)
    return alt.X(
        f"{field}:Q",
        scale=alt.Scale(domain=[low - room, high + room], nice=False, zero=False),
        axis=alt.Axis(title=title, format=",~r", tickCount=5, titleAnchor="start"),
    )


def _base_marks(data: list[dict[str, Any]], x: alt.X) -> alt.Chart:
    """Return a short upright line at the base of each bar."""
    marks: alt.Chart = alt.Chart(
        _data([{"row": row["row"], "v": row["base"]} for row in data])
    ).mark_tick(size=13, thickness=1, yOffset=9, color=_STAND_IN["ink"])
    return marks.encode(x=x, y=_rows_down())


def _rows_down() -> alt.Y:
    return alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))


def _names(data: list[dict[str, Any]], width: int) -> alt.Chart:
    """Return the labels of the rows, each above its bar, cut where the picture ends."""
    texts: alt.Chart = alt.Chart(_data(data)).mark_text(
        align="left", yOffset=-7, fontSize=12, limit=width - 44, color=_STAND_IN["ink"]
    )
    return texts.encode(x=alt.value(0), y=_rows_down(), text="label:N")


def _colour(layers: Sequence[Layer]) -> alt.Color:
    return alt.Color("k:N", scale=_scale(layers), legend=None)


def _stroke(layers: Sequence[Layer]) -> alt.Stroke:
    return alt.Stroke("k:N", scale=_scale(layers), legend=None)


def _scale(layers: Sequence[Layer]) -> alt.Scale:
    return alt.Scale(
        domain=[layer.label for layer in layers],
        range=[_STAND_IN[layer.colour] for layer in layers],
    )


# --- from a chart to a picture -------------------------------------------------------------------


def _picture(
    title: str,
    draw: Callable[[int], Any],
    filled: Sequence[Layer],
    lines: Sequence[Layer],
    tongue: Language,
) -> Picture:
    def finished(width: int) -> str:
        chart = draw(width).configure(**_config()).properties(padding=4)
        return _themed(_svg(chart.to_dict(), tongue), title)

    legend = [("area", layer) for layer in filled] + [("line", layer) for layer in lines]
    return Picture(
        finished(WIDE),
        finished(NARROW),
        tuple((shape, layer.colour, layer.label) for shape, layer in legend),
    )


def _config() -> dict[str, Any]:
    text: Any = {"labelColor": _STAND_IN["soft"], "titleColor": _STAND_IN["soft"]}
    return {
        "background": "transparent",
        "font": _FONT,
        "view": alt.ViewConfig(stroke=None),
        "axis": alt.AxisConfig(
            **text,
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
            gridColor=_STAND_IN["grid"],
            domainColor=_STAND_IN["soft"],
            tickColor=_STAND_IN["soft"],
            domain=False,
            labelFont=_FONT,
            titleFont=_FONT,
        ),
        "axisX": alt.AxisConfig(grid=False, domain=True),
        "text": alt.MarkConfig(font=_FONT),
    }


def _svg(spec: Mapping[str, Any], tongue: Language) -> str:
    import vl_convert

    numbers: Any = {"fr": "fr-FR", "en": "en-US"}[tongue.code]
    times: Any = {"fr": "fr-FR", "en": "en-GB"}[tongue.code]
    return vl_convert.vegalite_to_svg(dict(spec), format_locale=numbers, time_format_locale=times)


def _themed(svg: str, title: str) -> str:
    """Make a picture follow its page: colours by variable, words to hover over, short paths."""
    for colour, stand_in in _STAND_IN.items():
        svg = svg.replace(f'"{stand_in}"', f'"var(--{colour})"')
    svg = _DESCRIBED.sub(_with_title, svg)
    svg = _NOISE.sub("", svg)
    svg = _PATH.sub(lambda path: f' d="{_shortened(_LONG.sub(_rounded, path[1]))}"', svg)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    width = box[1] if box else str(WIDE)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" '
        f'style="max-width:{width}px" {box[0] if box else ""}>'
    )
    return re.sub(r"^<svg[^>]*>", head, svg)


_DESCRIBED = re.compile(
    r'<path aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="[^"]*"([^>]*?)/>'
)
_NOISE = re.compile(r' (?:role|aria-[a-z]+|pointer-events)="[^"]*"')


_PATH = re.compile(r' d="([^"]+)"')
_LONG = re.compile(r"-?\d*\.\d{2,}")


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")


_CORNER = re.compile(r"([MLZ])(?:(-?[\d.]+),(-?[\d.]+))?")
_OTHER = re.compile(r"[^MLZ\d.,-]")


def _shortened(path: str) -> str:
    """Write the corners of a path of steps as moves across and upright, which halves it."""
    if _OTHER.search(path):
        return path
    parts: list[str] = []
    x = y = ""
    for command, to_x, to_y in _CORNER.findall(path):
        if command == "L" and to_y == y:
            if parts[-1].startswith("H"):
                parts.pop()
            parts.append(f"H{to_x}")
        elif command == "L" and to_x == x:
            parts.append(f"V{to_y}")
        else:
            parts.append(f"{command}{to_x},{to_y}" if to_x else command)
        x, y = to_x, to_y
    return "".join(parts)


def _with_title(match: re.Match[str]) -> str:
    return f"<path{match[2]}><title>{escape(unescape(match[1]), quote=False)}</title></path>"
