"""Retained shares hashed again: work that was done, for this site, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from baseload.verify.anchors import PublicChain
from baseload.verify.audit import Audit, Follower
from baseload.verify.findings import FAILED, Finding
from baseload.verify.headers import (
    double_sha256,
    fold_branch,
    has_work,
    read_header,
    share_target,
    target_of,
)


class Shares(Follower):
    """Checks retained shares.

    Parameters
    ----------
    audit : the audit.
    chain : headers of the kit.
    """

    def __init__(self, audit: Audit, chain: PublicChain) -> None:
        self._rules = audit.rules
        self._chain = chain
        self._found: list[Finding] = []
        self._seen: set[bytes] = set()
        self._count = 0

    def add(self, index: int, event: Mapping[str, Any]) -> None:
        """Take an entry."""
        if event["schema"] == "shares.retained/1":
            self._count += 1
            self._found += self._share(index, event)

    def end(self, audit: Audit) -> Iterable[Finding]:
        """Give what was found."""
        audit.counts["shares"] = self._count
        return self._found

    def _share(self, index: int, event: Mapping[str, Any]) -> Iterator[Finding]:
        body, site = event["body"], self._rules.site or {}
        header = read_header(bytes.fromhex(body["header"]), int(body["height"]))
        coinbase = bytes.fromhex(body["coinbase"])
        pool = next((one for one in site.get("pools", ()) if one["id"] == body["pool"]), None)
        if header.hash in self._seen:
            yield _share("share.replay", index, event, "a share once", header.hash[::-1].hex())
        self._seen.add(header.hash)
        if pool is not None:
            scale = int(site.get("scale_bits", "0"))
            target = share_target(max(int(pool["retained_difficulty"]), 1), scale)
            if not has_work(header, target):
                expected = f"a hash of at most {target:064x}"
                yield _share("share.work", index, event, expected, header.hash[::-1].hex())
            if bytes.fromhex(pool["tag"]) not in coinbase:
                expected = f"the site's mark {pool['tag']} in the coinbase"
                yield _share("share.binding", index, event, expected, "another coinbase")
        root = fold_branch(double_sha256(coinbase), map(bytes.fromhex, body["path"]))
        if len(coinbase) == 64 or root != header.merkle_root:
            expected = f"Merkle root {header.merkle_root.hex()} over the coinbase"
            yield _share("share.binding", index, event, expected, root.hex())
        yield from self._chained(index, event)

    def _chained(self, index: int, event: Mapping[str, Any]) -> Iterator[Finding]:
        """Check that a share was for the chain whose headers the kit has."""
        header = read_header(bytes.fromhex(event["body"]["header"]), int(event["body"]["height"]))
        before = self._chain.by_height.get(header.height - 1)
        block = self._chain.by_height.get(header.height)
        if before is not None and header.prev != before.hash:
            expected = f"a share after block {before.hash[::-1].hex()}"
            yield _share("share.binding", index, event, expected, header.prev[::-1].hex())
        elif block is not None and header.bits != block.bits:
            expected = f"nBits {block.bits:#010x} of the chain"
            yield _share("share.binding", index, event, expected, f"{header.bits:#010x}")
        elif (
            block is not None
            and has_work(header, target_of(header.bits))
            and (block.data != header.data)
        ):
            expected = "a share that solves a block as that block of the chain"
            yield _share("share.binding", index, event, expected, block.hash[::-1].hex())


_SHARE_MEANINGS = {
    "share.work": "A retained share has not the work that it is kept for.",
    "share.binding": "A retained share was not worked for this site, or not for this chain.",
    "share.replay": "A retained share is shown a second time.",
}


def _share(code: str, index: int, event: Mapping[str, Any], expected: str, found: str) -> Finding:
    return Finding(
        code,
        FAILED,
        _SHARE_MEANINGS[code],
        expected,
        found,
        index=index,
        source=event["source"],
    )
