"""How far the sources of a log have come: what is seen at a glance against what is read in full."""

from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.record.sample import ORIGIN, START, STEP, approved, charter, entries, sources, vkey

from baseload.record import history
from baseload.record.errors import RecordError
from baseload.record.events import parse
from baseload.record.history import History, rules_of, tail_after
from baseload.record.rules import Rules
from baseload.record.source import Tail

TEXTS = ['","source":"meter"', '"schema":"rule.change/1"', "==", '"late":true', "\\", '"sig":"a=="']
"""What a text may hold that looks like the form of an entry."""


def read_in_full(data):
    rules, tails = Rules(ORIGIN), {}
    for index, entry in enumerate(data):
        event = parse(entry)
        rules.admit(index, event)
        tails[event.source] = tail_after(tails.get(event.source, Tail()), event)
    return rules, tails


@st.composite
def written(draw):
    """A log in which sources write signed and unsigned entries, late ones, and odd texts."""
    of = sources()
    data = [charter(of["desk"])]
    for number in range(draw(st.integers(0, 25))):
        time = START + draw(st.integers(0, 40)) * STEP
        kind = draw(st.sampled_from(["reading", "notice", "correction", "party", "head"]))
        late = {"late": True, "reason": draw(st.sampled_from(TEXTS))} if draw(st.booleans()) else {}
        if kind == "reading":
            body = {"meter": "m", "register": "import", "energy": str(number)}
            body |= {"quality": "measured"} | late
            signed = draw(st.booleans())
            data.append(of["meter"].event("meter.reading/1", time, time, body, sign=signed))
        elif kind == "notice":
            body = {"kind": "notice", "text": draw(st.sampled_from(TEXTS))} | late
            data.append(of["desk"].event("statement/1", time, time, body))
        elif kind == "correction":
            inner = {"late": True, "source": "meter", "schema": "rule.change/1", "sig": "a=="}
            body = {"index": "1", "of": "0" * 64, "body": inner, "reason": "x"}
            data.append(of["desk"].event("correction/1", time, time, body))
        elif kind == "party":
            party = {"id": "grid", "name": draw(st.sampled_from(TEXTS)), "roles": []}
            body = {
                "kind": "party",
                "reason": f"change {number}",
                "party": party | {"key": vkey("party grid", "grid")},
            }
            data.append(of["desk"].event("rule.change/1", time, time, approved(body)))
        else:
            data.append(of["meter"].head(time))
    return data


@settings(max_examples=150, deadline=None)
@given(data=written(), kept=st.sampled_from([1, 3, 1000]))
def test_a_glance_says_what_reading_says(data, kept):
    rules, tails = read_in_full(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "KEPT", kept)
        found = History(ORIGIN).follow(data)
    assert found.tails() == tails
    assert vars(found.rules) == vars(rules)
    assert vars(rules_of(ORIGIN, data)) == vars(rules)


def test_the_last_signature_is_where_reading_begins():
    data = entries(20)
    found = History(ORIGIN).follow(data)
    assert found.tails()["meter"] == reduce(tail_after, map(parse, data[1:]), Tail())
    assert len(found._rows[b"meter"][1]) == 1


@pytest.mark.parametrize("entry", [b"", b"{}", b"nonsense", b'{"source":"meter"}', b'","source":"'])
def test_what_is_no_event_is_refused(entry):
    with pytest.raises(RecordError, match="entry 4"):
        History(ORIGIN).follow([*entries(3), entry])
