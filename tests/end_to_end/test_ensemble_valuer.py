"""Mines valued by one process or by several: the same values and slopes, to the last bit."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from tests.plan.ensemble.random_cases import random_case

from baseload.plan.ensemble.valuer import Valuer

SCENARIOS = 60
POWERS = (np.zeros(2), np.array([170.0, 33.0]), np.array([420.0, 210.0]))


def test_values_do_not_depend_on_how_many_work_and_are_concave(tmp_path):
    # Mines of 'restarted' wait for gates that open in 56 % of futures: enough for three processes.
    case = random_case(tmp_path / "case", 11).patched({"money.tax_rate": "0 %"})
    found = []
    for workers in (1, 2, 3):
        with Valuer(case, "restarted", scenarios=SCENARIOS, seed=5, workers=workers) as valuer:
            assert valuer.mines == ("pilot", "behind")
            found.append([valuer.value(powers) for powers in POWERS])
    for other in found[1:]:
        for (values, slopes), (same, tilts) in zip(found[0], other, strict=True):
            assert_array_equal(values, same)
            assert_array_equal(slopes, tilts)
    (none, rise), (half, _), (whole, _) = found[0]
    assert none.shape == (SCENARIOS,)
    assert rise.shape == (SCENARIOS, 2)
    scale = np.abs(whole).max()
    assert_allclose(none, 0.0, rtol=0, atol=1e-9 * scale)
    assert 0 < (whole != 0.0).sum() < SCENARIOS
    # Slopes at nothing bound what any power is worth, as no network answers here.
    for powers, values in zip(POWERS[1:], (half, whole), strict=True):
        assert (values <= rise @ powers + 1e-9 * scale).all()
