import dataclasses

import pytest
from tests.show.sample import write_case
from tests.show.sample_ensemble import sample_ensemble, sample_worth

from baseload.case.load import load
from baseload.show.worth_text import margin, print_worth


@pytest.fixture
def printed(tmp_path, capsys):
    """Print the sample's worth with changes, and return the lines."""
    case = load(write_case(tmp_path))
    ensemble, found = sample_ensemble(case, scenarios=40), sample_worth(case)

    def printed(**changes):
        print_worth(dataclasses.replace(found, **changes), ensemble)
        return capsys.readouterr().out

    printed.found = found
    return printed


def test_the_choice_now_and_the_three_most_valuable_signals_are_printed(printed):
    text = printed()
    assert "Sample plant · 40 futures · seed 3" in text
    assert "best now            nothing, 0.00 M USD" in text
    assert "knowing everything  44.00 ± 1.60 M USD" in text
    clear = [signal for signal in printed.found.signals if signal.clear]
    assert all(signal.label in text for signal in clear[:3])
    assert all(signal.label not in text for signal in clear[3:])


def test_what_becomes_best_is_printed_with_its_probability_source_and_time(printed):
    text = printed()
    assert "opens (30%): pilot, 84.00 M USD" in text
    assert "stays shut (70%): nothing, 0.00 M USD" in text
    assert "text published by the parties" in text
    assert "by summer 2027" in text


def test_signals_within_their_error_are_counted_and_not_named(printed):
    weak = tuple(
        dataclasses.replace(signal, worth=1e6, error=0.9e6) for signal in printed.found.signals
    )
    text = printed(signals=weak)
    assert "no signal alone is worth more than the error of its estimate" in text
    assert not any(signal.label in text for signal in weak)
    mixed = printed(signals=(printed.found.signals[0], *weak[1:]))
    assert f"{len(weak) - 1} of {len(weak)} signals cannot be told from 0" in mixed


def test_the_right_to_decide_and_the_shares_of_variance_are_printed_where_there_are_any(printed):
    text = printed()
    row = next(line for line in text.splitlines() if "24.0%" in line)
    assert row.split()[:4] == ["pilot", "-4.00", "M", "USD"]
    assert "40.0% ± 3.0%" in text
    bare = printed(waiting=(), indices={})
    assert "The right to" not in bare
    assert "variance" not in bare


def test_futures_without_any_gain_are_no_certainty(printed):
    # 1 - 0.05^(1/40): the share that 40 draws miss with a chance of 5 %.
    text = printed(evpi=0.0, evpi_error=0.0, signals=())
    assert "none of 40 futures gains by another choice; up to 7.2% of all may" in text
    assert "none of 40" not in printed()


def test_text_of_a_case_is_not_read_as_markup(printed):
    signal = dataclasses.replace(printed.found.signals[0], label="[bold]x[/bold] [link]")
    assert "[bold]x[/bold] [link]" in printed(signals=(signal,))


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (12.34e6, 0.91e6, "12.34 ± 0.91 M USD"),
        (1e6, 0.6e6, "not told from 0 (1.00 ± 0.60 M USD)"),
        (0.0, 0.0, "0.00 ± 0.00 M USD"),
    ],
)
def test_a_worth_is_written_with_its_error(value, error, text):
    assert margin(value, error) == text
