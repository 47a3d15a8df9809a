"""A history of retargets: strict reading, and the coins of reported company-months."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.bitcoin.consensus import difficulty_from_nbits
from baseload.bitcoin.poisson import quantile
from baseload.bitcoin.retargets import (
    Retarget,
    coins,
    known_until,
    read_retargets,
    subsidy_steps,
    time_of_height,
)
from baseload.case.errors import InputError

REFERENCE = Path(__file__).resolve().parents[2].parent / "shared/data/btc_difficulty_retargets.csv"


def epochs(*rows: tuple[int, int, int]) -> list[Retarget]:
    return [Retarget(h, time, difficulty_from_nbits(bits), bits) for h, bits, time in rows]


# Height, nBits and time of retargets from the checkpoints of spesmilo/electrum and bitcoinj;
# header times, those of 2025 rebuilt from the ratio of targets (to about 10 minutes).
SUMMER_2023 = epochs(
    (796320, 0x17058EBE, 1687992515),
    (798336, 0x17053894, 1689128979),
    (800352, 0x17056102, 1690375347),
    (802368, 0x17055F5B, 1691584068),
    (804384, 0x17050F7B, 1692724599),
)
SPRING_2024 = epochs(
    (830592, 0x170371B1, 1708008110),
    (832608, 0x17038C12, 1709253937),
    (834624, 0x17035A59, 1710397689),
    (836640, 0x170362D3, 1711619463),
    (838656, 0x17034219, 1712783853),
    (840672, 0x170331DB, 1713970312),
    (842688, 0x1703629A, 1715252414),
    (844704, 0x170355F0, 1716445130),
    (846720, 0x17035CB8, 1717664663),
    (848736, 0x17035D25, 1718875797),
)
SPRING_2025 = epochs(
    (885024, 0x17028BB1, 1740344112),
    (887040, 0x17028281, 1741537250),
    (889056, 0x1702796C, 1742730343),
)

# Reported coins, mean EH/s of the month, fees over subsidy where known, coins expected from
# the subsidy alone as computed apart. Reports: Riot 2023-07 and 2023-08 and 2025-03,
# TeraWulf 2024-03. The fees of 2024-03 are the 4.5 % of issuance seen in the chain's data.
MONTHS = [
    ("Riot", SUMMER_2023, "2023-07-01", "2023-08-01", 410, 5.4, None, 401.5),
    ("Riot", SUMMER_2023, "2023-08-01", "2023-09-01", 333, 4.5, None, 329.1),
    ("TeraWulf", SPRING_2024, "2024-03-01", "2024-04-01", 379, 7.6, 0.045, 362.0),
    ("Riot", SPRING_2025, "2025-03-01", "2025-04-01", 533, 30.3, None, 526.6),
]


@pytest.mark.parametrize("month", MONTHS, ids=[f"{m[0]} {m[2][:7]}" for m in MONTHS])
def test_reported_months_are_met_within_2_percent_with_fees_and_5_without(month):
    _, history, start, end, reported, ehs, fees, subsidy_only = month
    bare = coins(ehs * 1e6, start, end, history)
    assert bare.coins_btc == pytest.approx(subsidy_only, abs=0.06)
    assert bare.coins_btc == pytest.approx(reported, rel=0.05)
    if fees is not None:
        assert coins(ehs * 1e6, start, end, history, fees).coins_btc == pytest.approx(
            reported, rel=0.02
        )


def test_an_unlucky_month_of_a_large_miner_lies_below_its_interval():
    # MARA's own pool, June 2024: 26.3 EH/s, 158 blocks found, 189.4 expected, z = -2.28.
    found = coins(26.3e6, "2024-06-01", "2024-07-01", SPRING_2024)
    assert found.blocks == pytest.approx(189.4, abs=0.05)
    assert (158 - found.blocks) / found.blocks**0.5 == pytest.approx(-2.28, abs=0.005)
    assert 158 < found.blocks_p5 == quantile(found.blocks, 0.05)


def test_the_month_of_a_halving_is_split_near_the_true_time():
    found = coins(1e6, "2024-04-01", "2024-05-01", SPRING_2024)
    assert list(found.eras) == [6.25, 3.125]
    (halving,) = (
        span.end for span in found.spans if span.subsidy_btc == 6.25 and span.end > 1712783853
    )
    # Block 840,000 has the header time 2024-04-20 00:09:27 UTC.
    assert halving == pytest.approx(1713571767, abs=3600)


@given(st.integers(0, 90), st.integers(1, 20), st.integers(1, 20), st.floats(0.1, 1e8))
def test_coins_of_consecutive_periods_add_up(offset, days, more, hashrate):
    first = date(2024, 2, 16).toordinal() + offset
    a, b, c = (date.fromordinal(first + n) for n in (0, days, days + more))
    whole = coins(hashrate, a, c, SPRING_2024)
    parts = coins(hashrate, a, b, SPRING_2024), coins(hashrate, b, c, SPRING_2024)
    assert sum(part.coins_btc for part in parts) == pytest.approx(whole.coins_btc, rel=1e-12)


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_more_hashrate_never_earns_less(one, other):
    low, high = (
        coins(rate, "2025-03-01", "2025-04-01", SPRING_2025)
        for rate in (min(one, other), max(one, other))
    )
    assert low.coins_btc <= high.coins_btc
    assert low.blocks_p5 <= high.blocks_p5


def test_dates_may_be_text_dates_or_moments_with_a_zone():
    moments = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC)
    by_text = coins(1e6, "2025-03-01", "2025-04-01", SPRING_2025)
    assert coins(1e6, date(2025, 3, 1), date(2025, 4, 1), SPRING_2025) == by_text
    assert coins(1e6, *moments, SPRING_2025) == by_text
    kyiv = "2025-03-01T02:00:00+02:00", "2025-04-01T03:00:00+03:00"
    assert coins(1e6, *kyiv, SPRING_2025) == by_text


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2025-04-01", "2025-03-01", "an end after the start"),
        ("2025-03-01", "2025-03-01", "an end after the start"),
        ("2025-02-23", "2025-04-01", "dates that the history covers"),
        ("2025-03-01", "2025-04-07", "dates that the history covers"),
        ("2025-02-30", "2025-04-01", "a date as year-month-day"),
        ("March", "2025-04-01", "a date as year-month-day"),
        ("2025-03-01T00:00:00", "2025-04-01", "time zone"),
        (datetime(2025, 3, 1), "2025-04-01", "time zone"),
    ],
)
def test_periods_that_are_not_covered_or_not_dates_are_refused(start, end, message):
    with pytest.raises(InputError, match=message):
        coins(1e6, start, end, SPRING_2025)


def test_the_last_difficulty_is_used_for_two_weeks_and_no_second_longer():
    last = datetime.fromtimestamp(known_until(SPRING_2025), UTC)
    assert last == datetime(2025, 4, 6, 11, 45, 43, tzinfo=UTC)
    coins(1e6, "2025-04-01", last, SPRING_2025)
    with pytest.raises(InputError, match="extend the file"):
        coins(1e6, "2025-04-01", last.replace(second=44), SPRING_2025)


@pytest.mark.parametrize(
    ("hashrate", "fee_share"), [(-1.0, 0.0), (float("nan"), 0.0), (1.0, -0.1), (1.0, float("inf"))]
)
def test_hashrates_and_fees_that_are_no_amounts_are_refused(hashrate, fee_share):
    with pytest.raises(InputError, match="from 0 upwards"):
        coins(hashrate, "2025-03-01", "2025-04-01", SPRING_2025, fee_share)


def test_an_empty_history_is_refused():
    with pytest.raises(InputError, match="empty list"):
        coins(1.0, "2025-03-01", "2025-04-01", [])


def test_heights_are_interpolated_within_and_counted_by_600_s_beyond():
    assert time_of_height(887040, SPRING_2025) == 1741537250
    assert time_of_height(888048, SPRING_2025) == (1741537250 + 1742730343) / 2
    assert time_of_height(889058, SPRING_2025) == 1742730343 + 1200
    with pytest.raises(InputError, match="before the first known"):
        time_of_height(885023, SPRING_2025)


def test_later_halvings_are_expected_at_600_s_a_block():
    steps = subsidy_steps(epochs((953568, 0x170240C3, 1781397347)), until=2.1e9)
    assert [value for _, value in steps] == [3.125, 1.5625, 0.78125, 0.390625]
    spring_2028 = 1781397347 + (1_050_000 - 953_568) * 600
    assert steps[1] == (spring_2028, 1.5625)
    assert datetime.fromtimestamp(spring_2028, UTC).date() == date(2028, 4, 13)
    assert len(subsidy_steps(epochs((953568, 0x170240C3, 1781397347)))) == 1


def write(folder: Path, text: str) -> Path:
    path = folder / "retargets.csv"
    path.write_text(text, encoding="utf-8")
    return path


GOOD = """height,nbits,difficulty,time_unix,remark
0,1d00ffff,1.0,1231006505,first
2016,1d00ffff,1.0,1233063531,"second, quoted"
"""


def test_a_file_is_read_whatever_its_other_columns(tmp_path):
    assert read_retargets(write(tmp_path, GOOD)) == [
        Retarget(0, 1231006505, 1.0, 0x1D00FFFF),
        Retarget(2016, 1233063531, 1.0, 0x1D00FFFF),
    ]


def test_difficulty_alone_and_times_in_utc_do_as_well(tmp_path):
    text = (
        "time_utc,difficulty,height\n"
        "2024-04-10T21:17:33,86388558925171.02,838656\n"
        "2024-04-24 14:51:52+00:00,88104191118793.16,840672\n"
    )
    assert read_retargets(write(tmp_path, text)) == [
        Retarget(838656, 1712783853, 86388558925171.02),
        Retarget(840672, 1713970312, 88104191118793.16),
    ]


HEAD = "height,nbits,time_unix\n"


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("", "line 1", "an empty file"),
        (HEAD, "retargets.csv", "a header only"),
        ("height,time_unix\n", "line 1", "nbits or difficulty"),
        ("nbits,time_unix\n", "line 1", "the column height"),
        ("height,nbits\n", "line 1", "time_unix or time_utc"),
        (HEAD + "0,1d00ffff\n", "line 2, time_unix|line 2, time_utc", "expected"),
        (HEAD + "x,1d00ffff,1\n", "line 2, height", "a whole number"),
        (HEAD + "1,1d00ffff,1\n", "line 2, height", "a multiple of 2,016"),
        (HEAD + "0,1d00ff,1\n", "line 2, nbits", "eight hexadecimal digits"),
        (HEAD + "0,1d80ffff,1\n", "line 2, nBits 0x1d80ffff", "negative target"),
        (HEAD + "0,,1\n", "line 2, nbits or difficulty", "a value in one"),
        (HEAD + "0,1d00ffff,yesterday\n", "line 2, time_unix", "a whole number"),
        (HEAD + "0,1d00ffff,1,9\n", "line 2", "more values"),
        (HEAD + '0,"1d00ffff,1\n', "line 2", "unexpected end"),
        (HEAD + "0,1d00ffff,1\n4032,1d00ffff,9\n", "line 3, height", "2016, the next"),
        (HEAD + "0,1d00ffff,1\n0,1d00ffff,1\n", "line 3, height", "fill gaps"),
        (HEAD + "2016,1d00ffff,9\n0,1d00ffff,1\n", "line 3, height", "sort the file"),
        (HEAD + "0,1d00ffff,5\n2016,1d00ffff,5\n", "line 3, time", "a time after"),
        (HEAD + "0,1d00ffff,1\n2016,1b00ffff,9\n", "line 3, difficulty", "fourfold"),
        ("height,difficulty,time_unix\n0,nan,1\n", "line 2, difficulty", "positive, finite"),
        ("height,difficulty,time_unix\n0,-3,1\n", "line 2, difficulty", "positive, finite"),
        (
            "height,nbits,difficulty,time_unix\n0,1d00ffff,1.01,1\n",
            "line 2, difficulty",
            "the difficulty of nBits 1d00ffff",
        ),
        ("height,nbits,time_utc\n0,1d00ffff,soon\n", "line 2, time_utc", "ISO 8601"),
        (
            "height,nbits,time_utc\n0,1d00ffff,2024-01-01T00:00+02:00\n",
            "line 2, time_utc",
            "a time in UTC",
        ),
    ],
)
def test_a_bad_file_is_refused_by_line_and_reason(tmp_path, text, where, message):
    with pytest.raises(InputError) as refusal:
        read_retargets(write(tmp_path, text))
    assert any(part in refusal.value.where for part in where.split("|"))
    assert message in str(refusal.value)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_retargets(tmp_path / "absent.csv")
    with pytest.raises(InputError, match="directory"):
        read_retargets(tmp_path)


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "latin.csv"
    path.write_bytes(HEAD.encode() + b"0,1d00ffff,1 \xe9\n")
    with pytest.raises(InputError, match="0xe9"):
        read_retargets(path)


@pytest.fixture(scope="module")
def reference() -> list[Retarget]:
    if not REFERENCE.exists():
        pytest.skip("the reference history of retargets is not beside the checkout")
    return read_retargets(REFERENCE)


def test_the_whole_reference_history_is_read(reference):
    assert len(reference) == 474
    assert reference[-1].height == 953_568
    assert reference[-1].difficulty == 124_932_866_006_548.16


def test_the_epochs_of_these_tests_are_those_of_the_reference(reference):
    for row in (*SUMMER_2023, *SPRING_2024, *SPRING_2025):
        assert row in reference


def test_past_halvings_are_placed_within_a_day(reference):
    # Header times of blocks 210,000, 420,000, 630,000 and 840,000.
    known = ["2012-11-28 15:24:38", "2016-07-09 16:46:13", "2020-05-11 19:23:43"]
    known += ["2024-04-20 00:09:27"]
    steps = subsidy_steps(reference)
    assert [value for _, value in steps] == [50, 25, 12.5, 6.25, 3.125]
    for (found, _), text in zip(steps[1:], known, strict=True):
        assert abs(found - datetime.fromisoformat(text + "+00:00").timestamp()) < 86_400
