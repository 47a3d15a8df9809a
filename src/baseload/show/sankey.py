"""A picture of flows: what comes in on the left, what becomes of it on the right."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from baseload.show.drawing import FONT, NARROW, WIDE, Layer, Picture
from baseload.show.language import Language

NODE = 12.0
"""Width of the upright bar of a flow [px]."""

SLOT = 34.0
"""Least height that a flow has to itself, so that its two lines of text fit [px]."""


def sankey(
    title: str, came: Sequence[Layer], went: Sequence[Layer], unit: str, tongue: Language
) -> Picture:
    """Draw flows into one node and out of it; widths are in one scale.

    Parameters
    ----------
    title : what the picture shows, for those who do not see it.
    came, went : flows on the left and on the right, from the top, one value each; both sides
        have the same sum.
    unit : of the values, for the labels.
    tongue : language of numbers.

    Notes
    -----
    All that comes meets in one node, since which megawatt-hour went where is not known where
    several feed one busbar.
    """
    return Picture(
        _drawn(title, came, went, unit, tongue, WIDE),
        _drawn(title, came, went, unit, tongue, NARROW),
        (),
    )


def _drawn(
    title: str,
    came: Sequence[Layer],
    went: Sequence[Layer],
    unit: str,
    tongue: Language,
    width: int,
) -> str:
    whole = sum(_amount(layer) for layer in went) or 1.0
    height = 260.0 if width == WIDE else 220.0
    per_unit = height / whole
    left, right = (_places(side, per_unit) for side in (came, went))
    tall = max(left[-1][1], right[-1][1], height) if left and right else height
    ends = (0.0, width * 0.36, width * (0.72 if width == WIDE else 0.62))
    middle_top = (tall - height) / 2
    parts = []
    for side, places, towards in ((came, left, True), (went, right, False)):
        here = middle_top
        for layer, (top, _bottom, thick) in zip(side, places, strict=True):
            near = ends[0] if towards else ends[2]
            parts.append(_ribbon(layer, here, top, thick, ends, towards))
            parts.append(_bar(near, top, thick, layer.colour))
            words = f"{tongue.number(_amount(layer))} {unit} · {_part(layer, whole, tongue)}"
            parts.append(_label(layer.label, words, near, top, thick))
            here += thick
    parts.append(_bar(ends[1], middle_top, height, "ink"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" '
        f'style="max-width:{width}px" viewBox="0 0 {width} {tall + 4:.0f}">'
        f'<g font-family="{escape(FONT)}">{"".join(parts)}</g></svg>'
    )


def _places(layers: Sequence[Layer], per_unit: float) -> list[tuple[float, float, float]]:
    """Return top, bottom of its slot, and thickness of each flow [px]."""
    found, top = [], 0.0
    for layer in layers:
        thick = _amount(layer) * per_unit
        bottom = top + max(thick + 6.0, SLOT)
        found.append((top, bottom, thick))
        top = bottom
    return found


def _ribbon(
    layer: Layer,
    middle: float,
    outside: float,
    thick: float,
    ends: tuple[float, float, float],
    towards: bool,
) -> str:
    start, stop = (ends[0] + NODE, ends[1]) if towards else (ends[1] + NODE, ends[2])
    begin, end = (outside, middle) if towards else (middle, outside)
    half = (start + stop) / 2
    path = (
        f"M{start:.1f},{begin:.1f}C{half:.1f},{begin:.1f} {half:.1f},{end:.1f} {stop:.1f},{end:.1f}"
        f"V{end + thick:.1f}C{half:.1f},{end + thick:.1f} {half:.1f},{begin + thick:.1f} "
        f"{start:.1f},{begin + thick:.1f}Z"
    )
    return f'<path d="{path}" fill="var(--{layer.colour})" fill-opacity="0.35"/>'


def _bar(x: float, top: float, thick: float, colour: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{top:.1f}" width="{NODE:.0f}" height="{max(thick, 1.0):.1f}" '
        f'fill="var(--{colour})"/>'
    )


def _label(name: str, words: str, x: float, top: float, thick: float) -> str:
    """Return two lines of text beside a bar, in its middle where it is tall."""
    y = top + max(12.0, thick / 2 - 2.0)
    left = x + NODE + 6.0
    return (
        f'<text x="{left:.1f}" y="{y:.1f}" font-size="12" fill="var(--ink)">{escape(name)}</text>'
        f'<text x="{left:.1f}" y="{y + 15:.1f}" font-size="11" fill="var(--ink)">'
        f"{escape(words)}</text>"
    )


def _amount(layer: Layer) -> float:
    return float(layer.values.sum())


def _part(layer: Layer, whole: float, tongue: Language) -> str:
    return tongue.share(_amount(layer) / whole, 0)
