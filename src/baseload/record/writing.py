"""Files that are whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

from baseload.record.errors import StoreError


def replace(path: Path, data: bytes) -> None:
    """Write a file under a temporary name, make it last, and rename it.

    Raises
    ------
    StoreError
        It cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with open(part, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
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
