"""Counter-based random numbers: known answers, distributions, and independence of how asked."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special, stats

from baseload.plan.futures.random import (
    driver_key,
    exponential,
    fill_normals,
    fill_uniforms,
    inverse_normal,
    normal,
    philox,
    uniform,
)

KEY = driver_key("bitcoin_price")
N = 200_000

# Random123, tests/kat_vectors, philox4x32 with 10 rounds: counter, key, answer.
KNOWN = [
    ("00000000 " * 4, "00000000 " * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff " * 4, "ffffffff " * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


def words(text: str) -> list[np.uint64]:
    return [np.uint64(int(word, 16)) for word in text.split()]


def uniforms(n: int, seed: int = 1, scenario: int = 0, driver: int = KEY, first: int = 0):
    out = np.empty(n)
    fill_uniforms(seed, scenario, driver, first, out)
    return out


def normals(n: int, seed: int = 1, scenario: int = 0, driver: int = KEY, first: int = 0):
    out = np.empty(n)
    fill_normals(seed, scenario, driver, first, out)
    return out


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_known_answers_of_its_authors(counter, key, answer):
    assert [int(w) for w in philox(*words(counter), *words(key))] == [int(w) for w in words(answer)]


def test_a_uniform_is_the_upper_52_bits_of_a_known_block():
    # Counter 0 under key 0, first two words, the first of them the low one.
    bits = 0xE169C58D6627E8D5 >> 12
    assert uniform(0, 0, 0, 0) == (bits + 0.5) / 2**52


def test_a_driver_is_found_by_the_first_four_bytes_of_the_hash_of_its_name():
    assert driver_key("fees") == int(hashlib.sha256(b"fees").hexdigest()[:8], 16)


@given(first=st.integers(0, 2**40), n=st.integers(0, 70), cut=st.integers(0, 70))
@settings(max_examples=60, deadline=None)
def test_values_do_not_depend_on_how_their_range_is_split(first, n, cut):
    cut = min(cut, n)
    for fill in (uniforms, normals):
        whole = fill(n, first=first)
        assert_array_equal(whole, np.r_[fill(cut, first=first), fill(n - cut, first=first + cut)])
    assert_array_equal(uniforms(n, first=first), [uniform(1, 0, KEY, first + i) for i in range(n)])
    assert_array_equal(normals(n, first=first), [normal(1, 0, KEY, first + i) for i in range(n)])


def test_long_ranges_agree_with_single_values_across_the_seams_of_tiles():
    whole = normals(5000, first=3)
    assert_array_equal(whole[::7], [normal(1, 0, KEY, 3 + i) for i in range(0, 5000, 7)])


def test_uniforms_are_uniform_in_the_open_interval():
    u = uniforms(N)
    assert u.min() > 0
    assert u.max() < 1
    assert stats.kstest(u, "uniform").pvalue > 0.01
    assert_allclose(u.mean(), 0.5, atol=4 / np.sqrt(12 * N))


def test_normals_have_the_moments_and_the_distribution_of_the_standard_normal():
    z = normals(N)
    assert stats.kstest(z, "norm").pvalue > 0.01
    for power, moment in ((1, 0), (2, 1), (3, 0), (4, 3)):
        spread = np.sqrt((special.factorial2(2 * power - 1) - moment**2) / N)
        assert abs(np.mean(z**power) - moment) < 4 * spread


def test_exponentials_have_mean_one():
    x = np.array([exponential(1, 0, KEY, i) for i in range(20_000)])
    assert stats.kstest(x, "expon").pvalue > 0.01


def test_the_inverse_normal_agrees_with_scipy_from_the_far_tail_to_the_centre():
    p = np.concatenate(
        (np.logspace(-300, -1, 500), np.linspace(0.01, 0.99, 500), 1 - 2.0**-53 * np.arange(1, 50))
    )
    mine = np.array([inverse_normal(value) for value in p])
    assert_allclose(mine, special.ndtri(p), rtol=5e-15, atol=1e-16)
    assert inverse_normal(0.5) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 2},
        {"seed": 1 + 2**32},
        {"scenario": 1},
        {"driver": driver_key("fees")},
        {"first": N},
    ],
)
def test_numbers_of_another_key_are_independent(other):
    a, b = uniforms(N), uniforms(N, **other)
    assert not np.any(a == b)
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(N)
    # Pairs fill a 16 x 16 grid evenly.
    cells = np.histogram2d(a, b, bins=16, range=[[0, 1], [0, 1]])[0].ravel()
    assert stats.chisquare(cells).pvalue > 0.001


def test_neighbours_in_a_range_are_independent():
    z = normals(N)
    for lag in (1, 2, 24):
        assert abs(np.corrcoef(z[:-lag], z[lag:])[0, 1]) < 4 / np.sqrt(N)
