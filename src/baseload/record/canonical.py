"""Canonical JSON: one form of bytes for one content.

Keys sorted by code point, no spaces, strings as UTF-8 in normal form C with only the escapes
that JSON requires. Only objects, arrays, strings and the two truth values occur: integers are
written as strings of decimal digits, and there are no floats and no null.
"""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from baseload.record.errors import FormatError

MAX_BYTES = 60_000
"""Bytes that an event may have."""
MAX_DEPTH = 16


def encode(value: Any, where: str = "event") -> bytes:
    """Return the canonical bytes of a value.

    Raises
    ------
    FormatError
        It holds a number, null, a string that is not in normal form, or is too deep.
    """
    _check(value, where, 0)
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def decode(data: bytes, where: str = "event") -> Any:
    """Return the value of canonical bytes, and refuse any others.

    Raises
    ------
    FormatError
        It is not JSON, or not in the canonical form.
    """
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise _bad(where, "JSON in UTF-8", str(error)) from None
    if encode(value, where) != data:
        raise _bad(where, "the canonical form of JSON", "another form of the same content")
    return value


def _check(value: Any, where: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _bad(where, f"at most {MAX_DEPTH} levels", "more")
    if isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_text(key, where)
            _check(inner, f"{where}.{key}", depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _check(inner, f"{where}[{number}]", depth + 1)
    elif not isinstance(value, bool):
        raise _bad(where, "text, true, false, a list or a table", f"{value!r:.80}")


def _check_text(value: Any, where: str) -> None:
    if not isinstance(value, str):
        raise _bad(where, "text", f"{value!r:.80}")
    if value.isascii():
        return
    if not unicodedata.is_normalized("NFC", value):
        raise _bad(where, "text in Unicode normal form C", f"{value!r:.80}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _bad(where, "text without lone surrogates", f"{value!r:.80}") from None


def _bad(where: str, expected: str, found: str) -> FormatError:
    return FormatError(
        where,
        expected=expected,
        found=found,
        mend="write integers as text in decimal digits, leave out what is not known",
    )
