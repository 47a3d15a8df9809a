import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.record.sample import ORIGIN, START, STEP, key, reading

from baseload.record.events import parse
from baseload.record.merkle import leaf_hash
from baseload.record.note import ed25519_holds
from baseload.record.source import HEAD_EVERY, Source, message


def telemetry(source, number, step=1000):
    body = {"fleet": "f", "energy": "1", "hashes": "2", "machines": "3"}
    return source.event("fleet.telemetry/1", START, START + number * step, body)


def test_events_are_numbered_and_chained_by_their_leaf_hashes():
    source = Source("meter", key("meter"), ORIGIN)
    found = [parse(telemetry(source, n)) for n in range(5)]
    assert [event.seq for event in found] == list(range(5))
    assert found[0].prev == ""
    for before, after in pairwise(found):
        assert after.prev == leaf_hash(before.data).hex()


def test_a_signature_covers_all_but_itself_and_names_the_log():
    event = parse(reading(Source("meter", key("meter"), ORIGIN), 0))
    bare = json.loads(event.data)
    del bare["sig"]
    text = json.dumps(bare, sort_keys=True, separators=(",", ":")).encode()
    signed = b"baseload/event/v1\n" + ORIGIN.encode() + b"\n" + text
    assert message(ORIGIN, event.unsigned()) == signed
    assert ed25519_holds(key("meter").public, event.signature, signed)
    other = message("another.example.org", event.unsigned())
    assert not ed25519_holds(key("meter").public, event.signature, other)


@given(st.integers(1, 3 * HEAD_EVERY))
def test_no_more_than_255_events_go_unsigned(count):
    source = Source("meter", key("meter"), ORIGIN)
    signed = [parse(telemetry(source, n)).signature is not None for n in range(count)]
    assert signed == [n % HEAD_EVERY == HEAD_EVERY - 1 for n in range(count)]


def test_a_head_is_due_after_a_quarter_of_an_hour():
    source = Source("meter", key("meter"), ORIGIN)
    assert not source.head_due(START + 10 * STEP)
    telemetry(source, 0)
    assert not source.head_due(START + STEP - 1)
    assert source.head_due(START + STEP)
    assert parse(source.head(START + STEP)).signature is not None
    assert not source.head_due(START + 10 * STEP)


def test_orders_are_always_signed():
    source = Source("control", key("control"), ORIGIN)
    body = {"ordered_by": "plant", "order": "1", "power": "0", "start": "1", "reason": "safety"}
    assert parse(source.event("fleet.setpoint/1", 1, 1, body)).signature is not None


def test_a_source_goes_on_where_a_copy_was_made():
    source = Source("meter", key("meter"), ORIGIN)
    telemetry(source, 0)
    copy = source.copy()
    assert telemetry(copy, 1) == telemetry(source, 1)
    assert copy.head_due(START + STEP) == source.head_due(START + STEP)
