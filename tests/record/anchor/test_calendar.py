"""The calendar protocol over a socket: python-opentimestamps, opentimestamps/calendar.py."""

import time

import pytest
from tests.record.anchor import loopback
from tests.record.anchor.loopback import calendars

from baseload.record.anchor.calendar import Calendar, CalendarError, OutOfReach, each
from baseload.record.anchor.ots import Bitcoin, Pending
from baseload.record.errors import FormatError, RecordError

DIGEST = bytes(range(32))


@pytest.fixture
def served():
    with calendars(1) as (one,):
        yield one


def test_a_hash_is_handed_in_and_asked_for_again(served):
    asked = Calendar.at(served.url + "/")
    ((message, end),) = asked.submit(DIGEST).ends()
    assert (end, len(message)) == (Pending(served.url), 44)
    assert asked.completed(message) == "Pending confirmation in Bitcoin blockchain"
    header = served.mine(500)
    ((root, end),) = asked.completed(message).ends()
    assert (root, end) == (header[36:68], Bitcoin(500))
    assert [path for path, *_ in served.asked] == ["/digest"] + 2 * [f"/timestamp/{message.hex()}"]
    assert served.asked[0][1] == DIGEST


def test_an_address_may_have_a_path(served):
    served.answer = lambda handler, *_: handler.reply(404, b"")
    with pytest.raises(CalendarError, match="status 404"):
        Calendar.at(served.url + "/deep").submit(DIGEST)
    assert served.asked[0][0] == "/deep/digest"
    assert Calendar.at(served.url).completed(DIGEST) == "not yet"


@pytest.mark.parametrize(
    "text",
    [
        "", "calendar.example.org", "ftp://example.org", "file:///etc/passwd", "https://",
        "https://user@example.org", "https://example.org/?q=1", "https://example.org/#x",
        "https://example.org:70000", "http://exa mple.org", "http://[::1", "https://\x1b[2J",
        "https://example.org/" + "a" * 1000,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_anything_is_sent(text):
    with pytest.raises(FormatError, match="an address such as") as caught:
        Calendar.at(text)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("hostile", "told"),
    [
        ("huge", "at most 10,000 bytes"),
        ("endless", "at most 10,000 bytes"),
        ("garbage", "a step that is known"),
        ("empty", "1 bytes more"),
        ("failing", "status 500: _[2J"),
        ("redirecting", "status 302"),
        ("no_http", "a calendar that answers"),
        ("hanging_up", "a calendar that answers"),
    ],
)
def test_hostile_answers_are_errors_that_say_what_was_wrong(served, hostile, told):
    served.answer = getattr(loopback, hostile)
    asked = Calendar.at(served.url, timeout=2.0)
    for ask in (lambda: asked.submit(DIGEST), lambda: asked.completed(DIGEST)):
        with pytest.raises(CalendarError) as caught:
            ask()
        text = str(caught.value)
        assert served.url in text
        assert told.replace("[", "_") in text
        assert "\x1b" not in text


def test_nobody_there():
    with calendars(1) as (gone,):
        url = gone.url
    with pytest.raises(OutOfReach, match="a calendar that answers"):
        Calendar.at(url).submit(DIGEST)


def test_a_byte_now_and_then_does_not_hold_up_the_others(served):
    served.answer = loopback.dripping
    slow = Calendar.at(served.url, timeout=1.0)
    start = time.monotonic()
    found = each({"slow": lambda: slow.submit(DIGEST), "quick": lambda: "here"}, 0.3)
    assert time.monotonic() - start < 1.0
    assert found["quick"] == "here"
    assert isinstance(found["slow"], OutOfReach)
    assert list(found) == ["slow", "quick"]


def test_answers_come_by_name_and_errors_are_answers():
    def fail():
        raise FormatError("here", expected="a", found="b", mend="c")

    found = each({"b": lambda: None, "a": fail, "c": lambda: 0})
    assert (found["b"], found["c"], list(found)) == (None, 0, ["b", "a", "c"])
    assert isinstance(found["a"], RecordError)
    assert each({}) == {}
