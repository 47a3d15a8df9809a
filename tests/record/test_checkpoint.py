import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.record.checkpoint import MAX_SIZE, Checkpoint, parse_size, parse_text
from baseload.record.errors import FormatError, RecordError
from baseload.record.merkle import EMPTY_ROOT

ROOT = base64.b64encode(bytes(range(32))).decode()


@given(st.integers(1, MAX_SIZE), st.binary(min_size=32, max_size=32))
def test_what_is_written_is_read_again(size, root):
    made = Checkpoint("example.org/log", size, root)
    assert parse_text(str(made)) == made


def test_the_example_of_the_specification():
    """C2SP tlog-checkpoint v1.0.0, the note text of its example."""
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    found = parse_text(text)
    assert (found.origin, found.size, len(found.root)) == (
        "example.com/behind-the-sofa",
        20852163,
        32,
    )
    assert str(found) == text


@pytest.mark.parametrize(
    "size",
    ["007", "+7", "-1", "7_0", " 7", "7 ", "", "1e3", "٣", "0x1", str(2**63), "9" * 30, "７"],
)
def test_sizes_in_any_other_form_are_refused(size):
    with pytest.raises(FormatError):
        parse_size(size, "here")
    with pytest.raises(FormatError):
        parse_text(f"example.org\n{size}\n{ROOT}\n")


BAD = {
    "no origin": f"\n1\n{ROOT}\n",
    "two lines": "example.org\n1\n",
    "no line feed": f"example.org\n1\n{ROOT}",
    "31 bytes": f"example.org\n1\n{base64.b64encode(bytes(31)).decode()}\n",
    "33 bytes": f"example.org\n1\n{base64.b64encode(bytes(33)).decode()}\n",
    "no padding": f"example.org\n1\n{ROOT[:-1]}\n",
    "trailing bits": f"example.org\n1\n{ROOT[:-2]}9=\n",
    "empty extension": f"example.org\n1\n{ROOT}\n\n",
    "root of nothing": f"example.org\n0\n{ROOT}\n",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_checkpoints_are_refused(name):
    with pytest.raises(FormatError):
        parse_text(BAD[name])


def test_an_empty_tree_has_its_own_root():
    text = f"example.org\n0\n{base64.b64encode(EMPTY_ROOT).decode()}\n"
    assert parse_text(text).size == 0


@given(st.text(max_size=120))
def test_nothing_but_the_domains_error_leaves_the_parser(text):
    with suppress(RecordError):
        parse_text(text)
