"""Readings that stand for others: for which, by whom, and whether a measurement may give way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from baseload.verify.findings import FAILED, INCOMPLETE, Finding
from baseload.verify.reconciliation.meters import ByStart

_Register = tuple[str, str]


@dataclass
class Standing:
    """The raw readings of each register, as far as replacing them must be checked.

    Parameters
    ----------
    raw : first eight bytes of the leaf hash of each, by start.
    soft : those that were not measured.
    owners : party whose source has told of a meter first.
    """

    raw: dict[_Register, ByStart] = field(default_factory=dict)
    soft: set[tuple[str, str, int]] = field(default_factory=set)
    owners: dict[str, str] = field(default_factory=dict)
    _told: set[tuple[str, str]] = field(default_factory=set)

    def follow(
        self, index: int, event: Mapping[str, Any], leaf: bytes, owner: str
    ) -> Iterator[Finding]:
        """Take the next reading.

        Parameters
        ----------
        index : index of the entry.
        event : the reading.
        leaf : its leaf hash.
        owner : party that its source belongs to.
        """
        body = event["body"]
        register, start = (body["meter"], body["register"]), int(event["t0"])
        if "of" in body:
            yield from self._stands(index, event, register, start, owner)
            return
        if register not in self.raw:
            self.raw[register] = ByStart()
        if self.raw[register].put_new(start, _mark_of(leaf)) and body["quality"] != "measured":
            self.soft.add((*register, start))
        first = self.owners.setdefault(body["meter"], owner)
        if first != owner and (body["meter"], owner) not in self._told:
            self._told.add((body["meter"], owner))
            yield _replaced(
                "reading.source",
                INCOMPLETE,
                index,
                event,
                f"readings of {body['meter']} by sources of {first}, as before",
                f"a source of {owner}",
            )

    def _stands(
        self, index: int, event: Mapping[str, Any], register: _Register, start: int, owner: str
    ) -> Iterator[Finding]:
        body = event["body"]
        known = self.raw.get(register, ByStart()).get(start)
        first = self.owners.get(body["meter"])
        if known is None or known != _mark_of(bytes.fromhex(body["of"])):
            expected = "the leaf hash of a reading of that meter, register and time"
            found = body["of"]
        elif first != owner:
            expected, found = f"a source of {first}, whose meter it is", f"one of {owner}"
        elif body["quality"] == "measured" and (*register, start) not in self.soft:
            expected, found = "an estimated or edited reading", "a second one that was measured"
        else:
            return
        yield _replaced("reading.of", FAILED, index, event, expected, found)


def _mark_of(leaf: bytes) -> int:
    """Return what is kept of a leaf hash: 62 bits, enough against chance and small enough."""
    return int.from_bytes(leaf[:8], "big") >> 2


_STANDING_MEANINGS = {
    "reading.source": "A meter is read by sources of two parties.",
    "reading.of": "A reading takes the place of one that it may not stand for.",
}


def _replaced(
    code: str, verdict: str, index: int, event: Mapping[str, Any], expected: str, found: str
) -> Finding:
    return Finding(
        code,
        verdict,
        _STANDING_MEANINGS[code],
        expected,
        found,
        index=index,
        source=event["source"],
    )
