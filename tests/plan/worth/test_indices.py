import subprocess
import sys

import numpy as np
import pytest

from baseload.plan.worth.indices import first_order, sobol

NAMES = ("x1", "x2", "x3")

# Ishigami and Homma (1990), a = 7, b = 0.1: variances in closed form.
A, B = 7.0, 0.1
V1 = (1 + B * np.pi**4 / 5) ** 2 / 2
V2 = A**2 / 8
V13 = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
TOTAL = V1 + V2 + V13
ISHIGAMI = {"x1": (V1, V1 + V13), "x2": (V2, V2), "x3": (0.0, V13)}

# Sobol's G with coefficients a: V_i = 1 / (3 (1 + a_i)^2), V = prod(1 + V_i) - 1.
COEFFICIENTS = np.array([0.0, 1.0, 4.5, 9.0])
PARTS = 1 / (3 * (1 + COEFFICIENTS) ** 2)


def ishigami(points):
    x = np.pi * (2 * points - 1)
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def sobol_g(points):
    return np.prod((np.abs(4 * points - 2) + COEFFICIENTS) / (1 + COEFFICIENTS), axis=1)


def test_indices_of_ishigami_are_those_of_the_closed_form():
    found = sobol(ishigami, NAMES, 1024, seed=1)
    for name, (first, total) in ISHIGAMI.items():
        assert found[name].first == pytest.approx(first / TOTAL, abs=0.03)
        assert found[name].total == pytest.approx(total / TOTAL, abs=0.03)
        assert 0 < found[name].total_error < 0.1


def test_indices_of_sobol_g_are_those_of_the_closed_form():
    names = ("a", "b", "c", "d")
    found = sobol(sobol_g, names, 1024, seed=2)
    variance = np.prod(1 + PARTS) - 1
    for name, part in zip(names, PARTS, strict=True):
        total = part * np.prod(1 + PARTS) / (1 + part) / variance
        assert found[name].first == pytest.approx(part / variance, abs=0.03)
        assert found[name].total == pytest.approx(total, abs=0.03)


def test_first_order_indices_of_futures_at_hand_agree():
    points = np.random.default_rng(3).random((8000, 3))
    found = first_order(points, ishigami(points), NAMES, seed=0)
    for name, (first, _) in ISHIGAMI.items():
        assert found[name].first == pytest.approx(first / TOTAL, abs=0.03)
        assert np.isnan(found[name].total)


def test_chance_beside_the_unknowns_takes_its_share_of_the_variance():
    chance = np.random.default_rng(4)
    points = chance.random((8000, 2))
    found = first_order(points, points[:, 0] + chance.normal(0, 12**-0.5, 8000), "ab", seed=0)
    assert found["a"].first == pytest.approx(0.5, abs=0.04)
    assert found["b"].first == pytest.approx(0.0, abs=0.04)


def test_an_outcome_that_does_not_vary_hangs_on_nothing():
    found = sobol(lambda points: np.zeros(len(points)), NAMES, 8, seed=0)
    assert {(index.first, index.total) for index in found.values()} == {(0.0, 0.0)}


def test_an_unknown_that_does_not_vary_explains_nothing():
    points = np.random.default_rng(5).random((500, 2)) * [1.0, 0.0]
    found = first_order(points, points[:, 0], ("a", "b"), seed=0)
    assert found["b"].first == 0.0
    assert found["a"].first > 0.9


@pytest.mark.parametrize(
    ("evaluate", "count", "message"),
    [
        (ishigami, 100, "power of two"),
        (lambda points: points, 8, "expected shape"),
        (lambda points: np.full(len(points), np.nan), 8, "NaN"),
    ],
)
def test_samples_and_outcomes_that_cannot_be_are_refused(evaluate, count, message):
    with pytest.raises(ValueError, match=message):
        sobol(evaluate, NAMES, count, seed=0)


def test_the_module_starts_without_salib():
    code = "import sys, baseload.plan.worth.indices; print('SALib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
