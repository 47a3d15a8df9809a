"""Picture of a fit of the competitors."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from baseload.bitcoin.calibration import Errors, Fit, Later
from baseload.bitcoin.competitors import Competitors
from baseload.bitcoin.shocks import STORM, Answer
from baseload.show.networkplot import draw
from baseload.show.picture_file import save_chart

ERRORS = Errors(rmse=0.0678, bias=0.0013, change_rmse=0.05, correlation=0.5, epochs=3)
STEPS = Answer(
    shock=STORM,
    heights=(935424, 937440),
    times=np.array(["2026-02-07", "2026-02-19"], "M8[s]"),
    before=140e12,
    real=np.array([-0.1, 0.2]),
    modelled=np.array([-0.1, 0.25]),
    fitted=1,
)
FIT = Fit(
    competitors=Competitors.calibrated(),
    first=date(2025, 12, 11),
    last=date(2026, 1, 17),
    returned=700.0,
    deviation={},
    times=np.array(["2025-12-11", "2025-12-25", "2026-01-08"], "M8[s]"),
    heights=np.array([927360.0, 929376.0, 931392.0]),
    real=np.array([148e12, 149e12, 146e12]),
    modelled=np.array([150e12, 151e12, 152e12]),
    whole=ERRORS,
    trend=ERRORS,
    ahead={"model": ERRORS, "return known": ERRORS, "trend": ERRORS},
    answers=(STEPS,),
    later=Later(
        times=np.array(["2026-01-22", "2026-02-07"], "M8[s]"),
        real=np.array([142e12, 126e12]),
        modelled=np.array([142e12, 124e12]),
        model=ERRORS,
        unchanged=ERRORS,
        growth=ERRORS,
    ),
)


def rows_with(tree, key: str) -> list[dict]:
    """All rows of data in a chart that have a key."""
    if isinstance(tree, dict):
        own = [tree] if key in tree and "s" in tree and "t" in tree else []
        return own + [row for value in tree.values() for row in rows_with(value, key)]
    if isinstance(tree, list):
        return [row for value in tree for row in rows_with(value, key)]
    return []


def test_both_paths_are_drawn_during_the_fit_and_after_it():
    levels = rows_with(draw(FIT).to_dict(), "d")
    model = [row["d"] for row in levels if row["s"] == "model"]
    assert model == pytest.approx([150, 151, 152, 142, 124])
    assert [row["run"] for row in levels if row["s"] == "real"] == ["free"] * 3 + ["later"] * 2


def test_a_fit_up_to_the_end_of_the_history_has_nothing_after_it():
    levels = rows_with(draw(replace(FIT, later=None)).to_dict(), "d")
    assert len(levels) == 6


def test_the_steps_are_drawn_in_percent():
    steps = rows_with(draw(FIT).to_dict(), "c")
    assert {(row["t"], row["s"], round(row["c"], 6)) for row in steps} == {
        ("2026-02-07", "real", -10.0), ("2026-02-07", "model", -10.0),
        ("2026-02-19", "real", 20.0), ("2026-02-19", "model", 25.0),
    }  # fmt: skip


def test_the_picture_names_its_errors_and_what_was_fitted():
    found = json.dumps(draw(FIT).to_dict(), ensure_ascii=False)
    assert "RMSE 6.8%, bias +0.1%" in found
    assert "30% of the network stopped; first step fitted" in found


@pytest.mark.parametrize(("name", "head"), [("a.svg", b"<svg"), ("a.png", b"\x89PNG")])
def test_the_ending_of_the_file_says_how_it_is_drawn(tmp_path, name, head):
    save_chart(draw(FIT), tmp_path / name)
    assert (tmp_path / name).read_bytes()[:400].lstrip().startswith(head)
