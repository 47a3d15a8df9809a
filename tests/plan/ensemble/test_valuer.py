import numpy as np
import pytest
from tests.plan.sizing.duration import COST as FIXED
from tests.plan.sizing.duration import GAIN, NETS, duration_case, duration_value
from tests.plan.sizing.shares import COST, HASHES, OTHERS, REVENUE, share_case, share_value
from tests.plan.small_cases import small, studied

from baseload.plan.ensemble.simulator import Simulator
from baseload.plan.ensemble.valuer import Valuer


def test_value_and_slope_are_those_of_the_duration_curves(tmp_path):
    with Valuer(duration_case(tmp_path), "all", scenarios=2) as valuer:
        assert valuer.mines == ("pilot",)
        for power in (0.0, 100.0, 500.0, 800.0):
            values, slopes = valuer.value(np.array([power]))
            assert values == pytest.approx(duration_value(power), rel=1e-9, abs=1e-3)
            assert slopes == pytest.approx(GAIN * (power < NETS).sum() - FIXED, rel=1e-9)
        assert valuer.built.all()
        # Hashprice of the case.
        assert valuer.hashprice == pytest.approx(40.0)


def test_a_megawatt_lowers_the_pay_of_all_hashes_beside_it(tmp_path):
    with Valuer(share_case(tmp_path), "all", scenarios=1) as valuer:
        for power in (0.0, 1000.0, 6000.0):
            values, slopes = valuer.value(np.array([power]))
            assert values == pytest.approx(share_value(power), rel=1e-9, abs=1e-3)
            others = OTHERS / (OTHERS + HASHES * power)
            margin = REVENUE * 14.0 * (1.0 + others**2) - COST
            # The answer is that to a whole megawatt, a part of 1e-4 of the network.
            assert slopes == pytest.approx(margin, abs=1e-3 * REVENUE)


def test_values_alone_are_the_same_as_with_slopes(tmp_path):
    with Valuer(duration_case(tmp_path), "all", scenarios=2) as valuer:
        with_slopes, _ = valuer.value(np.array([700.0]))
        alone, none = valuer.value(np.array([700.0]), slopes=False)
    assert (alone == with_slopes).all()
    assert not none.any()


GATE = """
[stages]
order = ["talk", "operate"]
reached = "talk"

[gate.permit]
title = "The regulator agrees"
stage = "operate"
date = 2028-01-03
probability = 0.25
"""
WAITS = '[alternative.all]\ntitle = "As written"\nneeds = ["permit"]\n'


def test_open_gates_give_every_future_what_it_is_worth_where_they_happen_to_open(tmp_path):
    case = small(tmp_path, gates=GATE, alternatives=WAITS)
    power = np.array([100.0])
    with (
        Valuer(case, "all", scenarios=40, seed=3) as drawn,
        Valuer(case, "all", scenarios=40, seed=3, opened=True) as opened,
    ):
        by_luck, _ = drawn.value(power)
        always, _ = opened.value(power)
        assert (drawn.chance, opened.chance) == (1.0, 0.25)
        assert opened.built.all()
        # A quarter of forty, give or take three standard deviations.
        assert drawn.built.sum() == pytest.approx(10, abs=8.2)
        assert by_luck[drawn.built] == pytest.approx(always[drawn.built], rel=1e-12)
        assert not by_luck[~drawn.built].any()


def test_the_value_is_that_of_a_study_and_workers_do_not_change_it(tmp_path):
    case = studied(tmp_path)
    simulator = Simulator(case, ("pilot",), 7, 20, rounded=False)
    expected = simulator.run(0, 20)["mine_value"][0]
    with (
        Valuer(case, "pilot", scenarios=20, seed=7) as one,
        Valuer(case, "pilot", scenarios=20, seed=7, workers=2) as two,
    ):
        assert one.value(np.array([30.0]))[0] == pytest.approx(expected, rel=1e-9)
        for ours, theirs in zip(one.value(np.array([200.0])), two.value(np.array([200.0])),
                                strict=True):  # fmt: skip
            assert (ours == theirs).all()
