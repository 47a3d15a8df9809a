"""The commonest types of entries as one pattern over their bytes.

An entry that such a pattern matches is in its one canonical form and has the shape of its type: to
write it again and look at every value would say the same, and take three times as long. One that
it does not match is read the long way, which alone decides what is refused, and why.
"""

from __future__ import annotations

import re
from typing import Any

from baseload.verify.canonicaltext import MAX_ENTRY_BYTES, read_known
from baseload.verify.shapes import (
    CLOCKS,
    EVENT_SHAPES,
    FORMS,
    HASH,
    ID,
    NAT,
    SIG,
    TIME,
    Shape,
    check_places,
    check_rules,
)

_COMMA = r"(?:(?<!\{),|(?<=\{))"
"""Before every key but the first of a table."""


def read_quickly(data: bytes) -> Any:
    """Return the event of bytes that a pattern matches; nothing where none does.

    Raises
    ------
    Refused
        It is of its form, and still no event.
    """
    schema = data.partition(b'"schema":"')[2].partition(b'"')[0]
    pattern = _PATTERNS.get(schema)
    if pattern is None or len(data) > MAX_ENTRY_BYTES or pattern(data) is None:
        return None
    event = read_known(data)
    check_places(event)
    check_rules(event)
    return event


def _pattern_of(schema: str, shape: Shape) -> re.Pattern[bytes] | None:
    checks, needed, _ = shape
    if not all(check in FORMS for check in checks.values()):
        return None
    body = _table({key: FORMS[check] for key, check in checks.items()}, needed)
    keys = {
        "body": body,
        "clock": f"(?:{'|'.join(chr(34) + one + chr(34) for one in sorted(CLOCKS))})",
        "prev": f'(?:""|{FORMS[HASH]})',
        "schema": f'"{re.escape(schema)}"',
        "seq": FORMS[NAT],
        "sig": FORMS[SIG],
        "source": FORMS[ID],
        "t0": FORMS[TIME],
        "t1": FORMS[TIME],
    }
    return re.compile(_table(keys, frozenset(keys) - {"sig"}).encode(), re.ASCII)


def _table(keys: dict[str, str], needed: frozenset[str]) -> str:
    parts = (
        f'{_COMMA}"{key}":{form}' if key in needed else f'(?:{_COMMA}"{key}":{form})?'
        for key, form in sorted(keys.items())
    )
    return rf"\{{{''.join(parts)}\}}"


_PATTERNS = {
    schema.encode(): found.fullmatch
    for schema, shape in EVENT_SHAPES.items()
    if isinstance(shape, tuple) and (found := _pattern_of(schema, shape)) is not None
}
