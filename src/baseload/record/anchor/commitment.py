"""What of a checkpoint goes into a block: its hash, and the bytes for a coinbase.

References
----------
.. [1] ``docs/record-format.md``, sections 5 and 7.
.. [2] BIP 34: the coinbase begins with the height of its block.
.. [3] Bitcoin Core, ``consensus/tx_check.cpp``: a coinbase script has 2 to 100 bytes.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from baseload.record.errors import FormatError
from baseload.record.note import Note
from baseload.record.reader import Reader

MARK = b"bld1"
"""What the hash of a checkpoint stands after in a coinbase."""
MAX_SCRIPT = 100
"""Bytes of a coinbase script."""
OP_RETURN = 0x6A
_OP_1 = 0x51


def checkpoint_digest(log: Path, size: int | None = None) -> tuple[int, bytes]:
    """Return size and hash of a checkpoint as the log signed it, without cosignatures.

    Parameters
    ----------
    log : folder of the log.
    size : of a kept checkpoint; the newest published one if not given.

    Raises
    ------
    FormatError
        The first signature under it is not the log's own.
    RecordError
        There is no such checkpoint.
    """
    reader = Reader(log)
    published = reader.size if size is None else size
    checkpoint, note = reader.kept_checkpoint(published)
    if note.signatures[0].name != checkpoint.origin:
        raise FormatError(
            str(reader.folder / "checkpoints" / str(published)),
            expected=f"the signature of {checkpoint.origin} as the first",
            found=note.signatures[0].name,
            mend="publish again",
        )
    return published, sha256(Note(note.text, note.signatures[:1]).encode()).digest()


def commitment(digest: bytes) -> bytes:
    """Return the 36 bytes by which a coinbase names a checkpoint.

    Parameters
    ----------
    digest : hash of the checkpoint, 32 bytes.
    """
    return MARK + digest


def op_return(digest: bytes) -> bytes:
    """Return the script of an output that nobody can spend, with the commitment in it."""
    data = commitment(digest)
    return bytes([OP_RETURN, len(data)]) + data


def coinbase_script(height: int, digest: bytes, rest: bytes = b"") -> bytes:
    """Return a coinbase script: height, commitment, and what the miner adds.

    Parameters
    ----------
    height : height of the block.
    digest : hash of the checkpoint, 32 bytes.
    rest : tag and extranonce, as bytes of script.

    Raises
    ------
    FormatError
        It is longer than 100 bytes, or the height is none.
    """
    if height < 0:
        raise _bad("a height of 0 or more", str(height))
    script = _height(height) + _push(commitment(digest)) + rest
    if len(script) > MAX_SCRIPT:
        raise _bad(
            f"at most {MAX_SCRIPT} bytes, of which {len(script) - len(rest)} are height and "
            f"commitment, so {MAX_SCRIPT - len(script) + len(rest)} for the rest",
            f"{len(rest)} for the rest",
        )
    return script


def _height(height: int) -> bytes:
    """Return the push of a number, which for 0 to 16 is an operation of its own."""
    if height == 0:
        return b"\x00"
    if height <= 16:
        return bytes([_OP_1 + height - 1])
    # A bit more than the number needs: the highest one is its sign.
    return _push(height.to_bytes(height.bit_length() // 8 + 1, "little"))


def _push(data: bytes) -> bytes:
    return bytes([len(data)]) + data


def _bad(expected: str, found: str) -> FormatError:
    return FormatError(
        "coinbase script", expected=expected, found=found, mend="shorten tag or extranonce"
    )
