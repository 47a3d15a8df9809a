import pytest
from pydantic import ValidationError

from baseload.case.sharing import Costs, Entitlement, Fee, Mining, Sharing, Supply, parts, takers

TERMS = Sharing(
    entitlement=(Entitlement(share={"a": 0.5, "b": 0.5}),),
    use={"c": "mine"},
    costs=Costs(fixed={"d": 1.0}),
    obligation=Supply(to="e", by={"b": 1.0}),
    fee=(Fee(to="f", price="3 USD/MWh"),),
    mine=Mining(owner={"g": 1.0}, royalty={"h": 0.1}),
    escrow=("R01",),
)


def test_every_party_that_terms_name_is_found_once():
    assert set(takers(TERMS)) == set("abcdefgh")
    assert len(takers(TERMS)) == 8


def test_every_term_is_found_with_its_key():
    keys = [key for key, _ in parts(TERMS)]
    assert keys == [(), ("entitlement", 0), ("costs",), ("obligation",), ("fee", 0), ("mine",)]


def test_money_is_read_with_its_unit():
    assert Fee(to="f", price="0.3 c/kWh").price == pytest.approx(3.0)
    with pytest.raises(ValidationError, match="without a unit"):
        Fee(to="f", price=3.0)


def test_a_party_can_want_only_a_use_that_there_is():
    with pytest.raises(ValidationError, match="'market', 'mine' or 'obligation'"):
        Sharing(use={"a": "export"})
