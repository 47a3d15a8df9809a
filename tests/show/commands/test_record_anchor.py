"""The commands of docs/anchoring.md, as they stand there, against calendars on loopback."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.record.anchor.loopback import block, calendars, double, mined
from tests.record.sample import entries, key, policy, write
from typer.testing import CliRunner

from baseload.record import kit as kits
from baseload.record.errors import RecordError
from baseload.show.cli import app
from baseload.verify.bundle import bundle

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "anchoring.md").read_text(encoding="utf-8")
ENV = {"BASELOAD_PASSPHRASE": "secret"}
COMMANDS = re.findall(r"^baseload (.+)$", PAGE, re.MULTILINE)
HEIGHT = 958_391


def run(command, code=0):
    answer = CliRunner().invoke(app, command.split(), env=ENV)
    assert answer.exit_code == code, (command, answer.output, answer.exception)
    return answer.output


def line_of(words, served=()):
    """Return the command of the page with these words, and the calendars that are served."""
    (found,) = (line for line in COMMANDS if line.startswith(words))
    names = ("https://one.example.org", "https://two.example.org")
    for name, one in zip(names, served, strict=False):
        found = found.replace(name, one.url)
    return found


@pytest.fixture
def log(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "log", entries(6))
    Path("keys").mkdir()
    Path("headers").mkdir()
    Path("keys/policy").write_text(policy(), encoding="utf-8")
    key("log").write(Path("keys/log"), b"secret")
    return Path("log")


def test_every_command_of_the_page_is_tried():
    kinds = {" ".join(line.split()[:3]) for line in COMMANDS}
    assert kinds == {
        "record anchor stamp", "record anchor upgrade", "record anchor status",
        "record anchor commitment", "record publish log", "inspect kit.zip --policy",
    }  # fmt: skip


def test_from_a_published_checkpoint_to_a_verdict(log):
    with calendars() as served:
        told = run(line_of("record anchor stamp", served))
        assert told.startswith(f"asking   {served[0].url}, {served[1].url}\n")
        assert "checkpoint of 7 entries" in told
        assert {f"pending  {one.url}" for one in served} <= set(told.split("\n"))
        assert Path("anchors/7.ots").exists()
        assert "no calendar was asked" in run(line_of("record anchor stamp", served))
        os.utime("anchors/7.ots", (1_767_225_600, 1_767_225_600))
        told = run(line_of("record anchor status"))
        assert re.search(r" 7  pending   2026-01-01 00:00  waits for http://127", told)
        told = run(line_of("record anchor upgrade", served))
        assert "which says: Pending confirmation in Bitcoin blockchain" in told
        assert "0 completed now" in told

        run(line_of("record publish"))
        told = run(line_of("inspect") + " --json", code=3)
        (found,) = json.loads(told)["findings"]
        assert (found["code"], found["verdict"]) == ("anchor.pending", "INCOMPLETE")
        os.remove("kit.zip")

        first = mined(bytes(32))
        rest = [one.mine(HEIGHT, double(first)) for one in served[:1]]
        Path("headers/958390.bin").write_bytes(first + rest[0])
        told = run(line_of("record anchor upgrade", served))
        assert "1 completed now" in told
    told = run(line_of("record anchor status"))
    assert re.search(r" 7  anchored  .*  958,391; waits for http", told)
    assert "958,391 (header not at hand)" in run("record anchor status log")
    run(line_of("record publish"))
    verdict = json.loads(run(line_of("inspect") + " --json"))
    assert (verdict["verdict"], verdict["findings"]) == ("OK", [])
    assert {one["name"]: one["count"] for one in verdict["checks"]}["anchors"] == 1


def test_a_broken_anchor_leaves_with_1(log):
    with calendars() as served:
        run(line_of("record anchor stamp", served))
        served[0].answer = lambda handler, *_: handler.reply(200, b"\x08" + block(HEIGHT))
        run(line_of("record anchor upgrade", served))
        Path("headers/958391.bin").write_bytes(mined(bytes(32)))
        told = run(line_of("record anchor status"), code=1)
        assert "broken" in told
        assert "another root in its header" in told
        told = run(line_of("record anchor upgrade", served), code=1)
        assert f"alarm: 7.ots: the answer of {served[0].url} names block" in told


def test_too_few_calendars_write_nothing(log):
    with calendars() as (one, other):
        other.answer = lambda handler, *_: handler.reply(500, b"")
        for more in ("", f" --calendar {other.url}", f" --calendar {other.url} --need 3"):
            found = CliRunner().invoke(
                app, f"record anchor stamp log --calendar {one.url}{more}".split(), env=ENV
            )
            assert isinstance(found.exception, RecordError)
        assert not Path("anchors").exists()
        told = run(f"record anchor stamp log --calendar {one.url} --need 1")
        assert "checkpoint of 7" in told
    assert CliRunner().invoke(app, ["record", "anchor", "stamp", "log"]).exit_code == 2


def test_what_a_block_of_the_mine_holds(log):
    told = run(line_of("record anchor commitment"))
    (held,) = re.findall(r"commitment  (626c6431[0-9a-f]{64})\n", told)
    assert f"output      6a24{held}\n" in told
    assert f"coinbase    03b79f0e24{held}, 59 bytes left" in told
    assert "coinbase" not in run("record anchor commitment log")


def test_a_folder_that_is_not_there_is_no_empty_one(log):
    for option in ("--anchors", "--headers"):
        told = run(f"record publish log --key keys/log --kit kit {option} nothing", code=2)
        assert "nothing" in told
    assert not Path("kit").exists()


def test_an_example_is_anchored_once_more(tmp_path, monkeypatch):
    """Its own anchors stay, and those of calendars in the same folder count with them."""
    monkeypatch.chdir(tmp_path)
    run("record example --days 2 --out example")
    before = run("record anchor status example/log --headers example/headers")
    assert before.count("anchored") == 2
    with calendars() as served:
        stamp = line_of("record anchor stamp", served).replace("log", "example/log", 1)
        run(stamp)
        told = run("record anchor status example/log --headers example/headers")
        assert (told.count("anchored"), told.count("pending")) == (2, 1)
        for height, one in enumerate(served, HEIGHT):
            Path(f"example/headers/{height}.bin").write_bytes(one.mine(height))
        upgrade = stamp.replace("stamp", "upgrade") + " --headers example/headers"
        assert "1 completed now" in run(upgrade)
        assert run(upgrade).count("anchored") == 3
    kits.write(
        Path("example/log"), Path("more.zip"), bundle(), Path("example/policy").read_text(),
        Path("example/headers"), Path("example/anchors"),
    )  # fmt: skip
    counts = []
    for kit in ("example/kit", "more.zip"):
        verdict = json.loads(run(f"inspect {kit} --policy example/policy --json"))
        assert (verdict["verdict"], verdict["findings"]) == ("OK", [])
        counts.append({one["name"]: one["count"] for one in verdict["checks"]}["anchors"])
    assert counts[1] == counts[0] + 1
    with zipfile.ZipFile("more.zip") as file:
        file.extractall("bare")
    alone = subprocess.run(
        [sys.executable, "-I", "inspect.py", "--policy", "../example/policy", "--json"],
        cwd="bare", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(alone.stdout)["checks"] == verdict["checks"]
