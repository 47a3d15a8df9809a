"""What is tested, and how estimates may be made: a TOML file, or the defaults."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from baseload.record import writing as files
from baseload.record.errors import FormatError

HOUR = 3_600_000
METHODS = ("register", "check meter", "subtractive", "interpolation", "like days")
"""Ways to estimate, the best first."""
DOUBTED = ("multiplier", "register", "high", "spike", "stuck")
"""Rules that make a reading invalid, so that it is estimated."""
RULES = (
    "interval",
    "missing",
    "duplicate",
    "direction",
    "zero",
    "high",
    "spike",
    "stuck",
    "register",
    "multiplier",
    "check meter",
    "sum",
    "clock",
    "certificate",
    "seal",
    "replacement",
    "prolonged",
)


@dataclass(frozen=True)
class Settings:
    """Limits of the rules and of estimates.

    Parameters
    ----------
    rules : rules that are tested.
    invalidates : rules that make a reading invalid.
    methods : ways to estimate that are permitted, in their order.
    longest : longest gap that is estimated at all [ms].
    interpolated : longest gap that is interpolated [ms].
    prolonged : longest run of estimates that is no suspicion [ms].
    ratings : highest power of each meter [W].
    spike : the highest reading of a day may be so many times the third highest.
    stuck : equal readings, one after the other, from which on they stand still.
    tolerance : difference of register and readings that is its resolution [Wh].
    sigmas : standard deviations by which meters of one energy may differ.
    """

    rules: tuple[str, ...] = RULES
    invalidates: tuple[str, ...] = DOUBTED
    methods: tuple[str, ...] = METHODS
    longest: int = 7 * 24 * HOUR
    interpolated: int = 2 * HOUR
    prolonged: int = 48 * HOUR
    ratings: Mapping[str, int] = field(default_factory=dict)
    spike: float = 1.8
    stuck: int = 12
    tolerance: int = 1000
    sigmas: float = 5.0


def read_settings(path: Path) -> Settings:
    """Read settings; what a file leaves out has its default.

    Raises
    ------
    FormatError
        It is no TOML, or a key or value is none of those that are known.
    """
    try:
        told = tomllib.loads(files.read(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(path, "TOML", str(error)) from None
    known = {one.name: one.default for one in fields(Settings)} | {"ratings": {}}
    hours = ("longest", "interpolated", "prolonged")
    allowed = {f"{name}_hours" if name in hours else name: name for name in known}
    found: dict[str, Any] = {}
    for key, value in told.items():
        if key not in allowed:
            raise _bad(path, ", ".join(sorted(allowed)), key)
        found[allowed[key]] = _value(path, key, allowed[key], value)
    return Settings(**found)


def _value(path: Path, key: str, name: str, value: Any) -> Any:
    if name in ("rules", "invalidates", "methods"):
        names = METHODS if name == "methods" else RULES
        if not isinstance(value, list) or not set(map(str, value)) <= set(names):
            raise _bad(path, f"{key}: some of {', '.join(names)}", repr(value)[:80])
        return tuple(value)
    if name == "ratings":
        good = isinstance(value, dict) and all(
            isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in value.values()
        )
        if not good:
            raise _bad(path, "[ratings]: watts of each meter, above 0", repr(value)[:80])
        return value
    whole = name in ("stuck", "tolerance")
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise _bad(path, f"{key}: a {'whole ' * whole}number", repr(value)[:80])
    least = {"spike": 1e-9, "sigmas": 1e-9, "stuck": 2}.get(name, 0)
    if not (math.isfinite(value) and value >= least):
        raise _bad(path, f"{key}: a number that is large enough to test anything", repr(value))
    return round(value * HOUR) if key.endswith("_hours") else value


def _bad(path: Path, expected: str, found: str) -> FormatError:
    return FormatError(
        f"rules {path}", expected=expected, found=found, mend="see docs/vee.md for such a file"
    )
