"""Block headers beside a log, to hold proofs against."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from baseload.record.errors import StoreError

HEADER_BYTES = 80


class Headers:
    """A folder of files ``FIRST.bin``: consecutive headers, 80 bytes each.

    Whether they have their work, and follow from one another, is for the inspector to say.

    Parameters
    ----------
    folder : the folder; without one, no header is at hand.

    Raises
    ------
    StoreError
        It is none.
    """

    def __init__(self, folder: Path | None) -> None:
        self._runs: list[tuple[int, int, Path]] = []
        if folder is not None:
            if not folder.is_dir():
                raise _unreadable(folder, "a folder of headers, FIRST.bin", "none")
            for path in sorted(folder.glob("*.bin")):
                if re.fullmatch(r"[0-9]{1,9}", path.stem):
                    count = path.stat().st_size // HEADER_BYTES
                    self._runs.append((int(path.stem), count, path))
        self.at = lru_cache(1000)(self._at)

    def merkle_root(self, height: int) -> bytes | None:
        """Return the Merkle root of a block, or nothing where its header is not at hand."""
        header = self.at(height)
        return None if header is None else header[36:68]

    def _at(self, height: int) -> bytes | None:
        """Return the header of a block, or nothing where it is not at hand."""
        for first, count, path in self._runs:
            if first <= height < first + count:
                try:
                    with open(path, "rb") as file:
                        file.seek((height - first) * HEADER_BYTES)
                        return file.read(HEADER_BYTES)
                except OSError as error:
                    raise _unreadable(path, "a file of headers", str(error.strerror)) from None
        return None


def _unreadable(path: Path, expected: str, found: str) -> StoreError:
    return StoreError(
        str(path), expected=expected, found=found, mend="name another folder with --headers"
    )
