"""Signed notes, checkpoints and verifier keys, as C2SP has them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from baseload.verify.findings import Refused, Unchecked

ALG_ED25519, ALG_COSIGNATURE, ALG_MLDSA44 = 1, 4, 6
KEY_BYTES = {ALG_ED25519: 32, ALG_COSIGNATURE: 32, ALG_MLDSA44: 1312}
SIGNATURE_BYTES = {ALG_ED25519: 64, ALG_COSIGNATURE: 72, ALG_MLDSA44: 8 + 2420}
_SIZE = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z", re.ASCII)


class Key(NamedTuple):
    """A verifier key: name, algorithm and public key."""

    name: str
    algorithm: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature names it."""
        named = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return sha256(named).digest()[:4]


class Line(NamedTuple):
    """A signature under a note."""

    name: str
    id: bytes
    blob: bytes


class SignedNote(NamedTuple):
    """A text and the signatures under it."""

    text: str
    lines: tuple[Line, ...]


class Head(NamedTuple):
    """A checkpoint: origin, number of entries, root."""

    origin: str
    size: int
    root: bytes


def read_base64(text: str) -> bytes:
    """Decode base64 in its one form."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("base64", repr(text[:60])) from None
    if base64.b64encode(raw).decode() != text:
        raise Refused("base64 in its one form", repr(text[:60]))
    return raw


def str_key(key: Key) -> str:
    """Return a verifier key as it is written."""
    blob = base64.b64encode(bytes([key.algorithm]) + key.public).decode()
    return f"{key.name}+{key.id.hex()}+{blob}"


def read_key(text: str) -> Key:
    """Read a verifier key, ``name+id+base64``."""
    name, plus, rest = text.partition("+")
    number, plus, blob = rest.partition("+")
    if not plus:
        raise Refused("a key as name+id+base64", repr(text[:80]))
    _check_key_name(name)
    raw = read_base64(blob)
    if not raw or KEY_BYTES.get(raw[0]) != len(raw) - 1:
        raise Refused("a key of a known kind and length", repr(text[:80]))
    key = Key(name, raw[0], raw[1:])
    if key.id.hex() != number:
        raise Refused(f"id {key.id.hex()} of key {name}", repr(number[:20]))
    return key


def read_note(data: bytes) -> SignedNote:
    """Read a signed note; who signed it is not checked here."""
    if len(data) > 1_000_000:
        raise Refused("at most 1,000,000 bytes", f"{len(data):,}")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise Refused("UTF-8", f"byte {data[error.start]:#04x}", error.start) from None
    if control := re.search(r"[\x00-\x09\x0b-\x1f]", whole):
        raise Refused("no control character", repr(control[0]), control.start())
    place = whole.rfind("\n\n")
    if place < 0 or not whole.endswith("\n") or place + 2 >= len(whole):
        raise Refused("a text, an empty line and signatures", repr(whole[-60:]))
    lines = whole[place + 2 : -1].split("\n")
    if len(lines) > 100:
        raise Refused("at most 100 signatures", str(len(lines)))
    return SignedNote(whole[: place + 1], tuple(_read_line(line) for line in lines))


def read_head(text: str) -> Head:
    """Read the text of a checkpoint; further lines are passed over."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise Refused("origin, size and root, a line each", repr(text[:80]))
    if not _SIZE.match(lines[1]) or int(lines[1]) >= 2**63:
        raise Refused("a size in decimal digits", repr(lines[1][:40]))
    root = read_base64(lines[2])
    if len(root) != 32:
        raise Refused("a root of 32 bytes", f"{len(root)}")
    if lines[1] == "0" and root != sha256(b"").digest():
        raise Refused("the root of an empty tree at size 0", root.hex())
    return Head(lines[0], int(lines[1]), root)


def signers_of(note: SignedNote, keys: Iterable[Key]) -> dict[Key, int | None]:
    """Return the known keys that signed, each with its time [s] where it has one.

    Raises
    ------
    Refused
        A line of a known key does not hold: then the whole note is worth nothing.
    """
    known = {(key.name, key.id): key for key in keys}
    found: dict[Key, int | None] = {}
    for line in note.lines:
        key = known.get((line.name, line.id))
        if key is None or key in found:
            continue
        if not _line_holds(key, note.text, line.blob):
            raise Refused(f"a signature of {key.name} that holds", "one that does not")
        timed = key.algorithm != ALG_ED25519
        found[key] = int.from_bytes(line.blob[:8], "big") if timed else None
    return found


def ed25519_verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether an Ed25519 signature holds."""
    if _HELD and (digest := _signature_digest(public, signature, message)) in _HELD:
        _HELD.discard(digest)
        return True
    return _holds_by(public, signature, message)


def held_digest(public: bytes, signature: bytes, message: bytes) -> bytes | None:
    """Check a signature, and return what another process can take to know that it holds."""
    holds = _holds_by(public, signature, message)
    return _signature_digest(public, signature, message) if holds else None


def take_held(digests: Iterable[bytes]) -> None:
    """Take from another process which signatures hold: each is asked for once at most."""
    if len(_HELD) > 1_000_000:
        _HELD.clear()
    _HELD.update(digests)


def _signature_digest(public: bytes, signature: bytes, message: bytes) -> bytes:
    lengths = len(public).to_bytes(4, "big") + len(signature).to_bytes(4, "big")
    return sha256(lengths + public + signature + message).digest()


def _holds_by(public: bytes, signature: bytes, message: bytes) -> bool:
    key = _loaded_key(public)
    if key is None:
        return False
    try:
        key.verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _loaded_key(public: bytes) -> Ed25519PublicKey | None:
    if public not in _LOADED:
        if len(_LOADED) > 10_000:
            _LOADED.clear()
        try:
            _LOADED[public] = Ed25519PublicKey.from_public_bytes(public)
        except ValueError:
            _LOADED[public] = None
    return _LOADED[public]


_LOADED: dict[bytes, Ed25519PublicKey | None] = {}
_HELD: set[bytes] = set()
"""Digests of key, signature and message of which another process found that they hold."""


def held_lines(note: SignedNote, keys: Iterable[Key]) -> list[bytes]:
    """Check the Ed25519 signatures under a note; return what shows that they hold."""
    known = {(key.name, key.id): key for key in keys if key.algorithm != ALG_MLDSA44}
    held = []
    for line in note.lines:
        key = known.get((line.name, line.id))
        if key is not None and len(line.blob) == SIGNATURE_BYTES[key.algorithm]:
            digest = held_digest(key.public, *_signed_by_line(key, note.text, line.blob))
            held += [] if digest is None else [digest]
    return held


def _line_holds(key: Key, text: str, blob: bytes) -> bool:
    if len(blob) != SIGNATURE_BYTES[key.algorithm]:
        return False
    if key.algorithm == ALG_MLDSA44:
        return _mldsa_line_holds(key, text, blob, int.from_bytes(blob[:8], "big"))
    return ed25519_verifies(key.public, *_signed_by_line(key, text, blob))


def _signed_by_line(key: Key, text: str, blob: bytes) -> tuple[bytes, bytes]:
    """Return signature and message of an Ed25519 line, with or without a time."""
    if key.algorithm == ALG_ED25519:
        return blob, text.encode()
    time = int.from_bytes(blob[:8], "big")
    return blob[8:], f"cosignature/v1\ntime {time}\n{text}".encode()


def _mldsa_line_holds(key: Key, text: str, blob: bytes, time: int) -> bool:
    head = read_head(text)
    message = b"".join(
        (
            b"subtree/v1\n\x00",
            bytes([len(key.name.encode())]) + key.name.encode(),
            time.to_bytes(8, "big"),
            bytes([len(head.origin.encode())]) + head.origin.encode(),
            (0).to_bytes(8, "big") + head.size.to_bytes(8, "big"),
            head.root,
        )
    )
    try:
        from cryptography.hazmat.primitives.asymmetric import mldsa

        public = mldsa.MLDSA44PublicKey.from_public_bytes(key.public)
        public.verify(blob[8:], message)
    except (ImportError, UnsupportedAlgorithm):
        raise Unchecked(f"a `cryptography` that knows ML-DSA-44, for {key.name}", "none") from None
    except (InvalidSignature, ValueError):
        return False
    return True


def _read_line(line: str) -> Line:
    if not line.startswith("— "):
        raise Refused("a signature after an em dash and a space", repr(line[:60]))
    name, space, blob = line[2:].partition(" ")
    if not space:
        raise Refused("a name, a space and a signature", repr(line[:60]))
    _check_key_name(name)
    raw = read_base64(blob)
    if len(raw) < 5:
        raise Refused("an id of four bytes and a signature", f"{len(raw)} bytes")
    return Line(name, raw[:4], raw[4:])


def _check_key_name(name: str) -> None:
    odd = any(c.isspace() or c == "+" or ord(c) < 0x20 or ord(c) == 0x7F for c in name)
    if not name or odd:
        raise Refused("a name without spaces and '+'", repr(name[:60]))


class Policy(NamedTuple):
    """Whose signatures a checkpoint needs.

    Parameters
    ----------
    logs : keys of the log.
    witnesses : key of each witness, by its name in the policy.
    groups : number needed and members of each group.
    quorum : witness or group that must have signed; none where nobody must.
    """

    logs: tuple[Key, ...]
    witnesses: Mapping[str, Key]
    groups: Mapping[str, tuple[int, tuple[str, ...]]]
    quorum: str | None

    def met_by(self, signers: Iterable[Key]) -> bool:
        """Tell whether those who signed are enough."""
        return self.quorum is None or self._met(self.quorum, set(signers))

    def need(self) -> int:
        """Return how many witnesses must sign at least."""
        return 0 if self.quorum is None else self._need(self.quorum)

    def _met(self, name: str, signers: set[Key]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in signers
        need, members = self.groups[name]
        return sum(self._met(member, signers) for member in members) >= need

    def _need(self, name: str) -> int:
        if name in self.witnesses:
            return 1
        need, members = self.groups[name]
        return sum(sorted(self._need(member) for member in members)[:need])


def read_policy(text: str) -> Policy:
    """Read a policy: lines ``log``, ``witness``, ``group`` and ``quorum`` (C2SP tlog-policy)."""
    logs: list[Key] = []
    witnesses: dict[str, Key] = {}
    groups: dict[str, tuple[int, tuple[str, ...]]] = {}
    quorum: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if odd := re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line):
            raise Refused("no control character but tabs", f"line {number}: {odd[0]!r}")
        words = [word for word in re.split(r"[ \t]+", line) if word]
        if not words or words[0].startswith("#"):
            continue
        rest = words[1:]
        if words[0] == "log" and len(rest) in (1, 2):
            logs.append(read_key(rest[0]))
        elif words[0] == "witness" and len(rest) in (2, 3) and _is_free(rest[0], witnesses, groups):
            witnesses[rest[0]] = read_key(rest[1])
        elif words[0] == "group" and len(rest) > 2 and _is_free(rest[0], witnesses, groups):
            groups[rest[0]] = _read_group(rest[1], rest[2:], witnesses, groups, number)
        elif words[0] == "quorum" and len(rest) == 1 and not quorum:
            quorum.append(rest[0])
        else:
            raise Refused("log, witness, group or quorum", f"line {number}: {line[:60]!r}")
    if not logs or not quorum:
        raise Refused("a line `log` and a line `quorum`", "none")
    if quorum[0] != "none" and quorum[0] not in {*witnesses, *groups}:
        raise Refused("a quorum that was named before", repr(quorum[0]))
    return Policy(tuple(logs), witnesses, groups, None if quorum[0] == "none" else quorum[0])


def _is_free(name: str, witnesses: Mapping[str, Key], groups: Mapping[str, object]) -> bool:
    return name not in witnesses and name not in groups and name != "none"


def _read_group(
    need: str,
    members: list[str],
    witnesses: Mapping[str, Key],
    groups: Mapping[str, tuple[int, tuple[str, ...]]],
    number: int,
) -> tuple[int, tuple[str, ...]]:
    strange = [name for name in members if name not in witnesses and name not in groups]
    if strange or len(set(members)) != len(members):
        raise Refused("members named before, each once", f"line {number}: {strange or members}")
    many = {"any": 1, "all": len(members)}.get(need)
    if many is None and _SIZE.match(need):
        many = int(need)
    if many is None or not 1 <= many <= len(members):
        raise Refused("any, all, or a number of the members", f"line {number}: {need!r}")
    return many, tuple(members)
