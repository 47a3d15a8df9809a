import pytest
from numpy.testing import assert_allclose
from tests.plan.prospect.synthetic import case_of, ensemble_of

from baseload.plan.cash.accounts import Account
from baseload.plan.prospect.prospects import prospects

HALVES = 'energy = { north = "50 %", south = "50 %" }\n'


@pytest.fixture
def told(tmp_path):
    """Return a function from terms, flows and cash to a party's part, by its id."""

    def tell(terms, flows=None, cash=None, *edits, **options):
        case = case_of(tmp_path / "case", terms, *edits)
        [found] = prospects(ensemble_of(case, flows, cash, **options))
        assert found.residual < 1e-12
        return {part.party: part for part in found.parts}

    return tell


def each(parts, name="cash"):
    """First year of an array of each party that has anything."""
    values = {party: float(getattr(part, name)[0]) for party, part in parts.items()}
    return {party: value for party, value in values.items() if abs(value) > 1e-9}


def test_halves_get_half_of_energy_and_of_money(told):
    flows = {"generated": 100.0, "exported": 90.0, "curtailed": 10.0}
    cash = {Account.ENERGY_SALES: 4_000.0, Account.FUEL: -400.0, Account.FIXED_OM: -1_000.0}
    parts = told(HALVES, flows, cash)
    assert each(parts, "energy") == pytest.approx({"north": 50.0, "south": 50.0})
    assert each(parts) == pytest.approx({"north": 1_300.0, "south": 1_300.0})


def test_at_cost_fixed_costs_go_by_ownership_and_fuel_by_energy_taken(told):
    # K03: north owns 60 % and takes 25 %
    terms = """
[[arrangement.A.terms.entitlement]]
share = { north = "25 %", south = "75 %" }
[arrangement.A.terms.costs]
fixed = { north = "60 %", south = "40 %" }
"""
    cash = {Account.FUEL: -800.0, Account.FIXED_OM: -1_000.0, Account.CAPITAL_PLANT: -500.0}
    parts = told(terms, {"generated": 100.0, "exported": 100.0}, cash)
    assert each(parts) == pytest.approx({"north": -200.0 - 900.0, "south": -600.0 - 600.0})


def test_who_pays_for_power_drawn_may_be_left_unsettled(told):
    terms = (
        'energy = { north = "100 %" }\n'
        '[arrangement.A.terms.costs]\nimports = { unsettled = "100 %" }\n'
    )
    flows = {"imported": 20.0, "house": 20.0}
    cash = {Account.IMPORT: -900.0, Account.TRANSMISSION: -40.0, Account.FIXED_OM: -100.0}
    charge = ("[area.grid.market]", '[area.grid]\nimport_charge = "2 USD/MWh"\n[area.grid.market]')
    parts = told(terms, flows, cash, charge)
    assert each(parts) == pytest.approx({"north": -100.0, "unsettled": -940.0})
    assert each(parts, "energy") == pytest.approx({"north": 20.0})


def test_damages_for_energy_not_delivered_are_borne_by_the_supplier(told):
    # K04: 30 MWh delivered at 50, 10 not delivered at 300 USD/MWh
    terms = HALVES + '[arrangement.A.terms.obligation]\nto = "town"\nby = { north = "100 %" }\n'
    flows = {"generated": 100.0, "exported": 70.0, "obligations": 30.0, "shortfall": 10.0}
    cash = {
        Account.OBLIGATION_REVENUE: 1_500.0,
        Account.SHORTFALL_DAMAGES: -3_000.0,
        Account.ENERGY_SALES: 7_000.0,
    }
    parts = told(terms, flows, cash, price=120.0)
    # north: 30 of its 50 are owed, 20 sold of 70
    assert each(parts) == pytest.approx({"north": -1_500.0 + 2_000.0, "south": 5_000.0})
    assert each(parts, "energy") == pytest.approx({"town": 30.0, "north": 20.0, "south": 50.0})
    # the town would have paid 30 x 120, pays 1,500 and receives 3,000: no part of the whole's cash
    assert each(parts, "saving") == pytest.approx({"town": 3_600.0 - 1_500.0 + 3_000.0})


def test_a_price_and_damages_of_the_terms_are_paid_between_the_parties(told):
    terms = HALVES + (
        '[arrangement.A.terms.obligation]\nto = "town"\n'
        'price = "40 USD/MWh"\ndamages = "100 USD/MWh"\n'
    )
    flows = {"generated": 30.0, "obligations": 30.0, "shortfall": 10.0}
    cash = {Account.OBLIGATION_REVENUE: 1_500.0, Account.SHORTFALL_DAMAGES: -3_000.0}
    parts = told(terms, flows, cash)
    # 30 x 40 received and 10 x 100 paid; the town gets back 300 and gives back 2,000
    assert each(parts) == pytest.approx({"north": 100.0, "south": 100.0, "town": -1_700.0})


def test_an_unused_half_is_ceded_at_the_set_price_to_who_then_pays_its_fuel(told):
    # K05: north keeps a mean of 0.01 MW = 87.84 MWh of 500
    terms = HALVES + (
        "[[arrangement.A.terms.cession]]\n"
        'by = "north"\nto = "south"\nkeeps = "0.01 MW"\nprice = "10 USD/MWh"\n'
    )
    flows = {"generated": 1_000.0, "exported": 1_000.0}
    cash = {Account.ENERGY_SALES: 45_000.0, Account.FUEL: -4_000.0}
    parts = told(terms, flows, cash)
    ceded = 500.0 - 87.84
    assert each(parts, "energy") == pytest.approx({"north": 87.84, "south": 500.0 + ceded})
    north = 87.84 * (45.0 - 4.0) + 10.0 * ceded
    assert each(parts) == pytest.approx({"north": north, "south": 41_000.0 - north})


def test_an_off_taker_pays_the_tariff_and_sells_on(told):
    terms = HALVES + (
        "[[arrangement.A.terms.sale]]\n"
        'to = "town"\nshare = "40 %"\nprice = "30 USD/MWh"\n'
        'margin = "3 USD/MWh"\noperator = "manager"\n'
    )
    flows = {"generated": 100.0, "exported": 100.0}
    parts = told(terms, flows, {Account.ENERGY_SALES: 5_000.0})
    # each seller: 30 MWh at 50, 20 at 30 less 3
    assert each(parts) == pytest.approx(
        {"north": 2_040.0, "south": 2_040.0, "town": 800.0, "manager": 120.0}
    )
    assert each(parts, "energy") == pytest.approx({"north": 30.0, "south": 30.0, "town": 40.0})


def test_an_operator_has_a_fee_from_who_takes_the_energy(told):
    terms = (
        'energy = { north = "75 %", south = "25 %" }\n'
        '[[arrangement.A.terms.fee]]\nto = "manager"\nprice = "3 USD/MWh"\n'
    )
    parts = told(terms, {"generated": 100.0, "exported": 100.0})
    assert each(parts) == pytest.approx({"north": -225.0, "south": -75.0, "manager": 300.0})


MINE = 'energy = { north = "100 %" }\n[arrangement.A.terms.mine]\n'
MINING = {
    Account.MINING_REVENUE: 1_000.0,
    Account.POOL_FEE: -20.0,
    Account.MINE_FIXED_OM: -40.0,
    Account.CAPITAL_SITE: -100.0,
    Account.CAPITAL_MACHINES: -200.0,
    Account.TAX: -10.0,
}


def test_coins_go_by_hashrate_and_power_by_infrastructure(told):
    # K06: a quarter of the infrastructure, a third of the hashrate, a half of the company
    terms = MINE + (
        'infrastructure = { miner = "25 %", north = "75 %" }\n'
        'hashrate = { miner = "30 %", north = "70 %" }\n'
        'owner = { miner = "50 %", north = "50 %" }\npower_price = "20 USD/MWh"\n'
    )
    parts = told(terms, {"generated": 10.0, "mined": 10.0, "coins": 2.0}, MINING)
    miner = 0.3 * (1_000 - 20 - 200) + 0.25 * (-40 - 100 - 20 * 10) + 0.5 * -10
    assert each(parts) == pytest.approx({"miner": miner, "north": 630.0 - miner})
    assert each(parts, "coins") == pytest.approx({"miner": 0.6, "north": 1.4})
    assert each(parts, "energy") == pytest.approx({"miner": 2.5, "north": 7.5})


def test_without_a_price_in_the_terms_the_mine_pays_that_of_the_case(told):
    terms = MINE + 'owner = { miner = "100 %" }\n'
    price = ('owner = "miner"', 'owner = "miner"\npower_price = "45 USD/MWh"')
    parts = told(terms, {"generated": 10.0, "mined": 10.0}, {}, price)
    assert each(parts) == pytest.approx({"miner": -450.0, "north": 450.0})


def test_a_royalty_is_a_share_of_the_coins_worth_after_the_pool(told):
    terms = MINE + 'owner = { miner = "100 %" }\nroyalty = { town = "10 %" }\n'
    parts = told(terms, {"generated": 10.0, "mined": 10.0}, MINING)
    assert each(parts) == pytest.approx({"town": 98.0, "miner": 532.0})


def test_the_part_that_goes_to_the_mine_first_is_paid_by_the_mine(told):
    # north's half fills the mine, south's half goes to the market
    terms = HALVES + (
        'terms.use = { north = "mine" }\n'
        '[arrangement.A.terms.mine]\nowner = { miner = "100 %" }\npower_price = "45 USD/MWh"\n'
    )
    flows = {"generated": 100.0, "exported": 50.0, "mined": 50.0}
    parts = told(terms, flows, {Account.ENERGY_SALES: 4_000.0})
    assert each(parts) == pytest.approx({"north": 2_250.0, "miner": -2_250.0, "south": 4_000.0})


def test_a_promise_of_the_mine_is_paid_by_the_mine_and_one_of_the_plant_by_the_plant(told):
    terms = MINE + 'owner = { miner = "100 %" }\n'
    cash = {Account.TAKE_OR_PAY: -70.0}
    assert each(told(terms, None, cash)) == pytest.approx({"north": -70.0})
    contract = (
        'owner = "miner"',
        'owner = "miner"\ntake_or_pay = { energy = "1 GWh", price = "5 USD/MWh" }',
    )
    assert each(told(terms, None, cash, contract)) == pytest.approx({"miner": -70.0})


def test_the_charge_of_a_link_follows_the_energy_that_went_through_it(told):
    edits = (
        ('[mine.pilot]\nbus = "main"', '[mine.pilot]\narea = "grid"'),
        ("[area.grid.market]", '[area.grid]\nexport_charge = "2 USD/MWh"\n[area.grid.market]'),
    )
    terms = MINE + 'owner = { miner = "100 %" }\npower_price = "0 USD/MWh"\n'
    flows = {"generated": 100.0, "exported": 60.0, "obligations": 10.0, "mined": 30.0}
    parts = told(terms, flows, {Account.TRANSMISSION: -200.0}, *edits)
    assert each(parts) == pytest.approx({"north": -140.0, "miner": -60.0})
    assert_allclose(parts["miner"].cash, -60.0)
