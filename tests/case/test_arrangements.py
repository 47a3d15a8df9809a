import pytest
from tests.minimal import FILES, write_case

from baseload.case.load import load

TERMS = """
alternative = "large"
left_out = ["other"]
[arrangement.S1.terms]
use = { town = "mine" }
escrow = ["R01"]
[[arrangement.S1.terms.entitlement]]
share = { town = "100 %" }
[[arrangement.S1.terms.entitlement]]
share = { town = "60 %", unsettled = "40 %" }
since = 2028-03-25
source = "Z04"
[arrangement.S1.terms.costs]
imports = { unsettled = "100 %" }
[arrangement.S1.terms.obligation]
to = "town"
by = { miner = "100 %" }
price = "40 USD/MWh"
[[arrangement.S1.terms.cession]]
by = "town"
to = "miner"
keeps = "20 MW"
price = "10 USD/MWh"
[[arrangement.S1.terms.sale]]
to = "miner"
share = "70 %"
price = "30 USD/MWh"
margin = "3 USD/MWh"
operator = "town"
[[arrangement.S1.terms.fee]]
to = "miner"
price = "1 USD/MWh"
[arrangement.S1.terms.mine]
owner = { miner = "100 %" }
royalty = { town = "10 %" }
"""
OTHER = '[party.other]\nname = "Another"\n\n'
FULL = OTHER + FILES["arrangements"] + TERMS


def test_all_terms_can_be_written(tmp_path):
    entry = load(write_case(tmp_path / "c", arrangements=FULL)).arrangements["S1"]
    assert entry.terms.entitlement[1].share == {"town": 0.6, "unsettled": 0.4}
    assert entry.terms.cession[0].keeps == 20.0
    assert entry.terms.sale[0].margin == 3.0


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('alternative = "large"', 'alternative = "larger"', 'did you mean "large"?'),
        ('escrow = ["R01"]', 'escrow = ["R02"]', 'a bar: R01\n  found    "R02"'),
        ("use = { town", "use = { twon", 'did you mean "town"?'),
        ("owner = { miner", "owner = { minor", 'did you mean "miner"?'),
        ('operator = "town"', 'operator = "other"', '"other", which it leaves out'),
        ('energy = { town = "50 %"', 'energy = { other = "50 %"', "take it out of left_out"),
        ('unsettled = "40 %"', 'unsettled = "30 %"', "shares that sum to 100 %\n  found    90.0%"),
        ('imports = { unsettled = "100 %"', 'imports = { unsettled = "1 %"', "terms.costs.imports"),
        ('by = { miner = "100 %"', 'by = { miner = "99 %"', "terms.obligation.by\n"),
        ('owner = { miner = "100 %"', 'owner = { miner = "90 %"', 'give the rest to "unsettled"'),
        ('royalty = { town = "10 %"', 'royalty = { town = "60 %", miner = "50 %"', "at most 100 %"),
        ('to = "miner"\nkeeps', 'to = "town"\nkeeps', "two parties"),
        ('to = "miner"\nshare', 'to = "unsettled"\nshare', 'a party\n  found    "unsettled"'),
        ('operator = "town"\n', "", "an operator for the margin"),
        ("since = 2028-03-25\n", "", "steps by rising dates\n  found    no date, no date"),
        ('source = "Z04"\n[arr', 'source = "Z44"\n[arr', 'found    "Z44"'),
        ('price = "10 USD/MWh"', "price = 10", "a number without a unit"),
        ("keeps", "keep", 'did you mean "keeps"?'),
    ],
)
def test_what_does_not_fit_in_terms_is_refused(refusal, old, new, told):
    assert FULL.count(old) >= 1
    assert told in refusal(arrangements=FULL.replace(old, new, 1))


def test_the_line_is_told(refusal):
    text = refusal(arrangements=FULL.replace('by = { miner = "100 %"', 'by = { miner = "9 %"'))
    line = FULL[: FULL.index("by = { miner")].count("\n") + 1
    assert f"arrangements.toml, line {line}, arrangement.S1.terms.obligation.by" in text


def test_sales_may_not_pass_the_whole(refusal):
    more = '[[arrangement.S1.terms.sale]]\nto = "town"\nshare = "40 %"\nprice = "30 USD/MWh"\n'
    assert "at most 100 %\n  found    110.0%" in refusal(arrangements=FULL + more)


def test_a_party_cedes_once(refusal):
    more = '[[arrangement.S1.terms.cession]]\nby = "town"\nto = "miner"\nprice = "1 USD/MWh"\n'
    assert "one cession by each party" in refusal(arrangements=FULL + more)


def test_a_party_may_not_have_a_reserved_id(refusal):
    text = FILES["arrangements"] + '\n[party.escrow]\nname = "Someone"\n'
    assert "unsettled and escrow are" in refusal(arrangements=text)


def test_an_alternative_needs_shares_to_be_told_with(refusal):
    text = FILES["arrangements"].replace(
        'energy = { town = "50 %", miner = "50 %" }', 'alternative = "large"'
    )
    assert "neither energy nor terms.entitlement" in refusal(arrangements=text)
