"""What a witness remembers: of each log the newest checkpoint it has signed, whole.

It is on disk before the witness answers, so that no crash makes it sign two branches; and the
checkpoint is kept with the signature of the log, so that a second branch can be proven to anyone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from baseload.record import checkpoint, merkle
from baseload.record.checkpoint import Checkpoint
from baseload.record.disk import PART, REAL, Disk
from baseload.record.errors import FormatError, ProofError, SignatureError, StoreError
from baseload.record.fork import ForkProof
from baseload.record.keys import Signer, verifier_key
from baseload.record.note import (
    COSIGNATURE,
    Note,
    NoteSignature,
    VerifierKey,
    cosigned_message,
    decode_base64,
    key_id,
    verify,
)

Keys = tuple[VerifierKey, ...]


@dataclass(frozen=True)
class Answer:
    """What a witness answers: a status of HTTP, and a text."""

    status: int
    text: str = ""
    kind: str = "text/plain; charset=utf-8"


class WitnessState:
    """A witness without its network.

    Parameters
    ----------
    folder : where it remembers; made if it is not there.
    name : name of the witness and of its key.
    signer : its key.
    logs : keys of the logs it signs for, whose names are their origins; several of one that is
        about to change its key, or has.
    clock : gives the time [s since 1970].
    disk : where the folder is.

    Raises
    ------
    StoreError
        Another process uses the folder, or it cannot be written to.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        signer: Signer,
        logs: Iterable[VerifierKey],
        clock: Callable[[], float] = time.time,
        disk: Disk = REAL,
    ) -> None:
        self.folder = Path(folder)
        self.name = name
        self.logs: dict[str, tuple[VerifierKey, ...]] = {}
        for key in dict.fromkeys(logs):
            self.logs[key.name] = (*self.logs.get(key.name, ()), key)
        self.key = verifier_key(signer, name, witness=True)
        self._signer = signer
        self._clock = clock
        self._disk = disk
        self._mutex = threading.Lock()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._handle: int | None = disk.lock(self.folder / "lock")
        except OSError as error:
            raise StoreError(
                f"witness {folder}",
                expected="a folder that no other witness uses",
                found=error.strerror or str(error),
                mend="end the other witness, or name another folder",
            ) from None

    def close(self) -> None:
        """Give the folder to another process."""
        if self._handle is not None:
            self._disk.unlock(self._handle)
            self._handle = None

    def add(self, body: bytes) -> Answer:
        """Take a request to sign a checkpoint (C2SP tlog-witness, ``add-checkpoint``).

        Parameters
        ----------
        body : ``old N``, proof lines, an empty line, and the checkpoint.
        """
        try:
            old, proof, data = _parts(body)
            new, note = checkpoint.parse(data, "checkpoint")
        except FormatError as error:
            return Answer(400, f"{error}\n")
        keys = self.logs.get(new.origin)
        if keys is None:
            return Answer(404, "this witness does not know this log\n")
        try:
            verify(note, keys, "checkpoint")
        except SignatureError as error:
            return Answer(403, f"{error}\n")
        with self._mutex:
            return self._decide(keys, old, proof, new, note)

    def newest(self, origin: str) -> bytes | None:
        """Return the newest checkpoint that was signed here, or nothing."""
        return self._disk.read(self._place(origin) / "checkpoint")

    def fork(self, origin: str) -> bytes | None:
        """Return the proof that a log has forked, or nothing."""
        return self._disk.read(self._place(origin) / "fork")

    def unproven(self, origin: str) -> bytes | None:
        """Return the last checkpoint that the log signed and nobody showed to go on, or nothing."""
        return self._disk.read(self._place(origin) / "unproven")

    def origin_of(self, digest: str) -> str | None:
        """Return the log whose origin has a SHA-256, in hex."""
        return next((name for name in self.logs if digest_of(name) == digest), None)

    def _decide(
        self, keys: Keys, old: int, proof: list[bytes], new: Checkpoint, note: Note
    ) -> Answer:
        if old > new.size:
            return Answer(400, "the old size is above that of the checkpoint\n")
        known, kept = self._known(new.origin)
        if kept is not None and new.size == known_size(known) and new != known:
            self._keep_fork(keys, kept, note)
            return Answer(422, "another root for a size that was signed: fork\n")
        if old != known_size(known):
            return Answer(409, f"{known_size(known)}\n", "text/x.tlog.size")
        own = note.of(keys)
        if problem := _inconsistent(known, proof, new):
            if known_size(known):  # it may be the other branch of a fork
                self._store(new.origin, "unproven", own.encode())
            return Answer(422, problem)
        line = self._cosigned(str(new))
        whole = Note(note.text, (*own.signatures, line))
        self._store(new.origin, "checkpoint", whole.encode())
        return Answer(200, f"{line}\n")

    def _known(self, origin: str) -> tuple[Checkpoint | None, Note | None]:
        data = self.newest(origin)
        return (None, None) if data is None else checkpoint.parse(data, f"witness {self.folder}")

    def _cosigned(self, text: str) -> NoteSignature:
        now = int(self._clock())
        blob = now.to_bytes(8, "big") + self._signer.sign(cosigned_message(text, now))
        identity = key_id(self.name, COSIGNATURE, self._signer.public)
        return NoteSignature(self.name, identity, blob)

    def _keep_fork(self, keys: Keys, kept: Note, other: Note) -> None:
        both = (kept.of(keys), other.of(keys))
        signed = tuple(key for key in keys if any(note.of([key]).signatures for note in both))
        proof = ForkProof(signed, *both)
        self._store(keys[0].name, "fork", proof.encode())

    def _store(self, origin: str, name: str, data: bytes) -> None:
        """Make a file last before anything is answered."""
        place = self._place(origin)
        self._disk.make_folder(place)
        self._disk.write(place / f"{name}{PART}", data)
        self._disk.rename(place / f"{name}{PART}", place / name)
        self._disk.sync_folder(place)
        self._disk.sync_folder(self.folder)

    def _place(self, origin: str) -> Path:
        return self.folder / digest_of(origin)


def digest_of(origin: str) -> str:
    """Return the name under which a witness keeps a log: SHA-256 of its origin, in hex."""
    return sha256(origin.encode()).hexdigest()


def known_size(known: Checkpoint | None) -> int:
    """Return the size of a checkpoint, 0 if there is none."""
    return 0 if known is None else known.size


def _inconsistent(known: Checkpoint | None, proof: list[bytes], new: Checkpoint) -> str:
    if known_size(known) == 0:
        return "no proof goes with an old size of 0\n" if proof else ""
    assert known is not None
    try:
        merkle.verify_consistency(known.size, new.size, proof, known.root, new.root)
    except ProofError as error:
        return f"{error}\n"
    return ""


def _parts(body: bytes) -> tuple[int, list[bytes], bytes]:
    """Return old size, proof and checkpoint of a request."""
    head, empty, note = body.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise _bad("lines of ASCII", "other bytes") from None
    if not empty or not lines[0].startswith("old "):
        raise _bad("a line with the old size, a proof, an empty line", repr(head[:60]))
    if len(lines) > 64:
        raise _bad("at most 63 hashes", str(len(lines) - 1))
    proof = [decode_base64(line, "proof") for line in lines[1:]]
    if any(len(one) != merkle.HASH_SIZE for one in proof):
        raise _bad("hashes of 32 bytes", "others")
    return checkpoint.parse_size(lines[0][4:], "old size"), proof, note


def _bad(expected: str, found: str) -> FormatError:
    return FormatError(
        "add-checkpoint", expected=expected, found=found, mend="see C2SP tlog-witness"
    )
