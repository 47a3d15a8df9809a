"""Consensus rules against the vectors of Bitcoin Core and the history of retargets."""

from __future__ import annotations

import csv
from bisect import bisect_left
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.bitcoin.consensus import (
    DIFFICULTY_1_TARGET,
    MAX_TIMESPAN_S,
    MIN_TIMESPAN_S,
    POW_LIMIT,
    difficulty_fraction,
    difficulty_from_nbits,
    era_bounds,
    era_of,
    halving_heights,
    nbits_from_difficulty,
    nbits_from_target,
    retarget,
    retarget_from_timespan,
    subsidy,
    target_from_difficulty,
    target_from_nbits,
    total_supply,
)
from baseload.case.errors import InputError

HISTORY = Path(__file__).resolve().parents[2].parent / "shared/data/btc_difficulty_retargets.csv"

# Bitcoin Core, src/test/pow_tests.cpp: first header time, height of the last block, its
# header time, nBits before, nBits after.
RETARGETS = {
    "plain": (1261130161, 32255, 1262152739, 0x1D00FFFF, 0x1D00D86A),
    "capped by powLimit": (1231006505, 2015, 1233061996, 0x1D00FFFF, 0x1D00FFFF),
    "clamped from below": (1279008237, 68543, 1279297671, 0x1C05A3F4, 0x1C0168FD),
    "clamped from above": (1263163443, 46367, 1269211443, 0x1C387F6F, 0x1D00E1FD),
}

compact = st.builds(
    lambda exponent, mantissa: exponent << 24 | mantissa,
    st.integers(3, 32),
    st.integers(0x008000, 0x7FFFFF),
)
targets = st.integers(1, (1 << 256) - 1)


@pytest.mark.parametrize("case", RETARGETS.values(), ids=RETARGETS.keys())
def test_retarget_gives_the_nbits_of_bitcoin_core(case):
    first, _, last, before, after = case
    assert retarget(before, first, last) == after


# Bitcoin Core, src/test/arith_uint256_tests.cpp, bignum_SetCompact.
@pytest.mark.parametrize(
    ("nbits", "target"),
    [
        (0x01123456, 0x12),
        (0x02123456, 0x1234),
        (0x03123456, 0x123456),
        (0x04123456, 0x12345600),
        (0x05009234, 0x92340000),
        (0x20123456, 0x123456 << 232),
        (0x1D00FFFF, DIFFICULTY_1_TARGET),
    ],
)
def test_compact_targets_unpack_as_in_bitcoin_core(nbits, target):
    assert target_from_nbits(nbits) == target


@pytest.mark.parametrize(
    ("nbits", "reason"),
    [
        (0x01FEDCBA, "negative"),
        (0x04923456, "negative"),
        (0xFF123456, "256 bits"),
        (0x21010000, "256 bits"),
        (0x23000001, "256 bits"),
        (0x00000000, "zero"),
        (0x00123456, "zero"),
        (0x01003456, "zero"),
        (0x04000000, "zero"),
        (0x04800000, "zero"),
        (-1, "four bytes"),
        (1 << 32, "four bytes"),
    ],
)
def test_malformed_nbits_are_refused_with_their_reason(nbits, reason):
    with pytest.raises(InputError, match=reason):
        target_from_nbits(nbits)


def test_the_largest_compact_targets_are_accepted():
    assert target_from_nbits(0x2000FFFF).bit_length() == 248
    assert target_from_nbits(0x22000001).bit_length() == 249


def test_packing_moves_a_mantissa_off_the_sign_bit():
    # Bitcoin Core, arith_uint256_tests.cpp: GetCompact of 0x80 is 0x02008000.
    assert nbits_from_target(0x80) == 0x02008000


def test_the_easiest_target_packs_to_the_nbits_of_the_first_block():
    assert nbits_from_target(POW_LIMIT) == 0x1D00FFFF


@pytest.mark.parametrize("target", [0, -5, 1 << 256])
def test_targets_outside_256_bits_are_refused(target):
    with pytest.raises(InputError, match="2\\^256"):
        nbits_from_target(target)


@given(compact)
def test_unpacking_and_packing_returns_the_same_nbits(nbits):
    assert nbits_from_target(target_from_nbits(nbits)) == nbits


@given(targets)
def test_packing_rounds_a_target_down_by_less_than_one_part_in_2_to_15(target):
    packed = target_from_nbits(nbits_from_target(target))
    assert packed <= target
    assert (target - packed) * 2**15 < target


@given(compact, st.integers(-(10**9), 10**9))
def test_a_retarget_never_moves_more_than_fourfold_nor_past_the_limit(nbits, timespan):
    before = target_from_nbits(nbits)
    after = target_from_nbits(retarget_from_timespan(min(nbits, 0x1D00FFFF), timespan))
    before = min(before, DIFFICULTY_1_TARGET)
    assert after <= min(before * 4, POW_LIMIT)
    # Packing to a mantissa of 15 to 23 bits may round the quarter down a little.
    assert after * 4 * (2**15 + 1) >= before * 2**15 - 4 * 2**16


@given(st.integers(0, 2 * MAX_TIMESPAN_S), st.integers(0, 2 * MAX_TIMESPAN_S))
def test_a_slower_period_never_leads_to_a_harder_target(one, other):
    slow, fast = max(one, other), min(one, other)
    easier, harder = (retarget_from_timespan(0x17034219, span) for span in (slow, fast))
    assert target_from_nbits(easier) >= target_from_nbits(harder)


def test_difficulty_of_block_840000_is_the_one_of_its_header():
    assert difficulty_from_nbits(0x17034219) == 86388558925171.02
    assert difficulty_fraction(0x1D00FFFF) == 1
    assert difficulty_fraction(0x1B0404CB) == Fraction(0xFFFF << 208, 0x0404CB << 192)


@given(compact.filter(lambda nbits: nbits <= 0x1D00FFFF))
def test_exact_difficulty_leads_back_to_its_target(nbits):
    exact = difficulty_fraction(nbits)
    assert target_from_difficulty(exact) == target_from_nbits(nbits)
    assert nbits_from_difficulty(exact) == nbits


@pytest.mark.parametrize("difficulty", [0.0, -1.0, float("nan"), float("inf")])
def test_a_difficulty_that_is_not_positive_and_finite_is_refused(difficulty):
    with pytest.raises(InputError, match="positive, finite"):
        target_from_difficulty(difficulty)


def test_total_supply_is_that_of_all_eras():
    assert total_supply() == 2_099_999_997_690_000


def test_subsidy_halves_at_each_era_and_ends():
    assert subsidy(0) == subsidy(209_999) == 5_000_000_000
    assert subsidy(210_000) == 2_500_000_000
    assert subsidy(840_000) == 312_500_000
    assert subsidy(1_050_000) == 156_250_000
    # 50 * 10^8 has 33 bits, so that the 33rd era pays one satoshi and the 34th nothing.
    assert subsidy(32 * 210_000) == 1
    assert subsidy(33 * 210_000) == subsidy(64 * 210_000) == subsidy(10**9) == 0


def test_a_negative_height_is_refused():
    with pytest.raises(InputError, match="block height"):
        subsidy(-1)


@given(st.integers(0, 20_000_000))
def test_a_height_lies_within_the_bounds_of_its_era(height):
    first, after = era_bounds(era_of(height))
    assert first <= height < after
    assert subsidy(first) == subsidy(height)


def test_halvings_of_a_range_include_its_start_and_not_its_end():
    assert halving_heights(0, 840_001) == [210_000, 420_000, 630_000, 840_000]
    assert halving_heights(840_000, 1_050_000) == [840_000]
    assert halving_heights(840_001, 1_050_000) == []


def history() -> list[tuple[int, int, int, bool]]:
    if not HISTORY.exists():
        pytest.skip("the reference history of retargets is not beside the checkout")
    with HISTORY.open(newline="") as lines:
        return [
            (
                int(row["height"]),
                int(row["nbits"], 16),
                int(row["time_unix"]),
                row["time_kind"] == "header",
            )
            for row in csv.DictReader(lines)
        ]


def test_retargets_whose_two_header_times_are_known_are_reproduced_exactly():
    """First header times from the history, last ones from Bitcoin Core's vectors.

    These four periods are the only ones for which both are known: the history has no time
    of a period's last block. The first time of the fourth vector is made up, as Bitcoin
    Core notes, to reach the upper clamp; its last time is that of block 46,367.
    """
    rows = {height: (nbits, time) for height, nbits, time, _ in history()}
    for first, height_of_last, last, before, after in RETARGETS.values():
        nbits, begin = rows[height_of_last - 2015]
        following, _ = rows[height_of_last + 1]
        assert nbits == before
        assert retarget(nbits, begin, last) == following
        assert (begin, following) == (first, after) or height_of_last == 46367


def timespans(before: int, after: int) -> tuple[int, int]:
    """Find the shortest and longest time of a period that lead to exactly these nBits."""
    goal = target_from_nbits(after)
    spans = range(MIN_TIMESPAN_S, MAX_TIMESPAN_S + 1)

    def reached(span: int) -> int:
        return target_from_nbits(retarget_from_timespan(before, span))

    shortest = bisect_left(spans, goal, key=reached)
    longest = bisect_left(spans, goal + 1, key=reached) - 1
    assert shortest <= longest, f"no timespan leads from {before:08x} to {after:08x}"
    return spans[shortest], spans[longest]


def test_every_recorded_retarget_fixes_a_plausible_time_of_its_last_block():
    """What the history can prove although it lacks the time of each period's last block.

    The rule sees 2,015 intervals, the history 2,016: from the first block of a period to
    the first of the next. For every pair of known header times the recorded nBits are
    reached exactly, by timespans at most 31 s apart (packing drops bits), and the interval
    that is left for the one missing block lies between -2 h (the most that header times
    may run back, by the rule on future times) and +2 h. Counting 2,016 intervals, or
    2,014, would be off by 600 s in every one of 400 periods, which the mean shows.
    """
    left = []
    for (_, before, begin, known), (height, after, end, also) in pairwise(history()):
        if not (known and also) or after == 0x1D00FFFF:
            continue
        shortest, longest = timespans(before, after)
        if height == 68544:
            # The only clamp ever hit: any period up to two weeks / 4 leads here.
            assert shortest == MIN_TIMESPAN_S
            assert end - begin < MIN_TIMESPAN_S
            continue
        assert longest - shortest <= 31, height
        assert -7200 < end - begin - longest <= end - begin - shortest < 7200, height
        left.append(end - begin - (shortest + longest) / 2)
    assert len(left) == 420
    assert 540 < sum(left) / len(left) < 660


def test_every_retarget_of_the_history_is_reachable_by_some_timespan():
    for (_, before, _, _), (_, after, _, _) in pairwise(history()):
        timespans(before, after)
