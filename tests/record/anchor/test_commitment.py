"""Commitments in blocks of one's own, up to what the inspector makes of them."""

import struct
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.record.anchor.loopback import double, mined
from tests.record.sample import entries, write

from baseload.record.anchor.commitment import (
    MAX_SCRIPT,
    checkpoint_digest,
    coinbase_script,
    commitment,
    op_return,
)
from baseload.record.errors import FormatError, RecordError
from baseload.verify.anchors import Anchors, PublicChain, bare_digest
from baseload.verify.kit import Kit


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return write(tmp_path_factory.mktemp("committed") / "log", entries(20))


def coinbase(script, outputs=()):
    """Return a coinbase without witness: one input, a payment, and further outputs."""
    outputs = [(312_500_000, bytes.fromhex("0014") + bytes(20)), *((0, one) for one in outputs)]
    paid = b"".join(struct.pack("<Q", v) + bytes([len(s)]) + s for v, s in outputs)
    return b"".join(
        (
            struct.pack("<I", 1) + b"\x01" + bytes(32) + b"\xff" * 4,
            bytes([len(script)]) + script + b"\xff" * 4,
            bytes([len(outputs)]) + paid + bytes(4),
        )
    )


def accepted(folder, height, transaction):
    """Return how many anchors the inspector counts in a kit with one block of the mine's own."""
    header = mined(double(transaction))
    (folder / "headers").mkdir(exist_ok=True)
    for old in (folder / "headers").iterdir():
        old.unlink()
    (folder / "headers" / f"{height}.bin").write_bytes(header)
    kit = Kit(str(folder))
    audit = SimpleNamespace(kit=kit, counts={})
    anchors = Anchors(audit, PublicChain(kit))
    for size in (7, 14, 21):
        anchors.saw(SimpleNamespace(head=SimpleNamespace(size=size)))
    body = {"height": str(height), "header": header.hex(), "coinbase": transaction.hex()}
    anchors.add(30, {"schema": "shares.retained/1", "body": body})
    assert list(anchors.end(audit)) == []
    return audit.counts["anchors"]


def test_the_hash_is_the_one_that_the_inspector_takes(log):
    kit = Kit(str(log))
    for size in (7, 14, 21):
        assert checkpoint_digest(log, size) == (size, bare_digest(kit, size))
    assert checkpoint_digest(log)[0] == 21


def test_cosignatures_do_not_change_it(log, tmp_path):
    other = write(tmp_path / "log", entries(20), start=1_767_999_999_000)
    names = [folder / "checkpoints" / "21" for folder in (log, other)]
    assert names[0].read_bytes() != names[1].read_bytes()
    assert checkpoint_digest(log) == checkpoint_digest(other)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    height=st.integers(0, 999_999_999),
    rest=st.binary(max_size=56),
    size=st.sampled_from([7, 14, 21]),
)
def test_the_inspector_accepts_what_was_written(log, height, rest, size):
    script = coinbase_script(height, checkpoint_digest(log, size)[1], rest)
    assert 2 <= len(script) <= MAX_SCRIPT
    assert accepted(log, height, coinbase(script)) == 1


def test_a_tag_that_looks_like_the_mark_hides_nothing(log):
    digest = checkpoint_digest(log)[1]
    script = coinbase_script(958_391, digest)
    tagged = script[:4] + b"\x05/bld1" + script[4:]
    assert accepted(log, 958_391, coinbase(tagged)) == 1
    assert accepted(log, 958_391, coinbase(b"\x03\x01\x02\x03bld1", [op_return(digest)])) == 1
    assert accepted(log, 958_391, coinbase(b"\x03\x01\x02\x03" + commitment(bytes(32)))) == 0


@pytest.mark.parametrize(
    ("height", "script"),
    [
        (0, "00"),
        (1, "51"),
        (16, "60"),
        (17, "0111"),
        (127, "017f"),
        (128, "028000"),
        (227_931, "035b7a03"),
        (958_391, "03b79f0e"),
        (8_388_608, "0400008000"),
    ],
)
def test_the_height_is_pushed_as_bip_34_has_it(height, script):
    """CScript << nHeight of Bitcoin Core; 227,931 is the first block that had to (BIP 90)."""
    found = coinbase_script(height, bytes(32))
    assert found.hex() == script + "24" + "626c6431" + "00" * 32


def test_an_output_is_what_nobody_can_spend():
    assert op_return(b"\x07" * 32).hex() == "6a24626c6431" + "07" * 32


def test_what_does_not_fit_is_refused():
    assert len(coinbase_script(958_391, bytes(32), bytes(59))) == 100
    with pytest.raises(FormatError, match="so 59 for the rest"):
        coinbase_script(958_391, bytes(32), bytes(60))
    with pytest.raises(FormatError, match="a height of 0 or more"):
        coinbase_script(-1, bytes(32))


def test_a_checkpoint_that_another_signed_first_is_refused(log, tmp_path):
    with pytest.raises(RecordError, match="no such file"):
        checkpoint_digest(log, 8)
    other = write(tmp_path / "log", entries(5))
    path = other / "checkpoints" / "6"
    *text, own, one, two, end = path.read_text().split("\n")
    path.write_text("\n".join([*text, one, own, two, end]))
    with pytest.raises(FormatError, match="as the first"):
        checkpoint_digest(other)
