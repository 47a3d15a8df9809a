import numpy as np
import pytest

from baseload.plan.sizing.margins import level, margins


def test_a_margin_is_the_mean_slope_and_the_share_of_futures_in_which_it_pays():
    slopes = np.array([[10.0, -1.0], [-30.0, -1.0], [20.0, -1.0], [40.0, -1.0]])
    hashprice = np.array([50.0, 10.0, 30.0, 60.0])
    first, second = margins(("a", "b"), slopes, hashprice)
    assert (first.candidate, first.mean, first.pays) == ("a", 10.0, 0.75)
    assert (first.hashprice, first.told) == (20.0, 1.0)
    assert (second.mean, second.pays, second.told) == (-1.0, 0.0, 1.0)
    assert np.isnan(second.hashprice)


def test_the_level_tells_as_many_futures_as_one_level_can():
    pays = np.array([False, True, False, True, True])
    # By hand: above 25 all three but one of five are told; above 35 the one at 20 is missed.
    found, told = level(pays, np.array([10.0, 20.0, 30.0, 40.0, 50.0]))
    assert told == pytest.approx(0.8)
    assert found in (15.0, 35.0)


def test_where_all_futures_pay_there_is_no_level():
    assert np.isnan(level(np.array([True, True]), np.array([1.0, 2.0]))[0])
