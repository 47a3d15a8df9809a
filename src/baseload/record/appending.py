"""Appending events that come as JSON lines: numbered, chained, signed and checked here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from types import TracebackType
from typing import Any

from baseload.record import policy as policies
from baseload.record.begin import KeyRing
from baseload.record.errors import FormatError, RecordError
from baseload.record.events import Event, check_body, parse
from baseload.record.events.fields import IDENTITY
from baseload.record.history import History
from baseload.record.instants import utc
from baseload.record.intervals import Intervals
from baseload.record.keys import Signer, SoftwareKey, verifier_key
from baseload.record.pointing import check_pointers
from baseload.record.publishing import Published, ask_what_is_known, check_key, published
from baseload.record.reader import Reader
from baseload.record.rules import AuthorityError, Rules
from baseload.record.source import Source, Tail
from baseload.record.store import Log

PATIENCE = 3.0
"""Time that witnesses have to say what they know of a log, before it is written to [s]."""
BATCH = 1000
"""Lines that are made durable together."""
_INSTANT = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)
_ENTRY = re.compile(r"entry ([0-9]+)")
LINE_KEYS = {"schema", "source", "t0", "t1", "body", "clock"}


class Appender:
    """A log with its rules and its sources, ready to take events.

    Parameters
    ----------
    log : the log.
    history : its rules, its sources and the times of its readings.
    ring : keys of the sources.
    signer : key of the log.
    """

    def __init__(
        self,
        log: Log,
        history: History,
        ring: KeyRing,
        signer: Signer,
    ) -> None:
        self.log = log
        self._signer = signer
        self.rules = history.rules
        self.intervals = history.intervals
        self._last = history.tails()
        self._ring = ring
        self._sources: dict[str, Source] = {}

    @classmethod
    def open(cls, folder: Path, key: Path, keys: Path, passphrase: bytes) -> Appender:
        """Open a log, and look it through for its rules and its sources.

        Raises
        ------
        RecordError
            The log is in use or damaged, a key cannot be read, a change breaks the rules, or a
            witness has seen more than the folder holds: it is an old copy.
        """
        signer = SoftwareKey.read(key, passphrase)
        log = Log.open(folder, signer, new_key=True)
        try:
            history = History(log.origin).follow(Reader(folder, log.size).entries())
            check_key(log, history.rules, signer)
            policy = policies.parse(history.rules.policy, "the policy in force")
            ask_what_is_known(log, policy, verifier_key(signer, log.origin), PATIENCE)
            log.check_newest()  # sources would use the numbers of entries that are elsewhere again
        except BaseException:
            log.close()
            raise
        return cls(log, history, KeyRing(keys, passphrase), signer)

    def lines(self, lines: Iterable[str | bytes]) -> Iterator[range]:
        """Append events of JSON lines, and give the indices of each batch once it is durable.

        Raises
        ------
        FormatError
            A line is no event; nothing of its batch was written.
        AuthorityError
            The rules do not allow it; nothing of its batch was written.
        """
        batch: dict[int, dict[str, Any]] = {}
        for number, line in enumerate(lines, 1):
            if line.strip():
                batch[number] = _read_line(line, number)
            if len(batch) == BATCH:
                yield self._append_lines(batch)
                batch = {}
        if batch:
            yield self._append_lines(batch)

    def append(self, drafts: Iterable[Mapping[str, Any]]) -> range:
        """Append events, all or none of them.

        Parameters
        ----------
        drafts : each with schema, source, t0, t1 and body, and perhaps clock.
        """
        rules, sources = deepcopy(self.rules), deepcopy_sources(self._sources)
        entries: list[bytes] = []
        for draft in drafts:
            source = self._source(draft["source"], sources)
            time = int(draft["t1"])
            due = "late" not in draft["body"] and source.signs_at(time)
            entries.append(
                source.event(
                    draft["schema"],
                    int(draft["t0"]),
                    time,
                    draft["body"],
                    clock=draft.get("clock", "synced"),
                    sign=True if due else None,
                )
            )
        events = [(place, parse(data, f"entry {place}")) for place, data in self._placed(entries)]
        for place, event in events:
            rules.admit(place, event)
        intervals = self._check(events, rules)
        found = self.log.append(entries)
        self.rules, self.intervals, self._sources = rules, intervals, sources
        self._forget_outdated()
        return found

    def _append_lines(self, batch: Mapping[int, Mapping[str, Any]]) -> range:
        """Append events of numbered lines; an error names the line, not the index it would get."""
        try:
            return self.append(batch.values())
        except RecordError as error:
            entry = _ENTRY.match(error.where)
            place = int(entry[1]) - self.log.size if entry else -1
            if entry is None or not 0 <= place < len(batch):
                raise
            where = f"standard input, line {[*batch][place]}{error.where[entry.end() :]}"
            told = {"expected": error.expected, "found": error.found, "mend": error.mend}
            raise type(error)(where, **told) from None

    def vouch(self) -> range:
        """Sign for what its sources have written and not signed for yet; return the indices.

        That is of those whose keys are here, and in force: also what an earlier writer was kept
        from signing.
        """
        rules, sources = deepcopy(self.rules), deepcopy_sources(self._sources)
        for name, tail in self._last.items():
            if tail.unsigned and self._can_sign(name):
                self._source(name, sources)
        waiting = [source for source in sources.values() if source.head_due(2**53)]
        entries = [source.head(source.last) for source in waiting]
        for place, data in self._placed(entries):
            rules.admit(place, parse(data, f"entry {place}"))
        found = self.log.append(entries)
        self._sources = sources
        return found

    def publish(self) -> Published:
        """Sign for what is not vouched for yet, have all of it witnessed, and publish."""
        self.vouch()
        return published(self.log, self.rules, self._signer, self.rules.policy)

    def close(self) -> None:
        """Close the log."""
        self.log.close()

    def __enter__(self) -> Appender:
        """Return the appender itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the log."""
        self.close()

    def _can_sign(self, name: str) -> bool:
        """Tell whether the key of a source is here, and the one in force."""
        rule = self.rules.sources.get(name)
        holder = f"source-{name}"
        here = rule is not None and self._ring.has(holder)
        return here and rule is not None and self._ring.signer(holder).public == rule.key.public

    def _source(self, name: str, sources: dict[str, Source]) -> Source:
        if name not in sources:
            signer = self._ring.signer(f"source-{name}")
            self._check_source_key(name, signer)
            tail = self._last.get(name, Tail())
            sources[name] = Source.after(tail, name, signer, self.log.origin)
        return sources[name]

    def _forget_outdated(self) -> None:
        """Let a source whose key was changed go on with the key that the folder then holds."""
        for name, source in list(self._sources.items()):
            if self.rules.sources[name].key.public != source.signer.public:
                self._last[name] = source.tail()
                del self._sources[name]
                self._ring.forget(f"source-{name}")

    def _check_source_key(self, name: str, signer: Signer) -> None:
        """Make sure that what a source signs from now on will hold."""
        rule = self.rules.sources.get(name)
        if rule is not None and rule.key.public != signer.public:
            raise AuthorityError(
                f"source {name}",
                expected=f"the key in force, {rule.key}",
                found=str(verifier_key(signer, name)),
                mend=f"put the file of that key in the folder of keys, as source-{name}",
            )

    def _placed(self, entries: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
        """Give new entries with the indices that they get."""
        return enumerate(entries, self.log.size)

    def _check(self, events: Sequence[tuple[int, Event]], rules: Rules) -> Intervals:
        """Make sure that new events go with those before; return the times that then are read."""
        intervals = self.intervals.copy()
        for place, event in events:
            if not intervals.fits(event):
                body = event.body
                raise FormatError(
                    f"entry {place}",
                    expected=f"a time of which {body['meter']} ({body['register']}) has no reading",
                    found=f"{utc(event.t0)} to {utc(event.t1)}, of which the log has one",
                    mend="leave out what was sent before, or name in `of` the reading it stands "
                    "for; nothing of its batch was written",
                )
        size = self.log.size
        check_pointers(events, rules, Reader(self.log.folder, size) if size else None)
        return intervals


def deepcopy_sources(sources: Mapping[str, Source]) -> dict[str, Source]:
    """Return sources that go on apart from these; the keys are the same."""
    return {name: source.copy() for name, source in sources.items()}


def _read_line(line: str | bytes, number: int) -> dict[str, Any]:
    where = f"standard input, line {number}"
    try:
        found = json.loads(line, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _bad(where, "JSON", str(error)) from None
    if not isinstance(found, dict):
        raise _bad(where, "a table", type(found).__name__)
    keys = found.keys()
    if keys - LINE_KEYS or LINE_KEYS - {"clock"} - keys:
        raise _bad(where, ", ".join(sorted(LINE_KEYS)), ", ".join(sorted(keys)))
    for key in ("t0", "t1"):
        value = found[key]
        if isinstance(value, bool) or not _INSTANT.fullmatch(str(value)):
            raise _bad(f"{where}, {key}", "milliseconds since 1970", repr(value)[:60])
    for key in ("schema", "source"):
        if not isinstance(found[key], str):
            raise _bad(f"{where}, {key}", "text", repr(found[key])[:60])
    if not re.fullmatch(IDENTITY, found["source"]):
        raise _bad(f"{where}, source", "the name of a source", ascii(found["source"])[:60])
    check_body(found["schema"], found["body"], where)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a table of which each key stands there once: which of two counts, nobody could say."""
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(k for k in keys if keys.count(k) > 1)!a} twice")
    return found


def _bad(where: str, expected: str, found: str) -> FormatError:
    return FormatError(
        where, expected=expected, found=found, mend="see docs/record.md for a line that is one"
    )
