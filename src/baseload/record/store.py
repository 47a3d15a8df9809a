"""A log that one writer appends to, durable before it answers.

A commit writes bundles, then tiles, then the state; each file to a name of its own, its bytes made
to last, renamed, and the names made to last with one fsync a folder. So a loss of power at any
instant leaves the state before or after the commit, and never a state that names what is not
there. Indices are handed out after the last of it. A checkpoint is signed only for what is
durable, is kept in the journal first, and published then.

An append costs, for any number of entries, an fsync for each file and folder it touches: the last
bundle, the last tile, the state and the folders of the three, six in all where no tile fills up.
Hashes are two for each entry and at most 255 for each level of the tree.

References
----------
.. [1] C2SP, tlog-tiles v0.1.0; ``docs/record-format.md``, section 4.
.. [2] Pillai et al., All File Systems Are Not Created Equal, OSDI 2014.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from baseload.record import state
from baseload.record.checkpoint import Checkpoint
from baseload.record.disk import PART, REAL, Disk
from baseload.record.edge import Edge
from baseload.record.errors import FormatError, StoreError
from baseload.record.keys import Signer, verifier_key
from baseload.record.merkle import leaf_hash
from baseload.record.note import (
    ED25519,
    Note,
    NoteSignature,
    check_name,
    key_id,
    verify,
    with_signatures,
)
from baseload.record.reader import Reader
from baseload.record.tiles import (
    HEIGHT,
    WIDTH,
    bundle_path,
    check_lengths,
    encode_bundle,
    parse_path,
    tile_path,
    tile_widths,
)

Witness = Callable[[], Checkpoint | None]
"""Gives the newest checkpoint that a witness knows of this log; nothing if it knows none."""


class _Order:
    """Entries that a thread wants to add, and what became of them."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.entries = entries
        self.found: range | None = None
        self.error: Exception | None = None

    @property
    def done(self) -> bool:
        """Whether it is known what became of them."""
        return self.found is not None or self.error is not None


class Log:
    """A log folder, open for writing. Use :meth:`create` or :meth:`open`.

    Raises
    ------
    StoreError
        The folder is in use, cannot be written, or is not what was signed.
    """

    def __init__(self, folder: Path, signer: Signer, disk: Disk) -> None:
        self.folder = folder
        self._signer = signer
        self._disk = disk
        self._mutex = threading.Lock()
        self._turn = threading.Condition()
        self._serving = False
        self._waiting: list[_Order] = []
        self._failed: str | None = None
        self._refused: StoreError | None = None
        self._made: set[Path] = set()
        self.origin = ""
        self._edge = Edge()
        self._rest = b""
        self._signed: int | None = None
        self._handle = self._lock()

    @classmethod
    def create(cls, folder: Path, origin: str, signer: Signer, disk: Disk = REAL) -> Log:
        """Begin a log in a folder that is empty or not there.

        Parameters
        ----------
        folder : folder of the log.
        origin : name of the log, and of its key.
        signer : key of the log.
        disk : where the folder is.
        """
        check_name(origin)
        folder = Path(folder)
        _make_outer(folder, disk)
        log = cls(folder, signer, disk)
        try:
            others = [name for name in disk.names(folder) if name != "lock"]
            if others:
                raise _unusable(folder, "an empty folder", f"{others[0]} in it")
            log._begin(origin, Edge(), b"")
            log._commit([("state", state.encode(origin, log._edge))])
        except BaseException:
            log.close()
            raise
        return log

    @classmethod
    def open(
        cls,
        folder: Path,
        signer: Signer,
        disk: Disk = REAL,
        witnesses: Iterable[Witness] = (),
        new_key: bool = False,
    ) -> Log:
        """Go on with a log; what a crash left unfinished is cleared away.

        Parameters
        ----------
        folder : folder of the log.
        signer : key of the log.
        disk : where the folder is.
        witnesses : each gives the newest checkpoint it knows. If one knows of more than the folder
            holds, or of another root, the folder is an old copy: the log will not sign.
        new_key : whether the key is another one than signed the newest checkpoint, after a change
            of keys that is in the log.
        """
        folder = Path(folder)
        if disk.read(folder / "state") is None:
            found = "a folder without a state" if folder.is_dir() else "no such folder"
            raise _unusable(folder, "a log", found, "begin one with `baseload record init`")
        log = cls(folder, signer, disk)
        try:
            origin, edge = state.recover(folder, disk)
            rest = state.last_bundle(folder, edge.size, disk)
            log._begin(origin, edge, encode_bundle(rest))
            log._signed = state.check_journal(folder, edge, disk)
            if not new_key:
                log._own_key()
            log._clear()
            log.compare(witness() for witness in witnesses)
        except BaseException:
            log.close()
            raise
        return log

    @property
    def size(self) -> int:
        """Number of durable entries."""
        return self._edge.size

    def append(self, entries: Sequence[bytes]) -> range:
        """Add entries, and return their indices when they are durable.

        Threads may call it side by side: what several of them bring while a commit is under way
        goes into the next one together.

        Parameters
        ----------
        entries : bytes of each, at most 65,535.

        Raises
        ------
        StoreError
            The disk failed, now or before: nothing can be said of these entries until the log was
            opened again.
        FormatError
            An entry is too long; nothing was written.
        """
        self._usable()
        check_lengths(entries)
        order = _Order(entries)
        with self._turn:
            self._waiting.append(order)
            while self._serving and not order.done:
                self._turn.wait()
            if not order.done:
                # Whoever comes first writes for all who wait: fsyncs are what an append costs.
                self._serving = True
                orders, self._waiting = self._waiting, []
        if not order.done:
            try:
                with self._mutex:
                    self._serve(orders)
            finally:
                with self._turn:
                    self._serving = False
                    self._turn.notify_all()
        if order.found is None:
            raise order.error or self._stopped()
        return order.found

    def publish(self) -> Checkpoint:
        """Sign a checkpoint of all entries, keep it, and publish it.

        Raises
        ------
        StoreError
            The disk failed, or a witness knows of more than this folder holds.
        """
        with self._mutex:
            self._usable()
            self.check_newest()
            found = Checkpoint(self.origin, self.size, self._edge.root())
            if self._signed != found.size or not self._kept(found.size):
                note = Note(str(found), (self._signature(str(found)),))
                self._commit([(f"checkpoints/{found.size}", note.encode())])
            before, self._signed = self._signed, found.size
            reader = Reader(self.folder, found.size, self._disk)
            self._commit([("checkpoint", reader.kept_checkpoint(found.size)[1].encode())])
            self._remove(self._stale(before or 0))
            return found

    def add_signatures(self, size: int, signatures: Sequence[NoteSignature]) -> Note:
        """Add cosignatures of witnesses to a kept checkpoint; they are not checked here.

        Parameters
        ----------
        size : size of the checkpoint.
        signatures : lines to add; a key that has signed already is passed over.
        """
        with self._mutex:
            self._usable()
            note = Reader(self.folder, self.size, self._disk).kept_checkpoint(size)[1]
            more = with_signatures(note, signatures)
            if more != note:
                self._commit([(f"checkpoints/{size}", more.encode())])
                if size == self._signed:
                    self._commit([("checkpoint", more.encode())])
            return more

    def compare(self, known: Iterable[Checkpoint | None]) -> None:
        """Refuse to sign from now on if others have seen what this folder does not hold.

        Parameters
        ----------
        known : checkpoints that the log has signed, as others keep them.
        """
        reader = Reader(self.folder, self.size, self._disk)
        for one in known:
            if one is None:
                continue
            if one.size > self.size:
                found = f"{self.size} entries here"
            elif reader.root(one.size) != one.root:
                found = f"root {reader.root(one.size).hex()} here"
            else:
                continue
            self._refused = StoreError(
                f"log {self.folder}",
                expected=f"what a witness has seen: size {one.size}, root {one.root.hex()}",
                found=found,
                mend="this is an old copy, and signing would fork the log: bring back the newest",
            )

    def check_newest(self) -> None:
        """Make sure that nobody is known to have seen more than this folder holds.

        Raises
        ------
        StoreError
            Somebody has; see :meth:`compare`.
        """
        if self._refused is not None:
            raise self._refused

    def close(self) -> None:
        """Give the folder to another writer."""
        if self._handle is not None:
            self._disk.unlock(self._handle)
            self._handle = None

    def __enter__(self) -> Log:
        """Return the log itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the log."""
        self.close()

    # --- parts ---------------------------------------------------------------------------------

    def _serve(self, orders: Sequence[_Order]) -> None:
        """Write what all who waited have brought, in one commit, and tell each of its indices."""
        try:
            self._usable()
            first = self._append([entry for order in orders for entry in order.entries])
        except BaseException as error:
            if not isinstance(error, Exception):  # interrupted: what is durable is not known
                self._failed = f"a commit that was interrupted ({type(error).__name__})"
            told = error if isinstance(error, Exception) else self._stopped()
            for order in orders:
                order.error = told
            if told is not error:
                raise
            return
        for order in orders:
            order.found = range(first, first + len(order.entries))
            first += len(order.entries)

    def _append(self, entries: Sequence[bytes]) -> int:
        """Make entries durable, and return the index of the first."""
        first = self.size
        if entries:
            bundles, rest = self._bundles(entries)
            edge = self._edge.copy()
            tiles = list(edge.append([leaf_hash(entry) for entry in entries]))
            self._commit(bundles)
            self._commit(tiles)
            self._commit([("state", state.encode(self.origin, edge))])
            self._edge, self._rest = edge, rest
            self._remove(self._stale(first))
        return first

    def _begin(self, origin: str, edge: Edge, rest: bytes) -> None:
        self.origin = origin
        self._edge = edge
        self._rest = rest

    def _lock(self) -> int | None:
        try:
            return self._disk.lock(self.folder / "lock")
        except BlockingIOError:
            raise _unusable(self.folder, "a log that nobody writes to", "another writer") from None
        except OSError as error:
            raise _unusable(self.folder, "a folder to write to", str(error.strerror)) from None

    def _usable(self) -> None:
        if self._handle is None:
            raise _unusable(self.folder, "a log that is open", "one that was closed")
        if self._failed is not None:
            raise self._stopped()

    def _stopped(self) -> StoreError:
        return _unusable(self.folder, "a disk that keeps what it is given", str(self._failed))

    def _bundles(self, entries: Sequence[bytes]) -> tuple[list[tuple[str, bytes]], bytes]:
        """Return path and bytes of each bundle touched, and the bytes of the last, if partial."""
        number, held = divmod(self.size, WIDTH)
        data, found, start = self._rest, [], 0
        while start < len(entries):
            part = entries[start : start + WIDTH - held]
            data += encode_bundle(part)
            start += len(part)
            held += len(part)
            found.append((bundle_path(number, held), data))
            if held == WIDTH:
                number, held, data = number + 1, 0, b""
        return found, data

    def _commit(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Write files so that each is there whole, and stays, or is not there at all."""
        paths = [self.folder / name for name, _ in files]
        parts = [path.with_name(path.name + PART) for path in paths]
        try:
            for path in paths:
                self._make_folder(path.parent)
            for part, (_, data) in zip(parts, files, strict=True):
                self._disk.write(part, data)
            for part, path in zip(parts, paths, strict=True):
                self._disk.rename(part, path)
            for parent in dict.fromkeys(path.parent for path in paths):
                self._disk.sync_folder(parent)
        except OSError as error:
            # What the disk holds now is unknown, and a second fsync would not tell: stop for good.
            self._failed = error.strerror or str(error)
            raise _unusable(
                self.folder, "a disk that keeps what it is given", self._failed
            ) from error

    def _remove(self, names: Iterable[str]) -> None:
        """Remove files that nothing needs; those that stay after a crash go at the next start."""
        with contextlib.suppress(OSError):
            for name in names:
                self._disk.remove(self.folder / name)

    def _make_folder(self, path: Path) -> None:
        """Make a folder below the log, and its name last."""
        if path in self._made or path == self.folder:
            return
        self._make_folder(path.parent)
        self._disk.make_folder(path)
        self._disk.sync_folder(path.parent)
        self._made.add(path)

    def _stale(self, size: int) -> list[str]:
        """Return partial files of a size that neither the newest nor the published one needs."""
        kept = self._kept_widths()
        found = [wide for wide in tile_widths(size) if wide not in kept]
        paths = [tile_path(*wide) for wide in found]
        return paths + [bundle_path(number, width) for level, number, width in found if not level]

    def _kept_widths(self) -> set[tuple[int, int, int]]:
        return {wide for size in (self._signed, self.size) for wide in tile_widths(size or 0)}

    def _clear(self) -> None:
        """Remove what a crash left behind, and publish what it kept from being published."""
        kept = {tile_path(*wide) for wide in self._kept_widths()}
        kept |= {
            bundle_path(number, wide) for level, number, wide in self._kept_widths() if not level
        }
        for name in leftovers(self.folder, self.size, kept, self._disk):
            self._disk.remove(self.folder / name)
        if self._signed is not None:
            note = Reader(self.folder, self.size, self._disk).kept_checkpoint(self._signed)[1]
            if self._disk.read(self.folder / "checkpoint") != note.encode():
                self._commit([("checkpoint", note.encode())])

    def _own_key(self) -> None:
        """Make sure that the newest checkpoint was signed with the key that is to sign the next."""
        if self._signed is None:
            return
        note = Reader(self.folder, self.size, self._disk).kept_checkpoint(self._signed)[1]
        verify(note, [verifier_key(self._signer, self.origin)], f"checkpoints/{self._signed}")

    def _kept(self, size: int) -> bool:
        return self._disk.read(self.folder / f"checkpoints/{size}") is not None

    def _signature(self, text: str) -> NoteSignature:
        public = self._signer.public
        identity = key_id(self.origin, ED25519, public)
        return NoteSignature(self.origin, identity, self._signer.sign(text.encode()))


def leftovers(folder: Path, size: int, kept: set[str], disk: Disk) -> Iterator[str]:
    """Give the files below a log's folder that no commit has finished.

    Parameters
    ----------
    folder : folder of the log.
    size : number of durable entries.
    kept : partial tiles and bundles to keep.
    disk : where the folder is.
    """
    for name in _below(folder, "", disk):
        if name.endswith(PART):
            yield name
        elif name.startswith("tile/") and name not in kept:
            try:
                level, number, width = parse_path(name)
            except FormatError:
                continue  # somebody else's, and in nobody's way
            if width < WIDTH or (number + 1) * WIDTH > size >> HEIGHT * max(level, 0):
                yield name


def _below(folder: Path, prefix: str, disk: Disk) -> Iterator[str]:
    """Give the names of all files; folders of a log are known by their names."""
    try:
        names = disk.names(folder / prefix)
    except NotADirectoryError:  # somebody else's file
        yield prefix
        return
    for name in names:
        path = f"{prefix}/{name}" if prefix else name
        inside = prefix.split("/")[0] == "tile"
        if (inside and (name[0] == "x" or name.endswith(".p") or prefix == "tile")) or (
            not prefix and name in ("tile", "checkpoints", "blobs")
        ):
            yield from _below(folder, path, disk)
        else:
            yield path


def _make_outer(folder: Path, disk: Disk) -> None:
    """Make the folder of a log, and its name last."""
    try:
        disk.make_folder(folder)
        disk.sync_folder(folder.parent)
    except OSError as error:
        raise _unusable(folder, "a folder that can be made", str(error.strerror)) from None


def _unusable(
    folder: Path,
    expected: str,
    found: str,
    mend: str = "end the other writer, or mend the disk, and open the log again",
) -> StoreError:
    return StoreError(f"log {folder}", expected=expected, found=found, mend=mend)
