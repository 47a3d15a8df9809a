"""Paths into the tree, and patches: the one mechanism behind every variation of a case.

A path names a value from the top, ``plant.unit.u1.ramp``; a part that holds a dot is quoted,
and ``*`` stands for any one name, ``plant.unit.*.ramp``. A patch is a path and a value.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, RootModel, TypeAdapter
from pydantic.fields import FieldInfo

from baseload.case.errors import InputError
from baseload.case.quantity import Quantity
from baseload.case.schema import Tree

Parts = tuple[str, ...]
_FORBIDDEN = ("source", "status", "note")


def split(path: str) -> Parts:
    """Split a path into its names.

    >>> split('gate.water.set."plant.running_units_cap"')
    ('gate', 'water', 'set', 'plant.running_units_cap')
    """
    parts: list[str] = []
    rest = path
    while rest:
        if rest.startswith('"') and '"' in rest[1:]:
            name, rest = rest[1:].split('"', 1)
            rest = rest.removeprefix(".")
        else:
            name, _, rest = rest.partition(".")
        parts.append(name.strip())
    return tuple(parts)


def join(parts: Parts) -> str:
    """Join names to a path."""
    return ".".join(f'"{part}"' if "." in part or not part else part for part in parts)


# --- what the schema says of a place -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand at a place of the tree.

    Parameters
    ----------
    model : the entry, where a table of fixed keys stands.
    each : shape of the entries, where a table of free names stands.
    quantity : unit and bounds, where a quantity stands.
    annotation : the whole type, for validation.
    kind : the type without its annotations, where one value stands.
    optional : whether it may be left out.
    """

    annotation: Any
    kind: Any = None
    model: type[BaseModel] | None = None
    each: Shape | None = None
    quantity: Quantity | None = None
    optional: bool = False

    @property
    def leaf(self) -> bool:
        """Whether one value stands here."""
        return self.model is None and self.each is None


@lru_cache(maxsize=1_024)
def shape_of_field(model: type[BaseModel], name: str) -> Shape | None:
    """Return what may stand under a key of an entry."""
    field = model.model_fields.get(name)
    return None if field is None else _shape_of(field)


def _shape_of(field: FieldInfo) -> Shape:
    annotation = field.annotation
    if field.metadata:
        annotation = typing.Annotated[(annotation, *field.metadata)]  # type: ignore[assignment]
    return shape_of(annotation, optional=not field.is_required())


def shape_of(annotation: Any, *, optional: bool = False) -> Shape:
    """Return what a type allows: an entry, a table of entries, or one value."""
    inner = annotation
    metadata: tuple[Any, ...] = ()
    while True:
        if typing.get_origin(inner) is typing.Annotated:
            inner, *found = typing.get_args(inner)
            metadata = (*metadata, *found)
            continue
        members = typing.get_args(inner)
        if typing.get_origin(inner) in (types.UnionType, typing.Union) and type(None) in members:
            optional = True
            kept = [member for member in members if member is not type(None)]
            if len(kept) == 1:
                inner = kept[0]
                continue
        break
    if isinstance(inner, type) and issubclass(inner, RootModel):
        return shape_of(inner.model_fields["root"].annotation)
    quantity = next((mark for mark in metadata if isinstance(mark, Quantity)), None)
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return Shape(annotation, model=inner, optional=optional)
    if typing.get_origin(inner) is dict:
        each = shape_of(typing.get_args(inner)[1])
        return Shape(annotation, each=each, optional=optional)
    return Shape(annotation, kind=inner, quantity=quantity, optional=optional)


ROOT = Shape(Tree, model=Tree)


def shape_at(parts: Parts) -> Shape | None:
    """Return what may stand at a place, whether or not anything stands there."""
    shape: Shape | None = ROOT
    for part in parts:
        if shape is None:
            return None
        shape = shape_of_field(shape.model, part) if shape.model else shape.each
    return shape


@lru_cache(maxsize=256)
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation, config={"strict": True})


def canonical(shape: Shape, value: object, rates: Mapping[str, float]) -> Any:
    """Validate one value as if it stood at a place; raise what pydantic raises."""
    return _adapter(shape.annotation).validate_python(value, context={"rates": rates})


# --- resolving -----------------------------------------------------------------------------------


def resolve(raw: Mapping[str, Any], pattern: str, where: str) -> tuple[str, ...]:
    """Return every path that a pattern stands for, in the order of the tree.

    Raises
    ------
    InputError
        If it matches nothing; the error names the nearest path that does.
    """
    found = tuple(join(parts) for parts in _matches(raw, split(pattern)))
    if found:
        return found
    raise InputError(
        where,
        expected="a path into the tree",
        found=f"{pattern}, which matches nothing",
        mend=_nearest(raw, split(pattern)),
    )


def _matches(raw: Mapping[str, Any], pattern: Parts) -> Iterator[Parts]:
    places: list[tuple[Parts, Any, Shape]] = [((), raw, ROOT)]
    for part in pattern:
        places = [
            ((*parts, name), _entry(value, name), shape)
            for parts, value, around in places
            for name, shape in _names(value, around)
            if (name == part or fnmatchcase(name, part))
            # A wildcard stands for what is there; a name may also be an optional key.
            and (name == part or _entry(value, name) is not None)
        ]
    return iter(parts for parts, _, _ in places)


def _entry(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _names(value: Any, shape: Shape) -> Iterator[tuple[str, Shape]]:
    """Yield the names that may follow a place, and what stands there."""
    if shape.model is not None:
        for name in shape.model.model_fields:
            inner = shape_of_field(shape.model, name)
            if inner is not None and name not in _FORBIDDEN:
                yield name, inner
    elif shape.each is not None and isinstance(value, Mapping):
        for name in value:
            yield name, shape.each


def _nearest(raw: Mapping[str, Any], pattern: Parts) -> str:
    """Correct a path part by part, each to the nearest name that may stand there."""
    fixed: Parts = ()
    for part in pattern:
        if any(_matches(raw, (*fixed, part))):
            fixed = (*fixed, part)
            continue
        options = sorted(
            {
                name
                for parts in _matches(raw, fixed)
                for name, _ in _names(_at(raw, parts), shape_at(parts) or ROOT)
            }
        )
        close = difflib.get_close_matches(part, options, 1, 0.4)
        if not close:
            return _listing(fixed, options)
        fixed = (*fixed, close[0])
    return f'did you mean "{join(fixed)}"?'


def _listing(fixed: Parts, options: list[str]) -> str:
    around = join(fixed) or "the tree"
    if not options:
        return f"{around} holds no further names"
    return f"names in {around}: {', '.join(options)}"


def _at(raw: Mapping[str, Any], parts: Parts) -> Any:
    value: Any = raw
    for part in parts:
        value = _entry(value, part)
    return value


# --- patching ------------------------------------------------------------------------------------


def patched(raw: dict[str, Any], changes: Mapping[str, object]) -> dict[str, Any]:
    """Return a copy of the tree with values replaced; only the tables on the way are copied.

    Parameters
    ----------
    raw : plain tree.
    changes : value by full path, without wildcards.
    """
    fresh = dict(raw)
    copied: set[int] = {id(fresh)}
    for path, value in changes.items():
        table: dict[str, Any] = fresh
        *tables, last = split(path)
        for name in tables:
            inner = table.get(name)
            if inner is None or id(inner) not in copied:
                inner = dict(inner or {})
                copied.add(id(inner))
                table[name] = inner
            table = inner
        table[last] = value
    return fresh
