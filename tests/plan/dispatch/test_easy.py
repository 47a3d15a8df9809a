import numpy as np

from baseload.plan.dispatch.easy import NO_ROW, easy_steps, other_steps


def easy(worth, capacity, *, limit=None, cost=6.0, low=100.0, high=300.0, competes=False):
    """One step with uses on the busbar, the last below a node if there is a limit."""
    count = len(worth)
    below = np.zeros((0 if limit is None else 1, count), np.bool_)
    below[:, -1:] = True
    demand, own, found = np.empty(1), np.empty(1), np.empty(1, np.bool_)
    easy_steps(
        np.array(worth, float)[:, None], np.array(capacity, float)[:, None], below,
        np.full((len(below), 1), limit or 0.0), np.full(1, cost), np.full(1, low),
        np.full(1, high), np.full(1, competes), demand, own, found,
    )  # fmt: skip
    return demand[0], own[0], found[0]


def test_where_all_that_pays_fits_the_demand_is_the_output():
    # By hand: 50 and 120 MW are worth more than 6; they earn 50 x 94 + 120 x 4 + 6 x 100.
    assert easy([100.0, 10.0, 2.0], [50.0, 120.0, 500.0]) == (170.0, 5780.0, True)


def test_where_something_competes_a_step_is_not_easy():
    scarce = easy([100.0, 10.0], [250.0, 120.0])[2]
    must_run = easy([100.0, 2.0], [50.0, 120.0])[2]
    behind = easy([100.0, 10.0], [50.0, 120.0], limit=90.0)[2]
    tied = easy([100.0, 6.0], [150.0, 20.0])[2]
    imported = easy([100.0], [150.0], competes=True)[2]
    assert not any((scarce, must_run, behind, tied, imported))


def test_neighbours_of_a_clash_are_listed_and_no_others():
    easy_, demand = np.ones(20, np.bool_), np.full(20, 100.0)
    demand[10:] = 500.0
    steps, row = np.empty(20, np.int64), np.empty(20, np.int64)
    found = other_steps(easy_, demand, np.full(19, 200.0), np.full(19, 200.0), 2, steps, row)
    assert steps[:found].tolist() == [7, 8, 9, 10, 11, 12, 13]
    assert row[7:14].tolist() == list(range(7))
    assert (np.delete(row, np.arange(7, 14)) == NO_ROW).all()


def test_where_ramps_are_wide_no_step_is_listed():
    steps, row = np.empty(5, np.int64), np.empty(5, np.int64)
    demand = np.array([1.0, 9.0, 1.0, 9.0, 1.0])
    wide = np.full(4, 10.0)
    assert other_steps(np.ones(5, np.bool_), demand, wide, wide, 2, steps, row) == 0
