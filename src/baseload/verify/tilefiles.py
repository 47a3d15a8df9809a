"""The files of a kit's tree: bundles of entries and tiles of hashes, read one at a time."""

from __future__ import annotations

from baseload.verify.findings import FAILED, INCOMPLETE, Finding, Refused
from baseload.verify.hashing import TILE
from baseload.verify.kit import Kit


def tile_name(level: int, number: int, width: int = TILE) -> str:
    """Return the path of a tile in a kit; level -1 is that of the bundles."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    kind = "entries" if level < 0 else str(level)
    part = "" if width == TILE else f".p/{width}"
    return f"tile/{kind}/{'/'.join(groups)}{part}"


def split_bundle(data: bytes, width: int) -> list[bytes]:
    """Return the entries of a bundle, each after its length in two bytes."""
    entries, place, size = [], 0, len(data)
    for number in range(width):
        start = place + 2
        end = start + (data[place] << 8 | data[place + 1]) if start <= size else size + 1
        if end > size:
            raise Refused(f"{width} entries", f"{number} and a part of one", place)
        entries.append(data[start:end])
        place = end
    if place != size:
        raise Refused(f"{place:,} bytes", f"{size:,}", place)
    return entries


class TileFiles:
    """Reads tiles, and keeps what is wrong with their files.

    Parameters
    ----------
    kit : the kit.
    """

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.findings: list[Finding] = []

    def entries(self, number: int, width: int) -> list[bytes] | None:
        """Return the entries of a bundle, or nothing where it cannot be read."""
        name, data = self._file(-1, number, width)
        if data is None:
            return None
        try:
            wide = TILE if name == tile_name(-1, number) else width
            return split_bundle(data, wide)[:width]
        except Refused as refused:
            self._add(
                "structure.bundle",
                "A bundle of entries is damaged.",
                (refused.expected, refused.found),
                number * TILE,
                name,
                refused.at,
            )
            return None

    def hashes(self, level: int, number: int, width: int) -> list[bytes] | None:
        """Return the hashes of a tile, or nothing where it cannot be read."""
        name, data = self._file(level, number, width)
        if data is None:
            return None
        wide = TILE if name == tile_name(level, number) else width
        if len(data) == 32 * wide:
            return [data[at : at + 32] for at in range(0, 32 * width, 32)]
        self._add(
            "structure.tile",
            "A tile has not the length it must have.",
            (f"{32 * wide} bytes", f"{len(data)}"),
            number * TILE << 8 * level,
            name,
        )
        return None

    def _file(self, level: int, number: int, width: int) -> tuple[str, bytes | None]:
        """Return the name and the bytes of a partial file, or of the full one in its place."""
        for wide in dict.fromkeys((width, TILE)):
            name = tile_name(level, number, wide)
            try:
                data = self._kit.read(name)
            except Refused as refused:
                self._unread("unreadable", level, number, name, refused.found)
                return name, None
            if data is not None:
                return name, data
        name = tile_name(level, number, width)
        self._unread("structure.missing", level, number, name, "no such file")
        return name, None

    def _unread(self, code: str, level: int, number: int, name: str, found: str) -> None:
        index = (number * TILE) << 8 * max(level, 0)
        meaning = "A part of the record could not be read; what it holds is not known."
        expected = f"the file {name}"
        self.findings.append(
            Finding(code, INCOMPLETE, meaning, expected, found, index=index, file=name)
        )

    def _add(
        self,
        code: str,
        meaning: str,
        both: tuple[str, str],
        index: int,
        name: str,
        at: int | None = None,
    ) -> None:
        self.findings.append(Finding(code, FAILED, meaning, *both, index=index, file=name, at=at))
