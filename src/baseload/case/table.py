"""The table of attributes and the JSON schema, both made from the pydantic models.

``python -m baseload.case.table`` writes them to ``docs/``.
"""

from __future__ import annotations

import datetime as dt
import inspect
import json
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import models_json_schema
from pydantic_core import PydanticUndefined

from baseload.case import schema
from baseload.case.entry import Status
from baseload.case.paths import Shape, shape_of_field
from baseload.case.quantity import FILLS
from baseload.case.units import KINDS, UNITS, format

FILES: dict[str, type[BaseModel]] = {
    "case.toml": schema.Tree,
    "unknowns.toml": schema.Unknowns,
    "alternatives.toml": schema.Alternatives,
    "arrangements.toml": schema.Arrangements,
    "claims.toml": schema.Claims,
    "sources.toml": schema.Sources,
    "precedents.toml": schema.Precedents,
    "sizes.toml": schema.Sizes,
}
"""The files of a case, with what may stand in them; gates.toml is a part of case.toml."""

_REMARKS = ("source", "status", "note")
_TYPES = {str: "text", int: "whole number", bool: "true or false", dt.date: "date", float: "number"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One line of the table."""

    name: str
    type: str
    unit: str
    default: str
    bounds: str
    meaning: str


def attributes(model: type[BaseModel]) -> list[Attribute]:
    """Return the attributes of an entry, without the remarks that every entry may carry."""
    rows = []
    for name, field in model.model_fields.items():
        shape = shape_of_field(model, name)
        if name in _REMARKS or shape is None:
            continue
        rows.append(
            Attribute(
                name=name,
                type=_type(shape),
                unit=shape.quantity.unit if shape.quantity else "",
                default=_default(field, shape),
                bounds=_bounds(field, shape),
                meaning=field.description or "",
            )
        )
    return rows


def entries() -> Iterator[tuple[str, str, type[BaseModel]]]:
    """Yield file, path and model of every entry that a case may hold, from the top."""
    for file, model in FILES.items():
        if issubclass(model, RootModel):
            inner = typing.get_args(model.model_fields["root"].annotation)[1]
            yield file, "NAME", inner
        else:
            yield from _below(file, "", model)


def _below(file: str, path: str, model: type[BaseModel]) -> Iterator[tuple[str, str, type]]:
    if path:
        yield file, path, model
    for name, field in model.model_fields.items():
        shape = shape_of_field(model, name)
        inner = f"{path}.{name}" if path else name
        if shape is None:
            continue
        if shape.model is not None:
            yield from _below(file, inner, shape.model)
        elif shape.each is not None and shape.each.model is not None:
            yield from _below(file, f"{inner}.NAME", shape.each.model)
        elif typing.get_origin(shape.kind) is tuple:
            element = typing.get_args(field.annotation)[0]
            if isinstance(element, type) and issubclass(element, BaseModel):
                yield from _below(file, f"[{inner}]", element)


# --- one attribute ---------------------------------------------------------------------------


def _type(shape: Shape) -> str:
    if shape.model is not None:
        return f"table {shape.model.__name__}"
    if shape.each is not None:
        return f"tables by name: {_type(shape.each).removeprefix('table ')}"
    if shape.quantity is not None:
        return "quantity or series" if shape.quantity.series else "quantity"
    kind = shape.kind
    if typing.get_origin(kind) is typing.Literal:
        return ", ".join(f'"{choice}"' for choice in typing.get_args(kind))
    if typing.get_origin(kind) is tuple:
        element = typing.get_args(kind)[0]
        return f"list of {_TYPES.get(element, element.__name__)}s"
    if isinstance(kind, types.UnionType) or kind is object:
        return "as at the path"
    return _TYPES.get(kind, str(kind))


def _default(field: FieldInfo, shape: Shape) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if default is None or default is PydanticUndefined:
        return "none"
    if isinstance(default, BaseModel):
        return "its defaults"
    if shape.quantity is not None:
        return format(float(default), shape.quantity.unit)
    if default in ((), {}, ""):
        return "empty"
    return str(default).lower() if isinstance(default, bool) else str(default)


def _bounds(field: FieldInfo, shape: Shape) -> str:
    low, high = "", ""
    if shape.quantity is not None:
        low = "" if shape.quantity.minimum is None else f"≥ {shape.quantity.minimum:g}"
        high = "" if shape.quantity.maximum is None else f"≤ {shape.quantity.maximum:g}"
    for mark in field.metadata:
        low = f"> {mark.gt:g}" if hasattr(mark, "gt") else low
        low = f"≥ {mark.ge:g}" if hasattr(mark, "ge") else low
        high = f"< {mark.lt:g}" if hasattr(mark, "lt") else high
        low = f"at least {mark.min_length}" if hasattr(mark, "min_length") else low
    return ", ".join(bound for bound in (low, high) if bound)


# --- the two documents -----------------------------------------------------------------------


def markdown() -> str:
    """Return the attribute table as a page."""
    lines = [
        "# Attributes of a case",
        "",
        "Made from the models in `src/baseload/case/schema.py` by `python -m baseload.case.table`.",
        "Every entry may also carry `source`, `status` (confirmed, reported, claimed, assumed,",
        'memory) and `note`. A quantity is written with its unit, `"950 MW"`; the table gives the',
        "unit it is held in, and its bounds in that unit.",
    ]
    for file, path, model in entries():
        lines += ["", f"## {file}: `{path}`", "", inspect.cleandoc(model.__doc__ or ""), ""]
        lines += [
            "| attribute | type | unit | default | bounds | meaning |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| `{row.name}` | {row.type} | {row.unit} | {row.default} | {row.bounds} "
            f"| {row.meaning} |"
            for row in attributes(model)
        ]
    lines += ["", "## Units", "", "| held in | measures | written as |", "|---|---|---|"]
    lines += [f"| {unit} | {kind} | {examples} |" for unit, (kind, examples) in KINDS.items()]
    lines += ["", f"Names of units: {', '.join(f'`{name}`' for name in UNITS)}; `%` and `°C`."]
    return "\n".join(lines) + "\n"


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a case folder: what may stand in each of its files."""
    references, schemas = models_json_schema(
        [(model, "validation") for model in FILES.values()], by_alias=False
    )
    definitions = {name: _plain(entry) for name, entry in schemas["$defs"].items()}
    for name in _entries_of_the_tree():
        properties = definitions[name]["properties"]
        definitions[name]["properties"] = {
            key: value if key in _REMARKS else _with_provenance(value)
            for key, value in properties.items()
        }
    files = {file: references[(model, "validation")] for file, model in FILES.items()}
    gates = {key: definitions["Tree"]["properties"][key] for key in ("stages", "gate", "bar")}
    files["gates.toml"] = {"type": "object", "properties": gates, "additionalProperties": False}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "baseload case folder",
        "description": "Each property is a TOML file of the folder; only case.toml is required.",
        "type": "object",
        "properties": files,
        "required": ["case.toml"],
        "$defs": definitions,
    }


def _plain(part: Any) -> Any:
    """Leave out what TOML cannot write, null, and titles that only repeat the names."""
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {
        key: _plain(value)
        for key, value in part.items()
        if not (key == "title" and isinstance(value, str))
        and not (key == "default" and value is None)
    }
    options = [option for option in kept.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        return {**options[0], **{key: value for key, value in kept.items() if key != "anyOf"}}
    return kept


def _entries_of_the_tree() -> list[str]:
    return sorted({model.__name__ for file, _, model in entries() if file == "case.toml"})


def _with_provenance(value: dict[str, Any]) -> dict[str, Any]:
    """Allow a value to be written as a table with its source; tables stay as they are."""
    if "additionalProperties" in value:
        each = value["additionalProperties"]
        tables = not isinstance(each, dict) or "$ref" in each
        return value if tables else value | {"additionalProperties": _with_provenance(each)}
    if "$ref" in value:
        return value
    if any("$ref" in option for option in value.get("anyOf", ())):
        return value
    described = {key: part for key, part in value.items() if key in ("description", "default")}
    bare = {key: part for key, part in value.items() if key not in described}
    sourced = {
        "type": "object",
        "properties": {"value": bare, **_PROVENANCE},
        "required": ["value"],
        "additionalProperties": False,
    }
    options = [bare, sourced]
    if value.get("x-series"):
        options.append(_SERIES)
    return {**described, "anyOf": options}


_PROVENANCE: dict[str, Any] = {
    "source": {"type": "string"},
    "status": {"enum": list(typing.get_args(Status))},
    "note": {"type": "string"},
}
_SERIES: dict[str, Any] = {
    "type": "object",
    "properties": {
        "series": {"type": "string", "description": "file.csv#column"},
        "fill": {"enum": list(FILLS)},
        "time_zone": {"type": "string"},
        "unit": {"type": "string"},
        **_PROVENANCE,
    },
    "required": ["series"],
    "additionalProperties": False,
}


def write(folder: Path) -> None:
    """Write ``attributes.md`` and ``case.schema.json`` into a folder."""
    (folder / "attributes.md").write_text(markdown(), encoding="utf-8")
    text = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    (folder / "case.schema.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).resolve().parents[3] / "docs")
