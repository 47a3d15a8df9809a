import hashlib
import json
from pathlib import Path

import pytest
from tests.show.sample import sample_study
from tests.show.sample_ensemble import with_futures

from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.show.folder import Options, inputs_of, read_manifest, write_study
from baseload.show.report import render
from baseload.show.translation import translated, translation

ZAPORIZHZHIA = Path(__file__).resolve().parents[2] / "cases" / "zaporizhzhia"

WORDS = {
    "Sample plant": "Centrale témoin",
    "30 MW pilot at the site": "Pilote de 30 MW sur le site",
    "An agreement is signed": "Un accord est signé",
    "text published by the parties": "texte publié par les parties",
    "Decree on mining": "Décret sur le minage",
    "first state": "premier État",
    "Mine at the site": "Mine sur le site",
    "Northern area": "Zone du nord",
    "Price of a bitcoin": "Prix d’un bitcoin",
    "First party": "Première partie",
    "Halves": "Moitiés",
    "No comment was found.": "Aucun commentaire trouvé.",
    "A mine beside a plant": "Une mine près d’une centrale",
}


@pytest.fixture
def own(tmp_path):
    """Return a study of a case folder that belongs to one test alone."""
    return sample_study(tmp_path / "case")


def write(study, text):
    (study.case.folder / "fr.toml").write_text(text, encoding="utf-8")


def toml(words):
    return "".join(f"{json.dumps(text)} = {json.dumps(word)}\n" for text, word in words.items())


def page(study, lang):
    return render(study, lang, versions={}, outputs={})


def test_the_french_report_speaks_the_words_of_the_file(own):
    write(own, toml(WORDS))
    french = page(own, "fr")
    for text, words in WORDS.items():
        assert words in french
        assert text not in french


def test_the_english_report_and_the_summary_keep_the_words_of_the_case(own):
    english, summary = page(own, "en"), own.summary()
    write(own, toml(WORDS))
    assert page(own, "en") == english
    page(own, "fr")
    assert own.summary() == summary


def test_a_text_without_translation_stays_as_it_stands(own):
    write(own, toml({"Halves": "Moitiés"}))
    assert "An agreement is signed" in page(own, "fr")


def test_the_outcomes_and_swings_are_told_as_their_alternatives_and_unknowns(study):
    told = translated(study, WORDS)
    assert told.outcomes["pilot"]["opened"].title == WORDS["30 MW pilot at the site"]
    assert told.outcomes["status-quo"]["today"].title == "As it stands"
    assert [swing.label for swing in told.swings["pilot"]] == ["Altitude", "Prix d’un bitcoin"]


def test_signals_and_parties_are_told_as_their_gates_and_registers(study):
    told = translated(with_futures(study, 5), WORDS)
    labels = [signal.label for signal in told.worth.signals]
    assert WORDS["An agreement is signed"] in labels
    assert told.worth.signals[1].source == WORDS["text published by the parties"]
    assert told.prospects[0].title == WORDS["Halves"]
    assert told.prospects[0].parts[0].name == WORDS["First party"]


def test_ids_paths_and_numbers_are_not_touched(study):
    ids = dict.fromkeys(
        ("restart", "agreement", "R05", "S1", "first", "onsite", "site", "north", "U1"), "spoilt"
    )
    paths = {"mine.*": "spoilt", "bitcoin.price": "spoilt", "Europe/Kyiv": "spoilt"}
    told = translated(study, {**ids, **paths, "150000 USD/BTC": "spoilt", "a newspaper": "spoilt"})
    assert told.case.tree == study.case.tree
    assert told.swings == study.swings
    for register in ("unknowns", "alternatives", "parties", "arrangements", "claims", "sources"):
        assert getattr(told.case, register) == getattr(study.case, register)


def test_a_translation_of_a_text_that_the_case_does_not_hold_names_the_nearest(own):
    write(own, '# words\n"Decree on minning" = "Décret sur le minage"\n')
    with pytest.raises(InputError) as caught:
        page(own, "fr")
    assert "fr.toml, line 2" in caught.value.where
    assert "Decree on minning" in caught.value.where
    assert "Decree on mining" in caught.value.mend


@pytest.mark.parametrize("value", ["12", '["a", "b"]', '{ fr = "Moitiés" }', "true", '""'])
def test_a_translation_that_is_no_text_is_refused(own, value):
    write(own, f'"Halves" = {value}\n')
    with pytest.raises(InputError, match="expected a text") as caught:
        page(own, "fr")
    assert "fr.toml, line 1" in caught.value.where
    assert "Halves" in caught.value.where


def test_a_table_of_words_is_refused(own):
    write(own, '[gates]\n"Halves" = "Moitiés"\n')
    with pytest.raises(InputError, match="expected a text"):
        page(own, "fr")


def test_a_file_that_is_not_utf8_is_refused(own):
    (own.case.folder / "fr.toml").write_bytes('"Halves" = "Moitiés"\n'.encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        page(own, "fr")


def test_the_file_is_an_input_of_the_french_study_only(own, tmp_path):
    write(own, toml(WORDS))
    digest = hashlib.sha256((own.case.folder / "fr.toml").read_bytes()).hexdigest()
    write_study(own, Options((), "fr", 0), tmp_path / "out", own.case.folder)
    assert read_manifest(tmp_path / "out")["inputs"]["fr.toml"]["sha256"] == digest
    assert digest in (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "fr.toml" not in inputs_of(own, "en")


def test_the_words_of_zaporizhzhia_cover_what_its_report_names_most():
    case = load(ZAPORIZHZHIA)
    words = translation(case, "fr").table
    titles = [
        *(entry.title for entry in case.tree.gate.values()),
        *(entry.signal for entry in case.tree.gate.values()),
        *(entry.title for entry in case.tree.bar.values()),
        *(entry.jurisdiction for entry in case.tree.bar.values()),
        *(entry.title for entry in case.tree.mine.values()),
        *(entry.title for entry in case.tree.area.values()),
        *(entry.title for entry in case.tree.plant.bus.values()),
        *(entry.title for entry in case.alternatives.values()),
        *(entry.title for entry in case.arrangements.values()),
        *(entry.name for entry in case.unknowns),
        *(entry.claim for entry in case.claims.values()),
    ]
    assert [title for title in titles if title not in words] == []
