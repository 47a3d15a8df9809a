"""Retained shares hashed again: work that was done, for this site, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from baseload.verify.audit import Audit, Follower
from baseload.verify.blockchain import Blocks
from baseload.verify.findings import FAILED, Finding
from baseload.verify.headers import (
    BlockHeader,
    double_sha256,
    fold_branch,
    has_work,
    read_header,
    share_target,
)


class Shares(Follower):
    """Checks retained shares.

    Parameters
    ----------
    audit : the audit.
    blocks : headers of the kit and of the record, as far as they are known.
    """

    schemas = frozenset({"shares.retained/1"})

    def __init__(self, audit: Audit, blocks: Blocks) -> None:
        self._rules = audit.rules
        self._blocks = blocks
        self._later: list[tuple[int, str, BlockHeader]] = []
        self._found: list[Finding] = []
        self._seen: set[bytes] = set()
        self._count = 0

    def add(self, index: int, event: Mapping[str, Any]) -> None:
        """Take a share."""
        self._count += 1
        self._found += self._share(index, event)

    def end(self, audit: Audit) -> Iterable[Finding]:
        """Check against what chain the shares were, now that all blocks are known."""
        audit.counts["shares"] = self._count
        for index, source, header in self._later:
            self._found += self._chained(index, source, header)
        return self._found

    def _share(self, index: int, event: Mapping[str, Any]) -> Iterator[Finding]:
        body, site = event["body"], self._rules.site or {}
        header = read_header(bytes.fromhex(body["header"]), int(body["height"]))
        coinbase = bytes.fromhex(body["coinbase"])
        pool = next((one for one in site.get("pools", ()) if one["id"] == body["pool"]), None)
        if header.hash in self._seen:
            yield _share(
                "share.replay", index, event["source"], "a share once", header.hash[::-1].hex()
            )
        self._seen.add(header.hash)
        if pool is not None:
            scale = int(site.get("scale_bits", "0"))
            target = share_target(max(int(pool["retained_difficulty"]), 1), scale)
            if not has_work(header, target):
                expected = f"a hash of at most {target:064x}"
                yield _share(
                    "share.work", index, event["source"], expected, header.hash[::-1].hex()
                )
            if bytes.fromhex(pool["tag"]) not in coinbase:
                expected = f"the site's mark {pool['tag']} in the coinbase"
                yield _share("share.binding", index, event["source"], expected, "another coinbase")
        root = fold_branch(double_sha256(coinbase), map(bytes.fromhex, body["path"]))
        if len(coinbase) == 64 or root != header.merkle_root:
            expected = f"Merkle root {header.merkle_root.hex()} over the coinbase"
            yield _share("share.binding", index, event["source"], expected, root.hex())
        self._later.append((index, event["source"], header))

    def _chained(self, index: int, source: str, header: BlockHeader) -> Iterator[Finding]:
        """Check that a share was for the chain, or for a block that lost its race.

        One that solves a block which the chain has not is no forgery: it was orphaned, or held
        back. The reconciliation counts those.
        """
        block = self._blocks.main.get(header.height)
        if not self._blocks.follows(header):
            expected = f"a share after a block of height {header.height - 1} that is known"
            found = f"after {header.prev[::-1].hex()}"
            yield _share("share.binding", index, source, expected, found)
        elif block is not None and header.bits != block.bits:
            expected = f"nBits {block.bits:#010x} of the chain"
            yield _share("share.binding", index, source, expected, f"{header.bits:#010x}")


_SHARE_MEANINGS = {
    "share.work": "A retained share has not the work that it is kept for.",
    "share.binding": "A retained share was not worked for this site, or not for this chain.",
    "share.replay": "A retained share is shown a second time.",
}


def _share(code: str, index: int, source: str, expected: str, found: str) -> Finding:
    return Finding(
        code,
        FAILED,
        _SHARE_MEANINGS[code],
        expected,
        found,
        index=index,
        source=source,
    )
