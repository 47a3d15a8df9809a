"""Keys of the log that follow one another: which checkpoint by which key holds."""

import base64
import html
import shutil

import pytest
from tests.record.sample import (
    ORIGIN,
    START,
    STEP,
    WITNESSES,
    approved,
    charter,
    key,
    policy,
    private,
    reading,
    sources,
    vkey,
)

from baseload.record import kit
from baseload.record.keys import verifier_key
from baseload.record.note import cosign
from baseload.record.rules import key_change, signed_message
from baseload.record.store import Log
from baseload.verify.audit import Audit, Trust, verdict_of
from baseload.verify.hashing import hash_leaf
from baseload.verify.kit import Kit
from baseload.verify.main import main
from baseload.verify.notes import read_key, read_policy

FIRST, SECOND = vkey("log", ORIGIN), vkey("second", ORIGIN)
HANDED = key_change(
    "log:", verifier_key(key("log"), ORIGIN), verifier_key(key("second"), ORIGIN),
    (key("log"), key("second")), ORIGIN,
)  # fmt: skip
REVOKED = {"kind": "revocation", "holder": "log:", "key": FIRST, "reason": "stolen"}


def taken_over():
    """The second key comes without the first: only itself and the parties sign for it."""
    told = {"holder": "log:", "old": "", "new": SECOND}
    signature = base64.b64encode(key("second").sign(signed_message("key", ORIGIN, told))).decode()
    return {"kind": "key", **told, "old_sig": "", "new_sig": signature}


def made(place, changes, signer, before=True):
    """A record in whose middle the rules are changed, and after which another key may sign."""
    of = sources()
    early = [charter(of["desk"]), *(reading(of["meter"], n) for n in range(10))]
    time = START + 10 * STEP
    late = [of["desk"].event("rule.change/1", time, time, approved(one)) for one in changes]
    late += [reading(of["meter"], n) for n in range(10, 30)]
    with Log.create(place / "log", ORIGIN, key("log")) as log:
        log.append(early)
        if before:
            sealed(log)
        log.append(late)
    with Log.open(place / "log", key(signer), new_key=True) as log:
        sealed(log)
    return kit.write(place / "log", place / "kit", "", policy())


def sealed(log):
    found = log.publish()
    time = (START + log.size * STEP) // 1000
    lines = [cosign(str(found), name, private(name), time) for name in WITNESSES]
    log.add_signatures(found.size, lines)


def counts(made, told=None, structure_only=False, charter_told=None):
    trust = Trust(None if told is None else read_key(told), read_policy(policy()), charter_told)
    audit = Audit(Kit(str(made)), trust, structure_only)
    audit.run()
    verdict = verdict_of(audit, 0.0)
    return verdict["verdict"], verdict["counts"]


@pytest.mark.parametrize("told", [FIRST, SECOND, None])
@pytest.mark.parametrize("changes", [[HANDED], [HANDED, REVOKED], [REVOKED, taken_over()]])
def test_each_checkpoint_is_held_against_the_key_in_force(tmp_path, told, changes):
    assert counts(made(tmp_path, changes, "second"), told) == ("OK", {})


@pytest.mark.parametrize(
    ("told", "changes"),
    [
        (FIRST, [HANDED]),
        (SECOND, [HANDED]),
        (FIRST, [REVOKED]),
        (FIRST, [REVOKED, taken_over()]),
        (SECOND, [REVOKED, taken_over()]),
    ],
)
def test_a_key_that_was_given_up_signs_nothing_any_more(tmp_path, told, changes):
    """Not under the entry with the change either: whoever stole it could go on with it."""
    found = counts(made(tmp_path, changes, "log"), told)
    assert found == ("FAILED", {"checkpoint.signature": 2})


def test_nobody_takes_over_by_the_word_of_parties_whom_the_key_before_never_signed_for(tmp_path):
    """A forger names the true key in a charter with parties of his own, who then replace it."""
    forged = made(tmp_path, [REVOKED, taken_over()], "second", before=False)
    assert counts(forged, FIRST) == ("FAILED", {"checkpoint.key": 1})


def test_who_was_told_the_charter_knows_the_parties(tmp_path):
    made_so = made(tmp_path, [REVOKED, taken_over()], "second", before=False)
    leaf = hash_leaf(charter(sources()["desk"]))
    assert counts(made_so, FIRST, charter_told=leaf) == ("OK", {})
    assert counts(made_so, FIRST, True, leaf) == ("INCOMPLETE", {"checkpoint.signature": 2})
    for structure_only in (False, True):
        found = counts(made_so, FIRST, structure_only, hash_leaf(b"another"))
        assert found[0] == "FAILED"
        assert found[1]["authority.charter"] == 1
    other = vkey("another", ORIGIN)
    assert counts(made_so, other, charter_told=leaf) == ("FAILED", {"checkpoint.key": 1})
    for level in ("entries", "0"):
        shutil.rmtree(tmp_path / "kit/tile" / level)
    assert counts(made_so, FIRST, charter_told=leaf)[1]["authority.charter"] == 1
    assert counts(made_so, FIRST, charter_told=leaf)[0] == "INCOMPLETE"


def test_a_key_that_was_told_must_be_one_of_the_record(tmp_path):
    other = vkey("another", ORIGIN)
    assert counts(made(tmp_path, [HANDED], "second"), other) == ("FAILED", {"checkpoint.key": 1})


@pytest.mark.parametrize("told", [FIRST, SECOND])
def test_the_page_checks_its_proof_with_the_key_that_signed(tmp_path, told):
    kit_of_two = made(tmp_path, [HANDED], "second")
    arguments = [str(kit_of_two), "--log-key", told, "--html", str(tmp_path / "page.html")]
    assert main(arguments) == 0
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert SECOND in html.unescape(text)
    assert FIRST not in html.unescape(text)


def test_without_reading_entries_a_later_key_is_not_known(tmp_path):
    record = made(tmp_path, [HANDED], "second")
    assert counts(record, FIRST, True) == ("INCOMPLETE", {"checkpoint.signature": 2})
    assert counts(record, SECOND, True) == ("INCOMPLETE", {"checkpoint.signature": 1})
