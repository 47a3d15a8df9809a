"""The short way of reading entries against the long one: it may never say more."""

import json
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.fuzz.corpus import events
from tests.fuzz.mutating import mutated
from tests.record.events.test_table import variants
from tests.record.sample import entries

from baseload.record import canonical
from baseload.record.errors import RecordError
from baseload.record.events import parse
from baseload.record.events.event import BODIES
from baseload.verify.canonicaltext import read_canonical
from baseload.verify.findings import Refused
from baseload.verify.patterns import _PATTERNS, read_quickly
from baseload.verify.shapes import check_event


def slowly(data):
    """The event, if it is one of a known type."""
    try:
        event = read_canonical(data)
        return event if check_event(event) else None
    except Refused:
        return None


def quickly(data):
    (found,) = read_quickly([data])
    return None if isinstance(found, Refused) else found


def spelled(schema, body, **more):
    told = {"schema": schema, "source": "a", "seq": "0", "prev": "", "t0": "0", "t1": "0",
            "clock": "synced", "body": body, "sig": "A" * 86 + "=="}  # fmt: skip
    return json.dumps(told | more, sort_keys=True, ensure_ascii=False,
                      separators=(",", ":")).encode()  # fmt: skip


def test_the_commonest_types_are_read_the_short_way():
    short = {name.decode() for name in _PATTERNS}
    assert {"meter.reading/1", "fleet.telemetry/1", "shares.summary/1", "shares.retained/1",
            "chain.header/1", "pool.payout/1", "source.head/1"} <= short  # fmt: skip
    for data in entries(5)[1:]:
        assert read_quickly([data]) == [read_canonical(data)]


PARTS = ["clock", "schema", "source", "seq", "prev", "t0", "t1", "sig", "body"]


@pytest.mark.parametrize("value", [[], {}, True, ["synced"], None, "a b"])
@pytest.mark.parametrize("part", PARTS)
def test_any_value_of_any_part_is_read_or_refused(part, value):
    """The operator of a log can write what no program of ours does."""
    body = {"index": "1", "of": "0" * 64, "reason": "x", "body": {}}
    event = json.loads(spelled("correction/1", body)) | {part: value}
    data = json.dumps(event, sort_keys=True, separators=(",", ":")).encode()
    assert slowly(data) is None
    assert quickly(data) is None
    with pytest.raises(RecordError):
        parse(data)


@pytest.mark.parametrize("digits", ["9" * 80, "-" + "9" * 79, "9" * 81, "-" + "9" * 80])
def test_integers_are_as_long_here_as_there(digits):
    body = {"issuer": "tso", "signal": "s", "kind": "price", "value": digits, "unit": "W"}
    data = spelled("grid.signal/1", body | {"start": "0", "end": "1"})
    try:
        parse(data)
        good = True
    except RecordError:
        good = False
    assert (slowly(data) is not None) == good == (len(digits) == 80)


@pytest.mark.parametrize("schema", BODIES)
def test_what_is_taken_the_short_way_is_taken_the_long_way(schema):
    taken = 0
    for body in variants(schema):
        data = spelled(schema, body)
        found = quickly(data)
        taken += found is not None
        assert found is None or found == slowly(data), data[:300]
    assert (taken > 0) == (schema.encode() in _PATTERNS)


@settings(max_examples=300)
@given(seed=st.integers(0, 2**40))
def test_entries_made_wrong_are_never_taken_the_short_way_alone(seed):
    chance = random.Random(seed)
    for _ in range(20):
        data = mutated(chance, events())
        found = quickly(data)
        assert found is None or found == slowly(data), data


@given(
    text=st.text(max_size=30),
    places=st.sampled_from(["account", "mode", "reason"]),
    late=st.booleans(),
)
@example(text='"', places="mode", late=False)
@example(text="\\", places="mode", late=False)
@example(text="é", places="mode", late=True)
@example(text="\x7f", places="mode", late=True)
def test_texts_of_all_kinds(text, places, late):
    body = {"fleet": "f", "energy": "1", "hashes": "2", "machines": "3"}
    body |= {places: text} if places != "account" else {"mode": text}
    body |= {"late": True} if late else {}
    data = spelled("fleet.telemetry/1", body)
    found = quickly(data)
    assert found is None or found == slowly(data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'{"energy"', b'{,"energy"'),
        (b'"registe', b',"registe'),
        (b'"},"clock"', b'",},"clock"'),
        (b'"clock"', b' "clock"'),
        (b'"synced"', b'"Synced"'),
        (b'"25000000"', b'"025000000"'),
        (b'"25000000"', b"25000000"),
        (b'"25000000"', b'"-25000000"'),
        (b'"quality":"measured"', b'"quality":"estimated"'),
        (b'"t0":"', b'"t0":"9'),
        (b'"measured"', b'"me\\u0061sured"'),
        (b'"seq":"0"', b'"seq":"1"'),
        (b'"schema":"meter.reading/1"', b'"schema":"meter.reading/2"'),
    ],
)
def test_what_the_long_way_refuses_is_refused(old, new):
    good = entries(1)[1]
    assert old in good
    data = good.replace(old, new, 1)
    assert quickly(data) is None
    assert slowly(data) is None
    assert canonical.decode(good)
