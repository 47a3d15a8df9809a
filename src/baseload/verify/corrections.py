"""Corrections: of an entry that is there, by its party, with a body that it could have had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from baseload.verify.authority import RuleBook
from baseload.verify.canonicaltext import read_canonical
from baseload.verify.findings import FAILED, INCOMPLETE, Finding, Refused
from baseload.verify.hashing import TILE, hash_leaf
from baseload.verify.kit import Kit
from baseload.verify.shapes import check_body_of, check_event
from baseload.verify.tilefiles import TileFiles


def check_correction(
    kit: Kit, size: int, index: int, event: Mapping[str, Any], rules: RuleBook
) -> Iterator[Finding]:
    """Give what is wrong with what a correction points at.

    Parameters
    ----------
    kit : the kit.
    size : number of its entries.
    index : index of the correction.
    event : the correction.
    rules : the rules at its index.
    """
    body = event["body"]
    target = int(body["index"])
    told = f"an entry before it with the leaf hash {body['of']}"
    if target >= index:
        yield _corrected(FAILED, index, event, told, f"index {target}")
        return
    data = _entry(kit, size, target)
    if data is None:
        yield _corrected(INCOMPLETE, index, event, told, f"entry {target}, which is unreadable")
        return
    if hash_leaf(data).hex() != body["of"]:
        yield _corrected(FAILED, index, event, told, f"entry {target}, {hash_leaf(data).hex()}")
        return
    try:
        other = read_canonical(data)
        known = check_event(other)
        if known:
            check_body_of(other["schema"], body["body"])
    except Refused as refused:
        yield _corrected(FAILED, index, event, refused.expected, refused.found)
        return
    owner, own = rules.owner_of(other["source"]), rules.owner_of(event["source"])
    if owner != own:
        expected = f"a source of {owner}, whose entry it is"
        yield _corrected(FAILED, index, event, expected, f"one of {own}")


def _entry(kit: Kit, size: int, index: int) -> bytes | None:
    """Return an entry, or nothing where it cannot be read; whoever reads the tile tells why."""
    number, place = divmod(index, TILE)
    found = TileFiles(kit).entries(number, min(TILE, size - number * TILE))
    return None if found is None else found[place]


def _corrected(
    verdict: str, index: int, event: Mapping[str, Any], expected: str, found: str
) -> Finding:
    return Finding(
        "event.correction",
        verdict,
        "A correction is not of an entry that it may correct.",
        expected,
        found,
        index=index,
        source=event["source"],
    )
