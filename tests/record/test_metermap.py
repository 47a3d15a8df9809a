import pytest
from tests.record.test_meterfile import MAP

from baseload.record.errors import RecordError
from baseload.record.metermap import read_map


def read(tmp_path, text):
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    return read_map(tmp_path / "map.toml")


def test_a_mapping_says_which_columns_it_needs(tmp_path):
    found = read(tmp_path, MAP)
    assert found.columns() == ["Date", "Time", "Energy"]
    assert found.step == 3_600_000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('source = "plant.meter"', ""),
        ("register", "registers"),
        ('"import"', '"in"'),
        ("interval_minutes = 60", "interval_minutes = 0"),
        ("interval_minutes = 60", 'interval_minutes = "60"'),
        ("Europe/Kyiv", "Europe/Atlantis"),
        ('"kWh"', '"kVA"'),
        ('thousands = "."', 'thousands = ","'),
        ('meter = "main-1"', 'meter = "main-1"\nmeter_column = "Meter"'),
        ('meter = "main-1"', ""),
        ('"begin"', '"middle"'),
        ('delimiter = ";"', 'delimiter = ";;"'),
        ('delimiter = ";"', 'encoding = "klingon"'),
        ("[time]", "[time"),
        ("[energy]", '[energy]\nmultiplier = "0"'),
    ],
)
def test_a_mapping_that_is_none_is_refused_in_the_one_form(tmp_path, old, new):
    with pytest.raises(RecordError) as caught:
        read(tmp_path, MAP.replace(old, new, 1))
    assert all((caught.value.expected, caught.value.found, caught.value.mend))


def test_a_mapping_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RecordError, match="nothing"):
        read_map(tmp_path / "nothing")
