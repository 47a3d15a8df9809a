"""One day of the network: the exact rule, blocks, retargets and halvings inside a day."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baseload.bitcoin import daystep
from baseload.bitcoin.consensus import (
    difficulty_from_nbits,
    nbits_from_difficulty,
    retarget_from_timespan,
)
from baseload.bitcoin.daystep import DIFFICULTY, HEIGHT, SUBSIDY, find_blocks, retarget_compact
from baseload.bitcoin.revenue import hashvalue

nbits = st.one_of(
    st.builds(
        lambda exponent, mantissa: exponent << 24 | mantissa,
        st.integers(6, 0x1C),
        st.integers(0x8000, 0x7FFFFF),
    ),
    st.integers(0x8000, 0xFFFF).map(lambda mantissa: 0x1D << 24 | mantissa),
)


def network(height: float, difficulty: float) -> np.ndarray:
    """A chain whose clock has run at the equilibrium pace so far."""
    state = np.zeros(daystep.STATE)
    packed = nbits_from_difficulty(difficulty)
    state[daystep.EXPONENT], state[daystep.MANTISSA] = packed >> 24, packed & 0x7FFFFF
    state[DIFFICULTY], state[HEIGHT] = difficulty, height
    state[daystep.RETARGET] = (height // 2016 + 1) * 2016
    state[daystep.HALVING] = (height // 210_000 + 1) * 210_000
    state[SUBSIDY] = 50e8 / 2 ** (height // 210_000)
    state[daystep.SECONDS] = (height % 2016 - 1) * 1_209_600 / 2015
    return state


def hashrate(difficulty: float, spacing: float) -> float:
    return difficulty * 2**32 / spacing / 1e12


@settings(deadline=None)
@given(nbits, st.integers(-(10**6), 10**7))
def test_the_compiled_rule_is_the_exact_rule_bit_for_bit(packed, timespan):
    mantissa, exponent = retarget_compact(packed & 0x7FFFFF, packed >> 24, timespan)
    assert exponent << 24 | mantissa == retarget_from_timespan(packed, timespan)


# Bitcoin Core, src/test/pow_tests.cpp.
@pytest.mark.parametrize(
    ("first", "last", "before", "after"),
    [
        (1261130161, 1262152739, 0x1D00FFFF, 0x1D00D86A),
        (1231006505, 1233061996, 0x1D00FFFF, 0x1D00FFFF),
        (1279008237, 1279297671, 0x1C05A3F4, 0x1C0168FD),
        (1263163443, 1269211443, 0x1C387F6F, 0x1D00E1FD),
    ],
)
def test_the_compiled_rule_meets_the_vectors_of_bitcoin_core(first, last, before, after):
    mantissa, exponent = retarget_compact(before & 0x7FFFFF, before >> 24, last - first)
    assert hex(exponent << 24 | mantissa) == hex(after)


@settings(deadline=None)
@given(nbits)
def test_the_difficulty_of_a_compact_target_is_correctly_rounded(packed):
    found = daystep.compact_difficulty(float(packed & 0x7FFFFF), float(packed >> 24))
    assert found == difficulty_from_nbits(packed)


def test_blocks_come_every_600_298_seconds_once_the_difficulty_has_settled():
    state = network(900_001.0, 1e14)
    for _ in range(200):
        find_blocks(state, 9e8, 0.0, False)
    before = state[HEIGHT]
    for _ in range(1000):
        find_blocks(state, 9e8, 0.0, False)
    assert 1000 * 86_400 / (state[HEIGHT] - before) == pytest.approx(1_209_600 / 2015, rel=1e-12)


@pytest.mark.parametrize("rounded", [True, False])
@settings(deadline=None)
@given(speed=st.floats(0.3, 3.0), found=st.integers(1, 2015))
def test_every_period_has_2016_blocks_wherever_in_a_day_it_ends(rounded, speed, found):
    state = network(907_200.0 + found, 1.25e14)
    rate = hashrate(state[DIFFICULTY], 600.0 / speed)
    for _ in range(60):
        before = state[DIFFICULTY]
        find_blocks(state, rate, 0.0, rounded)
        if state[DIFFICULTY] != before:
            assert state[daystep.RETARGET] % 2016 == 0
            assert 0 <= state[HEIGHT] % 2016 < 144 * 4
    assert state[daystep.RETARGET] - state[HEIGHT] <= 2016


def test_blocks_of_a_day_with_a_retarget_inside_are_those_of_its_two_parts():
    # Blocks every 300 s at difficulty D; 2,015 of them take half of what they should.
    state = network(2016 * 450.0 - 96.0, 1e14)
    state[daystep.SECONDS] = 2015 * 300.0 - 96 * 300.0
    rate = hashrate(1e14, 300.0)
    value = find_blocks(state, rate, 0.0, False)
    factor = 1_209_600 / (2015 * 300.0)
    assert state[DIFFICULTY] == pytest.approx(1e14 * factor, rel=1e-12)
    # A third of the day passes before the retarget.
    after = 57_600.0 / (300.0 * factor)
    assert state[HEIGHT] == pytest.approx(2016 * 450 + after, rel=1e-12)
    mean = (1 / 3 + 2 / 3 / factor) * hashvalue(1e14, 3.125)
    assert value == pytest.approx(mean, rel=1e-12)


def test_the_subsidy_halves_at_its_height_inside_a_day():
    state = network(1_050_000.0 - 36.0, 1.25e14)
    value = find_blocks(state, hashrate(1.25e14, 600.0), 0.0, True)
    assert state[SUBSIDY] == 156_250_000
    assert value == pytest.approx(hashvalue(1.25e14, 0.25 * 3.125 + 0.75 * 1.5625), rel=1e-12)


def test_the_subsidy_of_later_eras_is_cut_to_whole_satoshi():
    state = network(210_000.0 * 10 - 1.0, 1e14)
    assert state[SUBSIDY] == 9_765_625
    find_blocks(state, hashrate(1e14, 600.0), 0.0, True)
    assert state[SUBSIDY] == 4_882_812


@settings(deadline=None)
@given(st.floats(-3.0, 3.0))
def test_luck_moves_the_blocks_of_a_day_by_its_share_of_their_root(luck):
    state = network(900_001.0, 1e14)
    find_blocks(state, hashrate(1e14, 600.0), luck, False)
    assert state[HEIGHT] - 900_001.0 == pytest.approx(144.0 + 12.0 * luck, rel=1e-9)


def test_a_day_never_runs_backwards_however_bad_its_luck():
    state = network(900_001.0, 1e14)
    find_blocks(state, hashrate(1e14, 600.0), -50.0, False)
    assert 0.0 < state[HEIGHT] - 900_001.0 < 2.0


@pytest.mark.parametrize(("speed", "factor"), [(40.0, 4.0), (0.02, 0.25)])
def test_the_difficulty_changes_fourfold_at_most(speed, factor):
    state = network(2016 * 450.0 - 1.0, 1e14)
    state[daystep.SECONDS] = 2014 * 600.0 / speed
    find_blocks(state, hashrate(1e14, 600.0), 0.0, False)
    assert state[DIFFICULTY] == pytest.approx(factor * 1e14, rel=1e-12)


def test_the_clock_of_a_period_starts_with_its_first_block():
    # Half a block into a period, then 600 s a block: the retarget sees 2,015 intervals.
    state = network(2016 * 450.0 + 0.5, 1e14)
    rate = hashrate(1e14, 600.0)
    while state[daystep.RETARGET] == 2016 * 451.0:
        find_blocks(state, rate, 0.0, False)
    assert state[DIFFICULTY] == pytest.approx(1e14 * 2016 / 2015, rel=1e-12)
