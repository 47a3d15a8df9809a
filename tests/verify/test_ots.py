from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.verify.findings import Refused
from baseload.verify.ots import BITCOIN_TAG, OTS_MAGIC, PENDING_TAG, read_ots

DIGEST = sha256(b"a file").digest()
HEAD = OTS_MAGIC + b"\x01\x08" + DIGEST
BLOCK = b"\x00" + BITCOIN_TAG + b"\x03\xf7\xef\x15"  # block 358391
PENDING = b"\x00" + PENDING_TAG + b"\x05\x04http"


def test_operations_follow_one_another():
    digest, ends = read_ots(HEAD + b"\xf0\x02AB" + b"\xf1\x01C" + b"\x08" + BLOCK)
    assert digest == DIGEST
    assert [(end.kind, end.height) for end in ends] == [("bitcoin", 358391)]
    assert ends[0].message == sha256(b"C" + DIGEST + b"AB").digest()


def test_a_fork_has_an_end_for_each_branch():
    _, ends = read_ots(
        HEAD + b"\xff" + PENDING + b"\xff\x08" + BLOCK + b"\x00" + bytes(8) + b"\x00"
    )
    assert [(end.kind, end.uri) for end in ends] == [
        ("pending", "http"), ("bitcoin", ""), ("unknown", ""),
    ]  # fmt: skip


def test_further_operations_of_the_format():
    for tag, message in ((b"\xf2", DIGEST[::-1]), (b"\xf3", DIGEST.hex().encode())):
        assert read_ots(HEAD + tag + BLOCK)[1][0].message == message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        OTS_MAGIC,
        HEAD,
        HEAD + BLOCK[:-1],
        HEAD + BLOCK + b"\x00",
        OTS_MAGIC + b"\x02\x08" + DIGEST + BLOCK,
        OTS_MAGIC + b"\x01\x02" + DIGEST + BLOCK,
        HEAD + b"\x67" + BLOCK,
        HEAD + b"\xf0\xff\xff\x03" + BLOCK,
        HEAD + b"\xf0\xa1\x20" + bytes(4129) + BLOCK,
        HEAD + b"\x08" * 300 + BLOCK,
        HEAD + b"\xf0" + b"\xff" * 20,
        HEAD + b"\xff" * 3000,
        HEAD + b"\xf0\x00" + BLOCK,
        HEAD + b"\x00" + BITCOIN_TAG + b"\x04\xf7\xef\x15\x00",
        HEAD + b"\x00" + BITCOIN_TAG + b"\x0a" + b"\x80" * 9 + b"\x02",
        HEAD + b"\x00" + PENDING_TAG + b"\x06\x04http!",
        HEAD + b"\x00" + PENDING_TAG + b"\x05\x04\x1b[2J",
    ],
)
def test_what_is_no_proof_is_refused(data):
    with pytest.raises(Refused):
        read_ots(data)


@given(st.binary(max_size=200))
def test_nothing_else_leaves_the_parser(data):
    try:
        digest, ends = read_ots(HEAD + data)
    except Refused:
        return
    assert digest == DIGEST
    assert ends
