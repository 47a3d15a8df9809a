"""Writing TOML, for tests that change a case as data; the standard library only reads it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any


def dumps(table: dict[str, Any]) -> str:
    """Write a table with one line for each of its keys."""
    return "".join(f"{json.dumps(name)} = {_inline(value)}\n" for name, value in table.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{json.dumps(name)} = {_inline(part)}" for name, part in value.items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list):
        return f"[{', '.join(_inline(part) for part in value)}]"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, float):
        return json.dumps(value)
    return repr(value)
