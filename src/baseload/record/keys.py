"""Keys that sign: in a file with a passphrase, or behind whatever keeps them better.

A :class:`Signer` is all that the record asks of a key. A hardware module (PKCS#11) is used by an
object with the same two members, whose ``sign`` calls ``C_Sign`` with mechanism ``CKM_EDDSA`` on a
key of curve Ed25519 and returns the 64 bytes; the key never leaves the module.

References
----------
.. [1] RFC 8032, Edwards-Curve Digital Signature Algorithm; RFC 5958 for the file.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from baseload.record.disk import REAL
from baseload.record.errors import StoreError
from baseload.record.note import COSIGNATURE, ED25519, VerifierKey, check_name

PRIVATE_MODE = 0o600


class Signer(Protocol):
    """What signs: a key that may not be in this process at all."""

    @property
    def public(self) -> bytes:
        """Public key, 32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of a message, 64 bytes."""


class SoftwareKey:
    """An Ed25519 key in the memory of this process.

    Parameters
    ----------
    private : the key as the library holds it.
    """

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self._public = private.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> SoftwareKey:
        """Make a new key from the randomness of the operating system."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> SoftwareKey:
        """Return the key of 32 bytes of seed."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def read(cls, path: Path, passphrase: bytes) -> SoftwareKey:
        """Read a key file.

        Raises
        ------
        StoreError
            It is not there, others may read it, the passphrase is wrong, or it is no such key.
        """
        data = _private_bytes(path)
        try:
            key = serialization.load_pem_private_key(data, passphrase)
        except (ValueError, TypeError) as error:
            raise _bad(path, "a key file and its passphrase", str(error).split(".")[0]) from None
        if not isinstance(key, Ed25519PrivateKey):
            raise _bad(path, "an Ed25519 key", type(key).__name__)
        return cls(key)

    def write(self, path: Path, passphrase: bytes) -> None:
        """Write the key to a new file that only its owner may read.

        Raises
        ------
        StoreError
            The file is there already, cannot be written, or the passphrase is empty.
        """
        if not passphrase:
            raise _bad(path, "a passphrase", "none")
        if not path.name:
            raise _bad(path, "the name of a file", "none")
        data = self._private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase),
        )
        part = path.with_name(path.name + ".part")
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE), "wb") as f:
                f.write(data)
                f.flush()
                os.fsync(f.fileno())
            os.link(part, path)  # unlike a rename, it does not take the place of another key
            REAL.sync_folder(path.parent)
        except FileExistsError:
            raise _bad(path, "a name that is free", "a file") from None
        except OSError as error:
            raise _bad(path, "a folder that can be written to", str(error.strerror)) from None
        finally:
            part.unlink(missing_ok=True)

    @property
    def public(self) -> bytes:
        """Public key, 32 bytes."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message, 64 bytes."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        """Return the public part only."""
        return f"SoftwareKey(public={self._public.hex()})"


def verifier_key(signer: Signer, name: str, *, witness: bool = False) -> VerifierKey:
    """Return the verifier key of a signer under a name.

    Parameters
    ----------
    signer : who signs.
    name : name of the key.
    witness : whether it signs checkpoints as a witness, with the time.
    """
    check_name(name)
    return VerifierKey(name, COSIGNATURE if witness else ED25519, signer.public)


def _private_bytes(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if os.name == "posix" and mode & 0o077:
                raise _bad(path, "a file that only its owner may read", f"mode {mode:o}")
            return file.read()
    except OSError as error:
        raise _bad(path, "a key file", str(error.strerror)) from None


def _bad(path: Path, expected: str, found: str) -> StoreError:
    return StoreError(
        f"key {path}",
        expected=expected,
        found=found,
        mend="name another file or passphrase; chmod 600 keeps a key to its owner",
    )
