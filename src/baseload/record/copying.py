"""A copy of a log that any web server can serve, brought up to date by what is new.

Files of a tree never change once they have their name, so what is there in its length is left alone
(`record audit` tells of a copy whether it is what it says); the checkpoint comes last, and names
nothing that is not there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from baseload.record.checkpoint import parse
from baseload.record.disk import REAL
from baseload.record.errors import StoreError
from baseload.record.kit import servable
from baseload.record.reader import Reader

PART = ".part"
GROWING = ("checkpoints/",)
"""Files that gain signatures: they are compared, not only looked for."""


def copy_to(log: Path, target: Path) -> int:
    """Bring a copy of the published part of a log up to date; return how many files that took.

    Parameters
    ----------
    log : folder of the log.
    target : folder of the copy; made if it is not there.

    Raises
    ------
    StoreError
        The copy is one of another log or of a longer one, or cannot be written.
    RecordError
        The log cannot be read.
    """
    reader = Reader(log)
    found, _ = reader.checkpoint()
    _same_log(reader, target)
    names = [name for name in servable(log, found.size) if name != "checkpoint"]
    try:
        target.mkdir(parents=True, exist_ok=True)
        copied = _copy(log, target, names)
        return copied + _copy(log, target, ["checkpoint"])
    except OSError as error:
        raise _unfit(target, "a folder that can be written to", str(error)) from None


def _same_log(reader: Reader, target: Path) -> None:
    """Make sure that a copy is the beginning of a log: another one is not written over."""
    data = REAL.read(target / "checkpoint")
    if data is None:
        if target.exists() and any(target.iterdir()):
            raise _unfit(target, "an empty folder, or a copy of this log", "something else")
        return
    kept, _ = parse(data, str(target / "checkpoint"))
    own, _ = reader.checkpoint()
    if kept.origin != own.origin:
        raise _unfit(target, f"a copy of {own.origin}", kept.origin)
    if kept.size > own.size:
        raise _unfit(target, f"at most {own.size} entries", f"{kept.size}, more than the log has")
    if kept.root != reader.root(kept.size):
        raise _unfit(target, f"root {reader.root(kept.size).hex()}", kept.root.hex())


def _copy(log: Path, target: Path, names: Iterable[str]) -> int:
    copied, folders = 0, set()
    for name in names:
        source, place = log / name, target / name
        compared = name == "checkpoint" or name.startswith(GROWING)
        if place.exists() and not compared and place.stat().st_size == source.stat().st_size:
            continue
        data = source.read_bytes()
        if place.exists() and place.read_bytes() == data:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(place.name + PART)
        REAL.write(part, data)
        os.replace(part, place)
        folders.add(place.parent)
        copied += 1
    for folder in folders:
        REAL.sync_folder(folder)
    return copied


def _unfit(target: Path, expected: str, found: str) -> StoreError:
    return StoreError(
        f"copy {target}", expected=expected, found=found, mend="name another folder with --to"
    )
