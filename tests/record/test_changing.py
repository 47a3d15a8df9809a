import json

import pytest
from tests.record.sample import ORIGIN, START, charter, key, kit_of, sources, vkey

from baseload.record.blobs import keep
from baseload.record.changing import (
    agreement,
    check_origin,
    drafted,
    new_key,
    read_draft,
    read_table,
    replaced_key,
    revoked,
)
from baseload.record.errors import FormatError, RecordError
from baseload.record.events import parse
from baseload.record.rules import AuthorityError, Rules
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.kit import Kit

PARTY = {"id": "bank", "name": "Bank", "roles": ["observe"], "key": vkey("bank", "bank")}


def approved(draft, *parties):
    for party in parties:
        draft = draft.approved(party, key(f"party {party}"))
    return draft


class World:
    """A log's rules, and its entries as they are written."""

    def __init__(self):
        self.desk, self.rules = sources()["desk"], Rules(ORIGIN)
        self.entries = []
        self.take(charter(self.desk))

    def take(self, entry):
        self.rules.admit(len(self.entries), parse(entry))
        self.entries.append(entry)

    def change(self, draft):
        self.take(self.desk.event("rule.change/1", START, START, draft.whole()))


@pytest.fixture
def world():
    return World()


def test_two_administrators_admit_a_party_and_one_does_not(world):
    draft = drafted(ORIGIN, {"kind": "party", "party": PARTY})
    for few in ([], ["plant"], ["plant", "plant"], ["plant", "grid"]):
        with pytest.raises(AuthorityError):
            world.rules.admit(1, parse(world.desk.copy().event(
                "rule.change/1", START, START, approved(draft, *few).whole())))  # fmt: skip
    world.change(approved(draft, "plant", "board"))
    assert world.rules.roles["bank"] == {"observe"}


def test_an_approval_is_of_no_use_for_another_change_or_log(world):
    first = approved(drafted(ORIGIN, {"kind": "party", "party": PARTY}), "plant", "board")
    more = PARTY | {"roles": ["admin"]}
    for other in (
        drafted(ORIGIN, {"kind": "party", "party": more}),
        drafted("log.example.org/other", {"kind": "party", "party": PARTY}),
    ):
        taken = type(first)(ORIGIN, other.body, approved(other, "plant", "board").approvals)
        stolen = type(first)(ORIGIN, other.body, first.approvals)
        wrong = taken if other.origin != ORIGIN else stolen
        with pytest.raises(AuthorityError):
            world.change(wrong)


def test_a_stolen_key_is_revoked_and_replaced_without_it(world, tmp_path):
    world.change(
        approved(revoked(ORIGIN, "source:meter", vkey("meter", "meter")), "plant", "board")
    )
    world.change(approved(replaced_key(ORIGIN, "source:meter", key("new")), "plant", "board"))
    assert str(world.rules.sources["meter"].key) == vkey("new", "meter")
    audit = Audit(Kit(str(kit_of(tmp_path / "log", tmp_path / "kit", world.entries))))
    audit.run()
    assert verdict_of(audit, 0.0)["findings"] == []


def test_a_key_that_is_in_force_is_not_replaced_without_its_signature(world):
    with pytest.raises(AuthorityError):
        world.change(approved(replaced_key(ORIGIN, "source:meter", key("new")), "plant", "board"))
    stranger = new_key(ORIGIN, "source:meter", key("stranger"), key("new"))
    with pytest.raises(AuthorityError):
        world.change(approved(stranger, "plant", "board"))


def test_a_draft_goes_round_as_a_file(tmp_path):
    draft = new_key(ORIGIN, "party:plant", key("party plant"), key("next"))
    path = tmp_path / "draft"
    path.write_text(draft.text(), encoding="utf-8")
    assert read_draft(path) == draft
    again = read_draft(path).approved("board", key("party board"))
    assert again.approved("board", key("party board")).approvals == again.approvals
    path.write_text(again.text(), encoding="utf-8")
    assert read_draft(path) == again
    check_origin(again, ORIGIN, path)
    with pytest.raises(FormatError, match="a draft for"):
        check_origin(again, "another", path)


def test_an_agreement_is_kept_beside_the_log_before_it_is_named(tmp_path):
    (tmp_path / "log").mkdir()
    text = b"Of each megawatt-hour a third.\n"
    body = agreement(tmp_path / "log", ORIGIN, "Shares", text, "text/plain").body
    name = body["blob"]["sha256"]
    assert (tmp_path / "log" / "blobs" / name).read_bytes() == text
    assert body["blob"]["size"] == str(len(text))
    assert keep(tmp_path / "log", text, "text/plain") == body["blob"]
    with pytest.raises(RecordError):
        keep(tmp_path / "none" / "log", text, "text/plain")


def test_tables_are_read_as_events_have_them(tmp_path):
    path = tmp_path / "site.toml"
    path.write_text("a = 5\nb = ['x', 7]\nc = true\n[d]\ne = -1\n")
    assert read_table(path) == {"a": "5", "b": ["x", "7"], "c": True, "d": {"e": "-1"}}
    path.with_suffix(".json").write_text(json.dumps({"a": 5}))
    assert read_table(path.with_suffix(".json")) == {"a": "5"}


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "party", "party": PARTY | {"roles": ["king"]}},
        {"kind": "party", "party": PARTY | {"more": "1"}},
        {"kind": "site", "site": {"interval_ms": 5.5}},
        {"kind": "else"},
    ],
)
def test_what_is_no_change_is_refused(body):
    with pytest.raises(RecordError) as caught:
        drafted(ORIGIN, body)
    assert caught.value.mend


@pytest.mark.parametrize("holder", ["meter", "log:x", "party:", "king:a"])
def test_what_is_no_holder_is_refused(holder):
    with pytest.raises(RecordError, match="party:ID"):
        new_key(ORIGIN, holder, key("a"), key("b"))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"form": "baseload/change/1"}', "\x00", "[[[["])
def test_what_is_no_draft_is_refused(tmp_path, text):
    (tmp_path / "draft").write_text(text)
    with pytest.raises(RecordError):
        read_draft(tmp_path / "draft")
