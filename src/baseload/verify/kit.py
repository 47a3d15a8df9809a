"""The files of a kit, from a folder or a zip: read one at a time, and never outside of it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from baseload.verify.findings import InspectError, Refused

MAX_FILE = 64 * 1024 * 1024
"""Bytes of a file that are read at most; a bundle of the largest entries has 16.8 MB."""


class Kit:
    """A folder, or a zip with the same names.

    Parameters
    ----------
    path : where it is.

    Raises
    ------
    InspectError
        It is neither, or cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._zip: zipfile.ZipFile | None = None
        if os.path.isdir(path):
            self._root = Path(path).resolve()
            return
        try:
            self._zip = zipfile.ZipFile(path)
            self._members = {info.filename: info for info in self._zip.infolist()}
            if len(self._members) != len(self._zip.infolist()):
                # Which of them a program takes is its own choice: two would see two records.
                raise ValueError("a name that occurs twice")
        except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise InspectError(
                f"kit {path}",
                "a folder, or a zip file",
                str(error) or type(error).__name__,
                "name the kit as it was handed out",
            ) from None

    def __reduce__(self) -> tuple[type[Kit], tuple[str]]:
        """Open it anew in another process, or when an inspection goes on."""
        return Kit, (self.path,)

    def read(self, name: str) -> bytes | None:
        """Return the bytes of a file, or nothing where there is none.

        Raises
        ------
        Refused
            It is there and cannot be read, is a link, or is larger than any file of a kit.
        """
        try:
            return self._from_zip(name) if self._zip else self._from_folder(name)
        except OSError as error:
            raise Refused("a file that can be read", str(error) or "one that cannot") from None
        except Exception as error:
            # Readers and decompressors of a zip raise errors of many kinds; what none of them can
            # read is told as unreadable, never as missing.
            raise Refused("a file that can be read", f"{type(error).__name__}: {error}") from None

    def names(self, folder: str) -> Iterator[str]:
        """Give the names of files in a folder of the kit, sorted."""
        if self._zip is not None:
            start = folder + "/"
            inside = (n[len(start) :] for n in self._members if n.startswith(start))
            yield from sorted(name for name in inside if name and "/" not in name)
            return
        try:
            yield from sorted(os.listdir(self._root / folder))
        except OSError:
            return

    def _from_zip(self, name: str) -> bytes | None:
        info = self._members.get(name)
        if info is None or self._zip is None:
            return None
        if info.file_size > MAX_FILE:
            raise OSError(f"{info.file_size:,} bytes, more than {MAX_FILE:,}")
        with self._zip.open(info) as file:
            data = file.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise OSError(f"more than {MAX_FILE:,} bytes")
        return data

    def _from_folder(self, name: str) -> bytes | None:
        path = self._root / name
        if not path.exists() and not path.is_symlink():
            return None
        if path.resolve() != path or not path.is_file():
            raise OSError("a link, or no plain file")
        with open(path, "rb") as file:
            data = file.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise OSError(f"more than {MAX_FILE:,} bytes")
        return data
