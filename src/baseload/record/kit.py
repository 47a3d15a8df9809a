"""Kits: all that an inspector needs to check a record, in one folder or zip.

What lies in a kit can also lie on a web server: nothing of it is private. The same log gives the
same bytes.

References
----------
.. [1] ``docs/record-format.md``, section 5.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from baseload.record.errors import StoreError
from baseload.record.reader import PathOf, Reader
from baseload.record.tiles import WIDTH, bundle_path, tile_path

README = """\
A record, and all that is needed to check it
============================================

This folder is a copy of the record
    {origin}
with {size} entries. It can be checked on a computer that is connected to nothing:

    python inspect.py

needs Python 3.11 or later and one package, `cryptography`. The answer is OK, INCOMPLETE (not
everything could be checked) or FAILED (something is wrong, and where); exit codes 0, 3 and 4.

Do not take the keys from this folder. Whoever made it could have made those too. Ask at least
two parties for the verifier key of the log, the hash of its charter (the first entry, which names
the parties and their keys) and the policy (the keys of the witnesses), by a way that is not this
folder, and say

    python inspect.py --log-key KEY --charter HASH --policy FILE

Whoever has an earlier kit says `--since EARLIER` as well: this one must go on from it. The
program can be read: it is one file, and docs/record-format.md of baseload says what it checks.
"""
_DATE = (1980, 1, 1, 0, 0, 0)


def write(
    log: Path,
    out: Path,
    inspector: str | bytes,
    policy: str,
    headers: Path | None = None,
    anchors: Path | None = None,
) -> Path:
    """Write the kit of a log.

    Parameters
    ----------
    log : folder of the log, published at least once.
    out : folder to make, or zip file where the name ends in ``.zip``.
    inspector : text of the program that checks.
    policy : text of the policy, tlog-policy.
    headers : folder of block headers.
    anchors : folder of OpenTimestamps proofs.

    Raises
    ------
    StoreError
        There is something at the place already, or it cannot be written to.
    RecordError
        The log cannot be read.
    """
    log, out = Path(log), Path(out)
    check_free(out)
    checkpoint, _ = Reader(log).checkpoint()
    text = inspector.encode() if isinstance(inspector, str) else inspector
    made = {
        "README.txt": README.format(origin=checkpoint.origin, size=checkpoint.size).encode(),
        "inspect.py": text,
        "policy": policy.encode(),
    }
    if not text:
        del made["inspect.py"]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as place:
            part = Path(place) / "kit"
            files = _files(log, checkpoint.size, headers, anchors)
            (_zip if out.suffix == ".zip" else _folder)(part, made, files)
            os.replace(part, out)
    except OSError as error:
        raise _unwritable(out, "a place that can be written to", str(error)) from None
    return out


def check_free(out: Path) -> None:
    """Make sure that a kit can get a name: one that was handed out is not written over.

    Raises
    ------
    StoreError
        There is something in its place.
    """
    if out.exists():
        raise _unwritable(out, "a name that is free, as a kit of each day has", "something there")


def servable(log: Path, size: int) -> Iterator[str]:
    """Give the names of the files of a log that anyone may read, up to a size.

    Parameters
    ----------
    log : folder of the log.
    size : number of entries that the checkpoint covers.
    """
    yield "checkpoint"
    for kept in Reader(log).journal():
        if kept <= size:
            yield f"checkpoints/{kept}"
    for number in range((size + WIDTH - 1) // WIDTH):
        yield _there(log, partial(bundle_path, number), size - number * WIDTH)
    level = 0
    while count := size >> 8 * level:
        for number in range((count + WIDTH - 1) // WIDTH):
            yield _there(log, partial(tile_path, level, number), count - number * WIDTH)
        level += 1
    for name in _names(log / "blobs", r"[0-9a-f]{64}"):
        yield f"blobs/{name}"


def _there(log: Path, path: PathOf, width: int) -> str:
    """Return the partial file, or the full one that has taken its place."""
    part = path(min(width, WIDTH))
    return part if (log / part).exists() else path(WIDTH)


def _files(
    log: Path, size: int, headers: Path | None, anchors: Path | None
) -> Iterator[tuple[str, Path]]:
    for name in servable(log, size):
        yield name, log / name
    for folder, kind, pattern in (
        (headers, "headers", r"\d+\.bin"),
        (anchors, "anchors", r"\d+\.ots"),
    ):
        if folder is not None:
            for name in _names(folder, pattern):
                yield f"{kind}/{name}", folder / name


def _names(folder: Path, pattern: str) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(name for name in os.listdir(folder) if re.fullmatch(pattern, name))


def _folder(part: Path, made: dict[str, bytes], files: Iterator[tuple[str, Path]]) -> None:
    part.mkdir()
    for name, data in made.items():
        (part / name).write_bytes(data)
    known = set()
    for name, path in files:
        target = part / name
        if target.parent not in known:
            target.parent.mkdir(parents=True, exist_ok=True)
            known.add(target.parent)
        shutil.copyfile(path, target)


def _zip(part: Path, made: dict[str, bytes], files: Iterator[tuple[str, Path]]) -> None:
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for name, data in sorted(made.items()):
            target.writestr(_member(name), data)
        for name, path in files:
            target.writestr(_member(name), path.read_bytes())


def _member(name: str) -> zipfile.ZipInfo:
    """Return a member with a fixed date, so that the same log gives the same zip."""
    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _unwritable(out: Path, expected: str, found: str) -> StoreError:
    return StoreError(
        f"kit {out}", expected=expected, found=found, mend="name another file or folder"
    )
