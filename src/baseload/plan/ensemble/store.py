"""An ensemble kept on disk: read back from its chunks, written out as a group of a netCDF file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from baseload.plan.ensemble.chunks import Chunk, array_of, shape_of
from baseload.plan.ensemble.result import ACCOUNTS, SCENARIO, VARIABLES, Ensemble

if TYPE_CHECKING:
    import h5netcdf  # type: ignore[import-untyped]

Floats = NDArray[np.float64]

GROUP = "futures"
BLOCK = 1024
"""Futures that are compressed together in the netCDF file."""

SMALL = tuple(name for name, variable in VARIABLES.items() if "year" not in variable.dims)
"""Variables that are kept in memory."""


class ChunkShelf:
    """Reads variables by year from the chunks of a study, one alternative at a time.

    Parameters
    ----------
    chunks : all chunks, in order, checked.
    alternatives : names in the order of their dimension.
    keep : anything that has to live as long as the files.
    """

    def __init__(
        self, chunks: Sequence[Chunk], alternatives: Sequence[str], keep: object = None
    ) -> None:
        self._chunks, self._alternatives, self._keep = tuple(chunks), list(alternatives), keep

    def read(self, name: str, alternative: str | None, account: str | None) -> Floats:
        """Return a variable of one alternative and account, where it has these dimensions.

        Returns
        -------
        Shape (S, Y), or (areas, S, Y) for the price of power.

        Raises
        ------
        ValueError
            An alternative or an account is missing, unknown or out of place.
        """
        fixed = {"alternative": (alternative, self._alternatives), "account": (account, ACCOUNTS)}
        wanted: list[Sequence[int]] = []
        sizes = self._chunks[0].arrays[name][1]
        dims = VARIABLES[name].dims
        for dim, size in zip(dims[:-2], sizes, strict=False):
            label, known = fixed.pop(dim, (None, ()))
            wanted.append([_place(name, dim, label, known)] if known else range(size))
        for dim, (label, _) in fixed.items():
            if label is not None:
                raise ValueError(f"{name} has no dimension {dim}")
        rows = [self._row(name, place) for place in product(*wanted)]
        if dims[0] == "area":
            futures, years = self._chunks[-1].span.last, sizes[-1]
            return np.array(rows).reshape(len(rows), futures, years)
        return rows[0]

    def _row(self, name: str, place: tuple[int, ...]) -> Floats:
        """Return shape (S, Y) at a place of the leading dimensions."""
        years = self._chunks[0].arrays[name][1][-1]
        values = np.empty((self._chunks[-1].span.last, years))
        for chunk in self._chunks:
            offset, shape = chunk.arrays[name]
            count = shape[-2] * shape[-1]
            at = int(np.ravel_multi_index(place, shape[:-2])) if place else 0
            found = np.fromfile(chunk.path, "<f8", count, offset=offset + 8 * at * count)
            values[chunk.span.first : chunk.span.last] = found.reshape(shape[-2:])
        return values


def _place(name: str, dim: str, label: str | None, known: Sequence[str]) -> int:
    if label not in known:
        raise ValueError(f"{name} is read by {dim}: one of {', '.join(known)}, not {label!r}")
    return known.index(label)


def small_of(
    chunks: Iterator[tuple[Chunk, bytes]], scenarios: int, alternatives: int
) -> tuple[list[Chunk], dict[str, Floats]]:
    """Go once through all chunks and gather the variables without a year.

    Parameters
    ----------
    chunks : in order, each with its bytes.
    scenarios, alternatives : their numbers.

    Returns
    -------
    The chunks, and arrays by name with shapes as their dimensions say.

    Raises
    ------
    RuntimeError
        Futures are missing.
    """
    kept: list[Chunk] = []
    small: dict[str, Floats] = {}
    reached = 0
    for chunk, data in chunks:
        if chunk.span.first != reached:
            break
        for name in SMALL:
            whole = small.setdefault(
                name, np.empty(shape_of(name, chunk.about, alternatives, scenarios))
            )
            whole[..., chunk.span.first : chunk.span.last] = array_of(chunk, data, name)
        kept.append(chunk)
        reached = chunk.span.last
    if reached != scenarios:
        raise RuntimeError(f"future {reached} is missing: its chunk was changed after it was kept")
    return kept, small


def write_group(ensemble: Ensemble, path: Path) -> None:
    """Add an ensemble to a netCDF file as its group 'futures'.

    Parameters
    ----------
    ensemble : what to write; variables by year go through memory one alternative and account
        at a time.
    path : netCDF 4 file, made if it does not exist.

    Notes
    -----
    The bytes depend on the ensemble alone: no clock time, one order, one size of blocks. A
    dimension without labels, such as gates of a case that has none, is left out with its
    variables.
    """
    import h5netcdf
    import h5py  # type: ignore[import-untyped]

    labels = _labels(ensemble)
    written = [name for name, variable in VARIABLES.items() if set(variable.dims) <= set(labels)]
    with h5netcdf.File(os.fspath(path), "a") as file:
        group = file.create_group(GROUP)
        group.dimensions = {dim: len(values) for dim, values in labels.items()}
        for dim, values in labels.items():
            _write_labels(group, dim, values)
        for name in written:
            _define(group, name)
        for name, value in {
            "seed": ensemble.seed,
            "case": ensemble.case.tree.case.name,
            "energy": "at the busbar",
            "left_out": "; ".join(one.what for one in ensemble.simplified),
        }.items():
            group.attrs[name] = value
    # Values go in by h5py, which writes a piece in a tenth of the time.
    with h5py.File(os.fspath(path), "r+") as file:
        for name in written:
            stored = file[GROUP][name]
            for place, values in _rows(ensemble, name):
                stored[place] = values


_MEANING = {
    "scenario": "future, common to all alternatives",
    "year": "calendar year, local time",
    "unknown": "path of what is not known",
}


def _labels(ensemble: Ensemble) -> dict[str, Any]:
    """Return the labels of every dimension that has any."""
    labels = {
        "alternative": ensemble.alternatives,
        SCENARIO: np.arange(ensemble.scenarios),
        "year": np.asarray(ensemble.years, np.int64),
        "account": ACCOUNTS,
        "unknown": ensemble.unknowns,
        "gate": ensemble.gates,
        "area": ensemble.areas,
    }
    return {dim: values for dim, values in labels.items() if len(values)}


def _write_labels(group: h5netcdf.Group, dim: str, values: Any) -> None:
    import h5py

    kind = values.dtype if isinstance(values, np.ndarray) else h5py.string_dtype()
    variable = group.create_variable(dim, (dim,), kind)
    variable[...] = values if isinstance(values, np.ndarray) else np.array(values, dtype=object)
    if dim in _MEANING:
        variable.attrs["long_name"] = _MEANING[dim]


def _define(group: h5netcdf.Group, name: str) -> None:
    dims, units, long_name = VARIABLES[name]
    futures, years = len(group.dimensions[SCENARIO]), len(group.dimensions["year"])
    block = {SCENARIO: min(BLOCK, futures), "year": years}
    stored = group.create_variable(
        name,
        dims,
        np.dtype("<f8"),
        chunks=tuple(block.get(dim, 1) for dim in dims),
        compression="gzip",
        compression_opts=1,
        shuffle=True,
    )
    stored.attrs["units"] = units
    stored.attrs["long_name"] = long_name


def _rows(ensemble: Ensemble, name: str) -> Iterator[tuple[Any, Floats]]:
    """Give a variable in pieces: where each stands, and its values."""
    dims = VARIABLES[name].dims
    if "year" not in dims or "alternative" not in dims:
        yield ..., ensemble.of(name)
        return
    for i, alternative in enumerate(ensemble.alternatives):
        if "account" not in dims:
            yield (i, ...), ensemble.of(name, alternative)
            continue
        for k, account in enumerate(ACCOUNTS):
            yield (k, i, ...), ensemble.of(name, alternative, account)
