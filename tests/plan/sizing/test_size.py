import numpy as np
import pytest
from tests.minimal import write_case

from baseload.case.load import load
from baseload.plan.sizing.risk import Risk
from baseload.plan.sizing.size import Ordered, size

SIZES = """\
[candidate.good]
mine = "pilot"
most = "300 MW"

[candidate.poor]
mine = "pilot"
machine = "Antminer S21"
most = "300 MW"

[limit.feeder]
candidates = ["good", "poor"]
power = "250 MW"
"""


class Known:
    """Two mines in closed form: the first is worth 100 x - x²/4, the second 1 x, less a chance."""

    # Not in the order of the candidates: names decide.
    mines = ("pilot__poor", "pilot__good")

    def __init__(self, case, alternative, scenarios, seed, workers):
        self.asked = (sorted(case.tree.mine), alternative, scenarios, seed, workers)
        self.luck = np.linspace(-1.0, 1.0, scenarios)

    def value(self, powers):
        poor, good = powers
        values = 100.0 * good - good**2 / 4.0 + poor + self.luck * good * 10.0
        slopes = np.column_stack([np.ones(len(self.luck)), 100.0 - good / 2.0 + self.luck * 10.0])
        return values, slopes


@pytest.fixture
def case(tmp_path):
    quiet = ('hashprice = "40 USD/PH/day"', 'hashprice = "40 USD/PH/day"\nnetwork_response = false')
    return load(write_case(tmp_path, quiet, sizes=SIZES))


def found(case, **more):
    return size(case, "large", scenarios=101, seed=4, maker=Known, gap=1e-6, **more)


def test_an_alternative_is_sized_with_its_proof_its_limits_and_its_curve(case):
    sizing = found(case)
    # By hand: 100 - x/2 falls to the 1 of the other mine at 198 MW; the feeder leaves it 52 MW.
    assert sizing.size == pytest.approx([198.0, 52.0], abs=0.5)
    assert sizing.value == pytest.approx(100.0 * 198 - 198**2 / 4 + 52.0, rel=1e-5)
    assert sizing.proven
    assert sizing.gap <= 1e-6
    limits = {limit.name: limit for limit in sizing.limits}
    assert limits["feeder"].shadow_price == pytest.approx(1.0, rel=1e-3)
    assert limits["feeder"].used == pytest.approx(250.0)
    assert limits["most of good"].shadow_price == 0.0
    assert sizing.curve.size[0] == 0.0
    assert sizing.grid_value <= sizing.value * (1.0 + 1e-6)
    assert sizing.grid_points > 0
    assert sizing.loses == 0.0


def test_weight_on_bad_futures_makes_the_mine_smaller(case):
    # By hand: the worst tenth lie on average 0.9 below the middle, so at full weight the slope
    # is 91 - x/2, which falls to 1 at 180 MW.
    bold = found(case)
    careful = found(case, risk=Risk(0.1, 1.0))
    assert careful.size[0] == pytest.approx(180.0, abs=1.5)
    assert careful.size[0] < bold.size[0]
    assert careful.value < bold.value
    assert careful.risk == "cvar:0.1:1"


def test_where_own_hashes_move_the_network_the_bound_is_not_called_a_proof(tmp_path):
    case = load(write_case(tmp_path, sizes=SIZES))
    assert not found(case).proven


def test_the_valuer_is_asked_for_a_case_of_the_candidates_alone(case):
    made = []

    def maker(*arguments):
        made.append(Known(*arguments))
        return made[-1]

    size(case, "large", scenarios=5, seed=4, workers=2, maker=maker)
    assert made[0].asked == (["pilot__good", "pilot__poor"], "large", 5, 4, 2)


def test_a_valuer_of_other_mines_is_refused():
    with pytest.raises(ValueError, match="are not the candidates"):
        Ordered(Known(_Case, "large", 3, 0, 1), ("other",))


class _Case:
    class tree:
        mine = ()
