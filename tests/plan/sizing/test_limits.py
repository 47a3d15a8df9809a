import numpy as np
import pytest

from baseload.case.errors import InputError
from baseload.plan.sizing.limits import Limits, Row


def limits(*rows, least=(0.0, 0.0), most=(100.0, 200.0)):
    return Limits(("a", "b"), np.array(least), np.array(most), rows)


def test_room_is_what_bounds_and_rows_leave_together():
    low, high = limits(Row("feeder", np.array([1.0, 2.0]), 150.0), least=(50.0, 0.0)).room()
    assert low == pytest.approx([50.0, 0.0])
    assert high == pytest.approx([100.0, 50.0])


def test_a_row_alone_may_limit_a_candidate():
    _, high = limits(Row("feeder", np.array([1.0, 1.0]), 150.0), most=(100.0, np.inf)).room()
    assert high == pytest.approx([100.0, 150.0])


def test_nothing_that_limits_a_candidate_is_refused_by_name():
    with pytest.raises(InputError, match=r"candidate 'b'.*\n.*a most size"):
        limits(most=(100.0, np.inf)).room()


def test_limits_that_no_sizes_keep_are_refused_by_name():
    row = Row("feeder", np.array([1.0, 1.0]), 60.0)
    with pytest.raises(InputError, match=r"limit 'feeder' on a, b.*\n.*at least 80 MW"):
        limits(row, least=(50.0, 30.0)).room()


def test_a_least_above_the_most_is_refused():
    with pytest.raises(InputError, match="0 MW <= least <= most"):
        limits(least=(150.0, 0.0)).room()


def test_a_row_that_is_no_number_is_refused():
    with pytest.raises(InputError, match="limit 'feeder'"):
        limits(Row("feeder", np.array([1.0, np.nan]), 60.0)).room()
