"""Who may write what: the rules of a log, entry by entry."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from baseload.verify.canonicaltext import write_canonical
from baseload.verify.findings import FAILED, Finding, Refused
from baseload.verify.notes import ALG_ED25519, Key, ed25519_verifies, read_key, read_policy, str_key
from baseload.verify.scanning import event_message

ORDER_SCHEMAS = ("fleet.setpoint/1", "plan.committed/1")


@dataclass
class Writer:
    """A source: whose it is, its key, and the types it may write."""

    owner: str
    key: Key
    schemas: frozenset[str]


@dataclass
class RuleBook:
    """The rules that hold for the next entry.

    Parameters
    ----------
    origin : name of the log.
    log_keys : keys of the log, the one in force last.
    used : digests of changes and of signed orders that were made: a signature counts once.
    handed_over : of each of them but the last, whether it signed for the next one.
    """

    origin: str
    parties: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    party_keys: dict[str, Key] = field(default_factory=dict)
    writers: dict[str, Writer] = field(default_factory=dict)
    log_keys: list[Key] = field(default_factory=list)
    handed_over: list[bool] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    quorum: int = 1
    lateness: int = 0
    policy: str = ""
    site: Mapping[str, Any] | None = None
    begun: bool = False
    used: set[bytes] = field(default_factory=set)

    def admit(self, index: int, event: Mapping[str, Any], data: bytes) -> Iterator[Finding]:
        """Check an entry against the rules, apply it if it changes them, and give what is wrong.

        Parameters
        ----------
        index : index of the entry.
        event : the entry as it was read.
        data : its bytes.
        """
        schema, body = event["schema"], event["body"]
        if not self.begun:
            yield from self._begin(index, event)
            if not self.begun:
                return
        writer = self.writers.get(event["source"])
        if writer is None:
            yield _wrong("authority.source", index, event, "a source of the charter", "none such")
            return
        if schema not in writer.schemas:
            allowed = ", ".join(sorted(writer.schemas))
            yield _wrong("authority.schema", index, event, f"one of {allowed}", schema)
        if "sig" in event and not self._signed(event, data, writer):
            yield _wrong(
                "source.signature", index, event, f"a signature by {writer.key.name}", "another"
            )
        if schema in ORDER_SCHEMAS:
            yield from self._order(index, event, writer)
        elif schema in _ROLES:
            yield from self._role(index, event, writer)
        elif schema == "rule.change/1" and index:
            yield from self._change(index, event, body)

    def owner_of(self, source: str) -> str | None:
        """Return the party that a source belongs to."""
        writer = self.writers.get(source)
        return None if writer is None else writer.owner

    def _signed(self, event: Mapping[str, Any], data: bytes, writer: Writer) -> bool:
        if str_key(writer.key) in self.revoked:
            return False
        signature = event["sig"]
        message = event_message(self.origin, data, signature)
        return ed25519_verifies(writer.key.public, base64.b64decode(signature), message)

    def _order(self, index: int, event: Mapping[str, Any], writer: Writer) -> Iterator[Finding]:
        body = event["body"]
        name = body["ordered_by"]
        party = self.parties.get(name)
        if party is None or "operate" not in party["roles"]:
            roles = "no party" if party is None else ", ".join(party["roles"])
            yield _wrong("authority.order", index, event, f"{name} with the role operate", roles)
            return
        if name == writer.owner:
            return
        rest = {key: value for key, value in body.items() if key != "order_sig"}
        if not self._party_signed(name, body.get("order_sig"), "order", rest):
            yield _wrong(
                "authority.order", index, event, f"an order signed by {name}", "one it did not sign"
            )
            return
        digest = self._digest("order", rest)
        if digest in self.used:
            yield _wrong("authority.order", index, event, _ONCE, "the same again")
        self.used.add(digest)

    def _role(self, index: int, event: Mapping[str, Any], writer: Writer) -> Iterator[Finding]:
        schema, body = event["schema"], event["body"]
        if schema == "statement/1" and body["kind"] != "settlement":
            return
        needed = _ROLES[schema]
        roles = self.parties.get(writer.owner, {}).get("roles", ())
        if not set(needed) & set(roles):
            yield _wrong(
                "authority.role",
                index,
                event,
                f"a source of a party with the role {' or '.join(needed)}",
                f"{writer.owner}: {', '.join(roles) or 'none'}",
            )

    def _begin(self, index: int, event: Mapping[str, Any]) -> Iterator[Finding]:
        body = event["body"]
        if event["schema"] != "rule.change/1" or body["kind"] != "charter":
            yield _wrong("authority.approvals", index, event, "the charter first", event["schema"])
            return
        if body["origin"] != self.origin:
            yield _wrong("authority.approvals", index, event, self.origin, body["origin"])
        try:
            self._take_charter(body)
        except Refused as refused:
            yield _wrong("authority.approvals", index, event, refused.expected, refused.found)
            return
        self.begun = True
        admins = {name for name, party in self.parties.items() if "admin" in party["roles"]}
        missing = admins - self._approving(body)
        if missing or not admins:
            yield _wrong(
                "authority.approvals",
                index,
                event,
                f"approval by {', '.join(sorted(missing)) or 'an administrator'}",
                "none that holds",
            )

    def _take_charter(self, body: Mapping[str, Any]) -> None:
        for party in body["parties"]:
            if party["id"] in self.parties:
                raise Refused("each party once", party["id"])
            self._take_party(party)
        for source in body["sources"]:
            if source["id"] in self.writers:
                raise Refused("each source once", source["id"])
            self._take_source(source)
        self.log_keys.append(_key_named(body["log_key"], self.origin))
        read_policy(body["policy"])
        self.policy = body["policy"]
        self.quorum = int(body["quorum"])
        self.lateness = int(body["lateness_ms"])
        admins = sum(map(self._is_admin, self.parties))
        if not min(2, max(admins, 1)) <= self.quorum <= admins:
            expected = "a quorum of two or more administrators, and of no more than there are"
            raise Refused(expected, f"{self.quorum} of {admins}")

    def _take_party(self, party: Mapping[str, Any]) -> None:
        name = party["id"]
        key = _key_named(party["key"], name)
        self._own_key(name, key)
        if self.begun and name in self.parties:
            _keep_key(self.party_keys[name], key)
            admins = [each for each in self.parties if self._is_admin(each) and each != name]
            if len(admins) + ("admin" in party["roles"]) < self.quorum:
                raise Refused(f"{self.quorum} administrators after it", f"{len(admins)}")
        self.party_keys[name] = key
        self.parties[name] = party

    def _take_source(self, source: Mapping[str, Any]) -> None:
        if source["owner"] not in self.parties:
            raise Refused("an owner that is a party", source["owner"])
        key = _key_named(source["key"], source["id"])
        if source["id"] in self.writers:
            _keep_key(self.writers[source["id"]].key, key)
        self.writers[source["id"]] = Writer(source["owner"], key, frozenset(source["schemas"]))

    def _change(
        self, index: int, event: Mapping[str, Any], body: Mapping[str, Any]
    ) -> Iterator[Finding]:
        approving = self._approving(body)
        needed = max(self.quorum, min(2, sum(map(self._is_admin, self.parties))))
        if len(approving) < needed:
            yield _wrong(
                "authority.approvals",
                index,
                event,
                f"approval by {needed} administrators",
                ", ".join(sorted(approving)) or "none that holds",
            )
            return
        digest = self._digest("approval", {k: v for k, v in body.items() if k != "approvals"})
        if digest in self.used:
            yield _wrong("authority.approvals", index, event, _ONCE, "the same again")
            return
        try:
            self._apply(body)
            self.used.add(digest)
        except Refused as refused:
            code = (
                "authority.key" if body["kind"] in ("key", "revocation") else "authority.approvals"
            )
            yield _wrong(code, index, event, refused.expected, refused.found)

    def _digest(self, kind: str, body: Any) -> bytes:
        """Return what tells a thing that was signed: whoever has seen it could bring it again."""
        return sha256(_signed_text(kind, self.origin, body)).digest()

    def _apply(self, body: Mapping[str, Any]) -> None:
        kind = body["kind"]
        if kind == "party":
            self._take_party(body["party"])
        elif kind == "source":
            self._take_source(body["source"])
        elif kind == "key":
            self._turn_key(body)
        elif kind == "revocation":
            self._check_holder(body["holder"])
            kind, _, name = body["holder"].partition(":")
            key = read_key(body["key"])
            if key.name != (self.origin if kind == "log" else name):
                raise Refused(f"a key of {body['holder']}", body["key"][:80])
            self.revoked.add(str_key(key))
        elif kind == "policy":
            read_policy(body["policy"])
            self.policy = body["policy"]
        elif kind == "site":
            self.site = body["site"]
        elif kind == "charter":
            raise Refused("one charter, the first entry", "another")

    def _turn_key(self, body: Mapping[str, Any]) -> None:
        holder, _, name = body["holder"].partition(":")
        new = read_key(body["new"])
        message = _signed_text(
            "key", self.origin, {key: body[key] for key in ("holder", "new", "old")}
        )
        if not ed25519_verifies(new.public, _signature_in(body["new_sig"]), message):
            raise Refused("a signature by the new key", "none that holds")
        if body["old"]:
            old = read_key(body["old"])
            if body["old"] in self.revoked:
                raise Refused("an old key that is not revoked", body["old"])
            if not ed25519_verifies(old.public, _signature_in(body["old_sig"]), message):
                raise Refused("a signature by the old key", "none that holds")
        self._replace(holder, name, body["old"], new)

    def _check_holder(self, holder: str) -> None:
        kind, _, name = holder.partition(":")
        known: dict[str, Mapping[str, Any]] = {"party": self.parties, "source": self.writers}
        if kind not in ("log", "witness") and name not in known.get(kind, ()):
            raise Refused("party:ID, source:ID, log: or witness:NAME", holder)

    def _replace(self, holder: str, name: str, old: str, new: Key) -> None:
        if holder == "party" and name in self.parties:
            self._same_key(old, self.party_keys[name])
            self._own_key(name, new)
            self.party_keys[name] = _key_named(str_key(new), name)
        elif holder == "source" and name in self.writers:
            self._same_key(old, self.writers[name].key)
            self.writers[name].key = _key_named(str_key(new), name)
        elif holder == "log":
            self._same_key(old, self.log_keys[-1])
            self.log_keys.append(_key_named(str_key(new), self.origin))
            self.handed_over.append(bool(old))
        elif holder != "witness":
            raise Refused("party:ID, source:ID, log: or witness:NAME", f"{holder}:{name}")
        elif not old:
            raise Refused("the old key of a witness, which signs too", "none")

    def _same_key(self, old: str, current: Key) -> None:
        if old and old != str_key(current):
            raise Refused(f"the key in force, {str_key(current)}", old)
        if not old and str_key(current) not in self.revoked:
            raise Refused("a key that was revoked before it goes without signing", str_key(current))

    def _approving(self, body: Mapping[str, Any]) -> set[str]:
        rest = {key: value for key, value in body.items() if key != "approvals"}
        return {
            one["party"]
            for one in body["approvals"]
            if self._is_admin(one["party"])
            and self._party_signed(one["party"], one["sig"], "approval", rest)
        }

    def _own_key(self, party: str, key: Key) -> None:
        """Make sure that no two parties have one key: it would approve for both."""
        same = [each for each, one in self.party_keys.items() if one.public == key.public]
        if same and same != [party]:
            raise Refused(f"a key of {party} alone", f"that of {same[0]}")

    def _is_admin(self, name: str) -> bool:
        return "admin" in self.parties.get(name, {}).get("roles", ())

    def _party_signed(self, name: str, signature: Any, kind: str, body: Any) -> bool:
        key = self.party_keys.get(name)
        if key is None or not isinstance(signature, str) or str_key(key) in self.revoked:
            return False
        message = _signed_text(kind, self.origin, body)
        try:
            return ed25519_verifies(key.public, _signature_in(signature), message)
        except Refused:
            return False


_ONCE = "one that was not made before"
_ROLES: Mapping[str, tuple[str, ...]] = {
    "statement/1": ("settle",),
    "pool.payout/1": ("settle",),
    "access/1": ("inspect", "admin"),
}


def _keep_key(current: Key, told: Key) -> None:
    if told != current:
        expected = f"the key in force, {str_key(current)}, which a change of keys alone replaces"
        raise Refused(expected, str_key(told))


def _key_named(text: str, name: str) -> Key:
    key = read_key(text)
    if key.name != name or key.algorithm != ALG_ED25519:
        raise Refused(f"an Ed25519 key of the name {name}", text[:80])
    return key


def _signature_in(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("a signature in base64", text[:80]) from None


def _signed_text(kind: str, origin: str, body: Any) -> bytes:
    return f"baseload/{kind}/v1\n{origin}\n".encode() + write_canonical(body)


_MEANINGS = {
    "authority.source": "An entry was written by a source that nobody has admitted.",
    "authority.schema": "A source wrote a kind of entry that it may not write.",
    "authority.order": "An order was given without the authority to give it.",
    "authority.role": "An entry was written for a party that has not the role for it.",
    "authority.approvals": "The rules were changed without the approvals that this needs.",
    "authority.key": "A key was changed in a way that the rules do not allow.",
    "source.signature": "An entry carries a signature that its source did not make.",
}


def _wrong(code: str, index: int, event: Mapping[str, Any], expected: str, found: str) -> Finding:
    return Finding(
        code, FAILED, _MEANINGS[code], expected, found, index=index, source=event["source"]
    )
