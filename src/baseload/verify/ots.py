"""OpenTimestamps proofs: from the hash of a file to a block.

References
----------
.. [1] P. Todd, python-opentimestamps, ``core/serialize.py``, ``core/op.py``, ``core/notary.py``:
   the layout, and the limits of 4,096 bytes a message and 256 steps.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from baseload.verify.findings import Refused

OTS_MAGIC = bytes.fromhex("004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294")
BITCOIN_TAG = bytes.fromhex("0588960d73d71901")
PENDING_TAG = bytes.fromhex("83dfe30d2ef90c8e")
MAX_MESSAGE, MAX_STEPS, MAX_PAYLOAD = 4096, 256, 8192
_URI_BYTES = re.compile(rb"[A-Za-z0-9\-._/:]*\Z")
_HASHES = {0x02: "sha1", 0x03: "ripemd160", 0x08: "sha256"}


class Attested(NamedTuple):
    """What a path of a proof ends in.

    Parameters
    ----------
    kind : ``bitcoin``, ``pending`` or ``unknown``.
    message : what it speaks for.
    height : of the block; 0 where it is none.
    uri : calendar that holds a pending one.
    """

    kind: str
    message: bytes
    height: int = 0
    uri: str = ""


def read_ots(data: bytes) -> tuple[bytes, list[Attested]]:
    """Return the SHA-256 that a proof is of, and what it ends in.

    Raises
    ------
    Refused
        It is no such proof, or of another hash.
    """
    reader = _Reading(data)
    if reader.take(len(OTS_MAGIC)) != OTS_MAGIC:
        raise Refused("an OpenTimestamps proof", repr(data[:16]), 0)
    if (version := reader.number()) != 1:
        raise Refused("version 1", str(version), reader.at)
    if (kind := reader.take(1)) != b"\x08":
        raise Refused("the SHA-256 of a file", kind.hex(), reader.at)
    digest = reader.take(32)
    found = list(reader.branches(digest, 0))
    if reader.at != len(data):
        raise Refused("nothing after the proof", f"{len(data) - reader.at} bytes", reader.at)
    return digest, found


class _Reading:
    """A proof while it is read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self._steps = 0

    def take(self, count: int) -> bytes:
        found = self.data[self.at : self.at + count]
        if len(found) != count:
            raise Refused(f"{count} bytes more", f"{len(found)}", self.at)
        self.at += count
        return found

    def number(self) -> int:
        """Read a number in groups of seven bits, the lowest first."""
        found = shift = 0
        while True:
            byte = self.take(1)[0]
            found |= (byte & 0x7F) << shift
            shift += 7
            if found >> 64 or (shift > 63 and byte & 0x80):
                raise Refused("a number of at most 64 bits", "a larger one", self.at)
            if not byte & 0x80:
                return found

    def text(self, most: int) -> bytes:
        length = self.number()
        if length > most:
            raise Refused(f"at most {most:,} bytes", f"{length:,}", self.at)
        return self.take(length)

    def branches(self, message: bytes, depth: int) -> Iterator[Attested]:
        """Follow all paths from a message."""
        while (tag := self.take(1)[0]) == 0xFF:
            yield from self._path(self.take(1)[0], message, depth)
        yield from self._path(tag, message, depth)

    def _path(self, tag: int, message: bytes, depth: int) -> Iterator[Attested]:
        self._steps += 1
        if depth >= MAX_STEPS or self._steps > 10_000:
            raise Refused(f"at most {MAX_STEPS} steps", "more", self.at)
        if tag == 0:
            yield self._attestation(message)
        else:
            yield from self.branches(self._operation(tag, message), depth + 1)

    def _operation(self, tag: int, message: bytes) -> bytes:
        if tag in (0xF0, 0xF1):
            more = self.text(MAX_MESSAGE)
            if not more:
                raise Refused("something to add", "nothing", self.at)
            found = message + more if tag == 0xF0 else more + message
        elif tag == 0xF2:
            found = message[::-1]
        elif tag == 0xF3:
            found = message.hex().encode()
        elif tag in _HASHES:
            found = _digest_of(_HASHES[tag], message)
        else:
            raise Refused("an operation that is known", f"{tag:#04x}", self.at)
        if len(found) > MAX_MESSAGE:
            raise Refused(f"messages of at most {MAX_MESSAGE:,} bytes", f"{len(found):,}", self.at)
        return found

    def _attestation(self, message: bytes) -> Attested:
        tag = self.take(8)
        payload = self.text(MAX_PAYLOAD)
        inner = _Reading(payload)
        if tag == BITCOIN_TAG:
            found = Attested("bitcoin", message, inner.number())
        elif tag == PENDING_TAG:
            uri = inner.text(1000)
            if not _URI_BYTES.match(uri):
                raise Refused("an address of letters, digits and -._/:", ascii(uri[:60]), self.at)
            found = Attested("pending", message, uri=uri.decode("ascii"))
        else:
            return Attested("unknown", message)
        if inner.at != len(payload):
            raise Refused("nothing after it", f"{len(payload) - inner.at} bytes", self.at)
        return found


def _digest_of(name: str, message: bytes) -> bytes:
    try:
        return hashlib.new(name, message).digest()
    except ValueError:
        raise Refused(f"a library that knows {name}", "one that does not") from None
