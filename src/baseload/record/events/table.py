"""The page of all events, made from their models: ``python -m baseload.record.events.table``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from baseload.record.events.event import BODIES
from baseload.record.events.fields import (
    IDENTITY,
    INTEGER,
    NATURAL,
    SIGNATURE,
)
from baseload.record.rules import NEEDED_ROLES, ORDERS
from baseload.record.source import SIGNED

PAGE = Path("docs/record-events.md")
HEAD = """\
# Events of a record

What each type of entry says: the `body` of the envelope that [the format](record-format.md)
describes. This page is made from the models (`make docs`). Every value is text unless it is called
list, table or truth; an *integer* is written in decimal digits, an *instant* is milliseconds since
1970-01-01 00:00 UTC, a *hash* is 64 hex digits. Energies are Wh, powers W, coins satoshi. Hashes
and headers of the public chain are in the order of their bytes, not reversed as block explorers
show them. `?` marks what may be left out. Every body may say `late` (true: it comes later than the
charter allows, and says so) and `reason` (text: why; needed with `late`), left out below.
"""
TAIL = """\
## Payout rules

- `fpps`: floor(work × (subsidy + fees) × (10^6 − fee_ppm) × 10^8 / (network_difficulty_e8 × 10^6))
- `pplns`, `tides`: floor(block_reward × (10^6 − fee_ppm) × work / (window_work × 10^6)), work being
  the site's in the window
- `solo`: the coinbase of the block itself pays `script`; amount is the sum of those outputs.

One rounding down, at the posting; rationals before it. Network difficulty is
0x00000000FFFF × 2^208 / target, kept to 8 decimals, rounded down, as `network_difficulty_e8`; in a
synthetic record that and every share's target are larger by 2^`scale_bits`.
"""
REMARKS = {
    "meter.reading/1": """\
An `estimated` or `edited` reading gives `method` and `reason`, and `of` where there is a raw one:
readings with `of` take the place of that one in every test, and both stay. They are of the same
meter, register and time, of a source of the same party, and not called `measured` where the raw one
is. Only an `edited` one may be negative.""",
    "fleet.setpoint/1": """\
`reason` is one of `safety`, `limit`, `obligation`, `signal`, `schedule`, `profit`, and needed.""",
    "rule.change/1": """\
Every one has `approvals`, a list of [Approval](#approval): administrators that agree, as many as
the `quorum` of the charter asks for; all of them for the charter itself.""",
    "correction/1": "`reason` is needed.",
}
COMMON = frozenset({"late", "reason", "approvals"})


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    tables: dict[str, Mapping[str, Any]] = {}
    for schema in BODIES:
        parts.append("\n".join(_of_type(schema, tables)))
    parts.append("## Tables within bodies\n")
    for name in sorted(tables):
        parts.append("\n".join(_of_table(name, tables[name])))
    return "\n".join([*parts, TAIL])


def _of_type(schema: str, tables: dict[str, Mapping[str, Any]]) -> Iterator[str]:
    told = TypeAdapter(BODIES[schema]).json_schema(by_alias=True)
    tables |= {name: one for name, one in told.get("$defs", {}).items() if "kind" not in _keys(one)}
    tables |= {
        name: one for name, one in told.get("$defs", {}).items() if name in ("Meter", "Pool")
    }
    yield f"## `{schema}`\n"
    members = told.get("oneOf")
    if members is None:
        yield f"{told['description']} {_how(schema)}".rstrip() + "\n"
        yield from _rows(told)
    else:
        yield f"One of these, by its `kind`. {_how(schema)}".rstrip() + "\n"
        for member in members:
            one = told["$defs"][_name(member)]
            kind = one["properties"]["kind"]["const"]
            yield f"`{kind}`: {one['description']}\n"
            yield from _rows(one)
    if schema in REMARKS:
        yield REMARKS[schema] + "\n"


def _of_table(name: str, told: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {name}\n"
    yield f"{told['description']}\n"
    yield from _rows(told)


def _how(schema: str) -> str:
    """Return who may write a type, and whether each is signed."""
    roles = NEEDED_ROLES.get(schema)
    told = []
    if schema in ORDERS:
        told.append("`ordered_by` has the role operate.")
    elif roles:
        told.append(f"The owner of the source has the role {' or '.join(sorted(roles))}.")
    if schema in SIGNED:
        told.append("Each is signed.")
    return " ".join(told)


def _rows(told: Mapping[str, Any]) -> Iterator[str]:
    keys = [(key, rule) for key, rule in _keys(told).items() if key not in COMMON]
    if not keys:
        return
    needed = told.get("required", ())
    yield "| key | value | meaning |"
    yield "|---|---|---|"
    for key, rule in keys:
        mark = "" if key in needed else "?"
        yield f"| `{key}`{mark} | {_kind(rule)} | {rule.get('description', '')} |"
    yield ""


def _keys(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return told.get("properties", {})  # type: ignore[no-any-return]


def _kind(rule: Mapping[str, Any]) -> str:
    """Return what a value is, in words."""
    one = next((r for r in rule.get("anyOf", ()) if r.get("type") != "null"), rule)
    if "$ref" in one or "allOf" in one:
        name = _name(one)
        return f"[{name}](#{name.lower()})"
    if "const" in one:
        return f"`{one['const']}`"
    if "enum" in one:
        return ", ".join(f"`{each}`" for each in one["enum"])
    if one.get("type") == "array":
        return f"list of {_kind(one['items'])}"
    if one.get("type") in ("object", "boolean"):
        return "table" if one["type"] == "object" else "truth"
    return _text(one)


def _text(rule: Mapping[str, Any]) -> str:
    longest = rule.get("maxLength")
    known = {
        NATURAL: "instant" if longest == 15 else "integer ≥ 0",
        INTEGER: "integer",
        IDENTITY: "id",
        SIGNATURE: "signature",
        r"^[0-9a-f]{64}$": "hash",
        r"^(?:[0-9a-f]{2})*$": "hex",
        r"^[0-9a-f]{160}$": "160 hex digits",
    }
    pattern = rule.get("pattern")
    if pattern is not None:
        return known[pattern]
    return "text" if longest is None else f"text of 1 to {longest:,}"


def _name(rule: Mapping[str, Any]) -> str:
    return str(rule["$ref"].rpartition("/")[2])


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
