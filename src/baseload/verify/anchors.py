"""Anchors: checkpoints whose hash stands in a block, and so were there before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from baseload.verify.audit import Audit, Follower
from baseload.verify.checkpoints import Seal
from baseload.verify.findings import FAILED, INCOMPLETE, Finding, Refused
from baseload.verify.headers import BlockHeader, merged_headers, read_headers
from baseload.verify.kit import Kit
from baseload.verify.notes import read_note
from baseload.verify.ots import Attested, read_ots

COMMITMENT_MARK = b"bld1"


class PublicChain:
    """The headers of a kit.

    Parameters
    ----------
    kit : the kit.
    """

    def __init__(self, kit: Kit) -> None:
        self.findings: list[Finding] = []
        runs = []
        for name in kit.names("headers"):
            first = name.removesuffix(".bin")
            if name.endswith(".bin") and first.isascii() and first.isdigit() and len(first) < 10:
                runs.append(self._run(kit, f"headers/{name}", int(first)))
        self.by_height: dict[int, BlockHeader] = merged_headers(runs)

    def _run(self, kit: Kit, name: str, first: int) -> list[BlockHeader]:
        try:
            return read_headers(kit.read(name) or b"", first)
        except Refused as refused:
            code = "unreadable" if refused.at is None else "anchor.header"
            self.findings.append(
                Finding(
                    code,
                    INCOMPLETE if code == "unreadable" else FAILED,
                    "The headers of the kit are not a chain with the work that it must have.",
                    refused.expected,
                    refused.found,
                    file=name,
                    at=refused.at,
                )
            )
            return []


class Anchors(Follower):
    """Checks proofs of time against headers.

    Parameters
    ----------
    audit : the audit.
    chain : headers of the kit.
    """

    schemas = frozenset({"shares.retained/1"})

    def __init__(self, audit: Audit, chain: PublicChain) -> None:
        self._kit = audit.kit
        self._chain = chain
        self._digests: dict[bytes, int] = {}
        self._committed: dict[int, int] = {}

    def saw(self, seal: Seal) -> None:
        """Note the hash of a checkpoint, which a coinbase may hold."""
        digest = bare_digest(self._kit, seal.head.size)
        if digest is not None:
            self._digests[digest] = seal.head.size

    def add(self, index: int, event: Mapping[str, Any]) -> None:
        """Look for a commitment in the coinbase of a share that is a block."""
        height = int(event["body"]["height"])
        block = self._chain.by_height.get(height)
        if block is None or block.data.hex() != event["body"]["header"]:
            return
        for digest in _committed_digests(bytes.fromhex(event["body"]["coinbase"])):
            if digest in self._digests:
                self._committed[self._digests[digest]] = height

    def end(self, audit: Audit) -> Iterable[Finding]:
        """Check all proofs of the kit."""
        yield from self._chain.findings
        held = len(self._committed)
        for name in self._kit.names("anchors"):
            size = name.removesuffix(".ots")
            if name.endswith(".ots") and size.isascii() and size.isdigit() and len(size) < 20:
                found = list(self._proof(f"anchors/{name}", int(size)))
                held += not found
                yield from found
        audit.counts["anchors"] = held

    def _proof(self, name: str, size: int) -> Iterable[Finding]:
        try:
            data = self._kit.read(name)
            if data is None:
                raise Refused("a proof", "none")
            digest, ends = read_ots(data)
        except Refused as refused:
            yield _anchor("anchor.broken", FAILED, name, size, refused.expected, refused.found)
            return
        own = bare_digest(self._kit, size)
        if own is None:
            missing = f"the checkpoint of {size} entries"
            yield _anchor("anchor.pending", INCOMPLETE, name, size, missing, "none")
        elif digest != own:
            yield _anchor(
                "anchor.broken", FAILED, name, size, f"a proof of {own.hex()}", digest.hex()
            )
        else:
            yield from self._ends(name, size, ends)

    def _ends(self, name: str, size: int, ends: list[Attested]) -> Iterable[Finding]:
        blocks = [end for end in ends if end.kind == "bitcoin"]
        known = [end for end in blocks if end.height in self._chain.by_height]
        if not blocks:
            found = ", ".join(end.uri or end.kind for end in ends) or "nothing"
            yield _anchor("anchor.pending", INCOMPLETE, name, size, "a block", found)
        elif not known:
            heights = ", ".join(str(end.height) for end in blocks)
            expected = f"the header of block {heights}"
            yield _anchor("anchor.header", INCOMPLETE, name, size, expected, "none in the kit")
        elif not any(end.message == self._root(end) for end in known):
            # Where one path holds, the checkpoint was there before its block; another that does
            # not may be a calendar's mistake, or a block that is not in the chain any more.
            end = known[0]
            expected = f"Merkle root {self._root(end).hex()} of block {end.height}"
            yield _anchor("anchor.broken", FAILED, name, size, expected, end.message.hex())

    def _root(self, end: Attested) -> bytes:
        return self._chain.by_height[end.height].merkle_root


def bare_digest(kit: Kit, size: int) -> bytes | None:
    """Return SHA-256 of a checkpoint as the log signed it, without cosignatures.

    Parameters
    ----------
    kit : the kit.
    size : size of the checkpoint.
    """
    try:
        data = kit.read(f"checkpoints/{size}")
        if data is None:
            return None
        note = read_note(data)
    except Refused:
        return None
    start = data.rfind(b"\n\n") + 2
    end = data.index(b"\n", start) + 1
    return sha256(data[:end]).digest() if note.lines else None


def _committed_digests(coinbase: bytes) -> Iterator[bytes]:
    """Give the 32 bytes after each mark; what a miner writes before it may look like one."""
    at = coinbase.find(COMMITMENT_MARK)
    while at >= 0:
        start = at + len(COMMITMENT_MARK)
        yield coinbase[start : start + 32]
        at = coinbase.find(COMMITMENT_MARK, at + 1)


_ANCHOR_MEANINGS = {
    "anchor.broken": "A proof of time does not lead from the checkpoint to its block.",
    "anchor.pending": "A proof of time does not lead to a block yet.",
    "anchor.header": "A proof of time leads to a block whose header is not in the kit.",
}


def _anchor(code: str, verdict: str, name: str, size: int, expected: str, found: str) -> Finding:
    return Finding(
        code,
        verdict,
        _ANCHOR_MEANINGS[code],
        expected,
        found,
        index=max(size - 1, 0),
        file=name,
    )
