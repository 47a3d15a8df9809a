from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pydantic import BaseModel
from tests.minimal import FILES
from tests.plan.prospect.synthetic import PARTIES, YEARS, balanced, case_of, ensemble_of

from baseload.case.case import Case
from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.case.sharing import (
    Cession,
    Costs,
    Entitlement,
    Fee,
    Mining,
    Sale,
    Sharing,
    Supply,
)
from baseload.plan.cash.accounts import Account
from baseload.plan.prospect.prospects import prospects

ROOT = Path(__file__).resolve().parents[3]
HALVES = 'energy = { north = "50 %", south = "50 %" }\nparties = ["north", "south"]\n'
SALES = {Account.ENERGY_SALES: [100.0, 200.0, 300.0]}
EXPORT = {"generated": 10.0, "exported": 10.0}
LAW = (
    FILES["gates"]
    + """
[bar.R02]
title = "No dealings with the north"
jurisdiction = "elsewhere"
since = 2025-01-01
blocks = ["party.north"]
[gate.licence]
title = "Dealings are allowed"
stage = "licence"
lifts = ["R02"]
"""
)


def parts(found):
    return {part.party: part for part in found.parts}


def test_value_is_the_discounted_cash_with_its_quantiles_and_error(tmp_path):
    case = case_of(tmp_path / "c", HALVES)
    futures = np.linspace(0.0, 400.0, 101)[:, None] * np.array([1.0, 0.0, 0.0])
    ensemble = ensemble_of(case, EXPORT, {Account.ENERGY_SALES: futures}, scenarios=101)
    [found] = prospects(ensemble)
    north = parts(found)["north"]
    factor = np.mean(1.08 ** (-np.arange(12) / 12))
    assert_allclose(north.value, 100.0 * factor)
    assert_allclose(north.quantiles, factor * np.array([10.0, 100.0, 190.0]))
    assert_allclose(north.error, factor * np.std(futures[:, 0] / 2, ddof=1) / np.sqrt(101))
    assert_allclose([north.cash_low[0], north.cash[0], north.cash_high[0]], [10.0, 100.0, 190.0])


def test_the_whole_is_worth_its_parts_but_for_the_months_of_a_year(tmp_path):
    case = case_of(tmp_path / "c", HALVES)
    # a thousand dollars, all on the first day, in the monthly ledger
    cash = {Account.ENERGY_SALES: [1_000.0, 0.0, 0.0]}
    [found] = prospects(ensemble_of(case, EXPORT, cash, npv=1_000.0))
    value = sum(part.value for part in found.parts)
    assert_allclose(value + found.timing, 1_000.0)
    assert 0 < found.timing < 0.04 * 1_000.0


def test_money_of_a_listed_party_waits_in_escrow_until_the_year_after_a_licence(tmp_path):
    terms = HALVES + 'terms.escrow = ["R02"]\n'
    case = case_of(tmp_path / "c", terms, gates=LAW)
    ensemble = ensemble_of(case, EXPORT, SALES, gates={"licence": [np.inf, 1.5]})
    [found] = prospects(ensemble)
    told = parts(found)
    # in the second future the bar is lifted within the second of three years
    assert_allclose(told["north"].cash, [0.0, 0.0, 75.0])
    assert_allclose(told["escrow"].cash, [50.0, 100.0, 75.0])
    assert_allclose(told["south"].cash, [50.0, 100.0, 150.0])
    assert told["escrow"].name == "Held in escrow"
    leg = told["north"].legs[0]
    assert (leg.blocked_by, leg.held) == (("R02",), True)
    assert found.residual == 0.0


def test_a_listed_party_still_pays_what_it_owes(tmp_path):
    case = case_of(tmp_path / "c", HALVES + 'terms.escrow = ["R02"]\n', gates=LAW)
    cash = {Account.ENERGY_SALES: 100.0, Account.FIXED_OM: [-40.0, -100.0, -300.0]}
    [found] = prospects(ensemble_of(case, EXPORT, cash))
    told = parts(found)
    assert_allclose(told["north"].cash, [0.0, 0.0, -100.0])
    assert_allclose(told["escrow"].cash, [30.0, 0.0, 0.0])


def test_a_bar_that_the_terms_do_not_name_is_told_and_holds_nothing(tmp_path):
    case = case_of(tmp_path / "c", HALVES, gates=LAW)
    [found] = prospects(ensemble_of(case, EXPORT, SALES))
    told = parts(found)
    assert "escrow" not in told
    assert_allclose(told["north"].cash, [50.0, 100.0, 150.0])
    assert told["north"].legs[0].blocked_by == ("R02",)


def test_coins_of_a_barred_mine_wait_in_escrow_too(tmp_path):
    terms = HALVES + 'terms.escrow = ["R01"]\n'
    case = case_of(tmp_path / "c", terms)
    cash = {Account.MINING_REVENUE: 100.0, Account.ENERGY_SALES: 40.0}
    ensemble = ensemble_of(case, {**EXPORT, "coins": 2.0}, cash, gates={"permit": -0.1})
    [free] = prospects(ensemble)
    [held] = prospects(ensemble_of(case, {**EXPORT, "coins": 2.0}, cash))
    assert_allclose(parts(free)["north"].coins, 1.0)
    assert_allclose(parts(held)["north"].coins, 0.0)
    assert_allclose(parts(held)["escrow"].coins, 2.0)
    assert_allclose(parts(held)["escrow"].cash, 100.0)
    assert_allclose(parts(held)["north"].cash, 20.0)


def test_a_party_left_out_has_nothing(tmp_path):
    case = case_of(tmp_path / "c", HALVES + 'left_out = ["town"]\n')
    [found] = prospects(ensemble_of(case, EXPORT, SALES))
    town = parts(found)["town"]
    assert town.left_out
    assert town.value == town.error == 0.0
    for values in (town.energy, town.cash, town.coins, town.saving):
        assert_allclose(values, np.zeros(YEARS))


def test_the_chance_is_that_of_every_gate_that_is_needed(tmp_path):
    case = case_of(tmp_path / "c", HALVES)
    gates = {"agreement": [0.5, 0.5, np.inf, 0.5], "permit": [1.0, 3.5, 1.0, 2.9]}
    [found] = prospects(ensemble_of(case, scenarios=4, gates=gates))
    assert found.chance == 0.5
    [found] = prospects(ensemble_of(case, scenarios=4), alternatives={"A": "none"})
    assert (found.alternative, found.chance) == ("none", 1.0)


def test_what_is_assumed_is_listed_with_how_sure_it_is(tmp_path):
    terms = HALVES + (
        'open_points = ["who operates"]\n'
        '[[arrangement.A.terms.fee]]\nto = "manager"\nprice = "3 USD/MWh"\n'
        'source = "Z04"\nstatus = "assumed"\nnote = "no fee is said"\n'
        '[arrangement.A.terms.costs]\nfixed = { north = "100 %" }\nstatus = "reported"\n'
    )
    [found] = prospects(ensemble_of(case_of(tmp_path / "c", terms)))
    assert found.assumed == (
        "fee.0: no fee is said (Z04, assumed)",
        "mine: owned as the energy is shared; not said in the proposal",
        "open: who operates",
    )


def test_alternatives_are_read_once_for_all_arrangements(tmp_path):
    second = '[arrangement.B]\ntitle = "Other"\nalternative = "large"\nenergy = { town = "100 %" }'
    case = case_of(tmp_path / "c", HALVES + second)
    ensemble = ensemble_of(case, EXPORT, SALES)
    found = prospects(ensemble, ["B", "A"])
    assert [prospect.arrangement for prospect in found] == ["B", "A"]
    assert ensemble.shelf.reads.count("large") == len(Account) + 9 + 1


def test_only_what_the_ensemble_has_computed_is_told_of(tmp_path):
    ensemble = ensemble_of(case_of(tmp_path / "c", HALVES), EXPORT, SALES)
    object.__setattr__(ensemble, "alternatives", ("none",))
    assert prospects(ensemble) == ()
    with pytest.raises(
        InputError, match='an alternative of the ensemble: none\n  found    "large"'
    ):
        prospects(ensemble, ["A"])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"arrangements": ["B"]}, 'an arrangement: A\n  found    "B"'),
        ({"alternatives": {"B": "large"}}, 'an arrangement: A\n  found    "B"'),
        ({"alternatives": {"A": "larger"}}, 'did you mean "large"?'),
    ],
)
def test_what_does_not_exist_is_refused(tmp_path, asked, told):
    ensemble = ensemble_of(case_of(tmp_path / "c", HALVES))
    with pytest.raises(InputError) as caught:
        prospects(ensemble, **asked)
    assert told in str(caught.value)


def test_an_arrangement_without_alternative_or_shares_is_refused_where_it_is_asked_for(tmp_path):
    bare = '[arrangement.B]\ntitle = "Not said"\n'
    ensemble = ensemble_of(case_of(tmp_path / "c", HALVES + bare))
    assert [found.arrangement for found in prospects(ensemble)] == ["A"]
    with pytest.raises(InputError, match="an alternative to study it with"):
        prospects(ensemble, ["B"])
    with pytest.raises(InputError, match=r"add \[\[arrangement.B.terms.entitlement\]\]"):
        prospects(ensemble, alternatives={"B": "large"})


# --- what holds under all terms --------------------------------------------------------------


@st.composite
def shares(draw, among=PARTIES):
    weights = draw(st.lists(st.integers(0, 20), min_size=len(among), max_size=len(among)))
    total = sum(weights)
    listed = dict(zip(among, weights, strict=True)) if total else {among[0]: 1}
    return {party: weight / max(total, 1) for party, weight in listed.items() if weight}


def party():
    return st.sampled_from(PARTIES)


def price(least=-50.0):
    return st.floats(least, 300).map(lambda value: f"{value:.6f} USD/MWh")


@st.composite
def all_terms(draw):
    by, to = draw(st.permutations(PARTIES))[:2]
    some = st.none() | shares()
    open_shares = st.none() | shares((*PARTIES, "unsettled"))
    sale = Sale(to=draw(party()), share=draw(st.floats(0, 1)), price=draw(price()),
                margin=draw(price(0.0)), operator=draw(party()))  # fmt: skip
    cession = Cession(by=by, to=to, keeps=f"{draw(st.floats(0, 40)):.4f} MW", price=draw(price()))
    return Sharing(
        entitlement=(Entitlement(share=draw(shares())),),
        use=draw(st.dictionaries(party(), st.sampled_from(("market", "mine", "obligation")))),
        costs=Costs(fixed=draw(open_shares), imports=draw(open_shares)),
        obligation=draw(st.none() | st.builds(
            Supply, to=party(), by=some, price=st.none() | price(), damages=st.none() | price(0.0)
        )),
        cession=draw(st.sampled_from(((), (cession,)))),
        sale=draw(st.sampled_from(((), (sale,)))),
        fee=tuple(draw(st.lists(st.builds(
            Fee, to=party(), on=st.sampled_from(("generated", "mined")), price=price(0.0)
        ), max_size=2))),
        mine=draw(st.none() | st.builds(
            Mining, owner=some, hashrate=some, infrastructure=some, power_price=st.none() | price(),
            royalty=st.sampled_from(({}, {by: 0.3, to: 0.1})),
        )),
        escrow=draw(st.sampled_from(((), ("R01",), ("R01", "R02")))),
    )  # fmt: skip


@pytest.fixture(scope="module")
def ruled(tmp_path_factory):
    return case_of(tmp_path_factory.mktemp("ruled"), 'energy = { north = "100 %" }', gates=LAW)


def with_terms(case: Case, terms: Sharing, order=PARTIES) -> Case:
    """The case with other terms, its parties in another order."""
    entry = case.arrangements["A"].model_copy(update={"terms": terms, "parties": tuple(order)})
    registers = type(case.registers)(
        **{
            **{name: getattr(case.registers, name) for name in case.registers.__slots__},
            "arrangements": {"A": entry},
        }
    )
    return Case(case.folder, case.tree, case.clock, registers, case.written, case.shelf)


def drawn(case, seed):
    """An ensemble with every flow and account at random."""
    draw = np.random.default_rng(seed)
    flows = balanced(draw, 3) | {"coins": draw.uniform(0, 10, (3, YEARS))}
    cash = {account: draw.normal(0, 1e7, (3, YEARS)) for account in Account}
    gates = {"permit": draw.uniform(0, 4, 3), "licence": draw.uniform(0, 4, 3)}
    return ensemble_of(case, flows, cash, scenarios=3, gates=gates, price=80.0), flows, cash


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(terms=all_terms(), seed=st.integers(0, 1000))
def test_the_parts_make_up_the_whole_in_every_future_and_year(ruled, terms, seed):
    ensemble, flows, cash = drawn(with_terms(ruled, terms), seed)
    [found] = prospects(ensemble, alternatives={"A": "large"})
    assert found.residual < 1e-9
    scale = sum(np.abs(amount) for amount in cash.values()).max()
    total = sum(part.cash for part in found.parts)
    assert_allclose(total, sum(cash.values()).mean(axis=0), rtol=0, atol=1e-9 * scale)
    made = (flows["generated"] + flows["imported"]).mean(axis=0)
    assert_allclose(sum(part.energy for part in found.parts), made, rtol=1e-9)
    mined = sum(part.coins for part in found.parts)
    assert_allclose(mined, flows["coins"].mean(axis=0), rtol=1e-9)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(terms=all_terms(), order=st.permutations(PARTIES))
def test_the_order_of_parties_does_not_matter(ruled, terms, order):
    first, *_ = drawn(with_terms(ruled, terms), 7)
    second, *_ = drawn(with_terms(ruled, turned(terms, order), order), 7)
    [one] = prospects(first, alternatives={"A": "large"})
    [other] = prospects(second, alternatives={"A": "large"})
    same(parts(one), parts(other), {party: party for party in parts(one)})


def turned(terms: Sharing, order) -> Sharing:
    """The same terms with the entitlement written in another order."""
    [step] = terms.entitlement
    share = {party: step.share[party] for party in order if party in step.share}
    return terms.model_copy(update={"entitlement": (Entitlement(share=share),)})


def same(one, other, names):
    assert set(other) == {names[party] for party in one} != set()
    for party, part in one.items():
        twin = other[names[party]]
        for values in ("energy", "cash", "cash_low", "cash_high", "coins", "saving", "quantiles"):
            assert_allclose(
                getattr(part, values), getattr(twin, values), rtol=1e-9, atol=1e-4, err_msg=party
            )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(terms=all_terms().filter(lambda terms: "R02" not in terms.escrow))
def test_another_name_for_a_party_changes_nothing_else(ruled, terms):
    renamed = {name: name for name in (*PARTIES, "unsettled", "escrow")} | {"south": "a_other"}

    def told(value):
        if isinstance(value, dict):
            return {told(name): told(part) for name, part in value.items()}
        if isinstance(value, tuple | list):
            return tuple(told(part) for part in value)
        return renamed.get(value, value) if isinstance(value, str) else value

    # Quantities as plain numbers would need their units again: only names are exchanged.
    again = exchanged(terms, told)
    first, *_ = drawn(with_terms(ruled, terms), 11)
    case = with_terms(ruled, again, [renamed[name] for name in PARTIES])
    case.parties["a_other"] = ruled.parties["south"]
    second, *_ = drawn(case, 11)
    [one] = prospects(first, alternatives={"A": "large"})
    [other] = prospects(second, alternatives={"A": "large"})
    same(parts(one), parts(other), renamed)


def exchanged(entry, told):
    """An entry with other names of parties, its numbers untouched."""
    update = {}
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            update[name] = tuple(exchanged(part, told) for part in value)
        elif isinstance(value, BaseModel):
            update[name] = exchanged(value, told)
        elif name not in ("on", "escrow"):
            update[name] = told(value)
    return entry.model_copy(update=update)


# --- the cases that ship -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def plant():
    return load(ROOT / "cases" / "zaporizhzhia")


def shipped(case):
    """Prospects of a case's own arrangements, with made-up flows."""
    draw = np.random.default_rng(1)
    years = len(case.clock.year_starts) - 1
    flows = balanced(draw, 2)
    flows = {name: np.resize(value, (2, years)) for name, value in flows.items()}
    cash = {account: draw.normal(0, 1e8, (2, years)) for account in Account}
    ensemble = ensemble_of(case, flows, cash, years=years)
    return {found.arrangement: found for found in prospects(ensemble)}


def test_every_proposal_for_the_plant_has_its_prospects(plant):
    found = shipped(plant)
    assert list(found) == [f"S{number}" for number in range(1, 9)]
    assert max(prospect.residual for prospect in found.values()) < 1e-9
    assert {name: prospect.alternative for name, prospect in found.items()}["S8"] == "status-quo"
    # section 2b of the facts: who shares the energy, and that nobody says who pays in S8
    assert set(plant.arrangements["S2"].energy) == {"usa", "ukraine", "russia"}
    assert parts(found["S3"])["russia"].left_out
    assert parts(found["S4"])["ukraine"].left_out
    assert parts(found["S8"])["unsettled"].cash.any()
    for prospect in found.values():
        assert prospect.assumed


def test_listed_companies_are_named_where_they_have_a_part(plant):
    # R05, R06; with a US partner their money waits, without one it does not
    found = shipped(plant)
    for name, held in (("S4", True), ("S6", False)):
        told = parts(found[name])
        leg = told["fsue_znpp"].legs[0]
        assert "R06" in leg.blocked_by
        assert leg.held is held
        assert ("escrow" in told) is held


def test_nautilus_shares_coins_by_hashrate_and_pays_two_cents(tmp_path):
    # P01: a quarter; P02: 2 c/kWh; P03: coins by hashrate
    case = load(ROOT / "cases" / "nautilus")
    flows = {"generated": 1_000.0, "mined": 400.0, "exported": 600.0, "coins": 8.0}
    cash = {Account.MINING_REVENUE: 40_000.0, Account.ENERGY_SALES: 18_000.0}
    [found] = prospects(ensemble_of(case, flows, cash, years=2))
    terawulf = parts(found)["terawulf"]
    assert_allclose(terawulf.coins, 2.0)
    assert_allclose(terawulf.cash, 10_000.0 - 100.0 * 20.0)
    assert_allclose(parts(found)["susquehanna_nuclear"].cash, 58_000.0 - 8_000.0)
