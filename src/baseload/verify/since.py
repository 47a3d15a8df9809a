"""A kit against an earlier one: it must hold all that the earlier one held, unchanged."""

from __future__ import annotations

from baseload.verify.audit import Audit
from baseload.verify.checkpoints import Seal, sealed
from baseload.verify.findings import (
    FAILED,
    INCOMPLETE,
    Finding,
    Findings,
    InspectError,
    Refused,
    instant_text,
)
from baseload.verify.kit import Kit
from baseload.verify.notes import Head, SignedNote, read_head, read_note
from baseload.verify.proving import root_from


def expect_earlier(audit: Audit, path: str) -> None:
    """Ask that the kit of an audit goes on from an earlier one.

    Parameters
    ----------
    audit : the audit, not yet run.
    path : the earlier kit.

    Raises
    ------
    InspectError
        It is no kit, or one of another log.
    """
    earlier = Kit(path)
    try:
        head, note = _head_of(earlier)
        if head.origin != audit.head.origin:
            raise Refused(f"a kit of {audit.head.origin}", head.origin)
    except Refused as refused:
        raise _no_earlier(path, refused.expected, refused.found) from None
    if head.size <= audit.head.size:
        audit.expect(head.size, head.root, path)
    else:
        _larger(audit, earlier, head, note)


def _larger(audit: Audit, earlier: Kit, head: Head, note: SignedNote) -> None:
    """Tell what it means that a kit ends before one that was named as earlier."""
    told = Findings()
    before = _seal_of(audit, head, note, told)
    if before is None:
        first = told.sorted()[0]
        raise _no_earlier(earlier.path, first.expected, first.found)
    own = audit.head
    root = root_from(earlier, own.size)
    if root is not None and root != own.root:
        audit.findings.add(
            _since(
                "since.inconsistent",
                FAILED,
                "This kit is not the beginning of the other one: entries were changed.",
                (f"root {root.hex()} at size {own.size}, as in {earlier.path}", own.root.hex()),
                own.size,
            )
        )
        return
    now = audit.seal()
    both = (before.time, now.time if now is not None else None)
    later = both[0] is not None and both[1] is not None and both[1] >= both[0]
    audit.findings.add(
        _since(
            "since.shrunk",
            FAILED if later else INCOMPLETE,
            "The log had more entries before: it was set back, or entries are withheld."
            if later
            else "The kit named as earlier holds more: this one is the older of the two, or was "
            "made after the log had been set back.",
            (f"{head.size} entries or more, as in {earlier.path}", _dated(own.size, both[1])),
            own.size,
        )
    )


def _head_of(kit: Kit) -> tuple[Head, SignedNote]:
    data = kit.read("checkpoint")
    if data is None:
        raise Refused("a checkpoint", "none")
    note = read_note(data)
    return read_head(note.text), note


def _seal_of(audit: Audit, head: Head, note: SignedNote, told: Findings) -> Seal | None:
    keys = audit.log_keys()
    return sealed(head, note, audit.head.origin, keys, audit.policy, "checkpoint", told.add)


def _dated(size: int, time: int | None) -> str:
    return f"{size}, not witnessed" if time is None else f"{size}, seen {instant_text(time)}"


def _since(code: str, verdict: str, meaning: str, both: tuple[str, str], size: int) -> Finding:
    return Finding(code, verdict, meaning, *both, index=max(size - 1, 0))


def _no_earlier(path: str, expected: str, found: str) -> InspectError:
    return InspectError(f"--since {path}", expected, found, "name a kit of the same log")
