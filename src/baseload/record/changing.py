"""Changes of the rules: drafted by one, approved by several, each with a key of its own.

A draft is a JSON file with the origin of the log, the change, and the approvals that were given. It
goes from one administrator to the next; what they sign is the change and the origin, so that an
approval is of no use for any other change or log. Enough approvals are asked for by the rules when
it is appended, and by every inspector.
"""

from __future__ import annotations

import base64
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from baseload.record import canonical
from baseload.record import writing as files
from baseload.record.blobs import keep
from baseload.record.errors import FormatError
from baseload.record.events import check_body
from baseload.record.keys import Signer, verifier_key
from baseload.record.note import check_name, parse_key
from baseload.record.rules import approval, key_change, signed_message

SCHEMA = "rule.change/1"
FORM = "baseload/change/1"


@dataclass(frozen=True)
class Draft:
    """A change that is not in the log yet.

    Parameters
    ----------
    origin : name of the log.
    body : what is to change, without approvals.
    approvals : those given so far.
    """

    origin: str
    body: Mapping[str, Any]
    approvals: tuple[Mapping[str, str], ...] = ()

    def whole(self) -> dict[str, Any]:
        """Return the body of the event."""
        return {**self.body, "approvals": [dict(one) for one in self.approvals]}

    def approved(self, party: str, signer: Signer) -> Draft:
        """Return it with the approval of a party, in place of an earlier one."""
        rest = tuple(one for one in self.approvals if one["party"] != party)
        return replace(self, approvals=(*rest, approval(self.body, party, signer, self.origin)))

    def text(self) -> str:
        """Return it as it is written to a file, for people to read before they sign."""
        told = {"form": FORM, "origin": self.origin, "body": self.whole()}
        return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def drafted(origin: str, body: Mapping[str, Any]) -> Draft:
    """Return a draft of a change, in its one form.

    Raises
    ------
    FormatError
        It is no change that the rules know.
    """
    check_name(origin)
    check_body(SCHEMA, {**body, "approvals": []}, "change")
    return Draft(origin, body)


def new_key(origin: str, holder: str, old: Signer, new: Signer) -> Draft:
    """Return a draft by which a key takes the place of another, signed by both.

    Parameters
    ----------
    origin : name of the log.
    holder : ``party:ID``, ``source:ID``, ``log:`` or ``witness:NAME``.
    old : the key in force.
    new : the new key.
    """
    name = _key_name(origin, holder)
    witness = holder.startswith("witness:")
    keys = [verifier_key(one, name, witness=witness) for one in (old, new)]
    return drafted(origin, key_change(holder, keys[0], keys[1], (old, new), origin))


def replaced_key(origin: str, holder: str, new: Signer) -> Draft:
    """Return a draft by which a key takes the place of one that was revoked before.

    Parameters
    ----------
    origin, holder : see :func:`new_key`.
    new : the new key.
    """
    key = verifier_key(new, _key_name(origin, holder), witness=holder.startswith("witness:"))
    told = {"holder": holder, "old": "", "new": str(key)}
    signature = new.sign(signed_message("key", origin, told))
    new_sig = base64.b64encode(signature).decode()
    return drafted(origin, {"kind": "key", **told, "old_sig": "", "new_sig": new_sig})


def revoked(origin: str, holder: str, key: str) -> Draft:
    """Return a draft by which a key is trusted no more."""
    _key_name(origin, holder)
    return drafted(origin, {"kind": "revocation", "holder": holder, "key": str(parse_key(key))})


def read_table(path: Path) -> dict[str, Any]:
    """Return a table from a TOML or JSON file, its integers as text as events have them.

    Raises
    ------
    FormatError
        It is neither, or holds what an event cannot.
    """
    text = files.read(path)
    try:
        told = json.loads(text) if path.suffix == ".json" else tomllib.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise _bad(path, "TOML, or JSON in a file named .json", str(error)) from None
    found = _as_text(told)
    if not isinstance(found, dict):
        raise _bad(path, "a table", type(told).__name__)
    return found


def read_draft(path: Path) -> Draft:
    """Read a draft.

    Raises
    ------
    FormatError
        It is none.
    """
    try:
        told = json.loads(files.read(path))
    except (ValueError, RecursionError) as error:
        raise _bad(path, "JSON", str(error)) from None
    if not isinstance(told, dict) or told.get("form") != FORM:
        raise _bad(path, f"a draft of the form {FORM}", "something else")
    body = told.get("body")
    if not isinstance(told.get("origin"), str) or not isinstance(body, dict):
        raise _bad(path, "form, origin and body", ", ".join(sorted(told)))
    check_body(SCHEMA, body, str(path))
    canonical.encode(body, str(path))
    rest = {key: value for key, value in body.items() if key != "approvals"}
    return Draft(told["origin"], rest, tuple(body["approvals"]))


def agreement(log: Path, origin: str, title: str, data: bytes, media: str) -> Draft:
    """Return a draft of an agreement, whose text is kept beside the log."""
    body = {"kind": "agreement", "title": title, "blob": keep(log, data, media)}
    return drafted(origin, body)


def check_origin(draft: Draft, origin: str, path: Path) -> None:
    """Make sure that a draft is for a log.

    Raises
    ------
    FormatError
        It is for another one.
    """
    if draft.origin != origin:
        raise _bad(path, f"a draft for {origin}", draft.origin)


def _key_name(origin: str, holder: str) -> str:
    kind, _, name = holder.partition(":")
    if kind == "log" and not name:
        return origin
    if kind in ("party", "source", "witness") and name:
        return name
    raise FormatError(
        f"--holder {holder}",
        expected="party:ID, source:ID, log: or witness:NAME",
        found=holder,
        mend="say whose key it is",
    )


def _as_text(value: Any) -> Any:
    """Return a value with its integers as text; a real number stays, and is refused."""
    if isinstance(value, dict):
        return {key: _as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _bad(path: Path, expected: str, found: str) -> FormatError:
    return FormatError(
        f"change {path}",
        expected=expected,
        found=found,
        mend="see docs/record.md, under changing the rules",
    )
