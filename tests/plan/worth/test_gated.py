import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.plan.worth.gated import Gated, choice_of
from baseload.plan.worth.information import evppi

COPIES = 100
EVERY = np.ones(4 * COPIES)
X = np.tile([10.0, 10.0, -10.0, -10.0], COPIES)
Y = np.tile([20.0, -30.0, 20.0, -30.0], COPIES)


def two_gates(**changes):
    """Return A behind gate g (0.5), B behind g and then h (0.4); X and Y are independent."""
    parts = {
        "names": ("nothing", "A", "B"),
        "values": np.vstack([0.0 * X, X, Y]),
        "needs": (frozenset(), frozenset("g"), frozenset("gh")),
        "chances": {"g": 0.5 * EVERY, "h": 0.4 * EVERY},
        "drawn": {},
        "weight": EVERY,
        "before": {"g": frozenset("g"), "h": frozenset("gh")},
    }
    return Gated(**{**parts, **changes})


def with_news(values, chance=0.2, asked=0.5):
    """Return one alternative that news changes the value of, drawn more often than it comes."""
    came = np.tile([True, True, False, False], COPIES)
    return Gated(
        names=("nothing", "A", "C"),
        # What C holds where its gate did not come must not count.
        values=np.vstack([0.0 * X, np.where(came, *values), np.where(came, 8.0, 99.0)]),
        needs=(frozenset(), frozenset(), frozenset("n")),
        chances={"n": chance * EVERY},
        drawn={"n": came},
        weight=np.where(came, chance / asked, (1 - chance) / (1 - asked)),
        before={"n": frozenset("n")},
    )


def test_values_are_weighted_by_the_probability_that_all_gates_open():
    gated = two_gates()
    assert (gated.chance(1), gated.chance(2)) == pytest.approx((0.5, 0.2))
    assert (gated.opens("g"), gated.opens("h")) == pytest.approx((0.5, 0.2))
    # B is worth (20 - 30) / 2 where its gates open, in 0.2 of all futures.
    np.testing.assert_allclose(gated.joint.mean(axis=1), [0.0, 0.0, -1.0])


def test_knowing_everything_chooses_the_best_of_those_that_are_open():
    # Only g (0.3): E max(0, X) = 5. Both (0.2): (20 + 10 + 20 + 0) / 4 = 12.5.
    assert two_gates().everything().worth == pytest.approx(0.3 * 5 + 0.2 * 12.5)


def test_an_unknown_is_worth_what_it_is_in_the_futures_whose_gates_open():
    # X = 10: 0.5 * 10 from A; X = -10: nothing.
    assert evppi(two_gates().joint, X).worth == pytest.approx(0.5 * 0.5 * 10)


def test_a_gate_is_worth_nothing_where_building_does_not_pay_on_average():
    gated = two_gates()
    assert gated.of_gate("g", EVERY).worth == pytest.approx(0.0, abs=1e-12)
    assert gated.of_gate("h", EVERY).worth == pytest.approx(0.0, abs=1e-12)


def test_all_other_news_is_worth_more_once_a_gate_has_opened():
    gated = two_gates()
    assert gated.given("g").everything().worth == pytest.approx((0.3 * 5 + 0.2 * 12.5) / 0.5)
    assert gated.given("h").everything().worth == pytest.approx(12.5)


def test_when_a_gate_opens_is_news_too():
    # Open in half of all futures, early or late: +10 or -20.
    early = np.tile([1.0, 3.0], 2 * COPIES)
    value = np.where(early == 1.0, 10.0, -20.0)
    gated = two_gates(values=np.vstack([0.0 * X, value, 0.0 * X - 1.0]))
    assert gated.of_gate("g", early).worth == pytest.approx(0.5 * 0.5 * 10)
    assert gated.law(early[None]).worth == pytest.approx(0.5 * 0.5 * 10)


def test_all_gates_together_tell_which_alternative_is_open():
    # A costs 1 if both may be built but is worth 4; B is worth 10; today both are worth the mean.
    gated = two_gates(values=np.vstack([0.0 * X, 0.0 * X + 4.0, 0.0 * X + 15.0]))
    # Now: B, 0.2 * 15 = 3. Known: 0.3 * 4 + 0.2 * 15.
    assert gated.law(np.empty((0, X.size))).worth == pytest.approx(1.2)
    # g alone: if it opens (0.5), B: 0.4 * 15 = 6 against A: 4; nothing changes.
    assert gated.of_gate("g", EVERY).worth == pytest.approx(0.0)
    # h says of B; A is left where h stays shut: 0.2 * 15 + 0.8 * (0.3 / 0.8) * 4.
    assert gated.of_gate("h", EVERY).worth == pytest.approx(1.2)


def test_news_that_was_drawn_too_often_is_weighted_back():
    gated = with_news((10.0, -5.0))
    np.testing.assert_allclose(gated.joint.mean(axis=1), [0.0, 0.2 * 10 - 0.8 * 5, 0.2 * 8])
    # Now C: 1.6. Known: A if it comes.
    assert gated.of_gate("n", EVERY).worth == pytest.approx(0.2 * 10 - 1.6)
    assert gated.everything().worth == pytest.approx(0.2 * 10 - 1.6)
    assert gated.given("n").everything().worth == pytest.approx(0.0)


def test_an_alternative_that_needs_drawn_news_is_judged_where_it_came():
    members, weight = with_news((10.0, -5.0)).if_open(2)
    assert members.sum() == 2 * COPIES
    np.testing.assert_allclose(weight, 1.0)
    members, weight = with_news((10.0, -5.0)).if_open(1)
    assert members.all()
    assert weight.mean() == pytest.approx(1.0)


def test_a_gate_that_nothing_depends_on_does_not_matter():
    gated = two_gates(chances={**two_gates().chances, "z": 0.5 * EVERY})
    assert gated.matters("g")
    assert not gated.matters("z")
    assert with_news((1.0, 2.0)).matters("n")


def test_another_choice_than_nothing_must_be_clearly_better():
    values = np.vstack([np.zeros(100), np.tile([3.0, -2.9], 50)])
    assert choice_of(values) == 0
    assert choice_of(values + np.array([[0.0], [2.0]])) == 1


@st.composite
def gated_alternatives(draw):
    gates = "abcd"[: draw(st.integers(1, 4))]
    needs = draw(st.lists(st.frozensets(st.sampled_from(gates)), min_size=1, max_size=4))
    chance = st.floats(0.05, 1.0)
    values = np.random.default_rng(draw(st.integers(0, 99))).normal(0, 1, (len(needs), 12))
    return Gated(
        names=("nothing", *map(str, range(len(needs)))),
        values=np.vstack([np.zeros(12), values]),
        needs=(frozenset(), *needs),
        chances={gate: np.full(12, draw(chance)) for gate in gates},
        drawn={},
        weight=np.ones(12),
        before={gate: frozenset(gate) for gate in gates},
    )


@given(gated_alternatives())
def test_sets_of_open_alternatives_are_all_that_can_happen(gated):
    np.testing.assert_allclose(sum(gated.patterns.values()), 1.0)
    for a in range(len(gated.names)):
        having = sum(chance for alive, chance in gated.patterns.items() if a in alive)
        np.testing.assert_allclose(having, gated.chance(a))


@given(gated_alternatives())
def test_summing_over_every_outcome_of_gates_gives_the_same_worth(gated):
    total, names = 0.0, sorted(gated.chances)
    for bits in np.ndindex(*[2] * len(names)):
        opened = {name for name, bit in zip(names, bits, strict=True) if bit}
        chance = np.prod(
            [p if name in opened else 1 - p for name in names for p in [gated.chances[name][0]]]
        )
        rows = [a for a, needs in enumerate(gated.needs) if needs <= opened]
        total += chance * gated.values[rows].max(axis=0).mean()
    now = max(gated.joint.mean(axis=1))
    assert gated.everything().worth == pytest.approx(total - now, abs=1e-9)
