"""Chunks of futures on disk: each whole or absent, each bound to the study it belongs to.

A chunk is one file: a line that names the format, a line of JSON that says what it holds, the
values as little-endian floats, and the SHA-256 of all before it. Which futures share a chunk,
who computed it and when shows nowhere in the values.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError
from baseload.plan.ensemble.result import ACCOUNTS, SCENARIO, VARIABLES, Simplification

if TYPE_CHECKING:
    from baseload.case.case import Case

Floats = NDArray[np.float64]

CHUNK = 20
"""Futures of a chunk if nothing else is asked for: a second or two of work, a megabyte."""

FORMAT = b"baseload futures 1\n"
SIGNED = 32
"""Length of the checksum at the end of a chunk [bytes]."""
STUDY = "study.json"
PACKAGES = ("baseload", "numpy", "numba")
"""Packages whose version may show in the values of a future."""

_CHUNK_NAME, _PART_NAME = re.compile(r"\d+-\d+\.futures"), re.compile(r"\..+\.\d+\.part")


class Span(NamedTuple):
    """Futures ``first`` to ``last - 1``."""

    first: int
    last: int


@dataclass(frozen=True)
class About:
    """What a simulation says of itself: labels of its dimensions, and what it leaves out."""

    unknowns: tuple[str, ...]
    gates: tuple[str, ...]
    areas: tuple[str, ...]
    years: tuple[int, ...]
    simplified: tuple[Simplification, ...] = ()

    @classmethod
    def of(cls, labels: Any, simplified: Iterable[Simplification] = ()) -> About:
        """Return it from anything that has the labels as attributes."""
        return cls(
            tuple(labels.unknowns),
            tuple(labels.gates),
            tuple(labels.areas),
            tuple(int(year) for year in labels.years),
            tuple(simplified),
        )

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> About:
        """Return it from what was read of a file."""
        labels = {name: tuple(values) for name, values in found.items()}
        simplified = tuple(Simplification(**one) for one in labels.pop("simplified"))
        return cls(**labels, simplified=simplified)


@dataclass(frozen=True)
class Identity:
    """All that the values of a future depend on, beside its own number.

    Parameters
    ----------
    inputs : SHA-256 of every file of the case, by name.
    tree : SHA-256 of the values of the case, which patches may have changed since it was read.
    alternatives, seed : what was asked for.
    versions : of the packages that compute.
    """

    inputs: dict[str, str]
    tree: str
    alternatives: list[str]
    seed: int
    versions: dict[str, str]

    @classmethod
    def of(cls, case: Case, alternatives: Sequence[str], seed: int) -> Identity:
        """Return the identity of the futures of a case."""
        return cls(
            {name: entry.sha256 for name, entry in sorted(case.inputs.items())},
            hashlib.sha256(case.tree.model_dump_json().encode()).hexdigest(),
            list(alternatives),
            seed,
            versions(),
        )

    @property
    def key(self) -> str:
        """SHA-256 of the identity; every chunk carries it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def unlike(self, other: Mapping[str, Any]) -> str:
        """Say in words what another identity, as read from its file, has different."""
        found = []
        if other.get("seed") != self.seed:
            found.append(f"seed {other.get('seed')} instead of {self.seed}")
        if other.get("alternatives") != self.alternatives:
            found.append(f"alternatives {', '.join(map(str, other.get('alternatives') or ()))}")
        for title, now in (("input", self.inputs), ("version of", self.versions)):
            then = other.get(f"{title}s" if title == "input" else "versions")
            then = then if isinstance(then, dict) else {}
            changed = [n for n in sorted({*then, *now}) if then.get(n) != now.get(n)]
            found += [f"another {title} {name}" for name in changed]
        return "; ".join(found) or "other values of the case"


def versions() -> dict[str, str]:
    """Return the versions that the values of a future may depend on, by package."""
    return {name: version(name) for name in PACKAGES}


# --- one chunk ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chunk:
    """A chunk on disk: where its arrays stand.

    Parameters
    ----------
    path : file.
    key : of the study it belongs to.
    span : its futures.
    about : labels of its dimensions.
    arrays : offset in the file [bytes] and shape by name of the variable.
    """

    path: Path
    key: str
    span: Span
    about: About
    arrays: Mapping[str, tuple[int, tuple[int, ...]]]


def shape_of(name: str, about: About, alternatives: int, futures: int) -> tuple[int, ...]:
    """Return the shape of a variable."""
    sizes = {
        "account": len(ACCOUNTS),
        "alternative": alternatives,
        SCENARIO: futures,
        "year": len(about.years),
        "unknown": len(about.unknowns),
        "gate": len(about.gates),
        "area": len(about.areas),
    }
    return tuple(sizes[dim] for dim in VARIABLES[name].dims)


def encode(
    key: str, span: Span, about: About, alternatives: int, arrays: Mapping[str, Floats]
) -> bytes:
    """Return the bytes of a chunk.

    Parameters
    ----------
    key : of the study.
    span, about, alternatives : its futures, the labels of its dimensions, their number.
    arrays : every one of VARIABLES.

    Raises
    ------
    ValueError
        A variable is missing, unknown or not of its shape.
    """
    if set(arrays) != set(VARIABLES):
        odd = ", ".join(sorted(set(arrays) ^ set(VARIABLES)))
        raise ValueError(f"a chunk holds every variable once; missing or unknown: {odd}")
    shapes = {}
    for name, values in arrays.items():
        shapes[name] = shape_of(name, about, alternatives, span.last - span.first)
        if values.shape != shapes[name]:
            raise ValueError(f"{name} has shape {values.shape}, expected {shapes[name]}")
    head = {"key": key, "span": span, "about": asdict(about), "shapes": shapes}
    body = b"".join(
        [
            FORMAT,
            json.dumps(head).encode() + b"\n",
            *(np.ascontiguousarray(values, "<f8").tobytes() for values in arrays.values()),
        ]
    )
    return body + hashlib.sha256(body).digest()


def decode(path: Path) -> tuple[Chunk, bytes] | None:
    """Read and check a chunk; None if it is cut off, changed or of another kind.

    Returns
    -------
    Where its arrays stand, and the whole file.
    """
    data = path.read_bytes()
    body = memoryview(data)[:-SIGNED]
    if not data.startswith(FORMAT) or hashlib.sha256(body).digest() != data[-SIGNED:]:
        return None
    end = data.index(b"\n", len(FORMAT)) + 1
    head = json.loads(data[len(FORMAT) : end])
    arrays, offset = {}, end
    for name, shape in head["shapes"].items():
        arrays[name] = (offset, tuple(shape))
        offset += 8 * int(np.prod(shape, dtype=np.int64))
    about = About.read(head["about"])
    return Chunk(path, head["key"], Span(*head["span"]), about, arrays), data


def array_of(chunk: Chunk, data: bytes, name: str) -> Floats:
    """Return a variable of a chunk that has been read; it cannot be written to."""
    offset, shape = chunk.arrays[name]
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(data, "<f8", count, offset).reshape(shape)


# --- the folder of a study's chunks ---------------------------------------------------------


def spans(scenarios: int, size: int = CHUNK, done: Iterable[Span] = ()) -> list[Span]:
    """Return the chunks that are still to be computed, in order.

    Parameters
    ----------
    scenarios : futures in all.
    size : greatest number of futures of a chunk.
    done : disjoint spans that need not be computed, in order.
    """
    found, first = [], 0
    for span in (*done, Span(scenarios, scenarios)):
        while first < span.first:
            last = min(first + size, span.first)
            found.append(Span(first, last))
            first = last
        first = span.last
    return found


@dataclass(frozen=True)
class ChunkFolder:
    """Where the chunks of one study are kept until it is written.

    Parameters
    ----------
    path : folder.
    key : of the study.
    """

    path: Path
    key: str

    @classmethod
    def start(cls, path: Path, identity: Identity) -> ChunkFolder:
        """Begin anew: chunks of an earlier start are removed.

        Raises
        ------
        InputError
            The folder holds anything but chunks, or cannot be written to.
        """
        with _refused(path):
            if path.exists():
                _check_own(path)
                remove(path)
            path.mkdir(parents=True)
            _put(path / STUDY, json.dumps(asdict(identity), indent=2).encode())
        return cls(path, identity.key)

    @classmethod
    def resume(cls, path: Path, identity: Identity) -> ChunkFolder:
        """Go on with what was started.

        Raises
        ------
        InputError
            Nothing was started there, or another study was.
        """
        try:
            found = json.loads((path / STUDY).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise InputError(
                f"--resume, {path}",
                expected="the finished futures of a study that was interrupted",
                found="none" if not path.exists() else f"a folder without a readable {STUDY}",
                mend="leave --resume out to start from the first future",
            ) from None
        if found != asdict(identity):
            unlike = identity.unlike(found if isinstance(found, dict) else {})
            raise _of_another_study(path, unlike)
        with _refused(path):
            for part in path.iterdir():
                if _PART_NAME.fullmatch(part.name):
                    part.unlink(missing_ok=True)
        return cls(path, identity.key)

    def write(self, span: Span, data: bytes) -> None:
        """Keep the bytes of a chunk; its file appears whole or not at all.

        Raises
        ------
        InputError
            The system refuses, as when the disk is full.
        """
        with _refused(self.path):
            _put(self.path / f"{span.first:09d}-{span.last:09d}.futures", data)

    def finished(self, scenarios: int) -> Iterator[tuple[Chunk, bytes]]:
        """Give the finished chunks of the first futures in order, each read whole and checked.

        Parameters
        ----------
        scenarios : futures asked for; chunks that hold later ones are passed over.

        Raises
        ------
        InputError
            A chunk belongs to another study.

        Notes
        -----
        Spans do not overlap. Files that are cut off or changed are removed.
        """
        reached = 0
        with _refused(self.path):
            names = sorted(n for n in os.listdir(self.path) if _CHUNK_NAME.fullmatch(n))
            for name in names:
                found = decode(self.path / name)
                if found is None:
                    (self.path / name).unlink()
                    continue
                chunk, data = found
                if chunk.key != self.key:
                    raise _of_another_study(chunk.path, "futures of another study")
                if reached <= chunk.span.first and chunk.span.last <= scenarios:
                    reached = chunk.span.last
                    yield chunk, data


def remove(path: Path) -> None:
    """Remove a folder of chunks and nothing else that may stand there."""
    if not path.is_dir():
        return
    for file in path.iterdir():
        if _is_own(file):
            file.unlink(missing_ok=True)
    if not any(path.iterdir()):
        path.rmdir()


def _is_own(file: Path) -> bool:
    name = file.name
    return name == STUDY or bool(_CHUNK_NAME.fullmatch(name) or _PART_NAME.fullmatch(name))


def _check_own(path: Path) -> None:
    if path.is_dir() and all(_is_own(file) for file in path.iterdir()):
        return
    raise InputError(
        str(path),
        expected="a new folder for finished futures, or one of an earlier start",
        found="a folder with other things in it" if path.is_dir() else "a file",
        mend="move it elsewhere; nothing was changed in it",
    )


def _of_another_study(path: Path, unlike: str) -> InputError:
    return InputError(
        f"--resume, {path}",
        expected="finished futures of the same case, alternatives, seed and versions",
        found=unlike,
        mend="leave --resume out to start from the first future, or undo the change",
    )


def _put(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    """Say what the system said where it does not let us read or write."""
    try:
        yield
    except OSError as error:
        raise InputError(
            str(path),
            expected="a folder for finished futures that may be written to, with room on the disk",
            found=error.strerror or str(error),
            mend="make room or mend the folder; then go on with --resume",
        ) from None
