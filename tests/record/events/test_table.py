"""The page of events, the models and the inspector's shapes: three tellings of one thing."""

import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from baseload.record.errors import FormatError
from baseload.record.events import check_body
from baseload.record.events.event import BODIES
from baseload.record.events.table import page
from baseload.verify.findings import Refused
from baseload.verify.shapes import EVENT_SHAPES, check_event

PAGE = Path(__file__).resolve().parents[3] / "docs" / "record-events.md"


def test_the_committed_page_is_the_one_that_the_models_make():
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_type_and_key_is_told_with_a_meaning():
    text = page()
    for schema in BODIES:
        assert f"## `{schema}`" in text
    rows = [line for line in text.split("\n") if line.startswith("| `")]
    assert len(rows) > 130
    for row in rows:
        assert row.rsplit("|", 2)[1].strip(), row


def models(schema):
    """The JSON schema of each body of a type."""
    told = TypeAdapter(BODIES[schema]).json_schema(by_alias=True)
    if "oneOf" not in told:
        return [(told, told.get("$defs", {}))]
    names = [one["$ref"].rpartition("/")[2] for one in told["oneOf"]]
    return [(told["$defs"][name], told["$defs"]) for name in names]


def samples(rule, parts):
    """Some values that a rule allows."""
    one = next((r for r in rule.get("anyOf", ()) if r.get("type") != "null"), rule)
    if "$ref" in one:
        return [whole(parts[one["$ref"].rpartition("/")[2]], parts)]
    if "const" in one:
        return [one["const"]]
    if "enum" in one:
        return one["enum"]
    if one.get("type") == "array":
        inner = samples(one["items"], parts)
        return [[], inner[:1], inner]
    if one.get("type") == "object":
        return [{}]
    if one.get("type") == "boolean":
        return [True]
    tried = ["0", "7", "-7", "ab" * 32, "ab" * 80, "id.a-1", "A" * 86 + "==", "x", "z" * 200,
             "y" * 20_000]  # fmt: skip
    return [text for text in tried if fits(text, one)]


def fits(text, rule):
    import re

    lengths = rule.get("minLength", 0) <= len(text) <= rule.get("maxLength", 10**9)
    return lengths and re.fullmatch(rule.get("pattern", ".*").removesuffix("$"), text, re.DOTALL)


def whole(told, parts):
    """A body with every key that must be there, and those that may."""
    keys = told.get("properties", {})
    return {key: samples(rule, parts)[0] for key, rule in keys.items() if key != "late"}


def variants(schema):
    """Bodies, each a whole one with one key left out, added, or of another value."""
    for told, parts in models(schema):
        body = whole(told, parts)
        if schema == "fleet.setpoint/1":
            body["reason"] = "safety"
        yield body
        yield body | {"unknown": "1"}
        yield body | {"late": True}
        yield body | {"late": False}
        yield body | {"late": "true"}
        for key, rule in told.get("properties", {}).items():
            yield {name: value for name, value in body.items() if name != key}
            for value in samples(rule, parts):
                yield body | {key: value}
            for value in (5, "", "\n", [], {}, ["x", 5], "é", "07", "-0", "z" * 20_001):
                yield body | {key: value}


def ours(schema, body):
    try:
        check_body(schema, body)
    except FormatError:
        return False
    return True


def theirs(schema, body):
    event = {"schema": schema, "source": "a", "seq": "0", "prev": "", "t0": "0", "t1": "0",
             "clock": "synced", "body": body, "sig": "A" * 86 + "=="}  # fmt: skip
    try:
        return check_event(event)
    except Refused:
        return False


@pytest.mark.parametrize("schema", BODIES)
def test_models_and_shapes_take_and_refuse_the_same_bodies(schema):
    assert schema in EVENT_SHAPES
    tried = list(variants(schema))
    assert any(ours(schema, body) for body in tried)
    for body in tried:
        assert ours(schema, body) == theirs(schema, body), (schema, json.dumps(body)[:300])


def test_the_inspector_knows_no_type_that_the_page_does_not():
    assert set(EVENT_SHAPES) == set(BODIES)
