import json
import os
import shutil
import threading

import pytest
from tests.record.sample import ORIGIN, START, STEP, entries, kit_of, policy, vkey

from baseload.verify.main import main


@pytest.fixture(scope="module")
def kits(tmp_path_factory):
    place = tmp_path_factory.mktemp("kits")
    kit_of(place / "log", place / "new")
    kit_of(place / "log2", place / "old", entries()[:14])
    (place / "policy").write_text(policy(), encoding="utf-8")
    (place / "none").mkdir()
    return place


def run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    return code, *capsys.readouterr()


def test_a_person_sees_the_answer_first(kits, capsys):
    code, out, err = run(capsys, kits / "new", "--policy", kits / "policy")
    assert (code, err) == (0, "")
    assert out.startswith("OK")
    assert "with --log-key" not in out


def test_who_takes_the_kits_own_keys_is_told(kits, capsys):
    _, out, _ = run(capsys, kits / "new")
    assert "ask the parties" in out


def test_a_kit_goes_on_from_an_earlier_one_or_not(kits, capsys, tmp_path):
    assert run(capsys, kits / "new", "--since", kits / "old")[0] == 0
    changed = entries()
    changed[3] = changed[3].replace(b"25000000", b"15000000")
    kit_of(tmp_path / "log", tmp_path / "kit", changed[:14])
    code, out, _ = run(capsys, kits / "new", "--since", tmp_path / "kit")
    assert (code, "since.inconsistent" in out) == (4, True)


def test_a_kit_that_ends_before_the_earlier_one_is_told(kits, capsys, tmp_path):
    """Which is the older one cannot be told from the order in which they were named."""
    code, out, _ = run(capsys, kits / "old", "--since", kits / "new")
    assert (code, "since.shrunk" in out) == (3, True)
    assert "21 entries or more" in out
    later = START + 100 * STEP
    kit_of(tmp_path / "back", tmp_path / "set", entries()[:14], start=later)
    code, out, _ = run(capsys, tmp_path / "set", "--since", kits / "new")
    assert (code, "since.shrunk" in out, "set back" in out) == (4, True, True)
    changed = entries()
    changed[3] = changed[3].replace(b"25000000", b"15000000")
    kit_of(tmp_path / "log", tmp_path / "kit", changed[:14])
    code, out, _ = run(capsys, tmp_path / "kit", "--since", kits / "new")
    assert (code, "since.inconsistent" in out) == (4, True)


def test_structure_alone_says_nothing_of_events(kits, capsys):
    code, out, _ = run(capsys, kits / "new", "--structure-only", "--json")
    verdict = json.loads(out)
    names = [check["name"] for check in verdict["checks"]]
    assert (code, names) == (0, ["structure", "checkpoints", "witnesses"])


def test_a_page_is_written_whole(kits, capsys, tmp_path):
    assert run(capsys, kits / "new", "--html", tmp_path / "page.html")[0] == 0
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.endswith("</html>\n")
    code, _, err = run(capsys, kits / "new", "--html", tmp_path / "no" / "page.html")
    assert (code, "expected" in err) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["{kits}/nothing"],
        ["{kits}/policy"],
        ["{kits}/none"],
        ["{kits}/new", "--log-key", "nonsense"],
        ["{kits}/new", "--policy", "{kits}/nothing"],
        ["{kits}/new", "--policy", "{kits}/new/checkpoint"],
        ["{kits}/new", "--since", "{kits}/none"],
    ],
)
def test_what_cannot_be_used_is_one_error_and_code_2(kits, capsys, arguments):
    code, out, err = run(capsys, *(text.format(kits=kits) for text in arguments))
    assert (code, out) == (2, "")
    assert len(err.strip().split("\n")) == 4


def test_a_kit_without_a_policy_needs_to_be_told_the_key(kits, capsys, tmp_path):
    shutil.copytree(kits / "new", tmp_path / "kit")
    (tmp_path / "kit" / "policy").unlink()
    assert run(capsys, tmp_path / "kit")[0] == 2
    code, out, _ = run(capsys, tmp_path / "kit", "--log-key", vkey("log", ORIGIN))
    assert (code, "unreadable" in out) == (3, True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_page_goes_into_a_pipe_and_does_not_replace_it(kits, tmp_path, capsys):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    thread = threading.Thread(target=lambda: got.append(pipe.read_text()), daemon=True)
    thread.start()
    assert run(capsys, kits / "new", "--html", pipe)[0] == 0
    thread.join(10)
    assert got[0].startswith("<!doctype html>")
    assert pipe.is_fifo()
    code, _, err = run(capsys, kits / "new", "--resume", pipe)
    assert (code, "a plain file" in err) == (2, True)
