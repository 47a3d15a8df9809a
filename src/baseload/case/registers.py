"""What stands beside the tree, and checks on it: ids that exist, shares that sum to one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from baseload.case.arrangements import Names, check_arrangements
from baseload.case.checks import known
from baseload.case.documents import STATUSES, Document, Origin, Provenance
from baseload.case.entry import Status
from baseload.case.schema import (
    Alternative,
    Arrangement,
    Claim,
    Party,
    Precedent,
    Source,
    Tree,
    Unknown,
)
from baseload.case.sharing import parts
from baseload.case.sizes import Candidate, SizeLimit
from baseload.case.written import Patch


def ids(source: str) -> tuple[str, ...]:
    """Return the ids that a source text names, separated by commas.

    >>> ids("Z02, Z03")
    ('Z02', 'Z03')
    """
    return tuple(name.strip() for name in source.split(","))


@dataclass(frozen=True, slots=True)
class Registers:
    """What is not known, the choices, who is concerned and what is cited.

    Parameters
    ----------
    unknowns, alternatives, parties, arrangements, claims, sources, precedents, candidates,
    size_limits : the entries of the files beside case.toml, by their ids.
    choices : patches of each alternative.
    documents : the files, by their names.
    """

    unknowns: tuple[Unknown, ...] = ()
    alternatives: Mapping[str, Alternative] = field(default_factory=dict)
    parties: Mapping[str, Party] = field(default_factory=dict)
    arrangements: Mapping[str, Arrangement] = field(default_factory=dict)
    claims: Mapping[str, Claim] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    precedents: Mapping[str, Precedent] = field(default_factory=dict)
    candidates: Mapping[str, Candidate] = field(default_factory=dict)
    size_limits: Mapping[str, SizeLimit] = field(default_factory=dict)
    choices: Mapping[str, tuple[Patch, ...]] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)

    @property
    def cited(self) -> dict[str, Status]:
        """How sure each source, precedent and claim is, by its id."""
        sure: dict[str, Status] = {
            name: claim.status or "claimed" for name, claim in self.claims.items()
        }
        sure |= {name: entry.confidence for name, entry in self.precedents.items()}
        return sure | {name: entry.confidence for name, entry in self.sources.items()}

    def settled(self, mark: Provenance) -> Provenance:
        """Return provenance whose status, where none is given, is that of its weakest source."""
        if mark.status is not None or mark.source is None:
            return mark
        cited = self.cited
        sure = [cited[name] for name in ids(mark.source) if name in cited]
        return dataclasses.replace(mark, status=max(sure, key=STATUSES.index, default=None))

    def origin(self, file: str, *key: str | int) -> Origin:
        """Return where an entry stands."""
        document = self.documents.get(file)
        return document.origin(*key) if document else Origin(file)

    # --- checks --------------------------------------------------------------------------------

    def check(self, tree: Tree, marks: Mapping[str, Provenance]) -> None:
        """Check that every id exists and every share is whole.

        Raises
        ------
        InputError
            At the first that does not.
        """
        cited = self.cited
        for path, mark in marks.items():
            _check_source(mark.source, cited, Origin(mark.file, mark.line).place(path))
        for file, key, entry in self._entries():
            _check_source(entry.source, cited, self.origin(file, *key).place(_label(key)))
        for name, patches in self.choices.items():
            for patch in patches:
                place = patch.origin.place(f"alternative.{name}.set, {patch.path}")
                _check_source(patch.mark.source, cited, place)
        self._check_alternatives(tree)
        self._check_arrangements(tree)
        self._check_sizes(tree)
        for name, claim in self.claims.items():
            where = self.origin("claims.toml", "claim", name, "contradicted_by").place(
                f"claim.{name}.contradicted_by"
            )
            for other in claim.contradicted_by:
                known(other, cited, "a claim or source", where)

    def _entries(self) -> Iterator[tuple[str, tuple[str | int, ...], Any]]:
        for number, unknown in enumerate(self.unknowns):
            yield "unknowns.toml", ("unknown", number), unknown
        for file, kind, entries in (
            ("alternatives.toml", "alternative", self.alternatives),
            ("arrangements.toml", "party", self.parties),
            ("arrangements.toml", "arrangement", self.arrangements),
            ("claims.toml", "claim", self.claims),
            ("sizes.toml", "candidate", self.candidates),
            ("sizes.toml", "limit", self.size_limits),
        ):
            for name, entry in entries.items():
                yield file, (kind, name), entry
        for name, arrangement in self.arrangements.items():
            for key, term in parts(arrangement.terms) if arrangement.terms else ():
                yield "arrangements.toml", ("arrangement", name, "terms", *key), term

    def _check_alternatives(self, tree: Tree) -> None:
        for name, choice in self.alternatives.items():
            key = ("alternative", name)
            for gate in choice.needs:
                place = self.origin("alternatives.toml", *key, "needs").place(_label(key))
                known(gate, tree.gate, "a gate", place)
            if choice.arrangement is not None:
                place = self.origin("alternatives.toml", *key, "arrangement").place(_label(key))
                known(choice.arrangement, self.arrangements, "an arrangement", place)

    def _check_arrangements(self, tree: Tree) -> None:
        names = Names(self.parties, self.alternatives, tree.bar)
        check_arrangements(
            self.arrangements,
            names,
            lambda key: self.origin("arrangements.toml", *key).place(_label(key)),
        )

    def _check_sizes(self, tree: Tree) -> None:
        """Check that candidates and their limits name what exists."""
        for name, candidate in self.candidates.items():
            key = ("candidate", name)
            place = self.origin("sizes.toml", *key).place(_label(key))
            known(candidate.mine, tree.mine, "a mine", place)
            if candidate.after is not None:
                others = [other for other in self.candidates if other != name]
                known(candidate.after, others, "another candidate", place)
        for name, limit in self.size_limits.items():
            place = self.origin("sizes.toml", "limit", name).place(f"limit.{name}.candidates")
            for each in limit.candidates:
                known(each, self.candidates, "a candidate", place)


def _check_source(source: str | None, cited: Mapping[str, Status], where: str) -> None:
    for name in ids(source) if source is not None else ():
        known(name, cited, "an id of sources.toml", where)


def _label(key: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in key)
