"""Publishing: a signed checkpoint of all entries, and the signatures of its witnesses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from baseload.record import policy as policies
from baseload.record.errors import RecordError
from baseload.record.events import parse
from baseload.record.keys import SoftwareKey
from baseload.record.note import Note, VerifierKey, verify
from baseload.record.policy import Policy
from baseload.record.reader import Reader
from baseload.record.store import Log
from baseload.record.witness.client import gather
from baseload.record.writing import read


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


def publish(folder: Path, key: Path, passphrase: bytes, policy: Path | None = None) -> Published:
    """Sign a checkpoint of all entries, have it witnessed, and publish it.

    It is published before the witnesses are asked: too few of them are told, and do not stop it.

    Parameters
    ----------
    folder : folder of the log.
    key : key file of the log.
    passphrase : of the key file.
    policy : file of the policy; that of the charter if not given.
    """
    text = read(policy).decode() if policy is not None else policy_of(folder)
    told = policies.parse(text, str(policy or "policy"))
    with Log.open(folder, SoftwareKey.read(key, passphrase)) as log:
        found = log.publish()
        reader = Reader(folder, found.size)
        _, note = reader.kept_checkpoint(found.size)
        gathered = gather(told, reader, note, found.size)
        note = log.add_signatures(found.size, gathered.signatures)
    have, alarms = _count(told, note), list(gathered.alarms)
    if not told.met(_signed(told, note)):
        alarms.append(f"witnessed {have}/{len(told.witnesses)}: too few for the policy")
    return Published(found.size, found.root.hex(), have, len(told.witnesses), tuple(alarms), text)


def policy_of(folder: Path) -> str:
    """Return the policy that holds by the entries of a log."""
    text = ""
    reader = Reader(folder)
    for index, data in enumerate(reader.entries()):
        if b'"schema":"rule.change/1"' not in data:
            continue
        event = parse(data, f"entry {index}")
        if event.schema == "rule.change/1" and event.body["kind"] in ("charter", "policy"):
            text = event.body["policy"]
    return text


def _signed(policy: Policy, note: Note) -> list[VerifierKey]:
    keys = [witness.key for witness in policy.witnesses.values()]
    try:
        return list(verify(note, keys)) if keys else []
    except RecordError:
        return []


def _count(policy: Policy, note: Note) -> int:
    return len(_signed(policy, note))
