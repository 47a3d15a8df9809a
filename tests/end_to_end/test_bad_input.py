"""The known ways in which notes, checkpoints, proofs and tiles are wrong, for both implementations.

Each row is a case from the experience of transparency logs. Where the two read the same thing, they
must both refuse it with an error of their own, or both take it.
"""

import base64
import os
import struct

import pytest
from tests.fuzz import corpus
from tests.record import naive
from tests.record.sample import ORIGIN, entries, key, kit_of, private, vkey

from baseload.record import checkpoint, merkle, note, tiles
from baseload.record.errors import ProofError, RecordError
from baseload.record.keys import verifier_key
from baseload.record.note import parse_key
from baseload.record.proof import parse_proof
from baseload.record.reader import Reader
from baseload.record.store import Log
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.findings import InspectError, Refused
from baseload.verify.hashing import check_consistency, check_inclusion
from baseload.verify.kit import Kit
from baseload.verify.notes import read_head, read_key, read_note, signers_of
from baseload.verify.tilefiles import split_bundle, tile_name

LOG = parse_key(vkey("log", ORIGIN))
GOOD = corpus.checkpoint().encode()
TEXT, LINES = GOOD.split(b"\n\n")
LINE = LINES.split(b"\n")[0]
ROOT = TEXT.split(b"\n")[2]
BLOB = LINE.split(b" ")[2]


def ours(data):
    found, read = checkpoint.parse(data)
    return found, note.verify(read, [LOG])


def theirs(data):
    read = read_note(data)
    head = read_head(read.text)
    if not signers_of(read, [read_key(str(LOG))]):
        raise Refused("a signature of the log", "none")
    return head


def taken(parse, data):
    try:
        parse(data)
    except (RecordError, Refused):
        return False
    return True


def with_text(text):
    """A checkpoint of another text, signed by the log: only the text can be wrong."""
    text = text if text.endswith("\n") else f"{text}\n"
    return note.Note(text, (note.sign(text, ORIGIN, private("log")),)).encode()


def signed_lines(count):
    line = str(note.cosign(TEXT.decode() + "\n", "w", private("w"), 5)).encode()
    return TEXT + b"\n\n" + LINE + b"\n" + (line + b"\n") * (count - 1)


NOTES = {
    "as it should be": (GOOD, True),
    "CRLF": (GOOD.replace(b"\n", b"\r\n"), False),
    "no final line feed": (GOOD[:-1], False),
    "two empty lines before the signatures": (TEXT + b"\n\n\n" + LINES, False),
    "a hyphen in place of the em dash": (GOOD.replace("\u2014".encode(), b"-"), False),
    "NUL": (GOOD.replace(b"example", b"exam\x00ple", 1), False),
    "a control character": (GOOD.replace(b"example", b"exam\x07ple", 1), False),
    "no UTF-8": (GOOD.replace(b"example", b"exam\xffple", 1), False),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, False),
    "a name with a plus": (GOOD.replace(b"\x94 log", b"\x94 l+g"), False),
    "a name with a no-break space": (GOOD.replace(b"\x94 log", "\x94 l\u00a0g".encode("latin-1")),
                                     False),
    "no signature": (TEXT + b"\n\n", False),
    "17 signatures": (signed_lines(17), True),
    "100 signatures": (signed_lines(100), True),
    "101 signatures": (signed_lines(101), False),
    "the same line twice": (TEXT + b"\n\n" + LINE + b"\n" + LINE + b"\n", True),
    "the right id under another name": (GOOD.replace(b"\x94 " + ORIGIN.encode(), b"\x94 other"),
                                        False),
    "a known key whose signature is bad, beside a good one": (
        TEXT + b"\n\n" + LINE[:-9] + b"AAAAAAA=\n" + LINE + b"\n", False),
    "an unknown signature that is grease": (
        GOOD + "\u2014 grease ".encode() + base64.b64encode(b"\x01\x02\x03\x04anything") + b"\n",
        True),
    "base64 without padding": (GOOD.replace(BLOB, BLOB.rstrip(b"=")), False),
    "base64 of addresses": (GOOD.replace(BLOB, BLOB.replace(b"+", b"-").replace(b"/", b"_")),
                            b"+" not in BLOB and b"/" not in BLOB),
    "a space within base64": (GOOD.replace(BLOB, BLOB[:20] + b" " + BLOB[20:]), False),
    "other bits at the end of base64": (GOOD.replace(BLOB, BLOB[:-3] + b"B=="), False),
    "a signature of three bytes": (TEXT + "\n\n\u2014 x AAAA\n".encode(), False),
    "size 007": (with_text(f"{ORIGIN}\n007\n{ROOT.decode()}"), False),
    "size +7": (with_text(f"{ORIGIN}\n+7\n{ROOT.decode()}"), False),
    "size 7_0": (with_text(f"{ORIGIN}\n7_0\n{ROOT.decode()}"), False),
    "size -1": (with_text(f"{ORIGIN}\n-1\n{ROOT.decode()}"), False),
    "size in Arabic digits": (with_text(f"{ORIGIN}\n\u0661\n{ROOT.decode()}"), False),
    "size 2^63": (with_text(f"{ORIGIN}\n{2**63}\n{ROOT.decode()}"), False),
    "size 2^63 - 1": (with_text(f"{ORIGIN}\n{2**63 - 1}\n{ROOT.decode()}"), True),
    "size 2^64": (with_text(f"{ORIGIN}\n{2**64}\n{ROOT.decode()}"), False),
    "an empty tree with another root": (with_text(f"{ORIGIN}\n0\n{ROOT.decode()}"), False),
    "an origin of ten thousand bytes": (with_text(f"{'o' * 10_000}\n9\n{ROOT.decode()}"), True),
    "a root of 31 bytes": (
        with_text(f"{ORIGIN}\n9\n{base64.b64encode(bytes(31)).decode()}"), False),
    "a root of 33 bytes": (
        with_text(f"{ORIGIN}\n9\n{base64.b64encode(bytes(33)).decode()}"), False),
    "an extension line": (with_text(f"{ORIGIN}\n9\n{ROOT.decode()}\nmore"), True),
    "an empty extension line": (with_text(f"{ORIGIN}\n9\n{ROOT.decode()}\n\n"), False),
    "no origin": (with_text(f"\n9\n{ROOT.decode()}"), False),
    "two lines": (with_text(f"{ORIGIN}\n9"), False),
}  # fmt: skip


@pytest.mark.parametrize("name", NOTES)
def test_notes_and_checkpoints(name):
    data, good = NOTES[name]
    assert (taken(ours, data), taken(theirs, data)) == (good, good)


def test_the_key_of_ecdsa_has_another_id_and_no_use_here():
    """Its id hashes the key alone; computed the Ed25519 way, or of its kind, it is unknown."""
    blob = base64.b64encode(b"\x02" + bytes(65)).decode()
    for reader in (parse_key, read_key):
        with pytest.raises((RecordError, Refused)):
            reader(f"ecdsa+00000000+{blob}")


@pytest.mark.parametrize("time", [0, 2**63, 2**64 - 1])
def test_times_of_cosignatures_that_nobody_lives_in(tmp_path, time):
    """They are signatures that hold, and prove no time: orders are not judged by them."""
    kit = kit_of(tmp_path / "log", tmp_path / "kit", entries(20))
    data = (kit / "checkpoint").read_bytes()
    start = data.index(b"\n\n") + 2
    text, log_line = data[: start - 1].decode(), data[start : data.index(b"\n", start) + 1]
    lines = ""
    for name in ("witness.one", "witness.two"):
        message = f"cosignature/v1\ntime {time}\n{text}".encode()
        blob = struct.pack(">Q", time) + private(name).sign(message)
        known = verifier_key(key(name), name, witness=True)
        lines += f"\u2014 {name} {base64.b64encode(known.key_id + blob).decode()}\n"
    for name in ("checkpoint", "checkpoints/21"):
        (kit / name).write_bytes(data[:start] + log_line + lines.encode())
    audit = Audit(Kit(str(kit)))
    audit.run()
    found = verdict_of(audit, 0.0)
    assert found["verdict"] == "OK"
    assert found["log_time"] < 2**43 * 1000


POINTS = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
)
"""Points of small order, and one that is not reduced (C2SP/CCTV ed25519, BSD-1-Clause)."""


@pytest.mark.parametrize("point", POINTS)
def test_keys_of_small_order_sign_nothing_for_one_that_they_do_not_for_the_other(point):
    public = bytes.fromhex(point)
    signature = bytes([1]) + bytes(63)
    from baseload.record.note import ed25519_holds
    from baseload.verify.notes import ed25519_verifies

    for message in (b"", b"a message", TEXT):
        assert ed25519_holds(public, signature, message) == ed25519_verifies(
            public, signature, message
        )


def proof_of(index=3, size=9):
    return naive.inclusion(index, [f"{n}".encode() for n in range(size)])


def root_of(size=9):
    return naive.root([f"{n}".encode() for n in range(size)])


def leaf_of(index):
    return naive.leaf(f"{index}".encode())


def both_include(index, size, leaf, proof, root):
    try:
        merkle.verify_inclusion(index, size, leaf, proof, root)
        one = True
    except ProofError:
        one = False
    return one, check_inclusion(index, size, leaf, proof, root)


PROOFS = {
    "64 hashes": (3, 9, leaf_of(3), [bytes(32)] * 64),
    "none": (3, 9, leaf_of(3), []),
    "two swapped": (3, 9, leaf_of(3), [proof_of()[1], proof_of()[0], *proof_of()[2:]]),
    "one short": (3, 9, leaf_of(3), proof_of()[:-1]),
    "the root again at the end": (3, 9, leaf_of(3), [*proof_of(), root_of()]),
    "the root first": (3, 9, leaf_of(3), [root_of(), *proof_of()]),
    "an index at the end": (9, 9, leaf_of(3), proof_of()),
    "an empty tree": (0, 0, leaf_of(0), []),
    "another index": (4, 9, leaf_of(3), proof_of()),
    "another size": (3, 17, leaf_of(3), proof_of()),
    "a node given as a leaf": (1, 5, naive.root([b"2", b"3"]), [naive.root([b"0", b"1"])]),
    "a hash of 31 bytes": (3, 9, leaf_of(3), [proof_of()[0][:31], *proof_of()[1:]]),
}


@pytest.mark.parametrize("name", PROOFS)
def test_proofs_that_show_nothing(name):
    assert both_include(*PROOFS[name], root_of()) == (False, False)


@pytest.mark.parametrize("size", [255, 256, 257, 65_535, 65_536, 65_537])
def test_proofs_at_the_edges_of_tiles(size):
    rows = [[naive.leaf(f"{n}".encode()) for n in range(size)]]
    while len(rows[-1]) > 1:
        row = rows[-1]
        pairs = [merkle.node_hash(*row[n : n + 2]) for n in range(0, len(row) - 1, 2)]
        rows.append(pairs + row[len(row) & ~1 :])
    root = rows[-1][0]
    for index in (0, size // 2, size - 1):
        path, place = [], index
        for row in rows[:-1]:
            if place ^ 1 < len(row):
                path.append(row[place ^ 1])
            place >>= 1
        leaf = leaf_of(index)
        assert both_include(index, size, leaf, path, root) == (True, True)
        for bit in range(0, 256 * len(path), 97):
            wrong = [bytearray(one) for one in path]
            wrong[bit // 256][bit % 256 // 8] ^= 1 << bit % 8
            flipped = [bytes(one) for one in wrong]
            assert both_include(index, size, leaf, flipped, root) == (False, False)


@pytest.mark.parametrize(("old", "size"), [(0, 9), (10, 9), (3, 0)])
def test_trees_that_do_not_grow_so(old, size):
    assert not check_consistency(old, size, [], root_of(), root_of())
    with pytest.raises(ProofError):
        merkle.verify_consistency(old, size, [], root_of(), root_of())


@pytest.mark.parametrize(
    "old",
    [b"index 3", b"c2sp.org/tlog-proof@v1", base64.b64encode(proof_of()[0])],
)
@pytest.mark.parametrize("new", [b"", b"index 03", b"index -1", b"\x00", b"x" * 44, b"index 3 4"])
def test_proof_files_that_are_none(old, new):
    data = corpus.proof()
    assert parse_proof(data).index == 3
    with pytest.raises(RecordError):
        parse_proof(data.replace(old, new, 1))


PATHS = ("x1/000", "x001/00", "00", "0000", "x000/001x", "001/x002", "000.p/0", "000.p/256",
         "000.p/01", "000.p/300", "../000", "000.p/", "x001/x234/067.p/17/")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_paths_that_are_no_tiles(path):
    with pytest.raises(RecordError):
        tiles.parse_path(f"tile/0/{path}")


def test_paths_are_the_same_to_both():
    for level, number, width in ((0, 0, 256), (1, 1_234_067, 17), (63, 999, 1), (2, 10**9, 256)):
        assert tile_name(level, number, width) == tiles.tile_path(level, number, width)
        assert tile_name(-1, number, width) == tiles.bundle_path(number, width)


BUNDLES = {
    "an entry short": tiles.encode_bundle([b"a", b"b"]),
    "an entry too many": tiles.encode_bundle([b"a", b"b", b"c", b"d"]),
    "bytes after the last": tiles.encode_bundle([b"a", b"b", b"c"]) + b"x",
    "half a length": tiles.encode_bundle([b"a", b"b"]) + b"\x00",
    "a length beyond the end": tiles.encode_bundle([b"a", b"b"]) + b"\xff\xffc",
    "nothing": b"",
}


@pytest.mark.parametrize("name", BUNDLES)
def test_bundles_that_are_damaged(name):
    with pytest.raises(RecordError):
        tiles.decode_bundle(BUNDLES[name], 3, "x")
    with pytest.raises(Refused):
        split_bundle(BUNDLES[name], 3)


def test_entries_of_no_byte_and_of_all_that_fit(tmp_path):
    given = [b"", b"x" * 65_535]
    assert split_bundle(tiles.encode_bundle(given), 2) == given
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        log.append(given)
        log.publish()
        with pytest.raises(RecordError):
            log.append([b"x" * 65_536])
    assert list(Reader(tmp_path / "log").entries()) == given


@pytest.fixture
def kit(tmp_path):
    return kit_of(tmp_path / "log", tmp_path / "kit", entries(20))


def codes(kit):
    audit = Audit(Kit(str(kit)))
    audit.run()
    return {(one["code"], one["verdict"]) for one in verdict_of(audit, 0.0)["findings"]}


TILE, BUNDLE = "tile/0/000.p/21", "tile/entries/000.p/21"
STRAY = ("structure.bundle", "FAILED")


def _stale(kit):
    """An old partial file beside the newest: what is older is of no interest."""
    (kit / "tile/0/000.p/7").write_bytes(bytes(32 * 7))


def _short(kit):
    data = (kit / TILE).read_bytes()
    (kit / TILE).write_bytes(data[:-1])


def _long(kit):
    data = (kit / TILE).read_bytes()
    (kit / TILE).write_bytes(data + bytes(32))


def _linked(kit):
    os.remove(kit / BUNDLE)
    os.symlink("/etc/hostname", kit / BUNDLE)


def _mirror(kit):
    """A copy older than its checkpoint: what it lacks is not known, and not called absent."""
    os.remove(kit / TILE)
    os.remove(kit / BUNDLE)


def _again(kit):
    """The same size signed with another root."""
    text = f"{ORIGIN}\n14\n{ROOT.decode()}\n"
    line = note.sign(text, ORIGIN, private("log"))
    (kit / "checkpoints/14").write_bytes(note.Note(text, (line,)).encode())


def _bomb(kit):
    with open(kit / BUNDLE, "wb") as file:
        file.truncate(65 * 1024 * 1024)


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (_stale, set()),
        (_short, {("structure.tile", "FAILED")}),
        (_long, {("structure.tile", "FAILED")}),
        (_linked, {("unreadable", "INCOMPLETE")}),
        (_mirror, {("structure.missing", "INCOMPLETE")}),
        (_again, {("checkpoint.fork", "FAILED")}),
        (_bomb, {("unreadable", "INCOMPLETE")}),
    ],
)
def test_kits_whose_files_are_wrong(kit, harm, expected):
    harm(kit)
    assert codes(kit) == expected


def test_a_zip_that_unpacks_to_more_than_a_kit_holds(tmp_path, kit):
    import zipfile

    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in ("checkpoint", "policy", TILE, "checkpoints/21"):
            target.write(kit / name, name)
        target.writestr(BUNDLE, bytes(200 * 1024 * 1024))
    assert ("unreadable", "INCOMPLETE") in codes(path)


def test_a_size_that_goes_back_is_an_earlier_kit(kit):
    (kit / "checkpoint").write_bytes((kit / "checkpoints/14").read_bytes())
    assert ("checkpoint.shrunk", "FAILED") in codes(kit)


def test_a_log_is_written_by_one_and_a_stale_lock_is_none(tmp_path):
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        log.append([b"a"])
        with pytest.raises(RecordError, match="another writer"):
            Log.open(tmp_path / "log", key("log"))
    assert (tmp_path / "log" / "lock").exists()
    with Log.open(tmp_path / "log", key("log")) as log:
        assert log.append([b"b"]) == range(1, 2)


@pytest.mark.parametrize("name", ["tile/entries/000.p/3", "tile/0/000.p/3", "state"])
def test_bits_that_rot_in_a_log_stop_its_writer(tmp_path, name):
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        log.append([b"a", b"b", b"c"])
        log.publish()
    path = tmp_path / "log" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(RecordError):
        Log.open(tmp_path / "log", key("log"))


def test_a_kit_that_is_no_kit_is_one_error(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    for place in (tmp_path / "none", tmp_path / "file", tmp_path):
        with pytest.raises(InspectError) as caught:
            Audit(Kit(str(place)))
        assert str(caught.value).count("\n") == 3


def test_a_zip_with_two_files_of_one_name_is_no_kit(tmp_path, kit):
    """One program would read the first, another the last: two records in one kit."""
    import warnings
    import zipfile

    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as target, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("checkpoint", "policy", TILE, BUNDLE, "checkpoints/21", BUNDLE):
            target.write(kit / name, name)
    with pytest.raises(InspectError, match="twice"):
        Kit(str(path))
