"""The tables of the index: one for all entries, and one for each type of event, from its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from baseload.record import canonical
from baseload.record.events.event import BODIES, Event
from baseload.record.events.fields import INTEGER, NATURAL

LARGEST = 2**63 - 1
"""Largest integer that SQLite holds as one; larger ones become its nearest real number."""
SHARED = ("idx", "source", "t0", "t1")
RESERVED = frozenset({"by", "end", "index", "of", "order", "text"}) | set(SHARED)
"""Names that SQL, or the columns of every table, use otherwise: they end in an underscore."""
ENTRY_COLUMNS = (
    "idx",
    "schema",
    "source",
    "seq",
    "t0",
    "t1",
    "clock",
    "signed",
    "leaf",
    "body",
)
ENTRY = (
    "CREATE TABLE entry (idx INTEGER PRIMARY KEY, schema TEXT, source TEXT, seq INTEGER, "
    "t0 INTEGER, t1 INTEGER, clock TEXT, signed INTEGER, leaf TEXT, body TEXT)"
)

Value = int | float | str | None


@dataclass(frozen=True)
class Column:
    """A column of a table of events.

    Parameters
    ----------
    key : key of the body that it holds.
    kind : ``integer``, ``time`` (ms since 1970), ``text``, ``truth`` or ``json``.
    """

    key: str
    kind: str

    @property
    def name(self) -> str:
        """Name of the column."""
        return f"{self.key}_" if self.key in RESERVED else self.key

    def value(self, body: Mapping[str, Any]) -> Value:
        """Return what the column holds of a body."""
        found = body.get(self.key)
        if found is None:
            return None
        if self.kind in ("integer", "time"):
            return whole(int(found))
        if self.kind == "json":
            return canonical.encode(found).decode()
        return int(found) if self.kind == "truth" else str(found)


def whole(value: int) -> int | float:
    """Return an integer as SQLite can hold it."""
    return value if -LARGEST <= value <= LARGEST else float(value)


def table_name(schema: str) -> str:
    """Return the name of the table of a type: ``meter.reading/1`` is in ``meter_reading``.

    >>> table_name("meter.reading/1"), table_name("meter.reading/2")
    ('meter_reading', 'meter_reading_2')
    """
    name, _, version = schema.partition("/")
    return name.replace(".", "_") + ("" if version == "1" else f"_{version}")


@cache
def columns(schema: str) -> tuple[Column, ...]:
    """Return the columns of a type of event, in the order of its model."""
    found: dict[str, Column] = {}
    for key, rule in _properties(TypeAdapter(BODIES[schema]).json_schema(by_alias=True)):
        found.setdefault(key, Column(key, _kind_of(rule)))
    return tuple(found.values())


def statements() -> Iterator[str]:
    """Give the SQL that makes all tables and what finds entries in them."""
    yield "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID"
    yield ENTRY
    yield "CREATE INDEX entry_schema ON entry (schema, t1)"
    yield "CREATE INDEX entry_source ON entry (source, seq)"
    for schema in BODIES:
        name, kinds = table_name(schema), {"integer": "INTEGER", "time": "INTEGER"}
        own = "".join(
            f", {column.name} {kinds.get(column.kind, 'TEXT')}" for column in columns(schema)
        )
        yield (
            f"CREATE TABLE {name} (idx INTEGER PRIMARY KEY, source TEXT, t0 INTEGER, "
            f"t1 INTEGER{own})"
        )
        yield f"CREATE INDEX {name}_t1 ON {name} (t1)"


def entry_row(index: int, event: Event) -> tuple[Value, ...]:
    """Return the row of an entry in the table of all."""
    return (
        index,
        event.schema,
        event.source,
        whole(event.seq),
        event.t0,
        event.t1,
        event.clock,
        int(event.signature is not None),
        event.leaf.hex(),
        canonical.encode(event.body).decode(),
    )


def event_row(index: int, event: Event) -> tuple[Value, ...]:
    """Return the row of an entry in the table of its type."""
    own = (column.value(event.body) for column in columns(event.schema))
    return (index, event.source, event.t0, event.t1, *own)


def _properties(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give the keys of a model, or of all models of a union."""
    definitions = schema.get("$defs", {})
    for one in [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]:
        if "$ref" in one:
            one = definitions[one["$ref"].rpartition("/")[2]]
        yield from one.get("properties", {}).items()


def _kind_of(rule: Mapping[str, Any]) -> str:
    """Return the kind of a column from the rule of a key."""
    rules = [one for one in rule.get("anyOf", (rule,)) if one.get("type") != "null"]
    one = rules[0]
    if len(rules) == 1 and one.get("pattern") in (INTEGER, NATURAL):
        return "time" if one.get("maxLength") == 15 else "integer"
    if len(rules) == 1 and (one.get("type") == "string" or "const" in one):
        return "text"
    return "truth" if one.get("type") == "boolean" else "json"
