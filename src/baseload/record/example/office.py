"""Keys, sources and signatures of the example: all made from the seed, so that bytes repeat."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from baseload.record import canonical
from baseload.record.example import scene
from baseload.record.example.drafts import Draft
from baseload.record.example.streams import digest
from baseload.record.keys import SoftwareKey
from baseload.record.merkle import leaf_hash
from baseload.record.note import COSIGNATURE, ED25519, VerifierKey
from baseload.record.source import Source

ORDERS = ("fleet.setpoint/1", "plan.committed/1")


class Writers:
    """All who sign something in the example.

    Parameters
    ----------
    seed : seed that the keys are made from.
    blobs : folder for what entries name by hash.
    origin : name of the log.
    """

    def __init__(self, seed: int, blobs: Path, origin: str = scene.ORIGIN) -> None:
        self.seed = seed
        self.origin = origin
        self.blobs = blobs
        self.checkpoint = {"size": "0", "root": ""}
        self.sources = {
            name: Source(name, self.key(f"source:{name}"), origin) for name in scene.SOURCES
        }
        self.current = {name: f"source:{name}" for name in scene.SOURCES}
        self._leaves: dict[str, str] = {}
        self._lost: dict[str, tuple[int, int]] = {}
        self._rotated: str | None = None

    def key(self, holder: str) -> SoftwareKey:
        """Return the key of a holder, as ``party:plant``."""
        return SoftwareKey.from_seed(digest(self.seed, f"key {holder}"))

    def private(self, holder: str) -> Ed25519PrivateKey:
        """Return the same key as the library holds it."""
        return Ed25519PrivateKey.from_private_bytes(digest(self.seed, f"key {holder}"))

    def verifier(self, holder: str, name: str, algorithm: int = ED25519) -> str:
        """Return a holder's verifier key under a name."""
        return str(VerifierKey(name, algorithm, self.key(holder).public))

    def log_key(self) -> str:
        """Return the verifier key of the log."""
        return self.verifier("log", self.origin)

    def policy(self) -> str:
        """Return the policy: the log, three witnesses, two of them needed."""
        lines = [f"log {self.log_key()}"]
        for name in scene.WITNESSES:
            lines.append(f"witness {name} {self.verifier(f'witness:{name}', name, COSIGNATURE)}")
        lines.append(f"group parties {scene.WITNESS_QUORUM} {' '.join(scene.WITNESSES)}")
        lines.append("quorum parties")
        return "".join(f"{line}\n" for line in lines)

    def entry(self, draft: Draft) -> bytes:
        """Sign a draft as its source, and return the bytes of the entry."""
        body = draft.body if isinstance(draft.body, dict) else draft.body(self)
        if draft.schema in ORDERS:
            body = self._ordered(draft.source, body)
        source = self.sources[draft.source]
        number = source.seq
        data = source.event(
            draft.schema, draft.t0, draft.t1, body, clock=draft.clock, sign=draft.signed or None
        )
        if draft.name:
            self._leaves[draft.name] = leaf_hash(data).hex()
        if draft.lost:
            first, _ = self._lost.get(draft.source, (number, number))
            self._lost[draft.source] = (first, number)
        self._turn_key()
        return data

    def charter(self) -> Draft:
        """Return entry 0."""
        parties = [
            {
                "id": name,
                "name": title,
                "roles": list(roles),
                "key": self.verifier(f"party:{name}", name),
            }
            for name, (title, roles) in scene.PARTIES.items()
        ]
        sources = [
            {
                "id": name,
                "owner": owner,
                "key": self.verifier(f"source:{name}", name),
                "schemas": list(schemas),
            }
            for name, (owner, schemas) in scene.SOURCES.items()
        ]
        body = {
            "kind": "charter",
            "origin": self.origin,
            "log_key": self.log_key(),
            "parties": parties,
            "sources": sources,
            "policy": self.policy(),
            "quorum": str(scene.QUORUM),
            "lateness_ms": str(scene.LATENESS),
        }
        admins = [name for name, (_, roles) in scene.PARTIES.items() if "admin" in roles]
        return self._rules(self.approved(body, admins))

    def founding(self) -> list[Draft]:
        """Return the first entries of the log: charter, site, agreement, and what it all is."""
        text = f"{scene.SYNTHETIC}\nThe parties share what the mine earns.\n".encode()

        def agreement(office: Any) -> dict[str, Any]:
            blob = office.blob(text, "text/plain")
            return self.approved(
                {"kind": "agreement", "title": "Agreement (synthetic)", "blob": blob}
            )

        notice = {"kind": "notice", "text": scene.SYNTHETIC}
        return [
            self.charter(),
            self._rules(self.approved({"kind": "site", "site": scene.site()})),
            Draft("plant.desk", "rule.change/1", scene.START, scene.START, agreement, True),
            Draft("plant.desk", "statement/1", scene.START, scene.START, notice, True),
        ]

    def approved(
        self, body: dict[str, Any], by: Iterable[str] = ("plant", "inspector")
    ) -> dict[str, Any]:
        """Return the body of a change of rules with approvals."""
        message = self.message("approval", body)
        approvals = [
            {"party": name, "sig": _text(self.key(f"party:{name}").sign(message))} for name in by
        ]
        return body | {"approvals": approvals}

    def message(self, kind: str, body: Mapping[str, Any]) -> bytes:
        """Return what a signature over a body signs."""
        head = f"baseload/{kind}/v1\n{self.origin}\n".encode()
        return head + canonical.encode(dict(body))

    def leaf(self, name: str) -> str:
        """Return the leaf hash of the entry that was written under a name."""
        return self._leaves[name]

    def lost(self, source: str) -> tuple[int, int]:
        """Return the first and last number of a source's entries that were lost."""
        return self._lost[source]

    def blob(self, data: bytes, media: str) -> dict[str, str]:
        """Keep bytes beside the log, and return how an entry names them."""
        name = sha256(data).hexdigest()
        self.blobs.mkdir(parents=True, exist_ok=True)
        (self.blobs / name).write_bytes(data)
        return {"sha256": name, "size": str(len(data)), "media": media}

    def inputs(self) -> dict[str, str]:
        """Return size and root of the newest checkpoint."""
        return dict(self.checkpoint)

    def change(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Return the body of a change of rules: the next key of a source, signed by both."""
        name = fields["source"]
        old = self.current[name]
        new = f"{old}'"
        body = {
            "holder": f"source:{name}",
            "new": self.verifier(new, name),
            "old": self.verifier(old, name),
        }
        message = self.message("key", body)
        body["old_sig"] = _text(self.key(old).sign(message))
        body["new_sig"] = _text(self.key(new).sign(message))
        self.current[name] = new
        self._rotated = name
        return self.approved({"kind": kind} | body)

    def order_signature(self, body: dict[str, Any], party: str) -> str:
        """Return the signature of a party under an order."""
        return _text(self.key(f"party:{party}").sign(self.message("order", body)))

    def _ordered(self, source: str, body: dict[str, Any]) -> dict[str, Any]:
        owner, party = scene.SOURCES[source][0], body["ordered_by"]
        if party == owner or "order_sig" in body or party not in scene.PARTIES:
            return body
        return body | {"order_sig": self.order_signature(body, party)}

    def _turn_key(self) -> None:
        """Let a source whose key was changed go on with the new one."""
        if self._rotated is not None:
            old = self.sources[self._rotated]
            key = self.key(self.current[self._rotated])
            self.sources[self._rotated] = Source(old.id, key, self.origin, old.seq, old.prev)
            self._rotated = None

    def _rules(self, body: dict[str, Any]) -> Draft:
        return Draft("plant.desk", "rule.change/1", scene.START, scene.START, body, True)


def _text(signature: bytes) -> str:
    return base64.b64encode(signature).decode()
