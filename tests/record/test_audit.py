"""The writer's own check against the inspector's: two implementations that share no code."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.record import naive
from tests.record.sample import ORIGIN, entries, key, vkey, write
from typer.testing import CliRunner

from baseload.record.audit import audit
from baseload.record.errors import RecordError
from baseload.record.note import parse_key
from baseload.record.store import Log
from baseload.show.cli import app
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.findings import InspectError
from baseload.verify.kit import Kit

KEYS = (parse_key(vkey("log", ORIGIN)),)
SIZE = 1031
"""Four tiles and a part of one; level 1 has a partial tile."""


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    folder = tmp_path_factory.mktemp("audited") / "log"
    with Log.create(folder, ORIGIN, key("log")) as made:
        for first in range(0, SIZE, 200):
            made.append([f"entry {n}".encode() for n in range(first, min(first + 200, SIZE))])
            made.publish()
    (folder / "policy").write_text(f"log {vkey('log', ORIGIN)}\nquorum none\n", encoding="utf-8")
    return folder


def inspected(folder):
    seen = Audit(Kit(str(folder)), structure_only=True)
    seen.run()
    return verdict_of(seen, 0.0)


def test_a_sound_log_is_sound_to_both(log):
    found = audit(log, KEYS)
    assert (found.size, found.problems) == (SIZE, ())
    assert found.checkpoints == 7  # six kept ones, and the published one
    assert found.tiles == 4 + 1 + 1
    assert inspected(log)["verdict"] == "OK"


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 513])
def test_logs_at_the_edges_of_tiles_are_sound(tmp_path, size):
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as made:
        made.append([bytes([n % 251]) for n in range(size)])
        made.publish()
    found = audit(tmp_path / "log", KEYS)
    assert (found.size, found.problems) == (size, ())
    root = naive.root([bytes([n % 251]) for n in range(size)])
    assert root.hex() in inspected_root(tmp_path / "log")


def inspected_root(folder):
    (folder / "policy").write_text(f"log {vkey('log', ORIGIN)}\nquorum none\n", encoding="utf-8")
    verdict = inspected(folder)
    assert verdict["verdict"] == "OK"
    return verdict["root"]


FILES = [
    "tile/entries/000", "tile/entries/003", "tile/entries/004.p/7", "tile/0/000", "tile/0/002",
    "tile/0/004.p/7", "tile/1/000.p/4", "checkpoints/200", "checkpoints/1000", "checkpoint",
]  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120)
@given(data=st.data())
def test_both_implementations_find_the_same_logs_wrong(log, tmp_path, data):
    """Bits flipped, pieces cut out or put in, files taken away: one verdict, one first entry."""
    folder = tmp_path / "log"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(log, folder)
    name = data.draw(st.sampled_from(FILES))
    path = folder / name
    old = path.read_bytes()
    if data.draw(st.integers(0, 9)) == 0:
        os.remove(path)
    else:
        first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(old))] * 2)))
        path.write_bytes(old[:first] + data.draw(st.binary(max_size=40)) + old[last:])
    ours, theirs = problems_of(folder), findings_of(folder)
    assert (ours == []) == (theirs == []), (name, ours, theirs)
    if ours and name.startswith(("tile/entries", "tile/0")):
        assert min(one.index for one in ours) // 256 == min(one["index"] for one in theirs) // 256


def problems_of(folder):
    try:
        return list(audit(folder, KEYS).problems)
    except RecordError as error:
        return [error]


def findings_of(folder):
    try:
        return inspected(folder)["findings"]
    except InspectError as error:
        return [error]


def test_a_tile_that_is_wrong_is_named_with_its_entry(log, tmp_path):
    shutil.copytree(log, tmp_path / "log")
    path = tmp_path / "log" / "tile/0/002"
    data = bytearray(path.read_bytes())
    data[32 * 9] ^= 1
    path.write_bytes(data)
    (found,) = audit(tmp_path / "log").problems
    assert (found.file, found.index) == ("tile/0/002", 512 + 9)
    (theirs,) = inspected(tmp_path / "log")["findings"]
    assert (theirs["file"], theirs["index"]) == ("tile/0/002", 512 + 9)


def test_a_checkpoint_of_more_entries_is_told(log, tmp_path):
    shutil.copytree(log, tmp_path / "log")
    shutil.copy(log / "checkpoints" / "200", tmp_path / "log" / "checkpoint")
    found = audit(tmp_path / "log")
    assert [one.file for one in found.problems] == [f"checkpoints/{n}" for n in
                                                    (400, 600, 800, 1000, SIZE)]  # fmt: skip
    assert {one["code"] for one in inspected(tmp_path / "log")["findings"]} == {"checkpoint.shrunk"}


def test_the_command_says_sound_or_what_is_not(tmp_path):
    log = write(tmp_path / "log", entries(10))
    told = CliRunner().invoke(app, ["record", "audit", str(log), "--log-key", str(KEYS[0])])
    assert (told.exit_code, "sound" in told.output) == (0, True)
    (log / "tile/0/000.p/11").write_bytes(bytes(32 * 11))
    told = CliRunner().invoke(app, ["record", "audit", str(log)])
    assert (told.exit_code, "tile/0/000.p/11, entry 0" in told.output) == (1, True)
