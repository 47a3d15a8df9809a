"""Intervals of readings, against a plain list of all of them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record.sample import START, STEP, entries, reading, sources

from baseload.record.events import parse
from baseload.record.intervals import Intervals

KEY = ("main", "import")


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6)), max_size=40))
def test_an_interval_is_taken_once(drawn):
    taken, found = set(), Intervals()
    for t0, length in drawn:
        hours = set(range(t0, t0 + length))
        free = not hours & taken
        assert found.take(KEY, t0, t0 + length) == free
        taken |= hours if free else set()
        spans = found.spans()[KEY]
        assert {hour for first, last in spans for hour in range(first, last)} == taken
        assert all(one[1] < other[0] for one, other in pairwise(spans))


def test_entries_are_seen_as_they_are_read():
    at_a_glance, in_full = Intervals(), Intervals()
    odd = {"counter": "5", "quality": "edited", "method": '","register":"x"', "reason": '"of":"'}
    data = [*entries(5), reading(sources()["meter"], 9, -7, **odd)]
    stands = reading(sources()["meter"], 30, of="0" * 64)
    for entry in [*data, stands]:
        at_a_glance.see(entry)
        assert in_full.fits(parse(entry))
    assert at_a_glance.spans() == in_full.spans()
    assert at_a_glance.spans()[KEY] == [
        (START, START + 5 * STEP), (START + 9 * STEP, START + 10 * STEP),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data", [b'"schema":"meter.reading/1"', b'"schema":"meter.reading/1""t0":"x"']
)
def test_what_is_no_reading_takes_no_time(data):
    found = Intervals()
    found.see(data)
    assert found.spans() == {}


@pytest.mark.parametrize("other", [("main", "export"), ("spare", "import")])
def test_registers_are_apart(other):
    found = Intervals()
    assert found.take(KEY, 0, 5)
    copy = found.copy()
    assert copy.take(other, 0, 5)
    assert not copy.take(KEY, 4, 6)
    assert found.spans() == {KEY: [(0, 5)]}
