"""Candidates of a case: which sizes an alternative leaves open, their limits, and a case of them.

A case of candidates has one mine for each candidate and no other. It is a copy of the mine that
the candidate names, so whatever is said of that mine is said of the copies: unknowns, what gates
set, legal bars. What a candidate changes is no longer unknown.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from baseload.bitcoin.machines import find
from baseload.case.case import Case
from baseload.case.documents import Provenance
from baseload.case.errors import InputError
from baseload.case.paths import Parts, join, split
from baseload.case.schema import Mine, Unknown
from baseload.case.sizes import Candidate
from baseload.case.units import written
from baseload.case.written import Patch, Written
from baseload.plan.sizing.limits import Limits, Row

BETWEEN = "__"
"""Between the name of a mine and that of the candidate that copies it."""

_UNITS = {
    "efficiency": "J/TH",
    "machine_price": "USD/(TH/s)",
    "site_price": "USD/kW",
}


def candidates_of(case: Case, alternative: str) -> dict[str, Candidate]:
    """Return the candidates of an alternative: those of its mines, else the mines themselves.

    Raises
    ------
    InputError
        If the alternative has no mine, or none of its candidates may have any power.
    """
    tree = case.alternative(alternative).tree
    mines = [name for name, mine in tree.mine.items() if _has_power(mine)]
    if not mines:
        raise InputError(
            f"alternative.{alternative}",
            expected="an alternative with a mine, whose size is to be found",
            found="no mine of any power",
            mend="give its mine a power, or name another alternative",
        )
    named = {
        name: candidate
        for name, candidate in case.registers.candidates.items()
        if candidate.mine in mines
    }
    if named and all(candidate.most == 0.0 for candidate in named.values()):
        raise InputError(
            f"sizes.toml, candidates of alternative {alternative}",
            expected="a candidate that may have some power",
            found="most = 0 MW for all of them",
            mend="raise 'most' of one, or take the file away",
        )
    possible = {name: one for name, one in named.items() if one.most > 0.0}
    return possible or {name: _whole(case, name) for name in mines}


def _whole(case: Case, mine: str) -> Candidate:
    return Candidate.model_validate({"mine": mine, "most": written(most_of(case, mine), "MW")})


def _has_power(mine: Mine) -> bool:
    return not (isinstance(mine.power, float) and mine.power == 0.0)


def most_of(case: Case, mine: str) -> float:
    """Most that a mine could ever be fed: net output of all units that may feed it [MW]."""
    tree = case.tree
    bus = tree.mine[mine].bus
    return sum(
        unit.gross - unit.house_load
        for unit in tree.plant.unit.values()
        if bus is None or unit.bus == bus
    ) or sum(unit.gross - unit.house_load for unit in tree.plant.unit.values())


def check_sizes(case: Case) -> None:
    """Check that every candidate's machine is known, and that some sizes keep all limits.

    Raises
    ------
    InputError
        Says where the machine is written, or which limits are in conflict.
    """
    candidates = case.registers.candidates
    for name, candidate in candidates.items():
        if candidate.machine is not None:
            _check_machine(case, name, candidate.machine)
    for alternative in case.alternatives:
        mines = case.alternative(alternative).tree.mine
        mining = {name for name, mine in mines.items() if _has_power(mine)}
        if any(candidate.mine in mining for candidate in candidates.values()):
            limits_of(case, candidates_of(case, alternative)).room()


def _check_machine(case: Case, candidate: str, model: str) -> None:
    try:
        find(model)
    except InputError as error:
        origin = case.registers.origin("sizes.toml", "candidate", candidate)
        raise InputError(
            origin.place(f"candidate.{candidate}.machine", model),
            expected=error.expected,
            found=error.found,
            mend=error.mend,
        ) from None


# --- limits ---------------------------------------------------------------------------------


def limits_of(case: Case, candidates: Mapping[str, Candidate]) -> Limits:
    """Return bounds and rows of candidates: what they share, and what must come before."""
    names = tuple(candidates)
    rows = []
    for name, limit in case.registers.size_limits.items():
        members = [candidate in limit.candidates for candidate in names]
        if not any(members):
            continue
        if limit.power is not None:
            rows.append(Row(name, np.where(members, 1.0, 0.0), limit.power, "MW"))
        elif limit.investment is not None:
            price = [investment(case, candidate) for candidate in candidates.values()]
            rows.append(Row(name, np.where(members, price, 0.0), limit.investment, "USD"))
    for name, candidate in candidates.items():
        before = candidates.get(candidate.after or "")
        if before is not None and candidate.most > 0.0 and before.most > 0.0:
            weights = np.zeros(len(names))
            weights[names.index(name)] = before.most / candidate.most
            weights[names.index(str(candidate.after))] = -1.0
            rows.append(Row(f"{candidate.after} before {name}", weights, 0.0, "MW"))
    return Limits(
        names,
        np.array([candidate.least for candidate in candidates.values()]),
        np.array([candidate.most for candidate in candidates.values()]),
        tuple(rows),
    )


def investment(case: Case, candidate: Candidate) -> float:
    """Price of machines and site of one MW of a candidate [USD/MW]."""
    mine = case.tree.mine[candidate.mine]
    machine = mine.machine_price if candidate.machine_price is None else candidate.machine_price
    site = mine.site_price if candidate.site_price is None else candidate.site_price
    return machine * 1e6 / (efficiency(mine, candidate) * mine.pue) + site * 1e3


def efficiency(mine: Mine, candidate: Candidate) -> float:
    """Energy of a hash of a candidate's machine [J/TH]."""
    if candidate.efficiency is not None:
        return candidate.efficiency
    if candidate.machine is not None:
        return find(candidate.machine).nameplate_jth
    return mine.efficiency if mine.efficiency is not None else find(mine.machine).nameplate_jth


# --- a case of candidates ---------------------------------------------------------------------


def mine_names(candidates: Mapping[str, Candidate]) -> tuple[str, ...]:
    """Names of the mines that stand for candidates, in their order."""
    return tuple(f"{each.mine}{BETWEEN}{name}" for name, each in candidates.items())


def case_with_candidates(case: Case, alternative: str, candidates: Mapping[str, Candidate]) -> Case:
    """Return a case whose mines are the candidates, each of its greatest size.

    Parameters
    ----------
    case : as loaded.
    alternative : what else it sets stays set; the powers of its mines do not count.
    candidates : by name.

    Raises
    ------
    InputError
        Where a candidate's copy is not a valid mine.
    """
    case.alternative(alternative)
    copies = _Copies(candidates)
    mines, marks = {}, dict(case.written.marks)
    for name, (label, candidate) in zip(mine_names(candidates), candidates.items(), strict=True):
        mines[name] = _copied(case, alternative, candidate)
        origin = case.registers.origin("sizes.toml", "candidate", label)
        source, status = candidate.source, candidate.status
        mark = Provenance(source, status, candidate.note, origin.file, origin.line)
        of_mine = ("mine", candidate.mine)
        for path, old in case.written.marks.items():
            parts = split(path)
            if parts[:2] == of_mine:
                marks[join(("mine", name, *parts[2:]))] = old
        marks |= {join(("mine", name, field)): mark for field in ("power", *_changed(candidate))}
    raw = {**case.written.raw, "mine": mines}
    raw["gate"] = {name: _gate(gate, copies) for name, gate in raw.get("gate", {}).items()}
    raw["bar"] = {name: _bar(bar, copies, case) for name, bar in raw.get("bar", {}).items()}
    for name in ("gate", "bar"):
        if not raw[name]:
            del raw[name]
    marks = {path: mark for path, mark in marks.items() if _stands(path, mines)}
    registers = dataclasses.replace(
        case.registers,
        unknowns=tuple(each for unknown in case.unknowns for each in copies.unknowns(unknown)),
        alternatives={
            name: entry.model_copy(update={"set": _set(entry.set, copies)})
            for name, entry in case.registers.alternatives.items()
        },
        choices={
            name: tuple(part for patch in patches for part in copies.patches(patch))
            for name, patches in case.registers.choices.items()
        },
    )
    return Case.of(case.folder, registers, Written(raw, case.written.documents, marks), case.shelf)


def _stands(path: str, mines: Mapping[str, Any]) -> bool:
    parts = split(path)
    return parts[0] != "mine" or len(parts) < 2 or parts[1] in mines


def _copied(case: Case, alternative: str, candidate: Candidate) -> dict[str, Any]:
    """Return the written table of a candidate's mine, under the alternative."""
    mine = case.alternative(alternative).tree.mine[candidate.mine]
    table: dict[str, Any] = copy.deepcopy(case.written.raw["mine"][candidate.mine])
    table["power"] = written(candidate.most, "MW")
    if candidate.machine is not None:
        table["machine"] = candidate.machine
        table.pop("efficiency", None)
    for field, unit in _UNITS.items():
        value = getattr(candidate, field)
        if value is not None:
            table[field] = written(value, unit)
    if candidate.later > 0.0:
        table["build_time"] = written(mine.build_time + candidate.later, "h")
    if candidate.title:
        table["title"] = candidate.title
    return table


def _changed(candidate: Candidate) -> tuple[str, ...]:
    """Fields of the mine that a candidate sets itself, besides its power."""
    fields = [field for field in _UNITS if getattr(candidate, field) is not None]
    if candidate.machine is not None:
        fields += ["machine", "efficiency"]
    if candidate.later > 0.0:
        fields.append("build_time")
    return tuple(dict.fromkeys(fields))


class _Copies:
    """Turns what is said of a mine into what is said of its copies."""

    def __init__(self, candidates: Mapping[str, Candidate]) -> None:
        self.of = list(zip(mine_names(candidates), candidates.values(), strict=True))

    def places(self, parts: Parts) -> Iterator[Parts]:
        """Yield the places of the copies that a place in a mine stands for."""
        for name, candidate in self.of:
            own = len(parts) > 2 and parts[2] in ("power", *_changed(candidate))
            if fnmatchcase(candidate.mine, parts[1]) and not own:
                yield ("mine", name, *parts[2:])

    def patches(self, patch: Patch) -> Iterator[Patch]:
        """Yield the patches of the copies; one elsewhere stays as it is."""
        parts = split(patch.path)
        if parts[0] != "mine":
            yield patch
            return
        for place in self.places(parts):
            yield dataclasses.replace(patch, path=join(place))

    def unknowns(self, unknown: Unknown) -> Iterator[Unknown]:
        """Yield an unknown of the copies: one of all that it stands for where that can be said."""
        parts = split(unknown.path)
        if parts[0] != "mine":
            yield unknown
            return
        places = list(self.places(parts))
        for pattern in (parts[1], parts[1] + BETWEEN + "*"):
            meant = [
                ("mine", name, *parts[2:]) for name, _ in self.of if fnmatchcase(name, pattern)
            ]
            if places and meant == places:
                yield unknown.model_copy(update={"path": join(("mine", pattern, *parts[2:]))})
                return
        for place in places:
            yield unknown.model_copy(update={"path": join(place)})


def _gate(gate: Any, copies: _Copies) -> Any:
    """Return a gate whose patches on mines are on their copies."""
    if not (isinstance(gate, dict) and gate.get("set")):
        return gate
    return {**gate, "set": _set(gate["set"], copies)}


def _set(values: Mapping[str, Any], copies: _Copies) -> dict[str, Any]:
    """Return values to set by path, those of mines on their copies."""
    fresh: dict[str, Any] = {}
    for path, value in values.items():
        parts = split(path)
        places = copies.places(parts) if parts[0] == "mine" else iter((parts,))
        fresh |= {join(place): value for place in places}
    return fresh


def _bar(bar: Any, copies: _Copies, case: Case) -> Any:
    """Return a bar that forbids to the copies what it forbids to their mines."""
    others = [f"party.{name}" for name in case.parties]
    fresh = dict(bar)
    for key in ("blocks", "excepts"):
        found: list[str] = [
            f"mine.{name}"
            for name, candidate in copies.of
            if any(fnmatchcase(f"mine.{candidate.mine}", pattern) for pattern in bar.get(key, ()))
        ]
        for pattern in bar.get(key, ()):
            if any(fnmatchcase(subject, pattern) for subject in others):
                found.append(pattern)
        # Names, not patterns: mine.onsite* may also meet the name of a copy it does not mean.
        if key in bar:
            fresh[key] = tuple(dict.fromkeys(found))
    return fresh
