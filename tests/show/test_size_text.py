import json

import numpy as np

from baseload.plan.sizing.result import Curve, Limit, Sizing
from baseload.show.size_text import millions, print_sizing, sizing_json, sparkline


def sizing(**changes):
    """A sizing of round figures."""
    three = np.array([0.0, 100.0, 200.0])
    given = {
        "alternative": "large",
        "candidates": ("on site", "in the grid"),
        "size": np.array([100.0, 0.0]),
        "risk": "cvar:0.05:0.5",
        "value": 5e6,
        "mean": 6e6,
        "error": 1e5,
        "loses": 0.25,
        "bound": 5.004e6,
        "gap": 8e-4,
        "proven": True,
        "evaluations": 9,
        "limits": (
            Limit("feeder", "MW", 100.0, 100.0, 1234.5),
            Limit("budget", "USD", 1e9, 2e8, 0.0),
        ),
        "curve": Curve(three, three * 6e4, three * 1e3, -three * 1e4, three * 5e4, three * 1e5),
        "grid_points": 13,
        "grid_value": 4e6,
    }
    return Sizing(**(given | changes))


def test_all_that_decides_is_printed(capsys):
    print_sizing(sizing())
    text = capsys.readouterr().out
    for part in (
        "100.0 MW", "5.00 M USD", "gap 0.080%, proven", "loses in 25%", "1,234 USD/MW",
        "13 further sizes tried", "none beats it", "best", "▁▅█",
    ):  # fmt: skip
        assert part in text
    assert "budget" not in text


def test_what_is_not_proven_is_not_called_so(capsys):
    print_sizing(sizing(proven=False))
    assert "not proven" in capsys.readouterr().out


def test_a_grid_that_finds_more_says_that_the_optimum_is_not_one(capsys):
    print_sizing(sizing(grid_value=7e6))
    assert "2.00 M USD more, so the optimum is not one" in capsys.readouterr().out


def test_without_a_limit_that_binds_more_room_is_worth_nothing(capsys):
    print_sizing(sizing(limits=()))
    assert "more room would be worth nothing" in capsys.readouterr().out


def test_json_holds_numbers_with_their_units_and_null_for_what_is_not_known():
    data = json.loads(json.dumps(sizing_json(sizing(error=float("nan"))), allow_nan=False))
    assert data["size_mw"] == {"on site": 100.0, "in the grid": 0.0}
    assert data["error_usd"] is None
    assert data["limits"][0]["shadow_price_usd_per_unit"] == 1234.5
    assert data["curve"]["high_usd"] == [0.0, 1e7, 2e7]


def test_a_flat_row_is_drawn_flat():
    assert sparkline([1.0, 1.0]) == "▁▁"
    assert millions(-2.5e6) == "-2.50 M USD"
    assert sparkline([3.0, 0.0]) == "█▁"
