import errno
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.record import crash, naive
from tests.record.sample import ORIGIN, key, private

from baseload.record.checkpoint import Checkpoint
from baseload.record.disk import RealDisk
from baseload.record.errors import FormatError, RecordError, SignatureError, StoreError
from baseload.record.note import cosign
from baseload.record.reader import Reader
from baseload.record.store import Log


def entries(count, mark=""):
    return [f"{mark}{n}".encode() for n in range(count)]


def test_files_of_others_are_in_nobodys_way(tmp_path):
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        log.append(entries(300))
        log.publish()
    strays = ["README", "tile/.DS_Store", "tile/0/.DS_Store", "tile/0/001.p/9~", "checkpoints/010",
              "tile/entries/notes.txt"]  # fmt: skip
    for name in strays:
        (tmp_path / "log" / name).write_bytes(b"not ours")
    with Log.open(tmp_path / "log", key("log")) as log:
        log.append(entries(300, "more"))
        log.publish()
    assert all((tmp_path / "log" / name).read_bytes() == b"not ours" for name in strays)
    assert Reader(tmp_path / "log").size == 600


def test_what_is_appended_is_read_again_over_the_edges_of_tiles(tmp_path):
    given = entries(1100)
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        first = 0
        for count in (1, 254, 1, 1, 255, 0, 513, 75):
            assert log.append(given[first : first + count]) == range(first, first + count)
            first += count
            assert log.publish().root == naive.root(given[:first])
    reader = Reader(tmp_path / "log")
    assert list(reader.entries()) == given
    assert [reader.root(size) for size in (0, 1, 255, 256, 257, 1100)] == [
        naive.root(given[:size]) for size in (0, 1, 255, 256, 257, 1100)
    ]
    assert reader.inclusion(700) == naive.inclusion(700, given)
    assert reader.consistency(300) == naive.consistency(300, given)


def test_a_log_goes_on_after_it_was_closed(tmp_path):
    for start in range(0, 600, 100):
        begin = Log.create if start == 0 else lambda f, _, k: Log.open(f, k)
        with begin(tmp_path / "log", ORIGIN, key("log")) as log:
            assert log.size == start
            log.append(entries(600)[start : start + 100])
            log.publish()
    assert list(Reader(tmp_path / "log").entries()) == entries(600)


def test_partial_files_of_no_use_do_not_pile_up(tmp_path):
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        for each in entries(40):
            log.append([each])
        log.publish()
    partial = [p for p in (tmp_path / "log").rglob("*") if p.parent.name.endswith(".p")]
    assert sorted(p.name for p in partial) == ["40", "40"]


def test_one_writer_at_a_time(tmp_path):
    with (
        Log.create(tmp_path / "log", ORIGIN, key("log")),
        pytest.raises(StoreError, match="another writer"),
    ):
        Log.open(tmp_path / "log", key("log"))
    Log.open(tmp_path / "log", key("log")).close()


def test_a_log_is_not_begun_where_something_is(tmp_path):
    (tmp_path / "file").write_text("here")
    with pytest.raises(StoreError, match="empty folder"):
        Log.create(tmp_path, ORIGIN, key("log"))
    with pytest.raises(StoreError, match="a log"):
        Log.open(tmp_path, key("log"))


def test_an_entry_that_is_too_long_leaves_the_log_as_it_was(tmp_path):
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        with pytest.raises(FormatError):
            log.append([b"fits", bytes(65_536)])
        assert log.size == 0
        assert log.append([b"fits"]) == range(1)


def test_another_key_does_not_go_on_signing(tmp_path):
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        log.append([b"1"])
        log.publish()
    with pytest.raises(SignatureError):
        Log.open(tmp_path / "log", key("other"))
    Log.open(tmp_path / "log", key("other"), new_key=True).close()


def test_an_old_copy_refuses_to_sign_once_a_witness_knows_more(tmp_path):
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        log.append(entries(3))
        log.publish()
    for known in (Checkpoint(ORIGIN, 4, bytes(32)), Checkpoint(ORIGIN, 2, bytes(32))):
        with Log.open(tmp_path / "log", key("log"), witnesses=[lambda k=known: k]) as log:
            log.append([b"more"])
            with pytest.raises(StoreError, match="old copy"):
                log.publish()
    good = Checkpoint(ORIGIN, 3, naive.root(entries(3)))
    with Log.open(tmp_path / "log", key("log"), witnesses=[lambda: good, lambda: None]) as log:
        assert log.publish().size == 5


def test_cosignatures_are_added_to_the_journal_and_to_what_is_published(tmp_path):
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        log.append([b"1"])
        made = log.publish()
        line = cosign(str(made), "w", private("w"), 5)
        log.add_signatures(1, [line, line])
        assert log.publish() == made
    reader = Reader(tmp_path / "log")
    assert reader.checkpoint()[1].signatures[1:] == (line,)
    assert reader.kept_checkpoint(1) == reader.checkpoint()


@pytest.mark.parametrize("name", ["state", "tile/0/000.p/3", "tile/entries/000.p/3"])
def test_a_log_that_was_changed_on_disk_is_not_written_to(tmp_path, name):
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        log.append(entries(3))
        log.publish()
    path = tmp_path / "log" / name
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    path.write_bytes(data)
    with pytest.raises(RecordError):
        Log.open(tmp_path / "log", key("log"))


class Failing(RealDisk):
    """A disk whose n-th call fails, with an error of the operating system."""

    def __init__(self, number, code):
        self.left = number
        self.code = code

    def _count(self):
        self.left -= 1
        if self.left == 0:
            raise OSError(self.code, os.strerror(self.code))

    def write(self, path, data):
        self._count()
        super().write(path, data)

    def rename(self, old, new):
        self._count()
        super().rename(old, new)

    def sync_folder(self, path):
        self._count()
        super().sync_folder(path)


def write_until_it_fails(log, acknowledged):
    while True:
        acknowledged += log.append([str(log.size).encode()])
        log.publish()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_disk_that_fails_stops_the_writer_and_loses_nothing_acknowledged(tmp_path, code):
    for number in range(1, 14):
        folder = tmp_path / str(number)
        with Log.create(folder, ORIGIN, key("log")) as log:
            log.append(entries(2))
        disk = Failing(number, code)
        with Log.open(folder, key("log"), disk=disk) as log:
            done = 2
            acknowledged = []
            with pytest.raises(StoreError, match=os.strerror(code)):
                write_until_it_fails(log, acknowledged)
            done += len(acknowledged)
            with pytest.raises(StoreError):
                log.append([b"again"])
        with Log.open(folder, key("log")) as log:
            assert log.size >= done
            assert list(Reader(folder, done).entries()) == entries(done)


def test_short_writes_are_gone_on_with(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:5]))
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        log.append(entries(20))
        log.publish()
    assert list(Reader(tmp_path / "log").entries()) == entries(20)


WRITER = """
import sys
from pathlib import Path
from tests.record.sample import key
from baseload.record.store import Log
with Log.open(Path(sys.argv[1]), key("log")) as log:
    while True:
        for n in log.append([str(log.size + i).encode() for i in range(3)]):
            print(n, flush=True)
        log.publish()
"""


def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path):
    folder = tmp_path / "log"
    Log.create(folder, ORIGIN, key("log")).close()
    for wait in (0.05, 0.02, 0.08, 0.03):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True
        )
        last = writer.stdout.readline()
        time.sleep(wait)
        writer.send_signal(signal.SIGKILL)
        told = [last, *writer.stdout.readlines()]
        writer.wait()
        with Log.open(folder, key("log")) as log:
            assert log.size > int([line for line in told if line.endswith("\n")][-1])
            assert list(Reader(folder, log.size).entries()) == entries(log.size)
            assert log.publish().root == naive.root(entries(log.size))


def test_no_crash_loses_what_was_acknowledged_or_leaves_a_false_checkpoint():
    count, failures = crash.explore(range(6), enough=2500)
    assert failures == []
    assert count >= 1000


class Careless(Log):
    """A writer that leaves something out."""

    left_out = ""

    def _commit(self, files):
        disk = self._disk
        if self.left_out == "folder":
            disk = type("", (), {"sync_folder": lambda s, p: None})()
        paths = [self.folder / name for name, _ in files]
        for path, (_, data) in zip(paths, files, strict=True):
            self._make_folder(path.parent)
            if self.left_out == "temporary name":
                self._disk.write(path, data)
            else:
                self._disk.write(path.with_name(path.name + ".part"), data)
                self._disk.rename(path.with_name(path.name + ".part"), path)
        for path in paths:
            disk.sync_folder(path.parent)


@pytest.mark.parametrize("left_out", ["folder", "temporary name"])
def test_the_explorer_finds_what_a_careless_writer_loses(left_out):
    store = type("Worse", (Careless,), {"left_out": left_out})
    _, failures = crash.explore(range(4), store, enough=1500)
    assert failures


class Hasty(Log):
    """A writer that writes the state before what it names."""

    def _commit(self, files):
        held = self.__dict__.setdefault("held", [])
        if files[0][0].startswith("tile"):
            held.append(files)
            return
        super()._commit(files)
        while held:
            super()._commit(held.pop(0))


def test_the_explorer_finds_a_wrong_order():
    _, failures = crash.explore(range(4), Hasty, enough=1500)
    assert failures


def test_several_threads_may_append(tmp_path):
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        found = []

        def work(mark):
            for n in range(10):
                found.extend(log.append([f"{mark} {n}".encode()]))

        threads = [threading.Thread(target=work, args=(mark,)) for mark in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == list(range(40))
        log.publish()
    told = list(Reader(tmp_path / "log").entries())
    assert sorted(told) == sorted(f"{m} {n}".encode() for m in range(4) for n in range(10))


class CountingDisk(RealDisk):
    """A slow disk that counts what it makes last."""

    def __init__(self):
        self.written = 0

    def write(self, path, data):
        self.written += 1
        time.sleep(0.002)
        super().write(path, data)


def test_what_threads_bring_meanwhile_is_made_durable_together(tmp_path):
    """Ten threads of twenty appends each: far fewer commits of three files than 200."""
    disk, found = CountingDisk(), {}
    with Log.create(tmp_path / "log", ORIGIN, key("log"), disk=disk) as log:

        def work(mark):
            for n in range(20):
                text = f"{mark} {n}".encode()
                found[log.append([text])[0]] = text

        threads = [threading.Thread(target=work, args=(mark,)) for mark in range(10)]
        before = disk.written
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert disk.written - before < 3 * 100
        log.publish()
    assert list(Reader(tmp_path / "log").entries()) == [found[index] for index in range(200)]


def test_an_entry_that_is_too_long_fails_nobody_elses_append(tmp_path):
    with Log.create(tmp_path / "log", ORIGIN, key("log"), disk=CountingDisk()) as log:
        failed, found = [], []

        def work(mark):
            for n in range(10):
                try:
                    found.extend(log.append([bytes(65_536 if mark else 5)]))
                except FormatError:
                    failed.append(n)

        threads = [threading.Thread(target=work, args=(mark,)) for mark in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (found, len(failed)) == (list(range(10)), 10)


class Interrupting(RealDisk):
    """A disk on which the third file from now on is interrupted."""

    left = 10**9

    def write(self, path, data):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        super().write(path, data)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_an_interrupted_commit_stops_the_writer(tmp_path, place):
    disk = Interrupting()
    with Log.create(tmp_path / "log", ORIGIN, key("log"), disk=disk) as log:
        log.append([b"first"])
        disk.left = place
        with pytest.raises(KeyboardInterrupt):
            log.append([b"second"])
        with pytest.raises(StoreError, match="interrupted"):
            log.append([b"third"])
    with Log.open(tmp_path / "log", key("log")) as log:
        assert log.append([b"fourth"]) == range(1, 2)


class LogMachine(RuleBasedStateMachine):
    """A log against a plain list: appends, crashes, publications, cosignatures."""

    @initialize()
    def begin(self):
        self.disk = crash.MemoryDisk()
        self.log = Log.create(crash.FOLDER, ORIGIN, key("log"), disk=self.disk)
        self.model, self.signed = [], {}

    @rule(batch=st.lists(st.binary(max_size=40), max_size=5), times=st.sampled_from([1, 1, 1, 80]))
    def append(self, batch, times):
        first = len(self.model)
        self.model += batch * times
        assert self.log.append(batch * times) == range(first, len(self.model))

    @rule()
    def publish(self):
        found = self.log.publish()
        assert (found.size, found.root) == (len(self.model), naive.root(self.model))
        self.signed.setdefault(found.size, 0)

    @rule(data=st.data())
    @precondition(lambda self: self.signed)
    def cosigned(self, data):
        size = data.draw(st.sampled_from(sorted(self.signed)))
        self.signed[size] += 1
        text = str(Checkpoint(ORIGIN, size, naive.root(self.model[:size])))
        name = f"w{self.signed[size]}"
        self.log.add_signatures(size, [cosign(text, name, private(name), 9)])

    @rule()
    def power_goes(self):
        self.log.close()
        self.log = Log.open(crash.FOLDER, key("log"), disk=self.disk)

    @invariant()
    def is_the_list(self):
        reader = Reader(crash.FOLDER, self.log.size, self.disk)
        assert list(reader.entries()) == self.model
        assert reader.journal() == sorted(self.signed)
        for size, count in self.signed.items():
            assert len(reader.kept_checkpoint(size)[1].signatures) == 1 + count


TestLogMachine = LogMachine.TestCase
TestLogMachine.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
