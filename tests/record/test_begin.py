import os

import pytest
from tests.record.sample import vkey

from baseload.record.begin import begin
from baseload.record.errors import RecordError
from baseload.record.events import parse
from baseload.record.policy import parse as parse_policy
from baseload.record.reader import Reader
from baseload.record.rules import Rules

CHARTER = f"""
origin = "log.example.org/mine"
lateness_minutes = 30

[[party]]
id = "plant"
name = "Plant"
roles = ["operate", "admin"]

[[party]]
id = "grid"
name = "Grid"
roles = ["operate"]
key = "{vkey("party grid", "grid")}"

[[source]]
id = "desk"
owner = "plant"
schemas = ["rule.change/1", "source.head/1"]

[[witness]]
name = "outside"
key = "{vkey("w", "w", True)}"
"""


def made(tmp_path, text=CHARTER):
    (tmp_path / "charter.toml").write_text(text, encoding="utf-8")
    return begin(tmp_path / "log", tmp_path / "charter.toml", tmp_path / "keys", b"secret")


def test_a_log_begins_with_its_charter_and_keys_that_only_the_owner_reads(tmp_path):
    begun = made(tmp_path)
    assert begun.made == ("log", "party-plant", "source-desk")
    assert all(os.stat(tmp_path / "keys" / n).st_mode & 0o077 == 0 for n in begun.made)
    reader = Reader(tmp_path / "log")
    event = parse(reader.entry(0))
    rules = Rules("log.example.org/mine")
    rules.admit(0, event)
    assert (reader.size, rules.lateness, str(rules.log_key)) == (1, 1_800_000, begun.log_key)
    policy = parse_policy((tmp_path / "keys" / "policy").read_text(encoding="utf-8"))
    assert (policy.quorum, len(policy.witnesses)) == ("witnesses", 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('origin = "log.example.org/mine"', ""),
        ("log.example.org/mine", "log example"),
        ("lateness_minutes", "latenes_minutes"),
        ('id = "desk"', 'identity = "desk"'),
        ('owner = "plant"', 'owner = "nobody"'),
        ('"rule.change/1", ', ""),
        ('["operate", "admin"]', '["operate"]'),
        ('["operate"]', '["operate", "admin"]'),
        ('["operate"]', '["everything"]'),
        ("[[witness]]", "witness_quorum = 5\n[[witness]]"),
        ("[[party]]", "[[party"),
        ("lateness_minutes = 30", "lateness_minutes = 0.5"),
        ("lateness_minutes = 30", 'lateness_minutes = "30"'),
        ("lateness_minutes = 30", "lateness_minutes = inf"),
        ('"source.head/1"', '"source.heads/1"'),
        ('roles = ["operate"]', "roles = 5"),
        ('roles = ["operate"]', ""),
        ('schemas = ["rule.change/1", "source.head/1"]', ""),
        ("[[witness]]", "[[witness]]\nurl = 5"),
        ("witness]]", "witnesses]]"),
    ],
)
def test_a_charter_that_is_none_is_refused_in_the_one_form(tmp_path, old, new):
    with pytest.raises(RecordError) as caught:
        made(tmp_path, CHARTER.replace(old, new))
    assert all((caught.value.expected, caught.value.found, caught.value.mend))
    assert not (tmp_path / "log").exists()


def test_nothing_is_begun_where_something_is(tmp_path):
    made(tmp_path)
    with pytest.raises(RecordError, match="empty folder"):
        made(tmp_path)
