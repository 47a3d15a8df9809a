"""The one error a user can cause, with the four things they need to mend it."""

from __future__ import annotations


class InputError(Exception):
    """Bad input: where it is, what was expected, what was found and how to mend it.

    Parameters
    ----------
    where : file, line, key or row, as precise as is known.
    expected : what would have been accepted.
    found : what was there.
    mend : what to do about it, as an instruction or a question.

    Notes
    -----
    The command line prints ``str(error)`` and leaves with exit code 2; a notebook shows
    the same text.
    """

    def __init__(self, where: str, *, expected: str, found: str, mend: str) -> None:
        self.where = where
        self.expected = expected
        self.found = found
        self.mend = mend
        super().__init__(where, expected, found, mend)

    def __reduce__(self) -> tuple[object, ...]:
        """Let the error cross from one process to another."""
        return _remade, self.args

    def __str__(self) -> str:
        """Return the four parts on four lines."""
        return f"{self.where}\n  expected {self.expected}\n  found    {self.found}\n  {self.mend}"


def _remade(where: str, expected: str, found: str, mend: str) -> InputError:
    return InputError(where, expected=expected, found=found, mend=mend)
