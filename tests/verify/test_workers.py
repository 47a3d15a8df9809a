"""An inspection in several processes, and one that is interrupted, against one in a single go."""

import io
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time

import pytest
from tests.record.sample import (
    ORIGIN,
    START,
    STEP,
    approved,
    charter,
    key,
    kit_of,
    reading,
    sources,
)

from baseload.record.keys import verifier_key
from baseload.record.rules import key_change
from baseload.record.source import Source
from baseload.verify import workers
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.bundle import bundle
from baseload.verify.findings import InspectError
from baseload.verify.followers import followers_of
from baseload.verify.kit import Kit
from baseload.verify.main import main
from baseload.verify.resuming import Keeper, _Unpickler, go_on

COUNT = 1300
"""Readings of a meter: five tiles and a part of one."""


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """A log in whose middle a source changes its key: the signatures after it are by another."""
    place = tmp_path_factory.mktemp("workers")
    of = sources()
    first, second = verifier_key(key("meter"), "meter"), verifier_key(key("new"), "meter")
    data = [charter(of["desk"]), *(reading(of["meter"], n) for n in range(COUNT // 2))]
    body = key_change("source:meter", first, second, (key("meter"), key("new")), ORIGIN)
    now = START + COUNT // 2 * STEP
    data.append(of["desk"].event("rule.change/1", now, now, approved(body)))
    new = Source("meter", key("new"), ORIGIN, of["meter"].seq, of["meter"].prev)
    data += [reading(new, n) for n in range(COUNT // 2, COUNT)]
    return kit_of(place / "log", place / "kit", data, every=130)


def audit_of(kit, structure_only=False):
    audit = Audit(Kit(str(kit)), structure_only=structure_only)
    audit.followers = [] if structure_only else followers_of(audit)
    return audit


def told(audit):
    return verdict_of(audit, 0.0) | {"seconds": 0}


def flipped(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


HARMS = {
    "none": lambda kit: None,
    "entry": lambda kit: flipped(kit / "tile/entries/002", 40_000),
    "tile": lambda kit: flipped(kit / "tile/0/001", 77),
    "upper tile": lambda kit: flipped(kit / "tile/1/000.p/5", 70),
    "missing bundle": lambda kit: os.remove(kit / "tile/entries/003"),
    "missing both": lambda kit: [os.remove(kit / f"tile/{n}/003") for n in ("entries", "0")],
    "checkpoint": lambda kit: flipped(kit / "checkpoints/520", 150),
}


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("structure_only", [False, True])
def test_the_verdict_is_the_same_whatever_the_number_of_processes(
    kit, tmp_path, monkeypatch, harm, structure_only
):
    monkeypatch.setattr(workers, "SPAN", 1)
    shutil.copytree(kit, tmp_path / "kit")
    HARMS[harm](tmp_path / "kit")
    alone, beside = (audit_of(tmp_path / "kit", structure_only) for _ in range(2))
    alone.run()
    beside.run(scanner=workers.side_by_side(2))
    assert told(alone) == told(beside)
    assert told(alone)["verdict"] == ("OK" if harm == "none" else told(alone)["verdict"])
    assert (harm == "none") == (told(alone)["findings"] == [])


def test_what_is_no_event_is_told_alike(tmp_path, monkeypatch):
    """An entry that is refused, one of a type nobody knows and one that is read the long way."""
    monkeypatch.setattr(workers, "SPAN", 1)
    of = sources()
    data = [charter(of["desk"]), *(reading(of["meter"], n) for n in range(600))]
    data[300] = data[300].replace(b'"measured"', b'"estimated"')
    data[301] = data[301].replace(b"meter.reading/1", b"meter.reading/2")
    data[302] = b"[]"
    made = kit_of(tmp_path / "log", tmp_path / "kit", data)
    alone, beside = audit_of(made), audit_of(made)
    alone.run()
    beside.run(scanner=workers.side_by_side(2))
    assert told(alone) == told(beside)
    assert {"event.format": 2, "event.unknown": 1}.items() <= told(alone)["counts"].items()


def test_a_signature_by_a_key_that_was_changed_is_not_taken_from_a_process(tmp_path, monkeypatch):
    """The first key signs on after it was given up: the key in force counts, not the known one."""
    monkeypatch.setattr(workers, "SPAN", 4)
    of = sources()
    first, second = verifier_key(key("meter"), "meter"), verifier_key(key("new"), "meter")
    data = [charter(of["desk"]), *(reading(of["meter"], n) for n in range(300))]
    body = key_change("source:meter", first, second, (key("meter"), key("new")), ORIGIN)
    now = START + 300 * STEP
    data.append(of["desk"].event("rule.change/1", now, now, approved(body)))
    data += [reading(of["meter"], n) for n in range(300, 310)]
    audit = audit_of(kit_of(tmp_path / "log", tmp_path / "kit", data, every=100))
    audit.run(scanner=workers.side_by_side(2))
    assert told(audit)["counts"] == {"source.signature": 10}


def test_a_kit_alone_starts_processes_too(kit, tmp_path):
    """However a platform starts them, from a folder that holds a file inspect.py."""
    place = tmp_path / "kit"
    shutil.copytree(kit, place)
    for method in ("spawn", "forkserver"):
        begin = f"    import multiprocessing\n    multiprocessing.set_start_method({method!r})\n"
        text = bundle().replace("    sys.exit(main())\n", f"{begin}    sys.exit(main())\n")
        (place / "inspect.py").write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "inspect.py", "--workers", "2", "--json"],
            cwd=place, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert method in text
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["verdict"] == "OK"


def test_a_process_that_is_ended_from_outside_is_one_clear_error(kit, monkeypatch):
    monkeypatch.setattr(workers, "_scan_span", _die)
    with pytest.raises(InspectError, match="fewer workers"):
        audit_of(kit).run(scanner=workers.side_by_side(2))


def _die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_processes_are_started_where_they_save_something(monkeypatch):
    monkeypatch.setattr(workers.os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    assert workers.workers_for(workers.SMALL - 1) == 1
    assert workers.workers_for(workers.SMALL) == 3


class Interrupted(Exception):
    """Stands for a loss of power."""


def stopped_after(kit, path, tiles):
    """Inspect a kit until so many tiles were kept, and leave it there."""
    audit = audit_of(kit)
    keeper = Keeper(str(path), audit, every=0.0)

    def told_each(done, size):
        keeper.keep()
        if audit.next_tile == tiles:
            raise Interrupted

    with pytest.raises(Interrupted):
        audit.run(told_each)


@pytest.mark.parametrize("tiles", [1, 3, 5])
def test_an_interrupted_inspection_goes_on_to_the_same_verdict(kit, tmp_path, tiles):
    whole = audit_of(kit)
    whole.run()
    stopped_after(kit, tmp_path / "state", tiles)
    rest = go_on(str(tmp_path / "state"), audit_of(kit))
    read = []
    rest.run(lambda done, size: read.append(done))
    assert told(rest) | {"resumed_from": 0} == told(whole)
    assert told(rest)["resumed_from"] == tiles * 256
    assert len(read) == 6 - tiles


def test_what_was_found_before_the_interruption_is_told_after_it(kit, tmp_path):
    shutil.copytree(kit, tmp_path / "kit")
    flipped(tmp_path / "kit" / "tile/entries/001", 40_000)
    stopped_after(tmp_path / "kit", tmp_path / "state", 3)
    code = main([str(tmp_path / "kit"), "--resume", str(tmp_path / "state")])
    assert code == 4
    assert not (tmp_path / "state").exists()


def test_a_state_belongs_to_one_kit_and_its_options(kit, tmp_path, capsys):
    path = tmp_path / "state"
    stopped_after(kit, path, 2)
    assert main([str(kit), "--resume", str(tmp_path / "nowhere" / "state")]) == 2
    assert main([str(kit), "--resume", str(path), "--structure-only"]) == 2
    assert "structure_only" in capsys.readouterr().err
    path.chmod(0o644)
    assert main([str(kit), "--resume", str(path)]) == 2
    assert "nobody else" in capsys.readouterr().err
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    assert main([str(kit), "--resume", str(path)]) == 2
    assert "the state that was written" in capsys.readouterr().err
    path.write_bytes(b"{}\n")
    assert main([str(kit), "--resume", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 4


def test_a_state_makes_nothing_but_objects_of_the_inspector(kit, tmp_path):
    """A pickle can call anything: this one may not."""

    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "harm"),)

    for data in (pickle.dumps(Evil()), pickle.dumps(time.sleep), pickle.dumps(InspectError.mro)):
        with pytest.raises(pickle.UnpicklingError):
            _Unpickler(io.BytesIO(data)).load()
    assert not (tmp_path / "harm").exists()
