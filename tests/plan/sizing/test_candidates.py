import pytest
from tests.minimal import FILES, write_case

from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.plan.sizing.candidates import (
    candidates_of,
    case_with_candidates,
    check_sizes,
    investment,
    limits_of,
    mine_names,
)

SIZES = """\
[candidate.early]
mine = "pilot"
most = "30 MW"

[candidate.late]
title = "S21, a year later"
mine = "pilot"
machine = "Antminer S21"
later = "12 months"
after = "early"
most = "300 MW"

[limit.feeder]
candidates = ["early", "late"]
power = "200 MW"

[limit.budget]
candidates = ["early", "late"]
investment = "100 million USD"
"""
PRICES = (
    'owner = "miner"\n',
    (
        'owner = "miner"\nmachine_price = "14 USD/(TH/s)"\nsite_price = "430 USD/kW"\n'
        'build_time = "6 months"\n'
    ),
)


@pytest.fixture
def case(tmp_path):
    return load(write_case(tmp_path, PRICES, sizes=SIZES))


def test_a_case_without_the_file_sizes_the_mines_that_the_alternative_has(tmp_path):
    case = load(write_case(tmp_path))
    (name, candidate), *others = candidates_of(case, "large").items()
    # Two units of 1,000 MW less 50 MW of their own, both on the mine's section.
    assert (name, candidate.mine, candidate.most, others) == ("pilot", "pilot", 1900.0, [])


def test_an_alternative_without_a_mine_has_nothing_to_size(case):
    with pytest.raises(InputError, match="an alternative with a mine"):
        candidates_of(case, "none")


def test_limits_are_power_price_and_what_comes_before(case):
    limits = limits_of(case, candidates_of(case, "large"))
    rows = {row.name: row for row in limits.rows}
    assert limits.most.tolist() == [30.0, 300.0]
    assert (rows["feeder"].weights.tolist(), rows["feeder"].limit) == ([1.0, 1.0], 200.0)
    # By hand: 1 MW / 1.05 at 13.5 and at 17.5 J/TH, times 14 USD/(TH/s), and 430 USD/kW.
    first = 14.0e6 / (13.5 * 1.05) + 430e3
    second = 14.0e6 / (17.5 * 1.05) + 430e3
    assert rows["budget"].weights == pytest.approx([first, second])
    assert rows["early before late"].weights == pytest.approx([-1.0, 0.1])
    assert rows["early before late"].limit == 0.0


def test_a_case_of_candidates_has_them_for_mines_and_no_others(case):
    candidates = candidates_of(case, "large")
    made = case_with_candidates(case, "large", candidates).alternative("large")
    early, late = (made.tree.mine[name] for name in mine_names(candidates))
    assert list(made.tree.mine) == ["pilot__early", "pilot__late"]
    assert (early.power, late.power) == (30.0, 300.0)
    assert (early.efficiency, late.efficiency, late.machine) == (13.5, None, "Antminer S21")
    assert (early.build_time, late.build_time) == pytest.approx((4383.0, 13149.0))
    assert late.title == "S21, a year later"
    # What else the alternative sets stays.
    assert made.tree.plant.unit["u1"].ramp == case.alternative("large").tree.plant.unit["u1"].ramp


def test_what_is_said_of_a_mine_is_said_of_its_copies(case):
    made = case_with_candidates(case, "large", candidates_of(case, "large"))
    assert made.tree.bar["R01"].blocks == ("mine.pilot__early", "mine.pilot__late")
    paths = [made.levels(unknown).paths for unknown in made.unknowns]
    # The second candidate names its machine, so its efficiency is no longer unknown.
    assert ("mine.pilot__early.efficiency",) in paths
    assert not any("mine.pilot__late.efficiency" in found for found in paths)


def test_an_unknown_of_one_mine_stays_one_unknown_of_all_its_copies(tmp_path):
    unknowns = FILES["unknowns"].replace("mine.pilot.efficiency", "mine.pilot.uptime")
    unknowns = unknowns.replace('"12 J/TH"', '"90 %"').replace('"13.5 J/TH"', '"97 %"')
    unknowns = unknowns.replace('"17.5 J/TH"', '"99 %"')
    case = load(write_case(tmp_path, sizes=SIZES, unknowns=unknowns))
    made = case_with_candidates(case, "large", candidates_of(case, "large"))
    paths = [made.levels(unknown).paths for unknown in made.unknowns if "uptime" in unknown.path]
    assert paths == [("mine.pilot__early.uptime", "mine.pilot__late.uptime")]


def test_the_price_of_a_candidate_takes_its_own_prices_first(tmp_path):
    sizes = SIZES.replace('machine = "Antminer S21"', 'machine_price = "10 USD/(TH/s)"')
    case = load(write_case(tmp_path, PRICES, sizes=sizes))
    late = candidates_of(case, "large")["late"]
    assert investment(case, late) == pytest.approx(10.0e6 / (13.5 * 1.05) + 430e3)


def test_a_machine_of_a_candidate_that_is_not_known_is_told_with_its_place(tmp_path):
    sizes = SIZES.replace("Antminer S21", "Antminer S99")
    with pytest.raises(InputError, match=r"sizes\.toml.*\n?.*candidate\.late\.machine"):
        check_sizes(load(write_case(tmp_path, PRICES, sizes=sizes)))


def test_limits_that_no_sizes_keep_are_told_when_the_case_is_checked(tmp_path, case):
    check_sizes(case)
    sizes = SIZES.replace('most = "30 MW"', 'least = "25 MW"\nmost = "30 MW"')
    sizes = sizes.replace('power = "200 MW"', 'power = "20 MW"')
    with pytest.raises(InputError, match="limit 'feeder' on early, late"):
        check_sizes(load(write_case(tmp_path / "tight", PRICES, sizes=sizes)))
