import dataclasses
import json
import math

import pytest

from baseload.plan.worth.result import IfOpen, Index, Signal, Verdict, Waiting, Worth

SIGNAL = Signal(
    "gate", "permit", "A permit", 5e6, 1e6, "news", "2029", (Verdict("opens", 0.3, "a", 9e6),)
)


@pytest.mark.parametrize(
    ("worth", "error", "clear"),
    [(5e6, 1e6, True), (5e6, 3e6, False), (0.0, 0.0, False), (1.0, 0.0, True)],
)
def test_a_worth_within_two_errors_of_zero_is_not_clear(worth, error, clear):
    assert Signal("gate", "a", "A", worth, error, "", "", ()).clear is clear


@pytest.mark.parametrize(("now", "worth"), [(-4.0, 3.0), (2.0, 1.0)])
def test_the_right_to_wait_is_compared_with_the_better_plan_without_it(now, worth):
    assert Waiting("a", now, 3.0, 0.1, 0.5).worth == worth


def test_json_names_units_and_leaves_out_what_was_not_found():
    index = Index(0.4, math.nan, 0.02, math.nan)
    found = Worth(
        "nothing", 0.0, 7e6, 2e5, (SIGNAL,), (Waiting("a", -1.0, 2.0, 0.1, 0.5),), {"x": index}, "a"
    )
    plain = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert plain["evpi_usd"] == 7e6
    assert plain["signals"][0]["worth_usd"] == 5e6
    assert plain["signals"][0]["clear"] is True
    assert plain["signals"][0]["verdicts"] == [
        {"outcome": "opens", "probability": 0.3, "best": "a", "value_usd": 9e6, "rest_usd": None}
    ]
    assert plain["signals"][0]["if_open"] is None
    assert plain["waiting"][0]["worth_usd"] == 2.0
    assert plain["indices"]["x"] == {
        "first": 0.4,
        "total": None,
        "first_error": 0.02,
        "total_error": None,
    }


def test_json_of_a_signal_holds_its_worth_if_gates_open():
    opened = IfOpen("a", 3e6, 1e6, 8e6, (Verdict("low", 0.4, "a", 5e6, 1e6),))
    signal = dataclasses.replace(SIGNAL, if_open=opened)
    found = Worth("nothing", 0.0, 7e6, 2e5, (signal,), (), {}, "", value_error=2.0, subject="a")
    plain = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert plain["value_error_usd"] == 2.0
    assert plain["signals"][0]["if_open"] == {
        "alternative": "a",
        "worth_usd": 3e6,
        "error_usd": 1e6,
        "swing_usd": 8e6,
        "clear": True,
        "verdicts": [
            {
                "outcome": "low",
                "probability": 0.4,
                "best": "a",
                "value_usd": 5e6,
                "rest_usd": 1e6,
            }
        ],
    }
