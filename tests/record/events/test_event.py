import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record.sample import ORIGIN, charter, key, reading, sources

from baseload.record import canonical
from baseload.record.errors import FormatError
from baseload.record.events import BODIES, check_body, parse
from baseload.record.source import Source

HASH, HEADER = "0" * 64, "0" * 160
GOOD = {
    "meter.reading/1": {"meter": "m", "register": "import", "energy": "5", "quality": "measured"},
    "meter.event/1": {"meter": "m", "kind": "seal", "serial": "A1"},
    "grid.signal/1": {
        "issuer": "grid", "signal": "1", "kind": "limit", "value": "5", "unit": "W",
        "start": "1", "end": "2",
    },
    "plan.committed/1": {
        "ordered_by": "plant", "plan": "1", "start": "1", "step_ms": "900000", "power": ["1", "0"],
    },
    "fleet.setpoint/1": {
        "ordered_by": "plant", "order": "1", "power": "0", "start": "1", "reason": "safety",
    },
    "fleet.telemetry/1": {"fleet": "f", "energy": "1", "hashes": "2", "machines": "3"},
    "shares.summary/1": {
        "pool": "p", "account": "a", "accepted": "1", "rejected": "0", "stale": "0", "work": "5",
        "work_squared": "25",
    },
    "shares.retained/1": {
        "pool": "p", "height": "1", "header": HEADER, "coinbase": "00", "path": [HASH],
    },
    "pool.payout/1": {
        "pool": "p", "account": "a", "method": "fpps", "work": "1", "fee_ppm": "20000",
        "amount": "0",
    },
    "chain.header/1": {"height": "1", "header": HEADER},
    "claim/1": {"by": "somebody", "about": "x", "text": "y", "sources": []},
    "access/1": {"by": "inspector", "place": "hall", "outcome": "refused", "asked": "1"},
    "statement/1": {"kind": "notice", "text": "x"},
    "correction/1": {"index": "1", "of": HASH, "body": {}, "reason": "typed wrong"},
    "source.head/1": {},
    "rule.change/1": {"kind": "revocation", "holder": "party:a", "key": "k", "approvals": []},
}  # fmt: skip


def test_there_is_a_good_body_of_every_type():
    assert GOOD.keys() == BODIES.keys()
    for schema, body in GOOD.items():
        check_body(schema, body)


@pytest.mark.parametrize("schema", GOOD)
def test_a_strange_key_and_a_missing_one_are_named(schema):
    with pytest.raises(FormatError, match="strange"):
        check_body(schema, GOOD[schema] | {"strange": "1"})
    for key_left_out in GOOD[schema]:
        if schema == "fleet.setpoint/1" and key_left_out == "reason":
            continue
        less = {key: value for key, value in GOOD[schema].items() if key != key_left_out}
        with pytest.raises(FormatError):
            check_body(schema, less)


@pytest.mark.parametrize(
    ("schema", "change"),
    [
        ("meter.reading/1", {"energy": "1.5"}),
        ("meter.reading/1", {"energy": "-5"}),
        ("meter.reading/1", {"energy": "007"}),
        ("meter.reading/1", {"energy": "+7"}),
        ("meter.reading/1", {"energy": "-0"}),
        ("meter.reading/1", {"energy": "٣"}),
        ("meter.reading/1", {"energy": 5}),
        ("meter.reading/1", {"energy": "1\n"}),
        ("meter.reading/1", {"energy": "1,000"}),
        ("meter.reading/1", {"quality": "guessed"}),
        ("meter.reading/1", {"quality": "estimated"}),
        ("meter.reading/1", {"meter": "Upper"}),
        ("meter.reading/1", {"late": True}),
        ("meter.reading/1", {"late": "true"}),
        ("shares.retained/1", {"header": HEADER[:-1]}),
        ("shares.retained/1", {"path": [HASH[:-1] + "G"]}),
        ("fleet.setpoint/1", {"reason": "because"}),
        ("fleet.setpoint/1", {"power": "-1"}),
        ("fleet.setpoint/1", {"order_sig": "A" * 85 + "B=="}),
        ("statement/1", {"kind": "other"}),
        ("rule.change/1", {"kind": "other"}),
    ],
)
def test_bad_values_are_refused_and_the_key_named(schema, change):
    with pytest.raises(FormatError) as caught:
        check_body(schema, GOOD[schema] | change)
    assert "body" in caught.value.where


def test_an_unknown_type_is_refused():
    with pytest.raises(FormatError, match=r"meter\.reading/1"):
        check_body("meter.reading/2", {})


@pytest.mark.parametrize(
    "change",
    [
        {"seq": "01"},
        {"seq": 1},
        {"seq": "1\n", "prev": "0" * 64},
        {"seq": "9" * 5000, "prev": "0" * 64},
        {"prev": "\n"},
        {"t1": "9" * 15 + "\n"},
        {"source": "Meter"},
        {"source": "meter\n"},
        {"source": "m" * 64},
        {"schema": "meter.reading"},
        {"prev": "0" * 64},
        {"t0": "9" * 16},
        {"t1": "0"},
        {"clock": "right"},
        {"sig": "AAAA"},
        {"sig": "A" * 85 + "B=="},
        {"more": "1"},
        {"body": []},
    ],
)
def test_an_envelope_that_is_not_one_is_refused(change):
    event = json.loads(reading(sources()["meter"], 0)) | change
    with pytest.raises(FormatError):
        parse(canonical.encode(event) if "seq" not in change or change["seq"] != 1 else b"{}")


def test_what_must_be_signed_is_refused_without():
    event = json.loads(charter(sources()["desk"]))
    del event["sig"]
    with pytest.raises(FormatError, match="sig"):
        parse(canonical.encode(event))


def test_an_event_of_one_form_is_the_same_bytes_for_ever():
    """Noticed here, a change of the format cannot happen by accident."""
    source = Source("meter", key("meter"), ORIGIN)
    body = GOOD["meter.reading/1"]
    assert source.event("meter.reading/1", 5, 6, body, sign=False) == (
        b'{"body":{"energy":"5","meter":"m","quality":"measured","register":"import"},'
        b'"clock":"synced","prev":"","schema":"meter.reading/1","seq":"0","source":"meter",'
        b'"t0":"5","t1":"6"}'
    )


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data):
    with pytest.raises(FormatError):
        parse(data)


@given(st.data())
def test_a_cut_or_changed_event_is_no_event_or_another(data):
    event = charter(sources()["desk"])
    at = data.draw(st.integers(0, len(event) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = event[:at] + bytes([event[at] ^ 1 << bit]) + event[at + 1 :]
    try:
        found = parse(changed)
    except FormatError:
        return
    assert found.leaf != parse(event).leaf
