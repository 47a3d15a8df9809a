"""The one error that bad input to the record can cause, with what is needed to mend it."""

from __future__ import annotations


class RecordError(Exception):
    """Bad input: where it is, what was expected, what was found and how to mend it.

    Parameters
    ----------
    where : file, line, entry or key, as precise as is known.
    expected : what would have been accepted.
    found : what was there.
    mend : what to do about it.

    Notes
    -----
    The command line prints ``str(error)`` and leaves with exit code 2.
    """

    def __init__(self, where: str, *, expected: str, found: str, mend: str) -> None:
        self.where = where
        self.expected = expected
        self.found = found
        self.mend = mend
        super().__init__(where, expected, found, mend)

    def __reduce__(self) -> tuple[object, ...]:
        """Let the error cross from one process to another, kind and all."""
        return _remade, (type(self), *self.args)

    def __str__(self) -> str:
        """Return the four parts on four lines."""
        return f"{self.where}\n  expected {self.expected}\n  found    {self.found}\n  {self.mend}"


class FormatError(RecordError):
    """Bytes that are not what their format says."""


class SignatureError(RecordError):
    """A signature of a known key that does not hold, or none of a key that must have signed."""


class ProofError(RecordError):
    """A Merkle proof that does not hold."""


class StoreError(RecordError):
    """A log folder that cannot be written, is in use, or is not what it was."""


def _remade(
    kind: type[RecordError], where: str, expected: str, found: str, mend: str
) -> RecordError:
    return kind(where, expected=expected, found=found, mend=mend)
