"""A log byte for byte as another implementation wrote it, from its own test data.

Entries, throw-away key and checkpoints are those of ``testdata/log`` of transparency-dev/tessera
(Apache-2.0): written in Go, signed by golang.org/x/mod/sumdb/note. Ed25519 is deterministic, so the
same entries and key must give the same bytes.
"""

import base64

import pytest

from baseload.record.keys import SoftwareKey, verifier_key
from baseload.record.note import parse_key, verify
from baseload.record.reader import Reader
from baseload.record.store import Log
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.kit import Kit

ORIGIN = "example.com/log/testdata"
PUBLIC = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
SECRET = base64.b64decode("AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg")[1:]
ENTRIES = [
    "one", "two", "three", "four", "five", "six", "seven", "eit", "nain", "ten", "ileven", "twelf",
    "threeten", "fourten", "fivten",
]  # fmt: skip
SIGNED = """\
0
47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
M9e0lhxJACzE1KoUdqKuPa+9p6R7dSW8BlEvrg/noo8FkGg6PbJoRNOcdjqjOq89wVvTA60eubCc4oufo5BvIVEgtQc=
5
gy5gl3aksFyiCO95a/1vLXz88A3dRq+0l9Sxte8ZqZQ=
M9e0lmn5eDHyHP10zJObZdFAX2y1V8fdDKBi4IiHbDYf1TCUBwxZOhqwv2QZCqrdda2zTRTrmnwjwscN5RBTEmZUYAs=
8
bC+VwvrJbalNVjfkdI8kUgs7mJoXrqiXCE7bgnD28pY=
M9e0lq1EK37dHtgv9O3UzPxisw5vwIPcJsX9ab0xt4mvVfbdUR1fbMjN6sBFYpBoBEmD4+cWhj/AVgI5MitCO5+mews=
15
rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=
M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=
"""
"""Size, root and signature of some of its checkpoints."""
CHECKPOINTS = {int(size): told for size, *told in zip(*[iter(SIGNED.split())] * 3, strict=True)}


def checkpoint(size):
    root, signature = CHECKPOINTS[size]
    return f"{ORIGIN}\n{size}\n{root}\n\n\u2014 {ORIGIN} {signature}\n".encode()


@pytest.fixture
def log(tmp_path):
    """The log, written one entry at a time, and published after each as theirs was."""
    with Log.create(tmp_path / "log", ORIGIN, SoftwareKey.from_seed(SECRET)) as log:
        log.publish()
        for word in ENTRIES:
            log.append([word.encode()])
            log.publish()
    return tmp_path / "log"


def test_the_key_is_the_one_that_go_writes():
    assert str(verifier_key(SoftwareKey.from_seed(SECRET), ORIGIN)) == PUBLIC


@pytest.mark.parametrize("size", CHECKPOINTS)
def test_checkpoints_are_the_same_bytes(log, size):
    assert (log / "checkpoints" / str(size)).read_bytes() == checkpoint(size)
    found, note = Reader(log).kept_checkpoint(size)
    assert verify(note, [parse_key(PUBLIC)]) == [parse_key(PUBLIC)]
    assert Reader(log).root(size) == found.root


def test_the_inspector_takes_what_go_signed(log):
    """Its structure and signatures; words are no events, so the rest is not for this log."""
    for size in CHECKPOINTS:
        (log / "checkpoints" / str(size)).write_bytes(checkpoint(size))
    (log / "checkpoint").write_bytes(checkpoint(15))
    (log / "policy").write_text(f"log {PUBLIC}\nquorum none\n", encoding="utf-8")
    audit = Audit(Kit(str(log)), structure_only=True)
    audit.run()
    verdict = verdict_of(audit, 0.0)
    assert (verdict["verdict"], verdict["size"]) == ("OK", 15)
    assert [one["count"] for one in verdict["checks"]][:2] == [15, 16]
