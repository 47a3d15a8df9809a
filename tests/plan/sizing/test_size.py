import numpy as np
import pytest
from tests.minimal import write_case
from tests.plan.sizing.duration import GAIN, duration_case
from tests.plan.sizing.shares import BEST, share_case, share_value
from tests.plan.small_cases import NETWORK

from baseload.case.errors import InputError
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

    chance = 1.0

    def __init__(self, case, alternative, *, scenarios, seed, workers, opened):
        self.asked = (sorted(case.tree.mine), alternative, scenarios, seed, workers, opened)
        self.luck = np.linspace(-1.0, 1.0, scenarios)
        self.built, self.hashprice = np.ones(scenarios, bool), 30.0 + self.luck
        self.closed = 0

    def value(self, powers, *, slopes=True):
        poor, good = powers
        values = 100.0 * good - good**2 / 4.0 + poor + self.luck * good * 10.0
        slopes = np.column_stack([np.ones(len(self.luck)), 100.0 - good / 2.0 + self.luck * 10.0])
        return values, slopes

    def close(self):
        self.closed += 1


@pytest.fixture
def case(tmp_path):
    return load(write_case(tmp_path, sizes=SIZES))


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
    edit = ('hashprice = "40 USD/PH/day"', NETWORK)
    assert not found(load(write_case(tmp_path / "a", edit, sizes=SIZES))).proven
    # A hashprice that is given does not answer.
    assert found(load(write_case(tmp_path / "b", sizes=SIZES))).proven


def test_the_valuer_is_asked_for_a_case_of_the_candidates_alone(case):
    made = []

    def maker(*arguments, **more):
        made.append(Known(*arguments, **more))
        return made[-1]

    size(case, "large", scenarios=5, seed=4, workers=2, opened=True, maker=maker)
    assert made[0].asked == (["pilot__good", "pilot__poor"], "large", 5, 4, 2, True)
    assert made[0].closed == 1


def test_a_valuer_of_other_mines_is_refused():
    with pytest.raises(ValueError, match="are not the candidates"):
        Ordered(Known(_Case, "large", scenarios=3, seed=0, workers=1, opened=False), ("other",))


class _Case:
    class tree:
        mine = ()


def test_the_best_size_between_duration_curves_is_that_of_the_formula(tmp_path):
    sizing = size(duration_case(tmp_path), "all", scenarios=1, gap=1e-6)
    # By hand: a MW pays on days on which the unit gives more than all before it take. Of twenty
    # days eight pay for the one below 13/20 of 950 MW, seven for that above, and it costs 7.5.
    assert sizing.size == pytest.approx([617.5], abs=0.01)
    # 47.5 MW times 1 + 2 + ... + 13 and seven days in full, less the cost.
    assert sizing.value == pytest.approx(GAIN * (47.5 * 91 - 0.5 * 617.5), rel=1e-6)
    assert sizing.bound == pytest.approx(sizing.value, rel=1e-5)


LIMITED = """
[candidate.first]
mine = "pilot"
most = "900 MW"

[limit.feeder]
candidates = ["first"]
power = "{feeder} MW"
"""


def test_what_one_more_of_a_limit_is_worth_is_what_moving_it_brings(tmp_path):
    held, moved = (
        size(
            duration_case(tmp_path / feeder, sizes=LIMITED.format(feeder=feeder)),
            "all",
            scenarios=1,
            gap=1e-6,
        )
        for feeder in ("500", "501")
    )
    price = {limit.name: limit.shadow_price for limit in held.limits}["feeder"]
    # By hand: on ten days the unit gives more than 500 MW, and a MW costs 7.5 of them.
    assert price == pytest.approx(2.5 * GAIN, rel=1e-4)
    assert moved.value - held.value == pytest.approx(2.5 * GAIN, rel=1e-4)
    assert held.proven
    assert moved.proven


def test_marginal_and_not_average_revenue_decides_where_own_hashes_lower_the_pay(tmp_path):
    sizing = size(share_case(tmp_path / "a"), "all", scenarios=1, gap=1e-6)
    assert sizing.size == pytest.approx([BEST], rel=2e-3)
    assert sizing.value == pytest.approx(share_value(BEST), rel=1e-5)
    assert not sizing.proven
    taker = size(share_case(tmp_path / "b", response=False), "all", scenarios=1, gap=1e-6)
    # A price-taker's every MW earns 28 days at full pay, more than it costs: all that there is.
    assert taker.size == pytest.approx([9000.0])
    assert taker.proven


class Half(Known):
    """The same, with gates that open in every other future."""

    chance = 0.5

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.built = np.arange(len(self.luck)) % 2 == 1

    def value(self, powers, *, slopes=True):
        values, tilts = super().value(powers)
        return np.where(self.built, values, 0.0), np.where(self.built[:, None], tilts, 0.0)


def test_sizes_are_chosen_where_gates_open_and_counted_where_they_may_not(case):
    sizing = size(case, "large", scenarios=100, seed=4, maker=Half, gap=1e-6)
    assert (sizing.scenarios, sizing.futures, sizing.chance) == (100, 50, 0.5)
    # By hand: half of the futures are built in, and each stands for half a future.
    assert sizing.overall == pytest.approx(sizing.mean / 4.0)
    worst = Half(case, "large", scenarios=100, seed=4, workers=1, opened=False)
    values = worst.value(sizing.size[::-1])[0]
    assert sizing.mean == pytest.approx(values[worst.built].mean())
    assert [entry.candidate for entry in sizing.margins] == ["good", "poor"]


class Never(Known):
    """Gates that never open."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.built[:] = False


def test_without_a_future_in_which_a_mine_is_built_there_is_no_size(case):
    with pytest.raises(InputError, match="draw more scenarios"):
        size(case, "large", scenarios=5, maker=Never)


class Bumpy(Known):
    """Worth that is not concave: a hill at 50 MW hides a higher one at 100 MW."""

    mines = ("pilot__pilot",)

    def value(self, powers, *, slopes=True):
        (x,) = powers
        low, high = 1e3 - abs(x - 50.0), 3e3 - 100.0 * abs(x - 100.0)
        slope = -np.sign(x - 50.0) if low > high else -100.0 * np.sign(x - 100.0)
        count = len(self.luck)
        return np.full(count, max(low, high)), np.full((count, 1), slope)


def test_the_search_goes_on_from_a_size_around_that_is_worth_more(tmp_path):
    alone = '[candidate.pilot]\nmine = "pilot"\nmost = "300 MW"\n'
    sizing = size(
        load(write_case(tmp_path, sizes=alone)), "large", scenarios=3, maker=Bumpy, gap=1e-6
    )
    assert sizing.size == pytest.approx([100.0])
    assert sizing.value == pytest.approx(3e3)
    # What is seen is not concave, so nothing is proven.
    assert not sizing.proven
