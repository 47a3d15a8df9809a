import pytest
from tests.minimal import write_case

from baseload.case.errors import InputError
from baseload.case.load import load

SIZES = """\
[candidate.early]
mine = "pilot"
most = "30 MW"

[candidate.late]
mine = "pilot"
machine = "Antminer S21"
machine_price = "14 USD/(TH/s)"
later = "12 months"
after = "early"
least = "1 MW"
most = "300 MW"
source = "Z04"

[limit.feeder]
candidates = ["early", "late"]
power = "0.2 GW"

[limit.budget]
candidates = ["late"]
investment = "100 million USD"
"""


def read(folder, *edits):
    text = SIZES
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return load(write_case(folder, sizes=text)).registers


def test_candidates_and_limits_are_read_in_canonical_units(tmp_path):
    registers = read(tmp_path)
    late = registers.candidates["late"]
    assert (late.least, late.most, late.later) == (1.0, 300.0, pytest.approx(8766.0))
    assert (late.machine_price, late.efficiency, late.after) == (14.0, None, "early")
    assert registers.size_limits["feeder"].power == 200.0
    assert registers.size_limits["budget"].investment == 1e8


def test_a_case_without_the_file_has_none(tmp_path):
    registers = load(write_case(tmp_path)).registers
    assert not registers.candidates
    assert not registers.size_limits


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (('mine = "pilot"', 'mine = "pilt"'), 'did you mean "pilot"'),
        (('after = "early"', 'after = "late"'), "another candidate: early"),
        (('["late"]', '["later"]'), 'did you mean "late"'),
        (('power = "0.2 GW"', 'power = "0.2 GW"\ninvestment = "1 USD"'), "exactly one of power"),
        (('power = "0.2 GW"', ""), "exactly one of power"),
        (('least = "1 MW"', 'least = "301 MW"'), "a most of at least 301 MW"),
        (('source = "Z04"', 'source = "Z99"'), "sources.toml"),
        (('most = "30 MW"', 'most = "30 USD"'), "a power"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(tmp_path, edit, text):
    with pytest.raises(InputError) as refused:
        read(tmp_path, edit)
    assert "sizes.toml, line" in str(refused.value)
    assert text in str(refused.value)
