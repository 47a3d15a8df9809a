"""Beginning a record: keys, charter, first checkpoint.

The file of a charter is TOML::

    origin = "example.org/mine"      # name of the log
    quorum = 2                       # administrators who must approve a change; 1 of one alone
    lateness_minutes = 60            # how late an entry may come
    witness_quorum = 2

    [[party]]
    id = "plant"
    name = "Plant company"
    roles = ["operate", "settle", "admin"]

    [[source]]
    id = "plant.meter"
    owner = "plant"
    schemas = ["meter.reading/1", "source.head/1"]

    [[witness]]
    name = "witness.example.org"
    key = "witness.example.org+…"    # its verifier key
    url = "http://…"                 # where it answers, if it is to be asked

A party or source without a ``key`` gets one that is made here.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baseload.record import policy as policies
from baseload.record.errors import FormatError, StoreError
from baseload.record.events import BODIES, check_body, parse
from baseload.record.keys import SoftwareKey, verifier_key
from baseload.record.merkle import leaf_hash
from baseload.record.note import check_name
from baseload.record.rules import Rules, approval
from baseload.record.source import Source
from baseload.record.store import Log
from baseload.record.writing import read, replace

TABLES = {
    "": {"origin", "quorum", "lateness_minutes", "witness_quorum", "party", "source", "witness"},
    "party": {"id", "name", "roles", "key"},
    "source": {"id", "owner", "schemas", "key"},
    "witness": {"name", "key", "url"},
}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10**9


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_schemas(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(one) and one in BODIES for one in value)


FORMS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    **dict.fromkeys(("origin", "id", "name", "owner", "key", "url"), ("text", _is_text)),
    **dict.fromkeys(
        ("quorum", "lateness_minutes", "witness_quorum"), ("a whole number, 0 or more", _is_count)
    ),
    "roles": ("a list of names", _are_texts),
    "schemas": ("a list of types, as docs/record-events.md has them", _are_schemas),
}
"""What each value of the file must be, in words, and the check of it."""


@dataclass(frozen=True)
class Begun:
    """What was made.

    Parameters
    ----------
    made : holders whose keys were made.
    policy : file of the policy.
    log_key : verifier key of the log.
    charter : leaf hash of the first entry, 64 hex digits.
    """

    made: tuple[str, ...]
    policy: Path
    log_key: str
    charter: str


def begin(log: Path, charter: Path, keys: Path, passphrase: bytes) -> Begun:
    """Begin a log as the file of a charter says.

    Parameters
    ----------
    log : folder of the log, not there yet or empty.
    charter : file of the charter.
    keys : folder for the keys that are made; those in it already are used.
    passphrase : of the key files.

    Raises
    ------
    RecordError
        The file is not a charter, a key or folder is there already, or an administrator's key is
        not here, so that the charter cannot be approved.
    """
    told = _read(charter)
    if log.exists() and (not log.is_dir() or any(log.iterdir())):
        raise StoreError(
            f"log {log}",
            expected="an empty folder, or none",
            found="something in it",
            mend="name another folder",
        )
    ring = KeyRing(keys, passphrase)
    body = _body(told, ring, charter)
    origin = body["origin"]
    check_body("rule.change/1", body | {"approvals": []}, str(charter))
    admins = [each["id"] for each in body["parties"] if "admin" in each["roles"]]
    approvals = [approval(body, name, ring.signer(f"party-{name}"), origin) for name in admins]
    source = _first_source(body, charter)
    now = int(time.time() * 1000)
    writer = Source(source, ring.signer(f"source-{source}"), origin)
    entry = writer.event("rule.change/1", now, now, body | {"approvals": approvals})
    Rules(origin).admit(0, parse(entry, "charter"))
    with Log.create(log, origin, ring.signer("log")) as made:
        made.append([entry])
        made.publish()
    replace(keys / "policy", body["policy"].encode())
    return Begun(tuple(ring.made), keys / "policy", body["log_key"], leaf_hash(entry).hex())


class KeyRing:
    """The key files of a folder, each named after its holder: ``log``, ``source-ID``, ``party-ID``.

    Parameters
    ----------
    folder : the folder; made if it is not there.
    passphrase : of all files.
    """

    def __init__(self, folder: Path, passphrase: bytes) -> None:
        self.folder = folder
        self.passphrase = passphrase
        self.made: list[str] = []
        self._known: dict[str, SoftwareKey] = {}

    def signer(self, holder: str) -> SoftwareKey:
        """Return the key of a holder.

        Raises
        ------
        StoreError
            There is no file of it, or it cannot be read.
        """
        if holder not in self._known:
            self._known[holder] = SoftwareKey.read(self.folder / holder, self.passphrase)
        return self._known[holder]

    def has(self, holder: str) -> bool:
        """Tell whether the key of a holder is here."""
        return holder in self._known or (self.folder / holder).is_file()

    def forget(self, holder: str) -> None:
        """Read the key of a holder anew when it is asked for next: it was changed."""
        self._known.pop(holder, None)

    def made_or_found(self, holder: str) -> SoftwareKey:
        """Return the key of a holder, and make it if there is none."""
        if not (self.folder / holder).exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            key = SoftwareKey.generate()
            key.write(self.folder / holder, self.passphrase)
            self.made.append(holder)
            self._known[holder] = key
        return self.signer(holder)


def _read(path: Path) -> dict[str, Any]:
    try:
        told = tomllib.loads(read(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(path, "TOML", str(error)) from None
    _known_keys(path, "", told)
    for kind in ("party", "source", "witness"):
        rows = told.setdefault(kind, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise _bad(path, f"tables [[{kind}]]", repr(rows)[:80])
        for row in rows:
            _known_keys(path, kind, row)
            _check_values(path, kind, row)
    _check_values(path, "", {key: told[key] for key in told.keys() & FORMS.keys()})
    return told


def _check_values(path: Path, kind: str, table: Mapping[str, Any]) -> None:
    """Make sure that each value has the form of its key."""
    for key, value in table.items():
        form, good = FORMS[key]
        if not good(value):
            raise _bad(path, f"{kind + ': ' if kind else ''}{key}: {form}", repr(value)[:80])


def _known_keys(path: Path, kind: str, table: Mapping[str, Any]) -> None:
    if strange := table.keys() - TABLES[kind]:
        raise _bad(path, f"{kind or 'top'}: {', '.join(sorted(TABLES[kind]))}", min(strange))


def _body(told: Mapping[str, Any], ring: KeyRing, path: Path) -> dict[str, Any]:
    origin = str(_needed(told, "origin", path))
    check_name(origin)
    log_key = str(verifier_key(ring.made_or_found("log"), origin))
    return {
        "kind": "charter",
        "origin": origin,
        "log_key": log_key,
        "parties": [_keyed(row, "party", ring, path) for row in told["party"]],
        "sources": [_keyed(row, "source", ring, path) for row in told["source"]],
        "policy": _policy(told, log_key, path),
        "quorum": str(told.get("quorum", min(2, max(_administrators(told), 1)))),
        "lateness_ms": str(int(told.get("lateness_minutes", 60)) * 60_000),
    }


def _administrators(told: Mapping[str, Any]) -> int:
    return sum("admin" in row.get("roles", ()) for row in told["party"])


def _keyed(row: Mapping[str, Any], kind: str, ring: KeyRing, path: Path) -> dict[str, Any]:
    name = str(_needed(row, "id", path))
    found = {key: value for key, value in row.items() if key != "key"}
    key = row.get("key") or str(verifier_key(ring.made_or_found(f"{kind}-{name}"), name))
    return found | {"key": key}


def _policy(told: Mapping[str, Any], log_key: str, path: Path) -> str:
    lines = [f"log {log_key}"]
    names = []
    for row in told["witness"]:
        name, key = str(_needed(row, "name", path)), str(_needed(row, "key", path))
        names.append(name)
        lines.append(" ".join(["witness", name, key, *([row["url"]] if "url" in row else [])]))
    if names:
        need = told.get("witness_quorum", len(names) // 2 + 1)
        lines += [f"group witnesses {need} {' '.join(names)}", "quorum witnesses"]
    else:
        lines.append("quorum none")
    text = "".join(f"{line}\n" for line in lines)
    policies.parse(text, str(path))
    return text


def _first_source(body: Mapping[str, Any], path: Path) -> str:
    for source in body["sources"]:
        if "rule.change/1" in source["schemas"]:
            return str(source["id"])
    raise _bad(path, "a source that may write rule.change/1", "none")


def _needed(table: Mapping[str, Any], key: str, path: Path) -> Any:
    if key not in table:
        raise _bad(path, f"the key {key}", f"only {', '.join(sorted(table))}")
    return table[key]


def _bad(path: Path, expected: str, found: str) -> FormatError:
    return FormatError(
        f"charter {path}",
        expected=expected,
        found=found,
        mend="see docs/record.md for an example of such a file",
    )
