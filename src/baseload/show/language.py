"""English and French: messages, numbers, dates and units in the reader's form."""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from babel.dates import format_date
from babel.numbers import format_decimal

from baseload.case.errors import InputError

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

LOCALES = {"en": "en_GB", "fr": "fr_FR"}
"""Languages that can be asked for, with the locale of their numbers and dates."""

NOTHING = "–"
"""Shown where there is no value."""

HARD_SPACE = "\u00a0"


@dataclass(frozen=True)
class Language:
    """One language of the reader.

    Messages are written in English in the source and translated by the catalogue
    ``lang/<code>.po``; a message without translation stays English.
    """

    code: str

    @property
    def locale(self) -> str:
        """Locale of numbers and dates."""
        return LOCALES[self.code]

    def text(self, message: str, /, **values: object) -> str:
        """Return the message in this language, with its ``{names}`` filled in."""
        found = message
        if self.code != "en":
            entry = _catalogue(self.code).get(message)
            if entry is not None and isinstance(entry.string, str) and entry.string:
                found = _kept_together(entry.string)
        return found.format(**values)

    def count(self, singular: str, plural: str, number: int, /, **values: object) -> str:
        """Return the form of the message for ``number`` things; ``{n}`` is the number."""
        found = singular if number == 1 else plural
        if self.code != "en":
            catalogue = _catalogue(self.code)
            entry = catalogue.get(singular)
            if entry is not None and isinstance(entry.string, list | tuple):
                # In French none and one are singular.
                form = 1 if number > 1 else 0
                found = _kept_together(entry.string[form]) or found
        return found.format(n=self.number(number, 0), **values)

    def number(
        self, value: float | None, digits: int | None = None, *, signed: bool = False
    ) -> str:
        """Return a number with grouped thousands.

        Parameters
        ----------
        value : the number; None and NaN are shown as a dash.
        digits : decimals; none keeps about three significant figures, without closing zeros.
        signed : whether a plus is written before what is positive.
        """
        if value is None or math.isnan(value):
            return NOTHING
        mark = "0" if digits is not None else "#"
        digits = _digits(value) if digits is None else digits
        rounded = round(value, digits) + 0.0
        pattern = "#,##0" + ("." + mark * digits if digits else "")
        text = format_decimal(abs(rounded), format=pattern, locale=self.locale)
        if rounded < 0:
            return "−" + text
        return "+" + text if signed and rounded > 0 else text

    def share(self, value: float | None, digits: int | None = None) -> str:
        """Return a share as a percentage."""
        if value is None or math.isnan(value):
            return NOTHING
        return self.number(100 * value, digits) + HARD_SPACE + "%"

    def quantity(self, value: float | None, unit: str, digits: int | None = None) -> str:
        """Return a number with its unit, e.g. ``1,250 MW``."""
        if value is None or math.isnan(value):
            return NOTHING
        return self.number(value, digits) + HARD_SPACE + unit

    def money(self, value: float | None, *, signed: bool = False) -> str:
        """Return an amount [USD] in billions, millions or thousands."""
        if value is None or math.isnan(value):
            return NOTHING
        scale, word = self.magnitude(value)
        parts = [self.number(value / scale, signed=signed), word, "USD"]
        return HARD_SPACE.join(part for part in parts if part)

    def energy(self, value: float | None) -> str:
        """Return an energy [MWh] in TWh, GWh or MWh."""
        if value is None or math.isnan(value):
            return NOTHING
        for scale, unit in ((1e6, "TWh"), (1e3, "GWh")):
            if abs(value) >= 0.9995 * scale:
                return self.quantity(value / scale, unit)
        return self.quantity(value, "MWh")

    def date(self, value: dt.date | None) -> str:
        """Return a day, e.g. ``13 March 2026``."""
        if value is None:
            return NOTHING
        shown = format_date(value, format="long", locale=self.locale)
        # In French the first day of a month is an ordinal, which the locale data do not know.
        return shown.replace("1 ", "1er ", 1) if self.code == "fr" and value.day == 1 else shown

    def month(self, value: dt.date | None) -> str:
        """Return a month and year, e.g. ``March 2026``."""
        if value is None:
            return NOTHING
        return format_date(value, format="LLLL y", locale=self.locale)

    def listing(self, items: list[str] | tuple[str, ...]) -> str:
        """Return the items as one enumeration."""
        items = list(items)
        if len(items) < 2:
            return "".join(items)
        return ", ".join(items[:-1]) + " " + self.text("and") + " " + items[-1]

    def magnitude(self, value: float) -> tuple[float, str]:
        """Return by what to divide an amount, and the word for that."""
        words = {1e9: "Md", 1e6: "M", 1e3: "k"} if self.code == "fr" else _ENGLISH_MAGNITUDES
        for scale, word in words.items():
            if abs(value) >= 0.9995 * scale:
                return scale, word
        return 1.0, ""


_ENGLISH_MAGNITUDES = {1e9: "bn", 1e6: "M", 1e3: "k"}


def language(code: str) -> Language:
    """Return a language by its code.

    Parameters
    ----------
    code : ``en`` or ``fr``.

    Raises
    ------
    InputError
        A code without catalogue.
    """
    if code not in LOCALES:
        raise InputError(
            "--lang",
            expected=" or ".join(LOCALES),
            found=repr(code),
            mend="choose one of these languages",
        )
    return Language(code)


@functools.cache
def _catalogue(code: str) -> Catalog:
    from babel.messages.pofile import read_po

    with files("baseload.show").joinpath("lang", f"{code}.po").open("rb") as stream:
        return read_po(stream, locale=code)


def _kept_together(text: str) -> str:
    """Return a French text whose marks do not begin a line: ``:``, ``;``, ``?``, ``!``, ``»``."""
    return re.sub(r" (?=[:;?!»])|(?<=«) ", HARD_SPACE, text)


def _digits(value: float) -> int:
    """Return the decimals that leave about three significant figures."""
    size = abs(value)
    if size == 0 or size >= 99.95:
        return 0
    if size >= 9.995:
        return 1
    if size >= 0.9995:
        return 2
    return min(6, 2 - math.floor(math.log10(size)))
