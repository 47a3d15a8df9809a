"""The levels of what is not known: low, base and high of an unknown, in canonical units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from baseload.case.documents import Origin
from baseload.case.errors import InputError
from baseload.case.mistakes import mistake
from baseload.case.paths import canonical, resolve, shape_at, split
from baseload.case.schema import Tree, Unknown
from baseload.case.written import Written, value_at

Level = float | int | dt.date
"""A value that can be lower or higher."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Low, base and high of an unknown.

    Parameters
    ----------
    paths : every value that the unknown stands for.
    low, high : levels in the canonical unit of the value.
    base : base level of each path; None where the tree gives none, e.g. no date yet.
    """

    paths: tuple[str, ...]
    low: Level
    base: tuple[Level | None, ...]
    high: Level


def levels(unknown: Unknown, written: Written, tree: Tree, origin: Origin) -> Levels:
    """Read and check the levels of an unknown.

    Raises
    ------
    InputError
        If the path matches nothing, a level is not what stands there, the value has no
        order (a name, true or false), or not low <= base <= high.
    """
    rates = tree.money.rates
    if split(unknown.path)[0] == "case":
        raise InputError(
            origin.place(unknown.path),
            expected="something of the plant, its lines, markets, mines, money or gates",
            found="the frame of the study itself",
            mend="study another horizon as a case of its own",
        )
    paths = resolve(written.raw, unknown.path, origin.place(unknown.path))
    low = _level(unknown, "low", unknown.low, paths[0], rates, origin)
    high = _level(unknown, "high", unknown.high, paths[0], rates, origin)
    if unknown.base is not None:
        given = _level(unknown, "base", unknown.base, paths[0], rates, origin)
        base: tuple[Level | None, ...] = (given,) * len(paths)
    else:
        base = tuple(_own(tree, path, unknown, origin) for path in paths)
    for path, middle in zip(paths, base, strict=True):
        if not _rising(low, middle, high):
            own = "" if unknown.base is not None else f" (base is the value of {path})"
            raise InputError(
                origin.place(unknown.path),
                expected="low <= base <= high",
                found=f"{low} / {'none' if middle is None else middle} / {high}{own}",
                mend="put the three levels in order",
            )
    if unknown.distribution == "lognormal" and not (isinstance(low, float) and low > 0.0):
        raise InputError(
            origin.place(unknown.path),
            expected="levels above zero for a lognormal distribution",
            found=f"low = {unknown.low}",
            mend='raise low above zero, or choose distribution = "triangular"',
        )
    return Levels(paths, low, base, high)


def _rising(low: Level, base: Level | None, high: Level) -> bool:
    return low <= high if base is None else low <= base <= high  # type: ignore[operator]


def _level(
    unknown: Unknown,
    name: str,
    value: object,
    path: str,
    rates: Mapping[str, float],
    origin: Origin,
) -> Level:
    """Validate one level as if it stood in the tree."""
    shape = shape_at(split(path))
    if shape is None or not shape.leaf:
        raise InputError(
            origin.place(unknown.path),
            expected="the path of one value",
            found=f"a table: {path}",
            mend="name one of its keys",
        )
    try:
        level = canonical(shape, value, rates)
    except ValidationError as error:
        raise mistake(error, lambda _: origin, lambda _: shape, f"{unknown.path}, {name}") from None
    return _ordered(level, unknown, origin)


def _own(tree: Tree, path: str, unknown: Unknown, origin: Origin) -> Level | None:
    value = value_at(tree, path)
    return None if value is None else _ordered(value, unknown, origin)


def _ordered(level: object, unknown: Unknown, origin: Origin) -> Level:
    if isinstance(level, float | int | dt.date) and not isinstance(level, bool):
        return level
    raise InputError(
        origin.place(unknown.path),
        expected="a number, a quantity or a date, which can be low or high",
        found=f"{level}, which has no order",
        mend="study it as an alternative instead",
    )
