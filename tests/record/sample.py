"""A small log with a charter, two sources and two witnesses, and the kit of it."""

import base64
from hashlib import sha256

from baseload.record import kit
from baseload.record.keys import SoftwareKey, verifier_key
from baseload.record.note import cosign
from baseload.record.rules import approval
from baseload.record.source import Source
from baseload.record.store import Log

ORIGIN = "log.example.org/mine"
START = 1_767_225_600_000
STEP = 900_000
WITNESSES = ("witness.one", "witness.two")


def key(name):
    return SoftwareKey.from_seed(sha256(name.encode()).digest())


def private(name):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


def vkey(name, named, witness=False):
    return str(verifier_key(key(name), named, witness=witness))


def policy():
    lines = [f"log {vkey('log', ORIGIN)}"]
    lines += [f"witness {name} {vkey(name, name, True)}" for name in WITNESSES]
    lines += [f"group both 2 {' '.join(WITNESSES)}", "quorum both"]
    return "".join(f"{line}\n" for line in lines)


def charter_body():
    party = {"plant": ["operate", "settle", "admin"], "board": ["inspect", "admin"], "grid": []}
    schemas = {
        "desk": ["rule.change/1", "statement/1", "correction/1", "access/1", "source.head/1"],
        "meter": ["meter.reading/1", "meter.event/1", "source.head/1"],
        "control": ["fleet.setpoint/1", "plan.committed/1", "pool.payout/1"],
    }
    owners = {"desk": "plant", "meter": "plant", "control": "plant"}
    return {
        "kind": "charter",
        "origin": ORIGIN,
        "log_key": vkey("log", ORIGIN),
        "parties": [
            {"id": name, "name": name.title(), "roles": roles, "key": vkey(f"party {name}", name)}
            for name, roles in party.items()
        ],
        "sources": [
            {"id": name, "owner": owners[name], "key": vkey(name, name), "schemas": schemas[name]}
            for name in schemas
        ],
        "policy": policy(),
        "quorum": "2",
        "lateness_ms": "3600000",
    }


def approved(body, by=("plant", "board")):
    given = [approval(body, name, key(f"party {name}"), ORIGIN) for name in by]
    return body | {"approvals": given}


def sources():
    return {name: Source(name, key(name), ORIGIN) for name in ("desk", "meter", "control")}


def charter(desk):
    return desk.event("rule.change/1", START, START, approved(charter_body()))


def reading(meter, number, energy=25_000_000, **more):
    t0 = START + number * STEP
    body = {"meter": "main", "register": "import", "energy": str(energy), "quality": "measured"}
    return meter.event("meter.reading/1", t0, t0 + STEP, body | more, sign=number % 1 == 0)


def entries(count=20):
    """Charter and readings: the entries of an honest log."""
    of = sources()
    return [charter(of["desk"]), *(reading(of["meter"], n) for n in range(count))]


def write(folder, data, every=7, start=START):
    """Write entries to a log, with a cosigned checkpoint after each so many."""
    with Log.create(folder, ORIGIN, key("log")) as log:
        for first in range(0, len(data), every):
            log.append(data[first : first + every])
            checkpoint = log.publish()
            time = (start + (log.size) * STEP) // 1000
            lines = [cosign(str(checkpoint), name, private(name), time) for name in WITNESSES]
            log.add_signatures(checkpoint.size, lines)
    return folder


def kit_of(folder, out, data=None, **more):
    write(folder, entries() if data is None else data, **more)
    return kit.write(folder, out, "", policy())


def signature(text):
    return base64.b64encode(text).decode()
