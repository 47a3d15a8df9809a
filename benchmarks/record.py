"""RECORD and VERIFY against what the machine itself can do, measured in the same run.

An append of any number of entries needs six makings-to-last (bundle, tile and state, and the names
of each); its cost is theirs plus about two hashes and 60 to 80 bytes of copying an entry. The
inspector hashes each entry once and each node once; a full audit reads each entry's JSON, writes
it again and compares. Both grow in proportion to the entries; memory by 8 bytes a reading.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from baseload.record import kit, merkle
from baseload.record.disk import RealDisk
from baseload.record.keys import SoftwareKey, verifier_key
from baseload.record.reader import Reader
from baseload.record.rules import approval
from baseload.record.source import Source
from baseload.record.store import Log
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.followers import followers_of
from baseload.verify.kit import Kit
from baseload.verify.notes import ed25519_verifies
from baseload.verify.workers import side_by_side

ORIGIN = "bench.example.org/log"
ENTRIES = 600_000
THREADS = 16
"""Producers that append side by side."""
ENTRY = 200
"""Bytes of an entry that is appended."""


class Figure(NamedTuple):
    """One figure: a value with its unit, and its ratio against something."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    against: str | None = None


class QuickDisk(RealDisk):
    """A disk that makes nothing last: for what is only to be read."""

    def write(self, path: Path, data: bytes) -> None:
        """Write a file."""
        path.write_bytes(data)

    def sync_folder(self, path: Path) -> None:
        """Do nothing."""


def rate(work: Callable[[], Any], count: int, seconds: float = 0.4) -> float:
    """Return how many a second of what one call does so many of: the best of some runs."""
    best, until = 0.0, time.perf_counter() + seconds
    while time.perf_counter() < until or best == 0.0:
        began = time.perf_counter()
        work()
        best = max(best, count / (time.perf_counter() - began))
    return best


def bench_record() -> Iterator[Figure]:
    """Measure writing, proving and checking."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        limits = machine(place)
        for name, (value, unit) in limits.items():  # fsyncs: of a file with its folder
            yield Figure(f"machine: {name}", value, unit)
        yield from appending(place, limits["fsyncs"][0])
        made = written(place)
        yield from proving(made)
        yield from inspecting(made, limits["SHA-256 of 200 bytes"][0] * 1e6)


def machine(place: Path) -> dict[str, tuple[float, str]]:
    """Return what the machine can do: hashes, signatures, fsyncs."""
    short, middle, long = bytes(64), bytes(ENTRY), bytes(1024)
    key = SoftwareKey.generate()
    signature = key.sign(middle)
    disk, whole = RealDisk(), bytes(128 * ENTRY)

    def hashes(data: bytes) -> Callable[[], None]:
        return lambda: [sha256(data).digest() for _ in range(20_000)] and None

    def durable() -> None:
        for number in range(21):
            name = place / f"f{number}"
            disk.write(place / "part", whole if number % 3 == 0 else middle)
            disk.rename(place / "part", name)
            disk.sync_folder(place)

    return {
        "SHA-256 of 64 bytes": (rate(hashes(short), 20_000) / 1e6, "M/s"),
        "SHA-256 of 200 bytes": (rate(hashes(middle), 20_000) / 1e6, "M/s"),
        "SHA-256 of 1 KiB": (rate(hashes(long), 20_000) / 1e6, "M/s"),
        "Ed25519 signatures": (rate(lambda: [key.sign(middle) for _ in range(500)], 500), "/s"),
        "Ed25519 verifications": (
            rate(
                lambda: [ed25519_verifies(key.public, signature, middle) for _ in range(500)], 500
            ),
            "/s",
        ),
        "fsyncs": (rate(durable, 21, 1.0), "/s"),
    }


def appending(place: Path, fsyncs: float) -> Iterator[Figure]:
    """Measure durable appends in batches: three files, each made to last with its folder."""
    for batch, rounds in ((1, 150), (256, 60), (4096, 12)):
        found = appended(place / f"log{batch}", batch, rounds)
        if batch == 1:
            name, bare = "durable appends, one at a time", fsyncs / 3.0
            yield Figure(name, found, "/s", bare / found, "time of the bare fsyncs")
        else:
            name = f"durable appends, {batch} at a time"
            yield Figure(name, found, "entries/s", found / 60_000, "60,000/s")
    alone = by_threads(place / "threads1", 1)
    many = by_threads(place / f"threads{THREADS}", THREADS)
    name = f"durable appends by {THREADS} threads, one at a time each"
    yield Figure(name, many, "/s", many / alone, "one thread")


def appended(folder: Path, batch: int, rounds: int) -> float:
    """Return how many entries a second a log takes in batches."""
    entries = [os.urandom(ENTRY) for _ in range(batch)]
    with Log.create(folder, ORIGIN, SoftwareKey.generate()) as log:
        log.append(entries)
        return rate(lambda: [log.append(entries) for _ in range(rounds)], batch * rounds, 1.5)


def by_threads(folder: Path, count: int, each: int = 200) -> float:
    """Return how many entries a second a log takes from so many threads, one at a time each."""
    with Log.create(folder, ORIGIN, SoftwareKey.generate()) as log:
        entry = os.urandom(ENTRY)

        def work() -> None:
            for _ in range(each):
                log.append([entry])

        threads = [Thread(target=work) for _ in range(count)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return count * each / (time.perf_counter() - began)


def written(place: Path, count: int = ENTRIES) -> Path:
    """Write a log of readings, one a second, a charter first; return its kit, or the log itself.

    Parameters
    ----------
    place : folder for the log, and for its kit where the log is not a large one.
    count : number of entries.
    """
    key, party = SoftwareKey.generate(), SoftwareKey.generate()
    meter = Source("meter", SoftwareKey.generate(), ORIGIN)
    log_key = str(verifier_key(key, ORIGIN))
    policy = f"log {log_key}\nquorum none\n"
    schemas = ["rule.change/1", "meter.reading/1", "source.head/1"]
    body: dict[str, Any] = {
        "kind": "charter",
        "origin": ORIGIN,
        "log_key": log_key,
        "parties": [
            {"id": "a", "name": "A", "roles": ["admin"], "key": str(verifier_key(party, "a"))}
        ],
        "sources": [
            {
                "id": "meter",
                "owner": "a",
                "schemas": schemas,
                "key": str(verifier_key(meter.signer, "meter")),
            }
        ],
        "policy": policy,
        "quorum": "1",
        "lateness_ms": "3600000",
    }
    approved = body | {"approvals": [approval(body, "a", party, ORIGIN)]}
    told = {"meter": "m", "register": "import", "energy": "27777", "quality": "measured"}

    def entry(number: int) -> bytes:
        if not number:
            return meter.event("rule.change/1", 0, 0, approved)
        body = told | {"counter": str(27777 * number)}
        return meter.event("meter.reading/1", number * 1000, number * 1000 + 1000, body)

    with Log.create(place / "log", ORIGIN, key, disk=QuickDisk()) as log:
        for first in range(0, count, 10_000):
            log.append([entry(number) for number in range(first, min(first + 10_000, count))])
            log.publish()
    if count > ENTRIES:
        (place / "log" / "policy").write_text(policy)
        return place / "log"
    return kit.write(place / "log", place / "kit", "", policy)


def proving(made: Path) -> Iterator[Figure]:
    """Measure one inclusion proof, made from the files and checked."""
    began, count = time.perf_counter(), 300
    for number in range(count):
        reader = Reader(made)
        index = number * 661 % reader.size
        proof = reader.inclusion(index)
        leaf = merkle.leaf_hash(reader.entry(index))
        root = reader.checkpoint()[0].root
        merkle.verify_inclusion(index, reader.size, leaf, proof, root)
    each = (time.perf_counter() - began) / count * 1000
    yield Figure("one inclusion proof, read, made and checked", each, "ms", each / 1.0, "1 ms")


def inspecting(made: Path, hashes: float) -> Iterator[Figure]:
    """Measure the inspector, its structure alone and the whole, in one process and in several."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    for name, structure, goal in (("structure", True, 500_000), ("whole", False, 60_000)):
        found = inspected(made, structure, 1)
        yield Figure(f"inspector, {name}", found, "entries/s", found / goal, f"{goal:,}/s")
        yield Figure(f"inspector, {name}, of bare hashing", found / hashes, "of it", None, None)
        if cores and cores > 1:
            more = inspected(made, structure, cores)
            title = f"inspector, {name}, {cores} processes"
            yield Figure(title, more, "entries/s", more / found, "one process")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Figure("inspector, memory of the process with the writer", peak, "MiB")


def inspected(made: Path, structure: bool, workers: int, count: int = ENTRIES) -> float:
    """Return how many entries a second the inspector checks in so many processes."""
    began = time.perf_counter()
    audit = Audit(Kit(str(made)), structure_only=structure)
    audit.followers = [] if structure else followers_of(audit)
    audit.run(scanner=side_by_side(workers) if workers > 1 else None)
    taken = time.perf_counter() - began
    verdict = verdict_of(audit, 0.0)
    if verdict["verdict"] != "OK":
        raise RuntimeError(f"the inspector says {verdict['findings'][:1]}")
    return count / taken


def year(count: int) -> Iterator[Figure]:
    """Measure a long log: written, inspected in its structure and whole, on all cores and one."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        made = written(Path(folder), count)
        yield Figure(f"{count:,} entries written", time.perf_counter() - began, "s")
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
        for name, structure, goal in (("structure", True, 90.0), ("whole", False, 600.0)):
            for workers in dict.fromkeys((cores, 1)):
                taken = count / inspected(made, structure, workers, count)
                title = f"{name} inspected, {workers} processes"
                yield Figure(title, taken, "s", taken / goal, f"{goal:.0f} s, for a year")
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                yield Figure("  memory of the first process up to here", peak, "MiB")


def main() -> int:
    """Print the figures; with a number, those of a log of so many entries (a year: 31536000)."""
    figures = year(int(sys.argv[1])) if len(sys.argv) > 1 else bench_record()
    for figure in figures:
        against = "" if figure.ratio is None else f"{figure.ratio:12.4g}  {figure.against}"
        print(f"{figure.name:<50} {figure.value:14.6g} {figure.unit:<12}{against}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
