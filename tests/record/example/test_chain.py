"""Headers, shares and payments of the example, checked by other constructions."""

from __future__ import annotations

import struct
from fractions import Fraction
from hashlib import sha256

import numpy as np
import pytest

from baseload.record.example import anchoring, chain, difficulty, metering, payouts, physics, scene

DAYS = 6


def hashed(data: bytes) -> bytes:
    return sha256(sha256(data).digest()).digest()


@pytest.fixture(scope="module")
def grown():
    measured = metering.measure(physics.world(DAYS, 11))
    found = chain.Chain(DAYS, 11, measured.accepted)
    events = list(found.grow(scene.START + DAYS * scene.DAY, commitment=b"\x07" * 32))
    return found, events


def test_headers_are_linked_and_their_hashes_meet_their_targets(grown):
    found, _ = grown
    for before, header in zip(found.headers[:-1], found.headers[1:], strict=True):
        assert len(header) == 80
        assert header[4:36] == hashed(before)
        (bits,) = struct.unpack("<I", header[72:76])
        target = (bits & 0x7FFFFF) << 8 * ((bits >> 24) - 3)
        assert int.from_bytes(hashed(header), "little") <= target


def test_blocks_come_every_ten_minutes_or_so(grown):
    found, _ = grown
    expected = DAYS * 86_400 / difficulty.spacing(scene.START / 1000)
    assert abs(len(found.headers) - expected) < 4 * np.sqrt(expected)


def test_retained_shares_hold_the_mark_and_lead_to_their_header(grown):
    found, events = grown
    shares = [event for event in events if isinstance(event, chain.Share)]
    limit = 0xFFFF * 2**208 * 2**70 // 2**41
    for share in shares:
        root = hashed(share.coinbase)
        for sibling in share.path:
            root = hashed(root + sibling)
        assert share.header[36:68] == root
        assert share.pool.tag in share.coinbase
        assert int.from_bytes(hashed(share.header), "little") <= limit
        assert share.header[4:36] == _before(found, share.height)
    assert len({share.header for share in shares}) == len(shares)


def _before(found: chain.Chain, height: int) -> bytes:
    number = height - found.first_height - 1
    return hashed(found.headers[number]) if number >= 0 else found.headers[0][4:36]


def test_a_share_that_meets_the_networks_target_is_the_block(grown):
    found, events = grown
    solving = [event for event in events if isinstance(event, chain.Share) and event.solves]
    for share in solving:
        assert found.headers[share.height - found.first_height] == share.header
    headers = set(found.headers)
    assert sum(event.header in headers for event in events if isinstance(event, chain.Share)) == (
        len(solving)
    )


def test_coinbases_of_the_pool_that_lets_its_miners_choose_hold_the_commitment(grown):
    _, events = grown
    for event in events:
        if isinstance(event, chain.Share):
            held = b"bld1" + b"\x07" * 32 in event.coinbase
            assert held == (event.pool.method == "tides")


def test_the_difficulty_of_the_example_is_that_of_the_public_chain():
    # Block 899,136 has nBits 17023774 and difficulty 126,982,285,146,989.3.
    figure = difficulty.difficulty_e8(difficulty.bits_at(899_136)) / 1e8
    assert figure == pytest.approx(126_982_285_146_989.3, rel=2**-15)
    assert difficulty.bits_at(901_151) == difficulty.bits_at(899_136)
    assert difficulty.bits_at(901_152) != difficulty.bits_at(901_151)


@pytest.mark.parametrize("bits", [0x1D00FFFF, 0x207FFFFF, 0x17023774, 0x20008DDD, 0x03123456])
def test_a_compact_target_reads_back(bits):
    assert difficulty.compact(difficulty.target(bits)) == bits


def test_full_pay_per_share_is_rounded_down_once():
    work, per_block, fee, figure = 10**15 + 7, 316_000_001, 20_000, 12_698_228_514_698_930
    exact = Fraction(work * per_block) * Fraction(98, 100) / Fraction(figure, 10**8)
    assert payouts.fpps_amount(work, per_block, fee, figure) == exact.__floor__()


def test_a_window_pays_the_part_of_the_work_in_it():
    assert payouts.window_amount(1, 300, 0, 3) == 100
    assert payouts.window_amount(2, 100, 10_000, 3) == 66


def test_a_day_with_a_retarget_is_paid_in_two_postings():
    accepted = np.full(96, 10**6, dtype=np.int64)
    tips = [901_151] * 40 + [901_152] * 56
    hourly = [
        payouts.of_hour(scene.POOLS[0], hour, accepted, tips[: 4 * hour + 4], 1)
        for hour in range(24)
    ]
    assert [hour for hour, posted in enumerate(hourly) if posted] == [10, 23]
    found = [paid for posted in hourly for paid in posted]
    assert [(paid.first, paid.last) for paid in found] == [(0, 40), (40, 96)]
    total = sum(int(paid.body["work"]) for paid in found)
    assert total == 96 * 10**6 * scene.SHARE_DIFFICULTY


def test_an_anchor_leads_from_its_checkpoint_to_the_header():
    measured = metering.measure(physics.world(2, 5))
    found = chain.Chain(2, 5, measured.accepted)
    stamp = anchoring.Stamp(5, sha256(b"checkpoint").digest(), b"n" * 16)
    events = found.grow(scene.START + scene.DAY, anchor=stamp.commitment)
    block = next(event for event in events if isinstance(event, chain.Block) and event.anchor)
    data = anchoring.proof(stamp, block)
    assert _followed(data, sha256(b"checkpoint").digest()) == block.header[36:68]


def _followed(data: bytes, digest: bytes) -> bytes:
    """Run the operations of an OpenTimestamps proof that does not branch."""
    assert data[31:33] == b"\x01\x08"
    assert data[33:65] == digest
    place, value = 65, digest
    while data[place] != 0:
        operation, place = data[place], place + 1
        if operation == 8:
            value = sha256(value).digest()
            continue
        size = data[place]
        part, place = data[place + 1 : place + 1 + size], place + 1 + size
        value = value + part if operation == 0xF0 else part + value
    return value
