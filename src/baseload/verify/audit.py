"""The whole audit of a kit: one pass over its entries, everything derived again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from baseload.verify.authority import RuleBook
from baseload.verify.blobs import check_blob
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
from baseload.verify.corrections import check_correction
from baseload.verify.findings import (
    FAILED,
    INCOMPLETE,
    Finding,
    Findings,
    InspectError,
    Refused,
)
from baseload.verify.hashing import TILE, hash_leaf
from baseload.verify.kit import Kit
from baseload.verify.logkeys import LogKeys, keys_at, strange_keys
from baseload.verify.notes import Head, Key, Policy, SignedNote, read_policy, str_key, take_held
from baseload.verify.readings import Readings
from baseload.verify.scanning import Said, Scan, Task, scan_tile
from baseload.verify.standing import Standing
from baseload.verify.structure import Leaves, Tree
from baseload.verify.times import Times
from baseload.verify.twins import told_repeats

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
"""Is told after each tile how many entries were checked, of how many."""
Scanner = Callable[["Audit"], Iterator[Scan]]
"""Gives the tiles of an audit from the next one on, in their order."""


@dataclass(frozen=True)
class Trust:
    """What the inspector was told, and did not take from the kit.

    Parameters
    ----------
    log_key : verifier key of the log.
    policy : text of the policy.
    charter : leaf hash of the first entry, which names all parties and their keys.
    """

    log_key: Key | None = None
    policy: Policy | None = None
    charter: bytes | None = None

    @property
    def told(self) -> list[str]:
        """What was told, by name."""
        every = {"log key": self.log_key, "charter": self.charter, "policy": self.policy}
        return [name for name, one in every.items() if one is not None]


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
        self.standing = Standing()
        self.times = Times()
        self.counts = dict.fromkeys(CHECKS, 0)
        self.schemas: dict[str, int] = {}
        self._sealed_by: set[Key] = set()
        self.witnessed = {"have": 0, "need": 0, "of": 0}
        self.followers: list[Follower] = []
        self._by_schema: dict[str, list[Follower]] = {}
        self.results: list[dict[str, Any]] = []
        self.tree = Tree(self.kit, self.head.size, self.head.root, self.findings)
        self.next_tile = 0
        self.resumed = 0
        self.blind = False
        self._leaves: Leaves | None = None
        self.expected: list[list[int | str]] = []
        self._roots: list[tuple[int, bytes, str]] = []
        self._waiting: list[int] = []
        self._fixed = [self.trust.log_key] if self.trust.log_key else list(self.policy.logs)

    def expect(self, size: int, root: bytes, what: str) -> None:
        """Ask that the tree had a root at a size, as an earlier kit says."""
        self.expected.append([size, root.hex()])
        self._roots.append((size, root, what))

    def run(self, progress: Progress | None = None, scanner: Scanner | None = None) -> None:
        """Check everything, or what is left of it.

        Parameters
        ----------
        progress : is told after each tile.
        scanner : gives the tiles; one after the other in this process by default.
        """
        if self.next_tile == 0:
            self._begin()
        for scan in (scanner or one_by_one)(self):
            self._tile(scan)
            self.next_tile = scan.number + 1
            if progress is not None:
                progress(self.counts["structure"], self.head.size)
        self.tree.close()
        self._finish()

    @property
    def tiles(self) -> int:
        """Number of tiles of entries."""
        return (self.head.size + TILE - 1) // TILE

    def task(self, signatures: bool = False) -> Task:
        """Return what is to be found out about the next tiles.

        Parameters
        ----------
        signatures : whether to check signatures by the keys in force as far as is known.
        """
        keys = {name: one.key.public for name, one in self.rules.writers.items()}
        signers = (*self.log_keys().known, *self.policy.witnesses.values())
        return Task(
            self.head.size,
            not self.structure_only,
            self.head.origin,
            keys if signatures else None,
            signers if signatures else (),
        )

    def checkpoints_between(self, first: int, last: int) -> tuple[int, ...]:
        """Return the sizes of kept checkpoints of more than so many entries, up to a size."""
        return tuple(size for size in self._waiting if first < size <= last)

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

    def log_keys(self) -> LogKeys:
        """Return the keys of the log by the entries read so far."""
        certain = not (self.structure_only or self.blind)
        return keys_at(self.rules, self._fixed, certain)

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

    def _seal(
        self, head: Head, note: SignedNote, file: str, findings: Findings | None = None
    ) -> Seal | None:
        told = self.findings if findings is None else findings
        return sealed(head, note, self.head.origin, self.log_keys(), self.policy, file, told.add)

    def seal(self) -> Seal | None:
        """Return the newest checkpoint, if the log signed it."""
        return self._seal(self.head, self._note, "checkpoint", Findings())

    def _begin(self) -> None:
        self._waiting = [size for size in kept_sizes(self.kit) if size <= self.head.size]
        self._reach(0, 0, Leaves([]))

    def _tile(self, scan: Scan) -> None:
        """Take the next tile of entries."""
        first = scan.number * TILE
        last = min(first + TILE, self.head.size)
        take_held(scan.held or ())
        leaves = self._leaves = self.tree.compare(scan)
        if not self.structure_only:
            if scan.said is None or scan.entries is None:
                self.chains.lose_sight()
                self.blind = True
            else:
                self._events(first, scan.entries, scan.said, leaves)
        if first == 0 and self.trust.charter is not None:
            self._same_charter(self.trust.charter, leaves)
        self._reach(first, last, leaves)
        self.tree.push(scan.number, leaves)
        self.counts["structure"] = last

    def _reach(self, first: int, last: int, leaves: Leaves | None) -> None:
        """Check all checkpoints and expected roots of sizes up to the entry that was reached."""
        while self._waiting and self._waiting[0] <= last:
            self._checkpoint(self._waiting.pop(0), first, leaves)
        for size, root, what in list(self._roots):
            if size <= last:
                self._roots.remove((size, root, what))
                own = self.tree.root(leaves, size - first)
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

    def _checkpoint(self, size: int, first: int, leaves: Leaves | None) -> None:
        kept = kept_note(self.kit, size, self.findings.add)
        if kept is None:
            return
        self.counts["checkpoints"] += 1
        file = f"checkpoints/{size}"
        seal = self._seal(*kept, file)
        if seal is None:
            return
        own = self.tree.root(leaves, size - first)
        if own is not None and own != seal.head.root:
            self.findings.add(forked(seal, own, file))
            return
        self._sealed_by.update(seal.log_keys if size else ())
        self.counts["witnesses"] += len(seal.witnesses)
        if seal.time is not None:
            self.times.saw(size, seal.time)
        for follower in self.followers:
            follower.saw(seal)

    def _events(
        self, first: int, entries: list[bytes], said: list[Said], leaves: Leaves | None
    ) -> None:
        for place, (data, one) in enumerate(zip(entries, said, strict=True)):
            index = first + place
            while self._waiting and self._waiting[0] <= index:
                self._checkpoint(self._waiting.pop(0), first, leaves)
            if isinstance(one, Refused):
                self._misshapen(index, one)
            else:
                leaf = leaves.hashes[place] if leaves is not None else hash_leaf(data)
                self._event(index, data, leaf, *one)

    def _misshapen(self, index: int, refused: Refused) -> None:
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

    def _event(
        self, index: int, data: bytes, leaf: bytes, event: Mapping[str, Any], known: bool
    ) -> None:
        schema = event["schema"]
        self.schemas[schema] = self.schemas.get(schema, 0) + 1
        add = self.findings.add
        for finding in self.chains.follow(index, event, leaf, data):
            add(finding)
        self.counts["events"] += 1
        if not known:
            add(_unknown(index, event))
            return
        for finding in self.rules.admit(index, event, data):
            add(_by_known_rules(finding) if self.blind else finding)
        for finding in self.times.follow(index, event, self.rules.lateness):
            add(finding)
        self._content(index, event)

    def _content(self, index: int, event: Mapping[str, Any]) -> None:
        schema = event["schema"]
        if schema == "meter.reading/1":
            self.findings.extend(self.readings.follow(index, event))
            party = self.rules.owner_of(event["source"]) or ""
            for finding in self.standing.follow(index, event, party):
                self.findings.add(_by_known_rules(finding) if self.blind else finding)
        elif schema == "correction/1":
            size = self.head.size
            for finding in check_correction(self.kit, size, index, event, self.rules):
                self.findings.add(_by_known_rules(finding) if self.blind else finding)
        elif schema in ("statement/1", "rule.change/1"):
            self.findings.extend(check_blob(self.kit, index, event))
            if event["body"]["kind"] == "gap":
                owner = self.rules.owner_of(event["source"])
                self.chains.declare(event["body"], owner or "")
        for follower in self._followers_of(schema):
            follower.add(index, event)

    def _followers_of(self, schema: str) -> list[Follower]:
        """Return the further checks that want to see entries of a type."""
        found = self._by_schema.get(schema)
        if found is None:
            found = [each for each in self.followers if schema in each.schemas]
            self._by_schema[schema] = found
        return found

    def _finish(self) -> None:
        self._shrunk()
        rest = self.head.size % TILE
        # The last tile was pushed; where it is a part of one, its leaves are not in the mountain.
        own = self.tree.root(self._leaves if rest else Leaves([]), rest)
        seal = self._seal(self.head, self._note, "checkpoint")
        if seal is not None:
            self.witnessed = quorum_of(seal, self.policy, self.findings.add)
        if own is not None and own != self.head.root:
            self.findings.add(self._not_the_root(own))
        elif own is not None and seal is not None:
            self._sealed_by.update(seal.log_keys)
        if self.structure_only:
            return
        for finding in self._strange_keys():
            self.findings.add(_by_known_rules(finding) if self.blind else finding)
        self._same_policy()
        now = self.times.proven or max((one.last for one in self.chains.chains.values()), default=0)
        owners = {name: writer.owner for name, writer in self.rules.writers.items()}
        self.findings.extend(self.chains.end(now, owners))
        self.findings.extend(told_repeats(self.kit, self.head.size, self.chains.repeats))
        self.findings.extend(self.readings.end())
        for finding in self.standing.end(self.kit, self.head.size):
            self.findings.add(_by_known_rules(finding) if self.blind else finding)
        self.counts["sources"] = len(self.chains.chains)
        self.counts["authority"] = self.counts["times"] = self.counts["events"]
        for follower in self.followers:
            self.findings.extend(follower.end(self))

    def _strange_keys(self) -> Iterator[Finding]:
        """Give what is wrong with the keys of the log; a charter that was told vouches for its."""
        if self.trust.charter is None:
            return strange_keys(self.rules, self._fixed, self._sealed_by)
        named = self.trust.log_key is not None or self.trust.policy is not None
        own = self.rules.log_keys
        return strange_keys(self.rules, self._fixed if named else own, own)

    def _same_charter(self, told: bytes, leaves: Leaves | None) -> None:
        if leaves is not None and leaves.hashes[:1] == [told]:
            return
        self.findings.add(
            Finding(
                "authority.charter",
                INCOMPLETE if leaves is None else FAILED,
                "The record does not begin with the charter that was told.",
                told.hex(),
                "an entry that could not be read" if leaves is None else leaves.hashes[0].hex(),
                index=0,
            )
        )

    def _same_policy(self) -> None:
        """Compare the witnesses that the kit names with those that the log's own rules name."""
        if self.trust.policy is not None:
            return  # whoever inspects may ask for other witnesses than the parties did
        try:
            named = read_policy(self.rules.policy)
        except Refused:
            return  # the charter could not be read, which is told already
        if self.policy[1:] != named[1:]:
            self.findings.add(
                Finding(
                    "witness.policy",
                    INCOMPLETE,
                    "The kit names other witnesses than the rules of the log do.",
                    "; ".join(_policy_lines(named)),
                    "; ".join(_policy_lines(self.policy)),
                    file="policy",
                )
            )

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


def one_by_one(audit: Audit) -> Iterator[Scan]:
    """Give the tiles of an audit, each scanned when it is asked for."""
    task = audit.task()
    for number in range(audit.next_tile, audit.tiles):
        yield scan_tile(audit.kit, number, task)


class Follower:
    """A further check of entries: shares, coins, anchors, reconciliation.

    Parameters
    ----------
    schemas : types of the entries that it is given.
    """

    schemas: ClassVar[frozenset[str]] = frozenset()

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
        "trust": "given" if audit.trust.told else "kit",
        "told": audit.trust.told,
        "origin": audit.head.origin,
        "size": audit.head.size,
        "root": audit.head.root.hex(),
        "log_time": audit.times.proven,
        "witnessed": audit.witnessed,
        "checks": checks,
        "findings": [finding.table() for finding in findings.sorted()],
        "counts": findings.counts(),
        "reconciliation": audit.results,
        "resumed_from": audit.resumed,
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


def _by_known_rules(finding: Finding) -> Finding:
    """Return a finding that rests on all entries before it, where some of them were not read.

    They may have changed the rules, or hold what is pointed at: nothing is known to be wrong.
    """
    meaning = f"{finding.meaning} Or what could not be read before it says otherwise."
    return replace(finding, verdict=INCOMPLETE, meaning=meaning)


def _policy_lines(policy: Policy) -> list[str]:
    """Return who the witnesses of a policy are, and how many of them it needs."""
    keys = [f"{name} {str_key(key)}" for name, key in policy.witnesses.items()]
    return [*keys, f"{policy.need()} of {len(policy.witnesses)}"]
