"""What an audit found: each finding with its place, and the verdict that follows from all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

OK, INCOMPLETE, FAILED = "OK", "INCOMPLETE", "FAILED"
EXIT_CODES = {OK: 0, INCOMPLETE: 3, FAILED: 4}
BAD_INPUT = 2
MAX_KEPT = 1000
"""Findings of one code that are kept whole; further ones are only counted."""
_ORDER = ("structure", "checkpoint", "witness", "since", "event", "source")
"""Kinds of codes that are told first where several are about one entry."""
_RANK = {FAILED: 0, INCOMPLETE: 1, OK: 2}


class InspectError(Exception):
    """A kit, or an option, that cannot be used at all.

    Parameters
    ----------
    where : file or option.
    expected : what would have been accepted.
    found : what was there.
    mend : what to do about it.
    """

    def __init__(self, where: str, expected: str, found: str, mend: str) -> None:
        super().__init__(where, expected, found, mend)

    def __str__(self) -> str:
        """Return the message, a line for each part."""
        where, expected, found, mend = self.args
        return f"{where}\n  expected {expected}\n  found    {found}\n  {mend}"


class Refused(Exception):
    """Bytes that are not what they should be.

    Parameters
    ----------
    expected : what would have been accepted.
    found : what was there.
    at : offset of the first byte that is wrong, where it is known.
    """

    def __init__(self, expected: str, found: str, at: int | None = None) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found
        self.at = at


class Unchecked(Refused):
    """Bytes of which nothing can be said here: what is needed to check them is not there."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or could not be checked.

    Parameters
    ----------
    code : what kind of thing, as ``source.gap``.
    verdict : INCOMPLETE or FAILED.
    meaning : one sentence for a person.
    expected, found : the two that differ.
    index : first entry that it concerns.
    source : who wrote that entry.
    file : file of the kit.
    at : offset in the file or entry.
    """

    code: str
    verdict: str
    meaning: str
    expected: str = ""
    found: str = ""
    index: int | None = None
    source: str | None = None
    file: str | None = None
    at: int | None = None

    def table(self) -> dict[str, Any]:
        """Return what is known of it, for JSON."""
        pairs = vars(self).items()
        return {key: value for key, value in pairs if value is not None and value != ""}


class Findings:
    """All findings of an audit."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, finding: Finding) -> None:
        """Keep a finding; of one code only the first thousand are kept whole."""
        key = (finding.code, finding.verdict)
        self._counts[key] = self._counts.get(key, 0) + 1
        if self._counts[key] <= MAX_KEPT:
            self._found.append(finding)

    def extend(self, findings: Iterable[Finding]) -> None:
        """Keep several."""
        for finding in findings:
            self.add(finding)

    def sorted(self) -> list[Finding]:
        """Return them, the worst and the earliest first."""
        return sorted(
            self._found,
            key=lambda one: (
                _RANK[one.verdict],
                one.index if one.index is not None else -1,
                _place_of(one.code),
                one.code,
                one.file or "",
                one.found,
            ),
        )

    def counts(self) -> dict[str, int]:
        """Return how many there are of each code."""
        total: dict[str, int] = {}
        for (code, _), number in sorted(self._counts.items()):
            total[code] = total.get(code, 0) + number
        return total

    def verdict(self, prefixes: tuple[str, ...] = ("",)) -> str:
        """Return the worst verdict of findings whose code begins so."""
        ranks = [_RANK[verdict] for code, verdict in self._counts if code.startswith(prefixes)]
        return (FAILED, INCOMPLETE, OK)[min(ranks, default=2)]


def _place_of(code: str) -> int:
    kind = code.partition(".")[0]
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def instant_text(time: int) -> str:
    """Return an instant [ms since 1970] as a person reads it, exact to the millisecond."""
    seconds, rest = divmod(time, 1000)
    try:
        text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return f"{time} ms"
    return f"{text}{f'.{rest:03d}' if rest else ''} UTC"
