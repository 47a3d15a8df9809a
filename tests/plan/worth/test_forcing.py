import numpy as np
import pytest
from tests.plan.worth.gated_case import GATES, gated_case

from baseload.plan.ensemble.run import simulate
from baseload.plan.worth.forcing import Forcing, probability

COUNT = 150
MINING = ("large", "small", "decreed")


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return gated_case(tmp_path_factory.mktemp("gated"))


@pytest.fixture(scope="module")
def forcing(case):
    return Forcing.of(case, case.alternatives)


@pytest.fixture(scope="module")
def forced(case, forcing):
    return simulate(case, forcing.mining, scenarios=COUNT, seed=4, factory=forcing)


@pytest.fixture(scope="module")
def plain(case):
    return simulate(case, MINING, scenarios=2 * COUNT, seed=11)


def test_gates_are_opened_and_news_that_an_alternative_can_do_without_is_drawn(forcing):
    assert forcing.mining == MINING
    assert forcing.needs["large"] == {"agreement", "permit"}
    # The decree lifts the ban for all mines, and only one waits for it.
    assert forcing.drawn == ("decree",)
    assert forcing.chances == {"agreement": 1.0, "permit": 1.0, "decree": (0.3 + 0.5) / 2}
    assert forcing.only("decreed").chances["decree"] == 1.0


def test_a_bar_that_a_needed_gate_lifts_is_no_news(tmp_path):
    gates = GATES.replace("probability = 0.6\n", 'probability = 0.6\nlifts = ["R01"]\n')
    found = Forcing.of(gated_case(tmp_path, gates=gates), ["large"])
    assert found.drawn == ()


def test_all_else_is_drawn_as_without_forcing(case, forced):
    same = simulate(case, MINING, scenarios=20, seed=4)
    np.testing.assert_array_equal(forced.of("bitcoin_price")[:20], same.of("bitcoin_price"))
    np.testing.assert_array_equal(forced.of("unknown_level")[:, :20], same.of("unknown_level"))
    opened = np.isfinite(same.of("gate_open")).all(axis=0)
    assert opened.any()
    values, others = forced.of("mine_value")[:, :20], same.of("mine_value")
    np.testing.assert_array_equal(values[:, opened], others[:, opened])


def test_gates_open_in_forced_futures(forced):
    shares = dict(zip(forced.gates, np.isfinite(forced.of("gate_open")).mean(axis=1), strict=True))
    assert (shares["agreement"], shares["permit"]) == (1.0, 1.0)
    assert shares["decree"] == pytest.approx(0.4, abs=4 * (0.4 * 0.6 / COUNT) ** 0.5)


def test_the_draw_of_news_is_the_one_of_the_futures(forced, forcing):
    gated = forcing.gated(forced)
    opened = np.isfinite(forced.of("gate_open")[forced.gates.index("decree")])
    np.testing.assert_array_equal(gated.drawn["decree"], opened)
    np.testing.assert_allclose(np.unique(gated.weight), [0.3 / 0.4, 0.7 / 0.6])


def test_a_probability_that_is_not_known_follows_its_draws(forced, forcing):
    row = probability(forced, "permit")
    assert row.min() > 0.4
    assert row.max() < 0.8
    assert np.unique(row).size == COUNT
    assert set(probability(forced, "agreement")) == {0.7}
    assert forcing.gated(forced).chance(1) == pytest.approx(0.7 * 0.6, abs=0.01)


@pytest.mark.parametrize("name", MINING)
def test_weighted_futures_agree_with_futures_as_they_come(forcing, forced, plain, name):
    weighted = forcing.gated(forced).joint[1 + MINING.index(name)]
    values = plain.of("mine_value", name)
    error = np.hypot(weighted.std() / COUNT**0.5, values.std() / (2 * COUNT) ** 0.5)
    assert weighted.mean() == pytest.approx(values.mean(), abs=4 * error)
    assert values.mean() != 0.0


def test_worth_of_knowing_everything_agrees_too(forcing, forced, plain):
    gated = forcing.gated(forced)
    weighted, now = gated.everything(), gated.joint.mean(axis=1).max()
    values = plain.of("mine_value")
    regret = np.maximum(values.max(axis=0), 0.0)
    error = np.hypot(weighted.error, regret.std() / (2 * COUNT) ** 0.5)
    assert weighted.worth + now == pytest.approx(regret.mean(), abs=4 * error)
