from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.small_cases import NETWORK, place, small, write_series

from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.plan.earnings import earnings
from baseload.plan.fleet import Fleet, fleets, machine_of

S19K = {"mine.pilot.machine": "Antminer S19k Pro (120T)", "mine.pilot.curve": "table"}
"""The machine whose power/hash curve was measured."""


def fleet(folder, patches=None, dilution=1.0, **frame) -> Fleet:
    where = place(small(folder, patches, **frame))
    return fleets(where, earnings(where), np.full(where.steps, dilution))["pilot"]


def test_a_megawatt_hour_is_worth_the_hashprice_over_its_hashes(tmp_path):
    # 1 PH/s at 13.5 J/TH takes 13.5 kW, 0.324 MWh a day; PUE on top (M15)
    own = fleet(tmp_path, {"mine.pilot.pue": 1.05})
    assert_allclose(own.revenue(0), 40.0 / (0.024 * 13.5 * 1.05), rtol=1e-14)
    assert_allclose(own.hashrate(0), 1e6 / (13.5 * 1.05), rtol=1e-14)
    assert_allclose(own.coins(0), own.revenue(0) / 90_000.0, rtol=1e-14)
    assert_allclose(own.installed_ths_per_mw, 1e6 / (13.5 * 1.05), rtol=1e-14)


def test_without_an_efficiency_the_name_plate_counts(tmp_path):
    # Antminer S21 XP: 270 TH/s at 3,645 W
    text = small(tmp_path)
    assert text.tree.mine["pilot"].efficiency == 13.5
    assert_allclose(
        fleet(tmp_path / "b", {"mine.pilot.machine": "Antminer S21"}).hashrate(0), 1e6 / 13.5
    )


def test_own_hashes_lower_the_pay_and_not_the_hashrate(tmp_path):
    alone, diluted = fleet(tmp_path / "a"), fleet(tmp_path / "b", dilution=0.75)
    assert_allclose(diluted.revenue(0), 0.75 * alone.revenue(0), rtol=1e-15)
    assert_array_equal(diluted.hashrate(0), alone.hashrate(0))


@pytest.mark.parametrize("scheme", ["FPPS", "PPLNS", "TIDES", "solo"])
def test_all_pools_but_pps_pass_the_fees_on(tmp_path, scheme):
    fees = {"bitcoin.fee_share": "4 %"}
    full = fleet(tmp_path / "a", fees | {"mine.pilot.pool.scheme": scheme}, income=NETWORK)
    bare = fleet(tmp_path / "b", fees | {"mine.pilot.pool.scheme": "PPS"}, income=NETWORK)
    assert_allclose(full.revenue(0), 1.04 * bare.revenue(0), rtol=1e-14)


def test_machines_that_work_draw_what_they_may(tmp_path):
    own = fleet(tmp_path, {"mine.pilot.uptime": "90 %"})
    assert_array_equal(own.installed, np.full(240, 30.0))
    assert_allclose(own.power, 27.0, rtol=1e-15)


def test_height_thins_the_air_of_machines_cooled_by_it(tmp_path):
    # ICAO Doc 7488: density at 3,000 m 0.90925, at 2,000 m 1.00655 kg/m3
    high = {"mine.pilot.altitude": "3000 m"}
    assert_allclose(fleet(tmp_path / "a", high).power, 30 * 0.90925 / 1.00655, rtol=1e-3)
    wet = fleet(tmp_path / "b", high | {"mine.pilot.cooling": "hydro"})
    assert_array_equal(wet.power, np.full(240, 30.0))


def test_heat_slows_machines_hour_by_hour(tmp_path):
    # "Antminer S21 review", hackernoon.com 2024: 490 MHz, 440 above 40 °C, off at 47 °C
    case = tmp_path / "a"
    case.mkdir()
    degrees = np.full(240, 25.0)
    degrees[10:12], degrees[20] = 41.0, 50.0
    write_series(case, "air.csv", degrees, "degC")
    own = fleet(case, {"mine.pilot.inlet_temperature": "air.csv#value"})
    expected = np.full(240, 30.0)
    expected[10:12], expected[20] = 30 * 440 / 490, 0.0
    assert_allclose(own.power, expected, rtol=1e-14)


def test_hashes_get_dearer_with_age_until_machines_are_replaced(tmp_path):
    old = {"mine.pilot.ageing": "10 %/year", "mine.pilot.life": "2 years"}
    own = fleet(tmp_path, old, end="2031-01-01", step="24 h")
    years = np.arange(len(own.installed)) * 24 / 8766
    assert_allclose(own.age_factor, 1.1 ** np.mod(years, 2.0), rtol=1e-9)
    assert_allclose(own.hashrate(0), 1e6 / 13.5 / own.age_factor, rtol=1e-14)


def test_machines_are_new_on_the_day_the_mine_opens(tmp_path):
    late = {"mine.pilot.ageing": "10 %/year", "mine.pilot.since": "2029-01-01"}
    own = fleet(tmp_path, late, end="2031-01-01", step="24 h")
    assert_array_equal(own.installed[:366], np.zeros(366))
    assert own.age_factor[366] == 1.0
    assert_allclose(own.age_factor[366 + 365], 1.1 ** (365 * 24 / 8766), rtol=1e-12)


def test_a_mine_that_never_runs_is_no_fleet(tmp_path):
    where = place(small(tmp_path, {"mine.pilot.power": "0 MW"}))
    assert fleets(where, earnings(where), np.ones(240)) == {}


def test_a_measured_curve_gives_its_best_hashes_first(tmp_path):
    own = fleet(tmp_path, S19K)
    hashes = [piece.ths_per_mw for piece in own.segments]
    assert hashes == sorted(hashes, reverse=True)
    assert len(set(hashes)) == len(hashes) > 1
    assert_allclose(sum(piece.power_share for piece in own.segments), 1.0, rtol=1e-12)


def test_at_full_load_a_curve_gives_what_the_efficiency_says(tmp_path):
    # 20 J/TH in place of the 23 of the name plate
    own = fleet(tmp_path, S19K | {"mine.pilot.efficiency": "20 J/TH"})
    assert_allclose(own.installed_ths_per_mw, 1e6 / 20, rtol=1e-9)


def test_a_curve_that_was_not_measured_is_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        fleet(tmp_path, {"mine.pilot.curve": "table"})
    assert str(caught.value) == (
        "mine.pilot.curve\n"
        "  expected 'flat', as no part load of this machine was measured\n"
        "  found    'table' with machine \"Antminer S21 XP\"\n"
        '  choose a machine with a measured curve, or write curve = "flat"'
    )


def test_a_stretch_of_a_fleet_is_the_fleet_over_that_stretch(tmp_path):
    own = fleet(tmp_path, {"mine.pilot.ageing": "10 %/year"})
    part = own.cut(slice(24, 48))
    assert_array_equal(part.revenue(0), own.revenue(0)[24:48])
    assert_array_equal(part.power, own.power[24:48])


def test_a_machine_that_does_not_exist_is_told_with_its_file(tmp_path):
    case = small(tmp_path)
    path = tmp_path / "case.toml"
    text = path.read_text()
    line = next(line for line in text.splitlines() if line.startswith("machine = "))
    path.write_text(text.replace(line, 'machine = "Antminer S99"'))
    with pytest.raises(InputError, match=r'case\.toml, line \d+, mine\.pilot\.machine = "Antmi'):
        machine_of(load(case.folder), "pilot")
