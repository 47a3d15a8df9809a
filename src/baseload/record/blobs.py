"""Payloads that are too large for an entry: named by hash in it, kept beside the log."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from baseload.record.disk import REAL
from baseload.record.errors import StoreError

MAX_BLOB = 64 * 1024 * 1024
"""Bytes of a blob at most: an inspector reads no larger file of a kit."""
PART = ".part"


def keep(log: Path, data: bytes, media: str) -> dict[str, str]:
    """Keep a payload beside a log, and return what an entry says of it.

    It is there and lasts before the entry that names it is written.

    Parameters
    ----------
    log : folder of the log.
    data : the payload.
    media : its media type, as ``text/plain``.

    Raises
    ------
    StoreError
        It is too large, or cannot be written.
    """
    if len(data) > MAX_BLOB:
        raise _unkept(log, f"at most {MAX_BLOB:,} bytes", f"{len(data):,}")
    name = sha256(data).hexdigest()
    folder = Path(log) / "blobs"
    path = folder / name
    try:
        if REAL.read(path) != data:
            REAL.make_folder(folder)
            REAL.sync_folder(folder.parent)
            part = path.with_name(name + PART)
            REAL.write(part, data)
            REAL.rename(part, path)
            REAL.sync_folder(folder)
    except OSError as error:
        raise _unkept(log, "a folder that can be written to", str(error.strerror)) from None
    return {"sha256": name, "size": str(len(data)), "media": media}


def _unkept(log: Path, expected: str, found: str) -> StoreError:
    return StoreError(
        f"blob of log {log}", expected=expected, found=found, mend="name another file or folder"
    )
