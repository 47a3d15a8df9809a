"""The keys of a log: which is in force at an entry, and whether they are those that were told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from baseload.verify.authority import RuleBook
from baseload.verify.findings import FAILED, Finding
from baseload.verify.notes import Key, str_key


@dataclass(frozen=True)
class LogKeys:
    """The keys of a log at one of its entries.

    Parameters
    ----------
    in_force : keys of which one must have signed.
    known : all keys that the log is known to have or have had.
    certain : whether no other key can be in force, all entries before having been read.
    """

    in_force: tuple[Key, ...]
    known: tuple[Key, ...]
    certain: bool


def keys_at(rules: RuleBook, told: Sequence[Key], certain: bool) -> LogKeys:
    """Return the keys of a log by the entries read so far.

    Parameters
    ----------
    rules : the rules that these entries make.
    told : keys that the inspector was told; they hold as well where not all entries were read.
    certain : whether all were.
    """
    own = rules.log_keys
    known = tuple(dict.fromkeys([*told, *own]))
    if not (certain and own):
        return LogKeys(known, known, certain=False)
    valid = str_key(own[-1]) not in rules.revoked
    return LogKeys((own[-1],) if valid else (), known, certain=True)


def strange_keys(
    rules: RuleBook, told: Sequence[Key], sealed_by: Collection[Key]
) -> Iterator[Finding]:
    """Tell of keys of a record that do not go back to one that was told, nor lead to it.

    A key that took over without the signature of the one before did so by the approval of parties;
    and who they are is known only if the key before has signed for this record.

    Parameters
    ----------
    rules : the rules of the record.
    told : keys that the inspector was told.
    sealed_by : keys that have signed a checkpoint of this record.
    """
    own = rules.log_keys
    first = next((place for place, key in enumerate(own) if key in told), None)
    if first is None:
        if own:
            expected = " or ".join(map(str_key, told)) or "a key of the log"
            meaning = "The record is not that of the log whose key was told."
            yield _of_key(meaning, expected, ", ".join(map(str_key, own)))
        return
    for place in range(first, len(own) - 1):
        if not rules.handed_over[place] and own[place] not in sealed_by:
            yield _of_key(
                "A key of the log was replaced without its own signature, and nothing that it "
                "signed shows that those who approved this may do so.",
                f"a checkpoint of this record by {str_key(own[place])}",
                f"the next key, {str_key(own[place + 1])}",
            )


def _of_key(meaning: str, expected: str, found: str) -> Finding:
    return Finding("checkpoint.key", FAILED, meaning, expected, found, index=0, file="checkpoint")
