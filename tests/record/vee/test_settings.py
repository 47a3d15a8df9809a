import pytest

from baseload.record.errors import RecordError
from baseload.record.vee.settings import HOUR, Settings, read_settings


def read(tmp_path, text):
    (tmp_path / "rules.toml").write_text(text, encoding="utf-8")
    return read_settings(tmp_path / "rules.toml")


def test_what_is_left_out_has_its_default(tmp_path):
    assert read(tmp_path, "") == Settings()
    found = read(tmp_path, 'methods = ["register"]\nlongest_hours = 1.5\n[ratings]\nmain = 7\n')
    assert found == Settings(methods=("register",), longest=HOUR * 3 // 2, ratings={"main": 7})


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "unknown = 1",
        'methods = ["guess"]',
        'methods = "register"',
        "spike = 0",
        "spike = true",
        "stuck = 1",
        "stuck = 2.5",
        "tolerance = -1",
        "longest = 5",
        'longest_hours = "5"',
        "ratings = 5",
        "[ratings]\nmain = 0",
        "[ratings]\nmain = '5 MW'",
        'rules = ["all"]',
        "sigmas = 0",
        "sigmas = inf",
        "spike = nan",
        "longest_hours = inf",
        "[ratings]\nmain = true",
    ],
)
def test_what_cannot_be_a_rule_is_one_clear_error(tmp_path, text):
    with pytest.raises(RecordError) as caught:
        read(tmp_path, text)
    assert "rules.toml" in str(caught.value)
    assert caught.value.mend
