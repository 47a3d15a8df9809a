"""Numbers by the start of their interval."""

from hypothesis import given
from hypothesis import strategies as st

from baseload.verify.reconciliation.meters import DAY, LARGEST, ByStart

EDGES = [2**31, -(2**31), 2**31 - 1, 2**62, -(2**62)]
NUMBERS = st.one_of(st.integers(-9, 9), st.integers(-(2**64), 2**64), st.sampled_from(EDGES))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12), NUMBERS), max_size=60))
def test_numbers_by_start_are_a_table_of_them(steps):
    """Short days and long ones, in any order, against a dict."""
    found, plain = ByStart(), {}
    for new, place, number in steps:
        start = place * DAY // 4
        kept = max(-LARGEST, min(number, LARGEST))
        if new:
            assert found.put_new(start, number) == (start not in plain)
            plain.setdefault(start, kept)
        else:
            found[start] = number
            plain[start] = kept
    assert dict(found.items()) == plain
    assert len(found) == len(plain)
    assert all(found[start] == number for start, number in plain.items())
    assert found.get(13 * DAY) is None
