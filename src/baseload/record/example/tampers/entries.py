"""Tampers with entries: before their source signs them, and between the source and the log."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from baseload.record import canonical
from baseload.record.example import calendar, scene
from baseload.record.example.drafts import Draft, Office
from baseload.record.example.physics import Order
from baseload.record.example.tampers.registry import Cheat, tamper
from baseload.record.merkle import leaf_hash
from baseload.record.source import Source

Drafts = list[Draft]
Entries = Sequence[bytes]
ALARM = "reconciliation.alarm"


def _mine_order(cheat: Cheat, **fields: str) -> Draft:
    """Return an order of the mine's operator of full power, with some fields changed."""
    given = cheat.first + 1
    order = Order(given, given + 8, given + 12, scene.RATED, "mine", "profit")
    draft = calendar.order_draft(order, 9000)
    assert isinstance(draft.body, dict)
    draft.body.update(fields)
    return draft


def _in_time(found: Drafts) -> Drafts:
    return sorted(found, key=lambda draft: draft.t1)


@tamper("backdated-order", "drafts", ("order.backdated",))
def backdated_order(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The operator ran through a limit, and logs afterwards an order that would have allowed it."""
    if hour != cheat.hour:
        return found
    start = str(scene.instant(cheat.first - 5 * scene.PER_HOUR))
    return _in_time([*found, _mine_order(cheat, start=start)])


@tamper("backdated-plan", "drafts", ("order.backdated",))
def backdated_plan(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The operator commits a plan for a day when the day is half over, and knows its prices."""
    for draft in found:
        if draft.schema == "plan.committed/1" and hour >= cheat.hour and "done" not in cheat.memory:
            cheat.memory["done"] = True
            assert isinstance(draft.body, dict)
            draft.body["start"] = str(int(draft.body["start"]) - scene.DAY)
    return found


@tamper("unauthorised-order", "drafts", ("authority.order", "authority.role"))
def unauthorised_order(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The controller obeys a party that may observe and inspect, but not operate."""
    if hour != cheat.hour:
        return found
    return _in_time([*found, _mine_order(cheat, ordered_by="inspector")])


@tamper("forged-order", "drafts", ("authority.order",))
def forged_order(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The operator says that an order came from the grid, and signs it with his own key."""
    if hour != cheat.hour:
        return found
    order = _mine_order(cheat, ordered_by="grid")
    assert isinstance(order.body, dict)
    order.body["order_sig"] = cheat.writers.order_signature(order.body, "mine")
    return _in_time([*found, order])


@tamper("foreign-schema", "drafts", ("authority.schema",))
def foreign_schema(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The pool's adaptor writes a reading of a meter, which is not its to write."""
    if hour != cheat.hour:
        return found
    reading = next(draft for draft in found if draft.schema == "meter.reading/1")
    return _in_time([*found, dataclasses.replace(reading, source="pool.f")])


@tamper("stolen-key", "drafts", ("authority.key", "source.signature"))
def stolen_key(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """A key was stolen and revoked; the thief goes on signing with it."""
    if hour != cheat.hour:
        return found
    name = "mine.intake"
    key = cheat.writers.verifier(cheat.writers.current[name], name)
    body = {"kind": "revocation", "holder": f"source:{name}", "key": key, "reason": "stolen"}
    time = scene.instant(cheat.first)
    draft = Draft("plant.desk", "rule.change/1", time, time, cheat.writers.approved(body), True)
    return _in_time([*found, draft])


@tamper("lonely-rule-change", "drafts", ("authority.approvals",))
def lonely_rule_change(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The operator alone declares wider errors for the meters, so that less is noticed."""
    if hour != cheat.hour:
        return found
    site = scene.site()
    for meter in site["meters"]:
        meter["systematic_ppm"] = "50000"
    body = cheat.writers.approved({"kind": "site", "site": site}, by=("mine",))
    time = scene.instant(cheat.first)
    return _in_time([*found, Draft("mine.desk", "rule.change/1", time, time, body, True)])


@tamper("settlement-by-inspector", "drafts", ("authority.role",))
def settlement_by_inspector(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """A party without the role to settle states what others owe, and hopes that it is paid."""
    if hour != cheat.hour:
        return found
    time = scene.instant(cheat.first)

    def body(office: Office) -> dict[str, Any]:
        return {
            "kind": "settlement",
            "inputs": office.inputs(),
            "period": {"t0": str(scene.START), "t1": str(time)},
            "blob": office.blob(b"all to me\n", "text/plain"),
        }

    return _in_time([*found, Draft("inspector.desk", "statement/1", time, time, body, True)])


@tamper("clock-moved", "drafts", ("clock.step",))
def clock_moved(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The clock of the racks' meters is set back by two hours, and says that it is synchronised."""
    for draft in found:
        if draft.source == "mine.racks" and hour == cheat.hour + 2:
            draft.t0 -= 2 * scene.HOUR
            draft.t1 -= 2 * scene.HOUR
    return found


@tamper("late-unmarked", "drafts", ("entry.late",))
def late_unmarked(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """Half a day of readings is held back until it is known what they should be.

    Nothing says that they are late; the witnesses' times do.
    """
    kept = []
    for draft in found:
        if draft.source == "mine.racks" and cheat.hour <= hour < cheat.hour + 6:
            cheat.memory.setdefault("held", []).append(draft)
        else:
            kept.append(draft)
    return cheat.memory.pop("held", []) + kept if hour == cheat.hour + 6 else kept


@tamper("left-out-interval", "drafts", ("reading.hole",))
def left_out_interval(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """A meter's reader leaves out an hour, and numbers on as if nothing had been."""
    gone = ("main-1", "main-2")
    if hour != cheat.hour:
        return found
    return [draft for draft in found if _meter(draft) not in gone or draft.signed]


@tamper("counted-twice", "drafts", ("reading.overlap",))
def counted_twice(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """A meter's reader writes the same interval twice, so that it is paid twice."""
    if hour != cheat.hour:
        return found
    reading = next(draft for draft in found if _meter(draft) == "plant-1")
    place = found.index(reading) + 1
    return [*found[:place], dataclasses.replace(reading), *found[place:]]


@tamper("estimated-over-tenth", "drafts", (ALARM,), size=0.15, unit="of the readings",
        tests=("T8",))  # fmt: skip
def estimated_over_tenth(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The reader of the main intake fails again and again, and its values are estimates."""
    for draft in found:
        body = draft.body
        if _meter(draft) not in ("main-1", "main-2") or not isinstance(body, dict):
            continue
        cheat.memory["owed"] = cheat.memory.get("owed", 0.0) + cheat.size
        if cheat.memory["owed"] >= 1.0:
            cheat.memory["owed"] -= 1.0
            body.update(quality="estimated", method="mean of neighbours", reason="reader failed")
            del body["counter"]
    return found


@tamper("calibration-expired", "drafts", (ALARM,), tests=("T8",))
def calibration_expired(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """Certificates run out in the middle of the record and nobody has the meters tested."""
    for draft in found:
        body = draft.body
        if draft.schema == "meter.event/1" and isinstance(body, dict) and "certificate" in body:
            body["certificate"]["valid_to"] = str(scene.instant(cheat.first))
    return found


@tamper("broken-seal", "drafts", (ALARM,), tests=("T8",))
def broken_seal(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The seal of the main intake's meter is opened, and nobody closes it again."""
    if hour != cheat.hour:
        return found
    time = scene.instant(cheat.first)
    body = {"meter": "main-1", "kind": "unseal", "serial": "seal-003"}
    return _in_time([*found, Draft("mine.intake", "meter.event/1", time, time, body, True)])


@tamper("unvouched-source", "drafts", ("source.unvouched",))
def unvouched_source(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """A source stops signing, so that nobody has stood by its last values."""
    for draft in found:
        if draft.source == "mine.racks" and hour >= cheat.hour:
            draft.signed = False
    return found


@tamper("refusal-hidden", "entries", ("source.gap",))
def refusal_hidden(cheat: Cheat, hour: int, entries: Entries) -> Entries:
    """The log's operator does not take the inspector's entry that says access was refused.

    The inspector's next entry names the one before it.
    """
    return [data for data in entries if b'"schema":"access/1"' not in data]


@tamper("dropped-entry", "entries", ("source.gap",))
def dropped_entry(cheat: Cheat, hour: int, entries: Entries) -> Entries:
    """The log's operator leaves out one reading of a meter."""
    return [data for data in entries if data is not _victim(cheat, hour, entries)]


@tamper("dropped-day", "entries", ("source.gap",))
def dropped_day(cheat: Cheat, hour: int, entries: Entries) -> Entries:
    """The log's operator leaves out all telemetry of some hours, and declares nothing."""
    gone = cheat.hour <= hour < cheat.hour + 6
    return [data for data in entries if not (gone and b'"source":"mine.firmware"' in data)]


@tamper("edited-reading", "entries", ("source.gap", "source.signature"))
def edited_reading(cheat: Cheat, hour: int, entries: Entries) -> Entries:
    """The log's operator changes the energy of an unsigned reading before it is logged.

    The reading's source names its own reading, not this one, in its next entry.
    """
    victim = _victim(cheat, hour, entries)
    return [_edited(data) if data is victim else data for data in entries]


@tamper("edited-signed", "entries", ("source.signature",))
def edited_signed(cheat: Cheat, hour: int, entries: Entries) -> Entries:
    """The log's operator changes the energy of a reading that its source has signed."""
    victim = _victim(cheat, hour, entries, signed=True)
    return [_edited(data) if data is victim else data for data in entries]


@tamper("replayed-packet", "entries", ("source.replay",))
def replayed_packet(cheat: Cheat, hour: int, entries: Entries) -> Entries:
    """A packet of the meter is sent again an hour later, so that its energy counts twice."""
    victim = _victim(cheat, hour, entries)
    if victim is not None:
        cheat.memory["packet"] = victim
    return [cheat.memory["packet"], *entries] if hour == cheat.hour + 1 else entries


@tamper("two-stories", "entries", ("source.fork", "source.replay"))
def two_stories(cheat: Cheat, hour: int, entries: Entries) -> Entries:
    """The mine signs a second reading under the number of one it has already handed in."""
    victim = _victim(cheat, hour, entries, signed=True)
    if victim is None:
        return entries
    second = _signed_again(cheat, victim)
    place = list(entries).index(victim) + 1
    return [*entries[:place], second, *entries[place:]]


@tamper("not-canonical", "entries", ("event.format",))
def not_canonical(cheat: Cheat, hour: int, entries: Entries) -> Entries:
    """The log takes an entry with its keys in another order: one content, two hashes."""
    victim = _victim(cheat, hour, entries)
    return [json.dumps(json.loads(data)).encode() if data is victim else data for data in entries]


@tamper("unknown-source", "entries", ("authority.source",))
def unknown_source(cheat: Cheat, hour: int, entries: Entries) -> Entries:
    """The log's operator lets a source speak that no rule knows."""
    if hour != cheat.hour:
        return entries
    key = cheat.writers.key("source:ghost")
    time = scene.instant(cheat.first)
    ghost = Source("ghost", key, cheat.writers.origin)
    return [*entries, ghost.event("statement/1", time, time, {"kind": "notice", "text": "boo"})]


def _meter(draft: Draft) -> str:
    if draft.schema != "meter.reading/1" or not isinstance(draft.body, dict):
        return ""
    return str(draft.body["meter"])


def _victim(cheat: Cheat, hour: int, entries: Entries, signed: bool = False) -> bytes | None:
    """Return the first reading of the racks' meters in the middle hour."""
    if hour != cheat.hour:
        return None
    for data in entries:
        ours = b'"schema":"meter.reading/1"' in data and b'"source":"mine.racks"' in data
        if ours and (b'"sig":' in data) == signed:
            return data
    raise AssertionError("the middle hour has no such reading")


def _edited(data: bytes) -> bytes:
    entry = json.loads(data)
    entry["body"]["energy"] = str(int(entry["body"]["energy"]) * 9 // 10)
    return canonical.encode(entry)


def _signed_again(cheat: Cheat, data: bytes) -> bytes:
    entry = json.loads(data)
    name = entry["source"]
    key = cheat.writers.key(cheat.writers.current[name])
    again = Source(name, key, cheat.writers.origin, int(entry["seq"]), entry["prev"])
    body = entry["body"] | {"energy": str(int(entry["body"]["energy"]) * 9 // 10)}
    found = again.event(
        entry["schema"], int(entry["t0"]), int(entry["t1"]), body, entry["clock"], True
    )
    assert leaf_hash(found) != leaf_hash(data)
    return found
