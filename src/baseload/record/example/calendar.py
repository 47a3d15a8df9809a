"""What people do in the example: plans, orders, visits, claims, changes of rules, settlements."""

from __future__ import annotations

from typing import Any

import numpy as np

from baseload.record.example import drafts, scene
from baseload.record.example.drafts import Draft, Office, Story
from baseload.record.example.physics import Order
from baseload.record.example.streams import stream

MINUTE = 60_000
PLAN_HOUR, SIGNAL_HOUR, REPORT_HOUR = 14, 16, 9
RECALIBRATED = (182, "main-1")
"""Day on which a meter gets a new certificate, and which."""
OUTCOMES = ("refused", "granted", "granted", "delayed", "granted")
"""What becomes of the inspector's visits, in turn."""
MONTH = 30
"""Days that a settlement is for."""


def hour(tale: Story, number: int) -> list[Draft]:
    """Return what people write in an hour, in order of time."""
    day, place = divmod(number, 24)
    found = _orders(tale, number)
    if number == 0:
        found += _installation()
    if place == PLAN_HOUR and day + 1 < tale.days:
        found += [_plan(tale, day + 1), _schedule(tale, day + 1)]
    if place == SIGNAL_HOUR:
        found.append(_price(tale, day))
    if place == REPORT_HOUR:
        found += _visits(tale, day) + _reports(tale, day)
    if place == REPORT_HOUR and day == drafts.rotation_day(tale.days):
        found.append(_rotation(scene.START + number * scene.HOUR + 50 * MINUTE))
    return sorted(found, key=lambda draft: draft.t1)


def order_draft(order: Order, number: int) -> Draft:
    """Return the entry of a limit, logged before it begins to hold."""
    body = {
        "ordered_by": order.by,
        "order": f"limit-{number:04d}",
        "power": str(int(order.power)),
        "start": str(scene.instant(order.start)),
        "end": str(scene.instant(order.end)),
        "reason": order.reason,
    }
    return _moment("mine.control", "fleet.setpoint/1", scene.instant(order.given) + MINUTE, body)


def visit(day: int, outcome: str, place: str, reason: str = "") -> Draft:
    """Return the entry of an inspector's visit: granted, delayed or refused."""
    asked = scene.START + day * scene.DAY + 8 * scene.HOUR
    body = {"by": "inspector", "place": place, "outcome": outcome, "asked": str(asked)}
    if outcome != "granted":
        body["reason"] = reason
    if outcome == "delayed":
        body["until"] = str(asked + 2 * scene.DAY)
    return _moment("inspector.desk", "access/1", asked + scene.HOUR + 15 * MINUTE, body)


def _moment(
    source: str, schema: str, time: int, body: dict[str, Any] | drafts.Body, signed: bool = True
) -> Draft:
    return Draft(source, schema, time, time, body, signed)


def _orders(tale: Story, number: int) -> list[Draft]:
    found = []
    for place, order in enumerate(tale.world.orders):
        if order.given // scene.PER_HOUR != number:
            continue
        if order.by == "grid":
            signal = {
                "issuer": "grid",
                "kind": "limit",
                "value": str(int(order.power)),
                "unit": "W",
                "start": str(scene.instant(order.start)),
                "end": str(scene.instant(order.end)),
                "signal": f"signal-{place:04d}",
            }
            found.append(
                _moment("grid.desk", "grid.signal/1", scene.instant(order.given) + 5_000, signal)
            )
        found.append(order_draft(order, place))
    return found


def _installation() -> list[Draft]:
    """Return certificates and seals of all meters, as they stand on the first day."""
    found = []
    for number, meter in enumerate(scene.METERS):
        time = scene.START + (number + 1) * 1_000
        found.append(calibration(meter, time, scene.START + 500 * scene.DAY))
        seal = {"meter": meter.id, "kind": "seal", "serial": f"seal-{number + 1:03d}"}
        found.append(_moment(meter.source, "meter.event/1", time, seal))
    return found


def calibration(meter: scene.Meter, time: int, valid_to: int) -> Draft:
    """Return the entry of a meter's certificate."""
    body = {
        "meter": meter.id,
        "kind": "calibration",
        "serial": f"SN-{meter.id}",
        "certificate": {
            "issuer": "laboratory.example.invalid",
            "number": f"{meter.id}-{(time - scene.START) // scene.DAY + 1}",
            "class": "0.2S" if meter.systematic_ppm <= 1000 else "0.5S",
            "random_ppm": str(meter.random_ppm),
            "systematic_ppm": str(meter.systematic_ppm),
            "valid_to": str(valid_to),
        },
    }
    return _moment(meter.source, "meter.event/1", time, body)


def _plan(tale: Story, day: int) -> Draft:
    hourly = tale.world.plan[day * scene.PER_DAY : (day + 1) * scene.PER_DAY : scene.PER_HOUR]
    body = {
        "ordered_by": "mine",
        "plan": f"plan-{day:03d}",
        "start": str(scene.START + day * scene.DAY),
        "step_ms": str(scene.HOUR),
        "power": [str(int(power)) for power in hourly],
    }
    time = scene.START + (day - 1) * scene.DAY + PLAN_HOUR * scene.HOUR + 5 * MINUTE
    return _moment("mine.control", "plan.committed/1", time, body)


def _schedule(tale: Story, day: int) -> Draft:
    body = {
        "ordered_by": "mine",
        "order": f"schedule-{day:03d}",
        "power": str(int(tale.world.plan[day * scene.PER_DAY])),
        "start": str(scene.START + day * scene.DAY),
        "reason": "schedule",
    }
    time = scene.START + (day - 1) * scene.DAY + PLAN_HOUR * scene.HOUR + 6 * MINUTE
    return _moment("mine.control", "fleet.setpoint/1", time, body)


def _price(tale: Story, day: int) -> Draft:
    price = 40_000 + int(stream(tale.world.seed, f"price {day}").integers(-25_000, 25_000))
    start = scene.START + (day + 1) * scene.DAY
    body = {
        "issuer": "grid",
        "kind": "price",
        "value": str(price),
        "unit": "micro_usd_per_kwh",
        "start": str(start),
        "end": str(start + scene.DAY),
        "signal": f"price-{day + 1:03d}",
    }
    time = scene.START + day * scene.DAY + SIGNAL_HOUR * scene.HOUR
    return _moment("grid.desk", "grid.signal/1", time, body)


def _visits(tale: Story, day: int) -> list[Draft]:
    rng = stream(tale.world.seed, f"visit {day}")
    time = scene.START + day * scene.DAY + 10 * scene.HOUR - MINUTE
    # Once a day the inspector signs that there is nothing more: so nothing of his can be left out.
    found = [_moment("inspector.desk", scene.HEAD, time, {})]
    if day % 9 == 1:
        hall = scene.HALLS[int(rng.integers(len(scene.HALLS)))]
        found.append(visit(day, OUTCOMES[day // 9 % len(OUTCOMES)], hall, "work on a busbar"))
    return found


def _reports(tale: Story, day: int) -> list[Draft]:
    time = scene.START + day * scene.DAY + REPORT_HOUR * scene.HOUR
    found = []
    if day == 1:
        claim = {
            "by": "mine",
            "about": "the fleet",
            "text": "The mine states that its fleet runs at 17.5 J/TH.",
            "sources": ["name plate"],
        }
        found.append(_moment("mine.desk", "claim/1", time + MINUTE, claim))
    if day == drafts.MISSING[0] + 1:
        found += _estimates(tale)
    if day == drafts.SILENT[0] + 1:
        found.append(_moment("mine.desk", "statement/1", time + 2 * MINUTE, _gap))
    if day == RECALIBRATED[0]:
        meter = next(meter for meter in scene.METERS if meter.id == RECALIBRATED[1])
        found.append(calibration(meter, time + 3 * MINUTE, scene.START + 900 * scene.DAY))
    if day and day % MONTH == 0:
        found.append(_settlement(tale, day, time + 4 * MINUTE))
    return found


def _gap(office: Office) -> dict[str, Any]:
    first, last = office.lost("mine.firmware")
    return {
        "kind": "gap",
        "of": "mine.firmware",
        "first": str(first),
        "last": str(last),
        "reason": "a switch failed between the halls and the log; the buffer was full",
    }


def _estimates(tale: Story) -> list[Draft]:
    """Return readings that stand for missing ones: the register's difference, evenly spread."""
    day, first, last = drafts.MISSING
    start = day * scene.PER_DAY
    register = tale.registers[drafts.MISSING_METER]
    missed = int(register[start + last - 1] - register[start + first - 1])
    found = []
    for place in range(first, last):
        count = last - first
        energy = missed * (place - first + 1) // count - missed * (place - first) // count
        found.append(_estimate(start + place, energy))
    return found


def _estimate(interval: int, energy: int) -> Draft:
    def body(office: Office) -> dict[str, Any]:
        return {
            "meter": drafts.MISSING_METER,
            "register": "import",
            "energy": str(energy),
            "quality": "estimated",
            "method": "difference of the register, evenly spread",
            "reason": "the reading head was being replaced",
            "of": office.leaf(f"missing {interval}"),
            "late": True,
        }

    return Draft(
        "mine.racks",
        "meter.reading/1",
        scene.instant(interval),
        scene.instant(interval + 1),
        body,
        signed=True,
    )


def _rotation(time: int) -> Draft:
    def body(office: Office) -> dict[str, Any]:
        return office.change("key", source="mine.racks")

    return _moment("mine.desk", "rule.change/1", time, body)


def _settlement(tale: Story, day: int, time: int) -> Draft:
    first, last = (day - MONTH) * scene.PER_DAY, day * scene.PER_DAY
    rows = ["meter,energy_wh"]
    for meter in scene.METERS:
        rows.append(f"{meter.id},{int(np.sum(tale.measured.energy[meter.id][first:last]))}")
    data = ("\n".join(rows) + "\n").encode()

    def body(office: Office) -> dict[str, Any]:
        return {
            "kind": "settlement",
            "inputs": office.inputs(),
            "period": {"t0": str(scene.instant(first)), "t1": str(scene.instant(last))},
            "blob": office.blob(data, "text/csv"),
        }

    return _moment("plant.desk", "statement/1", time, body)
