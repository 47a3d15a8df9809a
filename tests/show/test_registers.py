import datetime as dt

from baseload.show.language import Language
from baseload.show.registers import bar_rows, gate_rows, source_text, stage_word, status_word

EN, FR = Language("en"), Language("fr")


def test_gates_come_first_to_open_first(study):
    rows = gate_rows(study.case)
    assert [row.title for row in rows] == ["An agreement is signed", "The first unit restarts"]
    assert rows[0].date == dt.date(2027, 6, 1)
    assert rows[0].lifts == ("R05",)
    assert not rows[0].open


def test_bars_say_whether_they_hold_on_the_first_day(study):
    assert [(row.name, row.in_force) for row in bar_rows(study.case)] == [
        ("R01", True),
        ("R05", True),
    ]


def test_words_are_translated_and_unknown_stages_kept():
    assert status_word("memory", EN) == "from memory, not verified"
    assert status_word("memory", FR) == "de mémoire, non vérifié"
    assert status_word(None, FR) == "sans statut"
    assert stage_word("build", FR) == "construction"
    assert stage_word("ribbon cutting", FR) == "ribbon cutting"


def test_a_source_is_shown_with_its_place(study):
    assert source_text(study.case, "Z03", EN) == "Z03: a newspaper"
    assert source_text(study.case, None, FR) == "sans source"
