import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.record import canonical
from baseload.record.errors import FormatError

TEXT = st.text(st.characters(exclude_categories=["Cs"])).map(
    lambda text: __import__("unicodedata").normalize("NFC", text)
)
VALUES = st.recursive(
    TEXT | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_read_again_and_is_the_only_form(value):
    data = canonical.encode(value)
    assert canonical.decode(data) == value
    assert json.loads(data) == value
    for other in (json.dumps(value, indent=1), json.dumps(value) + " "):
        if other.encode() != data:
            with pytest.raises(FormatError):
                canonical.decode(other.encode())


BAD = {
    "number": b'{"a":1}',
    "float": b'{"a":1.5}',
    "null": b'{"a":null}',
    "NaN": b'{"a":NaN}',
    "space": b'{"a": "1"}',
    "unsorted": b'{"b":"1","a":"1"}',
    "twice": b'{"a":"1","a":"2"}',
    "escaped letter": b'{"\\u0061":"1"}',
    "escaped slash": b'{"a":"\\/"}',
    "upper-case escape": b'{"a":"\\u001F"}',
    "surrogate": b'{"a":"\\ud800"}',
    "another form of e with an accent": '{"a":"e\u0301"}'.encode(),
    "byte order mark": b"\xef\xbb\xbf{}",
    "not UTF-8": b'{"a":"\xff"}',
    "cut": b'{"a":"1"',
    "trailing": b"{}{}",
    "newline": b"{}\n",
    "deep": b'{"a":' * 20 + b'"1"' + b"}" * 20,
    "very deep": b"[" * 100_000,
    "empty": b"",
}


@pytest.mark.parametrize("name", BAD)
def test_other_forms_are_refused_with_the_one_error(name):
    with pytest.raises(FormatError):
        canonical.decode(BAD[name])


def test_the_error_names_the_key():
    with pytest.raises(FormatError, match=r"event\.body\.energy") as caught:
        canonical.encode({"body": {"energy": 3}})
    assert "text" in caught.value.expected


def test_control_characters_are_escaped_as_json_requires_and_no_others():
    assert (
        canonical.encode({"a": '\n\t\x1f\x7f"\\é'}) == '{"a":"\\n\\t\\u001f\x7f\\"\\\\é"}'.encode()
    )
