"""What a relaxed schedule is checked for before it is called optimal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from baseload.plan.dispatch import certify
from baseload.plan.dispatch.merit import merit_order
from baseload.plan.dispatch.problem import Problem, Storage, Units, UseKind, Uses

T = 6


def one_unit(**units: object) -> Problem:
    """Six hours of a 100 MW unit and a market that takes all."""
    return Problem(
        steps=T,
        step=1.0,
        units=replace(
            Units(("unit",), np.full((1, T), 100.0), np.full((1, T), 40.0), np.array([6.0])),
            **units,
        ),
        uses=Uses(
            ("export",), (UseKind.MARKET,), np.array([-1]), np.full((1, T), 200.0),
            np.full((1, T), 50.0),
        ),
    )  # fmt: skip


def test_a_step_faster_than_the_ramp_is_found() -> None:
    problem = one_unit(ramp_up=np.array([30.0]), ramp_down=np.array([20.0]))
    output = np.array([[40.0, 70.0, 100.0, 80.0, 59.0, 90.0]])
    np.testing.assert_array_equal(np.flatnonzero(certify.ramps_broken(problem, output)), [4, 5])


def test_a_known_output_before_the_first_step_counts() -> None:
    problem = one_unit(ramp_up=np.array([30.0]), initial=np.array([40.0]))
    output = np.full((1, T), 100.0)
    np.testing.assert_array_equal(np.flatnonzero(certify.ramps_broken(problem, output)), [0])


@pytest.mark.parametrize(
    ("status", "hours", "kept"),
    [
        ([1, 1, 1, 1, 1, 1], 0.0, True),
        ([1, 0, 0, 1, 1, 1], 0.0, True),  # how long it ran before is not known
        ([1, 0, 0, 1, 1, 1], 1.0, False),  # two hours on, three are asked for
        ([1, 0, 0, 1, 1, 1], 5.0, True),
        ([1, 1, 1, 0, 1, 1], 5.0, False),  # one hour off, two are asked for
        ([1, 0, 0, 1, 1, 0], 5.0, False),  # two hours on in between
        ([0, 0, 1, 1, 1, 1], 1.0, False),  # stops after one hour on
        ([0, 1, 1, 1, 1, 1], -1.0, True),  # off for two hours in all
        ([1, 1, 1, 1, 1, 1], -1.0, False),  # off for one hour only
    ],
)
def test_minimum_times_are_counted_from_before_the_horizon(
    status: list[int], hours: float, kept: bool
) -> None:
    problem = one_unit(
        commit=np.array([True]),
        min_up=np.array([3.0]),
        min_down=np.array([2.0]),
        initial_hours=np.array([hours]),
    )
    schedule = merit_order(problem).schedule
    on = np.array([status], np.float64)
    schedule = replace(schedule, status=on, generation=on * 50.0, starts=np.zeros_like(on))
    assert certify.commitment_kept(problem, schedule) is kept


def test_what_a_store_can_add_is_what_it_earns_at_the_prices() -> None:
    # Buys 10 MWh at 5, sells 8.1 of them at 65: by hand 526.5 - 50.
    store = Storage("battery", 10.0, 10.0, 40.0, 0.9, 0.9)
    problem = replace(one_unit(), storages=(store,))
    price = np.array([65.0, 5.0, 65.0, 65.0, 65.0, 65.0])
    assert certify.most_stores_can_add(problem, price) == pytest.approx(476.5)
    assert certify.most_stores_can_add(problem, np.full(T, 65.0)) == pytest.approx(0.0)


def test_an_idle_store_must_still_end_high_enough() -> None:
    leaky = Storage("leaky", 1.0, 1.0, 10.0, standing_loss=0.05, initial=8.0, final=6.0)
    assert not certify.idle_stores_keep_enough(replace(one_unit(), storages=(leaky,)))
    assert certify.idle_stores_keep_enough(
        replace(one_unit(), storages=(replace(leaky, final=5.0),))
    )
