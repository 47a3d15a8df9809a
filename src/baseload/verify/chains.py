"""The events of each source: numbered, chained and signed, so that a gap or an edit shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from baseload.verify.findings import FAILED, INCOMPLETE, Finding, instant_text
from baseload.verify.twins import LOOKED_UP, Repeat

HEAD_EVENTS = 256
HEAD_TIME = 15 * 60 * 1000
_TIMELESS = frozenset({"correction/1", "statement/1", "claim/1"})


@dataclass
class Chain:
    """How far the events of one source have come."""

    seq: int = 0
    prev: str = ""
    unsigned: int = 0
    since: int = 0
    last: int = 0
    last_index: int = 0
    uncertain: bool = False


@dataclass
class Gap:
    """Numbers of a source that are not in the log."""

    source: str
    first: int
    last: int
    index: int


@dataclass
class Chains:
    """All sources of a log."""

    chains: dict[str, Chain] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    declared: list[tuple[str, int, int, str]] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)

    def follow(
        self, index: int, event: Mapping[str, Any], leaf: bytes, data: bytes
    ) -> Iterator[Finding]:
        """Take the next event of its source, and give what is wrong with its place in the chain.

        Parameters
        ----------
        index : index of the entry.
        event : the entry as it was read.
        leaf : its leaf hash.
        data : its bytes.
        """
        name, seq, time = event["source"], int(event["seq"]), int(event["t1"])
        chain = self.chains.get(name)
        if chain is None:
            chain = self.chains[name] = Chain()
        good = (seq == chain.seq and event["prev"] == chain.prev) or chain.uncertain
        if not good:
            if seq < chain.seq:
                kept = data if len(self.repeats) < LOOKED_UP else b""
                self.repeats.append(Repeat(name, seq, chain.seq, index, kept))
                return
            self.gaps.append(Gap(name, chain.seq, seq - 1, index))
        if time < chain.last and event["clock"] in ("synced", "holdover"):
            yield from _stepped(index, event, chain)
        told = max(chain.last, time) if "late" in event["body"] else time
        yield from self._vouched(index, event, chain, told)
        chain.seq, chain.prev, chain.uncertain = seq + 1, leaf.hex(), False
        if event["schema"] not in _TIMELESS and "late" not in event["body"]:
            chain.last = max(chain.last, time)
        chain.last_index = index

    def lose_sight(self) -> None:
        """Note that entries could not be read: what follows may continue anything."""
        for chain in self.chains.values():
            chain.uncertain = True

    def declare(self, gap: Mapping[str, Any], by: str) -> None:
        """Take the word of a source's owner that numbers are missing, and why."""
        self.declared.append((gap["of"], int(gap["first"]), int(gap["last"]), by))

    def end(self, now: int, owners: Mapping[str, str | None]) -> Iterator[Finding]:
        """Give what can be told at the end only: gaps, and events nobody vouches for.

        Parameters
        ----------
        now : instant of the newest checkpoint, or of the newest event [ms].
        owners : party that each source belongs to.
        """
        for gap in self.gaps:
            yield self._told(gap, owners)
        for name, chain in sorted(self.chains.items()):
            if chain.unsigned and now - chain.since > HEAD_TIME:
                yield Finding(
                    "source.unvouched",
                    INCOMPLETE,
                    "The newest entries of a source are not signed for yet.",
                    "a signature within 15 minutes",
                    f"{chain.unsigned} entries without",
                    index=chain.last_index,
                    source=name,
                )

    def _told(self, gap: Gap, owners: Mapping[str, str | None]) -> Finding:
        owned = gap.last >= gap.first and any(
            (of, by) == (gap.source, owners.get(of)) and first <= gap.first and gap.last <= last
            for of, first, last, by in self.declared
        )
        return Finding(
            "source.gap",
            INCOMPLETE if owned else FAILED,
            "Entries that a source wrote are missing, as its owner has declared."
            if owned
            else "Entries that a source wrote are not in the log, or were changed.",
            f"number {gap.first} of {gap.source}",
            f"number {gap.last + 1}" if gap.last >= gap.first else "another entry before it",
            index=gap.index,
            source=gap.source,
        )

    def _vouched(
        self, index: int, event: Mapping[str, Any], chain: Chain, time: int
    ) -> Iterator[Finding]:
        late = chain.unsigned and (chain.unsigned >= HEAD_EVENTS or time - chain.since > HEAD_TIME)
        if late and chain.since >= 0:
            yield Finding(
                "source.silent",
                INCOMPLETE,
                "A source did not sign for its entries as often as it must.",
                "a signature every 256 entries and 15 minutes",
                f"{chain.unsigned} entries and {(time - chain.since) / 60_000:.0f} minutes without",
                index=index,
                source=event["source"],
            )
            chain.since = -1  # said once, until it signs again
        if "sig" in event:
            chain.unsigned, chain.since = 0, 0
        else:
            chain.since = time if not chain.unsigned else chain.since
            chain.unsigned += 1


def _stepped(index: int, event: Mapping[str, Any], chain: Chain) -> Iterator[Finding]:
    if event["schema"] in _TIMELESS or "late" in event["body"]:
        return
    yield Finding(
        "clock.step",
        INCOMPLETE,
        "The clock of a source went back although it says that it is right.",
        f"{instant_text(chain.last)} or later",
        instant_text(int(event["t1"])),
        index=index,
        source=event["source"],
    )
