"""Writes the drafts of the example into a log, hour by hour, with all that stands beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from baseload.record.checkpoint import Checkpoint
from baseload.record.disk import RealDisk
from baseload.record.example import anchoring, calendar, drafts, scene
from baseload.record.example.chain import Block
from baseload.record.example.drafts import Draft, Story
from baseload.record.example.office import Writers
from baseload.record.example.streams import digest
from baseload.record.note import NoteSignature, cosign
from baseload.record.store import Log

WITNESS_LAG_S = (20, 41)
"""Least and largest seconds from a checkpoint to a cosignature."""


class QuickDisk(RealDisk):
    """A disk that does not wait: an example that a loss of power takes is made again."""

    def write(self, path: Path, data: bytes) -> None:
        """Write a whole file."""
        path.write_bytes(data)

    def sync_folder(self, path: Path) -> None:
        """Do nothing."""


Hourly = Callable[[int, list[Draft]], list[Draft]]
Entries = Callable[[int, Sequence[bytes]], Sequence[bytes]]


class Writing:
    """The example while it is written.

    Parameters
    ----------
    folder : gets ``log``, ``headers`` and ``anchors``.
    tale : story.
    writers : all who sign.
    of_hour : what becomes of the drafts of an hour before they are signed.
    of_log : what becomes of signed entries before the log takes them.
    """

    def __init__(
        self,
        folder: Path,
        tale: Story,
        writers: Writers,
        of_hour: Hourly | None = None,
        of_log: Entries | None = None,
    ) -> None:
        self.folder = folder
        self.tale = tale
        self.writers = writers
        self.of_hour = of_hour or (lambda _, found: found)
        self.of_log = of_log or (lambda _, entries: entries)
        self.commitment = b""
        self.waiting: list[anchoring.Stamp] = []

    def run(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Write the whole example; tell after each day how many are written, of how many."""
        log_key = self.writers.key("log")
        with Log.create(self.log_folder, self.writers.origin, log_key, disk=QuickDisk()) as log:
            for hour in range(self.tale.days * 24):
                self._hour(log, hour)
                if progress is not None and hour % 24 == 23:
                    progress(hour // 24 + 1, self.tale.days)
        self._write_headers()

    @property
    def log_folder(self) -> Path:
        """Where the log is."""
        return self.folder / "log"

    def _hour(self, log: Log, hour: int) -> None:
        stamp = self.waiting[-1] if self.waiting and not self.waiting[-1].height else None
        found = drafts.hour(
            self.tale, hour, self.commitment, stamp.commitment if stamp else b"", self._anchored
        )
        found = sorted(found + calendar.hour(self.tale, hour), key=lambda draft: draft.t1)
        if hour == 0:
            found = self.writers.founding() + found
        found = self.of_hour(hour, found)
        entries = [
            data for draft in found if (data := self.writers.entry(draft)) and not draft.lost
        ]
        log.append(self.of_log(hour, entries))
        self._publish(log, hour)

    def _publish(self, log: Log, hour: int) -> None:
        checkpoint = log.publish()
        path = self.log_folder / "checkpoints" / str(checkpoint.size)
        bare = path.read_bytes()
        time = scene.START + (hour + 1) * scene.HOUR
        log.add_signatures(checkpoint.size, self.cosignatures(str(checkpoint), time))
        self.writers.checkpoint = {"size": str(checkpoint.size), "root": checkpoint.root.hex()}
        if hour % 24 == 0:
            self._stamp(checkpoint, bare)

    def cosignatures(self, text: str, time: int) -> list[NoteSignature]:
        """Return the cosignatures of all witnesses under a checkpoint of some time [ms]."""
        low, high = WITNESS_LAG_S
        lines = []
        for name in scene.WITNESSES:
            lag = low + digest(self.writers.seed, f"lag {name} {time}")[0] % (high - low)
            key = self.writers.private(f"witness:{name}")
            lines.append(cosign(text, name, key, time // 1000 + lag))
        return lines

    def _stamp(self, checkpoint: Checkpoint, signed: bytes) -> None:
        """Commit to the first checkpoint of a day: in coinbases at once, in a block soon."""
        self.commitment = sha256(signed).digest()
        nonce = digest(self.writers.seed, f"stamp {checkpoint.size}")[:16]
        self.waiting.append(anchoring.Stamp(checkpoint.size, self.commitment, nonce))

    def _anchored(self, block: Block) -> None:
        stamp = self.waiting[-1]
        stamp.height = block.height
        folder = self.folder / "anchors"
        folder.mkdir(exist_ok=True)
        replace(folder / f"{stamp.size}.ots", anchoring.proof(stamp, block))

    def _write_headers(self) -> None:
        folder = self.folder / "headers"
        folder.mkdir(exist_ok=True)
        chain = self.tale.chain
        replace(folder / f"{chain.first_height}.bin", b"".join(chain.headers))


def replace(path: Path, data: bytes) -> None:
    """Write a file under a temporary name and rename it."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(data)
    os.replace(temporary, path)
