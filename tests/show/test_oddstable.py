import dataclasses
import io

import numpy as np
import pytest
from rich.console import Console
from tests.show.sample_ensemble import with_futures

from baseload.plan.ensemble.estimates import fan, spread
from baseload.plan.ensemble.odds import ranked
from baseload.show.oddstable import (
    odds_table,
    print_odds,
    signal_lines,
    size_lines,
    spark,
    sparklines,
    value_range,
)
from baseload.show.terminal import PIPE_WIDTH


@pytest.fixture(scope="module")
def drawn(study):
    return with_futures(study)


@pytest.fixture(scope="module")
def printed(drawn):
    out = Console(width=PIPE_WIDTH, record=True, file=io.StringIO())
    print_odds(drawn, out)
    return out.export_text().splitlines()


def test_the_table_tells_the_odds_of_each_mine_and_of_nothing(drawn, printed):
    first = ranked(drawn.ensemble)[0]
    row = next(line for line in printed if line.startswith("pilot"))
    assert f"{100 * first.built.value:.0f} %" in row
    assert "120 MW" in row
    assert value_range(first.if_built, 1e6, "M") in row
    assert f"{first.value.mean.value / 1e6:+.2f} ± {first.value.mean.error / 1e6:.2f} M" in row
    assert any(line.startswith("nothing") for line in printed)
    assert not any(line.startswith("status-quo") for line in printed)


def test_the_head_says_how_many_futures_and_that_they_are_no_forecast(printed):
    assert "400 futures" in printed[0]
    assert "odds under the assumptions of the case" in printed[0]
    assert "seed 3" in printed[0]


def test_nothing_is_wider_than_a_pipe(printed):
    assert max(map(len, printed)) <= PIPE_WIDTH


def test_a_range_is_told_in_one_unit():
    found = spread(np.linspace(-1e9, 1e9, 1001))
    assert value_range(found, 1e9, "bn") == "-0.90 …   0.00 …   0.90 bn"


def test_billions_are_used_once_any_value_reaches_one(drawn):
    ensemble = drawn.ensemble
    small = {**ensemble.small, "mine_value": 100 * ensemble.small["mine_value"]}
    rich = dataclasses.replace(drawn, ensemble=dataclasses.replace(ensemble, small=small))
    console = Console(width=PIPE_WIDTH, record=True, quiet=False)
    with console.capture() as caught:
        console.print(odds_table(rich, ranked(rich.ensemble)))
    assert " bn" in caught.get()
    assert " M " not in caught.get().replace(" MW", "")


def test_a_sparkline_spans_from_the_lowest_to_the_highest_block():
    assert spark(np.array([0.0, 3.5, 7.0]), 0.0, 7.0) == "▁▅█"
    assert spark(np.array([5.0, 5.0]), 5.0, 5.0) == "▁▁"


def test_the_fans_end_at_their_quantiles(drawn):
    line = next(line for line in sparklines(drawn.ensemble, "pilot") if "hashprice" in line)
    ends = fan(drawn.ensemble.of("hashprice"))[[0, 2, 4], -1]
    assert line.endswith(" … ".join(f"{end:.1f}" for end in ends))


def test_a_size_is_told_with_its_bound_and_what_the_bound_rests_on(drawn):
    (line,) = size_lines(drawn)
    assert line.startswith("best size of pilot: 240 MW, +40.00 ± 4.90 M USD on average")
    assert "no size on the grid that was checked is worth more than 40.4 M USD" in line
    proven = dataclasses.replace(drawn.sizings[0], proven=True)
    (line,) = size_lines(dataclasses.replace(drawn, sizings=(proven,)))
    assert "; no size is worth more than" in line


def test_the_three_signals_most_worth_waiting_for_are_named_in_their_order(drawn):
    (line,) = signal_lines(drawn)
    assert line.startswith("most worth knowing: The first unit restarts (31.00 ± 1.20 M USD, by ")
    assert line.index("An agreement is signed (15.50 ± 1.20 M USD)") < line.index(
        "Price of a bitcoin"
    )
    assert list(signal_lines(dataclasses.replace(drawn, worth=None))) == []
