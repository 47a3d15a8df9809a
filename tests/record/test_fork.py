from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record import naive
from tests.record.sample import ORIGIN, key, private

from baseload.record import note
from baseload.record.checkpoint import Checkpoint
from baseload.record.errors import FormatError, ProofError, RecordError, SignatureError
from baseload.record.fork import Divergence, ForkProof, parse_fork
from baseload.record.keys import verifier_key

LOG = verifier_key(key("log"), ORIGIN)
ONE = [f"{n}".encode() for n in range(9)]
OTHER = [b"other" if n == 4 else entry for n, entry in enumerate(ONE)]


def signed(entries, by="log"):
    text = str(Checkpoint(ORIGIN, len(entries), naive.root(entries)))
    return note.Note(text, (note.sign(text, ORIGIN, private(by)),))


def divergence(left, right, index):
    one, other = (
        (naive.leaf(entries[index]), *naive.inclusion(index, entries)) for entries in (left, right)
    )
    return Divergence(index, one, other)


def test_two_roots_for_one_size_prove_a_fork():
    made = ForkProof(LOG, signed(ONE), signed(OTHER))
    assert parse_fork(made.encode()) == made
    first, second = parse_fork(made.encode()).check()
    assert (first.size, second.size) == (9, 9)


def test_two_sizes_prove_one_by_an_entry_that_differs():
    made = ForkProof(LOG, signed(ONE[:6]), signed(OTHER), divergence(ONE[:6], OTHER, 4))
    assert parse_fork(made.encode()) == made
    made.check()


@pytest.mark.parametrize(
    "made",
    [
        ForkProof(LOG, signed(ONE), signed(ONE)),
        ForkProof(LOG, signed(ONE[:6]), signed(ONE)),
        ForkProof(LOG, signed(ONE[:6]), signed(ONE), divergence(ONE[:6], ONE, 4)),
        ForkProof(LOG, signed(ONE[:6]), signed(ONE), divergence(ONE[:6], OTHER, 4)),
    ],
)
def test_checkpoints_that_agree_prove_nothing(made):
    with pytest.raises(ProofError):
        made.check()


def test_the_log_must_have_signed_both():
    with pytest.raises(SignatureError):
        ForkProof(LOG, signed(ONE), signed(OTHER, "stranger")).check()


@pytest.mark.parametrize(
    ("old", "new"), [("@v1", "@v2"), ("\n--\n", "\n"), ("\n  —", "\n—"), ("log ", "key ")]
)
def test_another_form_is_refused(old, new):
    text = ForkProof(LOG, signed(ONE), signed(OTHER)).encode().decode()
    with pytest.raises(FormatError):
        parse_fork(text.replace(old, new, 1).encode())


@given(st.binary(max_size=200))
def test_nothing_but_the_domains_error_leaves_the_parser(data):
    with suppress(RecordError):
        parse_fork(data)
