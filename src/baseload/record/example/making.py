"""Makes the whole example: truth, measurement, log, keys, headers, anchors and a kit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from baseload.record.errors import RecordError
from baseload.record.example import drafts, metering, physics, scene
from baseload.record.example.office import Writers
from baseload.record.example.tampers import registry
from baseload.record.example.tampers.registry import Cheat, Tamper
from baseload.record.example.writing import Writing, replace

MIN_DAYS = 2
PASSPHRASE = b"synthetic"
"""Of all key files: what is in them is no secret."""


@dataclass(frozen=True)
class Example:
    """What was made.

    Parameters
    ----------
    folder, log, kit, keys : folders.
    size : entries of the log.
    log_key, policy : what an inspector is told beforehand: verifier key of the log, and policy.
    """

    folder: Path
    log: Path
    kit: Path
    keys: Path
    size: int
    log_key: str
    policy: Path


def make(
    folder: Path,
    days: int = 30,
    seed: int = 0,
    tamper: str | None = None,
    size: float | None = None,
    inspector: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Example:
    """Write an example into a new folder; the same arguments give the same bytes.

    (The key files alone, whose passphrase is ``synthetic``, are salted anew each time.)

    Parameters
    ----------
    folder : folder to make; it must not hold anything yet.
    days : length, 2 to 365.
    seed : seed of all that is drawn, and of all keys.
    tamper : name of a way to cheat, or None for an honest record.
    size : how large, in the tamper's own unit; its own size unless given.
    inspector : text of the program that the kit carries.
    progress : is told after each day how many are written, of how many.

    Raises
    ------
    RecordError
        The folder is not empty, the days are out of range, or there is no such tamper.
    """
    _check(folder, days)
    way = registry.find(tamper) if tamper is not None else None
    amount = way.size if way is not None and size is None else size or 0.0
    tale = told(days, seed, way, amount)
    writers = Writers(seed, folder / "log" / "blobs")
    cheat = Cheat(way, amount, writers, tale) if way is not None else None
    writing = Writing(
        folder,
        tale,
        writers,
        partial(way.act, cheat) if way is not None and way.layer == "drafts" else None,
        partial(way.act, cheat) if way is not None and way.layer == "entries" else None,
    )
    folder.mkdir(parents=True, exist_ok=True)
    writing.run(progress)
    _write_keys(folder, writers)
    _write_kit(folder, inspector)
    if way is not None and way.layer == "files":
        way.act(cheat, folder / "kit")
    return Example(
        folder,
        folder / "log",
        folder / "kit",
        folder / "keys",
        int(writers.checkpoint["size"]),
        writers.log_key(),
        folder / "policy",
    )


def told(days: int, seed: int, way: Tamper | None, size: float) -> drafts.Story:
    """Return the story of an example, with what a tamper does to truth and measurement."""
    world = physics.world(days, seed)
    if way is not None and way.layer == "truth":
        way.act(world, size)
    measured = metering.measure(world)
    if way is not None and way.layer == "measured":
        way.act(world, measured, size)
    return drafts.story(world, measured)


def _check(folder: Path, days: int) -> None:
    if not MIN_DAYS <= days <= scene.MAX_DAYS:
        raise RecordError(
            "days",
            expected=f"{MIN_DAYS} to {scene.MAX_DAYS}",
            found=str(days),
            mend="the difficulty of the chain is known for a year only; choose fewer days",
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RecordError(
            str(folder),
            expected="a folder that does not exist yet, or an empty one",
            found="something in it",
            mend="name another folder, or remove this one",
        )


def _write_keys(folder: Path, writers: Writers) -> None:
    """Write all private keys. Their files are salted: of all files they alone differ each time."""
    keys = folder / "keys"
    keys.mkdir()
    holders = ["log", *(f"party:{name}" for name in scene.PARTIES)]
    holders += [f"source:{name}" for name in scene.SOURCES]
    holders += [f"witness:{name}" for name in scene.WITNESSES]
    for holder in holders:
        current = writers.current.get(holder.removeprefix("source:"), holder)
        writers.key(current).write(keys / holder.replace(":", "-"), PASSPHRASE)
    replace(folder / "policy", writers.policy().encode())
    replace(folder / "log.vkey", f"{writers.log_key()}\n".encode())


def _write_kit(folder: Path, inspector: str) -> None:
    from baseload.record.kit import write

    write(
        folder / "log",
        folder / "kit",
        inspector,
        (folder / "policy").read_text(encoding="utf-8"),
        headers=folder / "headers",
        anchors=folder / "anchors",
    )
