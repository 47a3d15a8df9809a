"""Publishing: a signed checkpoint of all entries, and the signatures of its witnesses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from baseload.record import policy as policies
from baseload.record.errors import RecordError, StoreError
from baseload.record.history import rules_of
from baseload.record.keys import Signer, SoftwareKey, verifier_key
from baseload.record.note import Note, VerifierKey, verify
from baseload.record.policy import Policy
from baseload.record.reader import Reader
from baseload.record.rules import Rules
from baseload.record.store import Log
from baseload.record.witness.client import TIMEOUT, gather, newest_known
from baseload.record.writing import read_text


@dataclass(frozen=True)
class Published:
    """What was published.

    Parameters
    ----------
    size, root : of the checkpoint; the root in hex.
    have, of : witnesses that have signed it, of all.
    alarms : what went wrong with witnesses.
    policy : text of the policy.
    """

    size: int
    root: str
    have: int
    of: int
    alarms: tuple[str, ...]
    policy: str


def publish(
    folder: Path,
    key: Path,
    passphrase: bytes,
    policy: Path | None = None,
    copy: Path | None = None,
) -> Published:
    """Sign a checkpoint of all entries, have it witnessed, and publish it.

    Parameters
    ----------
    folder : folder of the log.
    key : key file of the log.
    passphrase : of the key file.
    policy : file of the policy; the one in force if not given.
    copy : folder of a copy that was published before; it is held against the log like a witness.

    Raises
    ------
    StoreError
        A witness or the copy knows of more than the folder holds, or the key is not in force.
    """
    signer = SoftwareKey.read(key, passphrase)
    with Log.open(folder, signer, new_key=True) as log:
        rules = rules_of(log.origin, Reader(folder, log.size).entries())
        text = read_text(policy) if policy is not None else rules.policy
        if copy is not None and (copy / "checkpoint").is_file():
            log.compare([Reader(copy).checkpoint()[0]])
        return published(log, rules, signer, text)


def published(log: Log, rules: Rules, signer: Signer, policy: str) -> Published:
    """Sign a checkpoint of all entries of an open log, have it witnessed, and publish it.

    First every witness is asked what it has seen of the log: a folder that holds less is an old
    copy, and to sign would fork the log. The checkpoint is published before the witnesses sign it:
    too few of them are told, and do not stop it.

    Parameters
    ----------
    log : the log.
    rules : rules that hold for its next entry.
    signer : key of the log.
    policy : text of the policy.
    """
    check_key(log, rules, signer)
    told = policies.parse(policy, "policy")
    alarms = ask_what_is_known(log, told, verifier_key(signer, log.origin), TIMEOUT)
    found = log.publish()
    reader = Reader(log.folder, found.size)
    _, note = reader.kept_checkpoint(found.size)
    gathered = gather(told, reader, note, found.size)
    note = log.add_signatures(found.size, gathered.signatures)
    alarms = list(dict.fromkeys([*alarms, *gathered.alarms]))
    have = _signed(told, note)
    if not told.met(have):
        alarms.append(f"witnessed {len(have)}/{len(told.witnesses)}: too few for the policy")
    root = found.root.hex()
    return Published(found.size, root, len(have), len(told.witnesses), tuple(alarms), policy)


def ask_what_is_known(log: Log, policy: Policy, key: VerifierKey, limit: float) -> list[str]:
    """Hold a log against what its witnesses have seen of it; return who could not be asked.

    Parameters
    ----------
    log : the log.
    policy : its witnesses; those with an address are asked.
    key : its key.
    limit : longest wait for all of them [s].
    """
    keys = list(dict.fromkeys([*policy.logs, key]))
    known, alarms = newest_known(policy, log.origin, keys, limit)
    log.compare(known)
    return alarms


def check_key(log: Log, rules: Rules, signer: Signer) -> None:
    """Make sure that a checkpoint is signed with the key that the rules of the log name."""
    own = verifier_key(signer, log.origin)
    if str(own) in rules.revoked:
        raise StoreError(
            f"log {log.folder}",
            expected="a key of the log that is in force",
            found=f"{own}, which was revoked",
            mend="bring in a new one with `baseload record change key`, and publish with that",
        )
    if rules.log_key is not None and rules.log_key.public != own.public:
        raise StoreError(
            f"log {log.folder}",
            expected=f"the key in force, {rules.log_key}",
            found=str(own),
            mend="name the key file of that key with --key",
        )


def _signed(policy: Policy, note: Note) -> list[VerifierKey]:
    keys = [witness.key for witness in policy.witnesses.values()]
    try:
        return list(verify(note, keys)) if keys else []
    except RecordError:
        return []
