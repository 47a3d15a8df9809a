"""Making a study again, and saying what differs from what its folder holds."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from baseload.case.errors import InputError
from baseload.show.folder import (
    Content,
    digests,
    files_of,
    inputs_of,
    options_of,
    read_manifest,
    versions,
)

if TYPE_CHECKING:
    import xarray as xr

    from baseload.show.make import Means
    from baseload.show.terminal import Progress

MOST_SHOWN = 12
"""Differences listed for one file; the others are counted."""


@dataclass(frozen=True)
class Comparison:
    """What differs between a study folder and the same study made now; one line each."""

    inputs: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    """Files of the folder that are not what its manifest says was written."""
    outputs: list[str] = field(default_factory=list)

    @property
    def identical(self) -> bool:
        """Whether every output is the same bit for bit and still in the folder as written."""
        return not (self.stored or self.outputs)

    def __str__(self) -> str:
        """Say "identical, bit for bit", or what differs."""
        lines = ["identical, bit for bit" if self.identical else "not identical"]
        for title, found in (
            ("inputs", self.inputs),
            ("versions", self.versions),
            ("files of the folder", self.stored),
            ("outputs", self.outputs),
        ):
            lines += [f"  {title}: {line}" for line in found]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        return {
            "identical": self.identical,
            "inputs": self.inputs,
            "versions": self.versions,
            "stored": self.stored,
            "outputs": self.outputs,
        }


def again(
    folder: Path,
    case: Path | None = None,
    progress: Progress | None = None,
    means: Means | None = None,
) -> Comparison:
    """Make the study of a folder again and compare; the folder is not changed.

    Parameters
    ----------
    folder : study folder.
    case : folder of the case, if it has moved since; none is where the manifest says.
    progress : told of every step.
    means : processes or cluster to make it with; one process per processor if not given.

    Returns
    -------
    What differs in inputs, versions and outputs.

    Raises
    ------
    InputError
        No manifest, or the case is no longer there.
    """
    from baseload.case.load import load
    from baseload.show.make import Means, make

    manifest = read_manifest(folder)
    options = options_of(manifest)
    means = means or Means(workers=os.cpu_count() or 1)
    made = make(load(_case_of(folder, manifest, case)), options, means, progress)
    with tempfile.TemporaryDirectory(prefix="baseload-") as room:
        files = files_of(made, options, Path(room))
        return Comparison(
            inputs=list(_entries(manifest["inputs"], inputs_of(made, options.lang))),
            versions=list(_changes(manifest["versions"], versions())),
            stored=list(_entries(manifest["outputs"], digests(_stored(folder, manifest)))),
            outputs=[
                line
                for name in _differing(manifest["outputs"], digests(files))
                for line in _explained(name, folder, files.get(name))
            ],
        )


def _case_of(folder: Path, manifest: Mapping[str, Any], case: Path | None) -> Path:
    found = case or folder.resolve() / manifest["case"]
    if found.exists():
        return found
    raise InputError(
        f"{folder}, case",
        expected=f"the case folder of the study, {manifest['case']} seen from there",
        found="no such folder",
        mend="say where it is now: baseload study CASE --again DIR",
    )


def _stored(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Content]:
    paths = {name: folder / name for name in manifest["outputs"]}
    return {name: path for name, path in paths.items() if path.is_file()}


def _differing(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [name for name in sorted({*then, *now}) if then.get(name) != now.get(name)]


def _entries(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Name the files whose digest differs."""
    for name in _differing(then, now):
        if name not in now:
            yield f"{name} is missing"
        elif name not in then:
            yield f"{name} is new"
        else:
            yield f"{name} has changed"


def _changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in _differing(then, now):
        yield f"{name} {then.get(name, 'absent')} then, {now.get(name, 'absent')} now"


def _explained(name: str, folder: Path, now: Content | None) -> list[str]:
    """Say what differs between a stored file and the one made now."""
    stored = folder / name
    if now is None or not stored.is_file():
        return [f"{name} cannot be compared: it is missing"]
    readers = {".json": _json_leaves, ".nc": _dataset_leaves, ".parquet": _cash_leaves}
    reader = readers.get(stored.suffix)
    if reader is None:
        return [f"{name} differs"]
    try:
        before = reader(stored)
    except (ValueError, OSError) as error:
        return [f"{name} in the folder cannot be read: {error}"]
    changed = list(_changes(before, reader(now)))
    lines = [f"{name}, {line}" for line in changed[:MOST_SHOWN]]
    if len(changed) > MOST_SHOWN:
        lines.append(f"{name}, and {len(changed) - MOST_SHOWN} more")
    return lines or [f"{name} differs in bytes, not in content"]


def _opened(content: Content) -> Any:
    """Return what libraries read from."""
    return io.BytesIO(content) if isinstance(content, bytes) else os.fspath(content)


def _json_leaves(content: Content) -> dict[str, Any]:
    text = content if isinstance(content, bytes) else content.read_bytes()
    return dict(_leaves(json.loads(text), ""))


def _leaves(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _leaves(value, f"{path}[{index}]")
    else:
        yield path, node


def _dataset_leaves(content: Content) -> dict[str, Any]:
    """Return a short fingerprint of every variable of a netCDF file, and of its groups."""
    import h5netcdf  # type: ignore[import-untyped]
    import xarray as xr

    with h5netcdf.File(_opened(content), "r") as file:
        groups = list(file.groups)
    found = {}
    for group in (None, *groups):
        with xr.open_dataset(_opened(content), engine="h5netcdf", group=group) as dataset:
            for name in dataset.variables:
                path = f"{group}/{name}" if group else str(name)
                found[path] = _fingerprint(dataset[name])
    return found


def _fingerprint(variable: xr.DataArray) -> str:
    """Return shape, sum and digest, read in pieces that fit into memory."""
    digest, total = hashlib.sha256(), 0.0
    for place in np.ndindex(variable.shape[:-2]):
        array = np.asarray(variable[place].values)
        text = array.dtype.kind == "O"
        digest.update(repr(array.tolist()).encode() if text else array.tobytes())
        if array.dtype.kind in "fiu":
            total += float(np.nansum(array))
    added = f", sum {total:.12g}" if variable.dtype.kind in "fiu" else ""
    return f"{variable.shape}{added}, {digest.hexdigest()[:8]}"


def _cash_leaves(content: Content) -> dict[str, Any]:
    """Return the total of every account of every outcome."""
    import pandas as pd

    frame = pd.read_parquet(_opened(content))
    keys = ["alternative", "world", "account"]
    totals = frame.groupby(keys, observed=True)["amount_usd"].sum()
    names = [" / ".join(map(str, key)) for key in totals.index.to_list()]
    return dict(zip(names, totals.tolist(), strict=True))
