import datetime as dt
import math
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

import baseload.show
from baseload.case.errors import InputError
from baseload.show.language import Language, language

ROOM = Path(baseload.show.__file__).parent
KEYWORDS = {"_": None, "text": None, "n_": (1, 2), "count": (1, 2)}
HARD, NARROW = "\u00a0", "\u202f"

EN, FR = Language("en"), Language("fr")


def messages() -> Iterator[str | tuple[str, ...]]:
    """Every message of the room: singular and plural as a pair."""
    for path in sorted(ROOM.rglob("*.py")):
        with path.open("rb") as stream:
            for _line, message, *_ in extract("python", stream, KEYWORDS):
                yield message
    for path in sorted(ROOM.rglob("*.j2")):
        with path.open("rb") as stream:
            for _line, _name, message, _ in babel_extract(stream, ("_", "n_"), [], {}):
                parts = (message,) if isinstance(message, str) else message
                kept = tuple(part for part in parts if part is not None)
                yield kept[0] if len(kept) == 1 else kept


def names_in(text: str) -> set[str]:
    return {name for _, name, *_ in string.Formatter().parse(text) if name}


@pytest.fixture(scope="module")
def catalogue():
    with (ROOM / "lang" / "fr.po").open("rb") as stream:
        return read_po(stream, locale="fr", abort_invalid=True)


def test_every_message_is_translated(catalogue):
    wanted = set(messages())
    assert len(wanted) > 100
    untranslated = []
    for message in wanted:
        entry = catalogue.get(message if isinstance(message, str) else message[0])
        strings = () if entry is None else entry.string
        strings = (strings,) if isinstance(strings, str) else strings
        expected = 1 if isinstance(message, str) else 2
        if entry is None or entry.fuzzy or len([s for s in strings if s]) != expected:
            untranslated.append(message)
    assert untranslated == []


def test_the_catalogue_holds_no_message_that_is_gone(catalogue):
    wanted = {message if isinstance(message, str) else message[0] for message in messages()}
    ids = {entry.id if isinstance(entry.id, str) else entry.id[0] for entry in catalogue}
    assert ids - wanted - {""} == set()


def test_a_translation_names_the_same_values(catalogue):
    for entry in catalogue:
        if not entry.id:
            continue
        ids = (entry.id,) if isinstance(entry.id, str) else entry.id
        strings = (entry.string,) if isinstance(entry.string, str) else entry.string
        for original, translated in zip(ids, strings, strict=True):
            assert names_in(translated) == names_in(original), original


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (1234567.0, "1,234,567", f"1{NARROW}234{NARROW}567"),
        (35.0, "35", "35"),
        (2.456, "2.46", "2,46"),
        (-0.0123456, "−0.0123", "−0,0123"),
        (0.0, "0", "0"),
        (None, "–", "–"),
        (math.nan, "–", "–"),
    ],
)
def test_a_number_is_written_as_the_reader_writes_it(value, english, french):
    assert EN.number(value) == english
    assert FR.number(value) == french


def test_decimals_that_are_asked_for_are_kept():
    assert EN.number(2.0, 2) == "2.00"
    assert FR.number(-0.001, 2) == "0,00"


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (1.24e9, f"1.24{HARD}bn{HARD}USD", f"1,24{HARD}Md{HARD}USD"),
        (-31.3e6, f"−31.3{HARD}M{HARD}USD", f"−31,3{HARD}M{HARD}USD"),
        (999_600.0, f"1{HARD}M{HARD}USD", f"1{HARD}M{HARD}USD"),
        (12.0, f"12{HARD}USD", f"12{HARD}USD"),
    ],
)
def test_money_is_written_in_its_magnitude(value, english, french):
    assert EN.money(value) == english
    assert FR.money(value) == french


def test_energy_is_written_in_its_magnitude():
    assert EN.energy(306_600.0) == f"307{HARD}GWh"
    assert FR.energy(7.35e6) == f"7,35{HARD}TWh"
    assert EN.energy(12.0) == f"12{HARD}MWh"


def test_a_date_is_written_in_words():
    assert EN.date(dt.date(2026, 3, 13)) == "13 March 2026"
    assert FR.date(dt.date(2026, 3, 13)) == "13 mars 2026"
    assert FR.date(dt.date(2027, 1, 1)) == "1er janvier 2027"
    assert FR.date(dt.date(2027, 1, 11)) == "11 janvier 2027"
    assert FR.month(dt.date(2029, 8, 1)) == "août 2029"


def test_none_and_one_are_singular_in_french_only():
    forms = ("{n} source", "{n} sources")
    assert EN.count(*forms, 0) == "0 sources"
    assert FR.count(*forms, 0) == "0 source"
    assert FR.count(*forms, 2) == "2 sources"


def test_a_language_without_words_is_refused():
    with pytest.raises(InputError, match="expected en or fr"):
        language("de")
