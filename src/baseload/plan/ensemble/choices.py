"""The alternatives of an ensemble: what each changes, what it waits for, how it is laid out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from baseload.case.case import Case
from baseload.case.errors import InputError
from baseload.case.paths import split
from baseload.plan.busbar import refuse_unfit
from baseload.plan.ensemble.gating import Gates
from baseload.plan.ensemble.parameters import Change, Parameters
from baseload.plan.ensemble.result import Simplification
from baseload.plan.ensemble.structure import Structure, structure
from baseload.plan.world import OVER_TIME, setting

COMMON = ("bitcoin.*", "money.*", "futures.*", "case.*", "gate.*", "bar.*")
"""What all alternatives share in a future, so that none may set it."""

FIXED_IN_GATES = (
    "area.*.market.price",
    "plant.unit.*.forced_outage_rate",
    "plant.unit.*.available",
)
"""What a future takes for the whole horizon, although base values may follow a gate."""


@dataclass(frozen=True)
class Choice:
    """One alternative.

    Attributes
    ----------
    name : of the alternative.
    case : the case under it.
    change : what it sets.
    needed : gates that it waits for, with all those before them.
    parties : parties of its arrangement, whom bars may name.
    mines : mines that it has, whether or not they may run.
    own, without : its structure with its mines, and without any.
    world : tells the same world without a mine from others.
    """

    name: str
    case: Case
    change: Change
    needed: frozenset[str]
    parties: tuple[str, ...]
    mines: tuple[str, ...]
    own: Structure
    without: Structure
    world: frozenset[tuple[str, str]]


def choices(
    case: Case, names: Sequence[str], parameters: Parameters, gates: Gates
) -> tuple[Choice, ...]:
    """Lay out alternatives.

    Raises
    ------
    baseload.case.errors.InputError
        An alternative that sets what all of them share in a future, lines that would couple
        sections, a mine that no line reaches, or one whose part load was not measured.
    """
    return tuple(_choice(case, name, parameters, gates) for name in names)


def _choice(case: Case, name: str, parameters: Parameters, gates: Gates) -> Choice:
    chosen = case.alternative(name)
    entry = case.alternatives[name]
    _refuse_common(case, name, entry.set)
    change = parameters.change(chosen, entry.set)
    mines = _mines_of(case, parameters, change)
    refuse_unfit(setting(case, name, "opened"), mines)
    return Choice(
        name=name,
        case=chosen,
        change=change,
        needed=gates.needed(name),
        parties=case.arrangements[entry.arrangement].parties if entry.arrangement else (),
        mines=mines,
        own=structure(chosen, parameters, mines),
        without=structure(chosen, parameters, ()),
        world=frozenset(
            (path, str(value)) for path, value in entry.set.items() if split(path)[0] != "mine"
        ),
    )


def _mines_of(case: Case, parameters: Parameters, change: Change) -> tuple[str, ...]:
    """Mines that have power by the case, by the alternative or by a gate."""
    row = parameters.base.copy()
    change.apply(row)
    set_by_gates = [path for gate in case.tree.gate.values() for path in gate.set]
    found = []
    for name in case.tree.mine:
        place = parameters.place("mine", name, "power")
        path = parameters.paths[place]
        powered = row.series[place] >= 0 or row.values[place] > 0.0
        if powered or any(fnmatchcase(path, pattern) for pattern in set_by_gates):
            found.append(name)
    return tuple(found)


def _refuse_common(case: Case, name: str, paths: Iterable[str]) -> None:
    for path in paths:
        if any(fnmatchcase(path, pattern) for pattern in COMMON):
            raise InputError(
                f"alternative.{name}.set, {path}",
                expected="values of the plant, its lines, markets and mines",
                found="a value that all alternatives share in a future",
                mend="write it in case.toml, or as an unknown",
            )


def refuse_gates(case: Case) -> None:
    """Refuse gates that set what a future cannot change on the way.

    Raises
    ------
    baseload.case.errors.InputError
        Names the gate and the path.
    """
    for name, gate in case.tree.gate.items():
        for path in gate.set:
            follows = any(_covers(pattern, path) for pattern in OVER_TIME)
            fixed = any(_covers(pattern, path) for pattern in (*FIXED_IN_GATES, *COMMON))
            if fixed or not follows:
                raise InputError(
                    case.written.where(f"gate.{name}.set"),
                    expected="a value that futures follow, such as a limit, a load or a cap",
                    found=path,
                    mend="set it in an alternative, or write it as an unknown",
                )


def _covers(pattern: str, path: str) -> bool:
    parts, shape = split(path), split(pattern)
    if shape[-1] == "*" and len(shape) == 2:
        return parts[0] == shape[0]
    return len(parts) == len(shape) and all(map(fnmatchcase, parts, shape))


def simplifications(case: Case, names: Iterable[str]) -> tuple[Simplification, ...]:
    """Name what couples steps in a case and is left out of its futures."""
    found: dict[str, None] = {}
    for tree in (case.tree, *(case.alternative(name).tree for name in names)):
        units = tree.plant.unit.values()
        if any(unit.ramp is not None for unit in units):
            found["ramps of units from step to step"] = None
        if any(unit.commitment is not None for unit in units):
            found["limits on starts and stops of units"] = None
        if any(unit.fuel_budget is not None for unit in units):
            found["fuel budgets of cycles"] = None
        if tree.storage:
            found["batteries"] = None
        if any(mine.take_or_pay is not None for mine in tree.mine.values()):
            found["take-or-pay of mines"] = None
        owed = (entry for area in tree.area.values() for entry in area.obligation.values())
        if any(entry.deliver_or_pay is not None for entry in owed):
            found["energy promised over periods"] = None
    return tuple(Simplification(what) for what in found)


def used_places(parts: Structure) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return where the numbers stand that a structure reads in every step."""
    places = [
        table.ravel()
        for table in (
            *(parts.bus_at, parts.unit_at[:, :7], parts.link_at, parts.area_at, parts.owed_at),
            parts.mine_at,
        )
    ]
    joined = np.concatenate(places)
    return np.unique(joined[joined >= 0])
