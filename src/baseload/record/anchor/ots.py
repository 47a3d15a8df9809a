"""OpenTimestamps proofs: steps that lead from the hash of a file to a block, or to a calendar.

A proof is a tree. Each node is a message, each edge a step that makes another message of it, and
an attestation says who vouches for a message: a block whose Merkle root it is, or a calendar that
will know later.

References
----------
.. [1] P. Todd, python-opentimestamps, ``core/timestamp.py``, ``core/op.py``, ``core/notary.py``
   and ``core/serialize.py``: layout, order and limits.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from baseload.record.errors import FormatError

MAGIC = bytes.fromhex("004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294")
VERSION = 1
SHA1, RIPEMD160, SHA256, APPEND, PREPEND, REVERSE, HEXLIFY = 2, 3, 8, 0xF0, 0xF1, 0xF2, 0xF3
ATTESTATION, FORK = 0x00, 0xFF
BITCOIN_TAG = bytes.fromhex("0588960d73d71901")
PENDING_TAG = bytes.fromhex("83dfe30d2ef90c8e")
MAX_MESSAGE = 4096
"""Bytes of a message, and of what a step adds to one."""
MAX_DEPTH = 256
"""Nodes on one path."""
MAX_NODES = 10_000
"""Steps and attestations of one proof."""
MAX_PAYLOAD, MAX_URI, TAG_BYTES, DIGEST_BYTES = 8192, 1000, 8, 32
_URI = re.compile(r"[A-Za-z0-9\-._/:]*\Z", re.ASCII)
_HASHES = {SHA1: "sha1", RIPEMD160: "ripemd160", SHA256: "sha256"}


@dataclass(frozen=True)
class Pending:
    """A calendar that holds a message, and knows later which block does."""

    uri: str

    @property
    def key(self) -> tuple[bytes, bytes]:
        """What a proof holds of it: tag and payload."""
        return PENDING_TAG, _measured(self.uri.encode())


@dataclass(frozen=True)
class Bitcoin:
    """A block of some height, whose Merkle root is the message."""

    height: int

    @property
    def key(self) -> tuple[bytes, bytes]:
        """What a proof holds of it: tag and payload."""
        return BITCOIN_TAG, number(self.height)


@dataclass(frozen=True)
class Unknown:
    """An attestation of another kind, which is kept as it came."""

    tag: bytes
    payload: bytes

    @property
    def key(self) -> tuple[bytes, bytes]:
        """What a proof holds of it: tag and payload."""
        return self.tag, self.payload


Attestation = Pending | Bitcoin | Unknown


@dataclass(frozen=True, order=True)
class Step:
    """An operation on a message.

    Parameters
    ----------
    tag : which one.
    argument : what is appended or prepended; empty for the others.
    """

    tag: int
    argument: bytes = b""

    def __call__(self, message: bytes) -> bytes:
        """Return the message after the step.

        Raises
        ------
        FormatError
            It would be too long, or this machine lacks the hash.
        """
        if self.tag in _HASHES:
            return _hashed(_HASHES[self.tag], message)
        found = _TEXT_STEPS[self.tag](message, self.argument)
        if not 0 < len(found) <= MAX_MESSAGE:
            raise _bad("step", f"a message of 1 to {MAX_MESSAGE:,} bytes", f"{len(found):,}")
        return found


_TEXT_STEPS: dict[int, Callable[[bytes, bytes], bytes]] = {
    APPEND: lambda message, argument: message + argument,
    PREPEND: lambda message, argument: argument + message,
    REVERSE: lambda message, _: message[::-1],
    HEXLIFY: lambda message, _: message.hex().encode(),
}


@dataclass
class Timestamp:
    """A node of a proof.

    Parameters
    ----------
    message : what the node is about.
    attestations : who vouches for it.
    steps : where it leads.
    """

    message: bytes
    attestations: set[Attestation] = field(default_factory=set)
    steps: dict[Step, Timestamp] = field(default_factory=dict)

    def then(self, *steps: Step) -> Timestamp:
        """Return the node at the end of some steps, made where it is not there yet."""
        node = self
        for step in steps:
            if step not in node.steps:
                node.steps[step] = Timestamp(step(node.message))
            node = node.steps[step]
        return node

    def nodes(self) -> Iterator[Timestamp]:
        """Give this node and all below it, in the order of the proof."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += [node.steps[step] for step in sorted(node.steps, reverse=True)]

    def ends(self) -> Iterator[tuple[bytes, Attestation]]:
        """Give all attestations with the message of each, in the order of the proof."""
        for node in self.nodes():
            for one in sorted(node.attestations, key=_order):
                yield node.message, one

    def merge(self, other: Timestamp) -> None:
        """Take all that another proof of the same message says.

        Raises
        ------
        FormatError
            It is of another message.
        """
        waiting = [(self, other)]
        while waiting:
            own, more = waiting.pop()
            if own.message != more.message:
                raise _bad("proof", f"one of {own.message.hex()}", more.message.hex())
            own.attestations |= more.attestations
            waiting += [(own.then(step), node) for step, node in more.steps.items()]


def encode(stamp: Timestamp) -> bytes:
    """Return the bytes of a proof without its head, as a calendar answers.

    Raises
    ------
    FormatError
        A node leads nowhere.
    """
    out: list[bytes] = []
    waiting: list[Timestamp | bytes] = [stamp]
    while waiting:
        node = waiting.pop()
        if isinstance(node, bytes):
            out.append(node)
            continue
        branches = _branches(node)
        if not branches:
            raise _bad("proof", "an attestation at the end of each path", "none")
        for place, branch in reversed(list(enumerate(branches))):
            waiting += reversed(branch)
            if place < len(branches) - 1:
                waiting.append(bytes([FORK]))
    return b"".join(out)


def encode_file(stamp: Timestamp) -> bytes:
    """Return the bytes of a proof file.

    Parameters
    ----------
    stamp : proof of the SHA-256 of a file.

    Raises
    ------
    FormatError
        It is of something else, leads nowhere, or is larger than the format allows.
    """
    data = MAGIC + number(VERSION) + bytes([SHA256]) + stamp.message + encode(stamp)
    decode_file(data, "proof to write")
    return data


def decode(data: bytes, message: bytes, where: str = "proof") -> Timestamp:
    """Read a proof without its head.

    Parameters
    ----------
    data : its bytes.
    message : what it is a proof of, which the bytes do not say.
    where : what to call it in errors.

    Raises
    ------
    FormatError
        It is not one, or larger than the format allows.
    """
    reader = _Reader(data, where)
    stamp = _read(reader, message)
    reader.end()
    return stamp


def decode_file(data: bytes, where: str = "proof") -> Timestamp:
    """Read a proof file of the SHA-256 of a file.

    Raises
    ------
    FormatError
        It is not one, of another hash, or larger than the format allows.
    """
    reader = _Reader(data, where)
    if (found := data[: len(MAGIC)]) != MAGIC:
        raise _bad(where, "a proof of OpenTimestamps", repr(found[:16]))
    reader.take(len(MAGIC))
    if (version := reader.number()) != VERSION:
        raise _bad(where, f"version {VERSION}", str(version))
    if (kind := reader.byte()) != SHA256:
        raise _bad(where, "the SHA-256 of a file", f"hash {kind:#04x}")
    stamp = _read(reader, reader.take(DIGEST_BYTES))
    reader.end()
    return stamp


def number(value: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _read(reader: _Reader, message: bytes) -> Timestamp:
    stamp = Timestamp(message)
    # Nodes of which further branches follow, the deepest last.
    waiting = [(stamp, 1)]
    while waiting:
        node, depth = waiting[-1]
        tag = reader.byte()
        if tag == FORK:
            tag = reader.byte()
        else:
            waiting.pop()
        reader.count()
        if tag == ATTESTATION:
            node.attestations.add(reader.attestation())
        elif depth == MAX_DEPTH:
            raise reader.bad(f"at most {MAX_DEPTH - 1} steps in a row", "more")
        else:
            try:
                waiting.append((node.then(reader.step(tag)), depth + 1))
            except FormatError as error:
                raise reader.bad(error.expected, error.found) from None
    return stamp


class _Reader:
    """Bytes of a proof while they are read."""

    def __init__(self, data: bytes, where: str) -> None:
        self._data = data
        self._where = where
        self._at = 0
        self._nodes = 0

    def take(self, length: int) -> bytes:
        found = self._data[self._at : self._at + length]
        if len(found) != length:
            raise self.bad(f"{length} bytes more", f"{len(found)}")
        self._at += length
        return found

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        found = 0
        for shift in range(0, 70, 7):
            byte = self.byte()
            found |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        if byte & 0x80 or found >> 64:
            raise self.bad("a number of at most 64 bits", "a larger one")
        return found

    def text(self, least: int, most: int) -> bytes:
        length = self.number()
        if not least <= length <= most:
            raise self.bad(f"{least} to {most:,} bytes", f"{length:,}")
        return self.take(length)

    def step(self, tag: int) -> Step:
        if tag in (APPEND, PREPEND):
            return Step(tag, self.text(1, MAX_MESSAGE))
        if tag not in _HASHES and tag not in _TEXT_STEPS:
            raise self.bad("a step that is known", f"{tag:#04x}")
        return Step(tag)

    def attestation(self) -> Attestation:
        tag = self.take(TAG_BYTES)
        payload = self.text(0, MAX_PAYLOAD)
        inner = _Reader(payload, self._where)
        if tag == BITCOIN_TAG:
            height = inner.number()
            inner.end()
            return Bitcoin(height)
        if tag == PENDING_TAG:
            uri = inner.text(0, MAX_URI).decode("latin-1")
            inner.end()
            if not _URI.match(uri):
                raise self.bad("an address of letters, digits and -._/:", ascii(uri[:60]))
            return Pending(uri)
        return Unknown(tag, payload)

    def count(self) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self.bad(f"at most {MAX_NODES:,} steps", "more")

    def end(self) -> None:
        if self._at != len(self._data):
            raise self.bad("nothing after it", f"{len(self._data) - self._at} bytes")

    def bad(self, expected: str, found: str) -> FormatError:
        return _bad(f"{self._where}, byte {self._at}", expected, found)


def _branches(node: Timestamp) -> list[list[Timestamp | bytes]]:
    """Return what each branch of a node is written as: attestations first, each in order."""
    found: list[list[Timestamp | bytes]] = []
    for one in sorted(node.attestations, key=_order):
        tag, payload = one.key
        found.append([bytes([ATTESTATION]) + tag + _measured(payload)])
    for step in sorted(node.steps):
        argument = _measured(step.argument) if step.tag in (APPEND, PREPEND) else b""
        found.append([bytes([step.tag]) + argument, node.steps[step]])
    return found


def _order(one: Attestation) -> tuple[bytes, int, bytes]:
    """Sort by tag, then blocks by height, calendars by address, all others by their bytes."""
    tag, payload = one.key
    if isinstance(one, Bitcoin):
        return tag, one.height, b""
    return tag, 0, one.uri.encode() if isinstance(one, Pending) else payload


def _hashed(name: str, message: bytes) -> bytes:
    try:
        return hashlib.new(name, message).digest()
    except ValueError:
        raise _bad("step", f"a library that knows {name}", "one that does not") from None


def _measured(data: bytes) -> bytes:
    return number(len(data)) + data


def _bad(where: str, expected: str, found: str) -> FormatError:
    return FormatError(
        where,
        expected=expected,
        found=found,
        mend="bring back a copy of it, or move it away and stamp again",
    )
