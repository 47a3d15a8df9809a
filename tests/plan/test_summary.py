from __future__ import annotations

import dataclasses
import json
import math

import pytest
from tests.plan.small_cases import small, studied
from tests.show.sample_ensemble import sample_ensemble

from baseload.plan.ensemble.odds import summary_of
from baseload.plan.outcome import FLOWS
from baseload.plan.study import study
from baseload.plan.summary import as_summary, as_text

KEYS = {
    *("version", "case", "start", "end", "as_of", "currency", "seed", "stage"),
    *("bars_in_force_at_start", "alternatives"),
}

OUTCOME = {
    *("title", "mine_mw", "mine_mw_by_site", "built", "blocked_by", "waits_for"),
    *("first_generation", "first_mining", "npv_usd", "mine_value_usd"),
    *("mine_value_usd_by_halving_era", "irr", "irr_finding", "payback_years"),
    *("cost_of_energy_usd_per_mwh", "cost_of_coin_usd_per_btc", "hashprice_usd_per_ph_day"),
    *("break_even_hashprice_factor", "break_even_hashprice_usd_per_ph_day"),
    *("break_even_power_price_usd_per_mwh", "coins_btc_per_year", "network_share"),
    *("energy_mwh_per_year", "exported_mwh_per_year_by_area"),
    *("obligations_mwh_per_year_by_name", "by_year", "certificates", "optimality_gap"),
}

ENERGY = {
    *("generated", "house", "imported", "exported", "obligations"),
    *("shortfall", "mined", "curtailed", "storage_loss"),
}

SWING = {"path", "name", "low", "high", "npv_usd", "mine_value_usd", "status", "source"}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return study(studied(tmp_path_factory.mktemp("studied")), seed=7)


@pytest.fixture(scope="module")
def summary(found):
    return as_summary(found)


def numbers(value: object):
    """Yield every number, however deep."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from numbers(inner)
    elif isinstance(value, float):
        yield value


def test_the_documented_keys_are_there_and_no_others(summary):
    assert set(summary) == KEYS
    for entry in summary["alternatives"].values():
        assert set(entry) == OUTCOME | {"if_gates_open", "unknowns"}
        assert set(entry["if_gates_open"]) == OUTCOME
        for one in (entry, entry["if_gates_open"]):
            assert set(one["energy_mwh_per_year"]) == ENERGY == set(FLOWS)
            years = {"year", "coins_btc", "network_share", *(f"{name}_mwh" for name in ENERGY)}
            assert set(one["by_year"]) == years
        assert all(set(row) == SWING for row in entry["unknowns"])


def test_it_is_plain_data_without_nan_or_infinity(summary):
    assert all(map(math.isfinite, numbers(summary)))
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_the_frame_is_that_of_the_case(summary):
    assert summary["start"] == "2028-01-01"
    assert summary["end"] == "2029-03-01"
    assert summary["as_of"] == "2027-01-01"
    assert summary["currency"] == "USD 2027"
    assert (summary["seed"], summary["stage"]) == (7, "talk")


def test_bars_in_force_are_those_that_no_open_gate_has_lifted(summary):
    assert summary["bars_in_force_at_start"] == {
        "R01": {
            "title": "Mining is forbidden",
            "jurisdiction": "one",
            "since": "2025-01-01",
            "until": "2031-03-15",
        }
    }


def test_today_comes_first_and_open_gates_beside_it(summary):
    pilot = summary["alternatives"]["pilot"]
    assert (pilot["built"], pilot["mine_mw"], pilot["first_mining"]) == (False, 0.0, None)
    opened = pilot["if_gates_open"]
    assert (opened["built"], opened["mine_mw"]) == (True, 30.0)
    assert opened["first_mining"] == "2028-03-01"
    assert opened["mine_mw_by_site"] == {"pilot": 30.0}


def test_a_year_is_the_sum_of_the_years_over_their_length(found, summary):
    opened = summary["alternatives"]["large"]["if_gates_open"]
    long = 425 * 24 / 8766
    for name in ENERGY:
        by_year = sum(opened["by_year"][f"{name}_mwh"]) / long
        assert opened["energy_mwh_per_year"][name] == pytest.approx(by_year)
    assert opened["coins_btc_per_year"] == pytest.approx(sum(opened["by_year"]["coins_btc"]) / long)
    exported = opened["exported_mwh_per_year_by_area"]
    assert sum(exported.values()) == pytest.approx(opened["energy_mwh_per_year"]["exported"])
    assert opened["network_share"] == max(opened["by_year"]["network_share"])


def test_the_table_has_a_line_for_each_alternative(found, summary):
    lines = as_text(found).splitlines()
    assert lines[0] == "Small · 2028-01-01 to 2029-03-01 · base values, not a forecast"
    assert [line.split()[0] for line in lines[2:]] == ["status-quo", "pilot", "large"]
    pilot = summary["alternatives"]["pilot"]["if_gates_open"]
    assert lines[3].split()[1:5] == ["0", "MW", "30", "MW"]
    assert f"{pilot['coins_btc_per_year']:.0f}/y" in lines[3]
    assert f"{pilot['npv_usd'] / 1e6:,.0f} m" in lines[3]


def test_a_case_without_stages_is_at_none(tmp_path):
    found = as_summary(study(small(tmp_path)))
    assert found["stage"] is None
    assert found["bars_in_force_at_start"] == {}


def test_futures_are_told_only_where_they_were_drawn(found, summary):
    assert "futures" not in summary
    drawn = dataclasses.replace(found, ensemble=sample_ensemble(found.case, 20))
    told = as_summary(drawn)
    assert told["futures"] == summary_of(drawn.ensemble)
    assert {key: told[key] for key in summary} == summary
    json.dumps(told, allow_nan=False)
