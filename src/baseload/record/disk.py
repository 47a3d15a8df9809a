"""Every call that the store makes to the operating system, behind one object.

What a store writes survives a loss of power only if bytes, names and folders were each made to:
a file by fsync, its name by fsync of the folder it was renamed in. The calls are few and in one
place, so that a test can put another disk there: one that fails, or one that forgets.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

PART = ".part"
"""Ending of a file that is not whole yet."""


class Disk(Protocol):
    """What a store needs of a disk; every call may raise :class:`OSError`."""

    def make_folder(self, path: Path) -> None:
        """Make one folder; nothing happens where it is already."""

    def write(self, path: Path, data: bytes) -> None:
        """Write a whole file and make its bytes last; its name may not, yet."""

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name in one step, in place of what has it."""

    def sync_folder(self, path: Path) -> None:
        """Make the names in a folder last."""

    def remove(self, path: Path) -> None:
        """Remove a file; nothing happens where there is none."""

    def read(self, path: Path) -> bytes | None:
        """Return the bytes of a file, or nothing where there is none."""

    def names(self, path: Path) -> list[str]:
        """Return the names in a folder, sorted; none where there is no folder."""

    def lock(self, path: Path) -> int:
        """Take the lock of a file and return its handle; raise BlockingIOError if it is taken."""

    def unlock(self, handle: int) -> None:
        """Give a lock back."""


class RealDisk:
    """The disk of this machine."""

    def make_folder(self, path: Path) -> None:
        """Make one folder; nothing happens where it is already."""
        path.mkdir(exist_ok=True)

    def write(self, path: Path, data: bytes) -> None:
        """Write a whole file and make its bytes last."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name in one step."""
        os.replace(old, new)

    def sync_folder(self, path: Path) -> None:
        """Make the names in a folder last; Windows has no such call and needs none."""
        if os.name != "posix":
            return
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def remove(self, path: Path) -> None:
        """Remove a file; nothing happens where there is none."""
        path.unlink(missing_ok=True)

    def read(self, path: Path) -> bytes | None:
        """Return the bytes of a file, or nothing where there is none."""
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, path: Path) -> list[str]:
        """Return the names in a folder, sorted."""
        try:
            return sorted(os.listdir(path))
        except FileNotFoundError:
            return []

    def lock(self, path: Path) -> int:
        """Take the lock of a file; the system gives it back when the process ends."""
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            _take(handle)
        except OSError:
            os.close(handle)
            raise
        return handle

    def unlock(self, handle: int) -> None:
        """Give a lock back."""
        os.close(handle)


def _take(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


REAL = RealDisk()
"""The disk of this machine, which keeps nothing itself."""
