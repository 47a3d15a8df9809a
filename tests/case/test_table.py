from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.minimal import CASE, FILES

from baseload.case import schema
from baseload.case.table import attributes, entries, json_schema, markdown, write
from baseload.case.units import KINDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["attributes.md", "case.schema.json"])
def test_the_documents_are_up_to_date(tmp_path, name):
    write(tmp_path)
    made = (tmp_path / name).read_text(encoding="utf-8")
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == made


def test_the_table_tells_type_unit_default_bounds_and_meaning():
    rows = {row.name: row for row in attributes(schema.Unit)}
    minimum = rows["minimum"]
    assert (minimum.type, minimum.unit, minimum.default) == ("quantity", "1", "0")
    assert minimum.bounds == "≥ 0, ≤ 1"
    assert rows["available"].type == "quantity or series"
    assert rows["gross"].default == "required"
    assert rows["state"].type == '"running", "stopped"'
    assert "source" not in rows
    assert {row.name: row for row in attributes(schema.Refuelling)}["every"].bounds == "> 0"


def test_every_attribute_says_what_it_means_and_has_a_known_unit():
    for _, path, model in entries():
        for row in attributes(model):
            assert row.meaning, f"{path}.{row.name}"
            assert row.unit in ("", *KINDS), f"{path}.{row.name}"


def test_every_table_of_the_tree_is_in_the_page():
    page = markdown()
    for path in ("plant.unit.NAME.refuelling", "area.NAME.obligation.NAME", "gate.NAME"):
        assert f"## case.toml: `{path}`" in page
    assert "## unknowns.toml: `[unknown]`" in page


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def test_the_json_schema_takes_the_small_case_and_refuses_a_misspelled_key():
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(json_schema())
    files = {f"{name}.toml": tomllib.loads(text) for name, text in FILES.items()}
    data = _plain(files | {"case.toml": tomllib.loads(CASE)})
    assert list(validator.iter_errors(data)) == []
    data["case.toml"]["plant"]["unit"]["u1"]["grss"] = "1 MW"
    assert [list(error.absolute_path) for error in validator.iter_errors(data)] == [
        ["case.toml", "plant", "unit", "u1"]
    ]


def test_the_json_schema_has_no_null_which_toml_cannot_write():
    assert '"null"' not in json.dumps(json_schema())
