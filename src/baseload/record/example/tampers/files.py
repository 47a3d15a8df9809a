"""Tampers with the files of a kit: by whoever hands it over, with the keys he holds."""

from __future__ import annotations

import json
from pathlib import Path

from baseload.record import tiles
from baseload.record.checkpoint import Checkpoint
from baseload.record.example import scene
from baseload.record.example.tampers import forge
from baseload.record.example.tampers.registry import Cheat, tamper
from baseload.record.merkle import leaf_hash, root
from baseload.record.note import COSIGNATURE, NoteSignature, cosign, key_id, with_signatures


@tamper("edited-entry", "files", ("structure.tile", "structure.bundle", "structure.root"))
def edited_entry(cheat: Cheat, kit: Path) -> None:
    """Whoever holds the files changes one digit of a reading in a bundle."""
    path, bundle = _middle_bundle(kit)
    forge.put(path, _edited(bundle))


@tamper("edited-entry-and-tile", "files", ("structure.root", "structure.tile"))
def edited_entry_and_tile(cheat: Cheat, kit: Path) -> None:
    """The same, with the hashes above mended as far up as the tiles of level 0 go."""
    path, bundle = _middle_bundle(kit)
    edited = _edited(bundle)
    forge.put(path, edited)
    leaves = [leaf_hash(data) for data in tiles.decode_bundle(edited, tiles.WIDTH, str(path))]
    number = int(path.name)
    forge.put(kit / tiles.tile_path(0, number), b"".join(leaves))


@tamper("removed-bundle", "files", ("structure.missing", "unreadable"))
def removed_bundle(cheat: Cheat, kit: Path) -> None:
    """Whoever hands over the kit leaves out a file with entries that he does not like."""
    path, _ = _middle_bundle(kit)
    path.unlink()


@tamper("cut-short-bundle", "files", ("structure.bundle", "structure.missing", "unreadable"))
def cut_short_bundle(cheat: Cheat, kit: Path) -> None:
    """A disk loses the second half of a bundle: a failure, not a cheat."""
    path, bundle = _middle_bundle(kit)
    forge.put(path, bundle[: len(bundle) // 2])


@tamper("forked-history", "files", ("witness.quorum",))
def forked_history(cheat: Cheat, kit: Path) -> None:
    """The log's operator shows an inspector another history, without the entry of a refused visit.

    It is whole and signed by the log; no witness has seen it.
    """
    forge.rebuild(kit, _other_history(kit), cheat.writers)


@tamper("collusion-below-quorum", "files", ("witness.quorum",))
def collusion_below_quorum(cheat: Cheat, kit: Path) -> None:
    """The same, and one witness of three stands by it."""
    forge.rebuild(kit, _other_history(kit), cheat.writers, scene.WITNESSES[:1])


@tamper("collusion-of-quorum", "files", ())
def collusion_of_quorum(cheat: Cheat, kit: Path) -> None:
    """The same, and as many witnesses as the policy asks for stand by it.

    Nothing in the kit can show it. Whoever has an earlier kit sees that it does not go on from
    there; the third witness holds the proof of the fork.
    """
    forge.rebuild(kit, _other_history(kit), cheat.writers, scene.WITNESSES[:2])


@tamper("restored-backup", "files", ("checkpoint.fork", "checkpoint.shrunk"))
def restored_backup(cheat: Cheat, kit: Path) -> None:
    """The log's machine is set back to a backup, and goes on from there with other entries.

    Checkpoints from before the backup and from after it are signed by one key and do not agree.
    """
    content = forge.entries(kit)
    forge.rebuild(kit, content[:-20] + content[-19:], cheat.writers, journal=True)


@tamper("rolled-back", "files", ())
def rolled_back(cheat: Cheat, kit: Path) -> None:
    """Whoever hands over the kit shows the state of some hours ago, and nothing of later.

    It is true as far as it goes, and its time says how far; only an earlier inspection that saw
    more can contradict it.
    """
    sizes = sorted(int(path.name) for path in (kit / "checkpoints").iterdir())
    old = sizes[-6]
    content = forge.entries(kit)[:old]
    note = (kit / "checkpoints" / str(old)).read_bytes()
    forge.rebuild(kit, content, cheat.writers, journal=True)
    for size in sizes[-5:]:
        (kit / "checkpoints" / str(size)).unlink()
        (kit / "anchors" / f"{size}.ots").unlink(missing_ok=True)
    forge.put(kit / "checkpoints" / str(old), note)
    forge.put(kit / "checkpoint", note)


@tamper("two-roots", "files", ("checkpoint.fork",))
def two_roots(cheat: Cheat, kit: Path) -> None:
    """The log signs two roots for one size; the journal holds the other one."""
    head, _ = forge.checkpoint(kit)
    content = forge.entries(kit)
    content[-1] = b"{}"
    other = root(leaf_hash(data) for data in content)
    note = forge.signed(cheat.writers, head.size, other, scene.WITNESSES)
    forge.put(kit / "checkpoints" / str(head.size), note.encode())


@tamper("forged-checkpoint", "files", ("checkpoint.signature",))
def forged_checkpoint(cheat: Cheat, kit: Path) -> None:
    """Someone without the key of the log signs another root in its name."""
    head, note = forge.checkpoint(kit)
    other = Checkpoint(head.origin, head.size, leaf_hash(b"another tree"))
    fake = type(note)(str(other), note.signatures)
    for path in (kit / "checkpoint", kit / "checkpoints" / str(head.size)):
        forge.put(path, fake.encode())


@tamper("forged-cosignature", "files", ("witness.signature", "checkpoint.signature"))
def forged_cosignature(cheat: Cheat, kit: Path) -> None:
    """The log's operator writes cosignatures of witnesses with a key of his own."""
    head, note = forge.checkpoint(kit)
    bare = type(note)(note.text, note.signatures[:1])
    fakes = []
    for name in scene.WITNESSES:
        line = cosign(note.text, name, cheat.writers.private("party:mine"), scene.START // 1000)
        public = cheat.writers.key(f"witness:{name}").public
        fakes.append(NoteSignature(name, key_id(name, COSIGNATURE, public), line.signature))
    fake = with_signatures(bare, fakes).encode()
    for path in (kit / "checkpoint", kit / "checkpoints" / str(head.size)):
        forge.put(path, fake)


@tamper("missing-cosignatures", "files", ("witness.quorum",))
def missing_cosignatures(cheat: Cheat, kit: Path) -> None:
    """The witnesses were not reached for the last checkpoint: a failure, or a refusal of theirs."""
    head, note = forge.checkpoint(kit)
    bare = type(note)(note.text, note.signatures[:1]).encode()
    for path in (kit / "checkpoint", kit / "checkpoints" / str(head.size)):
        forge.put(path, bare)


@tamper("anchor-of-other-bytes", "files", ("anchor.broken",))
def anchor_of_other_bytes(cheat: Cheat, kit: Path) -> None:
    """An anchor is put beside a checkpoint that it does not belong to."""
    first, second = sorted((kit / "anchors").iterdir(), key=lambda path: int(path.stem))[:2]
    forge.put(second, first.read_bytes())


@tamper("headers-without-work", "files", ("anchor.header", "coins.header"))
def headers_without_work(cheat: Cheat, kit: Path) -> None:
    """Headers are invented that nobody has worked for, so that an anchor gets another time."""
    path = next((kit / "headers").iterdir())
    data = bytearray(path.read_bytes())
    data[68] ^= 1
    forge.put(path, bytes(data))


@tamper("changed-blob", "files", ("blob.hash",))
def changed_blob(cheat: Cheat, kit: Path) -> None:
    """The agreement beside the log is exchanged for one with other words."""
    path = next(iter(sorted((kit / "blobs").iterdir())))
    forge.put(path, path.read_bytes() + b"The operator receives a tenth more.\n")


@tamper("missing-blob", "files", ("blob.missing",))
def missing_blob(cheat: Cheat, kit: Path) -> None:
    """The agreement that the parties signed is not handed over with the rest."""
    next(iter(sorted((kit / "blobs").iterdir()))).unlink()


def _middle_bundle(kit: Path) -> tuple[Path, bytes]:
    """Return a full bundle near the middle of the log."""
    size = forge.checkpoint(kit)[0].size
    path = kit / tiles.bundle_path(size // tiles.WIDTH // 2)
    return path, path.read_bytes()


def _edited(bundle: bytes) -> bytes:
    """Return a bundle with one digit of the first reading's energy changed."""
    place = bundle.index(b'"energy":"') + len(b'"energy":"')
    digit = b"8" if bundle[place : place + 1] != b"8" else b"7"
    return bundle[:place] + digit + bundle[place + 1 :]


def _other_history(kit: Path) -> list[bytes]:
    """Return all entries but the inspector's from its first report of a visit on."""
    kept = []
    dropping = False
    for data in forge.entries(kit):
        entry = json.loads(data) if b'"source":"inspector.desk"' in data else None
        dropping = dropping or (entry is not None and entry["schema"] == "access/1")
        if entry is None or not dropping:
            kept.append(data)
    return kept
