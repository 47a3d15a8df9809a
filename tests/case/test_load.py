from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.minimal import CASE, FILES, hours, write_case, write_series
from tests.toml import dumps

from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.case.outline import outline


def test_a_case_is_held_in_canonical_units(small):
    unit = small.tree.plant.unit["u1"]
    assert (unit.gross, unit.house_load, unit.fuel_cost) == (1000.0, 50.0, 4.0)
    assert small.tree.money.discount_rate == 0.08
    # A month is a twelfth of 8,766 h.
    assert small.tree.plant.restart.first == 9 * 730.5
    assert small.tree.stages.reached == "talk"
    assert small.sources["Z03"].confidence == "confirmed"


def test_the_file_itself_names_the_case_as_well_as_its_folder(tmp_path):
    folder = write_case(tmp_path / "case")
    assert load(folder / "case.toml").tree == load(str(folder)).tree


def test_only_case_toml_is_required(tmp_path):
    empty = dict.fromkeys(FILES, "")
    without = CASE.replace(CASE[CASE.index("[plant.restart]") : CASE.index("[link.line]")], "")
    without = without.replace('source = "Z03"', "").replace(', source = "Z04"', "")
    case = load(write_case(tmp_path / "case", case=without, **empty))
    assert case.unknowns == ()
    assert case.alternatives == {}


def test_the_case_of_the_guide_loads(tmp_path):
    guide = Path(__file__).resolve().parents[2] / "docs" / "case.md"
    blocks = re.findall(r"```toml\n# (\S+)\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)
    for name, text in blocks:
        (tmp_path / name).write_text(text, encoding="utf-8")
    case = load(tmp_path)
    assert set(case.inputs) == {name for name, _ in blocks}
    assert case.alternative("large").tree.mine["pilot"].power == 300.0


def test_every_file_that_was_read_is_listed_with_its_digest(tmp_path):
    folder = write_case(tmp_path / "c", ('price = "45 USD/MWh"', 'price = "p.csv#price"'))
    write_series(folder / "p.csv", hours("2028-03-19T22:00", 335), range(335))
    inputs = load(folder).inputs
    assert set(inputs) == {"case.toml", "p.csv", *(f"{name}.toml" for name in FILES)}
    assert inputs["case.toml"].size == (folder / "case.toml").stat().st_size
    assert len(inputs["p.csv"].sha256) == 64


# --- provenance -----------------------------------------------------------------------------


def test_a_value_takes_source_and_status_from_itself_then_from_its_table(small):
    of = small.provenance
    gross, house = of["plant.unit.u1.gross"], of["plant.unit.u1.house_load"]
    assert (gross.source, gross.status) == ("Z03", "confirmed")
    assert (house.source, house.status, house.note) == ("Z04", "assumed", "gross less net")
    assert of["plant.unit.u2.gross"].source is None
    assert of["plant.unit.u2.gross"].status is None


def test_a_value_knows_file_and_line(small):
    mark = small.provenance["plant.unit.u1.house_load"]
    line = next(n for n, text in enumerate(CASE.splitlines(), 1) if "gross less net" in text)
    assert (Path(mark.file).name, mark.line) == ("case.toml", line)


def test_a_status_falls_back_to_the_least_sure_of_several_sources(tmp_path):
    folder = write_case(tmp_path / "c", ('source = "Z03"\nbus', 'source = "Z03, Z04"\nbus'))
    assert load(folder).provenance["plant.unit.u1.gross"].status == "assumed"


def test_tables_further_out_say_nothing_about_a_value(tmp_path):
    folder = write_case(tmp_path / "c", ('name = "Small NPP"', 'name = "S"\nsource = "Z03"'))
    of = load(folder).provenance
    assert of["plant.name"].source == "Z03"
    assert of["plant.unit.u2.gross"].source is None


def test_the_base_of_an_unknown_stands_in_the_tree_with_its_own_provenance(tmp_path):
    unknowns = FILES["unknowns"].replace('base = "13.5 J/TH"', 'base = "14 J/TH"')
    case = load(write_case(tmp_path / "c", unknowns=unknowns))
    assert case.tree.mine["pilot"].efficiency == 14.0
    mark = case.provenance["mine.pilot.efficiency"]
    assert (Path(mark.file).name, mark.line, mark.status) == ("unknowns.toml", 8, "reported")


def test_a_base_that_says_the_same_leaves_the_provenance_of_the_value(small):
    assert Path(small.provenance["mine.pilot.efficiency"].file).name == "case.toml"


# --- files that cannot be taken ---------------------------------------------------------------


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        load(tmp_path / "nowhere")


def test_a_folder_without_case_toml_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no file .*case\.toml"):
        load(tmp_path)


def test_an_empty_file_is_refused(refusal):
    assert "found    an empty file" in refusal(case="  \n")


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path):
    folder = write_case(tmp_path / "case")
    (folder / "claims.toml").write_bytes(b"# one\n# caf\xe9\n")
    with pytest.raises(InputError) as caught:
        load(folder)
    text = str(caught.value)
    assert "claims.toml, line 2" in text
    assert "expected text in UTF-8" in text
    assert "found    the byte 0xe9" in text


def test_a_file_of_two_gigabytes_is_refused_before_it_is_read(tmp_path):
    folder = write_case(tmp_path / "case")
    with (folder / "case.toml").open("r+b") as file:
        file.truncate(2 * 2**30)
    with pytest.raises(InputError, match=r"found    2,048 MiB in .*case\.toml"):
        load(folder)


def test_a_register_that_is_a_link_out_of_the_folder_is_refused(tmp_path):
    folder = write_case(tmp_path / "case", claims="")
    outside = tmp_path / "claims.toml"
    outside.write_text("", encoding="utf-8")
    os.symlink(outside, folder / "claims.toml")
    with pytest.raises(InputError, match=r"a path that leaves it: claims\.toml"):
        load(folder)


def test_text_that_is_not_toml_is_refused_with_its_line(refusal):
    text = refusal(('name = "Small"', "name = Small"))
    assert "expected a TOML file" in text
    assert "line 2" in text


# --- keys and values that cannot be taken -------------------------------------------------------


def test_an_unknown_key_is_refused_with_the_nearest_right_one(refusal):
    text = refusal(("house_load = {", "house_laod = {"))
    assert "case.toml, line 22, plant.unit.u1.house_laod" in text
    assert 'found    an unknown key: "house_laod"\n  did you mean "house_load"?' in text


def test_an_unknown_table_is_refused_with_the_nearest_right_one(refusal):
    assert 'did you mean "link"?' in refusal(("[link.line]", "[links.line]"))


def test_a_wrong_unit_is_refused_with_the_one_that_was_meant(refusal):
    text = refusal(('gross = "1000 MW"', 'gross = "950 MWh"'))
    assert text == (
        'case/case.toml, line 21, plant.unit.u1.gross = "950 MWh"\n'
        "  expected a power: MW, kW or GW\n"
        "  found    an energy: MWh\n"
        '  did you mean "950 MW"?'
    )


def test_a_missing_unit_is_refused_with_the_unit_to_write(refusal):
    text = refusal(('gross = "1000 MW"', 'gross = "950"'))
    assert 'found    a number without a unit: 950\n  write "950 MW"' in text
    assert 'write "950 MW"' in refusal(('gross = "1000 MW"', "gross = 950"))


def test_a_negative_power_is_refused(refusal):
    text = refusal(('gross = "1000 MW"', 'gross = "-5 MW"'))
    assert "expected a power of at least 0 MW\n  found    -5 MW" in text


@pytest.mark.parametrize("value", ['"nan MW"', '"inf MW"', "nan", "inf", '"-inf MW"'])
def test_a_value_that_is_not_finite_is_refused(refusal, value):
    text = refusal(('gross = "1000 MW"', f"gross = {value}"))
    assert "found    a number that is not finite" in text


def test_a_rate_that_is_not_finite_is_refused(refusal):
    assert "expected a finite number" in refusal(("EUR = 1.08", "EUR = inf"))


def test_a_missing_key_is_named_with_its_meaning_and_unit(refusal):
    text = refusal(('export_limit = "600 MW"\n', ""))
    assert "expected export_limit: greatest flow away from the site (a power: MW, kW or GW)" in text
    assert "add export_limit = … to [link.line]" in text


def test_further_errors_are_counted(refusal):
    text = refusal(('gross = "1000 MW"', 'gross = "1 m"'), ('power = "30 MW"', 'power = "1 m"'))
    assert text.endswith("(and 1 more error)")


def test_a_word_that_is_none_of_the_choices_is_refused_with_the_nearest(refusal):
    text = refusal(('state = "stopped"', 'state = "stoped"'))
    assert 'expected "running" or "stopped"' in text
    assert 'did you mean "stopped"?' in text


def test_numbers_words_and_dates_are_not_taken_for_one_another(refusal):
    assert "a date, as 2028-01-31" in refusal(("start = 2028-03-20", "start = 2028"))
    assert "a whole number" in refusal(("base_year = 2026", 'base_year = "2026"'))
    assert "true or false" in refusal(
        ('price = "45 USD/MWh"', 'price = "45 USD/MWh"\nsells = "yes"')
    )


def test_an_end_before_the_start_is_refused(refusal):
    text = refusal(("end = 2028-04-03", "end = 2028-03-01"))
    assert "expected an end after the start, 2028-03-20\n  found    end = 2028-03-01" in text


def test_a_mine_stands_in_exactly_one_place(refusal):
    text = refusal(('[mine.pilot]\nbus = "main"', "[mine.pilot]"))
    assert "expected exactly one of bus and area\n  found    neither" in text


def test_a_currency_without_a_rate_is_refused(refusal):
    text = refusal(('price = "45 USD/MWh"', 'price = "45 GBP/MWh"'))
    assert "found    GBP, for which there is no rate\n  give money.rates.GBP" in text


def test_a_rate_for_something_that_is_no_currency_is_refused(refusal):
    assert 'found    "EURO"' in refusal(("EUR = 1.08", "EURO = 1.08"))


def test_a_table_of_the_tree_has_no_place_in_gates_toml(refusal):
    text = refusal(gates=FILES["gates"] + '\n[link.second]\nbus = "main"\n')
    assert "expected one of the tables stages, gate, bar\n  found    [link]" in text


def test_gates_stand_in_one_file_only(refusal):
    text = refusal(("[bitcoin]", '[stages]\norder = ["a"]\nreached = "a"\n[bitcoin]'))
    assert "found    the same table in case.toml" in text


def test_gates_may_stand_in_case_toml(tmp_path):
    case = load(write_case(tmp_path / "c", case=CASE + FILES["gates"], gates=""))
    assert list(case.tree.gate) == ["agreement", "permit"]


# --- whatever is written ------------------------------------------------------------------------

TEXTS = {"case": CASE, **FILES}
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-3, 10**6),
    st.floats(),
    st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)),
    st.sampled_from(["", "x", "1 MW", "a.csv#b", "#", "1e9 h", "1 s", "nan", "1,5 MW", "*", "é"]),
)
KEYS = st.sampled_from(["value", "series", "fill", "source", "status", "set", "0", "a.b", "*"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=5,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every table or list with each of its keys."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, dict | list):
            yield from places(inner)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_whatever_is_written_is_taken_or_refused_with_its_file(tmp_path_factory, data):
    name = data.draw(st.sampled_from(sorted(TEXTS)))
    table = tomllib.loads(TEXTS[name])
    holder, key = data.draw(st.sampled_from(list(places(table))))
    holder[key] = data.draw(VALUES)
    folder = write_case(tmp_path_factory.mktemp("any"), **{name: dumps(table)})
    with contextlib.suppress(InputError):
        case = load(folder)
        outline(case)
        assert str(case)
        return
    with pytest.raises(InputError) as caught:
        load(folder)
    assert str(folder) in caught.value.where
    assert all(part.strip() for part in caught.value.args)
