"""Results of the reconciliation as a person reads them, on a terminal and on the page."""

import pytest

from baseload.verify.report import reconciled_lines as lines_of
from baseload.verify.testtable import tests_section as section_of
from baseload.verify.testwords import against_text, allowed_text, comparisons, found_text, seen_text

BALANCE = {
    "test": "T1", "title": "a against b", "unit": "Wh", "days": "10", "verdict": "alarm",
    "difference": "926000000", "detectable_95": "133000000", "sum_statistic_e6": "25000000",
    "sum_threshold_e6": "3000000", "sum_p_e9": "0", "sum_log10_p_e6": "-137200000",
    "page_statistic_e6": "5000000", "page_threshold_e6": "10000000", "page_p_e9": "250000000",
    "page_log10_p_e6": "-602060", "causes": "a leak", "next": "look",
}  # fmt: skip
JOINT = {
    "test": "T1-3", "title": "all", "unit": "Wh", "days": "10", "verdict": "consistent",
    "degrees": "3", "likeliest": ["a", "b <i>"], "difference": "-1000000",
    "detectable_95": "2400000", "chi2_statistic_e6": "2000000", "chi2_threshold_e6": "8000000",
    "chi2_p_e9": "500000000", "chi2_log10_p_e6": "-301030", "meter_statistic_e6": "1000000",
    "meter_threshold_e6": "3000000", "meter_p_e9": "900000000", "meter_log10_p_e6": "-45757",
    "meters": [{"meter": "b <i>", "energy": "24000000", "reconciled": "23000000",
                "sigma": "500000", "statistic_e6": "-1000000", "bias": "1000000",
                "detectable_95": "2400000"}],
}  # fmt: skip
COUNT = {
    "test": "T5", "title": "shares", "unit": "shares", "found": "80", "expected_e6": "100000000",
    "lowest": "71", "highest": "131", "detectable_95_ppm": "420000", "p_e9": "50000000",
    "log10_p_e6": "-1301030", "verdict": "consistent",
}  # fmt: skip
COINS = {
    "test": "T6", "title": "payouts", "unit": "sat", "payments": "4", "amount": "1000",
    "checked": "3", "checked_amount": "750", "wrong": "1", "unpaid": "20", "difference": "-25",
    "detectable_95": "1", "unchecked": ["the fees"], "verdict": "alarm", "causes": "a revision",
    "next": "ask",
}  # fmt: skip
PLACES = COINS | {"test": "T7", "unit": "payouts", "checked": "0", "checked_amount": "0",
                  "wrong": "0", "verdict": "explain"}  # fmt: skip
BLOCKS = {
    "test": "T7", "title": "blocks", "unit": "blocks", "found": "8", "solved": "9", "dropped": "1",
    "unconfirmed": "2", "headers": "4195", "unchecked": ["1 of them orphaned"],
    "verdict": "explain",
}  # fmt: skip
RULE = {"test": "T8", "title": "seal", "found": "open", "allowed": "24 hours",
        "verdict": "alarm", "causes": "c", "next": "n"}  # fmt: skip
UNTESTED = {"test": "T4", "title": "hashes", "untested": "no shares", "verdict": "explain"}
ALL = [BALANCE, JOINT, COUNT, COINS, PLACES, BLOCKS, RULE, UNTESTED]


def test_an_alarm_is_told_with_its_picture_causes_and_the_next_step():
    first, total, change, causes, following = lines_of([BALANCE])
    assert first == "✗ T1   a against b  +926.0 MWh in 10 days; would have seen 133 MWh (0.55 MW)"
    assert total == "       [········|·······●]  sum: +25.00, allowed ±3.00, p 10^-137.2"
    assert change == "       [········●········]  change (Page): 5.00, allowed 10.00, p 0.25"
    assert ("a leak" in causes, "look" in following) == (True, True)


def test_every_comparison_has_statistic_threshold_and_probability():
    told = [(one.statistic, one.threshold, one.p) for each in ALL for one in comparisons(each)]
    assert told == [
        ("+25.00", "±3.00", "10^-137.2"),
        ("5.00", "10.00", "0.25"),
        ("2.00", "8.00", "0.5"),
        ("1.00", "3.00", "0.9"),
        ("80 of 100.0", "71 to 131", "0.05"),
        ("-25 sat, 1 wrong", "0", "exact"),
        ("0 wrong", "0", "exact"),
        ("1 lost", "0", "exact"),
        ("open", "24 hours", "a rule"),
    ]


def test_each_test_says_what_it_found_and_what_it_would_have_seen():
    assert [seen_text(one) for one in ALL] == [
        "133 MWh (0.55 MW)", "in any one meter 2 MWh (0.01 MW)", "42.0 % missing",
        "1 sat of what was checked", "nothing: none was checked", "", "", "",
    ]  # fmt: skip
    assert found_text(JOINT) == "likeliest to be wrong: a or b <i>, by -1.0 MWh in 10 days"
    assert found_text(COINS) == (
        "-25 sat; 3 of 4 payments (75.0 % of the coins) checked, 1 wrong; "
        "work worth 20 sat is not paid"
    )
    assert found_text(UNTESTED) == "not tested: no shares"
    assert "8 of 9, 2 of them fresh" in found_text(BLOCKS)


def test_what_an_alarm_says_is_held_against_what_is_allowed():
    assert allowed_text(BALANCE) == "sum ±3.00, change (Page) 10.00"
    assert against_text(BALANCE) == "+926.0 MWh in 10 days; sum +25.00, change (Page) 5.00"
    assert (allowed_text(COUNT), against_text(COUNT)) == ("71 to 131", "80 of 100.0 expected")
    assert (allowed_text(RULE), against_text(RULE)) == ("24 hours", "open")
    assert allowed_text(COINS) == "0"


def test_what_was_not_checked_has_a_line_of_its_own():
    assert "       not checked: the fees" in lines_of([COINS])
    assert "not checked: 1 of them orphaned" in section_of([BLOCKS])


@pytest.mark.parametrize("one", ALL)
def test_the_page_shows_what_the_terminal_shows(one):
    text = section_of([one])
    for each in comparisons(one):
        assert f">{each.threshold}</td>" in text
        assert f">{each.p}</td>" in text
    assert text.count("<tr>") - text.count("</tr>") == 0
    assert one["verdict"] in text
    assert "style=" not in text
    assert "<i>" not in text


def test_a_statistic_far_beyond_its_limits_stays_in_the_picture():
    text = section_of([BALANCE])
    assert 'cx="144.0"' in text
    assert section_of([]) == ""


@pytest.mark.parametrize(("found", "place"), [("70", -1.0), ("132", 1.0), ("100", 0.0)])
def test_the_first_count_that_is_an_alarm_is_at_the_edge_of_the_picture(found, place):
    (one,) = comparisons(COUNT | {"found": found})
    assert one.place == pytest.approx(place)
