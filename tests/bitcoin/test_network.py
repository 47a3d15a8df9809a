"""Network response: equilibrium, dilution, share of all hashes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.bitcoin import consensus
from baseload.bitcoin.network import (
    EQUILIBRIUM_SPACING_S,
    diluted_hashprice,
    equilibrium_difficulty,
    fleet_hashrate,
    network_hashrate,
    network_share,
    next_difficulty,
)

rates = st.floats(1e-3, 1e12)


def test_equilibrium_spacing_counts_2015_intervals():
    assert pytest.approx(600.298, abs=5e-4) == EQUILIBRIUM_SPACING_S


def test_difficulty_of_june_2026_implies_894_exahash():
    # D 2^32 / 600 at height 953,568.
    assert network_hashrate(124_932_866_006_548.16) / 1e6 == pytest.approx(894.3, abs=0.05)


# M15: 17.5 J/TH, PUE 1.05, 1,040 EH/s of others.
@pytest.mark.parametrize(
    ("power_mw", "percent"), [(100, 0.5), (200, 1.0), (500, 2.6), (1000, 5.0), (5700, 23)]
)
def test_a_fleet_has_the_derived_share_of_the_network(power_mw, percent):
    own = fleet_hashrate(float(power_mw), 17.5, 1.05)
    assert 100 * network_share(own, 1040e6) == pytest.approx(percent, rel=0.05, abs=0.05)


def test_a_gigawatt_of_s21_runs_57_exahash():
    assert fleet_hashrate(1000.0, 17.5) / 1e6 == pytest.approx(1000 / 17.5)


@given(st.floats(0.1, 1e4), rates, rates)
def test_dilution_lowers_hashprice_by_the_share_of_the_newcomer(price, others, own):
    diluted = diluted_hashprice(price, others, own)
    assert diluted == pytest.approx(price * (1 - network_share(own, others)), abs=1e-9 * price)
    assert 0 <= diluted <= price


@given(rates, rates)
def test_all_hashes_together_earn_the_same_coins_before_and_after(others, own):
    assert diluted_hashprice(1.0, others, own) * (others + own) == pytest.approx(others)


def test_a_very_small_fleet_takes_the_price_and_a_very_large_one_takes_all():
    assert diluted_hashprice(40.0, 1e9, 0.0) == 40.0
    assert diluted_hashprice(40.0, 1.0, 1e12) == pytest.approx(0, abs=1e-9)


def test_dilution_takes_an_array_of_fleets():
    own = np.array([0.0, 100.0, 900.0])
    assert diluted_hashprice(np.full(3, 50.0), 900.0, own) == pytest.approx([50, 45, 25])


@given(st.floats(1e12, 1e15))
def test_equilibrium_difficulty_is_left_as_it_is(difficulty):
    hashrate = network_hashrate(difficulty, EQUILIBRIUM_SPACING_S)
    assert equilibrium_difficulty(hashrate) == pytest.approx(difficulty)
    assert next_difficulty(difficulty, hashrate) == pytest.approx(difficulty)


@given(st.floats(0.01, 100))
def test_next_difficulty_follows_the_exact_rule(factor):
    nbits = 0x17034219
    difficulty = consensus.difficulty_from_nbits(nbits)
    hashrate = equilibrium_difficulty(1.0) ** -1 * difficulty * factor
    timespan = round(2015 * difficulty * 2**32 / (hashrate * 1e12))
    exact = consensus.difficulty_from_nbits(consensus.retarget_from_timespan(nbits, timespan))
    # Packing keeps 15 to 23 bits of the target.
    assert next_difficulty(difficulty, hashrate) == pytest.approx(exact, rel=2**-14)


def test_difficulty_never_falls_below_one():
    assert next_difficulty(1.0, 1e-9) == 1.0
