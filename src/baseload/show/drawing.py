"""The parts of a chart, and how a chart becomes a picture that follows its page.

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
    "fan-wide",
    "fan-narrow",
    "fan-line",
)
"""CSS variables ``--<name>`` that pictures use; the style sheet gives them a colour."""

# Stand-ins that no real colour of a chart uses; replaced in the finished picture.
STAND_IN = {name: f"#fe{index:02x}ef" for index, name in enumerate(COLOURS)}

APART: Any = {"color": "independent", "stroke": "independent"}
"""How the layers and panels of a chart share their scales of colour: not at all."""

FONT = "'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"


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


# --- the parts of a chart ----------------------------------------------------------------------


def layered(charts: Sequence[alt.Chart]) -> alt.LayerChart:
    """Return charts drawn over each other, each with colours of its own."""
    layered: alt.LayerChart = alt.layer(*charts).resolve_scale(**APART)
    return layered


def inline(rows: list[dict[str, Any]]) -> alt.InlineData:
    """Return rows as the data of a chart."""
    return alt.InlineData(values=rows)


def rows_of(
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
    return inline(rows)


def upright(field: str, title: str, **options: Any) -> alt.Y:
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


def across(field: str, title: str, reach: Sequence[float]) -> alt.X:
    """Return a horizontal axis of values that leaves some room at both ends."""
    low, high = min(reach), max(reach)
    room = 0.03 * (high - low or 1.0)
    return alt.X(
        f"{field}:Q",
        scale=alt.Scale(domain=[low - room, high + room], nice=False, zero=False),
        axis=alt.Axis(title=title, format=",~r", tickCount=5, titleAnchor="start"),
    )


def base_marks(data: list[dict[str, Any]], x: alt.X) -> alt.Chart:
    """Return a short upright line at the base of each bar."""
    marks: alt.Chart = alt.Chart(
        inline([{"row": row["row"], "v": row["base"]} for row in data])
    ).mark_tick(size=13, thickness=1, yOffset=9, color=STAND_IN["ink"])
    return marks.encode(x=x, y=rows_down())


def rows_down() -> alt.Y:
    """Return rows one under the other, without an axis."""
    return alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))


def row_names(data: list[dict[str, Any]], width: int) -> alt.Chart:
    """Return the labels of the rows, each above its bar, cut where the picture ends."""
    texts: alt.Chart = alt.Chart(inline(data)).mark_text(
        align="left", yOffset=-7, fontSize=12, limit=width - 44, color=STAND_IN["ink"]
    )
    return texts.encode(x=alt.value(0), y=rows_down(), text="label:N")


def colour_by(layers: Sequence[Layer]) -> alt.Color:
    """Return the fill of each layer."""
    return alt.Color("k:N", scale=scale_of(layers), legend=None)


def stroke_by(layers: Sequence[Layer]) -> alt.Stroke:
    """Return the colour of the line of each layer."""
    return alt.Stroke("k:N", scale=scale_of(layers), legend=None)


def scale_of(layers: Sequence[Layer]) -> alt.Scale:
    """Return the scale from label to colour of the layers."""
    return alt.Scale(
        domain=[layer.label for layer in layers],
        range=[STAND_IN[layer.colour] for layer in layers],
    )


# --- from a chart to a picture -------------------------------------------------------------------


def picture_of(
    title: str,
    draw: Callable[[int], Any],
    filled: Sequence[Layer],
    lines: Sequence[Layer],
    tongue: Language,
) -> Picture:
    """Draw a chart in both widths.

    Parameters
    ----------
    title : what the picture shows, for those who do not see it.
    draw : makes the chart of a width [px].
    filled, lines : layers of the legend.
    tongue : language of numbers and dates on the axes.
    """

    def finished(width: int) -> str:
        chart = draw(width).configure(**_config()).properties(padding=4)
        return themed(_svg(chart.to_dict(), tongue), title)

    legend = [("area", layer) for layer in filled] + [("line", layer) for layer in lines]
    return Picture(
        finished(WIDE),
        finished(NARROW),
        tuple((shape, layer.colour, layer.label) for shape, layer in legend),
    )


def _config() -> dict[str, Any]:
    text: Any = {"labelColor": STAND_IN["soft"], "titleColor": STAND_IN["soft"]}
    return {
        "background": "transparent",
        "font": FONT,
        "view": alt.ViewConfig(stroke=None),
        "axis": alt.AxisConfig(
            **text,
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
            gridColor=STAND_IN["grid"],
            domainColor=STAND_IN["soft"],
            tickColor=STAND_IN["soft"],
            domain=False,
            labelFont=FONT,
            titleFont=FONT,
        ),
        "axisX": alt.AxisConfig(grid=False, domain=True),
        "text": alt.MarkConfig(font=FONT),
    }


def _svg(spec: Mapping[str, Any], tongue: Language) -> str:
    import vl_convert

    numbers: Any = {"fr": "fr-FR", "en": "en-US"}[tongue.code]
    times: Any = {"fr": "fr-FR", "en": "en-GB"}[tongue.code]
    return vl_convert.vegalite_to_svg(dict(spec), format_locale=numbers, time_format_locale=times)


def themed(svg: str, title: str) -> str:
    """Make a picture follow its page: colours by variable, words to hover over, short paths."""
    for colour, stand_in in STAND_IN.items():
        svg = svg.replace(f'"{stand_in}"', f'"var(--{colour})"')
    svg = _DESCRIBED.sub(_with_title, svg)
    svg = _NOISE.sub("", svg)
    svg = _PATH.sub(lambda path: f' d="{shortened(_LONG.sub(_rounded, path[1]))}"', svg)
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


def shortened(path: str) -> str:
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
