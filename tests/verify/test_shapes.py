import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record.events.test_event import GOOD

from baseload.record.errors import FormatError
from baseload.record.events import BODIES, check_body
from baseload.verify.findings import Refused
from baseload.verify.shapes import EVENT_SHAPES, SIGNED_ALONE, check_body_of

# Never null: the canonical form has none, so it reaches neither of the two.
VALUES = st.sampled_from(
    ["", "1", "-1", "01", "x", "X", "0" * 64, "a" * 300, True, False, 1, [], {}, ["1"], "é", "1\n"]
)


def test_both_implementations_know_the_same_types():
    from baseload.record.source import SIGNED

    assert EVENT_SHAPES.keys() == BODIES.keys()
    assert SIGNED_ALONE == SIGNED


@pytest.mark.parametrize("schema", GOOD)
def test_good_bodies_are_good(schema):
    check_body_of(schema, GOOD[schema])


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_both_agree_on_changed_bodies(schema, data):
    body = dict(GOOD[schema])
    keys = [*body, "late", "reason", "of", "method", "strange", "counter", "order_sig", "end"]
    for key in data.draw(st.lists(st.sampled_from(keys), max_size=2)):
        if data.draw(st.booleans()):
            body[key] = data.draw(VALUES)
        else:
            body.pop(key, None)
    assert refused(check_body, schema, body) == refused(check_body_of, schema, body), body


def refused(check, schema, body):
    try:
        check(schema, body)
    except (FormatError, Refused):
        return True
    return False
