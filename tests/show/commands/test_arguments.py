import datetime as dt

import pytest
from tests.show.sample import write_case

from baseload.case.errors import InputError
from baseload.show.commands.arguments import alternatives_of, day, positive, share


def test_alternatives_are_completed_from_the_case(tmp_path):
    assert alternatives_of(write_case(tmp_path)) == ["status-quo", "pilot"]


def test_a_folder_without_a_case_completes_nothing(tmp_path):
    assert alternatives_of(tmp_path) == []


def test_a_day_is_read_and_anything_else_refused():
    assert day("2025-03-01", "--from") == dt.date(2025, 3, 1)
    with pytest.raises(InputError, match="--from"):
        day("March", "--from")


@pytest.mark.parametrize(("text", "value"), [("2%", 0.02), ("2 %", 0.02), ("0.0055", 0.0055)])
def test_a_share_is_read_as_people_write_it(text, value):
    assert share(text, "--fee-share") == pytest.approx(value)


@pytest.mark.parametrize("text", ["120 %", "-1 %", "x"])
def test_a_share_beyond_the_whole_is_refused(text):
    with pytest.raises(InputError, match="--fee-share"):
        share(text, "--fee-share")


@pytest.mark.parametrize("text", ["0", "-3", "nan", "inf", "91 000"])
def test_a_number_that_is_not_above_zero_is_refused(text):
    with pytest.raises(InputError, match="a number above zero"):
        positive(text, "--price")
