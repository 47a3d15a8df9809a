"""Workload W1, written as a case folder and read like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

import baseload

W1 = Path(__file__).resolve().parents[2] / "benchmarks" / "cases" / "w1"

OPTIMUM = 1_666_886_026.2556
"""Of the year with ramps by unit: found by HiGHS, and by PyPSA and linopy on top of it [USD]."""
WITHOUT_RAMPS = 1_667_188_269.9152
"""Of the same year without ramps, by the same tools [USD]."""


@pytest.fixture(scope="module")
def case():
    return baseload.load(W1)


def test_w1_is_dispatched_to_its_optimum_with_a_proof(case):
    found = baseload.dispatch(case)
    assert found.objective == pytest.approx(OPTIMUM, rel=1e-6)
    assert found.gap <= 1e-6
    assert "plant ramp" in found.certificate or "HiGHS" in found.certificate


def test_w1_without_ramps_is_decided_by_merit_order_alone(case):
    found = baseload.dispatch(case.patched({"plant.unit.*.ramp": None}))
    assert found.objective == pytest.approx(WITHOUT_RAMPS, rel=1e-9)
    assert found.certificate == "merit order"
    assert found.gap <= 1e-9


def test_every_unit_of_w1_keeps_its_limits(case):
    data = baseload.dispatch(case).to_dataset()
    output = data["generation"]
    # 30 % of 950 MW an hour, and half of what is available at the least
    assert float(abs(output.diff("time")).max()) <= 285.0 + 1e-6
    available = case.values(case.tree.plant.unit["U1"].available) * 950.0
    assert bool((output.sel(unit="U1") <= available + 1e-6).all())
    assert bool((output.sel(unit="U1") >= 0.5 * available - 1e-6).all())
