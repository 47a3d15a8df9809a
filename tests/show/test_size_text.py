import json

import numpy as np

from baseload.plan.sizing.result import Curve, Limit, Margin, Sizing
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


def test_gates_and_what_futures_do_not_tell_are_said(capsys):
    margin = Margin("on site", -1500.0, 0.25, 31.0, 0.9)
    print_sizing(
        sizing(
            scenarios=1000,
            futures=12,
            overall=7.2e4,
            overall_error=3e3,
            same=(80.0, 160.0),
            margins=(margin,),
        )
    )
    text = capsys.readouterr().out
    for part in (
        "12 futures", "of 1,000", "--opened", "0.07 M USD ± 0.00 M USD in expectation",
        "do not tell 80 to 160 MW apart", "-1,500 USD", "25% of futures", "over 31 USD/PH/day",
    ):  # fmt: skip
        assert part in text


def test_no_mine_is_said_in_words_and_open_gates_by_their_probability(capsys):
    none = np.zeros(2)
    print_sizing(sizing(size=none, scenarios=50, futures=50, chance=0.0048, overall=0.0))
    text = capsys.readouterr().out
    assert "best is no mine" in text
    assert "probability 0.48%" in text


def test_json_tells_what_one_more_megawatt_adds():
    margin = Margin("on site", -1500.0, 0.0, float("nan"), 1.0)
    told = sizing_json(sizing(margins=(margin,), futures=12))
    assert told["futures"] == 12
    assert told["one_more_mw"][0]["mean_usd_per_mw"] == -1500.0
    assert told["one_more_mw"][0]["hashprice_usd_per_ph_day"] is None


def test_limits_that_stop_a_mine_together_are_named_though_none_has_a_price(capsys):
    both = tuple(Limit(name, "MW", 100.0, 100.0, 0.0) for name in ("feeder", "option"))
    print_sizing(sizing(limits=both))
    text = capsys.readouterr().out
    assert "worth nothing alone" in text
    assert "feeder" in text
    assert "option" in text
