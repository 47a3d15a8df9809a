"""Asking witnesses to sign a checkpoint."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

from baseload.record.checkpoint import Checkpoint, parse_size
from baseload.record.checkpoint import parse as parse_checkpoint
from baseload.record.errors import FormatError, RecordError
from baseload.record.note import Note, NoteSignature, VerifierKey, parse_note, verify
from baseload.record.policy import Policy, Witness
from baseload.record.reader import Reader
from baseload.record.together import each

T = TypeVar("T")
TIMEOUT = 10.0
"""Time for one answer, whole [s]."""
MAX_ANSWER = 100_000


class WitnessError(RecordError):
    """A witness that cannot be reached, or does not sign."""


@dataclass(frozen=True)
class Reply:
    """What a witness answered: a status of HTTP, and bytes."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Gathered:
    """What witnesses answered.

    Parameters
    ----------
    signatures : those that hold.
    alarms : one sentence for each witness that did not sign.
    met : whether the policy has enough.
    """

    signatures: tuple[NoteSignature, ...]
    alarms: tuple[str, ...]
    met: bool


def add_checkpoint(url: str, old: int, proof: Sequence[bytes], note: bytes) -> Reply:
    """Send a checkpoint to a witness.

    Parameters
    ----------
    url : address of the witness.
    old : size that it signed last.
    proof : consistency proof from there.
    note : the signed checkpoint.

    Raises
    ------
    WitnessError
        It cannot be reached.
    """
    lines = [f"old {old}", *(base64.b64encode(one).decode() for one in proof), "", ""]
    return _ask(url, "POST", "/add-checkpoint", "\n".join(lines).encode() + note)


def fetch(url: str, path: str) -> bytes | None:
    """Return what a witness has under a path, or nothing.

    Raises
    ------
    WitnessError
        It cannot be reached, or answers with an error.
    """
    found = _ask(url, "GET", path, None)
    if found.status == 404:
        return None
    if found.status != 200:
        raise _failed(url, "an answer", f"status {found.status}")
    return found.body


def cosign_at(witness: Witness, log: Reader, note: Note, size: int) -> NoteSignature:
    """Have one witness sign a checkpoint; it tells from which size it needs a proof.

    Raises
    ------
    WitnessError
        It cannot be reached or does not sign.
    """
    url = witness.url or ""
    reply = add_checkpoint(url, 0, (), note.encode())
    if reply.status == 409:
        told = reply.body.strip().decode("utf-8", "replace")
        try:
            old = parse_size(told, f"answer of {url}")
        except FormatError:
            old = size + 1
        if old > size:
            raise _failed(url, f"a witness that knows at most {size} entries", ascii(told)[:40])
        proof = log.consistency(old, size) if old else []
        reply = add_checkpoint(url, old, proof, note.encode())
    if reply.status != 200:
        text = reply.body.decode("utf-8", "replace").strip().split("\n")[0]
        raise _failed(url, "a signature", f"status {reply.status}: {text[:120]}")
    return _signature(witness, note, reply.body)


def gather(policy: Policy, log: Reader, note: Note, size: int) -> Gathered:
    """Ask every witness of a policy that has an address; none of them can hold up the others long.

    Parameters
    ----------
    policy : the policy.
    log : the log, to make proofs from.
    note : the signed checkpoint.
    size : its size.
    """
    found = _each(
        policy, lambda witness: cosign_at(witness, log, note, size), "has not signed", 2 * TIMEOUT
    )
    keys = [witness.key for witness in policy.witnesses.values()]
    whole = Note(note.text, note.signatures + tuple(found.given))
    try:
        signed = verify(whole, keys)
    except RecordError:
        signed = []
    return Gathered(tuple(found.given), tuple(found.alarms), policy.met(signed))


def newest_known(
    policy: Policy, origin: str, keys: Sequence[VerifierKey], limit: float = TIMEOUT
) -> tuple[list[Checkpoint], list[str]]:
    """Ask every witness of a policy that has an address what it has seen of a log.

    Parameters
    ----------
    policy : the policy.
    origin : name of the log.
    keys : keys of the log: what none of them signed is no word of the log's, and does not count.
    limit : longest wait for all of them [s].

    Returns
    -------
    Checkpoints, and one sentence for each witness that could not be asked.
    """
    place = f"/{sha256(origin.encode()).hexdigest()}/checkpoint"

    def known(witness: Witness) -> Checkpoint | None:
        url = witness.url or ""
        data = fetch(url, place)
        if data is None:
            return None
        checkpoint, note = parse_checkpoint(data, f"answer of {url}")
        if checkpoint.origin != origin or not any(key in _signers(note, [key]) for key in keys):
            raise _failed(url, f"a checkpoint that {origin} signed", "another")
        return checkpoint

    found = _each(policy, known, "could not tell what it has seen", limit)
    return found.given, found.alarms


class _Answers(NamedTuple, Generic[T]):
    given: list[T]
    alarms: list[str]


def _each(
    policy: Policy, ask: Callable[[Witness], T | None], lack: str, limit: float
) -> _Answers[T]:
    """Ask all witnesses at once, so that none holds up the others; answers in their order."""
    asks = {
        name: partial(ask, one) for name, one in policy.witnesses.items() if one.url is not None
    }
    answers = _Answers[T]([], [])
    for name, found in each(asks, limit, _late).items():
        if isinstance(found, RecordError):
            answers.alarms.append(f"witness {name} {lack}: {found.found}")
        elif found is not None:
            answers.given.append(found)
    return answers


def _late(name: str, limit: float) -> WitnessError:
    return _failed(name, f"an answer within {limit:g} s", f"none within {limit:g} s")


def _signers(note: Note, keys: Sequence[VerifierKey]) -> list[VerifierKey]:
    try:
        return list(verify(note, keys))
    except RecordError:
        return []


def _signature(witness: Witness, note: Note, body: bytes) -> NoteSignature:
    url = witness.url or ""
    try:
        found = parse_note(note.text.encode() + b"\n" + body, f"answer of {url}")
        verify(found, [witness.key], f"answer of {url}")
    except RecordError as error:
        raise _failed(url, f"a signature of {witness.key.name}", error.found) from None
    return next(line for line in found.signatures if witness.key.names(line))


def _ask(url: str, method: str, path: str, body: bytes | None) -> Reply:
    parts = urlsplit(url)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if parts.scheme not in kinds or not parts.hostname:
        raise FormatError(
            f"witness {url!r}",
            expected="an address such as http://127.0.0.1:8080",
            found=repr(url),
            mend="mend the address in the policy",
        )
    try:
        connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=TIMEOUT)
        try:
            connection.request(method, parts.path.rstrip("/") + path, body)
            answer = connection.getresponse()
            return Reply(answer.status, answer.read(MAX_ANSWER + 1)[:MAX_ANSWER])
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _failed(url, "a witness that answers", str(error) or type(error).__name__) from None


def _failed(url: str, expected: str, found: str) -> WitnessError:
    return WitnessError(
        f"witness {url}",
        expected=expected,
        found=found,
        mend="publication goes on without it; ask whoever runs it",
    )
