"""What a writer keeps beside its log: how far it has come, and the right edge of its tree."""

from __future__ import annotations

from pathlib import Path

from baseload.record import canonical
from baseload.record.checkpoint import parse_size
from baseload.record.disk import Disk
from baseload.record.edge import Edge, root_of
from baseload.record.errors import StoreError
from baseload.record.merkle import leaf_hash
from baseload.record.reader import Reader
from baseload.record.tiles import WIDTH, bundle_path, decode_tile, tile_path, tile_widths


def encode(origin: str, edge: Edge) -> bytes:
    """Return the bytes of the state of a log."""
    found = edge.peaks()
    rows = [[each.hex() for each in row] for row in found]
    size, root = str(edge.size), root_of(found).hex()
    return canonical.encode({"origin": origin, "size": size, "root": root, "edge": rows})


def recover(folder: Path, disk: Disk) -> tuple[str, Edge]:
    """Read the state of a log, derive its right edge again, and compare the two.

    Returns
    -------
    Origin of the log, and the edge that it grows from.

    Raises
    ------
    StoreError
        State, tiles, last bundle or a kept checkpoint do not agree.
    """
    data = disk.read(folder / "state")
    if data is None:
        raise _torn(folder, "the file state", "none")
    found = canonical.decode(data, str(folder / "state"))
    if not isinstance(found, dict) or set(found) != {"origin", "size", "root", "edge"}:
        raise _torn(folder, "origin, size, root and edge in state", "something else")
    size = parse_size(str(found["size"]), str(folder / "state"))
    edge = _derived(folder, size, disk)
    if data != encode(str(found["origin"]), edge):
        raise _torn(folder, f"root {found['root']} at size {size}", f"root {edge.root().hex()}")
    _same_leaves(folder, size, disk, edge)
    return str(found["origin"]), edge


def last_bundle(folder: Path, size: int, disk: Disk) -> list[bytes]:
    """Return the entries of the last bundle, if it is not full."""
    width = size % WIDTH
    return list(Reader(folder, size, disk).entries(size - width, size)) if width else []


def check_journal(folder: Path, edge: Edge, disk: Disk) -> int | None:
    """Make sure that the newest kept checkpoint is one of this tree, and return its size.

    Raises
    ------
    StoreError
        It is larger than the log, or has another root: the log is not what was signed.
    """
    reader = Reader(folder, edge.size, disk)
    sizes = reader.journal()
    if not sizes:
        return None
    newest = sizes[-1]
    if newest > edge.size:
        raise _torn(folder, f"the {newest} entries that were signed for", f"{edge.size}")
    signed = reader.kept_checkpoint(newest)[0].root
    if reader.root(newest) != signed:
        raise _torn(folder, f"root {signed.hex()} at size {newest}", reader.root(newest).hex())
    return newest


def _derived(folder: Path, size: int, disk: Disk) -> Edge:
    """Return the edge as the tiles have it."""
    tiles: list[list[bytes]] = []
    for level, number, width in tile_widths(size):
        name = tile_path(level, number, width)
        data = disk.read(folder / name)
        if data is None:
            raise _torn(folder, f"the file {name}", "none")
        tiles += [[] for _ in range(level - len(tiles))]
        tiles.append(decode_tile(data, width, name))
    return Edge(size, tiles)


def _same_leaves(folder: Path, size: int, disk: Disk, edge: Edge) -> None:
    entries = last_bundle(folder, size, disk)
    if entries and [leaf_hash(entry) for entry in entries] != edge.tiles[0]:
        name = bundle_path(size // WIDTH, len(entries))
        raise _torn(folder, f"in {name} the entries that the tiles have hashes of", "others")


def _torn(folder: Path, expected: str, found: str) -> StoreError:
    return StoreError(
        f"log {folder}",
        expected=expected,
        found=found,
        mend="do not write to it; audit it, and begin a new log if entries are lost",
    )
