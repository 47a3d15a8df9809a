"""Canonical JSON: reading bytes, and refusing all that are not the one form of their content."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from baseload.verify.findings import Refused

MAX_ENTRY_BYTES = 60_000
MAX_LEVELS = 16


def _no_number(text: str) -> Any:
    raise Refused("integers as text", text[:40])


_DECODER = json.JSONDecoder(
    parse_float=_no_number, parse_int=_no_number, parse_constant=_no_number, strict=True
)
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def read_canonical(data: bytes) -> Any:
    """Return the value of canonical bytes.

    Raises
    ------
    Refused
        They are anything else, with the offset of the first byte that differs.
    """
    if len(data) > MAX_ENTRY_BYTES:
        raise Refused(f"at most {MAX_ENTRY_BYTES:,} bytes", f"{len(data):,}")
    try:
        text = data.decode()
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise Refused("UTF-8", f"byte {data[error.start]:#04x}", error.start) from None
    except json.JSONDecodeError as error:
        raise Refused("JSON", f"{error.msg}", len(text[: error.pos].encode())) from None
    except RecursionError:
        raise Refused(f"at most {MAX_LEVELS} levels", "more") from None
    again = write_canonical(value)
    if again != data:
        at = first_difference(again, data)
        raise Refused(f"{again[at : at + 20]!r}", f"{data[at : at + 20]!r}", at)
    if b"null" in data and b"null" in _STRINGS.sub(b"", data):
        raise Refused("no null", "null")
    if not data.isascii() and not unicodedata.is_normalized("NFC", text):
        raise Refused("text in normal form C", "another form")
    if data.count(b"{") + data.count(b"[") > MAX_LEVELS and _depth(value) > MAX_LEVELS + 1:
        raise Refused(f"at most {MAX_LEVELS} levels", "more")
    return value


def read_known(texts: Iterable[bytes]) -> list[Any]:
    """Return the values of texts each of which is known to be canonical."""
    found: list[Any] = _DECODER.decode(f"[{b','.join(texts).decode()}]")
    return found


def write_canonical(value: Any) -> bytes:
    """Return the canonical bytes of a value that holds only text, tables, lists and truth."""
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError:
        raise Refused("text without lone surrogates", "one") from None


def first_difference(one: bytes, other: bytes) -> int:
    """Return the place of the first byte in which two texts differ."""
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)
