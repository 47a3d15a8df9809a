"""What pydantic found wrong, said in the words of the case."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from baseload.case.documents import Origin, shown
from baseload.case.errors import InputError
from baseload.case.paths import Shape, join, shape_at, shape_of, shape_of_field
from baseload.case.units import format, wanted

_NOUNS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "float_type": "a number",
    "date_type": "a date, as 2028-01-31",
    "dict_type": "a table",
    "model_type": "a table",
    "tuple_type": "a list",
    "finite_number": "a finite number",
}
_BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def mistake(
    error: ValidationError,
    origin: Callable[[tuple[str, ...]], Origin],
    shape: Callable[[tuple[str, ...]], Shape | None] = shape_at,
    name: str = "",
) -> InputError:
    """Turn the first thing pydantic found wrong into the error a user sees.

    Parameters
    ----------
    error : all that pydantic found.
    origin : where a path of the tree was written.
    shape : what may stand at a path.
    name : what to call the value, if not by its path.
    """
    # A misspelled key also leaves the right one missing: the misspelling is the mend.
    details = sorted(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    first = details[0]
    parts = tuple(str(part) for part in first["loc"] if part != "[key]")
    expected, found, mend = _told(first, parts, shape)
    if len(details) > 1:
        plural = "s" if len(details) > 2 else ""
        mend += f"\n  (and {len(details) - 1} more error{plural})"
    place = origin(parts)
    value = first["input"]
    told = value if isinstance(value, str | int | float) and first["type"] != "missing" else None
    return InputError(
        place.place(name or join(parts), told), expected=expected, found=found, mend=mend
    )


def _told(
    first: ErrorDetails, parts: tuple[str, ...], shape: Callable[[tuple[str, ...]], Shape | None]
) -> tuple[str, str, str]:
    """Say what was expected, what was found and how to mend it."""
    kind, context = first["type"], first.get("ctx", {})
    if kind == "misread":
        return context["expected"], context["found"], context["mend"]
    if kind == "extra_forbidden":
        return _unknown_key(parts, shape(parts[:-1]))
    if kind == "missing":
        return _missing(parts, shape)
    if kind in _BOUNDS:
        return _out_of_bounds(first, parts, shape(parts))
    if kind == "literal_error":
        return _other_choice(first, context)
    expected = _NOUNS.get(kind, first["msg"].removeprefix("Value error, "))
    value = first["input"]
    found = "a table" if isinstance(value, Mapping) else shown(value)
    return expected, found, f"write {expected}" if kind in _NOUNS else "correct the entry"


def _unknown_key(parts: tuple[str, ...], around: Shape | None) -> tuple[str, str, str]:
    names = sorted(around.model.model_fields) if around and around.model else []
    close = difflib.get_close_matches(parts[-1], names, 1, 0.5)
    mend = f'did you mean "{close[0]}"?' if close else f"remove it; keys here: {', '.join(names)}"
    return "a key that the format knows", f'an unknown key: "{parts[-1]}"', mend


def _missing(
    parts: tuple[str, ...], shape: Callable[[tuple[str, ...]], Shape | None]
) -> tuple[str, str, str]:
    around, here = shape(parts[:-1]), shape(parts)
    meaning = _meaning(around.model if around else None, parts[-1])
    kind = f" ({wanted(here.quantity.unit)})" if here and here.quantity else ""
    table = join(parts[:-1])
    return f"{parts[-1]}: {meaning}{kind}", "nothing", f"add {parts[-1]} = … to [{table}]"


def _meaning(model: type[BaseModel] | None, name: str) -> str:
    described = model.model_fields[name].description if model and name in model.model_fields else ""
    return described or "a value"


def _out_of_bounds(
    first: ErrorDetails, parts: tuple[str, ...], here: Shape | None
) -> tuple[str, str, str]:
    words, key = _BOUNDS[first["type"]]
    limit: Any = first["ctx"][key]
    bound = format(limit, here.quantity.unit) if here and here.quantity else str(limit)
    return f"{words} {bound}", shown(first["input"]), f"write {words} {bound}"


def _other_choice(first: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str, str]:
    choices = str(context["expected"]).replace("'", '"')
    names = [name.strip(' "') for name in choices.replace(" or ", ", ").split(",")]
    close = difflib.get_close_matches(str(first["input"]), names, 1, 0.4)
    mend = f'did you mean "{close[0]}"?' if close else "write one of them"
    return choices, shown(first["input"]), mend


def shape_in(model: type[BaseModel]) -> Callable[[tuple[str, ...]], Shape | None]:
    """Return what may stand at a place of an entry that is not part of the tree."""

    def shape(parts: tuple[str, ...]) -> Shape | None:
        here: Shape | None = shape_of(model)
        for part in parts:
            if here is None:
                return None
            if typing.get_origin(here.kind) is tuple:  # an entry of a list, by its number
                here = shape_of(typing.get_args(here.kind)[0])
            else:
                here = shape_of_field(here.model, part) if here.model else here.each
        return here

    return shape
