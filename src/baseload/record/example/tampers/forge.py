"""Reads and rebuilds the files of a kit, as one could who holds the key of the log."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from baseload.record import tiles
from baseload.record.checkpoint import Checkpoint, parse
from baseload.record.example import scene
from baseload.record.example.office import Writers
from baseload.record.merkle import leaf_hash, node_hash, root
from baseload.record.note import Note, cosign, sign, with_signatures


def checkpoint(kit: Path) -> tuple[Checkpoint, Note]:
    """Return the kit's newest checkpoint."""
    return parse((kit / "checkpoint").read_bytes())


def entries(kit: Path) -> list[bytes]:
    """Return all entries of a kit."""
    size = checkpoint(kit)[0].size
    found = []
    for number in range(-(-size // tiles.WIDTH)):
        width = min(tiles.WIDTH, size - number * tiles.WIDTH)
        path = kit / tiles.bundle_path(number, width)
        found += tiles.decode_bundle(path.read_bytes(), width, str(path))
    return found


def last_bundle(kit: Path) -> tuple[Path, int]:
    """Return the path of the last bundle and how many entries it has."""
    size = checkpoint(kit)[0].size
    number = (size - 1) // tiles.WIDTH
    width = size - number * tiles.WIDTH
    return kit / tiles.bundle_path(number, width), width


def earlier(kit: Path, folder: Path, back: int = 12) -> Path:
    """Make what an inspector keeps of a kit that he was given some checkpoints before.

    Parameters
    ----------
    kit : the kit of later.
    folder : folder to make; it holds the checkpoint of then.
    back : how many checkpoints before the newest.
    """
    sizes = sorted(int(path.name) for path in (kit / "checkpoints").iterdir())
    put(folder / "checkpoint", (kit / "checkpoints" / str(sizes[-1 - back])).read_bytes())
    return folder


def rebuild(
    kit: Path,
    content: Sequence[bytes],
    writers: Writers,
    witnesses: Iterable[str] = (),
    *,
    journal: bool = False,
) -> None:
    """Replace all of a kit's history, and sign it as the log.

    Parameters
    ----------
    kit : folder.
    content : entries of the new history.
    writers : keys.
    witnesses : names of witnesses that put their cosignature under it.
    journal : whether earlier checkpoints and anchors stay; they go otherwise.
    """
    shutil.rmtree(kit / "tile")
    if not journal:
        shutil.rmtree(kit / "checkpoints")
        shutil.rmtree(kit / "anchors", ignore_errors=True)
    _write_bundles(kit, content)
    level = [leaf_hash(data) for data in content]
    _write_tiles(kit, level)
    note = signed(writers, len(content), root(level), witnesses)
    put(kit / "checkpoints" / str(len(content)), note.encode())
    put(kit / "checkpoint", note.encode())


def signed(writers: Writers, size: int, tree_root: bytes, witnesses: Iterable[str] = ()) -> Note:
    """Return a checkpoint signed by the log and by some witnesses."""
    text = str(Checkpoint(writers.origin, size, tree_root))
    note = Note(text, (sign(text, writers.origin, writers.private("log")),))
    time = scene.START // 1000 + 400 * 86_400
    lines = [cosign(text, name, writers.private(f"witness:{name}"), time) for name in witnesses]
    return with_signatures(note, lines)


def put(path: Path, data: bytes) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _write_bundles(kit: Path, content: Sequence[bytes]) -> None:
    for start in range(0, len(content), tiles.WIDTH):
        part = content[start : start + tiles.WIDTH]
        path = tiles.bundle_path(start // tiles.WIDTH, len(part))
        put(kit / path, tiles.encode_bundle(part))


def _write_tiles(kit: Path, hashes: Sequence[bytes]) -> None:
    level = 0
    while hashes:
        above = []
        for start in range(0, len(hashes), tiles.WIDTH):
            part = list(hashes[start : start + tiles.WIDTH])
            path = tiles.tile_path(level, start // tiles.WIDTH, len(part))
            put(kit / path, b"".join(part))
            if len(part) == tiles.WIDTH:
                above.append(_top(part))
        hashes, level = above, level + 1


def _top(part: list[bytes]) -> bytes:
    while len(part) > 1:
        part = [node_hash(part[i], part[i + 1]) for i in range(0, len(part), 2)]
    return part[0]
