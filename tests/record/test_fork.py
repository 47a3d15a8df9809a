from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record import naive
from tests.record.sample import ORIGIN, key, private

from baseload.record import note
from baseload.record.checkpoint import Checkpoint
from baseload.record.errors import FormatError, ProofError, RecordError, SignatureError
from baseload.record.fork import Divergence, ForkProof, fork_between, parse_fork
from baseload.record.keys import verifier_key
from baseload.record.reader import Reader
from baseload.record.store import Log

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
    made = ForkProof((LOG,), signed(ONE), signed(OTHER))
    assert parse_fork(made.encode()) == made
    first, second = parse_fork(made.encode()).check()
    assert (first.size, second.size) == (9, 9)


def test_two_sizes_prove_one_by_an_entry_that_differs():
    made = ForkProof((LOG,), signed(ONE[:6]), signed(OTHER), divergence(ONE[:6], OTHER, 4))
    assert parse_fork(made.encode()) == made
    made.check()


@pytest.mark.parametrize(
    "made",
    [
        ForkProof((LOG,), signed(ONE), signed(ONE)),
        ForkProof((LOG,), signed(ONE[:6]), signed(ONE)),
        ForkProof((LOG,), signed(ONE[:6]), signed(ONE), divergence(ONE[:6], ONE, 4)),
        ForkProof((LOG,), signed(ONE[:6]), signed(ONE), divergence(ONE[:6], OTHER, 4)),
    ],
)
def test_checkpoints_that_agree_prove_nothing(made):
    with pytest.raises(ProofError):
        made.check()


def copies(place, other, sizes):
    """Two copies of a log, of which the second may have another entry."""
    for name, size in zip("ab", sizes, strict=True):
        with Log.create(place / name, ORIGIN, key("log")) as log:
            log.append([b"%d" % (-1 if n == other and name == "b" else n) for n in range(size)])
            log.publish()
    return Reader(place / "a"), Reader(place / "b")


@pytest.mark.parametrize("sizes", [(300, 700), (700, 300), (300, 300), (1, 2), (513, 512)])
@pytest.mark.parametrize("other", [0, 1, 255, 256, 299, None])
def test_two_copies_are_one_record_or_prove_a_fork(tmp_path, sizes, other):
    sides = copies(tmp_path, other, sizes)
    proof = fork_between([LOG], *sides)
    if other is None or other >= min(sizes):
        assert proof is None
        return
    made = parse_fork(proof.encode())
    assert {found.size for found in made.check()} == set(sizes)
    assert (made.divergence and made.divergence.index) == (None if len(set(sizes)) == 1 else other)


def test_a_copy_that_is_not_what_its_checkpoint_says_proves_nothing(tmp_path):
    first, second = copies(tmp_path, 4, (9, 12))
    tile = tmp_path / "b" / "tile/0/000.p/12"
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    with pytest.raises(FormatError, match="tiles with the root"):
        fork_between([LOG], first, Reader(tmp_path / "b"))
    with pytest.raises(SignatureError):
        fork_between([verifier_key(key("second"), ORIGIN)], first, second)


def test_a_log_that_changed_its_key_forks_with_both():
    second = verifier_key(key("second"), ORIGIN)
    made = ForkProof((LOG, second), signed(ONE), signed(OTHER, "second"))
    assert parse_fork(made.encode()) == made
    made.check()
    with pytest.raises(SignatureError):
        ForkProof((second,), signed(ONE), signed(OTHER, "second")).check()
    other = verifier_key(key("second"), "another.example.org/log")
    with pytest.raises(ProofError):
        ForkProof((LOG, other), signed(ONE), signed(OTHER)).check()


def test_the_log_must_have_signed_both():
    with pytest.raises(SignatureError):
        ForkProof((LOG,), signed(ONE), signed(OTHER, "stranger")).check()


@pytest.mark.parametrize(
    ("old", "new"), [("@v1", "@v2"), ("\n--\n", "\n"), ("\n  —", "\n—"), ("log ", "key ")]
)
def test_another_form_is_refused(old, new):
    text = ForkProof((LOG,), signed(ONE), signed(OTHER)).encode().decode()
    with pytest.raises(FormatError):
        parse_fork(text.replace(old, new, 1).encode())


@given(st.binary(max_size=200))
def test_nothing_but_the_domains_error_leaves_the_parser(data):
    with suppress(RecordError):
        parse_fork(data)
