"""The table of the reconciliation in a verdict's page: a picture of each comparison, and numbers.

The pictures are drawn as SVG with attributes alone: the page's own policy allows no inline style.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from baseload.verify.testwords import Comparison, comparisons, found_text, seen_text

TEST_STYLE = """.tests td,.tests th{font-size:.82rem;padding-right:.45rem}
.tests .soft{font-size:1em}.tests .c{border-bottom:0;padding-bottom:0}
.tests th[scope]{white-space:nowrap}.tests .w{min-width:11rem}.tests .s{min-width:6rem}
.tests svg{display:block;width:7.5rem;height:1.1rem;overflow:visible}
.tests .band{fill:var(--box);stroke:var(--line)}.tests .mid{stroke:var(--soft)}
.tests .dot{fill:currentColor}.scroll{overflow-x:auto}
details{margin:.6rem 0}summary{cursor:pointer;color:var(--link)}"""
_TEST_COLOURS = {"consistent": "ok", "explain": "part", "alarm": "bad"}
_WIDTH, _HEIGHT, _LIMIT = 144, 18, 0.8
"""Size of a picture, and the part of its half that lies within the limits."""


def tests_section(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the results of the reconciliation: none is told without what it would have seen."""
    if not results:
        return ""
    head = (
        "<tr><th>Test</th><th class='w'>Compares</th><th>Between its limits</th>"
        "<td class='n'>Statistic</td><td class='n'>Threshold</td><td class='n'>p</td>"
        "<th>Result</th><th class='s'>Would have seen</th></tr>"
    )
    rows = "".join(map(_test_rows, results))
    return (
        "<h2>Do energy, hashes and coins agree?</h2><p>No alarm is not the same as no loss: the "
        "last column is the smallest that would have been seen with a probability of 95 %. p is "
        "the probability of as much, or more, if nothing is wrong.</p>"
        f'<div class="scroll"><table class="tests"><thead>{head}</thead><tbody>{rows}</tbody>'
        f"</table></div>{''.join(map(_meter_table, results))}"
    )


def _test_rows(result: Mapping[str, Any]) -> str:
    """Return the rows of a test: the first comparison with its names, then the others."""
    colour = _TEST_COLOURS.get(result["verdict"], "bad")
    told = comparisons(result) or [Comparison("", "not tested", "", "", None)]
    span = f' rowspan="{len(told)}"' if len(told) > 1 else ""
    words = [found_text(result), *(f"not checked: {one}" for one in result.get("unchecked", ()))]
    soft = "".join(f"<br><span class='soft'>{_t(one)}</span>" for one in words)
    title = f"{_t(result['title'])}{soft}"
    return (
        f'<tr><th scope="row"{span}>{_t(result["test"])}</th><td{span}>{title}</td>'
        f"{_cells(told[0], colour)}"
        f'<td class="{colour}"{span}>{_t(result["verdict"])}</td>'
        f"<td{span}>{_t(seen_text(result))}</td></tr>"
        + "".join(f"<tr>{_cells(one, colour)}</tr>" for one in told[1:])
    )


def _cells(one: Comparison, colour: str) -> str:
    name = f"<span class='soft'>{_t(one.name)}</span>" if one.name else ""
    numbers = "".join(f'<td class="n">{_t(t)}</td>' for t in (one.statistic, one.threshold, one.p))
    return f'<td class="{colour}">{name}{_svg(one)}</td>{numbers}'


def _svg(one: Comparison) -> str:
    """Return the picture of a comparison: the band is what is allowed, the dot what was found."""
    if one.place is None:
        return ""
    middle, half = _HEIGHT / 2, _WIDTH / 2
    reach = max(-1.0 / _LIMIT, min(1.0 / _LIMIT, one.place)) * _LIMIT
    if one.signed:
        left, right, dot, zero = half * (1 - _LIMIT), half * (1 + _LIMIT), half * (1 + reach), half
    else:
        left, right, dot, zero = 0.0, _WIDTH * _LIMIT, _WIDTH * abs(reach), 0.0
    label = _t(f"{one.name} {one.statistic}, allowed {one.threshold}".strip())
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f'<rect class="band" x="{left:.1f}" y="4" width="{right - left:.1f}" height="10"/>'
        f'<line class="mid" x1="{zero:.1f}" x2="{zero:.1f}" y1="1" y2="17"/>'
        f'<circle class="dot" cx="{dot:.1f}" cy="{middle:.0f}" r="5"/></svg>'
    )


def _meter_table(result: Mapping[str, Any]) -> str:
    """Return the meters of the joint test, each with the smallest error that would be seen."""
    if "meters" not in result:
        return ""
    head = "".join(
        f"<td class='n'>{_t(name)}</td>"
        for name in ("Counted", "Reconciled", "±", "Statistic", "Would be off by", "Would be seen")
    )
    rows = "".join(
        f'<tr><th scope="row">{_t(one["meter"])}</th>'
        + "".join(f'<td class="n">{_t(cell)}</td>' for cell in _meter_cells(one))
        + "</tr>"
        for one in result["meters"]
    )
    return (
        "<details><summary>Each meter in the light of all others, in MWh</summary>"
        '<div class="scroll"><table class="tests"><thead><tr><th>Meter</th>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _meter_cells(one: Mapping[str, str]) -> list[str]:
    energies = [int(one[key]) / 1e6 for key in ("energy", "reconciled", "sigma")]
    return [
        *(f"{energy:,.1f}" for energy in energies),
        f"{int(one['statistic_e6']) / 1e6:+.2f}",
        f"{int(one['bias']) / 1e6:+,.1f}",
        f"{int(one['detectable_95']) / 1e6:,.1f}",
    ]


def _t(text: str) -> str:
    return html.escape(str(text), quote=True)
