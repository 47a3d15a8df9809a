"""What strangers have written, on a terminal that obeys control characters."""

import json
import subprocess
import sys

import pytest
from tests.record.sample import START, charter, sources, write

from baseload.show.plain import plain
from baseload.verify.report import written_out

TRICKS = "\x1b]0;title\x07 \x9b2J \u202eevil\r\x00"


@pytest.mark.parametrize("write_out", [plain, written_out])
def test_nothing_that_a_terminal_obeys_is_left(write_out):
    assert write_out(TRICKS) == (
        "\\u001b]0;title\\u0007 \\u009b2J \\u202eevil\\u000d\\u0000"
    )  # fmt: skip
    assert write_out("à la carte\n\t→ ✓") == "à la carte\n\t→ ✓"


@pytest.mark.parametrize(
    "command",
    [
        ["tail", "{log}"],
        ["query", "{log}", "--schema", "statement"],
        ["query", "{log}", "--schema", "statement", "--format", "jsonl"],
    ],
)
def test_a_statement_does_not_move_the_cursor(tmp_path, command):
    of = sources()
    body = {"kind": "notice", "text": TRICKS.replace("\x00", "")}
    data = [charter(of["desk"]), of["desk"].event("statement/1", START, START, body)]
    write(tmp_path / "log", data)
    words = [word.format(log=tmp_path / "log") for word in command]
    done = subprocess.run(
        [sys.executable, "-m", "baseload", "record", *words],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "title" in done.stdout
    assert not set(done.stdout) & set("\x1b\x07\x9b\u202e\r")
    if "jsonl" in command:
        (row,) = map(json.loads, done.stdout.splitlines())
        assert body["text"] in row.values()
