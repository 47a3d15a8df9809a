"""Signed notes: a text, and under it the signatures of those who stand by it.

References
----------
.. [1] C2SP, signed-note v1.0.0.
.. [2] C2SP, tlog-cosignature v1.0.1.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from baseload.record.errors import FormatError, SignatureError

ED25519 = 0x01
COSIGNATURE = 0x04
MLDSA44 = 0x06
MARK = "— "
"""What a line with a signature begins with: an em dash and a space."""
MAX_SIGNATURES = 100
MAX_BYTES = 1_000_000
_LENGTHS = {ED25519: 32, COSIGNATURE: 32, MLDSA44: 1312}


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name of who holds it.

    Parameters
    ----------
    name : name, without spaces and without ``+``.
    algorithm : 1 Ed25519, 4 Ed25519 cosignature, 6 ML-DSA-44 cosignature.
    public : public key.
    """

    name: str
    algorithm: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a signature names its key."""
        return key_id(self.name, self.algorithm, self.public)

    def __str__(self) -> str:
        """Return the key as it is written: ``name+id+base64``."""
        blob = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{blob}"

    def names(self, line: NoteSignature) -> bool:
        """Tell whether a signature says that it is by this key; it is not checked."""
        return (line.name, line.key_id) == (self.name, self.key_id)


@dataclass(frozen=True)
class NoteSignature:
    """One line under a note: name, id of the key, and the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        """Return the line without its end."""
        return f"{MARK}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}"


@dataclass(frozen=True)
class Note:
    """A text that ends with a line feed, and its signatures in the order of the note."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        """Return the note as it is stored."""
        return self.text + "\n" + "".join(f"{line}\n" for line in self.signatures)

    def encode(self) -> bytes:
        """Return the bytes of the note."""
        return str(self).encode()

    def of(self, keys: Iterable[VerifierKey]) -> Note:
        """Return the note with the signatures alone that say that they are by some keys."""
        known = tuple(keys)
        lines = (line for line in self.signatures if any(key.names(line) for key in known))
        return Note(self.text, tuple(lines))


def key_id(name: str, algorithm: int, public: bytes) -> bytes:
    """Return the first four bytes of SHA-256 over name, line feed, algorithm and key."""
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]


def parse_key(text: str) -> VerifierKey:
    """Read a verifier key.

    Parameters
    ----------
    text : ``name+id+base64``; base64 may hold ``+`` itself.

    Raises
    ------
    FormatError
        It is not one, or its id is not that of the key.
    """
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise _bad_key(text, "name+id+base64", f"{len(parts)} parts")
    name, identity, blob = parts
    check_name(name)
    raw = decode_base64(blob, "verifier key")
    if not raw or raw[0] not in _LENGTHS:
        raise _bad_key(text, "algorithm 1, 4 or 6", f"{raw[0] if raw else 'nothing'}")
    key = VerifierKey(name, raw[0], raw[1:])
    if len(key.public) != _LENGTHS[key.algorithm]:
        raise _bad_key(text, f"{_LENGTHS[key.algorithm]} bytes of key", f"{len(key.public)}")
    if identity != key.key_id.hex():
        raise _bad_key(text, f"id {key.key_id.hex()}", identity)
    return key


def parse_note(data: bytes, where: str = "signed note") -> Note:
    """Read a signed note without checking who signed it.

    Parameters
    ----------
    data : bytes of the note.
    where : what to call it in an error.

    Raises
    ------
    FormatError
        It is not one.
    """
    text = _plain_text(data, where)
    body, found, tail = text.rpartition("\n\n")
    if not found or not tail:
        raise _bad(where, "a text, an empty line, and signatures", "no signature")
    if not tail.endswith("\n"):
        raise _bad(where, "a line feed at the end", "none")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise _bad(where, f"at most {MAX_SIGNATURES} signatures", str(len(lines)))
    return Note(body + "\n", tuple(_signature_line(line, where) for line in lines))


def verify(
    note: Note, keys: Iterable[VerifierKey], where: str = "signed note"
) -> list[VerifierKey]:
    """Make sure that a note is signed, and return by whom.

    Parameters
    ----------
    note : note.
    keys : keys that are known; signatures of others are passed over.
    where : what to call the note in an error.

    Returns
    -------
    Known keys that have signed, in the order of the note.

    Raises
    ------
    SignatureError
        A signature of a known key does not hold, or no known key has signed.
    """
    known = {(key.name, key.key_id): key for key in keys}
    found: list[VerifierKey] = []
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None or key in found:
            continue
        if not signature_holds(key, note.text, line.signature):
            raise SignatureError(
                where,
                expected=f"a signature of {key.name} that holds",
                found="one that does not",
                mend="fetch it again; if it stays so, keep it as evidence and trust nothing in it",
            )
        found.append(key)
    if not found:
        names = ", ".join(sorted({key.name for key in known.values()})) or "no key"
        raise SignatureError(
            where,
            expected=f"a signature of {names}",
            found=", ".join(line.name for line in note.signatures) or "none",
            mend="name the keys that you trust, or fetch the note from its origin",
        )
    return found


def signature_holds(key: VerifierKey, text: str, signature: bytes) -> bool:
    """Tell whether the bytes of a signature stand for a text."""
    if key.algorithm == ED25519:
        return ed25519_holds(key.public, signature, text.encode())
    if key.algorithm == COSIGNATURE:
        if len(signature) != 72:
            return False
        message = cosigned_message(text, cosigned_at(signature))
        return ed25519_holds(key.public, signature[8:], message)
    from baseload.record.cosignature import mldsa_holds

    return mldsa_holds(key, text, signature)


def cosigned_at(signature: bytes) -> int:
    """Return the time of a cosignature [s since 1970]."""
    return int(struct.unpack(">Q", signature[:8])[0])


def cosigned_message(text: str, time: int) -> bytes:
    """Return what an Ed25519 cosignature signs [2]_."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def ed25519_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether an Ed25519 signature holds."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign(text: str, name: str, key: Ed25519PrivateKey) -> NoteSignature:
    """Sign a text as its author."""
    public = key.public_key().public_bytes_raw()
    return NoteSignature(name, key_id(name, ED25519, public), key.sign(text.encode()))


def cosign(text: str, name: str, key: Ed25519PrivateKey, time: int) -> NoteSignature:
    """Sign a text as a witness who saw it at a time [s since 1970]."""
    public = key.public_key().public_bytes_raw()
    blob = struct.pack(">Q", time) + key.sign(cosigned_message(text, time))
    return NoteSignature(name, key_id(name, COSIGNATURE, public), blob)


def with_signatures(note: Note, more: Sequence[NoteSignature]) -> Note:
    """Return a note with further signatures under it; those it has stay as they are."""
    found = list(note.signatures)
    seen = {(line.name, line.key_id) for line in found}
    for line in more:
        if (line.name, line.key_id) not in seen:
            seen.add((line.name, line.key_id))
            found.append(line)
    return Note(note.text, tuple(found))


def check_name(name: str) -> None:
    """Make sure that a key can have a name.

    Raises
    ------
    FormatError
        It is empty or holds a space, a control character or ``+``.
    """
    if not name or "+" in name or any(c.isspace() or ord(c) < 0x20 or ord(c) == 0x7F for c in name):
        raise _bad(f"name {name!r}", "a name without spaces and without '+'", repr(name))


def decode_base64(text: str, where: str) -> bytes:
    """Decode standard base64, and nothing that merely resembles it."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _bad(where, "standard base64 with padding", repr(text[:80])) from None
    if base64.b64encode(raw).decode() != text:
        raise _bad(where, "base64 in its one canonical form", repr(text[:80]))
    return raw


def _plain_text(data: bytes, where: str) -> str:
    if len(data) > MAX_BYTES:
        raise _bad(where, f"at most {MAX_BYTES:,} bytes", f"{len(data):,}")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise _bad(where, "UTF-8", f"byte {data[error.start]:#04x} at {error.start}") from None
    for place, character in enumerate(text):
        if ord(character) < 0x20 and character != "\n":
            raise _bad(where, "no control characters", f"{character!r} at {place}")
    return text


def _signature_line(line: str, where: str) -> NoteSignature:
    if not line.startswith(MARK):
        raise _bad(where, "a signature that begins with an em dash and a space", repr(line[:80]))
    name, space, blob = line[len(MARK) :].partition(" ")
    if not space:
        raise _bad(where, "a name, a space and base64", repr(line[:80]))
    check_name(name)
    raw = decode_base64(blob, where)
    if len(raw) < 5:
        raise _bad(where, "an id of four bytes and a signature", f"{len(raw)} bytes")
    return NoteSignature(name, raw[:4], raw[4:])


def _bad(where: str, expected: str, found: str) -> FormatError:
    return FormatError(
        where, expected=expected, found=found, mend="fetch it again from where it was published"
    )


def _bad_key(text: str, expected: str, found: str) -> FormatError:
    return FormatError(
        f"verifier key {text[:80]!r}",
        expected=expected,
        found=found,
        mend="copy the key again from its holder",
    )
