import re

import pytest

from baseload.plan.ensemble.result import Simplification
from baseload.show.language import Language
from baseload.show.wording import ending_of, reworded

EN, FR = Language("en"), Language("fr")


@pytest.mark.parametrize(
    ("text", "french"),
    [
        ("opens", "se réalise"),
        ("stays shut", "ne se réalise pas"),
        ("up to 78,000 USD/BTC", "jusqu’à 78,000 USD/BTC"),
        ("2.1 GW to 3 GW", "2.1 GW à 3 GW"),
        ("by 2031-04 at the median, if it opens", "pour 2031-04 en médiane, si elle se réalise"),
        ("law and gates: 12 things together", "droit et étapes : 12 choses ensemble"),
        ("50 % of the energy", "50 % de l’énergie"),
        ("royalty of 3 % of the coins", "redevance de 3 % des bitcoins"),
        ("batteries", "batteries"),
    ],
)
def test_what_the_plan_says_is_told_in_french(text, french):
    assert re.sub("[\u00a0\u202f]", " ", reworded(text, FR)) == french
    assert reworded(text, EN) == text


def test_a_text_of_unknown_form_stays_as_it_is():
    assert reworded("An agreement is signed", FR) == "An agreement is signed"
    assert reworded("", FR) == ""


def test_what_is_left_out_of_futures_is_known_by_its_words():
    left_out = Simplification("fuel budgets of cycles")
    assert reworded(left_out.what, FR) != left_out.what


def test_the_end_of_a_bar_keeps_its_ids_and_dates():
    told = ending_of("R01 until 2031-03-15 or gate control_ukraine; R05 without an end", FR)
    assert told == "R01 jusqu’à 2031-03-15 ou étape control_ukraine; R05 sans fin"
