"""Policies: the keys of a log and of its witnesses, and how many of those must have signed.

References
----------
.. [1] C2SP, tlog-policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from baseload.record.checkpoint import parse_size
from baseload.record.errors import FormatError
from baseload.record.note import VerifierKey, parse_key

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
SPACES = re.compile(r"[ \t]+")


@dataclass(frozen=True)
class Witness:
    """A witness: its key, and the address under which it answers, if that is known."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True)
class Group:
    """How many of some witnesses or groups must have signed."""

    need: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Whose signatures a checkpoint needs.

    Parameters
    ----------
    logs : keys of the log.
    witnesses : witnesses by their names in the policy.
    groups : groups by their names.
    quorum : witness or group that must have signed; none where nobody must.
    """

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str | None = None

    def met(self, signed: Iterable[VerifierKey]) -> bool:
        """Tell whether those who signed are enough."""
        keys = set(signed)
        done: dict[str, bool] = {n: w.key in keys for n, w in self.witnesses.items()}
        for name, group in self.groups.items():  # a group names only what stands before it
            done[name] = sum(done[member] for member in group.members) >= group.need
        return self.quorum is None or done[self.quorum]


def parse(text: str, where: str = "policy") -> Policy:
    """Read a policy.

    Raises
    ------
    FormatError
        A line is none of ``log``, ``witness``, ``group`` and ``quorum``, or names what is not
        there before it.
    """
    reading = _Reading(where)
    for number, line in enumerate(text.split("\n"), 1):
        if odd := CONTROL.search(line):
            raise reading.bad(number, "no control character but tabs", repr(odd[0]))
        words = [word for word in SPACES.split(line) if word]
        if words and not words[0].startswith("#"):
            reading.take(words, number)
    return reading.done()


class _Reading:
    """A policy while it is read, line by line."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, Witness] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None

    def take(self, words: list[str], number: int) -> None:
        """Take the words of a line."""
        kind, rest = words[0], words[1:]
        if kind == "log" and len(rest) in (1, 2):
            self.logs.append(parse_key(rest[0]))
        elif kind == "witness" and len(rest) in (2, 3):
            url = rest[2] if len(rest) == 3 else None
            self.witnesses[self._free(rest[0], number)] = Witness(parse_key(rest[1]), url)
        elif kind == "group" and len(rest) >= 3:
            group = self._group(rest[1], rest[2:], number)
            self.groups[self._free(rest[0], number)] = group
        elif kind == "quorum" and len(rest) == 1 and self.quorum is None:
            self.quorum = rest[0]
        else:
            raise self.bad(number, "log, witness, group, or one quorum", " ".join(words)[:80])

    def done(self) -> Policy:
        """Return the policy."""
        if not self.logs or self.quorum is None:
            raise self.bad(0, "a line `log` and a line `quorum`", "none")
        if self.quorum != "none" and self.quorum not in {*self.witnesses, *self.groups}:
            raise self.bad(0, "a quorum that is a witness, a group or none", self.quorum)
        quorum = None if self.quorum == "none" else self.quorum
        return Policy(tuple(self.logs), self.witnesses, self.groups, quorum)

    def _free(self, name: str, number: int) -> str:
        if name in self.witnesses or name in self.groups or name == "none":
            raise self.bad(number, "a name that is free", name)
        return name

    def _group(self, need: str, members: list[str], number: int) -> Group:
        unknown = [name for name in members if name not in {*self.witnesses, *self.groups}]
        if unknown or len(set(members)) != len(members):
            raise self.bad(number, "members that stand before it, each once", " ".join(members))
        words = {"any": 1, "all": len(members)}
        many = words[need] if need in words else parse_size(need, f"{self.where}, line {number}")
        if not 1 <= many <= len(members):
            raise self.bad(number, f"1 to {len(members)} of its members", need)
        return Group(many, tuple(members))

    def bad(self, number: int, expected: str, found: str) -> FormatError:
        """Return the error of a line, or of the whole."""
        where = f"{self.where}, line {number}" if number else self.where
        return FormatError(
            where, expected=expected, found=found, mend="see C2SP tlog-policy for the four lines"
        )
