"""Who may write what: the charter of a log and what has changed since, entry by entry.

A rule holds for the entries after its own, by index, never by the time that an entry claims.

References
----------
.. [1] ``docs/record-format.md``, section 3.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from baseload.record import canonical, policy
from baseload.record.errors import RecordError
from baseload.record.events import Event
from baseload.record.keys import Signer
from baseload.record.note import ED25519, VerifierKey, ed25519_holds, parse_key
from baseload.record.source import message as event_message

ORDERS = frozenset({"fleet.setpoint/1", "plan.committed/1"})
NEEDED_ROLES = {"pool.payout/1": {"settle"}, "access/1": {"inspect", "admin"}}


class AuthorityError(RecordError):
    """An entry that its writer may not write."""


@dataclass(frozen=True)
class SourceRule:
    """Whose a source is, its key, and the types it may write."""

    owner: str
    key: VerifierKey
    schemas: frozenset[str]


class Rules:
    """The rules that hold for the next entry of a log.

    Parameters
    ----------
    origin : name of the log.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.roles: dict[str, frozenset[str]] = {}
        self.keys: dict[str, VerifierKey] = {}
        self.sources: dict[str, SourceRule] = {}
        self.log_key: VerifierKey | None = None
        self.revoked: set[str] = set()
        self.policy = ""
        self.quorum = 0
        self.lateness = 0
        self.site: Mapping[str, Any] | None = None
        self.used: set[bytes] = set()
        """Changes, and orders signed by who gave them, that were made: a signature counts once."""

    def admit(self, index: int, event: Event) -> None:
        """Make sure that an entry may stand at an index, and apply it if it changes the rules.

        Raises
        ------
        AuthorityError
            It may not.
        """
        if index:
            self._admit(event, f"entry {index}")
            if event.schema == "rule.change/1":
                self._change(event.body, f"entry {index}")
            return
        begun = Rules(self.origin)
        begun._charter(event, "entry 0")
        begun._admit(event, "entry 0")
        vars(self).update(vars(begun))  # all of the charter, or nothing of it

    def _admit(self, event: Event, where: str) -> None:
        rule = self.sources.get(event.source)
        if rule is None:
            raise _refused(where, "a source that the charter names", event.source)
        if event.schema not in rule.schemas:
            raise _refused(where, f"one of {', '.join(sorted(rule.schemas))}", event.schema)
        if str(rule.key) in self.revoked:
            raise _refused(where, f"a key of {event.source} that is not revoked", str(rule.key))
        if event.signature is not None:
            message = event_message(self.origin, event.unsigned())
            if not ed25519_holds(rule.key.public, event.signature, message):
                raise _refused(where, f"a signature by {rule.key}", "none that holds")
        if event.schema in ORDERS:
            self._order(event, rule, where)
        self._role(event, rule, where)

    def _order(self, event: Event, rule: SourceRule, where: str) -> None:
        party = event.body["ordered_by"]
        if "operate" not in self.roles.get(party, ()):
            raise _refused(where, "an order of a party with the role operate", party)
        body = {key: value for key, value in event.body.items() if key != "order_sig"}
        if party == rule.owner:
            return
        if not self._signed(party, "order", body, event.body.get("order_sig", "")):
            raise _refused(where, f"an order_sig of {party}", "none that holds")
        self.used.add(self._new("order", body, where))

    def _new(self, kind: str, body: Mapping[str, Any], where: str) -> bytes:
        """Return the digest of what was signed; whoever has seen it could bring it again."""
        digest = sha256(signed_message(kind, self.origin, body)).digest()
        if digest in self.used:
            expected = "one that was not made before; another `reason` tells it from the last"
            raise _refused(where, expected, "the same again")
        return digest

    def _role(self, event: Event, rule: SourceRule, where: str) -> None:
        settles = event.schema == "statement/1" and event.body["kind"] == "settlement"
        needed = {"settle"} if settles else NEEDED_ROLES.get(event.schema)
        if needed and not needed & self.roles.get(rule.owner, frozenset()):
            raise _refused(
                where,
                f"a source of a party with the role {' or '.join(sorted(needed))}",
                rule.owner,
            )

    def _charter(self, event: Event, where: str) -> None:
        body = event.body
        if event.schema != "rule.change/1" or body["kind"] != "charter":
            raise _refused(where, "the charter", event.schema)
        if body["origin"] != self.origin:
            raise _refused(where, f"origin {self.origin}", body["origin"])
        for party in body["parties"]:
            if party["id"] in self.roles:
                raise _refused(where, "each party once", party["id"])
            self._party(party, where)
        for source in body["sources"]:
            if source["id"] in self.sources:
                raise _refused(where, "each source once", source["id"])
            self._source(source, where)
        self.log_key = _named_key(body["log_key"], self.origin, where)
        policy.parse(body["policy"], f"{where}.policy")
        self.policy = body["policy"]
        self.quorum, self.lateness = int(body["quorum"]), int(body["lateness_ms"])
        admins = {party for party, roles in self.roles.items() if "admin" in roles}
        if not min(2, max(len(admins), 1)) <= self.quorum <= len(admins):
            expected = "a quorum of two or more administrators, and of no more than there are"
            raise _refused(where, expected, f"{self.quorum} of {len(admins)}")
        if missing := admins - self._approving(body):
            raise _refused(where, f"the approval of {', '.join(sorted(missing))}", "none")

    def _party(self, party: Mapping[str, Any], where: str) -> None:
        name = party["id"]
        key = _named_key(party["key"], name, where)
        self._own_key(name, key, where)
        _check_same_key(self.keys.get(name), key, where)
        admins = {each for each, roles in self.roles.items() if "admin" in roles and each != name}
        if name in self.roles and len(admins) + ("admin" in party["roles"]) < self.quorum:
            raise _refused(where, f"{self.quorum} administrators after it", f"{len(admins)}")
        self.keys[name], self.roles[name] = key, frozenset(party["roles"])

    def _own_key(self, party: str, key: VerifierKey, where: str) -> None:
        """Make sure that no two parties have one key: it would approve for both."""
        same = [each for each, one in self.keys.items() if one.public == key.public]
        if same and same != [party]:
            raise _refused(where, f"a key of {party} alone", f"that of {same[0]}")

    @property
    def needed(self) -> int:
        """How many administrators must approve a change: two at least, where there are two."""
        admins = sum("admin" in roles for roles in self.roles.values())
        return max(self.quorum, min(2, admins))

    def _source(self, source: Mapping[str, Any], where: str) -> None:
        if source["owner"] not in self.roles:
            raise _refused(where, "an owner that is a party", source["owner"])
        key = _named_key(source["key"], source["id"], where)
        current = self.sources.get(source["id"])
        _check_same_key(None if current is None else current.key, key, where)
        rule = SourceRule(source["owner"], key, frozenset(source["schemas"]))
        self.sources[source["id"]] = rule

    def _change(self, body: Mapping[str, Any], where: str) -> None:
        approving = self._approving(body)
        if len(approving) < self.needed:
            found = ", ".join(sorted(approving)) or "none"
            raise _refused(where, f"the approval of {self.needed} administrators", found)
        told = {key: value for key, value in body.items() if key != "approvals"}
        digest = self._new("approval", told, where)
        self._apply(body, where)
        self.used.add(digest)

    def _apply(self, body: Mapping[str, Any], where: str) -> None:
        kind = body["kind"]
        if kind == "charter":
            raise _refused(where, "one charter", "another")
        if kind == "party":
            self._party(body["party"], where)
        elif kind == "source":
            self._source(body["source"], where)
        elif kind == "key":
            self._new_key(body, where)
        elif kind == "revocation":
            self._current(body["holder"], where)
            # Read, since a key that was mistyped would stay in force without a word.
            key = parse_key(body["key"])
            if key.name != self._name_of(body["holder"]):
                raise _refused(where, f"a key of {body['holder']}", body["key"][:100])
            self.revoked.add(str(key))
        elif kind == "policy":
            policy.parse(body["policy"], f"{where}.policy")
            self.policy = body["policy"]
        elif kind == "site":
            self.site = body["site"]

    def _new_key(self, body: Mapping[str, Any], where: str) -> None:
        new = parse_key(body["new"])
        told = {key: body[key] for key in ("holder", "new", "old")}
        message = signed_message("key", self.origin, told)
        if not ed25519_holds(new.public, _base64(body["new_sig"]), message):
            raise _refused(where, "a signature of the new key", "none that holds")
        current = self._current(body["holder"], where)
        if body["old"]:
            old = parse_key(body["old"])
            if (current is not None and old != current) or body["old"] in self.revoked:
                raise _refused(where, f"the key in force, {current}", body["old"])
            if not ed25519_holds(old.public, _base64(body["old_sig"]), message):
                raise _refused(where, "a signature of the old key", "none that holds")
        elif str(current) not in self.revoked:
            raise _refused(where, "an old key, or one that was revoked", "none")
        self._hand_over(body["holder"], new, where)

    def _name_of(self, holder: str) -> str:
        kind, _, name = holder.partition(":")
        return self.origin if kind == "log" else name

    def _current(self, holder: str, where: str) -> VerifierKey | None:
        kind, _, name = holder.partition(":")
        if kind == "party" and name in self.keys:
            return self.keys[name]
        if kind == "source" and name in self.sources:
            return self.sources[name].key
        if kind == "log":
            return self.log_key
        if kind == "witness":
            return None
        raise _refused(where, "party:ID, source:ID, log: or witness:NAME", holder)

    def _hand_over(self, holder: str, new: VerifierKey, where: str) -> None:
        kind, _, name = holder.partition(":")
        if kind == "party":
            self._own_key(name, new, where)
            self.keys[name] = _named_key(str(new), name, where)
        elif kind == "source":
            rule = self.sources[name]
            key = _named_key(str(new), name, where)
            self.sources[name] = SourceRule(rule.owner, key, rule.schemas)
        elif kind == "log":
            self.log_key = _named_key(str(new), self.origin, where)

    def _approving(self, body: Mapping[str, Any]) -> set[str]:
        rest = {key: value for key, value in body.items() if key != "approvals"}
        return {
            each["party"]
            for each in body["approvals"]
            if "admin" in self.roles.get(each["party"], ())
            and self._signed(each["party"], "approval", rest, each["sig"])
        }

    def _signed(self, party: str, kind: str, body: Mapping[str, Any], signature: str) -> bool:
        key = self.keys.get(party)
        if key is None or str(key) in self.revoked:
            return False
        message = signed_message(kind, self.origin, body)
        return ed25519_holds(key.public, _base64(signature), message)


def signed_message(kind: str, origin: str, body: Mapping[str, Any]) -> bytes:
    """Return what a party signs under a body: ``approval``, ``order`` or ``key``."""
    return f"baseload/{kind}/v1\n{origin}\n".encode() + canonical.encode(dict(body), kind)


def approval(body: Mapping[str, Any], party: str, signer: Signer, origin: str) -> dict[str, str]:
    """Return the approval of a party for a change of rules without approvals."""
    signature = signer.sign(signed_message("approval", origin, body))
    return {"party": party, "sig": base64.b64encode(signature).decode()}


def key_change(
    holder: str, old: VerifierKey, new: VerifierKey, signers: tuple[Signer, Signer], origin: str
) -> dict[str, str]:
    """Return the body, without approvals, of a change of keys signed by both.

    Parameters
    ----------
    holder : ``party:ID``, ``source:ID``, ``log:`` or ``witness:NAME``.
    old, new : verifier keys.
    signers : the two keys.
    origin : name of the log.
    """
    told = {"holder": holder, "old": str(old), "new": str(new)}
    message = signed_message("key", origin, told)
    first, second = (base64.b64encode(signer.sign(message)).decode() for signer in signers)
    return {"kind": "key", **told, "old_sig": first, "new_sig": second}


def _check_same_key(current: VerifierKey | None, told: VerifierKey, where: str) -> None:
    """Make sure that a new version of a party or source keeps its key."""
    if current is not None and told != current:
        expected = f"the key in force, {current}, which a change of keys alone replaces"
        raise _refused(where, expected, str(told))


def _named_key(text: str, name: str, where: str) -> VerifierKey:
    key = parse_key(text)
    if key.name != name or key.algorithm != ED25519:
        raise _refused(where, f"an Ed25519 key named {name}", str(key)[:100])
    return key


def _base64(text: str) -> bytes:
    """Return the bytes of base64, or none if it is not their one form."""
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return found if base64.b64encode(found).decode() == text else b""


def _refused(where: str, expected: str, found: str) -> AuthorityError:
    return AuthorityError(
        where,
        expected=expected,
        found=found,
        mend="have it written, signed or approved by who may; see docs/record-format.md, 3",
    )
