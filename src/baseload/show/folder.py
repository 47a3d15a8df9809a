"""The study folder: results, report, and a manifest by which they can be made again."""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import shlex
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baseload.case.errors import InputError

if TYPE_CHECKING:
    from baseload.plan.outcome import Study

MANIFEST = "manifest.json"
KIND = "baseload study"
FORMAT = 1

PACKAGES = (
    "baseload",
    "numpy",
    "numba",
    "highspy",
    "pyarrow",
    "xarray",
    "h5netcdf",
    "h5py",
    "pyxirr",
    "altair",
    "vl-convert-python",
    "jinja2",
    "babel",
)
"""Packages whose version may show in the bytes of a study folder."""

Content = bytes | Path
"""A file of the folder: its bytes, or where it stands on disk if it may not fit into memory."""

HOURLY = "hourly"
"""What ``--keep`` may keep beyond sums by year."""


@dataclass(frozen=True)
class Options:
    """What was asked for; with the case, all that a study folder depends on."""

    alternatives: tuple[str, ...]
    """Names of the alternatives; none is all of them."""
    lang: str
    seed: int
    scenarios: int = 0
    """Number of futures; none: base values only."""
    keep: tuple[str, ...] = ()
    """What is kept of the first futures beyond sums by year."""

    def command(self, case: str, out: str) -> str:
        """Return the command line that makes this study."""
        words = ["baseload", "study", case, "--out", out]
        for name in self.alternatives:
            words += ["--alternative", name]
        words += ["--lang", self.lang, "--seed", str(self.seed)]
        if self.scenarios:
            words += ["--scenarios", str(self.scenarios)]
        for kind in self.keep:
            words += ["--keep", kind]
        return shlex.join(words)


def check_free(out: Path) -> None:
    """Make sure that a study may be written to a folder.

    Parameters
    ----------
    out : folder that does not exist, is empty, or holds an earlier study.

    Raises
    ------
    InputError
        The folder holds something else, is a file, or cannot be written to.
    """
    _check_writable(out)
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if out.is_dir() and (out / MANIFEST).is_file():
        read_manifest(out)
        return
    raise InputError(
        f"--out {out}",
        expected="a new folder, an empty one, or one that holds an earlier study",
        found="a file" if not out.is_dir() else f"a folder without {MANIFEST}",
        mend="give another folder; nothing was changed in this one",
    )


def _check_writable(out: Path) -> None:
    """Refuse a place without right to write before hours are spent, not after."""
    there = next(place for place in (out.absolute(), *out.absolute().parents) if place.exists())
    if there.is_dir() and not os.access(there, os.W_OK):
        raise InputError(
            f"--out {out}",
            expected="a folder that may be written to",
            found=f"no right to write in {there}",
            mend="give a folder of your own",
        )


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a study folder.

    Parameters
    ----------
    folder : study folder.

    Raises
    ------
    InputError
        There is none, or it is not one of ours.
    """
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problem = "no such file"
    except (ValueError, OSError) as error:
        problem = f"a file that cannot be read: {error}"
    else:
        if _is_manifest(found):
            return dict(found)
        problem = "a file of another kind or format"
    raise InputError(
        str(path),
        expected="the manifest of a study folder",
        found=problem,
        mend="give a folder that 'baseload study CASE --out DIR' has written",
    )


def _is_manifest(found: Any) -> bool:
    if not isinstance(found, dict) or (found.get("kind"), found.get("format")) != (KIND, FORMAT):
        return False
    tables = ("options", "inputs", "versions", "outputs")
    if not isinstance(found.get("case"), str) or not all(
        isinstance(found.get(name), dict) for name in tables
    ):
        return False
    options = found["options"]
    lists = (options.get("alternatives"), options.get("keep", []))
    counts = (options.get("seed"), options.get("scenarios", 0))
    return (
        all(isinstance(names, list) for names in lists)
        and all(isinstance(name, str) for names in lists for name in names)
        and isinstance(options.get("lang"), str)
        and all(isinstance(count, int) for count in counts)
    )


def files_of(study: Study, options: Options, room: Path) -> dict[str, Content]:
    """Make the content of every file of the folder but the manifest.

    Parameters
    ----------
    study : result to be written.
    options : what it was asked for.
    room : folder for files that may not fit into memory.

    Returns
    -------
    Content by file name. It holds no clock time and no path, so that the same case, options
    and versions give the same bytes.
    """
    from baseload.show.report import render

    files = {
        "summary.json": _json(study.summary()),
        "results.nc": _netcdf(study, room / "results.nc"),
        "cash.parquet": _parquet(study),
        **({"hourly.nc": _hourly(study, room / "hourly.nc")} if HOURLY in options.keep else {}),
    }
    page = render(study, options.lang, versions=versions(), outputs=digests(files))
    return {**files, "report.html": page.encode()}


def write_study(study: Study, options: Options, out: Path, case: Path) -> None:
    """Write a study folder; each file appears whole, and the manifest last.

    Parameters
    ----------
    study : result to be written.
    options : what it was asked for.
    out : folder; made if it does not exist, refreshed if it is a study folder.
    case : folder of the case, for the manifest.
    """
    with _room(out) as room:
        files = files_of(study, options, room)
        manifest = manifest_of(study, options, out, case, files)
        with _refused(out):
            out.mkdir(parents=True, exist_ok=True)
        write_all(out, {**files, MANIFEST: _json(manifest)})


def manifest_of(
    study: Study, options: Options, out: Path, case: Path, files: Mapping[str, Content]
) -> dict[str, Any]:
    """Return the manifest: what was read, asked for, used and written."""
    return {
        "kind": KIND,
        "format": FORMAT,
        "command": options.command(case.as_posix(), out.as_posix()),
        "case": Path(os.path.relpath(case.resolve(), out.resolve())).as_posix(),
        "options": {
            "alternatives": list(options.alternatives),
            "lang": options.lang,
            "seed": options.seed,
            "scenarios": options.scenarios,
            "keep": list(options.keep),
        },
        "inputs": inputs_of(study, options.lang),
        "versions": versions(),
        "outputs": digests(files),
    }


def options_of(manifest: Mapping[str, Any]) -> Options:
    """Return the options that a manifest records."""
    options = manifest["options"]
    return Options(
        tuple(options["alternatives"]),
        options["lang"],
        options["seed"],
        options.get("scenarios", 0),
        tuple(options.get("keep", ())),
    )


def inputs_of(study: Study, lang: str) -> dict[str, dict[str, Any]]:
    """Return digest and size of every file of the case that was read, by name.

    Parameters
    ----------
    study : result.
    lang : language of its report; the case's own words in it, if given, are a file too.
    """
    from baseload.show.translation import translation

    read = {**study.case.inputs, **translation(study.case, lang).inputs}
    return {
        name: {"sha256": entry.sha256, "bytes": entry.size} for name, entry in sorted(read.items())
    }


def digests(files: Mapping[str, Content]) -> dict[str, dict[str, Any]]:
    """Return digest and size of files by name."""
    found = {}
    for name, data in sorted(files.items()):
        with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = len(data) if isinstance(data, bytes) else data.stat().st_size
        found[name] = {"sha256": digest, "bytes": size}
    return found


def versions() -> dict[str, str]:
    """Return the versions that results may depend on, by name."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def write_all(folder: Path, files: Mapping[str, Content]) -> None:
    """Write files beside their places first, and then move all of them in.

    Parameters
    ----------
    folder : existing folder.
    files : content by file name, in the order of their appearance; what stands on disk already
        is moved.

    Raises
    ------
    InputError
        The folder cannot be written to, or the disk is full; nothing is left half written.
    """
    parts = {name: folder / f".{name}.{os.getpid()}.part" for name in files}
    with _refused(folder):
        try:
            for name, data in files.items():
                if isinstance(data, bytes):
                    parts[name].write_bytes(data)
                else:
                    shutil.move(data, parts[name])
            with _uninterrupted():
                for name, part in parts.items():
                    os.replace(part, folder / name)
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)


@contextmanager
def _refused(folder: Path) -> Iterator[None]:
    """Say what the system said where it does not let us write."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"--out {folder}",
            expected="a folder that may be written to",
            found=error.strerror or str(error),
            mend="give another folder, or make room",
        ) from None


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back for the instant in which files are moved into place."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _json(data: Any) -> bytes:
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


@contextmanager
def _room(out: Path) -> Iterator[Path]:
    """Give a folder on the same disk as a study's, and remove it with all that is in it."""
    places = (out.absolute(), *out.absolute().parents)
    there = next(place for place in places if place.is_dir())
    with _refused(out):
        room = tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=there)
    with room as path:
        yield Path(path)


def _netcdf(study: Study, path: Path) -> Content:
    """Return base values as they are, and with futures, if there are any, as a file on disk."""
    from baseload.plan.results import to_dataset

    base = netcdf(to_dataset(study))
    if study.ensemble is None:
        return base
    from baseload.plan.ensemble.store import write_group

    with _refused(path.parent):
        path.write_bytes(base)
        write_group(study.ensemble, path)
    return path


def _hourly(study: Study, path: Path) -> Path:
    """Write every hour of the first futures."""
    from baseload.plan.ensemble.hourly import write_hourly

    if study.ensemble is None:
        raise ValueError("hours are kept of futures, and there are none")
    with _refused(path.parent):
        write_hourly(study.ensemble, path)
    return path


def netcdf(dataset: Any) -> bytes:
    """Return a labelled dataset as a netCDF 4 file."""
    stream = io.BytesIO()
    dataset.to_netcdf(stream, engine="h5netcdf")
    return stream.getvalue()


def _parquet(study: Study) -> bytes:
    """Return the cash flows of all outcomes as one Parquet file, without notes of its maker."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from baseload.plan.results import cash

    labels = ["alternative", "world", "account", "party", "item"]
    frame = cash(study).astype(dict.fromkeys(labels, "category"))
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()
