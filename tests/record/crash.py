"""A disk that can lose power at any instant, and all the states that it may wake up in.

What a program wrote is there after a loss of power only as far as it was made to last: the bytes
of a file by fsync of the file, its name by fsync of the folder. All else may be there or not, in
any combination (Pillai et al., OSDI 2014): of the names not yet made to last every subset is a
state, and of the file being written every torn form.

``python -m tests.record.crash --states 100000`` explores many, and tells the failures.
"""

import argparse
import itertools
import random
import sys
import time
from pathlib import PurePosixPath

from tests.record import naive
from tests.record.sample import ORIGIN, key

from baseload.record.errors import RecordError
from baseload.record.reader import Reader
from baseload.record.store import Log

FOLDER = PurePosixPath("/log")
MOST_PENDING = 7
"""Names not made to last of which every subset is tried; of more, a random choice."""


class MemoryDisk:
    """A disk in memory that notes what is done to it."""

    def __init__(self, files=(), folders=("/",)):
        self.files = dict(files)
        self.folders = set(folders)
        self.done = []

    def make_folder(self, path):
        if str(path) not in self.folders:
            self._at(path.parent)
            self.folders.add(str(path))
            self.done.append(("folder", str(path.parent), str(path), None))

    def write(self, path, data):
        self._at(path.parent)
        self.files[str(path)] = data
        self.done.append(("write", str(path.parent), str(path), data))

    def rename(self, old, new):
        self.files[str(new)] = self.files.pop(str(old))
        self.done.append(("rename", str(new.parent), str(old), str(new)))

    def sync_folder(self, path):
        self._at(path)
        self.done.append(("sync", str(path), None, None))

    def remove(self, path):
        if self.files.pop(str(path), None) is not None:
            self.done.append(("remove", str(path.parent), str(path), None))

    def read(self, path):
        return self.files.get(str(path))

    def names(self, path):
        start = str(path).rstrip("/") + "/"
        every = (*self.files, *self.folders)
        return sorted({p[len(start) :].split("/")[0] for p in every if p.startswith(start)} - {""})

    def lock(self, path):
        return 1

    def unlock(self, handle):
        pass

    def mark(self, name, size):
        """Note that the writer was told something."""
        self.done.append((name, None, None, size))

    def _at(self, folder):
        if str(folder) not in self.folders:
            raise FileNotFoundError(2, f"no folder {folder}")


def states(done, chance, most=MOST_PENDING):
    """Give every state after every prefix of what was done: files, folders and what was told."""
    lasting, pending = {"/": None}, []
    told = {"acknowledged": 0, "made": False, "published": 0}
    for step in done:
        kind, folder, name, more = step
        if kind in ("acknowledged", "published", "made"):
            told[kind] = more
            continue
        if kind == "write":  # the power may go while it is written: nothing, a half, or all
            for torn in (b"", more[: len(more) // 2], more[:-1]):
                unfinished = [*pending, ("write", folder, name, torn)]
                yield from _chosen(lasting, unfinished, told, chance, most)
        if kind == "sync":
            rest = []
            for each in pending:
                if each[1] == folder:
                    _apply(lasting, each)
                else:
                    rest.append(each)
            pending = rest
        else:
            pending.append(step)
        yield from _chosen(lasting, pending, told, chance, most)


def _chosen(lasting, pending, told, chance, most):
    """Give the states in which any of the names not made to last are there."""
    if len(pending) <= most:
        choices = itertools.product((False, True), repeat=len(pending))
    else:
        choices = ([chance.random() < 0.5 for _ in pending] for _ in range(1 << most))
    for kept in choices:
        state = dict(lasting)
        for step, keep in zip(pending, kept, strict=True):
            if keep:
                _apply(state, step)
        yield state, dict(told)


def _apply(state, step):
    """Do one step to names and bytes; what it needs may itself have been lost."""
    kind, folder, name, more = step
    if folder not in state:
        return
    if kind == "folder":
        state[name] = None
    elif kind == "write":
        state[name] = more
    elif kind == "remove":
        state.pop(name, None)
    elif kind == "rename" and name in state:
        state[more] = state.pop(name)


def disk_of(state):
    files = {name: data for name, data in state.items() if data is not None}
    return MemoryDisk(files, {name for name, data in state.items() if data is None})


def problem(state, told, entries):
    """Return what is wrong with what a log wakes up as, or nothing."""
    disk = disk_of(state)
    try:
        log = Log.open(FOLDER, key("log"), disk=disk)
    except RecordError as error:
        return f"does not open: {error}" if told["made"] else None
    try:
        return _lost(log, disk, told, entries)
    except RecordError as error:
        return f"cannot be read: {error}"


def _lost(log, disk, told, entries):
    """Return what an opened log does not have that it must, or has that it must not."""
    if not told["acknowledged"] <= log.size <= len(entries):
        return f"{log.size} entries, {told['acknowledged']} were acknowledged"
    reader = Reader(FOLDER, log.size, disk)
    if list(reader.entries()) != entries[: log.size] or reader.root() != root(entries, log.size):
        return "other entries than were given to it"
    signed = reader.journal()
    if max(signed, default=0) < told["published"]:
        return f"the checkpoint of {told['published']} is gone"
    for size in signed:
        if size > log.size or reader.kept_checkpoint(size)[0].root != root(entries, size):
            return f"a checkpoint of {size} that is not of this log"
    if signed and reader.checkpoint()[0].size != signed[-1]:
        return "the newest checkpoint is not the published one"
    return None


ROOTS = {}


def root(entries, size):
    if (size, entries[0]) not in ROOTS:
        ROOTS[size, entries[0]] = naive.root(entries[:size])
    return ROOTS[size, entries[0]]


def workload(seed, store=Log):
    """Run a writer with some batches, near the end of a tile; return what it did, and entries."""
    chance = random.Random(seed)
    entries = [f"{seed} {n}".encode() for n in range(1200)]
    disk = MemoryDisk()
    with store.create(FOLDER, ORIGIN, key("log"), disk=disk) as log:
        disk.mark("made", True)
        size = chance.choice([0, 1, 3, 250, 254, 255, 256, 505, 511])
        log.append(entries[:size])
        disk.mark("acknowledged", size)
        for _ in range(chance.randint(1, 4)):
            batch = chance.choice([1, 1, 2, 5, 6, 260])
            log.append(entries[size : size + batch])
            size += batch
            disk.mark("acknowledged", size)
            if chance.random() < 0.7:
                log.publish()
                disk.mark("published", size)
    return disk.done, entries[:size]


def explore(seeds, store=Log, enough=None, tell=None):
    """Explore workloads until there are enough states; return count and failures."""
    count, failures = 0, []
    for seed in seeds:
        done, entries = workload(seed, store)
        chance = random.Random(seed)
        seen = set()
        for state, told in states(done, chance):
            mark = (frozenset(state.items()), told["acknowledged"], told["published"], told["made"])
            if mark in seen:
                continue
            seen.add(mark)
            count += 1
            found = problem(state, told, entries)
            if found is not None:
                failures.append((seed, found))
            if enough is not None and count >= enough:
                return count, failures
        if tell is not None:
            tell(seed, count, len(failures))
    return count, failures


def main():
    """Explore, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--states", type=int, default=100_000)
    asked = parser.parse_args().states
    began = time.monotonic()

    def tell(seed, count, failed):
        if sys.stderr.isatty():
            print(f"\r{count:,} of {asked:,} states, {failed} failures", end="", file=sys.stderr)

    count, failures = explore(itertools.count(), enough=asked, tell=tell)
    seconds = time.monotonic() - began
    print(f"{count:,} crash states explored, {len(failures)} failures, {seconds:.0f} s")
    for seed, found in failures[:20]:
        print(f"workload {seed}: {found}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
