"""Cosignatures with ML-DSA-44, where the library knows it.

References
----------
.. [1] C2SP, tlog-cosignature v1.1.0, ``subtree/v1``; FIPS 204.
"""

from __future__ import annotations

import struct
from types import ModuleType

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from baseload.record.checkpoint import parse_text
from baseload.record.errors import SignatureError
from baseload.record.note import VerifierKey, cosigned_at

SIGNATURE_SIZE = 8 + 2420


def mldsa_holds(key: VerifierKey, text: str, signature: bytes) -> bool:
    """Tell whether an ML-DSA-44 cosignature of a checkpoint holds.

    Raises
    ------
    SignatureError
        The library does not know ML-DSA-44: nothing can be said.
    """
    if len(signature) != SIGNATURE_SIZE:
        return False
    try:
        public = _mldsa().MLDSA44PublicKey.from_public_bytes(key.public)
        public.verify(signature[8:], message(text, key.name, cosigned_at(signature)))
    except UnsupportedAlgorithm:
        raise _unknown(key.name) from None
    except (InvalidSignature, ValueError):
        return False
    return True


def message(text: str, name: str, time: int) -> bytes:
    """Return what such a cosignature signs.

    Parameters
    ----------
    text : text of the checkpoint.
    name : name of the witness.
    time : when it saw the checkpoint [s since 1970].
    """
    found = parse_text(text)
    origin = found.origin.encode()
    return b"".join(
        (
            b"subtree/v1\n\x00",
            struct.pack(">B", len(name.encode())) + name.encode(),
            struct.pack(">Q", time),
            struct.pack(">B", len(origin)) + origin,
            struct.pack(">QQ", 0, found.size),
            found.root,
        )
    )


def _mldsa() -> ModuleType:
    try:
        from cryptography.hazmat.primitives.asymmetric import mldsa
    except ImportError:
        raise _unknown("a witness") from None
    return mldsa


def _unknown(name: str) -> SignatureError:
    return SignatureError(
        f"cosignature of {name}",
        expected="a library that knows ML-DSA-44",
        found="one that does not",
        mend="install cryptography 47 or later, or leave this witness out of the policy",
    )
