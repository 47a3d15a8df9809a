"""Pool pay against closed forms, Rosenfeld's results and a brute-force sum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from baseload.bitcoin.pools import SCHEMES, TIDES_WINDOW, fpps, pplns, pps, solo, tides
from baseload.bitcoin.revenue import expected_blocks
from baseload.case.errors import InputError

D = 125e12
R = 3.2
blocks = st.floats(1e-3, 1e3)
fees = st.floats(0, 0.5)


@given(blocks, fees)
def test_all_schemes_pay_the_same_mean_where_blocks_carry_no_fees(expected, fee):
    paid = [
        solo(expected, R, fee).mean_btc,
        pps(expected, R, fee).mean_btc,
        fpps(expected, R, 0.0, fee).mean_btc,
    ]
    assert_allclose(paid, expected * R * (1 - fee), rtol=1e-12)


def test_solo_mining_varies_as_the_number_of_blocks():
    # Rosenfeld, section 1.2: relative standard deviation 1 / sqrt(expected blocks).
    pay = solo(4.83, R)
    assert pay.std_btc / pay.mean_btc == pytest.approx(4.83**-0.5)
    assert pay.std_btc / pay.mean_btc == pytest.approx(0.45, abs=0.006)
    assert solo(4.83, R, reward_std=0.4).variance_btc2 == pytest.approx(4.83 * (R**2 + 0.16))


@given(blocks, fees)
def test_pps_with_shares_as_hard_as_blocks_is_solo_mining(expected, fee):
    assert pps(expected, R, fee, share_work=1.0).variance_btc2 == pytest.approx(
        solo(expected, R, fee).variance_btc2
    )


def test_pps_pays_no_fees_and_fpps_their_mean():
    assert fpps(10.0, 3.125, 0.05).mean_btc - pps(10.0, 3.125).mean_btc == pytest.approx(0.5)
    assert pps(10.0, 3.125).variance_btc2 == 0.0


@given(st.floats(0.01, 1), st.floats(0.1, 20), fees)
def test_a_steady_fleet_in_a_window_earns_its_share_with_the_luck_of_the_pool(share, window, fee):
    pool = 20e6
    pay = pplns(100.0, share * pool, pool, D, R, window=window, pool_fee=fee).total
    of_pool = expected_blocks(pool, 100.0, D)
    paid = R * (1 - fee)
    assert pay.mean_btc == pytest.approx(of_pool * share * paid)
    assert pay.variance_btc2 == pytest.approx(of_pool * (share * paid) ** 2)


def test_one_share_in_a_window_has_the_variance_of_rosenfeld():
    # arXiv:1112.4980, section 3.3: a share worth p blocks is paid Poisson(X) times p R / X,
    # so that its pay has the mean p R and the variance p^2 R^2 / X.
    window = 2.5
    pool = 20e6
    worth = expected_blocks(pool, 1e-4, D)
    pay = pplns(
        [1e-4, 1000.0], [pool, 0.0], [pool, pool], D, R, window=window, share_before=0.0
    ).total
    assert pay.mean_btc == pytest.approx(worth * R, rel=1e-6)
    assert pay.variance_btc2 == pytest.approx((worth * R) ** 2 / window, rel=1e-4)


@given(st.floats(0.01, 1), st.floats(0.5, 10))
def test_a_curtailed_fleet_is_paid_on_while_its_window_runs_out(share, window):
    pool = 20e6
    long = 3 * window / expected_blocks(pool, 1.0, D)
    pay = pplns(long, 0.0, pool, D, R, window=window, share_before=share)
    # w falls from share to 0 in a straight line over the window.
    assert pay.total.mean_btc == pytest.approx(R * window * share / 2)
    assert pay.total.variance_btc2 == pytest.approx(R**2 * window * share**2 / 3)
    assert pay.window_share[-1] == pytest.approx(0, abs=1e-12)


def test_a_fleet_that_comes_back_waits_until_the_window_has_filled():
    pool = 20e6
    half = 4.0 / expected_blocks(pool, 1.0, D)
    pay = tides([half, half, half], [pool / 2] * 3, [pool] * 3, D, R, share_before=0.0)
    assert pay.window_share == pytest.approx([0.25, 0.5, 0.5])
    assert pay.mean_btc == pytest.approx([R * 4 / 8, R * 4 * 3 / 8, R * 4 / 2])


def test_a_stop_shifts_pay_but_loses_none_while_difficulty_stands_still():
    pool = 20e6
    hours = [50.0, 30.0, 50.0, 4000.0]
    own = [pool / 4, 0.0, pool / 4, 0.0]
    pay = pplns(hours, own, [pool] * 4, D, R, window=8.0, share_before=0.0)
    assert pay.total.mean_btc == pytest.approx(expected_blocks(pool / 4, 100.0, D) * R)


def test_work_paid_after_difficulty_has_risen_is_worth_less():
    pool = 20e6
    hours, own = [50.0, 4000.0], [pool / 4, 0.0]
    level, risen = (
        pplns(hours, own, [pool] * 2, d, R, window=8.0, share_before=0.0).total.mean_btc
        for d in ([D, D], [D, 1.1 * D])
    )
    assert level / 1.1 < risen < level


steps = st.lists(
    st.tuples(st.floats(1, 60), st.floats(0, 1), st.floats(1e6, 4e7), st.floats(0.8, 1.25)),
    min_size=1,
    max_size=6,
)


@given(steps, st.floats(0.3, 10), st.floats(0, 1))
def test_window_pay_agrees_with_a_brute_force_sum(rows, window, before):
    hours, shares, pool, change = (np.array(column) for column in zip(*rows, strict=True))
    difficulty = D * change
    pay = pplns(hours, shares * pool, pool, difficulty, R, window=window, share_before=before)
    cells = 400
    work = np.repeat(pool * hours / cells, cells) * 3600e12
    own = work * np.repeat(shares, cells)
    at = np.cumsum(work) - work / 2
    done = np.concatenate(([-1e30], [0.0], np.cumsum(work)))
    done_own = np.concatenate(([-before * 1e30], [0.0], np.cumsum(own)))
    for i in range(len(rows)):
        cell = slice(i * cells, (i + 1) * cells)
        span = window * difficulty[i] * 2**32
        begin = at[cell] - span
        old = np.where(begin < 0, before * begin, np.interp(begin, done[1:], done_own[1:]))
        weight = (np.interp(at[cell], done[1:], done_own[1:]) - old) / span
        rate = work[cell] / (difficulty[i] * 2**32)
        # A bend of w inside one of the cells costs the sum up to 1e-4 of a full step.
        for exact, cells_sum, full in (
            (pay.mean_btc[i], (rate * R * weight).sum(), rate.sum() * R),
            (pay.variance_btc2[i], (rate * (R * weight) ** 2).sum(), rate.sum() * R**2),
        ):
            assert exact == pytest.approx(cells_sum, rel=1e-4, abs=1e-4 * full)


def test_tides_is_a_window_of_eight_blocks():
    arguments = ([10.0, 20.0], [1e6, 0.0], [2e7, 2e7], D, R)
    assert TIDES_WINDOW == 8
    assert_allclose(
        tides(*arguments, pool_fee=0.02).mean_btc,
        pplns(*arguments, window=8.0, pool_fee=0.02).mean_btc,
    )


def test_every_scheme_says_whose_fees_it_pays_and_who_carries_the_luck():
    assert set(SCHEMES) == {"PPS", "FPPS", "PPLNS", "TIDES", "solo"}
    for scheme in SCHEMES.values():
        assert scheme.pays_fees == (scheme.fee_reference != "none")
        assert 0 <= scheme.fee_low <= scheme.fee_high < 0.1
        assert scheme.luck


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hours": 0.0}, "hours"),
        ({"pool_ths": [1e6, 0.0]}, "pool_ths"),
        ({"difficulty": -1.0}, "difficulty"),
        ({"window": 0.0}, "window"),
        ({"own_ths": 3e7}, "own_ths"),
        ({"own_ths": float("nan")}, "own_ths"),
        ({"pool_fee": 1.0}, "pool_fee"),
    ],
)
def test_impossible_pools_are_refused_by_name(change, message):
    arguments = {
        "hours": 10.0,
        "own_ths": 1e6,
        "pool_ths": 2e7,
        "difficulty": D,
        "reward": R,
        "window": 8.0,
    }
    with pytest.raises(InputError, match=message):
        pplns(**(arguments | change))
