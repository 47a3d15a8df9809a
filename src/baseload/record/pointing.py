"""Entries that point at others: readings that stand for one, and corrections.

They are held against the log before they are written: what points at the wrong entry stays in the
log for good, and every inspector says FAILED of it from then on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from baseload.record.errors import FormatError
from baseload.record.events import Event, check_body, parse
from baseload.record.instants import utc
from baseload.record.reader import Reader
from baseload.record.rules import Rules


def check_pointers(
    events: Sequence[tuple[int, Event]], rules: Rules, reader: Reader | None
) -> None:
    """Make sure that what new events point at is there, and may be pointed at by them.

    Parameters
    ----------
    events : new events with their indices.
    rules : rules that hold after them.
    reader : the log before them; nothing where it is empty.

    Raises
    ------
    FormatError
        One points at nothing, at another kind of entry, or at one of another party.
    """
    own = {event.leaf: event for _, event in events}
    wanted = {leaf for _, event in events if (leaf := _stands_for(event)) and leaf not in own}
    found = reader.find(wanted) if reader is not None and wanted else {}
    for index, event in events:
        where = f"entry {index}"
        if (leaf := _stands_for(event)) is not None:
            raw = own.get(leaf) or _read(reader, found.get(leaf), where)
            _check_reading(event, raw, rules, where)
        elif event.schema == "correction/1":
            target = int(event.body["index"])
            at = {place: each for place, each in events if place < index}
            entry = at.get(target) or (_read(reader, target, where) if target < index else None)
            _check_correction(event, entry, rules, where)


def _stands_for(event: Event) -> bytes | None:
    of = event.body.get("of") if event.schema == "meter.reading/1" else None
    return None if of is None else bytes.fromhex(of)


def _read(reader: Reader | None, index: int | None, where: str) -> Event | None:
    if reader is None or index is None or index >= reader.size:
        return None
    return parse(reader.entry(index), f"{where}, entry {index} that it points at")


def _check_reading(event: Event, raw: Event | None, rules: Rules, where: str) -> None:
    body = event.body
    told = f"the raw reading of {body['meter']} ({body['register']}) from {utc(event.t0)}"
    if raw is None:
        raise _bad(f"{where}.body.of", told, "an entry that is not in the log")
    same = ("meter", "register")
    if (
        raw.schema != event.schema
        or "of" in raw.body
        or raw.t0 != event.t0
        or any(raw.body[key] != body[key] for key in same)
    ):
        raise _bad(f"{where}.body.of", told, f"another {raw.schema} from {utc(raw.t0)}")
    _check_owner(event, raw, rules, where)
    if body["quality"] == raw.body["quality"] == "measured":
        expected = "estimated or edited, where the raw reading was measured"
        raise _bad(f"{where}.body.quality", expected, "a second one that was measured")


def _check_correction(event: Event, entry: Event | None, rules: Rules, where: str) -> None:
    told = f"an entry before it with the leaf hash {event.body['of']}"
    if entry is None or entry.leaf.hex() != event.body["of"]:
        found = f"index {event.body['index']} is none" if entry is None else entry.leaf.hex()
        raise _bad(f"{where}.body.index", told, found)
    _check_owner(event, entry, rules, where)
    check_body(entry.schema, event.body["body"], f"{where}.body")


def _check_owner(event: Event, other: Event, rules: Rules, where: str) -> None:
    """Make sure that an event is about one of its own party."""
    owners: Mapping[str, str] = {name: rule.owner for name, rule in rules.sources.items()}
    if owners[event.source] != owners.get(other.source):
        expected = f"a source of {owners.get(other.source)}, whose entry it is about"
        raise _bad(f"{where}.source", expected, f"{event.source} of {owners[event.source]}")


def _bad(where: str, expected: str, found: str) -> FormatError:
    mend = "look the entry up with `baseload record query`; nothing was written"
    return FormatError(where, expected=expected, found=found, mend=mend)
