"""Files that are whole or not there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from baseload.record.disk import REAL
from baseload.record.errors import FormatError, StoreError


def replace(path: Path, data: bytes) -> None:
    """Write a file under a temporary name, make it last, and rename it.

    Raises
    ------
    StoreError
        It cannot be written.
    """
    part = path.parent / f".{path.name}.part"
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            path.write_bytes(data)  # a pipe or a device is written to, and never replaced
            return
        with open(part, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        REAL.sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise StoreError(
            str(path),
            expected="a place that can be written to",
            found=str(error.strerror),
            mend="name another file",
        ) from None


def read(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    StoreError
        It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(
            str(path), expected="a file", found=str(error.strerror), mend="name another file"
        ) from None


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    StoreError
        It cannot be read.
    FormatError
        It is not UTF-8.
    """
    data = read(path)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path}, byte {error.start}",
            expected="UTF-8",
            found=f"{data[error.start]:#04x}",
            mend="save the file as UTF-8",
        ) from None
