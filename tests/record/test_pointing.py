"""What points at another entry is held against it before it is written."""

import pytest
from tests.record.sample import START, STEP, approved, key, vkey
from tests.record.test_appending import line, log, opened

from baseload.record.errors import FormatError
from baseload.record.events import parse
from baseload.record.reader import Reader

assert log  # a fixture


def correction(index, leaf, **body):
    told = {"index": str(index), "of": leaf, "reason": "read wrong", "body": body}
    return {"schema": "correction/1", "source": "desk", "t0": START, "t1": START, "body": told}


BODY = {"meter": "main", "register": "import", "energy": "5", "quality": "measured"}


def leaf(log, index):
    reader = Reader(log / "log", 4)
    return parse(reader.entry(index)).leaf.hex()


def test_a_reading_is_sent_once(log):
    """A reader that was interrupted sends again what it does not know to have arrived."""
    with opened(log) as appender:
        list(appender.lines([line(3), line(5)]))
        for again in (line(3), line(4, t0=START + 3 * STEP), line(2)):
            with pytest.raises(FormatError, match="has no reading"):
                list(appender.lines([line(7), again]))
        with pytest.raises(FormatError, match="has no reading"):
            list(appender.lines([line(7), line(7)]))
        assert list(appender.lines([line(4), line(7)])) == [range(6, 8)]
    with opened(log) as appender, pytest.raises(FormatError, match="line 2"):
        list(appender.lines([line(6), line(4)]))


@pytest.mark.parametrize(
    ("index", "of", "body", "named"),
    [
        (9, 1, BODY, "index"),
        (4, 1, BODY, "index"),
        (2, 1, BODY, "index"),
        (1, 1, BODY | {"energy": "five"}, "energy"),
        (1, 1, {}, "meter"),
    ],
)
def test_a_correction_is_of_an_entry_that_is_there(log, index, of, body, named):
    with opened(log) as appender:
        with pytest.raises(FormatError, match=named):
            appender.append([correction(index, leaf(log, of), **body)])
        assert appender.append([correction(1, leaf(log, 1), **BODY)]) == range(4, 5)


def test_a_reading_stands_for_the_raw_one_of_its_time(log):
    def stands(number, of, **more):
        body = BODY | {"quality": "edited", "method": "register", "reason": "spike", "of": of}
        t0 = START + number * STEP
        return {"schema": "meter.reading/1", "source": "meter", "t0": t0, "t1": t0 + STEP,
                "body": body | more}  # fmt: skip

    raw = leaf(log, 1)  # of number 0
    with opened(log) as appender:
        for wrong in (
            stands(1, raw),
            stands(0, raw, meter="other"),
            stands(0, raw, register="export"),
            stands(0, "0" * 64),
            stands(0, leaf(log, 0)),
            stands(0, raw, quality="measured"),
        ):
            with pytest.raises(FormatError, match=r"entry 4\.body"):
                appender.append([wrong])
        assert appender.append([stands(0, raw)]) == range(4, 5)
        second = parse(Reader(log / "log", 5).entry(4)).leaf.hex()
        with pytest.raises(FormatError, match="raw reading"):
            appender.append([stands(0, second)])


def test_nobody_speaks_for_another_party(log):
    key("g").write(log / "keys" / "source-grid.desk", b"secret")
    told = {"id": "grid.desk", "owner": "grid", "schemas": ["correction/1"]}
    body = approved({"kind": "source", "source": told | {"key": vkey("g", "grid.desk")}})
    change = {"schema": "rule.change/1", "source": "desk", "t0": START, "t1": START, "body": body}
    with opened(log) as appender:
        appender.append([change])
        with pytest.raises(FormatError, match="a source of plant"):
            appender.append([correction(1, leaf(log, 1), **BODY) | {"source": "grid.desk"}])
