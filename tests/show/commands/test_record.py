"""The commands of docs/record.md, as they stand there."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from baseload.record.errors import StoreError
from baseload.record.reader import Reader
from baseload.show.cli import app

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "record.md").read_text(encoding="utf-8")
ENV = {"BASELOAD_PASSPHRASE": "secret"}


def run(*arguments, code=0, given=None):
    answer = CliRunner().invoke(app, [str(a) for a in arguments], input=given, env=ENV)
    assert answer.exit_code == code, (arguments, answer.output, answer.exception)
    return answer.stdout


def blocks(kind=""):
    fenced = (block.split("\n", 1) for block in PAGE.split("```")[1::2])
    return [text for language, text in fenced if language == kind]


@pytest.fixture
def begun(tmp_path, monkeypatch):
    """A log, its witness's key and its own, made as the page says."""
    monkeypatch.chdir(tmp_path)
    witness = run("witness", "key", "witness.key", "--name", "witness.inspectorate").strip()
    (charter,) = blocks("toml")
    Path("charter.toml").write_text(charter.replace("WITNESS-KEY", witness), encoding="utf-8")
    told = run("record", "init", "log", "--charter", "charter.toml", "--keys", "keys")
    Path("charter.hash").write_text(re.search(r"charter  ([0-9a-f]{64})\n", told)[1])
    return re.search(r"log key  (\S+)", told)[1]


def test_every_command_of_the_page_is_one():
    commands = re.findall(r"^baseload ((?:record|witness) \w+|\w+)", PAGE, re.MULTILINE)
    assert len(commands) >= 12
    for command in set(commands):
        run(*command.split(), "--help")


def test_from_nothing_to_a_checked_kit(begun):
    event = next(block for block in blocks() if block.startswith('{"schema"'))
    appended = run("record", "append", "log", "--key", "keys/log", "--keys", "keys", given=event)
    assert appended == "1 to 1\n"  # the first of a source is signed at once
    told = run("record", "publish", "log", "--key", "keys/log", "--kit", "kit.zip")
    assert told.startswith("2 entries")
    assert "witnessed 0/1" in told
    _, last = run("record", "tail", "log", "-n", "2").splitlines()
    assert json.loads(last.split(" ", 1)[1])["body"]["meter"] == "main-1"
    assert run("record", "tail", "log", "--source", "plant.desk").startswith("0 ")
    run("record", "prove", "log", "1", "--out", "entry1.proof")
    assert Path("entry1.proof").read_text().startswith("c2sp.org/tlog-proof@v1\nindex 1\n")
    assert run("record", "prove", "log", "0").startswith("c2sp.org/tlog-proof@v1\nindex 0\n")
    told = run("inspect", "kit.zip", "--policy", "keys/policy", "--json", code=3)
    assert [found["code"] for found in json.loads(told)["findings"]] == ["witness.quorum"]


def test_meter_files_are_imported_once(begun):
    from tests.record.test_meterfile import HEAD, MAP, hours

    Path("map.toml").write_text(MAP, encoding="utf-8")
    Path("meter.csv").write_text(HEAD + hours("01.02.2026", ["1", "2", "3"]), encoding="utf-8")
    command = ["record", "import", "log", "meter.csv", "--map", "map.toml", "--key", "keys/log",
               "--keys", "keys"]  # fmt: skip
    late = ["--late", "read from paper"]
    assert run(*command, *late) == "3 readings: 1 to 3\n"
    again = CliRunner().invoke(app, command, env=ENV)
    assert again.exit_code != 0


def test_a_key_is_changed_as_the_page_says(begun):
    block = next(text for text in blocks() if "record change approve" in text)
    for line in block.strip().split("\n"):
        run(*line.removeprefix("baseload ").split())
    assert json.loads(Path("change.json").read_text())["body"]["kind"] == "key"
    event = next(block for block in blocks() if block.startswith('{"schema"'))
    append = ["record", "append", "log", "--key", "keys/log", "--keys", "keys"]
    refused = CliRunner().invoke(app, append, input=event, env=ENV)
    assert refused.exit_code != 0
    os.replace("meter2", "keys/source-plant.meter")
    assert run(*append, given=event).startswith("2 to 2")


def test_a_payload_is_kept_and_named(begun):
    Path("text").write_text("agreed", encoding="utf-8")
    told = json.loads(run("record", "blob", "log", "text", "--media", "text/plain"))
    assert told["size"] == "6"
    assert Path("log/blobs", told["sha256"]).read_text() == "agreed"
    run("record", "change", "agreement", "log", "text", "--title", "A", "--out", "a.json")
    Path("party.toml").write_text(
        'id = "grid"\nname = "Grid"\nroles = ["observe"]\n'
        f'key = "{run("record", "key", "k", "--name", "grid").strip()}"'
    )
    run("record", "change", "draft", "party", "party.toml", "--origin", "x", "--out", "p.json")
    run("record", "change", "revoke", "--holder", "log:", "--key", begun, "--origin", "x",
        "--out", "r.json")  # fmt: skip
    assert {json.loads(Path(f"{n}.json").read_text())["body"]["kind"] for n in "apr"} == {
        "agreement", "party", "revocation",
    }  # fmt: skip


def test_a_witness_of_the_page_signs(begun):
    process = subprocess.Popen(
        [sys.executable, "-m", "baseload", "witness", "serve", "--folder", "witness", "--key",
         "witness.key", "--name", "witness.inspectorate", "--log", begun, "--listen",
         "127.0.0.1:0"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, **ENV},
    )  # fmt: skip
    try:
        process.stdout.readline()
        url = process.stdout.readline().split()[-1]
        policy = Path("keys/policy").read_text().replace("http://127.0.0.1:18081", url)
        Path("policy").write_text(policy)
        told = run("record", "publish", "log", "--key", "keys/log", "--policy", "policy",
                   "--kit", "kit")  # fmt: skip
        assert "witnessed 1/1" in told
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    told = ["--policy", "policy", "--log-key", begun, "--charter"]
    run("inspect", "kit", *told, Path("charter.hash").read_text())
    run("inspect", "kit", *told, "0" * 64, code=4)
    run("inspect", "kit", *told, "0", code=2)


def test_two_copies_of_a_log_are_compared(begun):
    """A party takes away a kit; the log goes on in two ways, and one of them is shown later."""
    event = next(block for block in blocks() if block.startswith('{"schema"'))
    run("record", "publish", "log", "--key", "keys/log", "--kit", "old")
    shutil.copytree("log", "other")
    for folder, energy in (("log", "25000000"), ("other", "24000000")):
        given = event.replace("25000000", energy)
        run("record", "append", folder, "--key", "keys/log", "--keys", "keys", given=given)
        run("record", "publish", folder, "--key", "keys/log")
    compare = ["--log-key", begun, "--out", "fork.proof"]
    assert run("witness", "compare", "old", "log", *compare).startswith("one record: the 2 entries")
    assert not Path("fork.proof").exists()
    told = run("witness", "compare", "log", "other", *compare, code=4)
    assert told.startswith("forked: the log has signed two records")
    run("witness", "fork", "fork.proof", "--log-key", begun)
    assert "not proven" in run("witness", "fork", "fork.proof", "--log-key", "x+y+z", code=4)


def test_an_old_copy_is_not_written_to(begun):
    """Its sources would use numbers again that are elsewhere already."""
    with socket.create_server(("127.0.0.1", 0)) as line:
        port = line.getsockname()[1]
    text = Path("charter.toml").read_text().replace("18081", str(port))
    Path("charter.toml").write_text(text)
    shutil.rmtree("log")
    run("record", "init", "log", "--charter", "charter.toml", "--keys", "keys")
    event = next(block for block in blocks() if block.startswith('{"schema"'))
    append = ["record", "append", "log", "--key", "keys/log", "--keys", "keys"]
    process = subprocess.Popen(
        [sys.executable, "-m", "baseload", "witness", "serve", "--folder", "witness", "--key",
         "witness.key", "--name", "witness.inspectorate", "--log", begun, "--listen",
         f"127.0.0.1:{port}"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, **ENV},
    )  # fmt: skip
    try:
        process.stdout.readline()
        process.stdout.readline()
        shutil.copytree("log", "backup")
        run(*append, given=event)
        assert "witnessed 1/1" in run("record", "publish", "log", "--key", "keys/log")
        shutil.rmtree("log")
        shutil.copytree("backup", "log")
        answer = CliRunner().invoke(app, append, input=event, env=ENV)
        assert isinstance(answer.exception, StoreError)
        assert "old copy" in answer.exception.mend
        assert Reader("log").size == 1
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told_before_the_exit_code(begun):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "baseload", "record", "tail", "log"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert (done.returncode, len(done.stderr.strip().split("\n"))) == (2, 4)
    assert "standard output" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["record", "prove", "log", "9"],
        ["record", "prove", "nothing", "0"],
        ["record", "tail", "nothing"],
        ["record", "init", "log", "--charter", "charter.toml", "--keys", "keys"],
        ["record", "init", "new", "--charter", "nothing", "--keys", "keys"],
        ["record", "publish", "log", "--key", "nothing"],
        ["record", "publish", "log", "--key", "keys/log", "--policy", "charter.toml"],
        ["record", "append", "log", "--key", "charter.toml", "--keys", "keys"],
        ["reconcile", "log"],
        ["reconcile", "log", "--period", "today"],
        ["witness", "fork", "nothing"],
        ["record", "init", "new", "--charter", "charter.toml", "--keys", "charter.toml"],
        ["record", "key", "", "--name", "x"],
        ["record", "validate", "log", "--period", "9999-12"],
        ["record", "query", "log", "--index", "keys/log"],
        ["record", "publish", "log", "--key", "keys/log", "--kit", "keys"],
        ["witness", "compare", "log", "nothing", "--log-key", "x", "--out", "f"],
        ["witness", "compare", "log", "log", "--log-key", "x", "--out", "f"],
    ],
)
def test_bad_input_is_one_error_and_code_2(begun, arguments):
    done = subprocess.run(
        [sys.executable, "-m", "baseload", *arguments],
        capture_output=True, text=True, check=False, input="", env={**os.environ, **ENV},
        timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().split("\n")) == 4
