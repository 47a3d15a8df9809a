from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.case.errors import InputError
from baseload.case.zones import changes, local_midnight, zone

ZONES = ["Europe/Kyiv", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "UTC"]


def seconds(*when: int) -> int:
    return int(dt.datetime(*when, tzinfo=dt.UTC).timestamp())


def test_the_clocks_of_the_european_union_change_at_one_in_the_morning_utc():
    # Directive 2000/84/EC: last Sundays of March and October, 01:00 UTC.
    found = changes(ZoneInfo("Europe/Paris"), seconds(2028, 1, 1), seconds(2029, 1, 1))
    assert list(found.at) == [seconds(2028, 3, 26, 1), seconds(2028, 10, 29, 1)]
    assert list(found.offset) == [3600, 7200, 3600]


@given(st.sampled_from(ZONES), st.integers(seconds(2000, 1, 1), seconds(2060, 1, 1)))
def test_offsets_are_those_of_the_standard_library(name, instant):
    place = ZoneInfo(name)
    found = changes(place, instant, instant)
    moment = dt.datetime.fromtimestamp(instant, place)
    assert found.offsets(np.array([instant]))[0] == moment.utcoffset().total_seconds()


def test_a_day_begins_at_local_midnight_or_when_the_day_first_exists():
    assert local_midnight(ZoneInfo("Europe/Kyiv"), dt.date(2028, 7, 1)) == seconds(2028, 6, 30, 21)
    # Cairo's clocks went from 23:59 to 01:00 on 26 April 2024.
    assert local_midnight(ZoneInfo("Africa/Cairo"), dt.date(2024, 4, 26)) == seconds(
        2024, 4, 25, 22
    )


def test_a_zone_that_does_not_exist_is_refused_with_the_nearest():
    with pytest.raises(InputError) as caught:
        zone("Europe/Kiew", "case.time_zone")
    assert 'did you mean "Europe/Kiev"?' in caught.value.mend
    with pytest.raises(InputError):
        zone("../etc/passwd", "case.time_zone")
