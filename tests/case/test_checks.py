from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.minimal import FILES

from baseload.case.checks import cycle

GATES = FILES["gates"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('[plant.unit.u2]\nbus = "main"', '[plant.unit.u2]\nbus = "man"', "a busbar section: main"),
        ('[link.line]\nbus = "main"', '[link.line]\nbus = "mane"', 'link.line.bus = "mane"'),
        ('area = "grid"', 'area = "gird"', 'expected an area: grid\n  found    "gird"'),
        ('[mine.pilot]\nbus = "main"', '[mine.pilot]\nbus = "x"', "a busbar section: main"),
        ('gate = "permit"', 'gate = "permits"', 'did you mean "permit"?'),
        ('order = ["u2"]', 'order = ["u3"]', 'expected a unit: u1, u2\n  found    "u3"'),
        ('order = ["u2"]', 'order = ["u1"]', "every stopped unit once: u2\n  found    no u2"),
        ('order = ["u2"]', 'order = ["u2", "u2"]', "found    u2 twice"),
        ('owner = "miner"', 'owner = "minor"', 'did you mean "miner"?'),
        ('to = "town"', 'to = "twon"', 'area.grid.obligation.town.to = "twon"'),
    ],
)
def test_a_name_that_does_not_exist_is_refused_with_the_nearest(refusal, old, new, told):
    assert told in refusal((old, new))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('reached = "talk"', 'reached = "walk"', 'did you mean "talk"?'),
        ('stage = "licence"', 'stage = "license"', 'did you mean "licence"?'),
        ('after = ["agreement"]', 'after = ["agreemnt"]', 'did you mean "agreement"?'),
        ('lifts = ["R01"]', 'lifts = ["R1"]', 'did you mean "R01"?'),
        ('blocks = ["mine.*"]', 'blocks = ["mines.*"]', "mines and parties: mine.pilot"),
        ('blocks = ["mine.*"]', 'blocks = ["party.twon"]', 'did you mean "party.town"?'),
        ("until = 2031-03-15", "until = 2024-03-15", "a day after 'since', 2025-01-01"),
        ("date = 2027-06-01", 'date = 2027-06-01\nstate = "open"', "a day up to case.as_of"),
        ('after = ["agreement"]', 'after = ["agreement"]\nstate = "open"', "before it, shut"),
    ],
)
def test_gates_and_bars_that_do_not_fit_are_refused(refusal, old, new, told):
    assert old in GATES
    assert told in refusal(gates=GATES.replace(old, new))


def test_a_gate_that_depends_on_itself_is_refused_with_the_loop(refusal):
    gates = GATES.replace("date = 2027-06-01", 'after = ["permit"]')
    text = refusal(gates=gates)
    assert "a gate that depends on itself: agreement after permit after agreement" in text
    assert "gates.toml, line 8, gate.agreement.after" in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('power = "30 MW"', 'power = "30 MW"\nsince = 2028-04-03'),
        ('power = "100 MW"', 'power = "100 MW"\nsince = 2030-01-01'),
        ('power = "100 MW"', 'power = "100 MW"\nuntil = 2028-03-20'),
        ('hashprice = "40', 'at = 2029-01-01\nhashprice = "40'),
    ],
)
def test_a_date_outside_the_horizon_is_refused_where_it_would_mean_nothing(refusal, old, new):
    text = refusal((old, new))
    assert "expected a day of the horizon, 2028-03-20 to 2028-04-03" in text
    assert "found    a date outside the horizon: " in text


def test_an_obligation_that_ends_before_it_begins_is_refused(refusal):
    text = refusal(('power = "100 MW"', 'power = "1 MW"\nsince = 2028-04-01\nuntil = 2028-03-25'))
    assert "a day after 'since', 2028-04-01" in text


def test_a_unit_cannot_consume_more_than_it_makes(refusal):
    text = refusal(('house_load = { value = "50 MW"', 'house_load = { value = "5 GW"'))
    assert "expected at most the gross output, 1,000 MW\n  found    5,000 MW" in text


def test_an_outage_that_lasts_until_the_next_is_refused(refusal):
    calendar = '\nrefuelling = { every = "18 months", duration = "900 days" }'
    text = refusal(('house_load = "50 MW"', 'house_load = "50 MW"' + calendar))
    assert "plant.unit.u2.refuelling.duration" in text
    assert "found    21,600 h: a unit that never runs" in text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"13.5 J/TH"', '"0 J/TH"', "more than 0"),
        ('"13.5 J/TH"', '"13.5 J/TH"\nageing = "-100 %/year"', "more than -1"),
        ('"13.5 J/TH"', '"13.5 J/TH"\nlife = "0 years"', "more than 0"),
        ('hashprice = "40', 'block_time = "0 h"\nhashprice = "40', "more than 0"),
        ('hashprice = "40', 'network_growth = "-100 %/year"\nhashprice = "40', "more than -1"),
        ('"90000 USD/BTC"', '"0 USD/BTC"', "at least 1 USD/BTC"),
        ('hashprice = "40', 'network = "0 EH/s"\nhashprice = "40', "at least 1 TH/s"),
    ],
)
def test_what_something_is_divided_by_is_not_zero(refusal, old, new, told):
    assert told in refusal((old, new))


def test_patched_copies_are_checked_too(small):
    from baseload.case.errors import InputError

    with pytest.raises(InputError, match="a busbar section: main"):
        small.patched({"plant.unit.u1.bus": "other"})


NAMES = st.sampled_from("abcdef")


@given(st.dictionaries(NAMES, st.lists(NAMES, max_size=3)))
def test_a_loop_is_found_if_and_only_if_there_is_one(graph):
    after = {name: [other for other in others if other in graph] for name, others in graph.items()}
    loop = cycle(after)
    if loop:
        assert loop[0] == loop[-1]
        assert all(b in after[a] for a, b in pairwise(loop))
    else:
        # Without a loop, taking away what waits for nothing leaves nothing.
        left = {name: set(others) for name, others in after.items()}
        while free := [name for name, others in left.items() if not others & set(left)]:
            for name in free:
                del left[name]
        assert not left
