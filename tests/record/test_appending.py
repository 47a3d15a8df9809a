import json

import pytest
from tests.record.sample import ORIGIN, START, STEP, approved, key, policy, vkey, write
from tests.record.sample import entries as sample_entries

from baseload.record.appending import Appender
from baseload.record.errors import FormatError, RecordError, StoreError
from baseload.record.events import parse
from baseload.record.keys import verifier_key
from baseload.record.publishing import publish
from baseload.record.reader import Reader
from baseload.record.rules import key_change

PHRASE = b"secret"


@pytest.fixture
def log(tmp_path):
    write(tmp_path / "log", sample_entries(3))
    (tmp_path / "keys").mkdir()
    key("log").write(tmp_path / "keys" / "log", PHRASE)
    for name in ("meter", "control", "desk"):
        key(name).write(tmp_path / "keys" / f"source-{name}", PHRASE)
    return tmp_path


def opened(log):
    return Appender.open(log / "log", log / "keys" / "log", log / "keys", PHRASE)


def line(number, **more):
    t0 = START + number * STEP
    body = {"meter": "main", "register": "import", "energy": "5", "quality": "measured"}
    told = {"schema": "meter.reading/1", "source": "meter", "t0": t0, "t1": t0 + STEP}
    return json.dumps(told | {"body": body} | more) + "\n"


def test_lines_are_numbered_chained_signed_and_durable(log):
    with opened(log) as appender:
        assert list(appender.lines([line(3), "\n", line(4), line(5)])) == [range(4, 7)]
    found = [parse(data) for data in Reader(log / "log", 7).entries(4)]
    assert [event.seq for event in found] == [3, 4, 5]
    assert found[0].prev == parse(Reader(log / "log", 7).entry(3)).leaf.hex()
    with opened(log) as appender:
        assert list(appender.lines([line(6)])) == [range(7, 8)]
        assert appender.publish().size == Reader(log / "log").size


def test_publication_leaves_nothing_that_is_not_vouched_for(log):
    with opened(log) as appender:
        list(appender.lines([line(3)]))
        size = appender.publish().size
    last = parse(Reader(log / "log").entry(size - 1))
    assert (last.source, last.signature is not None) == ("meter", True)


@pytest.mark.parametrize(
    "bad",
    [
        "no json\n",
        "[]\n",
        "{}\n",
        line(4, more="1"),
        line(4, t0="x"),
        line(4, t1=True),
        line(4, t1=START - 1),
        line(4, schema="meter.reading/9"),
        line(4, schema=5),
        line(4, source="stranger"),
        line(4, schema="source.head/1"),
        line(4, clock="right"),
        line(4, body={"meter": "main"}),
    ],
)
def test_a_bad_line_is_refused_and_nothing_of_its_batch_written(log, bad):
    with opened(log) as appender:
        with pytest.raises(RecordError) as caught:
            list(appender.lines([line(3), bad]))
        assert caught.value.mend
        assert appender.log.size == 4
        assert list(appender.lines([line(3)])) == [range(4, 5)]


def test_the_line_is_named(log):
    with opened(log) as appender, pytest.raises(FormatError, match="line 2"):
        list(appender.lines([line(3), "no json"]))


def test_publishing_tells_of_too_few_witnesses_and_goes_on(log):
    with opened(log) as appender:
        list(appender.lines([line(3)]))
    done = publish(log / "log", log / "keys" / "log", PHRASE)
    assert (done.size, done.have, done.of) == (5, 0, 2)
    assert "0/2" in done.alarms[0]
    assert Reader(log / "log").checkpoint()[0].size == 5
    assert done.policy == policy()
    assert ORIGIN in done.policy


def test_what_an_earlier_writer_left_unsigned_is_signed_for(log):
    """By whoever has the key in force; a key that was given up is in nobody's way."""
    log_of = opened(log)
    list(log_of.lines([line(3)]))  # which the next would have been signed for
    log_of.close()
    control = {"ordered_by": "plant", "order": "o", "power": "1", "reason": "limit"}
    order = {"schema": "fleet.setpoint/1", "source": "control", "t0": START, "t1": START,
             "body": control | {"start": str(START)}}  # fmt: skip
    (log / "keys" / "source-meter").rename(log / "kept")
    key("another").write(log / "keys" / "source-meter", PHRASE)
    with opened(log) as appender:
        appender.append([order])
        assert len(appender.vouch()) == 0
    (log / "kept").replace(log / "keys" / "source-meter")
    with opened(log) as appender:
        assert len(appender.vouch()) == 1
        assert len(appender.vouch()) == 0
    event = parse(Reader(log / "log", 7).entry(6))
    assert (event.schema, event.source) == ("source.head/1", "meter")


def test_a_source_that_writes_by_the_hour_signs_each(log):
    with opened(log) as appender:
        list(appender.lines([line(n) for n in (10, 14, 18, 19, 20)]))
    found = [parse(data) for data in Reader(log / "log", 9).entries(4)]
    assert [event.signature is not None for event in found] == [True, True, True, False, True]


def test_a_key_that_was_revoked_publishes_nothing(log):
    body = {"kind": "revocation", "holder": "log:", "key": vkey("log", ORIGIN), "reason": "lost"}
    change = {"schema": "rule.change/1", "source": "desk", "t0": START, "t1": START}
    with opened(log) as appender:
        appender.append([change | {"body": approved(body)}])
        with pytest.raises(StoreError, match="which was revoked"):
            appender.publish()
    assert Reader(log / "log").checkpoint()[0].size == 4


def test_the_log_goes_on_with_a_key_that_was_handed_over_and_no_other(log):
    """Both keys and both administrators sign the change; from then on the old key signs nothing."""
    first, second = verifier_key(key("log"), ORIGIN), verifier_key(key("second"), ORIGIN)
    body = key_change("log:", first, second, (key("log"), key("second")), ORIGIN)
    change = {"schema": "rule.change/1", "source": "desk", "t0": START, "t1": START}
    with opened(log) as appender:
        appender.append([change | {"body": approved(body)}])
    with pytest.raises(StoreError, match="the key in force"):
        publish(log / "log", log / "keys" / "log", PHRASE)
    key("second").write(log / "keys" / "second", PHRASE)
    assert publish(log / "log", log / "keys" / "second", PHRASE).size == 5
    with Appender.open(log / "log", log / "keys" / "second", log / "keys", PHRASE) as appender:
        assert appender.publish().size == 5
