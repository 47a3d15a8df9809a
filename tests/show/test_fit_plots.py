"""Picture of a fit."""

from __future__ import annotations

import numpy as np

from baseload.plan.futures.fits import CHANCES, Fit, profile, profiles
from baseload.show.fit_plots import draw
from baseload.show.picture_file import save_chart

RANDOM = np.random.default_rng(2)
FIT = Fit(
    "futures.bitcoin_price",
    "jump diffusion",
    {"volatility": 0.4612, "jump_rate": "12 1/year"},
    "daily log return",
    profile(RANDOM.standard_normal(400), (1, 5)),
    profiles(RANDOM.standard_normal((20, 400)), (1, 5)),
)


def rows(whole, panel):
    return whole["datasets"][panel["data"]["name"]]


def test_a_row_shows_quantiles_and_both_correlations_of_data_and_paths():
    whole = draw([FIT, FIT]).to_dict()
    assert len(whole["vconcat"]) == 2
    quantiles, plain, squares = whole["vconcat"][0]["hconcat"]
    compared = FIT.compared()
    shown = rows(whole, quantiles)
    assert [row["data"] for row in shown] == list(FIT.data.quantiles)
    assert shown[4]["x"] == 0.0
    assert len(shown) == len(CHANCES)
    for panel, label in ((plain, "correlation"), (squares, "correlation of squares")):
        for row, lag in zip(rows(whole, panel), (1, 5), strict=True):
            found = (row["data"], row["low"], row["middle"], row["high"])
            assert found == compared[f"{label}, lag {lag}"]


def test_the_picture_names_the_model_and_its_parameters(tmp_path):
    save_chart(draw([FIT]), tmp_path / "fit.svg")
    text = (tmp_path / "fit.svg").read_text(encoding="utf-8")
    for said in ("jump diffusion", "volatility 0.461", "jump_rate 12 1/year", "99.9 %"):
        assert said in text
