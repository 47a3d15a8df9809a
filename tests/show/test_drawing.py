import pytest

from baseload.show.drawing import decimals, shortened


@pytest.mark.parametrize(
    ("path", "shorter"),
    [
        ("M0,1L2,1L4,1L4,5L6,5Z", "M0,1H4V5H6Z"),
        ("M0,1L2,3L4,3ZM7,8L7,9", "M0,1L2,3H4ZM7,8V9"),
        ("M0,1h5v3h-5Z", "M0,1h5v3h-5Z"),
    ],
)
def test_a_path_of_steps_is_written_short(path, shorter):
    assert shortened(path) == shorter


@pytest.mark.parametrize(
    ("values", "digits"), [([250.0, 3.0], 0), ([-12.0], 1), ([0.5], 2), ([], 3)]
)
def test_decimals_follow_the_largest_value(values, digits):
    assert decimals(values) == digits
