"""A case: the typed tree, its time, its registers, and every variation by patches."""

from __future__ import annotations

import dataclasses
import difflib
import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from baseload.case.checks import check_tree
from baseload.case.clock import Clock, clock
from baseload.case.documents import Input, Provenance
from baseload.case.errors import InputError
from baseload.case.levels import Levels, levels
from baseload.case.quantity import SeriesName
from baseload.case.registers import Registers
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
from baseload.case.written import Patch, Written

if TYPE_CHECKING:
    from baseload.case.series import Reading, Shelf

Values = float | NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Case:
    """What is studied and agreed: everything a plan needs, checked and in canonical units.

    Parameters
    ----------
    folder : where it was read from.
    tree : values in canonical units.
    clock : the steps of the horizon.
    registers : unknowns, alternatives, parties, arrangements, claims, sources, precedents.
    written : the values as they are written, and where.
    shelf : the series that have been read.
    """

    folder: Path
    tree: Tree
    clock: Clock
    registers: Registers
    written: Written
    shelf: Shelf

    @classmethod
    def of(cls, folder: Path, registers: Registers, written: Written, shelf: Shelf) -> Case:
        """Validate a tree, read the series it uses and return the case."""
        tree = written.tree()
        check_tree(tree, written, registers.parties)
        frame = tree.case
        where = written.where("case")
        horizon = clock(frame.start, frame.end, frame.step, frame.time_zone, where)
        case = cls(folder, tree, horizon, registers, written, shelf)
        for path, name in written.series(tree):
            shelf.read(name, horizon, tree.money.rates, written.where(path, str(name)))
        return case

    # --- what it holds -----------------------------------------------------------------------

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """What is not known."""
        return self.registers.unknowns

    @property
    def alternatives(self) -> Mapping[str, Alternative]:
        """Named choices."""
        return self.registers.alternatives

    @property
    def parties(self) -> Mapping[str, Party]:
        """Who owns, operates, takes, supplies, regulates or claims."""
        return self.registers.parties

    @property
    def arrangements(self) -> Mapping[str, Arrangement]:
        """Proposed ways to share."""
        return self.registers.arrangements

    @property
    def claims(self) -> Mapping[str, Claim]:
        """What is claimed, and by whom."""
        return self.registers.claims

    @property
    def sources(self) -> Mapping[str, Source]:
        """Where values come from, by id."""
        return self.registers.sources

    @property
    def precedents(self) -> Mapping[str, Precedent]:
        """Projects of this kind that were tried elsewhere."""
        return self.registers.precedents

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Source, status and place of every written value, by its path."""
        return self.written.marks

    @property
    def inputs(self) -> Mapping[str, Input]:
        """SHA-256 and size of every file that was read, by its name in the folder."""
        return self.shelf.inputs

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What was read of each series that the tree uses: rows, cuts, fills."""
        names = dict.fromkeys(name for _, name in self.written.series(self.tree))
        return tuple(self.shelf.reading(name, self.clock, self.tree.money.rates) for name in names)

    @property
    def fills(self) -> tuple[Reading, ...]:
        """The series in which holes were filled, with how and how many."""
        return tuple(reading for reading in self.readings if reading.filled or reading.dropped)

    def levels(self, unknown: Unknown) -> Levels:
        """Return low, base and high of an unknown in canonical units, checked."""
        origin = self.registers.origin("unknowns.toml", "unknown", self.unknowns.index(unknown))
        return levels(unknown, self.written, self.tree, origin)

    def values(self, value: float | SeriesName | None) -> Values:
        """Return a value of the tree as a number, or as one number a step.

        Parameters
        ----------
        value : a float of the tree, or the name of a series.

        Returns
        -------
        The float itself, or an array of shape (T,) that cannot be written to, in the
        canonical unit of the field it came from.
        """
        if isinstance(value, SeriesName):
            return self.shelf.values(value, self.clock, self.tree.money.rates)
        if value is None:
            raise TypeError("no value is given here: ask for values of fields that are set")
        return float(value)

    # --- variations ---------------------------------------------------------------------------

    def patched(self, patches: Mapping[str, object]) -> Case:
        """Return a copy with other values, checked as if they stood in case.toml.

        Parameters
        ----------
        patches : value by path, as people write it: ``{"mine.pilot.power": "30 MW"}``;
            `baseload.case.units.written` writes a float with its unit.

        Raises
        ------
        InputError
            If a path matches nothing, or a value is not what stands there.
        """
        mark = Provenance(None, None, None, "patch", None)
        return self.with_patches(Patch(path, value, mark) for path, value in patches.items())

    def with_patches(self, patches: Iterable[Patch]) -> Case:
        """Return a copy with patches applied, each with its own provenance."""
        settled = (
            dataclasses.replace(patch, mark=self.registers.settled(patch.mark)) for patch in patches
        )
        written = self.written.with_patches(tuple(settled))
        return Case.of(self.folder, self.registers, written, self.shelf)

    def alternative(self, name: str) -> Case:
        """Return the case as it is under a named alternative.

        Raises
        ------
        InputError
            If there is none of that name; the error names the nearest.
        """
        if name not in self.alternatives:
            close = difflib.get_close_matches(name, self.alternatives, 1, 0.3)
            known = ", ".join(self.alternatives) or "none"
            raise InputError(
                f"{self.folder / 'alternatives.toml'}",
                expected=f"an alternative: {known}",
                found=f'"{name}"',
                mend=f'did you mean "{close[0]}"?' if close else "name one of them",
            )
        return self.with_patches(self.registers.choices[name])

    # --- printing -------------------------------------------------------------------------------

    def __repr__(self) -> str:
        """Return what the case is, in a few lines."""
        from baseload.case.outline import brief

        return brief(self)

    def _repr_html_(self) -> str:
        """Return the same for a notebook."""
        return f"<pre>{html.escape(repr(self))}</pre>"
