import numpy as np
import pytest
from tests.plan.worth.gated_case import ALTERNATIVES, gated_case

from baseload.case.errors import InputError
from baseload.plan.worth.gated import Gated
from baseload.plan.worth.study import subject_of, worth_of

COUNT = 80


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return gated_case(tmp_path_factory.mktemp("gated"))


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def found(case, told):
    return worth_of(case, scenarios=COUNT, seed=2, progress=lambda *step: told.append(step))


def by_name(found):
    return {signal.name: signal for signal in found.signals}


def test_every_gate_unknown_and_group_is_valued(found):
    assert set(by_name(found)) >= {
        "agreement",
        "permit",
        "decree",
        "area.grid.market.price",
        "gate.permit.probability",
        "law and gates",
    }
    worths = [signal.worth for signal in found.signals]
    assert worths == sorted(worths, reverse=True)
    most = found.evpi + 3 * found.evpi_error
    assert all(0.0 <= signal.worth <= most for signal in found.signals)


def test_gates_open_with_the_probabilities_of_the_case(found):
    signals = by_name(found)
    opens, shut = signals["agreement"].verdicts
    assert (opens.outcome, opens.probability) == ("opens", pytest.approx(0.7))
    assert (shut.outcome, shut.best, shut.value) == ("stays shut", "nothing", 0.0)
    assert shut.rest == pytest.approx(0.0, abs=1e-6)
    assert signals["agreement"].source == "A signed text"
    # The permit follows the agreement: 0.7 times a probability of 0.4 to 0.8.
    assert signals["permit"].verdicts[0].probability == pytest.approx(0.42, abs=0.01)


def test_a_signal_is_valued_for_one_alternative_whose_gates_open_too(found):
    price = by_name(found)["area.grid.market.price"].if_open
    assert price.alternative == found.subject
    low, _, high = price.verdicts
    assert (low.best, high.best) == (found.subject, "nothing")
    # The swing is from what it is worth now, if its gates open, to the third of cheapest power.
    (now,) = (one.now for one in found.waiting if one.alternative == found.subject)
    assert price.swing == pytest.approx(low.value - now)


def test_rights_to_wait_are_those_of_futures_whose_gates_open(found):
    rights = {one.alternative: one for one in found.waiting}
    assert set(rights) == {"large", "small", "decreed"}
    assert rights["small"].chance == pytest.approx(0.7)
    assert rights["decreed"].chance == pytest.approx(0.7 * 0.3)
    assert all(one.flexible >= max(0.0, one.now) - 1e-6 for one in rights.values())
    assert all(0.0 < one.gains <= 1.0 for one in rights.values())


def test_shares_of_variance_come_from_the_futures_at_hand(found):
    assert found.indices_of == found.subject
    assert next(iter(found.indices)) == "area.grid.market.price"


def test_every_step_is_told(found, told):
    assert ("futures", COUNT, COUNT) in told
    assert [step for step in told if step[2] == 3] == [
        ("worth of each signal", 0, 3),
        ("worth of deciding later", 1, 3),
        ("shares of variance", 2, 3),
    ]


def test_without_a_mine_nothing_is_worth_knowing(tmp_path):
    text = ALTERNATIVES.split("[alternative.large]")[0]
    found = worth_of(gated_case(tmp_path, alternatives=text), scenarios=20)
    assert (found.best, found.evpi, found.signals, found.waiting) == ("nothing", 0.0, (), ())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scenarios": 10}, "--scenarios 10"),
        ({"indices": 12}, "power of two"),
        ({"indices": 1}, "power of two"),
    ],
)
def test_what_cannot_be_asked_is_refused(case, options, message):
    with pytest.raises(InputError, match=message):
        worth_of(case, **options)


@pytest.mark.parametrize(
    ("values", "subject"),
    [
        # Best now; most gained by choosing; loses least where none ever gains.
        ([[1.0, 1.0], [9.0, -9.0]], 1),
        ([[-1.0, 0.5], [9.0, -19.0]], 2),
        ([[-5.0, -4.0], [-3.0, -2.0]], 2),
    ],
)
def test_signals_are_told_for_the_alternative_that_matters(values, subject):
    rows = np.vstack([np.zeros(20), np.repeat(values, 10, axis=1)])
    every = np.ones(20)
    gated = Gated(("nothing", "a", "b"), rows, (frozenset(),) * 3, {}, {}, every, {})
    assert subject_of(gated) == subject
