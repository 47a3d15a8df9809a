from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.case.errors import InputError
from baseload.case.units import KINDS, factor, format, parse, written


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("950 MW", "MW", 950.0),
        ("950000 kW", "MW", 950.0),
        ("5 700 MW", "MW", 5700.0),
        ("5\u202f700 MW", "MW", 5700.0),
        ("5_700 MW", "MW", 5700.0),
        ("0.45 %/min", "1/h", 0.27),
        ("5 %", "1", 0.05),
        ("5%", "1", 0.05),
        ("0.05", "1", 0.05),
        ("8 %/year", "1/year", 0.08),
        # A year is 8,766 h, a month a twelfth of it.
        ("18 months", "h", 13149.0),
        ("1 year", "h", 8766.0),
        ("2 weeks", "h", 336.0),
        ("2 c/kWh", "USD/MWh", 20.0),
        ("-5 USD/MWh", "USD/MWh", -5.0),
        ("−5 USD/MWh", "USD/MWh", -5.0),
        ("92 million USD", "USD", 92e6),
        ("25 °C", "degC", 25.0),
        ("300 K", "degC", 26.85),
        ("54 EH/s", "TH/s", 54e6),
        ("17.5 J/TH", "J/TH", 17.5),
        ("17.5 W/TH", "J/TH", 17.5),
        ("15 USD/(TH/s)", "USD/(TH/s)", 15.0),
        ("15 USD/TH", "USD/(TH/s)", 15.0),
        ("40 USD/PH/day", "USD/PH/day", 40.0),
        ("40 USD/(PH/s)/day", "USD/PH/day", 40.0),
        ("0.04 USD/TH/day", "USD/PH/day", 40.0),
        ("1e-3 GW", "MW", 1.0),
    ],
)
def test_a_quantity_is_read_to_the_nearest_float(text, unit, value):
    assert parse(text, unit) == value


def test_other_currencies_are_changed_at_the_stated_rate():
    assert parse("45 EUR/MWh", "USD/MWh", rates={"EUR": 1.08}) == 48.6
    assert parse("2 USD/EUR", "1", rates={"EUR": 2.0}) == 1.0


@pytest.mark.parametrize(
    ("text", "unit", "found", "mend"),
    [
        ("950", "MW", "a number without a unit: 950", 'write "950 MW"'),
        ("950 MWh", "MW", "an energy: MWh", 'did you mean "950 MW"?'),
        ("950 MW", "MWh", "a power: MW", 'did you mean "950 MWh"?'),
        ("0.45 MW", "1/h", "a power: MW", 'did you mean "0.45 %/min"?'),
        ("800 EH", "TH/s", "a number of hashes: EH", 'did you mean "800 EH/s"?'),
        ("8 %", "1/year", "a plain number: %", 'did you mean "8 %/year"?'),
        ("3 MWW", "MW", 'an unknown unit: "MWW"', 'did you mean "MW"?'),
        # pint reads the s as a plural: a megawatt-second must not become a megawatt.
        ("3 MWs", "MW", 'an unknown unit: "MWs"', 'did you mean "MW"?'),
        ("1,000 MW", "MW", "which can be read in two ways: 1,000", '"1000 MW" or "1.000 MW"'),
        ("nan MW", "MW", "a number that is not finite: nan MW", "write a finite number"),
        ("-inf MW", "MW", "a number that is not finite: -inf MW", "write a finite number"),
        ("1e999 MW", "MW", "a number that is too large: 1e999 MW", "write it out"),
        ("ten MW", "MW", 'no number at the start of "ten MW"', "write a number, then its unit"),
        ("$45/MWh", "USD/MWh", 'no number at the start of "$45/MWh"', '"950 USD/MWh"'),
        ("", "MW", "an empty text", "write a number, then its unit"),
        ("5 MW)", "MW", 'a unit that cannot be read: "MW)"', "write MW, kW or GW"),
        ("5 MW**2", "MW", "another dimension: MW**2", "write MW, kW or GW"),
        ("5 2 MW", "MW", "a unit that cannot be read", "write MW, kW or GW"),
        ("45 EUR/MWh", "USD/MWh", "EUR, for which there is no rate", "money.rates.EUR"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_mend(text, unit, found, mend):
    with pytest.raises(InputError) as caught:
        parse(text, unit, where="net")
    assert caught.value.where == f'net = "{text}"'
    assert found in caught.value.found
    assert mend in caught.value.mend


def test_a_price_of_energy_is_not_taken_for_a_price_of_power_though_dimensions_agree():
    with pytest.raises(InputError, match="a price of energy: USD/MWh"):
        parse("45 USD/MWh", "USD/kW/year")
    with pytest.raises(InputError, match="a price of power a year"):
        parse("100 USD/kW/year", "USD/MWh")


@given(st.floats(-1e12, 1e12, allow_nan=False), st.sampled_from(sorted(set(KINDS) - {"degC"})))
def test_what_is_written_is_read_back_as_the_same_float(value, unit):
    assert parse(written(value, unit), unit) == value


@given(st.decimals(-(10**6), 10**6, places=4), st.sampled_from(["kW", "MW", "GW"]))
def test_scaling_a_unit_scales_the_value_exactly(number, unit):
    scale = {"kW": 1000, "MW": 1, "GW": 0.001}[unit]
    assert parse(f"{number} {unit}", "MW") * scale == pytest.approx(float(number), rel=1e-15)


def test_a_temperature_has_a_factor_and_an_offset():
    assert factor("K", "degC", {}) == (1.0, -273.15)


def test_values_are_shown_with_thousands_apart_and_no_idle_zeros():
    assert format(5700.0, "MW") == "5,700 MW"
    assert format(0.05, "1") == "0.05"
    assert format(0.0, "MW") == "0 MW"
    assert format(-8.0, "USD/MWh") == "-8 USD/MWh"
