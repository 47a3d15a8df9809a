"""The curve of a sizing as a picture that stands alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import vl_convert

if TYPE_CHECKING:
    from baseload.plan.sizing.result import Sizing

WIDTH, HEIGHT = 640, 360
BLUE, RED = "#2b6cb0", "#c53030"


def picture(found: Sizing) -> str:
    """Return an SVG of value against megawatts: mean, 5 % to 95 %, and the optimum."""
    curve, best_mw = found.curve, float(found.size.sum())
    rows = [
        {
            "size": float(curve.size[i]),
            "mean": float(curve.mean[i]) / 1e6,
            "low": float(curve.low[i]) / 1e6,
            "high": float(curve.high[i]) / 1e6,
        }
        for i in range(len(curve.size))
    ]
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("size:Q", title="megawatts of all candidates, in the best mix")
    )
    money = "value added [million USD]"
    band = base.mark_area(opacity=0.25, color=BLUE).encode(
        y=alt.Y("low:Q", title=money), y2=alt.Y2("high:Q")
    )
    mean = base.mark_line(color=BLUE, point=True).encode(y=alt.Y("mean:Q", title=money))
    best = alt.Chart(_data([{"size": best_mw}])).mark_rule(color=RED)
    chart = alt.layer(band, mean, best.encode(x="size:Q")).properties(
        width=WIDTH,
        height=HEIGHT,
        title=f"{found.alternative}: mean and 5 % to 95 % of futures; best {best_mw:,.0f} MW",
    )
    drawn: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return drawn


def _data(rows: list[dict[str, float]]) -> alt.InlineData:
    return alt.InlineData(values=rows)
