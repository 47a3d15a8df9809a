"""The envelope of an event, and reading it.

References
----------
.. [1] ``docs/record-format.md``, section 2.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from baseload.record import canonical
from baseload.record.errors import FormatError
from baseload.record.events import bodies, changes
from baseload.record.events.fields import IDENTITY, SIGNATURE
from baseload.record.merkle import leaf_hash
from baseload.record.source import SIGNED

BODIES: dict[str, Any] = {
    "meter.reading/1": bodies.MeterReading,
    "meter.event/1": bodies.MeterEvent,
    "grid.signal/1": bodies.GridSignal,
    "plan.committed/1": bodies.PlanCommitted,
    "fleet.setpoint/1": bodies.FleetSetpoint,
    "fleet.telemetry/1": bodies.FleetTelemetry,
    "shares.summary/1": bodies.SharesSummary,
    "shares.retained/1": bodies.SharesRetained,
    "pool.payout/1": bodies.PoolPayout,
    "chain.header/1": bodies.ChainHeader,
    "claim/1": bodies.Claim,
    "rule.change/1": changes.RuleChange,
    "access/1": bodies.Access,
    "statement/1": bodies.Statement,
    "correction/1": bodies.Correction,
    "source.head/1": bodies.SourceHead,
}
"""Model of the body of each type."""

CLOCKS = ("synced", "holdover", "free", "unknown")
KEYS = frozenset({"schema", "source", "seq", "prev", "t0", "t1", "clock", "body"})
_ADAPTERS = {name: TypeAdapter(model) for name, model in BODIES.items()}
_INSTANT = r"^(?:0|[1-9][0-9]{0,14})$"
_NUMBER = r"^(?:0|[1-9][0-9]{0,79})$"


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it was read.

    Parameters
    ----------
    schema : type and version.
    source : who wrote it.
    seq : its number among the source's events.
    prev : leaf hash of the source's event before it, 64 hex digits, or empty.
    t0, t1 : instants it is about [ms since 1970].
    clock : quality of the source's clock.
    body : what it says.
    signature : the source's signature, if it is signed.
    data : its bytes.
    """

    schema: str
    source: str
    seq: int
    prev: str
    t0: int
    t1: int
    clock: str
    body: Mapping[str, Any]
    signature: bytes | None
    data: bytes

    @property
    def leaf(self) -> bytes:
        """Hash of the leaf."""
        return leaf_hash(self.data)

    def unsigned(self) -> bytes:
        """Return the bytes without the signature, which is what is signed."""
        if self.signature is None:
            return self.data
        whole = canonical.decode(self.data)
        return canonical.encode({key: whole[key] for key in KEYS})


def parse(data: bytes, where: str = "event") -> Event:
    """Read an event.

    Parameters
    ----------
    data : bytes of the entry.
    where : what to call it in an error.

    Raises
    ------
    FormatError
        It is not canonical, lacks a key or has one too many, or a value is not what it must be.
    """
    if len(data) > canonical.MAX_BYTES:
        raise _bad(where, f"at most {canonical.MAX_BYTES:,} bytes", f"{len(data):,}")
    found = canonical.decode(data, where)
    if not isinstance(found, dict) or found.keys() - {"sig"} != KEYS:
        keys = ", ".join(sorted(found)) if isinstance(found, dict) else type(found).__name__
        raise _bad(where, f"the keys {', '.join(sorted(KEYS))}", keys)
    _check_envelope(found, where)
    check_body(found["schema"], found["body"], where)
    signature = base64.b64decode(found["sig"]) if "sig" in found else None
    if signature is None and found["schema"] in SIGNED:
        raise _bad(f"{where}.sig", f"a signature, as every {found['schema']} has", "none")
    return Event(
        found["schema"],
        found["source"],
        int(found["seq"]),
        found["prev"],
        int(found["t0"]),
        int(found["t1"]),
        found["clock"],
        found["body"],
        signature,
        data,
    )


def check_body(schema: str, body: Any, where: str = "event") -> None:
    """Make sure that a body is one of its type.

    Raises
    ------
    FormatError
        It is not, or there is no such type.
    """
    adapter = _ADAPTERS.get(schema)
    if adapter is None:
        raise _bad(f"{where}.schema", f"one of {', '.join(BODIES)}", repr(schema)[:80])
    try:
        adapter.validate_python(body)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in ("body", *first["loc"]))
        found = "nothing" if first["type"] == "missing" else f"{first['input']!r:.80}"
        raise _bad(f"{where}.{path}", _plain(first["msg"]), found) from None


def _check_envelope(found: Mapping[str, Any], where: str) -> None:
    for key, pattern, expected in _ENVELOPE:
        value = found[key]
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise _bad(f"{where}.{key}", expected, f"{value!r:.80}")
    if (found["seq"] == "0") != (found["prev"] == ""):
        raise _bad(f"{where}.prev", "a leaf hash, or nothing at seq 0", repr(found["prev"]))
    if int(found["t0"]) > int(found["t1"]):
        raise _bad(f"{where}.t1", f"{found['t0']} (t0) or later", found["t1"])
    if found["clock"] not in CLOCKS:
        raise _bad(f"{where}.clock", f"one of {', '.join(CLOCKS)}", f"{found['clock']!r:.80}")
    sig = found.get("sig")
    if sig is not None and not (isinstance(sig, str) and _SIGNATURE.fullmatch(sig)):
        raise _bad(f"{where}.sig", "64 bytes in base64", f"{sig!r:.100}")


# Tried with fullmatch: "$" alone lets a line feed pass at the end.
_SIGNATURE = re.compile(SIGNATURE)
_ENVELOPE = tuple(
    (key, re.compile(pattern), expected)
    for key, pattern, expected in (
        ("schema", r"^[a-z.]{1,40}/[1-9][0-9]{0,3}$", "a type and its version"),
        ("source", IDENTITY, "a name of lower-case letters, digits, dots and hyphens"),
        ("seq", _NUMBER, "a number of at most 80 decimal digits"),
        ("prev", r"^(?:[0-9a-f]{64})?$", "64 hex digits, or nothing"),
        ("t0", _INSTANT, "milliseconds since 1970"),
        ("t1", _INSTANT, "milliseconds since 1970"),
        ("clock", r"^[a-z]+$", f"one of {', '.join(CLOCKS)}"),
    )
)


def _plain(message: str) -> str:
    """Return what a check of a model expects, without how it says so."""
    return message.removeprefix("Value error, ").removeprefix("Input should be ")


def _bad(where: str, expected: str, found: str) -> FormatError:
    return FormatError(
        where,
        expected=expected,
        found=found,
        mend="see docs/record-events.md for what each type of event holds",
    )
