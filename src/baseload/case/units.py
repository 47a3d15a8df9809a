"""Quantities as people write them, converted once to one canonical unit per dimension.

Unit texts are read by pint, with a registry of only the units listed here: a unit that is
not in the list is refused rather than guessed. Conversion is done in exact fractions, so
that ``"0.45 %/min"`` becomes the float nearest to its true value in 1/h.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from baseload.case.errors import InputError

CURRENCIES = (
    *("EUR", "UAH", "RUB", "GBP", "CHF", "SEK", "NOK", "DKK", "ISK", "PLN", "CZK", "HUF", "RON"),
    *("TRY", "KZT", "GEL", "AMD", "JPY", "CNY", "INR", "KRW", "AED", "SAR", "PKR", "BTN", "ETB"),
    *("ZAR", "CAD", "AUD", "NZD", "BRL", "ARS", "PYG", "MXN"),
)
"""ISO 4217 codes that ``money.rates`` may give a rate for; USD needs none."""

_ENERGY = ("Wh", "kWh", "MWh", "GWh", "TWh", "J", "kJ", "MJ", "GJ", "TJ")
_POWER = ("W", "kW", "MW", "GW", "TW")

UNITS: dict[str, str] = {
    "s": "[time]",
    **dict.fromkeys(("second", "seconds"), "s"),
    **dict.fromkeys(("min", "minute", "minutes"), "60 * s"),
    **dict.fromkeys(("h", "hour", "hours"), "3600 * s"),
    **dict.fromkeys(("d", "day", "days"), "86400 * s"),
    **dict.fromkeys(("week", "weeks"), "604800 * s"),
    # A year is 8,766 h (365.25 days) and a month a twelfth of it, whatever the calendar.
    **dict.fromkeys(("month", "months"), "2629800 * s"),
    **dict.fromkeys(("year", "years", "yr"), "31557600 * s"),
    "W": "[power]",
    **{name: f"1e{3 * i} * W" for i, name in enumerate(_POWER) if i},
    "J": "W * s",
    **{name: f"1e{3 * i} * J" for i, name in enumerate(_ENERGY[5:]) if i},
    **{name: f"3600e{3 * i} * J" for i, name in enumerate(_ENERGY[:5])},
    "V": "[voltage]",
    "kV": "1e3 * V",
    "m": "[length]",
    "km": "1e3 * m",
    "K": "[temperature]",
    "degC": "K; offset: 273.15",
    "H": "[hash]",
    **{f"{prefix}H": f"1e{3 * i + 3} * H" for i, prefix in enumerate("kMGTPEZ")},
    "BTC": "[coin]",
    "sat": "1e-8 * BTC",
    "percent": "0.01",
    "thousand": "1e3",
    "million": "1e6",
    "billion": "1e9",
    "USD": "[USD]",
    "kUSD": "1e3 * USD",
    "MUSD": "1e6 * USD",
    **dict.fromkeys(("c", "cent", "cents"), "0.01 * USD"),
    **{code: f"[{code}]" for code in CURRENCIES},
}
"""Every unit that may be written, with its definition in pint's language."""

KINDS: dict[str, tuple[str, str]] = {
    "MW": ("a power", "MW, kW or GW"),
    "MWh": ("an energy", "MWh, GWh or TWh"),
    "USD/MWh": ("a price of energy", "USD/MWh, c/kWh or EUR/MWh"),
    "USD": ("an amount of money", "USD, million USD or EUR"),
    "1": ("a plain number", 'such as 0.05 or "5 %"'),
    "1/year": ("a rate a year", "%/year"),
    "1/h": ("a rate of change", "%/min, %/h or 1/h"),
    "h": ("a duration", "h, days, months or years"),
    "degC": ("a temperature", "degC or K"),
    "USD/kW": ("a price of power", "USD/kW or million USD/MW"),
    "USD/kW/year": ("a price of power a year", "USD/kW/year"),
    "USD/(TH/s)": ("a price of hashrate", "USD/(TH/s)"),
    "USD/PH/day": ("a hashprice", "USD/PH/day or USD/TH/day"),
    "USD/BTC": ("a price of bitcoin", "USD/BTC"),
    "TH/s": ("a hashrate", "TH/s, PH/s or EH/s"),
    "J/TH": ("an efficiency", "J/TH"),
    "kV": ("a voltage", "kV"),
    "m": ("a length", "m"),
    "TH": ("a number of hashes", "TH"),
    "BTC": ("an amount of bitcoin", "BTC or sat"),
    "MW/h": ("a change of power over time", "MW/h"),
}
"""What a unit measures, and units to write it in; the first that fits names a dimension."""

# Colloquial forms, with the factor that makes them right: people write USD/TH for the price
# of a machine's TH/s, USD/(PH/s)/day for USD/PH/day, and W/TH for the W per TH/s of J/TH.
_COLLOQUIAL = {"USD/(TH/s)": "s", "USD/PH/day": "1/s", "J/TH": "s"}

# USD/MWh and USD/kW/year have one dimension but are different things: which must be named.
_MUST_NAME: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "USD/MWh": (_ENERGY, ("a price of power a year",)),
    "USD/kW/year": (_POWER, ("a price of energy",)),
}

# Plain slips: (wanted unit, kind found) -> the unit that was probably meant.
_SLIPS: dict[tuple[str, str], Callable[[str], str]] = {
    ("MW", "an energy"): lambda unit: unit.replace("Wh", "W"),
    ("MWh", "a power"): lambda unit: unit.replace("W", "Wh"),
    ("1/h", "a power"): lambda _: "%/min",
    ("1/h", "a plain number"): lambda _: "%/min",
    ("1/year", "a plain number"): lambda _: "%/year",
    ("TH/s", "a number of hashes"): lambda unit: unit + "/s",
    ("USD/MWh", "an amount of money"): lambda unit: unit + "/MWh",
    ("USD/BTC", "an amount of money"): lambda unit: unit + "/BTC",
    ("USD/kW", "an amount of money"): lambda unit: unit + "/kW",
    ("USD/kW/year", "a price of power"): lambda unit: unit + "/year",
    ("J/TH", "an energy"): lambda unit: unit + "/TH",
}

_SPACES = "\u0020\u00a0\u2009\u202f"
_NUMBER = re.compile(
    rf"[+-]?(?:\d{{1,3}}(?:[{_SPACES}]\d{{3}})+|\d{{1,3}}(?:_\d{{3}})+|\d{{1,40}})"
    r"(?:\.\d{0,40})?(?:[eE][+-]?\d{1,3})?(?![\d.,_])"
)
_COMMA = re.compile(r"[+-]?\d+(?:,\d+)+(?:\.\d+)?")
_NOT_FINITE = re.compile(r"[+-]?(nan|inf(inity)?|∞)(?![a-z])", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W\d_]+")


class Misread(ValueError):
    """A text that is not the quantity that was wanted: expected, found, mend."""

    def __init__(self, expected: str, found: str, mend: str) -> None:
        self.expected = expected
        self.found = found
        self.mend = mend
        super().__init__(expected, found, mend)


# --- reading one quantity --------------------------------------------------------------------


def parse(
    text: str, unit: str, *, rates: Mapping[str, float] | None = None, where: str = "value"
) -> float:
    """Read a quantity.

    Parameters
    ----------
    text : a number and a unit, e.g. ``"950 MW"``.
    unit : canonical unit of the result, one of `KINDS`.
    rates : USD for one unit of another currency.
    where : what to call the value if it cannot be read.

    Returns
    -------
    Value [unit].

    Raises
    ------
    InputError
        If the text is not a finite quantity of the dimension of `unit`.

    Examples
    --------
    >>> parse("18 months", "h")
    13149.0
    >>> parse("2 c/kWh", "USD/MWh")
    20.0
    """
    try:
        return read(text, unit, rates or {})
    except Misread as misread:
        raise InputError(
            f'{where} = "{text}"',
            expected=misread.expected,
            found=misread.found,
            mend=misread.mend,
        ) from None


def read(text: str, unit: str, rates: Mapping[str, float]) -> float:
    """Read a quantity, as `parse` does, but raise `Misread` for the caller to place."""
    plain, exact, currencies = _reading(text.strip(), unit)
    if not currencies:
        return plain
    for code, power in currencies:
        if code not in rates:
            raise Misread(
                wanted(unit),
                f"{code}, for which there is no rate",
                f"give money.rates.{code} = USD for one {code}, or write the value in USD",
            )
        exact *= Fraction(str(rates[code])) ** power
    return _to_float(exact, text, unit)


def _to_float(value: Fraction, text: str, unit: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise Misread(wanted(unit), f"a number that is too large: {text}", "write it out") from None


def factor(unit_text: str, unit: str, rates: Mapping[str, float]) -> tuple[float, float]:
    """Return factor and offset that turn numbers in `unit_text` into `unit`."""
    offset = read(f"0 {unit_text}", unit, rates)
    return read(f"1 {unit_text}", unit, rates) - offset, offset


def written(value: float, unit: str) -> str:
    """Write a canonical value so that reading it gives the same float again.

    >>> written(30.0, "MW")
    '30.0 MW'
    """
    return repr(float(value)) if unit == "1" else f"{float(value)!r} {unit}"


def format(value: float, unit: str, digits: int = 6) -> str:
    """Write a canonical value for people, with thousands apart.

    >>> format(5700.0, "MW")
    '5,700 MW'
    """
    shown = f"{value:,.{max(0, digits - 1 - _magnitude(value))}f}"
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return shown if unit == "1" else f"{shown} {unit}"


def wanted(unit: str) -> str:
    """Say what a unit measures and how to write it, for error texts."""
    kind, examples = KINDS[unit]
    return f"{kind}, {examples}" if unit == "1" else f"{kind}: {examples}"


def _magnitude(value: float) -> int:
    return math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0


@dataclass(frozen=True, slots=True)
class _Conversion:
    """Exact factor and offset to the canonical unit, and the currencies yet to be changed."""

    factor: Fraction
    offset: Fraction
    currencies: tuple[tuple[str, int], ...]


@lru_cache(maxsize=65_536)
def _reading(text: str, unit: str) -> tuple[float, Fraction, tuple[tuple[str, int], ...]]:
    """Return the value as a float and exactly, and the currencies yet to be changed."""
    number, rest = _split_number(text, unit)
    conversion = _conversion(rest, unit, text)
    exact = number * conversion.factor + conversion.offset
    return _to_float(exact, text, unit), exact, conversion.currencies


def _split_number(text: str, unit: str) -> tuple[Fraction, str]:
    """Split a text into its number and its unit; refuse what can be read in two ways."""
    plain = text.replace("\u2212", "-")
    if _NOT_FINITE.match(plain):
        raise Misread(wanted(unit), f"a number that is not finite: {text}", "write a finite number")
    if comma := _COMMA.match(plain):
        digits = comma.group()
        raise Misread(
            wanted(unit),
            f"a comma in a number, which can be read in two ways: {digits}",
            f'write "{plain.replace(",", "")}" or "{plain.replace(",", ".", 1)}"',
        )
    match = _NUMBER.match(plain)
    if not match:
        example = f'"950 {unit}"' if unit != "1" else '0.05 or "5 %"'
        raise Misread(
            wanted(unit),
            f'no number at the start of "{text}"' if text else "an empty text",
            f"write a number, then its unit, such as {example}",
        )
    digits = re.sub(rf"[{_SPACES}_]", "", match.group())
    return Fraction(digits), plain[match.end() :].strip(_SPACES)


@lru_cache(maxsize=4_096)
def _conversion(unit_text: str, unit: str, text: str) -> _Conversion:
    """Work out how to convert; `text` is the whole value, for the error."""
    if not unit_text and unit != "1":
        raise Misread(wanted(unit), f"a number without a unit: {text}", f'write "{text} {unit}"')
    spelled = _spelled(unit_text, unit)
    known = _registry()
    parsed = known.parse_units(spelled)
    powers = {name: int(power) for name, power in dict(parsed._units).items()}
    foreign = tuple((code, powers[code]) for code in sorted(powers) if code in CURRENCIES)
    for code, power in foreign:
        parsed = parsed * known.parse_units("USD") ** power / known.parse_units(code) ** power
    target = known.parse_units(unit if unit != "1" else "")
    tokens = set(_TOKEN.findall(spelled))
    names, others = _MUST_NAME.get(unit, (tuple(tokens), ()))
    if parsed.dimensionality != target.dimensionality and unit in _COLLOQUIAL:
        parsed = parsed * known.parse_units(_COLLOQUIAL[unit])
    if parsed.dimensionality != target.dimensionality:
        raise _wrong_dimension(text, unit_text, unit, _kind_of(known.parse_units(spelled)))
    if tokens and not tokens & set(names):
        raise _wrong_dimension(text, unit_text, unit, others[0])
    offset = Fraction(known.Quantity(Fraction(0), parsed).to(target).magnitude)
    unity = Fraction(known.Quantity(Fraction(1), parsed).to(target).magnitude)
    return _Conversion(unity - offset, offset, foreign)


def _spelled(unit_text: str, unit: str) -> str:
    """Spell a unit in pint's language; refuse names that are not in the list."""
    spelled = unit_text.replace("°C", "degC").replace("%", " percent ")
    spelled = spelled.replace("·", "*").replace("×", "*").strip()
    for token in _TOKEN.findall(spelled):
        if token not in UNITS:
            close = difflib.get_close_matches(token, UNITS, 1, 0.5)
            mend = f'did you mean "{close[0]}"?' if close else f"write {KINDS[unit][1]}"
            raise Misread(wanted(unit), f'an unknown unit: "{token}"', mend)
    if not re.fullmatch(r"[^\W_]*(?:[\s*/()]+[^\W_]*)*", spelled) or not _parses(spelled):
        raise Misread(wanted(unit), f'a unit that cannot be read: "{unit_text}"', to_write(unit))
    return re.sub(r"(?<=\w)\s+(?=\w)", "*", spelled)


def _parses(text: str) -> bool:
    try:
        _registry().parse_units(re.sub(r"(?<=\w)\s+(?=\w)", "*", text))
    except Exception:
        # pint has no one error for a text that is not an expression.
        return False
    return True


def to_write(unit: str) -> str:
    """Say what to write, for error texts."""
    return f"write {KINDS[unit][1]}"


def _kind_of(parsed: Any) -> str:
    """Name what a parsed unit measures."""
    known = _registry()
    for unit, (kind, _) in KINDS.items():
        if known.parse_units(unit if unit != "1" else "").dimensionality == parsed.dimensionality:
            return kind
    return "another dimension"


def _wrong_dimension(text: str, unit_text: str, unit: str, kind: str) -> Misread:
    slip = _SLIPS.get((unit, kind))
    number = text[: len(text) - len(unit_text)].strip()
    mend = f'did you mean "{number} {slip(unit_text)}"?' if slip else to_write(unit)
    return Misread(wanted(unit), f"{kind}: {unit_text or text}", mend)


@lru_cache(maxsize=1)
def _registry() -> Any:
    """Build the registry on first use: pint takes longer to import than a case to load."""
    import pint

    known: Any = pint.UnitRegistry(None, non_int_type=Fraction, autoconvert_offset_to_baseunit=True)
    known.load_definitions([f"{name} = {meaning}" for name, meaning in UNITS.items()])
    return known
