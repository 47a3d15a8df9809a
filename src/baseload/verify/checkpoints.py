"""The checkpoints of a kit: who signed them, when, and whether they are of this tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from baseload.verify.findings import FAILED, INCOMPLETE, Finding, InspectError, Refused, Unchecked
from baseload.verify.kit import Kit
from baseload.verify.logkeys import LogKeys
from baseload.verify.notes import (
    Head,
    Key,
    Policy,
    SignedNote,
    read_head,
    read_note,
    signers_of,
    str_key,
)

Tell = Callable[[Finding], None]


@dataclass(frozen=True)
class Seal:
    """A checkpoint that the log signed.

    Parameters
    ----------
    head : origin, size and root.
    log_keys : keys of the log that signed it.
    witnesses : those of the policy that signed it.
    time : instant at which two of them, or the only one, had seen it [ms].
    """

    head: Head
    log_keys: tuple[Key, ...]
    witnesses: tuple[Key, ...]
    time: int | None


def newest_head(kit: Kit) -> tuple[Head, SignedNote]:
    """Return the checkpoint that a kit is about.

    Raises
    ------
    InspectError
        There is none that can be read.
    """
    try:
        data = kit.read("checkpoint")
        if data is None:
            raise Refused("a checkpoint", "no such file")
        note = read_note(data)
        return read_head(note.text), note
    except Refused as refused:
        raise InspectError(
            f"kit {kit.path}, checkpoint",
            refused.expected,
            refused.found,
            "ask for the kit again; keep this one",
        ) from None


def kept_sizes(kit: Kit) -> list[int]:
    """Return the sizes of all checkpoints of the journal, ascending."""
    plain = (name for name in kit.names("checkpoints") if name.isascii() and name.isdigit())
    return sorted(int(name) for name in plain if name == "0" or name[0] != "0")


def kept_note(kit: Kit, size: int, tell: Tell) -> tuple[Head, SignedNote] | None:
    """Return a checkpoint of the journal, or tell why it is of no use."""
    name = f"checkpoints/{size}"
    try:
        data = kit.read(name)
        if data is None:
            raise Refused("a file", "none")
    except Refused as refused:
        tell(_told("unreadable", INCOMPLETE, name, refused.expected, refused.found, size))
        return None
    try:
        note = read_note(data)
        head = read_head(note.text)
        if head.size != size:
            raise Refused(f"a checkpoint of size {size}", f"one of size {head.size}")
    except Refused as refused:
        tell(_told("checkpoint.signature", FAILED, name, refused.expected, refused.found, size))
        return None
    return head, note


def sealed(
    head: Head,
    note: SignedNote,
    origin: str,
    keys: LogKeys,
    policy: Policy,
    file: str,
    tell: Tell,
) -> Seal | None:
    """Check the signatures of a checkpoint; tell what is wrong with them.

    Parameters
    ----------
    head, note : the checkpoint.
    origin : name of the log.
    keys : keys of the log.
    policy : the witnesses.
    file : where it stands in the kit.
    tell : is given each finding.
    """
    try:
        if head.origin != origin:
            raise Refused(f"the origin {origin}", head.origin)
        signed_by = signers_of(note, keys.known)
        if not any(key in signed_by for key in keys.in_force):
            told = " or ".join(map(str_key, keys.in_force)) or "a key of the log"
            unsure = not keys.certain and any(line.name == origin for line in note.lines)
            error = Unchecked if unsure else Refused
            raise error(f"a signature by {told}", _names(note))
    except Refused as refused:
        verdict = INCOMPLETE if isinstance(refused, Unchecked) else FAILED
        code = "checkpoint.signature"
        tell(_told(code, verdict, file, refused.expected, refused.found, head.size))
        return None
    times: dict[Key, int] = {}
    for key in dict.fromkeys(policy.witnesses.values()):
        try:
            signed = signers_of(note, [key])
        except Unchecked as refused:
            expected, found = refused.expected, refused.found
            tell(_told("witness.unknown", INCOMPLETE, file, expected, found, head.size))
            continue
        except Refused as refused:
            tell(
                _told("witness.signature", FAILED, file, refused.expected, refused.found, head.size)
            )
            continue
        if key in signed:
            times[key] = signed[key] or 0
    _strangers(note, (*keys.known, *policy.witnesses.values()), file, head.size, tell)
    known = sorted((time for time in times.values() if 0 < time < 2**43), reverse=True)
    time = known[min(1, len(known) - 1)] * 1000 if known else None
    return Seal(head, tuple(signed_by), tuple(times), time)


def _strangers(note: SignedNote, known: Sequence[Key], file: str, size: int, tell: Tell) -> None:
    """Tell of signatures by keys that nobody has named: they could not be checked."""
    names = {(key.name, key.id) for key in known}
    for line in note.lines:
        if (line.name, line.id) not in names:
            expected = "keys that the policy names, in a group or in none"
            tell(_told("witness.unknown", INCOMPLETE, file, expected, line.name, size))


def quorum_of(seal: Seal, policy: Policy, tell: Tell) -> dict[str, int]:
    """Tell whether enough witnesses signed the newest checkpoint; return how many did."""
    if not policy.met_by(seal.witnesses):
        tell(
            Finding(
                "witness.quorum",
                INCOMPLETE,
                "Too few witnesses have signed: others may have been shown another record.",
                f"{policy.need()} of {len(policy.witnesses)} witnesses",
                ", ".join(sorted(key.name for key in seal.witnesses)) or "none",
                file="checkpoint",
            )
        )
    return {
        "have": len(seal.witnesses),
        "need": policy.need(),
        "of": len(set(policy.witnesses.values())),
    }


def forked(seal: Seal, own: bytes, file: str) -> Finding:
    """Return what it means that a signed root is not that of these entries."""
    return Finding(
        "checkpoint.fork",
        FAILED,
        "The log has signed for another record than the one in this kit.",
        f"root {seal.head.root.hex()} at size {seal.head.size}",
        f"root {own.hex()}",
        index=max(seal.head.size - 1, 0),
        file=file,
    )


_CHECKPOINT_MEANINGS = {
    "unreadable": "A checkpoint could not be read.",
    "checkpoint.signature": "A checkpoint is not signed by the log.",
    "witness.unknown": "A checkpoint carries a signature that could not be checked.",
    "witness.signature": "The signature of a witness under a checkpoint does not hold.",
}


def _told(code: str, verdict: str, file: str, expected: str, found: str, size: int) -> Finding:
    return Finding(
        code,
        verdict,
        _CHECKPOINT_MEANINGS[code],
        expected,
        found,
        index=max(size - 1, 0),
        file=file,
    )


def _names(note: SignedNote) -> str:
    """Return who has signed: names with the hash of each key."""
    return ", ".join(dict.fromkeys(f"{one.name}+{one.id.hex()}" for one in note.lines)) or "none"
