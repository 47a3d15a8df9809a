"""Tables of the fit of the competitors."""

from __future__ import annotations

from rich.console import Console

from baseload.bitcoin.competitors import package_data
from baseload.show.networktable import error_table, parameter_table, print_network, step_table


def text(table) -> str:
    console = Console(width=140, highlight=False)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def test_every_parameter_stands_with_its_unit_and_how_it_is_known():
    rows = {
        "power_price": {
            "value": 43.9512, "unit": "USD/MWh", "status": "fitted", "error": 0.034,
            "meaning": "what they pay",
        },
        "life": {"value": 43830.0, "unit": "h", "status": "assumed", "meaning": "how long"},
        "spread": {"value": 0.5, "unit": "1", "status": "assumed", "meaning": "how wide"},
    }  # fmt: skip
    lines = [" ".join(line.split()) for line in text(parameter_table(rows)).splitlines()]
    assert "power_price 44 USD/MWh fitted ± 3.4 % what they pay" in lines
    assert "life 43,830 h assumed how long" in lines
    assert "spread 0.5 assumed how wide" in lines


def test_errors_stand_beside_those_of_constant_growth():
    found = text(error_table(package_data()["fit"]))
    fit = package_data()["fit"]
    for key in ("rmse", "trend_rmse", "ahead_rmse", "ahead_rmse_return_known", "ahead_trend_rmse"):
        assert f"{100 * fit[key]:.1f} %" in found


def test_steps_are_real_and_modelled_side_by_side_and_the_fitted_one_says_so():
    experiment = {
        "height": [935424, 937440], "date": ["2026-02-07", "2026-02-19"],
        "real": [-0.1116, 0.1473], "modelled": [-0.1116, 0.168], "fitted_steps": 1,
    }  # fmt: skip
    lines = [" ".join(line.split()) for line in text(step_table(experiment)).splitlines()]
    assert "935,424 2026-02-07 -11.2 % -11.2 % fitted" in lines
    assert "937,440 2026-02-19 +14.7 % +16.8 %" in lines


def test_the_whole_says_where_it_comes_from_and_how_it_went_on(capsys):
    print_network(package_data())
    found = " ".join(capsys.readouterr().out.split())
    assert "spesmilo/electrum" in found
    later = package_data()["later"]
    assert f"{100 * later['rmse']:.1f} % {100 * later['bias']:.1f} % … unchanged" in found
    assert "ban of mining in China, 2021: 46 % of the network stopped" in found
