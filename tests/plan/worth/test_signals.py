import numpy as np
import pytest
from tests.plan.worth.small_futures import futures

from baseload.plan.worth.signals import Candidate, Decision, decision_of, ranked, verdicts, worth

COUNT = 3000
NEVER = np.inf


@pytest.fixture(scope="module")
def rare(tmp_path_factory):
    """Nearly nothing is ever built: the permit comes in a quarter of futures, a price decides.

    Building adds 1,000 USD for each USD/BTC above 100,000; the price is even on 50,000 to 130,000.
    """
    chance = np.random.default_rng(1)
    price = chance.uniform(50_000, 130_000, COUNT)
    opens = chance.random(COUNT) < 0.25
    return futures(
        tmp_path_factory.mktemp("rare"),
        opening={
            "agreement": np.where(opens, 1.0, NEVER),
            "permit": np.where(opens, 1.0 + chance.random(COUNT), NEVER),
        },
        levels={
            "bitcoin.price": price,
            "bitcoin.fee_share": chance.uniform(0.01, 0.05, COUNT),
            "gate.agreement.date": 21_000 + np.floor(chance.uniform(0, 700, COUNT)),
        },
        values={"large": np.where(opens, 1e3 * (price - 100_000), 0.0)},
    )


@pytest.fixture(scope="module")
def known(rare):
    return worth(rare, indices=2)


def by_name(found):
    return {signal.name: signal for signal in found.signals}


def test_where_nothing_is_best_news_is_worth_what_the_good_cases_bring(known):
    found = known
    # E max(0, price - 100,000) = 30,000^2 / 2 / 80,000, in a quarter of the futures.
    expected = 0.25 * 1e3 * 30_000**2 / 2 / 80_000
    assert (found.best, found.value) == ("nothing", 0.0)
    assert found.evpi == pytest.approx(expected, abs=4 * found.evpi_error)
    price = by_name(found)["bitcoin.price"]
    assert price.worth == pytest.approx(expected, abs=4 * price.error)
    assert price.clear


def test_a_gate_alone_is_worth_nothing_where_building_loses_on_average(known):
    permit = by_name(known)["permit"]
    assert permit.worth == 0.0
    assert not permit.clear
    assert [way.best for way in permit.verdicts] == ["nothing", "nothing"]


def test_the_choice_under_each_third_of_a_price_is_told(known):
    low, middle, high = by_name(known)["bitcoin.price"].verdicts
    assert [low.best, middle.best, high.best] == ["nothing", "nothing", "large"]
    assert low.probability == pytest.approx(1 / 3, abs=0.001)
    # Above 103,333: mean price 116,667, in a quarter of the futures.
    assert high.value == pytest.approx(0.25 * 1e3 * 16_667, rel=0.1)
    assert high.outcome.startswith("above 10")
    assert high.outcome.endswith("USD/BTC")


def test_signals_come_most_valuable_first_with_their_groups(known):
    found = known
    worths = [signal.worth for signal in found.signals]
    assert worths == sorted(worths, reverse=True)
    assert {signal.name for signal in found.signals if signal.kind == "group"} == {
        "bitcoin",
        "law and gates",
    }
    together = by_name(found)
    assert together["bitcoin"].worth >= together["bitcoin.price"].worth
    assert all(0.0 <= signal.worth <= found.evpi for signal in found.signals)


def test_dates_sources_and_medians_are_told(known):
    found = by_name(known)
    # The permit opens 1 to 2 years after 2028-03-20.
    assert found["permit"].by in {
        f"by 2029-{month} at the median, if it opens" for month in ("08", "09", "10")
    }
    assert found["bitcoin.price"].source == (
        "Z04: House load, gross less net; the range is assumed"
    )
    outcomes = [way.outcome for way in found["gate.agreement.date"].verdicts]
    assert outcomes[0].startswith("up to 2028-")


def test_the_same_futures_give_the_same_answer(rare, known):
    assert worth(rare, indices=2).to_json() == known.to_json()


def test_shares_of_variance_are_of_the_alternative_that_matters(known):
    found = known
    assert found.indices_of == "large"
    assert next(iter(found.indices)) == "bitcoin.price"
    assert len(found.indices) == 2


def test_an_alternative_that_is_never_built_is_no_choice(rare):
    assert decision_of(rare).names == ("nothing", "large")


def test_a_gate_that_turns_loss_into_gain_is_worth_its_gain(tmp_path):
    # Built in any case: 20 M where the permit comes (a quarter), else -10 M; now it is not.
    chance = np.random.default_rng(2)
    opens = chance.random(COUNT) < 0.25
    value = np.where(opens, 20e6, -10e6) + chance.normal(0, 5e6, COUNT)
    found = worth(
        futures(
            tmp_path,
            opening={"permit": np.where(opens, 1.0, NEVER)},
            levels={"bitcoin.price": chance.uniform(5e4, 1e5, COUNT)},
            values={"small": value},
        )
    )
    first = found.signals[0]
    assert first.name == "permit"
    assert first.worth == pytest.approx(5e6, abs=4 * first.error)
    opened, shut = first.verdicts
    assert (opened.outcome, opened.best) == ("opens", "small")
    assert opened.value == pytest.approx(20e6, rel=0.03)
    assert (shut.outcome, shut.best, shut.value) == ("stays shut", "nothing", 0.0)
    assert not [signal for signal in found.signals[1:] if signal.clear]


def test_gates_that_must_open_together_are_worth_more_than_each(tmp_path):
    # Five gates of one half each; building adds 32 M if all open, else -2 M.
    chance = np.random.default_rng(3)
    names = ["a", "b", "c", "d", "e"]
    opens = chance.random((5, COUNT)) < 0.5
    gates = '[stages]\norder = ["talk"]\nreached = "talk"\n' + "".join(
        f'[gate.{name}]\ntitle = "{name}"\nstage = "talk"\ndate = 2027-06-01\n' for name in names
    )
    alternatives = f'[alternative.large]\ntitle = "Large"\nneeds = {names!r}\n'.replace("'", '"')
    value = np.where(opens.all(axis=0), 32e6, -2e6)
    dates = {
        name: np.where(row, chance.uniform(0, 3, COUNT), NEVER)
        for name, row in zip(names, opens, strict=True)
    }
    ensemble = futures(
        tmp_path,
        opening=dates,
        levels={},
        values={"large": value},
        gates=gates + '[gate.permit]\ntitle = "p"\nstage = "talk"\ndate = 2027-06-01\n',
        alternatives=alternatives,
        unknowns="",
    )
    found = by_name(worth(ensemble))
    # (1/32) 32 M once all is known; one gate alone raises the mean to 2 M - 2 M 15/16 > 0:
    # E max = 0.5 (32/16 - 2 * 15/16) M = 0.0625 M.
    group = found["law and gates"]
    assert group.worth == pytest.approx(1e6, abs=4 * group.error)
    assert all(found[name].worth < 0.3 * group.worth for name in names)


def test_a_verdict_changes_only_where_another_choice_is_clearly_better():
    chance = np.random.default_rng(4)
    values = np.vstack([np.zeros(50), chance.normal(0.01, 1.0, (6, 50)) - 0.5])
    values[1:] -= values[1:].mean(axis=1, keepdims=True) - 0.02
    decision = Decision(("nothing", *"abcdef"), np.hstack([values, values - 5 * (values != 0)]))
    half = np.arange(100) < 50
    (shown,) = verdicts(decision, [("first half", half)])
    assert (shown.best, shown.value, shown.probability) == ("nothing", 0.0, 0.5)


def test_equals_are_ordered_by_kind_and_name():
    decision = Decision(("nothing", "a"), np.vstack([np.zeros(40), np.full(40, -1.0)]))
    known = np.arange(40.0)[None]
    rows = [
        Candidate(kind, name, name, known, "", "")
        for kind, name in (("unknown", "z"), ("gate", "b"), ("gate", "a"))
    ]
    assert [signal.name for signal in ranked(decision, rows)] == ["a", "b", "z"]


def test_a_case_where_nothing_is_ever_built_has_nothing_worth_knowing(tmp_path):
    chance = np.random.default_rng(5)
    found = worth(
        futures(
            tmp_path,
            opening={"permit": np.full(50, NEVER)},
            levels={"bitcoin.price": chance.uniform(5e4, 1e5, 50)},
            values={"large": np.zeros(50)},
        ),
        indices=3,
    )
    assert (found.best, found.value, found.evpi) == ("nothing", 0.0, 0.0)
    assert [(signal.name, signal.worth) for signal in found.signals] == [("bitcoin.price", 0.0)]
    assert found.waiting == ()
    assert (found.indices, found.indices_of) == ({}, "")


def test_every_step_is_told(rare):
    told = []
    found = worth(rare, progress=lambda step, done, total: told.append((step, done, total)))
    assert (found.indices, found.indices_of) == ({}, "")
    assert [done for _, done, _ in told] == [0, 1, 2]
