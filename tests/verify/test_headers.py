import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.verify.findings import Refused
from baseload.verify.headers import (
    bits_of,
    difficulty_e8,
    double_sha256,
    fold_branch,
    has_work,
    read_header,
    read_headers,
    share_target,
    target_of,
)

# The first two blocks of the public chain.
GENESIS = bytes.fromhex(
    "01000000" + "00" * 32 + "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a"
    "29ab5f49ffff001d1dac2b7c"
)
FIRST = bytes.fromhex(
    "010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000"
    "982051fd1e4ba744bbbe680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299"
)


def test_the_first_two_blocks_of_the_chain():
    genesis, first = read_headers(GENESIS + FIRST, 0)
    assert genesis.hash[::-1].hex() == (
        "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
    )
    assert first.hash[::-1].hex() == (
        "00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048"
    )
    assert (genesis.time, genesis.bits, first.height) == (1231006505, 0x1D00FFFF, 1)
    assert difficulty_e8(genesis.bits) == 10**8


@pytest.mark.parametrize(
    ("bits", "target"),
    [
        (0x01003456, 0),
        (0x01123456, 0x12),
        (0x02008000, 0x80),
        (0x05009234, 0x92340000),
        (0x04923456, 0),
        (0x04123456, 0x12345600),
        (0x00000000, 0),
        (0x1D00FFFF, 0xFFFF << 208),
        (0x23000001, 0),
        (0xFF123456, 0),
    ],
)
def test_the_compact_form_of_bitcoin_core(bits, target):
    """bitcoin:src/test/arith_uint256_tests.cpp, bignum_SetCompact; negative and too large: 0."""
    assert target_of(bits) == target


@given(st.integers(1, 2**255))
def test_a_target_is_rounded_down_once(target):
    again = target_of(bits_of(target))
    assert again <= target
    assert bits_of(again) == bits_of(target)


def test_difficulties_are_those_that_explorers_show():
    """Blocks 935,424 and 937,440: 125.86 T and 144.40 T, facts/mining.md."""
    assert difficulty_e8(0x1B0404CB) // 10**8 == 16307  # the example of the Bitcoin wiki
    assert share_target(1) == 0xFFFF << 208
    assert share_target(2, 3) == (0xFFFF << 208) * 4


@pytest.mark.parametrize("at", [0, 40, 70, 72, 79])
def test_a_changed_header_has_not_its_work(at):
    changed = bytearray(FIRST)
    changed[at] ^= 1
    with pytest.raises(Refused) as caught:
        read_headers(GENESIS + bytes(changed), 0)
    assert caught.value.at == 80


def test_headers_that_do_not_follow_or_are_cut_are_refused():
    with pytest.raises(Refused):
        read_headers(FIRST + GENESIS, 0)
    with pytest.raises(Refused):
        read_headers(GENESIS[:-1], 0)
    with pytest.raises(Refused):
        read_header(GENESIS + b"\x00", 0)
    assert not has_work(read_header(GENESIS, 0), 0)


def test_the_branch_of_a_coinbase():
    """Block 170: coinbase and the first payment, whose root stands in its header."""
    coinbase = "b1fea52486ce0c62bb442b530a3f0132b826c74e473d1f2c220bfa78111c5082"
    payment = "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16"
    root = "7dac2c5666815c17a3b36427de37bb9d2e2c5ccec3f8633eb91a4205cb4c10ff"
    leaf, sibling = (bytes.fromhex(text)[::-1] for text in (coinbase, payment))
    assert fold_branch(leaf, [sibling])[::-1].hex() == root
    assert fold_branch(double_sha256(b"x"), []) == double_sha256(b"x")
