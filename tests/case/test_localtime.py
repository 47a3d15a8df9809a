from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from baseload.case.localtime import to_utc

PARIS = ZoneInfo("Europe/Paris")


def wall(*texts: str) -> np.ndarray:
    return np.array(texts, "datetime64[s]").astype(np.int64)


def utc(local: np.ndarray) -> list[str]:
    return [
        str(moment)
        for moment in to_utc(local, PARIS).utc.astype("datetime64[s]").astype("datetime64[m]")
    ]


def test_the_second_pass_of_a_repeated_hour_lies_an_hour_later():
    local = wall("2020-10-25T01:00", "2020-10-25T02:00", "2020-10-25T02:00", "2020-10-25T03:00")
    assert utc(local) == [f"2020-10-{24 if h == 23 else 25}T{h:02}:00" for h in (23, 0, 1, 2)]


def test_quarters_of_a_repeated_hour_are_told_apart_by_their_order():
    quarters = [f"2020-10-25T02:{m:02}" for m in (0, 15, 30, 45)] * 2
    assert utc(wall(*quarters)) == [
        f"2020-10-25T{h:02}:{m:02}" for h in (0, 1) for m in (0, 15, 30, 45)
    ]


def test_one_pass_alone_is_taken_as_the_first():
    assert utc(wall("2020-10-25T02:00", "2020-10-25T03:00")) == [
        "2020-10-25T00:00",
        "2020-10-25T02:00",
    ]


def test_an_hour_that_is_left_out_does_not_exist():
    local = wall("2020-03-29T01:00", "2020-03-29T02:00", "2020-03-29T02:59", "2020-03-29T03:00")
    assert list(to_utc(local, PARIS).exists) == [True, False, False, True]


@given(
    st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2040, 1, 1)),
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Tehran"]),
    st.sampled_from([900, 1800, 3600]),
)
def test_going_to_local_time_and_back_changes_nothing(start, name, step):
    place = ZoneInfo(name)
    # Lord Howe's clocks change by half an hour, which a step of an hour cannot show.
    assume(name != "Australia/Lord_Howe" or step < 3600)
    first = int(start.replace(tzinfo=dt.UTC).timestamp()) // 3600 * 3600
    instants = first + step * np.arange(60 * 86_400 // step, dtype=np.int64)
    offsets = [
        int(dt.datetime.fromtimestamp(int(t), place).utcoffset().total_seconds()) for t in instants
    ]
    back = to_utc(instants + np.array(offsets), place)
    assert back.exists.all()
    # A row in the second pass at the very start cannot be told from the first.
    ambiguous = np.flatnonzero(back.utc != instants)
    assert len(ambiguous) <= 3600 // step
    assert (ambiguous == np.arange(len(ambiguous))).all()
