from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record.sample import ORIGIN, entries, key, write

from baseload.record.errors import FormatError, ProofError, RecordError, SignatureError
from baseload.record.keys import verifier_key
from baseload.record.proof import parse_proof, prove
from baseload.record.reader import Reader

LOG = [verifier_key(key("log"), ORIGIN)]


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return Reader(write(tmp_path_factory.mktemp("log") / "log", entries()))


def test_every_entry_is_proven_and_no_other(log):
    for index in range(log.size):
        made = prove(log, index)
        found = parse_proof(made.encode())
        assert found == made
        found.check(log.entry(index), LOG)
        with pytest.raises(ProofError):
            found.check(log.entry((index + 1) % log.size), LOG)


def test_who_signed_matters(log):
    with pytest.raises(SignatureError):
        prove(log, 3).check(log.entry(3), [verifier_key(key("other"), ORIGIN)])


def test_the_form_is_that_of_the_specification(log):
    lines = prove(log, 3).encode().decode().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 3"]
    extra = "\n".join([lines[0], "extra AAAA", *lines[1:]]).encode()
    assert parse_proof(extra) == prove(log, 3)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("index 3", "index 03"),
        ("index 3", "index -3"),
        ("index 3\n", ""),
        ("\n\n", "\n"),
        ("=\n", "\n"),
    ],
)
def test_another_form_is_refused(log, old, new):
    with pytest.raises(FormatError):
        parse_proof(prove(log, 3).encode().decode().replace(old, new, 1).encode())


def test_more_hashes_than_a_tree_can_have_are_refused(log):
    text = prove(log, 3).encode().decode()
    with pytest.raises(FormatError, match="63"):
        parse_proof(
            text.replace("index 3\n", "index 3\n" + "A" * 43 + "=\n" * 1, 1)
            .replace("A" * 43 + "=\n", ("A" * 43 + "=\n") * 64)
            .encode()
        )


@given(st.binary(max_size=200))
def test_nothing_but_the_domains_error_leaves_the_parser(data):
    with suppress(RecordError):
        parse_proof(data)
