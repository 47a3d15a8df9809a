import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from tests.show.sample_ensemble import with_futures

from baseload.plan.ensemble.odds import NOTHING, ranked
from baseload.plan.worth.signals import Signal
from baseload.show.language import Language
from baseload.show.outlook import (
    cash_by_future,
    chance_of,
    choices,
    curve_of,
    energy_flow_of,
    fans_of,
    funnel_of,
    futures_of,
    has_mine,
    indices_of,
    intervals_of,
    outlook,
    sides_of,
    signals_of,
    title_of,
    told_signals,
)

EN, FR = Language("en"), Language("fr")


@pytest.fixture(scope="module")
def drawn(study):
    return with_futures(study, 50)


def test_without_futures_there_is_nothing_to_show(study):
    assert outlook(study, EN) is None
    with pytest.raises(ValueError, match="no futures"):
        futures_of(study)


def test_only_mines_and_nothing_are_told_as_choices(drawn):
    odds = ranked(drawn.ensemble)
    assert {each.name for each in choices(drawn, odds)} == {"pilot", NOTHING}
    assert has_mine(drawn, "pilot")
    assert not has_mine(drawn, "status-quo")


def test_a_choice_is_called_by_its_title(drawn):
    assert title_of(drawn, "pilot", FR) == "30 MW pilot at the site"
    assert title_of(drawn, NOTHING, FR) == "Ne construire aucune mine"


@pytest.mark.parametrize(
    ("share", "told"), [(0.0, "0"), (0.001, "<1"), (0.5, "50"), (0.999, ">99"), (1.0, "100")]
)
def test_a_rare_chance_is_not_called_none(share, told):
    assert chance_of(share, EN) == f"{told}\u00a0%"


def test_the_intervals_name_the_chance_of_each_mine(drawn):
    odds = ranked(drawn.ensemble)
    pilot = next(each for each in odds if each.name == "pilot")
    picture = intervals_of(drawn, odds, EN)
    assert f"{chance_of(pilot.built.value, EN)} · 30 MW pilot at the site" in picture.wide
    assert "As it stands" not in picture.wide


def test_the_fans_hold_prices_network_and_money(drawn):
    picture = fans_of(drawn, "pilot", FR)
    for heading in ("Prix d’un bitcoin", "Réseau", "Hashprice", "Northern area", "Excédent"):
        assert heading in picture.narrow
    assert "Trésorerie de toutes les parties" in picture.wide


def test_cash_by_future_adds_up_all_accounts(drawn):
    found = cash_by_future(drawn.ensemble, "pilot")
    sold = 60 * drawn.ensemble.of("exported", "pilot")
    np.testing.assert_allclose(found, sold + drawn.ensemble.of("mine_cash", "pilot"))


def test_the_funnel_has_a_row_for_each_gate_and_for_the_mine(drawn):
    picture = funnel_of(drawn, "pilot", EN)
    for row in ("An agreement is signed", "The first unit restarts", "The first coin is mined"):
        assert row in picture.wide


def test_the_energy_of_the_picture_is_that_of_the_futures_with_a_mine(drawn):
    built = drawn.ensemble.of("mine_mw", "pilot") > 0
    mined = drawn.ensemble.of("mined", "pilot")[built].sum(axis=1).mean() / 1e6
    assert f"{EN.number(mined)} TWh" in energy_flow_of(drawn, "pilot", EN).wide


def test_signals_worth_nothing_are_not_drawn(drawn):
    signals = tuple(dataclasses.replace(each, worth=0.0) for each in drawn.worth.signals)
    assert told_signals(dataclasses.replace(drawn.worth, signals=signals)) == []
    assert signals_of(dataclasses.replace(drawn.worth, signals=signals), EN) is None


def test_indices_name_the_unknowns(drawn):
    assert "Price of a bitcoin" in indices_of(drawn, drawn.worth, EN).wide


def test_a_party_left_out_is_shown_as_left_out_and_a_barred_one_is_marked(drawn):
    prospect = drawn.prospects[0]
    out = dataclasses.replace(prospect.parts[1], left_out=True)
    (picture,) = sides_of([dataclasses.replace(prospect, parts=(prospect.parts[0], out))], EN)
    assert "Second party · left out" in picture.narrow
    assert "First party · +40 *" in picture.narrow


def test_the_size_picture_marks_the_best_size(drawn):
    assert [label for *_, label in curve_of(drawn, drawn.sizings[0], EN).legend][-1] == "Best size"


def signal(kind, name, worth):
    return Signal(kind, name, name, worth, 1.0, None, None, ())


def test_a_group_worth_just_its_best_member_is_left_out():
    signals = (
        signal("group", "plant", 528.0),
        signal("unknown", "cap", 528.0),
        signal("group", "bitcoin", 206.0),
        signal("unknown", "growth", 76.0),
        signal("unknown", "nothing", 0.0),
    )
    told = told_signals(SimpleNamespace(signals=signals))
    assert [each.name for each in told] == ["cap", "bitcoin", "growth"]
