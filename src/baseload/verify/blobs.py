"""What entries name by hash and keep beside the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from baseload.verify.findings import FAILED, INCOMPLETE, Finding, Refused
from baseload.verify.kit import Kit


def check_blob(kit: Kit, index: int, event: Mapping[str, Any]) -> Iterator[Finding]:
    """Give what is wrong with the blob that an entry names, if it names one."""
    blob = event["body"].get("blob")
    if not isinstance(blob, dict):
        return
    name = f"blobs/{blob['sha256']}"
    try:
        data = kit.read(name)
    except Refused as refused:
        yield _of_blob("unreadable", INCOMPLETE, index, event, name, refused.found)
        return
    if data is None:
        yield _of_blob("blob.missing", INCOMPLETE, index, event, name, "no such file")
    elif sha256(data).hexdigest() != blob["sha256"] or str(len(data)) != blob["size"]:
        found = f"{len(data)} bytes of SHA-256 {sha256(data).hexdigest()}"
        yield _of_blob("blob.hash", FAILED, index, event, name, found)


_BLOB_MEANINGS = {
    "unreadable": "What an entry names by its hash could not be read.",
    "blob.missing": "What an entry names by its hash is not in the kit.",
    "blob.hash": "What lies in the kit is not what an entry names by its hash.",
}


def _of_blob(
    code: str, verdict: str, index: int, event: Mapping[str, Any], name: str, found: str
) -> Finding:
    blob = event["body"]["blob"]
    return Finding(
        code,
        verdict,
        _BLOB_MEANINGS[code],
        f"{blob['size']} bytes of SHA-256 {blob['sha256']}",
        found,
        index=index,
        source=event["source"],
        file=name,
    )
