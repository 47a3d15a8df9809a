"""Cosignatures by ML-DSA-44, in both implementations; the message is put together by hand here."""

import base64
import struct
import sys

import pytest
from tests.record.sample import ORIGIN, entries, kit_of, private, vkey

from baseload.record import cosignature, note
from baseload.record.checkpoint import Checkpoint
from baseload.record.errors import SignatureError
from baseload.record.note import Note, NoteSignature, VerifierKey
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.findings import Refused
from baseload.verify.kit import Kit
from baseload.verify.notes import read_key, read_note, signers_of

mldsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.mldsa")
NAME, TIME, ROOT = "witness.pq", 1_767_225_600, bytes(range(32))
SEED = bytes(range(32))
ALGORITHM = 6


@pytest.fixture(scope="module")
def signer():
    try:
        return mldsa.MLDSA44PrivateKey.from_seed_bytes(SEED)
    except Exception as error:  # an OpenSSL without it
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def known(signer):
    return VerifierKey(NAME, ALGORITHM, signer.public_key().public_bytes_raw())


def spelled(origin=ORIGIN, size=21, root=ROOT, time=TIME, name=NAME):
    """The signed message as C2SP tlog-cosignature spells it."""
    return (
        b"subtree/v1\n\0"
        + bytes([len(name)]) + name.encode()
        + struct.pack(">Q", time)
        + bytes([len(origin)]) + origin.encode()
        + struct.pack(">Q", 0) + struct.pack(">Q", size) + root
    )  # fmt: skip


def cosigned(signer, known, **more):
    text = str(Checkpoint(ORIGIN, 21, ROOT))
    blob = struct.pack(">Q", TIME) + signer.sign(spelled(**more))
    line = NoteSignature(NAME, known.key_id, blob)
    return Note(text, (note.sign(text, ORIGIN, private("log")), line))


def forget(monkeypatch):
    """Have a library that does not know ML-DSA."""
    from cryptography.hazmat.primitives import asymmetric

    monkeypatch.delattr(asymmetric, "mldsa")
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.mldsa", None)


def test_the_message_is_the_one_of_the_specification():
    assert cosignature.message(str(Checkpoint(ORIGIN, 21, ROOT)), NAME, TIME) == spelled()


def test_both_implementations_take_it_with_its_time(signer, known):
    made = cosigned(signer, known)
    assert note.verify(made, [known]) == [known]
    assert note.cosigned_at(made.signatures[1].signature) == TIME
    theirs = read_key(str(known))
    assert signers_of(read_note(made.encode()), [theirs]) == {theirs: TIME}


@pytest.mark.parametrize(
    "more",
    [{"size": 20}, {"root": bytes(32)}, {"origin": "x"}, {"time": TIME + 1}, {"name": "witness.q"}],
)
def test_both_refuse_what_was_signed_for_something_else(signer, known, more):
    made = cosigned(signer, known, **more)
    with pytest.raises(SignatureError):
        note.verify(made, [known])
    with pytest.raises(Refused):
        signers_of(read_note(made.encode()), [read_key(str(known))])


def test_a_flipped_bit_is_noticed_by_both(signer, known):
    made = cosigned(signer, known)
    for place in (0, 7, 8, 500, 2427):
        blob = bytearray(made.signatures[1].signature)
        blob[place] ^= 4
        line = NoteSignature(NAME, known.key_id, bytes(blob))
        wrong = Note(made.text, (made.signatures[0], line))
        with pytest.raises(SignatureError):
            note.verify(wrong, [known])
        with pytest.raises(Refused):
            signers_of(read_note(wrong.encode()), [read_key(str(known))])


def test_a_library_that_does_not_know_it_says_so(signer, known, monkeypatch):
    """Nothing can be said of such a signature: it is neither counted nor called false."""
    made = cosigned(signer, known)
    forget(monkeypatch)
    with pytest.raises(SignatureError, match="install cryptography"):
        note.verify(made, [known])
    with pytest.raises(Refused, match="knows ML-DSA-44"):
        signers_of(read_note(made.encode()), [read_key(str(known))])


@pytest.mark.parametrize("knows", [True, False])
def test_a_witness_of_a_kit_may_sign_so(signer, known, tmp_path, monkeypatch, knows):
    kit = kit_of(tmp_path / "log", tmp_path / "kit", entries(20))
    lines = [f"log {vkey('log', ORIGIN)}", f"witness pq {known}", "quorum pq", ""]
    (kit / "policy").write_text("\n".join(lines), encoding="utf-8")
    whole = (kit / "checkpoint").read_bytes()
    start = whole.index(b"\n\n") + 2
    text = whole[: whole.index(b"\n", start) + 1]  # with the signature of the log alone
    root = base64.b64decode(read_note(text).text.split("\n")[2])
    blob = struct.pack(">Q", TIME) + signer.sign(spelled(root=root))
    line = f"{NoteSignature(NAME, known.key_id, blob)}\n"
    for name in ("checkpoint", "checkpoints/7", "checkpoints/14", "checkpoints/21"):
        if name.endswith(("/7", "/14")):
            (kit / name).unlink()
        else:
            (kit / name).write_bytes(text + line.encode())
    if not knows:
        forget(monkeypatch)
    audit = Audit(Kit(str(kit)))
    audit.run()
    verdict = verdict_of(audit, 0.0)
    assert verdict["witnessed"] == {"have": int(knows), "need": 1, "of": 1}
    codes = {one["code"]: one["verdict"] for one in verdict["findings"]}
    assert ("witness.quorum" in codes) == (not knows)
    assert codes.get("witness.unknown") == (None if knows else "INCOMPLETE")
    assert "FAILED" not in codes.values()
