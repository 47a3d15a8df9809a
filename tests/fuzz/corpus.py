"""Valid samples of all that is parsed, and the pieces that break parsers."""

import base64
import json
from functools import cache

from tests.record import naive
from tests.record.sample import ORIGIN, charter, entries, key, policy, private, sources, vkey

from baseload.record import note
from baseload.record.anchor import ots
from baseload.record.changing import drafted
from baseload.record.checkpoint import Checkpoint
from baseload.record.fork import Divergence, ForkProof
from baseload.record.keys import verifier_key
from baseload.record.note import parse_key
from baseload.record.proof import Proof
from baseload.record.tiles import encode_bundle

LEAVES = [f"{n}".encode() for n in range(9)]
OTHER = [*LEAVES[:4], b"other", *LEAVES[5:]]
PIECES = (
    b"\n", b"\r\n", b"\n\n", b"\x00", b"\xff", b"\xff" * 8, "\u2014 ".encode(), b"- ", b" ", b"\t",
    b"\xef\xbb\xbf", "\u0661".encode(), "e\u0301".encode(), b"\xed\xa0\x80", b"=", b"==", b"A" * 44,
    b"007", b"+7", b"-1", b"7_0", b"1e5", b"9" * 19, b"9" * 90, b"18446744073709551616", b"0",
    b'"', b"\\", b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]", b"[" * 300, b",", b":", b"null",
    b"true", b"NaN", b"1.5", b"\xfd\xff\xff", b"\xfe\xff\xff\xff\xff", b"\xf0", b"\xf1", b"\x08",
    b"../", b"/etc/passwd", b"x001/", b"log ", b"witness ", b"group ", b"quorum ", b"none",
    b"old ", b"index ", b"%s", b"{0}",
)  # fmt: skip
"""What stands in the lists of bad input of such formats: put in, or in the place of something."""


def checkpoint(leaves=LEAVES):
    """A checkpoint signed by the log and a witness."""
    text = str(Checkpoint(ORIGIN, len(leaves), naive.root(leaves)))
    lines = (note.sign(text, ORIGIN, private("log")), note.cosign(text, "w", private("w"), 1_700))
    return note.Note(text, lines)


def request():
    """A request to a witness."""
    path = [base64.b64encode(one).decode() for one in naive.consistency(4, LEAVES)]
    return "\n".join(["old 4", *path, "", ""]).encode() + checkpoint().encode()


def forks():
    """Proofs of a fork, of one size and of two."""
    log, sides = verifier_key(key("log"), ORIGIN), (LEAVES[:6], OTHER)
    one, other = ((naive.leaf(e[4]), *naive.inclusion(4, e)) for e in sides)
    left, right = (checkpoint(each) for each in sides)
    return [
        ForkProof((log,), checkpoint(), checkpoint(OTHER)).encode(),
        ForkProof((log,), left, right, Divergence(4, one, other)).encode(),
    ]


def proof():
    """A proof that an entry is in a log."""
    root = naive.root(LEAVES)
    found = Proof(3, tuple(naive.inclusion(3, LEAVES)), Checkpoint(ORIGIN, 9, root), checkpoint())
    return found.encode()


def stamps():
    """OpenTimestamps proofs: pending, completed, forked."""
    digest = bytes(range(32))
    pending = b"\x00\x83\xdf\xe3\x0d\x2e\xf9\x0c\x8e\x09\x08http://a"
    block = b"\x00\x05\x88\x96\x0d\x73\xd7\x19\x01\x03\xf7\xef\x15"
    head = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94\x01\x08" + digest
    found = [head + pending, head + b"\xf0\x02AB\x08" + block, head + b"\xff" + pending + block]
    return [*found, ots.encode_file(ots.decode_file(found[1]))]


def headers():
    """Two headers of the public chain: the first block, and the one after it."""
    first = (
        "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27a"
        "c72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"
    )
    second = (
        "010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000982051fd1e4ba744bb"
        "be680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299"
    )
    return bytes.fromhex(first + second)


def coinbase():
    """The coinbase of the first block of the public chain."""
    return bytes.fromhex(
        "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff"
        "001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e"
        "6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104"
        "678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51e"
        "c112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000"
    )


@cache
def events():
    """Entries of many types."""
    of = sources()
    found = [charter(of["desk"]), *entries(2)[1:]]
    told = {"index": "0", "of": "ab" * 32, "body": {"a": ["b", {"c": "d"}]}, "reason": "é"}
    found.append(of["desk"].event("correction/1", 0, 0, told))
    order = {"ordered_by": "plant", "order": "o", "power": "5", "start": "7", "reason": "limit"}
    found.append(of["control"].event("fleet.setpoint/1", 0, 0, order))
    share = {"pool": "p", "height": "1", "header": "ab" * 80, "coinbase": "00", "path": ["cd" * 32]}
    found.append(of["meter"].event("shares.retained/1", 0, 0, share))
    return found


def draft():
    """A draft of a change."""
    return drafted(ORIGIN, {"kind": "revocation", "holder": "log:", "key": vkey("a", "a")}).text()


def bundle():
    """A bundle of entries."""
    return encode_bundle([b"", b"a", b"bc" * 200])


def charter_file():
    """A charter file."""
    return (
        'origin = "log.example.org/mine"\nquorum = 2\n[[party]]\nid = "a"\nname = "A"\n'
        'roles = ["admin"]\n[[source]]\nid = "s"\nowner = "a"\nschemas = ["rule.change/1"]\n'
        '[[witness]]\nname = "w"\nkey = "' + vkey("w", "w", True) + '"\n'
    )


def line():
    """A line of events to append."""
    body = {"meter": "m", "register": "import", "energy": "5", "quality": "measured"}
    told = {"schema": "meter.reading/1", "source": "meter", "t0": 0, "t1": 5, "body": body}
    return json.dumps(told)


def known_policy():
    """A policy."""
    return policy()


def log_key():
    """The key of the log."""
    return parse_key(vkey("log", ORIGIN))
