"""What is known and what is not: every figure of a case by how sure it is."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from baseload.case.case import Case
from baseload.case.documents import STATUSES
from baseload.case.paths import shape_at, split
from baseload.case.quantity import SeriesName
from baseload.case.units import format
from baseload.case.written import value_at

UNSTATED = "no status"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that is written in the tree: a quantity, a number or a date."""

    path: str
    value: str
    status: str
    source: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Open:
    """An entry of the unknowns, with its levels as they are written."""

    name: str
    path: str
    values: int
    low: str
    base: str
    high: str
    status: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Figures by status, and the unknowns.

    Parameters
    ----------
    figures : every figure written in the tree, in its order; days of the horizon left out.
    unknowns : entries of unknowns.toml.
    unknown_values : number of figures that an unknown stands for.
    """

    figures: tuple[Figure, ...]
    unknowns: tuple[Open, ...]
    unknown_values: int

    @property
    def by_status(self) -> dict[str, int]:
        """Number of figures by status, from the surest to the least sure."""
        return _counted(figure.status for figure in self.figures)

    @property
    def unknowns_by_status(self) -> dict[str, int]:
        """Number of unknowns by status, from the surest to the least sure."""
        return _counted(entry.status for entry in self.unknowns)

    @property
    def from_memory(self) -> tuple[Figure, ...]:
        """Figures that nobody has looked up."""
        return tuple(figure for figure in self.figures if figure.status == "memory")

    @property
    def unsourced(self) -> tuple[Figure, ...]:
        """Figures that name neither a source nor a status."""
        return tuple(figure for figure in self.figures if figure.status == UNSTATED)


def knowledge(case: Case) -> Knowledge:
    """Return what is known of a case and what is not."""
    figures = tuple(
        Figure(path, said(case, path), mark.status or UNSTATED, mark.source, mark.note)
        for path, mark in case.provenance.items()
        if _is_figure(path)
    )
    levels = [case.levels(unknown) for unknown in case.unknowns]
    unknowns = tuple(
        Open(
            name=unknown.name or unknown.path,
            path=unknown.path,
            values=len(given.paths),
            low=str(unknown.low),
            base=str(unknown.base) if unknown.base is not None else said(case, given.paths[0]),
            high=str(unknown.high),
            status=unknown.status,
            source=unknown.source,
        )
        for unknown, given in zip(case.unknowns, levels, strict=True)
    )
    touched = {path for given in levels for path in given.paths}
    return Knowledge(figures, unknowns, len(touched))


def said(case: Case, path: str) -> str:
    """Return the value at a path as it is written, else as a person would say it."""
    value, shape = value_at(case.tree, path), shape_at(split(path))
    written = case.written.text(path)
    if written is not None and not isinstance(value, SeriesName):
        return written
    if isinstance(value, SeriesName):
        values = case.shelf.values(value, case.clock, case.tree.money.rates)
        low, high = format(float(values.min()), "1", 4), format(float(values.max()), value.unit, 4)
        return f"{low} to {high} ({value})"
    if isinstance(value, float) and shape is not None and shape.quantity is not None:
        share = shape.quantity.unit == "1" and shape.quantity.maximum == 1
        return format(value * 100, "1") + " %" if share else format(value, shape.quantity.unit)
    return "not given" if value is None else str(value)


def _is_figure(path: str) -> bool:
    parts = split(path)
    shape = shape_at(parts)
    if shape is None or not shape.leaf or parts[0] == "case":
        return False
    return shape.quantity is not None or shape.kind in (float, int, dt.date)


def _counted(statuses: Iterable[str]) -> dict[str, int]:
    counts = Counter(statuses)
    return {status: counts[status] for status in (*STATUSES, UNSTATED) if counts[status]}
