import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.plan.prospect.synthetic import case_of, ensemble_of

from baseload.case.sharing import Cession, Entitlement, Sharing, Supply
from baseload.plan.prospect.entitlement import USES, by_year, place, proportions, vector
from baseload.plan.prospect.whole import whole

WHO = ("north", "south", "miner")


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return case_of(tmp_path_factory.mktemp("case"), 'energy = { north = "100 %" }')


def step(since=None, **share):
    return Entitlement(share=share, since=since)


def placed(case, flows, steps, **terms):
    ensemble = ensemble_of(case, flows)
    return place(whole(ensemble, "large"), Sharing(**terms), steps, WHO)


def test_a_half_each_goes_to_every_use_alike(case):
    flows = {"exported": 60.0, "mined": 30.0, "obligations": 8.0, "curtailed": 2.0}
    found = placed(case, flows, [step(north=0.5, south=0.5)])
    assert_allclose(found.held[:2], 50.0)
    for use, energy in zip(USES, (60.0, 8.0, 30.0, 2.0), strict=True):
        assert_allclose(found.by_use[use][0], energy / 2)
        assert_allclose(found.by_use[use][1], energy / 2)


def test_who_wants_the_mine_fills_it_first_and_the_others_fill_the_rest(case):
    # north's 50 go to the mine's 70; its last 20 and all of the market come from south
    found = placed(case, {"exported": 30.0, "mined": 70.0}, [step(north=0.5, south=0.5)],
                   use={"north": "mine"})  # fmt: skip
    assert_allclose(found.by_use["mine"][:2, 0, 0], [50.0, 20.0])
    assert_allclose(found.by_use["market"][:2, 0, 0], [0.0, 30.0])


def test_a_use_that_two_want_more_than_it_takes_is_shared_as_they_want(case):
    found = placed(case, {"exported": 60.0, "mined": 40.0},
                   [step(north=0.6, south=0.3, miner=0.1)],
                   use={"north": "mine", "south": "mine"})  # fmt: skip
    # 60 and 30 are wanted of 40: two thirds and one third of it
    assert_allclose(found.by_use["mine"][:, 0, 0], [80 / 3, 40 / 3, 0.0])
    assert_allclose(found.by_use["market"][:, 0, 0], [100 / 3, 50 / 3, 10.0])


def test_an_obligation_is_delivered_by_its_bearer_as_far_as_its_energy_goes(case):
    supply = Supply(to="town", by={"south": 1.0})
    found = placed(case, {"exported": 60.0, "obligations": 40.0},
                   [step(north=0.75, south=0.25)], obligation=supply)  # fmt: skip
    assert_allclose(found.by_use["obligation"][:2, 0, 0], [15.0, 25.0])
    assert_allclose(found.by_use["market"][:2, 0, 0], [60.0, 0.0])


def test_what_a_party_does_not_keep_is_ceded(case):
    # a mean of 10 MW over the 8,784 h of 2028 is 87,840 MWh of a half of 400,000
    cession = Cession(by="north", to="south", keeps="10 MW", price="30 USD/MWh")
    found = placed(case, {"exported": 400_000.0}, [step(north=0.5, south=0.5)], cession=(cession,))
    assert_allclose(found.held[:2, 0, 0], [87_840.0, 312_160.0])
    assert_allclose(found.ceded[0][0], [112_160.0, 112_400.0, 112_400.0])


def test_a_party_that_needs_all_it_has_cedes_nothing(case):
    cession = Cession(by="north", to="south", keeps="1000 MW", price="30 USD/MWh")
    found = placed(case, {"exported": 100.0}, [step(north=0.5, south=0.5)], cession=(cession,))
    assert_allclose(found.ceded[0], 0.0)
    assert_allclose(found.held[:2], 50.0)


def test_a_step_within_a_year_counts_by_its_part_of_the_hours(case):
    # from 1 October 2029: 92 days of 365, and all of 2030
    steps = [step(north=1.0), step(dt.date(2029, 10, 1), south=1.0)]
    shares = by_year(steps, case.clock, WHO)[:, 0]
    assert_allclose(shares[1], [0.0, 92 / 365, 1.0], atol=1e-4)
    assert_allclose(shares.sum(axis=0), 1.0)


def test_rounded_thirds_are_made_whole():
    assert vector({"north": 0.333, "south": 0.333, "miner": 0.333}, WHO).sum() == 1.0


def test_proportions_of_nothing_are_as_given():
    given_shares = np.array([0.2, 0.8])[:, None]
    found = proportions(np.array([[0.0, 3.0], [0.0, 1.0]]), given_shares)
    assert_allclose(found, [[0.2, 0.75], [0.8, 0.25]])


@given(
    flows=st.lists(st.floats(0, 1e7), min_size=5, max_size=5),
    share=st.floats(0, 1),
    wants=st.dictionaries(st.sampled_from(WHO), st.sampled_from(("market", "mine", "obligation"))),
    bears=st.floats(0, 1),
)
def test_every_megawatt_hour_has_one_holder_and_one_use(case, flows, share, wants, bears):
    names = ("exported", "obligations", "mined", "curtailed", "storage_loss")
    found = placed(
        case,
        dict(zip(names, flows, strict=True)),
        [step(north=share, south=1 - share)],
        use=wants,
        obligation=Supply(to="town", by={"south": bears, "miner": 1 - bears}),
    )
    scale = max(1.0, sum(flows))
    stacked = np.array([found.by_use[use] for use in USES])
    assert stacked.min() >= -1e-9 * scale
    assert_allclose(stacked.sum(axis=0), found.held, rtol=0, atol=1e-9 * scale)
    for use, amounts in zip(USES, stacked, strict=True):
        there = sum(dict(zip(names, flows, strict=True))[flow] for flow in USES[use])
        assert_allclose(amounts.sum(axis=0), there, rtol=0, atol=1e-9 * scale)
