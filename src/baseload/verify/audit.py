"""The whole audit of a kit: one pass over its entries, everything derived again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from baseload.verify.authority import RuleBook, str_key
from baseload.verify.blobs import check_blob
from baseload.verify.canonicaltext import read_canonical
from baseload.verify.chains import Chains
from baseload.verify.checkpoints import (
    Seal,
    forked,
    kept_note,
    kept_sizes,
    newest_head,
    quorum_of,
    sealed,
)
from baseload.verify.findings import (
    FAILED,
    INCOMPLETE,
    Finding,
    Findings,
    InspectError,
    Refused,
)
from baseload.verify.hashing import TILE, Pyramid, hash_leaf
from baseload.verify.kit import Kit
from baseload.verify.notes import Head, Key, Policy, SignedNote, read_policy
from baseload.verify.readings import Readings
from baseload.verify.shapes import check_event
from baseload.verify.structure import Tree
from baseload.verify.times import Times

CHECKS = {
    "structure": ("structure.", "unreadable"),
    "checkpoints": ("checkpoint.", "since."),
    "witnesses": ("witness.",),
    "anchors": ("anchor.",),
    "events": ("event.", "blob."),
    "sources": ("source.", "reading."),
    "authority": ("authority.",),
    "times": ("order.", "entry.", "clock."),
    "shares": ("share.",),
    "coins": ("coins.",),
    "reconciliation": ("reconciliation.",),
}
"""Checks in the order they are told, with the codes that belong to each."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Trust:
    """What the inspector was told, and did not take from the kit.

    Parameters
    ----------
    log_key : verifier key of the log.
    policy : text of the policy.
    """

    log_key: Key | None = None
    policy: Policy | None = None

    @property
    def given(self) -> bool:
        """Whether anything was told."""
        return self.log_key is not None or self.policy is not None


@dataclass
class Audit:
    """An audit under way.

    Parameters
    ----------
    kit : the kit.
    trust : what the inspector was told.
    structure_only : leave out what the entries say.
    """

    kit: Kit
    trust: Trust = field(default_factory=Trust)
    structure_only: bool = False

    def __post_init__(self) -> None:
        self.findings = Findings()
        self.head, self._note = newest_head(self.kit)
        self.policy = self._policy()
        self.rules = RuleBook(self.head.origin)
        self.chains = Chains()
        self.readings = Readings()
        self.times = Times()
        self.counts = dict.fromkeys(CHECKS, 0)
        self.schemas: dict[str, int] = {}
        self.witnessed = {"have": 0, "need": 0, "of": 0}
        self.followers: list[Follower] = []
        self.results: list[dict[str, Any]] = []
        self._roots: list[tuple[int, bytes, str]] = []
        self._fixed = [self.trust.log_key] if self.trust.log_key else list(self.policy.logs)
        self._seen = 0

    def expect(self, size: int, root: bytes, what: str) -> None:
        """Ask that the tree had a root at a size, as an earlier kit says."""
        self._roots.append((size, root, what))

    def run(self, progress: Progress | None = None) -> None:
        """Check everything."""
        waiting = [size for size in kept_sizes(self.kit) if size <= self.head.size]
        self._shrunk()
        tree = Tree(self.kit, self.head.size, self.head.root, self.findings.add)
        self._reach(0, 0, tree, [[]], waiting)
        done = 0
        for number, entries, rows in tree.tiles():
            first = number * TILE
            last = min(first + TILE, self.head.size)
            if not self.structure_only:
                self._events(first, last, entries, tree, rows, waiting)
            self._reach(first, last, tree, rows, waiting)
            done = last
            self.counts["structure"] = done
            if progress is not None:
                progress(done, self.head.size)
        self._finish(tree)

    # --- parts ---------------------------------------------------------------------------------

    def _policy(self) -> Policy:
        if self.trust.policy is not None:
            return self.trust.policy
        try:
            data = self.kit.read("policy")
            if data is None:
                raise Refused("the file policy", "none")
            return read_policy(data.decode())
        except (Refused, UnicodeDecodeError) as error:
            expected, found = _both(error)
            if self.trust.log_key is None:
                raise InspectError(
                    f"kit {self.kit.path}, policy",
                    expected,
                    found,
                    "give --log-key and --policy, as a party has told them to you",
                ) from None
            self.findings.add(
                Finding(
                    "unreadable",
                    INCOMPLETE,
                    "The kit names no witnesses that could be read.",
                    expected,
                    found,
                    file="policy",
                )
            )
            return Policy((self.trust.log_key,), {}, {}, None)

    def log_keys(self) -> list[Key]:
        """Return the keys of the log: those trusted, and those they handed over to."""
        known = list(self._fixed)
        later = self.rules.log_keys
        for before, after in pairwise(later):
            if before in known:
                known.append(after)
        return [
            key for key in known if str_key(key) not in self.rules.revoked or key in self._fixed
        ]

    def _shrunk(self) -> None:
        """Look for checkpoints of more entries than the kit shows."""
        for size in kept_sizes(self.kit):
            if size > self.head.size and (kept := kept_note(self.kit, size, self.findings.add)):
                seal = self._seal(*kept, f"checkpoints/{size}")
                if seal is not None:
                    self.findings.add(
                        Finding(
                            "checkpoint.shrunk",
                            FAILED,
                            "The log has signed for more entries than this kit shows.",
                            f"{size} entries",
                            f"{self.head.size}",
                            index=self.head.size,
                            file=f"checkpoints/{size}",
                        )
                    )

    def _seal(self, head: Head, note: SignedNote, file: str) -> Seal | None:
        return sealed(
            head, note, self.head.origin, self.log_keys(), self.policy, file, self.findings.add
        )

    def _reach(
        self, first: int, last: int, tree: Tree, rows: Pyramid | None, waiting: list[int]
    ) -> None:
        """Check all checkpoints and expected roots of sizes up to the entry that was reached."""
        while waiting and waiting[0] <= last:
            self._checkpoint(waiting.pop(0), first, tree, rows)
        for size, root, what in list(self._roots):
            if size <= last:
                self._roots.remove((size, root, what))
                own = tree.root(rows, size - first)
                if own is not None and own != root:
                    self.findings.add(
                        Finding(
                            "since.inconsistent",
                            FAILED,
                            "This kit does not go on from the earlier one: entries were changed.",
                            f"root {root.hex()} at size {size}, as in {what}",
                            f"root {own.hex()}",
                            index=max(size - 1, 0),
                        )
                    )

    def _checkpoint(self, size: int, first: int, tree: Tree, rows: Pyramid | None) -> None:
        kept = kept_note(self.kit, size, self.findings.add)
        if kept is None:
            return
        self.counts["checkpoints"] += 1
        file = f"checkpoints/{size}"
        seal = self._seal(*kept, file)
        if seal is None:
            return
        own = tree.root(rows, size - first)
        if own is not None and own != seal.head.root:
            self.findings.add(forked(seal, own, file))
            return
        self.counts["witnesses"] += len(seal.witnesses)
        if seal.time is not None:
            self.times.saw(size, seal.time)
        for follower in self.followers:
            follower.saw(seal)

    def _events(
        self,
        first: int,
        last: int,
        entries: list[bytes] | None,
        tree: Tree,
        rows: Pyramid | None,
        waiting: list[int],
    ) -> None:
        if entries is None:
            self.chains.lose_sight()
            return
        for place, data in enumerate(entries):
            index = first + place
            if waiting and waiting[0] <= index:
                self._reach_part(first, index, tree, rows, waiting)
            leaf = rows[0][place] if rows is not None else hash_leaf(data)
            self._entry(index, data, leaf)

    def _reach_part(
        self, first: int, index: int, tree: Tree, rows: Pyramid | None, waiting: list[int]
    ) -> None:
        while waiting and waiting[0] <= index:
            self._checkpoint(waiting.pop(0), first, tree, rows)

    def _entry(self, index: int, data: bytes, leaf: bytes) -> None:
        try:
            event = read_canonical(data)
            known = check_event(event)
        except Refused as refused:
            self.findings.add(
                Finding(
                    "event.format",
                    FAILED,
                    "An entry is not one that the format of a record allows.",
                    refused.expected,
                    refused.found,
                    index=index,
                    at=refused.at,
                )
            )
            return
        schema = event["schema"]
        self.schemas[schema] = self.schemas.get(schema, 0) + 1
        add = self.findings.add
        for finding in self.chains.follow(index, event, leaf):
            add(finding)
        self.counts["events"] += 1
        if not known:
            add(_unknown(index, event))
            return
        for finding in self.rules.admit(index, event, data):
            add(finding)
        for finding in self.times.follow(index, event, self.rules.lateness):
            add(finding)
        self._content(index, event, schema)

    def _content(self, index: int, event: Mapping[str, Any], schema: str) -> None:
        if schema == "meter.reading/1":
            self.findings.extend(self.readings.follow(index, event))
        elif schema in ("statement/1", "rule.change/1"):
            self.findings.extend(check_blob(self.kit, index, event))
            if event["body"]["kind"] == "gap":
                owner = self.rules.owner_of(event["source"])
                self.chains.declare(event["body"], owner or "")
        for follower in self.followers:
            follower.add(index, event)

    def _finish(self, tree: Tree) -> None:
        rows = tree.last_rows()
        own = tree.root(rows, self.head.size % TILE)
        seal = self._seal(self.head, self._note, "checkpoint")
        if seal is not None:
            self.witnessed = quorum_of(seal, self.policy, self.findings.add)
        if own is not None and own != self.head.root:
            self.findings.add(self._not_the_root(own))
        if self.structure_only:
            return
        now = self.times.proven or max((one.last for one in self.chains.chains.values()), default=0)
        owners = {name: writer.owner for name, writer in self.rules.writers.items()}
        self.findings.extend(self.chains.end(now, owners))
        self.findings.extend(self.readings.end())
        self.counts["sources"] = len(self.chains.chains)
        self.counts["authority"] = self.counts["times"] = self.counts["events"]
        for follower in self.followers:
            self.findings.extend(follower.end(self))

    def _not_the_root(self, own: bytes) -> Finding:
        """Say that the entries are not those signed for, and from where at the earliest."""
        good = self.times.size
        return Finding(
            "structure.root",
            FAILED,
            "The entries are not those that the log has signed for: some were changed, added or "
            f"left out, at index {good} at the earliest.",
            f"root {self.head.root.hex()} at size {self.head.size}",
            f"root {own.hex()}",
            index=good,
            file="checkpoint",
        )


class Follower:
    """A further check that sees every entry: shares, coins, anchors, reconciliation."""

    def saw(self, seal: Seal) -> None:
        """Take a checkpoint that holds."""

    def add(self, index: int, event: Mapping[str, Any]) -> None:
        """Take an entry."""

    def end(self, audit: Audit) -> Iterable[Finding]:
        """Give what was found."""
        return ()


def verdict_of(audit: Audit, began: float) -> dict[str, Any]:
    """Return the verdict of an audit that has run, as ``--json`` prints it."""
    findings = audit.findings
    checks = [
        {
            "name": name,
            "verdict": findings.verdict(codes),
            "count": audit.counts[name],
            "text": _TEXTS[name].format(**audit.witnessed),
        }
        for name, codes in CHECKS.items()
        if not (audit.structure_only and name not in ("structure", "checkpoints", "witnesses"))
    ]
    return {
        "schema": "baseload/verdict/1",
        "verdict": findings.verdict(),
        "trust": "given" if audit.trust.given else "kit",
        "origin": audit.head.origin,
        "size": audit.head.size,
        "root": audit.head.root.hex(),
        "log_time": audit.times.proven,
        "witnessed": audit.witnessed,
        "checks": checks,
        "findings": [finding.table() for finding in findings.sorted()],
        "counts": findings.counts(),
        "reconciliation": audit.results,
        "entries_by_schema": dict(sorted(audit.schemas.items())),
        "seconds": round(time.monotonic() - began, 3),
    }


_TEXTS = {
    "structure": "entries hashed again, with every tile above them",
    "checkpoints": "signed checkpoints, each of the tree that the entries make",
    "witnesses": "cosignatures; the newest checkpoint has {have}, needs {need}, of {of}",
    "anchors": "anchors in the public chain",
    "events": "entries read, each in its one form",
    "sources": "sources, each numbered and chained",
    "authority": "entries by those who may write them",
    "times": "entries against times that others have seen",
    "shares": "shares hashed again",
    "coins": "payouts computed again",
    "reconciliation": "tests of energy, hashes and coins",
}


def _unknown(index: int, event: Mapping[str, Any]) -> Finding:
    return Finding(
        "event.unknown",
        INCOMPLETE,
        "An entry is of a type that this inspector does not know.",
        "a type of docs/record-events.md",
        event["schema"],
        index=index,
        source=event["source"],
    )


def _both(error: Exception) -> tuple[str, str]:
    return (error.expected, error.found) if isinstance(error, Refused) else ("UTF-8", str(error))
