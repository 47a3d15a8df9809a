import dataclasses

import pytest
from tests.show.sample import write_case
from tests.show.sample_ensemble import sample_worth

from baseload.case.load import load
from baseload.plan.worth.result import IfOpen, Verdict, Waiting
from baseload.show.worth_text import margin, print_worth


@pytest.fixture
def printed(tmp_path, capsys):
    """Print the sample's worth with changes, and return the lines."""
    case = load(write_case(tmp_path))
    found = sample_worth(case)

    def printed(**changes):
        print_worth(dataclasses.replace(found, **changes), case.tree.case.name, 40, 3)
        return capsys.readouterr().out

    printed.found = found
    return printed


def test_the_choice_now_and_the_three_most_valuable_signals_are_printed(printed):
    text = printed()
    assert "Sample plant · 40 futures · seed 3" in text
    assert "best now            nothing, 0.00 M USD" in text
    assert "knowing everything  44.00 ± 1.60 M USD" in text
    clear = [s for s in printed.found.signals if s.clear and s.kind != "group"]
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
    assert row.split()[:5] == ["pilot", "100.00%", "-4.00", "M", "USD"]
    assert "40.0% ± 3.0% 50.0% ± 5.0%" in " ".join(text.split())
    bare = printed(waiting=(), indices={})
    assert "The right to" not in bare
    assert "variance" not in bare


def test_futures_without_any_gain_are_no_certainty(printed):
    # 1 - 0.05^(1/40): the share that 40 draws miss with a chance of 5 %.
    text = printed(evpi=0.0, evpi_error=0.0, signals=())
    assert "none of 40 futures gains by another choice; up to 7.2% of all may" in text
    assert "none of 40" not in printed()


def opened(signal, worth, swing=5e6):
    """Return a signal with a worth if the gates of 'pilot' open, and what follows it."""
    way = Verdict("opens", 0.3, "pilot", 84e6, 21e6)
    found = IfOpen("pilot", worth, 1e6, swing, (Verdict("above 7", 0.3, "pilot", 9e6),))
    return dataclasses.replace(signal, if_open=found, verdicts=(way,))


@pytest.fixture
def gated(printed):
    """Print the sample with signals worth a given sum if gates open."""

    def gated(*worths, **changes):
        signals = tuple(map(opened, printed.found.signals, worths))
        rights = (Waiting("pilot", -4e6, 11e6, 1.1e6, 0.24, chance=0.0048, gains=0.6),)
        return printed(subject="pilot", signals=signals, waiting=rights, **changes)

    return gated


def test_what_is_worth_knowing_if_the_gates_open_is_printed_as_such(gated, printed):
    text = gated(20e6, 30e6)
    assert "gates opened and weighted back" in text
    rest = text.split("If the gates of pilot open (0.48%)")[1].split("What all other news")[0]
    assert rest.index("30.00 ± 1.00 M USD") < rest.index("20.00 ± 1.00 M USD")
    assert "above 7 (30%): pilot, 9.00 M USD" in rest
    assert "If the gates" not in printed()


def test_where_no_news_would_do_what_moves_the_value_most_is_told(gated, printed):
    text = gated(0.0, 0.0)
    assert "no signal alone would change that choice" in text
    assert f"{printed.found.signals[0].label}: by 5.00 M USD at best" in text


def test_a_gate_tells_what_other_news_is_worth_once_it_opens(gated, printed):
    text = gated(20e6)
    assert "opens (30%): pilot, 84.00 M USD; knowing all else is then worth 21.00 M USD" in text
    rows = text.split("What all other news is worth once a gate opens")[1]
    assert "30.0% 21.00 M USD" in " ".join(rows.split())
    assert "What all other news" not in printed()


def test_rights_are_headed_by_the_futures_that_they_are_of(gated, printed):
    assert "If the gates open: the right to decline" in gated(0.0)
    assert "The right to decline" in printed()


def test_groups_are_told_in_one_line(printed):
    group = dataclasses.replace(printed.found.signals[0], kind="group", name="bitcoin")
    assert "together: bitcoin 31.00 M USD" in printed(signals=(group,))


def test_the_best_choice_now_is_told_with_its_error(printed):
    assert "not told from 0 (1.00 ± 0.60 M USD)" in printed(value=1e6, value_error=0.6e6)


def test_unknowns_left_out_are_named(printed):
    assert "hardly moves with them: a, b" in printed(left_out=("a", "b"))


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
