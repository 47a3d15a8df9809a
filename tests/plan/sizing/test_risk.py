import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from baseload.case.errors import InputError
from baseload.plan.sizing.risk import EXPECTED, Risk, parse_risk

values = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40).map(np.array)
shares = st.floats(0.01, 1.0)


@pytest.mark.parametrize(
    # Quantile of the standard normal at 5 % and 25 %, from tables.
    ("alpha", "quantile"),
    [(0.05, -1.6448536269514722), (0.25, -0.6744897501960817)],
)
def test_the_tail_of_a_normal_has_its_closed_form(alpha, quantile):
    count = 200_000
    # Values at the middle of equal shares of probability stand for the distribution itself.
    from scipy.stats import norm

    drawn = 100.0 + 20.0 * norm.ppf((np.arange(count) + 0.5) / count)
    density = math.exp(-0.5 * quantile**2) / math.sqrt(2.0 * math.pi)
    tail = 100.0 - 20.0 * density / alpha
    assert Risk(alpha, 1.0).measure(drawn) == pytest.approx(tail, rel=1e-5)
    assert Risk(alpha, 0.25).measure(drawn) == pytest.approx(0.75 * 100.0 + 0.25 * tail, rel=1e-5)


def test_a_share_between_two_futures_counts_the_second_in_part():
    # The worst 1.5 of four futures: all of -10 and half of 2.
    assert Risk(0.375, 1.0).measure(np.array([2.0, 50.0, -10.0, 7.0])) == pytest.approx(-6.0)


@given(values, shares, st.floats(0.0, 1.0))
def test_weights_sum_to_one_and_none_is_negative(drawn, alpha, weight):
    weights = Risk(alpha, weight).weights(drawn)
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0.0).all()


@given(values, shares, st.floats(0.0, 1.0), st.integers(0, 2**32 - 1))
def test_weights_are_a_supergradient(drawn, alpha, weight, seed):
    risk = Risk(alpha, weight)
    other = np.random.default_rng(seed).normal(0.0, 1e8, len(drawn))
    bound = float(risk.weights(drawn) @ other)
    assert risk.measure(other) <= bound + 1e-6 * max(1.0, np.abs(other).max())


@given(values, shares, st.floats(0.0, 1.0), st.floats(-1e6, 1e6))
def test_a_certain_sum_adds_itself_and_bad_futures_never_raise_the_measure(
    drawn, alpha, weight, sure
):
    risk = Risk(alpha, weight)
    scale = max(1.0, np.abs(drawn).max())
    assert_allclose(risk.measure(drawn + sure), risk.measure(drawn) + sure, atol=1e-8 * scale)
    assert risk.measure(drawn) <= EXPECTED.measure(drawn) + 1e-9 * scale


def test_the_option_is_read_and_written_alike():
    assert parse_risk("expected") == EXPECTED
    assert parse_risk("cvar:0.05:0.5") == Risk(0.05, 0.5)
    assert str(parse_risk("cvar:0.05:0.5")) == "cvar:0.05:0.5"
    assert str(EXPECTED) == "expected"


@pytest.mark.parametrize(
    "text",
    ["", "cvar", "cvar:0.05", "cvar:0:0.5", "cvar:5:0.5", "cvar:a:b", "expected:1", "var:1:1"],
)
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(InputError, match=r"cvar:0\.05:0\.5"):
        parse_risk(text)
