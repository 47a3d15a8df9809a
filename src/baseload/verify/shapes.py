"""What each type of event must hold, from ``docs/record-events.md``.

A shape is a table of keys; each has the check of its value, and a question mark at the end of a
key says that it may be left out. Checks return nothing, or what they expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from baseload.verify.findings import Refused

Check = Callable[[Any], str | None]
Shape = tuple[Mapping[str, Check], frozenset[str], frozenset[str]]

_NAT = re.compile(r"(?:0|[1-9][0-9]{0,79})\Z", re.ASCII)
_INT = re.compile(r"(?:0|[1-9][0-9]{0,79}|-[1-9][0-9]{0,78})\Z", re.ASCII)
_TIME = re.compile(r"(?:0|[1-9][0-9]{0,14})\Z", re.ASCII)
_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}\Z", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-f]{2})*\Z", re.ASCII)
_SIG = re.compile(r"[A-Za-z0-9+/]{85}[AQgw]==\Z", re.ASCII)


FORMS: dict[Check, str] = {}
"""How what a check lets pass is written in canonical JSON, as a pattern, where one can say it.

A pattern may say less than its check (text of printable ASCII alone), and never more.
"""
_PLAIN = r"[ !#-\[\]-~]"


def _matching(pattern: re.Pattern[str], expected: str) -> Check:
    match = pattern.match

    def check(value: Any) -> str | None:
        return None if isinstance(value, str) and match(value) else expected

    FORMS[check] = f'"{pattern.pattern.removesuffix(chr(92) + "Z")}"'
    return check


def _one_of(*allowed: Any) -> Check:
    known = frozenset(allowed)

    def check(value: Any) -> str | None:
        good = isinstance(value, (str, bool)) and value in known
        return None if good else f"one of {', '.join(map(str, allowed))}"

    words = [f'"{re.escape(one)}"' if isinstance(one, str) else str(one).lower() for one in allowed]
    FORMS[check] = f"(?:{'|'.join(words)})"
    return check


def _text_of(longest: int) -> Check:
    def check(value: Any) -> str | None:
        good = isinstance(value, str) and 0 < len(value) <= longest
        return None if good else f"text of 1 to {longest:,} characters"

    FORMS[check] = f'"{_PLAIN}{{1,{longest}}}"'
    return check


def _list_of(item: Check) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, list):
            return "a list"
        return next((f"in the list {bad}" for bad in map(item, value) if bad), None)

    if item in FORMS:
        FORMS[check] = rf"\[(?:{FORMS[item]}(?:,{FORMS[item]})*)?\]"
    return check


def _table_of(keys: Mapping[str, Check]) -> Check:
    shape = _shape(keys)

    def check(value: Any) -> str | None:
        try:
            check_table(value, shape)
        except Refused as refused:
            return refused.expected
        return None

    return check


def _any_table(value: Any) -> str | None:
    return None if isinstance(value, dict) else "a table"


def _any_text(value: Any) -> str | None:
    return None if isinstance(value, str) else "text"


def _shape(keys: Mapping[str, Check]) -> Shape:
    checks = {key.rstrip("?"): check for key, check in keys.items()}
    needed = frozenset(key for key in keys if not key.endswith("?"))
    return checks, needed, frozenset(checks) - needed


NAT = _matching(_NAT, "a number in decimal digits")
INT = _matching(_INT, "an integer in decimal digits")
TIME = _matching(_TIME, "milliseconds since 1970")
ID = _matching(_ID, "a name of lower-case letters, digits, dots and hyphens")
HASH = _matching(re.compile(r"[0-9a-f]{64}\Z", re.ASCII), "64 hex digits")
HEX = _matching(_HEX, "hex digits in pairs")
HEADER = _matching(re.compile(r"[0-9a-f]{160}\Z", re.ASCII), "a header in 160 hex digits")
SIG = _matching(_SIG, "a signature of 64 bytes in base64")
NAME = _text_of(200)
TEXT = _text_of(20_000)
_BLOB = {"sha256": HASH, "size": NAT, "media": NAME}
_INPUTS = {"size": NAT, "root": HASH}
_PERIOD = {"t0": TIME, "t1": TIME}
_PARTY = {
    "id": ID,
    "name": NAME,
    "roles": _list_of(_one_of("observe", "operate", "settle", "inspect", "admin")),
    "key": TEXT,
}
_SOURCE = {"id": ID, "owner": ID, "key": TEXT, "schemas": _list_of(NAME)}
_METHODS = _one_of("fpps", "pplns", "tides", "solo")
_SITE = {
    "interval_ms": NAT,
    "meters": _list_of(
        _table_of(
            {
                "id": ID,
                "place": _one_of("plant", "main", "rack", "aux"),
                "random_ppm": NAT,
                "systematic_ppm": NAT,
                "group?": NAME,
                "stands_for?": ID,
            }
        )
    ),
    "loss": _table_of({"constant": NAT, "per_terawatt": NAT, "sigma_ppm": NAT}),
    "machines": _table_of({"millijoule_per_terahash": NAT, "sigma_ppm": NAT}),
    "pools": _list_of(
        _table_of(
            {
                "id": ID,
                "method": _METHODS,
                "fee_ppm": NAT,
                "script": HEX,
                "tag": HEX,
                "retained_difficulty": NAT,
            }
        )
    ),
    "false_alarm_ppm": NAT,
    "scale_bits?": NAT,
}
_LATE = {"late?": _one_of(True), "reason?": TEXT}
_APPROVED = _LATE | {"kind": TEXT, "approvals": _list_of(_table_of({"party": ID, "sig": SIG}))}

CHANGE_SHAPES: dict[str, Shape] = {
    kind: _shape(_APPROVED | keys)
    for kind, keys in {
        "charter": {
            "origin": NAME,
            "log_key": TEXT,
            "parties": _list_of(_table_of(_PARTY)),
            "sources": _list_of(_table_of(_SOURCE)),
            "policy": TEXT,
            "quorum": NAT,
            "lateness_ms": NAT,
        },
        "party": {"party": _table_of(_PARTY)},
        "source": {"source": _table_of(_SOURCE)},
        "key": {
            "holder": TEXT,
            "old": _any_text,
            "new": TEXT,
            "old_sig": _any_text,
            "new_sig": SIG,
        },
        "revocation": {"holder": TEXT, "key": TEXT},
        "policy": {"policy": TEXT},
        "agreement": {"title": TEXT, "blob": _table_of(_BLOB)},
        "site": {"site": _table_of(_SITE)},
    }.items()
}
STATEMENT_SHAPES: dict[str, Shape] = {
    kind: _shape(_LATE | {"kind": TEXT} | keys)
    for kind, keys in {
        "gap": {"of": ID, "first": NAT, "last": NAT},
        "reconciliation": {
            "inputs": _table_of(_INPUTS),
            "period": _table_of(_PERIOD),
            "results": _list_of(_any_table),
        },
        "settlement": {
            "inputs": _table_of(_INPUTS),
            "period": _table_of(_PERIOD),
            "blob": _table_of(_BLOB),
        },
        "notice": {"text": TEXT},
    }.items()
}
EVENT_SHAPES: dict[str, Shape | dict[str, Shape]] = {
    "meter.reading/1": _shape(
        _LATE
        | {
            "meter": ID,
            "register": _one_of("import", "export"),
            "energy": INT,
            "quality": _one_of("measured", "estimated", "edited", "missing"),
            "counter?": NAT,
            "method?": NAME,
            "of?": HASH,
        }
    ),
    "meter.event/1": _shape(
        _LATE
        | {
            "meter": ID,
            "kind": _one_of("calibration", "seal", "unseal", "replacement", "fault"),
            "serial": NAME,
            "certificate?": _table_of(
                {
                    "issuer": NAME,
                    "number": NAME,
                    "class": NAME,
                    "random_ppm": NAT,
                    "systematic_ppm": NAT,
                    "valid_to": TIME,
                }
            ),
            "note?": TEXT,
        }
    ),
    "grid.signal/1": _shape(
        _LATE
        | {
            "issuer": NAME,
            "signal": NAME,
            "kind": _one_of("limit", "price", "reserve", "emergency", "clear"),
            "value": INT,
            "unit": NAME,
            "start": TIME,
            "end": TIME,
        }
    ),
    "plan.committed/1": _shape(
        _LATE
        | {
            "ordered_by": ID,
            "plan": NAME,
            "start": TIME,
            "step_ms": NAT,
            "power": _list_of(NAT),
            "order_sig?": SIG,
        }
    ),
    "fleet.setpoint/1": _shape(
        {
            "late?": _one_of(True),
            "ordered_by": ID,
            "order": NAME,
            "power": NAT,
            "start": TIME,
            "end?": TIME,
            "reason": _one_of("safety", "limit", "obligation", "signal", "schedule", "profit"),
            "order_sig?": SIG,
        }
    ),
    "fleet.telemetry/1": _shape(
        _LATE
        | {
            "fleet": ID,
            "energy": NAT,
            "hashes": NAT,
            "machines": NAT,
            "counter?": NAT,
            "mode?": NAME,
        }
    ),
    "shares.summary/1": _shape(
        _LATE
        | {
            "pool": ID,
            "account": NAME,
            "accepted": NAT,
            "rejected": NAT,
            "stale": NAT,
            "work": NAT,
            "work_squared": NAT,
        }
    ),
    "shares.retained/1": _shape(
        _LATE
        | {
            "pool": ID,
            "height": NAT,
            "header": HEADER,
            "coinbase": HEX,
            "path": _list_of(HASH),
        }
    ),
    "pool.payout/1": _shape(
        _LATE
        | {
            "pool": ID,
            "account": NAME,
            "method": _METHODS,
            "work": NAT,
            "network_difficulty_e8?": NAT,
            "subsidy?": NAT,
            "fees?": NAT,
            "fee_ppm": NAT,
            "window_work?": NAT,
            "block_reward?": NAT,
            "amount": NAT,
            "txid?": HASH,
            "vout?": NAT,
            "script?": HEX,
        }
    ),
    "chain.header/1": _shape(_LATE | {"height": NAT, "header": HEADER}),
    "claim/1": _shape(_LATE | {"by": NAME, "about": NAME, "text": TEXT, "sources": _list_of(TEXT)}),
    "rule.change/1": CHANGE_SHAPES,
    "access/1": _shape(
        _LATE
        | {
            "by": NAME,
            "place": NAME,
            "outcome": _one_of("granted", "delayed", "refused"),
            "asked": TIME,
            "until?": TIME,
        }
    ),
    "statement/1": STATEMENT_SHAPES,
    "correction/1": _shape(
        {"late?": _one_of(True), "reason": TEXT, "index": NAT, "of": HASH, "body": _any_table}
    ),
    "source.head/1": _shape(_LATE),
}
SIGNED_ALONE = frozenset(
    {
        "access/1",
        "claim/1",
        "correction/1",
        "fleet.setpoint/1",
        "meter.event/1",
        "plan.committed/1",
        "pool.payout/1",
        "rule.change/1",
        "source.head/1",
        "statement/1",
    }
)
ENVELOPE = frozenset({"schema", "source", "seq", "prev", "t0", "t1", "clock", "body"})
SIGNED_ENVELOPE = ENVELOPE | {"sig"}
CLOCKS = frozenset({"synced", "holdover", "free", "unknown"})
_SCHEMA = re.compile(r"[a-z.]{1,40}/[1-9][0-9]{0,3}\Z", re.ASCII)
_PREV = re.compile(r"(?:[0-9a-f]{64})?\Z", re.ASCII)
_ENVELOPE_CHECKS = (
    ("schema", _SCHEMA.match, "a type and its version"),
    ("source", _ID.match, "the name of a source"),
    ("seq", _NAT.match, "a number in decimal digits"),
    ("prev", _PREV.match, "64 hex digits, or nothing"),
    ("t0", _TIME.match, "milliseconds since 1970"),
    ("t1", _TIME.match, "milliseconds since 1970"),
)


def check_event(event: Any) -> bool:
    """Make sure that an event is one; tell whether its type is known here.

    Raises
    ------
    Refused
        It is not.
    """
    if not isinstance(event, dict) or event.keys() not in (ENVELOPE, SIGNED_ENVELOPE):
        found = ", ".join(sorted(event)) if isinstance(event, dict) else type(event).__name__
        raise Refused(f"the keys {', '.join(sorted(ENVELOPE))} and sig", found[:200])
    for key, match, expected in _ENVELOPE_CHECKS:
        value = event[key]
        if not isinstance(value, str) or not match(value):
            raise Refused(f"{key}: {expected}", repr(value)[:80])
    if not isinstance(event["clock"], str) or event["clock"] not in CLOCKS:
        raise Refused(f"clock: one of {', '.join(sorted(CLOCKS))}", repr(event["clock"])[:80])
    check_places(event)
    if "sig" in event and (bad := SIG(event["sig"])):
        raise Refused(f"sig: {bad}", repr(event["sig"])[:100])
    shape = EVENT_SHAPES.get(event["schema"])
    if shape is None:
        return False
    check_body_of(event["schema"], event["body"])
    check_rules(event)
    return True


def check_places(event: Mapping[str, Any]) -> None:
    """Make sure that the parts of an envelope fit together."""
    if (event["seq"] == "0") != (event["prev"] == ""):
        raise Refused("prev: a leaf hash, or nothing at seq 0", repr(event["prev"]))
    if int(event["t0"]) > int(event["t1"]):
        raise Refused("t1: t0 or later", event["t1"])


def check_rules(event: Mapping[str, Any]) -> None:
    """Make sure of what shapes alone cannot say of an event of a known type."""
    schema, body = event["schema"], event["body"]
    if schema in SIGNED_ALONE and "sig" not in event:
        raise Refused(f"sig: every {schema} is signed", "none")
    _check_body_rules(schema, body)


def check_body_of(schema: str, body: Any) -> None:
    """Make sure that a body is one of its type."""
    shape = EVENT_SHAPES[schema]
    if isinstance(shape, dict):
        kind = body.get("kind") if isinstance(body, dict) else None
        if not isinstance(kind, str) or kind not in shape:
            raise Refused(f"kind: one of {', '.join(shape)}", repr(kind)[:80])
        shape = shape[kind]
    check_table(body, shape)
    _check_body_rules(schema, body)


def _check_body_rules(schema: str, body: Mapping[str, Any]) -> None:
    if "late" in body and not body.get("reason"):
        raise Refused("reason: why it is late", "nothing")
    if schema == "meter.reading/1":
        _check_reading(body)


def check_table(value: Any, shape: Shape) -> None:
    """Make sure that a table has the keys and values of a shape, and no others."""
    if not isinstance(value, dict):
        raise Refused("a table", type(value).__name__)
    checks, needed, _ = shape
    for key, inner in value.items():
        check = checks.get(key)
        if check is None:
            raise Refused(f"no key {key[:40]!r}", "one")
        if bad := check(inner):
            raise Refused(f"{key}: {bad}", repr(inner)[:80])
    if missing := needed - value.keys():
        raise Refused(f"the key {min(missing)}", "none")


def _check_reading(body: Mapping[str, Any]) -> None:
    if body["quality"] in ("estimated", "edited") and not (
        body.get("method") and body.get("reason")
    ):
        raise Refused("method and reason of what was not measured", "none")
    if body["energy"][0] == "-" and body["quality"] != "edited":
        raise Refused("a negative energy only where it was edited", body["energy"])
