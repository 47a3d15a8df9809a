import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record.test_canonical import BAD, VALUES

from baseload.record import canonical
from baseload.record.errors import FormatError
from baseload.verify.canonicaltext import read_canonical, write_canonical
from baseload.verify.findings import Refused


@given(VALUES)
def test_both_implementations_write_the_same_bytes(value):
    assert write_canonical(value) == canonical.encode(value)
    assert read_canonical(canonical.encode(value)) == value


@pytest.mark.parametrize("name", BAD)
def test_what_one_refuses_the_other_does(name):
    with pytest.raises(Refused):
        read_canonical(BAD[name])


@given(VALUES, st.data())
def test_both_agree_on_changed_bytes(value, data):
    text = canonical.encode(value)
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    changed = text[:first] + data.draw(st.binary(max_size=6)) + text[last:]
    assert refused(canonical.decode, changed) == refused(read_canonical, changed)


@given(st.integers(14, 20), st.sampled_from([(b"[", b"]"), (b'{"a":', b"}")]), st.booleans())
def test_both_count_levels_alike(levels, brackets, empty):
    inner = brackets[0].rstrip(b'"a:') + brackets[1] if empty else b'"x"'
    text = brackets[0] * levels + inner + brackets[1] * levels
    assert refused(canonical.decode, text) == refused(read_canonical, text)


def refused(read, data):
    try:
        read(data)
    except (FormatError, Refused):
        return True
    return False


def test_the_first_byte_that_differs_is_named():
    with pytest.raises(Refused) as caught:
        read_canonical(b'{"a":"1", "b":"2"}')
    assert caught.value.at == 9
